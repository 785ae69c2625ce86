package portal

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/page"
)

// uploads are the routes that take a file.
var uploads = []string{
	"/creditor/placements", "/creditor/claims", "/creditor/cases/:case/payments", "/agent/cases/:case/payments", "/agent/cases/:case/first-letter",
	"/agent/creditors/:creditor/mandates", "/agent/claims", "/agent/placements", "/agent/letters/batches/:batch/posting", bankFilesPath,
	creditsPath("creditor"), creditsPath("agent"), withdrawalPath("creditor"), withdrawalPath("agent"),
}

const listMax = 50

func (s *Server) staffRoutes() []Route {
	routes := slices.Concat(s.accessRoutes(), s.securityRoutes(), s.creditorRoutes(), s.agentRoutes(), s.workRoutes())
	routes = append(append(routes, s.offerRoutes("creditor", Creditors)...), s.offerRoutes("agent", Agents)...)
	routes = append(append(append(routes, s.payoutRoutes("creditor", Creditors)...), s.payoutRoutes("agent", Agents)...), s.agentPayoutRoutes()...)
	routes = append(append(append(routes, s.disputeRoutes("creditor", Creditors)...), s.disputeRoutes("agent", Agents)...), s.agentDisputeRoutes()...)
	routes = append(append(append(routes, s.threadRoutes("creditor", Creditors)...), s.threadRoutes("agent", Agents)...), s.templateRoutes()...)
	routes = append(append(append(routes, s.givenUpRoutes("creditor", Creditors)...), s.givenUpRoutes("agent", Agents)...), s.situationRoutes()...)
	routes = append(append(routes, s.caseFileRoutes("creditor", Creditors)...), s.caseFileRoutes("agent", Agents)...)
	return append(append(routes, policyRoutes(s)...), peopleRoutes(s)...)
}

func (s *Server) creditorRoutes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, "/creditor", Creditors, s.showCreditorHome},
		{get, "/creditor/cases", Creditors, s.showCases},
		{post, "/creditor/searches", Creditors, s.searchCases},
		{get, "/creditor/cases/:case", Creditors, s.showCreditorCase},
		{get, "/creditor/cases/:case/documents/:document", Creditors, s.showStaffDocument},
		{get, "/creditor/cases/:case/payments/new", Creditors, s.showRecordPayment},
		{post, "/creditor/cases/:case/payments", Creditors, s.createRecordedPayment},
		{get, "/creditor/payments", Creditors, s.showPayments},
		{get, "/creditor/payments/:payment/reversal", Creditors, s.showReversal},
		{post, "/creditor/payments/:payment/reversal", Creditors, s.createReversal},
		{get, "/creditor/placements", Creditors, s.showPlacements},
		{post, "/creditor/placements", Creditors, s.createPlacement},
		{get, "/creditor/placements/:placement", Creditors, s.showPlacement},
		{get, "/creditor/placements/:placement/refused", Creditors, s.showRefused},
		{get, "/creditor/claims/new", Creditors, s.showClaimEntry},
		{post, "/creditor/claims", Creditors, s.createClaim},
		{get, "/creditor/connect", Creditors, s.showConnect},
		{post, "/creditor/connect", Creditors, s.createAccount},
	}
}

// console is which of the two consoles a route belongs to.
func console(c echo.Context) string {
	if who(c).Role == negotiation.RoleCreditor {
		return "creditor"
	}
	return "agent"
}

func (s *Server) showCreditorHome(c echo.Context) error {
	ctx, m := c.Request().Context(), who(c)
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	p := &page.CreditorHome{StaffBase: s.staffBase(c, "home"), Today: today}
	if p.Waiting, err = s.waitingTasks(c, p.Lang); err != nil {
		return err
	}
	contested, err := s.disputeTasks(c, p.Lang)
	if err != nil {
		return err
	}
	p.Waiting = append(p.Waiting, contested...)
	slices.SortStableFunc(p.Waiting, func(a, b page.Task) int { return cmp.Compare(a.Until, b.Until) })
	if p.Unread, err = s.messageTasks(c); err != nil {
		return err
	}
	if p.Missing, err = s.missing(c, m.CreditorID); err != nil {
		return err
	}
	came, err := s.payments.CameIn(ctx, m.Actor, today.Add(-7*11-weekday(today)))
	if err != nil {
		return err
	}
	p.CameIn, p.Weeks, p.Scale = weeks(today, came)
	recent, err := s.payments.List(ctx, m.Actor, 8)
	if err != nil {
		return err
	}
	for i := range recent {
		p.Recent = append(p.Recent, paymentRow("creditor", &recent[i], mayReverse(c, &recent[i])))
	}
	if err := s.comingPayout(c, p); err != nil {
		return err
	}
	counts, err := s.negotiation.CountByState(ctx, m.Actor)
	if err != nil {
		return err
	}
	p.ByState, p.CaseCount = stateCounts(counts)
	return s.showConsole(c, http.StatusOK, p)
}

