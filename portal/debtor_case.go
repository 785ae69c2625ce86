package portal

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/interest"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/locale"
	"amiable/portal/page"
)

// timelineShort is how many lines of the timeline stand on the case page.
const timelineShort = 4

// myCase loads the case of the debtor at the door. Where a gate forbids
// showing it, the refusal says so and nothing is shown. What goes along is read
// in the same trip to the database.
func (s *Server) myCase(c echo.Context, along ...database.Statement) (*negotiation.Case, negotiation.Gate, error) {
	m := who(c)
	file, err := s.negotiation.Case(c.Request().Context(), m.Actor, m.CaseID, along...)
	if err != nil {
		return nil, negotiation.Gate{}, err
	}
	today, err := s.negotiation.Today(c.Request().Context())
	if err != nil {
		return nil, negotiation.Gate{}, err
	}
	gate := file.Gate(today)
	if !file.IsClosed() {
		if err := gate.Check(negotiation.Display); err != nil {
			return nil, gate, err
		}
	}
	return file, gate, nil
}

func (s *Server) showCase(c echo.Context) error {
	var (
		made     []payments.Payment
		accounts []payments.Account
		events   []negotiation.Event
		unread   int64
		id       = who(c).CaseID
	)
	file, gate, err := s.myCase(c, payments.SelectOfCase(id, &made), payments.SelectAccount(id, &accounts), negotiation.SelectEvents(id, &events), negotiation.SelectUnread(who(c).Actor, id, &unread))
	if err != nil {
		return err
	}
	statement, err := statementOf(file, gate.On)
	if err != nil {
		return err
	}
	base := s.inCase(c, file)
	p := &page.Case{
		Base: base, Greeting: greeting(file.Debtor), Creditor: file.Creditor.Name, Left: statement.Total, GoodUntil: statement.GoodUntil,
		PerDay: statement.PerDay, Closed: closed(file), On: file.ClosedOn,
		OnHold: onHold(noTerms(file, gate.On)), Doors: doors(who(c).Actor, file, gate), Notices: append(append(notices(gate, file, made), backNotices(gate.On, file, made, events)...), s.advised(c, file, gate.On)...), Ledger: ledgerOf(base.Lang, file, statement),
		Timeline: timeline(base.Lang, forDebtor, file, events, timelineShort), Agent: s.agent(c), Contacts: s.contacts(c, events),
	}
	if base.Acting != nil {
		p.Greeting = ""
	}
	if p.Unread = int(unread); unread > 0 {
		p.Notices = append([]page.Notice{{Tone: "good", Code: "unread", URL: messagePath, Values: []any{"n", unread}}}, p.Notices...)
	}
	if len(file.Claims) == 1 {
		p.Subject = file.Claims[0].Description
		if file.Claims[0].InvoiceFile != "" {
			p.InvoiceURL = "/case/documents/" + file.Claims[0].ID
		}
	}
	if n := len(file.Claims); n > 1 {
		p.Subject = base.Lang.T("case.subjects", "n", n)
	}
	onItsWay := money.New(0, file.Currency)
	for _, payment := range made {
		switch payment.State {
		case payments.Succeeded:
			p.Receipts++
		case payments.Processing:
			onItsWay = onItsWay.Add(payment.Asked())
		}
	}
	if plan := file.ActivePlan(); plan != nil {
		progress, err := file.ProgressWith(plan, onItsWay, gate.On)
		if err != nil {
			return err
		}
		p.Plan = &page.CasePlan{Next: nextOf(progress, gate.On), Left: progress.Left, Total: progress.Total}
	}
	if p.Documents, err = s.documentsOf(c, file); err != nil {
		return err
	}
	p.Documents = append(outcomeDocuments(events), p.Documents...)
	if p.Notices, err = s.disputeNotices(c, file, gate, events, p.Notices); err != nil {
		return err
	}
	if p.Doors.Pay.Shut == "" && p.Closed == "" {
		if len(accounts) == 0 || !accounts[0].ChargesEnabled { // no card yet: a person says how
			p.Doors.Pay.Name = "elsewhere"
		}
	}
	p.Timeline = linkLetter(base.Lang, p.Timeline, p.Documents)
	return s.show(c, http.StatusOK, p)
}

