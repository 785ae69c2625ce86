package sandbox

type flag struct {
	Enabled bool `json:"enabled"`
}

type automaticTax struct {
	Enabled   bool    `json:"enabled"`
	Liability any     `json:"liability"`
	Status    *string `json:"status"`
}

type customText struct {
	AfterSubmit              *message `json:"after_submit"`
	ShippingAddress          *message `json:"shipping_address"`
	Submit                   *message `json:"submit"`
	TermsOfServiceAcceptance *message `json:"terms_of_service_acceptance"`
}

type message struct {
	Message string `json:"message"`
}

type consentCollection struct {
	PaymentMethodReuseAgreement *position `json:"payment_method_reuse_agreement"`
	Promotions                  *string   `json:"promotions"`
	TermsOfService              *string   `json:"terms_of_service"`
}

type position struct {
	Position string `json:"position"`
}

type customerDetails struct {
	Address   *address `json:"address"`
	Email     *string  `json:"email"`
	Name      *string  `json:"name"`
	Phone     *string  `json:"phone"`
	TaxExempt string   `json:"tax_exempt"`
	TaxIDs    []string `json:"tax_ids"`
}

type invoiceCreation struct {
	Enabled     bool           `json:"enabled"`
	InvoiceData map[string]any `json:"invoice_data"`
}

type totalDetails struct {
	AmountDiscount int64 `json:"amount_discount"`
	AmountShipping int64 `json:"amount_shipping"`
	AmountTax      int64 `json:"amount_tax"`
}

type sessionCardOptions struct {
	RequestThreeDSecure string `json:"request_three_d_secure"`
}

type sessionOptions struct {
	Card            *sessionCardOptions `json:"card,omitempty"`
	CustomerBalance *cashOptions        `json:"customer_balance,omitempty"`
}
