package negotiation

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"amiable/negotiation/money"
)

// ApprovalAct is what gives up a creditor's money.
type ApprovalAct string

const (
	ActSettle   ApprovalAct = "settlement" // terms that ask for less than is owed; its subject is the case
	ActCredit   ApprovalAct = "credit"     // the outcome of a dispute, or a credit note; its subject is either's dispute or claim
	ActWithdraw ApprovalAct = "withdrawal" // the case is given back; its subject is the case
)

// ApprovalState is where the life of an approval stands.
type ApprovalState string

const (
	ApprovalIsAsked   ApprovalState = "asked"
	ApprovalIsGiven   ApprovalState = "given"
	ApprovalIsRefused ApprovalState = "refused"
	ApprovalIsUsed    ApprovalState = "used"    // the act was done
	ApprovalIsDropped ApprovalState = "dropped" // by who had asked
)

var approvalMoves = map[ApprovalState][]ApprovalState{
	ApprovalIsAsked:   {ApprovalIsGiven, ApprovalIsRefused, ApprovalIsDropped},
	ApprovalIsGiven:   {ApprovalIsUsed},
	ApprovalIsRefused: {},
	ApprovalIsUsed:    {},
	ApprovalIsDropped: {},
}

const approvalWordsMax = 2_000

// Approval is a second pair of eyes: an agent asks for what they may not give up
// alone, another person of the agency answers, and the act itself uses the
// answer up. The act stays with who asked; the second person's name stands
// beside it.
type Approval struct {
	ID         string
	CreditorID string
	CaseID     string
	Act        ApprovalAct
	SubjectID  string
	Amount     int64 // minor units given up, at most
	Words      string
	State      ApprovalState
	ByID       string
	ByName     string
	SecondID   string
	SecondName string
	Answer     string
	AnsweredAt *time.Time
	CreatedAt  time.Time
}

func (a *Approval) move(to ApprovalState) error {
	for _, allowed := range approvalMoves[a.State] {
		if allowed == to {
			a.State = to
			return nil
		}
	}
	return Refuse(Conflict, "approval_is_"+string(a.State))
}

// givesUp is the one door through which an agent gives up a creditor's money:
// within their own limit, or with the yes of a second person, which it uses up.
// Creditors' people have limits of their own (mayDecide).
func (c *Case) givesUp(t *Tx, by Actor, act ApprovalAct, subjectID string, sum money.Amount) error {
	if !by.IsStaff() || !sum.IsPositive() || by.GivesAlone(sum) {
		return nil
	}
	var given []Approval
	err := t.Where("case_id = ? AND act = ? AND subject_id = ? AND by_id = ? AND state = ? AND amount >= ?", c.ID, act, subjectID, by.ID, ApprovalIsGiven, sum.Minor).
		Limit(1).Find(&given).Error
	if err != nil {
		return fault(err, "approvals of case", c.ID)
	}
	if len(given) == 0 {
		return Refuse(Forbidden, "second_person").With("most", money.New(max(0, by.GivesUpTo), c.Currency)).With("sum", sum)
	}
	a := &given[0]
	if err := a.move(ApprovalIsUsed); err != nil {
		return err
	}
	if err := t.Model(a).Where("id = ?", a.ID).Update("state", a.State).Error; err != nil {
		return fault(err, "approval", a.ID)
	}
	return t.Insert(c.event(t, by, ApprovalUsed, map[string]any{"approval": a.ID, "act": act, "amount": sum, "second": a.SecondName}))
}

// AskApproval asks a colleague for a second look at what the agent may not give
// up alone.
func (s *Service) AskApproval(ctx context.Context, by Actor, caseID string, a Approval) (*Approval, error) {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return nil, err
	}
	a.Words = strings.TrimSpace(a.Words)
	err := s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		sum := money.New(a.Amount, c.Currency)
		switch {
		case c.IsClosed():
			return Refuse(Conflict, "case_is_"+string(c.State))
		case !sum.IsPositive():
			return Refuse(Invalid, "amount_not_positive").On("amount")
		case by.GivesAlone(sum):
			return Refuse(Invalid, "approval_not_needed").On("amount")
		case a.Words == "":
			return Refuse(Invalid, "words_missing").On("message")
		case utf8.RuneCountInString(a.Words) > approvalWordsMax:
			return Refuse(Invalid, "words_too_long").On("message").With("n", approvalWordsMax)
		}
		if err := c.approvable(t, &a); err != nil {
			return err
		}
		var open int64
		err := t.Model(&Approval{}).Where("case_id = ? AND act = ? AND subject_id = ? AND by_id = ? AND state IN ?", c.ID, a.Act, a.SubjectID, by.ID,
			[]ApprovalState{ApprovalIsAsked, ApprovalIsGiven}).Count(&open).Error
		if err != nil {
			return fault(err, "approvals of case", c.ID)
		}
		if open > 0 {
			return Refuse(Conflict, "approval_asked_already")
		}
		a.ID, a.CreditorID, a.CaseID, a.State, a.ByID, a.ByName, a.CreatedAt = newID(), c.CreditorID, c.ID, ApprovalIsAsked, by.ID, by.Name, t.Now
		a.SecondID, a.SecondName, a.Answer, a.AnsweredAt = "", "", "", nil
		return t.Insert(&a, c.event(t, by, ApprovalAsked, map[string]any{"approval": a.ID, "act": a.Act, "amount": sum}))
	})
	return &a, err
}

