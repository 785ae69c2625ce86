package negotiation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"amiable/negotiation/database"
	"amiable/negotiation/money"
)

const (
	disputeWordsMax  = 4_000 // characters of one step
	disputeFilesMax  = 8     // of one step
	disputeAnswerIn  = 5     // working days within which the creditor answers a dispute
	disputeRemindIn  = 4     // working days after which it is reminded, once
	reopenedADay     = 3     // times that one dispute is opened again within a day: each is a letter to the creditor
	disputeReplyDays = 14    // days within which the debtor says whether the answer settles it
)

// Contest is what a debtor contests, and why.
type Contest struct {
	ClaimID  string
	Amount   money.Amount // zero: the whole claim
	Ground   Ground
	Words    string
	Files    []StepFile
	Language string
}

// OpenDispute freezes what a debtor contests, in the same moment, and asks the
// creditor. It recognises nothing of the rest.
func (s *Service) OpenDispute(ctx context.Context, by Actor, caseID string, k Contest) (*Dispute, error) {
	var d *Dispute
	err := s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		party, err := c.mayContest(by)
		if err != nil {
			return err
		}
		claim := c.claim(k.ClaimID)
		switch {
		case claim == nil:
			return Refuse(Invalid, "claim_unknown").On("claim")
		case !slices.Contains(Grounds, k.Ground):
			return Refuse(Invalid, "ground_unknown").On("ground")
		case k.Ground == GroundOther && strings.TrimSpace(k.Words) == "":
			return Refuse(Invalid, "words_missing").On("message")
		}
		if d, err = c.contestedJustNow(t, by, claim, k); err != nil || d != nil {
			return err
		}
		known, err := c.disputesBeside(t, claim)
		if err != nil {
			return err
		}
		d = &Dispute{
			ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, ClaimID: claim.ID, PartyID: party.ID, Number: int64(len(known)) + 1, State: DisputeOpened,
			Ground: k.Ground, Round: 1, OpenedAt: t.Now, CreatedAt: t.Now,
		}
		if err := c.contest(d, k.Amount, t.Today); err != nil {
			return err
		}
		step := &DisputeStep{Kind: StepOpened, Side: SideDebtor, Audience: ToAll, Words: k.Words, Amount: d.Amount, Language: k.Language, Files: k.Files}
		return c.beginRound(t, by, d, step, true)
	})
	return d, err
}

