package sandbox

// PayPal is a wallet of its own: the payer is sent to its page, agrees or not,
// and comes back. It is paid with while the payer is there; saving it for later
// is not modelled.

type paypalOptions struct {
	PreferredLocale *string `json:"preferred_locale"`
	Reference       *string `json:"reference"`
}

// paypalDetails are of whom PayPal tells, once they agreed.
type paypalDetails struct {
	PayerEmail *string `json:"payer_email"`
	PayerID    *string `json:"payer_id"`
}

type sellerProtection struct {
	DisputeCategories []string `json:"dispute_categories"`
	Status            string   `json:"status"`
}

type chargedPaypal struct {
	PayerEmail       *string           `json:"payer_email"`
	PayerID          *string           `json:"payer_id"`
	PayerName        *string           `json:"payer_name"`
	SellerProtection *sellerProtection `json:"seller_protection"`
	TransactionID    *string           `json:"transaction_id"`
}

// payPal tries to pay an intent with PayPal: first its page is shown, and what
// the payer answers there comes back as the proof.
func (s *Sandbox) payPal(t *tenant, p *paymentIntent, a attempt) {
	if a.proof == nil {
		s.askProof(t, p, a)
		return
	}
	m := a.method
	m.Paypal = &paypalDetails{PayerEmail: m.BillingDetails.Email, PayerID: optional(upper(s.mint.text("", 13)))}
	if m.Paypal.PayerEmail == nil {
		m.Paypal.PayerEmail = optional("payer@example.com")
	}
	a.proof = nil // a card's, which this is not
	s.approve(t, p, a)
}

// chargedPayPal is what a charge shows of it.
func (m *paymentMethod) chargedPayPal() *chargedPaypal {
	d := &chargedPaypal{PayerName: m.BillingDetails.Name, SellerProtection: &sellerProtection{Status: "not_eligible"}}
	if m.Paypal != nil {
		d.PayerEmail, d.PayerID = m.Paypal.PayerEmail, m.Paypal.PayerID
		d.TransactionID = optional("9" + fingerprint(m.ID))
	}
	return d
}

// onlyNow refuses what cannot be saved where it would be.
func onlyNow(types []string) *refusal {
	for _, kind := range types {
		if kind == "paypal" || kind == bankTransfer {
			return unmodelled(kind + " for later payments")
		}
	}
	return nil
}
