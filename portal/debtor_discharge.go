package portal

import (
	"context"
	"fmt"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/documents"
)

// sendDischarge makes the final discharge of a cleared case. It bears the
// instant at which the case was cleared; a case that a payment taken back has
// reopened has none.
func (s *Server) sendDischarge(c echo.Context, file *negotiation.Case) error {
	d, err := s.discharge(c.Request().Context(), file)
	if err != nil {
		return err
	}
	content, err := d.PDF(s.language(c))
	if err != nil {
		return err
	}
	return s.sendPDF(c, file.Reference+"-S.pdf", content)
}

func (s *Server) discharge(ctx context.Context, file *negotiation.Case) (*documents.Discharge, error) {
	events, err := s.negotiation.Events(ctx, file.ID)
	if err != nil {
		return nil, err
	}
	reference := negotiation.GroupedReference(file.Reference)
	d := documents.Discharge{
		Number: reference + "-S", CaseReference: reference, Agency: agencyIdentity(file.Agency), Creditor: creditorIdentity(file.Creditor),
		Debtor: debtorIdentity(file.Debtor), FirstLetter: documents.FirstLetterRef{Reference: file.FirstLetterReference, SentOn: file.FirstLetterOn},
		ClearedOn: file.ClosedOn, Waived: money.New(0, file.Currency), PageURL: s.BaseURL + "/case",
	}
	for i := range events {
		if events[i].Kind == negotiation.CaseWasCleared {
			d.IssuedAt, d.ChainHead = events[i].At, events[i].ShortHash()
		}
	}
	if closed(file) != "cleared" || d.IssuedAt.IsZero() {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	if plan := file.LastPlan(); plan != nil && plan.State == negotiation.PlanCompleted {
		settled := 0
		for _, line := range plan.Current() {
			if !line.Skipped {
				settled++
			}
		}
		d.Plan = &documents.DischargedPlan{Number: fmt.Sprintf("%s-E%d", reference, plan.Number), AcceptedOn: negotiation.DayOf(plan.AcceptedAt), Instalments: settled}
	}
	for i := range file.Claims {
		claim := &file.Claims[i]
		d.Invoices = append(d.Invoices, documents.DischargedInvoice{Number: claim.InvoiceNumber, IssuedOn: claim.IssueOn, Amount: money.New(claim.Amount, claim.Currency)})
	}
	return &d, s.dischargedPayments(ctx, file, &d)
}

// dischargedPayments lists the payments that hold, each with its receipt.
func (s *Server) dischargedPayments(ctx context.Context, file *negotiation.Case, d *documents.Discharge) error {
	made, err := s.payments.OfCase(ctx, file.ID)
	if err != nil {
		return err
	}
	receipts, err := s.payments.ReceiptsOf(ctx, file.ID)
	if err != nil {
		return err
	}
	held := make(map[string]*payments.Payment, len(made))
	for i := range made {
		if made[i].State == payments.Succeeded {
			held[made[i].ID] = &made[i]
		}
	}
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	for i := range receipts {
		p := held[receipts[i].PaymentID]
		if p == nil {
			continue
		}
		content, err := receipts[i].Read()
		if err != nil {
			return err
		}
		if content.Means == "" {
			content.Means = meansOfPayment(p)
		}
		means, _ := documentMeans(content.Means)
		d.Payments = append(d.Payments, documents.DischargedPayment{Receipt: content.Number, PaidOn: content.On, Means: means, Amount: content.Amount})
		d.Waived = d.Waived.Add(content.Waived)
		if content.Reversible && !p.ReversibleUntil.Before(today) {
			d.Provisional = true
			d.ReversibleUntil = max(d.ReversibleUntil, p.ReversibleUntil)
		}
	}
	return nil
}
