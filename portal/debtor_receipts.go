package portal

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/page"
)

func receiptLine(r *payments.Receipt) (page.ReceiptLine, error) {
	content, err := r.Read()
	if err != nil {
		return page.ReceiptLine{}, err
	}
	line := page.ReceiptLine{
		Number: content.Number, On: content.On, Amount: content.Amount, Left: content.Left,
		URL: "/case/receipts/" + content.Number, PDFURL: "/case/receipts/" + content.Number + ".pdf",
	}
	zero := money.New(0, content.Amount.Currency)
	line.ToInterest, line.ToIndemnity, line.ToPrincipal = zero, zero, zero
	for _, l := range content.Lines {
		line.ToInterest, line.ToIndemnity, line.ToPrincipal = line.ToInterest.Add(l.Interest), line.ToIndemnity.Add(l.Indemnity), line.ToPrincipal.Add(l.Principal)
	}
	return line, nil
}

func (s *Server) showReceipts(c echo.Context) error {
	file, _, err := s.myCase(c)
	if err != nil {
		return err
	}
	receipts, err := s.payments.ReceiptsOf(c.Request().Context(), file.ID)
	if err != nil {
		return err
	}
	p := &page.Receipts{Base: s.inCase(c, file), Creditor: file.Creditor.Name}
	for i := range receipts {
		line, err := receiptLine(&receipts[i])
		if err != nil {
			return err
		}
		p.List = append(p.List, line)
	}
	return s.show(c, http.StatusOK, p)
}

// showReceipt shows one receipt, as a page or, under .pdf, as a document.
func (s *Server) showReceipt(c echo.Context) error {
	file, _, err := s.myCase(c)
	if err != nil {
		return err
	}
	number, asPDF := strings.CutSuffix(c.Param("receipt"), ".pdf")
	content, payment, err := s.receipt(c, file, number)
	if err != nil {
		return err
	}
	if asPDF {
		return s.sendReceipt(c, file, content)
	}
	p := &page.Receipt{
		Base: s.inCase(c, file), Number: content.Number, Payer: content.Payer, Creditor: content.Creditor,
		CreditorAddress: strings.Join(notEmpty(file.Creditor.Street, strings.TrimSpace(file.Creditor.Postcode+" "+file.Creditor.City)), ", "),
		On:              content.On, Amount: content.Amount, Left: content.Left, Before: content.Left.Add(content.Amount).Add(content.Waived).Sub(content.Excess),
		Clears: content.Left.IsZero(), PDFURL: "/case/receipts/" + content.Number + ".pdf", ChainHead: content.ChainHead,
	}
	if p.ByAnother = content.ByAnother; p.ByAnother {
		if p.Label, err = s.payerLabel(c, payment); err != nil {
			return err
		}
	}
	if p.Corrects = content.Corrects; p.Corrects == "" {
		p.Refunded, p.TakenBack = money.New(payment.Refunded, payment.Currency), money.New(payment.TakenBack, payment.Currency)
		p.Void = !payment.Kept().IsPositive()
	}
	p.Method, p.MethodDetail = method(content.Means)
	if today := negotiation.DayOf(s.now(c)); content.Reversible && !payment.ReversibleUntil.Before(today) {
		p.ProvisionalTo = payment.ReversibleUntil
	}
	p.Step = stepOf(content.Plan)
	for _, l := range content.Lines {
		for _, share := range []page.ReceiptShare{
			{Component: "interest", Invoice: l.Invoice, Amount: l.Interest}, {Component: "indemnity", Invoice: l.Invoice, Amount: l.Indemnity}, {Component: "principal", Invoice: l.Invoice, Amount: l.Principal},
		} {
			if share.Amount.IsPositive() {
				p.Lines = append(p.Lines, share)
			}
		}
	}
	if content.Excess.IsPositive() {
		p.Lines = append(p.Lines, page.ReceiptShare{Component: "excess", Amount: content.Excess})
	}
	return s.show(c, http.StatusOK, p)
}

// receipt finds one receipt of a case, with its payment. What the gateway had
// not said of the means when the receipt was written is said by the payment.
func (s *Server) receipt(c echo.Context, file *negotiation.Case, number string) (payments.ReceiptContent, *payments.Payment, error) {
	ctx := c.Request().Context()
	receipts, err := s.payments.ReceiptsOf(ctx, file.ID)
	if err != nil {
		return payments.ReceiptContent{}, nil, err
	}
	for i := range receipts {
		if receipts[i].Number != number {
			continue
		}
		content, err := receipts[i].Read()
		if err != nil {
			return content, nil, err
		}
		p, err := s.payments.Of(ctx, who(c).Actor, receipts[i].PaymentID)
		if err != nil {
			return content, nil, err
		}
		if content.Means == "" {
			content.Means = meansOfPayment(p)
		}
		return content, p, nil
	}
	return payments.ReceiptContent{}, nil, negotiation.Refuse(negotiation.NotFound, "not_found")
}
