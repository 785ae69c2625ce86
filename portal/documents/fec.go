package documents

import (
	"fmt"
	"strings"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// Plain writes an amount with a point and two figures, as programs read it.
func Plain(a money.Amount) string { return money.New(a.Minor, "").String() }

// Decimal writes an amount with a comma and two figures, as French files do.
func Decimal(a money.Amount) string { return strings.Replace(Plain(a), ".", ",", 1) }

// FECAccount is an account of a creditor's books, with the person it is about.
type FECAccount struct{ Number, Name, Aux, AuxName string }

// FECLine is one line of an entry. A debit below nothing is a credit.
type FECLine struct {
	Account FECAccount
	Debit   money.Amount
}

// FECEntry is one balanced entry of a journal.
type FECEntry struct {
	Journal, JournalName string
	On, PieceOn          day.Day
	Piece, Label         string
	Lines                []FECLine
}

// fecColumns are the eighteen fields of LPF A47 A-1, in their order.
var fecColumns = []string{
	"JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib", "PieceRef", "PieceDate", "EcritureLib",
	"Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise",
}

// FEC writes entries as an extract in the form of the « fichier des écritures
// comptables » (LPF A47 A-1): tabs between fields, dates AAAAMMJJ, a comma in
// sums, entries numbered without a gap. It is an extract for somebody's books;
// only the accounting system's own file is the legal one.
func FEC(entries []FECEntry) []byte {
	var out strings.Builder
	out.WriteString(strings.Join(fecColumns, "\t") + "\r\n")
	for i, entry := range entries {
		for _, line := range entry.Lines {
			debit, credit := line.Debit, line.Debit.Zero()
			if debit.IsNegative() {
				debit, credit = credit, debit.Neg()
			}
			fields := []string{
				entry.Journal, entry.JournalName, fmt.Sprintf("%s-%05d", entry.Piece, i+1), fecDay(entry.On), line.Account.Number, line.Account.Name, line.Account.Aux, line.Account.AuxName,
				entry.Piece, fecDay(entry.PieceOn), entry.Label, Decimal(debit), Decimal(credit), "", "", fecDay(entry.On), "", "",
			}
			for n, field := range fields {
				fields[n] = fecText(field)
			}
			out.WriteString(strings.Join(fields, "\t") + "\r\n")
		}
	}
	return []byte(out.String())
}

func fecDay(d day.Day) string { return strings.ReplaceAll(string(d), "-", "") }

// fecText keeps a field on its line and in its column.
func fecText(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == '\u2028' || r == '\u2029' }), " ")
}
