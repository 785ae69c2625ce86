package negotiation

import (
	"context"
	"slices"
	"strings"

	"amiable/negotiation/money"
)

// toMediation hands a dispute to the agents.
func (c *Case) toMediation(t *Tx, by Actor, d *Dispute) error {
	if err := d.move(DisputeMediation); err != nil {
		return err
	}
	d.AnswerSide, d.AnswerBy, d.RemindOn = SideAgency, AddWorkingDays(t.Today, agencyAnswerDays), ""
	if err := t.updateDispute(d); err != nil {
		return err
	}
	if err := t.Insert(c.event(t, by, DisputeWentToAgency, d.facts(c))); err != nil {
		return err
	}
	return c.disputeToAgents(t, d)
}

// disputeToAgents tells the agents that a dispute wants one of them.
func (c *Case) disputeToAgents(t *Tx, d *Dispute) error {
	facts := d.facts(c)
	facts["case"] = c.Reference
	return c.TellAgents(t, LetterDisputeToAgency, facts)
}

// TakeUpDispute lets an agent mediate without waiting for a side.
func (s *Service) TakeUpDispute(ctx context.Context, by Actor, caseID, disputeID string) error {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return err
	}
	return s.onDispute(ctx, by, caseID, disputeID, func(t *Tx, c *Case, d *Dispute) error {
		if d.State == DisputeMediation {
			return nil // a second click changes nothing
		}
		return c.toMediation(t, by, d)
	})
}

// Sheet is one line that an agent writes on the mediation sheet.
type Sheet struct {
	Kind     StepKind
	Audience Audience // of StepLine: who reads it; facts and ways are read by both
	Words    string
	Way      WayOut
	Amount   money.Amount // of a way: what would still be owed of what is contested
	Files    []StepFile
	Language string
}

// WriteOnSheet adds to the mediation sheet.
func (s *Service) WriteOnSheet(ctx context.Context, by Actor, caseID, disputeID string, sheet Sheet) error {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return err
	}
	return s.onDispute(ctx, by, caseID, disputeID, func(t *Tx, c *Case, d *Dispute) error {
		switch {
		case d.State != DisputeMediation:
			return Refuse(Conflict, "dispute_is_"+string(d.State))
		case !slices.Contains(sheetKinds, sheet.Kind):
			return Refuse(Invalid, "answer_unknown").On("kind")
		case strings.TrimSpace(sheet.Words) == "":
			return Refuse(Invalid, "words_missing").On("message")
		}
		step := &DisputeStep{Kind: sheet.Kind, Side: SideAgency, Audience: ToAll, Words: sheet.Words, Files: sheet.Files, Language: sheet.Language}
		switch sheet.Kind {
		case StepCall, StepNote:
			step.Audience = ToTheAgencyOnly
		case StepLine:
			if step.Audience = sheet.Audience; !slices.Contains([]Audience{ToAll, ToDebtorOnly, ToCreditorOnly}, step.Audience) {
				return Refuse(Invalid, "audience_missing").On("audience")
			}
		case StepWay:
			contested, err := c.ContestedBy(d, t.Today)
			switch {
			case err != nil:
				return err
			case !slices.Contains(WaysOut, sheet.Way):
				return Refuse(Invalid, "way_unknown").On("way")
			case sheet.Amount.IsNegative() || sheet.Amount.Cmp(contested) > 0:
				return Refuse(Invalid, "amount_above_owed").On("amount").With("most", contested)
			}
			step.Way, step.Amount = sheet.Way, &sheet.Amount.Minor
		}
		if twice, err := d.stepJustNow(t, by, step); err != nil || twice {
			return err
		}
		if err := c.step(t, by, d, step, DisputeStepTaken); err != nil {
			return err
		}
		if (sheet.Kind == StepLine || sheet.Kind == StepWay) && step.Audience.Reaches(SideDebtor) {
			if err := c.tellDebtor(t, by, d, LetterDisputeNews); err != nil {
				return err
			}
		}
		if (sheet.Kind == StepLine || sheet.Kind == StepWay) && step.Audience.Reaches(SideCreditor) {
			return c.TellCreditor(t, LetterDisputeNews, d.facts(c))
		}
		return nil
	})
}

