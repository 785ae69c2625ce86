package page

import (
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

func (w world) agentBase(current, path string) StaffBase { return w.staffBase("agent", current, path) }

func (w world) wishes() []WishRow {
	return []WishRow{
		{At: noon, Kind: WishTime, Who: "M. Karim Haddad", Case: reference, CaseURL: "/agent/cases/4", Message: w.say("Après le 10 janvier, ce serait possible.", "After 10 January it would be possible."), Callback: "+33639980012", When: "morning", AnswerBy: "2026-11-24", DoneURL: "/agent/wishes/1/answer"},
		{At: noon, Kind: WishMessage, Who: "Mme Rose Tellier", AnswerBy: "2026-11-25", Message: w.say("Merci.", "Thank you."), Done: true},
	}
}

func (w world) parties() []PartyRow {
	return []PartyRow{{ID: "1", Name: w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), Role: "debtor", EditURL: "/agent/cases/1/parties/1", WantsURL: "/agent/cases/1/parties/1/choices",
		Wants: Wants{Channel: "post", Hours: "afternoon", NoEmail: true, NoSMS: true}, Contacts: []ContactRow{
			{ID: "1", Kind: "mail", Value: "claire.vasseur@courriel.example", Source: "creditor", Verified: true, Preferred: true, On: "2026-11-09"},
			{ID: "2", Kind: "mail", Value: "c.vasseur@ancien.example", Source: "creditor", Bounced: true},
			{Kind: "phone", Value: "06 39 98 00 41", Source: "debtor"},
			{Kind: "post", Value: "8 rue du Lavoir, 33000 Bordeaux", Source: "a_source_without_a_phrase"}}},
		{ID: "2", Name: w.say("M. Alain Vasseur", "Mr Alain Vasseur"), Role: "co_debtor"}}
}

