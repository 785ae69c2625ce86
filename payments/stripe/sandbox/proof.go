package sandbox

import (
	"fmt"
	"net/http"
)

// prove makes the record of a completed 3-D Secure challenge.
func (s *Sandbox) prove() *threeDSecure {
	flow, eci, result, version, id := "challenge", "05", "authenticated", "2.2.0", s.mint.text("", 28)
	return &threeDSecure{AuthenticationFlow: &flow, ElectronicCommerceIndicator: &eci, Result: &result, TransactionID: &id, Version: &version}
}

// Approve3DS is the card's holder proving who they are, for a payment intent
// (pi_) or a setup intent (seti_) that asks for it. The issuer may still
// decline; the intent then says so.
func (s *Sandbox) Approve3DS(id string) error {
	return s.answer3DS(id, func(t *tenant, p *paymentIntent) {
		a := *p.waiting
		a.proof = s.prove()
		if p.ConfirmationMethod == "manual" {
			p.proven, p.waiting, p.NextAction = &a, nil, nil
			s.move(intentMoves, p.ID, &p.Status, "requires_confirmation")
			return
		}
		_ = s.attempt(t, p, a) // a decline stands on the intent
	}, func(t *tenant, x *setupIntent) {
		a := *x.waiting
		a.proof = s.prove()
		_ = s.setUp(t, x, a) // a decline stands on the intent
	})
}

// Fail3DS is the card's holder failing to prove it.
func (s *Sandbox) Fail3DS(id string) error {
	return s.answer3DS(id, func(t *tenant, p *paymentIntent) {
		if p.waiting.method.Type == "paypal" {
			s.failIntent(t, p, &refusal{Type: "invalid_request_error", Code: "payment_method_customer_decline", DocURL: documented("payment_method_customer_decline"),
				Message: paypalDeclined, PaymentMethod: copied(p.waiting.method)})
			return
		}
		s.failIntent(t, p, &refusal{Status: http.StatusPaymentRequired, Type: "card_error", Code: "payment_intent_authentication_failure", DocURL: documented("payment_intent_authentication_failure"),
			Message:       "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
			PaymentMethod: copied(p.waiting.method)})
	}, func(t *tenant, x *setupIntent) {
		s.failSetup(t, x, x.waiting.method, &refusal{Status: http.StatusPaymentRequired, Type: "card_error", Code: "setup_intent_authentication_failure", DocURL: documented("setup_intent_authentication_failure"),
			Message: "The latest attempt to set up the payment method has failed because authentication failed."})
	})
}

func (s *Sandbox) answer3DS(id string, pay func(*tenant, *paymentIntent), setUp func(*tenant, *setupIntent)) error {
	return s.act(func() error {
		t := s.owners[id]
		if t == nil {
			return fmt.Errorf("no intent %s", id)
		}
		if p, found := t.intents.get(id); found {
			if p.Status != "requires_action" || p.waiting == nil {
				return fmt.Errorf("payment intent %s is %s and asks for no proof", id, p.Status)
			}
			pay(t, p)
			return nil
		}
		x, found := t.setups.get(id)
		if !found || x.Status != "requires_action" || x.waiting == nil {
			return fmt.Errorf("setup intent %s asks for no proof", id)
		}
		setUp(t, x)
		return nil
	})
}

// paypalDeclined is told when a payer leaves PayPal's page with a no.
const paypalDeclined = "The customer did not approve the payment at PayPal."

// Challenge is what the 3-D Secure page shows.
type Challenge struct {
	ID, Status, Currency, Last4, Brand string
	PayPal                             bool  // it is PayPal's page, not a bank's
	Amount                             int64 // zero for a setup
	ReturnURL                          string
	Session                            string // the checkout session it belongs to, if any
}

// Challenge describes the proof that an intent asks for.
func (s *Sandbox) Challenge(id string) (Challenge, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(cause{})
	t := s.owners[id]
	if t == nil {
		return Challenge{}, false
	}
	var a *attempt
	v := Challenge{ID: id}
	if p, found := t.intents.get(id); found {
		v.Status, v.Currency, v.Amount, a = p.Status, p.Currency, p.Amount, p.waiting
	} else if x, found := t.setups.get(id); found {
		v.Status, a = x.Status, x.waiting
	}
	if session := t.sessionsOf[id]; session != nil {
		v.Session = session.ID
	}
	if a != nil {
		v.ReturnURL, v.PayPal = a.returnURL, a.method.Type == "paypal"
		if a.method.Card != nil {
			v.Last4, v.Brand = a.method.Card.Last4, a.method.Card.Brand
		}
	}
	return v, true
}
