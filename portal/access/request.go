package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation"
)

// What somebody can ask for by typing a mail address.
type requestKind string

const (
	requestLink  requestKind = "link"
	requestReset requestKind = "reset"
)

// requestsAtOnce is how many requests one run of the job answers;
// requestCasesMax how many cases one address is sent links for, requestKept how
// long one that cannot be answered is tried.
const (
	requestsAtOnce  = 100
	requestCasesMax = 10
	requestKept     = 24 * time.Hour // wall clock
)

// accessRequest waits to be answered.
type accessRequest struct {
	ID        string
	Kind      requestKind
	Address   string
	CreatedAt time.Time
}

// AskLink notes that somebody asks for a new link to a mail address, from a
// network address. What is answered, and how fast, is the same whether the
// address is known: AnswerRequests looks it up later. Refusals: email_wrong,
// too_many_tries.
func (s *Service) AskLink(ctx context.Context, email, address string) error {
	return s.ask(ctx, requestLink, limitLinkToMailbox, email, address)
}

// AskReset notes that somebody asks for a new password, in the same way.
func (s *Service) AskReset(ctx context.Context, email, address string) error {
	return s.ask(ctx, requestReset, limitResetToMailbox, email, address)
}

func (s *Service) ask(ctx context.Context, kind requestKind, mailbox limit, email, address string) error {
	email, ok := mailAddress(email)
	if !ok {
		return negotiation.Refuse(negotiation.Invalid, "email_wrong").On("email")
	}
	if err := s.take(ctx, limitAskByAddress.of(network(address)), mailbox.of(email)); err != nil {
		return err
	}
	row := accessRequest{ID: newID(), Kind: kind, Address: email, CreatedAt: s.wallNow()}
	err := s.db.Transaction(ctx, func(tx *gorm.DB) error { return tx.Create(&row).Error })
	return fault(err, "request for", string(kind))
}

// AnswerRequests writes the letters that were asked for, and returns how many
// requests it answered. It is safe to run at any time, by several at once. One
// that fails does not keep the others waiting; it is tried again, for a day.
func (s *Service) AnswerRequests(ctx context.Context) (answered int, err error) {
	var waiting []accessRequest
	if err := s.db.Read(ctx).Order("created_at, id").Limit(requestsAtOnce).Find(&waiting).Error; err != nil {
		return 0, fault(err, "requests", "")
	}
	var failed []error
	for _, r := range waiting {
		answer := s.answerLink
		if r.Kind == requestReset {
			answer = s.answerReset
		}
		if err := answer(ctx, r); err != nil {
			failed = append(failed, fmt.Errorf("request %s: %w", r.ID, err))
			continue
		}
		answered++
	}
	return answered, errors.Join(failed...)
}

// claim removes the request in the transaction that answers it; false where
// somebody else has.
func (r accessRequest) claim(tx *gorm.DB) (bool, error) {
	gone := tx.Where("id = ?", r.ID).Delete(&accessRequest{})
	return gone.RowsAffected == 1, gone.Error
}

// answerReset writes the letter to the user with that address, if there is
// one: a reset, or the invitation again for who has not accepted it.
func (s *Service) answerReset(ctx context.Context, r accessRequest) error {
	return s.write(ctx, func(t *negotiation.Tx) error {
		if mine, err := r.claim(t.DB); err != nil || !mine {
			return err
		}
		u, err := findUser(t.DB, "email = ?", r.Address)
		if negotiation.AsRefusal(err) != nil || (err == nil && u.DisabledAt != nil) {
			return nil
		}
		if err != nil {
			return err
		}
		if u.AcceptedAt == nil {
			return tellUser(t, u, negotiation.LetterInvitation)
		}
		return tellUser(t, u, negotiation.LetterReset)
	})
}

// answerLink writes a letter for each case of the persons who are reached at
// that address. The gates decide, as for any letter, and the letter goes to the
// contact on file.
func (s *Service) answerLink(ctx context.Context, r accessRequest) error {
	var parties []negotiation.Party
	err := s.db.Read(ctx).Table("parties").Select("parties.*").
		Joins("JOIN contact_points cp ON cp.person_id = parties.person_id").
		Joins("JOIN cases c ON c.id = parties.case_id").
		Where("cp.kind = 'email' AND lower(cp.value) = ? AND cp.removed_at IS NULL AND cp.bounced_at IS NULL", r.Address).
		Where("c.state NOT IN ?", []negotiation.CaseState{negotiation.CaseWatched, negotiation.CasePlaced, negotiation.CaseWithdrawn, negotiation.CaseArchived}).
		Order("c.created_at DESC, parties.id").Limit(requestCasesMax).Find(&parties).Error
	if err != nil {
		return err
	}
	for _, p := range parties {
		by := actorOf(p.Role, p.ID, p.CaseID)
		kind := negotiation.LetterLink
		if p.Role == negotiation.PartyAdviser {
			if now, err := s.negotiation.Now(ctx); err != nil {
				return err
			} else if !p.Stands(negotiation.DayOf(now)) {
				continue
			}
			kind = negotiation.LetterAdviser
		}
		err := s.negotiation.OnCase(ctx, by, p.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
			party := c.Party(p.ID)
			if party == nil {
				return nil
			}
			// One letter still on its way is enough, also when a run before this
			// one was cut short.
			var waiting int64
			if err := t.Model(&negotiation.Letter{}).Where("case_id = ? AND party_id = ? AND kind = ? AND state = ?",
				c.ID, party.ID, kind, negotiation.LetterDueState).Count(&waiting).Error; err != nil || waiting > 0 {
				return err
			}
			// It answers an act of the party, so it is owed; but a way in to what
			// may not be shown is none.
			tell := c.Answer
			if len(c.Gate(t.Today).Blocking(negotiation.Display)) > 0 {
				tell = c.Tell
			}
			_, err := c.TellWayIn(t, by, party, map[string]any{"asked": true}, tell)
			return err
		})
		if err != nil {
			return err
		}
	}
	return s.db.Transaction(ctx, func(tx *gorm.DB) error {
		_, err := r.claim(tx)
		return err
	})
}
