package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/access"
	"amiable/portal/locale"
	"amiable/portal/page"
)

const (
	workPage     = 50    // rows of one page of the worklist
	workCountMax = 1_000 // beyond, the page says only that there are more
)

func (s *Server) worklistRoutes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, "/agent", Agents, s.showWorklist},
		{post, "/agent/assignments", Agents, s.createAssignments},
		{post, "/agent/views", Agents, s.createView},
		{post, "/agent/views/:view/end", Agents, s.endView},
		{post, "/agent/searches", Agents, s.searchCases},
		{get, "/agent/team", Supervisors, s.showTeam},
		{post, "/agent/hand-overs", Supervisors, s.createHandOver},
		{post, "/agent/cases/:case/assignment", Agents, s.createAssignment},
		{get, "/agent/cases/:case/calls/new", Agents, s.showLogCall},
		{post, "/agent/cases/:case/calls", Agents, s.createCall},
		{get, "/agent/cases/:case/approvals/new", Agents, s.showAskApproval},
		{post, "/agent/cases/:case/approvals", Agents, s.createApproval},
		{get, "/agent/cases/:case/approvals/:approval", Agents, s.showApproval},
		{post, "/agent/cases/:case/approvals/:approval", Agents, s.answerApproval},
		{post, "/agent/cases/:case/approvals/:approval/end", Agents, s.endApproval},
		{get, "/agent/users/:user/rights", Administrator, s.showAgentRights},
		{post, "/agent/users/:user/rights", Administrator, s.saveAgentRights},
	}
}

// Who the filter of the worklist asks for, besides an agent's id.
const (
	workMine   = "me"
	workNobody = "none"
)

// workDues are how far the filter of days looks ahead, in days.
var workDues = []struct {
	code string
	days int
}{{"late", -1}, {"today", 0}, {"week", 7}}

// workFilters are the names that a query of the worklist may hold: none of them
// carries words of a person.
var workFilters = []string{"who", "kind", "creditor", "due", "min"}

// viewQuery keeps of a query what is a filter.
func viewQuery(values url.Values) url.Values {
	kept := url.Values{}
	for _, name := range workFilters {
		if v := values.Get(name); v != "" && len(v) <= 40 {
			kept.Set(name, v)
		}
	}
	return kept
}

func (s *Server) showWorklist(c echo.Context) error {
	return s.answerWorklist(c, http.StatusOK, c.Request().URL.Query(), page.Form{})
}

// answerWorklist shows a page of the worklist as a query asks for it.
func (s *Server) answerWorklist(c echo.Context, status int, query url.Values, form page.Form) error {
	ctx, by := c.Request().Context(), who(c).Actor
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	team, err := s.access.Team(ctx, by)
	if err != nil {
		return err
	}
	p := &page.AgentHome{StaffBase: s.staffBase(c, "work"), Today: today, Form: form}
	kept := viewQuery(query)
	filter := readWorkFilter(by, kept, today)
	if p.Filter, err = s.workFilter(c, kept, team); err != nil {
		return err
	}
	if p.Views, err = s.views(c, kept); err != nil {
		return err
	}
	p.Agents = append(agentChoices(team, by), page.Choice{Label: p.Lang.T("worklist.nobody")})
	rows, err := s.negotiation.Worklist(ctx, by, filter, readWorkPlace(query), workPage+1)
	if err != nil {
		return err
	}
	if len(rows) > workPage {
		rows = rows[:workPage]
		next := viewQuery(kept)
		place := rows[workPage-1].Place()
		next.Set("after", string(place.RankOn)+"."+strconv.FormatInt(place.Amount, 10)+"."+place.ID)
		p.NextURL = "/agent?" + next.Encode()
	}
	if query.Get("after") != "" {
		p.FirstURL = agentURL(kept)
	} else if len(kept) == 0 {
		if p.House, err = s.houseWork(c); err != nil {
			return err
		}
	}
	if p.Total, err = s.negotiation.CountWork(ctx, filter, workCountMax+1); err != nil {
		return err
	}
	if p.Total > workCountMax {
		p.Total, p.AtLeast = workCountMax, true
	}
	for i := range rows {
		row := workRow(p.Lang, &rows[i], today)
		row.Agent = agentName(team, rows[i].AgentID)
		p.Work = append(p.Work, row)
	}
	return s.showConsole(c, status, p)
}

func agentURL(query url.Values) string {
	if len(query) == 0 {
		return "/agent"
	}
	return "/agent?" + query.Encode()
}

func agentName(team []access.User, id string) string {
	for i := range team {
		if team[i].ID == id {
			return team[i].Called()
		}
	}
	return ""
}

// agentChoices are the agents as one gives a case to them, oneself first.
func agentChoices(team []access.User, by negotiation.Actor) []page.Choice {
	var mine, others []page.Choice
	for i := range team {
		choice := page.Choice{Value: team[i].ID, Label: team[i].Called()}
		if team[i].ID == by.ID {
			mine = append(mine, choice)
		} else {
			others = append(others, choice)
		}
	}
	return append(mine, others...)
}

