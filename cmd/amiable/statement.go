package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"amiable/negotiation/day"
	"amiable/negotiation/interest"
	"amiable/negotiation/money"
)

// StatementCmd explains what one claim comes to: `amiable statement`. It needs
// no database. Amounts are euros on the way in and, as JSON, cents on the way
// out; a day without a published rate is an error that names the rate.
type StatementCmd struct {
	Amount       string   `help:"What the invoice says, VAT included, in euros." placeholder:"10000.00" required:""`
	Due          string   `help:"Its due date." placeholder:"YYYY-MM-DD" required:""`
	Until        string   `help:"The day at whose end the statement is made; the day counts." placeholder:"YYYY-MM-DD" required:""`
	Debtor       string   `help:"Who owes it: business, consumer, non_professional or public." placeholder:"KIND" required:""`
	Creditor     string   `help:"To whom: business or individual (a private person)." default:"business" placeholder:"KIND"`
	Notice       string   `help:"The day the debtor had the notice to pay; a consumer owes no interest before." placeholder:"YYYY-MM-DD"`
	ContractRate string   `help:"Percentage a year set by the contract." placeholder:"10.5"`
	Payment      []string `help:"A payment and its day; may be given several times." placeholder:"YYYY-MM-DD=AMOUNT" sep:"none"`
	DayCount     string   `help:"Days in a year: actual (366 in leap years) or 365." default:"actual" placeholder:"actual|365"`
	Rates        string   `help:"A file of rates published since this version, in the form of negotiation/interest/rates.csv." type:"existingfile" placeholder:"FILE"`
	JSON         bool     `help:"As one JSON object, amounts in cents." name:"json"`
}

// Run writes the statement.
func (cmd *StatementCmd) Run(out io.Writer) error {
	claim, payments, until, err := cmd.read()
	if err != nil {
		return err
	}
	rates, err := cmd.rates()
	if err != nil {
		return err
	}
	statement, err := rates.Statement(claim, payments, until)
	if missing := (*interest.MissingRateError)(nil); errors.As(err, &missing) {
		if !missing.Begins.IsZero() {
			return fmt.Errorf("%w (here: --rates FILE with the rate)", missing)
		}
		return fmt.Errorf("%w (here: --rates FILE with the rate, or --until %s)", missing, missing.LastDay())
	}
	if err != nil {
		return err
	}
	for _, line := range statement.Lines {
		if owed := line.Amount.Sub(line.Excess); line.Excess.IsPositive() {
			return fmt.Errorf("--payment %s=%s: only %s was owed at the end of that day, %s too much: give the part that was owed (in a case, the rest goes to refunds due)",
				line.Day, plain(line.Amount), plain(owed), plain(line.Excess))
		}
	}
	if cmd.JSON {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(statementAsJSON(claim, statement))
	}
	_, err = io.WriteString(out, statementAsText(claim, statement))
	return err
}

// rates returns the program's rates, with those of --rates added.
func (cmd *StatementCmd) rates() (*interest.Rates, error) {
	if cmd.Rates == "" {
		return interest.French(), nil
	}
	file, err := os.Open(cmd.Rates)
	if err != nil {
		return nil, fmt.Errorf("--rates: %w", err)
	}
	defer file.Close()
	more, err := interest.ReadRates(file)
	if err != nil {
		return nil, fmt.Errorf("--rates %s: %w", cmd.Rates, err)
	}
	return interest.French().With(more)
}

