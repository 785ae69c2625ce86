package page

import (
	"time"

	"amiable/negotiation/money"
)

var grounds = []string{"not_mine", "already_paid", "wrong_amount", "goods_or_service", "cancelled", "time_barred", "other"}

func (w world) contest() *Contest {
	return &Contest{
		Base: w.inCase("/case/contest"), Creditor: atelier, Agent: w.nadia(), Left: money.Euros(1248_60), Grounds: grounds, Action: "/case/disputes",
		Claims: []ContestClaim{{ID: "1", Number: "2026-0318", Note: w.say("la verrière intérieure", "the indoor glass partition"), Left: money.Euros(1248_60)}},
	}
}

// said are the steps of a dispute, as they came.
func (w world) said() map[string]DisputeStep {
	at := func(hours int) time.Time { return noon.Add(time.Duration(hours) * time.Hour) }
	photo := DisputeFile{Name: "porte.jpg", URL: "/case/disputes/1/files/1", Format: "JPEG", Bytes: 412_000}
	paper := DisputeFile{Name: w.say("bon-de-livraison-signé.pdf", "signed-delivery-note.pdf"), URL: "/case/disputes/1/files/2", Format: "PDF", Bytes: 88_000}
	return map[string]DisputeStep{
		"opened":    {At: at(0), Kind: "opened", Yours: true, Sum: money.Euros(320_00), Words: w.say("La porte ferme mal depuis le premier jour.\nJe l'ai dit au téléphone en mars.", "The door has not closed well from the first day.\nI said so on the phone in March."), Files: []DisputeFile{photo}},
		"whole":     {At: at(0), Kind: "opened.whole", Yours: true, Sum: money.Euros(0)},
		"part":      {At: at(48), Kind: "part", Who: atelier, Sum: money.Euros(100_00), Words: "La charnière, oui. Le joint a été posé comme convenu.", Lang: "fr", Files: []DisputeFile{paper}},
		"kept":      {At: at(48), Kind: "maintained", Who: atelier, Sum: money.Euros(0), Words: "Le bon de livraison est signé sans réserve.", Lang: "fr", Files: []DisputeFile{paper}},
		"accepted":  {At: at(48), Kind: "accepted", Who: atelier, Sum: money.Euros(0), Words: "C'est exact.", Lang: "fr"},
		"disagrees": {At: at(60), Kind: "disagrees", Yours: true, Sum: money.Euros(0), Words: w.say("Et le joint ?", "And the seal?")},
		"settles":   {At: at(60), Kind: "settles", Yours: true, Sum: money.Euros(0)},
		"silence":   {At: at(180), Kind: "silence", Who: atelier, Sum: money.Euros(0)},
		"mine":      {At: at(180), Kind: "silence.yours", Yours: true, Sum: money.Euros(0)},
		"agreed":    {At: at(190), Kind: "fact_agreed", Who: "Nadia Ferrand", Sum: money.Euros(0), Words: "La charnière est à changer.", Lang: "fr"},
		"open":      {At: at(190), Kind: "fact_contested", Who: "Nadia Ferrand", Sum: money.Euros(0), Words: "Le joint était-il abîmé à la livraison ?", Lang: "fr"},
		"line":      {At: at(191), Kind: "line", Who: "Nadia Ferrand", Sum: money.Euros(0), Words: "Avez-vous une photo du joint ?", Lang: "fr"},
		"way":       {At: at(192), Kind: "way", Who: "Nadia Ferrand", Sum: money.Euros(150_00), Way: "corrected_amount", Words: "On coupe en deux.", Lang: "fr"},
		"yes":       {At: at(193), Kind: "way_yes.yours", Yours: true, Sum: money.Euros(150_00)},
		"theirs":    {At: at(194), Kind: "way_yes", Who: atelier, Sum: money.Euros(150_00)},
		"no":        {At: at(193), Kind: "way_no.yours", Yours: true, Sum: money.Euros(150_00)},
		"refused":   {At: at(194), Kind: "way_no", Who: atelier, Sum: money.Euros(150_00)},
		"outcome":   {At: at(200), Kind: "outcome", Who: "Nadia Ferrand", Sum: money.Euros(170_00), Words: "Chacun fait un pas.", Lang: "fr"},
		"withdrawn": {At: at(60), Kind: "withdrawn", Yours: true, Sum: money.Euros(0)},
		"again":     {At: at(240), Kind: "reopened", Yours: true, Sum: money.Euros(50_00), Words: w.say("Le joint a lâché.", "The seal has given way.")},
		"all again": {At: at(240), Kind: "reopened.whole", Yours: true, Sum: money.Euros(0)},
	}
}

