package negotiation

import "context"

// History is what the past suggests about an offer: how this debtor kept what
// was agreed with this creditor, and what became of offers like it. It is there
// for a person who weighs an answer; nothing decides by it.
type History struct {
	Plans   map[PlanState]int // of this debtor with this creditor, on any case
	OnTime  int               // instalments of them that were paid by their day
	Missed  int               // instalments that were not
	Similar Similar
}

// Similar counts the offers of debtors to a creditor that are like another,
// and the plans that came of them.
type Similar struct {
	Offers    int
	Accepted  int
	Countered int
	Rejected  int
	Lapsed    int               // withdrawn or expired
	Plans     map[PlanState]int // those that were replaced left out
}

// similarMax is how many of a creditor's newest offers are looked through.
const similarMax = 500

// shape is what offers are compared by: a smaller sum, one later date, or about
// how many instalments.
func (o *Offer) shape() string {
	switch n := o.Of().Instalments; {
	case o.IsSettlement():
		return "settlement"
	case n <= 1:
		return "deferral"
	case n <= 3:
		return "short"
	case n <= 6:
		return "medium"
	case n <= 12:
		return "long"
	}
	return "very_long"
}

// HistoryOf returns what the past suggests about an offer of a case.
func (s *Service) HistoryOf(ctx context.Context, by Actor, c *Case, o *Offer) (*History, error) {
	if !by.MaySee(c) || by.Role == RoleDebtor {
		return nil, errNotFound
	}
	h := &History{Plans: map[PlanState]int{}, Similar: Similar{Plans: map[PlanState]int{}}}
	if err := s.keptBefore(ctx, c, o, h); err != nil {
		return nil, fault(err, "history of offer", o.ID)
	}
	var rows []struct {
		Offer
		Plan PlanState
	}
	err := s.db.Read(ctx).Table("offers").Joins("LEFT JOIN plans ON plans.offer_id = offers.id").
		Select("offers.*, COALESCE(plans.state, '') AS plan").
		Where("offers.creditor_id = ? AND offers.case_id <> ? AND offers.state <> ? AND offers.reason <> ?", c.CreditorID, c.ID, OfferOpen, ReasonRenewed).
		Order("offers.created_at DESC, offers.id").Limit(similarMax).Scan(&rows).Error
	if err != nil {
		return nil, fault(err, "history of offer", o.ID)
	}
	for i := range rows {
		if rows[i].shape() == o.shape() {
			h.Similar.count(&rows[i].Offer, rows[i].Plan)
		}
	}
	return h, nil
}

func (s *Similar) count(o *Offer, plan PlanState) {
	if plan != "" && plan != PlanReplaced {
		s.Plans[plan]++
	}
	if o.Side != SideDebtor { // the answer to one, counted with it
		return
	}
	s.Offers++
	switch o.State {
	case OfferAccepted:
		s.Accepted++
	case OfferCountered:
		s.Countered++
	case OfferRejected:
		s.Rejected++
	case OfferWithdrawn, OfferExpired:
		s.Lapsed++
	}
}

// keptBefore counts the plans of a debtor that came before an offer, and their
// instalments that have had their day. An instalment that was missed and then
// paid was missed.
func (s *Service) keptBefore(ctx context.Context, c *Case, o *Offer, h *History) error {
	var plans []struct {
		State PlanState
		N     int
	}
	mine := "JOIN cases ON cases.id = plans.case_id AND cases.debtor_id = ?"
	err := s.db.Read(ctx).Table("plans").Joins(mine, c.DebtorID).Where("plans.accepted_at < ? AND plans.offer_id <> ?", o.CreatedAt, o.ID).
		Select("plans.state, COUNT(*) AS n").Group("plans.state").Scan(&plans).Error
	if err != nil {
		return err
	}
	for _, p := range plans {
		h.Plans[p.State] = p.N
	}
	if len(plans) == 0 {
		return nil
	}
	var lines struct{ OnTime, Missed int }
	err = s.db.Read(ctx).Table("plan_notices").Joins("JOIN plans ON plans.id = plan_notices.plan_id").Joins(mine, c.DebtorID).
		Select(`COUNT(CASE WHEN plan_notices.kind = 'missed' THEN 1 END) AS missed,
			COUNT(CASE WHEN plan_notices.kind = 'met' AND NOT EXISTS (SELECT 1 FROM plan_notices m WHERE m.plan_id = plan_notices.plan_id
				AND m.number = plan_notices.number AND m.due_on = plan_notices.due_on AND m.kind = 'missed') THEN 1 END) AS on_time`).
		Where("plans.accepted_at < ? AND plans.offer_id <> ?", o.CreatedAt, o.ID).Scan(&lines).Error
	h.OnTime, h.Missed = lines.OnTime, lines.Missed
	return err
}
