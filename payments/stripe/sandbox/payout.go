package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// payout is money sent from an account's balance to its bank.
type payout struct {
	ID                        string            `json:"id"`
	Object                    string            `json:"object"`
	Amount                    int64             `json:"amount"`
	ArrivalDate               int64             `json:"arrival_date"`
	Automatic                 bool              `json:"automatic"`
	BalanceTransaction        *string           `json:"balance_transaction"`
	Created                   int64             `json:"created"`
	Currency                  string            `json:"currency"`
	Description               *string           `json:"description"`
	Destination               *string           `json:"destination"`
	FailureBalanceTransaction *string           `json:"failure_balance_transaction"`
	FailureCode               *string           `json:"failure_code"`
	FailureMessage            *string           `json:"failure_message"`
	Livemode                  bool              `json:"livemode"`
	Metadata                  map[string]string `json:"metadata"`
	Method                    string            `json:"method"`
	OriginalPayout            *string           `json:"original_payout"`
	ReconciliationStatus      string            `json:"reconciliation_status"`
	ReversedBy                *string           `json:"reversed_by"`
	SourceType                string            `json:"source_type"`
	StatementDescriptor       *string           `json:"statement_descriptor"`
	Status                    string            `json:"status"`
	Type                      string            `json:"type"`

	rows []*balanceTransaction // an automatic payout's: its own row and what it pays out
}

func (x *payout) identity() (string, int64) { return x.ID, x.Created }

var payoutMoves = moves{
	"":           {"pending"},
	"pending":    {"in_transit", "canceled", "failed"},
	"in_transit": {"paid", "failed"},
	"paid":       {"failed"}, // the bank may send it back for five working days
}

var reconciliationMoves = moves{
	"":            {"not_applicable", "in_progress"},
	"in_progress": {"completed"},
}

// How long the steps of a payout take here. Stripe promises none of them.
const (
	payoutLeaves     = 6 * time.Hour
	payoutReconciled = time.Hour // after it arrived
	payoutReturns    = 7 * 24 * time.Hour
)

// failureWords are what a payout says when a bank did not take it.
var failureWords = map[string]string{
	"account_closed":                "The bank account has been closed.",
	"account_frozen":                "The bank account has been frozen.",
	"bank_account_restricted":       "The bank account has restrictions on either the type, or the number, of payouts allowed.",
	"could_not_process":             "The bank could not process this payout.",
	"declined":                      "The bank has declined this transfer.",
	"incorrect_account_holder_name": "Your bank notified us that the bank account holder name on file is incorrect.",
	"invalid_account_number":        "The routing number seems correct, but the account number is invalid.",
	"no_account":                    "The bank account details on file are probably incorrect. No bank account could be located with those details.",
}

// startPayouts sets the first round of automatic payouts. Rounds are at
// midnight UTC, one a day.
func (s *Sandbox) startPayouts() {
	if s.options.Payouts {
		s.payoutRoundAfter(s.clock.read())
	}
}

func (s *Sandbox) payoutRoundAfter(moment time.Time) {
	next := time.Date(moment.Year(), moment.Month(), moment.Day()+1, 0, 0, 0, 0, time.UTC)
	s.at(next, func() {
		for _, id := range slices.Sorted(maps.Keys(s.tenants)) {
			if t := s.tenants[id]; t.self.Settings.Payouts.Schedule.due(next) {
				s.payOut(t, next)
			}
		}
		s.payoutRoundAfter(next)
	})
}

// due says whether a schedule pays out on a day.
func (p payoutSchedule) due(on time.Time) bool {
	switch p.Interval {
	case "daily":
		return on.Weekday() != time.Saturday && on.Weekday() != time.Sunday
	case "weekly":
		anchor := p.WeeklyAnchor
		if anchor == "" {
			anchor = "monday"
		}
		return strings.EqualFold(on.Weekday().String(), anchor)
	case "monthly":
		return int64(on.Day()) == max(p.MonthlyAnchor, 1)
	}
	return false // manual
}