func (w world) dispute(state string, held int64, steps ...string) *Dispute {
	d := &Dispute{
		Base: w.inCase("/case/disputes/1"), Creditor: atelier, Agent: w.nadia(), URL: "/case/disputes/1", Invoice: "2026-0318", Ground: "goods_or_service",
		State: state, Held: money.Euros(held), Left: money.Euros(1248_60), Credited: money.Euros(0), AnswerBy: "2026-11-30",
		MayReply: state == "answered", MayWithdraw: held > 0, MayReopen: held == 0, Rounds: []DisputeRound{{Number: 1}},
	}
	said := w.said()
	for _, name := range steps {
		step := said[name]
		d.Rounds[0].Steps = append(d.Rounds[0].Steps, step)
		if d.MayReply && step.Who == atelier {
			d.Answer = &step
		}
	}
	if held == 0 {
		d.Outcome = "/case/disputes/1/outcome?round=1"
		d.Rounds[0].OutcomeURL = d.Outcome
	}
	return d
}

func (w world) outcomeLetter(state string, credited, owed int64) OutcomeLetter {
	return OutcomeLetter{
		Creditor: atelier, Debtor: "Claire Vasseur", AgentName: "Nadia Ferrand", Invoice: "2026-0318", Ground: "goods_or_service", State: state, Round: 1, On: today,
		Credited: money.Euros(credited), Owed: money.Euros(owed), Words: "Chacun fait un pas.\nLa charnière est changée avant la fin du mois.", Lang: "fr", Who: "Nadia Ferrand",
		ChainHead: "0f1e2d3c4b5a6978",
	}
}

