package page

import (
	"amiable/negotiation/money"
)

func (w world) advisers(end bool) []AdviserRow {
	rows := []AdviserRow{
		{Name: "Inès Marchetti", Mail: "ines.marchetti@conseil.example", Until: "2027-02-23", Write: true, Propose: true},
		{Name: "Paul Vasseur", Mail: "paul@vasseur.example", Until: "2026-12-31"},
		{Name: "Lise Aubin", Mail: "lise@aubin.example", Until: "2026-12-31", Write: true},
		{Name: "Karim Diallo", Mail: "karim@diallo.example", Until: "2026-12-31", Propose: true},
	}
	for i := range rows {
		if end {
			rows[i].EndURL = "/end"
		}
	}
	return rows
}

// sharing are the pages of a debtor who lets others help, and of who holds a
// pay-only link.
func (w world) sharing() []Specimen {
	share := func() *Share {
		return &Share{Base: w.inCase("/case/share"), Creditor: atelier, Open: true, Days: []Choice{
			{Value: "7", Label: w.lang.T("share.link.days", "n", 7)}, {Value: "30", Label: w.lang.T("share.link.days", "n", 30)}, {Value: "90", Label: w.lang.T("share.link.days", "n", 90)}}}
	}
	full, bad, over := share(), share(), share()
	full.Done = "link"
	full.Links = []ShareLink{
		{Label: w.say("Ma sœur", "My sister"), URL: "https://aubrelle.example/p/4fQ2s8_kLm3nPq9RtVx1Yz6A", Until: "2026-12-23", EndURL: "/end"},
		{URL: "https://aubrelle.example/p/9aB7c5_dEf2gHj4KmNp8Qr3S", Until: "2026-11-30", UsedAt: noon, EndURL: "/end"},
	}
	full.Advisers = w.advisers(true)[:2]
	bad.Form = typed("label", w.say("Le comptable", "The accountant"))
	bad.Form.Errors = []FieldError{{Field: "days", Text: w.lang.T("refusal.days_unknown")}}
	over.Open = false

	name := func() *NameAdviser {
		return &NameAdviser{Base: w.inCase("/case/share/adviser"), Creditor: atelier, Form: typed("until", "2027-02-23", "write", "yes")}
	}
	wrong := name()
	wrong.Form = typed("name", "", "email", "ines.marchetti", "until", "2026-01-01", "propose", "yes")
	wrong.Form.Errors = []FieldError{{Field: "name", Text: w.lang.T("refusal.name_missing")}, {Field: "email", Text: w.lang.T("refusal.email_wrong")}}

	acting := w.theCase()
	acting.Greeting = ""
	acting.Acting = &Acting{For: "Claire Vasseur", Until: "2027-02-23", Write: true}
	acting.Doors.Pay.Shut = "adviser"
	reading := w.theCase()
	reading.Greeting = ""
	reading.Acting = &Acting{For: "Claire Vasseur", Until: "2027-02-23"}
	reading.Doors.Pay.Shut, reading.Doors.Plan.Shut, reading.Doors.Time.Shut, reading.Doors.Contest.Shut = "adviser", "adviser", "adviser", "adviser"
	advised := w.theCase()
	advised.Notices = []Notice{{Code: "adviser", Values: []any{"name", "Inès Marchetti", "day", tomorrow}, URL: "/case/share"}}
	refused := &Error{Base: w.base("/case/pay"), Status: 403, Text: w.lang.T("refusal.adviser_may_not"), HomeURL: "/case", RequestID: "5f3a91c2b6d0"}

	payer := func() Base {
		b := w.base("/pay")
		b.FirstLetter = nil
		return b
	}
	choice := func() *PayerChoice {
		return &PayerChoice{Base: payer(), Reference: reference, Left: money.Euros(124860), GoodUntil: tomorrow, PartMin: money.Euros(2000)}
	}
	low := choice()
	low.Form = typed("choice", "part", "part", "5")
	low.Form.Errors = []FieldError{{Field: "part", Text: w.lang.T("refusal.amount_below_least", "least", money.Euros(2000))}}
	whole := &PayerReview{Base: payer(), Reference: reference, Amount: money.Euros(124860), Shown: money.Euros(124860), GoodUntil: tomorrow, Methods: []string{"card", "apple_pay"}}
	part := &PayerReview{Base: payer(), Reference: reference, Amount: money.Euros(20000), Shown: money.Euros(124860), GoodUntil: tomorrow, Part: true, PartTyped: "200", CanPart: true}
	changed := *whole
	changed.Form.Errors = []FieldError{{Text: w.lang.T("refusal.amount_changed", "amount", money.Euros(124960))}}
	back := func(state string) *PayerReturn {
		p := &PayerReturn{Base: payer(), State: state, Reference: reference, Amount: money.Euros(20000)}
		if state == ReturnSucceeded || state == ReturnProcessing {
			p.On = today
		}
		return p
	}
	agent := func() *AgentAdviser {
		at := "/agent/cases/1/advisers"
		return &AgentAdviser{AgentForm: AgentForm{StaffBase: w.agentBase("cases", at), Row: w.rows()[0], Action: at, BackURL: "/agent/cases/1", Today: today}, Parties: []Choice{{Value: "p1", Label: "Claire Vasseur"}}}
	}
	adviser := w.link()
	adviser.Check, adviser.Adviser, adviser.CodeTo = CheckCode, true, "i••••@••••.example"
	return []Specimen{
		{In: "an adviser's", Page: adviser},
		{In: "nothing yet", Page: share()}, {In: "links and advisers", Page: full}, {In: "no days chosen", Page: bad}, {In: "case closed", Page: over},
		{In: "empty", Page: name()}, {In: "errors", Page: wrong},
		{In: "an adviser who may write", Page: acting}, {In: "an adviser who may read", Page: reading}, {In: "advised", Page: advised}, {In: "an adviser beyond the limits", Page: refused},
		{In: "opened", Page: &PayerOpen{Base: payer(), Action: "/p/x"}}, {In: "whatever the reason", Page: &PayerNone{Base: payer()}},
		{In: "nothing chosen", Page: choice()}, {In: "part too low", Page: low}, {In: "whole", Page: whole}, {In: "part", Page: part}, {In: "sum changed", Page: &changed},
		{In: "succeeded", Page: back(ReturnSucceeded)}, {In: "processing", Page: back(ReturnProcessing)}, {In: "checking", Page: back(ReturnChecking)},
		{In: "failed", Page: back(ReturnFailed)}, {In: "cancelled", Page: back(ReturnCancelled)},
		{In: "asked", Page: agent()},
	}
}
