package page

import "amiable/negotiation/money"

// pattern is a code to be looked at, not to be read: 45 squares a side.
func pattern() [][]bool {
	matrix := make([][]bool, 45)
	for y := range matrix {
		matrix[y] = make([]bool, len(matrix))
		for x := range matrix[y] {
			matrix[y][x] = (x*x+y*y*3+x*y)%5 < 2
		}
	}
	return matrix
}

func (w world) transferTo(sum money.Amount) *Transfer {
	return &Transfer{Holder: "Agence Aubrelle, compte clients", IBAN: "FR76 3000 1007 9412 3456 7890 185", BIC: "BDFEFRPP", Reference: "RF18 AM7K 4P9X WD3", Sum: sum, Code: pattern()}
}

func (w world) bank() []Specimen {
	pay := func() *PayTransfer {
		return &PayTransfer{Base: w.inCase("/case/pay/transfer"), Creditor: atelier, Sum: money.Euros(124860), GoodUntil: "2026-11-28", Transfer: w.transferTo(money.Euros(124860)), Card: true}
	}
	plan, cheque := pay(), pay()
	plan.InPlan, plan.Sum, plan.Transfer = true, money.Euros(31215), w.transferTo(money.Euros(31215))
	cheque.Card, cheque.Cheque = false, &Cheque{PayableTo: atelier, Address: "Agence Aubrelle, 12 rue des Chartrons, 33000 Bordeaux"}
	payer := &PayerTransfer{Base: w.base("/pay/transfer"), Reference: reference, Sum: money.Euros(124860), GoodUntil: "2026-11-28", Transfer: w.transferTo(money.Euros(124860)), Card: true}

	waiting := []BankRow{
		{URL: "/x/1", On: "2026-10-30", AgeDays: 24, Credit: true, Amount: money.Euros(25000), Party: "M PIERRE ELOI FICTIF", Says: []string{"REGLEMENT FACTURE"}, Account: "0185", State: "waiting", Why: "no_reference"},
		{URL: "/x/2", On: "2026-11-18", AgeDays: 5, Credit: true, Amount: money.Euros(9640), Party: "MME ODILE FICTIF", Says: []string{"RF19 AM7K 4P9X WD3", w.say("pour mon fils", "for my son")}, Account: "0185", State: "waiting", Why: "reference_wrong"},
		{URL: "/x/3", On: "2026-11-20", AgeDays: 3, Amount: money.Euros(184200), Party: "ATELIER BOREAL SARL", Says: []string{"REVERSEMENT OCTOBRE"}, Account: "0185", State: "waiting", Why: "debit"},
	}
	matched := []BankRow{
		{URL: "/x/4", On: "2026-11-20", Credit: true, Amount: money.Euros(31215), Party: "MME CLAIRE VASSEUR", Says: []string{"RF18AM7K4P9XWD3"}, Account: "0185", State: "matched", By: "reference", Case: reference, CaseURL: "/agent/cases/1", Debtor: w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), Ref: "REL20261120-0004"},
		{URL: "/x/5", On: "2026-11-19", Credit: true, Amount: money.Euros(12000), Party: "GARAGE DU PORT", Says: []string{"FAC 2026 0400"}, Account: "0185", State: "undone", By: "invoice", Case: reference, CaseURL: "/agent/cases/2", Debtor: "Garage du Port"},
	}
	base := func(path string) StaffBase { return w.agentBase("bank", path) }
	full := &Bank{StaffBase: base("/agent/bank"), Waiting: waiting, In: money.Euros(34640), Out: money.Euros(184200), Oldest: "2026-10-30", Recent: matched, Accounts: true, MaxBytes: 64 << 20, Files: []BankFileRow{
		{URL: "/x/f1", At: noon, File: "releve-2026-11-20.xml", Added: 7, Known: 3, Booked: true}, {URL: "/x/f2", At: noon, File: "avis-2026-11-21.xml"},
	}}
	full.Administrator = true
	refused := &Bank{StaffBase: base("/agent/bank"), Accounts: true, MaxBytes: 64 << 20, In: money.Euros(0), Out: money.Euros(0)}
	refused.Form.Errors = append(refused.Form.Errors, FieldError{Field: "file", Text: w.say("C’est un ordre de paiement (pain.001), pas un relevé : un relevé est un camt.053, un avis un camt.054.", "This is a payment order (pain.001), not a statement: a statement is camt.053, a notice camt.054.")})
	none := &Bank{StaffBase: base("/agent/bank"), In: money.Euros(0), Out: money.Euros(0)}
	known := matched[0]
	known.State, known.Case, known.By = "known", "", ""
	preview := &BankFile{StaffBase: base("/agent/bank/files/1"), File: "releve-2026-11-20.xml", At: noon, Message: "camt.053.001.08", Added: 4, Known: 1, Pending: 1, Matching: 1, Waits: 3,
		Rows: append([]BankRow{known, matched[0]}, waiting...), Action: "/agent/bank/files/1/booking"}
	doubtful := *preview
	doubtful.Doubts = []string{w.say("les écritures ne mènent pas du solde d’ouverture au solde de clôture", "the entries do not lead from the opening balance to the closing balance")}
	booked := &BankFile{StaffBase: base("/agent/bank/files/1"), File: "releve-2026-11-20.xml", At: noon, Message: "camt.053.001.08", Booked: true, Added: 4, Known: 1, Rows: append(matched[:1:1], waiting...)}
	unknown := &BankFile{StaffBase: base("/agent/bank/files/2"), File: "releve.xml", At: noon, Message: "camt.053.001.02", Refused: w.lang.T("refusal.bank_account_unknown", "ends", "1755")}

	entry := func(row BankRow) *BankEntry {
		return &BankEntry{StaffBase: base("/agent/bank/entries/1"), Row: row, IBAN: "FR03 9999 8000 1000 0000 0117 A48", Statement: "REL20261120-1"}
	}
	open := entry(waiting[0])
	open.MatchAction, open.DivideAction, open.ExplainAction, open.Explanations = "/x", "/x", "/x", []string{"bank_cost"}
	wrong := *open
	wrong.Form = typed("case", "AM 7K4P")
	wrong.Form.Errors = append(wrong.Form.Errors, FieldError{Field: "case", Text: w.lang.T("refusal.bank_case_unknown")})
	out := entry(waiting[2])
	out.ExplainAction, out.Explanations, out.Creditors = "/x", []string{"paid_over", "given_back", "bank_cost"}, []Choice{{"1", atelier}}
	done := entry(matched[0])
	done.ReleaseAction, done.By, done.DecidedOn = "/x", "Amiable", "2026-11-20"
	undone := entry(matched[1])
	undone.Other = &BankRow{URL: "/x/6", On: "2026-11-23", Amount: money.Euros(12000)}

	accounts := &BankAccounts{StaffBase: w.agentBase("bank", "/agent/accounts"), Owners: []Choice{{"agency", w.lang.T("bank.accounts.agency")}, {"1", atelier}}, Rows: []BankAccountRow{
		{Holder: "Agence Aubrelle, compte clients", IBAN: "FR76 3000 1007 9412 3456 7890 185", BIC: "BDFEFRPP", CloseAction: "/x"},
		{Holder: "Atelier Boréal SARL", IBAN: "FR76 9999 9000 0100 0000 0011 755", Owner: atelier, Closed: true},
	}, Mandates: []WaysRow{{ID: "1", Creditor: atelier, Mandate: "MDT-001", Separate: true, Account: "a", ChequeTo: atelier, Accounts: []Choice{{"a", "Agence Aubrelle, compte clients ·· 0185"}}, Action: "/x"}}}
	badAccount := &BankAccounts{StaffBase: w.agentBase("bank", "/agent/accounts"), Owners: accounts.Owners, Form: typed("owner", "agency", "holder", "Agence Aubrelle", "iban", "FR76 3000")}
	badAccount.Form.Errors = append(badAccount.Form.Errors, FieldError{Field: "iban", Text: w.lang.T("refusal.iban_wrong")})
	return []Specimen{
		{In: "whole", Page: pay()}, {In: "instalment", Page: plan}, {In: "no card, and cheques", Page: cheque}, {In: "whole", Page: payer},
		{In: "three wait", Page: full}, {In: "calm, refused", Page: refused}, {In: "no account", Page: none},
		{In: "preview", Page: preview}, {In: "preview with a doubt", Page: &doubtful}, {In: "booked", Page: booked}, {In: "refused", Page: unknown},
		{In: "waits", Page: open}, {In: "wrong case", Page: &wrong}, {In: "went out", Page: out}, {In: "matched", Page: done}, {In: "taken back", Page: undone},
		{In: "two", Page: accounts}, {In: "wrong IBAN", Page: badAccount},
	}
}