// payOut pays out of each currency what the schedule has let ripen: payments as
// of delay_days ago, and whatever else moved since. A balance that is not
// positive stays, and the next payout is smaller for it.
func (s *Sandbox) payOut(t *tenant, moment time.Time) {
	if !t.self.PayoutsEnabled || t.self.deleted || len(t.self.banks) == 0 {
		return
	}
	ripe := moment.AddDate(0, 0, -int(t.self.Settings.Payouts.Schedule.DelayDays)).Unix()
	for _, currency := range slices.Sorted(maps.Keys(t.currencies)) {
		bank := t.self.bankFor(currency)
		if bank == nil {
			continue
		}
		var (
			taken []*balanceTransaction
			sum   int64
		)
		for _, b := range t.unpaid {
			if waits := b.Type == "charge" || b.Type == "payment"; b.Currency == currency && b.Status == availableBucket && (!waits || b.Created < ripe) {
				taken = append(taken, b)
				sum += b.Net
			}
		}
		if sum <= 0 {
			continue
		}
		x := s.newPayout(t, bank, sum, currency)
		x.Automatic, x.Description = true, optional("STRIPE PAYOUT")
		s.move(reconciliationMoves, x.ID, &x.ReconciliationStatus, "in_progress")
		s.sendPayout(t, x)
		own, _ := t.rows.get(*x.BalanceTransaction)
		x.rows = append([]*balanceTransaction{own}, taken...)
		for _, b := range x.rows {
			b.payout = x
		}
		t.unpaid = slices.DeleteFunc(t.unpaid, func(b *balanceTransaction) bool { return b.payout != nil })
		s.emit(t, "payout.created", x)
	}
}

func (x *account) bankFor(currency string) *bankAccount {
	for _, b := range x.banks {
		if b.Currency == currency && b.DefaultForCurrency {
			return b
		}
	}
	return nil
}

func (s *Sandbox) newPayout(t *tenant, bank *bankAccount, amount int64, currency string) *payout {
	return &payout{ID: s.mint.id("po_"), Object: "payout", Amount: amount, ArrivalDate: arrival(s.now()).Unix(), Created: s.now().Unix(), Currency: currency,
		Destination: &bank.ID, Metadata: map[string]string{}, Method: "standard", SourceType: "card",
		StatementDescriptor: t.self.Settings.Payouts.StatementDescriptor, Type: "bank_account"}
}

