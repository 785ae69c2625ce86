package page

import (
	"slices"
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// CreditorHome answers: what waits for me, what came in, what is missing.
type CreditorHome struct {
	StaffBase
	Today     day.Day
	Waiting   []Task
	Unread    []Task       // messages, to which no day belongs
	Missing   []Task       // what stands between this creditor and payments by card
	CameIn    money.Amount // this month, to this day
	Weeks     []WeekBar    // by week, the oldest first; the last is under way
	Scale     money.Amount // the round sum at the top of the chart; zero: no chart
	Recent    []PaymentRow
	Coming    *PayoutRow   // the next payout, or the last that arrived; nil: none yet
	Underway  money.Amount // collected, and not at the bank yet
	OnTheWay  int          // payments of it
	ByState   []StateCount
	CaseCount int
}

// Task is one thing to do, until when, and where. Text wins over Code, a
// phrase "task.<code>" filled with Values; "task.<code>.note" says why and
// "task.<code>.do" is on the button.
type Task struct {
	Until  day.Day
	Code   string
	Values []any
	Text   string
	Note   string
	URL    string
	Main   bool // the button is the main one
}

// WeekBar is one bar of the chart.
type WeekBar struct {
	From    day.Day
	Amount  money.Amount
	Percent int // of the scale, 0 to 100
	Current bool
}

// StateCount is one stretch of the bar of cases. Percent adds up to 100.
type StateCount struct {
	State   string // phrase "state.<state>"
	Count   int
	Percent int
	URL     string
}

// CaseRow is one case in a list.
type CaseRow struct {
	URL       string
	Reference string
	Debtor    string
	Creditor  string // agents only
	Invoice   string
	State     string   // phrase "state.<state>"
	Holds     []string // phrase "hold.<reason>"; a reason of vulnerability never stands in a list
	Left      money.Amount
	Placed    money.Amount
	On        day.Day // in a list: when the oldest invoice fell due
}

// CaseList is a list of cases, for both consoles: GET with "state", or a search
// by POST /{console}/searches with "q" and "state": what one searches for is a
// person's, and stands in no address.
type CaseList struct {
	StaffBase
	Query    string
	State    string
	States   []string // choices of the filter
	Rows     []CaseRow
	Total    int
	NextURL  string // further rows; empty at the end
	FirstURL string // back to the first; empty on the first page
	More     bool   // a search found more than it shows
}

// HasInvoices says whether any row names its invoice, so that the column is
// shown.
func (l *CaseList) HasInvoices() bool {
	for _, row := range l.Rows {
		if row.Invoice != "" {
			return true
		}
	}
	return false
}

// Statement is a ledger with what it adds up to by kind.
type Statement struct {
	Ledger
	Principal, Interest, Indemnity, Paid, Left money.Amount
	GoodUntil                                  day.Day // no day: nothing is added to it
}

// PaymentRow is one payment: what each euro is, and whether it is final.
type PaymentRow struct {
	ID          string
	On          day.Day
	Debtor      string
	Creditor    string
	Case        string
	CaseURL     string
	Method      string // phrase "method.<method>"
	State       string // phrase "payment.<state>": succeeded, processing, failed, cancelled, refunded, charged_back, reversed
	Elsewhere   bool   // recorded by hand
	ByAnother   bool   // with a pay-only link
	Amount      money.Amount
	Principal   money.Amount
	Interest    money.Amount
	Indemnity   money.Amount
	Excess      money.Amount // to refunds due
	Fee         money.Amount // ours, with VAT
	FeeInvoiced bool         // the fee is not taken out of this payment
	Net         money.Amount // to the creditor
	Provisional day.Day      // until when the bank could take it back; no day: final
	Refunded    money.Amount // of Amount, what went back
	TakenBack   money.Amount // of it, what the payer's bank took back
	URL         string       // its own page; agents only
	ReceiptURL  string
	ReverseURL  string // recorded by hand, and may still be reversed
}

// PaymentList is every payment, with the sums of the period shown.
type PaymentList struct {
	StaffBase
	From, To                               day.Day
	Rows                                   []PaymentRow
	Amount, Principal, Interest, Indemnity money.Amount
	Fee, Net, Provisional                  money.Amount
	Excess                                 money.Amount // came in beyond what was owed
	Withheld, Invoiced                     money.Amount // what of Fee is taken out of the payments, and what is not
	NextURL, CSVURL                        string
	Form                                   Form // fields "from", "to"
}

// LetterRow is one letter of a case.
type LetterRow struct {
	On        day.Day
	Kind      string // phrase "letter.<kind>": first_letter, link, code, receipt, reminder…
	Channel   string // phrase "channel.<channel>": mail, post, sms, phone
	To        string // masked where the reader need not know
	State     string // phrase "letter_state.<state>": due, blocked, sent, delivered, bounced
	BlockedBy string // phrase "hold.<reason>"
	DelayedBy string // phrase "hold.<reason>": due, and not before Until
	Until     time.Time
	URL       string
}

// CreditorCase is one case as its creditor sees it.
type CreditorCase struct {
	StaffBase
	Row                    CaseRow
	Claims                 []ClaimRow
	Statement              Statement
	Payments               []PaymentRow
	Letters                []LetterRow
	Timeline               Timeline
	Documents              []Document
	Advisers               []AdviserRow // who acts for the debtor
	Agent                  Agent
	Offers                 CaseOffers
	Thread                 CaseThread
	Disputes               []SheetLink
	RecordURL              string // record a payment received elsewhere; empty: not now
	CreditURL, WithdrawURL string
	Shut                   string // why not
	FileURL                string // to take the file of the case
}

// ClaimRow is one thing owed.
type ClaimRow struct {
	Invoice  string
	IssuedOn day.Day
	DueOn    day.Day
	Subject  string
	Original money.Amount
	Left     money.Amount
	PDFURL   string
}

// RecordPayment takes down a payment received elsewhere. POST Action with
// "amount", "on", "method", "reference", "note", and a file "proof".
type RecordPayment struct {
	StaffBase
	Row     CaseRow
	Today   day.Day
	Methods []string // phrase "method.<method>"
	Action  string
	BackURL string
	Form    Form
}

// ReversePayment asks before an entry is reversed: never edited, never erased.
// POST Action with "reason".
type ReversePayment struct {
	StaffBase
	Row     CaseRow
	Payment PaymentRow
	Before  money.Amount // owed now
	After   money.Amount // owed once reversed
	Action  string
	BackURL string
	Form    Form // field "reason"
}

// Placement is where claims are handed over: a file, or one by hand. POST
// /creditor/placements (multipart) with "file" and "confirm_mandate" = yes.
type Placement struct {
	StaffBase
	Earlier     []PlacementRow
	MaxBytes    int64
	TemplateURL string // an empty file with the columns
	Form        Form   // fields "file", "confirm_mandate"
}

// PlacementRow is one earlier placement.
type PlacementRow struct {
	URL           string
	At            time.Time
	File          string
	Lines, Opened int
	Bad           int
	Amount        money.Amount
}

// PlacementResult says what became of a file, each bad line with its reason.
type PlacementResult struct {
	StaffBase
	File      string
	At        time.Time
	Lines     int
	Opened    int // claims taken in
	Cases     int // cases they opened or joined
	Known     int // already here: not taken twice
	Amount    money.Amount
	Bad       []BadLine
	BadCSVURL string // the bad lines as a file, to correct and drop again
	Running   bool   // still being read
	Done      int    // lines read so far, when Running
}

// BadLine is one line that was not taken. Text wins over Code, a phrase
// "bad_line.<code>" filled with Values.
type BadLine struct {
	Line   int
	Who    string // the debtor's name or the invoice, to find it in the file
	Column string
	Code   string
	Values []any
	Text   string
}

// ClaimEntry takes one claim by hand. POST /creditor/claims (multipart) with
// the fields of its Form and the invoice's PDF as "invoice_pdf".
//
// Fields: kind (individual, firm), salutation, first_name, last_name, company,
// siren, email, phone, street, postcode, city, language, invoice_number,
// issued_on, due_on, amount, subject, paid_amount, paid_on, notice_on (the
// formal notice), confirm_mandate.
type ClaimEntry struct {
	StaffBase
	Creditor  string
	Creditors []Choice // agents choose for whom; empty for a creditor
	Action    string
	MaxBytes  int64
	Form      Form
}

// Choice is one line of a list to choose from.
type Choice struct{ Value, Label string }

// Connect is the creditor's account with the payment provider. POST
// /creditor/connect opens or goes on with it.
type Connect struct {
	StaffBase
	State   string        // none, started, waiting (the provider checks), restricted, enabled
	Missing []Requirement // what the provider still asks for
	Account string        // "acct_…", masked
	Iban    string        // "·· 4417"
	Until   day.Day       // the provider's date for what is missing
	BackNow bool          // just back from the provider
	Ways    []CardWay     // of the mandates in force

	// What is blocked while it is missing, and what comes if it stays so.
	ChargesStopped, PayoutsStopped bool
	Checking                       []string     // given, and looked at by the provider
	Owing                          money.Amount // the account is below nothing by so much
	Held                           money.Amount // collected, and the account does not take it now
}

// Separate says whether card money comes to the platform first, under any mandate.
func (c *Connect) Separate() bool {
	return slices.ContainsFunc(c.Ways, func(w CardWay) bool { return w.Separate })
}

// Requirement is one thing that the provider asks of a creditor.
type Requirement struct {
	Words string
	Stops string // phrase "connect.stops.<…>": later (nothing yet), charges, payouts, both
}

// CardWay is which way card money takes under a mandate.
type CardWay struct {
	Mandate  string // empty: there is one only
	Separate bool
}

func (*CreditorHome) template() string    { return "creditor/home" }
func (*CaseList) template() string        { return "staff/cases" }
func (*PaymentList) template() string     { return "staff/payments" }
func (*CreditorCase) template() string    { return "creditor/case" }
func (*RecordPayment) template() string   { return "staff/record-payment" }
func (*ReversePayment) template() string  { return "staff/reverse-payment" }
func (*Placement) template() string       { return "creditor/placement" }
func (*PlacementResult) template() string { return "creditor/placement-result" }
func (*ClaimEntry) template() string      { return "staff/claim" }
func (*Connect) template() string         { return "creditor/connect" }
