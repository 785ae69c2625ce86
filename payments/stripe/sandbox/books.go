package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// Buckets of an account's money, and the world outside the accounts.
const (
	pendingBucket   = "pending"
	availableBucket = "available"

	world        = "world"
	payersBucket = "payers"   // whoever pays by card or debit
	feesBucket   = "stripe"   // what Stripe keeps
	banksBucket  = "banks"    // where payouts go
	cashBucket   = "cash"     // what Stripe holds for customers
	clearing     = "clearing" // money between two accounts; zero after every call
)

// Account is one account of the sandbox's books.
type Account struct {
	Owner    string // an acct_ identifier, or "world"
	Currency string
	Bucket   string // pending, available; payers, stripe, banks, cash, clearing of the world
}

// Balance is what an account of the books stands at, in minor units.
type Balance struct {
	Account
	Amount int64
}

// books are the sandbox's own double entry: every leg has its counterpart, so
// that the sum over all accounts of a currency is zero at any moment.
type books struct {
	standing map[Account]int64
	postings int
}

func newBooks() books { return books{standing: map[Account]int64{}} }

// leg is one side of a posting.
type leg struct {
	account Account
	amount  int64
}

// post writes legs that belong together. Legs that do not add up to zero are
// refused and recorded: money neither comes nor goes by mistake.
func (s *Sandbox) post(legs ...leg) {
	sums := map[string]int64{}
	for _, l := range legs {
		sums[l.account.Currency] += l.amount
	}
	for currency, sum := range sums {
		if sum != 0 {
			s.violate("books", "a posting in %s is out by %d: %v", currency, sum, legs)
			return
		}
	}
	for _, l := range legs {
		s.books.standing[l.account] += l.amount
	}
	s.books.postings++
}

// Books returns every account that was ever posted to, sorted.
func (s *Sandbox) Books() []Balance {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Balance, 0, len(s.books.standing))
	for account, amount := range s.books.standing {
		all = append(all, Balance{account, amount})
	}
	slices.SortFunc(all, func(a, b Balance) int {
		return strings.Compare(a.Owner+a.Currency+a.Bucket, b.Owner+b.Currency+b.Bucket)
	})
	return all
}

func (s *Sandbox) standing(t *tenant, currency, bucket string) int64 {
	return s.books.standing[Account{t.id, currency, bucket}]
}

// Violation is something that must not be.
type Violation struct {
	Rule   string // books, rows, state, charge, transfer, fee, refund, cash, defect
	Detail string
}

func (v Violation) String() string { return v.Rule + ": " + v.Detail }

// violate records that a rule was broken, for Invariants to tell.
func (s *Sandbox) violate(rule, format string, args ...any) {
	if len(s.violations) < 1000 {
		s.violations = append(s.violations, Violation{rule, fmt.Sprintf(format, args...)})
	}
}
