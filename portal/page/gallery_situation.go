package page

import "time"

func (w world) situationRows() []SituationRow {
	return []SituationRow{
		{URL: "/agent/cases/1/situations/1", Reason: "overindebtedness_declared", State: "told", From: today, Until: "2026-12-23", ProofBy: "2026-12-23", Effects: []string{"letters", "collection"}},
		{URL: "/agent/cases/1/situations/2", Reason: "vulnerable", State: "ended", From: "2026-05-04"},
	}
}

func (w world) situation() *Situation {
	at := "/agent/cases/1/situations/1"
	return &Situation{
		AgentForm: AgentForm{StaffBase: w.agentBase("cases", at), Row: w.rows()[0], Action: at, BackURL: "/agent/cases/1", Today: today},
		Reason:    "overindebtedness_declared", State: "told", Effects: []string{"letters", "collection"}, ToldBy: w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), ToldAt: noon,
		From: today, Until: "2026-12-23", ProofBy: "2026-12-23", Review: "2027-02-23", NeedsProof: true, HasWords: true, Needs: []string{"answer", "decide", "check", "law"},
		Open: true, Turns: []string{"overindebtedness_admitted"}, Ends: []string{"refused", "mistaken"},
	}
}

func (w world) situations() []Specimen {
	told, shown, late, ended, refused := w.situation(), w.situation(), w.situation(), w.situation(), w.situation()
	shown.ShownUntil, shown.Words = noon.Add(15*time.Minute), w.say("Dossier déposé lundi à la Banque de France.", "File handed in on Monday at the Banque de France.")
	shown.Files = []DisputeFile{{Name: "attestation-de-dépôt.pdf", URL: "/files/1", Format: "PDF", Bytes: 88_000}}
	shown.Number, shown.Papers, shown.MayConfirm = "000426011234", 1, true
	shown.ProofBy = ""
	shown.Readings = []ReadingRow{{At: noon, Who: "Nadia Ferrand", Role: "agent", What: "situation", Need: "decide"}}
	late.Late = true
	ended.State, ended.Open, ended.ProofBy, ended.EndedBy, ended.EndedAt, ended.EndReason = "ended", false, "", "Nadia Ferrand", noon, "mistaken"
	refused.Problem = w.lang.T("refusal.situation_unproved")
	at := "/agent/cases/1/situations"
	fresh := &NewSituation{AgentForm: AgentForm{StaffBase: w.agentBase("cases", at+"/new"), Row: w.rows()[0], Action: at, BackURL: "/agent/cases/1", Today: today}}
	for _, r := range []HoldChoice{
		{"overindebtedness_declared", []string{"letters", "collection"}}, {"overindebtedness_admitted", []string{"letters", "interest", "collection", "payment", "plan"}},
		{"measures_adopted", []string{"letters", "interest", "collection", "plan"}}, {"debt_erased", []string{"letters", "interest", "collection", "payment", "plan"}},
		{"insolvency", []string{"letters", "interest", "collection", "payment", "plan"}}, {"vulnerable", nil}, {"deceased", []string{"letters", "display", "interest", "collection", "plan"}},
		{"minor", []string{"letters", "collection", "plan"}}, {"guardianship", []string{"letters", "collection", "plan"}}, {"not_me", []string{"letters", "display", "collection", "plan"}},
		{"identity_theft", []string{"letters", "display", "collection", "plan"}}, {"moved", []string{"letters"}},
	} {
		fresh.Reasons = append(fresh.Reasons, r)
	}
	again := *fresh
	again.Form.Errors = append(again.Form.Errors, FieldError{Field: "reason", Code: "choose"})
	over := func(change func(*Overindebtedness)) *Overindebtedness {
		p := &Overindebtedness{Base: w.inCase("/case/over-indebtedness"), Agent: w.nadia()}
		change(p)
		return p
	}
	return []Specimen{
		{In: "told", Page: told}, {In: "shown", Page: shown}, {In: "late", Page: late}, {In: "ended", Page: ended}, {In: "refused", Page: refused},
		{In: "new", Page: fresh}, {In: "errors", Page: &again},
		{In: "open", Page: over(func(*Overindebtedness) {})},
		{In: "told", Page: over(func(p *Overindebtedness) { p.Told, p.Until = true, "2026-12-23" })},
		{In: "proved", Page: over(func(p *Overindebtedness) { p.Told, p.Proved = true, true })},
		{In: "confirmed", Page: over(func(p *Overindebtedness) { p.Told, p.Proved, p.Confirmed = true, true, true })},
		{In: "admitted", Page: over(func(p *Overindebtedness) { p.Admitted = true })},
	}
}
