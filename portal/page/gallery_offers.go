package page

import (
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// threeTimes are the usual terms of the invented world.
func threeTimes() (TermsLine, []InstalmentRow) {
	line := TermsLine{Instalments: 3, Every: "monthly", First: money.Euros(41620), Each: money.Euros(41620), From: "2026-12-05", To: "2027-02-05", Total: money.Euros(124860), Owed: money.Euros(124860)}
	return line, []InstalmentRow{{1, "2026-12-05", money.Euros(41620)}, {2, "2027-01-05", money.Euros(41620)}, {3, "2027-02-05", money.Euros(41620)}}
}

func settlement() TermsLine {
	return TermsLine{Instalments: 1, First: money.Euros(110000), Each: money.Euros(110000), From: "2026-12-10", To: "2026-12-10", Total: money.Euros(110000), Owed: money.Euros(124860)}
}

// tenTimes are terms outside the rules, with a larger first sum.
func tenTimes() TermsLine {
	return TermsLine{Instalments: 10, Every: "fortnightly", First: money.Euros(30000), Each: money.Euros(10540), From: "2026-12-05", To: "2027-04-10", Total: money.Euros(124860), Owed: money.Euros(124860)}
}

func (w world) offerRows() (waiting, open, past []OfferRow) {
	three, _ := threeTimes()
	vasseur, garage := w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), "Garage du Port SCOP"
	waiting = []OfferRow{
		{URL: "/o/1", Debtor: vasseur, Case: reference, Number: 1, Side: "debtor", State: "open", Turn: "creditor", AnswerBy: "2026-11-26", Terms: three, At: noon, Mine: true},
		{URL: "/o/2", Debtor: garage, Case: "AM 3HT8 QM2V 6", Number: 2, Side: "debtor", State: "open", Turn: "agency", AnswerBy: "2026-11-30", Terms: tenTimes(), At: noon, Mine: true},
	}
	open = []OfferRow{{URL: "/o/3", Debtor: "M. Karim Haddad", Case: "AM 9RT4 2WQK 7", Number: 2, Side: "creditor", State: "open", Turn: "debtor", AnswerBy: "2026-12-05", Terms: three, At: noon}}
	for i, state := range []string{"accepted", "rejected", "countered", "withdrawn", "expired", "renewed"} {
		row := OfferRow{URL: "/o/past", Debtor: garage, Case: "AM 3HT8 QM2V 6", Number: i + 1, Side: "debtor", State: state, Terms: settlement(), At: noon, By: "Camille Roussel"}
		if state == "rejected" {
			row.Reason = w.say("La durée proposée est trop longue pour nous.", "The time proposed is too long for us.")
		}
		past = append(past, row)
	}
	return waiting, open, past
}

func (w world) offer(console string) *OfferPage {
	three, schedule := threeTimes()
	_, _, past := w.offerRows()
	p := &OfferPage{
		StaffBase: w.staffBase(console, "offers", "/"+console+"/cases/1/offers/1"), Row: w.rows()[0], Number: 2, State: "open", Side: "debtor", Turn: "creditor", AnswerBy: "2026-11-26",
		Terms: three, Schedule: schedule, MadeBy: w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), MadeAt: noon,
		Message: w.say("Je touche ma paie le 3 du mois. Merci de votre patience.", "I am paid on the 3rd. Thank you for your patience."),
		Says:    PolicySays{Answer: "refer", Version: 2, Reasons: []PolicyWhy{{"creditor_answers", nil}}},
		History: OfferHistory{Payments: 1, Paid: money.Euros(60000), PlansKept: 1, OnTime: 3, Missed: 1, Similar: 14, Accepted: 9, Countered: 3, Rejected: 1, Lapsed: 1, SimilarKept: 6, SimilarRunning: 2, SimilarEnded: 1},
		Proof:   []OfferProof{{"act", noon, []any{"number", 12, "hash", "9f31c20b77aa01de"}}, {"told_creditor_sent", noon, []any{"to", "compta@boreal.example.com"}}, {"told_creditor", noon, []any{"to", "compta@boreal.example.com"}}},
		Acts:    OfferActs{Accept: "/a", Reject: "/r", Counter: "/c", Presets: []string{"too_long", "too_late"}},
	}
	past[2].Side, past[0].Current = "creditor", false
	p.Versions = []OfferRow{{URL: "/o/1", Number: 2, Side: "debtor", State: "open", Turn: "creditor", Terms: three, At: noon, Current: true}, past[2], past[1]}
	p.Row.URL = "/" + console + "/cases/1"
	return p
}

