package negotiation

import "time"

// SituationState is how sure a special situation is.
type SituationState string

const (
	SituationTold      SituationState = "told"      // somebody says so; a paper may be asked for
	SituationConfirmed SituationState = "confirmed" // an agent has seen what proves it, or needs no more
	SituationEnded     SituationState = "ended"
)

// situationMoves is the life of a special situation.
var situationMoves = map[SituationState][]SituationState{
	SituationTold:      {SituationConfirmed, SituationEnded},
	SituationConfirmed: {SituationEnded},
	SituationEnded:     {},
}

// Situation is a special situation of whom a case is with (law.md §5.2): what
// stands behind a hold. The hold says what follows from it, by the gate's
// table, and its note what was told; a situation says how it is known and how
// it ended.
type Situation struct {
	ID          string
	CreditorID  string
	CaseID      string // where it was told; a hold of the person reaches their other cases
	HoldID      string
	Reason      Reason
	State       SituationState
	FileNumber  string // of the commission's file, the judgment, the certificate
	ProofBy     Day    // until when a paper is asked for
	ReviewOn    Day    // when a person looks at it again
	ByRole      Role
	ByID        string
	ByName      string
	OnBehalfOf  string
	ConfirmedAt *time.Time
	ConfirmedBy string
	EndedAt     *time.Time
	EndedBy     string
	EndReason   string
	EndNote     string
	CreatedAt   time.Time

	Files []SituationFile `gorm:"-"`
	Hold  *Hold           `gorm:"-"`
}

// SituationFile is a paper that proves a situation.
type SituationFile struct {
	SituationID string
	Position    int64
	Hash        string
	Name        string
	MediaType   string
	Bytes       int64
	ByRole      Role
	ByName      string
	At          time.Time
}
