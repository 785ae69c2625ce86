package page

func (w world) pauses() []Specimen {
	pause := func(days int) *Pause {
		return &Pause{Base: w.inCase("/case/pause"), Agent: w.nadia(), Days: days, Until: "2026-12-07"}
	}
	running, taken, inPlan, refused := pause(0), pause(0), pause(30), pause(0)
	running.Running = true
	taken.Taken = true
	inPlan.InPlan = true
	refused.Taken, refused.Error = true, &FieldError{Text: w.lang.T("refusal.pause_taken")}
	long := &Hardship{Base: w.inCase("/case/hardship"), Agent: w.nadia(), Form: typed("message", w.say("Je sors de l'hôpital.", "I have just left hospital."))}
	long.Form.Errors = append(long.Form.Errors, FieldError{Field: "message", Text: w.lang.T("refusal.words_too_long", "n", 2000)})
	return []Specimen{
		{In: "offered", Page: pause(15)},
		{In: "offered in a plan", Page: inPlan},
		{In: "under way", Page: running},
		{In: "taken before", Page: taken},
		{In: "refused", Page: refused},
		{In: "not offered", Page: pause(0)},
		{In: "open", Page: &Hardship{Base: w.inCase("/case/hardship"), Agent: w.nadia()}},
		{In: "too long", Page: long},
		{In: "told", Page: &Hardship{Base: w.inCase("/case/hardship"), Agent: w.nadia(), Told: true}},
	}
}
