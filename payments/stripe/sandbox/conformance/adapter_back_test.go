package conformance

import (
	"context"
	"errors"
	"testing"
	"time"

	"amiable/negotiation/money"
	"amiable/payments"
	adapter "amiable/payments/stripe"
)

// moneyBack makes every call of the adapter about money that goes back, on a
// payment of 100.00 with a fee of 12.00: part of it is refunded, the rest is
// disputed, pulled out of the creditor's account, won, and put back.
func moneyBack(t *testing.T, s *subject, gateway *adapter.Gateway, account string, paid payments.Fact) {
	t.Helper()
	ctx := context.Background()
	back := payments.Back{Key: "refund:1", RefundID: "refund-1", PaymentID: "paid", CaseID: "case-1", IntentID: paid.IntentID, Amount: money.Euros(2500), FeeToo: true}
	made, err := gateway.GiveBack(ctx, back)
	if err != nil || made.State != payments.RefundSucceeded || made.RefundID != "refund-1" || !made.Pulled || made.Fee != 300 || made.Amount != money.Euros(2500) {
		t.Fatalf("a refund: %+v, %v", made, err)
	}
	if same, err := gateway.GiveBack(ctx, back); err != nil || same.GatewayID != made.GatewayID {
		t.Errorf("the same key: %+v, %v", same, err)
	}
	if found, err := gateway.FindRefund(ctx, paid.IntentID, "refund-1"); err != nil || found != made {
		t.Errorf("looked up by our id: %+v, %v, want %+v", found, err, made)
	}
	if _, err := gateway.FindRefund(ctx, paid.IntentID, "refund-2"); !errors.Is(err, payments.ErrNothing) {
		t.Errorf("looked up what is not there: %v", err)
	}
	if found, err := gateway.FetchRefund(ctx, made.GatewayID); err != nil || found != made {
		t.Errorf("fetched: %+v, %v", found, err)
	}
	back.Key, back.RefundID, back.Amount, back.Duplicate = "refund:2", "refund-2", money.Euros(9000), true
	if _, err := gateway.GiveBack(ctx, back); !errors.Is(err, payments.ErrRefused) {
		t.Errorf("more than was paid: %v", err)
	}

	id, err := s.Dispute(paid.IntentID, 0, "", false)
	if err != nil {
		t.Fatal(err)
	}
	open, err := gateway.FetchChargeback(ctx, id)
	if err != nil || open.State != payments.ChargebackOpen || open.Taken != money.Euros(7500) || open.Moves != 1 || !open.Cost.IsPositive() || open.Answered || open.IntentID != paid.IntentID {
		t.Fatalf("a chargeback: %+v, %v", open, err)
	}
	back.Key, back.Amount = "refund:3", money.Euros(100)
	if _, err := gateway.GiveBack(ctx, back); !errors.Is(err, payments.ErrRefused) {
		t.Errorf("a refund of what the bank took: %v", err)
	}
	move := payments.Move{Key: "transit:1", ID: "transit-1", Kind: payments.Pull, ChargeID: open.ChargeID, Account: account, Amount: money.Euros(7500), Fee: money.Euros(900)}
	if _, err := gateway.FindMove(ctx, move); !errors.Is(err, payments.ErrNothing) {
		t.Errorf("not pulled yet: %v", err)
	}
	pulled, err := gateway.PullBack(ctx, move)
	if err != nil {
		t.Fatal(err)
	}
	if found, err := gateway.FindMove(ctx, move); err != nil || found != pulled {
		t.Errorf("pulled as %s, found as %s, %v", pulled, found, err)
	}
	answered, err := gateway.SendEvidence(ctx, "evidence:1", id, payments.Evidence{
		Customer: "Ada", Email: "ada@example.com", Product: "F-2025-017", PaidOn: "2026-01-05", Access: "2026-01-05T09:00:00Z page opened", Text: "winning_evidence",
	})
	if err != nil || !answered.Answered || answered.State != payments.ChargebackAnswered && answered.State != payments.ChargebackWon {
		t.Errorf("answered: %+v, %v", answered, err)
	}
	if won, err := gateway.FetchChargeback(ctx, id); err != nil || won.State != payments.ChargebackWon || won.Taken.IsPositive() || won.Moves != 2 {
		t.Errorf("won: %+v, %v", won, err)
	}
	move = payments.Move{Key: "transit:2", ID: "transit-2", Kind: payments.Put, ChargeID: open.ChargeID, Account: account, Amount: money.Euros(7500), Fee: money.Euros(900)}
	put, err := gateway.PutBack(ctx, move)
	if err != nil {
		t.Fatal(err)
	}
	if found, err := gateway.FindMove(ctx, move); err != nil || found != put {
		t.Errorf("put as %s, found as %s, %v", put, found, err)
	}

	told, after := map[string]bool{}, ""
	for range 20 {
		page, next, err := gateway.ListNotifications(ctx, time.Unix(0, 0), after)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range page {
			n, err := gateway.RereadNotification(one.Body)
			if err != nil || n.ID != one.ID || told[n.ID] {
				t.Errorf("listed %s: %+v, %v", one.ID, n, err)
			}
			told[n.ID] = true
		}
		if after = next; next == "" {
			break
		}
	}
	if len(told) < 10 {
		t.Errorf("%d notifications are listed", len(told))
	}
}
