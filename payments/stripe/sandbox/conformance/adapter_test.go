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

	// A card is kept, once with a payment and once alone, and charged while its
	// holder is away.
	customer, err := gateway.KeepCustomer(ctx, payments.Customer{Key: "customer:1", PartyID: "party-1", Email: "ada@example.com", Language: "fr"})
	if err != nil {
		t.Fatal(err)
	}
	keeping, err := gateway.StartCheckout(ctx, payments.Checkout{
		Key: "keeping", PaymentID: "keeping", CaseID: "case-1", Reference: "K7QM-2XWP", Creditor: creditor.Name, Language: "fr", Lines: two[:1], Fee: money.Euros(100),
		Account: account.AccountID, ExpiresAt: s.Now().Add(time.Hour), SuccessURL: "https://amiable.example/ok", CancelURL: "https://amiable.example/no", Customer: customer,
	})
	if err != nil {
		t.Fatal(err)
	}
	prove := func(session string) {
		t.Helper()
		if result, err := s.CompleteCheckout(session, sandbox.Card{Number: "4242424242424242"}); err != nil || result.State != sandbox.CheckoutProof {
			t.Fatalf("%+v, %v", result, err)
		}
		visit, err := s.Checkout(session)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Approve3DS(visit.Intent); err != nil {
			t.Fatal(err)
		}
	}
	prove(keeping.ID)
	if fact, err := gateway.FetchCheckout(ctx, keeping.ID); err != nil || !fact.Card.Saved() || fact.Card.CustomerID != customer || fact.Card.Last4 != "4242" {
		t.Errorf("a card kept with a payment: %+v, %v", fact, err)
	}
	alone, err := gateway.StartCardPage(ctx, payments.CardPage{
		Key: "card:1", AuthorityID: "authority-1", CaseID: "case-1", Reference: "K7QM-2XWP", Customer: customer, Account: account.AccountID, Language: "fr",
		ExpiresAt: s.Now().Add(time.Hour), SuccessURL: "https://amiable.example/ok", CancelURL: "https://amiable.example/no",
	})
	if err != nil {
		t.Fatal(err)
	}
	prove(alone.ID)
	saved, err := gateway.FetchCardPage(ctx, alone.ID)
	if err != nil || !saved.Card.Saved() || saved.AuthorityID != "authority-1" || saved.Card.ExpYear == 0 {
		t.Fatalf("a card kept alone: %+v, %v", saved, err)
	}
	if card, err := gateway.FetchCard(ctx, saved.Card.MethodID); err != nil || card != saved.Card {
		t.Errorf("the card: %+v, %v", card, err)
	}
	charge := payments.Charge{
		Key: "charge:1", PaymentID: "charge-1", CaseID: "case-1", Reference: "K7QM-2XWP", Amount: money.Euros(4000), Fee: money.Euros(400), Account: account.AccountID,
		Customer: customer, Method: saved.Card.MethodID,
	}
	if err := s.DeclineScript(saved.Card.MethodID, "insufficient_funds"); err != nil {
		t.Fatal(err)
	}
	declined, err := gateway.ChargeCard(ctx, charge)
	if err != nil || declined.Progress != payments.Failed || declined.Failure != "insufficient_funds" || declined.ChargeID == "" || declined.IntentID == "" {
		t.Fatalf("a declined charge: %+v, %v", declined, err)
	}
	if found, err := gateway.FindPayment(ctx, customer, "charge-1"); err != nil || found.IntentID != declined.IntentID || found.ChargeID != declined.ChargeID {
		t.Errorf("looked up by our id: %+v, %v", found, err)
	}
	if _, err := gateway.FindPayment(ctx, customer, "charge-2"); !errors.Is(err, payments.ErrNothing) {
		t.Errorf("looked up what is not there: %v", err)
	}
	charge.Key, charge.IntentID = "charge:2", declined.IntentID
	if fact, err := gateway.ChargeCard(ctx, charge); err != nil || fact.Progress != payments.Collected || fact.Amount != money.Euros(4000) || fact.IntentID != declined.IntentID {
		t.Errorf("tried again: %+v, %v", fact, err)
	}
	charge.Key = "charge:3"
	if fact, err := gateway.ChargeCard(ctx, charge); err != nil || fact.Progress != payments.Collected {
		t.Errorf("tried again after it came in: %+v, %v", fact, err)
	}
	if err := gateway.CancelPayment(ctx, declined.IntentID); !errors.Is(err, payments.ErrCompleted) {
		t.Errorf("giving up what came in: %v", err)
	}
	separately(t, gateway, charge)
	if err := s.DeclineScript(saved.Card.MethodID, sandbox.AuthRequired); err != nil {
		t.Fatal(err)
	}
	charge.Key, charge.PaymentID, charge.IntentID = "charge:4", "charge-4", ""
	asked, err := gateway.ChargeCard(ctx, charge)
	if err != nil || asked.Failure != "authentication_required" {
		t.Fatalf("a charge that needs its holder: %+v, %v", asked, err)
	}
	for range 2 { // giving up twice is giving up
		if err := gateway.CancelPayment(ctx, asked.IntentID); err != nil {
			t.Errorf("giving up: %v", err)
		}
	}
	if err := gateway.ForgetCard(ctx, saved.Card.MethodID); err != nil {
		t.Errorf("forgetting the card: %v", err)
	}
	charge.Key, charge.PaymentID = "charge:5", "charge-5"
	if _, err := gateway.ChargeCard(ctx, charge); !errors.Is(err, payments.ErrRefused) {
		t.Errorf("charging a card that was forgotten: %v", err)
	}

	moneyBack(t, s, gateway, account.AccountID, fact)
	transfers(t, s, gateway, account.AccountID)

	// What Stripe tells is read as it is told.
	told := map[string]bool{}
	for _, kind := range []string{"refund.created", "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed", "charge.dispute.funds_reinstated", "checkout.session.completed", "payment_intent.succeeded", "checkout.session.expired", "account.updated", "setup_intent.succeeded", "payment_method.detached",
		"payment_intent.partially_funded", "cash_balance.funds_available"} {
		d := m.await(deliveryDeadline, func(d delivery) bool { return d.Type == kind })
		if d == nil {
			t.Errorf("%s was not delivered", kind)
			continue
		}
		n, err := gateway.ReadNotification(d.Body, d.Proof.Signature)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		told[kind] = n.Concerns()
	}
	for kind, understood := range told {
		if !understood {
			t.Errorf("%s carries no fact", kind)
		}
	}
	verdict(t, s.recorder.Complaints())
	s.sound(t)
}
