package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
)

// arrives checks that a visitor was sent back to the shop, paid.
func (w *shop) arrives(page *visitor, session *stripe.CheckoutSession) {
	w.Helper()
	if want := "https://portal.example.com/paid?session=" + session.ID; page.Status != http.StatusSeeOther || page.To != want {
		w.Fatalf("status %d to %q, want %q\n%s", page.Status, page.To, want, page.text())
	}
}

func TestAVisitorPaysWithATestCard(t *testing.T) {
	w := newShop(t)
	session := w.checkout()

	page := visit(t, session.URL)
	if page.Status != http.StatusOK {
		t.Fatalf("status %d\n%s", page.Status, page.text())
	}
	page.shows("Sandbox: no real card, no money.", "Pay Amiable sandbox", "€84.00", "Invoice 2025-17")
	page.click("4242 4242 4242 4242").press("Pay €84.00")
	w.arrives(page, session)

	paid := w.session(session.ID)
	if paid.Status != stripe.CheckoutSessionStatusComplete || paid.PaymentStatus != stripe.CheckoutSessionPaymentStatusPaid {
		t.Errorf("session is %s and %s", paid.Status, paid.PaymentStatus)
	}
	charge := paid.PaymentIntent.LatestCharge
	if charge.Amount != 8400 || !charge.Paid || charge.PaymentMethodDetails.Card.Last4 != "4242" || charge.BillingDetails.Name != "Claire Vasseur" {
		t.Errorf("charge %+v", charge)
	}

	// Coming back by the Back button shows what happened; pressing again goes on.
	page.open(session.URL).shows("This is done already", "€84.00", "cannot be made twice")
	page.send(http.MethodPost, session.URL, url.Values{"method": {"card"}})
	w.arrives(page, session)
}

func TestOnlyListedTestNumbersAreTaken(t *testing.T) {
	w := newShop(t)
	session := w.checkout()
	page := visit(t, session.URL).click("4242 4242 4242 4242")
	page.press("Pay €84.00", "number", "4111 1111 1111 1111")
	if page.Status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", page.Status)
	}
	page.shows("One thing to correct", "This is not the number of a test card.", "never enter a real card here")
	if strings.Contains(page.Body, "4111") {
		t.Error("a number that may be real is printed again")
	}
	if charges := w.session(session.ID).PaymentIntent; charges != nil {
		t.Errorf("something was tried: %+v", charges)
	}
}

func TestTheFormSaysWhatIsWrongAndKeepsTheRest(t *testing.T) {
	w := newShop(t)
	session := w.checkout(func(p *stripe.CheckoutSessionParams) { p.CustomerEmail = nil })
	page := visit(t, session.URL).click("4242 4242 4242 4242")
	page.press("Pay €84.00", "expiry", "01/20", "cvc", "12", "name", " ", "email", "nobody")
	if page.Status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", page.Status)
	}
	page.shows("4 things to correct", "This date has passed. The sandbox clock stands at 5 January 2026", "Write 3 digits.", "Give a name", "claire@example.com")
	if !strings.Contains(page.Body, `value="4242 4242 4242 4242"`) {
		t.Error("the number that was right is lost")
	}
	page.press("Pay €84.00", "expiry", "12/34", "cvc", "123", "name", "Ada", "email", "ada@example.com")
	w.arrives(page, session)
	if got := w.session(session.ID).CustomerDetails.Email; got != "ada@example.com" {
		t.Errorf("email %q", got)
	}
}

func TestADeclinedCardIsToldAndAnotherCanBeTried(t *testing.T) {
	w := newShop(t)
	session := w.checkout()
	page := visit(t, session.URL).click("4000 0000 0000 9995").press("Pay €84.00")
	if page.Status != http.StatusPaymentRequired {
		t.Fatalf("status %d", page.Status)
	}
	page.shows("The card was declined", "Your card has insufficient funds.", "Nothing was taken. You can try another card.")
	page.open(session.URL).shows("Your card has insufficient funds.") // also after a reload
	if page.click("4242 4242 4242 4242"); strings.Contains(page.text(), "The card was declined") {
		t.Error("a visitor who chose another card is told again")
	}
	page.press("Pay €84.00")
	w.arrives(page, session)

	intent := w.session(session.ID).PaymentIntent
	charges := w.api.Charges.List(&stripe.ChargeListParams{PaymentIntent: stripe.String(intent.ID)})
	var stood []string
	for charges.Next() {
		stood = append(stood, string(charges.Charge().Status))
	}
	if strings.Join(stood, " ") != "succeeded failed" {
		t.Errorf("charges, newest first: %v", stood)
	}
}

