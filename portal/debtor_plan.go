package portal

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/page"
)

// showTerms asks for terms of a kind: in several times, later, or less at once.
// Terms that answer a counter-offer begin with what it says.
func (s *Server) showTerms(kind string) echo.HandlerFunc {
	return func(c echo.Context) error {
		if wish := wishKind(kind); who(c).Role == negotiation.RoleAdviser && wish != "" {
			return s.showWish(wish)(c) // an offer recognises the debt; an adviser says what would help
		}
		d, instead, err := s.desk(c)
		if err != nil || instead != nil {
			return answered(instead, err)
		}
		form, carried := s.carried(c, kind, termsFields...)
		if d.answers != nil && !carried {
			if of, values := s.entered(c, d.answers.Of()); of == kind {
				form.Values = values
			}
		}
		return s.answerTerms(c, http.StatusOK, kind, d, s.kept(c, form))
	}
}

// reviewTerms reads terms and leads on: to the page on which they are read
// again, or back to the one that asks for them.
func (s *Server) reviewTerms(kind string) echo.HandlerFunc {
	return func(c echo.Context) error {
		live := c.FormValue("step") == stepPreview
		d, instead, err := s.desk(c)
		if err != nil || instead != nil && !live {
			return answered(instead, err)
		}
		form := typed(c, termsFields...)
		switch {
		case live && instead != nil:
			return c.NoContent(http.StatusConflict) // the button shows how things stand
		case live:
			return s.previewTerms(c, kind, d, form)
		case c.FormValue("step") == "change":
			return s.carry(c, termsPath(kind, d.answering()), kind, form, func() error { return s.answerTerms(c, http.StatusOK, kind, d, form) })
		}
		terms, considered, refused, err := s.consider(c, kind, d, &form)
		if err != nil || refused != 0 {
			return s.answerRefused(c, refused, kind, d, form, err)
		}
		return s.carry(c, reviewPath(kind, d.answering()), kind, form, func() error {
			return s.answerReviewOf(c, http.StatusOK, kind, d, terms, considered, form)
		})
	}
}

// showReview works terms out in dated amounts, asks the creditor's policy, and
// shows both before anything is sent.
func (s *Server) showReview(kind string) echo.HandlerFunc {
	return func(c echo.Context) error {
		d, instead, err := s.desk(c)
		if err != nil || instead != nil {
			return answered(instead, err)
		}
		form, ok := s.carried(c, kind, termsFields...)
		if !ok {
			return c.Redirect(http.StatusSeeOther, termsPath(kind, d.answering()))
		}
		terms, considered, refused, err := s.consider(c, kind, d, &form)
		if err != nil || refused != 0 {
			return s.answerRefused(c, refused, kind, d, form, err)
		}
		return s.answerReviewOf(c, http.StatusOK, kind, d, terms, considered, form)
	}
}

// consider reads terms and asks what they come to. A status other than 0 says
// that the form must come back with what is noted in it.
func (s *Server) consider(c echo.Context, kind string, d *desk, form *page.Form) (negotiation.Terms, *negotiation.Considered, int, error) {
	noted := func(r *negotiation.Refusal) {
		about := *r
		about.Field = fieldOfTerms(kind, *form, r.Field)
		note(form, s.language(c), &about)
	}
	terms := readTerms(kind, form, d.owed, noted)
	if form.Bad() {
		return terms, nil, http.StatusUnprocessableEntity, nil
	}
	considered, err := d.file.Review(d.policy, terms, d.today)
	if r := negotiation.AsRefusal(err); r != nil {
		noted(r)
		return terms, nil, status(r), nil
	}
	return terms, considered, 0, err
}

func (s *Server) answerRefused(c echo.Context, status int, kind string, d *desk, form page.Form, err error) error {
	if err != nil {
		return err
	}
	return s.answerTerms(c, status, kind, d, form)
}

// answerTerms shows the page that asks for terms of a kind.
func (s *Server) answerTerms(c echo.Context, status int, kind string, d *desk, form page.Form) error {
	on := s.onDesk(c, d)
	if form.Values == nil {
		form.Values = map[string]string{}
	}
	if form.Values["first_on"] == "" {
		form.Values["first_on"] = string(d.policy.FirstDay(d.today))
	}
	if message := form.Value("message"); message != "" {
		on.Hidden = append(on.Hidden, page.Hidden{Name: "message", Value: message})
	}
	if on.Answers != "" {
		on.Hidden = append(on.Hidden, page.Hidden{Name: "answers", Value: on.Answers})
	}
	var p interface {
		page.Page
		Here(path string)
	}
	var err error
	switch kind {
	case page.TermsTime:
		p, err = s.timeChoice(c, d, on, form)
	case page.TermsSettlement:
		p, err = s.rebateChoice(c, d, on, form)
	default:
		p, err = s.planChoice(c, d, on, form)
	}
	if err != nil {
		return err
	}
	if c.Request().Method == http.MethodPost {
		p.Here(termsPath(kind, on.Answers))
	}
	return s.show(c, status, p)
}