// read turns what was typed into a claim; every error names its flag and says
// what to write instead.
func (cmd *StatementCmd) read() (claim interest.Claim, payments []interest.Movement, until day.Day, err error) {
	claim = interest.Claim{
		ID:       "on the command line",
		Debtor:   interest.DebtorKind(strings.ReplaceAll(cmd.Debtor, "-", "_")),
		Creditor: interest.CreditorKind(cmd.Creditor),
		DayCount: interest.DayCount(cmd.DayCount),
	}
	if claim.Creditor == "" {
		claim.Creditor = interest.BusinessCreditor
	}
	if claim.DayCount == "" {
		claim.DayCount = interest.Actual
	}
	var problems []error
	refuse := func(flag string, err error) {
		if err != nil {
			problems = append(problems, fmt.Errorf("--%s: %w", flag, err))
		}
	}
	oneOf := func(flag, given string, kinds ...string) {
		if !slices.Contains(kinds, given) {
			refuse(flag, fmt.Errorf("%q is not known: write %s or %s", given, strings.Join(kinds[:len(kinds)-1], ", "), kinds[len(kinds)-1]))
		}
	}
	days := func(flag, typed string, needed bool) (d day.Day) {
		if typed == "" && !needed {
			return ""
		}
		d, err := day.Parse(typed)
		refuse(flag, err)
		return d
	}
	oneOf("debtor", string(claim.Debtor), string(interest.Business), string(interest.Consumer), string(interest.NonProfessional), string(interest.Public))
	oneOf("creditor", string(claim.Creditor), string(interest.BusinessCreditor), string(interest.IndividualCreditor))
	oneOf("day-count", string(claim.DayCount), string(interest.Actual), string(interest.Fixed365))
	claim.Principal, err = parseEuros(cmd.Amount)
	refuse("amount", err)
	claim.DueOn = days("due", cmd.Due, true)
	claim.NoticeOn = days("notice", cmd.Notice, false)
	until = days("until", cmd.Until, true)
	if cmd.ContractRate != "" {
		rate, err := interest.ParseRate(cmd.ContractRate)
		refuse("contract-rate", err)
		claim.ContractRate = &rate
	}
	for i, typed := range cmd.Payment {
		payment, err := parsePayment(typed)
		payment.ID = fmt.Sprintf("%d", i+1)
		if err == nil && !until.IsZero() && payment.Day.After(until) {
			err = fmt.Errorf("%s is later than --until %s: leave the payment out, or make the statement for a later day", payment.Day, until)
		}
		refuse("payment "+typed, err)
		payments = append(payments, payment)
	}
	return claim, payments, until, errors.Join(problems...)
}

func parsePayment(typed string) (interest.Movement, error) {
	on, amount, both := strings.Cut(typed, "=")
	if !both {
		return interest.Movement{}, errors.New("write the day and the amount, such as 2026-05-31=500.00")
	}
	payment := interest.Movement{Kind: interest.Payment}
	var err error
	if payment.Day, err = day.Parse(on); err != nil {
		return payment, err
	}
	payment.Amount, err = parseEuros(amount)
	return payment, err
}

