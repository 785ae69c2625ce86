package negotiation

import (
	"context"
	"strings"

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
// creditor gives up is an entry of the ledger at once. One that comes late finds
// an agent at work, who goes on from it.
func (s *Service) AnswerDispute(ctx context.Context, by Actor, caseID, disputeID string, kind StepKind, r Reply) error {
	return s.onDispute(ctx, by, caseID, disputeID, func(t *Tx, c *Case, d *Dispute) error {
		side, _, err := c.sideOf(by)
		switch {
		case err != nil:
			return err
		case side != SideCreditor:
			return Refuse(Forbidden, "not_your_role")
		case !d.WaitsFor(SideCreditor) && d.State != DisputeMediation:
			return Refuse(Conflict, "dispute_is_"+string(d.State))
		}
		contested, err := c.ContestedBy(d, t.Today)
		if err != nil {
			return err
		}
		if err := by.mayDecide(contested); err != nil {
			return err
		}
		step := r.step(kind, SideCreditor)
		switch kind {
		case StepAccepted:
			if err := c.reply(t, by, d, step, DisputeWasAnswered, r.Note); err != nil {
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
		late := d.State == DisputeMediation
		if !late {
			if err := d.move(DisputeAnswered); err != nil {
				return err
			}
			d.AnswerSide, d.AnswerBy, d.RemindOn = SideDebtor, t.Today.Add(disputeReplyDays), ""
		}
		if err := t.updateDispute(d); err != nil {
			return err
		}
		if err := c.reply(t, by, d, step, DisputeWasAnswered, r.Note); err != nil {
			return err
		}
		if !late {
			return c.tellDebtor(t, by, d, LetterDisputeAnswered)
		}
		if err := c.tellDebtor(t, by, d, LetterDisputeNews); err != nil {
			return err
		}
		return c.disputeToAgents(t, d)
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

// reply writes a side's step, and how it said so where an agent writes it down.
func (c *Case) reply(t *Tx, by Actor, d *Dispute, step *DisputeStep, kind EventKind, note string) error {
	if err := by.said(note); err != nil {
		return err
	}
	if err := c.step(t, by, d, step, kind); err != nil {
		return err
	}
	if by.OnBehalfOf == "" || !by.IsStaff() {
		return nil
	}
	return c.note(t, by, d, note)
}

// note keeps what only the agency reads.
func (c *Case) note(t *Tx, by Actor, d *Dispute, words string) error {
	if strings.TrimSpace(words) == "" {
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
		if settles {
			if _, _, err := c.sideOf(by); err != nil { // this binds: the debtor's own word
				return err
			}
			if err := c.reply(t, by, d, r.step(StepSettles, SideDebtor), DisputeStepTaken, r.Note); err != nil {
				return err
			}
			conceded, err := t.stepped(d, StepPart)
			switch {
			case err != nil:
				return err
			case conceded:
				return c.closeDispute(t, by, d, DisputePartly)
			}
			return c.closeDispute(t, by, d, DisputeWasWithdraw)
		}
		if strings.TrimSpace(r.Words) == "" {
			return Refuse(Invalid, "words_missing").On("message")
		}
		if err := c.reply(t, by, d, r.step(StepDisagrees, SideDebtor), DisputeStepTaken, r.Note); err != nil {
			return err
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
		if err := c.reply(t, by, d, r.step(StepWithdrawn, SideDebtor), DisputeStepTaken, r.Note); err != nil {
			return err
		}
		return c.closeDispute(t, by, d, DisputeWasWithdraw)
	})
}

// stepped says whether a step of this kind stands in the dispute's round.
func (t *Tx) stepped(d *Dispute, kind StepKind) (bool, error) {
	var steps int64
	err := t.Model(&DisputeStep{}).Where("dispute_id = ? AND round = ? AND kind = ?", d.ID, d.Round, kind).Count(&steps).Error
	return steps > 0, fault(err, "dispute", d.ID)
}
