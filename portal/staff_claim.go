package portal

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/negotiation/placement"
	"amiable/portal/page"
)

const invoiceBytesMax = 10 << 20

var claimFields = []string{
	"creditor", "kind", "salutation", "first_name", "last_name", "company", "siren", "email", "phone", "street", "postcode", "city", "language",
	"invoice_number", "issued_on", "due_on", "amount", "subject", "paid_amount", "paid_on", "notice_on", "confirm_mandate",
}

func (s *Server) showClaimEntry(c echo.Context) error {
	return s.answerClaimEntry(c, http.StatusOK, s.kept(c, page.Form{Values: map[string]string{"language": "fr"}}))
}

func (s *Server) answerClaimEntry(c echo.Context, status int, form page.Form) error {
	of := console(c)
	p := &page.ClaimEntry{StaffBase: s.staffBase(c, "placements"), Action: "/" + of + "/claims", MaxBytes: invoiceBytesMax, Form: form}
	if of == "agent" {
		p.Current = "cases"
		creditors, err := s.negotiation.Creditors(c.Request().Context())
		if err != nil {
			return err
		}
		for _, creditor := range creditors {
			p.Creditors = append(p.Creditors, page.Choice{Value: creditor.Reference, Label: creditor.Name})
		}
	} else if creditor, err := s.negotiation.Creditor(c.Request().Context(), who(c).CreditorID); err == nil {
		p.Creditor = creditor.Name
	}
	return s.showConsole(c, status, p)
}

// fieldOfColumn names the form's field for a column of a creditor's file.
var fieldOfColumn = map[string]string{
	"amount_incl_vat": "amount", "amount_paid": "paid_amount", "due_date": "due_on", "issue_date": "issued_on", "description": "subject",
	"debtor_name": "last_name", "debtor_kind": "kind", "creditor_ref": "creditor", "mandate_ref": "confirm_mandate",
}

// createClaim takes one claim by hand. It is a file of one line: the same
// checks decide.
func (s *Server) createClaim(c echo.Context) error {
	ctx := c.Request().Context()
	form := typed(c, claimFields...)
	if !form.Is("confirm_mandate", "yes") {
		form.Add("confirm_mandate", "mandate")
	}
	if !form.Is("kind", "individual") && !form.Is("kind", "firm") {
		form.Add("kind", "choose")
	}
	notice := readDay(&form, "notice_on")
	issued, due := readDay(&form, "issued_on"), readDay(&form, "due_on")
	invoice, err := s.upload(c, &form, "invoice_pdf", invoiceBytesMax, "application/pdf")
	if err != nil {
		return err
	}
	if form.Bad() {
		return s.answerClaimEntry(c, http.StatusUnprocessableEntity, form)
	}
	body, reference, err := s.claimAsFile(c, form, string(issued), string(due))
	if err != nil {
		return err
	}
	var record placement.Record
	placed, _, err := s.negotiation.Place(ctx, who(c).Actor, negotiation.File{
		Name: "claim " + form.Values["invoice_number"], Body: bytes.NewReader(body), Creditor: reference,
		Each: func(r placement.Record) { record = r },
	})
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.NotFound {
		form.Add("creditor", "choose")
		return s.answerClaimEntry(c, http.StatusUnprocessableEntity, form)
	} else if err != nil {
		return err
	}
	if !record.Taken() {
		for _, reason := range record.Reasons {
			if reason.Outcome() != placement.Reject {
				continue
			}
			field := fieldOfColumn[reason.Column]
			if field == "" {
				field = reason.Column
			}
			l := string(s.language(c))
			form.Errors = append(form.Errors, page.FieldError{Field: field, Text: reason.Text(l) + " " + reason.Advice(l)})
		}
		return s.answerClaimEntry(c, http.StatusUnprocessableEntity, form)
	}
	creditor, err := s.negotiation.CreditorByReference(ctx, reference)
	if err != nil {
		return err
	}
	claim, err := s.negotiation.ClaimByInvoice(ctx, creditor.ID, record.InvoiceNumber)
	if err != nil {
		return err
	}
	if placed.Known > 0 {
		form.Add("invoice_number", "duplicate")
		return s.answerClaimEntry(c, http.StatusConflict, form)
	}
	if invoice != "" {
		if err := s.negotiation.AttachInvoice(ctx, who(c).Actor, claim.CaseID, claim.ID, invoice); err != nil {
			return err
		}
	}
	if !notice.IsZero() {
		if err := s.negotiation.RecordNotice(ctx, who(c).Actor, claim.CaseID, claim.ID, notice); err != nil && negotiation.AsRefusal(err) == nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, "/"+console(c)+"/cases/"+claim.CaseID+"?done=saved")
}

// claimAsFile writes the form as a creditor's file of one line.
func (s *Server) claimAsFile(c echo.Context, form page.Form, issued, due string) (body []byte, creditor string, err error) {
	creditor = form.Values["creditor"]
	if who(c).Role == negotiation.RoleCreditor {
		own, err := s.negotiation.Creditor(c.Request().Context(), who(c).CreditorID)
		if err != nil {
			return nil, "", err
		}
		creditor = own.Reference
	}
	kind, name := "business", strings.TrimSpace(form.Values["company"])
	contact := strings.TrimSpace(strings.Join(notEmpty(form.Values["salutation"], form.Values["first_name"], form.Values["last_name"]), " "))
	if form.Is("kind", "individual") {
		kind, name = "consumer", strings.Join(notEmpty(form.Values["first_name"], form.Values["last_name"]), " ")
	}
	paid := form.Values["paid_amount"]
	if strings.TrimSpace(paid) == "" {
		paid = "0"
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma = ';'
	rows := [][]string{
		{"creditor_ref", "invoice_number", "issue_date", "due_date", "currency", "amount_incl_vat", "amount_paid", "debtor_kind", "debtor_name", "siren",
			"contact_name", "email", "phone", "street", "postcode", "city", "country", "language", "description"},
		{creditor, form.Values["invoice_number"], issued, due, string(money.EUR), form.Values["amount"], paid, kind, name, form.Values["siren"],
			contact, form.Values["email"], form.Values["phone"], form.Values["street"], form.Values["postcode"], form.Values["city"], "FR", form.Values["language"], form.Values["subject"]},
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, "", err
	}
	return out.Bytes(), creditor, nil
}
