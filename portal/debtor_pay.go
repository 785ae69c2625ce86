package portal

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/banking"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/page"
)

// recognitionText is the version of the text by which paying a part recognises
// the debt (phrases legal.part…).
const recognitionText = "legal.part/" + negotiation.TextVersion

// showPay asks how much where there is a choice; else it goes to the review at
// once.
func (s *Server) showPay(c echo.Context) error {
	file, quote, err := s.quote(c, payments.Order{Of: payments.NextInstalment})
	if quote != nil && quote.Plan == nil || negotiation.AsRefusal(err) != nil { // no plan, or one that asks for nothing now
		file, quote, err = s.quote(c, payments.Order{})
	}
	if err != nil {
		return s.otherWays(c, file, err)
	}
	if !quote.CanPayByCard() {
		return s.otherWays(c, file, nil)
	}
	if !quote.PartsOK {
		return s.answerReview(c, http.StatusOK, file, quote, page.Form{})
	}
	return s.answerChoice(c, http.StatusOK, file, quote, s.kept(c, page.Form{}))
}

func (s *Server) answerChoice(c echo.Context, status int, file *negotiation.Case, q *payments.Quote, form page.Form) error {
	p := &page.PayChoice{Base: s.inCase(c, file), Creditor: file.Creditor.Name, Left: q.Total, GoodUntil: goodUntil(q.GoodUntil, q.PerDay), PartMin: q.Least, Form: form}
	if q.Plan != nil {
		today, err := s.negotiation.Today(c.Request().Context())
		if err != nil {
			return err
		}
		zero := money.New(0, file.Currency)
		plan := &page.PayPlan{Next: nextOf(q.Plan.Progress, today), Rest: zero, Whole: zero, Settlement: q.Plan.Progress.Plan.IsSettlement()}
		if q.Plan.Rest.Cmp(q.Plan.Due) > 0 {
			plan.Rest, plan.Clears = q.Plan.Rest, q.Plan.Rest.Cmp(q.Total) == 0
		}
		// What lies outside the plan is apart; with money on its way, the whole
		// would ask for that twice.
		if q.Total.Cmp(q.Plan.Rest) > 0 && q.OnItsWay().IsZero() {
			plan.Whole = q.Total
		}
		p.Plan = plan
	}
	var err error
	if p.TransferURL, err = s.transferURL(c, file, transferPath); err != nil {
		return err
	}
	return s.show(c, status, p)
}

// quote works out what the debtor's payment would be.
func (s *Server) quote(c echo.Context, o payments.Order) (*negotiation.Case, *payments.Quote, error) {
	file, _, err := s.myCase(c)
	if err != nil {
		return nil, nil, err
	}
	q, err := s.payments.Quote(c.Request().Context(), file, o)
	return file, q, err
}

// otherWays is shown where no card can be taken: how else, or why not.
func (s *Server) otherWays(c echo.Context, file *negotiation.Case, err error) error {
	p := &page.PayOtherWays{Shut: "card_not_ready"}
	if err != nil {
		r := negotiation.AsRefusal(err)
		if r == nil || file == nil || r.Kind != negotiation.Blocked || len(r.Reasons) == 0 {
			if r != nil && r.Code == "plan_moved_on" { // the choice as it is now
				return c.Redirect(http.StatusSeeOther, "/case/pay")
			}
			if r != nil && file != nil && r.Kind == negotiation.Conflict {
				return c.Redirect(http.StatusSeeOther, "/case") // nothing to pay now: the case page says why
			}
			return err
		}
		p.Shut = string(r.Reasons[0])
	}
	today, err := s.negotiation.Today(c.Request().Context())
	if err != nil {
		return err
	}
	statement, err := file.Statement(today)
	if err != nil {
		return err
	}
	p.Base, p.Creditor, p.Left, p.GoodUntil, p.Agent = s.inCase(c, file), file.Creditor.Name, statement.Total, goodUntil(statement.GoodUntil, statement.PerDay), s.agent(c)
	if p.Shut == "card_not_ready" {
		if p.Transfer, err = transferOn(file, today, statement.Total); err != nil {
			return err
		}
		p.Cheque = chequeOn(file, today)
	}
	return s.show(c, http.StatusOK, p)
}

// order reads how much is to be paid. ok is false where a form must come back.
func (s *Server) order(c echo.Context, form *page.Form) (o payments.Order, ok bool) {
	o.Language = string(s.language(c))
	switch choice := form.Values["choice"]; choice {
	case "whole", "":
		return o, true
	case string(payments.NextInstalment), string(payments.RestOfPlan):
		o.Of = payments.Portion(choice)
		return o, true
	case "part":
		sum, good := amount(form.Values["part"], money.EUR)
		if !good || sum.IsZero() {
			form.Add("part", "amount")
			return o, false
		}
		o.Amount = sum
		return o, true
	}
	form.Add("choice", "choose_sum")
	return o, false
}

