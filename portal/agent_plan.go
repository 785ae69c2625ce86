package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/page"
)

func (s *Server) showEndPlan(c echo.Context) error {
	return s.answerEndPlan(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerEndPlan(c echo.Context, status int, form page.Form) error {
	f, o, err := s.agentForm(c, "/plans/"+c.Param("plan")+"/ending", form)
	if err != nil {
		return err
	}
	plan := o.file.Plan(c.Param("plan"))
	if plan == nil {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	if plan.State != negotiation.PlanActive && status < http.StatusBadRequest { // a late click: the case says how it stands
		return backToCase(c, "")
	}
	progress, err := o.file.Progress(plan, o.gate.On)
	if err != nil {
		return err
	}
	p := &page.EndPlan{AgentForm: f, AcceptedOn: negotiation.DayOf(plan.AcceptedAt), Left: progress.Left, Late: progress.Late}
	if progress.Next != nil && progress.Next.State == negotiation.LineLate {
		p.LateOn = progress.Next.DueOn
	}
	for i := range o.file.Parties {
		if party := &o.file.Parties[i]; party.Role != negotiation.PartyAdviser {
			p.Parties = append(p.Parties, page.Choice{Value: party.ID, Label: party.Person.Name})
		}
	}
	return s.showConsole(c, status, p)
}

// endPlan ends a plan by an agent's decision: because a party asks for it, or
// because an instalment has been missing for a while.
func (s *Server) endPlan(c echo.Context) error {
	ctx := c.Request().Context()
	form := typed(c, "why", "party", "reason")
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	by := who(c).Actor
	switch form.Values["why"] {
	case "asked":
		if by.OnBehalfOf = form.Values["party"]; o.file.Party(by.OnBehalfOf) == nil {
			form.Add("party", "choose")
		}
	case "missed":
	default:
		form.Add("why", "choose")
	}
	if form.Bad() {
		return s.answerEndPlan(c, http.StatusUnprocessableEntity, form)
	}
	err = s.negotiation.EndPlan(ctx, by, o.file.ID, c.Param("plan"), form.Values["reason"])
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		note(&form, s.language(c), r)
		return s.answerEndPlan(c, status(r), form)
	}
	if err != nil {
		return err
	}
	// A page that says it clears the case at what the plan settled for ends with
	// the plan.
	if err := s.payments.CloseCheckout(ctx, who(c).Actor, o.file.ID); err != nil && negotiation.AsRefusal(err) == nil {
		s.Log.Warn("open checkout not closed yet", "case", o.file.ID, "error", err)
	}
	s.nudge()
	return backToCase(c, "saved")
}
