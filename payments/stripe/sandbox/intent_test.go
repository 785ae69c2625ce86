package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/payments/stripe/sandbox"
)

func (w *world) pay(card string, more func(*stripe.PaymentIntentParams)) (*stripe.PaymentIntent, error) {
	params := &stripe.PaymentIntentParams{Amount: stripe.Int64(2500), Currency: stripe.String("eur"), Confirm: stripe.Bool(true), PaymentMethod: &card}
	if more != nil {
		more(params)
	}
	return w.api.PaymentIntents.New(params)
}

func TestWhatTheIssuerSays(t *testing.T) {
	for _, row := range []struct {
		card, code, decline string
	}{
		{"pm_card_visa_chargeDeclined", "card_declined", "generic_decline"},
		{"pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"},
		{"pm_card_chargeDeclinedLostCard", "card_declined", "lost_card"},
		{"pm_card_chargeDeclinedStolenCard", "card_declined", "stolen_card"},
		{"pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"},
		{"pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"},
		{"pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"},
	} {
		t.Run(row.card, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.pay(row.card, nil)
			refused := stripeError(t, err)
			if refused.HTTPStatusCode != http.StatusPaymentRequired || refused.Type != stripe.ErrorTypeCard || string(refused.Code) != row.code || string(refused.DeclineCode) != row.decline {
				t.Errorf("refused with %d %s %s %s", refused.HTTPStatusCode, refused.Type, refused.Code, refused.DeclineCode)
			}
			p := refused.PaymentIntent
			if p == nil || p.Status != "requires_payment_method" || p.LastPaymentError == nil || p.PaymentMethod != nil || p.LatestCharge == nil {
				t.Fatalf("the intent in the error: %+v", p)
			}
			ch := must[*stripe.Charge](w)(w.api.Charges.Get(p.LatestCharge.ID, nil))
			if ch.Status != "failed" || ch.Paid || ch.FailureCode != row.code || ch.BalanceTransaction != nil {
				t.Errorf("the failed charge: %s paid %v code %s", ch.Status, ch.Paid, ch.FailureCode)
			}
			// Another card, the same intent.
			p = must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.Confirm(p.ID, &stripe.PaymentIntentConfirmParams{PaymentMethod: stripe.String("pm_card_visa")}))
			if p.Status != "succeeded" || p.LastPaymentError != nil {
				t.Errorf("after another card: %s %+v", p.Status, p.LastPaymentError)
			}
		})
	}
}