// weekday counts from Monday.
func weekday(d day.Day) int { return (int(d.Weekday()) + 6) % 7 }

// weeks puts what came in into twelve weeks, the last under way.
func weeks(today day.Day, came []payments.CameIn) (month money.Amount, bars []page.WeekBar, scale money.Amount) {
	month = money.Euros(0)
	first := today.Add(-7*11 - weekday(today))
	sums := make([]int64, 12)
	for _, in := range came {
		if in.Currency != money.EUR || in.On.Before(first) {
			continue
		}
		if week := in.On.Sub(first) / 7; week >= 0 && week < len(sums) {
			sums[week] += in.Amount
		}
		if in.On[:7] == today[:7] {
			month.Minor += in.Amount
		}
	}
	most := int64(0)
	for _, sum := range sums {
		most = max(most, sum)
	}
	scale = money.Euros(0)
	if most > 0 {
		step := int64(100_00)
		for most > step*10 {
			step *= 10
		}
		scale.Minor = (most + step - 1) / step * step
	}
	for i, sum := range sums {
		bar := page.WeekBar{From: first.Add(7 * i), Amount: money.Euros(sum), Current: i == len(sums)-1}
		if scale.IsPositive() {
			bar.Percent = int(money.MulDivHalfUp(sum, 100, scale.Minor))
		}
		bars = append(bars, bar)
	}
	return month, bars, scale
}

// stateCounts cuts the bar of cases; its stretches add up to 100.
func stateCounts(counts map[negotiation.CaseState]int64) (list []page.StateCount, total int) {
	var weights []int64
	for _, state := range []negotiation.CaseState{
		negotiation.CaseCleared, negotiation.CaseInPlan, negotiation.CaseOpen, negotiation.CasePlaced, negotiation.CaseWatched,
		negotiation.CaseReferred, negotiation.CaseWithdrawn, negotiation.CaseArchived,
	} {
		if n := counts[state]; n > 0 {
			list = append(list, page.StateCount{State: string(state), Count: int(n), URL: "/creditor/cases?state=" + string(state)})
			weights = append(weights, n)
			total += int(n)
		}
	}
	for i, part := range money.New(100, "").Share(weights) {
		list[i].Percent = int(part.Minor)
	}
	return list, total
}

// missing is what stands between a creditor and payments by card.
func (s *Server) missing(c echo.Context, creditorID string) ([]page.Task, error) {
	ctx := c.Request().Context()
	var tasks []page.Task
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return nil, err
	}
	mandates, err := s.negotiation.Mandates(ctx, creditorID)
	if err != nil {
		return nil, err
	}
	inForce := false
	for i := range mandates {
		inForce = inForce || mandates[i].InForce(today)
	}
	if !inForce {
		tasks = append(tasks, page.Task{Code: "mandate"})
	}
	account, err := s.payments.AccountOf(ctx, creditorID)
	if err != nil {
		return nil, err
	}
	switch {
	case account == nil:
		tasks = append(tasks, page.Task{Code: "connect", URL: "/creditor/connect", Main: true})
	case !account.ChargesEnabled:
		tasks = append(tasks, page.Task{Code: "connect_more", URL: "/creditor/connect", Main: true})
	case !account.PayoutsEnabled:
		tasks = append(tasks, page.Task{Code: "payouts_stopped", URL: "/creditor/connect", Main: true})
	case len(account.Missing()) > 0 && !account.WantedBy.IsZero():
		tasks = append(tasks, page.Task{Code: "connect_soon", Until: account.WantedBy, URL: "/creditor/connect", Main: true})
	}
	if user := who(c).user; len(tasks) > 0 && !user.Enrolled() { // an offer, not something that is missing
		tasks = append(tasks, page.Task{Code: "totp", URL: "/security/totp"})
	}
	return tasks, nil
}

