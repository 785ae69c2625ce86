package sandbox

import (
	"fmt"
	"hash/fnv"
)

type acceptance struct {
	AcceptedAt int64           `json:"accepted_at"`
	Offline    *struct{}       `json:"offline,omitempty"`
	Online     *acceptedOnline `json:"online,omitempty"`
	Type       string          `json:"type"`
}

type acceptedOnline struct {
	IPAddress *string `json:"ip_address"`
	UserAgent *string `json:"user_agent"`
}

type sepaMandate struct {
	Reference string `json:"reference"`
	URL       string `json:"url"`
}

type mandateDetails struct {
	Card      *struct{}    `json:"card,omitempty"`
	SepaDebit *sepaMandate `json:"sepa_debit,omitempty"`
	Type      string       `json:"type"`
}

// mandate is the payer's leave to debit an account.
type mandate struct {
	ID                   string         `json:"id"`
	Object               string         `json:"object"`
	CustomerAcceptance   acceptance     `json:"customer_acceptance"`
	Livemode             bool           `json:"livemode"`
	MultiUse             struct{}       `json:"multi_use"`
	PaymentMethod        string         `json:"payment_method"`
	PaymentMethodDetails mandateDetails `json:"payment_method_details"`
	Status               string         `json:"status"`
	Type                 string         `json:"type"`

	created    int64
	onBehalfOf string // for whom it was given
}

func (x *mandate) identity() (string, int64) { return x.ID, x.created }

// newMandate records what the payer accepted; given may be nil, as on the
// hosted page, where accepting is part of paying.
func (s *Sandbox) newMandate(t *tenant, m *paymentMethod, given *param) *mandate {
	now := s.now().Unix()
	x := &mandate{ID: s.mint.id("mandate_"), Object: "mandate", PaymentMethod: m.ID, Status: "active", Type: "multi_use", created: now}
	x.CustomerAcceptance = acceptance{AcceptedAt: now, Type: "online", Online: &acceptedOnline{}}
	if given != nil {
		if given.text("type") == "offline" {
			x.CustomerAcceptance.Type, x.CustomerAcceptance.Online, x.CustomerAcceptance.Offline = "offline", nil, &struct{}{}
		} else {
			x.CustomerAcceptance.Online.IPAddress = given.at("online").optional("ip_address")
			x.CustomerAcceptance.Online.UserAgent = given.at("online").optional("user_agent")
		}
		if given.has("accepted_at") {
			x.CustomerAcceptance.AcceptedAt = given.number("accepted_at")
		}
	}
	x.PaymentMethodDetails.Type = m.Type
	switch m.Type {
	case "sepa_debit":
		reference := upper(s.mint.text("", 16))
		x.PaymentMethodDetails.SepaDebit = &sepaMandate{Reference: reference, URL: s.options.PublicURL + "/mandates/" + reference}
	default:
		x.PaymentMethodDetails.Card = &struct{}{}
	}
	t.mandates.add(x)
	return x
}

// creditorIdentifier is as whom an account debits: country, two control digits
// over the rest (ISO 7064), three characters that are free, and a national part.
func creditorIdentifier(account string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(account)) // a hash does not fail
	national := fmt.Sprintf("%06d", h.Sum32()%1_000_000)
	for check := range 97 {
		if id := fmt.Sprintf("FR%02dZZZ%s", check+2, national); validCheck(id[7:] + id[:4]) {
			return id
		}
	}
	return ""
}

func (c *call) getMandate() (any, error) {
	x, found := c.tenant.mandates.get(c.args[0])
	if !found {
		return nil, noSuchHere("mandate", "mandate", c.args[0])
	}
	return x, nil
}
