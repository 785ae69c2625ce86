package portal

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/page"
)

// desk is what pages on terms stand on: the case, what of it can be planned and
// what its creditor says yes to in advance.
type desk struct {
	file    *negotiation.Case
	today   negotiation.Day
	policy  negotiation.Policy
	owed    money.Amount
	answers *negotiation.Offer // the counter-offer that is being answered; nil: none
}

// answering is the id of the counter-offer that terms would answer.
func (d *desk) answering() string {
	if d.answers == nil {
		return ""
	}
	return d.answers.ID
}

// answered passes on what was shown instead of a page on terms.
func answered(instead func() error, err error) error {
	if err != nil {
		return err
	}
	return instead()
}

// desk prepares a page on terms. Where none can be made now, instead shows the
// page for how things stand: why not, or the offer that is open.
func (s *Server) desk(c echo.Context) (d *desk, instead func() error, err error) {
	if who(c).Role == negotiation.RoleAdviser {
		return nil, nil, negotiation.Refuse(negotiation.Forbidden, "not_for_advisers")
	}
	file, gate, err := s.myCase(c)
	if err != nil {
		return nil, nil, err
	}
	d = &desk{file: file, today: gate.On}
	if reason := noTerms(file, gate.On); reason != "" {
		return d, func() error { return s.answerNoTerms(c, file, gate.On, reason) }, nil
	}
	open, answers := file.OpenOffer(), c.FormValue("answers")
	switch {
	case answers != "" && (open == nil || open.ID != answers || !open.WaitsFor(negotiation.SideDebtor)):
		if d.answers = file.Offer(answers); d.answers == nil {
			return nil, nil, echo.NewHTTPError(http.StatusNotFound)
		}
		return d, func() error { return s.answerLate(c, file, d.answers, "answered") }, nil
	case answers == "" && open != nil:
		return d, func() error { return s.answerLate(c, file, open, "open") }, nil
	case answers != "":
		d.answers = open
	}
	if d.owed, err = file.Plannable(d.today); err != nil {
		return nil, nil, err
	}
	d.policy, err = s.negotiation.PolicyOf(c.Request().Context(), file)
	return d, nil, err
}

// noTerms says why no terms can be made of a case now; empty where they can.
func noTerms(file *negotiation.Case, on negotiation.Day) string {
	r := negotiation.AsRefusal(file.PlansPossible(on))
	switch {
	case r != nil && len(r.Reasons) > 0:
		return string(r.Reasons[0])
	case r != nil:
		return r.Code
	}
	if owed, err := file.Plannable(on); err == nil && !owed.IsPositive() {
		return string(negotiation.HoldDisputed)
	}
	return ""
}

// answerNoTerms says why no terms can be made. A case that is over says so on
// its own page.
func (s *Server) answerNoTerms(c echo.Context, file *negotiation.Case, on negotiation.Day, reason string) error {
	if file.IsClosed() {
		return c.Redirect(http.StatusSeeOther, "/case")
	}
	statement, err := statementOf(file, on)
	if err != nil {
		return err
	}
	policy, err := s.negotiation.PolicyOf(c.Request().Context(), file)
	if err != nil {
		return err
	}
	return s.show(c, lateStatus(c), &page.NoTerms{
		Base: s.inCase(c, file), Creditor: file.Creditor.Name, Left: statement.Total, Shut: reason, Pause: file.PauseFor(policy, on).Days, Agent: s.agent(c),
	})
}

// lateStatus is that of a page shown in place of the one that was asked for:
// nothing is wrong with looking, but what was pressed did not happen.
func lateStatus(c echo.Context) int {
	if c.Request().Method == http.MethodGet {
		return http.StatusOK
	}
	return http.StatusConflict
}

// answerLate leads to an offer that stands in the way, or, where something was
// pressed, shows it and says that this came too late.
func (s *Server) answerLate(c echo.Context, file *negotiation.Case, o *negotiation.Offer, late string) error {
	if c.Request().Method == http.MethodGet {
		return c.Redirect(http.StatusSeeOther, offerPath(o.ID))
	}
	return s.answerOffer(c, http.StatusConflict, file, o, page.Form{}, late)
}

// onDesk fills what every page on terms carries.
func (s *Server) onDesk(c echo.Context, d *desk) page.Desk {
	return page.Desk{
		Creditor: d.file.Creditor.Name, Agent: s.agent(c), Left: d.owed, Contested: restContested(d), Rests: rests(d.file), Replaces: d.file.ActivePlan() != nil,
		Answers: d.answering(), AnswerBy: d.policy.AnswerBy(d.today),
	}
}

// restContested is what is owed and cannot be put in terms.
func restContested(d *desk) money.Amount {
	statement, err := d.file.Statement(d.today)
	if err != nil {
		return money.New(0, d.file.Currency)
	}
	return statement.Total.Sub(d.owed)
}

// rests says whether the creditor gives up interest while what is agreed is
// kept.
func rests(file *negotiation.Case) bool {
	return file.Mandate != nil && file.Mandate.InterestWaivedInPlans
}

// termsFields are what is typed on the pages on terms, and sent along from one
// to the next.
var termsFields = []string{"way", "amount", "count", "every", "first", "first_on", "total", "message"}

