package payments

import (
	"context"
	"fmt"
	"slices"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// ChargebackState is where the life of a chargeback stands.
type ChargebackState string

const (
	ChargebackInquiry  ChargebackState = "inquiry"  // the payer's bank only asks: no money has moved
	ChargebackOpen     ChargebackState = "open"     // the money is gone; an answer is waited for
	ChargebackAnswered ChargebackState = "answered" // the bank has our evidence
	ChargebackWon      ChargebackState = "won"
	ChargebackLost     ChargebackState = "lost"
	ChargebackClosed   ChargebackState = "closed" // an inquiry of which nothing came
)

// chargebackMoves is the life of a chargeback. News comes in any order, so every
// state can be the first; a bank may change its mind after the end.
var chargebackMoves = map[ChargebackState][]ChargebackState{
	ChargebackInquiry:  {ChargebackOpen, ChargebackAnswered, ChargebackClosed, ChargebackWon, ChargebackLost},
	ChargebackOpen:     {ChargebackAnswered, ChargebackWon, ChargebackLost},
	ChargebackAnswered: {ChargebackOpen, ChargebackWon, ChargebackLost, ChargebackClosed},
	ChargebackLost:     {ChargebackWon},
	ChargebackWon:      {ChargebackLost},
	ChargebackClosed:   {ChargebackOpen},
}

// overChargeback are the states after which nothing more is expected.
var overChargeback = []ChargebackState{ChargebackWon, ChargebackLost, ChargebackClosed}

// Chargeback is a payer's word to their bank against a payment.
type Chargeback struct {
	ID         string
	CreditorID string
	CaseID     string
	PaymentID  string
	GatewayID  string
	State      ChargebackState
	Reason     string // the network's, in the gateway's words
	Amount     int64  // minor units contested
	Taken      int64  // out of our account now
	Cost       int64  // that the gateway keeps for it now
	Currency   money.Currency
	Moves      int64 // movements of money that are known: more is newer
	DueAt      *time.Time
	Evidence   string // JSON of what is said to the bank, written before it is sent
	ByRole     negotiation.Role
	ByID       string
	AnsweredAt *time.Time // when it was written
	SentAt     *time.Time // when the gateway had it
	NextTryAt  *time.Time
	Attempts   int64
	Problem    string
	OpenedAt   time.Time
	EndedAt    *time.Time
	CreatedAt  time.Time
}

// Sum is what is contested.
func (b *Chargeback) Sum() money.Amount { return money.New(b.Amount, b.Currency) }

// TakenAmount is what is out of our account now.
func (b *Chargeback) TakenAmount() money.Amount { return money.New(b.Taken, b.Currency) }

// CostAmount is what the gateway keeps for it.
func (b *Chargeback) CostAmount() money.Amount { return money.New(b.Cost, b.Currency) }

// Over says whether nothing more is expected.
func (b *Chargeback) Over() bool { return slices.Contains(overChargeback, b.State) }

// CanBeAnswered says whether the payer's bank still waits for an answer.
func (b *Chargeback) CanBeAnswered(now time.Time) bool {
	return (b.State == ChargebackOpen || b.State == ChargebackInquiry) && b.AnsweredAt == nil && (b.DueAt == nil || now.Before(*b.DueAt))
}

// holds says whether it keeps its payment from being refunded: the gateway
// refuses that, and the money would be gone twice. What the bank only asks about
// can be settled by giving it back.
func (b *Chargeback) holds() bool {
	return b.Taken > 0 || b.State == ChargebackOpen || b.State == ChargebackLost || b.State == ChargebackAnswered && b.Moves > 0
}

func (b *Chargeback) move(to ChargebackState) bool {
	if !slices.Contains(chargebackMoves[b.State], to) {
		return false
	}
	b.State = to
	return true
}

func saveChargeback(t *negotiation.Tx, b *Chargeback) error {
	return t.Update(b, "State", "Reason", "Amount", "Taken", "Cost", "Moves", "DueAt", "Evidence", "ByRole", "ByID", "AnsweredAt", "SentAt", "NextTryAt",
		"Attempts", "Problem", "EndedAt")
}

func chargebacksOf(t *negotiation.Tx, caseID string) ([]Chargeback, error) {
	var found []Chargeback
	if err := t.Where("case_id = ?", caseID).Order("created_at, id").Find(&found).Error; err != nil {
		return nil, fmt.Errorf("chargebacks of case %s: %w", caseID, err)
	}
	return found, nil
}

// applyChargeback takes in what the gateway says of a chargeback, under the lock
// of its payment's case. row is the notification that brought it; nil where we
// asked.
func (s *Service) applyChargeback(ctx context.Context, f ChargebackFact, row *notification) error {
	p, known, err := s.paymentBehind(ctx, "", f.IntentID, f.ChargeID, row)
	if err != nil || known {
		return err
	}
	if p == nil {
		return fmt.Errorf("chargeback %s: %w", f.GatewayID, errNotKnown)
	}
	return s.onFiled(ctx, p, row, func(t *negotiation.Tx, c *negotiation.Case) error {
		now, refunds, charged, err := backOf(t, p.ID)
		if err != nil {
			return err
		}
		if now.State != Succeeded {
			return fmt.Errorf("chargeback %s: payment %s is %s: %w", f.GatewayID, p.ID, now.State, errNotKnown)
		}
		if f.Amount.Currency != now.Currency {
			return fmt.Errorf("chargeback %s of %v on payment %s in %s", f.GatewayID, f.Amount, p.ID, now.Currency)
		}
		for i := range charged {
			if charged[i].GatewayID == f.GatewayID {
				return s.learnChargeback(t, c, now, &charged[i], f, false)
			}
		}
		b, err := s.openChargeback(t, c, now, refunds, f)
		if err != nil {
			return err
		}
		return s.learnChargeback(t, c, now, b, f, true)
	})
}

// openChargeback writes a chargeback down, tells the agents by when to answer,
// and stops what was to be refunded of the same payment.
func (s *Service) openChargeback(t *negotiation.Tx, c *negotiation.Case, p *Payment, refunds []Refund, f ChargebackFact) (*Chargeback, error) {
	b := &Chargeback{
		ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, PaymentID: p.ID, GatewayID: f.GatewayID, State: f.State, Reason: f.Reason,
		Amount: f.Amount.Minor, Currency: f.Amount.Currency, OpenedAt: confirmed(Fact{At: f.At}, t.Now), CreatedAt: t.Now,
	}
	if err := t.InsertNow(b); err != nil {
		return nil, fmt.Errorf("chargeback %s: %w", f.GatewayID, err)
	}
	for i := range refunds {
		if r := &refunds[i]; r.PaymentID == p.ID && (r.State == RefundWanted || r.State == RefundApproved) && f.State != ChargebackInquiry {
			r.Problem = "refund_charged_back"
			if err := s.dropRefund(t, c, negotiation.Gateway, r); err != nil {
				return nil, err
			}
		}
	}
	facts := map[string]any{"chargeback": b.ID, "payment": p.ID, "amount": b.Sum(), "why": b.Reason, "inquiry": f.State == ChargebackInquiry}
	if err := c.Event(t, negotiation.Gateway, negotiation.ChargebackOpened, facts); err != nil {
		return nil, err
	}
	if b.Over() {
		return b, nil
	}
	due := map[string]any{"chargeback": b.ID, "case": c.Reference, "amount": b.Sum()}
	if !f.DueBy.IsZero() {
		due["on"] = negotiation.DayOf(f.DueBy)
	}
	return b, c.TellAgents(t, negotiation.LetterChargebackDue, due)
}

// rank is how far along a state is: going back takes a movement of money.
var rank = map[ChargebackState]int{
	ChargebackInquiry: 0, ChargebackOpen: 1, ChargebackAnswered: 2, ChargebackWon: 3, ChargebackLost: 3, ChargebackClosed: 3,
}

// learnChargeback changes a chargeback by what the gateway said of it. Money
// follows its movements, of which more are newer; the state goes ahead by its
// table, and back only with a movement. fresh says that it was written down now.
func (s *Service) learnChargeback(t *negotiation.Tx, c *negotiation.Case, p *Payment, b *Chargeback, f ChargebackFact, fresh bool) error {
	newer, before := f.Moves > b.Moves, b.Taken
	if f.Reason != "" {
		b.Reason = f.Reason
	}
	if newer {
		cost := f.Cost.Minor - b.Cost
		b.Moves, b.Amount, b.Taken, b.Cost = f.Moves, f.Amount.Minor, f.Taken.Minor, f.Cost.Minor
		source := fmt.Sprintf("chargeback:%s:%d", b.ID, b.Moves)
		if err := c.BookCost(t, source, money.New(cost, b.Currency)); err != nil {
			return err
		}
	}
	moved := false
	if b.State != f.State && f.Moves >= b.Moves && (newer || rank[f.State] > rank[b.State]) {
		moved = b.move(f.State)
	}
	if moved && b.State == ChargebackOpen { // escalated: it is to be answered anew
		b.AnsweredAt, b.SentAt = nil, nil
	}
	if !f.DueBy.IsZero() && !b.Over() && (b.DueAt == nil || f.DueBy.After(*b.DueAt)) {
		b.DueAt = &f.DueBy
	}
	if f.Answered && b.SentAt == nil && b.State != ChargebackOpen {
		b.SentAt = &t.Now // by us, or by somebody on the gateway's own pages
	}
	switch {
	case !b.Over():
		b.EndedAt = nil
	case b.EndedAt == nil || moved:
		b.EndedAt = &t.Now
	}
	if b.State == ChargebackAnswered || b.Over() {
		b.NextTryAt, b.Problem = nil, ""
	}
	if err := saveChargeback(t, b); err != nil {
		return err
	}
	if err := s.followTaken(t, c, p, b, before); err != nil {
		return err
	}
	if moved || fresh {
		return s.tellState(t, c, b)
	}
	return nil
}

// followTaken books what a bank took of a payment, or put back: the debt returns
// as if that money had never come, and with it the instalment; won, it is paid
// again. No card is charged any more by a leave whose payments are contested.
func (s *Service) followTaken(t *negotiation.Tx, c *negotiation.Case, p *Payment, b *Chargeback, before int64) error {
	change := b.Taken - before
	if change == 0 {
		return nil
	}
	p.TakenBack += change
	if p.Kept().IsNegative() {
		return fmt.Errorf("chargeback %s takes more of payment %s than is left of it", b.GatewayID, p.ID)
	}
	if _, err := s.rebook(t, c, p); err != nil {
		return err
	}
	sum := money.New(change, b.Currency)
	if change < 0 {
		return tellBack(t, c, p, negotiation.LetterChargebackWon, negotiation.LetterChargebackNotice, "won", sum.Neg())
	}
	if err := c.Event(t, negotiation.Gateway, negotiation.ChargebackTaken, map[string]any{"chargeback": b.ID, "payment": p.ID, "amount": sum, "left": c.Balance()}); err != nil {
		return err
	}
	if err := s.stopCharging(t, c, p); err != nil {
		return err
	}
	return tellBack(t, c, p, negotiation.LetterChargeback, negotiation.LetterChargebackNotice, "taken", sum)
}

// stopCharging ends the leave by which a contested payment was charged, or with
// whose card it was paid.
func (s *Service) stopCharging(t *negotiation.Tx, c *negotiation.Case, p *Payment) error {
	plan := c.ActivePlan()
	if plan == nil {
		return nil
	}
	leave, err := liveOf(t, plan.ID)
	if err != nil || leave == nil {
		return err
	}
	if p.AuthorityID != nil && *p.AuthorityID == leave.ID || p.Means != "" && p.Means == leave.Card() {
		return end(t, c, leave, negotiation.Gateway, WhyContested)
	}
	return nil
}

// tellState writes the state of a chargeback on the case's timeline.
func (s *Service) tellState(t *negotiation.Tx, c *negotiation.Case, b *Chargeback) error {
	kind := map[ChargebackState]negotiation.EventKind{
		ChargebackAnswered: negotiation.ChargebackAnswered, ChargebackWon: negotiation.ChargebackWon, ChargebackLost: negotiation.ChargebackLost,
		ChargebackClosed: negotiation.ChargebackClosed,
	}[b.State]
	if kind == "" {
		return nil
	}
	if err := c.Event(t, negotiation.Gateway, kind, map[string]any{"chargeback": b.ID, "payment": b.PaymentID, "amount": b.Sum()}); err != nil {
		return err
	}
	if b.State != ChargebackLost {
		return nil
	}
	return c.TellCreditor(t, negotiation.LetterChargebackNotice, map[string]any{
		"payment": b.PaymentID, "amount": b.Sum(), "what": "lost", "debtor": c.Debtor.Name, "case": c.Reference, "left": c.Balance(), "kept": money.New(0, b.Currency),
		"paid": b.Sum(), "on": negotiation.DayOf(b.OpenedAt),
	})
}
