package negotiation

import (
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"amiable/negotiation/money"
)

// DisputeOutcome is how a round of a dispute ended, as it was written down
// then: what its outcome letter says, the same whenever it is read.
type DisputeOutcome struct {
	Dispute   string       `json:"dispute"`
	Number    int64        `json:"number"`
	Round     int64        `json:"round"`
	Ground    Ground       `json:"ground"`
	State     DisputeState `json:"state"`
	Invoice   string       `json:"invoice"`
	Credited  money.Amount `json:"credited"` // given up in the dispute, all rounds together
	Owed      money.Amount `json:"owed"`     // on the case, when it ended
	On        Day          `json:"-"`
	At        time.Time    `json:"-"`
	By        string       `json:"-"`
	ChainHead string       `json:"-"` // of the case, when it ended: the first sixteen digits
}

// Outcomes are those of the disputes of a case, in the order in which they
// ended, out of its events. One whose content was erased is left out.
func Outcomes(events []Event) []DisputeOutcome {
	var list []DisputeOutcome
	for i := range events {
		e := &events[i]
		if e.Kind != DisputeClosed || e.Content == nil {
			continue
		}
		var content struct {
			By   string         `json:"by"`
			What DisputeOutcome `json:"what"`
		}
		if err := json.Unmarshal([]byte(*e.Content), &content); err != nil || content.What.Dispute == "" {
			continue
		}
		o := content.What
		o.On, o.At, o.By = DayOf(e.At), e.At, content.By
		head := hex.EncodeToString(e.Hash)
		o.ChainHead = head[:min(16, len(head))]
		list = append(list, o)
	}
	return list
}

// decisive are the steps whose words say why a round ended as it did, the
// weightiest first.
var decisive = []StepKind{StepOutcome, StepAccepted, StepPart, StepMaintains, StepWithdrawn}

// Why is the step that says why a round ended as it did; nil where nobody said.
func (f *DisputeFile) Why(round int64) *DisputeStep {
	var why *DisputeStep
	for i := range f.Steps {
		step := &f.Steps[i]
		weight := slices.Index(decisive, step.Kind)
		if step.Round == round && weight >= 0 && (why == nil || weight <= slices.Index(decisive, why.Kind)) {
			why = step
		}
	}
	return why
}
