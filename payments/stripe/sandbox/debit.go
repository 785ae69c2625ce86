package sandbox

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// debitDelay is how long a debit of an account that is not listed is under way.
const debitDelay = 5 * 24 * time.Hour

// debitCourse is what comes of a debit.
type debitCourse struct {
	after time.Duration // until it is known; at least Options.DebitsTake
	fails Outcome       // failure code; "" for one that comes
	taken bool          // it comes, and the payer's bank takes it back at once
}

// debitCourses are the accounts of docs.stripe.com/payments/sepa-debit and what
// comes of debiting each; any other failure is scripted (DeclineScript).
var debitCourses = map[string]debitCourse{
	"AT611904300234573201": {},
	"AT321904300235473204": {after: 3 * time.Minute},
	"AT861904300235473202": {fails: "debit_not_authorized"},
	"AT051904300235473205": {after: 3 * time.Minute, fails: "debit_not_authorized"},
	"AT591904300235473203": {taken: true},
	"AT981904300000343434": {fails: "charge_exceeds_source_limit"},
	"AT601904300000121212": {fails: "charge_exceeds_weekly_limit"},
	"AT981904300002222227": {fails: "insufficient_funds"},

	"FR1420041010050500013M02606": {},
	"FR3020041010050500013M02609": {after: 3 * time.Minute},
	"FR8420041010050500013M02607": {fails: "debit_not_authorized"},
	"FR7920041010050500013M02600": {after: 3 * time.Minute, fails: "debit_not_authorized"},
	"FR5720041010050500013M02608": {taken: true},
	"FR9720041010050000000343434": {fails: "charge_exceeds_source_limit"},
	"FR5920041010050000000121212": {fails: "charge_exceeds_weekly_limit"},
	"FR9720041010050000002222227": {fails: "insufficient_funds"},

	"IT60X0542811101000000123456": {fails: "debit_not_authorized"},
}

// firstDebits are the accounts that the page offers first.
var firstDebits = []string{"FR1420041010050500013M02606", "FR3020041010050500013M02609", "FR9720041010050000002222227", "FR8420041010050500013M02607"}

// debitFailures say why a debit did not come, by failure code.
var debitFailures = map[Outcome]string{
	"insufficient_funds":          "The customer's account has insufficient funds to cover this payment.",
	"debit_not_authorized":        "The customer has notified their bank that this payment was unauthorized.",
	"account_closed":              "The customer's bank account has been closed.",
	"bank_account_restricted":     "The customer's account cannot be used with this payment method.",
	"bank_ownership_changed":      "The destination bank account is no longer valid because its branch has changed ownership.",
	"no_account":                  "The customer's bank account could not be located.",
	"invalid_account_number":      "The customer's bank account number is invalid.",
	"could_not_process":           "The bank could not process this payment.",
	"refer_to_customer":           "The customer's bank has been asked not to honour this payment.",
	"recipient_deceased":          "The account holder may have died.",
	"declined":                    "The payment was declined.",
	"charge_exceeds_source_limit": "This payment would cause the account to exceed its rolling-window processing limit for this source type.",
	"charge_exceeds_weekly_limit": "This payment would exceed the account's transaction volume limit.",
}

// listedDebit says whether an account is one that the pages accept.
func listedDebit(iban string) bool {
	_, listed := debitCourses[iban]
	return listed
}

// TestAccounts returns every IBAN that the sandbox's pages accept.
func TestAccounts() []string { return slices.Sorted(maps.Keys(debitCourses)) }

// plainIBAN is an account number as it is compared.
func plainIBAN(text string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(text))
}

// courseOf is what comes of debiting for an intent now.
func (s *Sandbox) courseOf(p *paymentIntent, m *paymentMethod) debitCourse {
	course, known := debitCourses[m.iban]
	if !known {
		course.after = debitDelay
	}
	course.after = max(course.after, s.options.DebitsTake)
	if next, scripted := s.scripted(p.ID, p.Metadata, m); scripted {
		course.fails = next
		if next == Approved || next == AuthRequired {
			course.fails = ""
		}
	}
	return course
}

// debit sets a SEPA debit under way: the intent is processing until it is done.
func (s *Sandbox) debit(t *tenant, p *paymentIntent, a attempt) {
	course := s.courseOf(p, a.method)
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
		if course.fails == "" {
			s.collect(t, ch, p.Amount)
			s.emit(t, "charge.succeeded", ch)
			s.succeed(t, p, p.Amount)
			if course.taken {
				s.openDispute(t, ch, ch.AmountCaptured, reasonNotAuthorised, false)
			}
			return
		}
		why, known := debitFailures[course.fails]
		if !known {
			why = declines[course.fails].message
		}
		d := decline{string(course.fails), "", why}
		s.failCharge(ch, d)
		s.emit(t, "charge.failed", ch)
		s.failIntent(t, p, &refusal{Type: "invalid_request_error", Code: d.code, DocURL: documented(d.code), Message: d.message, Charge: ch.ID, PaymentMethod: copied(a.method)})
		s.sessionFailed(t, p)
	})
}
