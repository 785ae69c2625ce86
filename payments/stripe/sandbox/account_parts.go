package sandbox

type requirements struct {
	Alternatives        []string `json:"alternatives"`
	CurrentDeadline     *int64   `json:"current_deadline"`
	CurrentlyDue        []string `json:"currently_due"`
	DisabledReason      *string  `json:"disabled_reason"`
	Errors              []string `json:"errors"`
	EventuallyDue       []string `json:"eventually_due"`
	PastDue             []string `json:"past_due"`
	PendingVerification []string `json:"pending_verification"`
}

func nothingDue() requirements {
	return requirements{Alternatives: []string{}, CurrentlyDue: []string{}, Errors: []string{}, EventuallyDue: []string{}, PastDue: []string{}, PendingVerification: []string{}}
}

type businessProfile struct {
	AnnualRevenue        any      `json:"annual_revenue"`
	EstimatedWorkerCount *int64   `json:"estimated_worker_count"`
	MCC                  *string  `json:"mcc"`
	Name                 *string  `json:"name"`
	ProductDescription   *string  `json:"product_description"`
	SupportAddress       *address `json:"support_address"`
	SupportEmail         *string  `json:"support_email"`
	SupportPhone         *string  `json:"support_phone"`
	SupportURL           *string  `json:"support_url"`
	URL                  *string  `json:"url"`
}

type controller struct {
	IsController bool   `json:"is_controller,omitempty"`
	Type         string `json:"type"`
}

type tosAcceptance struct {
	Date             *int64  `json:"date"`
	IP               *string `json:"ip"`
	ServiceAgreement string  `json:"service_agreement,omitempty"`
	UserAgent        *string `json:"user_agent"`
}

type payoutSchedule struct {
	DelayDays     int64  `json:"delay_days"`
	Interval      string `json:"interval"`
	MonthlyAnchor int64  `json:"monthly_anchor,omitempty"`
	WeeklyAnchor  string `json:"weekly_anchor,omitempty"`
}

type payoutSettings struct {
	DebitNegativeBalances bool           `json:"debit_negative_balances"`
	Schedule              payoutSchedule `json:"schedule"`
	StatementDescriptor   *string        `json:"statement_descriptor"`
}

type accountSettings struct {
	BacsDebitPayments map[string]any    `json:"bacs_debit_payments"`
	Branding          map[string]any    `json:"branding"`
	CardIssuing       map[string]any    `json:"card_issuing"`
	CardPayments      map[string]any    `json:"card_payments"`
	Dashboard         map[string]any    `json:"dashboard"`
	Invoices          map[string]any    `json:"invoices"`
	Payments          map[string]any    `json:"payments"`
	Payouts           payoutSettings    `json:"payouts"`
	SepaDebitPayments map[string]string `json:"sepa_debit_payments"`
}

type company struct {
	Address            *address `json:"address,omitempty"`
	AddressKana        any      `json:"address_kana"`
	AddressKanji       any      `json:"address_kanji"`
	DirectorsProvided  bool     `json:"directors_provided"`
	ExecutivesProvided bool     `json:"executives_provided"`
	Name               *string  `json:"name"`
	NameKana           *string  `json:"name_kana"`
	NameKanji          *string  `json:"name_kanji"`
	OwnersProvided     bool     `json:"owners_provided"`
	Phone              *string  `json:"phone"`
	Structure          string   `json:"structure,omitempty"`
	TaxIDProvided      bool     `json:"tax_id_provided"`
	VATIDProvided      bool     `json:"vat_id_provided,omitempty"`
	Verification       any      `json:"verification"`
}
