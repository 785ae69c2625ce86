package page

import (
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

func (w world) rows() []CaseRow {
	return []CaseRow{
		{URL: "/x/cases/1", Reference: reference, Debtor: w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), Creditor: atelier, Invoice: "2026-0318", State: "open", Holds: []string{"disputed"}, Placed: money.Euros(182760), Left: money.Euros(124860), On: today},
		{URL: "/x/cases/2", Reference: "AM 3HT8 QM2V 6", Debtor: "Garage du Port SCOP", Creditor: atelier, Invoice: "2026-0291", State: "in_plan", Placed: money.Euros(514271), Left: money.Euros(514271), On: "2026-11-20"},
		{URL: "/x/cases/3", Reference: "AM 5XK2 7PLM 4", Debtor: "Camping La Dune SARL", Creditor: "Ferronnerie Le Goff", Invoice: "2026-0302", State: "cleared", Placed: money.Euros(120400), Left: money.Euros(0), On: "2026-11-16"},
		{URL: "/x/cases/4", Reference: "AM 9RT4 2WQK 7", Debtor: "M. Karim Haddad", Creditor: atelier, Invoice: "2026-0340", State: "placed", Holds: []string{"first_letter_not_sent"}, Placed: money.Euros(8700), Left: money.Euros(8700), On: "2026-11-19"},
	}
}

func (w world) payments() []PaymentRow {
	return []PaymentRow{
		{ID: "1", On: "2026-11-12", Debtor: "Mme Inès Carpentier", Creditor: atelier, CaseURL: "/x/cases/5", Method: "card", State: "succeeded", Amount: money.Euros(14250), Principal: money.Euros(13950), Interest: money.Euros(300), Fee: money.Euros(1368), Net: money.Euros(12882), Provisional: "2027-03-12", ReceiptURL: "/r/1"},
		{ID: "2", On: "2026-11-12", Debtor: "M. Paul Lemaire", Creditor: atelier, CaseURL: "/x/cases/6", Method: "transfer", State: "succeeded", Elsewhere: true, Amount: money.Euros(38990), Principal: money.Euros(34490), Excess: money.Euros(4500), Fee: money.Euros(3743), Net: money.Euros(35247), ReceiptURL: "/r/2", ReverseURL: "/x/payments/2/reverse"},
		{ID: "3", On: "2026-11-13", Debtor: "Brasserie des Quais SAS", Creditor: "Ferronnerie Le Goff", CaseURL: "/x/cases/7", Method: "card", State: "charged_back", Amount: money.Euros(61125), Principal: money.Euros(57125), Indemnity: money.Euros(4000), Fee: money.Euros(5868), Net: money.Euros(55257)},
		{ID: "4", On: today, Debtor: "M. Yann Kervella", Method: "direct_debit", State: "processing", Amount: money.Euros(23333), Principal: money.Euros(23333), Fee: money.Euros(2240), Net: money.Euros(21093)},
	}
}

func (w world) statement() Statement {
	return Statement{Ledger: w.ledger(), Principal: money.Euros(122760), Interest: money.Euros(2100), Left: money.Euros(124860), GoodUntil: tomorrow}
}

func (w world) claims() []ClaimRow {
	return []ClaimRow{{Invoice: "2026-0318", IssuedOn: "2026-03-05", DueOn: "2026-04-04", Subject: w.say("la verrière intérieure posée chez vous", "the indoor partition fitted in your home"), Original: money.Euros(182760), Left: money.Euros(122760), PDFURL: "/d/1"}}
}

func (w world) letters() []LetterRow {
	return []LetterRow{
		{On: "2026-11-06", Kind: "first_letter", Channel: "post", State: "delivered", URL: "/d/2"},
		{On: "2026-11-09", Kind: "link", Channel: "mail", To: "c••••@••••.fr", State: "sent"},
		{On: "2026-11-16", Kind: "reminder", Channel: "mail", State: "blocked", BlockedBy: "disputed"},
		{On: "2026-11-17", Kind: "link", Channel: "mail", State: "due", DelayedBy: "contact_cap", Until: noon},
		{On: "2026-11-18", Kind: "a_kind_without_a_phrase", Channel: "sms", State: "bounced"},
	}
}

func (w world) creditorBase(current, path string) StaffBase {
	return w.staffBase("creditor", current, path)
}

