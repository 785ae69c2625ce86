// Package camt reads what banks tell of an account: ISO 20022 camt.053
// (statement) and camt.054 (notice of single entries), in every version that
// banks send, from 001.02 to 001.13. It knows the format and nothing else: no
// case, no ledger, no rule of what an entry is for.
//
// A file is read as it comes, under limits, and is refused whole with a
// *FileError that names the reason: what is cut off, hostile or another message
// than a statement must leave nothing behind. What a bank merely got wrong in
// its own sums (balances that its entries do not explain) is no reason not to
// read: it is told as a Doubt.
package camt

import (
	"strings"
)

// Kinds of message.
const (
	Statement053 = "camt.053"
	Notice054    = "camt.054"
)

// Message is one file.
type Message struct {
	Name       string // "camt.053.001.02"
	ID         string // MsgId: of the file, not of what it tells
	Statements []*Statement
}

// Kind is the message's name without its version.
func (m *Message) Kind() string {
	if len(m.Name) < len(Statement053) {
		return m.Name
	}
	return m.Name[:len(Statement053)]
}

// Statement is what a message tells of one account: a statement with its
// balances, or a notice without.
type Statement struct {
	Number   int // in the message, from 1
	ID       string
	Sequence string // ElctrncSeqNb
	Account  string // IBAN, or another number of the account
	Currency string // the account's, where it is named
	Opening  *Balance
	Closing  *Balance
	Entries  []*Entry
	Doubts   []Doubt // once all of it is read

	summary []summary
}

// Balance is a balance as the bank gives it; below zero it is negative.
type Balance struct {
	Amount   Decimal
	Currency string
	Negative bool
	On       string
}

// Entry is one line of an account. Amounts are as written: how many decimals a
// currency has is not for a format to say.
type Entry struct {
	Number     int // in the statement, from 1
	Reference  string
	Amount     Decimal
	Currency   string
	Credit     bool   // money came in
	Reversal   string // RvslInd as written: empty, true, false
	Status     string // BOOK, PDNG, INFO, FUTR
	BookedOn   string // YYYY-MM-DD; may be empty in a notice
	ValueOn    string
	BankRef    string // the bank's own reference
	Charges    Decimal
	Code       string // domain/family/subfamily
	Additional string
	Details    []*Transaction
	Line       int // of the file, where it begins

	charged decimalSum // what was taken out of the entry's amount before it was booked
}

// Booked says whether the money moved: what is pending or told for information
// may never come.
func (e *Entry) Booked() bool { return e.Status == "BOOK" }

// Reversed says whether the entry turns an earlier one round.
func (e *Entry) Reversed() bool { return e.Reversal == "true" || e.Reversal == "1" }

// Transaction is one of the payments that an entry is made of.
type Transaction struct {
	Number         int // in the entry, from 1
	EndToEndID     string
	InstructionID  string
	TransactionID  string
	UETR           string
	MandateID      string
	BankRef        string
	Amount         Decimal // its own; empty where the bank gives none
	AmountFrom     string  // which element it was read from: Amt, TxAmt
	Currency       string
	Direction      string   // its own CdtDbtInd, mostly absent: the entry's counts
	Structured     []string // references in the form that was agreed: RF…, QR reference…
	Unstructured   []string // what the payer typed
	Debtor         Party
	UltimateDebtor string
	Creditor       Party
	ReturnReason   string
	Additional     string
}

// Party is one side of a payment.
type Party struct {
	Name  string
	IBAN  string
	Other string // another number of an account
}

// noReference is what banks write where the payer gave none.
var noReference = []string{"NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOTAVAILABLE"}

// GivenEndToEndID is the payer's reference, empty where there is none: banks
// fill the field by a word of their own.
func (t *Transaction) GivenEndToEndID() string {
	id := strings.TrimSpace(t.EndToEndID)
	for _, none := range noReference {
		if strings.EqualFold(id, none) {
			return ""
		}
	}
	return id
}