// filterStates are the states a list can be narrowed to.
// opened is a case with what every page of it needs.
type opened struct {
	file      *negotiation.Case
	gate      negotiation.Gate
	statement *negotiation.Statement
}

// openCase loads the case of the URL, if it may be seen.
func (s *Server) openCase(c echo.Context) (*opened, error) { return s.openCaseOf(c, c.Param("case")) }

func (s *Server) openCaseOf(c echo.Context, caseID string) (*opened, error) {
	ctx := c.Request().Context()
	file, err := s.negotiation.Case(ctx, who(c).Actor, caseID)
	if err != nil {
		return nil, err
	}
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return nil, err
	}
	statement, err := statementOf(file, today)
	if err != nil {
		return nil, err
	}
	return &opened{file: file, gate: file.Gate(today), statement: statement}, nil
}

func (s *Server) showCreditorCase(c echo.Context) error {
	ctx := c.Request().Context()
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	rows, err := s.paymentRows(c, "creditor", o.file)
	if err != nil {
		return err
	}
	letters, err := s.negotiation.LettersOf(ctx, o.file.ID)
	if err != nil {
		return err
	}
	events, err := s.negotiation.Events(ctx, o.file.ID)
	if err != nil {
		return err
	}
	b := s.staffBase(c, "cases")
	p := &page.CreditorCase{
		StaffBase: b, Row: openRow("creditor", o.file, o.gate, o.statement.Total), Claims: claimRows("creditor", o.file, o.statement),
		Statement: staffStatement(b.Lang, o.file, o.statement), Payments: rows, Letters: letterRows(forCreditor, letters),
		Timeline: timeline(b.Lang, forCreditor, o.file, events, 0), Agent: s.agent(c), Advisers: adviserRows(o.file, o.gate.On, nil),
	}
	if p.Offers, err = s.caseOffers("creditor", b.Lang, o); err != nil {
		return err
	}
	if p.Disputes, err = s.caseDisputes(c, o); err != nil {
		return err
	}
	if p.Thread, err = s.caseThread(c, o); err != nil {
		return err
	}
	p.FileURL = "/creditor/cases/" + o.file.ID + "/file"
	if o.file.IsClosed() {
		p.Shut = string(o.file.State)
	} else if !b.Viewer {
		p.RecordURL = "/creditor/cases/" + o.file.ID + "/payments/new"
		p.CreditURL, p.WithdrawURL = "/creditor/cases/"+o.file.ID+"/credits/new", "/creditor/cases/"+o.file.ID+"/withdrawal"
	}
	return s.showConsole(c, http.StatusOK, p)
}

// showStaffDocument sends an invoice of a case.
func (s *Server) showStaffDocument(c echo.Context) error {
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	if c.Param("document") == "statement.pdf" {
		return s.sendStatement(c, o.file, o.gate.On)
	}
	for _, claim := range o.file.Claims {
		if claim.ID == c.Param("document") && claim.InvoiceFile != "" {
			return s.sendFile(c, claim.InvoiceFile)
		}
	}
	return negotiation.Refuse(negotiation.NotFound, "not_found")
}

func (s *Server) showPayments(c echo.Context) error {
	of := console(c)
	list, err := s.payments.List(c.Request().Context(), who(c).Actor, 500)
	if err != nil {
		return err
	}
	zero := money.Euros(0)
	p := &page.PaymentList{
		StaffBase: s.staffBase(c, "payments"), Amount: zero, Principal: zero, Interest: zero, Indemnity: zero, Fee: zero, Net: zero, Provisional: zero,
		Excess: zero, Withheld: zero, Invoiced: zero,
		Form: page.Form{Values: map[string]string{"from": c.QueryParam("from"), "to": c.QueryParam("to")}},
	}
	p.From, p.To = readDay(&p.Form, "from"), readDay(&p.Form, "to")
	if p.To.IsZero() {
		p.To = negotiation.DayOf(s.now(c))
	}
	if p.From.IsZero() {
		p.From = p.To
		for i := range list {
			p.From = day.Min(p.From, list[i].PaidOn)
		}
	}
	for i := range list {
		row := paymentRow(of, &list[i], mayReverse(c, &list[i]))
		if row.On.Before(p.From) || row.On.After(p.To) {
			continue
		}
		p.Rows = append(p.Rows, row)
		if row.State != string(payments.Succeeded) || row.Amount.Currency != money.EUR {
			continue
		}
		p.Amount, p.Principal, p.Interest = p.Amount.Add(row.Amount), p.Principal.Add(row.Principal), p.Interest.Add(row.Interest)
		p.Indemnity, p.Fee, p.Net = p.Indemnity.Add(row.Indemnity), p.Fee.Add(row.Fee), p.Net.Add(row.Net)
		p.Excess = p.Excess.Add(row.Excess)
		if row.FeeInvoiced {
			p.Invoiced = p.Invoiced.Add(row.Fee)
		} else {
			p.Withheld = p.Withheld.Add(row.Fee)
		}
		if !row.Provisional.IsZero() {
			p.Provisional = p.Provisional.Add(row.Amount)
		}
	}
	return s.showConsole(c, http.StatusOK, p)
}

