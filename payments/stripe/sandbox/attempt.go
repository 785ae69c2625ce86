package sandbox

import "net/http"

// attempt is one try to pay an intent.
type attempt struct {
	method        *paymentMethod
	offSession    bool   // the payer is not there to prove anything
	returnURL     string // where the payer goes back to after proving it
	refuseActions bool   // error_on_requires_action
	proof         *threeDSecure
}

// readAttempt reads the parameters that only matter while confirming.
func (c *call) readAttempt(p *paymentIntent, m *paymentMethod) (attempt, *refusal) {
	f := c.form
	a := attempt{method: m, returnURL: f.text("return_url"), refuseActions: f.truth("error_on_requires_action")}
	switch f.text("off_session") {
	case "true", "one_off", "recurring":
		a.offSession = true
	}
	if a.offSession && a.returnURL != "" {
		return a, invalid("return_url", "", "`return_url` cannot be passed together with `off_session=true`.")
	}
	if m == nil {
		return a, refuse("", "payment_intent_unexpected_state", "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.")
	}
	if a.offSession && p.SetupFutureUsage != nil && *p.SetupFutureUsage == "off_session" && f.has("setup_future_usage") && m.saved {
		return a, invalid("setup_future_usage", "", "You cannot set up a payment method for future usage while charging it off session.")
	}
	if m.Type == "paypal" {
		switch {
		case a.offSession || p.SetupFutureUsage != nil:
			return a, unmodelled("paypal for later payments")
		case a.returnURL == "":
			return a, missing("return_url")
		}
	}
	if m.Type == bankTransfer {
		switch {
		case a.offSession || p.SetupFutureUsage != nil:
			return a, unmodelled("customer_balance for later payments")
		case p.CaptureMethod == "manual":
			return a, refuse("capture_method", "", "The payment method type customer_balance does not support capture_method=manual.")
		case p.Customer == nil:
			return a, missing("customer")
		}
		return a, p.PaymentMethodOptions.CustomerBalance.check(p.Currency)
	}
	if m.Type == "sepa_debit" {
		if p.Currency != "eur" {
			return a, refuse("currency", "", "The payment method type sepa_debit only supports eur.")
		}
		id := f.text("mandate")
		switch {
		case id != "":
			known, found := c.tenant.mandates.get(id)
			if !found || known.PaymentMethod != m.ID {
				return a, noSuch("mandate", "mandate", id)
			}
			p.mandate = &id
		case f.has("mandate_data") || m.mandate != "":
			if m.mandate == "" || f.has("mandate_data") {
				m.mandate = c.newMandate(c.tenant, m, f.at("mandate_data").at("customer_acceptance")).ID
			}
			p.mandate = optional(m.mandate)
		default:
			return a, refuse("mandate_data", "payment_intent_mandate_invalid", "You must provide `mandate_data` when confirming with the payment method type sepa_debit.")
		}
	}
	return a, nil
}

// attempt tries to pay an intent that is in a state to be paid. It returns the
// refusal to answer with when the card is declined; the intent then waits for
// another payment method.
func (s *Sandbox) attempt(t *tenant, p *paymentIntent, a attempt) *refusal {
	m := a.method
	s.releaseCash(t, p) // of a transfer that was announced before
	p.PaymentMethod, p.NextAction, p.waiting, p.proven = &m.ID, nil, nil, nil
	if p.Status == "requires_payment_method" {
		s.move(intentMoves, p.ID, &p.Status, "requires_confirmation")
	}
	switch m.Type {
	case "sepa_debit":
		s.debit(t, p, a)
		return nil
	case "paypal":
		s.payPal(t, p, a)
		return nil
	case bankTransfer:
		s.announce(t, p)
		return nil
	}
	verdict, demand := s.issuer(p, a)
	if demand {
		switch {
		case a.offSession:
			return s.decline(t, p, m, AuthRequired, nil)
		case a.refuseActions:
			return s.decline(t, p, m, AuthRequired, nil)
		}
		s.askProof(t, p, a)
		return nil
	}
	if verdict != Approved {
		return s.decline(t, p, m, verdict, a.proof)
	}
	s.approve(t, p, a)
	return nil
}

// issuer is the card's bank: what it says to this attempt, and whether it wants
// the holder's proof first.
func (s *Sandbox) issuer(p *paymentIntent, a attempt) (verdict Outcome, demand bool) {
	card := a.method.card
	usual := Approved
	if card.onCharge != "" {
		usual = card.onCharge
	}
	if a.proof != nil {
		if card.afterAuth != "" {
			return card.afterAuth, false
		}
		return usual, false
	}
	if next, scripted := s.scripted(p.ID, p.Metadata, a.method); scripted {
		return next, next == AuthRequired
	}
	switch card.auth {
	case authAlways:
		return "", true
	case authUnlessSaved:
		return usual, !a.method.saved
	}
	if o := p.PaymentMethodOptions.Card; o != nil && o.RequestThreeDSecure != "automatic" && !a.offSession && usual == Approved {
		return "", true
	}
	return usual, false
}

