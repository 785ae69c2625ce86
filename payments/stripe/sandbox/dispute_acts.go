package sandbox

import "fmt"

// What payers and their banks do, for tests and the controls.

// Dispute lets a payer dispute a charge, named by itself or by its intent. No
// amount is the whole of it; inquiry asks first and takes nothing. It returns
// the dispute's id.
func (s *Sandbox) Dispute(id string, amount int64, reason string, inquiry bool) (string, error) {
	var made string
	err := s.act(func() error {
		for _, t := range s.tenants {
			ch, found := t.charges.get(id)
			if p, known := t.intents.get(id); known {
				ch, found = t.charges.get(value(p.LatestCharge))
			}
			if !found {
				continue
			}
			most, err := disputable(t, ch)
			if err != nil {
				return err
			}
			if amount == 0 {
				amount = most
			}
			if amount < 0 || amount > most {
				return fmt.Errorf("of charge %s up to %d can be disputed", ch.ID, most)
			}
			if reason == "" {
				reason = reasonFraudulent
				if ch.PaymentMethodDetails.Type == "sepa_debit" {
					reason = reasonNotAuthorised
				}
			}
			made = s.openDispute(t, ch, amount, reason, inquiry).ID
			return nil
		}
		return unknownThing{fmt.Errorf("no charge or intent %s", id)}
	})
	return made, err
}

// WinDispute lets the bank decide for the account: the money comes back.
func (s *Sandbox) WinDispute(id string) error { return s.decide(id, "won") }

// LoseDispute lets the bank decide for the payer.
func (s *Sandbox) LoseDispute(id string) error { return s.decide(id, "lost") }

// CloseInquiry lets a bank that only asked be content.
func (s *Sandbox) CloseInquiry(id string) error { return s.decide(id, "warning_closed") }

// EscalateInquiry lets a bank that only asked take the money after all.
func (s *Sandbox) EscalateInquiry(id string) error { return s.decide(id, "needs_response") }

func (s *Sandbox) decide(id, state string) error {
	return s.act(func() error {
		for _, t := range s.tenants {
			d, found := t.disputes.get(id)
			if !found {
				continue
			}
			if !disputeMoves.allow(d.Status, state) {
				return fmt.Errorf("dispute %s is %s", id, d.Status)
			}
			if state == "needs_response" {
				s.escalate(t, d)
				return nil
			}
			s.closeDispute(t, d, state)
			return nil
		}
		return unknownThing{fmt.Errorf("no dispute %s", id)}
	})
}

// checkDisputes: a dispute has taken exactly what its state says, once.
func (s *Sandbox) checkDisputes(t *tenant, say reporter) {
	for _, d := range t.disputes.rows {
		moved, fees := int64(0), int64(0)
		for _, b := range d.BalanceTransactions {
			moved += b.Amount
			fees += b.Fee
		}
		want, fee := int64(0), int64(0)
		if !d.inquiry() && d.Status != "won" {
			want, fee = -d.Amount, disputeFee
		}
		if moved != want || fees != fee {
			say("dispute", "%s is %s and moved %d with fees of %d, not %d with %d", d.ID, d.Status, moved, fees, want, fee)
		}
		if d.charge.AmountRefunded-want > d.charge.AmountCaptured {
			say("dispute", "%s: more than its charge collected was given and taken back", d.ID)
		}
	}
}
