package negotiation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	fileNumberMax = 60 // characters
	endNoteMax    = 1_000
)

// openSituation notes what stands behind a hold that was just placed. What an
// agent says with its proof is confirmed at once.
func (c *Case) openSituation(t *Tx, by Actor, h *Hold) error {
	if !h.Reason.IsSituation() {
		return nil
	}
	rule := h.Reason.Rule()
	s := &Situation{
		ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, HoldID: h.ID, Reason: h.Reason, State: SituationTold,
		ByRole: by.Role, ByID: by.ID, ByName: by.Name, OnBehalfOf: by.OnBehalfOf, CreatedAt: t.Now,
	}
	if rule.AskDays > 0 {
		s.ProofBy = t.Today.Add(rule.AskDays)
	}
	if rule.ReviewMonths > 0 {
		s.ReviewOn = t.Today.AddMonths(rule.ReviewMonths)
	}
	if err := s.prove(h.Proof); err != nil {
		return err
	}
	if by.IsStaff() && (!rule.NeedsProof || s.Proved()) {
		s.State, s.ConfirmedAt, s.ConfirmedBy = SituationConfirmed, &t.Now, by.Name
	}
	if err := t.Insert(s); err != nil {
		return err
	}
	if err := s.file(t, by, 0, h.Proof.Files); err != nil {
		return err
	}
	if s.State == SituationConfirmed {
		if err := c.keepHold(t, h); err != nil {
			return err
		}
	}
	if rule.TellCreditor {
		return c.TellCreditor(t, LetterSituation, map[string]any{"situation": s.ID, "reason": s.Reason})
	}
	return nil
}

// prove takes what shows that a situation is so.
func (s *Situation) prove(p Proof) error {
	p.Number = strings.TrimSpace(p.Number)
	switch {
	case utf8.RuneCountInString(p.Number) > fileNumberMax:
		return Refuse(Invalid, "words_too_long").On("number").With("n", fileNumberMax)
	case len(s.Files)+len(p.Files) > disputeFilesMax:
		return Refuse(Invalid, "too_many_files").On("files").With("n", disputeFilesMax)
	}
	if p.Number != "" {
		s.FileNumber = p.Number
	}
	s.Files = append(s.Files, p.Files...)
	return nil
}

// file writes the papers that came, behind those that are there.
func (s *Situation) file(t *Tx, by Actor, there int, files []SituationFile) error {
	for i := range files {
		f := files[i]
		f.SituationID, f.Position, f.ByRole, f.ByName, f.At = s.ID, int64(there+i+1), by.Role, by.Name, t.Now
		if err := t.Insert(&f); err != nil {
			return err
		}
	}
	return nil
}

// keepHold takes the last day off a pause that was taken on somebody's word,
// once a paper shows why: from then on a person ends it.
func (c *Case) keepHold(t *Tx, h *Hold) error {
	if h.Reason != HoldOverindebtednessDeclared || h.UntilOn.IsZero() {
		return nil
	}
	h.UntilOn = ""
	return fault(t.Model(&Hold{}).Where("id = ?", h.ID).Update("until_on", nil).Error, "hold", h.ID)
}

// TellOverindebtedness notes that a debtor has handed in a file of
// over-indebtedness: letters rest for thirty days, in which a paper is asked
// for. Told again, what comes along is added.
func (s *Service) TellOverindebtedness(ctx context.Context, by Actor, caseID, words string, proof Proof) error {
	words = strings.TrimSpace(words)
	if utf8.RuneCountInString(words) > hardshipWordsMax {
		return Refuse(Invalid, "words_too_long").On("message").With("n", hardshipWordsMax)
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		side, _, err := c.sideOf(by)
		if err != nil {
			return err
		}
		if side != SideDebtor {
			return Refuse(Forbidden, "not_your_role")
		}
		for i := range c.Holds {
			h := &c.Holds[i]
			if h.Reason != HoldOverindebtednessDeclared || !h.Runs(t.Today) {
				continue
			}
			found, err := situationOf(t, h.ID)
			if err != nil || (proof.isEmpty() && words == "") {
				return err // told once is told
			}
			return c.addProof(t, by, found, proof)
		}
		h := &Hold{Reason: HoldOverindebtednessDeclared, Note: words, Proof: proof}
		if err := c.hold(t, by, h); err != nil {
			return err
		}
		return c.TellAgents(t, LetterSituationTold, map[string]any{"case": c.Reference, "reason": h.Reason})
	})
}

