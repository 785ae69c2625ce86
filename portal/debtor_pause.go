package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/page"
)

func (s *Server) showPause(c echo.Context) error {
	return s.answerPause(c, http.StatusOK, nil)
}

func (s *Server) answerPause(c echo.Context, code int, refused *negotiation.Refusal) error {
	file, gate, err := s.myCase(c)
	if err != nil {
		return err
	}
	policy, err := s.negotiation.PolicyOf(c.Request().Context(), file)
	if err != nil {
		return err
	}
	pause := file.PauseFor(policy, gate.On)
	p := &page.Pause{Base: s.inCase(c, file), Agent: s.agent(c), Days: pause.Days, Until: pause.Until, Taken: pause.Taken, InPlan: file.ActivePlan() != nil}
	if p.CurrentPath == "" {
		p.CurrentPath = "/case/pause"
	}
	if pause.Running != nil {
		p.Running, p.Until = true, pause.Running.UntilOn
	}
	if refused != nil {
		var form page.Form
		note(&form, s.language(c), refused)
		p.Error = &form.Errors[0]
	}
	return s.show(c, code, p)
}

// createPause begins the breathing space; a second click finds it under way.
func (s *Server) createPause(c echo.Context) error {
	_, err := s.negotiation.TakePause(c.Request().Context(), who(c).Actor, who(c).CaseID)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Conflict {
		return s.answerPause(c, status(r), r)
	}
	if err != nil {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, "/case/pause")
}

func (s *Server) showHardship(c echo.Context) error {
	return s.answerHardship(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerHardship(c echo.Context, code int, form page.Form) error {
	file, gate, err := s.myCase(c)
	if err != nil {
		return err
	}
	p := &page.Hardship{Base: s.inCase(c, file), Agent: s.agent(c), Form: form}
	if p.CurrentPath == "" {
		p.CurrentPath = "/case/hardship"
	}
	_, p.Told = file.ToldHardship(gate.On)
	return s.show(c, code, p)
}

func (s *Server) createHardship(c echo.Context) error {
	form := typed(c, "message")
	err := s.negotiation.TellHardship(c.Request().Context(), who(c).Actor, who(c).CaseID, form.Values["message"])
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerHardship(c, status(r), form)
	}
	if err != nil {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, "/case/hardship")
}
