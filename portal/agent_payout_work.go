package portal

import (
	"cmp"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/page"
)

// payoutWork is what waits for an agent on the money's way to creditors: what
// nothing explains, what must be paid over soon, what does not open, who owes.
func (s *Server) payoutWork(c echo.Context, today day.Day) ([]page.WorkRow, error) {
	ctx := c.Request().Context()
	var work []page.WorkRow
	strange, err := s.payments.InSuspense(ctx, worklistMax)
	if err != nil {
		return nil, err
	}
	for i := range strange {
		r := &strange[i]
		work = append(work, page.WorkRow{
			URL: "/agent/suspense/" + r.ID, Who: cmp.Or(r.DebtorName, r.CreditorName, s.agencyName(c)), Due: negotiation.DayOf(r.MadeAt).Add(suspenseDays), Step: "explain_row", Why: "in_suspense",
			Values: []any{"sum", money.New(r.Net, r.Currency)},
		})
	}
	late, err := s.payments.Underway(ctx, who(c).Actor, payments.PayOverAlarmDays, worklistMax)
	if err != nil {
		return nil, err
	}
	for i := range late {
		o := &late[i]
		row := page.WorkRow{URL: "/agent/payouts", Who: o.DebtorName + " · " + o.CreditorName, Due: o.PaidOn.AddMonths(1), Step: "pay_over", Why: "month_runs", Values: []any{"n", o.Days(today)}}
		if o.Stands(today) == payments.TooLate {
			row.Why = "month_over"
		}
		work = append(work, row)
	}
	stuck, err := s.payments.StuckPayouts(ctx, worklistMax)
	if err != nil {
		return nil, err
	}
	for i := range stuck {
		work = append(work, page.WorkRow{URL: "/agent/payouts/" + stuck[i].ID, Who: cmp.Or(stuck[i].CreditorName, s.agencyName(c)), Due: stuck[i].ArrivesOn, Step: "open_payout", Why: "not_opened"})
	}
	return s.accountWork(c, work)
}

// accountWork adds the accounts that need a person: below nothing, restricted
// while plans rest on their cards, or not taking what was collected.
func (s *Server) accountWork(c echo.Context, work []page.WorkRow) ([]page.WorkRow, error) {
	ctx := c.Request().Context()
	owing, err := s.payments.BelowNothing(ctx)
	if err != nil {
		return nil, err
	}
	stopped, err := s.payments.StoppedPlans(ctx)
	if err != nil {
		return nil, err
	}
	held, err := s.payments.HeldBack(ctx)
	if err != nil || len(owing)+len(stopped)+len(held) == 0 {
		return work, err
	}
	names, err := s.creditorNames(c)
	if err != nil {
		return nil, err
	}
	for _, a := range owing {
		work = append(work, page.WorkRow{URL: "/agent/creditors/" + a.CreditorID, Who: names[a.CreditorID], Step: "watch_account", Why: "below_nothing", Values: []any{"sum", money.Euros(a.Balance)}})
	}
	for _, creditorID := range stopped {
		work = append(work, page.WorkRow{URL: "/agent/creditors/" + creditorID, Who: names[creditorID], Step: "plans_stopped", Why: "account_restricted"})
	}
	for _, h := range held { // it is tried again by itself; the month of CPCE R124-6 runs
		work = append(work, page.WorkRow{
			URL: "/agent/creditors/" + h.CreditorID, Who: names[h.CreditorID], Due: h.Since.AddMonths(1), Step: "transfers_wait", Why: "account_refuses", Values: []any{"sum", money.Euros(h.Amount)},
		})
	}
	return work, nil
}

// suspenseDays is how long an unexplained row may wait for somebody to look.
const suspenseDays = 5

func (s *Server) agencyName(c echo.Context) string {
	if agency, err := s.agency(c); err == nil {
		return agency.Name
	}
	return ""
}
