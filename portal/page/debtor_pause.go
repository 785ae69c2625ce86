package page

import "amiable/negotiation/day"

// Pause offers a breathing space for the asking, or says until when one runs.
// POST /case/pause, without a field.
type Pause struct {
	Base
	Agent   Agent
	Days    int     // of the one that can be taken; 0: none
	Until   day.Day // its last day, or that of the one under way
	Running bool
	Taken   bool // one was taken before
	InPlan  bool // the days of the plan stay
	Error   *FieldError
}

// Hardship takes down, once, that somebody has a hard time. POST
// /case/hardship with "message", which may be empty.
type Hardship struct {
	Base
	Agent Agent
	Form  Form
	Told  bool
}

func (*Pause) template() string    { return "debtor/pause" }
func (*Hardship) template() string { return "debtor/hardship" }