func TestA3DSecureStepCanBeApprovedFailedOrLeft(t *testing.T) {
	w := newShop(t)
	session := w.checkout()
	page := visit(t, session.URL).click("4000 0027 6000 3184").press("Pay €84.00").follow()
	page.shows("Your bank asks whether this is you", "€84.00", "Visa, ending in 3184", "Amiable sandbox")

	page.press("Leave without answering").follow()
	page.shows("Your bank is still waiting for your answer.", "You can also pay in another way, below.")

	page.click("Answer my bank").press("It is not me: refuse").follow()
	page.shows("The card was declined", "Your bank could not make sure that it is you.")
	if paid := w.session(session.ID); paid.Status != stripe.CheckoutSessionStatusOpen || paid.PaymentIntent.Status != stripe.PaymentIntentStatusRequiresPaymentMethod {
		t.Errorf("session %s, intent %s", paid.Status, paid.PaymentIntent.Status)
	}

	page.click("4000 0027 6000 3184").press("Pay €84.00").follow()
	step := page.at.String()
	page.press("It is me, I accept")
	w.arrives(page, session)
	if charge := w.session(session.ID).PaymentIntent.LatestCharge; charge.PaymentMethodDetails.Card.ThreeDSecure.Result != "authenticated" {
		t.Errorf("no proof on the charge: %+v", charge.PaymentMethodDetails.Card.ThreeDSecure)
	}
	// A second click on the same step changes nothing and goes on to the shop.
	page.send(http.MethodPost, step, url.Values{"answer": {"fail"}})
	w.arrives(page, session)
	if got := w.session(session.ID).PaymentStatus; got != stripe.CheckoutSessionPaymentStatusPaid {
		t.Errorf("payment status %s", got)
	}
}

func TestAnIssuerMayDeclineAfterTheProof(t *testing.T) {
	w := newShop(t)
	session := w.checkout()
	page := visit(t, session.URL).click("4000 0082 6000 3178").press("Pay €84.00").follow().press("It is me, I accept").follow()
	page.shows("The card was declined", "Your card has insufficient funds.")
}

func TestAPhoneWalletPaysWithItsTestCard(t *testing.T) {
	for button, want := range map[string]stripe.PaymentMethodCardWalletType{"Apple Pay": "apple_pay", "Google Pay": "google_pay"} {
		w := newShop(t)
		session := w.checkout()
		page := visit(t, session.URL).press(button)
		w.arrives(page, session)
		card := w.session(session.ID).PaymentIntent.LatestCharge.PaymentMethodDetails.Card
		if card.Wallet == nil || string(card.Wallet.Type) != string(want) || card.Wallet.DynamicLast4 != "4242" {
			t.Errorf("%s: wallet %+v", button, card.Wallet)
		}
	}
}

func TestADoubleClickPaysOnce(t *testing.T) {
	w := newShop(t)
	session := w.checkout()
	const clicks = 8
	pages := make([]*visitor, clicks)
	for i := range pages {
		pages[i] = visit(t, session.URL).click("4242 4242 4242 4242")
	}
	var all sync.WaitGroup
	for _, page := range pages {
		all.Go(func() {
			page.send(http.MethodPost, session.URL, url.Values{"method": {"card"}, "number": {"4242424242424242"}, "expiry": {"12/34"}, "cvc": {"123"}, "name": {"Ada"}})
		})
	}
	all.Wait()
	for _, page := range pages {
		w.arrives(page, session)
	}
	intent := w.session(session.ID).PaymentIntent
	charges := w.api.Charges.List(&stripe.ChargeListParams{PaymentIntent: stripe.String(intent.ID)})
	n := 0
	for charges.Next() {
		n++
	}
	if n != 1 || intent.AmountReceived != 8400 {
		t.Errorf("%d charges, received %d", n, intent.AmountReceived)
	}
}

func TestAPageThatClosedTakesNothing(t *testing.T) {
	w := newShop(t)
	session := w.checkout()
	page := visit(t, session.URL).click("4242 4242 4242 4242")
	if err := w.box.Advance(25 * time.Hour); err != nil {
		t.Fatal(err)
	}
	page.press("Pay €84.00")
	if page.Status != http.StatusGone {
		t.Errorf("status %d", page.Status)
	}
	page.shows("This page has closed", "Nothing was taken.")
	if got := w.session(session.ID).Status; got != stripe.CheckoutSessionStatusExpired {
		t.Errorf("session %s", got)
	}
}

