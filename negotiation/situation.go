package negotiation

import (
	"slices"
	"time"
)

// SituationState is how sure a special situation is.
type SituationState string

const (
	SituationTold      SituationState = "told"      // somebody says so; a paper may be asked for
	SituationConfirmed SituationState = "confirmed" // an agent has seen what proves it, or it needs no proof
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
// table, and its note what was told; the situation says how it is known and how
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

// Proof is what shows that a situation is so: the number of a file, a judgment
// or a certificate, papers, or both.
type Proof struct {
	Number string
	Files  []SituationFile
}

func (p Proof) isEmpty() bool { return p.Number == "" && len(p.Files) == 0 }

// Ending says why a situation is over: a code of its rule's, and words for the
// agency.
type Ending struct {
	Reason string
	Note   string
}

// Why situations end whatever they are.
const (
	EndLifted = "lifted" // its hold was lifted
	EndTime   = "time"   // its last day went by
	EndTurned = "turned" // it became another
)

// SituationRule is what the law, or the design where it says nothing, wants of
// a situation.
type SituationRule struct {
	ByDebtor     bool     // debtors tell it of themselves, on their page
	NeedsProof   bool     // an agent confirms it only with a paper or its number
	AskDays      int      // how long a paper is asked for; 0: none is
	ReviewMonths int      // after how long a person looks again; 0: never
	Turns        []Reason // what it can become
	Ends         []string // for which reasons a person ends it
	TellCreditor bool     // the creditor has something to do
}

// situationRules are the special situations of law.md §5.2. Nobody is asked to
// prove an illness or a hard time: the need is noted, not the diagnosis.
var situationRules = map[Reason]SituationRule{
	// The commission decides within three months (C. conso R722-1 ff.); until a
	// paper shows the file, thirty days are taken on the debtor's word.
	HoldOverindebtednessDeclared: {ByDebtor: true, NeedsProof: true, AskDays: declaredPause, ReviewMonths: 3, Turns: []Reason{HoldOverindebtednessAdmitted}, Ends: []string{"refused", "mistaken"}},
	HoldOverindebtednessAdmitted: {NeedsProof: true, AskDays: declaredPause, ReviewMonths: 24, Turns: []Reason{HoldMeasuresAdopted, HoldDebtErased}, Ends: []string{"closed", "mistaken"}, TellCreditor: true}, // two years at most (C. conso L722-3)
	HoldMeasuresAdopted:          {NeedsProof: true, AskDays: declaredPause, ReviewMonths: 12, Turns: []Reason{HoldDebtErased}, Ends: []string{"kept", "lapsed", "mistaken"}, TellCreditor: true},
	HoldDebtErased:               {NeedsProof: true, AskDays: declaredPause, Ends: []string{"mistaken"}, TellCreditor: true},
	HoldInsolvency:               {NeedsProof: true, AskDays: declaredPause, ReviewMonths: 6, Ends: []string{"closed", "mistaken"}, TellCreditor: true},
	HoldDeceased:                 {AskDays: 120, ReviewMonths: 4, Ends: []string{"heirs", "mistaken"}}, // heirs have four months (C. civ. 771)
	HoldMinor:                    {AskDays: declaredPause, ReviewMonths: 12, Ends: []string{"of_age", "representative", "mistaken"}},
	HoldGuardianship:             {AskDays: declaredPause, ReviewMonths: 12, Ends: []string{"representative", "lifted_by_judge", "mistaken"}},
	HoldVulnerable:               {ReviewMonths: 6, Ends: []string{"asked", "over", "mistaken"}},
	HoldNotMe:                    {ReviewMonths: 1, Turns: []Reason{HoldIdentityTheft}, Ends: []string{"identity_checked", "mistaken"}},
	HoldIdentityTheft:            {NeedsProof: true, AskDays: 60, ReviewMonths: 2, Ends: []string{"identity_checked", "mistaken"}},
	HoldMoved:                    {ReviewMonths: 2, Ends: []string{"new_address", "mistaken"}},
}

// Situations are the reasons that are special situations, in the order of the
// page.
var Situations = []Reason{
	HoldOverindebtednessDeclared, HoldOverindebtednessAdmitted, HoldMeasuresAdopted, HoldDebtErased, HoldInsolvency, HoldVulnerable, HoldDeceased, HoldMinor,
	HoldGuardianship, HoldNotMe, HoldIdentityTheft, HoldMoved,
}

// IsSituation says whether a reason is a special situation.
func (r Reason) IsSituation() bool { return slices.Contains(Situations, r) }

// Rule is what is wanted of a situation.
func (r Reason) Rule() SituationRule { return situationRules[r] }

func (s *Situation) move(to SituationState) error {
	if slices.Contains(situationMoves[s.State], to) {
		s.State = to
		return nil
	}
	return Refuse(Conflict, "situation_is_"+string(s.State))
}

// Proved says whether anything shows that it is so.
func (s *Situation) Proved() bool { return s.FileNumber != "" || len(s.Files) > 0 }

// Late says whether a paper that is asked for did not come in time.
func (s *Situation) Late(on Day) bool {
	return s.State == SituationTold && !s.Proved() && !s.ProofBy.IsZero() && on.After(s.ProofBy)
}