func TestAnInstalmentChargedOffSession(t *testing.T) {
	offSession := func(x *stripe.Customer) func(*stripe.PaymentIntentParams) {
		return func(p *stripe.PaymentIntentParams) { p.Customer, p.OffSession = &x.ID, stripe.Bool(true) }
	}
	t.Run("a saved card is charged", func(t *testing.T) {
		w := newWorld(t)
		x := w.customer()
		p := must[*stripe.PaymentIntent](w)(w.pay(w.savedCard(x, "pm_card_visa").ID, offSession(x)))
		if p.Status != "succeeded" {
			t.Error(p.Status)
		}
	})
	t.Run("a card that always wants proof is refused with the intent", func(t *testing.T) {
		w := newWorld(t)
		x := w.customer()
		_, err := w.pay(w.savedCard(x, "pm_card_authenticationRequired").ID, offSession(x))
		refused := stripeError(t, err)
		if refused.HTTPStatusCode != 402 || refused.Code != "authentication_required" || refused.PaymentIntent == nil || refused.PaymentIntent.Status != "requires_payment_method" {
			t.Errorf("%+v", refused)
		}
		if refused.PaymentMethod == nil || refused.PaymentMethod.ID == "" {
			t.Error("the error does not say which card")
		}
	})
	t.Run("a card set up with proof is not asked again", func(t *testing.T) {
		w := newWorld(t)
		x := w.customer()
		si := must[*stripe.SetupIntent](w)(w.api.SetupIntents.New(&stripe.SetupIntentParams{Customer: &x.ID, Confirm: stripe.Bool(true),
			PaymentMethod: stripe.String("pm_card_authenticationRequiredOnSetup"), ReturnURL: stripe.String("https://portal.test/back")}))
		if si.Status != "requires_action" || si.NextAction.RedirectToURL.URL != "http://sandbox.localhost/3ds/"+si.ID {
			t.Fatalf("%s %+v", si.Status, si.NextAction)
		}
		if err := w.box.Approve3DS(si.ID); err != nil {
			t.Fatal(err)
		}
		si = must[*stripe.SetupIntent](w)(w.api.SetupIntents.Get(si.ID, nil))
		if si.Status != "succeeded" {
			t.Fatal(si.Status)
		}
		p := must[*stripe.PaymentIntent](w)(w.pay(si.PaymentMethod.ID, offSession(x)))
		if p.Status != "succeeded" {
			t.Error(p.Status)
		}
	})
	t.Run("a script says what the issuer does, attempt by attempt", func(t *testing.T) {
		w := newWorld(t)
		x := w.customer()
		card := w.savedCard(x, "pm_card_visa")
		if err := w.box.DeclineScript(card.ID, "insufficient_funds", sandbox.AuthRequired, sandbox.Approved); err != nil {
			t.Fatal(err)
		}
		_, err := w.pay(card.ID, offSession(x))
		refused := stripeError(t, err)
		if refused.DeclineCode != "insufficient_funds" {
			t.Errorf("first: %s", refused.DeclineCode)
		}
		id := refused.PaymentIntent.ID
		again := func() (*stripe.PaymentIntent, error) {
			return w.api.PaymentIntents.Confirm(id, &stripe.PaymentIntentConfirmParams{PaymentMethod: &card.ID, OffSession: stripe.Bool(true)})
		}
		if _, err = again(); stripeError(t, err).Code != "authentication_required" {
			t.Errorf("second: %v", err)
		}
		if p := must[*stripe.PaymentIntent](w)(again()); p.Status != "succeeded" {
			t.Errorf("third: %s", p.Status)
		}
		if err := w.box.DeclineScript(card.ID, "no_such_code"); err == nil {
			t.Error("an outcome that does not exist was taken")
		}
	})
	t.Run("a script may be for one instalment only", func(t *testing.T) {
		w := newWorld(t)
		x := w.customer()
		card := w.savedCard(x, "pm_card_visa")
		if err := w.box.DeclineScript("instalment=i2", "do_not_honor"); err != nil {
			t.Fatal(err)
		}
		for instalment, want := range map[string]string{"i1": "", "i2": "do_not_honor", "i3": ""} {
			_, err := w.pay(card.ID, func(p *stripe.PaymentIntentParams) {
				offSession(x)(p)
				p.Metadata = map[string]string{"instalment": instalment}
			})
			if want == "" && err != nil || want != "" && string(stripeError(t, err).DeclineCode) != want {
				t.Errorf("%s: %v", instalment, err)
			}
		}
	})
	t.Run("a bank sends a new card", func(t *testing.T) {
		w := newWorld(t)
		card := w.savedCard(w.customer(), "pm_card_visa")
		if err := w.box.UpdateCard(card.ID, 4, 2034); err != nil {
			t.Fatal(err)
		}
		if now := must[*stripe.PaymentMethod](w)(w.api.PaymentMethods.Get(card.ID, nil)); now.Card.ExpYear != 2034 || now.Card.ExpMonth != 4 {
			t.Errorf("%d/%d", now.Card.ExpMonth, now.Card.ExpYear)
		}
		w.quiet()
		if got := strings.Join(w.letter.types(), " "); !strings.Contains(got, "payment_method.automatically_updated") {
			t.Error(got)
		}
	})
	t.Run("off_session without confirm is refused", func(t *testing.T) {
		w := newWorld(t)
		_, answer := w.raw(http.MethodPost, "/v1/payment_intents", "amount=1000&currency=eur&off_session=true")
		if problem := answer["error"].(map[string]any); problem["param"] != "off_session" {
			t.Errorf("%v", problem)
		}
	})
}

func TestProofWithThePayerThere(t *testing.T) {
	w := newWorld(t)
	p := must[*stripe.PaymentIntent](w)(w.pay("pm_card_authenticationRequired", nil))
	if p.Status != "requires_action" || p.NextAction.Type != "use_stripe_sdk" || p.NextAction.RedirectToURL != nil {
		t.Fatalf("without a return_url: %s %+v", p.Status, p.NextAction)
	}
	p = must[*stripe.PaymentIntent](w)(w.pay("pm_card_authenticationRequired", func(p *stripe.PaymentIntentParams) { p.ReturnURL = stripe.String("https://portal.test/back") }))
	if p.NextAction.Type != "redirect_to_url" || p.NextAction.RedirectToURL.ReturnURL != "https://portal.test/back" {
		t.Fatalf("with one: %+v", p.NextAction)
	}
	if err := w.box.Fail3DS(p.ID); err != nil {
		t.Fatal(err)
	}
	p = must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.Get(p.ID, nil))
	if p.Status != "requires_payment_method" || p.LastPaymentError.Code != "payment_intent_authentication_failure" {
		t.Fatalf("after failing: %s %+v", p.Status, p.LastPaymentError)
	}
	p = must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.Confirm(p.ID, &stripe.PaymentIntentConfirmParams{PaymentMethod: stripe.String("pm_card_authenticationRequired"), ReturnURL: stripe.String("https://portal.test/back")}))
	if err := w.box.Approve3DS(p.ID); err != nil {
		t.Fatal(err)
	}
	params := &stripe.PaymentIntentParams{}
	params.AddExpand("latest_charge")
	p = must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.Get(p.ID, params))
	if p.Status != "succeeded" || p.NextAction != nil || p.LatestCharge.PaymentMethodDetails.Card.ThreeDSecure.Result != "authenticated" {
		t.Errorf("after approving: %s", p.Status)
	}
	if err := w.box.Approve3DS(p.ID); err == nil {
		t.Error("a finished intent was approved once more")
	}
	w.quiet()
	if got := strings.Join(w.letter.types(), " "); !strings.Contains(got, "payment_intent.requires_action payment_intent.payment_failed") {
		t.Error(got)
	}
}