func (w world) creditor() []Specimen {
	home := func() *CreditorHome {
		return &CreditorHome{StaffBase: w.creditorBase("home", "/creditor"), Today: today, CaseCount: 48}
	}
	full, fresh := home(), home()
	full.Unread = []Task{{Code: "message", Values: []any{"name", "Mme Rose Tellier"}, URL: "/creditor/cases/1/messages", Note: w.lang.T("thread.since", "day", today) + " · AM 7K4P 9XWD 3"}}
	full.Waiting = []Task{
		{Until: "2026-11-25", Code: "offer", Values: []any{"name", "Garage du Port SCOP"}, Note: tenTimes().Words(w.lang), URL: "/creditor/cases/2/offers/1", Main: true},
		{Until: "2026-11-26", Code: "wish", Values: []any{"name", "Garage du Port SCOP"}, URL: "/creditor/cases/2", Main: true},
		{Code: "fix_lines", Values: []any{"n", 1, "day", day.Day("2026-11-20")}, Note: w.say("ligne 14 : il manque le SIREN d’une entreprise", "line 14: the SIREN of a firm is missing"), URL: "/creditor/placements/1"},
		{Until: "2026-12-01", Code: "a_task_without_a_phrase", URL: "/x"},
	}
	full.CameIn, full.Scale = money.Euros(456348), money.Euros(200000)
	for i, cents := range []int64{118000, 93000, 141000, 75000, 166000, 129000, 103000, 188000, 151000, 131000, 165000, 10000} {
		full.Weeks = append(full.Weeks, WeekBar{From: day.Day("2026-09-07").Add(7 * i), Amount: money.Euros(cents), Percent: int(cents / 2000), Current: i == 11})
	}
	full.Recent = w.payments()[:3]
	full.Coming = &PayoutRow{URL: "/creditor/payouts/3", ArrivesOn: "2026-11-26", State: "in_transit", Bank: "4417", Amount: money.Euros(230089)}
	full.OnTheWay, full.Underway = 8, money.Euros(261304)
	full.ByState = []StateCount{{"cleared", 12, 25, "/creditor/cases?state=cleared"}, {"in_plan", 19, 40, "/creditor/cases?state=in_plan"}, {"open", 9, 19, "/creditor/cases?state=open"}, {"disputed", 5, 10, ""}, {"silent", 3, 6, ""}}
	full.Flash = &Flash{Code: "claim_opened", Values: []any{"reference", reference}}
	fresh.Counts, fresh.CaseCount = nil, 0
	fresh.Missing = []Task{{Code: "mandate"}, {Code: "connect", URL: "/creditor/connect", Main: true}, {Code: "totp", URL: "/security/totp"}}

	list := func(rows []CaseRow, q string) *CaseList {
		return &CaseList{StaffBase: w.creditorBase("cases", "/creditor/cases"), Query: q, States: []string{"placed", "open", "in_plan", "cleared"}, Rows: rows, Total: len(rows)}
	}
	long := list(w.rows(), "")
	long.NextURL, long.FirstURL, long.State = "/creditor/cases?after=4", "/creditor/cases", "open"
	paid := func(rows []PaymentRow) *PaymentList {
		return &PaymentList{StaffBase: w.creditorBase("payments", "/creditor/payments"), From: "2026-11-01", To: "2026-11-30", Rows: rows,
			Form: typed("from", "2026-11-01", "to", "2026-11-30"), CSVURL: "/creditor/payments.csv"}
	}
	payments := paid(w.payments())
	payments.Amount, payments.Principal, payments.Interest, payments.Indemnity = money.Euros(137698), money.Euros(128898), money.Euros(300), money.Euros(4000)
	payments.Fee, payments.Net, payments.Provisional = money.Euros(13219), money.Euros(124479), money.Euros(14250)
	payments.Withheld, payments.Excess = money.Euros(13219), money.Euros(4500)
	noPayments := paid(nil)
	noPayments.Form.Add("from", "day")

	theCase := &CreditorCase{StaffBase: w.creditorBase("cases", "/creditor/cases/1"), Thread: w.caseThread("creditor"), Row: w.rows()[0], Claims: w.claims(), Statement: w.statement(),
		Payments: w.payments()[:2], Letters: w.letters(), Timeline: w.timeline(), Documents: w.documents(), Agent: w.nadia(), RecordURL: "/creditor/cases/1/payments/new", CreditURL: "/creditor/cases/1/credits/new", WithdrawURL: "/creditor/cases/1/withdrawal"}
	theCase.Advisers = w.advisers(false)[:1]
	bare := &CreditorCase{StaffBase: w.creditorBase("cases", "/creditor/cases/4"), Row: w.rows()[3], Claims: w.claims(), Statement: w.statement(), Agent: w.nadia(), Shut: "first_letter_not_sent"}

	record := func() *RecordPayment {
		return &RecordPayment{StaffBase: w.creditorBase("cases", "/creditor/cases/1/payments/new"), Row: w.rows()[0], Today: today,
			Methods: []string{"transfer", "cheque", "cash", "other"}, Action: "/creditor/cases/1/payments", BackURL: "/creditor/cases/1"}
	}
	badRecord := record()
	badRecord.Form = typed("amount", "douze", "on", "2027-01-01", "method", "cheque", "reference", "0004412")
	badRecord.Form.Add("amount", "amount")
	badRecord.Form.Add("on", "day_future")
	badRecord.Form.Add("proof", "file_size", "size", w.lang.Bytes(14_000_000), "max", w.lang.Bytes(10_000_000))
	reverse := &ReversePayment{StaffBase: w.creditorBase("payments", "/creditor/payments/2/reverse"), Row: w.rows()[0], Payment: w.payments()[1],
		Before: money.Euros(124860), After: money.Euros(163850), Action: "/creditor/payments/2/reversal", BackURL: "/creditor/cases/1"}
	badReverse := *reverse
	badReverse.Form.Add("reason", "reason")

	place := func() *Placement {
		return &Placement{StaffBase: w.creditorBase("placements", "/creditor/placements"), MaxBytes: 10_000_000, TemplateURL: "/creditor/placements/empty.csv",
			Earlier: []PlacementRow{{URL: "/creditor/placements/1", At: noon, File: "impayes-novembre.csv", Lines: 20, Opened: 19, Bad: 1, Amount: money.Euros(1834400)}}}
	}
	firstPlace, badPlace := place(), place()
	firstPlace.Earlier = nil
	badPlace.Form.Add("file", "file_type", "types", "CSV")
	badPlace.Form.Add("confirm_mandate", "mandate")
	result := func(bad []BadLine) *PlacementResult {
		return &PlacementResult{StaffBase: w.creditorBase("placements", "/creditor/placements/1"), File: "impayes-novembre.csv", At: noon, Lines: 26, Opened: 19, Cases: 17, Known: 1, Amount: money.Euros(1834400), Bad: bad, BadCSVURL: "/creditor/placements/1/bad.csv"}
	}
	running := result(nil)
	running.Running, running.Done = true, 11
	claim := func(console string) *ClaimEntry {
		return &ClaimEntry{StaffBase: w.staffBase(console, "placements", "/"+console+"/claims/new"), Creditor: atelier, Action: "/" + console + "/claims", MaxBytes: 10_000_000}
	}
	agentClaim, badClaim := claim("agent"), claim("creditor")
	agentClaim.Current, agentClaim.Creditors = "cases", []Choice{{"1", atelier}, {"2", "Ferronnerie Le Goff"}}
	badClaim.Form = typed("kind", "firm", "company", "Garage du Port SCOP", "siren", "123456789", "amount", "1 248,60")
	badClaim.Form.Add("kind", "choose")
	badClaim.Form.Add("siren", "siren")
	badClaim.Form.Add("due_on", "required")
	badClaim.Form.Add("invoice_pdf", "file_missing")
	badClaim.Form.Add("confirm_mandate", "mandate")

	all := []Specimen{
		{In: "two things waiting", Page: full},
		{In: "new creditor", Page: fresh},
		{In: "creditor, some", Page: long},
		{In: "creditor, none found", Page: list(nil, "zzz")},
		{In: "creditor, november", Page: payments},
		{In: "creditor, none", Page: noPayments},
		{In: "full", Page: theCase},
		{In: "not yet open", Page: bare},
		{In: "empty", Page: record()},
		{In: "errors", Page: badRecord},
		{In: "asked", Page: reverse},
		{In: "no reason given", Page: &badReverse},
		{In: "shown", Page: place()},
		{In: "first time", Page: firstPlace},
		{In: "errors", Page: badPlace},
		{In: "all good", Page: result(nil)},
		{In: "bad lines", Page: result([]BadLine{
			{Line: 14, Who: "Brasserie des Quais", Column: "siren", Code: "siren_missing"},
			{Line: 15, Who: "M. Haddad", Column: "amount", Code: "amount", Values: []any{"value", "douze"}},
			{Line: 16, Who: "2026-0291", Column: "due_on", Code: "day", Values: []any{"value", "31/02/2026"}},
			{Line: 17, Who: "2026-0318", Column: "number", Code: "duplicate", Values: []any{"reference", reference}},
			{Line: 18, Who: "M. Kervella", Column: "fees", Code: "costs", Values: []any{"value", money.Euros(1500)}},
			{Line: 19, Who: "?", Column: "", Code: "a_code_without_a_phrase"}})},
		{In: "running", Page: running},
		{In: "creditor", Page: claim("creditor")},
		{In: "agent", Page: agentClaim},
		{In: "errors", Page: badClaim},
	}
	for _, state := range []string{"none", "started", "waiting", "restricted", "enabled"} {
		c := &Connect{StaffBase: w.creditorBase("account", "/creditor/connect"), State: state}
		switch state {
		case "restricted":
			c.ChargesStopped, c.PayoutsStopped, c.Owing = true, true, money.Euros(8715)
			c.Checking = []string{w.say("votre SIREN", "your SIREN")}
			c.Missing, c.Until, c.Account = []Requirement{
				{w.say("La pièce d’identité de la gérante", "The manager's identity document"), "both"}, {w.say("un compte bancaire", "a bank account"), "later"},
			}, "2026-12-01", "acct_··4Hk2"
			c.Held, c.Ways = money.Euros(31250), []CardWay{{"MDT-001", false}, {"MDT-002", true}}
		case "waiting":
			c.BackNow = true
		case "enabled":
			c.Account, c.Iban, c.Ways = "acct_··4Hk2", "·· 4417", []CardWay{{}}
		}
		all = append(all, Specimen{In: state, Page: c})
	}
	return all
}