// goodUntil is the day after which a sum no longer clears the case; none where
// nothing is added to it.
func goodUntil(day negotiation.Day, perDay money.Amount) negotiation.Day {
	if perDay.IsZero() {
		return ""
	}
	return day
}

// statementOf is what is owed on a day; of a case that left us, on the day it
// did: nothing grows here afterwards.
func statementOf(file *negotiation.Case, on negotiation.Day) (*negotiation.Statement, error) {
	if left := closed(file); (left == "withdrawn" || left == "referred") && !file.ClosedOn.IsZero() {
		on = file.ClosedOn
	}
	return file.Statement(on)
}

func greeting(d *negotiation.Debtor) string {
	if d.ContactName != "" {
		return d.ContactName
	}
	if d.Kind == negotiation.DebtorConsumer {
		return d.Name
	}
	return ""
}

func closed(file *negotiation.Case) string {
	switch file.State {
	case negotiation.CaseCleared, negotiation.CaseArchived:
		return "cleared"
	case negotiation.CaseWithdrawn:
		return "withdrawn"
	case negotiation.CaseReferred:
		return "referred"
	}
	return ""
}

// contested is the part under dispute, for the page to name.
func contested(gate negotiation.Gate, file *negotiation.Case) money.Amount {
	sum := money.New(0, file.Currency)
	for _, closed := range gate.Closed {
		if closed.Reason == negotiation.HoldDisputed && closed.ClaimID != "" {
			if closed.Amount.IsZero() {
				closed.Amount = file.Owed(closed.ClaimID).Total()
			}
			sum = sum.Add(closed.Amount)
		}
	}
	return sum
}

// onHold says whether it is for others to decide what becomes of the sum: it
// is then not to be asked for, nor is time for it.
func onHold(reason string) bool {
	return slices.Contains([]negotiation.Reason{negotiation.HoldOverindebtednessAdmitted, negotiation.HoldMeasuresAdopted, negotiation.HoldDebtErased, negotiation.HoldInsolvency}, negotiation.Reason(reason))
}

// doors are the four ways on, with the reason where one is shut.
func doors(by negotiation.Actor, file *negotiation.Case, gate negotiation.Gate) page.Doors {
	limit := func(door *page.Door, act negotiation.Act) {
		if door.Shut == "" && !by.May(act) { // what is shut to everybody is said first
			door.Shut = "adviser"
		}
	}
	shut := func(e negotiation.Effect) string {
		if reasons := gate.Blocking(e); len(reasons) > 0 {
			return string(reasons[0])
		}
		return ""
	}
	d := page.Doors{
		Pay:     page.Door{URL: "/case/pay", Shut: shut(negotiation.Payment)},
		Plan:    page.Door{URL: "/case/plan", Shut: noTerms(file, gate.On)},
		Time:    page.Door{URL: "/case/time"},
		Contest: page.Door{URL: "/case/contest"},
	}
	limit(&d.Pay, negotiation.ActPay)
	limit(&d.Plan, negotiation.ActPropose)
	limit(&d.Time, negotiation.ActPropose)
	limit(&d.Contest, negotiation.ActWrite)
	switch plan, open := file.ActivePlan(), file.OpenOffer(); {
	case plan != nil: // it is looked at, and its dates moved, whatever stands against making one
		d.Plan = page.Door{URL: instalmentsPath, Name: "instalments"}
		d.Time = page.Door{URL: instalmentsPath}
	case open != nil && open.WaitsFor(negotiation.SideDebtor):
		d.Plan = page.Door{URL: offerPath(open.ID), Name: "counter"}
	case open != nil:
		d.Plan.Shut = string(negotiation.HoldOpenOffer)
	}
	if d.Plan.Shut == string(negotiation.HoldOpenOffer) || onHold(d.Plan.Shut) { // else its page says why not, and leads to a pause
		d.Time.Shut = d.Plan.Shut
	}
	return d
}

