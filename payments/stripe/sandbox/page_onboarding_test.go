package sandbox_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
)

// newcomer is a connected account of which everything is still due, and the
// link to where it is given.
func (w *shop) newcomer() (*stripe.Account, *stripe.AccountLink) {
	w.Helper()
	account := must[*stripe.Account](w.world)(w.api.Accounts.New(&stripe.AccountParams{Type: stripe.String("express"), Country: stripe.String("FR"),
		BusinessProfile: &stripe.AccountBusinessProfileParams{Name: stripe.String("Atelier Boréal")},
		Capabilities: &stripe.AccountCapabilitiesParams{CardPayments: &stripe.AccountCapabilitiesCardPaymentsParams{Requested: stripe.Bool(true)},
			Transfers: &stripe.AccountCapabilitiesTransfersParams{Requested: stripe.Bool(true)}}}))
	return account, w.link(account.ID)
}

func (w *shop) link(account string) *stripe.AccountLink {
	w.Helper()
	return must[*stripe.AccountLink](w.world)(w.api.AccountLinks.New(&stripe.AccountLinkParams{Account: &account, Type: stripe.String("account_onboarding"),
		ReturnURL: stripe.String("https://portal.example.com/done"), RefreshURL: stripe.String("https://portal.example.com/again")}))
}

func (w *shop) account(id string) *stripe.Account {
	w.Helper()
	return must[*stripe.Account](w.world)(w.api.Accounts.GetByID(id, nil))
}

var everything = []string{"business_type", "company", "business_profile.mcc", "7399", "business_profile.url", "https://boreal.example.com", "tos_acceptance", "yes"}

func TestACreditorGivesWhatIsDueAndIsEnabled(t *testing.T) {
	w := newShop(t)
	account, link := w.newcomer()
	page := visit(t, link.URL)
	page.shows("Receive payments", "Atelier Boréal has to give the following", "Kind of business", "Activity code", "Website", "Test bank account", "I accept the terms")

	page.press("Give everything and enable", "business_profile.mcc", "no", "business_profile.url", "boreal")
	if page.Status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", page.Status)
	}
	page.shows("4 things to correct", "Choose a kind.", "Write 4 digits.", "Write an address that begins with https://", "Tick this box to go on.")
	if got := w.account(account.ID); got.DetailsSubmitted || got.ChargesEnabled {
		t.Error("an account was enabled by a form that was refused")
	}

	page.press("Give everything and enable", append(slices.Clone(everything), "external_account", "FR7630006000011234567890189")...).shows("Only the test IBAN is accepted")
	if strings.Contains(page.Body, "FR7630006000011234567890189") {
		t.Error("an IBAN that may be real is printed again")
	}
	page.press("Give everything and enable", everything...)
	if page.Status != http.StatusSeeOther || page.To != "https://portal.example.com/done" {
		t.Fatalf("status %d to %q\n%s", page.Status, page.To, page.text())
	}
	got := w.account(account.ID)
	if !got.ChargesEnabled || !got.PayoutsEnabled || !got.DetailsSubmitted || len(got.Requirements.CurrentlyDue) > 0 {
		t.Errorf("charges %v, payouts %v, due %v", got.ChargesEnabled, got.PayoutsEnabled, got.Requirements.CurrentlyDue)
	}
	if got.BusinessProfile.MCC != "7399" || got.BusinessProfile.URL != "https://boreal.example.com" || got.BusinessType != "company" || got.ExternalAccounts.Data[0].BankAccount.Last4 != "2606" {
		t.Errorf("what was given is not there: %+v", got.BusinessProfile)
	}
	w.quiet()
	if !slices.Contains(w.letter.types(), "account.updated") {
		t.Errorf("nobody was told: %v", w.letter.types())
	}
}

