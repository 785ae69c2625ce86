package negotiation

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"
)

// LettersDue returns letters whose time has come, oldest first, at most limit.
// What goes by post waits for a person.
func (s *Service) LettersDue(ctx context.Context, limit int) ([]Letter, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	var letters []Letter
	err = s.db.Read(ctx).Where("state = ? AND due_at <= ? AND channel <> ?", LetterDueState, now, ContactPost).Order("due_at, id").Limit(limit).Find(&letters).Error
	return letters, fault(err, "letters due", "")
}

// NextLetterDue returns when the first letter falls due after an instant; zero
// if none waits.
func (s *Service) NextLetterDue(ctx context.Context, after time.Time) (time.Time, error) {
	var next []Letter
	err := s.db.Read(ctx).Select("due_at").Where("state = ? AND due_at > ? AND channel <> ?", LetterDueState, after.UTC(), ContactPost).Order("due_at").Limit(1).Find(&next).Error
	if err != nil || len(next) == 0 {
		return time.Time{}, fault(err, "letters due", "")
	}
	return next[0].DueAt, nil
}

// Sending is what outreach needs to send a letter: the letter as it stands and
// its case, if it has one.
type Sending struct {
	Letter  *Letter
	Case    *Case
	Opening *OpeningLetter // what a first letter says; nil for any other
}

// leaseTime is how long a letter is one sender's alone: longer than any mailer
// takes to answer.
const leaseTime = 5 * time.Minute

// letterAttemptsMax is how often sending is tried before an agent is asked.
const letterAttemptsMax = 8

// PrepareLetter asks the gates again right before a letter leaves, and takes
// the letter for this caller alone: for leaseTime no other process is given it.
// ok is false where it may not leave, is no longer due, or is another's: then it
// is not to be sent. The caller answers with LetterSent, LetterNotSent,
// LetterRefused or LetterReleased; a caller that dies loses its lease by time.
func (s *Service) PrepareLetter(ctx context.Context, letterID string) (sending *Sending, ok bool, err error) {
	err = s.onLetter(ctx, letterID, func(t *Tx, l *Letter, c *Case) error {
		if l.State != LetterDueState || l.Channel == ContactPost || l.DueAt.After(t.Now) {
			return nil
		}
		sending = &Sending{Letter: l, Case: c}
		if c != nil && l.Recipient == ToParty {
			reasons, err := sending.held(t)
			if err != nil {
				return err
			}
			if len(reasons) == 0 && l.counts() {
				if err := t.lockPerson(*l.PersonID); err != nil {
					return err
				}
				var out Outlook
				if reasons, out, err = c.leaves(t, l); err != nil {
					return err
				}
				if out.Reason != "" {
					told := c.delay(t, System, l, out)
					if err := t.updateLetter(l); err != nil {
						return err
					}
					return t.Insert(told)
				}
			}
			if len(reasons) > 0 {
				l.State, l.BlockedBy = LetterStopped, joinReasons(reasons)
				if err := t.updateLetter(l); err != nil {
					return err
				}
				return t.Insert(c.event(t, System, LetterBlocked, map[string]any{"letter": l.ID, "letter_kind": l.Kind, "reasons": reasons}))
			}
		}
		// Letters of no case have no lock of their own: the condition is it.
		taken := t.Model(&Letter{}).Where("id = ? AND state = ? AND due_at <= ?", l.ID, LetterDueState, t.Now).Update("due_at", t.Now.Add(leaseTime))
		if ok = taken.RowsAffected == 1; ok && c != nil && l.counts() {
			return c.contacted(t, l)
		}
		return fault(taken.Error, "letter", l.ID)
	})
	return sending, ok && err == nil, err
}

// held returns what keeps the letter from leaving now. A first letter is its
// own gate's exception, and must still say what is true; it brings what it
// says.
func (s *Sending) held(t *Tx) ([]Reason, error) {
	if id := s.Letter.PartyID; id != nil {
		if p := s.Case.Party(*id); p != nil && !p.Stands(t.Today) {
			return []Reason{AdviserIsOver}, nil
		}
	}
	if over, err := s.Case.overtaken(s.Letter, t.Today); over || err != nil {
		return []Reason{Overtaken}, err
	}
	if seen, err := s.Case.messagesSeen(t, s.Letter); seen || err != nil {
		return []Reason{Overtaken}, err
	}
	if s.Letter.Kind != LetterFirst {
		return s.Case.letterBlocked(s.Letter.Owed, t.Today), nil
	}
	made, err := openingByID(t.DB, s.Letter.ID)
	if err != nil {
		return nil, err
	}
	made.Letter = s.Letter
	if made.Statement, err = frozenByID(t.DB, made.StatementID); err != nil {
		return nil, err
	}
	s.Opening = made
	reasons := s.Case.FirstLetterHeld(made, t.Today)
	if t.Today.After(made.DatedOn.Add(letterLateDays)) {
		reasons = append(reasons, StatementChanged)
	}
	return reasons, nil
}

