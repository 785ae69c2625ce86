package portal

import (
	"fmt"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/locale"
)

// accessKinds are the events that tell how the payer came to a payment: that a
// way in was sent, and what was done with it.
var accessKinds = map[negotiation.EventKind]string{
	negotiation.LetterSent: "link", negotiation.OfferMade: "offer", negotiation.PlanAgreed: "plan", negotiation.DebtRecognised: "recognised",
	negotiation.AuthorityAsked: "leave", negotiation.AuthorityGiven: "card", negotiation.CheckoutStarted: "checkout", negotiation.PaymentSucceeded: "paid",
	negotiation.ChargeAsked: "charge",
}

// evidence gathers what a case holds for a payer's bank: whom, what, when and
// how, who agreed to which text, which receipt was written and which letters
// left. Nothing in it was written for the occasion.
func (s *Server) evidence(c echo.Context, file *negotiation.Case, p *payments.Payment) (payments.Evidence, error) {
	ctx, l := c.Request().Context(), s.language(c)
	events, err := s.negotiation.Events(ctx, file.ID)
	if err != nil {
		return payments.Evidence{}, err
	}
	receipts, err := s.payments.ReceiptsOf(ctx, file.ID)
	if err != nil {
		return payments.Evidence{}, err
	}
	letters, err := s.negotiation.LettersOf(ctx, file.ID)
	if err != nil {
		return payments.Evidence{}, err
	}
	leaves, err := s.payments.AuthoritiesOf(ctx, file.ID)
	if err != nil {
		return payments.Evidence{}, err
	}
	e := payments.Evidence{Customer: file.Debtor.Name, PaidOn: string(p.PaidOn), Access: accessLog(l, events, p)}
	if party := file.MainParty(); party != nil {
		if mail, ok := party.Contact(negotiation.ContactEmail); ok {
			e.Email = mail.Value
		}
	}
	var invoices []string
	for _, claim := range file.Claims {
		text := claim.InvoiceNumber
		if claim.Description != "" {
			text += " (" + claim.Description + ")"
		}
		invoices = append(invoices, text)
	}
	e.Product = l.T("evidence.product.of", "creditor", file.Creditor.Name, "invoices", strings.Join(invoices, ", "))

	paid := "evidence.says.paid"
	if p.Kind == payments.Collection {
		paid = "evidence.says.charged"
	}
	say := []string{
		l.T("evidence.says.who", "agency", file.Agency.Name, "creditor", file.Creditor.Name, "reference", negotiation.GroupedReference(file.Reference)),
		l.T(paid, "sum", p.ReceivedAmount(), "day", p.PaidOn),
	}
	if !file.FirstLetterOn.IsZero() {
		say = append(say, l.T("evidence.says.first_letter", "reference", file.FirstLetterReference, "day", file.FirstLetterOn))
	}
	if plan := file.LastPlan(); plan != nil {
		say = append(say, l.T("evidence.says.plan", "day", negotiation.DayOf(plan.AcceptedAt), "sum", money.New(plan.Total, plan.Currency)))
	}
	for i := range leaves {
		if a := &leaves[i]; p.AuthorityID != nil && *p.AuthorityID == a.ID && a.GivenAt != nil {
			say = append(say, l.T("evidence.says.leave", "day", negotiation.DayOf(a.AskedAt), "text", a.TextVersion, "card", a.Last4))
		}
	}
	if p.Recognition != "" {
		say = append(say, l.T("evidence.says.recognised", "day", negotiation.DayOf(p.CreatedAt), "text", p.Recognition))
	}
	for i := range receipts {
		if receipts[i].PaymentID == p.ID && receipts[i].Corrects == nil {
			say = append(say, l.T("evidence.says.receipt", "number", receipts[i].Number, "day", negotiation.DayOf(receipts[i].CreatedAt)))
		}
	}
	sent := 0
	for i := range letters {
		if x := &letters[i]; x.Recipient == negotiation.ToParty && x.SentAt != nil {
			sent++
		}
	}
	if sent > 0 {
		say = append(say, l.T("evidence.says.letters", "n", sent))
	}
	e.Text = strings.Join(say, "\n\n")
	return e, nil
}

// accessLog tells, line by line, how the payer came to a payment: the times are
// those of the case's chain of events.
func accessLog(l locale.Language, events []negotiation.Event, p *payments.Payment) string {
	var log []string
	for i := range events {
		e := &events[i]
		kind, known := accessKinds[e.Kind]
		if !known {
			continue
		}
		_, what := e.What()
		if e.Kind == negotiation.LetterSent && what["letter_kind"] != string(negotiation.LetterLink) {
			continue // of what was written, the way in: all of it is told elsewhere
		}
		if of, _ := what["payment"].(string); of != "" && of != p.ID {
			continue
		}
		log = append(log, fmt.Sprintf("%s  %s", e.At.UTC().Format(time.RFC3339), l.T("evidence.access."+kind)))
	}
	return strings.Join(log, "\n")
}

// lines are the lines of a text that are not empty.
func lines(text string) []string {
	var list []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) != "" {
			list = append(list, line)
		}
	}
	return list
}
