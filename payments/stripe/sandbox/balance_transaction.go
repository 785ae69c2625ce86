package sandbox

import (
	"time"
)

type feeDetail struct {
	Amount      int64   `json:"amount"`
	Application *string `json:"application"`
	Currency    string  `json:"currency"`
	Description *string `json:"description"`
	Type        string  `json:"type"`
}

// balanceTransaction is one movement of money on one account: a row of its
// statement. There is exactly one for every movement.
type balanceTransaction struct {
	ID                string      `json:"id"`
	Object            string      `json:"object"`
	Amount            int64       `json:"amount"`
	AvailableOn       int64       `json:"available_on"`
	Created           int64       `json:"created"`
	Currency          string      `json:"currency"`
	Description       *string     `json:"description"`
	ExchangeRate      *string     `json:"exchange_rate"`
	Fee               int64       `json:"fee"`
	FeeDetails        []feeDetail `json:"fee_details"`
	Net               int64       `json:"net"`
	ReportingCategory string      `json:"reporting_category"`
	Source            *string     `json:"source"`
	Status            string      `json:"status"`
	Type              string      `json:"type"`

	payout  *payout // the automatic payout that pays it out, or nil
	counter string  // the bucket of the world that stands against the amount
}

func (b *balanceTransaction) identity() (string, int64) { return b.ID, b.Created }

// movement is what is to become a balance transaction.
type movement struct {
	kind        string // type
	category    string // reporting_category, the type itself when empty
	amount      int64
	currency    string
	fees        []feeDetail
	source      string
	description *string
	availableOn time.Time // zero means at once
	counter     string    // bucket of the world
}

// row writes a movement: one balance transaction, and its legs in the books.
func (s *Sandbox) row(t *tenant, m movement) *balanceTransaction {
	now := s.now()
	if m.availableOn.Before(now) {
		m.availableOn = now
	}
	if m.category == "" {
		m.category = m.kind
	}
	b := &balanceTransaction{
		ID: s.mint.id("txn_"), Object: "balance_transaction", Amount: m.amount, AvailableOn: m.availableOn.Unix(), Created: now.Unix(),
		Currency: m.currency, Description: m.description, FeeDetails: append([]feeDetail{}, m.fees...), Net: m.amount,
		ReportingCategory: m.category, Source: optional(m.source), Status: availableBucket, Type: m.kind, counter: m.counter,
	}
	legs := make([]leg, 0, 4)
	for _, f := range m.fees {
		b.Fee += f.Amount
		keeper := feesBucket
		if f.Type == "application_fee" {
			keeper = clearing
		}
		legs = append(legs, leg{Account{world, m.currency, keeper}, f.Amount})
	}
	b.Net -= b.Fee
	if m.availableOn.After(now) {
		b.Status = pendingBucket
	}
	legs = append(legs, leg{Account{t.id, m.currency, b.Status}, b.Net}, leg{Account{world, m.currency, m.counter}, -m.amount})
	s.post(legs...)
	t.rows.add(b)
	t.unpaid = append(t.unpaid, b)
	t.currencies[m.currency] = true
	t.rowsOf[m.source] = append(t.rowsOf[m.source], b)
	if b.Status == pendingBucket {
		s.settleLater(t, b, m.availableOn)
	}
	return b
}

// batch is the money of one account that becomes available at one moment.
type batch struct {
	tenant *tenant
	rows   []*balanceTransaction
}

type batchKey struct {
	tenant string
	moment int64
}

func (s *Sandbox) settleLater(t *tenant, b *balanceTransaction, moment time.Time) {
	key := batchKey{t.id, moment.Unix()}
	waiting := s.batches[key]
	if waiting == nil {
		waiting = &batch{tenant: t}
		s.batches[key] = waiting
		s.at(moment, func() { s.settleBatch(key) })
	}
	waiting.rows = append(waiting.rows, b)
}

func (s *Sandbox) settleBatch(key batchKey) {
	due := s.batches[key]
	if due == nil {
		return // settled by hand already
	}
	delete(s.batches, key)
	for _, b := range due.rows {
		b.Status = availableBucket
		s.post(leg{Account{due.tenant.id, b.Currency, pendingBucket}, -b.Net}, leg{Account{due.tenant.id, b.Currency, availableBucket}, b.Net})
	}
	s.emit(due.tenant, "balance.available", s.balanceOf(due.tenant))
}

// Settle makes all pending money available now. It returns how many rows that were.
func (s *Sandbox) Settle() int {
	s.mu.Lock()
	s.enter(cause{})
	settled := 0
	for _, key := range s.batchesInOrder() {
		settled += len(s.batches[key].rows)
		s.settleBatch(key)
	}
	s.mu.Unlock()
	s.deliverDue()
	return settled
}

func (c *call) getBalanceTransaction() (any, error) {
	b, found := c.tenant.rows.get(c.args[0])
	if !found {
		return nil, noSuchHere("balance transaction", "id", c.args[0])
	}
	return b, nil
}

func (c *call) listBalanceTransactions() (any, error) {
	keep := func(b *balanceTransaction) bool {
		return c.same("currency", b.Currency) && c.same("type", b.Type)
	}
	if payout := c.form.text("payout"); payout != "" {
		return c.rowsOfPayout(payout, keep)
	}
	if source := c.form.text("source"); source != "" {
		return list(c, c.tenant.rowsOf[source], keep)
	}
	return listAll(c, &c.tenant.rows, keep)
}