// authDeclined is how an issuer refuses a charge that its holder had to prove.
var authDeclined = decline{"authentication_required", "authentication_required", "Your card was declined. This transaction requires authentication."}

// decline books a refused attempt and makes the answer to it.
func (s *Sandbox) decline(t *tenant, p *paymentIntent, m *paymentMethod, o Outcome, proof *threeDSecure) *refusal {
	d := declines[o]
	if o == AuthRequired {
		d = authDeclined
	}
	ch := s.newCharge(t, p, m, proof)
	s.failCharge(ch, d)
	s.addCharge(t, p, ch)
	problem := &refusal{Status: http.StatusPaymentRequired, Type: "card_error", Code: d.code, DeclineCode: d.reason, DocURL: documented(d.code),
		Message: d.message, Charge: ch.ID, PaymentMethod: copied(m)}
	s.emit(t, "charge.failed", ch)
	s.failIntent(t, p, problem)
	answer := *problem
	shown := *p
	answer.PaymentIntent = &shown
	return &answer
}

// copied keeps a payment method as it is now, for an error that quotes it.
func copied(m *paymentMethod) *paymentMethod {
	same := *m
	return &same
}

// failIntent sends an intent back to wait for another payment method.
func (s *Sandbox) failIntent(t *tenant, p *paymentIntent, problem *refusal) {
	p.LastPaymentError, p.PaymentMethod, p.NextAction, p.waiting = problem, nil, nil, nil
	s.move(intentMoves, p.ID, &p.Status, "requires_payment_method")
	s.emit(t, "payment_intent.payment_failed", p)
}

// askProof stops an attempt until the card's holder has proved who they are.
func (s *Sandbox) askProof(t *tenant, p *paymentIntent, a attempt) {
	p.waiting = &a
	p.NextAction = s.proofAction(p.ID, a.returnURL)
	if a.method.Type == "paypal" {
		p.NextAction.RedirectToURL.URL = s.options.PublicURL + "/paypal/" + p.ID
	}
	s.move(intentMoves, p.ID, &p.Status, "requires_action")
	s.emit(t, "payment_intent.requires_action", p)
}

// proofAction tells the caller how to let the holder prove who they are.
func (s *Sandbox) proofAction(id, returnURL string) *nextAction {
	page := s.options.PublicURL + "/3ds/" + id
	if returnURL == "" {
		return &nextAction{Type: "use_stripe_sdk", UseStripeSDK: map[string]string{"type": "three_d_secure_redirect", "stripe_js": page, "source": s.mint.id("src_")}}
	}
	return &nextAction{Type: "redirect_to_url", RedirectToURL: &redirect{ReturnURL: &returnURL, URL: page}}
}

// approve books an attempt that the issuer agreed to.
func (s *Sandbox) approve(t *tenant, p *paymentIntent, a attempt) {
	m := a.method
	ch := s.newCharge(t, p, m, a.proof)
	s.save(t, p, a)
	p.NextAction, p.waiting, p.LastPaymentError = nil, nil, nil
	if p.CaptureMethod == "manual" {
		ch.Outcome = approvedOutcome()
		ch.Paid = true
		s.move(chargeMoves, ch.ID, &ch.Status, "succeeded")
		s.addCharge(t, p, ch)
		p.AmountCapturable = p.Amount
		s.move(intentMoves, p.ID, &p.Status, "requires_capture")
		s.emit(t, "charge.succeeded", ch)
		s.emit(t, "payment_intent.amount_capturable_updated", p)
		s.at(s.now().Add(holdLife), func() { s.expireHold(t, p, ch) })
		return
	}
	s.addCharge(t, p, ch)
	s.collect(t, ch, p.Amount)
	s.emit(t, "charge.succeeded", ch)
	s.succeed(t, p, p.Amount)
}

func (s *Sandbox) expireHold(t *tenant, p *paymentIntent, ch *charge) {
	if p.Status != "requires_capture" {
		return
	}
	s.cancelIntent(t, p, optional("automatic"))
	s.emit(t, "charge.expired", ch)
}

// save attaches the payment method that an intent sets up, and otherwise marks
// one that belongs to nobody as used up.
func (s *Sandbox) save(t *tenant, p *paymentIntent, a attempt) {
	m := a.method
	switch {
	case p.SetupFutureUsage != nil && p.Customer != nil:
		if m.Customer == nil {
			s.attached(t, m, *p.Customer)
		}
		if *p.SetupFutureUsage == "off_session" {
			m.saved = true
		}
	case m.Customer == nil:
		m.spent = true
	}
}
