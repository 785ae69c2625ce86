package page

import "amiable/negotiation/money"

// payouts are the pages of money that reaches creditors.
func (w world) payouts() []Specimen {
	rows := []PayoutRow{
		{URL: "/x/payouts/3", ArrivesOn: "2026-11-26", State: "in_transit", Creditor: atelier, Bank: "4417", Amount: money.Euros(230089)},
		{URL: "/x/payouts/2", Number: "RV-2026-046", ArrivesOn: "2026-11-19", State: "paid", Creditor: atelier, Bank: "4417", Amount: money.Euros(98140), Open: true, Suspense: 1},
		{URL: "/x/payouts/1", Number: "RV-2026-045", ArrivesOn: "2026-11-12", State: "failed", Failure: "account_closed", Bank: "0094", Amount: money.Euros(41200), Open: true},
	}
	match := []MatchRow{
		{ID: "txn_1", Source: "adj_1", Creditor: atelier, On: "2026-11-18", Kind: "other", Words: "Correction", Amount: money.Euros(150), Net: money.Euros(150), Verdict: "suspense", Reason: "nothing_behind_it", PayoutURL: "/agent/payouts/2", ExplainURL: "/agent/suspense/txn_1"},
		{ID: "txn_2", Source: "py_2", Creditor: atelier, On: "2026-11-17", Kind: "payment", Who: "M. Yann Kervella", CaseURL: "/x/cases/8", Amount: money.Euros(23343), Fee: money.Euros(2240), Net: money.Euros(21103), Known: true, Booked: money.Euros(23333), Verdict: "suspense", Reason: "amount_differs", PayoutURL: "/agent/payouts/2", ExplainURL: "/agent/suspense/txn_2"},
		{ID: "txn_3", Source: "py_3", On: "2026-11-16", Kind: "payment", Who: "Mme Inès Carpentier", CaseURL: "/x/cases/5", Amount: money.Euros(14250), Fee: money.Euros(1368), Net: money.Euros(12882), Known: true, Booked: money.Euros(14250), Verdict: "matched", PayoutURL: "/agent/payouts/2"},
		{ID: "txn_4", Source: "py_4", On: "2026-11-16", Kind: "refund", Amount: money.Euros(-4500), Net: money.Euros(-4500), Verdict: "explained", Reason: "not_our_refund", Explanation: w.say("Rendu par le créancier depuis Stripe le 15.", "Given back by the creditor from Stripe on the 15th."), BelongsTo: "creditor", PayoutURL: "/agent/payouts/2"},
	}
	list := func(console string) *PayoutList {
		return &PayoutList{StaffBase: w.staffBase(console, "payouts", "/"+console+"/payouts"), Today: today, Underway: money.Euros(31215), Count: 2, Oldest: 6}
	}
	theirs, empty, ours := list("creditor"), list("creditor"), list("agent")
	theirs.Payouts, theirs.Notices, theirs.NoticesOf, theirs.Form = rows, "daily", []string{"at_once", "daily", "none"}, typed("language", "fr")
	theirs.Months = []RemittanceRow{{URL: "/r/1", Number: "RV-2026-040", From: "2026-10-01", Until: "2026-10-31", Gross: money.Euros(80000), Net: money.Euros(50000), ToPayOver: true}}
	theirs.Invoices = []InvoiceRow{{URL: "/i/1", Number: "F-2026-011", Kind: "invoice", On: "2026-11-01", Total: money.Euros(24434), Withheld: money.Euros(20000), Due: money.Euros(4434)},
		{URL: "/i/2", Number: "F-2026-012", Kind: "credit_note", On: "2026-11-01", Total: money.Euros(1032), Withheld: money.Euros(1032), Due: money.Euros(0)}}
	empty.Underway, empty.Count, empty.Notices, empty.NoticesOf, empty.Form = money.Euros(0), 0, "at_once", theirs.NoticesOf, typed("language", "en")
	ours.Payouts, ours.Months, ours.Invoices, ours.Suspense = rows, theirs.Months, theirs.Invoices, match[:2]
	ours.Late = []LateRow{
		{Who: "Camping La Dune SARL", Creditor: "Ferronnerie Le Goff", CaseURL: "/x/cases/3", On: "2026-10-20", Until: "2026-11-20", Days: 34, Amount: money.Euros(120400), State: "breach", Place: "agency"},
		{Who: "M. Paul Lemaire", Creditor: atelier, CaseURL: "/x/cases/6", On: "2026-11-02", Until: "2026-12-02", Days: 21, Amount: money.Euros(35247), State: "alarm", Place: "gateway"},
	}
	ours.Stuck = []PayoutRow{{URL: "/agent/payouts/9", ArrivesOn: "2026-11-10", State: "paid", Creditor: atelier, Amount: money.Euros(5000), ByHand: true}}
	ours.Totals = []TotalRow{
		{Month: "2026-10-01", Creditor: atelier, Listed: money.Euros(98290), Opened: money.Euros(98140), Booked: money.Euros(98140), Waiting: money.Euros(0), Strange: money.Euros(0), Other: money.Euros(0), Lost: money.Euros(150), Unbooked: money.Euros(150)},
		{Month: "2026-11-01", Listed: money.Euros(31150), Opened: money.Euros(26150), Booked: money.Euros(30850), Waiting: money.Euros(5000), Strange: money.Euros(150), Other: money.Euros(150), Lost: money.Euros(0), Unbooked: money.Euros(0), Agrees: true},
	}
	ours.Owing = []OwingRow{{Creditor: "Ferronnerie Le Goff", URL: "/agent/creditors/2", Amount: money.Euros(-8715)}}

	remittance := func(console string) *Remittance {
		r := &Remittance{StaffBase: w.staffBase(console, "payouts", "/"+console+"/remittances/1"), Number: "RV-2026-047", Creditor: atelier, From: "2026-11-12", Until: "2026-11-18",
			Gross: money.Euros(37583), Back: money.Euros(-8715), Other: money.Euros(150), Theirs: money.Euros(0), Fee: money.Euros(2390), VAT: money.Euros(478), Net: money.Euros(26150), Difference: money.Euros(0), Payments: 2,
			Lines: []RemittanceLine{
				{On: "2026-11-12", Kind: "payment", Who: "Mme Inès Carpentier", CaseURL: "/x/cases/5", Reference: reference, Place: "gateway", Gross: money.Euros(14250), Fee: money.Euros(1140), VAT: money.Euros(228), Net: money.Euros(12882), Excess: money.Euros(0), Intent: "pi_3P1", StatementURL: "/d/1",
					Settled: []SettledRow{{Invoice: "2026-0211", Principal: money.Euros(13950), Interest: money.Euros(300), Indemnity: money.Euros(0)}}},
				{On: "2026-11-17", Kind: "payment", Who: "M. Yann Kervella", CaseURL: "/x/cases/8", Reference: "AM 9RT4 2WQK 7", Place: "gateway", Gross: money.Euros(23333), Fee: money.Euros(1867), VAT: money.Euros(373), Net: money.Euros(21093), Excess: money.Euros(0)},
				{On: "2026-11-18", Kind: "chargeback", Who: "Mme Rose Tellier", CaseURL: "/x/cases/9", Reference: "AM 5XK2 7PLM 4", Place: "gateway", Gross: money.Euros(-8715), Fee: money.Euros(-617), VAT: money.Euros(-123), Net: money.Euros(-7975), Excess: money.Euros(0), NotPayment: true},
				{On: "2026-11-18", Kind: "other", Place: "gateway", Words: "Correction", Gross: money.Euros(150), Fee: money.Euros(0), VAT: money.Euros(0), Net: money.Euros(150), Excess: money.Euros(0), NotPayment: true, Strange: true},
			}}
		for _, kind := range []string{"pdf", "csv", "xlsx", "fec", "paid"} {
			r.Files = append(r.Files, RemittanceFile{URL: "/f." + kind, Kind: kind})
		}
		return r
	}
	paid, month, coming := remittance("creditor"), remittance("agent"), remittance("creditor")
	paid.Payout = &PayoutRow{ArrivesOn: "2026-11-26", State: "paid", Bank: "4417", Open: true, Amount: money.Euros(26150)}
	coming.Payout = &PayoutRow{ArrivesOn: "2026-11-26", State: "pending", Amount: money.Euros(26150)}
	coming.Lines, coming.Files, coming.Number, coming.Payments = nil, nil, "", 0
	month.Theirs, month.PayOverURL = money.Euros(11433), "/agent/remittances/1/paying-over"
	month.Form = typed("on", "2027-01-01")
	month.Form.Add("on", "day_future")
	opened := &PayoutMatch{StaffBase: w.staffBase("agent", "payouts", "/agent/payouts/2"), Payout: rows[1], GatewayID: "po_1P4", Rows: match, Count: 4, Sum: money.Euros(98140), Difference: money.Euros(0), Matched: 1, RemittanceURL: "/r/2", More: 12}
	waits := &PayoutMatch{StaffBase: w.staffBase("agent", "payouts", "/agent/payouts/3"), Payout: rows[0], GatewayID: "po_1P5"}
	explain := &ExplainRow{StaffBase: w.staffBase("agent", "payouts", "/agent/suspense/txn_2"), Row: match[1], Whose: []string{"creditor", "agency"}, Action: "/agent/suspense/txn_2", BackURL: "/agent/payouts/2"}
	badExplain := *explain
	badExplain.Form.Add("words", "reason")
	invoice := func(kind string) *FeeInvoice {
		return &FeeInvoice{StaffBase: w.staffBase("creditor", "payouts", "/creditor/invoices/1"), Number: "F-2026-011", Kind: kind, Creditor: atelier, Agency: "Agence Aubrelle", From: "2026-10-01", Until: "2026-10-31", On: "2026-11-01", DueOn: "2026-12-01",
			Fee: money.Euros(20362), VAT: money.Euros(4072), Total: money.Euros(24434), Withheld: money.Euros(20000), Due: money.Euros(4434), PDFURL: "/i/1.pdf",
			Lines:   []FeeRow{{On: "2026-10-12", Who: "Mme Inès Carpentier", Reference: reference, Received: money.Euros(14250), Fee: money.Euros(1140), VAT: money.Euros(228), Withheld: true}, {On: "2026-10-13", Who: "M. Paul Lemaire", Reference: "AM 9RT4 2WQK 7", Received: money.Euros(38990), Fee: money.Euros(3119), VAT: money.Euros(624)}},
			Formula: []FormulaRow{{Mandate: "MDT-001", Percent: w.lang.Percent(800), VATPercent: w.lang.Percent(2000), On: "all", Minimum: money.Euros(200)}}}
	}
	note := invoice("credit_note")
	note.Lines = note.Lines[:1]
	note.Lines[0].Corrects = "F-2026-010"
	return []Specimen{
		{In: "creditor", Page: theirs}, {In: "creditor, nothing yet", Page: empty}, {In: "agent", Page: ours},
		{In: "arrived", Page: paid}, {In: "of a month, to pay over", Page: month}, {In: "on its way", Page: coming},
		{In: "opened", Page: opened}, {In: "not listed yet", Page: waits}, {In: "asked", Page: explain}, {In: "no words", Page: &badExplain},
		{In: "invoice", Page: invoice("invoice")}, {In: "credit note", Page: note},
	}
}
