package page

import (
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/locale"
)

// world is the invented world of the gallery, told in one language. Names,
// firms and sums are invented; the phone numbers come from a range kept for
// fiction.
type world struct{ lang locale.Language }

// say gives the French or the English of a text that would come from data.
func (w world) say(french, english string) string {
	if w.lang == locale.French {
		return french
	}
	return english
}

const (
	today     = day.Day("2026-11-23")
	tomorrow  = day.Day("2026-11-24")
	reference = "AM 7K4P 9XWD 3"
	atelier   = "Atelier Boréal SARL"
)

var noon = time.Date(2026, 11, 23, 11, 4, 0, 0, time.UTC)

func (w world) base(path string) Base {
	return Base{
		Lang: w.lang, CurrentPath: path,
		Agency: Agency{
			Name: "Agence Aubrelle", City: "Bordeaux", Kind: "third_party",
			Phone: "+33536491230", Mail: "bonjour@aubrelle.example",
			Hours:   w.say("du lundi au vendredi, de 9 h à 18 h", "Monday to Friday, 9:00 to 18:00"),
			Address: "12 rue des Chartrons, 33000 Bordeaux", SIREN: "123 456 782",
			Origin: "https://aubrelle.example", Insurer: "Mutuelle des Quais, police 4471-R",
			ProsecutorCity: "Bordeaux", DeclaredOn: "2024-02-12",
			DataOfficer: "donnees@aubrelle.example", SupervisorName: "DDPP de la Gironde",
		},
		FirstLetter: &FirstLetter{Reference: "PL-2026-0412", SentOn: "2026-11-06"},
	}
}

// inCase is the base of a page behind the second check.
func (w world) inCase(path string) Base {
	b := w.base(path)
	b.CaseReference, b.SignedIn = reference, true
	return b
}

func (w world) nadia() Agent {
	return Agent{Name: "Nadia Ferrand", Title: w.say("conseillère amiable", "amicable adviser")}
}

func (w world) link() *Link {
	return &Link{Base: w.base("/l/x"), Agent: w.nadia(), Check: CheckPostcode, CodeTo: "c••••@••••.fr",
		Action: "/l/x", CodeAction: "/l/x/code", NotMeURL: "/l/x/not-me"}
}

func (w world) links() []Specimen {
	invoice, wrong, code, sent, locked, lockedSent, lockedMute := w.link(), w.link(), w.link(), w.link(), w.link(), w.link(), w.link()
	invoice.Check = CheckInvoice
	wrong.Form = typed("answer", "33001")
	wrong.Form.Add("answer", "wrong_answer")
	wrong.TriesLeft = 3
	code.Check = CheckCode
	sent.Check, sent.CodeSent = CheckCode, true
	locked.Locked = true
	lockedSent.Locked, lockedSent.CodeSent = true, true
	lockedMute.Locked, lockedMute.CodeTo = true, ""
	demo := w.link()
	demo.Banner = "sandbox"
	alone := w.link()
	alone.CodeTo, alone.Agent.Title = "", ""

	neutralBad := &Neutral{Base: w.base("/l/x"), Action: "/new-link", Form: typed("address", "claire.vasseur")}
	neutralBad.FirstLetter = nil
	neutralBad.Form.Add("address", "email")
	neutral := func(asked bool) *Neutral {
		n := &Neutral{Base: w.base("/l/x"), Action: "/new-link", Asked: asked}
		n.FirstLetter = nil
		return n
	}
	again := func() *SignInAgain {
		return &SignInAgain{Base: w.base("/case"), Check: CheckPostcode, CodeTo: "c••••@••••.fr",
			Action: "/sign-in-again", CodeAction: "/sign-in-again/code", Next: "/case/message"}
	}
	kept, left, lost := again(), again(), again()
	kept.Kept = true
	left.Left = true
	lost.Check = ""
	return []Specimen{
		{In: "postcode", Page: w.link()},
		{In: "invoice number", Page: invoice},
		{In: "wrong answer", Page: wrong},
		{In: "mailed code first", Page: code},
		{In: "code sent", Page: sent},
		{In: "locked", Page: locked},
		{In: "locked, code sent", Page: lockedSent},
		{In: "locked, no address", Page: lockedMute},
		{In: "no address, no title", Page: alone},
		{In: "demo", Page: demo},
		{In: "shown", Page: neutral(false)},
		{In: "asked", Page: neutral(true)},
		{In: "wrong address", Page: neutralBad},
		{In: "question", Page: &NotMe{Base: w.base("/l/x/not-me"), Action: "/l/x/not-me", BackURL: "/l/x"}},
		{In: "done", Page: &NotMe{Base: w.base("/l/x/not-me"), Done: true}},
		{In: "ended", Page: again()},
		{In: "ended, entry kept", Page: kept},
		{In: "left", Page: left},
		{In: "ended, no check", Page: lost},
	}
}