func (w world) offers() []Specimen {
	waiting, open, past := w.offerRows()
	list := &Offers{StaffBase: w.creditorBase("offers", "/creditor/offers"), Waiting: waiting, Open: open, Past: past, NextURL: "/creditor/offers?from=50"}
	agents := &Offers{StaffBase: w.agentBase("offers", "/agent/offers"), Waiting: []OfferRow{waiting[1]}, Open: open, Past: past[:2]}
	for _, rows := range [][]OfferRow{agents.Waiting, agents.Open, agents.Past} {
		for i := range rows {
			rows[i].Creditor = atelier
		}
	}
	none := &Offers{StaffBase: w.creditorBase("offers", "/creditor/offers")}

	outside, lower, viewer, limited, late, counter, silent := w.offer("creditor"), w.offer("creditor"), w.offer("creditor"), w.offer("creditor"), w.offer("creditor"), w.offer("creditor"), w.offer("creditor")
	near, _ := threeTimes()
	outside.Terms = tenTimes()
	for i := range 10 {
		outside.Schedule = append(outside.Schedule, InstalmentRow{i + 1, day.Day("2026-12-05").Add(14 * i), money.Euros(10540)})
	}
	outside.Says = PolicySays{Answer: "no", Version: 2, Nearest: &near, Reasons: []PolicyWhy{
		{"instalments_max", []any{"n", int64(6), "sum", money.Euros(6)}}, {"instalment_min", []any{"n", int64(15000), "sum", money.Euros(15000)}}, {"months_max", []any{"n", int64(1), "sum", money.Euros(1)}},
		{"first_days_max", []any{"n", int64(30), "sum", money.Euros(30)}}, {"first_past", nil}, {"rebate_max", []any{"n", int64(1), "sum", money.Euros(12486)}}, {"person_above", []any{"n", int64(1), "sum", money.Euros(500000)}}, {"a_reason_without_a_phrase", nil}}}
	outside.History = OfferHistory{Paid: money.Euros(0)}
	outside.Form = typed("reason", "")
	outside.Form.Add("reason", "reason")
	lower.Terms, lower.Schedule, lower.Message, lower.Versions = settlement(), []InstalmentRow{{1, "2026-12-10", money.Euros(110000)}}, "", nil
	lower.Acts.Presets = []string{"too_low", "too_late"}
	lower.Says = PolicySays{Answer: "yes"}
	viewer.Acts, viewer.Shut, viewer.May = OfferActs{}, "viewer", []string{"Camille Roussel", "Paul Leroy"}
	limited.Acts, limited.Shut, limited.Limit = OfferActs{}, "limit", money.Euros(50000)
	silent.Turn, silent.Late, silent.AnswerBy = "agency", true, "2026-11-30"
	late.State, late.Turn, late.By, late.Answered, late.Acts, late.NowURL = "renewed", "", "Amiable", noon, OfferActs{}, "/o/4"
	late.Problem = w.say("Cette proposition n’est plus là.", "This proposal is no longer there.")
	counter.Side, counter.Turn, counter.AnswerBy, counter.Acts = "creditor", "debtor", "2026-12-05", OfferActs{Withdraw: "/w"}
	accepted, rejected := w.offer("creditor"), w.offer("creditor")
	accepted.State, accepted.Turn, accepted.By, accepted.Answered, accepted.Acts = "accepted", "", "Camille Roussel", noon, OfferActs{}
	accepted.Flash = &Flash{Code: "offer_accepted"}
	rejected.State, rejected.Turn, rejected.By, rejected.Answered, rejected.Acts, rejected.Reason = "rejected", "", "Camille Roussel", noon, OfferActs{}, past[1].Reason

	parties := []Choice{{"1", w.say("Mme Claire Vasseur", "Ms Claire Vasseur")}}
	agent, delegated, afterwards, onPhone := w.offer("agent"), w.offer("agent"), w.offer("agent"), w.offer("agent")
	agent.Acts.Presets, agent.Acts.ForCreditor = nil, true
	agent.Form = typed("as", "creditor")
	agent.Form.Add("note", "required")
	delegated.Acts.Delegated, delegated.Acts.ForCreditor = true, true
	afterwards.Acts.AfterSilent, afterwards.Acts.ForCreditor, afterwards.Turn, afterwards.Late = true, true, "agency", true
	onPhone.Side, onPhone.Turn, onPhone.Acts.Parties, onPhone.Acts.Withdraw = "agency", "debtor", parties, "/w"

	plan := &PlanRow{State: "active", Number: 2, Total: money.Euros(124860), Paid: money.Euros(41620), Left: money.Euros(83240), Late: money.Euros(41620), Suspended: money.Euros(1000), Count: 3,
		Next: &InstalmentRow{2, "2027-01-05", money.Euros(41620)}, OfferURL: "/o/1", URL: "/p/1"}
	inPlan := &AgentCase{StaffBase: w.agentBase("cases", "/agent/cases/1"), Row: w.rows()[1], Creditor: atelier, Claims: w.claims(), Statement: w.statement(), Offers: CaseOffers{Plan: plan, Versions: past[:2], ProposeURL: "/agent/cases/1/offers/new"}}
	asked := &AgentCase{StaffBase: w.agentBase("cases", "/agent/cases/1"), Row: w.rows()[0], Creditor: atelier, Claims: w.claims(), Statement: w.statement(), Offers: CaseOffers{Open: &waiting[0], Versions: waiting[:1]}}
	shut := &AgentCase{StaffBase: w.agentBase("cases", "/agent/cases/1"), Row: w.rows()[0], Creditor: atelier, Claims: w.claims(), Statement: w.statement(), Offers: CaseOffers{Shut: w.say("Aucun échéancier ne peut être proposé pour le moment.", "No plan can be proposed for now.")}}
	creditors := &CreditorCase{StaffBase: w.creditorBase("cases", "/creditor/cases/1"), Row: w.rows()[1], Claims: w.claims(), Statement: w.statement(), Agent: w.nadia(), Offers: CaseOffers{Plan: plan, Versions: past}}

	return append([]Specimen{
		{In: "two waiting", Page: list}, {In: "none", Page: none}, {In: "agent", Page: agents},
		{In: "creditor, their turn", Page: w.offer("creditor")}, {In: "creditor, outside the rules", Page: outside}, {In: "creditor, a smaller sum, no rules", Page: lower},
		{In: "creditor, reads only", Page: viewer}, {In: "creditor, above the limit", Page: limited}, {In: "creditor, silent", Page: silent}, {In: "creditor, too late", Page: late},
		{In: "creditor, own counter-offer", Page: counter}, {In: "creditor, accepted", Page: accepted}, {In: "creditor, rejected", Page: rejected},
		{In: "agent, not delegated", Page: agent}, {In: "agent, delegated", Page: delegated}, {In: "agent, after silence", Page: afterwards}, {In: "agent, the debtor on the phone", Page: onPhone},
		{In: "in plan", Page: inPlan}, {In: "open offer", Page: asked}, {In: "no plan possible", Page: shut}, {In: "in plan", Page: creditors},
	}, append(w.offerForms(), w.rules()...)...)
}

