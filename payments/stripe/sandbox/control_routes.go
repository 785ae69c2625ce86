package sandbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// control is one control under /_sandbox. The table below serves them, and is
// what the control page and the docs explain.
type control struct {
	method, path string
	takes        string // parameters, as JSON or as a form
	purpose      string
	back         string // the part of the control page that a browser goes back to
	serve        func(*http.Request, asked) (any, error)
}

// Names of the controls' parameters stand in takes; a call with any other is
// refused, so that a typing error in a test is not a test that passes.
func (x *site) controls() []control {
	return []control{
		{"GET", "/_sandbox/clock", "", "where the clock stands", "", x.getClock},
		{"POST", "/_sandbox/clock", "advance now", "moves it: advance by a span (90s, 24h, 3d) or forward to a moment (RFC 3339)", "clock", x.moveClock},
		{"POST", "/_sandbox/settle", "", "makes all pending money available now", "clock", x.settle},
		{"POST", "/_sandbox/reset", "", "empties the sandbox and starts again from its seed", "clock", x.reset},

		{"GET", "/_sandbox/cards", "", "the test cards, what comes of each, and the scripts in force", "", x.getCards},
		{"POST", "/_sandbox/cards", "card outcomes from until", "scripts the next charges of a card (number, pm_card_ alias, payment method or customer) or debits of an account (IBAN): ok, authentication_required or failure codes, one per attempt; with from or until (a day or a moment) one code for all that time; none ends both", "cards", x.scriptCard},

		{"GET", "/_sandbox/webhooks", "", "endpoints with their secrets, what waits, the latest tries", "", x.getWebhooks},
		{"POST", "/_sandbox/webhooks", "paused", "pauses deliveries (true) or lets them go (false)", "webhooks", x.pauseWebhooks},
		{"POST", "/_sandbox/webhooks/wait", "", "answers once every delivery that is due has been tried", "webhooks", x.waitForWebhooks},
		{"GET", "/_sandbox/events", "type object undelivered limit", "what happened, newest first", "", x.getEvents},
		{"POST", "/_sandbox/events/redeliver", "", "tries everything undelivered again, now", "events", x.redeliverAll},
		{"POST", "/_sandbox/events/{event}/redeliver", "", "sends one event once more", "events", x.redeliverOne},

		{"GET", "/_sandbox/faults", "", "the fault rules in force", "", x.getFaults},
		{"POST", "/_sandbox/faults", "kind method path metadata event nth count probability delay status code should_retry after times", "puts a rule in force", "faults", x.addFault},
		{"DELETE", "/_sandbox/faults", "", "takes all rules out of force", "", x.clearFaults},
		{"DELETE", "/_sandbox/faults/{fault}", "", "takes one rule out of force", "", x.clearFaults},
		{"POST", "/_sandbox/faults/clear", "fault", "the same for a form: one rule, or all", "faults", x.clearFaults},

		{"GET", "/_sandbox/books", "", "what every account of the books stands at, in minor units", "", x.getBooks},
		{"GET", "/_sandbox/invariants", "", "whether everything that must hold does: ok, and the violations", "", x.getInvariants},

		{"GET", "/_sandbox/payouts", "", "every payout of every account", "", x.getPayouts},
		{"POST", "/_sandbox/payouts", "account", "pays out now what is available on an account (none: the platform's)", "books", x.runPayouts},
		{"POST", "/_sandbox/payouts/{payout}", "state code", "lets a payout arrive (paid), be listed row by row (reconciled), or come back (failed, with a failure code)", "books", x.changePayoutState},
		{"POST", "/_sandbox/adjustments", "account amount description", "books money that no charge explains, as Stripe's own corrections do; amount in minor units, below zero to take", "books", x.adjustBalance},

		{"GET", "/_sandbox/checkout", "", "the hosted pages that are open", "", x.getCheckouts},
		{"POST", "/_sandbox/checkout/{session}/pay", "card name email wallet iban paypal transfer proof", "pays an open page without a browser: card is a number or pm_card_ alias; paypal=true pays with PayPal; transfer=true announces a bank transfer; proof answers 3-D Secure: approve (the usual), fail or abandon", "checkout", x.payOpenCheckout},
		{"POST", "/_sandbox/transfers", "to amount currency reference sender", "lets a bank transfer arrive: to is a customer, or an intent that waits for one; amount in minor units, what remains when not given", "checkout", x.sendTransferTo},
		{"POST", "/_sandbox/3ds/{intent}", "answer", "answers a 3-D Secure step: approve or fail", "checkout", x.answerChallenge},
		{"GET", "/_sandbox/disputes", "", "what payers dispute", "", x.getDisputes},
		{"POST", "/_sandbox/disputes", "of amount reason inquiry", "lets a payer dispute a charge, named by itself or its intent; with inquiry their bank only asks", "disputes", x.openDisputeOf},
		{"POST", "/_sandbox/disputes/{dispute}", "state", "decides: won, lost; for an inquiry closed or escalated", "disputes", x.decideDispute},
		{"POST", "/_sandbox/refunds/{refund}/fail", "", "lets the payer's bank send a refund back", "disputes", x.failRefundOf},
		{"GET", "/_sandbox/accounts", "", "the connected accounts", "", x.getAccounts},
		{"POST", "/_sandbox/accounts/{account}", "state", "completes the onboarding of an account (enabled) or fails its check (restricted)", "accounts", x.changeAccountState},
	}
}

// unknownThing is an error about something that is not there.
type unknownThing struct{ error }

// guarded puts the guard, the reading and the answering around a control.
func (x *site) guarded(c control) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := x.guard(r); err != nil {
			answerError(w, http.StatusForbidden, err)
			return
		}
		given, err := readAsked(w, r, strings.Fields(c.takes))
		var result any
		if err == nil {
			result, err = c.serve(r, given)
		}
		browser := r.Method == http.MethodPost && wantsPage(r)
		switch unknown := (unknownThing{}); {
		case err != nil && browser:
			x.controlPage(w, http.StatusUnprocessableEntity, err.Error())
		case errors.As(err, &unknown):
			answerError(w, http.StatusNotFound, err)
		case err != nil:
			answerError(w, http.StatusBadRequest, err)
		case browser:
			http.Redirect(w, r, "/_sandbox#"+c.back, http.StatusSeeOther)
		default:
			answerJSON(w, http.StatusOK, result)
		}
	}
}

func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

func answerError(w http.ResponseWriter, status int, err error) {
	answerJSON(w, status, map[string]any{"error": map[string]string{"message": err.Error()}})
}

func answerJSON(w http.ResponseWriter, status int, result any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(result) // a caller that has gone away is its own affair
}