func (w world) ledger() Ledger {
	return Ledger{AsOf: tomorrow, Total: money.Euros(124860), Lines: []LedgerLine{
		{Kind: "invoice", Number: "2026-0318", Amount: money.Euros(182760), Note: w.say("verrière intérieure, posée le 3 mars 2026", "indoor glass partition, fitted on 3 March 2026")},
		{Kind: "paid_before", Day: "2026-02-12", Amount: money.Euros(-60000)},
		{Kind: "interest", Amount: money.Euros(2100), Basis: "legal", StartedOn: "2026-04-08", SourceURL: "/rights", Segments: []Segment{
			{From: "2026-04-08", To: "2026-06-30", Days: 84, RateBasisPoints: 262, Base: money.Euros(122760), Amount: money.Euros(740)},
			{From: "2026-07-01", To: tomorrow, Days: 147, RateBasisPoints: 275, Base: money.Euros(122760), Amount: money.Euros(1360)},
		}},
		{Kind: "costs", Amount: money.Euros(0)},
	}}
}

func (w world) timeline() Timeline {
	return Timeline{More: 3, Events: []Event{
		{On: "2026-11-06", Kind: "first_letter_sent", URL: "/case/documents/2", LinkText: w.say("Lire la lettre PL-2026-0412", "Read letter PL-2026-0412")},
		{On: "2026-11-04", Kind: "case_placed", Values: []any{"creditor", "Atelier Boréal"}},
		{On: "2026-04-07", Kind: "formal_notice"},
	}}
}

func (w world) documents() []Document {
	return []Document{
		{Kind: "invoice", Number: "2026-0318", Format: "PDF", Bytes: 84_000, URL: "/case/documents/1"},
		{Kind: "first_letter", Format: "PDF", Bytes: 61_000, URL: "/case/documents/2", ReadURL: "/case/documents/2/read"},
		{Kind: "statement", On: today, Format: "PDF", Bytes: 38_000, URL: "/case/documents/3", ReadURL: "/case/documents/3/read"},
	}
}

func (w world) theCase() *Case {
	return &Case{
		Base: w.inCase("/case"), Greeting: w.say("Mme Vasseur", "Ms Vasseur"), Creditor: atelier,
		Subject:    w.say("la verrière intérieure posée chez vous le 3 mars 2026", "the indoor glass partition fitted in your home on 3 March 2026"),
		InvoiceURL: "/case/documents/1",
		Left:       money.Euros(124860), GoodUntil: tomorrow, PerDay: money.Euros(9),
		Doors:  Doors{Pay: Door{URL: "/case/pay"}, Plan: Door{URL: "/case/plan"}, Time: Door{URL: "/case/time"}, Contest: Door{URL: "/case/contest"}},
		Ledger: w.ledger(), Timeline: w.timeline(), Documents: w.documents(),
		Agent: w.nadia(), Contacts: Contacts{Made: 1, MaxPerWeek: 2},
	}
}