func TestFinalStatesAreFinal(t *testing.T) {
	w := newWorld(t)
	paid := must[*stripe.PaymentIntent](w)(w.pay("pm_card_visa", nil))
	gone := must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.New(&stripe.PaymentIntentParams{Amount: stripe.Int64(900), Currency: stripe.String("eur")}))
	must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.Cancel(gone.ID, nil))
	for _, id := range []string{paid.ID, gone.ID} {
		for _, act := range []string{"confirm", "cancel", "capture"} {
			form := ""
			if act == "confirm" {
				form = "payment_method=pm_card_visa"
			}
			response, answer := w.raw(http.MethodPost, "/v1/payment_intents/"+id+"/"+act, form)
			problem := answer["error"].(map[string]any)
			if response.StatusCode != 400 || problem["code"] != "payment_intent_unexpected_state" || problem["payment_intent"] == nil {
				t.Errorf("%s %s: %d %v", act, id, response.StatusCode, problem["code"])
			}
		}
		if _, answer := w.raw(http.MethodPost, "/v1/payment_intents/"+id, "amount=800"); answer["error"] == nil {
			t.Error("the amount of a finished intent was changed")
		}
		if _, answer := w.raw(http.MethodPost, "/v1/payment_intents/"+id, "metadata[k]=v"); answer["error"] != nil {
			t.Errorf("its metadata could not be changed: %v", answer)
		}
	}
}

func TestHeldMoneyIsCapturedOrLetGo(t *testing.T) {
	manual := func(p *stripe.PaymentIntentParams) { p.CaptureMethod = stripe.String("manual") }
	w := newWorld(t)
	p := must[*stripe.PaymentIntent](w)(w.pay("pm_card_visa", manual))
	if p.Status != "requires_capture" || p.AmountCapturable != 2500 || p.AmountReceived != 0 {
		t.Fatalf("%s %d %d", p.Status, p.AmountCapturable, p.AmountReceived)
	}
	p = must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.Capture(p.ID, &stripe.PaymentIntentCaptureParams{AmountToCapture: stripe.Int64(1500)}))
	if p.Status != "succeeded" || p.AmountReceived != 1500 {
		t.Errorf("%s %d", p.Status, p.AmountReceived)
	}
	// Held too long, it is let go by itself.
	p = must[*stripe.PaymentIntent](w)(w.pay("pm_card_visa", manual))
	if err := w.box.Advance(8 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	p = must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.Get(p.ID, nil))
	if p.Status != "canceled" || p.CancellationReason != "automatic" {
		t.Errorf("%s %s", p.Status, p.CancellationReason)
	}
}

func TestACardThatBelongedToNobodyWorksOnce(t *testing.T) {
	w := newWorld(t)
	m := must[*stripe.PaymentMethod](w)(w.api.PaymentMethods.New(&stripe.PaymentMethodParams{Type: stripe.String("card"),
		Card: &stripe.PaymentMethodCardParams{Number: stripe.String("4242424242424242"), ExpMonth: stripe.Int64(12), ExpYear: stripe.Int64(2030), CVC: stripe.String("123")}}))
	must[*stripe.PaymentIntent](w)(w.pay(m.ID, nil))
	if _, err := w.pay(m.ID, nil); err == nil {
		t.Error("it was charged twice")
	}
	x := w.customer()
	card := w.savedCard(x, "pm_card_visa")
	if _, err := w.pay(card.ID, nil); err == nil {
		t.Error("a customer's card was charged without naming the customer")
	}
	must[*stripe.PaymentMethod](w)(w.api.PaymentMethods.Detach(card.ID, nil))
	if _, err := w.pay(card.ID, func(p *stripe.PaymentIntentParams) { p.Customer = &x.ID }); err == nil {
		t.Error("a detached card was charged")
	}
	if _, err := w.api.PaymentMethods.Attach("pm_card_chargeDeclined", &stripe.PaymentMethodAttachParams{Customer: &x.ID}); stripeError(t, err).Code != "card_declined" {
		t.Errorf("a declining card was saved: %v", err)
	}
}

func TestADebitTakesDays(t *testing.T) {
	for iban, want := range map[string]string{"FR1420041010050500013M02606": "succeeded", "IT60X0542811101000000123456": "requires_payment_method"} {
		w := newWorld(t)
		form := "amount=3000&currency=eur&confirm=true&payment_method_types[]=sepa_debit&payment_method_data[type]=sepa_debit&payment_method_data[sepa_debit][iban]=" + iban +
			"&payment_method_data[billing_details][name]=Ada&mandate_data[customer_acceptance][type]=offline"
		_, answer := w.raw(http.MethodPost, "/v1/payment_intents", form)
		if answer["status"] != "processing" {
			t.Fatalf("%v", answer)
		}
		if err := w.box.Advance(6 * 24 * time.Hour); err != nil {
			t.Fatal(err)
		}
		p := must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.Get(answer["id"].(string), nil))
		if string(p.Status) != want {
			t.Errorf("%s: %s, not %s", iban, p.Status, want)
		}
	}
}
