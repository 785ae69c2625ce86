package negotiation

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"amiable/negotiation/money"
)

// Reply is what a side says to a dispute.
type Reply struct {
	Words    string
	Amount   money.Amount // of StepPart: so much is not owed
	Files    []StepFile
	Language string
	Note     string // how a side said so, where an agent writes it down; the agency reads it
}

func (r Reply) step(kind StepKind, side Side) *DisputeStep {
	return &DisputeStep{Kind: kind, Side: side, Audience: ToAll, Words: r.Words, Files: r.Files, Language: r.Language}
}

// AnswerDispute is the creditor's answer: nothing of it is owed (StepAccepted),
// a part is not (StepPart), or it is, with proof (StepMaintains). What the
// creditor gives up is an entry of the ledger at once.
func (s *Service) AnswerDispute(ctx context.Context, by Actor, caseID, disputeID string, kind StepKind, r Reply) error {
	return s.onDispute(ctx, by, caseID, disputeID, func(t *Tx, c *Case, d *Dispute) error {
		side, _, err := c.sideOf(by)
		switch {
		case err != nil:
			return err
		case side != SideCreditor:
			return Refuse(Forbidden, "not_your_role")
		case !d.WaitsFor(SideCreditor):
			return Refuse(Conflict, "dispute_is_"+string(d.State))
		}
		contested, err := c.ContestedBy(d, t.Today)
		if err != nil {
			return err
		}
		if err := by.mayDecide(contested); err != nil {
			return err
		}
		if err := by.said(r.Note); err != nil {
			return err
		}
		gives := money.New(0, c.Currency)
		switch kind {
		case StepAccepted:
			gives = contested
		case StepPart:
			gives = r.Amount
		}
		if err := c.givesUp(t, by, ActCredit, d.ID, gives); err != nil {
			return err
		}
		step := r.step(kind, SideCreditor)
		switch kind {
		case StepAccepted:
			if err := c.step(t, by, d, step, DisputeWasAnswered); err != nil {
				return err
			}
			if err := c.noteWord(t, by, d, r); err != nil {
				return err
			}
			if err := c.liftDispute(t, by, d); err != nil {
				return err
			}
			if contested, err = c.ContestedBy(d, t.Today); err != nil {
				return err
			}
			if err := c.credit(t, by, d, contested); err != nil {
				return err
			}
			return c.closeDispute(t, by, d, DisputeUpheld)
		case StepPart:
			if !r.Amount.IsPositive() || r.Amount.Cmp(contested) >= 0 {
				return Refuse(Invalid, "part_out_of_range").On("amount").With("most", contested)
			}
			step.Amount = &r.Amount.Minor
			if err := c.concede(t, by, d, r.Amount, contested); err != nil {
				return err
			}
		case StepMaintains:
			if strings.TrimSpace(r.Words) == "" {
				return Refuse(Invalid, "words_missing").On("message")
			}
		default:
			return Refuse(Invalid, "answer_unknown").On("answer")
		}
		if err := d.move(DisputeAnswered); err != nil {
			return err
		}
		d.AnswerSide, d.AnswerBy, d.RemindOn = SideDebtor, t.Today.Add(disputeReplyDays), ""
		if err := t.updateDispute(d); err != nil {
			return err
		}
		if err := c.step(t, by, d, step, DisputeWasAnswered); err != nil {
			return err
		}
		if err := c.noteWord(t, by, d, r); err != nil {
			return err
		}
		return c.tellDebtor(t, by, d, LetterDisputeAnswered)
	})
}

// concede credits a part of what is contested and holds the rest back.
func (c *Case) concede(t *Tx, by Actor, d *Dispute, part, contested money.Amount) error {
	if err := c.liftDispute(t, by, d); err != nil {
		return err
	}
	if err := c.credit(t, by, d, part); err != nil {
		return err
	}
	rest := contested.Sub(part).Minor
	d.Amount = &rest
	hold := &Hold{Reason: HoldDisputed, ClaimID: &d.ClaimID, Amount: d.Amount}
	if err := c.hold(t, by, hold); err != nil {
		return err
	}
	d.HoldID = &hold.ID
	return nil
}

// noteWord keeps how a side said what an agent wrote down for it.
func (c *Case) noteWord(t *Tx, by Actor, d *Dispute, r Reply) error {
	words := strings.TrimSpace(r.Note)
	if words == "" || by.OnBehalfOf == "" || !by.IsStaff() {
		return nil
	}
	return c.step(t, by, d, &DisputeStep{Kind: StepNote, Side: SideAgency, Audience: ToTheAgencyOnly, Words: words}, DisputeStepTaken)
}

