package conformance

import (
	"context"
	"errors"
	"testing"
	"time"

	"amiable/negotiation/money"
	"amiable/payments"
	adapter "amiable/payments/stripe"
	"amiable/payments/stripe/sandbox"
)

// transfers goes through what the adapter asks about bank transfers: announced
// on the page, come in part, called off, taken from what is held, given back.
func transfers(t *testing.T, s *subject, gateway *adapter.Gateway, account string) {
	t.Helper()
	ctx := context.Background()
	if fact, err := gateway.FetchAccount(ctx, account); err != nil || !fact.TransfersEnabled {
		t.Fatalf("the account takes no transfers: %+v, %v", fact, err)
	}
	who := payments.Customer{Key: "transfers:case-1", PartyID: "party-1", CaseID: "case-1", Email: "ada@example.com", Language: "fr"}
	customer, err := gateway.OpenTransferAccount(ctx, who)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := gateway.OpenTransferAccount(ctx, who); err != nil || again != customer {
		t.Errorf("the same key opened %s and %s, %v", customer, again, err)
	}
	announce := func(key string) payments.Fact {
		t.Helper()
		session, err := gateway.StartCheckout(ctx, payments.Checkout{
			Key: key, PaymentID: key, CaseID: "case-1", Reference: "K7QM-2XWP", Language: "fr", Lines: []payments.Line{{Name: "F-2025-017", Amount: money.Euros(8400)}}, Fee: money.Euros(840),
			Account: account, ExpiresAt: s.Now().Add(time.Hour), SuccessURL: "https://amiable.example/ok", CancelURL: "https://amiable.example/no",
			Methods: []payments.Method{payments.CardMethod, payments.TransferMethod}, Transfers: customer,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.CompleteCheckout(session.ID, sandbox.Card{Transfer: true, Name: "Ada"}); err != nil {
			t.Fatal(err)
		}
		if err := gateway.ExpireCheckout(ctx, session.ID); !errors.Is(err, payments.ErrCompleted) {
			t.Errorf("closing a page on which a transfer was announced: %v", err)
		}
		fact, err := gateway.FetchCheckout(ctx, session.ID)
		if err != nil || fact.Progress != payments.Awaiting || fact.Transfer == nil || fact.PaymentID != key {
			t.Fatalf("announced: %+v, %v", fact, err)
		}
		return fact
	}
	arrives := func(fact payments.Fact, amount int64) {
		t.Helper()
		if err := s.SendTransfer(sandbox.Transfer{To: fact.IntentID, Amount: amount, Reference: fact.Transfer.Reference}); err != nil {
			t.Fatal(err)
		}
	}
	held := func() int64 {
		t.Helper()
		sum, err := gateway.FetchHeld(ctx, customer, money.EUR)
		if err != nil {
			t.Fatal(err)
		}
		return sum.Minor
	}

	whole := announce("transfer-1")
	if to := whole.Transfer; to.IBAN == "" || to.BIC == "" || to.Holder == "" || to.Reference == "" || to.Remaining != money.Euros(8400) {
		t.Errorf("where it goes: %+v", to)
	}
	arrives(whole, 3000)
	if fact, err := gateway.FetchPayment(ctx, whole.IntentID); err != nil || fact.Progress != payments.Awaiting || fact.Transfer.Remaining != money.Euros(5400) {
		t.Errorf("in part: %+v, %v", fact, err)
	}
	arrives(whole, 0)
	if fact, err := gateway.FetchPayment(ctx, whole.IntentID); err != nil || fact.Progress != payments.Collected || fact.Amount != money.Euros(8400) || fact.Means != "customer_balance" || fact.Card.Saved() {
		t.Errorf("the whole: %+v, %v", fact, err)
	}
	if err := gateway.CancelPayment(ctx, whole.IntentID); !errors.Is(err, payments.ErrCompleted) {
		t.Errorf("calling off what came: %v", err)
	}
	back, err := gateway.GiveBack(ctx, payments.Back{Key: "back:transfer", RefundID: "back-transfer", PaymentID: "transfer-1", CaseID: "case-1", IntentID: whole.IntentID, Amount: money.Euros(400), FeeToo: true})
	if err != nil || back.State != payments.RefundPending {
		t.Errorf("given back: %+v, %v", back, err)
	}

	part := announce("transfer-2")
	arrives(part, 2000)
	for range 2 { // calling off twice is calling off
		if err := gateway.CancelPayment(ctx, part.IntentID); err != nil {
			t.Fatal(err)
		}
	}
	arrives(part, 500)
	if held() != 2500 {
		t.Errorf("%d are held", held())
	}
	take := payments.Charge{Key: "held:1", PaymentID: "held-1", CaseID: "case-1", Reference: "K7QM-2XWP", Amount: money.Euros(2500), Fee: money.Euros(250), Account: account, Customer: customer, Kind: payments.TransferMethod}
	taken, err := gateway.TakeHeld(ctx, take)
	if err != nil || taken.Progress != payments.Collected || taken.Amount != money.Euros(2500) || held() != 0 {
		t.Errorf("taken: %+v, %v, %d are held", taken, err, held())
	}
	if found, err := gateway.FindPayment(ctx, customer, "held-1"); err != nil || found.IntentID != taken.IntentID {
		t.Errorf("looked up by our id: %+v, %v", found, err)
	}
	take.Key, take.PaymentID = "held:2", "held-2"
	less, err := gateway.TakeHeld(ctx, take)
	if err != nil || less.Progress != payments.Awaiting {
		t.Fatalf("taken of nothing: %+v, %v", less, err)
	}
	if err := gateway.CancelPayment(ctx, less.IntentID); err != nil {
		t.Error(err)
	}
	if err := s.Advance(time.Hour); err != nil { // the refund arrives
		t.Fatal(err)
	}
	if now, err := gateway.FetchRefund(ctx, back.GatewayID); err != nil || now.State != payments.RefundSucceeded {
		t.Errorf("given back: %+v, %v", now, err)
	}
}
