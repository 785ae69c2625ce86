package sandbox

import (
	"cmp"
	"maps"
	"slices"
)

type balanceAmount struct {
	Amount      int64            `json:"amount"`
	Currency    string           `json:"currency"`
	SourceTypes map[string]int64 `json:"source_types,omitempty"`
}

// balance is what an account has, by currency.
type balance struct {
	Object          string          `json:"object"`
	Available       []balanceAmount `json:"available"`
	ConnectReserved []balanceAmount `json:"connect_reserved,omitempty"`
	Livemode        bool            `json:"livemode"`
	Pending         []balanceAmount `json:"pending"`
}

// balanceOf reads an account's balance off the books.
func (s *Sandbox) balanceOf(t *tenant) *balance {
	currencies := []string{t.self.DefaultCurrency}
	for currency := range t.currencies {
		if currency != t.self.DefaultCurrency {
			currencies = append(currencies, currency)
		}
	}
	slices.Sort(currencies)
	made := &balance{Object: "balance"}
	for _, currency := range currencies {
		amount := func(n int64) balanceAmount {
			return balanceAmount{Amount: n, Currency: currency, SourceTypes: map[string]int64{"card": n}}
		}
		made.Available = append(made.Available, amount(s.standing(t, currency, availableBucket)))
		made.Pending = append(made.Pending, amount(s.standing(t, currency, pendingBucket)))
		if t == s.platform {
			made.ConnectReserved = append(made.ConnectReserved, balanceAmount{Currency: currency, Amount: s.reserved(currency)})
		}
	}
	return made
}

// reserved is what the platform answers for: the balances of connected accounts
// that stand below nothing.
func (s *Sandbox) reserved(currency string) (sum int64) {
	for _, t := range s.tenants {
		if t != s.platform {
			sum -= min(0, s.standing(t, currency, availableBucket)+s.standing(t, currency, pendingBucket))
		}
	}
	return sum
}

// batchesInOrder sorts what is pending by moment and account.
func (s *Sandbox) batchesInOrder() []batchKey {
	return slices.SortedFunc(maps.Keys(s.batches), func(a, b batchKey) int {
		return cmp.Or(cmp.Compare(a.moment, b.moment), cmp.Compare(a.tenant, b.tenant))
	})
}

func (c *call) getBalance() (any, error) { return c.balanceOf(c.tenant), nil }
