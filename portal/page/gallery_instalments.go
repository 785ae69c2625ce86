package page

import (
	"strconv"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// instalments is a plan of six months of which some are paid.
func (w world) instalments(paid int) *Instalments {
	drawn := w.plan(1248_60, negotiation.Terms{Instalments: 6, Every: negotiation.Monthly, FirstDueOn: "2026-12-05"}, paid)
	p := &Instalments{
		Base: w.inCase("/case/instalments"), Creditor: atelier, State: "active", AcceptedOn: today, Total: money.Euros(1248_60), Ring: drawn.Ring, Months: drawn.Months,
		Waived: money.Euros(0), Owed: drawn.Ring.Left, Resting: true, SkipsLeft: 1, SkipsMax: 1, MoveDays: 10, ProposeURL: "/case/plan", AgreementURL: "/case/agreements/1", Agent: w.nadia(),
	}
	for i, m := range drawn.Months {
		line := InstalmentLine{Number: int64(i + 1), DueOn: m.DueOn, Amount: m.Amount, Paid: m.Paid, Left: m.Amount.Sub(m.Paid), State: "ahead"}
		switch m.State {
		case MonthPaid:
			line.State = "paid"
		case MonthDue:
			line.State = "next"
			p.Next = &NextDue{Sum: m.Amount, On: m.DueOn, Line: line.Number, Lines: 1, Last: i == len(drawn.Months)-1}
		}
		if line.Left.IsPositive() {
			at := "/case/instalments/" + strconv.Itoa(i+1)
			line.MoveURL, line.SkipURL = at+"/day", at+"/skip"
		}
		p.Lines = append(p.Lines, line)
	}
	return p
}

// over is a plan that nothing can be done with any more.
func (p *Instalments) over(state string) *Instalments {
	p.State, p.ClosedOn, p.Next, p.ProposeURL = state, today, nil, ""
	for i := range p.Lines {
		p.Lines[i].MoveURL, p.Lines[i].SkipURL = "", ""
	}
	return p
}

func (w world) living() []Specimen {
	late, lateTwo, dueToday, last, held, coming, moved := w.instalments(2), w.instalments(1), w.instalments(2), w.instalments(5), w.instalments(1), w.instalments(0), w.instalments(2)
	late.Next.Late, late.Lines[2].State, late.Months[2].State = true, "late", MonthLate
	lateTwo.Next.Late, lateTwo.Next.Lines, lateTwo.Next.Sum = true, 2, money.Euros(416_20)
	for i := 1; i <= 2; i++ {
		lateTwo.Lines[i].State, lateTwo.Months[i].State = "late", MonthLate
	}
	dueToday.Next.Today, dueToday.Lines[2].State = true, "due"
	held.Suspended, held.ProposeURL = money.Euros(320_00), ""
	for i := 4; i <= 5; i++ {
		held.Months[i].State, held.Lines[i].State, held.Lines[i].Left, held.Lines[i].MoveURL, held.Lines[i].SkipURL = MonthHeld, "suspended", money.Euros(0), "", ""
	}
	coming.OnItsWay, coming.Lines[0].State, coming.Lines[0].MoveURL, coming.Lines[0].SkipURL = money.Euros(208_10), "coming", "", ""
	coming.Lines[1].State, coming.Months[0].State, coming.Months[1].State, coming.Next.On = "next", MonthFuture, MonthDue, coming.Lines[1].DueOn
	moved.Done, moved.SkipsLeft = "moved", 0
	moved.Lines[2].MovedFrom, moved.Lines[2].DueOn, moved.Next.On = moved.Lines[2].DueOn, "2027-02-12", "2027-02-12"
	moved.Months[2].MovedFrom, moved.Months[2].DueOn = moved.Months[2].DueOn, "2027-02-12"
	moved.Lines[3].State, moved.Lines[3].Left, moved.Lines[3].SkipURL, moved.Lines[3].MoveURL, moved.Months[3].State = "skipped", money.Euros(0), "", "", MonthSkipped
	moved.Lines[4].Paid, moved.Lines[4].Left = money.Euros(50_00), money.Euros(158_10)
	refused, nothing, shut, rigid := w.instalments(2), w.instalments(2), w.instalments(2), w.instalments(2)
	refused.Problem = w.say("Plus aucune échéance ne peut être sautée.", "No payment can be skipped any more.")
	nothing.Next = nil
	shut.PayShut = "overindebtedness_admitted"
	rigid.SkipsMax, rigid.MoveDays, rigid.Resting = 0, 0, false
	for i := range rigid.Lines {
		rigid.Lines[i].MoveURL, rigid.Lines[i].SkipURL = "", ""
	}
	settlement := w.instalments(1)
	settlement.Waived = money.Euros(200_00)
	byHand, charged, expired, unticked, stopped := w.instalments(1), w.instalments(2), w.instalments(2), w.instalments(1), w.instalments(2)
	byHand.Charges = &Charges{Agency: "Agence Aubrelle", Ask: true}
	unticked.Charges = &Charges{Agency: "Agence Aubrelle", Ask: true}
	unticked.Charges.Form.Add("charges", "charges")
	charged.Charges, charged.Done = &Charges{Agency: "Agence Aubrelle", Ask: true, Live: true, Card: "Visa ·· 4242", Since: today}, "card"
	debited := w.instalments(2)
	debited.OnItsWay = money.Euros(204_60)
	debited.Charges = &Charges{Agency: "Agence Aubrelle", Ask: true, Text: negotiation.ChargesDebitText, Live: true, Debit: true, Card: "·· 2606", Since: today,
		Mandate: "7GQ4ZK2N9RWT5XBD", MandateURL: "#", Identifier: "FR42ZZZ123456"}
	debitAsked := w.instalments(1)
	debitAsked.Charges = &Charges{Agency: "Agence Aubrelle", Ask: true, Text: negotiation.ChargesDebitText}
	debitAsked.Charges.Form.Add("charges", "charges_means")
	expired.Charges = &Charges{Agency: "Agence Aubrelle", Ask: true, Live: true, Expired: true, Card: "Visa ·· 4242", Since: today}
	stopped.Charges, stopped.Done = byHand.Charges, "stopped"
	noCard, checking := w.instalments(1), w.instalments(1)
	noCard.Charges, noCard.Done, checking.Charges, checking.Done = byHand.Charges, "no_card", byHand.Charges, "checking"
	done, rest, ended, settled := w.instalments(6).over("completed"), w.instalments(6).over("completed"), w.instalments(2).over("ended"), w.instalments(6).over("completed")
	done.Cleared, done.DischargeURL, done.Owed = true, "/case/documents/discharge.pdf", money.Euros(0)
	settled.Cleared, settled.DischargeURL, settled.Waived = true, "/case/documents/discharge.pdf", money.Euros(200_00)
	rest.Owed = money.Euros(320_00)
	ended.Why = w.say("Deux dates sont passées sans nouvelles de votre part. Appelez-nous : une autre suite reste possible.", "Two dates have passed without news from you. Call us: another way is still possible.")
	all := []Specimen{
		{In: "just begun", Page: w.instalments(0)}, {In: "on its way", Page: w.instalments(2)}, {In: "last one", Page: last}, {In: "due today", Page: dueToday},
		{In: "late", Page: late}, {In: "two late", Page: lateTwo}, {In: "part contested", Page: held}, {In: "debit on its way", Page: coming},
		{In: "moved and skipped", Page: moved}, {In: "refused", Page: refused}, {In: "nothing asked", Page: nothing}, {In: "paying forbidden", Page: shut},
		{In: "no changes allowed", Page: rigid}, {In: "settlement", Page: settlement}, {In: "completed, cleared", Page: done}, {In: "settlement kept", Page: settled},
		{In: "completed, something left", Page: rest}, {In: "ended", Page: ended},
		{In: "may save a card", Page: byHand}, {In: "charged to a card", Page: charged}, {In: "the card has expired", Page: expired}, {In: "debited from an account, one on its way", Page: debited}, {In: "may save a card or an account, box not ticked", Page: debitAsked}, {In: "box not ticked", Page: unticked},
		{In: "stopped", Page: stopped}, {In: "no card saved", Page: noCard}, {In: "card being checked", Page: checking},
	}
	return append(append(all, w.changes()...), append(w.agreements(), w.payingInPlan()...)...)
}

func (w world) changes() []Specimen {
	line := w.instalments(2).Lines[2]
	day := func() *MoveDay {
		return &MoveDay{Base: w.inCase("/case/instalments/3/day"), Creditor: atelier, Line: line, From: "2027-01-26", Until: "2027-02-15", Later: true, Action: "/case/instalments/3/day"}
	}
	far, alone := day(), day()
	far.Form = typed("new_day", "2027-03-05", "following", "yes")
	far.Form.Errors = []FieldError{{Field: "new_day", Text: w.say("Choisissez une date du 26 janvier 2027 au 15 février 2027.", "Choose a date from 26 January 2027 to 15 February 2027.")}}
	alone.Later = false
	review := func(kind string) *ChangeReview {
		r := &ChangeReview{
			Base: w.inCase("/case/instalments/3/day"), Creditor: atelier, Kind: kind, Line: line, Total: money.Euros(1248_60), End: "2027-05-05", Action: "/case/instalments/3/day",
			BackURL: "/case/instalments/3/day", PlanID: "1", Revision: 1,
		}
		for _, l := range w.instalments(2).Lines[2:] {
			r.Rows = append(r.Rows, ChangeRow{On: l.DueOn, WasOn: l.DueOn, Amount: l.Amount, Was: l.Amount})
		}
		return r
	}
	moved, following, skipped, lastSkipped := review("moved"), review("moved"), review("skipped"), review("skipped")
	moved.To, moved.Rows[0].On = "2027-02-12", "2027-02-12"
	following.To, following.Following, following.End, following.EndMoved = "2027-02-12", true, "2027-05-12", true
	for i := range following.Rows {
		following.Rows[i].On = following.Rows[i].On.Add(7)
	}
	skipped.Rows[0].Skipped, skipped.Rows[0].Amount = true, money.Euros(0)
	for i := 1; i < len(skipped.Rows); i++ {
		skipped.Rows[i].Amount = money.Euros(277_46 + int64(1/i))
	}
	lastSkipped.Rows = append(lastSkipped.Rows[:0:0], ChangeRow{On: "2027-05-05", WasOn: "2027-05-05", Amount: money.Euros(0), Was: money.Euros(208_10), Skipped: true},
		ChangeRow{On: "2027-06-05", Amount: money.Euros(208_10), New: true})
	lastSkipped.End, lastSkipped.EndMoved = "2027-06-05", true
	stale := review("skipped")
	stale.Form.Errors = []FieldError{{Text: w.say("Votre échéancier a changé entre-temps.", "Your schedule has changed meanwhile.")}}
	return []Specimen{
		{In: "asked", Page: day()}, {In: "too far", Page: far}, {In: "the last date", Page: alone},
		{In: "moved", Page: moved}, {In: "moved, with those after it", Page: following}, {In: "skipped", Page: skipped}, {In: "the last one skipped", Page: lastSkipped},
		{In: "changed meanwhile", Page: stale},
	}
}

func (w world) agreements() []Specimen {
	agreed := func() *Agreement {
		a := &Agreement{
			Base: w.inCase("/case/agreements/1"), Number: reference + "-E1", Creditor: atelier, Debtor: w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), Collector: "Agence Aubrelle",
			Mandate: "M-2026-07", MandateOn: "2026-01-15", State: "active", AcceptedOn: today, AsOf: today, Owed: money.Euros(1248_60), Contested: money.Euros(0), Waived: money.Euros(0),
			Total: money.Euros(1248_60), Agreed: money.Euros(1248_60), Resting: true, Text: negotiation.AgreementText, ChainHead: "4f1c0a9be77d2c55", PDFURL: "/case/agreements/1/agreement.pdf", CalendarURL: "/case/agreements/1/dates.ics",
			Claims: []AgreedClaim{{"2026-0318", "2026-04-02", money.Euros(21_00), money.Euros(0), money.Euros(1227_60), money.Euros(1248_60)}},
			Pay:    &NextDue{Sum: money.Euros(208_10), On: "2026-12-05", Line: 1, Lines: 1},
			Acceptances: []AgreedBy{
				{For: w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), Name: "Claire Vasseur", Quality: "debtor", At: noon, How: "page", Text: negotiation.RecognitionText, Lang: "fr"},
				{For: atelier, Name: "Paul Le Gall", Quality: "creditor", Behalf: atelier, At: noon, How: "page", Text: negotiation.RecognitionText, Lang: "fr"},
			},
		}
		left := a.Total
		for i, m := range w.instalments(0).Months {
			left = left.Sub(m.Amount)
			a.Lines = append(a.Lines, AgreedLine{Number: i + 1, On: m.DueOn, Amount: m.Amount, After: left})
		}
		for _, clause := range []string{"continues", "free", "early", "end", "missed", "recognised", "judge", "help"} {
			a.Clauses = append(a.Clauses, "agreement."+negotiation.AgreementText+"."+clause)
		}
		return a
	}
	policy, replaced, ended, completed, changed, settled := agreed(), agreed(), agreed(), agreed(), agreed(), agreed()
	policy.Acceptances[0].Name, policy.Acceptances[0].Quality, policy.Acceptances[0].Behalf, policy.Acceptances[0].How = "Nadia Ferrand", "agent", policy.Debtor, "spoken"
	policy.Acceptances[1] = AgreedBy{For: atelier, Name: atelier, Quality: "policy", At: noon, How: "policy", Text: "policy-MDT-1-v2"}
	for state, a := range map[string]*Agreement{"replaced": replaced, "ended": ended, "completed": completed} {
		a.State, a.ClosedOn, a.Pay = state, today, nil
	}
	changed.Changed, changed.Pay.Late = true, true
	charged := agreed()
	charged.Charges = &AgreedCharges{By: "Claire Vasseur", At: noon, Text: negotiation.ChargesText, Wording: w.say(
		"J’autorise Agence Aubrelle à faire payer chaque échéance, à sa date et pour son montant, avec la carte que j’enregistre.",
		"I authorise Agence Aubrelle to have each instalment paid, on its date and for its amount, with the card I save.")}
	settled.Waived, settled.Contested, settled.Total, settled.Agreed = money.Euros(200_00), money.Euros(48_60), money.Euros(1000_00), money.Euros(1200_00)
	settled.Lines = []AgreedLine{{1, "2026-12-05", money.Euros(1000_00), money.Euros(0)}}
	settled.Clauses[1], settled.Clauses[3], settled.Resting = "agreement."+negotiation.AgreementText+".interest", "agreement."+negotiation.AgreementText+".settlement.contested", false
	return []Specimen{
		{In: "just accepted", Page: agreed()}, {In: "by policy and by phone", Page: policy}, {In: "replaced", Page: replaced}, {In: "ended", Page: ended},
		{In: "completed", Page: completed}, {In: "dates changed since, one late", Page: changed}, {In: "settlement, a part contested", Page: settled},
		{In: "with leave to charge a card", Page: charged},
	}
}