func readWorkFilter(by negotiation.Actor, query url.Values, today negotiation.Day) negotiation.WorkFilter {
	var f negotiation.WorkFilter
	switch asked := query.Get("who"); {
	case asked == workMine:
		f.Agent = &by.ID
	case asked == workNobody:
		nobody := ""
		f.Agent = &nobody
	case asked != "":
		f.Agent = &asked
	}
	if kind := query.Get("kind"); negotiation.KnownWork(kind) {
		f.Kinds = []negotiation.WorkKind{negotiation.WorkKind(kind)}
	}
	f.CreditorID = query.Get("creditor")
	for _, due := range workDues {
		if query.Get("due") == due.code {
			f.DueBy = today.Add(due.days)
		}
	}
	if sum, ok := amount(query.Get("min"), money.EUR); ok && query.Get("min") != "" {
		f.AmountMin = sum.Minor
	}
	return f
}

// readWorkPlace reads where a page begins; what cannot be read is the first row.
func readWorkPlace(query url.Values) *negotiation.WorkPlace {
	text := query.Get("after")
	if len(text) < 12 {
		return nil
	}
	on, ok := parseDay(text[:10])
	rest := text[11:]
	i := len(rest) - 37
	if !ok || i < 1 || !negotiation.ValidID(rest[i+1:]) {
		return nil
	}
	sum, err := strconv.ParseInt(rest[:i], 10, 64)
	if err != nil {
		return nil
	}
	return &negotiation.WorkPlace{RankOn: on, Amount: sum, ID: rest[i+1:]}
}

// workFilter is the form of the filters, as they stand.
func (s *Server) workFilter(c echo.Context, query url.Values, team []access.User) (page.WorkFilter, error) {
	l := s.language(c)
	f := page.WorkFilter{
		Who: query.Get("who"), Kind: query.Get("kind"), Creditor: query.Get("creditor"), Due: query.Get("due"), Min: query.Get("min"), Query: query.Encode(),
		Whos: []page.Choice{{Label: l.T("worklist.everybody")}, {Value: workMine, Label: l.T("worklist.mine")}, {Value: workNobody, Label: l.T("worklist.nobody")}},
	}
	for i := range team {
		if team[i].ID != who(c).ID {
			f.Whos = append(f.Whos, page.Choice{Value: team[i].ID, Label: team[i].Called()})
		}
	}
	for _, kind := range negotiation.WorkKinds() {
		f.Kinds = append(f.Kinds, page.Choice{Value: string(kind), Label: l.T("work." + string(kind))})
	}
	for _, due := range workDues {
		f.Dues = append(f.Dues, page.Choice{Value: due.code, Label: l.T("worklist.due." + due.code)})
	}
	creditors, err := s.negotiation.CreditorNames(c.Request().Context())
	if err != nil {
		return f, err
	}
	for _, creditor := range creditors {
		f.Creditors = append(f.Creditors, page.Choice{Value: creditor.ID, Label: creditor.Name})
	}
	return f, nil
}

// views are what is always there, and what the reader keeps.
func (s *Server) views(c echo.Context, query url.Values) ([]page.ViewLink, error) {
	l, shown := s.language(c), query.Encode()
	views := []page.ViewLink{{Name: l.T("worklist.everybody"), URL: "/agent"}, {Name: l.T("worklist.mine"), URL: "/agent?who=" + workMine}, {Name: l.T("worklist.nobody"), URL: "/agent?who=" + workNobody}}
	queries := []string{"", "who=" + workMine, "who=" + workNobody}
	kept, err := s.access.SavedViews(c.Request().Context(), who(c).Actor)
	if err != nil {
		return nil, err
	}
	for _, v := range kept {
		views = append(views, page.ViewLink{Name: v.Name, URL: "/agent?" + v.Query, DropURL: "/agent/views/" + v.ID + "/end"})
		queries = append(queries, v.Query)
	}
	for i := range views {
		views[i].On = queries[i] == shown
	}
	return views, nil
}

func (s *Server) createView(c echo.Context) error {
	form := typed(c, "name")
	asked, err := url.ParseQuery(c.FormValue("view"))
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest)
	}
	kept := viewQuery(asked)
	err = s.access.SaveView(c.Request().Context(), who(c).Actor, form.Values["name"], kept.Encode())
	if r := negotiation.AsRefusal(err); r != nil {
		note(&form, s.language(c), r)
		return s.answerWorklist(c, status(r), kept, form)
	}
	if err != nil {
		return err
	}
	kept.Set("done", "view_kept")
	return c.Redirect(http.StatusSeeOther, agentURL(kept))
}

