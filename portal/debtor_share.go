package portal

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/payments"
	"amiable/portal/access"
	"amiable/portal/page"
)

// showShare is where a debtor lets somebody else pay, or act, and ends it.
func (s *Server) showShare(c echo.Context) error {
	return s.answerShare(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerShare(c echo.Context, status int, form page.Form) error {
	file, gate, err := s.myCase(c)
	if err != nil {
		return err
	}
	links, err := s.access.PayLinksOf(c.Request().Context(), who(c).Actor, file.ID)
	if err != nil {
		return err
	}
	p := &page.Share{Base: s.inCase(c, file), Creditor: file.Creditor.Name, Open: !file.IsClosed(), Done: c.QueryParam("done"), Form: form}
	p.CurrentPath = "/case/share"
	for _, days := range access.PayLinkDays {
		p.Days = append(p.Days, page.Choice{Value: strconv.Itoa(days), Label: p.Lang.T("share.link.days", "n", days)})
	}
	now := s.now(c)
	for i := range links {
		if l := &links[i]; l.Good(now) {
			p.Links = append(p.Links, page.ShareLink{
				Label: l.Label, URL: s.BaseURL + "/p/" + url.PathEscape(s.access.PayLinkToken(l)), Until: negotiation.DayOf(l.ExpiresAt), UsedAt: moment(l.UsedAt),
				EndURL: "/case/share/links/" + l.ID + "/end",
			})
		}
	}
	p.Advisers = adviserRows(file, gate.On, func(id string) string { return "/case/share/advisers/" + id + "/end" })
	return s.show(c, status, p)
}

// createPayLink makes a pay-only link.
func (s *Server) createPayLink(c echo.Context) error {
	form := typed(c, "label", "days")
	days, _ := strconv.Atoi(form.Values["days"]) // what is no number is no choice either
	_, err := s.access.MakePayLink(c.Request().Context(), who(c).Actor, who(c).CaseID, form.Values["label"], days)
	if r := negotiation.AsRefusal(err); r != nil && (r.Kind == negotiation.Invalid || r.Kind == negotiation.Conflict) {
		note(&form, s.language(c), r)
		return s.answerShare(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/case/share?done=link")
}

// endPayLink ends a pay-only link, with the payment page opened with it, if
// there is one.
func (s *Server) endPayLink(c echo.Context) error {
	m := who(c)
	if err := s.stopPayLink(c, m.CaseID, c.Param("link")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/case/share?done=link_ended")
}

func (s *Server) stopPayLink(c echo.Context, caseID, linkID string) error {
	ctx := c.Request().Context()
	if err := s.access.EndPayLink(ctx, who(c).Actor, caseID, linkID); err != nil {
		return err
	}
	if err := s.payments.CloseCheckoutOf(ctx, caseID, linkID); err != nil {
		s.Log.Warn("open checkout of an ended link not closed", "case", caseID, "error", err)
	}
	return nil
}

func (s *Server) showNameAdviser(c echo.Context) error {
	return s.answerNameAdviser(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerNameAdviser(c echo.Context, status int, form page.Form) error {
	file, gate, err := s.myCase(c)
	if err != nil {
		return err
	}
	p := &page.NameAdviser{Base: s.inCase(c, file), Creditor: file.Creditor.Name, Form: form}
	p.CurrentPath = "/case/share/adviser"
	if p.Form.Values == nil {
		p.Form.Values = map[string]string{"until": string(gate.On.AddMonths(adviserMonths)), "write": "yes"}
	}
	return s.show(c, status, p)
}

// adviserMonths is for how long an adviser is proposed to be named.
const adviserMonths = 3

// adviserFields are the fields of the form that names an adviser.
var adviserFields = []string{"name", "email", "until", "write", "propose"}

func readAdviser(form *page.Form) negotiation.Adviser {
	return negotiation.Adviser{
		Name: form.Values["name"], Email: form.Values["email"], UntilOn: readDay(form, "until"),
		MayWrite: form.Is("write", "yes"), MayPropose: form.Is("propose", "yes"),
	}
}

// createAdviser lets somebody act for the debtor, within limits.
func (s *Server) createAdviser(c echo.Context) error {
	form := typed(c, adviserFields...)
	adviser := readAdviser(&form)
	if form.Bad() {
		return s.answerNameAdviser(c, http.StatusUnprocessableEntity, form)
	}
	_, err := s.negotiation.NameAdviser(c.Request().Context(), who(c).Actor, who(c).CaseID, adviser)
	if r := negotiation.AsRefusal(err); r != nil && (r.Kind == negotiation.Invalid || r.Kind == negotiation.Conflict) {
		note(&form, s.language(c), r)
		return s.answerNameAdviser(c, status(r), form)
	}
	if err != nil {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, "/case/share?done=adviser")
}

func (s *Server) endAdviser(c echo.Context) error {
	if err := s.negotiation.EndAdviser(c.Request().Context(), who(c).Actor, who(c).CaseID, c.Param("party")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/case/share?done=adviser_ended")
}

// adviserRows are those who act for the debtor of a case on a day.
func adviserRows(file *negotiation.Case, on negotiation.Day, end func(partyID string) string) []page.AdviserRow {
	var rows []page.AdviserRow
	for _, p := range file.Advisers(on) {
		row := page.AdviserRow{Name: p.Person.Name, Until: p.UntilOn, Write: p.MayWrite, Propose: p.MayPropose}
		if contact, ok := p.Contact(negotiation.ContactEmail); ok {
			row.Mail = contact.Value
		}
		if end != nil {
			row.EndURL = end(p.ID)
		}
		rows = append(rows, row)
	}
	return rows
}

// advised tells the debtor who acts for them.
func (s *Server) advised(c echo.Context, file *negotiation.Case, on negotiation.Day) []page.Notice {
	if who(c).Role != negotiation.RoleDebtor {
		return nil
	}
	var list []page.Notice
	for _, p := range file.Advisers(on) {
		list = append(list, page.Notice{Code: "adviser", Values: []any{"name", p.Person.Name, "day", p.UntilOn}, URL: "/case/share"})
	}
	return list
}

// payerLabel is the debtor's own word for whom the pay-only link was with which
// a payment was made. It is the debtor's to read, and nobody else's.
func (s *Server) payerLabel(c echo.Context, p *payments.Payment) (string, error) {
	if who(c).Role != negotiation.RoleDebtor {
		return "", nil
	}
	links, err := s.access.PayLinksOf(c.Request().Context(), who(c).Actor, p.CaseID)
	if err != nil {
		return "", err
	}
	for i := range links {
		if links[i].ID == p.ByID {
			return links[i].Label, nil
		}
	}
	return "", nil
}
