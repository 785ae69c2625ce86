package portal

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/page"
)

// agentDisputeRoutes are what an agent alone does on a dispute.
func (s *Server) agentDisputeRoutes() []Route {
	const post = http.MethodPost
	at := staffDisputePath("agent")
	return []Route{
		{post, at + "/taking-up", Agents, s.createTakingUp},
		{post, at + "/steps", Agents, s.createSheetStep},
		{post, at + "/resolution", Agents, s.createResolution},
		{post, at + "/replies", Agents, s.createReplyFor},
		{post, at + "/withdrawal", Agents, s.createWithdrawalFor},
	}
}

// agentSheetActs says what an agent may do about an open dispute now.
func (s *Server) agentSheetActs(c echo.Context, p *page.DisputeSheet, file *negotiation.Case, f *negotiation.DisputeFile, at string) {
	l := s.language(c)
	p.Acts.Withdraw = at + "/withdrawal"
	for i := range file.Parties {
		if party := &file.Parties[i]; party.Role != negotiation.PartyAdviser {
			p.Acts.Parties = append(p.Acts.Parties, page.Choice{Value: party.ID, Label: party.Person.Name})
		}
	}
	switch f.State {
	case negotiation.DisputeOpened:
		p.Acts.Answer, p.Acts.TakeUp = at+"/answer", at+"/taking-up"
	case negotiation.DisputeAnswered:
		p.Acts.Reply, p.Acts.TakeUp = at+"/replies", at+"/taking-up"
	case negotiation.DisputeMediation:
		p.Acts.Write, p.Acts.Resolve = at+"/steps", at+"/resolution"
		for _, way := range p.Ways {
			choice := page.Choice{Value: way.ID, Label: l.T("mediation.way.choice", "way", l.T("way."+way.Way), "sum", way.Sum)}
			p.Acts.Put = append(p.Acts.Put, choice)
			if way.Debtor == "yes" && way.Creditor == "yes" {
				p.Acts.Taken = append(p.Acts.Taken, choice)
			}
		}
		if len(p.Ways) > 0 {
			p.Acts.Ways = at + "/ways"
			p.Acts.Sides = append([]page.Choice{{Value: "creditor", Label: file.Creditor.Name}}, p.Acts.Parties...)
		}
	}
}

// sheetDone answers an act on a dispute: with where it stands now. A field to
// correct keeps the form open; fields are what the form calls what the domain
// names. Anything else is told on top.
func (s *Server) sheetDone(c echo.Context, form page.Form, err error, done string, fields map[string]string) error {
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		if r.Field == "" {
			return s.answerSheet(c, status(r), page.Form{}, words(s.language(c), r))
		}
		if called := fields[r.Field]; called != "" {
			r.Field = called
		}
		note(&form, s.language(c), r)
		return s.answerSheet(c, status(r), form, "")
	}
	if err != nil {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, disputeURL(console(c), c.Param("case"), c.Param("dispute"))+"?done="+done)
}

// createDisputeAnswer is the creditor's answer; an agent writes it down with a
// note of how it was said.
func (s *Server) createDisputeAnswer(c echo.Context) error {
	form := typed(c, "answer", "amount", "message", "note")
	o, f, err := s.openDispute(c)
	if err != nil {
		return err
	}
	files, err := s.stepFiles(c, &form)
	if err != nil {
		return err
	}
	by := who(c).Actor
	if by.IsStaff() {
		by.OnBehalfOf = o.file.CreditorID
	}
	kind := negotiation.StepKind(form.Values["answer"])
	reply := negotiation.Reply{Words: form.Values["message"], Files: files, Language: string(s.language(c)), Note: strings.TrimSpace(form.Values["note"])}
	switch kind {
	case negotiation.StepPart:
		if reply.Amount = readSum(&form, "amount"); !form.Bad() && reply.Amount.IsZero() {
			form.Add("amount", "required")
		}
	case negotiation.StepAccepted, negotiation.StepMaintains:
	default:
		form.Add("answer", "choose")
	}
	if form.Bad() && f.WaitsFor(negotiation.SideCreditor) {
		return s.answerSheet(c, http.StatusUnprocessableEntity, form, "")
	}
	err = s.negotiation.AnswerDispute(c.Request().Context(), by, o.file.ID, f.ID, kind, reply)
	done := "dispute_answered"
	if kind == negotiation.StepAccepted {
		done = "dispute_closed"
	}
	return s.sheetDone(c, form, err, done, nil)
}

// createWayWord is a side's word on a way out: the creditor's own, or what an
// agent was told by either.
func (s *Server) createWayWord(c echo.Context) error {
	form := typed(c, "out", "takes", "as", "words", "note")
	o, f, err := s.openDispute(c)
	if err != nil {
		return err
	}
	by := who(c).Actor
	if by.IsStaff() {
		switch as := form.Values["as"]; {
		case as == "creditor":
			by.OnBehalfOf = o.file.CreditorID
		case actedFor(o.file, as):
			by.OnBehalfOf = as
		default:
			form.Add("as", "choose")
		}
	}
	if form.Values["takes"] != "yes" && form.Values["takes"] != "no" {
		form.Add("takes", "choose")
	}
	if form.Values["out"] == "" {
		form.Add("out", "choose")
	}
	if form.Bad() && f.State == negotiation.DisputeMediation {
		return s.answerSheet(c, http.StatusUnprocessableEntity, form, "")
	}
	reply := negotiation.Reply{Words: form.Values["words"], Language: string(s.language(c)), Note: strings.TrimSpace(form.Values["note"])}
	if !by.IsStaff() || by.OnBehalfOf != "" {
		err = s.negotiation.AnswerWay(c.Request().Context(), by, o.file.ID, f.ID, form.Values["out"], form.Is("takes", "yes"), reply)
	} else {
		err = negotiation.Refuse(negotiation.Conflict, "dispute_is_"+string(f.State))
	}
	return s.sheetDone(c, form, err, "dispute_noted", map[string]string{"message": "words"})
}

