package portal

import (
	"encoding/json"
	"net/http"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/locale"
	"amiable/portal/page"
)

// Money that goes back: an agent's page of one payment, and of what a payer's
// bank took of it.

func (s *Server) backRoutes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, "/agent/payments/:payment", Agents, s.showPayment},
		{post, "/agent/payments/:payment/refunds", Agents, s.createRefund},
		{post, "/agent/refunds/:refund/approval", Agents, s.approveRefund},
		{post, "/agent/refunds/:refund/cancellation", Agents, s.cancelRefund},
		{get, "/agent/chargebacks/:chargeback", Agents, s.showChargeback},
		{post, "/agent/chargebacks/:chargeback/evidence", Agents, s.createEvidence},
	}
}

func (s *Server) showPayment(c echo.Context) error {
	return s.answerPayment(c, http.StatusOK, s.kept(c, page.Form{Values: map[string]string{"once": uuid.Must(uuid.NewV7()).String(), "reason": string(payments.Overpaid)}}))
}

func (s *Server) answerPayment(c echo.Context, status int, form page.Form) error {
	p, err := s.payments.Of(c.Request().Context(), who(c).Actor, c.Param("payment"))
	if err != nil {
		return err
	}
	return s.answerPaymentOf(c, p, status, form)
}

func (s *Server) answerPaymentOf(c echo.Context, p *payments.Payment, status int, form page.Form) error {
	o, err := s.openCaseOf(c, p.CaseID)
	if err != nil {
		return err
	}
	rows, err := s.paymentRows(c, "agent", o.file)
	if err != nil {
		return err
	}
	refunds, charged, err := s.payments.BackOf(c.Request().Context(), p.CaseID)
	if err != nil {
		return err
	}
	b := s.staffBase(c, "payments")
	shown := &page.PaymentPage{
		StaffBase: b, Row: openRow("agent", o.file, o.gate, o.statement.Total), Kept: p.Kept(), Most: payments.RefundableSum(p, refunds),
		Action: "/agent/payments/" + p.ID + "/refunds", BackURL: "/agent/cases/" + p.CaseID, Form: form,
		TwoFrom: money.New(s.payments.TwoPersonsFrom(), p.Currency),
	}
	for _, row := range rows {
		if row.ID == p.ID {
			shown.Payment = row
		}
	}
	if r := negotiation.AsRefusal(payments.Refundable(p, refunds, charged)); r != nil {
		shown.Shut = r.Code
	}
	for _, reason := range payments.RefundReasons {
		shown.Reasons = append(shown.Reasons, string(reason))
	}
	for i := range refunds {
		if refunds[i].PaymentID == p.ID {
			shown.ByTransfer = shown.ByTransfer || refunds[i].State == payments.RefundFailed
			shown.Refunds = append(shown.Refunds, s.refundRow(b.Lang, who(c).Actor, &refunds[i]))
		}
	}
	for i := range charged {
		if b := &charged[i]; b.PaymentID == p.ID {
			shown.Chargebacks = append(shown.Chargebacks, chargebackRow(b, b.CanBeAnswered(s.now(c))))
		}
	}
	return s.showConsole(c, status, shown)
}

func chargebackRow(b *payments.Chargeback, waits bool) page.ChargebackRow {
	row := page.ChargebackRow{URL: "/agent/chargebacks/" + b.ID, On: negotiation.DayOf(b.OpenedAt), Sum: b.Sum(), State: string(b.State)}
	if b.DueAt != nil && waits {
		row.Due = negotiation.DayOf(*b.DueAt)
	}
	return row
}

