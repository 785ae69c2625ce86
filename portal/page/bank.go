package page

import (
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// Bank is what came by transfer: what waits for somebody to say what it is, what
// found its case last, and the files of the banks. POST /agent/bank/files with
// "file".
type Bank struct {
	StaffBase
	Waiting  []BankRow
	In, Out  money.Amount // of what waits
	Oldest   day.Day
	Recent   []BankRow
	Files    []BankFileRow
	Accounts bool // any is on file
	MaxBytes int64
	Form     Form
}

// BankRow is one entry of an account.
type BankRow struct {
	URL     string
	On      day.Day
	AgeDays int
	Credit  bool
	Amount  money.Amount
	Party   string
	Says    []string
	Ref     string
	Account string // its last four characters
	State   string // phrase "bank.state.<state>"
	Why     string // phrase "bank.why.<why>": why it waits; empty: it does not
	By      string // phrase "bank.by.<by>": what told its case
	What    string // phrase "bank.what.<what>": what it is, where it pays no case
	Case    string
	CaseURL string
	Debtor  string
}

// BankFileRow is one file in the list.
type BankFileRow struct {
	URL    string
	At     time.Time
	File   string
	Added  int
	Known  int
	Booked bool
}

// BankFile is one file, before it is booked or after. POST Action with
// "despite" where the bank's own sums leave doubts.
type BankFile struct {
	StaffBase
	File     string
	At       time.Time
	Message  string
	Doubts   []string // in words
	Booked   bool
	Added    int
	Known    int
	Pending  int
	Matching int // of the new
	Waits    int // of the new
	Rows     []BankRow
	Refused  string // in words: nothing of it can be booked
	Action   string // empty: there is nothing to book
	Form     Form
}

// BankEntry is one entry with what may be said of it. POST MatchAction with
// "case", ReleaseAction with "reason", ExplainAction with "what", "creditor"
// and "note", DivideAction with "part".
type BankEntry struct {
	StaffBase
	Row           BankRow
	IBAN          string
	Ultimate      string
	EndToEnd      string
	Statement     string
	Return        string // the bank's reason
	Note          string
	By            string // who decided
	DecidedOn     day.Day
	Other         *BankRow // the credit it undid, or what undid it
	MatchAction   string
	ReleaseAction string
	ExplainAction string
	DivideAction  string
	Explanations  []string
	Creditors     []Choice
	Form          Form
}

// BankAccounts is where transfers go. POST /agent/accounts with "owner",
// "holder", "iban" and "bic".
type BankAccounts struct {
	StaffBase
	Rows     []BankAccountRow
	Owners   []Choice // creditors
	Mandates []WaysRow
	Form     Form
}

// BankAccountRow is one account.
type BankAccountRow struct {
	Holder, IBAN, BIC string
	Owner             string // the creditor's name; empty: the agency's
	Closed            bool
	CloseAction       string
}

// WaysRow is which way money takes under one mandate. POST Action with "card"
// (separate, or empty), "account" and "cheque_to".
type WaysRow struct {
	ID       string
	Creditor string
	Mandate  string
	Separate bool // card money comes to the platform first
	Account  string
	ChequeTo string
	Accounts []Choice
	Action   string
}

func (*Bank) template() string         { return "agent/bank" }
func (*BankFile) template() string     { return "agent/bank-file" }
func (*BankEntry) template() string    { return "agent/bank-entry" }
func (*BankAccounts) template() string { return "agent/accounts" }