// approvable looks whether the act is one of the case.
func (c *Case) approvable(t *Tx, a *Approval) error {
	switch a.Act {
	case ActSettle, ActWithdraw:
		a.SubjectID = c.ID
		return nil
	case ActCredit:
		if c.claim(a.SubjectID) != nil {
			return nil
		}
		disputes, err := disputesOf(t.DB, c.ID)
		if err != nil {
			return err
		}
		for i := range disputes {
			if disputes[i].ID == a.SubjectID && disputes[i].IsOpen() {
				return nil
			}
		}
		return Refuse(Invalid, "approval_subject").On("subject")
	}
	return Refuse(Invalid, "approval_act").On("act")
}

// AnswerApproval is the second person's yes or no. It is never the first's, and
// a yes is only for who could do the act alone, or leads the team.
func (s *Service) AnswerApproval(ctx context.Context, by Actor, caseID, approvalID string, yes bool, answer string) error {
	answer = strings.TrimSpace(answer)
	return s.onApproval(ctx, by, caseID, approvalID, func(t *Tx, c *Case, a *Approval) error {
		to, event := ApprovalIsGiven, ApprovalGiven
		if !yes {
			to, event = ApprovalIsRefused, ApprovalRefused
		}
		switch {
		case a.State == to && a.SecondID == by.ID:
			return nil // a second click changes nothing
		case a.ByID == by.ID:
			return Refuse(Forbidden, "approval_your_own")
		case yes && !by.Leads() && !by.GivesAlone(money.New(a.Amount, c.Currency)):
			return Refuse(Forbidden, "approval_above_yours")
		case !yes && answer == "":
			return Refuse(Invalid, "reason_missing").On("message")
		case utf8.RuneCountInString(answer) > approvalWordsMax:
			return Refuse(Invalid, "words_too_long").On("message").With("n", approvalWordsMax)
		}
		if err := a.move(to); err != nil {
			return err
		}
		a.SecondID, a.SecondName, a.Answer, a.AnsweredAt = by.ID, by.Name, answer, &t.Now
		if err := t.Model(a).Where("id = ?", a.ID).Select("State", "SecondID", "SecondName", "Answer", "AnsweredAt").Updates(a).Error; err != nil {
			return fault(err, "approval", a.ID)
		}
		return t.Insert(c.event(t, by, event, map[string]any{"approval": a.ID, "act": a.Act, "amount": money.New(a.Amount, c.Currency)}))
	})
}

// DropApproval takes back what was asked and not answered yet.
func (s *Service) DropApproval(ctx context.Context, by Actor, caseID, approvalID string) error {
	return s.onApproval(ctx, by, caseID, approvalID, func(t *Tx, c *Case, a *Approval) error {
		switch {
		case a.State == ApprovalIsDropped:
			return nil
		case a.ByID != by.ID && !by.Leads():
			return Refuse(Forbidden, "not_your_role")
		}
		if err := a.move(ApprovalIsDropped); err != nil {
			return err
		}
		if err := t.Model(a).Where("id = ?", a.ID).Update("state", a.State).Error; err != nil {
			return fault(err, "approval", a.ID)
		}
		return t.Insert(c.event(t, by, ApprovalDropped, map[string]any{"approval": a.ID}))
	})
}

func (s *Service) onApproval(ctx context.Context, by Actor, caseID, approvalID string, do func(t *Tx, c *Case, a *Approval) error) error {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return err
	}
	if !ValidID(approvalID) {
		return errNotFound
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		var found []Approval
		if err := t.Where("id = ? AND case_id = ?", approvalID, c.ID).Limit(1).Find(&found).Error; err != nil {
			return fault(err, "approval", approvalID)
		}
		if len(found) == 0 {
			return errNotFound
		}
		return do(t, c, &found[0])
	})
}

// Approvals returns what was asked of a second person in a case, newest first.
// The caller has asked whether the case may be seen.
func (s *Service) Approvals(ctx context.Context, caseID string) ([]Approval, error) {
	var found []Approval
	err := s.db.Read(ctx).Where("case_id = ?", caseID).Order("created_at DESC, id DESC").Find(&found).Error
	return found, fault(err, "approvals of case", caseID)
}
