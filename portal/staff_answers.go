package portal

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/locale"
	"amiable/portal/page"
)

// actingFor is as whom somebody answers. A creditor's user acts as themselves;
// an agent for the agency, or for whom the form names: the creditor, or a party
// on the phone.
func actingFor(c echo.Context, file *negotiation.Case, form *page.Form) (negotiation.Actor, bool) {
	by := who(c).Actor
	if !by.IsStaff() {
		return by, true
	}
	switch as := form.Values["as"]; {
	case as == "" || as == "agency":
	case as == "creditor":
		by.OnBehalfOf = file.CreditorID
	case file.Party(as) != nil:
		by.OnBehalfOf = as
	default:
		form.Add("as", "choose")
		return by, false
	}
	return by, true
}

// tooLate answers a refusal on an offer with the page of what is so now: a
// field to correct keeps the form open, anything else is told on top.
func (s *Server) tooLate(c echo.Context, form page.Form, r *negotiation.Refusal) error {
	l := s.language(c)
	if r.Kind == negotiation.NotFound {
		return r
	}
	if r.Kind == negotiation.Invalid && r.Field != "" {
		note(&form, l, r)
		return s.answerStaffOffer(c, status(r), form, "")
	}
	return s.answerStaffOffer(c, status(r), form, words(l, r))
}

func (s *Server) acceptOffer(c echo.Context) error {
	ctx := c.Request().Context()
	form := typed(c, "as", "note", "recognise", "reason")
	file, err := s.negotiation.Case(ctx, who(c).Actor, c.Param("case"))
	if err != nil {
		return err
	}
	by, ok := actingFor(c, file, &form)
	if !ok {
		return s.answerStaffOffer(c, http.StatusUnprocessableEntity, form, "")
	}
	y := negotiation.Assent{Language: string(s.language(c)), Note: form.Values["note"]}
	if form.Is("recognise", "yes") {
		y.Recognition = negotiation.RecognitionText
	}
	if offer := file.Offer(c.Param("offer")); offer != nil && offer.State == negotiation.OfferAccepted && by.Role == negotiation.RoleCreditor {
		return c.Redirect(http.StatusSeeOther, offerURL(console(c), file.ID, offer.ID)) // a second click: it is accepted
	}
	out, err := s.negotiation.AcceptOffer(ctx, by, file.ID, c.Param("offer"), y)
	if r := negotiation.AsRefusal(err); r != nil {
		if r.Code == "recognition_not_ticked" {
			r = negotiation.Refuse(negotiation.Invalid, "recognition_not_read").On("recognise")
		}
		return s.tooLate(c, form, r)
	}
	if err != nil {
		return err
	}
	s.nudge()
	if out.Offer == nil { // what was owed changed, and nothing is left to agree
		return s.answerStaffOffer(c, http.StatusConflict, form, s.language(c).T("refusal.nothing_left_to_pay"))
	}
	done := "offer_accepted"
	if out.Renewed {
		done = "offer_renewed"
	}
	return c.Redirect(http.StatusSeeOther, offerURL(console(c), file.ID, out.Offer.ID)+"?done="+done)
}

// rejectOffer says no, with a reason at one tap or in words of one's own. What
// is told to the debtor is told in their language.
func (s *Server) rejectOffer(c echo.Context) error {
	ctx := c.Request().Context()
	form := typed(c, "as", "note", "reason")
	file, err := s.negotiation.Case(ctx, who(c).Actor, c.Param("case"))
	if err != nil {
		return err
	}
	by, ok := actingFor(c, file, &form)
	if !ok {
		return s.answerStaffOffer(c, http.StatusUnprocessableEntity, form, "")
	}
	reason := form.Values["reason"]
	if key := "offers.preset." + c.FormValue("preset") + ".said"; c.FormValue("preset") != "" && locale.French.Has(key) {
		reason = partyLanguage(file).T(key)
	}
	err = s.negotiation.RejectOffer(ctx, by, file.ID, c.Param("offer"), reason, form.Values["note"])
	if r := negotiation.AsRefusal(err); r != nil {
		return s.tooLate(c, form, r)
	}
	if err != nil {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, offerURL(console(c), file.ID, c.Param("offer"))+"?done=offer_rejected")
}

// partyLanguage is the language of the one who owes.
func partyLanguage(file *negotiation.Case) locale.Language {
	if party := file.MainParty(); party != nil {
		if l, ok := locale.Parse(party.Person.Language); ok {
			return l
		}
	}
	return locale.French
}