// AnswerWay says whether a side takes a way out. The agent writes the outcome.
func (s *Service) AnswerWay(ctx context.Context, by Actor, caseID, disputeID, wayID string, takes bool, r Reply) error {
	return s.onDispute(ctx, by, caseID, disputeID, func(t *Tx, c *Case, d *Dispute) error {
		side, _, err := c.sideOf(by)
		switch {
		case err != nil:
			return err
		case side == SideAgency:
			return Refuse(Forbidden, "not_your_role")
		case d.State != DisputeMediation:
			return Refuse(Conflict, "dispute_is_"+string(d.State))
		}
		way, _, err := d.way(t, wayID)
		if err != nil {
			return err
		}
		if side == SideCreditor {
			contested, err := c.ContestedBy(d, t.Today)
			if err != nil {
				return err
			}
			if err := by.mayDecide(contested); err != nil {
				return err
			}
		}
		kind := StepWayNo
		if takes {
			kind = StepWayYes
		}
		step := r.step(kind, side)
		step.Of, step.Amount = &way.ID, way.Amount
		if twice, err := d.stepJustNow(t, by, step); err != nil || twice {
			return err
		}
		if err := c.reply(t, by, d, step, DisputeStepTaken, r.Note); err != nil {
			return err
		}
		return c.disputeToAgents(t, d)
	})
}

// way finds a way out of this round with the latest word of each side on it.
func (d *Dispute) way(t *Tx, id string) (*DisputeStep, map[Side]bool, error) {
	var steps []DisputeStep
	if err := t.Where("dispute_id = ? AND round = ?", d.ID, d.Round).Order("at, id").Find(&steps).Error; err != nil {
		return nil, nil, fault(err, "dispute", d.ID)
	}
	var way *DisputeStep
	said := map[Side]bool{}
	for i := range steps {
		step := &steps[i]
		switch {
		case step.ID == id && step.Kind == StepWay:
			way = step
		case step.Of != nil && *step.Of == id:
			said[step.Side] = step.Kind == StepWayYes
		}
	}
	if way == nil {
		return nil, nil, errNotFound
	}
	return way, said, nil
}

// Resolution is the outcome of a mediation.
type Resolution struct {
	Outcome DisputeState // upheld, partly upheld, rejected or agreed
	WayID   string       // the way that both sides took; for agreed
	Credit  money.Amount // what the creditor gives up; for partly upheld
	Words   string       // why: both sides read it
	Note    string       // how the creditor agreed to give something up, where it did not say so here

	Language string // of the words
}

// ResolveDispute ends a mediation. An agent never gives up a creditor's money
// by themselves: a credit rests on a way that the creditor took, or on a note of
// how the creditor said yes.
func (s *Service) ResolveDispute(ctx context.Context, by Actor, caseID, disputeID string, r Resolution) error {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return err
	}
	return s.onDispute(ctx, by, caseID, disputeID, func(t *Tx, c *Case, d *Dispute) error {
		if d.State != DisputeMediation {
			return Refuse(Conflict, "dispute_is_"+string(d.State))
		}
		if strings.TrimSpace(r.Words) == "" {
			return Refuse(Invalid, "words_missing").On("message")
		}
		contested, err := c.ContestedBy(d, t.Today)
		if err != nil {
			return err
		}
		credit, agreed := money.New(0, c.Currency), strings.TrimSpace(r.Note) != ""
		switch r.Outcome {
		case DisputeUpheld:
			credit = contested
		case DisputePartly:
			if credit = r.Credit; !credit.IsPositive() || credit.Cmp(contested) >= 0 {
				return Refuse(Invalid, "part_out_of_range").On("credit").With("most", contested)
			}
		case DisputeRejected:
		case DisputeAgreed:
			way, said, err := d.way(t, r.WayID)
			if err != nil {
				return Refuse(Invalid, "way_unknown").On("way")
			}
			if !said[SideDebtor] || !said[SideCreditor] {
				return Refuse(Conflict, "way_not_taken").On("way")
			}
			agreed = true
			if credit = contested.Sub(money.New(*way.Amount, c.Currency)); credit.IsNegative() {
				credit = credit.Zero()
			}
		default:
			return Refuse(Invalid, "answer_unknown").On("outcome")
		}
		if credit.IsPositive() && !agreed {
			return Refuse(Invalid, "creditor_must_agree").On("note")
		}
		if err := c.givesUp(t, by, ActCredit, d.ID, credit); err != nil {
			return err
		}
		step := &DisputeStep{Kind: StepOutcome, Side: SideAgency, Audience: ToAll, Words: r.Words, Amount: &credit.Minor, Language: r.Language}
		if err := c.step(t, by, d, step, DisputeStepTaken); err != nil {
			return err
		}
		if err := c.note(t, by, d, r.Note); err != nil {
			return err
		}
		if err := c.liftDispute(t, by, d); err != nil {
			return err
		}
		if r.Outcome == DisputeUpheld { // to the cent, with the interest of today
			if credit, err = c.ContestedBy(d, t.Today); err != nil {
				return err
			}
		}
		if err := c.credit(t, by, d, credit); err != nil {
			return err
		}
		return c.closeDispute(t, by, d, r.Outcome)
	})
}
