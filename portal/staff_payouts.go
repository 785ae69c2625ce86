package portal

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/page"
)

// payoutListMax and linesShown bound what one page of money shows; the files of
// a remittance have all of it.
const (
	payoutListMax = 60
	linesShown    = 500
)

// payoutRoutes are the pages of money that reaches creditors, for either console.
func (s *Server) payoutRoutes(of string, audience Audience) []Route {
	const get, post = http.MethodGet, http.MethodPost
	at := "/" + of
	routes := []Route{
		{get, at + "/payouts", audience, s.showPayouts},
		{get, at + "/payouts/:payout", audience, s.showPayout},
		{get, at + "/remittances/:remittance", audience, s.showRemittance},
		{get, at + "/remittances/:remittance/:format", audience, s.sendRemittance},
		{get, at + "/invoices/:invoice", audience, s.showFeeInvoice},
		{get, at + "/invoices/:invoice/invoice.pdf", audience, s.sendFeeInvoice},
	}
	if audience == Creditors {
		routes = append(routes, Route{post, at + "/notices", audience, s.setNotices})
	}
	return routes
}

// agentPayoutRoutes are what agents alone do about it.
func (s *Server) agentPayoutRoutes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, "/agent/suspense/:row", Agents, s.showExplain},
		{post, "/agent/suspense/:row", Agents, s.createExplanation},
		{post, "/agent/remittances/:remittance/paying-over", Agents, s.createPayingOver},
	}
}

func (s *Server) showPayouts(c echo.Context) error {
	ctx, m, of := c.Request().Context(), who(c), console(c)
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	p := &page.PayoutList{StaffBase: s.staffBase(c, "payouts"), Today: today, Underway: money.Euros(0)}
	way, err := s.payments.Underway(ctx, m.Actor, 0, 5000)
	if err != nil {
		return err
	}
	for i := range way {
		o := &way[i]
		if o.Currency != money.EUR {
			continue
		}
		p.Count, p.Underway, p.Oldest = p.Count+1, p.Underway.Add(o.Net()), max(p.Oldest, o.Days(today))
		if state := o.Stands(today); state != payments.InTime && len(p.Late) < listMax {
			p.Late = append(p.Late, page.LateRow{
				Who: o.DebtorName, Creditor: o.CreditorName, CaseURL: "/" + of + "/cases/" + o.CaseID, On: o.PaidOn, Until: o.PaidOn.AddMonths(1), Days: o.Days(today),
				Amount: o.Net(), State: string(state), Place: string(o.Place),
			})
		}
	}
	list, err := s.payments.Payouts(ctx, m.Actor, payoutListMax)
	if err != nil {
		return err
	}
	for i := range list {
		p.Payouts = append(p.Payouts, payoutRow(of, &list[i]))
	}
	if err := s.monthsAndInvoices(c, p); err != nil {
		return err
	}
	if of == "agent" {
		return s.answerAgentPayouts(c, p)
	}
	creditor, err := s.negotiation.Creditor(ctx, m.CreditorID)
	if err != nil {
		return err
	}
	p.Notices, p.Form = string(creditor.Notices), page.Form{Values: map[string]string{"language": creditor.Language}}
	for _, n := range negotiation.AllNotices {
		p.NoticesOf = append(p.NoticesOf, string(n))
	}
	return s.showConsole(c, http.StatusOK, p)
}

// comingPayout fills the first screen with what is on its way to the bank: the
// payout that arrives next, else the one that came last.
func (s *Server) comingPayout(c echo.Context, p *page.CreditorHome) error {
	ctx, m := c.Request().Context(), who(c)
	way, err := s.payments.Underway(ctx, m.Actor, 0, 5000)
	if err != nil {
		return err
	}
	p.Underway = money.Euros(0)
	for i := range way {
		if way[i].Currency == money.EUR {
			p.OnTheWay, p.Underway = p.OnTheWay+1, p.Underway.Add(way[i].Net())
		}
	}
	list, err := s.payments.Payouts(ctx, m.Actor, 8)
	if err != nil {
		return err
	}
	for i := len(list) - 1; i >= 0; i-- { // the soonest of those to come, else the last that came
		coming := list[i].State == payments.PayoutPending || list[i].State == payments.PayoutInTransit
		if coming || i == 0 {
			row := payoutRow("creditor", &list[i])
			p.Coming = &row
			break
		}
	}
	return nil
}