// parseEuros reads "10000", "10000.5", "10000.00" or "10000,00": more than
// nothing, no grouping (a comma must not be taken for a point, or the other
// way round), no sign.
func parseEuros(typed string) (money.Amount, error) {
	whole, cents, hasCents := strings.Cut(strings.Replace(typed, ",", ".", 1), ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	switch {
	case !digits(whole) || len(whole) > 12 || (hasCents && !digits(cents)):
		return money.Amount{}, fmt.Errorf("%q is not an amount: write euros without spaces or thousands marks, such as 10000.00", typed)
	case len(cents) > 2:
		return money.Amount{}, fmt.Errorf("%q has more than two decimals: euros have cents, write such as 10000.00 (no thousands marks)", typed)
	}
	var minor int64
	for _, d := range whole + (cents + "00")[:2] {
		minor = minor*10 + int64(d-'0')
	}
	if minor == 0 {
		return money.Amount{}, fmt.Errorf("%q is nothing: the amount must be more than 0", typed)
	}
	return money.Euros(minor), nil
}

// The JSON of a statement, by the names that docs/interest.md promises. Amounts are
// cents, rates are text so that nobody reads them as binary fractions.
type statementJSON struct {
	Currency        money.Currency         `json:"currency"`
	Due             day.Day                `json:"due"`
	Until           day.Day                `json:"until"`
	Debtor          interest.DebtorKind    `json:"debtor"`
	Creditor        interest.CreditorKind  `json:"creditor"`
	DayCount        interest.DayCount      `json:"day_count"`
	Segments        []statementSegmentJSON `json:"segments"`
	Payments        []statementPaymentJSON `json:"payments"`
	InterestAccrued int64                  `json:"interest_accrued"`
	Principal       int64                  `json:"principal"`
	Interest        int64                  `json:"interest"`
	Indemnity       int64                  `json:"indemnity"`
	Total           int64                  `json:"total"`
	IndemnityLaw    string                 `json:"indemnity_article"`
	PerDay          *int64                 `json:"per_day"` // null where the next day has no published rate
	Remarks         []statementRemarkJSON  `json:"remarks"`
}

type statementSegmentJSON struct {
	From     day.Day `json:"from"`
	To       day.Day `json:"to"`
	Days     int     `json:"days"`
	Base     int64   `json:"base"`
	Rate     string  `json:"rate_percent"`
	Source   string  `json:"source"`
	SeenIn   string  `json:"seen_in"`
	Article  string  `json:"article"`
	Verified bool    `json:"verified"`
	Amount   int64   `json:"amount"`
}

type statementPaymentJSON struct {
	Date      day.Day `json:"date"`
	Amount    int64   `json:"amount"`
	Interest  int64   `json:"interest"`
	Indemnity int64   `json:"indemnity"`
	Principal int64   `json:"principal"`
}

type statementRemarkJSON struct {
	Code interest.RemarkCode `json:"code"`
	Text string              `json:"text"`
}

func statementAsJSON(c interest.Claim, s interest.Statement) statementJSON {
	j := statementJSON{
		Currency: c.Principal.Currency, Due: c.DueOn, Until: s.Until, Debtor: c.Debtor, Creditor: c.Creditor, DayCount: c.DayCount,
		Segments: []statementSegmentJSON{}, Payments: []statementPaymentJSON{}, Remarks: []statementRemarkJSON{},
		InterestAccrued: s.Accrued.Minor, Principal: s.Principal.Minor, Interest: s.Interest.Minor, Indemnity: s.Indemnity.Minor,
		Total: s.Total().Minor, IndemnityLaw: s.ChargedLaw,
	}
	for _, g := range s.Segments {
		j.Segments = append(j.Segments, statementSegmentJSON{g.From, g.To, g.Days, g.Base.Minor, g.Rate.String(), g.Source, g.SeenIn, g.Article, g.Verified, g.Amount.Minor})
	}
	for _, l := range s.Lines {
		j.Payments = append(j.Payments, statementPaymentJSON{l.Day, l.Amount.Minor, l.Interest.Minor, l.Indemnity.Minor, l.Principal.Minor})
	}
	for _, m := range s.Remarks {
		j.Remarks = append(j.Remarks, statementRemarkJSON{m.Code, m.String()})
	}
	if s.PerDayMissing == nil {
		j.PerDay = &s.PerDay.Minor
	}
	return j
}

// statementAsText writes for a person.
func statementAsText(c interest.Claim, s interest.Statement) string {
	var b strings.Builder
	line := func(format string, values ...any) { fmt.Fprintf(&b, format+"\n", values...) }
	line("%s EUR due on %s, as owed at the end of %s", plain(c.Principal), c.DueOn, s.Until)
	line("debtor: %s; creditor: %s; days of a year: %s", c.Debtor, c.Creditor, c.DayCount)
	if len(s.Segments) > 0 {
		line("\n%-10s  %-10s  %4s  %15s  %9s  %13s  %s", "from", "to", "days", "base", "% a year", "interest", "article")
		for _, g := range s.Segments {
			line("%-10s  %-10s  %4d  %15s  %9s  %13s  %s", g.From, g.To, g.Days, plain(g.Base), g.Rate, plain(g.Amount), g.Article)
		}
		line("%-10s  %-10s  %4s  %15s  %9s  %13s", "", "", "", "", "", plain(s.Accrued))
		line("\nrates")
		for i, g := range s.Segments {
			if slices.ContainsFunc(s.Segments[:i], func(e interest.Segment) bool { return e.Source == g.Source && e.Rate == g.Rate }) {
				continue
			}
			check := ""
			if !g.Verified {
				check = " - to be verified"
			}
			line("  %s %%: %s%s", g.Rate, g.Source, check)
			if g.SeenIn != "" {
				line("           seen in: %s", g.SeenIn)
			}
		}
	}
	if len(s.Lines) > 0 {
		line("\n%-10s  %15s  =  %13s  +  %13s  +  %15s", "paid on", "amount", "interest", "indemnity", "principal")
		for _, l := range s.Lines {
			line("%-10s  %15s  =  %13s  +  %13s  +  %15s", l.Day, plain(l.Amount), plain(l.Interest), plain(l.Indemnity), plain(l.Principal))
		}
	}
	line("\nstill owed at the end of %s", s.Until)
	line("  principal  %15s", plain(s.Principal))
	line("  interest   %15s", plain(s.Interest))
	line("  indemnity  %15s  %s", plain(s.Indemnity), s.ChargedLaw)
	line("  total      %15s EUR", plain(s.Total()))
	switch {
	case s.PerDayMissing != nil:
		line("\nwhat the next day adds is not known: %v", s.PerDayMissing)
	case s.PerDay.IsPositive():
		line("\nthe next day adds about %s EUR", plain(s.PerDay))
	}
	for _, m := range s.Remarks {
		line("note: %s", m)
	}
	return strings.ReplaceAll(b.String(), "  \n", "\n")
}

// plain writes euros without their name, grouped by spaces: 10 000.00.
func plain(a money.Amount) string {
	s := strings.TrimSuffix(a.String(), " "+string(a.Currency))
	whole, cents, _ := strings.Cut(s, ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + " " + whole[at:]
	}
	return whole + "." + cents
}
