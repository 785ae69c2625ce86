package page

import (
	"fmt"

	"amiable/negotiation/money"
)

func (w world) agents() []Choice {
	return []Choice{{"1", "Nadia Ferrand"}, {"2", "Malik Osei"}, {"3", "Irène Sauvage"}, {"", w.lang.T("worklist.nobody")}}
}

func (w world) work() []WorkRow {
	term := func(name string, days int) WorkTerm { return WorkTerm{Name: name, Days: days} }
	rows := []WorkRow{
		{URL: "/agent/cases/5", Who: "Bastien Rollin · " + atelier, Due: "2026-11-20", Late: true, Step: "check_identity", Why: "work.identity", Terms: []WorkTerm{{On: "2026-11-20"}, term("harm", 14)}, Agent: "Malik Osei"},
		{URL: "/agent/cases/4/calls/new", Who: "Karim Haddad · " + atelier, Due: today, Step: "call_with_care", Why: "work.hardship", Terms: []WorkTerm{{On: today}, term("harm", 10), term("care", 5)}},
		{URL: "/agent/cases/6", Who: "Paul Lemaire · Lenoir SAS", Due: "2026-11-25", Step: "refund", Why: "work.refund", Values: []any{"sum", money.Euros(45_00)}, Terms: []WorkTerm{{On: "2026-11-25"}, term("harm", 10)}, Agent: "Nadia Ferrand"},
		{URL: "/agent/cases/1/offers/2", Who: "Claire Vasseur · " + atelier, Due: "2026-11-24", Step: "answer_offer", Why: "work.offer", Values: []any{"sum", money.Euros(1_227_60)}, Terms: []WorkTerm{{On: "2026-11-24"}, term("harm", 5), term("sum", 1)}, Agent: "Nadia Ferrand"},
		{URL: "/agent/cases/7", Who: "Brasserie des Quais · Lenoir SAS", Due: "2026-11-25", Step: "answer_message", Why: "work.message", Values: []any{"who", "Brasserie des Quais"}, Terms: []WorkTerm{{On: "2026-11-25"}, term("harm", 3), term("again", 2)}},
		{URL: "/agent/cases/8/calls/new", Who: "Rose Tellier · " + atelier, Due: "2026-11-25", Step: "talk_promise", Why: "work.promise", Values: []any{"sum", money.Euros(120_00), "day", today}, Terms: []WorkTerm{{On: "2026-11-25"}, term("harm", 2)}, Agent: "Nadia Ferrand"},
		{URL: "/agent/cases/9", Who: "Sans Phrase · " + atelier, Due: "2026-12-02", Step: "a_step_without_a_phrase", Why: "a_reason_without_a_phrase", Terms: []WorkTerm{{On: "2026-12-02"}}},
	}
	for i := range rows {
		rows[i].ID, rows[i].CaseID, rows[i].Case = fmt.Sprint(i+1), fmt.Sprint(i+1), "AM 7K4P 9XWD "+fmt.Sprint(i+3)
	}
	return rows
}

