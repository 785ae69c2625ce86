package placement

import (
	"strconv"
	"strings"
)

// Code names a reason. The codes are part of the interface: docs/placement.md
// lists what each means and what to do.
type Code string

// Reasons about the line as a whole.
const (
	BlankLine      Code = "blank_line"
	TruncatedLine  Code = "truncated_line"
	UnclosedQuote  Code = "unclosed_quote"
	LineTooLong    Code = "line_too_long"
	ExtraColumn    Code = "extra_column"
	MissingColumns Code = "missing_columns"
	VeryLongCell   Code = "very_long_cell"
)

// Reasons to refuse.
const (
	MissingCreditor         Code = "missing_creditor"
	UnknownCreditor         Code = "unknown_creditor"
	OtherCreditor           Code = "other_creditor"
	MissingInvoiceNumber    Code = "missing_invoice_number"
	DuplicateLine           Code = "duplicate_line"
	DuplicateInvoiceNumber  Code = "duplicate_invoice_number"
	ImpossibleDate          Code = "impossible_date"
	MissingDueDate          Code = "missing_due_date"
	DueBeforeIssue          Code = "due_before_issue"
	TimeBarredConsumer      Code = "time_barred_consumer"
	TimeBarredBusiness      Code = "time_barred_business"
	MissingCurrency         Code = "missing_currency"
	UnknownCurrency         Code = "unknown_currency"
	CurrencyMismatch        Code = "currency_mismatch"
	MissingAmount           Code = "missing_amount"
	AmountNotANumber        Code = "amount_not_a_number"
	ThreeDecimals           Code = "three_decimals"
	AmountTooLarge          Code = "amount_too_large"
	NegativeAmount          Code = "negative_amount"
	ZeroAmount              Code = "zero_amount"
	ConsumerIndemnityLine   Code = "consumer_indemnity_line"
	ConsumerIndemnityInside Code = "consumer_indemnity_inside"
	CollectionCosts         Code = "collection_costs"
	NegativePaid            Code = "negative_paid"
	PaidMoreThanDue         Code = "paid_more_than_due"
	UnknownDebtorKind       Code = "unknown_debtor_kind"
	MissingDebtorName       Code = "missing_debtor_name"
	NoMandate               Code = "no_mandate"
	UnknownDocumentType     Code = "unknown_document_type"
	MissingPreceding        Code = "missing_preceding_invoice"
)

// Warnings.
const (
	MissingIssueDate        Code = "missing_issue_date"
	IssueDateInFuture       Code = "issue_date_in_future"
	NotDueYet               Code = "not_due_yet"
	OtherCurrency           Code = "other_currency"
	BusinessIndemnityInside Code = "business_indemnity_inside"
	MissingDebtorKind       Code = "missing_debtor_kind"
	BadSIREN                Code = "bad_siren"
	SIRETForSIREN           Code = "siret_for_siren"
	BadVATNumber            Code = "bad_vat_number"
	VATMismatch             Code = "vat_mismatch"
	MissingEmail            Code = "missing_email"
	BadEmail                Code = "bad_email"
	MissingAddress          Code = "missing_address"
	LostZero                Code = "lost_zero"
	BadPostcode             Code = "bad_postcode"
	UnknownCountry          Code = "unknown_country"
	UnknownLanguage         Code = "unknown_language"
	BadContractRate         Code = "bad_contract_rate"
	FormulaEquals           Code = "formula_equals"
	FormulaPlus             Code = "formula_plus"
	FormulaMinus            Code = "formula_minus"
	FormulaAt               Code = "formula_at"
	MixedEncoding           Code = "mixed_encoding"
	DamagedText             Code = "damaged_text"
	ControlCharacters       Code = "control_characters"
)

// Remarks on what is taken over all the same.
const (
	SameNumberOtherCreditor Code = "same_number_other_creditor"
	OldButNotBarred         Code = "old_but_not_barred"
	LimitationNear          Code = "limitation_near"
	BusinessIndemnityLine   Code = "business_indemnity_line"
	ConsumerWithSIREN       Code = "consumer_with_siren"
	SIRENWithSpaces         Code = "siren_with_spaces"
	SpacesAround            Code = "spaces_around"
	MultiLineCell           Code = "multi_line_cell"
)

// Reason is one reason found in a record.
type Reason struct {
	Code   Code
	Column string // ours, or the title of a column we have no name for; empty for the line as a whole
	Line   int    // of the earlier claim, for duplicates
	Count  int    // characters of a long cell, values too many
	Value  string // what is wrong, where the sentence quotes it
}

// Outcome is what the reason alone makes of a record.
func (r Reason) Outcome() Outcome { return sentences[r.Code].outcome }

// Text says what was found, in "en" or "fr".
func (r Reason) Text(language string) string {
	s := sentences[r.Code]
	text := s.text[tongue(language)]
	if r.Code == ExtraColumn && r.Count > 1 {
		text = manyValues[tongue(language)]
	}
	if r.Code == DuplicateInvoiceNumber && r.Value != "" {
		text = otherDetails[tongue(language)]
	}
	if r.Code == LostZero && r.Column != fieldNames[fieldPostcode] {
		text = lostZeroElsewhere[tongue(language)]
	}
	if strings.IndexByte(text, '{') >= 0 {
		text = strings.NewReplacer("{line}", strconv.Itoa(r.Line), "{count}", grouped(r.Count, language),
			"{value}", r.Value).Replace(text)
	}
	if r.Line > 0 {
		text += [...]string{" (line ", " (ligne "}[tongue(language)] + strconv.Itoa(r.Line) + ")"
	}
	return text
}

// Advice says what to do about the reason, in "en" or "fr".
func (r Reason) Advice(language string) string { return sentences[r.Code].advice[tongue(language)] }

// ReasonText says in "en" or "fr" what a code means and what to do about it.
func ReasonText(code Code, language string) string {
	s, known := sentences[code]
	if !known {
		return string(code)
	}
	r := Reason{Code: code, Column: fieldNames[fieldPostcode], Value: "5100", Count: maxCell}
	if code == DuplicateInvoiceNumber {
		r.Value = ""
	}
	text := capital(r.Text(language)) + "."
	if advice := s.advice[tongue(language)]; advice != "" {
		text += " " + advice
	}
	return text
}

func tongue(language string) int {
	if language == "fr" {
		return 1
	}
	return 0
}

func capital(s string) string {
	for i, r := range s {
		if i > 0 {
			return strings.ToUpper(s[:i]) + s[i:]
		}
		_ = r
	}
	return s
}

// grouped writes a count with thousands set apart.
func grouped(n int, language string) string {
	s := strconv.Itoa(n)
	mark := [...]string{",", "\u202f"}[tongue(language)]
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + mark + s[i:]
	}
	return s
}
