package portal

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/page"
)

const contestPath = "/case/contest"

// contestFields are those of the form, but for its files.
var contestFields = []string{"claim", "part", "amount", "ground", "message"}

func (s *Server) showContest(c echo.Context) error {
	return s.answerContest(c, http.StatusOK, s.kept(c, page.Form{}))
}

// answerContest prints the form, or why there is nothing to contest.
func (s *Server) answerContest(c echo.Context, code int, form page.Form) error {
	file, gate, err := s.myCase(c)
	if err != nil {
		return err
	}
	known, err := s.negotiation.Disputes(c.Request().Context(), who(c).Actor, file)
	if err != nil {
		return err
	}
	statement, err := statementOf(file, gate.On)
	if err != nil {
		return err
	}
	p := &page.Contest{
		Base: s.inCase(c, file), Creditor: file.Creditor.Name, Agent: s.agent(c), Left: statement.Total, Shut: closed(file), Action: disputesPath, Form: form,
	}
	for _, ground := range negotiation.Grounds {
		p.Grounds = append(p.Grounds, string(ground))
	}
	for i := range known {
		p.Known = append(p.Known, page.DisputeLink{URL: disputePath(known[i].ID), Invoice: known[i].Claim.InvoiceNumber, State: string(known[i].State)})
	}
	for _, claim := range contestable(statement, known) {
		p.Claims = append(p.Claims, page.ContestClaim{ID: claim.Claim.ID, Number: claim.Claim.InvoiceNumber, Note: claim.Claim.Description, Left: claim.Total()})
	}
	switch {
	case p.Shut != "" || len(p.Claims) > 0:
	case slices.ContainsFunc(known, func(f negotiation.DisputeFile) bool { return f.IsOpen() }):
		p.Shut = "all"
	default:
		p.Shut = "nothing"
	}
	return s.showAt(c, code, contestPath, p, &p.Base)
}

// showAt prints the page of a form that was sent elsewhere: the link to the
// other language comes back to the page.
func (s *Server) showAt(c echo.Context, code int, path string, p page.Page, b *page.Base) error {
	if b.CurrentPath == "" {
		b.CurrentPath = path
	}
	return s.show(c, code, p)
}

// contestable are the claims with something owed of which nothing is contested.
func contestable(statement *negotiation.Statement, known []negotiation.DisputeFile) []negotiation.ClaimStatement {
	var list []negotiation.ClaimStatement
	for _, claim := range statement.Claims {
		taken := slices.ContainsFunc(known, func(f negotiation.DisputeFile) bool { return f.IsOpen() && f.ClaimID == claim.Claim.ID })
		if claim.Total().IsPositive() && !taken {
			list = append(list, claim)
		}
	}
	return list
}

// readContest reads what is contested. ok is false where the form must come back.
func (s *Server) readContest(c echo.Context, form *page.Form, currency money.Currency) (k negotiation.Contest, ok bool, err error) {
	k = negotiation.Contest{
		ClaimID: form.Values["claim"], Ground: negotiation.Ground(form.Values["ground"]), Words: form.Values["message"], Language: string(s.language(c)),
	}
	switch form.Values["part"] {
	case "whole":
	case "sum":
		if k.Amount, ok = amount(form.Values["amount"], currency); !ok || k.Amount.IsZero() {
			form.Add("amount", "amount")
		}
	default:
		form.Add("part", "choose")
	}
	k.Files, err = s.stepFiles(c, form)
	return k, !form.Bad(), err
}

// createDispute freezes what is contested. It binds to nothing, so nothing is
// shown once more before.
func (s *Server) createDispute(c echo.Context) error {
	form := typed(c, contestFields...)
	file, _, err := s.myCase(c)
	if err != nil {
		return err
	}
	if form.Values["claim"] == "" {
		form.Add("claim", "choose")
	}
	if form.Values["ground"] == "" {
		form.Add("ground", "choose")
	}
	k, ok, err := s.readContest(c, &form, file.Currency)
	if err != nil {
		return err
	}
	if !ok {
		return s.answerContest(c, http.StatusUnprocessableEntity, form)
	}
	d, err := s.negotiation.OpenDispute(c.Request().Context(), who(c).Actor, file.ID, k)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		note(&form, s.language(c), r)
		return s.answerContest(c, status(r), form)
	}
	if err != nil {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, disputePath(d.ID)+"?sent=1")
}

func (s *Server) showReopening(c echo.Context) error {
	return s.answerReopening(c, http.StatusOK, s.kept(c, page.Form{}))
}

// answerReopening asks for new facts on a dispute that ended; one that is open
// again is shown instead.
func (s *Server) answerReopening(c echo.Context, code int, form page.Form) error {
	file, gate, f, err := s.myDispute(c)
	if err != nil {
		return err
	}
	if f.IsOpen() || closed(file) != "" {
		return c.Redirect(http.StatusSeeOther, disputePath(f.ID))
	}
	statement, err := file.Statement(gate.On)
	if err != nil {
		return err
	}
	at := disputePath(f.ID)
	p := &page.Contest{Base: s.inCase(c, file), Creditor: file.Creditor.Name, Agent: s.agent(c), Left: statement.Total, Action: at + "/reopening", Reopens: at, Form: form}
	for _, claim := range contestable(statement, nil) {
		if claim.Claim.ID == f.ClaimID {
			p.Claims = append(p.Claims, page.ContestClaim{ID: f.ClaimID, Number: claim.Claim.InvoiceNumber, Note: claim.Claim.Description, Left: claim.Total()})
		}
	}
	if len(p.Claims) == 0 {
		p.Shut = "nothing"
	}
	return s.showAt(c, code, p.Action, p, &p.Base)
}

// createReopening begins another round on new facts.
func (s *Server) createReopening(c echo.Context) error {
	form := typed(c, contestFields...)
	file, _, f, err := s.myDispute(c)
	if err != nil {
		return err
	}
	k, ok, err := s.readContest(c, &form, file.Currency)
	if err != nil {
		return err
	}
	if !ok {
		return s.answerReopening(c, http.StatusUnprocessableEntity, form)
	}
	err = s.negotiation.ReopenDispute(c.Request().Context(), who(c).Actor, file.ID, f.ID, k)
	r := negotiation.AsRefusal(err)
	if r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerReopening(c, status(r), form)
	}
	return s.disputed(c, err, true)
}
