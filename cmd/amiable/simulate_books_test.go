package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"

	"amiable/negotiation"
	"amiable/negotiation/ledger"
	"amiable/payments"
)

// balance compares everything at the end of the year.
func (y *year) balance() {
	y.endsBank()
	y.work("remit_months", "invoice_fees", "realign", "align_worklist") // what went back this evening, and what has its turn now and then
	y.must(y.verified(y.house.negotiation.Verify(y.ctx)))
	y.must(y.verified(y.house.payments.Verify(y.ctx)))
	for _, v := range y.box.Invariants() {
		y.t.Errorf("seed %d: the sandbox's own books: %s", y.seed, v)
	}
	waiting, err := y.house.payments.WaitingNotifications(y.ctx, 10)
	y.must(err)
	for _, w := range waiting {
		y.t.Errorf("seed %d: a notification still waits: %+v", y.seed, w)
	}
	theirs, back := y.collected(), y.wentBack()
	for _, p := range slices.Concat(y.folk, y.gone) {
		y.oneCase(p, theirs, back)
	}
	y.creditorsAgree()
	y.heldAgrees()
	y.banksAgree()
	if len(theirs) > 0 {
		y.t.Errorf("seed %d: the gateway collected what we know nothing of: %v", y.seed, theirs)
	}
	y.tells()
}

// tells counts what happened in the year.
func (y *year) tells() {
	for _, p := range slices.Concat(y.folk, y.gone) {
		c := y.file(p.caseID)
		y.happened["plans"] += len(c.Plans())
		y.happened["case "+string(c.State)]++
		made, err := y.house.payments.OfCase(y.ctx, p.caseID)
		y.must(err)
		for _, m := range made {
			if m.State == payments.Succeeded {
				y.happened["payment "+string(m.Kind)]++
			}
		}
		refunds, charged, err := y.house.payments.BackOf(y.ctx, p.caseID)
		y.must(err)
		for _, r := range refunds {
			y.happened["refund "+string(r.State)]++
		}
		for _, b := range charged {
			y.happened["chargeback "+string(b.State)]++
		}
		known, err := y.house.negotiation.Disputes(y.ctx, operator, c)
		y.must(err)
		y.happened["disputes"] += len(known)
	}
	y.happened["death"], y.happened["call cut"] = y.deaths, y.cut
	y.t.Logf("seed %d: %v", y.seed, y.happened)
}

// allPayments are those of all cases.
func (y *year) allPayments() (all []payments.Payment) {
	for _, p := range slices.Concat(y.folk, y.gone) {
		made, err := y.house.payments.OfCase(y.ctx, p.caseID)
		y.must(err)
		all = append(all, made...)
	}
	return all
}

func (y *year) verified(all []negotiation.Invariant, err error) error {
	for _, i := range all {
		for _, b := range i.Breaks {
			y.t.Errorf("seed %d: %s: %s", y.seed, i.Name, b)
		}
	}
	return err
}

// gathered is what the gateway's books say of one payment of ours.
type gathered struct {
	amount, fee int64
	underWay    bool // a debit whose bank has not answered yet
}