func TestAnOnboardingLinkOpensOnceAndForMinutes(t *testing.T) {
	w := newShop(t)
	account, first := w.newcomer()
	(&visitor{T: t}).send(http.MethodHead, first.URL, nil) // a mail program looking at a link does not spend it
	visit(t, first.URL).shows("Receive payments")
	again := visit(t, first.URL)
	if again.Status != http.StatusSeeOther || again.To != "https://portal.example.com/again" {
		t.Errorf("a link used twice: status %d to %q", again.Status, again.To)
	}

	late := w.link(account.ID)
	if err := w.box.Advance(6 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if page := visit(t, late.URL); page.To != "https://portal.example.com/again" {
		t.Errorf("an expired link: status %d to %q", page.Status, page.To)
	}

	// Without the link that was opened, a form enables nobody.
	visit(t, w.link(account.ID).URL).shows("Receive payments")
	for _, link := range []string{"", "guessed"} {
		form := url.Values{"link": {link}, "do": {"complete"}}
		for i := 0; i+1 < len(everything); i += 2 {
			form.Set(everything[i], everything[i+1])
		}
		page := visit(t, w.url+"/")
		page.send(http.MethodPost, "/onboarding/"+account.ID, form)
		if page.To != "https://portal.example.com/again" {
			t.Errorf("link %q: status %d to %q", link, page.Status, page.To)
		}
	}
	unopened := w.link(account.ID)
	token := must[*url.URL](w.world)(url.Parse(unopened.URL)).Query().Get("link")
	page := visit(t, w.url+"/")
	page.send(http.MethodPost, "/onboarding/"+account.ID, url.Values{"link": {token}, "do": {"restrict"}})
	if w.account(account.ID).DetailsSubmitted {
		t.Error("a link that nobody opened was acted upon")
	}
}

func TestACreditorMayLeaveUnfinished(t *testing.T) {
	w := newShop(t)
	account, link := w.newcomer()
	page := visit(t, link.URL).press("Leave unfinished")
	if page.To != "https://portal.example.com/done" {
		t.Errorf("status %d to %q", page.Status, page.To)
	}
	if got := w.account(account.ID); got.ChargesEnabled || len(got.Requirements.CurrentlyDue) == 0 {
		t.Errorf("enabled without giving anything: %+v", got.Requirements)
	}
}

func TestAFailedCheckRestrictsAndADocumentRestores(t *testing.T) {
	w := newShop(t)
	account, link := w.newcomer()
	visit(t, link.URL).press("Fail the check")
	got := w.account(account.ID)
	if got.ChargesEnabled || got.Requirements.DisabledReason == "" || !got.DetailsSubmitted {
		t.Fatalf("charges %v, because %q", got.ChargesEnabled, got.Requirements.DisabledReason)
	}
	page := visit(t, w.link(account.ID).URL)
	page.press("Give everything and enable").shows("Tick this box to go on.")
	page.press("Give everything and enable", "individual.verification.document", "yes")
	if got := w.account(account.ID); !got.ChargesEnabled || len(got.Requirements.CurrentlyDue) > 0 {
		t.Errorf("charges %v, due %v", got.ChargesEnabled, got.Requirements.CurrentlyDue)
	}
	visit(t, w.link(account.ID).URL).shows("Nothing is missing. This account can receive payments.")
}

func TestACreditorSeesTheirBalance(t *testing.T) {
	w := newShop(t)
	creditor := w.creditor()
	link := must[*stripe.LoginLink](w.world)(w.api.LoginLinks.New(&stripe.LoginLinkParams{Account: &creditor.ID}))
	page := visit(t, link.URL)
	page.shows("This account can receive payments.", "No payment has come yet.")
	session := w.checkout(func(p *stripe.CheckoutSessionParams) {
		p.PaymentIntentData = &stripe.CheckoutSessionPaymentIntentDataParams{ApplicationFeeAmount: stripe.Int64(400), OnBehalfOf: &creditor.ID,
			TransferData: &stripe.CheckoutSessionPaymentIntentDataTransferDataParams{Destination: &creditor.ID}}
	})
	w.arrives(visit(t, session.URL).press("Apple Pay"), session)
	page.open(link.URL).shows("Pending €80.00", "Available €0.00")
	w.box.Settle()
	page.open(link.URL).shows("Pending €0.00", "Available €80.00")
}
