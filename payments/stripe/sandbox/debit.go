package sandbox

import "time"

// How long a debit is under way, by account number (docs.stripe.com/testing);
// any other valid IBAN takes debitDelay.
const debitDelay = 5 * 24 * time.Hour

type debitCourse struct {
	after  time.Duration
	failed bool
}

var debitCourses = map[string]debitCourse{
	"AT611904300234573201":        {},
	"AT321904300235473204":        {after: 3 * time.Minute},
	"AT861904300235473202":        {failed: true},
	"AT051904300235473205":        {after: 3 * time.Minute, failed: true},
	"IT60X0542811101000000123456": {failed: true},
}

// debit sets a SEPA debit under way: the intent is processing until it is done.
func (s *Sandbox) debit(t *tenant, p *paymentIntent, a attempt) {
	course, known := debitCourses[a.method.iban]
	if !known {
		course.after = debitDelay
	}
	ch := s.newCharge(t, p, a.method, nil)
	s.save(t, p, a)
	s.move(chargeMoves, ch.ID, &ch.Status, "pending")
	ch.Outcome = approvedOutcome()
	ch.Outcome.SellerMessage = optional("Payment complete.")
	s.addCharge(t, p, ch)
	p.LastPaymentError = nil
	s.move(intentMoves, p.ID, &p.Status, "processing")
	s.emit(t, "charge.pending", ch)
	s.emit(t, "payment_intent.processing", p)
	s.sessionProcessing(t, p)
	s.at(s.now().Add(course.after), func() {
		if p.Status != "processing" {
			return
		}
		if !course.failed {
			s.collect(t, ch, p.Amount)
			s.emit(t, "charge.succeeded", ch)
			s.succeed(t, p, p.Amount)
			return
		}
		d := decline{"debit_not_authorized", "", "The customer has notified their bank that this payment was unauthorized."}
		s.failCharge(ch, d)
		s.emit(t, "charge.failed", ch)
		s.failIntent(t, p, &refusal{Type: "invalid_request_error", Code: d.code, DocURL: documented(d.code), Message: d.message, Charge: ch.ID, PaymentMethod: copied(a.method)})
		s.sessionFailed(t, p)
	})
}
