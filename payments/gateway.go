package payments

import (
	"context"
	"errors"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// Gateway is what we need of a payment service provider, in our words. Every
// call leaves the process: it has the deadline of its context, and where it
// acts it carries a key that was stored before, so that it can be made again.
type Gateway interface {
	// StartCheckout opens the provider's page on which one payment can be made.
	// The same key gives the same page.
	StartCheckout(ctx context.Context, c Checkout) (Session, error)
	// ExpireCheckout closes a page that was not used. It fails with
	// ErrCompleted where the payer was faster.
	ExpireCheckout(ctx context.Context, sessionID string) error
	// FetchCheckout asks how a page stands.
	FetchCheckout(ctx context.Context, sessionID string) (Fact, error)
	// FetchPayment asks how a payment stands.
	FetchPayment(ctx context.Context, intentID string) (Fact, error)

	// OpenAccount opens an account for a creditor; the same key gives the same.
	OpenAccount(ctx context.Context, key string, c *negotiation.Creditor) (AccountFact, error)
	// OnboardingLink returns a page, good once and for some minutes, on which
	// the creditor tells the provider who it is.
	OnboardingLink(ctx context.Context, accountID, returnURL, refreshURL string) (string, error)
	// FetchAccount asks what an account may do.
	FetchAccount(ctx context.Context, accountID string) (AccountFact, error)

	// ReadNotification checks the signature of what came to our webhook and
	// translates it. It fails with ErrNotSigned where it did not come from the
	// provider.
	ReadNotification(body []byte, signature string) (Notification, error)
	// RereadNotification translates one that was checked and filed before.
	RereadNotification(body []byte) (Notification, error)
}

var (
	// ErrCompleted says that a checkout can no longer be closed: it was used.
	ErrCompleted = errors.New("the checkout was completed")
	// ErrRefused says that the gateway will not do what it was asked, now or
	// later: nothing was done.
	ErrRefused = errors.New("the payment service refuses")
	// ErrNotSigned says that a notification did not come from the gateway.
	ErrNotSigned = errors.New("the notification is not signed by the gateway")
	// ErrUnavailable says that the gateway did not answer, or not in time.
	ErrUnavailable = errors.New("the payment service does not answer")
)

// Checkout is one payment to be made on the provider's page.
type Checkout struct {
	Key        string // idempotency key, stored before the call
	PaymentID  string
	CaseID     string
	Reference  string // of the case, shown to the payer
	Creditor   string
	Email      string // of the payer, if known
	Language   string
	Lines      []Line
	Fee        money.Amount // withheld for the agency; zero: none
	Account    string       // the creditor's account that the money goes to
	ExpiresAt  time.Time
	SuccessURL string
	CancelURL  string
}

// Line is one thing paid for.
type Line struct {
	Name   string
	Amount money.Amount
}

// Session is a page on which a payment can be made.
type Session struct {
	ID        string
	URL       string
	ExpiresAt time.Time
}

// Progress is how a payment stands at the gateway.
type Progress string

const (
	InProgress Progress = "in_progress" // nothing to know yet
	Submitted  Progress = "submitted"   // on its way, can still fail
	Collected  Progress = "collected"
	Failed     Progress = "failed"
	Expired    Progress = "expired"
)

// Fact is what the gateway knows of one payment at some moment. Facts may come
// twice, late and in any order; applying them is monotone.
type Fact struct {
	PaymentID string // ours, from the metadata; may be empty
	CaseID    string // likewise: where to look first
	SessionID string
	IntentID  string
	ChargeID  string
	Progress  Progress
	Over      bool         // the page is closed: a try that failed on it was the last
	Amount    money.Amount // collected
	At        time.Time    // when the payer confirmed: the card, or that a debit be submitted
	Means     string       // such as "card visa 4242"
	Failure   string       // the provider's code
}

// AccountFact is what an account at the gateway may do.
type AccountFact struct {
	AccountID        string
	ChargesEnabled   bool
	PayoutsEnabled   bool
	DetailsSubmitted bool
	Requirements     []string // what is still asked for, in the provider's words
	DisabledReason   string
}

// Notification is what came to our webhook, verified and translated. At most
// one of the facts is set; none for what does not concern us.
type Notification struct {
	ID       string
	Type     string
	Account  string // the connected account it is about, if any
	Livemode bool
	Created  time.Time
	Payment  *Fact
	Merchant *AccountFact
}