func (c *Case) tellDebtor(t *Tx, by Actor, d *Dispute, kind LetterKind) error {
	party := c.Party(d.PartyID)
	if party == nil {
		return nil
	}
	_, err := c.Tell(t, by, party, kind, d.facts(c))
	return err
}

// ReplyToAnswer is the debtor's word on the creditor's answer: it settles the
// dispute, or an agent takes it up.
func (s *Service) ReplyToAnswer(ctx context.Context, by Actor, caseID, disputeID string, settles bool, r Reply) error {
	return s.onDispute(ctx, by, caseID, disputeID, func(t *Tx, c *Case, d *Dispute) error {
		side, _, err := c.contestSide(by)
		switch {
		case err != nil:
			return err
		case side != SideDebtor:
			return Refuse(Forbidden, "not_your_role")
		case d.State != DisputeAnswered:
			return Refuse(Conflict, "dispute_is_"+string(d.State))
		}
		if err := by.said(r.Note); err != nil {
			return err
		}
		if settles {
			if _, _, err := c.sideOf(by); err != nil { // this binds: the debtor's own word
				return err
			}
			if err := c.step(t, by, d, r.step(StepSettles, SideDebtor), DisputeStepTaken); err != nil {
				return err
			}
			if err := c.noteWord(t, by, d, r); err != nil {
				return err
			}
			if d.Credited > 0 {
				return c.closeDispute(t, by, d, DisputePartly)
			}
			return c.closeDispute(t, by, d, DisputeWasWithdraw)
		}
		if strings.TrimSpace(r.Words) == "" {
			return Refuse(Invalid, "words_missing").On("message")
		}
		if err := c.step(t, by, d, r.step(StepDisagrees, SideDebtor), DisputeStepTaken); err != nil {
			return err
		}
		if err := c.noteWord(t, by, d, r); err != nil {
			return err
		}
		return c.toMediation(t, by, d)
	})
}