// LetterSent records that a letter left, to which address. A first letter that
// left opens its case.
func (s *Service) LetterSent(ctx context.Context, letterID, address string) error {
	return s.onLetter(ctx, letterID, func(t *Tx, l *Letter, c *Case) error {
		if l.State != LetterDueState {
			return nil
		}
		l.State, l.Address, l.SentAt, l.Problem = LetterSentState, address, &t.Now, ""
		if err := t.updateLetter(l); err != nil || c == nil {
			return err
		}
		if l.Kind == LetterFirst {
			made, err := openingByID(t.DB, l.ID)
			if err != nil {
				return err
			}
			first := FirstLetter{Reference: made.Reference, SentOn: t.Today, Channel: "mail", Proof: "mail " + l.ID}
			if err := c.recordFirstLetter(t, System, first, false); err != nil {
				return err
			}
		}
		told := map[string]any{"letter": l.ID, "letter_kind": l.Kind, "recipient": l.Recipient, "owed": l.Owed}
		if l.PartyID != nil {
			if p := c.Party(*l.PartyID); p != nil && p.Role == PartyAdviser {
				told["to_adviser"] = true
			}
		}
		return t.Insert(c.event(t, System, LetterSent, told))
	})
}

// LetterReleased gives back a letter that was taken and not tried: it is due
// again at once.
func (s *Service) LetterReleased(ctx context.Context, letterID string) error {
	return s.onLetter(ctx, letterID, func(t *Tx, l *Letter, _ *Case) error {
		if l.State != LetterDueState {
			return nil
		}
		l.DueAt = t.Now
		if err := t.notContacted(l); err != nil {
			return err
		}
		return t.updateLetter(l)
	})
}

// LetterNotSent records a failed try; it is tried again later, ever less
// often, and given up in the end where a person sees it.
func (s *Service) LetterNotSent(ctx context.Context, letterID string, problem string) error {
	return s.onLetter(ctx, letterID, func(t *Tx, l *Letter, c *Case) error {
		if l.State != LetterDueState {
			return nil
		}
		l.Attempts++
		l.Problem = problem
		l.DueAt = t.Now.Add(time.Duration(1<<min(l.Attempts, 10)) * time.Minute)
		if l.Attempts >= letterAttemptsMax {
			l.State = LetterFailed
			c.Stir(WorkUndelivered)
		}
		if err := t.notContacted(l); err != nil {
			return err
		}
		return t.updateLetter(l)
	})
}

// LetterRefused records that a letter was refused for good: it is not tried
// again, and an agent sees it. Where it is the address that was refused, nobody
// writes to it any more.
func (s *Service) LetterRefused(ctx context.Context, letterID, address string, addressIsWrong bool, problem string) error {
	return s.onLetter(ctx, letterID, func(t *Tx, l *Letter, c *Case) error {
		if l.State != LetterDueState {
			return nil
		}
		l.Attempts++
		l.State, l.Problem, l.Address = LetterFailed, problem, address
		if err := t.updateLetter(l); err != nil || c == nil {
			return err
		}
		if err := t.notContacted(l); err != nil {
			return err
		}
		if addressIsWrong && l.PersonID != nil {
			err := t.Model(&ContactPoint{}).Where("person_id = ? AND kind = ? AND LOWER(value) = ? AND bounced_at IS NULL", *l.PersonID, ContactEmail, strings.ToLower(address)).
				Update("bounced_at", t.Now).Error
			if err != nil {
				return fault(err, "contacts of person", *l.PersonID)
			}
		}
		return t.Insert(c.event(t, System, LetterWasRefused, map[string]any{"letter": l.ID, "letter_kind": l.Kind, "address_wrong": addressIsWrong}))
	})
}

func (s *Service) onLetter(ctx context.Context, letterID string, do func(t *Tx, l *Letter, c *Case) error) error {
	l, err := s.letterByID(s.db.Read(ctx), letterID)
	if err != nil {
		return err
	}
	if l.CaseID == nil {
		return s.write(ctx, func(t *Tx) error {
			if l, err = s.letterByID(t.DB, letterID); err != nil {
				return err
			}
			return do(t, l, nil)
		})
	}
	return s.OnCase(ctx, System, *l.CaseID, func(t *Tx, c *Case) error {
		if l, err = s.letterByID(t.DB, letterID); err != nil {
			return err
		}
		return do(t, l, c)
	})
}

func (s *Service) letterByID(tx *gorm.DB, id string) (*Letter, error) {
	var found []Letter
	if err := tx.Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return nil, fault(err, "letter", id)
	}
	if len(found) == 0 {
		return nil, errNotFound
	}
	return &found[0], nil
}

func (t *Tx) updateLetter(l *Letter) error {
	return fault(t.Model(l).Where("id = ?", l.ID).Select("State", "Address", "BlockedBy", "DelayedBy", "Attempts", "Problem", "DueAt", "SentAt").Updates(l).Error, "letter", l.ID)
}