func (w world) payingInPlan() []Specimen {
	zero := money.Euros(0)
	next := func(on day.Day) *NextDue { return &NextDue{Sum: money.Euros(208_10), On: on, Line: 3, Lines: 1} }
	choice := func(p PayPlan) *PayChoice {
		return &PayChoice{Base: w.inCase("/case/pay"), Creditor: atelier, Left: money.Euros(832_40), GoodUntil: tomorrow, PartMin: money.Euros(2000), Plan: &p}
	}
	last := next("2027-05-05")
	last.Last = true
	late := next("2026-11-05")
	late.Late, late.Lines, late.Sum = true, 2, money.Euros(416_20)
	bad := choice(PayPlan{Next: next("2027-02-05"), Rest: money.Euros(832_40), Clears: true, Whole: zero})
	bad.Form = typed("choice", "part", "part", "3000")
	bad.Form.Add("part", "amount_too_high", "max", money.Euros(832_40))
	review := func(choice string, sum int64, n *NextDue) *PayReview {
		return &PayReview{
			Base: w.inCase("/case/pay"), Creditor: atelier, Left: money.Euros(832_40), Amount: money.Euros(sum), After: money.Euros(832_40 - sum), GoodUntil: tomorrow,
			Part: sum < 832_40, Choice: choice, CanPart: true, Next: n, Step: &PlanStep{Settled: 3, Of: 6, Left: money.Euros(624_30), NextOn: "2027-03-05", Next: money.Euros(208_10)},
			ToInterest: zero, ToIndemnity: zero, ToPrincipal: money.Euros(sum),
		}
	}
	whole := review("plan", 832_40, next("2027-02-05"))
	whole.Step = &PlanStep{Settled: 6, Of: 6, Left: zero, Next: zero}
	movedOn := review("instalment", 208_10, next("2027-03-05"))
	movedOn.AskCharges = true
	movedOn.Form.Errors = []FieldError{{Text: w.say("Votre échéancier a changé entre-temps.", "Your schedule has changed meanwhile.")}}
	receipt := ReceiptLine{Number: "7K4P9XWD-3", On: today, Amount: money.Euros(208_10), Left: money.Euros(624_30), URL: "/case/receipts/3", PDFURL: "/case/receipts/3.pdf"}
	back := func(state string, step *PlanStep, r *ReceiptLine) *PayReturn {
		return &PayReturn{Base: w.inCase("/case/payments/1"), State: state, Creditor: atelier, Amount: money.Euros(208_10), Left: money.Euros(624_30), PaidAt: noon, Receipt: r, InPlan: true, Step: step, Agent: w.nadia()}
	}
	kept := &Receipt{
		Base: w.inCase("/case/receipts/3"), Number: "7K4P9XWD-3", Payer: w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), Creditor: atelier, On: today, Amount: money.Euros(208_10), Method: "card",
		Lines: []ReceiptShare{{"principal", "2026-0318", money.Euros(208_10)}}, Before: money.Euros(832_40), Left: money.Euros(624_30), PDFURL: "/case/receipts/3.pdf",
		Step: movedOn.Step,
	}
	inPlan, inPlanLate, inPlanNothing := w.theCase(), w.theCase(), w.theCase()
	for _, c := range []*Case{inPlan, inPlanLate, inPlanNothing} {
		c.Doors.Plan = Door{URL: "/case/instalments", Name: "instalments"}
		c.PerDay = money.Amount{}
		c.Plan = &CasePlan{Next: next("2027-02-05"), Left: money.Euros(832_40), Total: money.Euros(1248_60)}
		c.Documents = append(c.Documents, Document{Kind: "agreement", On: today, Format: "PDF", URL: "/case/agreements/1/agreement.pdf", ReadURL: "/case/agreements/1"})
	}
	inPlanLate.Plan.Next, inPlanNothing.Plan.Next = late, nil
	end := func(form Form) *EndPlan {
		p := &EndPlan{AgentForm: AgentForm{StaffBase: w.agentBase("cases", "/agent/cases/1/plans/1/ending"), Row: w.rows()[0], Action: "/agent/cases/1/plans/1/ending", BackURL: "/agent/cases/1", Form: form},
			AcceptedOn: "2026-08-31", Left: money.Euros(832_40), Late: zero, Parties: []Choice{{"1", w.say("Mme Claire Vasseur", "Ms Claire Vasseur")}}}
		return p
	}
	refused := end(typed("why", "missed", "reason", w.say("Pas de nouvelles.", "No news.")))
	refused.Late, refused.LateOn = money.Euros(208_10), "2026-11-20"
	refused.Form.Errors = []FieldError{{Text: w.say("Aucune échéance ne manque depuis 8 jours.", "No instalment has been missing for 8 days.")}}
	missing := end(Form{})
	missing.Form.Add("why", "choose")
	return []Specimen{
		{In: "in plan", Page: choice(PayPlan{Next: next("2027-02-05"), Rest: money.Euros(832_40), Clears: true, Whole: zero})},
		{In: "in plan, late and more outside", Page: choice(PayPlan{Next: late, Rest: money.Euros(624_30), Whole: money.Euros(832_40)})},
		{In: "in plan, the last of a settlement", Page: choice(PayPlan{Next: last, Rest: zero, Settlement: true, Whole: zero})},
		{In: "in plan, too much", Page: bad},
		{In: "an instalment", Page: review("instalment", 208_10, next("2027-02-05"))},
		{In: "rest of the plan", Page: whole},
		{In: "another sum in a plan", Page: review("part", 300_00, next("2027-02-05"))},
		{In: "the plan has moved on", Page: movedOn},
		{In: "succeeded, instalment", Page: back(ReturnSucceeded, movedOn.Step, &receipt)},
		{In: "processing, instalment", Page: back(ReturnProcessing, nil, nil)},
		{In: "cancelled, instalment", Page: back(ReturnCancelled, nil, nil)},
		{In: "of a plan", Page: kept},
		{In: "in plan", Page: inPlan},
		{In: "in plan, late", Page: inPlanLate},
		{In: "in plan, nothing asked", Page: inPlanNothing},
		{In: "asked", Page: end(Form{})},
		{In: "refused", Page: refused},
		{In: "nothing chosen", Page: missing},
	}
}
