package page

import (
	"time"

	"amiable/negotiation/money"
)

// sheetSteps are the steps of a dispute as a console shows them.
func (w world) sheetSteps() map[string]SheetStep {
	at := func(hours int) time.Time { return noon.Add(time.Duration(hours) * time.Hour) }
	debtor := w.say("Mme Claire Vasseur", "Ms Claire Vasseur")
	photo := DisputeFile{Name: "porte.jpg", URL: "/files/1", Format: "JPEG", Bytes: 412_000}
	paper := DisputeFile{Name: "bon-de-livraison-signé.pdf", URL: "/files/2", Format: "PDF", Bytes: 88_000}
	none := money.Euros(0)
	of := func(hours int, kind, who, audience, words string) SheetStep {
		return SheetStep{At: at(hours), Kind: kind, Who: who, Sum: none, Words: words, Lang: "fr", Audience: audience}
	}
	steps := map[string]SheetStep{
		"opened": of(0, "opened", debtor, "all", "La porte ferme mal depuis le premier jour."), "whole": of(0, "opened.whole", debtor, "all", ""),
		"part": of(48, "part", atelier, "all", "La charnière, oui. Le joint a été posé comme convenu."), "kept": of(48, "maintained", atelier, "all", "Le bon de livraison est signé sans réserve."),
		"accepted": of(48, "accepted", atelier, "all", "C'est exact."), "disagrees": of(60, "disagrees", debtor, "all", "Et le joint ?"), "settles": of(60, "settles", debtor, "all", ""),
		"silence": of(180, "silence", atelier, "all", ""), "agreed": of(190, "fact_agreed", "Nadia Ferrand", "all", "La charnière est à changer."),
		"contested": of(190, "fact_contested", "Nadia Ferrand", "all", "Le joint était-il abîmé à la livraison ?"),
		"call":      of(191, "call", "Nadia Ferrand", "agency", "Appelée le 24 à 10 h : la moitié lui irait."), "note": of(191, "note", "Nadia Ferrand", "agency", "Rappeler vendredi."),
		"to debtor": of(191, "line", "Nadia Ferrand", "debtor", "Avez-vous une photo du joint ?"), "to creditor": of(191, "line", "Nadia Ferrand", "creditor", "Le client a une photo du joint."),
		"way": of(192, "way", "Nadia Ferrand", "all", "On coupe en deux."), "yes": of(193, "way_yes", debtor, "all", ""), "no": of(194, "way_no", atelier, "all", "C'est trop."),
		"outcome": of(200, "outcome", "Nadia Ferrand", "all", "Chacun fait un pas."), "withdrawn": of(60, "withdrawn", debtor, "all", ""),
		"again": of(240, "reopened", debtor, "all", "Le joint a lâché."), "all again": of(240, "reopened.whole", debtor, "all", ""),
	}
	sum := func(name string, cents int64, way string, files ...DisputeFile) {
		s := steps[name]
		s.Sum, s.Way, s.Files = money.Euros(cents), way, files
		steps[name] = s
	}
	sum("opened", 320_00, "", photo)
	sum("part", 100_00, "", paper)
	sum("kept", 0, "", paper)
	sum("way", 150_00, "corrected_amount")
	sum("again", 50_00, "")
	yes := steps["yes"]
	yes.By = "Nadia Ferrand"
	steps["yes"] = yes
	return steps
}

func (w world) sheet(console, state string, steps ...string) *DisputeSheet {
	held := int64(320_00)
	p := &DisputeSheet{
		StaffBase: w.staffBase(console, "cases", "/"+console+"/cases/1/disputes/1"), Row: w.rows()[0], Invoice: "2026-0318", Note: w.say("la verrière intérieure", "the indoor glass partition"),
		Ground: "goods_or_service", State: state, Held: money.Euros(held), Credited: money.Euros(0), AnswerBy: "2026-11-30", Rounds: []SheetRound{{Number: 1}},
		Turn: map[string]string{"opened": "creditor", "answered": "debtor", "mediation": "agency"}[state],
	}
	p.Row.URL = "/" + console + "/cases/1"
	said := w.sheetSteps()
	papers := map[string]int{}
	for _, name := range steps {
		step := said[name]
		p.Rounds[0].Steps = append(p.Rounds[0].Steps, step)
		switch step.Kind {
		case "fact_agreed":
			p.Agreed = append(p.Agreed, step)
		case "fact_contested":
			p.Contested = append(p.Contested, step)
		}
		if len(step.Files) > 0 {
			if _, known := papers[step.Who]; !known {
				papers[step.Who] = len(p.Papers)
				p.Papers = append(p.Papers, SheetPapers{Who: step.Who})
			}
			p.Papers[papers[step.Who]].Files = append(p.Papers[papers[step.Who]].Files, step.Files...)
		}
	}
	if p.Turn == "" {
		p.Held, p.AnswerBy, p.Rounds[0].OutcomeURL = money.Euros(0), "", "/outcome?round=1"
	}
	return p
}