func (s *Server) withdrawOffer(c echo.Context) error {
	err := s.negotiation.WithdrawOffer(c.Request().Context(), who(c).Actor, c.Param("case"), c.Param("offer"))
	if r := negotiation.AsRefusal(err); r != nil {
		return s.tooLate(c, page.Form{}, r)
	}
	if err != nil {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, offerURL(console(c), c.Param("case"), c.Param("offer"))+"?done=offer_withdrawn")
}

var staffTermsFields = []string{"instalments", "every", "first_due_on", "first", "total", "message", "seen", "as", "note", "recognise"}

// termsIn reads terms as they were typed; what cannot be read is noted in the
// form.
func termsIn(form *page.Form) negotiation.Terms {
	t := negotiation.Terms{
		Instalments: readNumber(form, "instalments"), Every: negotiation.Rhythm(form.Values["every"]), FirstDueOn: readDay(form, "first_due_on"),
		First: readSum(form, "first"), Total: readSum(form, "total"),
	}
	if strings.TrimSpace(form.Values["instalments"]) == "" {
		form.Add("instalments", "required")
	}
	if strings.TrimSpace(form.Values["first_due_on"]) == "" {
		form.Add("first_due_on", "required")
	}
	if t.Instalments == 1 {
		t.Every = ""
	}
	return t
}

// termsTyped are terms as they stand in a form.
func termsTyped(l locale.Language, t negotiation.Terms) page.Form {
	form := page.Form{Values: map[string]string{"instalments": l.Number(int64(t.Instalments)), "every": string(t.Every), "first_due_on": string(t.FirstDueOn)}}
	if form.Values["every"] == "" {
		form.Values["every"] = string(negotiation.Monthly)
	}
	if !t.First.IsZero() {
		form.Values["first"] = l.Entry(t.First)
	}
	if !t.Total.IsZero() {
		form.Values["total"] = l.Entry(t.Total)
	}
	return form
}

// showCounter offers the terms that would pass, ready to be changed and sent.
func (s *Server) showCounter(c echo.Context) error {
	o, offer, err := s.openOffer(c)
	if err != nil {
		return err
	}
	if offer.State != negotiation.OfferOpen {
		return c.Redirect(http.StatusSeeOther, offerURL(console(c), o.file.ID, offer.ID))
	}
	policy, err := s.negotiation.PolicyOf(c.Request().Context(), o.file)
	if err != nil {
		return err
	}
	terms := offer.Of()
	if considered, err := o.file.Consider(policy, terms, o.gate.On); err == nil && considered.Verdict.Nearest != nil {
		terms = *considered.Verdict.Nearest
	}
	terms.FirstDueOn = max(terms.FirstDueOn, o.gate.On)
	return s.answerStaffTerms(c, http.StatusOK, s.kept(c, termsTyped(s.language(c), terms)), o, offer, false)
}

