package page

import (
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// PayoutList is the money on its way to creditors' banks and there: a
// creditor's own, or (agents) everybody's. POST /creditor/notices with "notices",
// "language".
type PayoutList struct {
	StaffBase
	Today     day.Day
	Underway  money.Amount // not at the bank yet
	Count     int          // payments of it
	Oldest    int          // days since the oldest came in
	Late      []LateRow
	Payouts   []PayoutRow
	Months    []RemittanceRow
	Invoices  []InvoiceRow
	Suspense  []MatchRow // agents: what nothing explains
	Stuck     []PayoutRow
	Owing     []OwingRow // agents: accounts below nothing
	Totals    []TotalRow // agents: each month added up three times
	Notices   string     // phrase "notices.<choice>"; empty: not asked here
	NoticesOf []string
	Form      Form // of the notices
}

// LateRow is money that must soon be paid over, or should have been.
type LateRow struct {
	Who, Creditor string
	CaseURL       string
	On, Until     day.Day
	Days          int
	Amount        money.Amount
	State         string // phrase "payover.<state>": alarm, breach
	Place         string // phrase "place.<place>"
}

// TotalRow is a month of one account, by Stripe's list, by the rows of payouts
// and by our postings, with what explains a difference.
type TotalRow struct {
	Month                   day.Day // its first day
	Creditor                string  // empty: the agency's own
	Listed, Opened, Booked  money.Amount
	Waiting, Strange, Other money.Amount // in no payout yet; in suspense or explained; booked in another month
	Lost, Unbooked          money.Amount // what nothing explains
	Agrees                  bool
}

// OwingRow is a creditor whose account stands below nothing.
type OwingRow struct {
	Creditor string
	URL      string
	Amount   money.Amount
}

// PayoutRow is one payout in a list.
type PayoutRow struct {
	URL       string
	Number    string // of its remittance; empty: not opened yet
	ArrivesOn day.Day
	State     string // phrase "payout.<state>"
	Failure   string // phrase "payout_failure.<code>"
	Creditor  string // agents only; empty: the agency's own
	Bank      string
	Amount    money.Amount
	Suspense  int
	Open      bool
	ByHand    bool // cannot be opened
	Problem   string
}

// RemittanceRow is a month's remittance in a list.
type RemittanceRow struct {
	URL, Number, Creditor string
	From, Until           day.Day
	Gross, Net            money.Amount
	PaidOver              day.Day
	ToPayOver             bool
}

// InvoiceRow is one of the agency's invoices in a list.
type InvoiceRow struct {
	URL, Number, Creditor string
	Kind                  string // phrase "fee_invoice.<kind>"
	On                    day.Day
	Total, Withheld, Due  money.Amount
}

// Remittance tells a creditor what was collected, what was kept back and what
// reaches it. Agents record on it that money was paid over: POST PayOverURL
// with "on" and "reference".
type Remittance struct {
	StaffBase
	Number      string
	Creditor    string
	Payout      *PayoutRow // nil: of a month
	From, Until day.Day
	Gross       money.Amount // payments
	Back        money.Amount // refunds and chargebacks
	Other       money.Amount // what is neither
	Theirs      money.Amount // of Gross: with the creditor already
	Fee, VAT    money.Amount
	Net         money.Amount
	Difference  money.Amount // between the lines and what was paid out
	Payments    int
	Lines       []RemittanceLine
	More        int // lines beyond those shown; the files have all
	Files       []RemittanceFile
	PayOverURL  string
	PaidOverOn  day.Day
	PaidOverRef string
	Form        Form // fields "on", "reference"
}

// RemittanceFile is the same remittance in another form.
type RemittanceFile struct{ URL, Kind string } // phrase "remittance.file.<kind>"

// RemittanceLine is one line of a remittance; it opens into what it settled.
type RemittanceLine struct {
	On                  day.Day
	Kind                string // phrase "line.<kind>": payment, refund, chargeback, reversal, returned, other
	Who                 string
	CaseURL             string
	Reference           string
	Place               string // phrase "place.<place>"
	Words               string
	Intent              string // the provider's name of the payment
	Gross, Fee, VAT     money.Amount
	Net                 money.Amount
	Settled             []SettledRow
	StatementURL        string // the case's statement, with every segment of interest
	Excess              money.Amount
	NotPayment, Strange bool
}

// SettledRow is what one invoice got of a payment.
type SettledRow struct {
	Invoice                        string
	Principal, Interest, Indemnity money.Amount
}

// PayoutMatch is a payout row by row, with what our books say of each: agents.
type PayoutMatch struct {
	StaffBase
	Payout        PayoutRow
	GatewayID     string
	Rows          []MatchRow
	Count, More   int
	Sum           money.Amount
	Difference    money.Amount
	Matched       int
	RemittanceURL string
}

// MatchRow is one row of a payout beside our books.
type MatchRow struct {
	ID, Source, Creditor string
	On                   day.Day
	Kind                 string // phrase "row.<kind>"
	Who, CaseURL         string
	Amount, Fee, Net     money.Amount
	Known                bool // our books have a payment for it
	Booked, BookedFee    money.Amount
	Verdict              string // phrase "verdict.<verdict>"
	Reason               string // phrase "suspense.<reason>"
	Words                string // the provider's
	Explanation          string
	BelongsTo            string // phrase "belongs.<whom>"
	PayoutURL            string
	ExplainURL           string
}

// ExplainRow takes a row out of suspense. POST Action with "words" and
// "belongs_to".
type ExplainRow struct {
	StaffBase
	Row     MatchRow
	Whose   []string
	Action  string
	BackURL string
	Form    Form
}

// FeeInvoice is one of the agency's invoices, or a credit note.
type FeeInvoice struct {
	StaffBase
	Number               string
	Kind                 string
	Creditor, Agency     string
	From, Until          day.Day
	On, DueOn            day.Day
	Fee, VAT, Total      money.Amount
	Withheld, Due        money.Amount
	Lines                []FeeRow
	Formula              []FormulaRow
	PDFURL               string
	RegisteredAs, Theirs string // SIREN of the two sides
}

// FeeRow is the fee of one payment.
type FeeRow struct {
	On                 day.Day
	Who, Reference     string
	Corrects           string
	Received, Fee, VAT money.Amount
	Withheld           bool
}

// FormulaRow is how a mandate's fee is worked out.
type FormulaRow struct {
	Mandate, Percent, VATPercent string
	On                           string // phrase "fee_on.<basis>"
	Minimum                      money.Amount
}

func (*PayoutList) template() string  { return "staff/payouts" }
func (*Remittance) template() string  { return "staff/remittance" }
func (*PayoutMatch) template() string { return "agent/payout" }
func (*ExplainRow) template() string  { return "agent/explain" }
func (*FeeInvoice) template() string  { return "staff/fee-invoice" }
