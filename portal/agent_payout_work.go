package portal

import (
	"cmp"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/page"
)

// suspenseWork is what nothing explains of the money on its way to creditors.
func (s *Server) suspenseWork(c echo.Context) (work []page.WorkRow, err error) {
	strange, err := s.payments.InSuspense(c.Request().Context(), worklistMax)
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
	return work, nil
}

// lateWork is what must be paid over soon.
func (s *Server) lateWork(c echo.Context) (work []page.WorkRow, err error) {
	ctx := c.Request().Context()
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return nil, err
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
	return work, nil
}

// stuckWork is what does not open.
func (s *Server) stuckWork(c echo.Context) (work []page.WorkRow, err error) {
	stuck, err := s.payments.StuckPayouts(c.Request().Context(), worklistMax)
	if err != nil {
		return nil, err
	}
	for i := range stuck {
		work = append(work, page.WorkRow{URL: "/agent/payouts/" + stuck[i].ID, Who: cmp.Or(stuck[i].CreditorName, s.agencyName(c)), Due: stuck[i].ArrivesOn, Step: "open_payout", Why: "not_opened"})
	}
	return work, nil
}

// owingWork is the accounts below nothing.
func (s *Server) owingWork(c echo.Context) (work []page.WorkRow, err error) {
	owing, err := s.payments.BelowNothing(c.Request().Context())
	if err != nil {
		return nil, err
	}
	names, err := s.creditorNames(c)
	if err != nil {
		return nil, err
	}
	for _, a := range owing {
		work = append(work, page.WorkRow{URL: "/agent/creditors/" + a.CreditorID, Who: names[a.CreditorID], Step: "watch_account", Why: "below_nothing", Values: []any{"sum", money.Euros(a.Balance)}})
	}
	return work, nil
}

// stoppedWork is the accounts that are restricted while plans rest on their
// cards.
func (s *Server) stoppedWork(c echo.Context) (work []page.WorkRow, err error) {
	stopped, err := s.payments.StoppedPlans(c.Request().Context())
	if err != nil {
		return nil, err
	}
	names, err := s.creditorNames(c)
	if err != nil {
		return nil, err
	}
	for _, creditorID := range stopped {
		work = append(work, page.WorkRow{URL: "/agent/creditors/" + creditorID, Who: names[creditorID], Step: "plans_stopped", Why: "account_restricted"})
	}
	return work, nil
}

// heldWork is what accounts do not take of what was collected for them. It is
// tried again by itself; the month of CPCE R124-6 runs.
func (s *Server) heldWork(c echo.Context) (work []page.WorkRow, err error) {
	held, err := s.payments.HeldBack(c.Request().Context())
	if err != nil {
		return nil, err
	}
	names, err := s.creditorNames(c)
	if err != nil {
		return nil, err
	}
	for _, h := range held {
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
