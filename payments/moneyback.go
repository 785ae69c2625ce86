package payments

import (
	"context"
	"time"

	"amiable/negotiation/money"
)

// MoneyBack is what we need of the provider where money goes back, and where
// news of it was lost.
type MoneyBack interface {
	// GiveBack refunds part of a payment to what it was paid with; the same key
	// does so once. The creditor's account and our fee give their part back with
	// it, unless it is made apart. It fails with ErrRefused where nothing was
	// done.
	GiveBack(ctx context.Context, b Back) (RefundFact, error)
	// FetchRefund asks how a refund stands.
	FetchRefund(ctx context.Context, refundID string) (RefundFact, error)
	// FindRefund looks a refund of a payment up by our own id. It fails with
	// ErrNothing where the provider knows none.
	FindRefund(ctx context.Context, intentID, refundID string) (RefundFact, error)

	// PullBack takes from the creditor's account what was paid back without it,
	// and gives back our part of the fee where the gateway withheld it.
	PullBack(ctx context.Context, m Move) (moveID string, err error)
	// PutBack gives a creditor's account what it has not of a payment, less the
	// fee that we keep of it.
	PutBack(ctx context.Context, m Move) (moveID string, err error)
	// FindMove looks one of both up by our own id; ErrNothing: it was not made.
	FindMove(ctx context.Context, m Move) (moveID string, err error)

	// FetchChargeback asks how a payer's word to their bank stands.
	FetchChargeback(ctx context.Context, chargebackID string) (ChargebackFact, error)
	// SendEvidence answers the payer's bank, once.
	SendEvidence(ctx context.Context, key, chargebackID string, e Evidence) (ChargebackFact, error)

	// ListNotifications reads what the provider would have told us since a
	// moment, oldest page last; after is the cursor of the page before.
	ListNotifications(ctx context.Context, since time.Time, after string) (page []Told, next string, err error)
}

// Back is what the gateway is asked for a refund. It is stored before it is
// asked.
type Back struct {
	Key       string
	RefundID  string // ours
	PaymentID string
	CaseID    string
	IntentID  string
	Amount    money.Amount
	FeeToo    bool // an application fee was withheld from the payment
	Apart     bool `json:",omitempty"` // the creditor's account gives its part back in a step of its own
	Duplicate bool
}

// Move is money moved between a creditor's account and the platform after a
// payment. It is stored before it is asked for.
type Move struct {
	Key      string
	ID       string // ours
	Kind     MoveKind
	ChargeID string
	Of       string `json:",omitempty"` // the transfer that is taken back; none: the one that the charge made
	Account  string
	Amount   money.Amount // of the payment
	Fee      money.Amount // of it, what is our fee's part
}

// MoveKind is in which direction.
type MoveKind string

const (
	Pull MoveKind = "pull" // out of the creditor's account
	Put  MoveKind = "put"  // into it
)

// RefundFact is what the gateway knows of a refund at some moment.
type RefundFact struct {
	RefundID  string // ours, from the metadata; empty: made at the gateway by hand
	CaseID    string
	GatewayID string
	IntentID  string
	ChargeID  string
	State     RefundState // pending, succeeded, failed or cancelled
	Amount    money.Amount
	Failure   string
	Pulled    bool  // out of the creditor's account as well
	Fee       int64 // given back of our fee over the whole payment; -1: not known
	At        time.Time
}

// ChargebackFact is what the gateway knows of a payer's word to their bank.
type ChargebackFact struct {
	GatewayID string
	IntentID  string
	ChargeID  string
	State     ChargebackState
	Reason    string
	Amount    money.Amount
	Taken     money.Amount // out of our account now
	Cost      money.Amount // that the gateway keeps for it now
	Moves     int64        // movements of money so far: more of them is newer
	DueBy     time.Time
	Answered  bool // evidence was sent
	At        time.Time
}

// Evidence is what is said to the payer's bank.
type Evidence struct {
	Customer string `json:"customer"`
	Email    string `json:"email"`
	Product  string `json:"product"` // what was paid
	PaidOn   string `json:"paid_on"`
	Access   string `json:"access"` // the log of the session that paid
	Text     string `json:"text"`
}

// Told is a notification as the gateway lists it.
type Told struct {
	ID   string
	Body []byte
}