func (s *Server) endView(c echo.Context) error {
	if err := s.access.DropView(c.Request().Context(), who(c).Actor, c.Param("view")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent?done=view_dropped")
}

// workRow is a row of the worklist as it is shown: by name, with its next step,
// its reason and its terms.
func workRow(l locale.Language, f *negotiation.FoundWork, today negotiation.Day) page.WorkRow {
	row := page.WorkRow{
		ID: f.ID, CaseID: f.CaseID, URL: workURL(&f.WorkItem), Who: f.DebtorName + " · " + f.CreditorName, Case: negotiation.GroupedReference(f.Reference),
		Due: f.DueOn, Late: f.DueOn.Before(today), Step: f.Step(), Why: "work." + string(f.Kind), Values: workValues(l, f),
	}
	for _, t := range f.Terms() {
		row.Terms = append(row.Terms, page.WorkTerm{Name: t.Name, Days: t.Days, On: t.On})
	}
	return row
}

// workValues are what the sentence of a row names.
func workValues(l locale.Language, f *negotiation.FoundWork) []any {
	values := []any{"sum", f.Sum(f.Currency), "number", f.Note, "name", f.Note, "day", f.DueOn}
	switch f.Kind {
	case negotiation.WorkInstalment:
		n, on := f.Line()
		values = []any{"n", n, "day", on}
	case negotiation.WorkPromise:
		values = []any{"sum", f.Sum(f.Currency), "day", negotiation.Day(f.Note)}
	case negotiation.WorkMessage:
		values = []any{"who", f.DebtorName}
		if f.Note == string(negotiation.SideCreditor) {
			values = []any{"who", f.CreditorName}
		}
	case negotiation.WorkUndelivered:
		letter := l.T("letter.other")
		if key := "letter." + f.Note; l.Has(key) {
			letter = l.T(key)
		}
		values = []any{"letter", letter}
	}
	return values
}

// workURL is the page on which a thing is done.
func workURL(w *negotiation.WorkItem) string {
	at := "/agent/cases/" + w.CaseID
	switch w.Kind {
	case negotiation.WorkOffer:
		return offerURL("agent", w.CaseID, w.SubjectID)
	case negotiation.WorkDispute:
		return disputeURL("agent", w.CaseID, w.SubjectID)
	case negotiation.WorkCallback:
		return at + "/calls/new?wish=" + w.SubjectID
	case negotiation.WorkHardship, negotiation.WorkPromise:
		return at + "/calls/new"
	case negotiation.WorkUndelivered:
		if w.SubjectID != w.CaseID {
			return at + "/parties/" + w.SubjectID + "/contacts"
		}
	case negotiation.WorkApproval:
		return at + "/approvals/" + w.SubjectID
	case negotiation.WorkMessage:
		return threadURL("agent", w.CaseID)
	case negotiation.WorkSituation:
		return situationURL(w.CaseID, w.SubjectID)
	case negotiation.WorkInstalment:
		return at + "#plan"
	case negotiation.WorkWish:
		return at + "#wishes"
	case negotiation.WorkRefund, negotiation.WorkUnclear:
		return at + "#payments"
	case negotiation.WorkIdentity, negotiation.WorkAddress, negotiation.WorkIndebted:
		return at + "#holds"
	}
	return at
}

// houseWork is what waits of the agency itself: it belongs to no case, and to
// everybody.
func (s *Server) houseWork(c echo.Context) ([]page.WorkRow, error) {
	ctx := c.Request().Context()
	rows, err := s.letterWork(c)
	if err != nil {
		return nil, err
	}
	waits, err := s.payments.HouseWaits(ctx, who(c).Actor)
	if err != nil {
		return nil, err
	}
	for _, list := range []struct {
		of   payments.HouseWork
		rows func(echo.Context) ([]page.WorkRow, error)
	}{
		{payments.HouseBank, s.bankWork}, {payments.HouseSuspense, s.suspenseWork}, {payments.HouseUnderway, s.lateWork}, {payments.HouseStuck, s.stuckWork},
		{payments.HouseBelowNothing, s.owingWork}, {payments.HouseStopped, s.stoppedWork}, {payments.HouseHeld, s.heldWork}, {payments.HouseChargebacks, s.chargebackWork},
		{payments.HouseRefunds, s.refundWork}, {payments.HouseNotifications, s.notificationWork},
	} {
		if !slices.Contains(waits, list.of) {
			continue
		}
		more, err := list.rows(c)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	halves, err := s.negotiation.Rates(ctx, 1)
	if err != nil {
		return nil, err
	}
	if first := halves[0].HalfYear.First(); !halves[0].Complete() {
		rows = append(rows, page.WorkRow{URL: "/agent/rates", Who: s.language(c).Day(first), Due: first, Step: "enter_rates", Why: "rates_missing"})
	}
	return rows, nil
}

// notificationWork is what the payment service told and could not be applied.
func (s *Server) notificationWork(c echo.Context) (rows []page.WorkRow, err error) {
	waiting, err := s.payments.WaitingNotifications(c.Request().Context(), worklistMax)
	for _, w := range waiting {
		rows = append(rows, page.WorkRow{URL: workPath, Who: w.Type, Due: negotiation.DayOf(w.CreatedAt), Step: "read_problem", Why: "not_applied"})
	}
	return rows, err
}
