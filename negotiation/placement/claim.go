package placement

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"strings"
	"unicode"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// DebtorKind is the debtor's quality as the creditor states it.
type DebtorKind string

const (
	Business DebtorKind = "business"
	Consumer DebtorKind = "consumer" // also where the file does not say (law.md §2.1, trap 6)
)

// Claim is one invoice of the file, or one credit note, in our words. A value
// that a warning speaks of is kept as it was written, unless the warning says
// how it was repaired.
type Claim struct {
	CreditorRef   string
	InvoiceNumber string
	IssueDate     day.Day // may be missing
	DueDate       day.Day // missing for credit notes only
	Amount        money.Amount
	Paid          money.Amount
	DebtorKind    DebtorKind
	DebtorName    string
	SIREN         string // nine digits, unless bad_siren
	VATNumber     string // capitals without spaces
	ContactName   string
	Email         string // not to be used where the record has bad_email
	Phone         string
	Street        string
	Postcode      string
	City          string
	Country       string // ISO 3166 in capitals, unless unknown_country; may be empty
	Language      string // ISO 639-1 in small letters, unless unknown_language; may be empty
	ContractRate  string // percent a year, as 12.15; empty where there is none
	MandateRef    string
	Description   string // the one value that may have line breaks

	// PrecedingInvoice is the invoice that a credit note lowers.
	PrecedingInvoice string
}

// Open returns what is left to be paid by the creditor's own account.
func (c Claim) Open() money.Amount { return c.Amount.Sub(c.Paid) }

// NotDueYet says whether the claim may only be watched on a day.
func (c Claim) NotDueYet(today day.Day) bool { return c.DueDate.After(today) }

// Key is an invoice number or a creditor reference without what people write
// differently for the same one: spaces and small letters. Two claims are the
// same one when the keys of their creditor and of their number are.
func Key(reference string) string {
	plain := true
	for i := 0; i < len(reference); i++ {
		if c := reference[i]; c <= ' ' || c >= 0x7f || (c >= 'a' && c <= 'z') {
			plain = false
			break
		}
	}
	if plain {
		return reference
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || invisible(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, reference)
}

// InvoiceKey identifies the claim among those of its creditor, in every import.
func (c Claim) InvoiceKey() string { return Key(c.InvoiceNumber) }

// ContentHash is the same for the same content in whatever encoding, order of
// columns, format of dates or amounts it was written. It is SHA-256 over every
// value with its length.
func (c Claim) ContentHash() [32]byte {
	buffer := make([]byte, 0, 512)
	put := func(values ...string) {
		for _, v := range values {
			buffer = binary.AppendUvarint(buffer, uint64(len(v)))
			buffer = append(buffer, v...)
		}
	}
	put(Key(c.CreditorRef), c.InvoiceKey(), string(c.IssueDate), string(c.DueDate), string(c.Amount.Currency))
	buffer = binary.BigEndian.AppendUint64(buffer, uint64(c.Amount.Minor))
	buffer = binary.BigEndian.AppendUint64(buffer, uint64(c.Paid.Minor))
	put(string(c.DebtorKind), c.DebtorName, c.SIREN, c.VATNumber, c.ContactName, c.Email, c.Phone, c.Street,
		c.Postcode, c.City, c.Country, c.Language, c.ContractRate, c.MandateRef, c.Description, Key(c.PrecedingInvoice))
	return sha256.Sum256(buffer)
}

// MarshalJSON writes the claim under the names of the columns, amounts as whole
// minor units, days as YYYY-MM-DD.
func (c Claim) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		CreditorRef      string `json:"creditor_ref"`
		InvoiceNumber    string `json:"invoice_number"`
		IssueDate        string `json:"issue_date"`
		DueDate          string `json:"due_date"`
		Currency         string `json:"currency"`
		AmountInclVAT    int64  `json:"amount_incl_vat"`
		AmountPaid       int64  `json:"amount_paid"`
		DebtorKind       string `json:"debtor_kind"`
		DebtorName       string `json:"debtor_name"`
		SIREN            string `json:"siren"`
		VATNumber        string `json:"vat_number"`
		ContactName      string `json:"contact_name"`
		Email            string `json:"email"`
		Phone            string `json:"phone"`
		Street           string `json:"street"`
		Postcode         string `json:"postcode"`
		City             string `json:"city"`
		Country          string `json:"country"`
		Language         string `json:"language"`
		ContractRate     string `json:"contract_rate_percent"`
		MandateRef       string `json:"mandate_ref"`
		Description      string `json:"description"`
		PrecedingInvoice string `json:"preceding_invoice,omitempty"`
	}{
		c.CreditorRef, c.InvoiceNumber, string(c.IssueDate), string(c.DueDate), string(c.Amount.Currency),
		c.Amount.Minor, c.Paid.Minor, string(c.DebtorKind), c.DebtorName, c.SIREN, c.VATNumber, c.ContactName,
		c.Email, c.Phone, c.Street, c.Postcode, c.City, c.Country, c.Language, c.ContractRate, c.MandateRef,
		c.Description, c.PrecedingInvoice,
	})
}