// notices say what the reader should know before choosing.
func notices(gate negotiation.Gate, file *negotiation.Case, made []payments.Payment) []page.Notice {
	var list []page.Notice
	for _, closed := range gate.Closed {
		n := page.Notice{Tone: "wait"}
		switch closed.Reason {
		case negotiation.HoldDisputed:
			sum := contested(gate, file)
			if sum.IsZero() {
				sum = file.Balance()
			}
			n.Code, n.Values = "disputed", []any{"sum", sum}
		case negotiation.HoldBreathingSpace:
			n.Code, n.Values = "pause", []any{"day", closed.Until}
		case negotiation.HoldOverindebtednessAdmitted, negotiation.HoldOverindebtednessDeclared, negotiation.HoldMeasuresAdopted, negotiation.HoldDebtErased,
			negotiation.HoldInsolvency, negotiation.TimeBarred:
			n.Code = string(closed.Reason)
		default:
			continue
		}
		list = append(list, n)
	}
	if n, waits := offerNotice(file); waits {
		list = append(list, n)
	}
	for _, p := range made {
		if p.State == payments.Processing {
			list = append(list, page.Notice{Tone: "wait", Code: "payment_processing", Values: []any{"sum", p.Asked()}})
		}
	}
	// As the books have it: a credit note or a reversal since changes it too.
	if due := file.RefundsDue(); due.IsPositive() {
		list = append(list, page.Notice{Tone: "good", Code: "refund_due", Values: []any{"sum", due}})
	}
	return list
}

// refundShown is for how many days the case page says that money is on its way
// back: as long as banks take to show it.
const refundShown = 10

// backNotices tell of money that is on its way back, and of what the debtor's
// bank took, as long as something is owed.
func backNotices(today negotiation.Day, file *negotiation.Case, made []payments.Payment, events []negotiation.Event) []page.Notice {
	var list []page.Notice
	coming, taken := money.New(0, file.Currency), money.New(0, file.Currency)
	for i := range events {
		if e := &events[i]; e.Kind == negotiation.RefundMade && !negotiation.DayOf(e.At).Before(today.Add(-refundShown)) {
			_, what := e.What()
			if sum, ok := sumOf(what["amount"]); ok {
				coming = coming.Add(sum)
			}
		}
	}
	for i := range made {
		taken.Minor += made[i].TakenBack
	}
	if coming.IsPositive() {
		list = append(list, page.Notice{Tone: "good", Code: "refund_coming", Values: []any{"sum", coming}})
	}
	if taken.IsPositive() && !file.IsClosed() {
		list = append(list, page.Notice{Tone: "wait", Code: "taken_back", Values: []any{"sum", taken}})
	}
	return list
}

// offerNotice tells of the offer that is open: whose turn it is, and until when.
func offerNotice(file *negotiation.Case) (page.Notice, bool) {
	o := file.OpenOffer()
	if o == nil {
		return page.Notice{}, false
	}
	return page.Notice{
		Tone: "wait", Code: "offer_" + offered(o), URL: offerPath(o.ID), Values: []any{"creditor", file.Creditor.Name, "day", o.AnswerBy},
	}, true
}

// contacts counts what was sent of our own accord in this case for as long as
// the cap looks back.
func (s *Server) contacts(c echo.Context, events []negotiation.Event) page.Contacts {
	now := s.now(c)
	rules := s.negotiation.ContactRules(negotiation.DayOf(now))
	after, made := now.Add(-rules.Within), 0
	for i := range events {
		e := &events[i]
		if !e.At.After(after) || (e.Kind != negotiation.LetterSent && e.Kind != negotiation.FirstLetterRecorded) {
			continue
		}
		_, what := e.What()
		text := func(name string) string { value, _ := what[name].(string); return value }
		switch e.Kind {
		case negotiation.FirstLetterRecorded: // written down perhaps days after it went
			if negotiation.Day(text("sent_on")).After(negotiation.DayOf(after)) {
				made++
			}
		case negotiation.LetterSent:
			kind := negotiation.LetterKind(text("letter_kind"))
			owed, said := what["owed"].(bool)
			if !said { // before events said so
				owed = kind.Owed()
			}
			if text("recipient") == string(negotiation.ToParty) && kind != negotiation.LetterFirst && !owed && what["to_adviser"] != true {
				made++
			}
		}
	}
	return page.Contacts{Made: made, MaxPerWeek: rules.Most}
}

