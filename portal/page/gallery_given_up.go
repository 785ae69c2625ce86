package page

import "amiable/negotiation/money"

func (w world) givenUp() []Specimen {
	of := func(console, action string) GivingUp {
		at := "/" + console + "/cases/1"
		p := GivingUp{StaffBase: w.creditorBase("cases", at+action), Row: w.rows()[0], Action: at + action, BackURL: at, Claims: []Choice{
			{"1", w.lang.T("given.claim", "number", "2026-0318", "sum", money.Euros(1_248_60))}, {"2", w.lang.T("given.claim", "number", "2026-0322", "sum", money.Euros(310_00))}}}
		if console == "agent" {
			p.StaffBase, p.Limited, p.Alone, p.AskURL = w.agentBase("cases", at+action), true, money.Euros(500_00), at+"/approvals/new"
		}
		return p
	}
	credit, mine, wrong, shut := &NewCredit{of("agent", "/credits")}, &NewCredit{of("creditor", "/credits")}, &NewCredit{of("agent", "/credits")}, &NewCredit{of("creditor", "/credits")}
	wrong.Alone, wrong.Form = money.Euros(0), typed("claim", "1", "number", "AV-2026-17", "amount", "130,00", "on", "2026-11-20")
	wrong.Form.Errors = []FieldError{{Field: "reason", Text: w.lang.T("refusal.creditor_must_agree")}}
	shut.Shut = "cleared"
	back, whole, refused := &Withdrawal{GivingUp: of("agent", "/withdrawal"), InPlan: true}, &Withdrawal{GivingUp: of("creditor", "/withdrawal")}, &Withdrawal{GivingUp: of("creditor", "/withdrawal")}
	whole.Claims = whole.Claims[:1]
	refused.Form = typed("claim", "2")
	refused.Form.Errors = []FieldError{{Field: "claim", Text: w.lang.T("refusal.claim_disputed")}, {Field: "reason", Text: w.lang.T("refusal.reason_missing")}}
	return []Specimen{
		{In: "agent, up to a sum", Page: credit}, {In: "creditor", Page: mine}, {In: "agent, nothing alone, errors", Page: wrong}, {In: "cleared", Page: shut},
		{In: "agent, in plan", Page: back}, {In: "creditor, one claim", Page: whole}, {In: "creditor, contested", Page: refused},
	}
}