// monthsAndInvoices fills in what is written once a month.
func (s *Server) monthsAndInvoices(c echo.Context, p *page.PayoutList) error {
	ctx, m, of := c.Request().Context(), who(c), console(c)
	names, err := s.creditorNames(c)
	if err != nil {
		return err
	}
	remittances, err := s.payments.Remittances(ctx, m.Actor, payoutListMax)
	if err != nil {
		return err
	}
	for i := range remittances {
		r := &remittances[i]
		if r.Kind != payments.PeriodRemittance {
			continue
		}
		gross, _, _, net := r.Sums()
		p.Months = append(p.Months, page.RemittanceRow{
			URL: "/" + of + "/remittances/" + r.ID, Number: r.Number, Creditor: names[r.CreditorID], From: r.FromOn, Until: r.UntilOn, Gross: gross, Net: net,
			PaidOver: r.PaidOverOn, ToPayOver: net.IsPositive() && r.PaidOverOn.IsZero(),
		})
	}
	invoices, err := s.payments.FeeInvoices(ctx, m.Actor, payoutListMax)
	if err != nil {
		return err
	}
	for i := range invoices {
		f := &invoices[i]
		p.Invoices = append(p.Invoices, page.InvoiceRow{
			URL: "/" + of + "/invoices/" + f.ID, Number: f.Number, Creditor: names[f.CreditorID], Kind: string(f.Kind), On: f.IssuedOn,
			Total: f.Total(), Withheld: f.Sum(f.Withheld), Due: f.Due(),
		})
	}
	return nil
}

// creditorNames are the names that a list of an agent's needs.
func (s *Server) creditorNames(c echo.Context) (map[string]string, error) {
	names := map[string]string{}
	if console(c) != "agent" {
		return names, nil
	}
	all, err := s.negotiation.CreditorNames(c.Request().Context())
	for i := range all {
		names[all[i].ID] = all[i].Name
	}
	return names, err
}

// answerAgentPayouts adds what waits for an agent.
func (s *Server) answerAgentPayouts(c echo.Context, p *page.PayoutList) error {
	ctx := c.Request().Context()
	strange, err := s.payments.InSuspense(ctx, worklistMax)
	if err != nil {
		return err
	}
	for i := range strange {
		p.Suspense = append(p.Suspense, matchRow(&strange[i]))
	}
	stuck, err := s.payments.StuckPayouts(ctx, worklistMax)
	if err != nil {
		return err
	}
	for i := range stuck {
		row := payoutRow("agent", &stuck[i])
		row.Problem = stuck[i].Problem
		p.Stuck = append(p.Stuck, row)
	}
	owing, err := s.payments.BelowNothing(ctx)
	if err != nil {
		return err
	}
	names, err := s.creditorNames(c)
	if err != nil {
		return err
	}
	for _, a := range owing {
		p.Owing = append(p.Owing, page.OwingRow{Creditor: names[a.CreditorID], URL: "/agent/creditors/" + a.CreditorID, Amount: money.Euros(a.Balance)})
	}
	totals, err := s.payments.MonthTotals(ctx, who(c).Actor, payoutListMax)
	if err != nil {
		return err
	}
	for i := range totals {
		m := &totals[i]
		sum := func(minor int64) money.Amount { return money.New(minor, m.Currency) }
		p.Totals = append(p.Totals, page.TotalRow{
			Month: m.Month, Creditor: m.CreditorName, Listed: sum(m.Listed), Opened: sum(m.Opened), Booked: sum(m.Booked), Waiting: sum(m.Waiting), Strange: sum(m.Strange),
			Other: sum(m.Shifted), Lost: sum(m.Lost()), Unbooked: sum(m.Unbooked()), Agrees: m.Agrees(),
		})
	}
	return s.showConsole(c, http.StatusOK, p)
}

func payoutRow(of string, p *payments.ListedPayout) page.PayoutRow {
	return page.PayoutRow{
		URL: "/" + of + "/payouts/" + p.ID, Number: p.Number, ArrivesOn: p.ArrivesOn, State: string(p.State), Failure: p.Failure, Creditor: p.CreditorName, Bank: p.Bank,
		Amount: p.Sum(), Suspense: int(p.Suspense), Open: p.IsOpen(), ByHand: !p.Automatic,
	}
}

