package payments

import (
	"context"
	"errors"
	"fmt"
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

	// KeepCustomer makes somebody known to the provider, so that a card can be
	// kept for them; the same key gives the same.
	KeepCustomer(ctx context.Context, c Customer) (customerID string, err error)
	// StartCardPage opens the provider's page on which a card is saved and
	// nothing is paid. The same key gives the same page; ExpireCheckout closes it.
	StartCardPage(ctx context.Context, c CardPage) (Session, error)
	// FetchCardPage asks how such a page stands.
	FetchCardPage(ctx context.Context, sessionID string) (CardFact, error)
	// FetchMandate asks what the payer of a debit accepted.
	FetchMandate(ctx context.Context, mandateID string) (Mandate, error)
	// FetchCard asks what a kept card is, or a kept account.
	FetchCard(ctx context.Context, methodID string) (Card, error)
	// ForgetCard makes the provider keep a card no longer.
	ForgetCard(ctx context.Context, methodID string) error
	// ChargeCard charges a kept card while its holder is away. A card that was
	// declined is an answer, not an error.
	ChargeCard(ctx context.Context, c Charge) (Fact, error)
	// FindPayment looks a payment of a customer up by our own id. It fails with
	// ErrNothing where the provider knows none.
	FindPayment(ctx context.Context, customerID, paymentID string) (Fact, error)
	// CancelPayment makes sure that a payment can no longer be collected. It
	// fails with ErrCompleted where it was.
	CancelPayment(ctx context.Context, intentID string) error

	// OpenAccount opens an account for a creditor; the same key gives the same.
	OpenAccount(ctx context.Context, key string, c *negotiation.Creditor) (AccountFact, error)
	// OnboardingLink returns a page, good once and for some minutes, on which
	// the creditor tells the provider who it is.
	OnboardingLink(ctx context.Context, accountID, returnURL, refreshURL string) (string, error)
	// FetchAccount asks what an account may do.
	FetchAccount(ctx context.Context, accountID string) (AccountFact, error)

	MoneyBack
	Disbursement
	Transfers

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
	// ErrNothing says that the gateway knows nothing of what was asked for.
	ErrNothing = errors.New("the payment service knows of no such payment")
	// ErrUnavailable says that the gateway did not answer, or not in time.
	ErrUnavailable = errors.New("the payment service does not answer")
	// ErrTooFast says that the gateway took nothing in, because too much was
	// asked of it at once; it is an ErrUnavailable.
	ErrTooFast = fmt.Errorf("%w: too much at once", ErrUnavailable)
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
	Separate   bool         `json:",omitempty"` // it is transferred there afterwards, less the fee
	ExpiresAt  time.Time
	SuccessURL string
	CancelURL  string
	Customer   string   `json:",omitempty"` // as whom the provider knows the payer: the card is kept, with their proof
	Methods    []Method `json:",omitempty"` // offered; none: those of the provider's own settings
	Transfers  string   `json:",omitempty"` // as whom the provider knows the case's transfers: one is offered
}

// Customer is somebody for whom a card is kept.
type Customer struct {
	Key      string
	PartyID  string
	CaseID   string // of a transfer account
	Email    string
	Language string
}

// CardPage is a page on which a card is saved.
type CardPage struct {
	Key         string
	AuthorityID string
	CaseID      string
	Reference   string
	Customer    string
	Account     string   // the creditor's, for which it will be charged
	Methods     []Method `json:",omitempty"` // that can be saved; none: a card
	Language    string
	ExpiresAt   time.Time
	SuccessURL  string
	CancelURL   string
}

// Charge is one time that a kept card is charged.
type Charge struct {
	Key       string
	PaymentID string
	CaseID    string
	Reference string
	Amount    money.Amount
	Fee       money.Amount
	Account   string
	Separate  bool `json:",omitempty"` // the money is transferred there afterwards, less the fee
	Customer  string
	Method    string
	Kind      Method `json:",omitempty"` // none: a card
	Mandate   string `json:",omitempty"` // by which an account is debited
	IntentID  string // of the payment that was declined before: it is tried again, no other is made
}

// Mandate is the payer's leave to debit their account, as the provider wrote it.
type Mandate struct {
	ID        string
	Reference string
	URL       string // where it can be read; only the payer may be told
}

// Card is a card that the provider keeps, or an account that can be debited.
type Card struct {
	Kind       Method // none: not known yet, or a card
	CustomerID string
	MethodID   string
	Brand      string
	Last4      string
	ExpMonth   int64
	ExpYear    int64
	MandateID  string // of an account
}

// Saved says whether the card can be charged later.
func (c Card) Saved() bool { return c.CustomerID != "" && c.MethodID != "" }

// Named says whether it is known what the card is, beside its id.
func (c Card) Named() bool { return c.Last4 != "" }

// CardFact is what the gateway knows of a kept card, or of the page on which it
// was to be saved.
type CardFact struct {
	AuthorityID string
	SessionID   string
	Card        Card
	Over        bool // the page is closed
	Renewed     bool // the card's bank gave it new data
	Gone        bool // the provider keeps it no longer
	Revoked     bool // the mandate of an account was taken back at its bank
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
	Awaiting   Progress = "awaiting"    // a transfer is announced, and has not come, or not whole
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
	Advice    string       // what the card's bank says beside it
	Card      Card         // what was charged

	Transfer *Announcement // where an awaited transfer goes
}

// AccountFact is what an account at the gateway may do.
type AccountFact struct {
	AccountID          string
	ChargesEnabled     bool
	PayoutsEnabled     bool
	DetailsSubmitted   bool
	Requirements       []string // what is still asked for, in the provider's words
	DisabledReason     string
	Checking           []string  // given, and looked at by the provider
	Overdue            []string  // of Requirements: what blocks already
	WantedBy           time.Time // when what is asked for begins to block; zero: no date
	Bank               string    // last figures of the bank account
	DebitsEnabled      bool      // it takes SEPA debits
	CreditorIdentifier string    // as whom it debits (ICS)
	TransfersEnabled   bool      // it takes bank transfers
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
	Card     *CardFact
	Refund   *RefundFact
	Charged  *ChargebackFact
	Payout   *PayoutFact
	Held     *HeldFact
}

// Concerns says whether the notification tells of anything of ours.
func (n Notification) Concerns() bool {
	return n != Notification{ID: n.ID, Type: n.Type, Account: n.Account, Livemode: n.Livemode, Created: n.Created}
}
