package portal

import (
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/locale"
	"amiable/portal/page"
)

// sensitive are reasons that never stand in a list: they are seen where the
// case is open, by who needs them.
var sensitive = map[negotiation.Reason]bool{negotiation.HoldVulnerable: true, negotiation.HoldMinor: true, negotiation.HoldGuardianship: true, negotiation.HoldDeceased: true}

// caseRow is a case as it stands in a list.
func caseRow(console string, f *negotiation.Found) page.CaseRow {
	return page.CaseRow{
		URL: "/" + console + "/cases/" + f.ID, Reference: negotiation.GroupedReference(f.Reference), Debtor: f.DebtorName, Creditor: f.CreditorName,
		State: string(f.State), Left: f.Balance(), Placed: f.Balance(), On: f.OldestDue,
	}
}

// openRow is a case as its own page heads it.
func openRow(console string, file *negotiation.Case, gate negotiation.Gate, left money.Amount) page.CaseRow {
	row := page.CaseRow{
		URL: "/" + console + "/cases/" + file.ID, Reference: negotiation.GroupedReference(file.Reference), Debtor: file.Debtor.Name,
		Creditor: file.Creditor.Name, State: string(file.State), Left: left, Placed: money.New(0, file.Currency), On: negotiation.DayOf(file.CreatedAt),
	}
	for _, claim := range file.Claims {
		row.Placed = row.Placed.Add(claim.Principal())
		row.Invoice = claim.InvoiceNumber
	}
	for _, closed := range gate.Closed {
		if closed.Reason == negotiation.FirstLetterMissing || (console == "creditor" && sensitive[closed.Reason]) {
			continue
		}
		row.Holds = append(row.Holds, string(closed.Reason))
	}
	return row
}

func claimRows(console string, file *negotiation.Case, s *negotiation.Statement) []page.ClaimRow {
	var rows []page.ClaimRow
	for _, cs := range s.Claims {
		claim := cs.Claim
		row := page.ClaimRow{
			Invoice: claim.InvoiceNumber, IssuedOn: claim.IssueOn, DueOn: claim.DueOn, Subject: claim.Description,
			Original: money.New(claim.Amount, claim.Currency), Left: cs.Total(),
		}
		if claim.InvoiceFile != "" {
			row.PDFURL = "/" + console + "/cases/" + file.ID + "/documents/" + claim.ID
		}
		rows = append(rows, row)
	}
	return rows
}

func staffStatement(l locale.Language, file *negotiation.Case, s *negotiation.Statement) page.Statement {
	paid := money.New(0, file.Currency)
	for _, cs := range s.Claims {
		for _, line := range cs.Lines {
			if line.Kind == "payment" {
				paid = paid.Add(money.Sum(line.Interest, line.Indemnity, line.Principal))
			}
		}
	}
	return page.Statement{
		Ledger: ledgerOf(l, file, s), Principal: s.Principal, Interest: s.Interest, Indemnity: s.Indemnity, Paid: paid, Left: s.Total, GoodUntil: goodUntil(s.GoodUntil, s.PerDay),
	}
}

// paymentRow tells what each euro of a payment is.
func paymentRow(console string, p *payments.Listed, canReverse bool) page.PaymentRow {
	of := func(minor int64) money.Amount { return money.New(minor, p.Currency) }
	kind, _ := method(meansOfPayment(&p.Payment))
	row := page.PaymentRow{
		ID: p.ID, On: p.PaidOn, Debtor: p.DebtorName, Case: negotiation.GroupedReference(p.CaseReference), CaseURL: "/" + console + "/cases/" + p.CaseID,
		Method: kind, State: string(p.State), Elsewhere: p.Kind == payments.ElsewherePayment, ByAnother: p.ByPayer(), Amount: of(max(p.Received, 0)),
		Principal: of(p.Principal), Interest: of(p.Interest), Indemnity: of(p.Indemnity), Excess: of(p.Excess), Fee: p.Fees(), Net: p.Net(),
		Provisional: p.ReversibleUntil,
	}
	if p.State == payments.Processing {
		row.Amount, row.On = p.Asked(), negotiation.DayOf(p.CreatedAt)
	}
	if p.State == payments.Reversed {
		row.Net, row.Fee, row.Excess = of(0), of(0), of(0)
	}
	row.FeeInvoiced = !p.FeeWithheld && row.Fee.IsPositive()
	if row.Elsewhere && canReverse && p.State == payments.Succeeded {
		row.ReverseURL = "/" + console + "/payments/" + p.ID + "/reversal"
	}
	return row
}