func TestALateProofAfterThePageClosedPaysNothing(t *testing.T) {
	w := newShop(t)
	session := w.checkout()
	page := visit(t, session.URL).click("4000 0027 6000 3184").press("Pay €84.00").follow()
	if err := w.box.Advance(25 * time.Hour); err != nil {
		t.Fatal(err)
	}
	page.press("It is me, I accept").follow().shows("This page has closed")
	if got := w.session(session.ID); got.PaymentIntent.Status != stripe.PaymentIntentStatusCanceled || got.PaymentIntent.AmountReceived != 0 {
		t.Errorf("intent %s", got.PaymentIntent.Status)
	}
}

func TestACardIsSavedWithoutTakingMoney(t *testing.T) {
	w := newShop(t)
	customer := w.customer()
	session := w.checkout(func(p *stripe.CheckoutSessionParams) {
		p.Mode, p.LineItems, p.CustomerEmail, p.Customer = stripe.String("setup"), nil, nil, &customer.ID
		p.PaymentMethodTypes = stripe.StringSlice([]string{"card"})
	})
	page := visit(t, session.URL)
	page.shows("Save a card for Amiable sandbox", "Nothing is taken today.")
	page.click("4000 0025 0000 3155").press("Save this card").follow().shows("None: the card is being saved")
	page.press("It is me, I accept")
	w.arrives(page, session)
	saved := w.session(session.ID)
	if saved.SetupIntent.Status != stripe.SetupIntentStatusSucceeded || saved.SetupIntent.PaymentMethod.Customer.ID != customer.ID {
		t.Errorf("setup %+v", saved.SetupIntent)
	}
	page.open(session.URL).shows("The card is saved.")
}

func TestADebitIsPromisedNowAndPaidLater(t *testing.T) {
	w := newShop(t)
	session := w.checkout(func(p *stripe.CheckoutSessionParams) {
		p.PaymentMethodTypes = stripe.StringSlice([]string{"sepa_debit"})
	})
	page := visit(t, session.URL)
	page.press("Authorise a debit of €84.00", "iban", "DE89370400440532013000").shows("This IBAN is not in the list")
	page.press("Authorise a debit of €84.00", "iban", "at32 1904 3002 3547 3204")
	w.arrives(page, session)
	page.open(session.URL).shows("The debit of €84.00 is under way.")
	if err := w.box.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := w.session(session.ID).PaymentStatus; got != stripe.CheckoutSessionPaymentStatusPaid {
		t.Errorf("payment status %s", got)
	}
}

func TestPagesSpeakTheSessionsLanguage(t *testing.T) {
	w := newShop(t)
	french := w.checkout(func(p *stripe.CheckoutSessionParams) { p.Locale = stripe.String("fr") })
	page := visit(t, french.URL)
	page.shows("Bac à sable : aucune vraie carte", "Payer Amiable sandbox", "84,00 €", "Revenir sans payer")
	page.click("4000 0000 0000 9995").press("Payer 84,00").shows("La carte a été refusée", "La provision de votre carte ne suffit pas.")

	open := w.checkout(func(p *stripe.CheckoutSessionParams) { p.Locale = nil })
	browser := &visitor{T: t, lang: "fr-CH, en;q=0.8"}
	browser.open(open.URL).shows("Revenir sans payer")
	browser.lang = "nl, en;q=0.5"
	browser.open(open.URL).shows("Go back without paying")
}

func TestAPageOfAnotherOriginCannotPressOurButtons(t *testing.T) {
	w := newShop(t)
	session := w.checkout()
	for _, address := range []string{session.URL, w.url + "/_sandbox/reset", w.url + "/_sandbox/checkout/" + session.ID + "/pay"} {
		for _, header := range [][2]string{{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}} {
			request, err := http.NewRequest(http.MethodPost, address, strings.NewReader("wallet=apple_pay"))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			request.Header.Set(header[0], header[1])
			response, err := http.DefaultTransport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != http.StatusForbidden {
				t.Errorf("%s with %v: status %d", address, header, response.StatusCode)
			}
		}
	}
	if got := w.session(session.ID).Status; got != stripe.CheckoutSessionStatusOpen {
		t.Errorf("session %s", got)
	}
}

func TestNothingIsWhereNothingWasOpened(t *testing.T) {
	w := newShop(t)
	for _, path := range []string{"/c/pay/cs_test_nobody", "/3ds/pi_nobody", "/onboarding/acct_nobody", "/express/acct_nobody", "/favicon.ico"} {
		page := visit(t, w.url+path)
		if page.Status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, page.Status)
		}
		page.shows("There is nothing here")
	}
	visit(t, w.url+"/").follow().shows("Controls of the sandbox")
}