func (w world) agent() []Specimen {
	home := &AgentHome{StaffBase: w.agentBase("work", "/agent"), Today: today, Wishes: 3, Later: "2026-12-04", Work: []WorkRow{
		{URL: "/agent/cases/4", Who: "M. Karim Haddad", Due: today, DueAt: noon, Step: "call_back", Why: "wish", Tag: "vulnerable"},
		{URL: "/agent/cases/1", Who: "Vasseur · Atelier Boréal", Due: today, Step: "record_first_letter", Why: "no_first_letter", Tag: "first_letter_not_sent"},
		{URL: "/agent/cases/6", Who: "M. Paul Lemaire", Due: "2026-11-26", Step: "refund", Why: "overpaid", Values: []any{"sum", money.Euros(4500)}},
		{URL: "/agent/cases/7", Who: "Brasserie des Quais", Due: "2026-11-30", Step: "check_age", Why: "time_barred", Tag: "time_barred"},
		{URL: "/agent/cases/8", Who: "Mme Rose Tellier", Due: "2026-12-02", Step: "a_step_without_a_phrase", Why: "a_reason_without_a_phrase"},
	}}
	calm := &AgentHome{StaffBase: w.agentBase("work", "/agent"), Today: today}
	calm.Counts = nil
	list := &CaseList{StaffBase: w.agentBase("cases", "/agent/cases?q=vas"), Query: "vas", Rows: w.rows(), Total: 4, States: []string{"open", "cleared"}}
	paid := &PaymentList{StaffBase: w.agentBase("payments", "/agent/payments"), From: "2026-11-01", To: "2026-11-30", Rows: w.payments()}

	full := &AgentCase{StaffBase: w.agentBase("cases", "/agent/cases/1"), Thread: w.caseThread("agency"), Row: w.rows()[0], Creditor: atelier,
		Next:   &WorkRow{Due: today, Step: "answer_wish", Why: "wish"},
		Claims: w.claims(), Statement: w.statement(), Parties: w.parties(),
		Links: []LinkRow{
			{SentOn: "2026-11-09", To: "claire.vasseur@courriel.example", State: "live", Until: "2027-02-07", OpenedOn: "2026-11-10", RevokeURL: "/agent/links/1/revoke"},
			{SentOn: "2026-11-09", To: "a.vasseur@courriel.example", State: "locked", Tries: 5, LiftURL: "/agent/links/2/lift", RevokeURL: "/agent/links/2/revoke"},
			{SentOn: "2026-08-01", To: "c.vasseur@ancien.example", State: "expired"}},
		Holds: []HoldRow{
			{Reason: "disputed", Scope: "amount", Amount: money.Euros(32000), From: today, By: w.say("Mme Vasseur", "Ms Vasseur"), Effects: []string{"letters", "interest", "collection", "plan"}},
			{Reason: "breathing_space", Scope: "case", From: today, Until: "2026-12-23", By: "Nadia Ferrand", Note: w.say("demandé au téléphone", "asked for on the phone"), Effects: []string{"letters", "interest", "collection"}, LiftURL: "/agent/holds/2/lift"}},
		Gates:    []GateRow{{"letters", []string{"disputed", "breathing_space"}}, {"display", nil}, {"interest", []string{"breathing_space"}}, {"collection", []string{"breathing_space"}}, {"payment", nil}, {"plan", []string{"disputed"}}},
		Payments: w.payments(), Letters: w.letters(), Timeline: w.timeline(), Documents: w.documents(), Wishes: w.wishes(), Chain: "9f31…c20b",
		Actions:    AgentActions{SendLink: "/agent/cases/1/links/new", PlaceHold: "/agent/cases/1/holds/new", RecordPayment: "/agent/cases/1/payments/new", ActForDebtor: "/agent/cases/1/acts/new", Situation: "/agent/cases/1/situations/new", File: "/agent/cases/1/file"},
		Situations: w.situationRows()}
	full.Flash = &Flash{Code: "link_blocked", Values: []any{"reason", w.lang.T("hold.disputed")}, Tone: "wait"}
	acting := w.advisers(true)[0]
	full.Parties = append(full.Parties, PartyRow{ID: "9", Name: acting.Name, Role: "adviser", Adviser: &acting, EditURL: "/agent/cases/1/parties/9/contacts",
		Contacts: []ContactRow{{Kind: "mail", Value: acting.Mail, Source: "debtor", Preferred: true, On: today}}},
		PartyRow{ID: "10", Name: "Paul Vasseur", Role: "adviser", Over: true})
	full.Links = append(full.Links, LinkRow{SentOn: today, To: w.say("Ma sœur", "My sister"), PayOnly: true, State: "live", Until: "2026-12-23", OpenedOn: today, RevokeURL: "/agent/pay-links/1/end"},
		LinkRow{SentOn: today, PayOnly: true, State: "revoked"})
	full.Wishes[0].Adviser = acting.Name
	full.Payments[0].ByAnother = true
	full.Actions.NameAdviser = "/agent/cases/1/advisers/new"
	placed := &AgentCase{StaffBase: w.agentBase("cases", "/agent/cases/4"), Thread: CaseThread{URL: "/messages"}, Row: w.rows()[3], Creditor: atelier, Claims: w.claims(), Statement: w.statement(),
		Gates:   []GateRow{{"letters", []string{"first_letter_not_sent"}}, {"payment", []string{"first_letter_not_sent"}}},
		Actions: AgentActions{FirstLetter: "/agent/cases/4/first-letter"}}

	form := func(path string) AgentForm {
		return AgentForm{StaffBase: w.agentBase("cases", path), Row: w.rows()[0], Action: path, BackURL: "/agent/cases/1", Today: today}
	}
	send := func() *SendLink {
		return &SendLink{AgentForm: form("/agent/cases/1/links"), Contacts: []Choice{{"1", "claire.vasseur@courriel.example"}, {"2", "06 39 98 00 41"}}}
	}
	noChoice, blocked := send(), send()
	noChoice.Form.Add("contact", "choose")
	blocked.BlockedBy = []string{"disputed", "quiet_hours"}
	contacts := &EditContacts{AgentForm: form("/agent/cases/1/parties/1"), Party: w.parties()[0]}
	badContacts := &EditContacts{AgentForm: form("/agent/cases/1/parties/1"), Party: w.parties()[0]}
	badContacts.Form = typed("kind", "mail", "value", "claire")
	badContacts.Form.Add("value", "email")
	hold := func() *PlaceHold {
		return &PlaceHold{AgentForm: form("/agent/cases/1/holds"), Reasons: []HoldChoice{
			{"breathing_space", []string{"letters", "interest", "collection"}}, {"overindebtedness_declared", []string{"letters", "collection"}},
			{"overindebtedness_admitted", []string{"letters", "interest", "collection", "payment", "plan"}}, {"insolvency", []string{"letters", "interest", "collection", "payment", "plan"}},
			{"deceased", []string{"letters", "display", "interest", "collection", "plan"}}, {"not_me", []string{"letters", "display", "collection", "plan"}},
			{"time_barred", []string{"letters", "interest", "collection", "plan"}}, {"vulnerable", []string{"letters"}}}}
	}
	badHold := hold()
	badHold.Form = typed("reason", "breathing_space", "until", "2026-01-01")
	badHold.Form.Add("until", "day_past")
	letter, badLetter := &FirstLetterForm{form("/agent/cases/4/first-letter")}, &FirstLetterForm{form("/agent/cases/4/first-letter")}
	badLetter.Form.Add("reference", "required")
	badLetter.Form.Add("sent_on", "day")
	act := func() *ActForDebtor {
		return &ActForDebtor{AgentForm: form("/agent/cases/1/acts"), Parties: []Choice{{"1", w.say("Mme Claire Vasseur", "Ms Claire Vasseur")}}}
	}
	badAct := act()
	badAct.Form.Add("act", "choose")
	badAct.Form.Add("consent", "required")
	return append([]Specimen{
		{In: "five things", Page: home}, {In: "calm", Page: calm},
		{In: "agent, search", Page: list}, {In: "agent, november", Page: paid},
		{In: "full", Page: full}, {In: "placed", Page: placed},
		{In: "two", Page: &Wishes{StaffBase: w.agentBase("wishes", "/agent/wishes"), Rows: w.wishes()}},
		{In: "none", Page: &Wishes{StaffBase: w.agentBase("wishes", "/agent/wishes")}},
		{In: "empty", Page: send()}, {In: "nothing chosen", Page: noChoice}, {In: "blocked", Page: blocked},
		{In: "empty", Page: contacts}, {In: "errors", Page: badContacts},
		{In: "empty", Page: hold()}, {In: "errors", Page: badHold},
		{In: "empty", Page: letter}, {In: "errors", Page: badLetter},
		{In: "empty", Page: act()}, {In: "errors", Page: badAct},
	}, w.choices(form("/agent/cases/1/parties/1/choices"))...)
}

