package portal

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/page"
)

const proofBytesMax = 10 << 20

func (s *Server) showRecordPayment(c echo.Context) error {
	return s.answerRecordPayment(c, http.StatusOK, s.kept(c, page.Form{Values: map[string]string{"once": uuid.Must(uuid.NewV7()).String()}}))
}

func (s *Server) answerRecordPayment(c echo.Context, status int, form page.Form) error {
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	of := console(c)
	back := "/" + of + "/cases/" + o.file.ID
	return s.showConsole(c, status, &page.RecordPayment{
		StaffBase: s.staffBase(c, "cases"), Row: openRow(of, o.file, o.gate, o.statement.Total), Today: o.gate.On, Methods: payments.Means,
		Action: back + "/payments", BackURL: back, Form: form,
	})
}

// createRecordedPayment records money received elsewhere, with its proof.
func (s *Server) createRecordedPayment(c echo.Context) error {
	form := typed(c, "amount", "on", "method", "reference", "note", "once")
	e := payments.Elsewhere{
		Amount: readSum(&form, "amount"), On: readDay(&form, "on"), Means: form.Values["method"],
		Reference: form.Values["reference"], Proof: form.Values["note"], AtAgency: console(c) == "agent", Once: form.Values["once"],
	}
	proof, err := s.upload(c, &form, "proof", proofBytesMax, "application/pdf", "image/jpeg", "image/png")
	if err != nil {
		return err
	}
	if proof != "" {
		e.Proof = proof
	}
	if form.Bad() {
		return s.answerRecordPayment(c, http.StatusUnprocessableEntity, form)
	}
	_, err = s.payments.RecordElsewhere(c.Request().Context(), who(c).Actor, c.Param("case"), e)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		if r.Field == "means" {
			r.Field = "method"
		}
		note(&form, s.language(c), r)
		return s.answerRecordPayment(c, http.StatusUnprocessableEntity, form)
	}
	if r := negotiation.AsRefusal(err); err != nil && (r == nil || r.Code != "recorded_already") {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, "/"+console(c)+"/cases/"+c.Param("case")+"?done=saved")
}

// upload keeps the file of a form's field and returns its hash; none was sent:
// empty. A bad one is noted in the form, and nothing else is lost.
func (s *Server) upload(c echo.Context, form *page.Form, field string, most int64, types ...string) (string, error) {
	header, err := c.FormFile(field)
	if err != nil {
		if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
			return "", nil
		}
		return "", err
	}
	if header.Size == 0 && header.Filename == "" {
		return "", nil
	}
	l := s.language(c)
	if header.Size > most {
		form.Add(field, "file_size", "size", l.Bytes(header.Size), "max", l.Bytes(most))
		return "", nil
	}
	file, err := header.Open()
	if err != nil {
		return "", err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return "", err
	}
	media := http.DetectContentType(content) // what it is, not what it says it is
	for _, known := range types {
		if media == known {
			return s.Files.Put(c.Request().Context(), header.Filename, media, content)
		}
	}
	form.Add(field, "file_type", "types", strings.Join(shortTypes(types), ", "))
	return "", nil
}

func shortTypes(types []string) []string {
	var short []string
	for _, t := range types {
		_, name, _ := strings.Cut(t, "/")
		short = append(short, strings.ToUpper(name))
	}
	return short
}

func (s *Server) showReversal(c echo.Context) error {
	return s.answerReversal(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerReversal(c echo.Context, status int, form page.Form) error {
	ctx := c.Request().Context()
	p, err := s.payments.Of(ctx, who(c).Actor, c.Param("payment"))
	if err != nil {
		return err
	}
	o, err := s.openCaseOf(c, p.CaseID)
	if err != nil {
		return err
	}
	of := console(c)
	rows, err := s.paymentRows(c, of, o.file)
	if err != nil {
		return err
	}
	shown := &page.ReversePayment{
		StaffBase: s.staffBase(c, "payments"), Row: openRow(of, o.file, o.gate, o.statement.Total), Before: o.statement.Total,
		After:  o.statement.Total.Add(p.ReceivedAmount()).Sub(money.New(p.Excess, p.Currency)),
		Action: "/" + of + "/payments/" + p.ID + "/reversal", BackURL: "/" + of + "/cases/" + o.file.ID, Form: form,
	}
	for _, row := range rows {
		if row.ID == p.ID {
			shown.Payment = row
		}
	}
	if shown.Payment.ReverseURL == "" {
		return negotiation.Refuse(negotiation.Conflict, "only_recorded_payments_reverse")
	}
	return s.showConsole(c, status, shown)
}

func (s *Server) createReversal(c echo.Context) error {
	form := typed(c, "reason")
	p, err := s.payments.Of(c.Request().Context(), who(c).Actor, c.Param("payment"))
	if err != nil {
		return err
	}
	err = s.payments.Reverse(c.Request().Context(), who(c).Actor, p.ID, form.Values["reason"])
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerReversal(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/"+console(c)+"/cases/"+p.CaseID+"?done=saved")
}
