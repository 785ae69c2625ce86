package payments

import (
	"strings"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// State is where the life of a payment stands.
type State string

const (
	Started    State = "started"    // the gateway's page is open, or a transfer is awaited
	Processing State = "processing" // submitted, can still fail
	Succeeded  State = "succeeded"  // the money came in
	FailedFor  State = "failed"     // it did not go through
	Cancelled  State = "cancelled"  // the page was closed unused
	Reversed   State = "reversed"   // recorded by mistake and turned round
)

// moves is the life of a payment. Money is never refused because of a state:
// whatever was thought before, "succeeded" is always believed.
var moves = map[State][]State{
	Started:    {Processing, Succeeded, FailedFor, Cancelled},
	Processing: {Succeeded, FailedFor, Started}, // a debit that came back is handed in again
	FailedFor:  {Succeeded},                     // a late "submitted" does not bring a debit back that failed
	Cancelled:  {Processing, Succeeded},
	Succeeded:  {Reversed},
	Reversed:   {},
}

// Kind tells how a payment is made.
type Kind string

const (
	CheckoutPayment  Kind = "checkout"   // on the gateway's page
	ElsewherePayment Kind = "elsewhere"  // received elsewhere and recorded by a person
	Collection       Kind = "collection" // of a kept card, by the debtor's leave
)

// Payment is one attempt to collect, or money received elsewhere.
type Payment struct {
	ID              string
	CreditorID      string
	CaseID          string
	PartyID         *string
	Kind            Kind
	State           State
	Amount          int64 // minor units asked
	Received        int64 // minor units that came
	Currency        money.Currency
	Whole           bool
	Claims          string
	Fee             int64
	VAT             int64 `gorm:"column:vat"`
	FeeWithheld     bool
	AskedOn         negotiation.Day
	GoodUntil       negotiation.Day
	SessionID       *string
	SessionURL      string
	Request         string // JSON of the Checkout, until its page is known
	IntentID        *string
	ChargeID        string
	ExpiresAt       *time.Time
	Means           string
	Reference       string
	Proof           string
	PaidOn          negotiation.Day
	SucceededAt     *time.Time
	ReversibleUntil negotiation.Day
	Failure         string
	Recognition     string
	Excess          int64
	Refunded        int64 // of Received, what went back to who paid it
	TakenBack       int64 // of it, what their bank has taken back
	FeeBack         int64 // of the fee withheld, what went back with them; Fee is what stays
	VATBack         int64 `gorm:"column:vat_back"`
	Separate        bool  // it is transferred to the creditor's account after it came, by the mandate it was begun under
	Pulled          int64 // of Received, what the creditor's account at the gateway does not have, or not any more
	Problem         string
	PlanID          *string
	Line            int64      // number of the plan's line that a collection is of
	AuthorityID     *string    // by which it is collected; of a checkout: for which its card is kept
	Attempts        int64      // tries to collect the line, with those of payments given up before
	NextTryAt       *time.Time // a collection's: when it is tried again, or looked up
	ClosedAt        *time.Time // a collection's: since when the gateway can no longer collect it
	AnnouncedAt     *time.Time // since when a transfer is awaited
	Announcement    string     // JSON: where it goes
	Funded          int64      // of Amount, what has come of it and is not booked yet
	TakenHeld       bool       // it was made of what lay on the case's transfer account
	ByRole          negotiation.Role
	ByID            string
	OnBehalfOf      string
	CreatedAt       time.Time

	byAnother bool // somebody else paid, as their bank tells; it is kept with the allocation
}

// Asked is the sum asked.
func (p *Payment) Asked() money.Amount { return money.New(p.Amount, p.Currency) }

// ReceivedAmount is what came.
func (p *Payment) ReceivedAmount() money.Amount { return money.New(p.Received, p.Currency) }

// Kept is what stays of what came: neither given back nor taken back.
func (p *Payment) Kept() money.Amount {
	return money.New(p.Received-p.Refunded-p.TakenBack, p.Currency)
}

// Net is what the creditor gets of it.
func (p *Payment) Net() money.Amount {
	if p.FeeWithheld {
		return p.Kept().Sub(p.Fees())
	}
	return p.Kept()
}

// Fees are fee and VAT on it.
func (p *Payment) Fees() money.Amount { return money.New(p.Fee+p.VAT, p.Currency) }

// ByGateway says whether the money comes through the gateway.
func (p *Payment) ByGateway() bool { return p.Kind == CheckoutPayment || p.Kind == Collection }

func (p *Payment) chosen() []string {
	if p.Claims == "" {
		return nil
	}
	return strings.Split(p.Claims, ",")
}

func (p *Payment) may(to State) bool {
	for _, allowed := range moves[p.State] {
		if allowed == to {
			return true
		}
	}
	return false
}

// key is the idempotency key of the call that opens the payment's page. It
// derives from the row, which is stored first.
func (p *Payment) key() string { return "checkout:" + p.ID }

// Account is where a creditor's payments go at the gateway.
type Account struct {
	CreditorID         string `gorm:"primaryKey"`
	AccountID          string
	ChargesEnabled     bool
	PayoutsEnabled     bool
	DetailsSubmitted   bool
	Requirements       string
	DisabledReason     string
	Checking           string
	Overdue            string
	WantedBy           negotiation.Day // none: no date is set
	Bank               string          // last figures of the bank account
	Balance            int64           // minor units; below nothing: owed to the gateway
	BalanceAt          *time.Time
	DebitsEnabled      bool   // it takes SEPA debits
	TransfersEnabled   bool   // it takes bank transfers
	CreditorIdentifier string // as whom it debits (ICS)
	UpdatedAt          time.Time
	CreatedAt          time.Time
}

// TableName names the table for gorm.
func (Account) TableName() string { return "gateway_accounts" }

// Missing lists what the gateway still asks for.
func (a *Account) Missing() []string { return strings.Fields(a.Requirements) }

// Receipt is the legal acknowledgement of one payment.
type Receipt struct {
	ID          string
	CreditorID  string
	CaseID      string
	PaymentID   string
	Number      string
	Corrects    *string
	Content     string
	TextVersion string
	CreatedAt   time.Time
}
