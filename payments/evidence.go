package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"amiable/negotiation"
)

// evidenceMost bounds what is said to a payer's bank, in characters; the gateway
// takes 150,000 over all its fields.
const evidenceMost = 60_000

// SubmitEvidence answers the payer's bank. What is said is written down first,
// and sent once: by the call itself or, where the gateway did not answer, by
// SendEvidence later.
func (s *Service) SubmitEvidence(ctx context.Context, by negotiation.Actor, chargebackID string, e Evidence) error {
	if !by.IsStaff() {
		return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	b, err := s.Chargeback(ctx, by, chargebackID)
	if err != nil {
		return err
	}
	e.Text = strings.TrimSpace(e.Text)
	switch n := len([]rune(e.Text + e.Access)); {
	case e.Text == "":
		return negotiation.Refuse(negotiation.Invalid, "evidence_missing").On("text")
	case n > evidenceMost:
		return negotiation.Refuse(negotiation.Invalid, "evidence_too_long").On("text").With("most", evidenceMost)
	}
	err = s.negotiation.OnCase(ctx, by, b.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		now, err := lockChargeback(t, b.ID)
		if err != nil {
			return err
		}
		if !now.CanBeAnswered(t.Now) {
			return negotiation.Refuse(negotiation.Conflict, "evidence_too_late")
		}
		written, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("evidence of chargeback %s: %w", b.ID, err)
		}
		now.Evidence, now.ByRole, now.ByID, now.AnsweredAt, now.NextTryAt, now.Attempts = string(written), by.Role, by.ID, &t.Now, &t.Now, 0
		b = now
		return saveChargeback(t, now)
	})
	if err != nil {
		return err
	}
	if err := s.sendEvidence(ctx, b); err != nil && !errors.Is(err, ErrUnavailable) {
		return err
	}
	return nil // what was not answered is sent again by the job
}

// SendEvidence sends what was written to a payer's bank and not heard of since.
func (s *Service) SendEvidence(ctx context.Context, limit int) (int, error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	var waiting []Chargeback
	err = s.db.Read(ctx).Where("answered_at IS NOT NULL AND sent_at IS NULL AND next_try_at <= ?", now).Order("next_try_at, id").Limit(limit).Find(&waiting).Error
	if err != nil {
		return 0, fmt.Errorf("evidence to send: %w", err)
	}
	var problems error
	for i := range waiting {
		problems = errors.Join(problems, s.sendEvidence(ctx, &waiting[i]))
	}
	return 0, problems
}

// sendEvidence asks first whether the gateway has it already: it takes evidence
// once, and a key is forgotten after a day.
func (s *Service) sendEvidence(ctx context.Context, b *Chargeback) error {
	var e Evidence
	if err := json.Unmarshal([]byte(b.Evidence), &e); err != nil {
		return fmt.Errorf("chargeback %s: its evidence: %w", b.ID, err)
	}
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	var fact ChargebackFact
	var err error
	if b.Attempts > 0 {
		fact, err = s.gateway.FetchChargeback(calling, b.GatewayID)
	}
	if err == nil && !fact.Answered {
		fact, err = s.gateway.SendEvidence(calling, fmt.Sprintf("evidence:%s:%d", b.ID, b.Moves), b.GatewayID, e)
	}
	if err == nil {
		return s.applyChargeback(ctx, fact, nil)
	}
	waiting := s.negotiation.OnCase(ctx, negotiation.System, b.CaseID, func(t *negotiation.Tx, _ *negotiation.Case) error {
		now, err2 := lockChargeback(t, b.ID)
		if err2 != nil || now.SentAt != nil {
			return err2
		}
		next := t.Now.Add(time.Duration(1<<min(now.Attempts, 6)) * time.Minute)
		now.NextTryAt = &next
		now.Attempts++
		now.Problem = err.Error()
		return saveChargeback(t, now)
	})
	return errors.Join(fmt.Errorf("chargeback %s: %w", b.ID, err), waiting)
}

func lockChargeback(t *negotiation.Tx, id string) (*Chargeback, error) {
	var b Chargeback
	if err := t.Where("id = ?", id).Take(&b).Error; err != nil {
		return nil, fmt.Errorf("chargeback %s: %w", id, err)
	}
	return &b, nil
}