// followed adds to a case who follows it, what waits in it, and its calls.
func (w world) followed(c *AgentCase) {
	c.Follow = Follow{Agent: "Malik Osei", URL: "/agent/cases/1/assignment", You: "1", Agents: w.agents()}
	c.Waits = w.work()[3:5]
	c.Calls = []CallRow{
		{At: noon, Who: w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), Outcome: "promised", By: "Nadia Ferrand", Words: w.say("Elle attend sa paie.", "She waits for her pay.")},
		{At: noon, Who: w.say("M. Alain Vasseur", "Mr Alain Vasseur"), Outcome: "no_answer", By: "Malik Osei", Because: w.say("Il l’avait demandé par courrier.", "He had asked for it by letter.")},
		{At: noon, Who: w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), Inbound: true, Outcome: "reached", By: "Nadia Ferrand"}}
	c.Promises = []PromiseRow{
		{State: "awaited", Sum: money.Euros(300_00), DueOn: "2026-11-30", Until: "2026-12-03", By: "Nadia Ferrand"},
		{State: "broken", Sum: money.Euros(120_00), DueOn: "2026-11-02", Until: "2026-11-05", By: "Malik Osei"}, {State: "kept", Sum: money.Euros(80_00), DueOn: "2026-10-05", Until: "2026-10-08", By: "Malik Osei"}}
	c.Approvals = []ApprovalRow{
		{URL: "/agent/cases/1/approvals/1", Act: "settlement", State: "asked", Sum: money.Euros(800_00), By: "Nadia Ferrand", On: today},
		{URL: "/agent/cases/1/approvals/2", Act: "credit", State: "used", Sum: money.Euros(600_00), By: "Malik Osei", Second: "Irène Sauvage", On: "2026-11-02"}}
	c.Actions.LogCall, c.Actions.AskApproval = "/agent/cases/1/calls/new", "/agent/cases/1/approvals/new"
	c.Actions.Credit, c.Actions.Withdraw = "/agent/cases/1/credits/new", "/agent/cases/1/withdrawal"
}