func (w world) offerForms() []Specimen {
	three, schedule := threeTimes()
	ten := tenTimes()
	form := func(console string) *OfferForm {
		return &OfferForm{StaffBase: w.staffBase(console, "offers", "/"+console+"/cases/1/offers/1/counter"), Row: w.rows()[0], Number: 1, Asked: &ten, Owed: money.Euros(124860),
			Action: "/" + console + "/cases/1/offers/1/counter", BackURL: "/o/1", Terms: &three, Schedule: schedule, Seen: "x", Says: &PolicySays{Answer: "yes", Version: 2},
			Form: typed("instalments", "3", "every", "monthly", "first_due_on", "2026-12-05")}
	}
	changed, bad, agents := form("creditor"), form("creditor"), form("agent")
	changed.Reread = true
	settled := settlement()
	changed.Terms, changed.Schedule = &settled, []InstalmentRow{{1, "2026-12-10", money.Euros(110000)}}
	bad.Terms, bad.Schedule, bad.Says, bad.Seen = nil, nil, nil, ""
	bad.Form = typed("instalments", "trois", "total", "beaucoup")
	bad.Form.Add("instalments", "number")
	bad.Form.Add("first_due_on", "required")
	bad.Form.Add("total", "amount")
	agents.Number, agents.Asked = 0, nil
	agents.As = []Choice{{"agency", w.lang.T("offers.as.agency")}, {"creditor", w.lang.T("offers.as.creditor", "name", atelier)}, {"1", w.lang.T("offers.as.party", "name", w.say("Mme Claire Vasseur", "Ms Claire Vasseur"))}}
	agents.Says = &PolicySays{Answer: "no", Reasons: []PolicyWhy{{"instalments_max", []any{"n", int64(2), "sum", money.Euros(2)}}}}
	return []Specimen{{In: "prefilled", Page: form("creditor")}, {In: "changed", Page: changed}, {In: "errors", Page: bad}, {In: "agent, a new one", Page: agents}}
}

