package sandbox

import (
	"errors"
	"maps"
	"slices"
	"time"
)

// Spell is a time during which an issuer says the same to every charge of a
// card, or to every debit of an account. Scripts by count go before it.
type Spell struct {
	Card    string // as DeclineScript has it
	Outcome Outcome
	From    time.Time // zero: since ever
	Until   time.Time // not included; zero: for ever
}

func (x Spell) covers(now time.Time) bool {
	return !now.Before(x.From) && (x.Until.IsZero() || now.Before(x.Until))
}

func (o Outcome) known() bool {
	_, ofCards := declines[o]
	_, ofDebits := debitFailures[o]
	return ofCards || ofDebits || o == Approved || o == AuthRequired
}

// DeclineDuring puts a spell on a card. The first that covers a moment counts;
// DeclineScript without outcomes ends all of a card.
func (s *Sandbox) DeclineDuring(x Spell) error {
	switch {
	case !x.Outcome.known():
		return &UnknownOutcomeError{x.Outcome}
	case x.Card == "":
		return errors.New("a spell is put on a card, an account, a customer or a payment")
	case !x.Until.IsZero() && !x.Until.After(x.From):
		return errors.New("a spell ends after it begins")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spells = append(s.spells, x)
	return nil
}

// Spells returns what was set by DeclineDuring.
func (s *Sandbox) Spells() []Spell {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.spells)
}

// DeclineScript sets what the issuer says to the next charges of a card, one
// outcome per attempt: "ok", "authentication_required" or a decline code. The
// card is a payment method, a customer (whichever of their cards), a card
// number or a pm_card_ alias; or it is one payment, by its intent or by a piece
// of its metadata, "instalment=i1". Payments go before cards. Once used up, the
// card behaves as its number says. What is debited from an account follows a
// script too: by its IBAN, and with the failure codes of debits.
func (s *Sandbox) DeclineScript(card string, outcomes ...Outcome) error {
	for _, o := range outcomes {
		if !o.known() {
			return &UnknownOutcomeError{o}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(outcomes) == 0 {
		delete(s.scripts, card)
		s.spells = slices.DeleteFunc(s.spells, func(x Spell) bool { return x.Card == card })
		return nil
	}
	s.scripts[card] = append([]Outcome(nil), outcomes...)
	return nil
}

// UnknownOutcomeError is returned for a script that names no known outcome.
type UnknownOutcomeError struct{ Outcome Outcome }

func (e *UnknownOutcomeError) Error() string { return "unknown outcome " + string(e.Outcome) }

// DeclineScripts returns the outcomes still to come, by card.
func (s *Sandbox) DeclineScripts() map[string][]Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := map[string][]Outcome{}
	for card, outcomes := range s.scripts {
		left[card] = append([]Outcome(nil), outcomes...)
	}
	return left
}

// scripted takes the next outcome that was set for an intent, by identifier and
// metadata, or for its payment method.
func (s *Sandbox) scripted(intent string, metadata map[string]string, m *paymentMethod) (Outcome, bool) {
	if len(s.scripts) == 0 && len(s.spells) == 0 {
		return "", false
	}
	names := []string{intent}
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		names = append(names, key+"="+metadata[key])
	}
	names = append(names, m.ID, value(m.Customer))
	if m.card != nil {
		names = append(names, m.card.number)
		for _, alias := range m.card.aliases {
			names = append(names, "pm_card_"+alias)
		}
	}
	names = append(names, m.iban)
	for _, name := range names {
		if outcomes := s.scripts[name]; name != "" && len(outcomes) > 0 {
			if s.scripts[name] = outcomes[1:]; len(outcomes) == 1 {
				delete(s.scripts, name)
			}
			return outcomes[0], true
		}
	}
	now := s.now()
	for _, name := range names {
		for _, x := range s.spells {
			if name != "" && x.Card == name && x.covers(now) {
				return x.Outcome, true
			}
		}
	}
	return "", false
}