// termsPath is the page that asks for terms of a kind, in answer to a
// counter-offer if one is named.
func termsPath(kind, answers string) string { return answering("/case/"+kind, answers) }

// reviewPath is the page on which terms of a kind are read again.
func reviewPath(kind, answers string) string { return answering("/case/"+kind+"/review", answers) }

func answering(path, answers string) string {
	if answers != "" {
		path += "?answers=" + answers
	}
	return path
}

func (s *Server) planChoice(c echo.Context, d *desk, on page.Desk, form page.Form) (*page.PlanChoice, error) {
	p := &page.PlanChoice{Base: s.inCase(c, d.file), Desk: on, Form: form}
	if form.Values["every"] == "" {
		form.Values["every"] = string(negotiation.Monthly)
	}
	var err error
	if p.Suggestions, p.AtOnce, err = suggestions(d, ""); err != nil {
		return nil, err
	}
	p.Rebate, err = d.file.RebatePossible(d.policy, d.today)
	return p, err
}

func (s *Server) timeChoice(c echo.Context, d *desk, on page.Desk, form page.Form) (*page.TimeChoice, error) {
	p := &page.TimeChoice{Base: s.inCase(c, d.file), Desk: on, Pause: d.file.PauseFor(d.policy, d.today).Days, Form: form}
	var err error
	if p.Days, err = d.file.SuggestDays(d.policy, d.today); err != nil {
		return nil, err
	}
	if len(p.Days) == 0 {
		form.Values["way"] = "own"
		return p, nil
	}
	considered, err := d.file.Consider(d.policy, negotiation.Terms{Instalments: 1, FirstDueOn: p.Days[0]}, d.today)
	if err != nil {
		return nil, err
	}
	p.AtOnce = considered.Verdict.Answer == negotiation.Yes
	return p, nil
}

func (s *Server) rebateChoice(c echo.Context, d *desk, on page.Desk, form page.Form) (*page.RebateChoice, error) {
	p := &page.RebateChoice{Base: s.inCase(c, d.file), Desk: on, Form: form}
	var err error
	p.Possible, err = d.file.RebatePossible(d.policy, d.today)
	return p, err
}

// answerReviewOf shows terms worked out, with what the policy says of them.
func (s *Server) answerReviewOf(c echo.Context, status int, kind string, d *desk, terms negotiation.Terms, considered *negotiation.Considered, form page.Form) error {
	p := &page.TermsReview{
		Base: s.inCase(c, d.file), Desk: s.onDesk(c, d), Kind: kind, Shown: shown(terms, considered.Owed, considered.Schedule),
		Verdict: verdict(d, considered), Form: form,
	}
	if c.Request().Method == http.MethodPost {
		p.CurrentPath = termsPath(kind, d.answering())
	}
	var err error
	if p.ChargesText, err = s.chargesAsked(c, d.file); err != nil {
		return err
	}
	p.AskCharges = p.ChargesText != ""
	p.Hidden = append(sentAlong(d, form), page.Hidden{Name: "shown", Value: strconv.FormatInt(considered.Total.Minor, 10)},
		page.Hidden{Name: "replacing", Value: running(d.file)})
	if considered.Verdict.Answer != negotiation.No {
		return s.show(c, status, p)
	}
	p.Hidden = append(p.Hidden, page.Hidden{Name: "ask", Value: "yes"})
	if p.Verdict != page.VerdictNo {
		return s.show(c, status, p)
	}
	for _, r := range considered.Verdict.Reasons {
		p.Reasons = append(p.Reasons, outside(r, d, considered))
	}
	if terms.FirstDueOn.Before(p.AnswerBy) {
		p.AskFrom = p.AnswerBy
	}
	if near := considered.Verdict.Nearest; near != nil {
		inside, err := d.file.Consider(d.policy, *near, d.today)
		if err != nil {
			return err
		}
		of, values := s.entered(c, *near)
		p.Nearest = &page.Nearest{Kind: of, Shown: shown(*near, inside.Owed, inside.Schedule), Hidden: sentAlong(d, page.Form{Values: values})}
	}
	return s.show(c, status, p)
}