// oneCase compares a case's payments with the gateway's, and the ledger with
// both. What was compared is taken out of theirs.
func (y *year) oneCase(p person, theirs map[string]gathered, back map[string]backed) {
	made, err := y.house.payments.OfCase(y.ctx, p.caseID)
	y.must(err)
	received := int64(0)
	for _, m := range made {
		said, known := theirs[m.ID]
		delete(theirs, m.ID)
		switch {
		case m.State == payments.Started && !m.ByGateway(), (m.State == payments.Processing) != said.underWay:
			y.t.Errorf("seed %d: payment %s is still %s", y.seed, m.ID, m.State)
		case !m.ByGateway(), said.underWay:
		case known != (m.State == payments.Succeeded):
			y.t.Errorf("seed %d: payment %s is %s, the gateway collected %+v", y.seed, m.ID, m.State, said)
		case known && (said.amount != m.Received || (m.FeeWithheld && !m.Separate && said.fee != m.Fee+m.VAT+m.FeeBack+m.VATBack) || ((!m.FeeWithheld || m.Separate) && said.fee != 0)):
			y.t.Errorf("seed %d: payment %s: received %d, fee %d, VAT %d; the gateway has %+v", y.seed, m.ID, m.Received, m.Fee, m.VAT, said)
		case known:
			received += m.Kept().Minor
			if b := back[m.ChargeID]; b.refunded != m.Refunded || b.taken != m.TakenBack {
				y.t.Errorf("seed %d: payment %s: refunded %d, taken back %d; the gateway has %+v", y.seed, m.ID, m.Refunded, m.TakenBack, b)
			}
		}
	}
	booked := y.costs(p.caseID)
	for _, posting := range y.file(p.caseID).Postings() {
		for _, e := range posting.Entries {
			if e.Account == ledger.Clearing {
				booked += e.Amount
			}
		}
	}
	if booked != received {
		y.t.Errorf("seed %d: case %s: %d came in through the gateway, the ledger has %d", y.seed, p.caseID, received, booked)
	}
}

// heldAgrees compares what the gateway holds of transfers with what we know of:
// what came in part, and what lies on the transfer accounts.
func (y *year) heldAgrees() {
	theirs, ours, known := int64(0), int64(0), int64(0)
	for _, b := range y.box.Books() {
		if b.Bucket == "cash" {
			theirs += b.Amount
		}
	}
	y.must(y.db.Read(y.ctx).Model(&payments.Payment{}).Select("COALESCE(SUM(funded), 0)").Scan(&ours).Error)
	y.must(y.db.Read(y.ctx).Model(&payments.TransferAccount{}).Select("COALESCE(SUM(held), 0)").Scan(&known).Error)
	if theirs != ours+known {
		y.t.Errorf("seed %d: the gateway holds %d of transfers, we know of %d in part and %d beside", y.seed, theirs, ours, known)
	}
	var announced, taken int64
	y.must(y.db.Read(y.ctx).Model(&payments.Payment{}).Where("announced_at IS NOT NULL").Count(&announced).Error)
	y.must(y.db.Read(y.ctx).Model(&payments.Payment{}).Where("taken_held AND state = ?", payments.Succeeded).Count(&taken).Error)
	y.t.Logf("seed %d: %d transfers announced, %d payments taken of what lay there, %d in part", y.seed, announced, taken, ours)
}

// collected asks the sandbox, by Stripe's own interface, what it collected for
// each payment.
func (y *year) collected() map[string]gathered {
	y.t.Helper()
	sums := map[string]gathered{}
	after := ""
	for {
		request := httptest.NewRequest(http.MethodGet, "http://sandbox.simulated/v1/charges?limit=100"+after, nil)
		request.Header.Set("Authorization", "Bearer "+simulatedKey)
		answer := httptest.NewRecorder()
		y.box.ServeHTTP(answer, request)
		var list struct {
			HasMore bool `json:"has_more"`
			Data    []struct {
				ID             string            `json:"id"`
				Status         string            `json:"status"`
				Captured       int64             `json:"amount_captured"`
				ApplicationFee int64             `json:"application_fee_amount"`
				Metadata       map[string]string `json:"metadata"`
			} `json:"data"`
		}
		y.must(json.Unmarshal(answer.Body.Bytes(), &list))
		for _, c := range list.Data {
			id := c.Metadata["payment_id"]
			if c.Status == "pending" {
				sums[id] = gathered{underWay: true}
				continue
			}
			if c.Status != "succeeded" {
				continue
			}
			if _, twice := sums[id]; twice {
				y.t.Errorf("seed %d: payment %s was collected twice", y.seed, id)
			}
			sums[id] = gathered{amount: c.Captured, fee: c.ApplicationFee}
		}
		if !list.HasMore || len(list.Data) == 0 {
			return sums
		}
		after = fmt.Sprintf("&starting_after=%s", list.Data[len(list.Data)-1].ID)
	}
}