func matchRow(r *payments.ListedRow) page.MatchRow {
	of := func(minor int64) money.Amount { return money.New(minor, r.Currency) }
	row := page.MatchRow{
		ID: r.ID, Source: r.Source, Creditor: r.CreditorName, On: negotiation.DayOf(r.MadeAt), Kind: string(r.Kind), Who: r.DebtorName, Amount: of(r.Amount), Fee: of(r.Fee),
		Net: of(r.Net), Verdict: string(r.Verdict), Reason: r.Reason, Words: r.Words, Explanation: r.Explanation, BelongsTo: r.BelongsTo, PayoutURL: "/agent/payouts/" + r.PayoutID,
		Booked: of(0), BookedFee: of(0),
	}
	if r.CaseID != "" {
		row.CaseURL = "/agent/cases/" + r.CaseID
	}
	if r.Booked != nil {
		row.Known, row.Booked = true, of(*r.Booked)
		if r.BookedFee != nil {
			row.BookedFee = of(*r.BookedFee)
		}
	}
	if r.Verdict == payments.Suspense {
		row.ExplainURL = "/agent/suspense/" + r.ID
	}
	return row
}

// showPayout opens a payout: for its creditor it is its remittance, for agents
// the match, row by row.
func (s *Server) showPayout(c echo.Context) error {
	ctx, m := c.Request().Context(), who(c)
	found, err := s.payments.Payout(ctx, m.Actor, c.Param("payout"))
	if err != nil {
		return err
	}
	if console(c) == "creditor" && found.RemittanceID != "" {
		return c.Redirect(http.StatusSeeOther, "/creditor/remittances/"+found.RemittanceID)
	}
	if console(c) == "creditor" {
		return s.showUnopened(c, found)
	}
	p := &page.PayoutMatch{StaffBase: s.staffBase(c, "payouts"), Payout: payoutRow("agent", found), GatewayID: found.GatewayID, Count: int(found.RowCount)}
	p.Payout.Problem = found.Problem
	p.Sum, p.Difference = money.New(found.RowSum, found.Currency), found.Sum().Sub(money.New(found.RowSum, found.Currency))
	rows, err := s.payments.RowsOf(ctx, found.ID, linesShown)
	if err != nil {
		return err
	}
	strange := 0
	for i := range rows {
		p.Rows = append(p.Rows, matchRow(&rows[i]))
		if rows[i].Verdict != payments.Matched {
			strange++
		}
	}
	p.Matched, p.More = p.Count-strange, p.Count-len(rows)
	if found.RemittanceID != "" {
		p.RemittanceURL = "/agent/remittances/" + found.RemittanceID
	}
	return s.showConsole(c, http.StatusOK, p)
}

// showUnopened shows a creditor a payout whose rows are not known yet.
func (s *Server) showUnopened(c echo.Context, found *payments.ListedPayout) error {
	row, zero := payoutRow("creditor", found), money.New(0, found.Currency)
	return s.showConsole(c, http.StatusOK, &page.Remittance{
		StaffBase: s.staffBase(c, "payouts"), Payout: &row, From: found.ArrivesOn, Until: found.ArrivesOn, Gross: zero, Back: zero, Other: zero, Theirs: zero, Fee: zero, VAT: zero,
		Net: found.Sum(), Difference: zero,
	})
}

