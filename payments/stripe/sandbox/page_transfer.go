package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Transfer is a bank transfer that a payer makes.
type Transfer struct {
	To        string // a payment intent that waits for one, or a customer
	Amount    int64  // minor units; zero: what the intent waits for
	Currency  string // empty: the intent's, else eur
	Reference string // what the payer wrote on it
	Sender    string
}

// Awaited is what a payment by bank transfer waits for.
type Awaited struct {
	Intent, Holder, IBAN, BIC, Reference string
	Remaining                            int64
	Currency, Session, Locale            string
	SuccessURL                           string // of its session
}

// Awaited describes the bank transfer that an intent waits for; false where it
// waits for none.
func (s *Sandbox) Awaited(intent string) (Awaited, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(cause{})
	t := s.owners[intent]
	if t == nil {
		return Awaited{}, false
	}
	p, found := t.intents.get(intent)
	if !found || p.remaining() == 0 {
		return Awaited{}, false
	}
	told := p.NextAction.DisplayBankTransfer
	to := told.FinancialAddresses[0].IBAN
	w := Awaited{Intent: p.ID, Holder: to.AccountHolderName, IBAN: to.IBAN, BIC: to.BIC, Reference: value(told.Reference), Remaining: p.remaining(), Currency: p.Currency}
	if x := t.sessionsOf[p.ID]; x != nil {
		w.Session, w.Locale, w.SuccessURL = x.ID, value(x.Locale), x.successURL()
	}
	return w, true
}

// SendTransfer lets a bank transfer arrive. It goes to a customer: which payment
// it funds is for the reconciliation to say.
func (s *Sandbox) SendTransfer(made Transfer) error {
	return s.act(func() error {
		for _, t := range s.tenants {
			x, found := t.customers.get(made.To)
			if p, waits := t.intents.get(made.To); waits {
				if p.remaining() == 0 && made.Amount == 0 {
					return fmt.Errorf("payment intent %s is %s and waits for no transfer", p.ID, p.Status)
				}
				x, found = t.customers.get(value(p.Customer))
				if made.Amount == 0 {
					made.Amount = p.remaining()
				}
				if made.Currency == "" {
					made.Currency = p.Currency
				}
			}
			if !found || x.deleted {
				continue
			}
			if made.Currency == "" {
				made.Currency = "eur"
			}
			if made.Amount < 1 || made.Amount > largestAmount || !currencies[made.Currency] {
				return fmt.Errorf("a transfer of %d %s cannot be made", made.Amount, made.Currency)
			}
			s.fund(t, x, incoming{amount: made.Amount, currency: made.Currency, reference: made.Reference, sender: made.Sender, iban: firstDebits[0]})
			return nil
		}
		return fmt.Errorf("no customer and no payment intent %s", made.To)
	})
}

// transferPage shows a payer where to send the money, and lets them play their
// bank.
type transferPage struct {
	sheet
	Awaited
	Path, Sum, Amount, Words string
	Rows                     []printedLine
}

func (x *site) transferPage(r *http.Request, w Awaited) *transferPage {
	lang := languageOf(r, w.Locale)
	p := &transferPage{sheet: sheet{Lang: lang, Title: say(lang, "bank.title")}, Awaited: w, Path: "/bank/" + w.Intent, Words: w.Reference,
		Sum: printSum(lang, w.Remaining, w.Currency), Amount: fmt.Sprintf("%d.%02d", w.Remaining/100, w.Remaining%100)}
	if lang == "fr" {
		p.Amount = strings.Replace(p.Amount, ".", ",", 1)
	}
	p.Rows = []printedLine{{say(lang, "bank.holder"), w.Holder}, {"IBAN", groupedIBAN(w.IBAN)}, {"BIC", w.BIC}, {say(lang, "bank.reference"), w.Reference}}
	return p
}

func (x *site) showTransfer(w http.ResponseWriter, r *http.Request) {
	waits, found := x.Awaited(r.PathValue("intent"))
	if !found {
		x.noTransfer(w, r)
		return
	}
	show(w, http.StatusOK, "transfer.html", x.transferPage(r, waits))
}

// noTransfer answers where nothing is awaited: the shop knows why.
func (x *site) noTransfer(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("intent")
	if _, known := x.Challenge(id); known {
		showMessage(w, r, http.StatusGone, "bank.over", x.afterProof(id, ""))
		return
	}
	showMessage(w, r, http.StatusNotFound, "nothing", "")
}

// sendTransfer is the payer's bank making the transfer.
func (x *site) sendTransfer(w http.ResponseWriter, r *http.Request) {
	if !readForm(w, r) {
		return
	}
	waits, found := x.Awaited(r.PathValue("intent"))
	if !found {
		x.noTransfer(w, r)
		return
	}
	page := x.transferPage(r, waits)
	page.Amount, page.Words = trimmed(r, "amount"), trimmed(r, "words")
	amount, ok := minorUnits(page.Amount)
	if !ok {
		page.Problems = append(page.Problems, problem{"amount", page.T("bank.amount.bad")})
		show(w, http.StatusUnprocessableEntity, "transfer.html", page)
		return
	}
	if err := x.SendTransfer(Transfer{To: waits.Intent, Amount: amount, Currency: waits.Currency, Reference: page.Words, Sender: inventedName}); err != nil {
		x.noTransfer(w, r)
		return
	}
	on := page.Path // for the rest
	if _, more := x.Awaited(waits.Intent); !more && waits.SuccessURL != "" {
		on = waits.SuccessURL
	}
	http.Redirect(w, r, on, http.StatusSeeOther)
}

// groupedIBAN prints an account number in fours.
func groupedIBAN(iban string) string {
	var groups []string
	for part := range slices.Chunk([]byte(iban), 4) {
		groups = append(groups, string(part))
	}
	return strings.Join(groups, " ")
}

// minorUnits reads an amount such as 84, 84,5 or 84.50.
func minorUnits(text string) (int64, bool) {
	whole, cents, _ := strings.Cut(strings.ReplaceAll(strings.ReplaceAll(text, ",", "."), " ", ""), ".")
	if len(cents) > 2 || len(whole) > 7 {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(cents + "00")[:2], 10, 64)
	return n, err == nil && n > 0
}

// sendTransferTo is the control that lets a transfer arrive.
func (x *site) sendTransferTo(_ *http.Request, a asked) (any, error) {
	made := Transfer{To: a.text("to"), Currency: a.text("currency"), Reference: a.text("reference"), Sender: a.text("sender")}
	if text := a.text("amount"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, errors.New("amount: minor units, such as 8400")
		}
		made.Amount = n
	}
	if made.To == "" {
		return nil, errors.New("to: a customer, or an intent that waits for a transfer")
	}
	if err := x.SendTransfer(made); err != nil {
		return nil, err
	}
	return map[string]bool{"arrived": true}, nil
}
