package negotiation

import (
	"context"
	"errors"

	"amiable/negotiation/interest"
	"amiable/negotiation/ledger"
)

// BooksRealigned is the event of a case whose payments were allocated again
// because something they rest on became known.
const BooksRealigned EventKind = "books_realigned"

// Realign allocates again what was allocated before something was known that
// it rests on: the rate of a half-year that had begun, or a hold placed on the
// person in another case. It looks at the cases on which money or a credit
// note took effect since the beginning of the last half-year, limit at a time,
// and says how many it changed; where the books are what the statement works
// out it changes nothing.
func (s *Service) Realign(ctx context.Context, limit int) (changed int, err error) {
	today, err := s.Today(ctx)
	if err != nil {
		return 0, err
	}
	since := interest.HalfYearOf(interest.HalfYearOf(today).First().Add(-1)).First()
	var problems error
	after := ""
	for {
		var ids []string
		query := s.db.Read(ctx).Model(&ledger.Posting{}).Distinct("case_id").Where("effective_on >= ? AND kind IN ?", since, []ledger.Kind{ledger.KindPayment, ledger.KindCreditNote, ledger.KindInterest})
		if after != "" {
			query = query.Where("case_id > ?", after)
		}
		if err := query.Order("case_id").Limit(limit).Pluck("case_id", &ids).Error; err != nil {
			return changed, errors.Join(problems, fault(err, "cases to realign", ""))
		}
		if len(ids) == 0 {
			return changed, problems
		}
		for _, id := range ids {
			done, err := s.realign(ctx, id)
			problems = errors.Join(problems, err)
			if done {
				changed++
			}
		}
		after = ids[len(ids)-1]
	}
}

// realign looks first, so that a case is only locked where there is something
// to do.
func (s *Service) realign(ctx context.Context, id string) (done bool, err error) {
	c, err := s.Case(ctx, System, id)
	if err != nil || !c.drifted() {
		return false, err
	}
	err = s.OnCase(ctx, System, id, func(t *Tx, c *Case) error {
		if !c.drifted() {
			return nil
		}
		done = true
		due := c.RefundsDue()
		acts, err := c.unwind(t, "", "realigned")
		if err != nil {
			return err
		}
		if err := c.rewind(t, acts); err != nil {
			return err
		}
		if err := t.Insert(c.event(t, System, BooksRealigned, nil)); err != nil {
			return err
		}
		if err := c.tellRefund(t, System, due, nil); err != nil {
			return err
		}
		return c.settleState(t, System)
	})
	return done && err == nil, fault(err, "case", id)
}

// drifted says whether the books are not what the statement works out.
func (c *Case) drifted() bool {
	var derived, below Invariant
	c.verifyClaims(&derived, &below)
	return len(derived.Breaks) > 0
}
