package portal

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/documents"
	"amiable/portal/locale"
	"amiable/portal/outreach"
	"amiable/portal/page"
)

func agreementPath(planID string) string { return "/case/agreements/" + planID }

// planDocuments lists the agreement of every plan that the case had.
func planDocuments(file *negotiation.Case) []page.Document {
	var list []page.Document
	for _, p := range file.Plans() {
		if p.StatementID != nil {
			list = append(list, page.Document{
				Kind: "agreement", On: negotiation.DayOf(p.AcceptedAt), Format: "PDF", URL: agreementPath(p.ID) + "/agreement.pdf", ReadURL: agreementPath(p.ID),
			})
		}
	}
	return list
}

// myPlan is a plan of the debtor's case, by the address.
func (s *Server) myPlan(c echo.Context) (*negotiation.Case, *negotiation.Plan, error) {
	file, _, err := s.myCase(c)
	if err != nil {
		return nil, nil, err
	}
	p := file.Plan(c.Param("plan"))
	if p == nil || p.StatementID == nil {
		return nil, nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return file, p, nil
}

// showAgreement shows a plan as it was agreed, whatever became of it.
func (s *Server) showAgreement(c echo.Context) error {
	file, p, err := s.myPlan(c)
	if err != nil {
		return err
	}
	d, err := s.agreement(c, file, p)
	if err != nil {
		return err
	}
	shown := &page.Agreement{
		Base: s.inCase(c, file), Number: d.Number, Creditor: d.Creditor.Name, Debtor: d.Debtor.Name, Collector: d.Agency.Name,
		Mandate: d.Mandate.Reference, MandateOn: d.Mandate.SignedOn, State: string(p.State), ClosedOn: p.ClosedOn, AcceptedOn: negotiation.DayOf(p.AcceptedAt),
		Changed: p.Revision > 1, AsOf: d.On, Owed: d.Owed(), Contested: d.Contested, Waived: d.Waived, Total: d.Total, Resting: !d.InterestRuns,
		Text: d.Text, Clauses: d.Clauses(), Agreed: d.Agreed(), ChainHead: d.ChainHead[:min(16, len(d.ChainHead))],
		PDFURL: agreementPath(p.ID) + "/agreement.pdf", CalendarURL: agreementPath(p.ID) + "/dates.ics",
	}
	if d.Charges.Given {
		shown.Charges = &page.AgreedCharges{By: d.Charges.By, At: d.Charges.At, Wording: d.Charges.Wording, Text: d.Charges.Text}
	}
	if p.ChargedMandate != "" && p.State == negotiation.PlanActive {
		_, account := method(p.Charged)
		shown.Debit = &page.AgreedDebit{Account: account, Mandate: p.ChargedMandate, Identifier: p.ChargedCreditor}
	}
	for _, claim := range d.Claims {
		shown.Claims = append(shown.Claims, page.AgreedClaim{
			Invoice: claim.Invoice, DueOn: claim.DueOn, Interest: claim.Interest, Indemnity: claim.Indemnity, Principal: claim.Principal, Total: claim.Total(),
		})
	}
	left := d.Total
	for _, i := range d.Schedule {
		left = left.Sub(i.Amount)
		shown.Lines = append(shown.Lines, page.AgreedLine{Number: i.Number, On: i.DueOn, Amount: i.Amount, After: left})
	}
	for _, side := range []struct {
		of string
		by documents.Acceptance
	}{{d.Debtor.Name, d.ByDebtor}, {d.Creditor.Name, d.ByCreditor}} {
		shown.Acceptances = append(shown.Acceptances, page.AgreedBy{
			For: side.of, Name: side.by.Name, Quality: side.by.Quality, Behalf: side.by.OnBehalfOf, At: side.by.At, How: side.by.How, Text: side.by.Text,
			Lang: string(side.by.Language),
		})
	}
	if p.State == negotiation.PlanActive && who(c).May(negotiation.ActPay) {
		if shown.Pay, err = s.nextDue(c, file); err != nil {
			return err
		}
	}
	return s.show(c, http.StatusOK, shown)
}

// nextDue is what may be paid of the running plan now; nil where nothing may,
// or where it cannot be paid here.
func (s *Server) nextDue(c echo.Context, file *negotiation.Case) (*page.NextDue, error) {
	q, err := s.payments.Quote(c.Request().Context(), file, payments.Order{Of: payments.NextInstalment})
	if negotiation.AsRefusal(err) != nil || (err == nil && !q.CanPayByCard()) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	today, err := s.negotiation.Today(c.Request().Context())
	if err != nil {
		return nil, err
	}
	return nextOf(q.Plan.Progress, today), nil
}

// nextOf tells what a plan asks for next; nil where it asks for nothing.
func nextOf(g *negotiation.Progress, today negotiation.Day) *page.NextDue {
	if g.Next == nil {
		return nil
	}
	next := &page.NextDue{Sum: g.Due(), On: g.Next.DueOn, Line: g.Next.Number, Late: g.Next.State == negotiation.LineLate, Today: g.Next.DueOn == today, Lines: 1}
	for _, l := range g.Lines {
		if l.Number != g.Next.Number && (l.State == negotiation.LineLate || l.State == negotiation.LineDue) {
			next.Lines++
		}
	}
	next.Last = next.Sum.Cmp(g.Asked()) == 0
	return next
}

// sendAgreement sends the same as a paper.
func (s *Server) sendAgreement(c echo.Context) error {
	file, p, err := s.myPlan(c)
	if err != nil {
		return err
	}
	d, err := s.agreement(c, file, p)
	if err != nil {
		return err
	}
	content, err := d.PDF(s.language(c))
	if err != nil {
		return err
	}
	return s.sendPDF(c, fmt.Sprintf("%s-E%d.pdf", file.Reference, p.Number), content)
}

// agreement is made of what was frozen when the plan was accepted, and of
// nothing else: the same tomorrow, byte for byte.
func (s *Server) agreement(c echo.Context, file *negotiation.Case, p *negotiation.Plan) (*documents.Agreement, error) {
	return s.agreementFor(c.Request().Context(), who(c).Actor, s.language(c), file, p)
}

func (s *Server) agreementFor(ctx context.Context, by negotiation.Actor, l locale.Language, file *negotiation.Case, p *negotiation.Plan) (*documents.Agreement, error) {
	agreed, err := p.Says()
	if err != nil {
		return nil, err
	}
	frozen, err := s.negotiation.FrozenStatement(ctx, by, *p.StatementID)
	if err != nil {
		return nil, err
	}
	owed, err := frozen.Owed()
	if err != nil {
		return nil, err
	}
	offer := file.Offer(p.OfferID)
	schedule, err := offer.Schedule(p.Currency)
	if err != nil {
		return nil, err
	}
	head, err := s.agreedHead(ctx, p)
	if err != nil {
		return nil, err
	}
	d := &documents.Agreement{
		Number: fmt.Sprintf("%s-E%d", negotiation.GroupedReference(file.Reference), p.Number), CaseReference: negotiation.GroupedReference(file.Reference),
		Agency: outreach.Identity(agreed.Agency), Creditor: outreach.Identity(agreed.Creditor), Debtor: outreach.Identity(agreed.Debtor),
		Mandate: documents.MandateRef{Reference: agreed.Mandate, SignedOn: agreed.MandateOn}, FirstLetter: documents.FirstLetterRef{Reference: agreed.FirstLetter, SentOn: agreed.FirstLetterOn},
		Text: agreed.Text, IssuedAt: p.AcceptedAt, On: owed.On, Contested: agreed.Contested,
		Total: money.New(p.Total, p.Currency), Waived: money.New(p.Owed-p.Total, p.Currency), Schedule: schedule,
		Consumer: agreed.Consumer, InterestRuns: !p.InterestWaived, ByDebtor: accepted(file, agreed, offer.Accepted(negotiation.SideDebtor)),
		ByCreditor: accepted(file, agreed, offer.Accepted(negotiation.SideCreditor)), ChainHead: head, PageURL: s.BaseURL + agreementPath(p.ID),
	}
	if yes := offer.Accepted(negotiation.SideDebtor); yes != nil && yes.ChargesText != "" {
		d.Charges = documents.ChargeConsent{
			Given: true, Wording: chargesText(l, yes.ChargesText, agreed.Agency.Name), Text: yes.ChargesText, By: d.ByDebtor.Name, At: yes.At,
		}
	}
	for _, claim := range owed.Claims {
		if total := money.Sum(claim.Interest, claim.Indemnity, claim.Principal); total.IsPositive() {
			d.Claims = append(d.Claims, documents.AgreedClaim{Invoice: claim.Invoice, DueOn: claim.DueOn, Interest: claim.Interest, Indemnity: claim.Indemnity, Principal: claim.Principal})
		}
	}
	return d, nil
}

// agreedHead is the link of the case's chain by which the plan was agreed.
func (s *Server) agreedHead(ctx context.Context, p *negotiation.Plan) (string, error) {
	events, err := s.negotiation.Events(ctx, p.CaseID)
	if err != nil {
		return "", err
	}
	for i := range events {
		if events[i].Kind != negotiation.PlanAgreed {
			continue
		}
		if _, what := events[i].What(); what["plan"] == p.ID {
			return hex.EncodeToString(events[i].Hash), nil
		}
	}
	return "", fmt.Errorf("plan %s: nothing on the chain says that it was agreed", p.ID)
}

// accepted tells who said yes, in which quality and for whom.
func accepted(file *negotiation.Case, agreed negotiation.Agreed, a *negotiation.Acceptance) documents.Acceptance {
	if a == nil {
		return documents.Acceptance{}
	}
	language, _ := locale.Parse(a.Language)
	out := documents.Acceptance{Name: a.ByName, At: a.At, Text: a.TextVersion, Language: language, How: string(a.How)}
	ofDebtor := a.Side == negotiation.SideDebtor
	switch {
	case a.How == negotiation.ByPolicy:
		out.Quality, out.Language = documents.QualityPolicy, ""
	case a.How == negotiation.ByDelegation:
		out.Quality, out.Language = documents.QualityAgent, ""
	case a.OnBehalfOf != "":
		out.Quality = documents.QualityAgent
	case ofDebtor:
		out.Quality = string(negotiation.PartyDebtor)
		if party := file.Party(a.ByID); party != nil {
			out.Quality = string(party.Role)
		}
	default:
		out.Quality = documents.QualityCreditor
	}
	switch whom := agreed.Creditor.Name; {
	case ofDebtor && a.OnBehalfOf != "":
		out.OnBehalfOf = agreed.Debtor.Name
	case !ofDebtor && out.Name != whom:
		out.OnBehalfOf = whom
	}
	return out
}

// sendDates sends the dates of a plan for a calendar. Taken again, the file
// brings what changed since; what an earlier plan had left goes from it.
func (s *Server) sendDates(c echo.Context) error {
	file, p, err := s.myPlan(c)
	if err != nil {
		return err
	}
	today, err := s.negotiation.Today(c.Request().Context())
	if err != nil {
		return err
	}
	address, err := url.Parse(s.BaseURL)
	if err != nil {
		return err
	}
	d := documents.Calendar{
		CaseReference: negotiation.GroupedReference(file.Reference), Host: address.Hostname(), Sequence: int(p.Revision) - 1, SignInURL: s.BaseURL + "/case/instalments",
	}
	if d.ChangedAt, err = s.planChangedAt(c, p); err != nil {
		return err
	}
	for _, plan := range file.Plans() {
		if plan.Number > p.Number {
			continue
		}
		over := plan.State == negotiation.PlanReplaced || plan.State == negotiation.PlanEnded
		if over {
			d.Sequence++
		}
		progress, err := file.Progress(&plan, today)
		if err != nil {
			return err
		}
		for _, l := range progress.Lines {
			entry := documents.CalendarEntry{ID: fmt.Sprintf("%s-%d", plan.ID, l.Number), DueOn: l.DueOn, Amount: money.New(l.Amount, file.Currency)}
			switch {
			case over: // what came before its end stays as it is; what came after is asked for no more
				entry.Gone, entry.Paid = !l.DueOn.Before(plan.ClosedOn), l.DueOn.Before(plan.ClosedOn)
			default:
				entry.Gone, entry.Paid = l.Skipped || l.State == negotiation.LineDropped, l.State == negotiation.LinePaid
			}
			if plan.ID == p.ID || entry.Gone {
				d.Entries = append(d.Entries, entry)
			}
		}
	}
	content, err := d.ICS(s.language(c))
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", disposition(file.Reference+".ics"))
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8", content)
}

// planChangedAt is when anything of a plan last changed: its dates, its end, or
// what is paid.
func (s *Server) planChangedAt(c echo.Context, p *negotiation.Plan) (time.Time, error) {
	at := p.AcceptedAt
	later := func(t time.Time) {
		if t.After(at) {
			at = t
		}
	}
	if p.ClosedAt != nil {
		later(*p.ClosedAt)
	}
	events, err := s.negotiation.Events(c.Request().Context(), p.CaseID)
	if err != nil {
		return at, err
	}
	for i := range events {
		switch events[i].Kind {
		case negotiation.PlanChanged, negotiation.PlanTakenUp, negotiation.PaymentSucceeded, negotiation.PaymentRecorded, negotiation.PaymentReversed, negotiation.CreditNoteRecorded, negotiation.ClaimTakenBack:
			later(events[i].At)
		}
	}
	return at, nil
}