// mayReverse says whether the reader may turn round what was noted by hand: the
// agency all of it, a creditor's people their own, who only reads nothing.
func mayReverse(c echo.Context, p *payments.Listed) bool {
	return console(c) == "agent" || (p.ByRole == negotiation.RoleCreditor && !onlyReads(who(c).Actor))
}

// paymentRows are the payments of a case.
func (s *Server) paymentRows(c echo.Context, console string, file *negotiation.Case) ([]page.PaymentRow, error) {
	made, err := s.payments.OfCaseListed(c.Request().Context(), file)
	if err != nil {
		return nil, err
	}
	var rows []page.PaymentRow
	for i := range made {
		rows = append(rows, paymentRow(console, &made[i], mayReverse(c, &made[i])))
	}
	return rows, nil
}

// letterRows are the letters of a case. A creditor reads those to its debtor and
// to itself: what goes to the agents, a hard time told to them above all, and
// what stands behind a letter that waits are not its to know.
func letterRows(who reader, letters []negotiation.Letter) []page.LetterRow {
	var rows []page.LetterRow
	for i := range letters {
		l := &letters[i]
		if who == forCreditor && l.Recipient == negotiation.ToAgent {
			continue
		}
		row := page.LetterRow{On: negotiation.DayOf(l.CreatedAt), Kind: string(l.Kind), Channel: "mail", State: string(l.State)}
		if l.Channel == negotiation.ContactPost {
			row.Channel = "post"
		}
		if who == forAgent {
			if l.Kind == negotiation.LetterFirst {
				row.URL = "/agent/first-letters/" + l.ID
			}
			row.To = l.Address
			if l.State == negotiation.LetterDueState && l.DelayedBy != "" {
				row.DelayedBy, row.Until = string(l.DelayedBy), l.DueAt
			}
		}
		row.BlockedBy, _, _ = strings.Cut(l.BlockedBy, " ")
		if who == forCreditor && sensitive[negotiation.Reason(row.BlockedBy)] {
			row.BlockedBy = "other"
		}
		rows = append(rows, row)
	}
	return rows
}

// parseDay reads a day as a form sends it or as people write it.
func parseDay(text string) (day.Day, bool) {
	text = strings.TrimSpace(text)
	if d, err := day.Parse(text); err == nil {
		return d, true
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '/' || r == '.' || r == '-' || r == ' ' })
	if len(parts) == 3 && len(parts[0]) <= 2 && len(parts[1]) <= 2 && len(parts[2]) == 4 {
		d, err := day.Parse(parts[2] + "-" + two(parts[1]) + "-" + two(parts[0]))
		return d, err == nil
	}
	return "", false
}

func two(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

// readDay reads a field that holds a day; a bad one is noted in the form.
func readDay(form *page.Form, field string) day.Day {
	text := form.Values[field]
	if strings.TrimSpace(text) == "" {
		return ""
	}
	d, ok := parseDay(text)
	if !ok {
		form.Add(field, "day")
	}
	return d
}

// readSum reads a field that holds a sum; a bad one is noted in the form.
func readSum(form *page.Form, field string) money.Amount {
	text := form.Values[field]
	if strings.TrimSpace(text) == "" {
		return money.Euros(0)
	}
	sum, ok := amount(text, money.EUR)
	if !ok {
		form.Add(field, "amount")
	}
	return sum
}

// readPercent reads a percentage with up to two decimals, as basis points.
func readPercent(form *page.Form, field string) int64 {
	text := strings.TrimSuffix(strings.TrimSpace(form.Values[field]), "%")
	if strings.TrimSpace(text) == "" {
		return 0
	}
	sum, ok := amount(text, money.EUR) // 8,5 % reads like 8,50 €
	if !ok || sum.Minor > 10_000 {
		form.Add(field, "percent")
		return 0
	}
	return sum.Minor
}
