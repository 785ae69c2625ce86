package page

import (
	"time"

	"amiable/negotiation/day"
)

// NewSituation notes a special situation. POST Action (multipart) with
// "reason", "scope" (case, person), "from", "number", "note", "files".
type NewSituation struct {
	AgentForm
	Reasons []HoldChoice
}

// SituationRow is a special situation in the list of a case.
type SituationRow struct {
	URL     string
	Reason  string // phrase "hold.<reason>"
	State   string // phrase "situation.state.<state>": told, confirmed, ended
	From    day.Day
	Until   day.Day
	ProofBy day.Day // a paper is asked for until then
	Late    bool    // and did not come
	Review  day.Day
	Effects []string
}

// Situation is one special situation. What was told of it is shown only after
// POST Action/reading with "need"; the other acts POST to Action/proof,
// Action/confirmation, Action/turning and Action/end.
type Situation struct {
	AgentForm
	Problem    string
	Reason     string
	State      string
	Effects    []string
	ByPerson   bool
	Number     string
	ToldBy     string
	ToldRole   string
	ToldAt     time.Time
	From       day.Day
	Until      day.Day
	ProofBy    day.Day
	Late       bool
	Review     day.Day
	NeedsProof bool

	HasWords   bool
	Papers     int
	ShownUntil time.Time // zero: nothing is shown
	Words      string
	Files      []DisputeFile
	Needs      []string // phrase "need.<need>"

	ConfirmedBy string
	ConfirmedAt time.Time
	EndedBy     string
	EndedAt     time.Time
	EndReason   string // phrase "situation.end.<reason>"
	EndNote     string

	Open       bool
	MayConfirm bool
	Turns      []string
	Ends       []string
	Readings   []ReadingRow
}

// Shown says whether what was told is on the screen.
func (s *Situation) Shown() bool { return !s.ShownUntil.IsZero() }

// Overindebtedness lets a debtor say that they have handed in a file of
// over-indebtedness. POST (multipart) with "message", "number", "files".
type Overindebtedness struct {
	Base
	Agent     Agent
	Form      Form
	Told      bool
	Until     day.Day // of the pause taken on their word; none: until the commission has decided
	Proved    bool
	Confirmed bool
	Admitted  bool
}

func (*NewSituation) template() string     { return "agent/situation-new" }
func (*Situation) template() string        { return "agent/situation" }
func (*Overindebtedness) template() string { return "debtor/over-indebtedness" }
