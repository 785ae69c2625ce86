package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"amiable/negotiation"
)

// A debit is handed in, is under way for days, and comes or does not. What the
// bank says of one that did not is a table here, as it is for cards.

// returned is one line of the table of debits that did not come.
type returned struct {
	reason string   // the scheme's code (ISO 20022), several apart by a blank; empty: none
	codes  []string // the gateway's
	decline
	// byHand says that no machine should write to the debtor about it.
	byHand bool
}

// returns of debits: the reasons of the EPC's guidance on reason codes for SEPA
// Direct Debit R-transactions (EPC173-14), and the gateway's codes that stand
// for them (docs.stripe.com/declines/network-codes, docs.stripe.com/error-codes).
// Which are worth another try is ours to say: a debit that comes back may cost
// the debtor a fee at their bank (CMF L133-26 II), so there is one.
var returns = []returned{
	{reason: "AM04", codes: []string{"insufficient_funds"}, decline: decline{course: TryAgain}},
	{reason: "MS03", codes: []string{"could_not_process", "generic_could_not_process", "bank_could_not_process", "processing_error", "declined"}, decline: decline{course: TryAgain}},
	{codes: []string{"charge_exceeds_source_limit", "charge_exceeds_weekly_limit"}, decline: decline{course: TryAgain}}, // the gateway's limits, not the debtor's

	{reason: "MD06", codes: []string{"refund_requested"}, decline: decline{course: GiveUp, ends: WhyRevokedAtBank}},
	{reason: "MS02 SL01", codes: []string{"refer_to_customer"}, decline: decline{course: GiveUp, ends: WhyRevokedAtBank}},
	{reason: "MD01 MD02", codes: []string{"debit_not_authorized", "payment_method_customer_decline"}, decline: decline{course: GiveUp, ends: WhyRevokedAtBank}},

	{reason: "AC04", codes: []string{"account_closed", "bank_account_closed"}, decline: decline{course: GiveUp, ends: WhyCardRefused}},
	{reason: "AC06 AG01", codes: []string{"bank_account_restricted", "bank_account_frozen", "account_frozen", "bank_account_unusable"}, decline: decline{course: GiveUp, ends: WhyCardRefused}},
	{reason: "AC01 RC01", codes: []string{"no_account", "invalid_account_number", "incorrect_account_details", "bank_account_invalid_details"}, decline: decline{course: GiveUp, ends: WhyCardRefused}},
	{codes: []string{"bank_ownership_changed"}, decline: decline{course: GiveUp, ends: WhyCardRefused}},
	{reason: "MD07", codes: []string{"recipient_deceased"}, decline: decline{course: GiveUp, ends: WhyCardRefused}, byHand: true},
}

var returnsByCode = func() map[string]returned {
	byCode := map[string]returned{}
	for _, r := range returns {
		for _, code := range r.codes {
			byCode[code] = r
		}
	}
	return byCode
}()

// afterReturn reads the table. What is not in it is not tried again, and says
// nothing of the next instalment.
func afterReturn(code string) returned {
	r, known := returnsByCode[code]
	if !known {
		r.course = GiveUp
	}
	return r
}

// debitTries is how often a debit is handed in for one instalment.
const debitTries = 2

// nextDebit is the day for which a debit that came back is handed in again: the
// first by which most are paid, announced as the first one was. ok is false
// where there is none.
func nextDebit(tries int, today, next negotiation.Day) (on negotiation.Day, ok bool) {
	if tries >= debitTries {
		return "", false
	}
	on = payday(today.Add(negotiation.DebitRule.Announced - 1))
	return on, next.IsZero() || on.Before(next.Add(-1))
}

// debitSpan is for how many days after its day an instalment is debited: a debit
// that came back waits for the payday after the one that was too near.
const debitSpan = 60

// span is for how many days after its day an instalment is tried again.
func (a *Authority) span() int {
	if a.Method == DebitMethod {
		return debitSpan
	}
	return chargeSpan
}

// debitAhead is the last day for which a bank must be asked today.
func debitAhead(today negotiation.Day) negotiation.Day {
	on := today.Add(negotiation.ChargeAhead)
	for on.After(today) && negotiation.DebitRule.AskOn(on).After(today) {
		on = on.Add(-1)
	}
	return on
}

// coming is what the payment adds to what is on its way.
func (p *Payment) coming() int64 {
	if p.State == Processing {
		return p.Amount
	}
	return 0
}

// mandateFailed ends the leave that came with a debit whose bank says that it
// cannot be used.
func mandateFailed(t *negotiation.Tx, c *negotiation.Case, p *Payment) error {
	r := afterReturn(p.Failure)
	if p.AuthorityID == nil || r.ends == "" || wayOf(p.Means).method != DebitMethod {
		return nil
	}
	a, err := lockAuthority(t, *p.AuthorityID)
	if err != nil {
		return err
	}
	return end(t, c, a, negotiation.Gateway, r.ends)
}

// debitAsked is after how long a debit of which nothing was heard is asked for
// again: a bank's answer takes days.
const debitAsked = 24 * time.Hour

// CheckDebits asks about collections that are on their way and of which no
// notification told the end. It returns how many had come to one.
func (s *Service) CheckDebits(ctx context.Context, limit int) (int, error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	var waiting []Payment
	err = s.db.Read(ctx).Where("state = ? AND kind = ? AND created_at < ?", Processing, Collection, now.Add(-debitAsked)).
		Order("created_at, id").Limit(limit).Find(&waiting).Error
	if err != nil {
		return 0, fmt.Errorf("debits on their way: %w", err)
	}
	var problems error
	done := 0
	for i := range waiting {
		p := &waiting[i]
		if p.IntentID == nil {
			continue
		}
		fact, err := s.fetch(ctx, *p.IntentID)
		if err == nil && fact.Progress != Submitted {
			fact.PaymentID = p.ID
			err = s.apply(ctx, p, fact, nil)
			done++
		}
		if err != nil {
			problems = errors.Join(problems, fmt.Errorf("payment %s: %w", p.ID, err))
		}
	}
	return done, problems
}

func (s *Service) fetch(ctx context.Context, intentID string) (Fact, error) {
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	return s.gateway.FetchPayment(calling, intentID)
}
