package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/page"
)

// creditsPath and withdrawalPath are where a creditor's word that it asks for
// less, or for nothing more, is taken outside a dispute: by the creditor, or by
// an agent who was told.
func creditsPath(console string) string    { return "/" + console + "/cases/:case/credits" }
func withdrawalPath(console string) string { return "/" + console + "/cases/:case/withdrawal" }

func (s *Server) givenUpRoutes(console string, audience Audience) []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, creditsPath(console) + "/new", audience, s.showNewCredit},
		{post, creditsPath(console), audience, s.createCredit},
		{get, withdrawalPath(console), audience, s.showWithdrawal},
		{post, withdrawalPath(console), audience, s.createCaseWithdrawal},
	}
}

// givingUp is what both pages share.
func (s *Server) givingUp(c echo.Context, action string, form page.Form) (page.GivingUp, *opened, error) {
	o, err := s.openCase(c)
	if err != nil {
		return page.GivingUp{}, nil, err
	}
	of := console(c)
	at := "/" + of + "/cases/" + o.file.ID
	p := page.GivingUp{
		StaffBase: s.staffBase(c, "cases"), Row: openRow(of, o.file, o.gate, o.statement.Total), Action: at + action, BackURL: at, Form: form,
	}
	if o.file.IsClosed() {
		p.Shut = string(o.file.State)
	}
	for _, cs := range o.statement.Claims {
		if owed := cs.Total(); owed.IsPositive() {
			p.Claims = append(p.Claims, page.Choice{Value: cs.Claim.ID, Label: p.Lang.T("given.claim", "number", cs.Claim.InvoiceNumber, "sum", owed)})
		}
	}
	by := who(c).Actor
	switch {
	case by.IsStaff() && by.GivesUpTo != 0:
		p.Limited, p.Alone = true, money.New(max(0, by.GivesUpTo), o.file.Currency)
		p.AskURL = at + "/approvals/new"
	case by.Role == negotiation.RoleCreditor && by.DecidesUpTo > 0:
		p.Limited, p.Alone = true, money.New(by.DecidesUpTo, o.file.Currency)
	}
	return p, o, nil
}

func (s *Server) showNewCredit(c echo.Context) error {
	return s.answerNewCredit(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerNewCredit(c echo.Context, code int, form page.Form) error {
	p, _, err := s.givingUp(c, "/credits", form)
	if err != nil {
		return err
	}
	p.CurrentPath = p.Action + "/new"
	return s.showConsole(c, code, &page.NewCredit{GivingUp: p})
}

// creditorsWord is what a form says of the creditor's word, with its paper.
func (s *Server) creditorsWord(c echo.Context, form *page.Form) (negotiation.Word, error) {
	word := negotiation.Word{Why: form.Values["reason"]}
	hash, err := s.upload(c, form, "proof", proofBytesMax, "application/pdf", "image/jpeg", "image/png")
	if err != nil || hash == "" {
		return word, err
	}
	row, err := s.Files.row(c.Request().Context(), hash)
	if err != nil {
		return word, err
	}
	word.Proof, word.ProofName = hash, row.Name
	return word, nil
}

// createCredit enters a credit note of the creditor's.
func (s *Server) createCredit(c echo.Context) error {
	form := typed(c, "claim", "number", "amount", "on", "reason")
	amount, on := readSum(&form, "amount"), readDay(&form, "on")
	word, err := s.creditorsWord(c, &form)
	if err != nil {
		return err
	}
	if on.IsZero() && form.Error("on") == nil {
		form.Add("on", "required")
	}
	if form.Bad() {
		return s.answerNewCredit(c, http.StatusUnprocessableEntity, form)
	}
	err = s.negotiation.CreditNote(c.Request().Context(), who(c).Actor, c.Param("case"), form.Values["claim"], form.Values["number"], amount, on, word)
	return s.gaveUp(c, form, err, "credit_noted", s.answerNewCredit)
}

func (s *Server) showWithdrawal(c echo.Context) error {
	return s.answerWithdrawal(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerWithdrawal(c echo.Context, code int, form page.Form) error {
	p, o, err := s.givingUp(c, "/withdrawal", form)
	if err != nil {
		return err
	}
	p.CurrentPath = p.Action
	return s.showConsole(c, code, &page.Withdrawal{GivingUp: p, InPlan: o.file.ActivePlan() != nil})
}

// createCaseWithdrawal takes a case back, or one claim of it.
func (s *Server) createCaseWithdrawal(c echo.Context) error {
	ctx, by := c.Request().Context(), who(c).Actor
	form := typed(c, "claim", "reason")
	word, err := s.creditorsWord(c, &form)
	if err != nil {
		return err
	}
	if form.Values["claim"] == "" {
		form.Add("claim", "choose")
	}
	if form.Bad() {
		return s.answerWithdrawal(c, http.StatusUnprocessableEntity, form)
	}
	if form.Is("claim", page.WholeCase) {
		err = s.negotiation.Withdraw(ctx, by, c.Param("case"), word)
	} else {
		err = s.negotiation.WithdrawClaim(ctx, by, c.Param("case"), form.Values["claim"], word)
	}
	return s.gaveUp(c, form, err, "withdrawn", s.answerWithdrawal)
}

// gaveUp answers an act by which a creditor gave something up: with the form and
// why not, or with the case. A page on which the old sum could be paid ends.
func (s *Server) gaveUp(c echo.Context, form page.Form, err error, done string, again func(echo.Context, int, page.Form) error) error {
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		note(&form, s.language(c), r)
		return again(c, status(r), form)
	}
	if err != nil {
		return err
	}
	id := c.Param("case")
	if err := s.payments.CloseCheckout(c.Request().Context(), who(c).Actor, id); err != nil && negotiation.AsRefusal(err) == nil {
		s.Log.Warn("open checkout not closed yet", "case", id, "error", err)
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, "/"+console(c)+"/cases/"+id+"?done="+done)
}