func (w world) cases() []Specimen {
	open, firm, admitted, declared, disputed, papers := w.theCase(), w.theCase(), w.theCase(), w.theCase(), w.theCase(), w.theCase()
	firm.Greeting, firm.Subject = "", ""
	firm.Ledger.Lines = []LedgerLine{
		{Kind: "invoice", Number: "F-1180", Amount: money.Euros(1000000)},
		{Kind: "credit_note", Number: "A-77", Amount: money.Euros(-20000)},
		{Kind: "interest", Amount: money.Euros(41368), Basis: "commercial", StartedOn: "2026-05-01", Segments: []Segment{
			{From: "2026-05-01", To: "2026-06-30", Days: 61, RateBasisPoints: 1215, Base: money.Euros(1000000), Amount: money.Euros(20305)},
			{From: "2026-07-01", To: "2026-08-31", Days: 62, RateBasisPoints: 1240, Base: money.Euros(1000000), Amount: money.Euros(21063)}}},
		{Kind: "indemnity", Amount: money.Euros(4000)},
		{Kind: "waiver", Amount: money.Euros(-1000)},
		{Kind: "payment", Day: "2026-09-01", Amount: money.Euros(-50000)},
		{Kind: "reversal", Amount: money.Euros(50000)},
		{Kind: "costs", Amount: money.Euros(0)},
	}
	firm.Left, firm.Ledger.Total = money.Euros(1024368), money.Euros(1024368)
	firm.PerDay, firm.Receipts, firm.Closeds = money.Euros(334), 1, 2
	firm.OtherOpen = []CaseLink{{URL: "/cases/2", Reference: "AM 2M8C 4RTQ 9", Left: money.Euros(31250)}}
	firm.Documents = nil
	shut := func(c *Case, reason string, doors ...*Door) {
		for _, d := range doors {
			d.Shut = reason
		}
		c.Notices = []Notice{{Tone: "wait", Code: reason}}
	}
	shut(admitted, "overindebtedness_admitted", &admitted.Doors.Pay, &admitted.Doors.Plan)
	admitted.PerDay = money.Amount{}
	admitted.Ledger.Lines[2].Resting = true
	shut(declared, "overindebtedness_declared")

	shut(disputed, "disputed", &disputed.Doors.Plan)
	disputed.Notices[0].Values = []any{"sum", money.Euros(32000), "creditor", "Atelier Boréal"}
	shut(papers, "papers_missing", &papers.Doors.Pay, &papers.Doors.Plan)
	waiting, counter, running, asked := w.theCase(), w.theCase(), w.theCase(), w.theCase()
	offered := func(c *Case, state string) {
		c.Notices = []Notice{{Tone: "wait", Code: "offer_" + state, URL: "/case/offers/1", Values: []any{"creditor", atelier, "day", answerBy}}}
	}
	shut(waiting, "open_offer", &waiting.Doors.Plan, &waiting.Doors.Time)
	shut(asked, "open_offer", &asked.Doors.Plan, &asked.Doors.Time)
	offered(waiting, OfferSent)
	offered(asked, OfferAgency)
	offered(counter, OfferYours)
	counter.Doors.Plan.Name, running.Doors.Plan.Name = "counter", "instalments"
	several := w.theCase()
	several.Notices = []Notice{
		{Tone: "wait", Code: "payment_processing", Values: []any{"sum", money.Euros(20000)}},
		{Tone: "good", Code: "refund_due", Values: []any{"sum", money.Euros(4500)}},
		{Tone: "", Code: "a_code_without_a_phrase", URL: "/case/message"},
	}
	several.Doors.Time.Shut = "a_reason_without_a_phrase"
	over := func(how string, left money.Amount) *Case {
		c := w.theCase()
		c.Closed, c.On, c.Left, c.Receipts = how, today, left, 2
		c.Ledger.Lines = append(c.Ledger.Lines, LedgerLine{Kind: "payment", Day: today, Amount: money.Euros(left.Minor - 124860)})
		c.Ledger.Total = left
		c.Timeline = Timeline{Events: append([]Event{{On: today, Kind: "case_" + how, Values: []any{"creditor", atelier}}}, w.timeline().Events...)}
		return c
	}
	wish := func(kind string) *Wish {
		return &Wish{Base: w.inCase("/case/" + kind), Kind: kind, Creditor: atelier, Left: money.Euros(124860), Agent: w.nadia()}
	}
	all := []Specimen{
		{In: "open", Page: open},
		{In: "a firm", Page: firm},
		{In: "over-indebtedness admitted", Page: admitted},
		{In: "over-indebtedness declared", Page: declared},
		{In: "part contested", Page: disputed},
		{In: "collector's papers missing", Page: papers},
		{In: "several notices", Page: several},
		{In: "an offer waits for the creditor", Page: waiting},
		{In: "an offer waits for the agency", Page: asked},
		{In: "a counter-offer waits", Page: counter},
		{In: "a plan runs", Page: running},
		{In: "cleared", Page: over("cleared", money.Euros(0))},
		{In: "withdrawn", Page: over("withdrawn", money.Euros(0))},
		{In: "referred", Page: over("referred", money.Euros(0))},
		{In: "list", Page: &Documents{Base: w.inCase("/case/documents"), Creditor: atelier, List: append(w.documents(),
			Document{Kind: "receipt", Number: "7K4P9XWD-1", On: today, Format: "PDF", URL: "/case/receipts/1.pdf"},
			Document{Kind: "agreement", On: today, Format: "PDF", URL: "/a"}, Document{Kind: "discharge", On: today, Format: "PDF", URL: "/b"},
			Document{Kind: "letter", On: today, Format: "PDF", URL: "/c"}, Document{Kind: "other", On: today, Format: "PDF", URL: "/d"},
			Document{Title: w.say("Bon de livraison signé", "Signed delivery note"), Format: "PDF", Bytes: 2_130_000, URL: "/e"})}},
		{In: "empty", Page: &Documents{Base: w.inCase("/case/documents"), Creditor: atelier}},
		{In: "whole", Page: &History{Base: w.inCase("/case/timeline"), Creditor: atelier, Timeline: Timeline{Events: append(w.timeline().Events,
			Event{On: "2026-03-03", Kind: "kind_without_a_phrase"}, Event{On: "2026-03-02", Kind: "payment_succeeded", Values: []any{"sum", money.Euros(60000)}})}}},
		{In: "two", Page: &ClosedCases{Base: w.inCase("/case/closed"), List: []CaseLink{
			{URL: "/cases/3", Creditor: "Garage du Port SCOP", Reference: "AM 3HT8 QM2V 6", Closed: "cleared", On: "2026-06-30"},
			{URL: "/cases/4", Creditor: "Camping La Dune SARL", Reference: "AM 5XK2 7PLM 4", Closed: "withdrawn", On: "2025-12-01"}}}},
		{In: "none", Page: &ClosedCases{Base: w.inCase("/case/closed")}},
	}
	for _, kind := range []string{WishPlan, WishTime, WishCallback} {
		all = append(all, Specimen{In: kind, Page: wish(kind)})
	}
	bad, sent, called := wish(WishPlan), wish(WishPlan), wish(WishCallback)
	bad.Form = typed("callback", "yes", "phone", "12", "when", "morning")
	bad.Form.Add("message", "message")
	bad.Form.Add("phone", "phone")
	sent.Sent, sent.AnswerBy = true, "2026-11-25"
	called.Sent, called.AnswerBy, called.Callback = true, "2026-11-24", true
	all = append(all, Specimen{In: "errors", Page: bad}, Specimen{In: "sent", Page: sent}, Specimen{In: "sent, call", Page: called})
	return append(all, w.contact()...)
}