// addProof adds papers to a situation, and tells the agents where a debtor sent
// them.
func (c *Case) addProof(t *Tx, by Actor, s *Situation, proof Proof) error {
	if s.State == SituationEnded {
		return Refuse(Conflict, "situation_is_ended")
	}
	if proof.isEmpty() {
		return Refuse(Invalid, "proof_missing").On("files")
	}
	there := len(s.Files)
	if err := s.prove(proof); err != nil {
		return err
	}
	if err := t.Model(&Situation{}).Where("id = ?", s.ID).Update("file_number", s.FileNumber).Error; err != nil {
		return fault(err, "situation", s.ID)
	}
	if err := s.file(t, by, there, proof.Files); err != nil {
		return err
	}
	if err := t.Insert(c.event(t, by, SituationProved, map[string]any{"situation": s.ID, "reason": s.Reason, "files": len(proof.Files)})); err != nil {
		return err
	}
	if by.IsStaff() {
		return nil
	}
	return c.TellAgents(t, LetterSituationTold, map[string]any{"case": c.Reference, "reason": s.Reason})
}

// onSituation locks the case of a situation and lets do decide on both. The
// situation may have been told on another case of the person.
func (s *Service) onSituation(ctx context.Context, by Actor, caseID, situationID string, do func(t *Tx, c *Case, of *Situation, h *Hold) error) error {
	if err := by.only(RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return err
	}
	if !ValidID(situationID) {
		return errNotFound
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		of, err := situationByID(t, situationID)
		if err != nil {
			return err
		}
		for i := range c.Holds {
			if c.Holds[i].ID == of.HoldID {
				return do(t, c, of, &c.Holds[i])
			}
		}
		return errNotFound
	})
}

// ProveSituation adds what shows that a situation is so.
func (s *Service) ProveSituation(ctx context.Context, by Actor, caseID, situationID string, proof Proof) error {
	return s.onSituation(ctx, by, caseID, situationID, func(t *Tx, c *Case, of *Situation, _ *Hold) error { return c.addProof(t, by, of, proof) })
}

// ConfirmSituation notes that an agent has seen what proves a situation, or
// that it needs no proof. A second press changes nothing.
func (s *Service) ConfirmSituation(ctx context.Context, by Actor, caseID, situationID string) error {
	return s.onSituation(ctx, by, caseID, situationID, func(t *Tx, c *Case, of *Situation, h *Hold) error {
		if of.State == SituationConfirmed {
			return nil
		}
		if of.Reason.Rule().NeedsProof && !of.Proved() {
			return Refuse(Conflict, "situation_unproved").On("files")
		}
		if err := of.move(SituationConfirmed); err != nil {
			return err
		}
		of.ConfirmedAt, of.ConfirmedBy = &t.Now, by.Name
		if err := t.Model(of).Where("id = ?", of.ID).Select("State", "ConfirmedAt", "ConfirmedBy").Updates(of).Error; err != nil {
			return fault(err, "situation", of.ID)
		}
		if err := c.keepHold(t, h); err != nil {
			return err
		}
		return t.Insert(c.event(t, by, SituationWasSure, map[string]any{"situation": of.ID, "reason": of.Reason}))
	})
}

// EndSituation ends a situation, and what followed from it, for a reason.
func (s *Service) EndSituation(ctx context.Context, by Actor, caseID, situationID string, why Ending) error {
	why.Note = strings.TrimSpace(why.Note)
	return s.onSituation(ctx, by, caseID, situationID, func(t *Tx, c *Case, of *Situation, h *Hold) error {
		switch {
		case !slices.Contains(of.Reason.Rule().Ends, why.Reason):
			return Refuse(Invalid, "end_reason_missing").On("end")
		case utf8.RuneCountInString(why.Note) > endNoteMax:
			return Refuse(Invalid, "words_too_long").On("note").With("n", endNoteMax)
		case of.State == SituationEnded:
			return Refuse(Conflict, "situation_is_ended")
		}
		return c.endHold(t, by, h, why)
	})
}