// showConnect says how the creditor's account with the gateway stands. Back
// from the gateway's page it asks anew.
func (s *Server) showConnect(c echo.Context) error {
	ctx, m := c.Request().Context(), who(c)
	account, err := s.payments.AccountOf(ctx, m.CreditorID)
	if err == nil && account != nil && c.QueryParam("again") != "" {
		return s.createAccount(c) // the gateway's page ran out of time and sends people back for another
	}
	if err == nil && account != nil && (c.QueryParam("back") != "" || !account.ChargesEnabled) {
		if fresh, asking := s.payments.RefreshAccount(ctx, m.CreditorID); asking == nil {
			account = fresh
		} else {
			s.Log.Warn("account not refreshed", "error", asking)
		}
	}
	if err != nil {
		return err
	}
	p := &page.Connect{StaffBase: s.staffBase(c, "account"), State: accountState(account), BackNow: c.QueryParam("back") != ""}
	if account != nil {
		p.Account = masked(account.AccountID)
		for _, requirement := range account.Missing() {
			p.Missing = append(p.Missing, page.Requirement{Words: requirementWords(p.Lang, requirement), Stops: whatStops(account, requirement)})
		}
		for _, requirement := range strings.Fields(account.Checking) {
			p.Checking = append(p.Checking, requirementWords(p.Lang, requirement))
		}
		p.Missing, p.Checking = slices.Compact(p.Missing), slices.Compact(p.Checking)
		p.Until, p.ChargesStopped, p.PayoutsStopped = account.WantedBy, !account.ChargesEnabled, !account.PayoutsEnabled && account.DetailsSubmitted
		if account.Bank != "" {
			p.Iban = "·· " + account.Bank
		}
		if account.Balance < 0 {
			p.Owing = money.Euros(-account.Balance)
		}
	}
	if err := s.cardWays(c, p); err != nil {
		return err
	}
	return s.showConsole(c, http.StatusOK, p)
}

// cardWays says which way card money takes under the creditor's mandates, and
// what of it waits.
func (s *Server) cardWays(c echo.Context, p *page.Connect) error {
	ctx, creditorID := c.Request().Context(), who(c).CreditorID
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	mandates, err := s.negotiation.Mandates(ctx, creditorID)
	if err != nil {
		return err
	}
	for i := range mandates {
		if m := &mandates[i]; m.InForce(today) {
			p.Ways = append(p.Ways, page.CardWay{Mandate: m.Reference, Separate: m.SeparateTransfers})
		}
	}
	if len(p.Ways) == 1 {
		p.Ways[0].Mandate = ""
	}
	held, err := s.payments.HeldBack(ctx)
	if err != nil {
		return err
	}
	for _, h := range held {
		if h.CreditorID == creditorID {
			p.Held = money.Euros(h.Amount)
		}
	}
	return nil
}

func masked(id string) string {
	if len(id) < 9 {
		return id
	}
	return id[:5] + "…" + id[len(id)-4:]
}

// accountState names how far an account is.
func accountState(a *payments.Account) string {
	switch {
	case a == nil:
		return "none"
	case a.ChargesEnabled && a.DisabledReason == "":
		return "enabled"
	case !a.DetailsSubmitted:
		return "started"
	case a.DisabledReason != "" || len(a.Missing()) > 0:
		return "restricted"
	}
	return "waiting"
}

func (s *Server) createAccount(c echo.Context) error {
	m := who(c)
	address, err := s.payments.OpenAccount(c.Request().Context(), m.Actor, m.CreditorID, "/creditor/connect")
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, address)
}

func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
