package payments

import (
	"strings"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// Bank money comes by transfer, to the agency's account for creditors' funds or
// to a creditor's own (negotiation.BankAccount), and is known from what the
// bank tells (package camt). Each entry is filed once, whatever statements and
// notices repeat it, and matched to its case: by the reference, the payer's own
// reference, the number of a case or invoice, then by sum and account. What
// nothing names waits, with its reason and its age, until a person has said
// what it is.
//
// Money on the agency's account is posted to suspense as it is filed, and from
// there to its case: what is in suspense is, at any time, what waits. Money on
// a creditor's own account is none of ours to hold: only what pays a case is
// posted.

// BankState is where the life of a bank entry stands.
type BankState string

const (
	BankWaiting   BankState = "waiting"   // nobody knows yet what it is, or whose
	BankMatched   BankState = "matched"   // it pays a case
	BankUndone    BankState = "undone"    // the bank took it back
	BankExplained BankState = "explained" // it pays no case: what it is was said
	BankDivided   BankState = "divided"   // its parts stand for it
)

// bankMoves is the life of a bank entry. A return that undid its credit is
// explained for good: see Service.ReleaseBankEntry.
var bankMoves = map[BankState][]BankState{
	BankWaiting:   {BankMatched, BankUndone, BankExplained, BankDivided},
	BankMatched:   {BankWaiting, BankUndone},
	BankExplained: {BankWaiting},
	BankUndone:    {},
	BankDivided:   {},
}

// Explanation is what an entry is that pays no case.
type Explanation string

const (
	ExplainedReturn    Explanation = "return"     // it undid an earlier credit
	ExplainedBankCost  Explanation = "bank_cost"  // what the bank keeps for itself
	ExplainedPaidOver  Explanation = "paid_over"  // to a creditor: what was collected for it
	ExplainedGivenBack Explanation = "given_back" // to who had paid it: what nothing named
	ExplainedNotOurs   Explanation = "not_ours"   // on a creditor's own account: of no case
)

// Explanations are those that a person gives.
var Explanations = []Explanation{ExplainedBankCost, ExplainedPaidOver, ExplainedGivenBack, ExplainedNotOurs}

// What told the case of an entry.
const (
	ToldByReference = "reference"      // the structured one, or ours in the text
	ToldByEndToEnd  = "end_to_end"     // the payer's own, which was ours
	ToldByInvoice   = "invoice"        // the number of an invoice
	ToldBySum       = "amount_account" // the sum, from an account that paid before
	ToldByHand      = "hand"
)

// Why an entry waits.
const (
	WaitsNoReference   = "no_reference"
	WaitsUnknown       = "reference_unknown" // it is in form, and no case has it
	WaitsWrong         = "reference_wrong"   // its check digits are wrong
	WaitsSeveral       = "several_cases"
	WaitsOtherAccount  = "other_account" // the case is of a creditor whose money does not come here
	WaitsBookedLater   = "booked_later"
	WaitsBatch         = "batch" // several payments without their sums
	WaitsDebit         = "debit"
	WaitsReturn        = "return_unknown"
	WaitsMoneyBack     = "money_back" // a transfer of our own came back
	WaitsRecorded      = "recorded"   // a person wrote such a transfer down already
	WaitsTakenBack     = "taken_back" // a person took the match back
	WaitsOtherCurrency = "other_currency"
)

const (
	returnedWithinDays = 400 // 13 months, and the days until a bank says so
	recordedWithinDays = 5   // between the day somebody writes down and the bank's
	bankSource         = "bank:"
)

// TransferGoodDays is how long the sum that is shown for a transfer clears what
// it names, in days: a transfer takes its time, and its day is the bank's.
const TransferGoodDays = 5

// BankImport is a bank's file: read, then booked.
type BankImport struct {
	ID         string
	FileName   string
	FileHash   string
	Message    string
	State      string
	Statements int64
	Entries    int64
	Added      int64
	Known      int64
	Pending    int64
	Doubts     string // one word per line
	ByID       string
	ByName     string
	BookedAt   *time.Time
	CreatedAt  time.Time
}

// TableName names the table for gorm.
func (BankImport) TableName() string { return "bank_imports" }

// Booked says whether its entries are filed.
func (b *BankImport) Booked() bool { return b.State == importBooked }

const (
	importRead   = "read"
	importBooked = "booked"
)

// BankEntry is what moved on an account, as its bank tells.
type BankEntry struct {
	ID           string
	ImportID     string
	AccountID    string
	ParentID     *string
	OfAgency     bool
	State        BankState
	Credit       bool
	Returned     bool
	Amount       int64
	Currency     money.Currency
	EntryAmount  int64
	BookedOn     negotiation.Day
	ValueOn      negotiation.Day
	Fingerprint  string
	Twin         int64
	StatementRef string
	NoticeRef    string
	InStatement  bool
	InNotice     bool
	StatementID  string
	Code         string
	EndToEndID   string
	Structured   string // one per line
	Unstructured string // one per line
	PartyName    string
	PartyIBAN    string `gorm:"column:party_iban"`
	UltimateName string
	ReturnReason string
	Reason       string
	MatchedBy    string
	CaseID       *string
	PaymentID    *string
	UndoesID     *string
	Explanation  Explanation
	Note         string
	Acts         int64
	ByID         string
	ByName       string
	TriedAt      *time.Time
	DecidedAt    *time.Time
	CreatedAt    time.Time
}

// TableName names the table for gorm.
func (BankEntry) TableName() string { return "bank_entries" }

// Sum is what moved; which way says Credit.
func (e *BankEntry) Sum() money.Amount { return money.New(e.Amount, e.Currency) }

// Ref is the bank's reference, by which it finds the entry.
func (e *BankEntry) Ref() string {
	if e.StatementRef != "" {
		return e.StatementRef
	}
	return e.NoticeRef
}

// Says is what the payer wrote, references first.
func (e *BankEntry) Says() []string {
	var said []string
	for _, text := range []string{e.Structured, e.EndToEndID, e.Unstructured} {
		for line := range strings.SplitSeq(text, "\n") {
			if line != "" {
				said = append(said, line)
			}
		}
	}
	return said
}

// AgeDays is how long the money has been here on a day.
func (e *BankEntry) AgeDays(today negotiation.Day) int { return max(0, today.Sub(e.BookedOn)) }

func (e *BankEntry) may(to BankState) bool {
	for _, allowed := range bankMoves[e.State] {
		if allowed == to {
			return true
		}
	}
	return false
}

// source is what the entry's own posting rests on.
func (e *BankEntry) source() string { return bankSource + e.ID }