func (w world) disputes() []Specimen {
	several, bad, none, all, cleared, withdrawn, referred, again, late := w.contest(), w.contest(), w.contest(), w.contest(), w.contest(), w.contest(), w.contest(), w.contest(), w.contest()
	several.Claims = append(several.Claims, ContestClaim{ID: "2", Number: "2026-0402", Left: money.Euros(90_00)})
	several.Known = []DisputeLink{{URL: "/case/disputes/1", Invoice: "2026-0290", State: "rejected"}, {URL: "/case/disputes/2", Invoice: "2026-0299", State: "answered"}}
	bad.Claims = several.Claims
	bad.Form = typed("part", "sum", "amount", "3000", "message", w.say("La porte ferme mal.", "The door does not close."))
	bad.Form.Add("claim", "choose")
	bad.Form.Errors = append(bad.Form.Errors, FieldError{Field: "amount", Text: w.lang.T("refusal.amount_above_owed", "most", money.Euros(1248_60))})
	bad.Form.Add("ground", "choose")
	for p, shut := range map[*Contest]string{none: "nothing", all: "all", cleared: "cleared", withdrawn: "withdrawn", referred: "referred", late: "all"} {
		p.Shut, p.Claims = shut, nil
	}
	all.Known = []DisputeLink{{URL: "/case/disputes/1", Invoice: "2026-0318", State: "opened"}}
	late.Known, late.Form = all.Known, Form{Errors: []FieldError{{Text: w.lang.T("refusal.dispute_open_already")}}}
	again.Reopens, again.Action = "/case/disputes/1", "/case/disputes/1/reopening"

	sent := w.dispute("opened", 320_00, "opened")
	sent.Sent = true
	whole := w.dispute("opened", 1248_60, "whole")
	whole.Whole = true
	wrong := w.dispute("answered", 220_00, "opened", "part")
	wrong.Form = typed("answer", "disagrees")
	wrong.Form.Errors = append(wrong.Form.Errors, FieldError{Field: "message", Text: w.lang.T("refusal.words_missing")})
	silent := w.dispute("mediation", 320_00, "opened", "silence")
	silent.Silent = true
	mine := w.dispute("mediation", 220_00, "opened", "part", "mine")
	mine.Silent = true
	ways := w.dispute("mediation", 220_00, "opened", "part", "disagrees", "agreed", "open", "line", "way")
	ways.Ways = []DisputeWay{{URL: "/case/disputes/1/ways/1", Way: "corrected_amount", Words: "On coupe en deux.", Lang: "fr", Sum: money.Euros(150_00)}}
	yes := w.dispute("mediation", 220_00, "opened", "part", "disagrees", "way", "yes", "theirs")
	yes.Ways = []DisputeWay{{URL: "/case/disputes/1/ways/1", Way: "rebate", Words: "On coupe en deux.", Lang: "fr", Sum: money.Euros(150_00), Said: "yes", Other: "yes"}}
	no := w.dispute("mediation", 220_00, "opened", "kept", "disagrees", "way", "no", "refused")
	for _, way := range []string{"credit_note", "plan", "withdrawal"} {
		no.Ways = append(no.Ways, DisputeWay{URL: "/case/disputes/1/ways/" + way, Way: way, Words: "À voir.", Lang: "fr", Sum: money.Euros(0), Said: "no", Other: "no"})
	}
	clicked := w.dispute("mediation", 320_00, "opened", "kept", "disagrees")
	clicked.Error = &FieldError{Text: w.lang.T("refusal.dispute_is_mediation")}
	ended := func(state string, credited int64, steps ...string) *Dispute {
		d := w.dispute(state, 0, steps...)
		d.Credited = money.Euros(credited)
		return d
	}
	reopened := w.dispute("opened", 50_00, "opened", "part", "settles")
	reopened.Rounds[0].OutcomeURL = "/case/disputes/1/outcome?round=1"
	reopened.Rounds = append(reopened.Rounds, DisputeRound{Number: 2, Steps: []DisputeStep{w.said()["again"], w.said()["all again"]}})
	upheld := ended("upheld", 1248_60, "whole", "accepted")
	upheld.Left, upheld.MayReopen = money.Euros(0), false

	list := []Specimen{
		{In: "one invoice", Page: w.contest()}, {In: "several invoices", Page: several}, {In: "errors", Page: bad}, {In: "nothing left", Page: none},
		{In: "all contested", Page: all}, {In: "a second click", Page: late}, {In: "cleared", Page: cleared}, {In: "withdrawn", Page: withdrawn}, {In: "referred", Page: referred},
		{In: "opened again", Page: again},
		{In: "sent", Page: sent}, {In: "waits for the creditor", Page: w.dispute("opened", 320_00, "opened")}, {In: "the whole invoice", Page: whole},
		{In: "answered", Page: w.dispute("answered", 220_00, "opened", "part")}, {In: "maintained", Page: w.dispute("answered", 320_00, "opened", "kept")},
		{In: "answered, errors", Page: wrong}, {In: "silence of the creditor", Page: silent}, {In: "silence of the debtor", Page: mine},
		{In: "mediation", Page: w.dispute("mediation", 220_00, "opened", "part", "disagrees")}, {In: "a way out", Page: ways}, {In: "yes to a way out", Page: yes},
		{In: "no to the ways out", Page: no}, {In: "a late click", Page: clicked},
		{In: "upheld", Page: upheld}, {In: "partly upheld", Page: ended("partly_upheld", 100_00, "opened", "part", "settles")},
		{In: "rejected", Page: ended("rejected", 0, "opened", "kept", "disagrees", "outcome")}, {In: "agreed", Page: ended("agreed", 170_00, "opened", "kept", "disagrees", "way", "yes", "theirs", "outcome")},
		{In: "taken back", Page: ended("withdrawn", 0, "opened", "withdrawn")}, {In: "a second round", Page: reopened},
	}
	for _, o := range []struct {
		state          string
		credited, owed int64
	}{{"upheld", 1248_60, 0}, {"partly_upheld", 100_00, 1148_60}, {"rejected", 0, 1248_60}, {"agreed", 170_00, 1078_60}, {"withdrawn", 0, 1248_60}} {
		letter := w.outcomeLetter(o.state, o.credited, o.owed)
		if o.state == "withdrawn" {
			letter.Words = ""
		}
		staff := w.staffBase("creditor", "cases", "/creditor/cases/1/disputes/1/outcome")
		list = append(list,
			Specimen{In: o.state, Page: &DisputeOutcome{Base: w.inCase("/case/disputes/1/outcome"), Letter: letter, BackURL: "/case/disputes/1", PDFURL: "/case/disputes/1/outcome.pdf"}},
			Specimen{In: o.state, Page: &StaffOutcome{StaffBase: staff, Letter: letter, BackURL: "/creditor/cases/1/disputes/1", PDFURL: "/creditor/cases/1/disputes/1/outcome.pdf"}})
	}
	return append(list, w.disputedCases()...)
}

// disputedCases are the case page while something is contested.
func (w world) disputedCases() []Specimen {
	var list []Specimen
	for _, side := range []string{"creditor", "debtor", "agency"} {
		c := w.theCase()
		c.Notices = []Notice{{Tone: "wait", Code: "dispute_" + side, URL: "/case/disputes/1", Values: []any{
			"sum", money.Euros(320_00), "invoice", "2026-0318", "day", today, "creditor", atelier, "name", "Nadia Ferrand"}}}
		c.Documents = append([]Document{{Kind: "dispute_outcome", Number: "2026-0290", On: today, Format: "PDF", URL: "/case/disputes/2/outcome.pdf?round=1", ReadURL: "/case/disputes/2/outcome?round=1"}}, c.Documents...)
		list = append(list, Specimen{In: "contested, waits for the " + side, Page: c})
	}
	return list
}
