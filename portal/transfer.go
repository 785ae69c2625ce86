package portal

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/boombuler/barcode/qr"
	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/banking"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/page"
)

const (
	transferPath      = "/case/pay/transfer"
	payerTransferPath = "/pay/transfer"
)

// transferOn is where a transfer of a sum on a case goes on a day, with the
// code that fills it in; nil where none may be asked for.
func transferOn(file *negotiation.Case, on negotiation.Day, sum money.Amount) (*page.Transfer, error) {
	t := file.Transfer(on)
	if t == nil {
		return nil, nil
	}
	shown := &page.Transfer{Holder: t.Holder, IBAN: banking.Grouped(t.IBAN), BIC: t.BIC, Reference: banking.Grouped(t.Reference), Sum: sum}
	content, err := banking.Transfer{Holder: t.Holder, IBAN: t.IBAN, BIC: t.BIC, Cents: sum.Minor, Reference: t.Reference}.QR()
	if err != nil {
		return nil, fmt.Errorf("transfer on case %s: %w", file.ID, err)
	}
	shown.Code, err = matrixOf(content)
	return shown, err
}

// matrixOf is the squares of a QR code.
func matrixOf(content string) ([][]bool, error) {
	code, err := qr.Encode(content, qr.M, qr.Unicode)
	if err != nil {
		return nil, fmt.Errorf("QR code: %w", err)
	}
	side := code.Bounds().Dx()
	matrix := make([][]bool, side)
	for y := range matrix {
		matrix[y] = make([]bool, side)
		for x := range matrix[y] {
			r, _, _, _ := code.At(x, y).RGBA()
			matrix[y][x] = r < 0x8000
		}
	}
	return matrix, nil
}

// chequeOn is where a cheque on a case goes on a day, or nil.
func chequeOn(file *negotiation.Case, on negotiation.Day) *page.Cheque {
	payable, a := file.ChequeTo(on), file.Agency
	if payable == "" {
		return nil
	}
	return &page.Cheque{PayableTo: payable, Address: strings.Join(notEmpty(a.Name, a.Street, strings.TrimSpace(a.Postcode+" "+a.City)), ", ")}
}

// transferURL is where the way by transfer is shown, where there is one.
func (s *Server) transferURL(c echo.Context, file *negotiation.Case, path string) (string, error) {
	today, err := s.negotiation.Today(c.Request().Context())
	if err != nil || file.Transfer(today) == nil {
		return "", err
	}
	return path, nil
}

// transferGoodUntil is until when a sum clears what it names if it arrives by
// transfer; no day where nothing is added to it.
func transferGoodUntil(q *payments.Quote, today negotiation.Day) day.Day {
	if q.PerDay.IsZero() {
		return ""
	}
	return today.Add(payments.TransferGoodDays)
}

// showTransfer says how to pay by transfer: what the plan asks for now, or the
// whole.
func (s *Server) showTransfer(c echo.Context) error {
	file, q, err := s.quote(c, payments.Order{Of: payments.NextInstalment})
	if q != nil && q.Plan == nil || negotiation.AsRefusal(err) != nil {
		file, q, err = s.quote(c, payments.Order{})
	}
	if err != nil {
		return s.otherWays(c, file, err)
	}
	today, err := s.negotiation.Today(c.Request().Context())
	if err != nil {
		return err
	}
	p := &page.PayTransfer{
		Base: s.inCase(c, file), Creditor: file.Creditor.Name, Sum: q.Amount, GoodUntil: transferGoodUntil(q, today), InPlan: !q.Whole, Cheque: chequeOn(file, today),
		Card: q.CanPayByCard(),
	}
	if p.Transfer, err = transferOn(file, today, q.Amount); err != nil {
		return err
	}
	if p.Transfer == nil {
		return s.otherWays(c, file, nil)
	}
	return s.show(c, http.StatusOK, p)
}

// showPayerTransfer says it to who holds a pay-only link. The name on a
// creditor's own account would tell whose case it is: only the agency's is
// shown.
func (s *Server) showPayerTransfer(c echo.Context) error {
	file, q, err := s.payments.QuotePayer(c.Request().Context(), who(c).Actor, payments.Order{})
	if negotiation.AsRefusal(err) != nil {
		return s.showNoPayment(c)
	} else if err != nil {
		return err
	}
	today, err := s.negotiation.Today(c.Request().Context())
	if err != nil {
		return err
	}
	if t := file.Transfer(today); t == nil || !t.ToAgency {
		return s.showNoPayment(c)
	}
	p := &page.PayerTransfer{
		Base: s.payerBase(c), Reference: negotiation.GroupedReference(file.Reference), Sum: q.Total, GoodUntil: transferGoodUntil(q, today), Card: q.CanPayByCard(),
	}
	if p.Transfer, err = transferOn(file, today, q.Total); err != nil {
		return err
	}
	return s.show(c, http.StatusOK, p)
}
