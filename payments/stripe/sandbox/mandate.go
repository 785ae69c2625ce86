package sandbox

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

	created int64
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

func (c *call) getMandate() (any, error) {
	x, found := c.tenant.mandates.get(c.args[0])
	if !found {
		return nil, noSuchHere("mandate", "mandate", c.args[0])
	}
	return x, nil
}