// arrival is the next working day, at midnight UTC.
func arrival(from time.Time) time.Time {
	day := time.Date(from.Year(), from.Month(), from.Day()+1, 0, 0, 0, 0, time.UTC)
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// sendPayout books a payout and sets the alarms of its life.
func (s *Sandbox) sendPayout(t *tenant, x *payout) {
	s.move(payoutMoves, x.ID, &x.Status, "pending")
	b := s.row(t, movement{kind: "payout", amount: -x.Amount, currency: x.Currency, source: x.ID, description: x.Description, counter: banksBucket})
	x.BalanceTransaction = &b.ID
	t.payouts.add(x)
	arrives := time.Unix(x.ArrivalDate, 0).UTC()
	leaves := s.now().Add(payoutLeaves)
	if leaves.After(arrives) {
		leaves = arrives
	}
	s.at(leaves, func() { s.changePayout(t, x, "pending", "in_transit", "payout.updated") })
	s.at(arrives, func() { s.changePayout(t, x, "in_transit", "paid", "payout.paid") })
	if x.Automatic {
		s.at(arrives.Add(payoutReconciled), func() { s.reconcile(t, x) })
	}
}

// changePayout moves a payout on, unless something else became of it.
func (s *Sandbox) changePayout(t *tenant, x *payout, from, to, event string) {
	if x.Status != from {
		return
	}
	before := snapshot(x)
	s.move(payoutMoves, x.ID, &x.Status, to)
	if event == "payout.updated" {
		s.updated(t, event, x, before)
		return
	}
	s.emit(t, event, x)
}

// reconcile says that what an automatic payout pays out can now be listed.
func (s *Sandbox) reconcile(t *tenant, x *payout) {
	if x.ReconciliationStatus == "in_progress" {
		s.move(reconciliationMoves, x.ID, &x.ReconciliationStatus, "completed")
		s.emit(t, "payout.reconciliation_completed", x)
	}
}

// giveBack brings the money of a payout back into the balance.
func (s *Sandbox) giveBack(t *tenant, x *payout, kind string) *balanceTransaction {
	return s.row(t, movement{kind: kind, category: "payout_reversal", amount: x.Amount, currency: x.Currency, source: x.ID,
		description: x.Description, counter: banksBucket})
}

// RunPayouts pays out now what is available on an account, whatever its
// schedule says. It returns the identifiers of the payouts.
func (s *Sandbox) RunPayouts(account string) (made []string, err error) {
	err = s.act(func() error {
		t, known := s.tenants[account]
		if !known {
			return fmt.Errorf("no account %s", account)
		}
		before := len(t.payouts.rows)
		s.payOut(t, s.now().AddDate(0, 0, int(t.self.Settings.Payouts.Schedule.DelayDays)).Add(time.Second))
		for _, x := range t.payouts.rows[before:] {
			made = append(made, x.ID)
		}
		return nil
	})
	return made, err
}

// PayoutArrives lets a payout arrive at its bank now; reconciled lets its rows
// be listed too, which Stripe tells of before or after.
func (s *Sandbox) PayoutArrives(id string, reconciled bool) error {
	return s.onPayout(id, func(t *tenant, x *payout) error {
		if x.Status == "pending" {
			s.changePayout(t, x, "pending", "in_transit", "payout.updated")
		}
		if x.Status != "in_transit" && x.Status != "paid" {
			return fmt.Errorf("payout %s is %s", id, x.Status)
		}
		s.changePayout(t, x, "in_transit", "paid", "payout.paid")
		if reconciled {
			s.reconcile(t, x)
		}
		return nil
	})
}

// FailPayout makes the bank send a payout back, even one that arrived already.
func (s *Sandbox) FailPayout(id, code string) error {
	if code == "" {
		code = "account_closed"
	}
	words, known := failureWords[code]
	if !known {
		return fmt.Errorf("no failure code %q; known: %s", code, strings.Join(slices.Sorted(maps.Keys(failureWords)), ", "))
	}
	return s.onPayout(id, func(t *tenant, x *payout) error {
		if !payoutMoves.allow(x.Status, "failed") {
			return fmt.Errorf("payout %s is %s", id, x.Status)
		}
		if x.Status == "paid" && s.now().After(time.Unix(x.ArrivalDate, 0).Add(payoutReturns)) {
			return fmt.Errorf("payout %s arrived too long ago to come back", id)
		}
		s.move(payoutMoves, x.ID, &x.Status, "failed")
		x.FailureCode, x.FailureMessage = &code, &words
		b := s.giveBack(t, x, "payout_failure")
		x.FailureBalanceTransaction = &b.ID
		s.emit(t, "payout.failed", x)
		return nil
	})
}

// Adjust books money that no charge of ours explains, as Stripe's own
// corrections do. It is what a reconciliation must not swallow.
func (s *Sandbox) Adjust(account string, amount int64, description string) error {
	return s.act(func() error {
		t, known := s.tenants[account]
		if !known {
			return fmt.Errorf("no account %s", account)
		}
		s.row(t, movement{kind: "adjustment", category: "other_adjustment", amount: amount, currency: t.self.DefaultCurrency,
			description: optional(description), counter: feesBucket})
		return nil
	})
}

func (s *Sandbox) onPayout(id string, do func(*tenant, *payout) error) error {
	return s.act(func() error {
		for _, t := range s.tenants {
			if x, found := t.payouts.get(id); found {
				return do(t, x)
			}
		}
		return unknownThing{fmt.Errorf("no payout %s", id)}
	})
}

// PayoutView is what the control surface shows of a payout.
type PayoutView struct {
	ID             string    `json:"id"`
	Account        string    `json:"account"`
	Amount         int64     `json:"amount"`
	Currency       string    `json:"currency"`
	Status         string    `json:"status"`
	Reconciliation string    `json:"reconciliation_status"`
	Automatic      bool      `json:"automatic"`
	Rows           int       `json:"rows"`
	Created        time.Time `json:"created"`
	Arrives        time.Time `json:"arrives"`
}

// Payouts returns every payout of every account, oldest first.
func (s *Sandbox) Payouts() []PayoutView {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(cause{})
	views := []PayoutView{}
	for _, id := range slices.Sorted(maps.Keys(s.tenants)) {
		for _, x := range s.tenants[id].payouts.rows {
			views = append(views, PayoutView{ID: x.ID, Account: id, Amount: x.Amount, Currency: x.Currency, Status: x.Status,
				Reconciliation: x.ReconciliationStatus, Automatic: x.Automatic, Rows: len(x.rows),
				Created: time.Unix(x.Created, 0).UTC(), Arrives: time.Unix(x.ArrivalDate, 0).UTC()})
		}
	}
	slices.SortStableFunc(views, func(a, b PayoutView) int { return a.Created.Compare(b.Created) })
	return views
}

func (c *call) createPayout() (any, error) {
	f := c.form
	currency := f.text("currency")
	if r := checkCurrency("currency", currency); r != nil {
		return nil, r
	}
	amount := f.number("amount")
	if amount < 1 {
		return nil, invalid("amount", "parameter_invalid_integer", "Invalid positive integer")
	}
	if !c.tenant.self.PayoutsEnabled {
		return nil, refuse("", "payouts_not_allowed", "Your account cannot currently make payouts.")
	}
	bank := c.tenant.self.bankFor(currency)
	if id := f.text("destination"); id != "" {
		bank = nil
		for _, b := range c.tenant.self.banks {
			if b.ID == id {
				bank = b
			}
		}
		if bank == nil {
			return nil, noSuch("external account", "destination", id)
		}
	}
	if bank == nil {
		return nil, refuse("", "", "Sorry, you don't have any external accounts in that currency (%s).", currency)
	}
	if kind := f.text("source_type"); kind != "" && kind != "card" {
		return nil, unmodelled("source_type=" + kind)
	}
	if have := c.standing(c.tenant, currency, availableBucket); amount > have {
		return nil, refuse("", "balance_insufficient", "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low. You can use the /v1/balance endpoint to view your Stripe balance (for more details, see stripe.com/docs/api#balance).")
	}
	x := c.newPayout(c.tenant, bank, amount, currency)
	if method := f.text("method"); method != "" {
		x.Method = method
	}
	x.Description, x.Metadata = f.optional("description"), merge(nil, f.at("metadata"))
	if f.has("statement_descriptor") {
		x.StatementDescriptor = f.optional("statement_descriptor")
	}
	c.move(reconciliationMoves, x.ID, &x.ReconciliationStatus, "not_applicable")
	c.sendPayout(c.tenant, x)
	c.emit(c.tenant, "payout.created", x)
	return x, nil
}

func (c *call) payoutHere() (*payout, error) {
	x, found := c.tenant.payouts.get(c.args[0])
	if !found {
		return nil, noSuchHere("payout", "id", c.args[0])
	}
	return x, nil
}

func (c *call) getPayout() (any, error) { return c.payoutHere() }

func (c *call) updatePayout() (any, error) {
	x, err := c.payoutHere()
	if err != nil {
		return nil, err
	}
	before := snapshot(x)
	x.Metadata = merge(x.Metadata, c.form.at("metadata"))
	c.updated(c.tenant, "payout.updated", x, before)
	return x, nil
}

func (c *call) cancelPayout() (any, error) {
	x, err := c.payoutHere()
	if err != nil {
		return nil, err
	}
	if x.Automatic || x.Status != "pending" {
		return nil, refuse("", "", "Payouts can only be cancelled while pending, and only those that were made by hand. This one is %s.", x.Status)
	}
	c.move(payoutMoves, x.ID, &x.Status, "canceled")
	b := c.giveBack(c.tenant, x, "payout_cancel")
	x.FailureBalanceTransaction = &b.ID
	c.emit(c.tenant, "payout.canceled", x)
	return x, nil
}

func (c *call) listPayouts() (any, error) {
	arrives := c.form.at("arrival_date")
	return listAll(c, &c.tenant.payouts, func(x *payout) bool {
		return c.same("status", x.Status) && c.same("destination", value(x.Destination)) && within(arrives, x.ArrivalDate)
	})
}

// rowsOfPayout lists what an automatic payout pays out; of one made by hand
// Stripe does not say.
func (c *call) rowsOfPayout(id string, keep func(*balanceTransaction) bool) (any, error) {
	x, found := c.tenant.payouts.get(id)
	if !found {
		return nil, noSuch("payout", "payout", id)
	}
	if !x.Automatic {
		return nil, refuse("payout", "", "Balance transaction history can only be filtered on automatic transfers, not manual.")
	}
	return list(c, x.rows, keep)
}
