package portal

import (
	"errors"
	"net/http"
	"strconv"

	"context"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/access"
	"amiable/portal/page"
)

// Who holds a pay-only link sees a sum, the reference it is for, until when it
// holds, and the agency. Whatever stands in the way is answered by one page
// that says nothing of why.

// showPayLink is what a pay-only link opens: who asks, and a button. It changes
// nothing, and shows nothing of the case.
func (s *Server) showPayLink(c echo.Context) error {
	_, err := s.access.FindPayLink(c.Request().Context(), c.Param("token"))
	if negotiation.AsRefusal(err) != nil {
		return s.showNoPayment(c)
	}
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, &page.PayerOpen{Base: s.base(c), Action: "/p/" + c.Param("token")})
}

// openPayLink begins the session of who pressed the button.
func (s *Server) openPayLink(c echo.Context) error {
	l, err := s.access.OpenPayLink(c.Request().Context(), c.Param("token"))
	if negotiation.AsRefusal(err) != nil {
		return s.showNoPayment(c)
	}
	if err != nil {
		return err
	}
	visit := access.Visit{Kind: access.KindPayer, SubjectID: l.ID, CaseID: l.CaseID}
	if err := s.access.Begin(c.Response(), c.Request(), visit); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/pay")
}

// showNoPayment is the one page for a pay-only link on which nothing can be
// paid: unknown, ended, or of a case that takes no payment now.
func (s *Server) showNoPayment(c echo.Context) error {
	b := s.base(c)
	b.CurrentPath = "" // a token stays out of any link
	return s.show(c, http.StatusNotFound, &page.PayerNone{Base: b})
}

// payerQuote works out what a payer's payment would be. ok is false where the
// answer was given: nothing can be paid.
func (s *Server) payerQuote(c echo.Context, part money.Amount) (reference string, q *payments.Quote, refused *negotiation.Refusal, err error) {
	file, q, err := s.payments.QuotePayer(c.Request().Context(), who(c).Actor, payments.Order{Amount: part})
	if refused = negotiation.AsRefusal(err); refused != nil {
		err = nil
	}
	if err != nil || file == nil {
		return "", nil, refused, err
	}
	return negotiation.GroupedReference(file.Reference), q, refused, nil
}

// showPayer asks whole or part where the creditor takes a part; else it goes to
// the review at once.
func (s *Server) showPayer(c echo.Context) error {
	reference, q, refused, err := s.payerQuote(c, money.Amount{})
	switch {
	case err != nil:
		return err
	case refused != nil || !q.CanPayByCard():
		return s.showNoPayment(c)
	case q.PartsOK:
		return s.answerPayerChoice(c, http.StatusOK, reference, q, page.Form{})
	}
	return s.answerPayerReview(c, http.StatusOK, reference, q, page.Form{})
}

func (s *Server) payerBase(c echo.Context) page.Base {
	b := s.base(c)
	b.CurrentPath = "/pay"
	return b
}

func (s *Server) answerPayerChoice(c echo.Context, status int, reference string, q *payments.Quote, form page.Form) error {
	return s.show(c, status, &page.PayerChoice{
		Base: s.payerBase(c), Reference: reference, Left: q.Total, GoodUntil: goodUntil(q.GoodUntil, q.PerDay), PartMin: q.Least, Form: form,
	})
}

func (s *Server) answerPayerReview(c echo.Context, status int, reference string, q *payments.Quote, form page.Form) error {
	return s.show(c, status, &page.PayerReview{
		Base: s.payerBase(c), Reference: reference, Amount: q.Amount, Shown: q.Total, GoodUntil: goodUntil(q.GoodUntil, q.PerDay), Part: !q.Whole, PartTyped: form.Values["part"],
		CanPart: q.PartsOK, Methods: methods(q.Methods), Form: form,
	})
}

// part reads whole (nothing) or part: who only pays knows of no plan. ok is
// false where a form must come back.
func (s *Server) part(c echo.Context, form *page.Form) (sum money.Amount, ok bool) {
	o, ok := s.order(c, form)
	if o.Of != payments.ByAmount {
		form.Add("choice", "choose")
		return sum, false
	}
	return o.Amount, ok
}

