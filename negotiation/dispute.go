package negotiation

import (
	"time"

	"amiable/negotiation/money"
)

// DisputeState is where the life of a dispute stands.
type DisputeState string

const (
	DisputeOpened      DisputeState = "opened"        // the creditor answers
	DisputeAnswered    DisputeState = "answered"      // the debtor says whether that settles it
	DisputeMediation   DisputeState = "mediation"     // an agent works with both
	DisputeUpheld      DisputeState = "upheld"        // nothing of the contested part is owed
	DisputePartly      DisputeState = "partly_upheld" // a part of it is not owed
	DisputeRejected    DisputeState = "rejected"      // it is owed, and why was said
	DisputeAgreed      DisputeState = "agreed"        // both sides took a way out
	DisputeWasWithdraw DisputeState = "withdrawn"     // by who had contested
)

// disputeMoves is the life of a dispute. New facts open a closed one again; its
// history stays.
var disputeMoves = map[DisputeState][]DisputeState{
	DisputeOpened:      {DisputeAnswered, DisputeMediation, DisputeUpheld, DisputeAgreed, DisputeWasWithdraw},
	DisputeAnswered:    {DisputeMediation, DisputePartly, DisputeWasWithdraw, DisputeAgreed, DisputeUpheld},
	DisputeMediation:   {DisputeUpheld, DisputePartly, DisputeRejected, DisputeAgreed, DisputeWasWithdraw},
	DisputeUpheld:      {DisputeOpened},
	DisputePartly:      {DisputeOpened},
	DisputeRejected:    {DisputeOpened},
	DisputeAgreed:      {DisputeOpened},
	DisputeWasWithdraw: {DisputeOpened},
}

// Ground is why a debtor contests.
type Ground string

const (
	GroundNotMine     Ground = "not_mine"
	GroundPaid        Ground = "already_paid"
	GroundWrongAmount Ground = "wrong_amount"
	GroundGoods       Ground = "goods_or_service"
	GroundCancelled   Ground = "cancelled"
	GroundTimeBarred  Ground = "time_barred"
	GroundOther       Ground = "other"
)

// Grounds are all of them, in the order of the page.
var Grounds = []Ground{GroundNotMine, GroundPaid, GroundWrongAmount, GroundGoods, GroundCancelled, GroundTimeBarred, GroundOther}

// Dispute is a claim, or a sum of one, that the debtor contests. What is
// contested is held from the second in which it is; contesting recognises
// nothing.
type Dispute struct {
	ID         string
	CreditorID string
	CaseID     string
	ClaimID    string
	PartyID    string
	Number     int64 // of the case, from 1
	State      DisputeState
	Ground     Ground
	Amount     *int64 // minor units; nil: the whole claim
	HoldID     *string
	Round      int64 // from 1; a reopened one begins another
	Credited   int64 // minor units that the creditor gave up in it
	AnswerSide Side
	AnswerBy   Day
	RemindOn   Day
	OpenedAt   time.Time
	ClosedAt   *time.Time
	ClosedBy   string
	CreatedAt  time.Time
}

// IsOpen says whether somebody must still answer.
func (d *Dispute) IsOpen() bool { return d.ClosedAt == nil }

// WaitsFor says whether it is a side's turn.
func (d *Dispute) WaitsFor(side Side) bool { return d.IsOpen() && d.AnswerSide == side }

func (d *Dispute) move(to DisputeState) error {
	for _, allowed := range disputeMoves[d.State] {
		if allowed == to {
			d.State = to
			return nil
		}
	}
	return Refuse(Conflict, "dispute_is_"+string(d.State))
}

// StepKind is what a step of a dispute is.
type StepKind string

const (
	StepOpened    StepKind = "opened"
	StepAccepted  StepKind = "accepted"    // by the creditor: nothing of it is owed
	StepPart      StepKind = "part"        // by the creditor: so much of it is not owed
	StepMaintains StepKind = "maintained"  // by the creditor, with proof
	StepSettles   StepKind = "settles"     // by the debtor: the answer settles it
	StepDisagrees StepKind = "disagrees"   // by the debtor: it does not
	StepSilence   StepKind = "silence"     // nobody answered in time
	StepAgreedOn  StepKind = "fact_agreed" // on the mediation sheet
	StepContested StepKind = "fact_contested"
	StepCall      StepKind = "call"
	StepNote      StepKind = "note"
	StepLine      StepKind = "line"    // from the agent to one side or both
	StepWay       StepKind = "way"     // a way out that the agent puts to both
	StepWayYes    StepKind = "way_yes" // a side takes it
	StepWayNo     StepKind = "way_no"  // a side does not
	StepOutcome   StepKind = "outcome" // and why
	StepReopened  StepKind = "reopened"
	StepWithdrawn StepKind = "withdrawn"
)

// sheetKinds are the steps that an agent writes on the mediation sheet.
var sheetKinds = []StepKind{StepAgreedOn, StepContested, StepCall, StepNote, StepLine, StepWay}

// WayOut is a kind of way out of a dispute.
type WayOut string

const (
	WayCorrected  WayOut = "corrected_amount"
	WayCreditNote WayOut = "credit_note"
	WayPlan       WayOut = "plan"
	WayRebate     WayOut = "rebate"
	WayWithdrawal WayOut = "withdrawal"
)

// WaysOut are all of them, in the order of the page.
var WaysOut = []WayOut{WayCorrected, WayCreditNote, WayPlan, WayRebate, WayWithdrawal}

// Audience is who may read a step or a message; the agency always may.
type Audience string

const (
	ToAll           Audience = "all"
	ToDebtorOnly    Audience = "debtor"
	ToCreditorOnly  Audience = "creditor"
	ToTheAgencyOnly Audience = "agency"
)

// Reaches says whether a side may read it.
func (a Audience) Reaches(side Side) bool {
	return side == SideAgency || a == ToAll || string(a) == string(side)
}

// DisputeStep is one step of a dispute. It is never changed.
type DisputeStep struct {
	ID         string
	CaseID     string
	DisputeID  string
	Round      int64
	Kind       StepKind
	Side       Side
	Audience   Audience
	Words      string
	Amount     *int64  // minor units that the step names
	Way        WayOut  // of StepWay
	Of         *string // the way that a side answers
	ByRole     Role
	ByID       string
	ByName     string
	OnBehalfOf string
	Language   string
	At         time.Time

	Files []StepFile `gorm:"-"`
}

// StepFile is a file that came with a step.
type StepFile struct {
	StepID    string
	Position  int64
	Hash      string
	Name      string
	MediaType string
	Bytes     int64
}

// TableName names the table for gorm.
func (StepFile) TableName() string { return "dispute_files" }

// ContestedBy is the sum that a dispute holds back, of what its claim owes.
func (c *Case) ContestedBy(d *Dispute, on Day) (money.Amount, error) {
	s, err := c.Statement(on)
	if err != nil {
		return money.Amount{}, err
	}
	for _, cs := range s.Claims {
		if cs.Claim.ID != d.ClaimID {
			continue
		}
		owed := cs.Total()
		if d.Amount == nil {
			return owed, nil
		}
		return money.New(*d.Amount, c.Currency).Min(owed), nil
	}
	return money.Amount{}, errNotFound
}
