package sandbox

import (
	"errors"
	"fmt"
	"net/http"
)

func (x *site) getPayouts(*http.Request, asked) (any, error) {
	return map[string]any{"payouts": x.Payouts()}, nil
}

func (x *site) runPayouts(_ *http.Request, a asked) (any, error) {
	account := a.text("account")
	if account == "" {
		account = x.PlatformID()
	}
	made, err := x.RunPayouts(account)
	if err != nil {
		return nil, err
	}
	return map[string]any{"payouts": append([]string{}, made...)}, nil
}

func (x *site) changePayoutState(r *http.Request, a asked) (any, error) {
	id := r.PathValue("payout")
	var err error
	switch wish := a.text("state"); wish {
	case "paid":
		err = x.PayoutArrives(id, false)
	case "reconciled":
		err = x.PayoutArrives(id, true)
	case "failed":
		err = x.FailPayout(id, a.text("code"))
	default:
		err = fmt.Errorf("state: paid, reconciled or failed, not %q", wish)
	}
	if err != nil {
		return nil, err
	}
	for _, view := range x.Payouts() {
		if view.ID == id {
			return view, nil
		}
	}
	return nil, unknownThing{fmt.Errorf("no payout %s", id)}
}

func (x *site) adjustBalance(_ *http.Request, a asked) (any, error) {
	account, amount := a.text("account"), int64(0)
	if account == "" {
		account = x.PlatformID()
	}
	if _, err := fmt.Sscan(a.text("amount"), &amount); err != nil || amount == 0 {
		return nil, errors.New("amount must be a whole number of minor units, not zero")
	}
	return map[string]any{"account": account, "amount": amount}, x.Adjust(account, amount, a.text("description"))
}