func (w world) sheetWays(mine bool) []SheetWay {
	return []SheetWay{
		{ID: "1", Way: "corrected_amount", Words: "On coupe en deux.", Lang: "fr", Sum: money.Euros(150_00), Debtor: "yes", Creditor: "no", Mine: mine},
		{ID: "2", Way: "withdrawal", Sum: money.Euros(0), Mine: mine},
	}
}

func (w world) mediation() []Specimen {
	c := func(state string, steps ...string) *DisputeSheet { return w.sheet("creditor", state, steps...) }
	asked, wrong, viewer, limited, late, whole := c("opened", "opened"), c("opened", "opened"), c("opened", "opened"), c("opened", "opened"), c("upheld", "opened", "accepted"), c("opened", "whole")
	for _, p := range []*DisputeSheet{asked, wrong, whole} {
		p.Acts.Answer = "/creditor/cases/1/disputes/1/answer"
	}
	whole.Whole, whole.InvoiceURL, whole.Held = true, "/creditor/cases/1/documents/1", money.Euros(1248_60)
	wrong.Form = typed("answer", "part", "amount", "900", "message", w.say("La charnière, oui.", "The hinge, yes."))
	wrong.Form.Errors = []FieldError{{Field: "amount", Text: w.lang.T("refusal.part_out_of_range", "most", money.Euros(320_00))}}
	viewer.Shut, viewer.May = "viewer", []string{"Camille Roussel"}
	limited.Shut, limited.Limit = "limit", money.Euros(200_00)
	late.Problem, late.Credited = w.lang.T("refusal.dispute_is_upheld"), money.Euros(320_00)
	answered := c("answered", "opened", "part")
	answered.Held, answered.Credited, answered.Flash = money.Euros(220_00), money.Euros(100_00), &Flash{Code: "dispute_answered"}
	ways := c("mediation", "opened", "kept", "disagrees", "agreed", "contested", "to creditor", "way", "yes", "no")
	ways.Ways, ways.Acts.Ways, ways.Flash = w.sheetWays(true), "/ways", &Flash{Code: "dispute_noted"}
	silent := c("mediation", "opened", "silence")
	silent.Silent = true
	again := c("opened", "opened", "part", "settles")
	again.Rounds[0].OutcomeURL = "/outcome?round=1"
	again.Rounds = append(again.Rounds, SheetRound{Number: 2, Steps: []SheetStep{w.sheetSteps()["again"], w.sheetSteps()["all again"]}})

	parties := []Choice{{"1", w.say("Mme Claire Vasseur", "Ms Claire Vasseur")}, {"2", "M. Paul Vasseur"}}
	a := func(state string, steps ...string) *DisputeSheet {
		p := w.sheet("agent", state, steps...)
		p.Acts.Parties = parties
		if p.Turn != "" {
			p.Acts.Withdraw = "/withdrawal"
		}
		return p
	}
	opened, replied, taken := a("opened", "opened"), a("answered", "opened", "part"), a("mediation", "opened")
	opened.Acts.Answer, opened.Acts.TakeUp = "/answer", "/taking-up"
	replied.Acts.Reply, replied.Acts.TakeUp = "/replies", "/taking-up"
	taken.Flash = &Flash{Code: "dispute_taken"}
	full := a("mediation", "opened", "part", "disagrees", "agreed", "contested", "call", "note", "to debtor", "to creditor", "way", "yes", "no")
	lines, badly := a("mediation", "opened", "kept", "disagrees"), a("mediation", "opened", "kept", "disagrees", "way", "yes")
	for _, p := range []*DisputeSheet{taken, full, lines, badly} {
		p.Acts.Write, p.Acts.Resolve = "/steps", "/resolution"
	}
	for _, p := range []*DisputeSheet{full, badly} {
		p.Ways = w.sheetWays(false)
		p.Acts.Ways, p.Acts.Sides = "/ways", append([]Choice{{"creditor", atelier}}, parties...)
		for _, way := range p.Ways {
			p.Acts.Put = append(p.Acts.Put, Choice{way.ID, w.lang.T("mediation.way.choice", "way", w.lang.T("way."+way.Way), "sum", way.Sum)})
		}
	}
	full.Ways[0].Creditor = "yes"
	full.Acts.Taken = full.Acts.Put[:1]
	lines.Form = typed("line", "line", "message", "")
	lines.Form.Errors = []FieldError{{Field: "message", Text: w.lang.T("refusal.words_missing")}, {Field: "audience", Text: w.lang.T("refusal.audience_missing")}}
	badly.Form = typed("out", "1", "outcome", "partly_upheld", "credit", "900")
	for _, field := range []string{"as", "takes"} {
		badly.Form.Add(field, "choose")
	}
	badly.Form.Errors = append(badly.Form.Errors, FieldError{Field: "reasons", Text: w.lang.T("refusal.words_missing")}, FieldError{Field: "agreed", Text: w.lang.T("refusal.creditor_must_agree")})
	done := a("agreed", "opened", "kept", "disagrees", "call", "way", "yes", "outcome")
	done.Credited, done.Flash = money.Euros(170_00), &Flash{Code: "dispute_closed"}

	links := []SheetLink{
		{URL: "/d/1", Invoice: "2026-0318", State: "mediation", Sum: money.Euros(320_00), AnswerBy: "2026-11-30"}, {URL: "/d/2", Invoice: "2026-0290", State: "rejected", Whole: true, Sum: money.Euros(0)},
	}
	agents := &AgentCase{StaffBase: w.agentBase("cases", "/agent/cases/1"), Row: w.rows()[0], Creditor: atelier, Claims: w.claims(), Statement: w.statement(), Disputes: links}
	creditors := &CreditorCase{StaffBase: w.creditorBase("cases", "/creditor/cases/1"), Row: w.rows()[0], Claims: w.claims(), Statement: w.statement(), Agent: w.nadia(), Disputes: links}
	home := &CreditorHome{StaffBase: w.creditorBase("home", "/creditor"), Today: today, CameIn: money.Euros(0), Scale: money.Euros(0)}
	for _, code := range []string{"dispute", "dispute_way", "dispute_see"} {
		home.Waiting = append(home.Waiting, Task{Until: "2026-11-30", Code: code, Values: []any{"name", parties[0].Label, "number", "2026-0318"}, URL: "/d/1", Main: code != "dispute_see",
			Note: w.lang.T("mediation.note.part", "sum", money.Euros(320_00), "ground", w.lang.T("ground.goods_or_service"))})
	}
	return []Specimen{
		{In: "creditor, asked", Page: asked}, {In: "creditor, the whole invoice", Page: whole}, {In: "creditor, errors", Page: wrong}, {In: "creditor, reads only", Page: viewer},
		{In: "creditor, above the limit", Page: limited}, {In: "creditor, too late", Page: late}, {In: "creditor, answered", Page: answered}, {In: "creditor, ways out", Page: ways},
		{In: "creditor, silent", Page: silent}, {In: "creditor, a second round", Page: again}, {In: "creditor, taken back", Page: c("withdrawn", "opened", "withdrawn")},
		{In: "agent, the creditor's turn", Page: opened}, {In: "agent, the debtor's turn", Page: replied}, {In: "agent, taken up", Page: taken}, {In: "agent, everything", Page: full},
		{In: "agent, a line with errors", Page: lines}, {In: "agent, an outcome with errors", Page: badly}, {In: "agent, agreed", Page: done},
		{In: "contested", Page: agents}, {In: "contested", Page: creditors}, {In: "contested", Page: home},
	}
}
