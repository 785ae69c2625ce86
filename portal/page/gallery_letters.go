package page

import (
	"amiable/negotiation/money"
	"amiable/portal/documents"
)

// letter is a first letter to Claire Vasseur, as it was made.
func (w world) letter() documents.FirstLetter {
	return documents.FirstLetter{
		Reference: "PL-2026-0412", Date: "2026-11-06", CaseReference: reference, Collector: "third_party", AgentName: "Nadia Ferrand",
		Agency:   documents.Identity{Name: "Agence Aubrelle", Street: "12 rue des Chartrons", Postcode: "33000", City: "Bordeaux", SIREN: "123 456 782", Phone: "+33536491230", Email: "bonjour@aubrelle.example"},
		Creditor: documents.Identity{Name: atelier, Street: "3 quai des Œuvres", Postcode: "44000", City: "Nantes"}, MandateOn: "2026-01-15",
		Debtor: documents.Identity{Name: w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), Street: "8 rue du Lavoir", Postcode: "33000", City: "Bordeaux"}, Consumer: true,
		Greeting: w.say("Mme Vasseur", "Ms Vasseur"), Owed: w.owed(), Ways: documents.Ways{Address: "aubrelle.example", Code: "7K4P9XWD3M", QR: "https://aubrelle.example/c/7K4P9XWD3M"},
		Data: documents.DataNotice{Contact: "donnees@aubrelle.example"},
	}
}

func (w world) owed() documents.Owed {
	claim := documents.OwedClaim{
		Invoice: "2026-0318", Subject: w.say("la verrière intérieure posée le 3 mars 2026", "the inner glass roof fitted on 3 March 2026"), IssuedOn: "2026-03-03", DueOn: "2026-04-02", NoticeOn: "2026-05-04",
		Invoiced: money.Euros(182760), PaidBefore: money.Euros(60000), Charged: money.Euros(0),
		Movements: []documents.Movement{{On: "2026-09-01", Kind: documents.MovementPayment, Interest: money.Euros(1000), Indemnity: money.Euros(0), Principal: money.Euros(9000)}},
		Segments: []documents.Segment{
			{From: "2026-05-05", To: "2026-06-30", Days: 57, Base: money.Euros(122760), Rate: "2.62", RateKind: documents.RateLegalOther, Published: "2.62", InForce: "2026-01-01", Article: "C. civ. art. 1231-6", Amount: money.Euros(502)},
			{From: "2026-07-01", To: "2026-11-06", Days: 129, Base: money.Euros(113760), Rate: "12.40", RateKind: documents.RateECB, Published: "2.40", Margin: "10.00", InForce: "2026-07-01", Article: "C. com. art. L441-10, II", Amount: money.Euros(1100)},
		},
		Principal: money.Euros(113760), Interest: money.Euros(602), Indemnity: money.Euros(0),
	}
	return documents.Owed{On: "2026-11-06", GoodUntil: "2026-11-21", PerDay: money.Euros(9), Claims: []documents.OwedClaim{claim},
		Principal: money.Euros(113760), Interest: money.Euros(602), Indemnity: money.Euros(0), Total: money.Euros(114362)}
}

func (w world) letterCases() []LetterCase {
	return []LetterCase{
		{ID: "1", URL: "/agent/cases/1", Debtor: w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), Creditor: atelier, Reference: reference, Sum: money.Euros(122760), Due: "2026-04-02", Channel: "post"},
		{ID: "2", URL: "/agent/cases/2", Debtor: "Brasserie des Quais", Creditor: atelier, Reference: "AM 3QRT 6WXY A", Sum: money.Euros(1045368), Due: "2026-04-30", Channel: "mail"},
	}
}

func (w world) blockedCases() []LetterCase {
	barred, short := w.letterCases()[0], w.letterCases()[1]
	barred.Reasons = []string{"time_barred", "moved"}
	short.Text = w.lang.T("refusal.letter_incomplete", "mention", w.lang.T("mention.debtor_address"))
	return []LetterCase{barred, short}
}

