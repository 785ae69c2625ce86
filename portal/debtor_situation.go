package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/page"
)

const overindebtednessPath = "/case/over-indebtedness"

func (s *Server) showOverindebtedness(c echo.Context) error {
	return s.answerOverindebtedness(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerOverindebtedness(c echo.Context, code int, form page.Form) error {
	file, gate, err := s.myCase(c)
	if err != nil {
		return err
	}
	mine, err := s.negotiation.MySituation(c.Request().Context(), who(c).Actor, file, gate.On)
	if err != nil {
		return err
	}
	p := &page.Overindebtedness{
		Base: s.inCase(c, file), Agent: s.agent(c), Form: form, Admitted: gate.Stands(negotiation.HoldOverindebtednessAdmitted),
	}
	p.Here(overindebtednessPath)
	if mine != nil {
		p.Told, p.Until, p.Proved, p.Confirmed = true, mine.Hold.UntilOn, mine.Proved(), mine.State == negotiation.SituationConfirmed
	}
	return s.show(c, code, p)
}

// createOverindebtedness takes a debtor's word, and the commission's letter
// with it or later.
func (s *Server) createOverindebtedness(c echo.Context) error {
	form := typed(c, "message", "number")
	proof, err := s.situationProof(c, &form)
	if err != nil {
		return err
	}
	if form.Bad() {
		return s.answerOverindebtedness(c, http.StatusUnprocessableEntity, form)
	}
	err = s.negotiation.TellOverindebtedness(c.Request().Context(), who(c).Actor, who(c).CaseID, form.Values["message"], proof)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound && r.Field != "" {
		note(&form, s.language(c), r)
		return s.answerOverindebtedness(c, status(r), form)
	}
	if err != nil {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, overindebtednessPath)
}