// reviewPay reads how much and shows it once more before anything happens.
func (s *Server) reviewPay(c echo.Context) error {
	form := typed(c, "choice", "part")
	order, ok := s.order(c, &form)
	if ok && form.Values["choice"] == "" {
		form.Add("choice", "choose_sum")
		ok = false
	}
	if !ok && order.Of == payments.ByAmount { // the choice again, of a plan too
		if file, _, err := s.myCase(c); err == nil && file.ActivePlan() != nil {
			order.Of = payments.NextInstalment
		}
	}
	file, quote, err := s.quote(c, order)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid && quote != nil {
		if r.Field == "amount" {
			r.Field = "part"
		}
		note(&form, s.language(c), r)
		return s.answerChoice(c, http.StatusUnprocessableEntity, file, quote, form)
	}
	if err != nil {
		return s.otherWays(c, file, err)
	}
	if !ok {
		return s.answerChoice(c, http.StatusUnprocessableEntity, file, quote, form)
	}
	if !quote.CanPayByCard() {
		return s.otherWays(c, file, nil)
	}
	return s.carry(c, payReviewPath, "pay", form, func() error { return s.answerReview(c, http.StatusOK, file, quote, form) })
}

// payReviewPath is the page on which a payment is read again.
const payReviewPath = "/case/pay/review"

// showPayReview shows once more what was chosen, as things stand now. What
// cannot be paid any more leads to the choice.
func (s *Server) showPayReview(c echo.Context) error {
	form, carried := s.carried(c, "pay", "choice", "part")
	order, ok := s.order(c, &form)
	if !carried || !ok || form.Values["choice"] == "" {
		return c.Redirect(http.StatusSeeOther, "/case/pay")
	}
	file, quote, err := s.quote(c, order)
	switch r := negotiation.AsRefusal(err); {
	case r != nil && r.Kind == negotiation.Invalid && quote != nil:
		return c.Redirect(http.StatusSeeOther, "/case/pay")
	case err != nil:
		return s.otherWays(c, file, err)
	case !quote.CanPayByCard():
		return s.otherWays(c, file, nil)
	}
	return s.answerReview(c, http.StatusOK, file, quote, form)
}

func (s *Server) answerReview(c echo.Context, status int, file *negotiation.Case, q *payments.Quote, form page.Form) error {
	today, err := s.negotiation.Today(c.Request().Context())
	if err != nil {
		return err
	}
	p := &page.PayReview{
		Base: s.inCase(c, file), Creditor: file.Creditor.Name, Left: q.Total, Amount: q.Amount, After: q.Total.Sub(q.Amount), GoodUntil: goodUntil(q.GoodUntil, q.PerDay),
		Part: !q.Whole, Tick: q.NeedsRecognition(), Choice: form.Values["choice"], PartTyped: form.Values["part"], CanPart: q.PartsOK, Methods: methods(q.Methods), Form: form,
	}
	if p.Choice == "" {
		p.Choice = "whole"
	}
	after, err := q.After(file, today)
	if err != nil {
		return err
	}
	if p.Step = stepOf(after); p.Step != nil {
		p.Next = nextOf(q.Plan.Progress, today)
	}
	if c.Request().Method == http.MethodPost {
		p.CurrentPath = "/case/pay"
	}
	if p.TransferURL, err = s.transferURL(c, file, transferPath); err != nil {
		return err
	}
	if err := s.askCharges(c, file, p); err != nil {
		return err
	}
	if p.Part {
		parts, err := file.Preview(q.Amount, nil, today)
		if err != nil {
			return err
		}
		p.ToInterest, p.ToIndemnity, p.ToPrincipal = parts[ledger.Interest], parts[ledger.Indemnity], parts[ledger.Principal]
	}
	return s.show(c, status, p)
}

// askCharges shows the box by which the card is kept for the instalments to
// come, where there are any and none is charged yet. It is ticked for those who
// ticked it when they accepted the plan, and for nobody else.
func (s *Server) askCharges(c echo.Context, file *negotiation.Case, p *page.PayReview) error {
	plan := file.ActivePlan()
	if plan == nil || p.Step == nil || p.Step.NextOn.IsZero() || who(c).Role != negotiation.RoleDebtor || plan.Charged != "" {
		return nil
	}
	var err error
	if p.ChargesText, err = s.chargesAsked(c, file); err != nil {
		return err
	}
	p.AskCharges = p.ChargesText != ""
	yes := file.Offer(plan.OfferID).Accepted(negotiation.SideDebtor)
	if _, sent := p.Form.Values["charges"]; !sent && yes != nil && yes.ChargesText == p.ChargesText {
		values := map[string]string{"charges": "yes"}
		for name, value := range p.Form.Values {
			values[name] = value
		}
		p.Form.Values = values
	}
	return nil
}