func (w world) worklist() []Specimen {
	kinds := []Choice{{"offer", w.lang.T("work.offer")}, {"message", w.lang.T("work.message")}}
	filter := WorkFilter{
		Whos: []Choice{{"", w.lang.T("worklist.everybody")}, {"me", w.lang.T("worklist.mine")}, {"none", w.lang.T("worklist.nobody")}}, Kinds: kinds,
		Creditors: []Choice{{"1", atelier}}, Dues: []Choice{{"late", w.lang.T("worklist.due.late")}, {"today", w.lang.T("worklist.due.today")}, {"week", w.lang.T("worklist.due.week")}},
	}
	home := func() *AgentHome {
		return &AgentHome{StaffBase: w.agentBase("work", "/agent"), Today: today, Filter: filter, Agents: w.agents(), Views: []ViewLink{
			{Name: w.lang.T("worklist.everybody"), URL: "/agent", On: true}, {Name: w.lang.T("worklist.mine"), URL: "/agent?who=me"}, {Name: w.lang.T("worklist.nobody"), URL: "/agent?who=none"},
			{Name: w.say("Grosses sommes", "Large sums"), URL: "/agent?min=5000", DropURL: "/agent/views/1/end"}}}
	}
	full, calm, refused := home(), home(), home()
	full.Leads, full.Work, full.Total, full.AtLeast, full.NextURL = true, w.work(), 1000, true, "/agent?after=x"
	full.House = []WorkRow{
		{URL: "/agent/letters", Who: "Agence Aubrelle", Step: "prepare_letters", Why: "letters_waiting", Values: []any{"n", 3}},
		{URL: "/agent/rates", Who: w.lang.Day("2027-01-01"), Due: "2027-01-01", Step: "enter_rates", Why: "rates_missing"}}
	calm.Counts = nil
	refused.Work, refused.Total, refused.FirstURL = w.work()[:2], 2, "/agent"
	refused.Filter.Kind, refused.Filter.Min = "offer", "500"
	refused.Form.Add("name", "required")

	team := func() *Team {
		b := w.agentBase("team", "/agent/team")
		b.Leads = true
		return &Team{StaffBase: b, Agents: w.agents()[:3], Rows: []TeamRow{
			{Name: "Irène Sauvage", URL: "/agent?who=3", Leads: true, Cases: 12, Waiting: 3, Oldest: "2026-11-24"},
			{Name: "Malik Osei", URL: "/agent?who=2", Cases: 287, Waiting: 41, Late: 6, Oldest: "2026-11-12", Kept: 18, Decided: 25},
			{Name: "Nadia Ferrand", URL: "/agent?who=1", Cases: 301, Waiting: 38, Oldest: today, Kept: 22, Decided: 26}},
			Nobody: &TeamRow{URL: "/agent?who=none", Waiting: 9, Late: 2, Oldest: "2026-11-17"}}
	}
	wrongTeam := team()
	wrongTeam.Form = typed("from", "1", "to", "1", "most", "-")
	wrongTeam.Form.Add("to", "choose")
	wrongTeam.Form.Add("most", "number")

	form := func(path string) AgentForm {
		return AgentForm{StaffBase: w.agentBase("cases", path), Row: w.rows()[0], Action: path, BackURL: "/agent/cases/1", Today: today}
	}
	call := func() *LogCall {
		f := form("/agent/cases/1/calls")
		f.Form = typed("direction", "out", "number", "06 39 98 00 41")
		return &LogCall{AgentForm: f, Parties: []Choice{{"1", w.say("Mme Claire Vasseur", "Ms Claire Vasseur")}}, Numbers: []NumberRow{{w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), "0639980041"}},
			Outcomes: []string{"reached", "promised", "callback", "message_left", "no_answer", "wrong_number"}, Promise: PromiseLimits{Most: money.Euros(1_227_60), Until: "2026-12-24"}}
	}
	notNow, wish, wrongCall := call(), call(), call()
	notNow.NotNow, notNow.From = []string{"contact_cap"}, noon
	wish.Wish = &w.wishes()[0]
	wish.Wish.DoneURL = ""
	wrongCall.NotNow = []string{"promised", "disputed"}
	wrongCall.Form.Add("outcome", "choose")
	wrongCall.Form.Add("because", "required")

	ask := func() *AskApproval {
		return &AskApproval{AgentForm: form("/agent/cases/1/approvals"), Alone: money.Euros(500_00), Subjects: []Choice{
			{"settlement:1", w.lang.T("approval.act.settlement")}, {"credit:2", w.lang.T("approval.dispute", "number", "2026-0318")}, {"withdrawal:1", w.lang.T("approval.act.withdrawal")}}}
	}
	wrongAsk := ask()
	wrongAsk.Alone = money.Euros(0)
	wrongAsk.Form.Add("subject", "choose")
	wrongAsk.Form.Add("amount", "amount")
	approval := func(state string) *AnswerApproval {
		return &AnswerApproval{AgentForm: form("/agent/cases/1/approvals/1"), Act: "settlement", State: state, By: "Nadia Ferrand", Sum: money.Euros(800_00), On: today, MayYes: true,
			Words: w.say("La moitié du lot n’a jamais été posée. Le créancier est d’accord au téléphone.", "Half of the lot was never fitted. The creditor agrees on the phone."), DropURL: "/agent/cases/1/approvals/1/end"}
	}
	mine, above, given := approval("asked"), approval("asked"), approval("given")
	mine.Mine, above.MayYes = true, false
	above.Form.Add("message", "required")
	given.Second, given.Answer = "Irène Sauvage", w.say("Vu avec Atelier Boréal.", "Seen with Atelier Boréal.")
	rights := func(form Form) *AgentRightsForm {
		return &AgentRightsForm{StaffBase: w.agentBase("users", "/agent/users/1/rights"), Name: "Nadia Ferrand", Action: "/agent/users/1/rights", BackURL: "/agent/users", Form: form}
	}
	wrongRights := rights(typed("alone", "up_to"))
	wrongRights.Form.Add("up_to", "amount")
	return []Specimen{
		{In: "seven rows", Page: full}, {In: "calm", Page: calm}, {In: "filtered, an error", Page: refused},
		{In: "four", Page: team()}, {In: "errors", Page: wrongTeam},
		{In: "may call", Page: call()}, {In: "not now", Page: notNow}, {In: "answers a wish", Page: wish}, {In: "blocked, errors", Page: wrongCall},
		{In: "empty", Page: ask()}, {In: "nothing alone, errors", Page: wrongAsk},
		{In: "asked", Page: approval("asked")}, {In: "mine", Page: mine}, {In: "above mine", Page: above}, {In: "given", Page: given},
		{In: "up to a sum", Page: rights(typed("alone", "up_to", "up_to", "500,00", "supervises", "yes"))}, {In: "errors", Page: wrongRights},
	}
}
