package page

import (
	"time"

	"amiable/negotiation"
)

// threadOf is a thread as one side reads it.
func (w world) threadOf(side string) []ThreadMessage {
	at := func(hours int) time.Time { return noon.Add(time.Duration(hours) * time.Hour) }
	debtor, agency := w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), "Agence Aubrelle"
	reader := func(names ...string) []string {
		list := []string{w.lang.T("thread.reader." + side)}
		for _, name := range names {
			if name == agency {
				name = w.lang.T("thread.reader.agency")
			}
			list = append(list, name)
		}
		return list
	}
	you := func(of, name string) string {
		if of == side {
			return w.lang.T("thread.you")
		}
		return name
	}
	nadia := w.lang.T("thread.from", "name", "Nadia Ferrand", "of", agency)
	photo := DisputeFile{Name: "porte.jpg", URL: "/files/1", Format: "JPEG", Bytes: 412_000}
	readers := map[string][]string{"debtor": reader(agency), "agency": reader(debtor)}[side]
	asked := ThreadMessage{
		At: at(0), Who: you("debtor", debtor), Yours: side == "debtor", Visible: readers, Lang: "fr", Files: []DisputeFile{photo},
		Words: "Bonjour,\nla porte de la verrière ferme mal depuis lundi. Voici une photo.",
	}
	answered := ThreadMessage{
		At: at(22), Who: nadia, Yours: side == "agency", Visible: readers, Lang: "fr",
		Words: "Bonjour Madame,\nmerci pour la photo. Je demande à Atelier Boréal quand quelqu’un peut passer la régler, et je vous réponds ici avant vendredi.",
	}
	all := ThreadMessage{
		At: at(47), Who: atelier, Yours: side == "creditor", New: side == "debtor", Lang: "fr", Words: "Nous passons jeudi à 9 h.",
		Visible: map[string][]string{"debtor": reader(atelier, agency), "creditor": reader(debtor, agency), "agency": reader(debtor, atelier)}[side],
	}
	private := ThreadMessage{
		At: at(45), Who: nadia, Yours: side == "agency", Visible: map[string][]string{"agency": reader(atelier), "creditor": reader(agency)}[side], Lang: "fr",
		Words: "Pouvez-vous proposer un passage cette semaine ?",
	}
	thanks := ThreadMessage{
		At: at(49), Who: you("debtor", debtor), Yours: side == "debtor", Lang: "fr", Words: "Très bien, merci.", Waits: side == "agency",
		Visible: all.Visible, Unread: side == "debtor", New: side == "creditor",
	}
	switch side {
	case "debtor":
		asked.Read = []ThreadRead{{agency, at(1)}}
		return []ThreadMessage{asked, answered, all, thanks}
	case "creditor":
		all.Read = []ThreadRead{{debtor, at(48)}, {agency, at(50)}}
		return []ThreadMessage{private, all, thanks}
	}
	answered.Read, private.Read = []ThreadRead{{debtor, at(23)}}, []ThreadRead{{atelier, at(46)}}
	note := ThreadMessage{At: at(46), Who: nadia, Yours: true, Visible: reader(), Lang: "fr", Words: "Rappeler jeudi soir."}
	said := ThreadMessage{
		At: at(50), Who: debtor, By: "Nadia Ferrand", Visible: readers, Lang: "fr", Words: "Elle demande une copie de la facture. (appelée le 25 à 10 h)", Waits: true, New: true,
	}
	return []ThreadMessage{asked, answered, private, note, all, thanks, said}
}

func (w world) elsewhere() []ThreadLink {
	return []ThreadLink{{URL: "/o", Kind: "offer", On: "2026-11-20"}, {URL: "/d", Kind: "dispute", Number: "2026-0318"}}
}

