package limitation

import (
	"fmt"

	"amiable/negotiation/day"
)

// EventKind is something that happened to a claim.
type EventKind string

const (
	PaymentReceived       EventKind = "payment_received"       // by the debtor or in its name, even in part
	WrittenAcknowledgment EventKind = "written_acknowledgment" // even of a part: for the whole claim
	PlanAccepted          EventKind = "plan_accepted"
	CourtClaim            EventKind = "court_claim" // until the proceedings end
	EnforcementAct        EventKind = "enforcement_act"
	Judgment              EventKind = "judgment" // an enforceable title
	Mediation             EventKind = "mediation"
	SmallClaimsAgreement  EventKind = "small_claims_agreement" // the debtor's agreement to CPCE L125-1

	PlanProposed   EventKind = "plan_proposed"
	Reminder       EventKind = "reminder"
	FormalNotice   EventKind = "formal_notice"
	LinkOpened     EventKind = "link_opened"
	DebtViewed     EventKind = "debt_viewed"
	QuestionAsked  EventKind = "question_asked"
	Contested      EventKind = "contested"
	CreditorWaiver EventKind = "creditor_waiver"
	DebtorWaiver   EventKind = "debtor_waiver" // of a limitation already acquired
)

// Effect is what an event does to the time that runs.
type Effect string

const (
	Restarts Effect = "restarts" // the whole term begins again (C. civ. 2231)
	Rests    Effect = "rests"    // time stands still, then runs on (2230)
	Nothing  Effect = "nothing"
)

// Rule is what the law makes of a kind of event, and why.
type Rule struct {
	Effect          Effect
	EvenForeclosure bool // also interrupts a délai de forclusion (C. civ. 2220, 2241, 2244)
	Article         string
	Why             string
}

// Rules says of every kind of event what it does. What is in doubt does
// nothing here: the earlier date is the safe one for the debtor.
var Rules = map[EventKind]Rule{
	PaymentReceived:       {Effect: Restarts, Article: "C. civ. art. 2240", Why: "paying in part acknowledges the whole debt"},
	WrittenAcknowledgment: {Effect: Restarts, Article: "C. civ. art. 2240; Cass. 1re civ. 25 Jan. 2017, n° 15-25.759", Why: "an acknowledgment, even in part, is for the whole debt"},
	PlanAccepted:          {Effect: Restarts, Article: "C. civ. art. 2240", Why: "who agrees to a plan acknowledges the debt"},
	CourtClaim:            {Effect: Restarts, EvenForeclosure: true, Article: "C. civ. art. 2241, 2242", Why: "a claim in court interrupts until the proceedings end"},
	EnforcementAct:        {Effect: Restarts, EvenForeclosure: true, Article: "C. civ. art. 2244", Why: "a protective measure or an act of enforcement interrupts"},
	Judgment:              {Effect: Restarts, EvenForeclosure: true, Article: "CPCE art. L111-4", Why: "an enforceable title may be enforced for ten years"},
	Mediation:             {Effect: Rests, Article: "C. civ. art. 2238", Why: "mediation, conciliation and participatory procedure suspend, and leave at least six months"},
	SmallClaimsAgreement:  {Effect: Rests, Article: "C. civ. art. 2238; CPCE art. L125-1", Why: "the debtor's agreement to the procedure suspends"},

	PlanProposed:   {Effect: Nothing, Article: "C. civ. art. 2240", Why: "asking for time can be an acknowledgment; a lawyer decides, not this table"},
	Reminder:       {Effect: Nothing, Article: "Cass. com. 18 May 2022, n° 20-23.204", Why: "a reminder does not interrupt"},
	FormalNotice:   {Effect: Nothing, Article: "Cass. com. 18 May 2022, n° 20-23.204", Why: "a notice to pay, even registered, does not interrupt"},
	LinkOpened:     {Effect: Nothing, Article: "C. civ. art. 2240", Why: "looking is not acknowledging"},
	DebtViewed:     {Effect: Nothing, Article: "C. civ. art. 2240", Why: "looking is not acknowledging"},
	QuestionAsked:  {Effect: Nothing, Article: "C. civ. art. 2240", Why: "asking is not acknowledging"},
	Contested:      {Effect: Nothing, Article: "C. civ. art. 2240", Why: "who contests a part acknowledges the rest only by saying so"},
	CreditorWaiver: {Effect: Nothing, Article: "C. civ. art. 2240", Why: "an act of the creditor is no acknowledgment by the debtor"},
	DebtorWaiver:   {Effect: Nothing, Article: "C. civ. art. 2250, 2251", Why: "giving up an acquired limitation takes an unequivocal act: legal review decides"},
}

// Event is one of them on its day. To is the last day of a mediation or of
// court proceedings; none means that it is not over.
type Event struct {
	ID   string
	Kind EventKind
	On   day.Day
	To   day.Day
}

func (e Event) check() error {
	if _, known := Rules[e.Kind]; !known {
		return fmt.Errorf("limitation: %q is not a kind of event", e.Kind)
	}
	days := []day.Day{e.On}
	if !e.To.IsZero() {
		days = append(days, e.To)
	}
	if err := believable(days...); err != nil {
		return fmt.Errorf("%s %s: %w", e.Kind, e.ID, err)
	}
	if !e.To.IsZero() && e.To.Before(e.On) {
		return fmt.Errorf("limitation: %s %s ends on %s, before it begins on %s", e.Kind, e.ID, e.To, e.On)
	}
	return nil
}
