package payments

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// FeeInvoiceKind is what a numbered document of the agency's is.
type FeeInvoiceKind string

const (
	Invoice    FeeInvoiceKind = "invoice"
	CreditNote FeeInvoiceKind = "credit_note" // a fee is given back: the payment was undone
)

// invoiceDays is how long a creditor has to pay what was not withheld.
const invoiceDays = 30

// FeeInvoice is the agency's own invoice to a creditor, or its credit note:
// numbered by year without a gap, frozen as it was issued.
type FeeInvoice struct {
	ID         string
	CreditorID string
	Number     string
	SeriesYear int64
	Ordinal    int64
	Kind       FeeInvoiceKind
	FromOn     negotiation.Day
	UntilOn    negotiation.Day
	IssuedOn   negotiation.Day
	DueOn      negotiation.Day
	Currency   money.Currency
	Fee        int64
	VAT        int64 `gorm:"column:vat"`
	Withheld   int64 // VAT included
	Content    string
	CreatedAt  time.Time
}

// FeeLine is the fee of one payment on an invoice.
type FeeLine struct {
	InvoiceID string
	Line      int64
	Subject   string
	PaymentID string
	Corrects  string // number of the invoice that a credit note corrects
	OnDay     negotiation.Day
	Received  int64
	Fee       int64
	VAT       int64 `gorm:"column:vat"`
	Withheld  bool
}

// Sum is an amount in the invoice's currency.
func (f *FeeInvoice) Sum(minor int64) money.Amount { return money.New(minor, f.Currency) }

// Total is fee and VAT.
func (f *FeeInvoice) Total() money.Amount { return f.Sum(f.Fee + f.VAT) }

// Due is what is not withheld already.
func (f *FeeInvoice) Due() money.Amount { return f.Sum(f.Fee + f.VAT - f.Withheld) }

// InvoiceContent is what an invoice says of the two sides and of the formula,
// as it was when it was issued.
type InvoiceContent struct {
	Seller  InvoiceSide      `json:"seller"`
	Buyer   InvoiceSide      `json:"buyer"`
	Formula []InvoiceFormula `json:"formula"`
}

// InvoiceSide is one side of an invoice.
type InvoiceSide struct {
	Name     string `json:"name"`
	Street   string `json:"street"`
	Postcode string `json:"postcode"`
	City     string `json:"city"`
	Country  string `json:"country"`
	SIREN    string `json:"siren"`
	Email    string `json:"email,omitempty"`
}

// InvoiceFormula is how a mandate's fee is worked out.
type InvoiceFormula struct {
	Mandate     string       `json:"mandate"`
	BasisPoints int64        `json:"basis_points"`
	On          string       `json:"on"`
	Minimum     money.Amount `json:"minimum"`
	VATPoints   int64        `json:"vat_basis_points"`
}

// Read decodes what the invoice says.
func (f *FeeInvoice) Read() (InvoiceContent, error) {
	var content InvoiceContent
	if err := json.Unmarshal([]byte(f.Content), &content); err != nil {
		return content, fmt.Errorf("invoice %s: %w", f.Number, err)
	}
	return content, nil
}

// billed is what stands on invoices of a payment's fee (p), less credit notes.
const billed = `(SELECT COALESCE(SUM(CASE WHEN i.kind = 'invoice' THEN l.%[1]s ELSE -l.%[1]s END), 0) FROM fee_lines l JOIN fee_invoices i ON i.id = l.invoice_id WHERE l.payment_id = p.id)`

// earned is what the agency earned with it and keeps.
const earned = `(CASE WHEN p.state = 'succeeded' THEN p.%[1]s ELSE 0 END)`

var (
	billedFee, billedVAT = fmt.Sprintf(billed, "fee"), fmt.Sprintf(billed, "vat")
	earnedFee, earnedVAT = fmt.Sprintf(earned, "fee"), fmt.Sprintf(earned, "vat")

	// feesDue selects payments of which another fee was earned than was billed:
	// nothing yet, or some of it went back since.
	feesDue = `p.state IN ('succeeded', 'reversed') AND p.paid_on <= ? AND (` + earnedFee + ` <> ` + billedFee + ` OR ` + earnedVAT + ` <> ` + billedVAT + `)`
)

// InvoiceFees writes, once a month is over, the agency's invoice to each
// creditor for the fees of what was collected until its end, withheld or not,
// and a credit note for what went back since, whole or in part. Only success is
// invoiced. It is safe to repeat: what is billed is what was earned.
func (s *Service) InvoiceFees(ctx context.Context, limit int) (written int, err error) {
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return 0, err
	}
	from, until := lastMonth(today)
	var due []struct {
		CreditorID string
		Currency   money.Currency
	}
	err = s.db.Read(ctx).Raw("SELECT DISTINCT CAST(p.creditor_id AS TEXT) AS creditor_id, p.currency FROM payments p WHERE "+feesDue+" ORDER BY 1, 2 LIMIT ?", until, limit).Scan(&due).Error
	if err != nil {
		return 0, fmt.Errorf("fees to invoice: %w", err)
	}
	agency, err := s.negotiation.Agency(ctx)
	if err != nil {
		if negotiation.AsRefusal(err) != nil { // not founded: nothing is due either
			return 0, nil
		}
		return 0, err
	}
	for _, d := range due {
		mandates, err := s.negotiation.Mandates(ctx, d.CreditorID)
		if err != nil {
			return written, err
		}
		err = s.negotiation.OnCreditor(ctx, d.CreditorID, func(t *negotiation.Tx, c *negotiation.Creditor) error {
			return s.invoice(t, c, agency, mandates, d.Currency, from, until)
		})
		if err != nil {
			return written, fmt.Errorf("invoice to creditor %s: %w", d.CreditorID, err)
		}
		written++
	}
	return written, nil
}

