package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
)

// Money goes back in a simulated year as well: agents give some back, payers go
// to their banks, which decide one way or the other.

// adviser is the agent who says yes and answers.
var adviser = negotiation.Actor{Role: negotiation.RoleAgent, ID: "a", Name: "Nadia Ferrand"}

// moneyBack lets something of that happen to a debtor's payments, or nothing.
func (y *year) moneyBack(p person) {
	if y.draw(15) {
		y.givesBack(p)
	}
	if y.draw(10) {
		y.saysYes(p)
	}
	if y.draw(50) {
		y.goesToTheBank(p)
	}
	if y.draw(15) {
		y.bankDecides(p)
	}
}

func (y *year) somePayment(p person) *payments.Payment {
	made, err := y.house.payments.OfCase(y.ctx, p.caseID)
	y.must(err)
	made = slices.DeleteFunc(made, func(m payments.Payment) bool { return m.State != payments.Succeeded })
	if len(made) == 0 {
		return nil
	}
	return &made[y.luck.IntN(len(made))]
}

func (y *year) givesBack(p person) {
	paid := y.somePayment(p)
	if paid == nil {
		return
	}
	order := payments.RefundOrder{Reason: payments.PaidTwice}
	if !paid.ByGateway() { // by transfer, and written down
		order.Reference = "VIR-" + y.word()
	}
	if y.draw(2) {
		order.Amount = money.Euros(int64(1 + y.luck.IntN(int(paid.Received))))
	}
	y.life("give money back", func() error {
		_, err := y.house.payments.AskRefund(y.ctx, adviser, paid.ID, order)
		return err
	})
	y.sendsBack(paid, order.Reference)
}

// saysYes decides on a refund that offers itself.
func (y *year) saysYes(p person) {
	refunds, _, err := y.house.payments.BackOf(y.ctx, p.caseID)
	y.must(err)
	for _, r := range refunds {
		if r.State != payments.RefundWanted {
			continue
		}
		y.life("say yes to a refund, or no", func() error {
			if y.draw(4) {
				return y.house.payments.CancelRefund(y.ctx, adviser, r.ID, "kept for what is to come")
			}
			return y.house.payments.ApproveRefund(y.ctx, adviser, r.ID)
		})
		return
	}
}

func (y *year) goesToTheBank(p person) {
	paid := y.somePayment(p)
	if paid == nil || paid.IntentID == nil || y.peaceful {
		return
	}
	_, err := y.box.Dispute(*paid.IntentID, 0, "", y.draw(4))
	y.note("go to the bank", err, false)
}

func (y *year) bankDecides(p person) {
	_, charged, err := y.house.payments.BackOf(y.ctx, p.caseID)
	y.must(err)
	if len(charged) == 0 {
		return
	}
	b := charged[y.luck.IntN(len(charged))]
	switch y.luck.IntN(6) {
	case 0, 1:
		y.life("answer the bank", func() error {
			words := []string{"winning_evidence", "losing_evidence", "Payé comme convenu."}[y.luck.IntN(3)]
			return y.house.payments.SubmitEvidence(y.ctx, adviser, b.ID, payments.Evidence{Customer: "Claire", Text: words})
		})
	case 2:
		y.note("the bank decides for us", y.box.WinDispute(b.GatewayID), false)
	case 3:
		y.note("the bank decides for the payer", y.box.LoseDispute(b.GatewayID), false)
	case 4:
		y.note("the bank takes what it asked about", y.box.EscalateInquiry(b.GatewayID), false)
	case 5:
		y.note("the bank is content", y.box.CloseInquiry(b.GatewayID), false)
	}
}

// backed is what the gateway says went back of a payment.
type backed struct{ refunded, taken, cost int64 }

// wentBack asks the sandbox, by Stripe's own interface, what went back of each
// charge.
func (y *year) wentBack() map[string]backed {
	y.t.Helper()
	sums := map[string]backed{}
	y.everyRow("/v1/refunds", func(row json.RawMessage) {
		var r struct {
			Charge, Status string
			Amount         int64
		}
		y.must(json.Unmarshal(row, &r))
		if r.Status == "succeeded" || r.Status == "pending" {
			b := sums[r.Charge]
			b.refunded += r.Amount
			sums[r.Charge] = b
		}
	})
	y.everyRow("/v1/disputes", func(row json.RawMessage) {
		var d struct {
			Charge string
			Rows   []struct{ Amount, Fee int64 } `json:"balance_transactions"`
		}
		y.must(json.Unmarshal(row, &d))
		b := sums[d.Charge]
		for _, moved := range d.Rows {
			b.taken -= moved.Amount
			b.cost += moved.Fee
		}
		sums[d.Charge] = b
	})
	return sums
}

// everyRow reads a list of the sandbox to its end.
func (y *year) everyRow(path string, each func(row json.RawMessage)) {
	y.t.Helper()
	y.rowsOn("", path, "", each)
}

// rowsOn reads a list of one of the accounts; none is the platform's own.
func (y *year) rowsOn(account, path, filter string, each func(row json.RawMessage)) {
	y.t.Helper()
	after := ""
	for {
		request := httptest.NewRequest(http.MethodGet, "http://sandbox.simulated"+path+"?limit=100"+filter+after, nil)
		request.Header.Set("Authorization", "Bearer "+simulatedKey)
		if account != "" {
			request.Header.Set("Stripe-Account", account)
		}
		answer := httptest.NewRecorder()
		y.box.ServeHTTP(answer, request)
		var list struct {
			HasMore bool `json:"has_more"`
			Data    []json.RawMessage
		}
		y.must(json.Unmarshal(answer.Body.Bytes(), &list))
		for _, row := range list.Data {
			each(row)
			var id struct{ ID string }
			y.must(json.Unmarshal(row, &id))
			after = fmt.Sprintf("&starting_after=%s", id.ID)
		}
		if !list.HasMore || len(list.Data) == 0 {
			return
		}
	}
}

// costs is what the gateway keeps for the chargebacks of a case, by our books.
func (y *year) costs(caseID string) (cost int64) {
	_, charged, err := y.house.payments.BackOf(y.ctx, caseID)
	y.must(err)
	for _, b := range charged {
		cost += b.Cost
	}
	return cost
}