func (s *Server) showRemittance(c echo.Context) error {
	return s.answerRemittance(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerRemittance(c echo.Context, status int, form page.Form) error {
	ctx, m, of := c.Request().Context(), who(c), console(c)
	r, err := s.payments.Remittance(ctx, m.Actor, c.Param("remittance"))
	if err != nil {
		return err
	}
	lines, err := s.payments.LinesOf(ctx, r)
	if err != nil {
		return err
	}
	creditor, err := s.negotiation.Creditor(ctx, r.CreditorID)
	if err != nil {
		return err
	}
	p := remittancePage(of, r, lines)
	p.StaffBase, p.Creditor, p.Form = s.staffBase(c, "payouts"), creditor.Name, form
	if r.PayoutID != nil {
		payout, err := s.payments.Payout(ctx, m.Actor, *r.PayoutID)
		if err != nil {
			return err
		}
		row := payoutRow(of, payout)
		p.Payout, p.Difference = &row, payout.Sum().Sub(p.Net)
	}
	if of == "agent" && r.Kind == payments.PeriodRemittance && r.Net > 0 && r.PaidOverOn.IsZero() {
		p.PayOverURL = "/agent/remittances/" + r.ID + "/paying-over"
	}
	for _, kind := range remittanceFiles {
		p.Files = append(p.Files, page.RemittanceFile{URL: "/" + of + "/remittances/" + r.ID + "/" + kind, Kind: kind})
	}
	return s.showConsole(c, status, p)
}

// remittancePage puts a remittance into lines, and its sums into kinds.
func remittancePage(of string, r *payments.Remittance, lines []payments.ListedLine) *page.Remittance {
	sum := func(minor int64) money.Amount { return money.New(minor, r.Currency) }
	p := &page.Remittance{
		Number: r.Number, From: r.FromOn, Until: r.UntilOn, Gross: sum(0), Back: sum(0), Other: sum(0), Theirs: sum(0), Fee: sum(r.Fee), VAT: sum(r.VAT), Net: sum(r.Net),
		Difference: sum(0), PaidOverOn: r.PaidOverOn, PaidOverRef: r.PaidOverReference,
	}
	for i := range lines {
		l := &lines[i]
		switch l.Kind {
		case "payment":
			p.Payments, p.Gross = p.Payments+1, p.Gross.Add(sum(l.Gross))
		case "refund", "chargeback", "reversal":
			p.Back = p.Back.Add(sum(l.Gross))
		default:
			p.Other = p.Other.Add(sum(l.Gross))
		}
		if l.Place == payments.AtCreditor {
			p.Theirs = p.Theirs.Add(sum(l.Gross))
		}
		if len(p.Lines) == linesShown {
			p.More++
			continue
		}
		row := page.RemittanceLine{
			On: l.OnDay, Kind: l.Kind, Who: l.DebtorName, Reference: negotiation.GroupedReference(l.CaseReference), Place: string(l.Place), Words: l.Words, Intent: l.IntentID,
			Gross: sum(l.Gross), Fee: sum(l.Fee), VAT: sum(l.VAT), Net: sum(l.Net), NotPayment: l.Kind != "payment", Strange: l.Kind == "other",
			Excess: sum(l.Gross - l.Principal - l.Interest - l.Indemnity),
		}
		if l.CaseID != nil {
			row.CaseURL = "/" + of + "/cases/" + *l.CaseID
			row.StatementURL = row.CaseURL + "/documents/statement.pdf"
		}
		for _, claim := range l.Claims {
			row.Settled = append(row.Settled, page.SettledRow{Invoice: claim.Invoice, Principal: claim.Principal, Interest: claim.Interest, Indemnity: claim.Indemnity})
		}
		p.Lines = append(p.Lines, row)
	}
	return p
}

// createPayingOver records that the agency sent on what was on its account.
func (s *Server) createPayingOver(c echo.Context) error {
	form := typed(c, "on", "reference")
	on := readDay(&form, "on")
	if form.Bad() {
		return s.answerRemittance(c, http.StatusUnprocessableEntity, form)
	}
	err := s.payments.PayOver(c.Request().Context(), who(c).Actor, c.Param("remittance"), on, form.Values["reference"])
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerRemittance(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent/remittances/"+c.Param("remittance")+"?done=saved")
}

func (s *Server) showExplain(c echo.Context) error {
	return s.answerExplain(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerExplain(c echo.Context, status int, form page.Form) error {
	row, err := s.payments.Row(c.Request().Context(), who(c).Actor, c.Param("row"))
	if err != nil {
		return err
	}
	if row.Verdict != payments.Suspense {
		return negotiation.Refuse(negotiation.Conflict, "explained_already")
	}
	shown := matchRow(row)
	return s.showConsole(c, status, &page.ExplainRow{
		StaffBase: s.staffBase(c, "payouts"), Row: shown, Whose: []string{"creditor", "agency"}, Action: shown.ExplainURL, BackURL: shown.PayoutURL, Form: form,
	})
}

func (s *Server) createExplanation(c echo.Context) error {
	form := typed(c, "words", "belongs_to")
	row, err := s.payments.Row(c.Request().Context(), who(c).Actor, c.Param("row"))
	if err != nil {
		return err
	}
	err = s.payments.Explain(c.Request().Context(), who(c).Actor, row.ID, form.Values["words"], form.Values["belongs_to"])
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerExplain(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent/payouts/"+row.PayoutID+"?done=saved")
}

// setNotices keeps how a creditor likes to be told, and in which language.
func (s *Server) setNotices(c echo.Context) error {
	m, choice := who(c), negotiation.Notices(c.FormValue("notices"))
	if !slices.Contains(negotiation.AllNotices, choice) {
		return negotiation.Refuse(negotiation.Invalid, "notices_unknown")
	}
	if err := s.negotiation.SetNotices(c.Request().Context(), m.Actor, m.CreditorID, choice, c.FormValue("language")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/creditor/payouts?done=saved")
}
