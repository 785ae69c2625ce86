package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/page"
)

// messagePath is the thread of the debtor's case, and where they write in it.
const messagePath = "/case/message"

func (s *Server) showThread(c echo.Context) error {
	return s.answerThread(c, http.StatusOK, s.kept(c, page.Form{}), nil)
}

// answerThread shows the messages of the case. What was typed and could not be
// sent stands in the form again; what stood in the way of all of it is told on
// top.
func (s *Server) answerThread(c echo.Context, code int, form page.Form, late *negotiation.Refusal) error {
	file, gate, err := s.myCase(c)
	if err != nil {
		return err
	}
	p := &page.Thread{Base: s.inCase(c, file), Creditor: file.Creditor.Name, Agent: s.agent(c), Form: form}
	if p.Messages, p.Earlier, _, err = s.readThread(c, file, messagePath); err != nil {
		return err
	}
	if p.Elsewhere, err = s.saidElsewhere(c, file, offerPath, disputePath); err != nil {
		return err
	}
	switch {
	case file.State == negotiation.CaseArchived:
		p.Shut = "archived"
	case !who(c).May(negotiation.ActWrite):
		p.Shut = "adviser"
	default:
		p.To = audienceChoices(p.Lang, negotiation.SideDebtor, file)
		if p.Form.Values == nil {
			p.Form.Values = map[string]string{}
		}
		if p.Form.Values["audience"] == "" { // the fewest readers, unless they choose more
			p.Form.Values["audience"] = string(negotiation.ToTheAgencyOnly)
		}
	}
	if c.QueryParam("sent") != "" && code == http.StatusOK {
		p.Sent, p.AnswerBy = true, negotiation.AddWorkingDays(gate.On, answerDays)
	}
	if late != nil {
		var met page.Form
		note(&met, p.Lang, late)
		p.Error = &met.Errors[0]
	}
	return s.showAt(c, code, messagePath, p, &p.Base)
}

// createMessage adds what the debtor's side writes to the thread. It recognises
// nothing.
func (s *Server) createMessage(c echo.Context) error {
	return s.postMessage(c, typed(c, "audience", "message"))
}

func (s *Server) postMessage(c echo.Context, form page.Form) error {
	if _, _, err := s.myCase(c); err != nil { // nothing is kept of who may not see the case
		return err
	}
	files, err := s.messageFiles(c, &form)
	if err != nil {
		return err
	}
	if form.Bad() {
		return s.answerThread(c, http.StatusUnprocessableEntity, form, nil)
	}
	_, err = s.negotiation.PostMessage(c.Request().Context(), who(c).Actor, who(c).CaseID, negotiation.Write{
		Audience: negotiation.Audience(form.Values["audience"]), Words: form.Values["message"], Language: string(s.language(c)), Files: files,
	})
	switch r := negotiation.AsRefusal(err); {
	case r != nil && r.Kind == negotiation.Invalid:
		note(&form, s.language(c), r)
		return s.answerThread(c, status(r), form, nil)
	case r != nil && r.Kind != negotiation.NotFound:
		return s.answerThread(c, status(r), form, r)
	case err != nil:
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, messagePath+"?sent=1")
}

// showMessageFile sends a file of a message that the debtor's side may read.
func (s *Server) showMessageFile(c echo.Context) error {
	file, _, err := s.myCase(c)
	if err != nil {
		return err
	}
	return s.sendMessageFile(c, file)
}