func (s *Server) refundRow(l locale.Language, by negotiation.Actor, r *payments.Refund) page.RefundRow {
	row := page.RefundRow{On: negotiation.DayOf(r.CreatedAt), Sum: r.Sum(), State: string(r.State), Reason: string(r.Reason), By: "person", Note: r.Note}
	if r.MadeAt != nil {
		row.On = negotiation.DayOf(*r.MadeAt)
	}
	switch r.ByRole {
	case negotiation.RoleSystem:
		row.By = "system"
	case negotiation.RoleGateway:
		row.By = "gateway"
	}
	switch {
	case r.State == payments.RefundFailed:
		row.Problem = l.T("refund.came_back")
	case l.Has("refusal." + r.Problem):
		row.Problem = l.T("refusal." + r.Problem)
	default:
		row.Problem = r.Problem
	}
	switch r.State {
	case payments.RefundWanted:
		row.CancelURL = "/agent/refunds/" + r.ID + "/cancellation"
		if !s.payments.NeedsTwo(r.Sum()) || r.ByID != by.ID || r.ByRole == negotiation.RoleSystem {
			row.ApproveURL = "/agent/refunds/" + r.ID + "/approval"
		} else {
			row.Problem = l.T("refund.second_person")
		}
	case payments.RefundApproved:
		row.CancelURL = "/agent/refunds/" + r.ID + "/cancellation"
	}
	return row
}

// createRefund asks that money of a payment go back, or writes down how it did.
func (s *Server) createRefund(c echo.Context) error {
	form := typed(c, "amount", "reason", "note", "reference", "once")
	order := payments.RefundOrder{
		Amount: readSum(&form, "amount"), Reason: payments.RefundReason(form.Values["reason"]), Note: form.Values["note"],
		Reference: form.Values["reference"], Once: form.Values["once"],
	}
	if form.Bad() {
		return s.answerPayment(c, http.StatusUnprocessableEntity, form)
	}
	_, err := s.payments.AskRefund(c.Request().Context(), who(c).Actor, c.Param("payment"), order)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerPayment(c, http.StatusUnprocessableEntity, form)
	}
	if r := negotiation.AsRefusal(err); err != nil && (r == nil || r.Code != "recorded_already") {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, "/agent/payments/"+c.Param("payment")+"?done=saved")
}

func (s *Server) approveRefund(c echo.Context) error {
	r, err := s.payments.Refund(c.Request().Context(), who(c).Actor, c.Param("refund"))
	if err != nil {
		return err
	}
	if err := s.payments.ApproveRefund(c.Request().Context(), who(c).Actor, r.ID); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent/payments/"+r.PaymentID+"?done=saved")
}

