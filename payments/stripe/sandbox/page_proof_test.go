package sandbox_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stripe/stripe-go/v76"
)

// asking is a payment intent of no session whose card asks for proof.
func (w *shop) asking(returnURL string) *stripe.PaymentIntent {
	w.Helper()
	p := &stripe.PaymentIntentParams{Amount: stripe.Int64(5000), Currency: stripe.String("eur"), Confirm: stripe.Bool(true),
		PaymentMethod: stripe.String("pm_card_authenticationRequired"), PaymentMethodTypes: stripe.StringSlice([]string{"card"})}
	if returnURL != "" {
		p.ReturnURL = &returnURL
	}
	return must[*stripe.PaymentIntent](w.world)(w.api.PaymentIntents.New(p))
}

func TestProofLeadsBackToTheShopWithWhatCameOfIt(t *testing.T) {
	w := newShop(t)
	for button, want := range map[string]string{"It is me, I accept": "succeeded", "It is not me: refuse": "failed"} {
		intent := w.asking("https://portal.example.com/return?case=7")
		page := visit(t, intent.NextAction.RedirectToURL.URL)
		page.shows("Your bank asks whether this is you", "€50.00").press(button)
		to, err := url.Parse(page.To)
		if err != nil || page.Status != http.StatusSeeOther {
			t.Fatalf("status %d to %q", page.Status, page.To)
		}
		query := to.Query()
		if to.Host != "portal.example.com" || query.Get("case") != "7" || query.Get("payment_intent") != intent.ID ||
			query.Get("payment_intent_client_secret") != intent.ClientSecret || query.Get("redirect_status") != want {
			t.Errorf("%s: sent to %s", button, page.To)
		}
		page.open("/3ds/" + intent.ID).shows("This request is closed")
	}
}

func TestProofWithNowhereToGoSaysWhatCameOfIt(t *testing.T) {
	w := newShop(t)
	intent := w.asking("")
	page := visit(t, w.url+"/3ds/"+intent.ID)
	page.press("Leave without answering").shows("No answer", "The request stays open.")
	page.click("Continue").press("It is me, I accept").shows("The bank has accepted")
	if got := must[*stripe.PaymentIntent](w.world)(w.api.PaymentIntents.Get(intent.ID, nil)).Status; got != stripe.PaymentIntentStatusSucceeded {
		t.Errorf("intent %s", got)
	}
	other := w.asking("")
	visit(t, w.url+"/3ds/"+other.ID).press("It is not me: refuse").shows("The bank has refused", "Nothing was taken.")
}

func TestAnAnswerThatIsNoneAsksAgain(t *testing.T) {
	w := newShop(t)
	intent := w.asking("")
	page := visit(t, w.url+"/3ds/"+intent.ID)
	page.send(http.MethodPost, "/3ds/"+intent.ID, url.Values{"answer": {"perhaps"}})
	page.follow().shows("Your bank asks whether this is you")
}