func (w world) rules() []Specimen {
	three, _ := threeTimes()
	ten, four := tenTimes(), TermsLine{Instalments: 4, Every: "monthly", First: money.Euros(30000), Each: money.Euros(30000), From: "2026-12-24", To: "2027-03-24", Total: money.Euros(120000), Owed: money.Euros(120000)}
	filled := func() Form {
		return typed("instalments_max", "6", "months_max", "8", "instalment_min", "50", "first_days_max", "45", "skips_max", "1", "move_days_max", "10", "at_once", "yes", "person_above", "5000",
			"answer_days", "", "breathing_days", "15", "agent_owed_max", "2000", "rebate_1_percent", "10", "rebate_1_days", "180", "sample_owed", "1200", "sample_days", "60", "sample_ask", "10")
	}
	policy := func(console string) *Policy {
		return &Policy{StaffBase: w.staffBase(console, "policy", "/creditor/policy"), Creditor: atelier, Mandate: "MDT-001-2026-01-12", MandateID: "1", Action: "/creditor/policy", Rebates: []int{1, 2, 3}, Form: filled()}
	}
	full := policy("creditor")
	full.Version, full.Versions = 2, []PolicyVersionRow{{2, "Camille Roussel", noon}, {1, "Nadia Ferrand", noon}}
	full.Others = []Choice{{"/creditor/policy?mandate=2", "MDT-001-2024-01-02"}}
	full.Preview = &PolicyPreview{Owed: money.Euros(120000), Days: 60, Suggestions: []TermsLine{four}, Least: money.Euros(108000), Asked: ten,
		Says: PolicySays{Answer: "no", Nearest: &four, Reasons: []PolicyWhy{{"instalments_max", []any{"n", int64(6), "sum", money.Euros(6)}}}},
		Replay: []ReplayRow{
			{On: "2026-10-02", Case: reference, URL: "/o/1", Terms: three, State: "accepted", Says: PolicySays{Answer: "yes"}},
			{On: "2026-09-02", Case: "AM 3HT8 QM2V 6", URL: "/o/2", Terms: ten, State: "rejected", Says: PolicySays{Answer: "no"}},
			{On: "2026-08-02", Case: "AM 9RT4 2WQK 7", URL: "/o/3", Terms: settlement(), State: "countered", Says: PolicySays{Answer: "refer"}}},
		Now: ReplayCount{3, 1, 1, 1}}
	fresh, reads, bad, bare := policy("creditor"), policy("creditor"), policy("creditor"), policy("creditor")
	fresh.Preview = &PolicyPreview{Owed: money.Euros(120000), Days: 1, Least: money.Euros(120000), Asked: three, Says: PolicySays{Answer: "refer"}}
	reads.ReadOnly = true
	bad.Form.Values["instalments_max"] = "six"
	bad.Form.Add("instalments_max", "number")
	bad.Form.Add("rebate_1_percent", "percent")
	bare.MandateID = ""
	agents := policy("agent")
	agents.Current, agents.BackURL = "creditors", "/agent/creditors/1"

	people := func() *People {
		return &People{StaffBase: w.creditorBase("people", "/creditor/people"), Until: "2027-02-24", MayGovern: true, Choices: []Choice{{"2", "Paul Leroy"}}, Rows: []PersonRow{
			{Name: "Camille Roussel", Email: "camille@boreal.example", You: true, Decides: true},
			{Name: "Paul Leroy", Email: "paul@boreal.example", Decides: true, UpTo: money.Euros(200000), EditURL: "/creditor/people/2"},
			{Name: "Inès Carpentier", Email: "ines@boreal.example", Decides: true, Deputy: true, EditURL: "/creditor/people/3"},
			{Email: "stage@boreal.example", Invited: true, EditURL: "/creditor/people/4"}},
			Delegations: []DelegationRow{{From: "Camille Roussel", To: "Inès Carpentier", Until: "2026-12-31", EndURL: "/creditor/delegations/1/end"}}}
	}
	viewer, badPeople := people(), people()
	viewer.MayGovern, viewer.Choices, viewer.Delegations[0].EndURL = false, nil, ""
	for i := range viewer.Rows {
		viewer.Rows[i].EditURL = ""
	}
	badPeople.Form.Add("colleague", "choose")
	badPeople.Form.Add("until", "day_past")
	powers := func() *PowersForm {
		return &PowersForm{StaffBase: w.creditorBase("people", "/creditor/people/2"), Name: "Paul Leroy", Works: atelier, Action: "/creditor/people/2", BackURL: "/creditor/people", Form: typed("power", "up_to", "up_to", "2000")}
	}
	badPowers := powers()
	badPowers.Form.Add("up_to", "amount")
	return []Specimen{
		{In: "second version", Page: full}, {In: "none set", Page: fresh}, {In: "read only", Page: reads}, {In: "errors", Page: bad}, {In: "no mandate", Page: bare}, {In: "agent", Page: agents},
		{In: "a full decider", Page: people()}, {In: "a viewer", Page: viewer}, {In: "errors", Page: badPeople}, {In: "up to a sum", Page: powers()}, {In: "errors", Page: badPowers},
	}
}
