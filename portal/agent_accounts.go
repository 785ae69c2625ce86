package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/banking"
	"amiable/portal/page"
)

// ofAgency is the choice of the agency as an account's owner.
const ofAgency = "agency"

func (s *Server) showBankAccounts(c echo.Context) error {
	return s.answerBankAccounts(c, http.StatusOK, page.Form{})
}

func (s *Server) answerBankAccounts(c echo.Context, status int, form page.Form) error {
	ctx := c.Request().Context()
	p := &page.BankAccounts{StaffBase: s.staffBase(c, "bank"), Form: form, Owners: []page.Choice{{Value: ofAgency, Label: s.language(c).T("bank.accounts.agency")}}}
	accounts, err := s.negotiation.BankAccounts(ctx)
	if err != nil {
		return err
	}
	creditors, err := s.negotiation.Creditors(ctx)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, creditor := range creditors {
		names[creditor.ID] = creditor.Name
		p.Owners = append(p.Owners, page.Choice{Value: creditor.ID, Label: creditor.Name})
	}
	for i := range accounts {
		a := &accounts[i]
		row := page.BankAccountRow{Holder: a.Holder, IBAN: banking.Grouped(a.IBAN), BIC: a.BIC, Closed: a.ClosedAt != nil}
		if !a.OfAgency() {
			row.Owner = names[*a.CreditorID]
		}
		if !row.Closed {
			row.CloseAction = "/agent/accounts/" + a.ID + "/end"
		}
		p.Rows = append(p.Rows, row)
	}
	for _, creditor := range creditors {
		mandates, err := s.negotiation.Mandates(ctx, creditor.ID)
		if err != nil {
			return err
		}
		for _, m := range mandates {
			row := page.WaysRow{ID: m.ID, Creditor: creditor.Name, Mandate: m.Reference, Separate: m.SeparateTransfers, ChequeTo: m.ChequeTo, Action: "/agent/accounts/mandates/" + m.ID}
			if m.AccountID != nil {
				row.Account = *m.AccountID
			}
			for i := range accounts {
				if a := &accounts[i]; a.ClosedAt == nil && (a.OfAgency() || *a.CreditorID == creditor.ID) {
					row.Accounts = append(row.Accounts, page.Choice{Value: a.ID, Label: a.Holder + " ·· " + a.Ends()})
				}
			}
			p.Mandates = append(p.Mandates, row)
		}
	}
	return s.showConsole(c, status, p)
}

func (s *Server) createBankAccount(c echo.Context) error {
	form := typed(c, "owner", "holder", "iban", "bic")
	b := negotiation.BankAccount{Holder: form.Values["holder"], IBAN: form.Values["iban"], BIC: form.Values["bic"]}
	switch owner := form.Values["owner"]; owner {
	case ofAgency:
	case "":
		form.Add("owner", "choose")
		return s.answerBankAccounts(c, http.StatusUnprocessableEntity, form)
	default:
		b.CreditorID = &owner
	}
	_, err := s.negotiation.OpenBankAccount(c.Request().Context(), who(c).Actor, b)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		note(&form, s.language(c), r)
		return s.answerBankAccounts(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent/accounts?done=saved")
}

func (s *Server) closeBankAccount(c echo.Context) error {
	if err := s.negotiation.CloseBankAccount(c.Request().Context(), who(c).Actor, c.Param("account")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent/accounts?done=saved")
}

func (s *Server) setWaysToPay(c echo.Context) error {
	form := typed(c, "card", "account", "cheque_to")
	err := s.negotiation.SetWaysToPay(c.Request().Context(), who(c).Actor, c.Param("mandate"), negotiation.WaysToPay{
		AccountID: form.Values["account"], ChequeTo: form.Values["cheque_to"], Separate: form.Is("card", "separate"),
	})
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		r.Field = ""
		note(&form, s.language(c), r)
		return s.answerBankAccounts(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent/accounts?done=saved")
}
