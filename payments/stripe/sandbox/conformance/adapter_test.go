package conformance

import (
	"context"
	"errors"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	adapter "amiable/payments/stripe"
	"amiable/payments/stripe/sandbox"
)

// TestEveryRequestOfTheAdapterIsStripes is O1 and O4 for the product: whatever
// our adapter says, Stripe would understand, in every call it can make.
func TestEveryRequestOfTheAdapterIsStripes(t *testing.T) {
	s := openSandbox(t)
	s.recorder.EveryRequestLegal = true
	m := openMailbox(t)
	if err := m.subscribe(s.base, sandboxKey); err != nil {
		t.Fatal(err)
	}
	gateway, err := adapter.New(adapter.Config{
		Key: sandboxKey, BaseURL: s.watched, OwnSandbox: true, WebhookSecrets: m.allSecrets(),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()

	creditor := &negotiation.Creditor{ID: "c1", Name: "Verne & Fils SARL", Email: "compta@verne.example", Country: "FR"}
	opened, err := gateway.OpenAccount(ctx, "account:c1", creditor)
	if err != nil {
		t.Fatal(err)
	}
	if link, err := gateway.OnboardingLink(ctx, opened.AccountID, "https://amiable.example/back", "https://amiable.example/again"); err != nil || link == "" {
		t.Fatalf("onboarding link %q, %v", link, err)
	}
	if err := s.CompleteOnboarding(opened.AccountID); err != nil {
		t.Fatal(err)
	}
	account, err := gateway.FetchAccount(ctx, opened.AccountID)
	if err != nil || !account.ChargesEnabled {
		t.Fatalf("the account after onboarding: %+v, %v", account, err)
	}

	checkout := func(key string, fee int64, lines ...payments.Line) payments.Session {
		t.Helper()
		session, err := gateway.StartCheckout(ctx, payments.Checkout{
			Key: key, PaymentID: key, CaseID: "case-1", Reference: "K7QM-2XWP", Creditor: creditor.Name,
			Email: "ada@example.com", Language: "fr", Lines: lines, Fee: money.Euros(fee), Account: account.AccountID,
			ExpiresAt: s.Now().Add(time.Hour), SuccessURL: "https://amiable.example/ok", CancelURL: "https://amiable.example/no",
		})
		if err != nil {
			t.Fatal(err)
		}
		return session
	}
	two := []payments.Line{{Name: "F-2025-017", Amount: money.Euros(8400)}, {Name: "F-2025-031", Amount: money.Euros(1600)}}

	unused := checkout("unused", 0, two[0])
	for range 2 { // closing twice is closing
		if err := gateway.ExpireCheckout(ctx, unused.ID); err != nil {
			t.Fatal(err)
		}
	}
	if fact, err := gateway.FetchCheckout(ctx, unused.ID); err != nil || fact.Progress != payments.Expired {
		t.Errorf("a closed page: %+v, %v", fact, err)
	}

	paid := checkout("paid", 1200, two...)
	if again := checkout("paid", 1200, two...); again.ID != paid.ID {
		t.Errorf("the same key opened %s and %s", paid.ID, again.ID)
	}
	result, err := s.CompleteCheckout(paid.ID, sandbox.Card{Number: "4242424242424242"})
	if err != nil {
		t.Fatalf("%+v, %v", result, err)
	}
	if err := gateway.ExpireCheckout(ctx, paid.ID); !errors.Is(err, payments.ErrCompleted) {
		t.Errorf("closing a page that was paid: %v", err)
	}
	fact, err := gateway.FetchCheckout(ctx, paid.ID)
	if err != nil || fact.Progress != payments.Collected || fact.Amount != money.Euros(10000) || fact.PaymentID != "paid" || fact.Means != "card visa 4242" {
		t.Errorf("a paid page: %+v, %v", fact, err)
	}
	if same, err := gateway.FetchPayment(ctx, fact.IntentID); err != nil || same.Progress != payments.Collected || same.ChargeID != fact.ChargeID {
		t.Errorf("its payment: %+v, %v", same, err)
	}
	if problems, err := gateway.CheckEndpoints(ctx, m.URL); err != nil || len(problems) > 0 {
		t.Errorf("endpoints: %v, %v", problems, err)
	}

	// What Stripe tells is read as it is told.
	told := map[string]bool{}
	for _, kind := range []string{"checkout.session.completed", "payment_intent.succeeded", "checkout.session.expired", "account.updated"} {
		d := m.await(deliveryDeadline, func(d delivery) bool { return d.Type == kind })
		if d == nil {
			t.Errorf("%s was not delivered", kind)
			continue
		}
		n, err := gateway.ReadNotification(d.Body, d.Proof.Signature)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		told[kind] = n.Payment != nil || n.Merchant != nil
	}
	for kind, understood := range told {
		if !understood {
			t.Errorf("%s carries no fact", kind)
		}
	}
	verdict(t, s.recorder.Complaints())
	s.sound(t)
}