func (w world) letterPages() []Specimen {
	placement := LetterPlacement{ID: "1", URL: "/agent/letters?placement=1", File: "factures-2026.csv", Creditor: atelier, At: noon, Cases: 1200}
	home := func() *Letters {
		return &Letters{StaffBase: w.agentBase("letters", "/agent/letters"), Most: 500, Placements: []LetterPlacement{placement, {ID: "2", URL: "/agent/letters?placement=2", At: noon, Cases: 1}},
			Batches: []LetterBatchRow{
				{URL: "/agent/letters/batches/1", DatedOn: today, By: "Nadia Ferrand", At: noon, Cases: 200, Waiting: 80},
				{URL: "/agent/letters/batches/2", DatedOn: today, By: "Nadia Ferrand", At: noon, Cases: 200, Unposted: 198},
				{URL: "/agent/letters/batches/3", DatedOn: "2026-11-06", By: "Nadia Ferrand", At: noon, Cases: 12}}}
	}
	choose, none, admin := home(), home(), home()
	choose.Open, choose.Cases = &placement, w.letterCases()
	none.Placements, none.Batches = nil, nil
	admin.ByMail, admin.ByMailURL = true, "/agent/letters/by-mail"
	unchosen := home()
	unchosen.Open, unchosen.Cases = &placement, w.letterCases()
	unchosen.Form.Add("case", "choose")

	review := func() *LettersReview {
		return &LettersReview{StaffBase: w.agentBase("letters", "/agent/letters"), Batch: "b", Ready: w.letterCases(), Blocked: w.blockedCases(), ByPost: 1, ByMail: 1,
			Total: money.Euros(1168128), Left: 700, Action: "/agent/letters/batches", BackURL: "/agent/letters", Form: typed("dated_on", string(today))}
	}
	blocked, badDate := review(), review()
	blocked.Ready, blocked.ByPost, blocked.ByMail, blocked.Total = nil, 0, 0, money.Euros(0)
	badDate.Form.Add("dated_on", "day")

	batch := func() *LettersBatch {
		ready, mailed, gone, held, out, taken := w.letterCases()[0], w.letterCases()[1], w.letterCases()[1], w.blockedCases()[0], w.blockedCases()[1], w.letterCases()[0]
		taken.Text = w.say("adresse à vérifier", "address to be checked")
		return &LettersBatch{StaffBase: w.agentBase("letters", "/agent/letters/batches/1"), DatedOn: today, By: "Nadia Ferrand", At: noon, ToPost: 1, ToMail: 1, Left: 1, Refused: 3, Held: 1,
			Total: money.Euros(1168128), PrintURL: "/agent/letters/batches/1/print.pdf", PostingURL: "/agent/letters/batches/1/posting", ContinueURL: "/agent/letters/batches/1/preparation",
			Rows: []LetterMade{
				{Case: ready, Reference: "PL-2026-0412", State: "ready", PDFURL: "/agent/first-letters/1", CancelURL: "/agent/first-letters/1/cancellation"},
				{Case: mailed, Reference: "PL-2026-0413", State: "mailing", PDFURL: "/agent/first-letters/2", CancelURL: "/agent/first-letters/2/cancellation"},
				{Case: gone, Reference: "PL-2026-0414", State: "left", On: today, PDFURL: "/agent/first-letters/3"},
				{Case: held, Reference: "PL-2026-0415", State: "held", PDFURL: "/agent/first-letters/4", CancelURL: "/agent/first-letters/4/cancellation"},
				{Case: taken, Reference: "PL-2026-0416", State: "cancelled", PDFURL: "/agent/first-letters/5"},
				{Case: out, State: "refused"}},
			Form: typed("sent_on", string(today))}
	}
	half, badPost, done := batch(), batch(), batch()
	half.Waiting = 80
	half.Rows = append(half.Rows, LetterMade{Case: w.letterCases()[0], State: "waiting"}, LetterMade{Case: w.letterCases()[1], Reference: "PL-2026-0417", State: "failed"})
	badPost.Form.Add("file_reference", "required")
	done.ToPost, done.ToMail, done.Held = 0, 0, 0
	cancel := func() *LetterCancel {
		return &LetterCancel{StaffBase: w.agentBase("letters", "/agent/first-letters/1/cancellation"), Reference: "PL-2026-0412", Case: w.letterCases()[0], DatedOn: today,
			Action: "/agent/first-letters/1/cancellation", BackURL: "/agent/letters/batches/1"}
	}
	noReason := cancel()
	noReason.Form.Add("reason", "required")

	code := func(result, channel string) *LetterCode {
		c := &LetterCode{Base: w.base("/code"), Agent: w.nadia(), Action: "/code", OpenAction: "/code/link", Result: result, Channel: channel, SentOn: "2026-11-06"}
		c.FirstLetter = nil
		return c
	}
	known, byReference, unknown, filled, bad := code(CodeKnown, "post"), code(CodeKnown, "mail"), code(CodeUnknown, ""), code("", ""), code("", "")
	known.Writers, known.Code = []string{atelier}, "7K4P9 XWD3M"
	byReference.Writers = []string{atelier, "Les Menuiseries du Lac"}
	unknown.Form = typed("code", "7K4P9 XWD3M")
	filled.Form = typed("code", "7K4P9 XWD3M")
	bad.Form = typed("reference", "PL-2026-0412", "date", "")
	bad.Form.Add("date", "day")
	firm := w.letter()
	firm.Consumer, firm.Greeting, firm.Owed.PerDay = false, "", money.Euros(0)
	return []Specimen{
		{In: "what waits", Page: home()}, {In: "choosing", Page: choose}, {In: "nothing chosen", Page: unchosen}, {In: "nothing waits", Page: none}, {In: "by mail, administrator", Page: admin},
		{In: "ready and blocked", Page: review()}, {In: "all blocked", Page: blocked}, {In: "wrong day", Page: badDate},
		{In: "made", Page: batch()}, {In: "half made", Page: half}, {In: "no proof", Page: badPost}, {In: "posted", Page: done},
		{In: "asked", Page: cancel()}, {In: "no reason", Page: noReason},
		{In: "read", Page: &LetterPage{Base: w.inCase("/case/letters/first"), Letter: w.letter(), SentOn: "2026-11-06", PDFURL: "/case/letters/first.pdf"}},
		{In: "to a firm", Page: &LetterPage{Base: w.inCase("/case/letters/first"), Letter: firm, SentOn: "2026-11-06", PDFURL: "/case/letters/first.pdf"}},
		{In: "frozen", Page: &FrozenPage{Base: w.inCase("/case/statements/1"), Creditor: atelier, Owed: w.owed(), PDFURL: "/case/statements/1.pdf"}},
		{In: "empty", Page: code("", "")}, {In: "filled in by the QR code", Page: filled}, {In: "known", Page: known}, {In: "known by reference", Page: byReference},
		{In: "unknown", Page: unknown}, {In: "no date", Page: bad},
	}
}
