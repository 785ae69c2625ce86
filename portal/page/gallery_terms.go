package page

import (
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// termsShown is terms of the invented case: n monthly instalments of a total, from
// a day on.
func termsShown(n int, total, owed int64, first day.Day) TermsShown {
	t := TermsShown{Kind: TermsPlan, Count: n, Every: "monthly", Owed: money.Euros(owed), Total: money.Euros(total), Waived: money.Euros(owed - total), First: money.Euros(0), Start: first}
	for i, sum := range money.Euros(total).Split(n) {
		t.Dates = append(t.Dates, DatedSum{On: first.AddMonths(i), Amount: sum})
	}
	t.Each, t.End = t.Dates[0].Amount, t.Dates[n-1].On
	switch {
	case owed > total:
		t.Kind = TermsSettlement
	case n == 1:
		t.Kind = TermsTime
	}
	return t
}

const answerBy = day.Day("2026-11-26")

func (w world) desk() Desk {
	return Desk{Creditor: atelier, Agent: w.nadia(), Left: money.Euros(124860), Contested: money.Euros(0), Rests: true, AnswerBy: answerBy}
}

func (w world) terms() []Specimen {
	choice := func() *PlanChoice {
		p := &PlanChoice{Base: w.inCase("/case/plan"), Desk: w.desk(), AtOnce: true, Rebate: true, Form: typed("first_on", "2026-12-05", "every", "monthly")}
		for _, n := range []int{3, 6, 10} {
			s := termsShown(n, 124860, 124860, "2026-12-05")
			p.Suggestions = append(p.Suggestions, Suggestion{Count: n, Each: s.Each, End: s.End, Tall: 300 / n})
		}
		return p
	}
	unchosen, wrongOwn, wrongAmount, firm, none, counter := choice(), choice(), choice(), choice(), choice(), choice()
	unchosen.Form.Add("way", "choose")
	wrongOwn.Form = typed("way", "own", "count", "x", "every", "weekly", "first", "9999", "first_on", "2026-11-24")
	wrongOwn.Form.Add("count", "number")
	wrongOwn.Form.Add("first", "amount_too_high", "max", money.Euros(124860))
	wrongOwn.Form.Add("first_on", "day")
	wrongAmount.Form = typed("way", "amount", "amount", "0", "first_on", "2026-12-05", "every", "monthly")
	wrongAmount.Form.Add("amount", "amount")
	firm.Rests, firm.AtOnce, firm.Rebate, firm.Contested = false, false, false, money.Euros(32000)
	none.Suggestions = nil
	counter.Answers, counter.Hidden = "1", []Hidden{{"answers", "1"}}
	counter.Form = typed("way", "own", "count", "4", "every", "monthly", "first", "200", "first_on", "2026-12-05")

	later := func() *TimeChoice {
		return &TimeChoice{Base: w.inCase("/case/time"), Desk: w.desk(), Days: []day.Day{"2026-12-05", "2027-01-05"}, AtOnce: true, Pause: 15, Form: typed("first_on", "2026-12-05")}
	}
	ownDay, freeDay := later(), later()
	ownDay.Form = typed("way", "own", "first_on", "2026-11-01")
	ownDay.Form.Add("first_on", "day_past")
	freeDay.Days, freeDay.Rests, freeDay.Contested = nil, false, money.Euros(32000)
	freeDay.Form = typed("way", "own", "first_on", "2026-12-05")

	less := func(possible bool) *RebateChoice {
		return &RebateChoice{Base: w.inCase("/case/settlement"), Desk: w.desk(), Possible: possible, Form: typed("first_on", "2026-12-05")}
	}
	lessWrong := less(true)
	lessWrong.Form = typed("total", "2000", "first_on", "2026-12-05")
	lessWrong.Form.Add("total", "amount_too_high", "max", money.Euros(124860))
	lessContested := less(true)
	lessContested.Contested = money.Euros(32000)

	review := func(kind, verdict string, shown TermsShown) *TermsReview {
		return &TermsReview{Base: w.inCase("/case/" + kind), Desk: w.desk(), Kind: kind, Verdict: verdict, Shown: shown, AskCharges: verdict != VerdictNo}
	}
	six := termsShown(6, 124860, 124860, "2026-12-05")
	unticked := review(TermsPlan, VerdictYes, six)
	unticked.Form.Add("recognise", "recognise_terms")
	outside := review(TermsPlan, VerdictNo, termsShown(21, 124860, 124860, "2026-12-05"))
	values := []any{"creditor", atelier, "n", int64(12), "day", day.Day("2027-01-07"), "sum", money.Euros(5000)}
	for _, code := range []string{"instalments_max", "months_max", "first_days_max", "instalment_min"} {
		outside.Reasons = append(outside.Reasons, Reason{code, values})
	}
	outside.Nearest = &Nearest{Kind: TermsPlan, Shown: termsShown(12, 124860, 124860, "2026-12-05"), Hidden: []Hidden{{"way", "own"}, {"count", "12"}}}
	outside.Form = typed("message", w.say("Je commence un emploi le 1er janvier.", "I begin a job on 1 January."))
	soon := review(TermsPlan, VerdictNo, termsShown(21, 124860, 124860, "2026-11-24"))
	soon.Reasons, soon.AskFrom = []Reason{{"instalments_none", values}, {"a_code_without_a_phrase", values}}, answerBy
	less2 := review(TermsSettlement, VerdictNo, termsShown(1, 60000, 124860, "2026-12-05"))
	less2.Reasons, less2.Nearest = []Reason{{"rebate_max", []any{"creditor", atelier, "sum", money.Euros(112374)}}, {"rebate_none", values}}, &Nearest{Kind: TermsSettlement, Shown: termsShown(1, 112374, 124860, "2026-12-05")}
	mixed := termsShown(4, 124860, 124860, "2026-12-05")
	mixed.First, mixed.Each, mixed.Every = money.Euros(30000), money.Euros(31620), "weekly"
	replaces := review(TermsPlan, VerdictRefer, mixed)
	replaces.Replaces, replaces.Rests = true, false

	budget := func(rest int64, n int) *Budget {
		return &Budget{Base: w.inCase("/case/plan/budget"), Left: money.Euros(124860), Done: true, Rest: money.Euros(rest), Count: n,
			Form: typed("income", "1800", "fixed", "900", "others", "120", "kept", "640")}
	}
	wrongBudget := &Budget{Base: w.inCase("/case/plan/budget"), Left: money.Euros(124860), Form: typed("income", "mille", "fixed", "900")}
	wrongBudget.Form.Add("income", "amount")
	var all []Specimen
	for _, reason := range []string{"plan_needs_waiver", "overindebtedness_admitted", "disputed", "a_reason_without_a_phrase"} {
		all = append(all, Specimen{In: reason, Page: &NoTerms{Base: w.inCase("/case/plan"), Creditor: atelier, Left: money.Euros(124860), Shut: reason, Pause: 30, Agent: w.nadia()}})
	}
	return append(all,
		Specimen{In: "nothing chosen", Page: choice()}, Specimen{In: "none chosen, sent", Page: unchosen}, Specimen{In: "own way, three things wrong", Page: wrongOwn},
		Specimen{In: "no amount", Page: wrongAmount}, Specimen{In: "interest runs, creditor answers, part contested", Page: firm}, Specimen{In: "nothing suggested", Page: none},
		Specimen{In: "in answer to an offer", Page: counter},
		Specimen{In: "days suggested", Page: later()}, Specimen{In: "a day that is past", Page: ownDay}, Specimen{In: "no day suggested", Page: freeDay},
		Specimen{In: "possible", Page: less(true)}, Specimen{In: "not foreseen", Page: less(false)}, Specimen{In: "too much", Page: lessWrong}, Specimen{In: "part contested", Page: lessContested},
		Specimen{In: "accepted at once", Page: review(TermsPlan, VerdictYes, six)}, Specimen{In: "box not ticked", Page: unticked},
		Specimen{In: "creditor answers", Page: review(TermsPlan, VerdictRefer, termsShown(7, 122760, 122760, "2026-12-05"))},
		Specimen{In: "outside", Page: outside}, Specimen{In: "outside, too soon to ask", Page: soon}, Specimen{In: "a plan gives way, a first sum", Page: replaces},
		Specimen{In: "later, at once", Page: review(TermsTime, VerdictYes, termsShown(1, 124860, 124860, "2027-01-05"))},
		Specimen{In: "less, at once", Page: review(TermsSettlement, VerdictYes, termsShown(1, 112374, 124860, "2026-12-05"))},
		Specimen{In: "less, outside", Page: less2},
		Specimen{In: "questions", Page: &Budget{Base: w.inCase("/case/plan/budget"), Left: money.Euros(124860)}}, Specimen{In: "wrong", Page: wrongBudget},
		Specimen{In: "enough", Page: budget(14000, 9)}, Specimen{In: "very long", Page: budget(500, 0)}, Specimen{In: "nothing left", Page: budget(0, 0)},
	)
}

func (w world) myOffers() []Specimen {
	offer := func(state string) *Offer {
		six := termsShown(6, 124860, 124860, "2026-12-05")
		p := &Offer{Base: w.inCase("/case/offers/2"), Creditor: atelier, Agent: w.nadia(), ID: "2", URL: "/case/offers/2", Number: 2, State: state, AnswerBy: answerBy, Shown: six, Rests: true}
		p.Thread = []OfferVersion{
			{URL: "/case/offers/2", Here: true, Side: "debtor", At: noon, Shown: six, State: state},
			{URL: "/case/offers/1", Side: "debtor", Name: "Nadia Ferrand", At: noon.AddDate(0, 0, -3), Shown: termsShown(10, 124860, 124860, "2026-12-05"), State: OfferRefused,
				Message: w.say("Je commence un emploi le 1er janvier.", "I begin a job on 1 January."), Reason: w.say("Dix mois, c’est trop long pour notre trésorerie.", "Ten months is too long for us.")},
		}
		return p
	}
	counter := func() *Offer {
		p := offer(OfferYours)
		p.Message, p.Thread[0].Side, p.Thread[0].Name = w.say("Six fois nous irait mieux que dix.", "Six payments would suit us better than ten."), "creditor", atelier
		p.AnswerBy, p.AskCharges = "2026-12-07", true
		return p
	}
	unticked, unsaid, long, late, accepted, refused, declined, answered := counter(), counter(), counter(), offer(OfferSent), offer(OfferAccepted), offer(OfferRefused), offer(OfferDeclined), offer(OfferAnswered)
	unticked.Form.Add("recognise", "recognise_terms")
	unsaid.Form.Add("reason", "reason")
	long.Shown, long.Replaces, long.Rests = termsShown(36, 124860, 124860, "2026-12-31"), true, false
	late.Late = "open"
	accepted.PlanURL = accepted.URL
	refused.Reason = w.say("Six mois, c’est trop long pour notre trésorerie.", "Six months is too long for us.")
	declined.Reason, declined.Thread[0].Side, declined.Thread[0].Name = w.say("Je ne peux pas avant mars.", "I cannot before March."), "creditor", atelier
	answered.Current = "/case/offers/3"
	renewed := offer(OfferRenewed)
	renewed.PlanURL = "/case/offers/1"
	smaller := counter()
	smaller.Shown = termsShown(1, 112374, 124860, "2026-12-05")
	lateKind := offer(OfferExpired)
	lateKind.Late = "a_code_without_a_phrase"
	all := []Specimen{
		{In: "sent", Page: offer(OfferSent)}, {In: "sent, another came too late", Page: late}, {In: "with the agency", Page: offer(OfferAgency)},
		{In: "counter-offer", Page: counter()}, {In: "counter-offer, box not ticked", Page: unticked}, {In: "counter-offer, no reason", Page: unsaid},
		{In: "counter-offer, long", Page: long}, {In: "counter-offer, a smaller sum", Page: smaller},
		{In: "accepted", Page: accepted}, {In: "refused", Page: refused}, {In: "declined", Page: declined}, {In: "answered", Page: answered},
		{In: "renewed", Page: renewed}, {In: "expired", Page: lateKind},
	}
	for _, state := range []string{OfferWithdrawn, OfferTakenBack, OfferSettled} {
		all = append(all, Specimen{In: state, Page: offer(state)})
	}
	return all
}