// ReopenDispute begins another round on new facts. Nothing of the earlier ones
// is changed.
func (s *Service) ReopenDispute(ctx context.Context, by Actor, caseID, disputeID string, k Contest) error {
	return s.onDispute(ctx, by, caseID, disputeID, func(t *Tx, c *Case, d *Dispute) error {
		switch _, err := c.mayContest(by); {
		case err != nil:
			return err
		case d.IsOpen():
			return Refuse(Conflict, "dispute_is_"+string(d.State))
		case strings.TrimSpace(k.Words) == "" && len(k.Files) == 0:
			return Refuse(Invalid, "new_facts_missing").On("message")
		}
		if _, err := c.disputesBeside(t, c.claim(d.ClaimID)); err != nil {
			return err
		}
		var again int64
		if err := t.Model(&DisputeStep{}).Where("dispute_id = ? AND kind = ? AND at > ?", d.ID, StepReopened, t.Now.Add(-24*time.Hour)).Count(&again).Error; err != nil {
			return fault(err, "dispute", d.ID)
		}
		if again >= reopenedADay && !by.IsStaff() {
			return Refuse(Conflict, "reopened_often")
		}
		if err := c.contest(d, k.Amount, t.Today); err != nil {
			return err
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

// mayContest returns the party for whom somebody contests, or says why they may
// not.
func (c *Case) mayContest(by Actor) (*Party, error) {
	side, party, err := c.contestSide(by)
	switch {
	case err != nil:
		return nil, err
	case side != SideDebtor:
		return nil, Refuse(Forbidden, "not_your_role")
	case c.IsClosed() || c.State == CaseReferred:
		return nil, Refuse(Conflict, "case_is_"+string(c.State))
	}
	return party, nil
}

// disputesBeside returns the disputes of the case. A claim has at most one that
// is open.
func (c *Case) disputesBeside(t *Tx, claim *Claim) ([]Dispute, error) {
	known, err := disputesOf(t.DB, c.ID)
	if err != nil {
		return nil, err
	}
	for i := range known {
		if known[i].ClaimID == claim.ID && known[i].IsOpen() {
			return nil, Refuse(Conflict, "dispute_open_already").With("invoice", claim.InvoiceNumber)
		}
	}
	return known, nil
}

// contest sets the sum that a round is about: nothing or everything named is
// the whole claim.
func (c *Case) contest(d *Dispute, amount money.Amount, on Day) error {
	d.Amount = nil
	owed, err := c.ContestedBy(d, on)
	switch {
	case err != nil:
		return err
	case !owed.IsPositive():
		return Refuse(Conflict, "nothing_left_to_pay")
	case amount.IsNegative():
		return Refuse(Invalid, "amount_not_positive").On("amount")
	case amount.Cmp(owed) > 0:
		return Refuse(Invalid, "amount_above_owed").On("amount").With("most", owed)
	case amount.IsPositive() && amount.Cmp(owed) < 0:
		d.Amount = &amount.Minor
	}
	return nil
}

// contestSide is sideOf, but an adviser may contest in the debtor's place: it
// binds nobody.
func (c *Case) contestSide(by Actor) (Side, *Party, error) {
	if by.Role == RoleDebtor {
		if party := c.Party(by.ID); party != nil {
			return SideDebtor, party, nil
		}
	}
	if p := c.Party(by.ID); by.Role == RoleAdviser && p != nil && p.ForPartyID != nil {
		if by.Limits = p.Limits; by.May(ActWrite) { // as it stands now, under the lock
			return SideDebtor, c.Party(*p.ForPartyID), nil
		}
	}
	return c.sideOf(by)
}

// beginRound holds what is contested and asks the creditor; fresh is true for a
// dispute that is new.
func (c *Case) beginRound(t *Tx, by Actor, d *Dispute, step *DisputeStep, fresh bool) error {
	hold := &Hold{Reason: HoldDisputed, ClaimID: &d.ClaimID, Amount: d.Amount}
	if err := c.PlaceHold(t, by, hold); err != nil {
		return err
	}
	d.HoldID = &hold.ID
	d.AnswerSide, d.AnswerBy, d.RemindOn = SideCreditor, AddWorkingDays(t.Today, disputeAnswerIn), AddWorkingDays(t.Today, disputeRemindIn)
	kind := DisputeWasReopened
	if fresh {
		kind = DisputeWasOpened
		if err := t.Insert(d); err != nil {
			return err
		}
	} else if err := t.updateDispute(d); err != nil {
		return err
	}
	if err := c.step(t, by, d, step, kind); err != nil {
		return err
	}
	if err := c.tellDebtor(t, by, d, LetterDisputeReceived); err != nil {
		return err
	}
	if d.Ground == GroundTimeBarred || d.Ground == GroundNotMine { // these a person of the agency looks at as well
		if err := c.disputeToAgents(t, d); err != nil {
			return err
		}
	}
	return c.TellCreditor(t, LetterDispute, d.facts(c))
}

// facts are what an event and a letter tell of a dispute: no words of anybody.
func (d *Dispute) facts(c *Case) map[string]any {
	facts := map[string]any{"dispute": d.ID, "number": d.Number, "ground": d.Ground, "round": d.Round, "state": d.State, "answer_by": d.AnswerBy}
	if claim := c.claim(d.ClaimID); claim != nil {
		facts["invoice"] = claim.InvoiceNumber
	}
	if d.Amount != nil {
		facts["amount"] = money.New(*d.Amount, c.Currency)
	}
	return facts
}

// step writes a step of a dispute, with its files, and the event that says so.
func (c *Case) step(t *Tx, by Actor, d *Dispute, step *DisputeStep, kind EventKind) error {
	step.Words = strings.TrimSpace(step.Words)
	switch {
	case utf8.RuneCountInString(step.Words) > disputeWordsMax:
		return Refuse(Invalid, "words_too_long").On("message").With("n", disputeWordsMax)
	case len(step.Files) > disputeFilesMax:
		return Refuse(Invalid, "too_many_files").On("files").With("n", disputeFilesMax)
	}
	step.ID, step.CaseID, step.DisputeID, step.Round, step.At = newID(), c.ID, d.ID, d.Round, t.Now
	step.ByRole, step.ByID, step.ByName, step.OnBehalfOf = by.Role, by.ID, by.Name, by.OnBehalfOf
	if step.Language == "" {
		step.Language = "fr"
	}
	facts := d.facts(c)
	facts["step"], facts["step_kind"], facts["files"] = step.ID, step.Kind, len(step.Files)
	facts["side"], facts["audience"] = step.Side, step.Audience // whoever tells of it tells nobody else
	if step.Amount != nil {
		facts["amount"] = money.New(*step.Amount, c.Currency)
	}
	if err := t.Insert(step, c.event(t, by, kind, facts)); err != nil {
		return err
	}
	for i := range step.Files {
		f := &step.Files[i]
		f.StepID, f.Position = step.ID, int64(i+1)
		if err := t.Insert(f); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) updateDispute(d *Dispute) error {
	return fault(t.Model(d).Where("id = ?", d.ID).Select(
		"State", "Amount", "HoldID", "Round", "Credited", "AnswerSide", "AnswerBy", "RemindOn", "ClosedAt", "ClosedBy", "OpenedAt",
	).Updates(d).Error, "dispute", d.ID)
}

func disputesOf(tx *gorm.DB, caseID string) ([]Dispute, error) {
	var disputes []Dispute
	err := tx.Session(&gorm.Session{NewDB: true}).Where("case_id = ?", caseID).Order("number").Find(&disputes).Error
	return disputes, fault(err, "disputes of case", caseID)
}

// onDispute finds a dispute under the lock of its case.
func (s *Service) onDispute(ctx context.Context, by Actor, caseID, disputeID string, do func(t *Tx, c *Case, d *Dispute) error) error {
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		if !ValidID(disputeID) {
			return errNotFound
		}
		disputes, err := disputesOf(t.DB, c.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(disputes, func(d Dispute) bool { return d.ID == disputeID })
		if i < 0 {
			return errNotFound
		}
		return do(t, c, &disputes[i])
	})
}

// DisputeFile is a dispute with its steps, as a side may read them.
type DisputeFile struct {
	Dispute
	Claim *Claim
	Steps []DisputeStep
}

// Disputes returns the disputes of a case, oldest first, with the steps that
// the reader's side may read.
func (s *Service) Disputes(ctx context.Context, by Actor, c *Case) ([]DisputeFile, error) {
	if !by.MaySee(c) {
		return nil, errNotFound
	}
	side := by.Side()
	disputes, err := disputesOf(s.db.Read(ctx), c.ID)
	if err != nil || len(disputes) == 0 {
		return nil, err
	}
	var (
		steps []DisputeStep
		files []StepFile
	)
	err = s.db.Send(s.db.Read(ctx),
		database.Statement{SQL: selectSteps, Args: []any{c.ID}, Rows: database.Read(&steps), What: "steps of disputes"},
		database.Statement{SQL: selectStepFiles, Args: []any{c.ID}, Rows: database.Read(&files), What: "files of disputes"},
	)
	if err != nil {
		return nil, fault(err, "disputes of case", c.ID)
	}
	list := make([]DisputeFile, len(disputes))
	for i, d := range disputes {
		list[i] = DisputeFile{Dispute: d, Claim: c.claim(d.ClaimID)}
		for _, step := range steps {
			if step.DisputeID != d.ID || !step.Audience.Reaches(side) {
				continue
			}
			for _, f := range files {
				if f.StepID == step.ID {
					step.Files = append(step.Files, f)
				}
			}
			list[i].Steps = append(list[i].Steps, step)
		}
	}
	return list, nil
}

var (
	selectSteps     = "SELECT " + database.Columns[DisputeStep]("") + " FROM dispute_steps WHERE case_id = ? ORDER BY at, id"
	selectStepFiles = "SELECT " + database.Columns[StepFile]("f.") + " FROM dispute_files f JOIN dispute_steps s ON s.id = f.step_id WHERE s.case_id = ? ORDER BY f.step_id, f.position"
)

// liftDispute ends the hold of a dispute, if it still stands.
func (c *Case) liftDispute(t *Tx, by Actor, d *Dispute) error {
	for i := range c.Holds {
		h := &c.Holds[i]
		if d.HoldID == nil || h.ID != *d.HoldID || h.LiftedAt != nil {
			continue
		}
		return c.liftHold(t, by, h)
	}
	return nil
}

// credit gives up a sum of the contested claim, as an entry of the ledger.
func (c *Case) credit(t *Tx, by Actor, d *Dispute, amount money.Amount) error {
	if !amount.IsPositive() {
		return nil
	}
	number := fmt.Sprintf("%s-C%d-%d", c.Reference, d.Number, d.Round)
	for n := 2; ; n++ {
		done, err := c.creditNote(t, by, creditNote{ClaimID: d.ClaimID, Number: number, Amount: amount, On: t.Today})
		if err != nil {
			return err
		}
		if done {
			d.Credited += amount.Minor
			return nil
		}
		number = fmt.Sprintf("%s-C%d-%d.%d", c.Reference, d.Number, d.Round, n)
	}
}

// closeDispute ends a dispute: the hold is lifted, and both sides get the
// outcome in writing.
func (c *Case) closeDispute(t *Tx, by Actor, d *Dispute, to DisputeState) error {
	if err := d.move(to); err != nil {
		return err
	}
	d.ClosedAt, d.ClosedBy, d.RemindOn = &t.Now, by.Name, ""
	if err := c.liftDispute(t, by, d); err != nil {
		return err
	}
	if err := t.updateDispute(d); err != nil {
		return err
	}
	left, err := c.Statement(t.Today)
	if err != nil {
		return err
	}
	facts := d.facts(c)
	facts["credited"], facts["owed"] = money.New(d.Credited, c.Currency), left.Total
	if err := t.Insert(c.event(t, by, DisputeClosed, facts)); err != nil {
		return err
	}
	if party := c.Party(d.PartyID); party != nil {
		if _, err := c.Tell(t, by, party, LetterDisputeOutcome, facts); err != nil {
			return err
		}
	}
	return c.TellCreditor(t, LetterDisputeOutcome, facts)
}

// stepJustNow says whether a step is the last that the same person took on the
// same side: a second press of the button, on a slow network, puts nothing more
// on the sheet and tells nobody again.
func (d *Dispute) stepJustNow(t *Tx, by Actor, step *DisputeStep) (bool, error) {
	var last []DisputeStep
	err := t.Where("dispute_id = ? AND round = ? AND side = ? AND by_id = ? AND on_behalf_of = ? AND at > ?",
		d.ID, d.Round, step.Side, by.ID, by.OnBehalfOf, t.Now.Add(-pressedTwice)).Order("at DESC, id DESC").Limit(1).Find(&last).Error
	if err != nil || len(last) == 0 {
		return false, fault(err, "dispute", d.ID)
	}
	was := &last[0]
	same := was.Kind == step.Kind && was.Audience == step.Audience && was.Words == strings.TrimSpace(step.Words) && was.Way == step.Way &&
		equal(was.Amount, step.Amount) && equal(was.Of, step.Of)
	if !same {
		return false, nil
	}
	var files []StepFile
	if err := t.Where("step_id = ?", was.ID).Order("position").Find(&files).Error; err != nil {
		return false, fault(err, "files of step", was.ID)
	}
	return slices.EqualFunc(files, step.Files, func(a, b StepFile) bool { return a.Hash == b.Hash }), nil
}

// contestedJustNow returns the dispute that the same form opened already, on its
// first press.
func (c *Case) contestedJustNow(t *Tx, by Actor, claim *Claim, k Contest) (*Dispute, error) {
	var opened []Dispute
	err := t.Where("claim_id = ? AND case_id = ? AND state = ? AND round = 1 AND ground = ? AND opened_at > ?", claim.ID, c.ID, DisputeOpened, k.Ground, t.Now.Add(-pressedTwice)).
		Limit(1).Find(&opened).Error
	if err != nil || len(opened) == 0 {
		return nil, fault(err, "disputes of case", c.ID)
	}
	step := &DisputeStep{Kind: StepOpened, Side: SideDebtor, Audience: ToAll, Words: k.Words, Files: k.Files}
	if !k.Amount.IsZero() {
		step.Amount = &k.Amount.Minor
	}
	if twice, err := opened[0].stepJustNow(t, by, step); err != nil || !twice {
		return nil, err
	}
	return &opened[0], nil
}

// equal says whether two optional values are the same.
func equal[T comparable](a, b *T) bool {
	return a == b || (a != nil && b != nil && *a == *b)
}
