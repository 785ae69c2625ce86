package payments

import (
	"fmt"
	"slices"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// RefundState is where the life of a refund stands.
type RefundState string

const (
	RefundWanted    RefundState = "wanted"    // waits for somebody's yes
	RefundApproved  RefundState = "approved"  // the gateway is to be asked
	RefundAsked     RefundState = "asked"     // it was asked; what it did is not known yet
	RefundPending   RefundState = "pending"   // the gateway sends it
	RefundSucceeded RefundState = "succeeded" // it is with the payer's bank
	RefundFailed    RefundState = "failed"    // the payer's bank sent it back
	RefundCancelled RefundState = "cancelled" // nothing was sent
)

// refundMoves is the life of a refund. What the gateway says was sent is
// believed whatever was thought before; a bank may send it back days later.
var refundMoves = map[RefundState][]RefundState{
	RefundWanted:    {RefundApproved, RefundCancelled},
	RefundApproved:  {RefundAsked, RefundCancelled},
	RefundAsked:     {RefundPending, RefundSucceeded, RefundFailed, RefundCancelled},
	RefundPending:   {RefundSucceeded, RefundFailed, RefundCancelled},
	RefundSucceeded: {RefundFailed},
	RefundFailed:    {},
	RefundCancelled: {RefundPending, RefundSucceeded},
}

// liveRefund are the states in which a refund is still to be sent.
var liveRefund = []RefundState{RefundWanted, RefundApproved, RefundAsked}

// RefundReason is why money goes back.
type RefundReason string

const (
	Overpaid     RefundReason = "overpaid"   // more came in than was owed
	PaidTwice    RefundReason = "twice"      // the same thing was paid before
	NotTheirs    RefundReason = "not_theirs" // who paid did not owe it
	Agreed       RefundReason = "agreed"     // the creditor gives it back
	AtTheGateway RefundReason = "gateway"    // somebody did it on the gateway's own pages
)

// RefundReasons are those that a person can give.
var RefundReasons = []RefundReason{Overpaid, PaidTwice, NotTheirs, Agreed}

// Refund is money that goes back to who paid it.
type Refund struct {
	ID           string
	CreditorID   string
	CaseID       string
	PaymentID    string
	State        RefundState
	Reason       RefundReason
	Note         string
	Amount       int64 // minor units
	Currency     money.Currency
	Elsewhere    bool    // by other means than the gateway: a person recorded it
	Reference    string  // of the bank, for one made elsewhere
	BankEntryID  *string // the debit that made it, once the bank has told of it
	Request      string  // JSON of the Back, written before the gateway is asked
	GatewayID    *string
	Failure      string // the gateway's word
	Problem      string // what a person must look at
	Pulled       bool   // out of the creditor's account as well
	Attempts     int64
	NextTryAt    *time.Time
	ByRole       negotiation.Role
	ByID         string
	ApprovedRole negotiation.Role
	ApprovedID   string
	ApprovedAt   *time.Time
	AskedAt      *time.Time
	MadeAt       *time.Time // since when the money is gone
	EndedAt      *time.Time
	CreatedAt    time.Time
}

// Sum is what goes back.
func (r *Refund) Sum() money.Amount { return money.New(r.Amount, r.Currency) }

// Gone says whether the money is not with us any more.
func (r *Refund) Gone() bool { return r.State == RefundPending || r.State == RefundSucceeded }

// Live says whether it is still to be sent.
func (r *Refund) Live() bool { return slices.Contains(liveRefund, r.State) }

func (r *Refund) move(to RefundState) bool {
	if !slices.Contains(refundMoves[r.State], to) {
		return false
	}
	r.State = to
	return true
}

func (r *Refund) key() string { return "refund:" + r.ID }

func saveRefund(t *negotiation.Tx, r *Refund) error {
	return t.Update(r, "State", "Request", "GatewayID", "Failure", "Problem", "Pulled", "Attempts", "NextTryAt", "ApprovedRole", "ApprovedID", "ApprovedAt",
		"AskedAt", "MadeAt", "EndedAt")
}

func refundsOf(t *negotiation.Tx, caseID string) ([]Refund, error) {
	var found []Refund
	if err := t.Where("case_id = ?", caseID).Order("created_at, id").Find(&found).Error; err != nil {
		return nil, fmt.Errorf("refunds of case %s: %w", caseID, err)
	}
	return found, nil
}

func lockRefund(t *negotiation.Tx, id string) (*Refund, error) {
	var r Refund
	if err := t.Where("id = ?", id).Take(&r).Error; err != nil {
		return nil, fmt.Errorf("refund %s: %w", id, err)
	}
	return &r, nil
}

// refundable is how much of a payment can still go back: what came, less what
// went back, was taken back or is about to go.
func refundable(p *Payment, refunds []Refund) money.Amount {
	left := p.Kept()
	for i := range refunds {
		if refunds[i].PaymentID == p.ID && refunds[i].Live() {
			left = left.Sub(refunds[i].Sum())
		}
	}
	return left.Max(left.Zero())
}

// mayGiveBack refuses what may not go back of a payment.
func mayGiveBack(p *Payment, refunds []Refund, charged []Chargeback, amount money.Amount) error {
	for i := range charged {
		if charged[i].PaymentID == p.ID && charged[i].holds() {
			return negotiation.Refuse(negotiation.Conflict, "refund_charged_back")
		}
	}
	for i := range refunds {
		if refunds[i].PaymentID == p.ID && refunds[i].Live() {
			return negotiation.Refuse(negotiation.Conflict, "refund_live")
		}
	}
	most := refundable(p, refunds)
	switch {
	case p.State != Succeeded || !most.IsPositive():
		return negotiation.Refuse(negotiation.Conflict, "refund_nothing_left")
	case !amount.IsPositive() || amount.Currency != p.Currency:
		return negotiation.Refuse(negotiation.Invalid, "amount_not_positive").On("amount")
	case amount.Cmp(most) > 0:
		return negotiation.Refuse(negotiation.Invalid, "refund_above").On("amount").With("most", most)
	}
	return nil
}