// createPayment opens the gateway's page and leads there. The sum is ours, not
// the browser's: what the form says is only compared.
func (s *Server) createPayment(c echo.Context) error {
	form := typed(c, "choice", "part", "recognise", "shown", "line", "charges", chargesField)
	order, ok := s.order(c, &form)
	order.Charges = ticked(form)
	file, quote, err := s.quote(c, order)
	if err != nil || !ok {
		return s.reviewPay(c)
	}
	if line, err := strconv.ParseInt(form.Values["line"], 10, 64); err == nil && order.Of != payments.ByAmount {
		order.Line = line
	}
	if quote.Whole || order.Of != payments.ByAmount {
		if shown, err := strconv.ParseInt(form.Values["shown"], 10, 64); err == nil {
			order.Seen = money.New(shown, file.Currency)
		}
	}
	if quote.NeedsRecognition() && form.Is("recognise", "yes") {
		order.Recognition = recognitionText
	}
	address, err := s.payments.Start(c.Request().Context(), who(c).Actor, file.ID, order)
	if r := negotiation.AsRefusal(err); r != nil {
		switch r.Code {
		case "recognition_not_ticked":
			form.Add("recognise", "recognise")
			return s.answerReview(c, http.StatusUnprocessableEntity, file, quote, form)
		case "card_not_possible":
			return s.otherWays(c, file, nil)
		case "payment_being_checked":
			return s.answerReturn(c, file, nil, page.ReturnChecking)
		case "amount_changed", "plan_moved_on":
			note(&form, s.language(c), r)
			order.Line = 0
			if file, quote, err = s.quote(c, order); err != nil {
				return s.otherWays(c, file, err)
			}
			return s.answerReview(c, http.StatusConflict, file, quote, form)
		}
		return err
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, address)
}

// showReturn is where the gateway's page comes back to. It asks the gateway
// how things stand, for three seconds at most, and hands what it learned to
// the same method as the webhook.
func (s *Server) showReturn(c echo.Context) error {
	ctx := c.Request().Context()
	p, err := s.payments.Of(ctx, who(c).Actor, c.Param("payment"))
	if err != nil {
		return err
	}
	checked, err := s.payments.Check(ctx, p.ID)
	state := ""
	switch {
	case err != nil && negotiation.AsRefusal(err) == nil && !errors.Is(err, context.Canceled):
		s.Log.Warn("payment not checked", "payment", p.ID, "error", err)
		state = page.ReturnChecking
	case err != nil:
		return err
	default:
		p = checked
	}
	s.nudge()
	file, err := s.negotiation.Case(ctx, who(c).Actor, p.CaseID)
	if err != nil {
		return err
	}
	if state == "" {
		state = returnState(p, c.QueryParam("cancelled") != "")
	}
	return s.answerReturn(c, file, p, state)
}

func returnState(p *payments.Payment, cancelled bool) string {
	if p.State == payments.Started && p.AnnouncedAt != nil {
		return page.ReturnAnnounced
	}
	switch p.State {
	case payments.Succeeded:
		return page.ReturnSucceeded
	case payments.Processing:
		return page.ReturnProcessing
	case payments.FailedFor:
		return page.ReturnFailed
	case payments.Cancelled:
		return page.ReturnCancelled
	}
	if cancelled { // the page is still open, and nothing was paid on it
		if p.Failure != "" {
			return page.ReturnFailed
		}
		return page.ReturnCancelled
	}
	return page.ReturnChecking
}

func (s *Server) answerReturn(c echo.Context, file *negotiation.Case, p *payments.Payment, state string) error {
	ctx := c.Request().Context()
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	statement, err := file.Statement(today)
	if err != nil {
		return err
	}
	shown := &page.PayReturn{InPlan: file.ActivePlan() != nil, Base: s.inCase(c, file), State: state, Creditor: file.Creditor.Name, Left: statement.Total, Amount: statement.Total, Agent: s.agent(c)}
	if p != nil {
		shown.Amount, shown.Come = p.Asked(), p.InPart()
		if to, awaited, err := p.Announced(); err != nil {
			return err
		} else if awaited {
			shown.Transfer = &page.Transfer{Holder: to.Holder, IBAN: banking.Grouped(to.IBAN), BIC: to.BIC, Reference: to.Reference, Sum: to.Remaining}
		}
		if p.SucceededAt != nil {
			shown.Amount, shown.PaidAt = p.ReceivedAmount(), *p.SucceededAt
		}
		receipts, err := s.payments.ReceiptsOf(ctx, file.ID)
		if err != nil {
			return err
		}
		for i := range receipts {
			if receipts[i].PaymentID == p.ID {
				content, err := receipts[i].Read()
				if err != nil {
					return err
				}
				line, err := receiptLine(&receipts[i])
				if err != nil {
					return err
				}
				shown.Receipt, shown.Step = &line, stepOf(content.Plan)
			}
		}
	}
	status := http.StatusOK
	if state == page.ReturnChecking {
		status = http.StatusAccepted
	}
	return s.show(c, status, shown)
}