// sentAlong are the fields of a form that was typed, for the next page to send.
func sentAlong(d *desk, form page.Form) []page.Hidden {
	var fields []page.Hidden
	for _, name := range termsFields {
		if value := form.Value(name); value != "" && name != "message" {
			fields = append(fields, page.Hidden{Name: name, Value: value})
		}
	}
	if d.answers != nil {
		fields = append(fields, page.Hidden{Name: "answers", Value: d.answers.ID})
	}
	return fields
}

// readTerms reads terms of a kind. What does not make terms is noted in the
// form.
func readTerms(kind string, form *page.Form, owed money.Amount, refuse func(*negotiation.Refusal)) negotiation.Terms {
	terms := negotiation.Terms{Instalments: 1, Every: negotiation.Monthly}
	switch kind {
	case page.TermsTime:
		if way := form.Value("way"); way != "" && way != "own" {
			if terms.FirstDueOn = readDay(form, "way"); terms.FirstDueOn.IsZero() {
				form.Add("way", "choose_day")
			}
			return terms
		}
		if form.Value("way") == "" {
			form.Add("way", "choose_day")
			return terms
		}
	case page.TermsSettlement:
		if terms.Total = readSum(form, "total"); !form.Bad() && !terms.Total.IsPositive() {
			form.Add("total", "amount")
		}
	default:
		readInstalments(form, &terms, owed, refuse)
	}
	if terms.FirstDueOn = readDay(form, "first_on"); terms.FirstDueOn.IsZero() && form.Error("first_on") == nil {
		form.Add("first_on", "day")
	}
	return terms
}

// readInstalments reads in how many times: as suggested, by an amount each
// month, or in one's own way.
func readInstalments(form *page.Form, terms *negotiation.Terms, owed money.Amount, refuse func(*negotiation.Refusal)) {
	switch way := form.Value("way"); way {
	case "amount":
		each := readSum(form, "amount")
		if form.Error("amount") != nil {
			return
		}
		n, err := negotiation.InstalmentsFor(owed, each)
		if r := negotiation.AsRefusal(err); r != nil {
			refuse(r)
		}
		terms.Instalments = n
	case "own":
		terms.Every = negotiation.Rhythm(form.Value("every"))
		n, err := strconv.Atoi(strings.TrimSpace(form.Value("count")))
		if err != nil {
			form.Add("count", "number")
		}
		terms.Instalments = n
		if first := readSum(form, "first"); first.IsPositive() {
			terms.First = first
		}
	default:
		n, err := strconv.Atoi(way)
		if err != nil {
			form.Add("way", "choose_count")
		}
		terms.Instalments = n
	}
}

// termsKind is the kind of terms that a form is about.
func termsKind(typed string) string {
	switch typed {
	case page.TermsTime, page.TermsSettlement:
		return typed
	}
	return page.TermsPlan
}

// fieldOfTerms is the field of the page that a refusal of the domain is about.
func fieldOfTerms(kind string, form page.Form, field string) string {
	own := form.Value("way") == "own"
	switch field {
	case "instalments":
		switch {
		case kind != page.TermsPlan:
			return "first_on"
		case form.Value("way") == "amount":
			return "amount"
		case own:
			return "count"
		}
		return "way"
	case "first_due_on":
		if kind == page.TermsTime && !own {
			return "way"
		}
		return "first_on"
	}
	return field
}

// entered are the fields of a page on terms that would say these terms.
func (s *Server) entered(c echo.Context, terms negotiation.Terms) (kind string, values map[string]string) {
	l := s.language(c)
	values = map[string]string{"way": "own", "first_on": string(terms.FirstDueOn)}
	switch {
	case !terms.Total.IsZero():
		values["total"] = l.Entry(terms.Total)
		return page.TermsSettlement, values
	case terms.Instalments == 1:
		return page.TermsTime, values
	}
	values["count"], values["every"] = strconv.Itoa(terms.Instalments), string(terms.Every)
	if !terms.First.IsZero() {
		values["first"] = l.Entry(terms.First)
	}
	return page.TermsPlan, values
}

// shown is terms worked out, as a page tells them.
func shown(terms negotiation.Terms, owed money.Amount, schedule negotiation.Schedule) page.TermsShown {
	t := page.TermsShown{
		Kind: page.TermsPlan, Count: len(schedule), Every: string(terms.Every), Owed: owed, Total: schedule.Total(), Waived: owed.Sub(schedule.Total()),
		End: schedule.End(), First: owed.Zero(), Each: owed.Zero(),
	}
	switch {
	case t.Waived.IsPositive():
		t.Kind = page.TermsSettlement
	case len(schedule) == 1:
		t.Kind = page.TermsTime
	}
	for _, i := range schedule {
		t.Dates = append(t.Dates, page.DatedSum{On: i.DueOn, Amount: i.Amount})
	}
	if len(schedule) > 0 {
		t.Start, t.Each = schedule[0].DueOn, schedule[0].Amount
	}
	if len(schedule) > 1 && !terms.First.IsZero() {
		t.First, t.Each = schedule[0].Amount, schedule[1].Amount
	}
	return t
}
