package payments

import (
	"context"
	"time"

	"amiable/negotiation/money"
)

// Disbursement is what we need of a provider to follow the money to the bank:
// part of Gateway. An account of "" is the agency's own.
type Disbursement interface {
	// FetchPayout asks how a payout stands.
	FetchPayout(ctx context.Context, account, payoutID string) (PayoutFact, error)
	// PayoutRows returns what an automatic payout pays out, a page at a time: at
	// most a hundred rows after a row's id (none: from the first), and whether
	// there are more. The payout's own row is not among them.
	PayoutRows(ctx context.Context, account, payoutID, after string) (rows []PayoutRowFact, more bool, err error)
	// RecentPayouts returns the payouts of an account made since a moment, for
	// those that no notification told of.
	RecentPayouts(ctx context.Context, account string, since time.Time) ([]PayoutFact, error)
	// Movements returns a page of what moved on an account in a span of time,
	// payouts left out, and the cursor of the next; none: it was the last.
	Movements(ctx context.Context, account string, from, until time.Time, after string) (rows []PayoutRowFact, next string, err error)
	// BalanceOf asks what an account has at the gateway, on its way or not.
	BalanceOf(ctx context.Context, account string, currency money.Currency) (money.Amount, error)
}

// PayoutState is where money on its way to a bank is.
type PayoutState string

const (
	PayoutPending   PayoutState = "pending"
	PayoutInTransit PayoutState = "in_transit"
	PayoutPaid      PayoutState = "paid"
	PayoutFailed    PayoutState = "failed"
	PayoutCancelled PayoutState = "cancelled"
)

// payoutMoves is the life of a payout. What the gateway says may come late and
// in any order: a payout only ever moves on.
var payoutMoves = map[PayoutState][]PayoutState{
	PayoutPending:   {PayoutInTransit, PayoutPaid, PayoutFailed, PayoutCancelled},
	PayoutInTransit: {PayoutPaid, PayoutFailed, PayoutCancelled},
	PayoutPaid:      {PayoutFailed}, // the bank can send it back for some days
	PayoutFailed:    {},
	PayoutCancelled: {},
}

// PayoutFact is what the gateway knows of one payout.
type PayoutFact struct {
	ID        string
	Account   string
	State     PayoutState
	Amount    money.Amount
	Automatic bool
	Itemised  bool // its rows can be listed
	ArrivesOn time.Time
	MadeAt    time.Time
	Bank      string
	Failure   string
}

// RowKind is what a row of a payout is, in our words.
type RowKind string

const (
	RowPayment    RowKind = "payment"     // a debtor's money, for its creditor
	RowRefund     RowKind = "refund"      // some of it goes back to the debtor
	RowChargeback RowKind = "chargeback"  // the debtor's bank took it back, or gave it back
	RowReturned   RowKind = "returned"    // an earlier payout came back
	RowCharge     RowKind = "charge"      // the agency's side of a payment: it came in …
	RowTransfer   RowKind = "transfer"    // … was passed on to the creditor …
	RowFee        RowKind = "fee"         // … less the agency's fee
	RowTransferIn RowKind = "transfer_in" // passed on, and taken back
	RowFeeBack    RowKind = "fee_back"    // a fee given back
	RowOther      RowKind = "other"       // a correction or a cost of the gateway's
)

// PayoutRowFact is one row of a payout. Net is Amount less Fee.
type PayoutRowFact struct {
	ID          string
	Kind        RowKind
	Category    string // the gateway's own word
	Source      string // what it comes from, at the gateway
	ChargeID    string // the payment's, where it leads to one
	About       string // the earlier payout's, of one that came back; the transfer that brought it, or took it back
	Amount      money.Amount
	Fee         money.Amount
	Words       string
	MadeAt      time.Time
	AvailableAt time.Time
}
