package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/locale"
	"amiable/portal/page"
)

// What the policy's page shows.
const (
	rebateRowsMax = 8  // of the form
	replayed      = 40 // past offers that a policy is asked about
)

func policyRoutes(s *Server) []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, "/creditor/policy", Creditors, s.showPolicy},
		{post, "/creditor/policy", Creditors, s.savePolicy},
		{get, "/agent/creditors/:creditor/policy", Administrator, s.showPolicy},
		{post, "/agent/creditors/:creditor/policy", Administrator, s.savePolicy},
	}
}

// policyOn is whose policy a page is about, and of which mandate.
type policyOn struct {
	creditor *negotiation.Creditor
	mandate  *negotiation.Mandate
	others   []negotiation.Mandate
	today    negotiation.Day
}

// policyOf finds the creditor of the page and the mandate whose policy it is:
// the one that is named, else the newest in force, else the newest.
func (s *Server) policyOf(c echo.Context) (*policyOn, error) {
	ctx := c.Request().Context()
	id := c.Param("creditor")
	if who(c).Role == negotiation.RoleCreditor {
		id = who(c).CreditorID
	}
	if !negotiation.ValidID(id) {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	creditor, err := s.negotiation.Creditor(ctx, id)
	if err != nil {
		return nil, err
	}
	on := &policyOn{creditor: creditor}
	if on.today, err = s.negotiation.Today(ctx); err != nil {
		return nil, err
	}
	mandates, err := s.negotiation.Mandates(ctx, creditor.ID)
	if err != nil {
		return nil, err
	}
	named := c.FormValue("mandate")
	for i := range mandates {
		m := &mandates[i]
		if m.ID == named || (named == "" && on.mandate == nil && m.InForce(on.today)) {
			on.mandate = m
		}
	}
	if on.mandate == nil && named != "" {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	if on.mandate == nil && len(mandates) > 0 {
		on.mandate = &mandates[0]
	}
	for i := range mandates {
		if on.mandate != nil && mandates[i].ID != on.mandate.ID {
			on.others = append(on.others, mandates[i])
		}
	}
	return on, nil
}

func (s *Server) showPolicy(c echo.Context) error {
	on, err := s.policyOf(c)
	if err != nil {
		return err
	}
	p := negotiation.NoPolicy()
	if on.mandate != nil {
		versions, err := s.negotiation.Policies(c.Request().Context(), on.mandate.ID)
		if err != nil {
			return err
		}
		if len(versions) > 0 {
			p = versions[0].Policy
		}
	}
	form := s.kept(c, policyTyped(s.language(c), p))
	return s.answerPolicy(c, http.StatusOK, on, form, &p)
}

// answerPolicy prints the form, and below it what the policy would mean; none
// where what was typed is no policy yet.
func (s *Server) answerPolicy(c echo.Context, status int, on *policyOn, form page.Form, preview *negotiation.Policy) error {
	ctx, of := c.Request().Context(), console(c)
	p := &page.Policy{StaffBase: s.staffBase(c, "policy"), Creditor: on.creditor.Name, Action: "/creditor/policy", Form: form}
	p.ReadOnly = of == "creditor" && !who(c).DecidesAll()
	if of == "agent" {
		p.Current = "creditors"
		p.BackURL = "/agent/creditors/" + on.creditor.ID
		p.Action = p.BackURL + "/policy"
	}
	if on.mandate == nil {
		return s.showConsole(c, status, p)
	}
	p.Mandate, p.MandateID = on.mandate.Reference, on.mandate.ID
	for _, m := range on.others {
		p.Others = append(p.Others, page.Choice{Value: p.Action + "?mandate=" + m.ID, Label: m.Reference})
	}
	rows := 3
	for i := 1; i <= rebateRowsMax; i++ {
		if form.Value(fmt.Sprintf("rebate_%d_percent", i)) != "" {
			rows = min(max(rows, i+1), rebateRowsMax)
		}
	}
	for i := range rows {
		p.Rebates = append(p.Rebates, i+1)
	}
	versions, err := s.negotiation.Policies(ctx, on.mandate.ID)
	if err != nil {
		return err
	}
	for i, v := range versions {
		if i == 0 {
			p.Version = v.Version
		}
		p.Versions = append(p.Versions, page.PolicyVersionRow{Version: v.Version, By: v.ByName, At: v.At})
	}
	if preview != nil {
		if p.Preview, err = s.previewPolicy(c, on, *preview, &form); err != nil {
			return err
		}
		p.Form = form
	}
	return s.showConsole(c, status, p)
}

// previewPolicy works out what a sample debtor would be offered, and what the
// policy would have said of the offers that were made.
func (s *Server) previewPolicy(c echo.Context, on *policyOn, p negotiation.Policy, form *page.Form) (*page.PolicyPreview, error) {
	quiet := page.Form{Values: form.Values}
	owed, days, ask := readSum(&quiet, "sample_owed"), readNumber(&quiet, "sample_days"), readNumber(&quiet, "sample_ask")
	if quiet.Bad() || !owed.IsPositive() || days < 0 || days > 36500 || ask < 1 {
		if !form.Bad() {
			form.Errors = append(form.Errors, quiet.Errors...)
		}
		owed, days, ask = money.Euros(1_200_00), 60, 10
	}
	first := on.today.Add(min(30, p.FirstDaysMax))
	due := on.today.Add(-days)
	shown := &page.PolicyPreview{Owed: owed, Days: days}
	for _, terms := range p.Suggest(owed, due, on.today, first) {
		line, _ := termsLine(terms, owed)
		shown.Suggestions = append(shown.Suggestions, line)
	}
	judge := func(terms negotiation.Terms) (negotiation.Verdict, error) {
		return p.Judge(negotiation.Asked{Terms: terms, Balance: owed, OldestDue: due, Today: on.today})
	}
	shown.Least = owed
	if verdict, err := judge(negotiation.Terms{Instalments: 1, FirstDueOn: on.today, Total: money.Euros(1)}); err == nil && verdict.Nearest != nil && !verdict.Nearest.Total.IsZero() {
		shown.Least = verdict.Nearest.Total
	}
	asked := negotiation.Terms{Instalments: ask, Every: negotiation.Monthly, FirstDueOn: first}
	verdict, err := judge(asked)
	if r := negotiation.AsRefusal(err); r != nil {
		asked.Instalments = 10
		if verdict, err = judge(asked); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	shown.Asked, _ = termsLine(asked, owed)
	shown.Says = policySays(verdict, p.Version, owed)
	past, err := s.negotiation.Replay(c.Request().Context(), on.creditor.ID, p, replayed)
	if err != nil {
		return nil, err
	}
	for i := range past {
		o := &past[i].Offer
		row := page.ReplayRow{On: o.AsOf, Case: negotiation.GroupedReference(past[i].Case), URL: offerURL(console(c), o.CaseID, o.ID), State: offerState(o)}
		row.Terms, _ = termsLine(o.Of(), money.Euros(o.Owed))
		row.Says = policySays(past[i].Verdict, p.Version, money.Euros(o.Owed))
		shown.Replay = append(shown.Replay, row)
		shown.Now.Of++
		switch past[i].Verdict.Answer {
		case negotiation.Yes:
			shown.Now.Yes++
		case negotiation.Refer:
			shown.Now.Refer++
		case negotiation.No:
			shown.Now.No++
		}
	}
	return shown, nil
}

// moneyFields are the fields of the policy's form that hold sums: their bounds
// are told as sums.
var moneyFields = []string{"instalment_min", "person_above", "agent_owed_max"}

func (s *Server) savePolicy(c echo.Context) error {
	on, err := s.policyOf(c)
	if err != nil {
		return err
	}
	if on.mandate == nil {
		return negotiation.Refuse(negotiation.Conflict, "policy_needs_mandate")
	}
	form, p := policyIn(c)
	if form.Bad() {
		return s.answerPolicy(c, http.StatusUnprocessableEntity, on, form, nil)
	}
	if err := p.Check(); err != nil {
		return s.policyRefused(c, on, form, err)
	}
	if c.FormValue("step") != "save" {
		return s.answerPolicy(c, http.StatusOK, on, form, &p)
	}
	if _, err := s.negotiation.SetPolicy(c.Request().Context(), who(c).Actor, on.mandate.ID, p); err != nil {
		return s.policyRefused(c, on, form, err)
	}
	to := "/creditor/policy"
	if console(c) == "agent" {
		to = "/agent/creditors/" + on.creditor.ID + "/policy"
	}
	return c.Redirect(http.StatusSeeOther, to+"?mandate="+on.mandate.ID+"&done=policy_set")
}

func (s *Server) policyRefused(c echo.Context, on *policyOn, form page.Form, err error) error {
	r := negotiation.AsRefusal(err)
	if r == nil || r.Kind == negotiation.NotFound {
		return err
	}
	if slices.Contains(moneyFields, r.Field) {
		for name, bound := range r.Facts {
			if minor, ok := bound.(int64); ok {
				r.Facts[name] = money.Euros(minor)
			}
		}
	}
	if strings.HasPrefix(r.Field, "rebate_") {
		r.Field += "_percent"
	}
	note(&form, s.language(c), r)
	return s.answerPolicy(c, status(r), on, form, nil)
}

// policyTyped is a policy as it stands in the form, with a sample to look at.
func policyTyped(l locale.Language, p negotiation.Policy) page.Form {
	number := func(n int) string { return strconv.Itoa(n) }
	sum := func(minor int64) string {
		if minor == 0 {
			return ""
		}
		return l.Entry(money.Euros(minor))
	}
	v := map[string]string{
		"instalments_max": number(max(1, p.InstalmentsMax)), "months_max": number(p.MonthsMax), "instalment_min": sum(p.InstalmentMin), "first_days_max": number(p.FirstDaysMax),
		"skips_max": number(p.SkipsMax), "move_days_max": number(p.MoveDaysMax), "at_once": "no", "person_above": sum(p.PersonAbove), "answer_days": "",
		"breathing_days": number(p.BreathingDays), "agent_owed_max": sum(p.AgentOwedMax), "sample_owed": l.Entry(money.Euros(1_200_00)), "sample_days": "60", "sample_ask": "10",
	}
	if p.AtOnce {
		v["at_once"] = "yes"
	}
	if p.AnswerDays > 0 {
		v["answer_days"] = number(p.AnswerDays)
	}
	for i, r := range p.Rebates {
		at := fmt.Sprintf("rebate_%d_", i+1)
		v[at+"days"], v[at+"owed"] = number(r.DaysLate), sum(r.OwedMax)
		v[at+"percent"] = l.Entry(money.Euros(r.BasisPoints)) // 8,50 % reads like 8,50 €
	}
	return page.Form{Values: v}
}

// policyIn reads the form.
func policyIn(c echo.Context) (page.Form, negotiation.Policy) {
	fields := []string{
		"mandate", "instalments_max", "months_max", "instalment_min", "first_days_max", "skips_max", "move_days_max", "at_once", "person_above", "answer_days",
		"breathing_days", "agent_owed_max", "sample_owed", "sample_days", "sample_ask",
	}
	for i := 1; i <= rebateRowsMax; i++ {
		fields = append(fields, fmt.Sprintf("rebate_%d_days", i), fmt.Sprintf("rebate_%d_percent", i), fmt.Sprintf("rebate_%d_owed", i))
	}
	form := typed(c, fields...)
	for _, required := range []string{"instalments_max", "months_max", "first_days_max"} {
		if strings.TrimSpace(form.Values[required]) == "" {
			form.Add(required, "required")
		}
	}
	p := negotiation.Policy{
		InstalmentsMax: readNumber(&form, "instalments_max"), MonthsMax: readNumber(&form, "months_max"), InstalmentMin: readSum(&form, "instalment_min").Minor,
		FirstDaysMax: readNumber(&form, "first_days_max"), SkipsMax: readNumber(&form, "skips_max"), MoveDaysMax: readNumber(&form, "move_days_max"),
		AtOnce: form.Is("at_once", "yes"), PersonAbove: readSum(&form, "person_above").Minor, AnswerDays: readNumber(&form, "answer_days"),
		BreathingDays: readNumber(&form, "breathing_days"), AgentOwedMax: readSum(&form, "agent_owed_max").Minor,
	}
	if !form.Is("at_once", "yes") && !form.Is("at_once", "no") {
		form.Add("at_once", "choose")
	}
	for i := 1; i <= rebateRowsMax; i++ {
		at := fmt.Sprintf("rebate_%d_", i)
		r := negotiation.Rebate{DaysLate: readNumber(&form, at+"days"), BasisPoints: readPercent(&form, at+"percent"), OwedMax: readSum(&form, at+"owed").Minor}
		if r != (negotiation.Rebate{}) {
			p.Rebates = append(p.Rebates, r)
		}
	}
	return form, p
}

// readNumber reads a field that holds a whole number; a bad one is noted in the
// form, an empty one is none.
func readNumber(form *page.Form, field string) int {
	text := strings.TrimSpace(form.Values[field])
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1_000_000 {
		form.Add(field, "number")
		return 0
	}
	return n
}
