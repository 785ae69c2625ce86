package camt

import (
	"strconv"
	"strings"
)

// Row is a transaction, or an entry of which the bank gives no details, as a
// line of a table: every field as the bank wrote it.
type Row struct {
	File           string `json:"file"`
	Message        string `json:"message"`
	Statement      string `json:"statement"`
	Entry          string `json:"entry"`
	Transaction    string `json:"transaction"`
	Account        string `json:"account"`
	BookingDate    string `json:"booking_date"`
	ValueDate      string `json:"value_date"`
	Status         string `json:"status"`
	Amount         string `json:"amount"`
	Currency       string `json:"currency"`
	CreditDebit    string `json:"credit_debit"`
	EndToEndID     string `json:"end_to_end_id"`
	StructuredRef  string `json:"structured_ref"`
	Unstructured   string `json:"unstructured"`
	DebtorName     string `json:"debtor_name"`
	DebtorIBAN     string `json:"debtor_iban"`
	UltimateDebtor string `json:"ultimate_debtor"`
	CreditorName   string `json:"creditor_name"`
	CreditorIBAN   string `json:"creditor_iban"`
	Reversal       string `json:"reversal"`
	ReturnReason   string `json:"return_reason"`
	MandateID      string `json:"mandate_id"`
	BankRef        string `json:"bank_ref"`
	AmountFrom     string `json:"amount_from"`
	EntryAmount    string `json:"entry_amount"`
	EntryCurrency  string `json:"entry_currency"`
	EntryDirection string `json:"entry_credit_debit"`
	EntryCharges   string `json:"entry_charges"`
}

// Rows are all rows of a message, in the order of the file.
func (m *Message) Rows(file string) []Row {
	var rows []Row
	for _, s := range m.Statements {
		for _, e := range s.Entries {
			row := Row{
				File: file, Message: m.Name, Statement: strconv.Itoa(s.Number), Entry: strconv.Itoa(e.Number), Account: s.Account,
				BookingDate: e.BookedOn, ValueDate: e.ValueOn, Status: e.Status, Reversal: e.Reversal, BankRef: e.BankRef,
				EntryAmount: string(e.Amount), EntryCurrency: e.Currency, EntryDirection: e.Direction(), EntryCharges: string(e.Charges),
			}
			row.Amount, row.Currency, row.CreditDebit, row.AmountFrom = row.EntryAmount, row.EntryCurrency, row.EntryDirection, "entry"
			if len(e.Details) == 0 {
				rows = append(rows, row)
				continue
			}
			for _, t := range e.Details {
				rows = append(rows, row.of(t, len(e.Details) > 1))
			}
		}
	}
	return rows
}

// of is the row of one transaction. Where it has the entry to itself the
// entry's amount is its amount; among several its own counts, if it has one.
func (r Row) of(t *Transaction, several bool) Row {
	r.Transaction = strconv.Itoa(t.Number)
	if several {
		r.Amount, r.Currency, r.AmountFrom = string(t.Amount), t.Currency, t.AmountFrom
		if t.Direction != "" {
			r.CreditDebit = t.Direction
		}
	}
	if r.BankRef == "" {
		r.BankRef = t.BankRef
	}
	r.EndToEndID, r.MandateID, r.ReturnReason = t.EndToEndID, t.MandateID, t.ReturnReason
	r.StructuredRef, r.Unstructured = strings.Join(t.Structured, "|"), strings.Join(t.Unstructured, "|")
	r.DebtorName, r.DebtorIBAN, r.UltimateDebtor = t.Debtor.Name, t.Debtor.IBAN, t.UltimateDebtor
	r.CreditorName, r.CreditorIBAN = t.Creditor.Name, t.Creditor.IBAN
	return r
}

// Direction is the entry's direction as the bank writes it.
func (e *Entry) Direction() string {
	if e.Credit {
		return "CRDT"
	}
	return "DBIT"
}
