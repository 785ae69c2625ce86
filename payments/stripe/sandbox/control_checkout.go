package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

type checkoutState struct {
	ID        string    `json:"id"`
	Mode      string    `json:"mode"`
	URL       string    `json:"url"`
	Amount    int64     `json:"amount"`
	Currency  string    `json:"currency"`
	ExpiresAt time.Time `json:"expires_at"`
	Account   string    `json:"account"`
}

// openCheckouts lists the open pages, newest first.
func (x *site) openCheckouts() []checkoutState {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.enter(cause{})
	open := []checkoutState{}
	for id, t := range x.tenants {
		for _, session := range t.sessions.rows {
			if session.Status == "open" {
				open = append(open, checkoutState{ID: session.ID, Mode: session.Mode, URL: value(session.URL), Amount: valueOr(session.AmountTotal, 0),
					Currency: value(session.Currency), ExpiresAt: time.Unix(session.ExpiresAt, 0).UTC(), Account: id})
			}
		}
	}
	slices.SortFunc(open, func(a, b checkoutState) int {
		if c := b.ExpiresAt.Compare(a.ExpiresAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return open
}

func (x *site) getCheckouts(*http.Request, asked) (any, error) {
	return map[string]any{"checkouts": x.openCheckouts()}, nil
}

// paidState is how a page stands after an attempt.
type paidState struct {
	State         CheckoutState `json:"state"`
	PaymentStatus string        `json:"payment_status"`
	Next          string        `json:"next,omitempty"` // where a browser would have been sent
	Code          string        `json:"code,omitempty"` // of a decline
	Message       string        `json:"message,omitempty"`
}

// payOpenCheckout plays a visitor for tests: the same call as the page's form.
func (x *site) payOpenCheckout(r *http.Request, a asked) (any, error) {
	id := r.PathValue("session")
	card := Card{Number: strings.ReplaceAll(a.text("card"), " ", ""), CVC: "123", Name: a.text("name"), Email: a.text("email"),
		Wallet: a.text("wallet"), IBAN: plainIBAN(a.text("iban"))}
	card.PayPal, card.Transfer = a.text("paypal") == "true", a.text("transfer") == "true"
	if card.Number == "" && card.IBAN == "" {
		card.Number = walletCard
	}
	if card.Name == "" {
		card.Name = inventedName
	}
	if alias, isAlias := strings.CutPrefix(card.Number, "pm_card_"); isAlias && cardsByAlias[alias] != nil {
		card.Number = cardsByAlias[alias].number
	}
	if card.IBAN != "" && !listedDebit(card.IBAN) {
		return nil, errors.New("iban: not a listed test account")
	}
	if listed := cardsByNumber[card.Number]; card.IBAN == "" && listed == nil {
		return nil, fmt.Errorf("card: %q is no listed test card", card.Number)
	}
	if card.Wallet != "" && !slices.Contains(wallets, card.Wallet) {
		return nil, fmt.Errorf("wallet: apple_pay or google_pay, not %q", card.Wallet)
	}
	proof := a.text("proof")
	if !slices.Contains([]string{"", "approve", "fail", "abandon"}, proof) {
		return nil, fmt.Errorf("proof: approve, fail or abandon, not %q", proof)
	}
	result, err := x.CompleteCheckout(id, card)
	if err != nil {
		return nil, unknownThing{fmt.Errorf("%w %s", err, id)}
	}
	if result.State == CheckoutProof && proof != "abandon" {
		if err := x.answerFor(id, proof); err != nil {
			return nil, err
		}
		result = CheckoutResult{}
	}
	visit, err := x.Checkout(id)
	if err != nil {
		return nil, unknownThing{fmt.Errorf("%w %s", err, id)}
	}
	state := paidState{State: result.State, PaymentStatus: visit.PaymentStatus, Next: result.URL, Code: result.Code, Message: result.Message}
	if result.State == "" { // the bank has spoken since
		state.State = visit.State
		if visit.State == CheckoutComplete {
			state.Next = visit.SuccessURL
		} else if visit.Problem != "" {
			state.State, state.Message = CheckoutDeclined, visit.Problem
		}
	}
	return state, nil
}

func (x *site) answerFor(session, proof string) error {
	visit, err := x.Checkout(session)
	if err != nil {
		return unknownThing{err}
	}
	if proof == "fail" {
		return x.Fail3DS(visit.Intent)
	}
	return x.Approve3DS(visit.Intent)
}

func (x *site) answerChallenge(r *http.Request, a asked) (any, error) {
	id := r.PathValue("intent")
	if _, known := x.Challenge(id); !known {
		return nil, unknownThing{fmt.Errorf("no intent %s", id)}
	}
	var err error
	switch answer := a.text("answer"); answer {
	case "approve":
		err = x.Approve3DS(id)
	case "fail":
		err = x.Fail3DS(id)
	default:
		err = fmt.Errorf("answer: approve or fail, not %q", answer)
	}
	if err != nil {
		return nil, err
	}
	now, _ := x.Challenge(id)
	return map[string]string{"id": id, "status": now.Status}, nil
}

type accountState struct {
	ID      string   `json:"id"`
	Name    string   `json:"name,omitempty"`
	Email   string   `json:"email,omitempty"`
	Type    string   `json:"type"`
	Country string   `json:"country"`
	Enabled bool     `json:"enabled"`
	Due     []string `json:"due"`
}

func (x *site) connectedAccounts() []accountState {
	x.mu.Lock()
	ids := make([]string, 0, len(x.accounts.rows))
	for _, a := range x.accounts.rows {
		ids = append(ids, a.ID)
	}
	x.mu.Unlock()
	accounts := []accountState{}
	for _, id := range ids {
		if v, living := x.Account(id); living {
			accounts = append(accounts, accountState{ID: v.ID, Name: v.Name, Email: v.Email, Type: v.Type, Country: v.Country, Enabled: v.Enabled, Due: append([]string{}, v.Due...)})
		}
	}
	return accounts
}

func (x *site) getAccounts(*http.Request, asked) (any, error) {
	return map[string]any{"accounts": x.connectedAccounts()}, nil
}

func (x *site) changeAccountState(r *http.Request, a asked) (any, error) {
	id := r.PathValue("account")
	owner, known := x.Account(id)
	if !known {
		return nil, unknownThing{fmt.Errorf("no connected account %s", id)}
	}
	var err error
	switch wish := a.text("state"); {
	case wish == "restricted":
		err = x.failCheck(id)
	case wish == "enabled" && slices.Contains(owner.Due, "individual.verification.document"):
		err = x.RestoreAccount(id)
	case wish == "enabled":
		err = x.CompleteOnboarding(id)
	default:
		err = fmt.Errorf("state: enabled or restricted, not %q", wish)
	}
	if err != nil {
		return nil, err
	}
	for _, account := range x.connectedAccounts() {
		if account.ID == id {
			return account, nil
		}
	}
	return nil, unknownThing{fmt.Errorf("no connected account %s", id)}
}
