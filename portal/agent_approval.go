package portal

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/page"
)

func (s *Server) showAskApproval(c echo.Context) error {
	return s.answerAskApproval(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerAskApproval(c echo.Context, status int, form page.Form) error {
	f, o, err := s.agentForm(c, "/approvals", form)
	if err != nil {
		return err
	}
	p := &page.AskApproval{AgentForm: f, Alone: money.Euros(max(0, who(c).GivesUpTo))}
	add := func(act negotiation.ApprovalAct, id, label string) {
		p.Subjects = append(p.Subjects, page.Choice{Value: string(act) + ":" + id, Label: label})
	}
	add(negotiation.ActSettle, o.file.ID, f.Lang.T("approval.act.settlement"))
	disputes, err := s.negotiation.Disputes(c.Request().Context(), who(c).Actor, o.file)
	if err != nil {
		return err
	}
	for i := range disputes {
		if disputes[i].IsOpen() {
			add(negotiation.ActCredit, disputes[i].ID, f.Lang.T("approval.dispute", "number", disputes[i].Claim.InvoiceNumber))
		}
	}
	for i := range o.file.Claims {
		add(negotiation.ActCredit, o.file.Claims[i].ID, f.Lang.T("approval.credit_note", "number", o.file.Claims[i].InvoiceNumber))
	}
	add(negotiation.ActWithdraw, o.file.ID, f.Lang.T("approval.act.withdrawal"))
	return s.showConsole(c, status, p)
}

func (s *Server) createApproval(c echo.Context) error {
	form := typed(c, "subject", "amount", "message")
	act, subject, known := strings.Cut(form.Values["subject"], ":")
	if !known {
		form.Add("subject", "choose")
	}
	sum := readSum(&form, "amount")
	if form.Bad() {
		return s.answerAskApproval(c, http.StatusUnprocessableEntity, form)
	}
	_, err := s.negotiation.AskApproval(c.Request().Context(), who(c).Actor, c.Param("case"), negotiation.Approval{
		Act: negotiation.ApprovalAct(act), SubjectID: subject, Amount: sum.Minor, Words: form.Values["message"],
	})
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		note(&form, s.language(c), r)
		return s.answerAskApproval(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return backToCase(c, "approval_asked")
}

func (s *Server) showApproval(c echo.Context) error {
	return s.answerApprovalPage(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerApprovalPage(c echo.Context, status int, form page.Form) error {
	f, o, err := s.agentForm(c, "/approvals/"+c.Param("approval"), form)
	if err != nil {
		return err
	}
	asked, err := s.negotiation.Approvals(c.Request().Context(), o.file.ID)
	if err != nil {
		return err
	}
	for i := range asked {
		a := &asked[i]
		if a.ID != c.Param("approval") {
			continue
		}
		sum := money.New(a.Amount, o.file.Currency)
		return s.showConsole(c, status, &page.AnswerApproval{
			AgentForm: f, Act: string(a.Act), State: string(a.State), By: a.ByName, Words: a.Words, Second: a.SecondName, Answer: a.Answer, Sum: sum, On: negotiation.DayOf(a.CreatedAt),
			Mine: a.ByID == who(c).ID, MayYes: who(c).Leads() || who(c).GivesAlone(sum), DropURL: f.Action + "/end",
		})
	}
	return negotiation.Refuse(negotiation.NotFound, "not_found")
}

func (s *Server) answerApproval(c echo.Context) error {
	form := typed(c, "answer", "message")
	if !form.Is("answer", "yes") && !form.Is("answer", "no") {
		form.Add("answer", "choose")
		return s.answerApprovalPage(c, http.StatusUnprocessableEntity, form)
	}
	err := s.negotiation.AnswerApproval(c.Request().Context(), who(c).Actor, c.Param("case"), c.Param("approval"), form.Is("answer", "yes"), form.Values["message"])
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		note(&form, s.language(c), r)
		return s.answerApprovalPage(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return backToCase(c, "approval_answered")
}

func (s *Server) endApproval(c echo.Context) error {
	if err := s.negotiation.DropApproval(c.Request().Context(), who(c).Actor, c.Param("case"), c.Param("approval")); err != nil {
		return err
	}
	return backToCase(c, "approval_dropped")
}

// approvalRows are what was asked of a second person in a case, for its page.
func (s *Server) approvalRows(c echo.Context, file *negotiation.Case) ([]page.ApprovalRow, error) {
	asked, err := s.negotiation.Approvals(c.Request().Context(), file.ID)
	if err != nil {
		return nil, err
	}
	var rows []page.ApprovalRow
	for _, a := range asked {
		rows = append(rows, page.ApprovalRow{
			URL: "/agent/cases/" + file.ID + "/approvals/" + a.ID, Act: string(a.Act), State: string(a.State), Sum: money.New(a.Amount, file.Currency),
			By: a.ByName, Second: a.SecondName, On: negotiation.DayOf(a.CreatedAt),
		})
	}
	return rows, nil
}