func (s *Server) openOffer(c echo.Context) (*opened, *negotiation.Offer, error) {
	o, err := s.openCase(c)
	if err != nil {
		return nil, nil, err
	}
	offer := o.file.Offer(c.Param("offer"))
	if offer == nil {
		return nil, nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return o, offer, nil
}

// answerStaffTerms prints the form of terms with the dates that they come to. offer
// is the one that they answer; nil where they answer none.
func (s *Server) answerStaffTerms(c echo.Context, status int, form page.Form, o *opened, offer *negotiation.Offer, reread bool) error {
	of := console(c)
	at := "/" + of + "/cases/" + o.file.ID
	p := &page.OfferForm{
		StaffBase: s.staffBase(c, "offers"), Row: openRow(of, o.file, o.gate, o.statement.Total), Action: at + "/offers", BackURL: at, Reread: reread, Form: form,
	}
	owed, err := o.file.Plannable(o.gate.On)
	if err != nil {
		return err
	}
	p.Owed = owed
	if offer != nil {
		p.Number, p.Action, p.BackURL = int(offer.Number), at+"/offers/"+offer.ID+"/counter", at+"/offers/"+offer.ID
		asked, _ := termsLine(offer.Of(), owed)
		p.Asked = &asked
	}
	if of == "agent" {
		p.As = s.asChoices(c, o.file, offer)
	}
	policy, err := s.negotiation.PolicyOf(c.Request().Context(), o.file)
	if err != nil {
		return err
	}
	quiet := page.Form{Values: form.Values} // what cannot be read is said once, by who reads it to send it
	terms := termsIn(&quiet)
	if considered, err := o.file.Consider(policy, terms, o.gate.On); err == nil && !quiet.Bad() {
		line, _ := termsLine(terms, owed)
		says := policySays(considered.Verdict, policy.Version, owed)
		p.Terms, p.Says, p.Schedule, p.Seen = &line, &says, instalmentRows(considered.Schedule), fingerprint(considered.Schedule)
	}
	return s.showConsole(c, status, p)
}

// fingerprint names the dated amounts that were shown, so that no others are
// sent by the same page.
func fingerprint(schedule negotiation.Schedule) string {
	return string(schedule.End()) + " " + schedule.Total().String() + " " + schedule[0].Amount.String() + " " + string(schedule[0].DueOn)
}

// asChoices are in whose name an agent may put terms.
func (s *Server) asChoices(c echo.Context, file *negotiation.Case, offer *negotiation.Offer) []page.Choice {
	l := s.language(c)
	agency := []page.Choice{{Value: "agency", Label: l.T("offers.as.agency")}, {Value: "creditor", Label: l.T("offers.as.creditor", "name", file.Creditor.Name)}}
	var parties []page.Choice
	for i := range file.Parties {
		if party := &file.Parties[i]; party.Role != negotiation.PartyAdviser {
			parties = append(parties, page.Choice{Value: party.ID, Label: l.T("offers.as.party", "name", party.Person.Name)})
		}
	}
	switch {
	case offer == nil:
		return append(agency, parties...)
	case offer.WaitsFor(negotiation.SideDebtor):
		return parties
	}
	return agency
}

func (s *Server) createCounter(c echo.Context) error {
	o, offer, err := s.openOffer(c)
	if err != nil {
		return err
	}
	return s.putTerms(c, o, offer)
}

func (s *Server) showNewOffer(c echo.Context) error {
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	if r := negotiation.AsRefusal(o.file.PlansPossible(o.gate.On)); r != nil {
		return r
	}
	policy, err := s.negotiation.PolicyOf(c.Request().Context(), o.file)
	if err != nil {
		return err
	}
	first := o.gate.On.Add(min(30, policy.FirstDaysMax))
	terms := negotiation.Terms{Instalments: min(3, max(1, policy.InstalmentsMax)), Every: negotiation.Monthly, FirstDueOn: first}
	if suggested, err := o.file.Suggest(policy, o.gate.On, first); err == nil && len(suggested) > 0 {
		terms = suggested[0]
	}
	return s.answerStaffTerms(c, http.StatusOK, s.kept(c, termsTyped(s.language(c), terms)), o, nil, false)
}

func (s *Server) createStaffOffer(c echo.Context) error {
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	return s.putTerms(c, o, nil)
}

// putTerms sends terms whose dates were seen; others are shown with theirs
// first.
func (s *Server) putTerms(c echo.Context, o *opened, offer *negotiation.Offer) error {
	ctx := c.Request().Context()
	form := typed(c, staffTermsFields...)
	by, _ := actingFor(c, o.file, &form)
	terms := termsIn(&form)
	if form.Bad() {
		return s.answerStaffTerms(c, http.StatusUnprocessableEntity, form, o, offer, false)
	}
	policy, err := s.negotiation.PolicyOf(ctx, o.file)
	if err != nil {
		return err
	}
	considered, err := o.file.Consider(policy, terms, o.gate.On)
	if r := negotiation.AsRefusal(err); r != nil {
		note(&form, s.language(c), r)
		return s.answerStaffTerms(c, status(r), form, o, offer, false)
	} else if err != nil {
		return err
	}
	if c.FormValue("step") == "see" {
		return s.answerStaffTerms(c, http.StatusOK, form, o, offer, false)
	}
	if form.Values["seen"] != fingerprint(considered.Schedule) {
		return s.answerStaffTerms(c, http.StatusOK, form, o, offer, true)
	}
	p := negotiation.Proposal{
		Terms: terms, Message: form.Values["message"], Seen: considered.Total, Language: string(s.language(c)), AskCreditor: true, Note: form.Values["note"],
	}
	if form.Is("recognise", "yes") {
		p.Recognition = negotiation.RecognitionText
	}
	if offer != nil {
		p.Answers = offer.ID
	}
	out, err := s.negotiation.Propose(ctx, by, o.file.ID, p)
	if r := negotiation.AsRefusal(err); r != nil {
		if r.Code == "recognition_not_ticked" {
			r = negotiation.Refuse(negotiation.Invalid, "recognition_not_read").On("recognise")
		}
		if offer != nil && r.Kind == negotiation.Conflict {
			return s.tooLate(c, page.Form{}, r)
		}
		note(&form, s.language(c), r)
		return s.answerStaffTerms(c, status(r), form, o, offer, false)
	}
	if err != nil {
		return err
	}
	s.nudge()
	done := "offer_made"
	if out.Plan != nil {
		done = "offer_accepted"
	}
	return c.Redirect(http.StatusSeeOther, offerURL(console(c), o.file.ID, out.Offer.ID)+"?done="+done)
}
