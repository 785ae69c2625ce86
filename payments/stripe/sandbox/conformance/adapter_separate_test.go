package conformance

import (
	"context"
	"errors"
	"testing"

	"amiable/negotiation/money"
	"amiable/payments"
	adapter "amiable/payments/stripe"
)

// separately makes every call of the adapter about a charge of the platform's of
// which the creditor's part is transferred afterwards: 40.00 with a fee of 4.80,
// in two transfers, one of which is taken back after a refund.
func separately(t *testing.T, gateway *adapter.Gateway, charge payments.Charge) {
	t.Helper()
	ctx := context.Background()
	charge.Key, charge.PaymentID, charge.Separate, charge.IntentID = "charge:separate", "separate-1", true, ""
	charge.Amount, charge.Fee = money.Euros(4000), money.Euros(480)
	came, err := gateway.ChargeCard(ctx, charge)
	if err != nil || came.Progress != payments.Collected || came.Amount != charge.Amount {
		t.Fatalf("a charge of the platform's: %+v, %v", came, err)
	}
	put := payments.Move{
		Key: "transit:separate:1", ID: "transit-s1", Kind: payments.Put, ChargeID: came.ChargeID, Account: charge.Account, Amount: money.Euros(3000), Fee: money.Euros(360),
	}
	if _, err := gateway.FindMove(ctx, put); !errors.Is(err, payments.ErrNothing) {
		t.Errorf("not transferred yet: %v", err)
	}
	first, err := gateway.PutBack(ctx, put)
	if err != nil {
		t.Fatal(err)
	}
	if found, err := gateway.FindMove(ctx, put); err != nil || found != first {
		t.Errorf("transferred as %s, found as %s, %v", first, found, err)
	}
	rest := put
	rest.Key, rest.ID, rest.Amount, rest.Fee = "transit:separate:2", "transit-s2", money.Euros(1000), money.Euros(120)
	second, err := gateway.PutBack(ctx, rest)
	if err != nil || second == first {
		t.Fatalf("the rest: %s, %v", second, err)
	}
	rest.Key, rest.ID = "transit:separate:3", "transit-s3"
	if _, err := gateway.PutBack(ctx, rest); !errors.Is(err, payments.ErrRefused) {
		t.Errorf("more than came in: %v", err)
	}
	back := payments.Back{Key: "refund:separate", RefundID: "refund-s", PaymentID: "separate-1", CaseID: "case-1", IntentID: came.IntentID, Amount: money.Euros(1000), Apart: true}
	if made, err := gateway.GiveBack(ctx, back); err != nil || made.State != payments.RefundSucceeded || made.Pulled || made.Fee != -1 {
		t.Fatalf("a refund: %+v, %v", made, err)
	}
	pull := payments.Move{
		Key: "transit:separate:4", ID: "transit-s4", Kind: payments.Pull, ChargeID: came.ChargeID, Of: second, Account: charge.Account, Amount: money.Euros(1000), Fee: money.Euros(120),
	}
	if _, err := gateway.FindMove(ctx, pull); !errors.Is(err, payments.ErrNothing) {
		t.Errorf("not pulled yet: %v", err)
	}
	pulled, err := gateway.PullBack(ctx, pull)
	if err != nil {
		t.Fatal(err)
	}
	if found, err := gateway.FindMove(ctx, pull); err != nil || found != pulled {
		t.Errorf("pulled as %s, found as %s, %v", pulled, found, err)
	}
	pull.Key, pull.ID = "transit:separate:5", "transit-s5"
	if _, err := gateway.PullBack(ctx, pull); !errors.Is(err, payments.ErrRefused) {
		t.Errorf("pulled twice: %v", err)
	}
}