// reviewPayer reads whole or part and shows it once more before anything
// happens.
func (s *Server) reviewPayer(c echo.Context) error {
	form := typed(c, "choice", "part")
	part, ok := s.part(c, &form)
	if ok && form.Values["choice"] == "" {
		form.Add("choice", "choose")
		ok = false
	}
	reference, q, refused, err := s.payerQuote(c, part)
	switch {
	case err != nil:
		return err
	case q == nil || !q.CanPayByCard():
		return s.showNoPayment(c)
	case refused != nil && refused.Kind == negotiation.Invalid:
		if refused.Field == "amount" {
			refused.Field = "part"
		}
		note(&form, s.language(c), refused)
		return s.answerPayerChoice(c, http.StatusUnprocessableEntity, reference, q, form)
	case refused != nil:
		return s.showNoPayment(c)
	case !ok:
		return s.answerPayerChoice(c, http.StatusUnprocessableEntity, reference, q, form)
	}
	return s.carry(c, payerReviewPath, "payer", form, func() error { return s.answerPayerReview(c, http.StatusOK, reference, q, form) })
}

// payerReviewPath is the page on which a payer's payment is read again.
const payerReviewPath = "/pay/review"

// showPayerReview shows once more what was chosen, as things stand now. What
// cannot be paid any more leads to the choice.
func (s *Server) showPayerReview(c echo.Context) error {
	form, carried := s.carried(c, "payer", "choice", "part")
	part, ok := s.part(c, &form)
	if !carried || !ok || form.Values["choice"] == "" {
		return c.Redirect(http.StatusSeeOther, "/pay")
	}
	reference, q, refused, err := s.payerQuote(c, part)
	switch {
	case err != nil:
		return err
	case q == nil || !q.CanPayByCard():
		return s.showNoPayment(c)
	case refused != nil && refused.Kind == negotiation.Invalid:
		return c.Redirect(http.StatusSeeOther, "/pay")
	case refused != nil:
		return s.showNoPayment(c)
	}
	return s.answerPayerReview(c, http.StatusOK, reference, q, form)
}

// createPayerPayment opens the gateway's page and leads there. Nothing is
// recognised by it, and nobody is asked to.
func (s *Server) createPayerPayment(c echo.Context) error {
	form := typed(c, "choice", "part", "shown")
	part, ok := s.part(c, &form)
	reference, q, refused, err := s.payerQuote(c, part)
	switch {
	case err != nil:
		return err
	case refused != nil || !ok || q == nil:
		return s.reviewPayer(c)
	}
	by := who(c).Actor
	order := payments.Order{Amount: part, Language: string(s.language(c)), Holds: func(t *negotiation.Tx) error { return s.access.PayLinkHolds(t, by.ID) }}
	if shown, err := strconv.ParseInt(form.Values["shown"], 10, 64); err == nil && q.Whole {
		order.Seen = money.New(shown, q.Total.Currency)
	}
	address, err := s.payments.Start(c.Request().Context(), by, by.CaseID, order)
	r := negotiation.AsRefusal(err)
	switch {
	case r != nil && r.Code == "amount_changed":
		note(&form, s.language(c), r)
		return s.answerPayerReview(c, http.StatusConflict, reference, q, form)
	case r != nil:
		return s.showNoPayment(c)
	case err != nil:
		return err
	}
	return c.Redirect(http.StatusSeeOther, address)
}

// showPayerReturn is where the gateway's page comes back to: what was paid, for
// which reference, when.
func (s *Server) showPayerReturn(c echo.Context) error {
	ctx := c.Request().Context()
	p, err := s.payments.OfPayer(ctx, who(c).Actor, c.Param("payment"))
	if negotiation.AsRefusal(err) != nil {
		return s.showNoPayment(c)
	}
	if err != nil {
		return err
	}
	state := ""
	checked, err := s.payments.Check(ctx, p.ID)
	switch {
	case err != nil && negotiation.AsRefusal(err) == nil && !errors.Is(err, context.Canceled):
		s.Log.Warn("payment not checked", "payment", p.ID, "error", err)
		state = page.ReturnChecking
	case err != nil:
		return err
	default:
		p = checked
		state = returnState(p, c.QueryParam("cancelled") != "")
	}
	s.nudge()
	file, err := s.negotiation.Case(ctx, negotiation.System, p.CaseID)
	if err != nil {
		return err
	}
	b := s.base(c)
	shown := &page.PayerReturn{Base: b, State: state, Reference: negotiation.GroupedReference(file.Reference), Amount: p.Asked(), On: p.PaidOn}
	if p.SucceededAt != nil {
		shown.Amount = p.ReceivedAmount()
	}
	status := http.StatusOK
	if state == page.ReturnChecking {
		status = http.StatusAccepted
	}
	return s.show(c, status, shown)
}