// threads are the pages of messages, in every console and state.
func (w world) threads() []Specimen {
	mine := func(change func(*Thread)) *Thread {
		p := &Thread{Base: w.inCase("/case/message"), Creditor: atelier, Agent: w.nadia(), To: []Choice{
			{"agency", w.lang.T("thread.to.debtor.agency")}, {"all", w.lang.T("thread.to.debtor.all", "creditor", atelier)}}, Form: typed("audience", "agency")}
		change(p)
		return p
	}
	to := func(side string, audiences ...string) []Choice {
		var list []Choice
		for _, a := range audiences {
			list = append(list, Choice{a, w.lang.T("thread.to."+side+"."+a, "creditor", atelier, "debtor", w.say("Mme Claire Vasseur", "Ms Claire Vasseur"))})
		}
		return list
	}
	staff := func(side string, change func(*StaffThread)) *StaffThread {
		console := map[string]string{"agency": "agent"}[side]
		if console == "" {
			console = side
		}
		at := "/" + console + "/cases/1/messages"
		p := &StaffThread{StaffBase: w.staffBase(console, "cases", at), Row: w.rows()[0], Action: at, Messages: w.threadOf(side), Form: typed("language", "fr")}
		p.Row.URL = "/" + console + "/cases/1"
		if side == "agency" {
			p.To = to(side, "debtor", "creditor", "all", "agency")
			p.Waiting = []ThreadWait{{Side: "debtor", Who: w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), SettleURL: at + "/settled", Since: "2026-11-25"}}
			p.Templates = []Choice{{"1", w.say("Demande de pièces", "Asking for papers")}, {"2", w.say("Accusé de réception", "Receipt of a message")}}
		} else {
			p.To, p.Form.Values["audience"] = to(side, "agency", "all"), "agency"
		}
		change(p)
		return p
	}
	templates := func(change func(*Templates)) *Templates {
		p := &Templates{StaffBase: w.agentBase("work", "/agent/templates"), Action: "/agent/templates"}
		for _, name := range negotiation.Placeholders {
			p.Placeholders = append(p.Placeholders, Choice{negotiation.PlaceholderIn(string(w.lang), name), w.lang.T("templates.put." + name)})
		}
		change(p)
		return p
	}
	known := []TemplateRow{{"/agent/templates/1", w.say("Accusé de réception", "Receipt of a message"), "Camille Roussel", true, true, "2026-11-02"},
		{"/agent/templates/2", w.say("Demande de pièces", "Asking for papers"), "Nadia Ferrand", true, false, "2026-11-20"}}
	told := w.theCase()
	told.Unread, told.Notices = 2, []Notice{{Tone: "good", Code: "unread", URL: "/case/message", Values: []any{"n", 2}}}
	return []Specimen{
		{In: "messages wait", Page: told},
		{In: "none", Page: mine(func(*Thread) {})},
		{In: "a thread", Page: mine(func(p *Thread) { p.Messages, p.Elsewhere = w.threadOf("debtor"), w.elsewhere() })},
		{In: "sent, of many", Page: mine(func(p *Thread) {
			p.Messages, p.Earlier, p.Sent, p.AnswerBy = w.threadOf("debtor"), 14, true, "2026-11-27"
		})},
		{In: "a file not taken", Page: mine(func(p *Thread) {
			p.Messages, p.Form = w.threadOf("debtor"), typed("audience", "all", "message", w.say("Voici la suite.", "Here is more."))
			p.Form.Keep("files", []KeptFile{{ID: "1", Name: "porte.jpg", Bytes: 412_000}})
			p.Form.Errors = []FieldError{{Field: "files", Text: w.lang.T("refusal.evidence_type", "name", "relevé.svg")}}
		})},
		{In: "written a lot", Page: mine(func(p *Thread) {
			p.Messages, p.Error = w.threadOf("debtor"), &FieldError{Text: w.lang.T("refusal.messages_enough_today")}
		})},
		{In: "an adviser reads", Page: mine(func(p *Thread) {
			p.Messages, p.Shut = w.threadOf("debtor"), "adviser"
			p.Messages[0].Who, p.Messages[0].For = "Inès Marchetti", w.say("Mme Claire Vasseur", "Ms Claire Vasseur")
		})},
		{In: "archived", Page: mine(func(p *Thread) { p.Messages, p.Shut = w.threadOf("debtor"), "archived" })},
		{In: "creditor", Page: staff("creditor", func(p *StaffThread) { p.Elsewhere = w.elsewhere() })},
		{In: "creditor, none", Page: staff("creditor", func(p *StaffThread) { p.Messages = nil })},
		{In: "agent", Page: staff("agency", func(p *StaffThread) { p.Elsewhere = w.elsewhere() })},
		{In: "agent, no templates, sent", Page: staff("agency", func(p *StaffThread) {
			p.Templates, p.Waiting, p.Flash = nil, nil, &Flash{Code: "message_delayed"}
		})},
		{In: "agent, no reader chosen", Page: staff("agency", func(p *StaffThread) {
			p.Form = typed("message", "Bonjour", "language", "fr")
			p.Form.Errors = []FieldError{{Field: "audience", Text: w.lang.T("refusal.audience_missing")}}
		})},
		{In: "agent, answered already", Page: staff("agency", func(p *StaffThread) {
			p.Problem, p.Earlier = w.lang.T("refusal.messages_answered_already"), 1
		})},
		{In: "agent, archived", Page: staff("agency", func(p *StaffThread) { p.Shut, p.To, p.Waiting = "archived", nil, nil })},
		{In: "empty", Page: templates(func(*Templates) {})},
		{In: "two", Page: templates(func(p *Templates) { p.Rows, p.Flash = known, &Flash{Code: "template_saved"} })},
		{In: "changed, with an error", Page: templates(func(p *Templates) {
			p.Rows, p.Changes, p.Action, p.RetireURL = known, known[1].Name, known[1].URL, known[1].URL+"/retirement"
			p.Form = typed("name", known[1].Name, "words_fr", "Bonjour [debteur],")
			p.Form.Errors = []FieldError{{Field: "words_fr", Text: w.lang.T("refusal.placeholder_unknown", "placeholder", "[debteur]", "known", "[client], [créancier]")}}
		})},
	}
}

// caseThread is the thread on a console's page of a case.
func (w world) caseThread(side string) CaseThread {
	thread := w.threadOf(side)
	return CaseThread{URL: "/messages", Count: len(thread), New: 1, Waits: side == "agency", Last: &thread[len(thread)-1]}
}
