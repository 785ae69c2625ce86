package portal

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/payments"
	"amiable/portal/locale"
	"amiable/portal/page"
)

// Where a card is saved for the instalments of a plan, and where it is let go.
const (
	cardPath   = "/case/card"
	cardReturn = "/case/card/:authority/return"
)

// chargesField names the version of the text that stands beside the box
// "charges" on the page that is sent.
const chargesField = "charges_text"

// ticked is the version of the text by which the debtor lets their card be
// charged, if its own box was ticked.
func ticked(form page.Form) string {
	switch {
	case !form.Is("charges", "yes"):
		return ""
	case form.Is(chargesField, negotiation.ChargesDebitText):
		return negotiation.ChargesDebitText
	}
	return negotiation.ChargesText
}

// chargesText is the wording of a leave to charge, as it is shown; empty where
// the version is not known any more.
func chargesText(l locale.Language, version, agency string) string {
	key := "legal." + version
	if version == "" || !l.Has(key) || !l.Has(key+".tick") {
		return ""
	}
	return l.T(key) + " " + l.T(key+".tick", "agency", agency)
}

// chargesAsked is the version of the text by which the debtor lets a card, or an
// account, be charged; empty where the creditor's account takes none: then
// nobody is asked for leave.
func (s *Server) chargesAsked(c echo.Context, file *negotiation.Case) (string, error) {
	account, err := s.payments.AccountOf(c.Request().Context(), file.CreditorID)
	return s.payments.ChargesText(account), err
}

// chargesOf is how the instalments of a running plan are paid: by themselves or
// by hand; nil for whom neither is to choose.
func (s *Server) chargesOf(c echo.Context, file *negotiation.Case, plan *negotiation.Plan, form page.Form) (*page.Charges, error) {
	leave, err := s.payments.AuthorityOf(c.Request().Context(), plan.ID)
	if err != nil {
		return nil, err
	}
	text, err := s.chargesAsked(c, file)
	if err != nil || (text == "" && leave == nil) || !who(c).May(negotiation.ActPay) {
		return nil, err
	}
	p := &page.Charges{Agency: file.Agency.Name, Ask: text != "", Text: text, Form: form}
	if leave != nil {
		p.Live, p.Since = true, negotiation.DayOf(*leave.GivenAt)
		_, p.Card = method(leave.Card())
		if leave.Method == payments.DebitMethod {
			p.Debit, p.Mandate, p.Identifier, p.MandateURL = true, leave.MandateReference, leave.CreditorIdentifier, leave.MandateURL
		}
		today, err := s.negotiation.Today(c.Request().Context())
		if err != nil {
			return nil, err
		}
		p.Expired = !leave.GoodOn(today)
	}
	return p, nil
}

// createCard opens the gateway's page on which a card is saved: the first one
// with the box ticked, or a new one in its place.
func (s *Server) createCard(c echo.Context) error {
	form := typed(c, "charges", chargesField)
	file, _, err := s.myCase(c)
	if err != nil {
		return err
	}
	address, err := s.payments.SaveCard(c.Request().Context(), who(c).Actor, file.ID, ticked(form), string(s.language(c)))
	if r := negotiation.AsRefusal(err); r != nil {
		if r.Code == "charges_not_ticked" {
			code := "charges"
			if text, err := s.chargesAsked(c, file); err == nil && text == negotiation.ChargesDebitText {
				code = "charges_means"
			}
			form.Add("charges", code)
			return s.answerInstalmentsWith(c, http.StatusUnprocessableEntity, "", nil, form)
		}
		if r.Kind == negotiation.Conflict {
			return s.answerInstalments(c, status(r), "", r)
		}
		return err
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, address)
}

// endCard takes the leave back: from then on nothing is charged.
func (s *Server) endCard(c echo.Context) error {
	file, _, err := s.myCase(c)
	if err != nil {
		return err
	}
	done := "stopped"
	if plan := file.LastPlan(); plan != nil {
		if kind, _ := method(plan.Charged); kind == "direct_debit" {
			done = "stopped_debit"
		}
		if err := s.payments.Revoke(c.Request().Context(), who(c).Actor, file.ID, plan.ID); err != nil {
			return err
		}
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, instalmentsPath+"?done="+done)
}

// showCardReturn is where the gateway's page comes back to. It asks how things
// stand, for three seconds at most, and hands on what it learned.
func (s *Server) showCardReturn(c echo.Context) error {
	ctx := c.Request().Context()
	file, _, err := s.myCase(c)
	if err != nil {
		return err
	}
	mine, err := s.payments.AuthoritiesOf(ctx, file.ID)
	if err != nil {
		return err
	}
	id := c.Param("authority")
	if !slices.ContainsFunc(mine, func(a payments.Authority) bool { return a.ID == id }) {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	leave, err := s.payments.CheckCard(ctx, id)
	if err != nil && negotiation.AsRefusal(err) == nil && !errors.Is(err, context.Canceled) {
		s.Log.Warn("card not checked", "authority", id, "error", err)
	} else if err != nil {
		return err
	}
	s.nudge()
	done := "checking"
	switch {
	case leave.State == payments.AuthorityLive && leave.Method == payments.DebitMethod:
		done = "account"
	case leave.State == payments.AuthorityLive:
		done = "card"
	case leave.State == payments.AuthorityEnded, c.QueryParam("cancelled") != "":
		done = "no_card"
	}
	return c.Redirect(http.StatusSeeOther, instalmentsPath+"?done="+done)
}

// knownDone are the things of which the plan's page says that they are done.
var knownDone = strings.Fields("moved skipped card account no_card checking stopped stopped_debit")