// ledgerOf tells where the amount comes from, claim by claim.
func ledgerOf(l locale.Language, file *negotiation.Case, s *negotiation.Statement) page.Ledger {
	out := page.Ledger{Total: s.Total, AsOf: s.On}
	for _, cs := range s.Claims {
		claim := cs.Claim
		out.Lines = append(out.Lines, page.LedgerLine{
			Kind: "invoice", Number: claim.InvoiceNumber, Note: claim.Description, Amount: money.New(claim.Amount, claim.Currency),
		})
		if claim.PaidBefore > 0 {
			out.Lines = append(out.Lines, page.LedgerLine{Kind: "paid_before", Note: l.T("ledger.paid_before.earlier"), Amount: money.New(-claim.PaidBefore, claim.Currency)})
		}
		for _, line := range cs.Lines {
			kind := map[interest.MovementKind]string{interest.Payment: "payment", interest.CreditNote: "credit_note", interest.TakenBack: "taken_back", interest.Waiver: "waiver"}[line.Kind]
			paid := money.Sum(line.Interest, line.Indemnity, line.Principal)
			if !paid.IsZero() {
				out.Lines = append(out.Lines, page.LedgerLine{Kind: kind, Number: file.CreditNumber(line.ID), Day: line.Day, Amount: paid.Neg()})
			}
		}
		if cs.Accrued.IsPositive() {
			out.Lines = append(out.Lines, interestLine(cs, cs.PerDay.IsZero() && !file.IsClosed()))
		}
		if cs.Charged.IsPositive() {
			out.Lines = append(out.Lines, page.LedgerLine{Kind: "indemnity", Amount: cs.Charged})
		}
	}
	out.Lines = append(out.Lines, page.LedgerLine{Kind: "costs", Amount: money.New(0, file.Currency)})
	return out
}

// bases name in words where a rate comes from.
var bases = map[interest.RateKind]string{
	interest.ECB: "commercial", interest.LegalIndividual: "legal", interest.LegalOther: "legal", interest.Contractual: "contract",
}

func interestLine(cs negotiation.ClaimStatement, resting bool) page.LedgerLine {
	line := page.LedgerLine{Kind: "interest", Amount: cs.Accrued, Basis: "legal", SourceURL: "/rights#interest", Resting: resting}
	for i, segment := range cs.Segments {
		if i == 0 {
			line.StartedOn, line.Basis = segment.From, bases[segment.Kind]
		}
		line.Segments = append(line.Segments, page.Segment{
			From: segment.From, To: segment.To, Days: segment.Days, RateBasisPoints: int64(segment.Rate) / 100, Base: segment.Base, Amount: segment.Amount, Article: segment.Article,
		})
	}
	return line
}

func (s *Server) showTimeline(c echo.Context) error {
	var events []negotiation.Event
	file, _, err := s.myCase(c, negotiation.SelectEvents(who(c).CaseID, &events))
	if err != nil {
		return err
	}
	letters, err := s.letterDocuments(c, file)
	if err != nil {
		return err
	}
	b := s.inCase(c, file)
	return s.show(c, http.StatusOK, &page.History{Base: b, Creditor: file.Creditor.Name, Timeline: linkLetter(b.Lang, timeline(b.Lang, forDebtor, file, events, 0), letters)})
}

func (s *Server) showClosed(c echo.Context) error {
	file, _, err := s.myCase(c)
	if err != nil {
		return err
	}
	p := &page.ClosedCases{Base: s.inCase(c, file)}
	if file.IsClosed() {
		p.List = append(p.List, page.CaseLink{
			URL: "/case", Creditor: file.Creditor.Name, Reference: negotiation.GroupedReference(file.Reference), Left: file.Balance(), Closed: closed(file), On: file.ClosedOn,
		})
	}
	return s.show(c, http.StatusOK, p)
}