func (w world) paying() []Specimen {
	choice := func() *PayChoice {
		return &PayChoice{Base: w.inCase("/case/pay"), Creditor: atelier, Left: money.Euros(124860), GoodUntil: tomorrow, PartMin: money.Euros(2000)}
	}
	badChoice := choice()
	badChoice.Form = typed("choice", "part", "part", "3000")
	badChoice.Form.Add("part", "amount_too_high", "max", money.Euros(124860))
	noChoice := choice()
	noChoice.Form.Add("choice", "choose")
	whole := &PayReview{Base: w.inCase("/case/pay"), Creditor: atelier, Left: money.Euros(124860), Amount: money.Euros(124860),
		After: money.Euros(0), GoodUntil: tomorrow, Methods: []string{"card", "apple_pay", "google_pay", "direct_debit", "paypal", "transfer"}}
	part := &PayReview{Base: w.inCase("/case/pay"), Creditor: atelier, Left: money.Euros(124860), Amount: money.Euros(20000),
		After: money.Euros(104860), GoodUntil: tomorrow, Part: true, PartTyped: "200", CanPart: true,
		ToInterest: money.Euros(2100), ToIndemnity: money.Euros(0), ToPrincipal: money.Euros(17900)}
	unticked := *part
	unticked.Form.Add("recognise", "recognise")
	other := func(shut string) *PayOtherWays {
		p := &PayOtherWays{Base: w.inCase("/case/pay"), Creditor: atelier, Left: money.Euros(124860), GoodUntil: tomorrow, Shut: shut, Agent: w.nadia()}
		if shut == "card_not_ready" {
			p.Transfer = w.transferTo(money.Euros(124860))
			p.Cheque = &Cheque{PayableTo: atelier, Address: "12 rue des Chartrons, 33000 Bordeaux"}
		}
		return p
	}
	receipt := ReceiptLine{Number: "7K4P9XWD-1", On: today, Amount: money.Euros(124860), ToPrincipal: money.Euros(122760),
		ToInterest: money.Euros(2100), Left: money.Euros(0), URL: "/case/receipts/1", PDFURL: "/case/receipts/1.pdf"}
	back := func(state string, left money.Amount, r *ReceiptLine) *PayReturn {
		return &PayReturn{Base: w.inCase("/case/payments/1"), State: state, Creditor: atelier, Amount: money.Euros(124860),
			Left: left, PaidAt: noon, Receipt: r, Agent: w.nadia()}
	}
	announced := func(come money.Amount) *PayReturn {
		p := back(ReturnAnnounced, money.Euros(124860), nil)
		p.Come, p.Transfer = come, w.transferTo(money.Euros(124860).Sub(come))
		p.Transfer.Code, p.Transfer.Reference = nil, "K7QM2XWPR4TN"
		return p
	}
	full := &Receipt{Base: w.inCase("/case/receipts/1"), ChainHead: "4f1c0a9be77d2c55", Number: "7K4P9XWD-1", Payer: w.say("Mme Claire Vasseur", "Ms Claire Vasseur"),
		Creditor: atelier, CreditorAddress: "4 quai de Bacalan, 33300 Bordeaux", On: today, Amount: money.Euros(124860), Method: "card", MethodDetail: "Visa ·· 4242",
		Lines:  []ReceiptShare{{"interest", "2026-0318", money.Euros(2100)}, {"principal", "2026-0318", money.Euros(122760)}},
		Before: money.Euros(124860), Left: money.Euros(0), ProvisionalTo: "2027-03-23", Clears: true, PDFURL: "/case/receipts/1.pdf"}
	corrected := *full
	corrected.Method, corrected.MethodDetail, corrected.Clears, corrected.ProvisionalTo, corrected.Corrects = "cheque", "", false, "", "7K4P9XWD-1"
	corrected.Lines = []ReceiptShare{{"indemnity", "F-1180", money.Euros(4000)}, {"principal", "F-1180", money.Euros(120000)}, {"excess", "", money.Euros(860)}}
	void := *full
	void.Refunded, void.TakenBack, void.Void = money.Euros(4500), money.Euros(120360), true
	another, named := *full, *full
	another.ByAnother, another.Base = true, w.inCase("/case/receipts/1")
	named.ByAnother, named.Label = true, w.say("Ma sœur", "My sister")
	part2 := receipt
	part2.Amount, part2.Left, part2.URL, part2.PDFURL = money.Euros(20000), money.Euros(104860), "/case/receipts/2", "/case/receipts/2.pdf"
	return []Specimen{
		{In: "nothing chosen", Page: choice()},
		{In: "part too high", Page: badChoice},
		{In: "none chosen, sent", Page: noChoice},
		{In: "whole", Page: whole},
		{In: "part", Page: part},
		{In: "part, box not ticked", Page: &unticked},
		{In: "card not ready", Page: other("card_not_ready")},
		{In: "forbidden by law", Page: other("overindebtedness_admitted")},
		{In: "shut for another reason", Page: other("a_reason_without_a_phrase")},
		{In: "succeeded, cleared", Page: back(ReturnSucceeded, money.Euros(0), &receipt)},
		{In: "succeeded, part", Page: back(ReturnSucceeded, money.Euros(104860), &part2)},
		{In: "processing", Page: back(ReturnProcessing, money.Euros(124860), nil)},
		{In: "transfer announced", Page: announced(money.Euros(0))},
		{In: "transfer announced, in part", Page: announced(money.Euros(24860))},
		{In: "checking", Page: back(ReturnChecking, money.Euros(124860), nil)},
		{In: "failed", Page: back(ReturnFailed, money.Euros(124860), nil)},
		{In: "cancelled", Page: back(ReturnCancelled, money.Euros(124860), nil)},
		{In: "two", Page: &Receipts{Base: w.inCase("/case/receipts"), Creditor: atelier, List: []ReceiptLine{receipt, part2}}},
		{In: "empty", Page: &Receipts{Base: w.inCase("/case/receipts"), Creditor: atelier}},
		{In: "whole, provisional", Page: full},
		{In: "corrected, final", Page: &corrected}, {In: "of which nothing is left", Page: &void},
		{In: "paid by another", Page: &another},
		{In: "paid by another, named", Page: &named},
	}
}

// typed is a form with what was typed: name, value, name, value…
func typed(pairs ...string) Form {
	f := Form{Values: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Values[pairs[i]] = pairs[i+1]
	}
	return f
}