func (s *Server) cancelRefund(c echo.Context) error {
	ctx := c.Request().Context()
	form := typed(c, "cancel_reason")
	r, err := s.payments.Refund(ctx, who(c).Actor, c.Param("refund"))
	if err != nil {
		return err
	}
	err = s.payments.CancelRefund(ctx, who(c).Actor, r.ID, form.Values["cancel_reason"])
	if refused := negotiation.AsRefusal(err); refused != nil && refused.Kind == negotiation.Invalid {
		p, err := s.payments.Of(ctx, who(c).Actor, r.PaymentID)
		if err != nil {
			return err
		}
		refused.Field = "cancel_reason"
		note(&form, s.language(c), refused)
		return s.answerPaymentOf(c, p, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent/payments/"+r.PaymentID+"?done=saved")
}

// backWork is what of refunds and chargebacks waits for a person.
func (s *Server) chargebackWork(c echo.Context) (work []page.WorkRow, err error) {
	banks, err := s.payments.ChargebacksToAnswer(c.Request().Context(), worklistMax)
	if err != nil {
		return nil, err
	}
	for i := range banks {
		b := &banks[i]
		row := page.WorkRow{URL: "/agent/chargebacks/" + b.ID, Who: b.DebtorName, Step: "answer_bank", Why: "charged_back", Values: []any{"sum", b.Sum()}}
		if b.State == payments.ChargebackInquiry {
			row.Why = "bank_asks"
		}
		if b.DueAt != nil {
			row.Due = negotiation.DayOf(*b.DueAt)
		}
		work = append(work, row)
	}
	return work, nil
}

func (s *Server) refundWork(c echo.Context) (work []page.WorkRow, err error) {
	refunds, err := s.payments.RefundsForPersons(c.Request().Context(), worklistMax)
	if err != nil {
		return nil, err
	}
	for i := range refunds {
		r := &refunds[i]
		row := page.WorkRow{URL: "/agent/payments/" + r.PaymentID, Who: r.DebtorName, Due: negotiation.DayOf(r.CreatedAt), Step: "refund", Why: "refund_wanted", Values: []any{"sum", r.Sum()}}
		switch {
		case r.State == payments.RefundFailed:
			row.Why = "refund_failed"
		case r.State == payments.RefundAsked:
			row.Why = "refund_unanswered"
		case r.Reason == payments.Overpaid:
			row.Why = "overpaid"
		}
		work = append(work, row)
	}
	return work, nil
}

func (s *Server) showChargeback(c echo.Context) error {
	return s.answerChargeback(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerChargeback(c echo.Context, status int, form page.Form) error {
	b, p, o, err := s.chargeback(c)
	if err != nil {
		return err
	}
	rows, err := s.paymentRows(c, "agent", o.file)
	if err != nil {
		return err
	}
	base, now := s.staffBase(c, "payments"), s.now(c)
	shown := &page.ChargebackPage{
		StaffBase: base, Row: openRow("agent", o.file, o.gate, o.statement.Total), Sum: b.Sum(), Taken: b.TakenAmount(), Cost: b.CostAmount(),
		State: string(b.State), Reason: b.Reason, OpenedOn: negotiation.DayOf(b.OpenedAt), CanAnswer: b.CanBeAnswered(now),
		Action: "/agent/chargebacks/" + b.ID + "/evidence", PaymentURL: "/agent/payments/" + p.ID, BackURL: "/agent/cases/" + b.CaseID, Form: form,
	}
	for _, row := range rows {
		if row.ID == p.ID {
			shown.Payment = row
		}
	}
	if b.DueAt != nil {
		shown.Due = negotiation.DayOf(*b.DueAt)
	}
	var e payments.Evidence
	switch {
	case b.Evidence != "" && b.AnsweredAt != nil:
		if err := json.Unmarshal([]byte(b.Evidence), &e); err != nil {
			return err
		}
		shown.Written = negotiation.DayOf(*b.AnsweredAt)
		shown.Evidence.Text = e.Text
		if b.SentAt != nil {
			shown.Sent = negotiation.DayOf(*b.SentAt)
		}
	case shown.CanAnswer:
		if e, err = s.evidence(c, o.file, p); err != nil {
			return err
		}
		if shown.Form.Values == nil {
			shown.Form.Values = map[string]string{}
		}
		if _, typed := shown.Form.Values["text"]; !typed {
			shown.Form.Values["text"] = e.Text
		}
	}
	shown.Evidence.Customer, shown.Evidence.Email, shown.Evidence.Product, shown.Evidence.PaidOn = e.Customer, e.Email, e.Product, e.PaidOn
	shown.Evidence.Access = lines(e.Access)
	return s.showConsole(c, status, shown)
}

// chargeback is the one that a route names, with its payment and case.
func (s *Server) chargeback(c echo.Context) (*payments.Chargeback, *payments.Payment, *opened, error) {
	ctx := c.Request().Context()
	b, err := s.payments.Chargeback(ctx, who(c).Actor, c.Param("chargeback"))
	if err != nil {
		return nil, nil, nil, err
	}
	p, err := s.payments.Of(ctx, who(c).Actor, b.PaymentID)
	if err != nil {
		return nil, nil, nil, err
	}
	o, err := s.openCaseOf(c, b.CaseID)
	return b, p, o, err
}

// createEvidence answers the payer's bank, once.
func (s *Server) createEvidence(c echo.Context) error {
	form := typed(c, "text")
	b, p, o, err := s.chargeback(c)
	if err != nil {
		return err
	}
	e, err := s.evidence(c, o.file, p)
	if err != nil {
		return err
	}
	e.Text = form.Values["text"]
	err = s.payments.SubmitEvidence(c.Request().Context(), who(c).Actor, b.ID, e)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerChargeback(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent/chargebacks/"+b.ID+"?done=saved")
}