// toMediation hands a dispute to the agents.
func (c *Case) toMediation(t *Tx, by Actor, d *Dispute) error {
	if err := d.move(DisputeMediation); err != nil {
		return err
	}
	d.AnswerSide, d.AnswerBy, d.RemindOn = SideAgency, AddWorkingDays(t.Today, agencyAnswerDays), ""
	if err := t.updateDispute(d); err != nil {
		return err
	}
	facts := d.facts(c)
	if err := t.Insert(c.event(t, by, DisputeWentToAgency, facts)); err != nil {
		return err
	}
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

// WithdrawDispute takes a dispute back, by who contested: what was held is owed
// again, and nothing more is recognised by it.
func (s *Service) WithdrawDispute(ctx context.Context, by Actor, caseID, disputeID string, r Reply) error {
	return s.onDispute(ctx, by, caseID, disputeID, func(t *Tx, c *Case, d *Dispute) error {
		side, _, err := c.sideOf(by)
		switch {
		case err != nil:
			return err
		case side != SideDebtor:
			return Refuse(Forbidden, "not_your_role")
		case d.State == DisputeWasWithdraw:
			return nil // a second click changes nothing
		case !d.IsOpen():
			return Refuse(Conflict, "dispute_is_"+string(d.State))
		}
		if err := by.said(r.Note); err != nil {
			return err
		}
		if err := c.step(t, by, d, r.step(StepWithdrawn, SideDebtor), DisputeStepTaken); err != nil {
			return err
		}
		if err := c.noteWord(t, by, d, r); err != nil {
			return err
		}
		return c.closeDispute(t, by, d, DisputeWasWithdraw)
	})
}

// ReopenDispute begins another round on new facts. Nothing of the earlier ones
// is changed.
func (s *Service) ReopenDispute(ctx context.Context, by Actor, caseID, disputeID string, k Contest) error {
	return s.onDispute(ctx, by, caseID, disputeID, func(t *Tx, c *Case, d *Dispute) error {
		side, _, err := c.contestSide(by)
		switch {
		case err != nil:
			return err
		case side != SideDebtor:
			return Refuse(Forbidden, "not_your_role")
		case d.IsOpen():
			return Refuse(Conflict, "dispute_is_"+string(d.State))
		case c.IsClosed() || c.State == CaseReferred:
			return Refuse(Conflict, "case_is_"+string(c.State))
		case strings.TrimSpace(k.Words) == "" && len(k.Files) == 0:
			return Refuse(Invalid, "new_facts_missing").On("message")
		}
		others, err := disputesOf(t.DB, c.ID)
		if err != nil {
			return err
		}
		for i := range others {
			if others[i].ClaimID == d.ClaimID && others[i].IsOpen() {
				return Refuse(Conflict, "dispute_open_already")
			}
		}
		var again int64
		if err := t.Model(&DisputeStep{}).Where("dispute_id = ? AND kind = ? AND at > ?", d.ID, StepReopened, t.Now.Add(-24*time.Hour)).Count(&again).Error; err != nil {
			return fault(err, "dispute", d.ID)
		}
		if again >= reopenedADay && !by.IsStaff() {
			return Refuse(Conflict, "reopened_often")
		}
		d.Amount = nil
		owed, err := c.ContestedBy(d, t.Today)
		switch {
		case err != nil:
			return err
		case !owed.IsPositive():
			return Refuse(Conflict, "nothing_left_to_pay")
		case k.Amount.IsNegative() || k.Amount.Cmp(owed) > 0:
			return Refuse(Invalid, "amount_above_owed").On("amount").With("most", owed)
		case k.Amount.IsPositive() && k.Amount.Cmp(owed) < 0:
			d.Amount = &k.Amount.Minor
		}
		if err := d.move(DisputeOpened); err != nil {
			return err
		}
		d.Round++
		d.OpenedAt, d.ClosedAt, d.ClosedBy = t.Now, nil, ""
		step := &DisputeStep{Kind: StepReopened, Side: SideDebtor, Audience: ToAll, Words: k.Words, Amount: d.Amount, Files: k.Files, Language: k.Language}
		return c.beginRound(t, by, d, step, false)
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
		if err := by.said(r.Note); err != nil {
			return err
		}
		kind := StepWayNo
		if takes {
			kind = StepWayYes
		}
		step := r.step(kind, side)
		step.Of, step.Amount = &way.ID, way.Amount
		if err := c.step(t, by, d, step, DisputeStepTaken); err != nil {
			return err
		}
		if err := c.noteWord(t, by, d, r); err != nil {
			return err
		}
		facts := d.facts(c)
		facts["case"] = c.Reference
		return c.TellAgents(t, LetterDisputeToAgency, facts)
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
		if note := strings.TrimSpace(r.Note); note != "" {
			if err := c.step(t, by, d, &DisputeStep{Kind: StepNote, Side: SideAgency, Audience: ToTheAgencyOnly, Words: note}, DisputeStepTaken); err != nil {
				return err
			}
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

// WatchDisputes does what the answer clocks of disputes owe: one reminder to the
// creditor; silence of either side goes to the agents. It ends nothing.
func (s *Service) WatchDisputes(ctx context.Context, limit int) (int, error) {
	today, err := s.Today(ctx)
	if err != nil {
		return 0, err
	}
	var rows []Dispute
	err = s.db.Read(ctx).Where("closed_at IS NULL AND answer_side <> ? AND (answer_by < ? OR remind_on <= ?)", SideAgency, today, today).
		Order("answer_by, id").Limit(limit).Find(&rows).Error
	if err != nil {
		return 0, fault(err, "disputes to answer", "")
	}
	done := 0
	var faults []error
	for _, row := range rows {
		err := s.onDispute(ctx, System, row.CaseID, row.ID, func(t *Tx, c *Case, d *Dispute) error {
			switch {
			case !d.IsOpen() || d.AnswerSide == SideAgency:
			case t.Today.After(d.AnswerBy):
				done++
				if err := c.step(t, System, d, &DisputeStep{Kind: StepSilence, Side: d.AnswerSide, Audience: ToAll}, DisputeStepTaken); err != nil {
					return err
				}
				return c.toMediation(t, System, d)
			case !d.RemindOn.IsZero() && !t.Today.Before(d.RemindOn):
				done++
				d.RemindOn = ""
				if err := t.updateDispute(d); err != nil {
					return err
				}
				return c.TellCreditor(t, LetterDisputeReminder, d.facts(c))
			}
			return nil
		})
		if err != nil {
			faults = append(faults, fault(err, "dispute", row.ID)) // the others have their turn
		}
	}
	return done, errors.Join(faults...)
}
