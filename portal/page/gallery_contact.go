package page

func (w world) budget(made ...ContactLine) ContactBudget {
	return ContactBudget{Made: made, Most: 2, Days: 7, Between: 48, From: 9, To: 19}
}

// contact is the debtor's page of choices in each of its states.
func (w world) contact() []Specimen {
	choices := func(form Form, made ...ContactLine) *ContactPage {
		return &ContactPage{Base: w.inCase("/case/contact"), Creditor: atelier, Agent: w.nadia(), Budget: w.budget(made...), Form: form}
	}
	nothing := choices(typed("channel", "any", "hours", "any"))
	chosen := choices(typed("channel", "post", "hours", "afternoon", "no_email", "yes", "no_sms", "yes"),
		ContactLine{At: noon, Kind: "first_letter", Channel: "post"}, ContactLine{At: noon, Kind: "link", Channel: "mail"})
	chosen.Saved = true
	written := choices(typed("channel", "any", "hours", "morning"), ContactLine{At: noon, Kind: "link", Channel: "mail"})
	written.Saved, written.AnswerBy = true, "2026-11-25"
	bad := choices(typed("channel", "email", "hours", "evening", "no_email", "yes", "message", w.say("Jamais au travail.", "Never at work.")))
	bad.Form.Add("channel", "choose")
	bad.Form.Add("hours", "choose")
	return []Specimen{
		{In: "nothing chosen", Page: nothing}, {In: "chosen", Page: chosen}, {In: "chosen, with a message", Page: written}, {In: "errors", Page: bad},
	}
}

// choices is the agent's page of the same.
func (w world) choices(form AgentForm) []Specimen {
	empty := &EditChoices{AgentForm: form, Party: w.parties()[0], Budget: w.budget(ContactLine{At: noon, Kind: "link", Channel: "mail"})}
	bad := *empty
	empty.Form = typed("channel", "any", "hours", "any")
	bad.Form = typed("channel", "phone", "hours", "morning", "no_email", "yes")
	bad.Form.Add("consent", "required")
	return []Specimen{{In: "empty", Page: empty}, {In: "errors", Page: &bad}}
}
