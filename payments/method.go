package payments

import (
	"fmt"
	"slices"
	"strings"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// Method is a way to pay on the gateway's page. A phone's wallet holds a card.
type Method string

const (
	CardMethod   Method = "card"
	DebitMethod  Method = "sepa_debit"
	PayPalMethod Method = "paypal"
	// TransferMethod is a transfer that the payer announces and their bank makes.
	TransferMethod Method = "customer_balance"
)

// way is what follows from how something is paid.
type way struct {
	method Method
	keeps  bool // it can be kept, and charged for a plan
	// reversible is for how many days a payment stays provisional. The days of
	// what is handed in and comes later run from when it is here: the payer's
	// begin when their account is debited, which we are not told.
	reversible int
	most       int64 // minor units that one payment takes at most; 0: no limit
}

// ways by method. A card's payer disputes for 120 days as a rule; a debit is
// paid back unasked for eight weeks (CMF L133-25, SDD Core Rulebook), PayPal's
// buyers complain for 180 days. Beyond that only what nobody authorised goes
// back, for thirteen months (CMF L133-24): that is taken in whenever it comes,
// and keeps nobody's money waiting.
var ways = []way{
	{method: CardMethod, keeps: true, reversible: 120},
	{method: DebitMethod, keeps: true, reversible: 56, most: 10_000_00},
	{method: PayPalMethod, reversible: 180},
	{method: TransferMethod}, // a bank does not take it back
}

// Methods lists every method that can be offered.
func Methods() []Method {
	list := make([]Method, len(ways))
	for i, w := range ways {
		list[i] = w.method
	}
	return list
}

// wayOf is what holds for the means of a payment, such as "card visa 4242" or
// "sepa_debit 3201"; a wallet, and what is not known yet, for a card.
func wayOf(means string) way {
	name, _, _ := strings.Cut(means, " ")
	for _, w := range ways {
		if string(w.method) == name {
			return w
		}
	}
	return ways[0]
}

// provisional is until when a payment can be taken back as a rule.
func provisional(means string, paid, here negotiation.Day) negotiation.Day {
	w := wayOf(means)
	if w.method == DebitMethod {
		paid = laterDay(paid, here)
	}
	return paid.Add(w.reversible)
}

// Offer sets which methods debtors are offered, beside the card; a creditor's
// account may take fewer.
func (s *Service) Offer(methods []string) error {
	offers := []Method{CardMethod}
	for _, name := range methods {
		m := Method(strings.TrimSpace(name))
		switch {
		case m == "":
		case !slices.Contains(Methods(), m):
			return fmt.Errorf("no way to pay is called %q: there are %v", name, Methods())
		case !slices.Contains(offers, m):
			offers = append(offers, m)
		}
	}
	s.offers = offers
	return nil
}

// Offered lists the ways in which a sum can be paid on an account: where it is
// kept for a plan, those that the text lets be charged later (charges, its
// version; empty: nothing is kept).
func (s *Service) Offered(a *Account, sum money.Amount, charges string) []Method {
	if a == nil || !a.ChargesEnabled {
		return nil
	}
	var list []Method
	for _, w := range ways {
		switch {
		case !slices.Contains(s.offers, w.method), w.most > 0 && sum.Minor > w.most:
		case charges != "" && (!w.keeps || w.method == DebitMethod && charges != negotiation.ChargesDebitText):
		case w.method == DebitMethod && (!a.DebitsEnabled || sum.Currency != money.EUR):
		case w.method == TransferMethod && (!a.TransfersEnabled || sum.Currency != money.EUR):
		default:
			list = append(list, w.method)
		}
	}
	return list
}

func (s *Service) offersTransfers() bool { return slices.Contains(s.offers, TransferMethod) }

// withoutTransfer leaves out what is offered to the debtor alone.
func withoutTransfer(offered []Method) []Method {
	return slices.DeleteFunc(slices.Clone(offered), func(m Method) bool { return m == TransferMethod })
}

// ChargesText is the version of the text by which the instalments of a plan can
// be charged on an account; empty where they cannot.
func (s *Service) ChargesText(a *Account) string {
	switch offered := s.Offered(a, money.Euros(0), negotiation.ChargesDebitText); {
	case len(offered) == 0:
		return ""
	case slices.Contains(offered, DebitMethod):
		return negotiation.ChargesDebitText
	}
	return negotiation.ChargesText
}