// TurnSituation turns a situation into what it has become, with its proof: the
// first ends and the other begins on the same day.
func (s *Service) TurnSituation(ctx context.Context, by Actor, caseID, situationID string, into Reason, proof Proof) error {
	return s.onSituation(ctx, by, caseID, situationID, func(t *Tx, c *Case, of *Situation, h *Hold) error {
		switch {
		case of.State == SituationEnded:
			return Refuse(Conflict, "situation_is_ended")
		case !slices.Contains(of.Reason.Rule().Turns, into):
			return Refuse(Invalid, "hold_reason_unknown").On("into")
		case into.Rule().NeedsProof && proof.isEmpty():
			return Refuse(Invalid, "proof_missing").On("files")
		}
		note := h.Note
		if err := c.endHold(t, by, h, Ending{Reason: EndTurned}); err != nil {
			return err
		}
		return c.hold(t, by, &Hold{PersonID: h.PersonID, Reason: into, Note: note, Proof: proof})
	})
}

// closeSituation ends the situation behind a hold that ends.
func closeSituation(t *Tx, by Actor, holdID string, why Ending) error {
	of, err := situationOf(t, holdID)
	if err != nil || of.State == SituationEnded {
		return err
	}
	return of.end(t, by, why)
}

func (s *Situation) end(t *Tx, by Actor, why Ending) error {
	if err := s.move(SituationEnded); err != nil {
		return err
	}
	s.EndedAt, s.EndedBy, s.EndReason, s.EndNote = &t.Now, by.Name, why.Reason, why.Note
	err := t.Model(s).Where("id = ?", s.ID).Select("State", "EndedAt", "EndedBy", "EndReason", "EndNote").Updates(s).Error
	return fault(err, "situation", s.ID)
}

// WatchSituations ends the situations whose last day went by without anything
// that proves them.
func (s *Service) WatchSituations(ctx context.Context, limit int) (int, error) {
	today, err := s.Today(ctx)
	if err != nil {
		return 0, err
	}
	var ids []string
	err = s.db.Read(ctx).Model(&Situation{}).Joins("JOIN holds ON holds.id = situations.hold_id").
		Where("situations.state <> ? AND holds.lifted_at IS NULL AND holds.until_on < ?", SituationEnded, today).
		Order("situations.id").Limit(limit).Pluck("situations.case_id", &ids).Error
	if err != nil {
		return 0, fault(err, "situations that end", "")
	}
	slices.Sort(ids)
	return s.each(ctx, slices.Compact(ids), "situations", func(t *Tx, c *Case) (bool, error) {
		ended := false
		for i := range c.Holds {
			h := &c.Holds[i]
			if !h.Reason.IsSituation() || h.LiftedAt != nil || h.UntilOn.IsZero() || !t.Today.After(h.UntilOn) {
				continue
			}
			of, err := situationOf(t, h.ID)
			if err != nil {
				return ended, err
			}
			if of.State == SituationEnded {
				continue
			}
			if err := of.end(t, System, Ending{Reason: EndTime}); err != nil {
				return ended, err
			}
			if err := t.Insert(c.event(t, System, SituationHasEnded, map[string]any{"situation": of.ID, "reason": of.Reason, "ended": EndTime})); err != nil {
				return ended, err
			}
			ended = true
		}
		return ended, nil
	})
}

// ReadSituation notes that an agent reads what was told of a situation, and
// why; from then on it is on their screen for a while.
func (s *Service) ReadSituation(ctx context.Context, by Actor, caseID, situationID, need string) error {
	c, of, err := s.Situation(ctx, by, caseID, situationID)
	if err != nil {
		return err
	}
	return s.read(ctx, by, c, ReadSituation, of.ID, need)
}

func wrongSituation(id string) error { return fmt.Errorf("situation %s is not behind its hold", id) }