func (s *Server) createTakingUp(c echo.Context) error {
	err := s.negotiation.TakeUpDispute(c.Request().Context(), who(c).Actor, c.Param("case"), c.Param("dispute"))
	return s.sheetDone(c, page.Form{}, err, "dispute_taken", nil)
}

// createSheetStep writes a line on the mediation sheet.
func (s *Server) createSheetStep(c echo.Context) error {
	form := typed(c, "line", "audience", "message", "way", "amount")
	o, f, err := s.openDispute(c)
	if err != nil {
		return err
	}
	files, err := s.stepFiles(c, &form)
	if err != nil {
		return err
	}
	sheet := negotiation.Sheet{
		Kind: negotiation.StepKind(form.Values["line"]), Audience: negotiation.Audience(form.Values["audience"]), Words: form.Values["message"],
		Way: negotiation.WayOut(form.Values["way"]), Files: files, Language: string(s.language(c)),
	}
	if sheet.Kind == negotiation.StepWay {
		sheet.Amount = readSum(&form, "amount")
		if strings.TrimSpace(form.Values["amount"]) == "" {
			form.Add("amount", "required") // nothing owed any more is written as 0
		}
	}
	if form.Bad() && f.State == negotiation.DisputeMediation {
		return s.answerSheet(c, http.StatusUnprocessableEntity, form, "")
	}
	err = s.negotiation.WriteOnSheet(c.Request().Context(), who(c).Actor, o.file.ID, f.ID, sheet)
	return s.sheetDone(c, form, err, "dispute_noted", map[string]string{"kind": "line"})
}

// createResolution ends a mediation.
func (s *Server) createResolution(c echo.Context) error {
	form := typed(c, "outcome", "taken", "credit", "reasons", "agreed")
	o, f, err := s.openDispute(c)
	if err != nil {
		return err
	}
	r := negotiation.Resolution{
		Outcome: negotiation.DisputeState(form.Values["outcome"]), WayID: form.Values["taken"], Words: form.Values["reasons"], Note: form.Values["agreed"],
		Language: string(s.language(c)), Credit: money.New(0, o.file.Currency),
	}
	if r.Outcome == negotiation.DisputePartly {
		r.Credit = readSum(&form, "credit")
	}
	if form.Bad() && f.State == negotiation.DisputeMediation {
		return s.answerSheet(c, http.StatusUnprocessableEntity, form, "")
	}
	err = s.negotiation.ResolveDispute(c.Request().Context(), who(c).Actor, o.file.ID, f.ID, r)
	return s.sheetDone(c, form, err, "dispute_closed", map[string]string{"message": "reasons", "note": "agreed", "way": "taken"})
}

// createReplyFor writes down what the debtor says to the creditor's answer.
func (s *Server) createReplyFor(c echo.Context) error {
	form := typed(c, "as", "answer", "message", "note")
	o, f, err := s.openDispute(c)
	if err != nil {
		return err
	}
	files, err := s.stepFiles(c, &form)
	if err != nil {
		return err
	}
	by := who(c).Actor
	if by.OnBehalfOf = form.Values["as"]; !actedFor(o.file, by.OnBehalfOf) {
		form.Add("as", "choose")
	}
	if form.Values["answer"] != "settles" && form.Values["answer"] != "disagrees" {
		form.Add("answer", "choose")
	}
	if form.Bad() {
		if f.State != negotiation.DisputeAnswered {
			return s.sheetDone(c, form, negotiation.Refuse(negotiation.Conflict, "dispute_is_"+string(f.State)), "", nil)
		}
		return s.answerSheet(c, http.StatusUnprocessableEntity, form, "")
	}
	reply := negotiation.Reply{Words: form.Values["message"], Files: files, Language: string(s.language(c)), Note: strings.TrimSpace(form.Values["note"])}
	err = s.negotiation.ReplyToAnswer(c.Request().Context(), by, o.file.ID, f.ID, form.Is("answer", "settles"), reply)
	return s.sheetDone(c, form, err, "dispute_noted", nil)
}

// createWithdrawalFor takes a dispute back for the debtor who said so.
func (s *Server) createWithdrawalFor(c echo.Context) error {
	form := typed(c, "party", "told")
	o, f, err := s.openDispute(c)
	if err != nil {
		return err
	}
	by := who(c).Actor
	if by.OnBehalfOf = form.Values["party"]; !actedFor(o.file, by.OnBehalfOf) {
		form.Add("party", "choose")
		return s.answerSheet(c, http.StatusUnprocessableEntity, form, "")
	}
	reply := negotiation.Reply{Language: string(s.language(c)), Note: strings.TrimSpace(form.Values["told"])}
	err = s.negotiation.WithdrawDispute(c.Request().Context(), by, o.file.ID, f.ID, reply)
	return s.sheetDone(c, form, err, "dispute_closed", map[string]string{"note": "told"})
}