// invoice writes what is due to one creditor: an invoice, a credit note, or both.
func (s *Service) invoice(t *negotiation.Tx, c *negotiation.Creditor, agency *negotiation.Agency, mandates []negotiation.Mandate, currency money.Currency, from, until negotiation.Day) error {
	var due []struct {
		Payment
		BilledFee int64
		BilledVAT int64 `gorm:"column:billed_vat"`
		Lines     int64
	}
	err := t.Raw("SELECT p.*, "+billedFee+" AS billed_fee, "+billedVAT+" AS billed_vat, (SELECT COUNT(*) FROM fee_lines l WHERE l.payment_id = p.id) AS lines FROM payments p WHERE p.creditor_id = ? AND p.currency = ? AND "+feesDue+" ORDER BY p.paid_on, p.id", c.ID, currency, until).Scan(&due).Error
	if err != nil || len(due) == 0 {
		return err
	}
	content, err := json.Marshal(InvoiceContent{
		Seller:  InvoiceSide{agency.Name, agency.Street, agency.Postcode, agency.City, agency.Country, agency.SIREN, agency.Email},
		Buyer:   InvoiceSide{c.Name, c.Street, c.Postcode, c.City, c.Country, c.SIREN, c.Email},
		Formula: formulas(mandates, currency, until),
	})
	if err != nil {
		return fmt.Errorf("invoice to creditor %s: %w", c.ID, err)
	}
	for _, kind := range []FeeInvoiceKind{Invoice, CreditNote} {
		f := &FeeInvoice{
			ID: newID(), CreditorID: c.ID, Kind: kind, FromOn: from, UntilOn: until, IssuedOn: t.Today, DueOn: t.Today.Add(invoiceDays),
			Currency: currency, Content: string(content), CreatedAt: t.Now,
		}
		var lines []*FeeLine
		for i := range due {
			p := &due[i]
			fee, vat := -p.BilledFee, -p.BilledVAT
			if p.State == Succeeded {
				fee, vat = fee+p.Fee, vat+p.VAT
			}
			if kind == CreditNote {
				fee, vat = -fee, -vat
			}
			if fee < 0 || vat < 0 || fee+vat == 0 {
				continue
			}
			line := &FeeLine{
				InvoiceID: f.ID, Line: int64(len(lines) + 1), Subject: fmt.Sprintf("%s:%d", p.ID, p.Lines), PaymentID: p.ID, OnDay: p.PaidOn, Received: p.Received,
				Fee: fee, VAT: vat, Withheld: p.FeeWithheld,
			}
			if kind == CreditNote {
				if line.Corrects, err = invoicedIn(t, p.ID); err != nil {
					return err
				}
			}
			f.Fee, f.VAT = f.Fee+fee, f.VAT+vat
			if p.FeeWithheld {
				f.Withheld += fee + vat
			}
			lines = append(lines, line)
		}
		if len(lines) == 0 {
			continue
		}
		if err := s.issue(t, c, f, lines); err != nil {
			return err
		}
	}
	return nil
}

// invoicedIn is the number of the invoice that a payment's fee stands on.
func invoicedIn(t *negotiation.Tx, paymentID string) (number string, err error) {
	err = t.Raw("SELECT i.number FROM fee_lines l JOIN fee_invoices i ON i.id = l.invoice_id WHERE l.payment_id = ? AND i.kind = 'invoice' ORDER BY i.created_at, i.id LIMIT 1", paymentID).Scan(&number).Error
	if err != nil {
		return "", fmt.Errorf("invoice of payment %s: %w", paymentID, err)
	}
	return number, nil
}

// issue numbers an invoice and writes it.
func (s *Service) issue(t *negotiation.Tx, c *negotiation.Creditor, f *FeeInvoice, lines []*FeeLine) error {
	year, _, _ := f.IssuedOn.Date()
	n, err := next(t.DB, fmt.Sprintf("invoice:%d", year))
	if err != nil {
		return err
	}
	f.SeriesYear, f.Ordinal, f.Number = int64(year), n, fmt.Sprintf("F-%d-%03d", year, n)
	if err := t.InsertNow(f); err != nil {
		return err
	}
	if err := t.Create(&lines).Error; err != nil {
		return fmt.Errorf("invoice %s: %w", f.Number, err)
	}
	return c.Event(t, negotiation.System, negotiation.FeeInvoiced, map[string]any{"invoice": f.Number, "kind": f.Kind, "total": f.Total()})
}

// formulas are those of the mandates that were in force in the month or before:
// those that the payments of the invoice rest on.
func formulas(mandates []negotiation.Mandate, currency money.Currency, until negotiation.Day) []InvoiceFormula {
	var all []InvoiceFormula
	for i := range mandates {
		if m := &mandates[i]; !m.SignedOn.After(until) {
			all = append(all, InvoiceFormula{m.Reference, m.FeeBasisPoints, string(m.FeeOn), money.New(m.FeeMinimum, currency), m.VATBasisPoints})
		}
	}
	return all
}