// running names the plan that new terms would replace.
func running(file *negotiation.Case) string {
	if plan := file.ActivePlan(); plan != nil {
		return plan.ID
	}
	return negotiation.NoPlan
}

// outside tells a limit in the reader's measures.
func outside(r negotiation.PolicyReason, d *desk, considered *negotiation.Considered) page.Reason {
	out := page.Reason{Code: r.Code, Values: []any{"creditor", d.file.Creditor.Name, "n", r.Limit}}
	switch r.Code {
	case "instalments_max":
		if r.Limit == 1 {
			out.Code = "instalments_none"
		}
	case "first_days_max":
		out.Values = append(out.Values, "day", d.today.Add(int(r.Limit)))
	case "instalment_min":
		out.Values = append(out.Values, "sum", money.New(r.Limit, d.file.Currency))
	case "rebate_max":
		if r.Limit == 0 {
			out.Code = "rebate_none"
		}
		out.Values = append(out.Values, "sum", considered.Owed.Sub(money.New(r.Limit, d.file.Currency)))
	}
	return out
}

// createOffer sends terms that were read again. What the policy takes is a plan
// at once; else the creditor answers.
func (s *Server) createOffer(c echo.Context) error {
	kind := termsKind(c.FormValue("kind"))
	d, instead, err := s.desk(c)
	if err != nil {
		return err
	}
	form := typed(c, append([]string{"recognise", "charges", chargesField}, termsFields...)...)
	if instead != nil {
		if s.sentAlready(d, kind, form) { // a second press on "send"
			return c.Redirect(http.StatusSeeOther, offerPath(d.file.OpenOffer().ID))
		}
		return instead()
	}
	terms, considered, refused, err := s.consider(c, kind, d, &form)
	if err != nil || refused != 0 {
		return s.answerRefused(c, refused, kind, d, form, err)
	}
	p := negotiation.Proposal{
		Terms: terms, Language: string(s.language(c)), Message: form.Value("message"), AskCreditor: c.FormValue("ask") == "yes",
		Answers: d.answering(), Replacing: c.FormValue("replacing"), Charges: ticked(form),
	}
	if form.Is("recognise", "yes") {
		p.Recognition = negotiation.RecognitionText
	}
	if seen, err := strconv.ParseInt(c.FormValue("shown"), 10, 64); err == nil {
		p.Seen = money.New(seen, d.file.Currency)
	}
	out, err := s.negotiation.Propose(c.Request().Context(), who(c).Actor, d.file.ID, p)
	if r := negotiation.AsRefusal(err); r != nil {
		return s.answerUnsent(c, kind, d, terms, considered, form, r)
	}
	if err != nil {
		return err
	}
	if out.Offer == nil { // what the creditor says yes to has changed meanwhile
		return s.answerReviewOf(c, http.StatusConflict, kind, d, terms, considered, form)
	}
	s.nudge()
	if out.Plan != nil {
		return c.Redirect(http.StatusSeeOther, agreementPath(out.Plan.ID))
	}
	return c.Redirect(http.StatusSeeOther, offerPath(out.Offer.ID))
}

// sentAlready says whether the open offer is what a form would send once more.
func (s *Server) sentAlready(d *desk, kind string, form page.Form) bool {
	open := d.file.OpenOffer()
	if open == nil || open.Side != negotiation.SideDebtor {
		return false
	}
	terms := readTerms(kind, &form, money.New(open.Owed, d.file.Currency), func(*negotiation.Refusal) {})
	return terms == open.Of()
}

// answerUnsent shows why terms were not sent, on the page they were read on or
// on the one for how things stand now.
func (s *Server) answerUnsent(c echo.Context, kind string, d *desk, terms negotiation.Terms, considered *negotiation.Considered, form page.Form, r *negotiation.Refusal) error {
	switch {
	case r.Code == "plan_changed":
		fresh, err := s.negotiation.Case(c.Request().Context(), who(c).Actor, d.file.ID)
		if err != nil {
			return err
		}
		if plan := fresh.ActivePlan(); plan != nil {
			return c.Redirect(http.StatusSeeOther, agreementPath(plan.ID))
		}
		return c.Redirect(http.StatusSeeOther, "/case")
	case r.Kind == negotiation.Conflict && r.Code != "amount_changed", r.Kind == negotiation.Blocked:
		_, instead, err := s.desk(c) // somebody was faster: read it all again
		if err == nil && instead == nil {
			return r
		}
		return answered(instead, err)
	case r.Code == "recognition_not_ticked":
		form.Add("recognise", "recognise_terms")
	default:
		note(&form, s.language(c), r)
	}
	return s.answerReviewOf(c, status(r), kind, d, terms, considered, form)
}