func (w world) setup() []Specimen {
	filled := typed("name", "Agence Aubrelle", "siren", "123456782", "city", "Bordeaux", "kind", "third_party", "address", "12 rue des Chartrons", "phone", "05 36 49 12 30", "mail", "bonjour@aubrelle.example")
	agency := func(form Form) *AgencySetup {
		return &AgencySetup{StaffBase: w.agentBase("agency", "/agent/agency"), Form: form, Papers: []PaperRow{
			{Kind: "insurance", Ref: "Mutuelle des Quais 4471-R", Until: "2026-12-31", Soon: true},
			{Kind: "account", Ref: "FR76 ·· 0185", Until: "2030-01-01"}, {Kind: "declaration", Missing: true}}}
	}
	badAgency := agency(typed("name", "Agence Aubrelle", "siren", "123"))
	badAgency.Form.Add("siren", "siren")
	creditor := &CreditorForm{StaffBase: w.agentBase("creditors", "/agent/creditors/1"), Action: "/agent/creditors/1", MandateURL: "/agent/creditors/1/mandates/new", UsersURL: "/agent/users?creditor=1",
		Form:     typed("name", atelier, "legal_form", "SARL", "siren", "552100554", "check", "postcode", "part_allowed", "yes", "part_min", "20"),
		Mandates: []MandateRow{{URL: "/agent/mandates/1", SignedOn: "2026-01-12", Scope: w.say("toutes les factures", "all invoices"), Fee: "8 %", File: "MND-2026-004.pdf"}, {URL: "/agent/mandates/0", SignedOn: "2024-01-12", Scope: w.say("toutes les factures", "all invoices"), Fee: "10 %", Ended: "2026-01-11"}}}
	bare := &CreditorForm{StaffBase: w.agentBase("creditors", "/agent/creditors/2"), Action: "/agent/creditors/2", MandateURL: "/agent/creditors/2/mandates/new", Form: typed("name", "Ferronnerie Le Goff")}
	fresh := &CreditorForm{StaffBase: w.agentBase("creditors", "/agent/creditors/new"), New: true, Action: "/agent/creditors"}
	badCreditor := &CreditorForm{StaffBase: w.agentBase("creditors", "/agent/creditors/new"), New: true, Action: "/agent/creditors", Form: typed("name", "X", "siren", "123456789")}
	badCreditor.Form.Add("siren", "siren")
	badCreditor.Form.Add("check", "choose")
	mandate := func() *MandateForm {
		return &MandateForm{StaffBase: w.agentBase("creditors", "/agent/creditors/1/mandates/new"), Creditor: atelier, Action: "/agent/creditors/1/mandates", BackURL: "/agent/creditors/1"}
	}
	badMandate := mandate()
	badMandate.Form = typed("fee_percent", "200", "scope", "all", "withhold", "yes")
	badMandate.Form.Add("signed_on", "required")
	badMandate.Form.Add("fee_percent", "percent")
	users := func(sent string) *Users {
		return &Users{StaffBase: w.agentBase("users", "/agent/users"), Sent: sent, Creditors: []Choice{{"1", atelier}}, Rows: []UserRow{
			{Name: "Nadia Ferrand", Email: "nadia@aubrelle.example", Role: "agent", TOTP: true, SeenAt: noon, AccessURL: "/agent/users/1/access"},
			{Name: "Camille Roussel", Email: "camille@boreal.example", Role: "creditor", Org: atelier, SeenAt: noon, Power: "up_to", UpTo: money.Euros(200000), PowersURL: "/agent/users/2", AccessURL: "/agent/users/2/access", EndURL: "/agent/users/2/end"},
			{Email: "ines@aubrelle.example", Role: "administrator", Invited: today, EndURL: "/agent/users/3/end"}}}
	}
	badUsers := users("")
	badUsers.Form = typed("email", "ines")
	badUsers.Form.Add("email", "email")
	mail := MailRow{URL: "/demo/outbox/1", At: noon, To: "claire.vasseur@courriel.example", Subject: w.say("Un message de l’Agence Aubrelle", "A message from Agence Aubrelle"),
		Text: w.say("Bonjour,\n\nNadia Ferrand vous a écrit.\n\nhttp://127.0.0.1:8080/l/x", "Hello,\n\nNadia Ferrand has written to you.\n\nhttp://127.0.0.1:8080/l/x"), Links: []string{"http://127.0.0.1:8080/l/x"}, HTMLURL: "/demo/outbox/1/html",
		Files: []Document{{Kind: "receipt", Number: "7K4P9XWD-1", On: today, Format: "PDF", Bytes: 38_000, URL: "/demo/outbox/1/1"}}}
	clock := func() *Clock {
		return &Clock{StaffBase: w.agentBase("clock", "/demo/clock"), Now: noon, Form: typed("to", string(day.Day("2027-01-05")))}
	}
	stranger := w.agentBase("outbox", "/demo/outbox")
	stranger.Who, stranger.Org, stranger.Counts = "", "", nil
	ran, badClock := clock(), clock()
	ran.Ran = []string{w.say("24 novembre : rien", "24 November: nothing"), w.say("25 novembre : 2 courriers", "25 November: 2 letters")}
	badClock.Form.Add("to", "day_past")
	return []Specimen{
		{In: "filled", Page: agency(filled)}, {In: "errors", Page: badAgency},
		{In: "two", Page: &CreditorList{StaffBase: w.agentBase("creditors", "/agent/creditors"), Rows: []CreditorRow{
			{URL: "/agent/creditors/1", Name: atelier, SIREN: "552 100 554", Cases: 48, Left: money.Euros(1834400), Mandate: "live", Card: "enabled"},
			{URL: "/agent/creditors/2", Name: "Ferronnerie Le Goff", SIREN: "732 829 320", Mandate: "missing", Card: "none"}}}},
		{In: "none", Page: &CreditorList{StaffBase: w.agentBase("creditors", "/agent/creditors")}},
		{In: "known", Page: creditor}, {In: "no mandate", Page: bare}, {In: "new", Page: fresh}, {In: "errors", Page: badCreditor},
		{In: "empty", Page: mandate()}, {In: "errors", Page: badMandate},
		{In: "three", Page: users("")}, {In: "invited", Page: users("ines@aubrelle.example")}, {In: "errors", Page: badUsers},
		{In: "open", Page: &Outbox{StaffBase: w.agentBase("outbox", "/demo/outbox"), Rows: []MailRow{mail}, Open: &mail}},
		{In: "empty", Page: &Outbox{StaffBase: w.agentBase("outbox", "/demo/outbox")}},
		{In: "nobody signed in", Page: &Outbox{StaffBase: stranger, Rows: []MailRow{mail}}},
		{In: "shown", Page: clock()}, {In: "walked", Page: ran}, {In: "errors", Page: badClock},
	}
}
