package negotiation

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// pauseTellDays is how long before its end a breathing space is told to end, so
// that nobody is surprised by what comes after it.
const pauseTellDays = 3

// Pause is a breathing space that a debtor can take, or has.
type Pause struct {
	Days    int   // of the one that can be taken for the asking; 0: none
	Until   Day   // its last day, taken today
	Running *Hold // the one under way
	Taken   bool  // one was taken before: an agent decides about another
}

// PauseFor says which breathing space the debtor of a case can take on a day
// without giving a reason: one, as long as the creditor's policy says.
func (c *Case) PauseFor(p Policy, on Day) Pause {
	pause := Pause{Days: p.BreathingDays}
	for i := range c.Holds {
		h := &c.Holds[i]
		if h.Reason != HoldBreathingSpace {
			continue
		}
		pause.Taken = true
		if h.Runs(on) {
			pause.Running = h
		}
	}
	if pause.Taken || (c.State != CaseOpen && c.State != CaseInPlan) {
		pause.Days = 0
	}
	if pause.Days > 0 {
		pause.Until = on.Add(pause.Days - 1)
	}
	return pause
}

// TakePause begins the breathing space that can be had for the asking: nothing
// is sent that asks or reminds, and no interest runs, until its last day. A
// second click gets the one under way.
func (s *Service) TakePause(ctx context.Context, by Actor, caseID string) (*Hold, error) {
	var hold *Hold
	err := s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		side, _, err := c.sideOf(by)
		if err != nil {
			return err
		}
		if side != SideDebtor {
			return Refuse(Forbidden, "not_your_role")
		}
		policy, err := t.policyOf(c)
		if err != nil {
			return err
		}
		pause := c.PauseFor(policy, t.Today)
		switch {
		case pause.Running != nil:
			hold = pause.Running
			return nil
		case pause.Taken:
			return Refuse(Conflict, "pause_taken")
		case pause.Days == 0:
			return Refuse(Conflict, "pause_not_offered")
		}
		hold = &Hold{Reason: HoldBreathingSpace, UntilOn: pause.Until}
		if err := c.PlaceHold(t, by, hold); err != nil {
			return err
		}
		return c.TellCreditor(t, LetterPause, map[string]any{"until": hold.UntilOn})
	})
	return hold, err
}

// AnnouncePauseEnds tells debtors that a breathing space is about to end.
func (s *Service) AnnouncePauseEnds(ctx context.Context, limit int) (int, error) {
	today, err := s.Today(ctx)
	if err != nil {
		return 0, err
	}
	var ids []string
	err = s.db.Read(ctx).Model(&Hold{}).Where("reason = ? AND lifted_at IS NULL AND end_told_at IS NULL AND case_id IS NOT NULL AND until_on BETWEEN ? AND ?",
		HoldBreathingSpace, today, today.Add(pauseTellDays)).Order("until_on, id").Limit(limit).Pluck("case_id", &ids).Error
	if err != nil {
		return 0, fault(err, "pauses that end", "")
	}
	return s.each(ctx, slices.Compact(ids), "pause", func(t *Tx, c *Case) (bool, error) {
		told := false
		for i := range c.Holds {
			h := &c.Holds[i]
			if h.Reason != HoldBreathingSpace || !h.Runs(t.Today) || h.EndToldAt != nil || h.UntilOn.After(t.Today.Add(pauseTellDays)) {
				continue
			}
			h.EndToldAt, told = &t.Now, true
			if err := t.Model(h).Where("id = ?", h.ID).Update("end_told_at", t.Now).Error; err != nil {
				return false, fault(err, "hold", h.ID)
			}
			party := c.MainParty()
			if party == nil || c.IsClosed() {
				continue
			}
			if _, err := c.Tell(t, System, party, LetterPauseEnds, map[string]any{"until": h.UntilOn}); err != nil {
				return false, err
			}
		}
		return told, nil
	})
}

// hardshipWordsMax is how much somebody may write of a hard time, in characters.
const hardshipWordsMax = 2_000

// TellHardship notes, once, that a party has a hard time: from then on only a
// person writes to them. The words are for the agents; the creditor is not told
// and sees nothing of it.
func (s *Service) TellHardship(ctx context.Context, by Actor, caseID, words string) error {
	words = strings.TrimSpace(words)
	if utf8.RuneCountInString(words) > hardshipWordsMax {
		return Refuse(Invalid, "words_too_long").On("message").With("n", hardshipWordsMax)
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		side, party, err := c.sideOf(by)
		if err != nil {
			return err
		}
		if side != SideDebtor {
			return Refuse(Forbidden, "not_your_role")
		}
		for i := range c.Holds {
			if h := &c.Holds[i]; h.Reason == HoldVulnerable && h.Runs(t.Today) && h.PersonID != nil && *h.PersonID == party.PersonID {
				return nil // told once is told
			}
		}
		h := &Hold{ID: newID(), PersonID: &party.PersonID, Reason: HoldVulnerable, Note: words, FromOn: t.Today, ByID: by.ID, ByName: by.Name, CreatedAt: t.Now}
		if err := t.Insert(h, c.event(t, by, HardshipTold, nil)); err != nil {
			return err
		}
		if err := c.openSituation(t, by, h); err != nil {
			return err
		}
		c.Holds = append(c.Holds, *h)
		return c.TellAgents(t, LetterHardship, map[string]any{"case": c.Reference})
	})
}

// ToldHardship says whether a hard time was told on a case, for the page not to
// ask again.
func (c *Case) ToldHardship(on Day) (since time.Time, ok bool) {
	for i := range c.Holds {
		if h := &c.Holds[i]; h.Reason == HoldVulnerable && h.Runs(on) {
			return h.CreatedAt, true
		}
	}
	return time.Time{}, false
}
