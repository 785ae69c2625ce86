package placement

import (
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// trim takes every kind of space off both ends, the invisible ones too.
func trim(s string) string {
	if s == "" || (plainEnd(s[0]) && plainEnd(s[len(s)-1])) {
		return s
	}
	if last, _ := utf8.DecodeLastRuneInString(s); plainEnd(s[0]) && last > 0xa0 && !unicode.IsSpace(last) && !invisible(last) {
		return s // ends in a letter with an accent, or a €
	}
	return strings.TrimFunc(s, func(r rune) bool { return r == 0 || r == endOfFile || unicode.IsSpace(r) || invisible(r) })
}

// endOfFile is the mark with which DOS programs end a file.
const endOfFile = 0x1a

func plainEnd(c byte) bool { return c > ' ' && c < utf8.RuneSelf }

// invisible says whether a rune takes no room and has no meaning in a value:
// zero-width spaces, soft hyphens, marks of direction.
func invisible(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r == 0xfeff, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2069:
		return true
	}
	return false
}

// unsuspicious says whether a row, in UTF-8 and without control characters of
// ASCII, has no invisible letter and no sign of damage in any cell, so that its
// values need no closer look. It errs on the side of caution only.
func unsuspicious(text []byte) bool {
	for i := 0; i < len(text); i++ {
		for len(text)-i >= 8 && binary.LittleEndian.Uint64(text[i:])&0x8080808080808080 == 0 {
			i += 8
		}
		if i == len(text) {
			break
		}
		c := text[i]
		if c < utf8.RuneSelf {
			continue
		}
		var next byte
		if i+1 < len(text) {
			next = text[i+1]
		}
		switch c {
		case 0xc2: // C1 and the soft hyphen
			if next < 0xa0 || next == 0xad {
				return false
			}
		case 0xc3: // Â and Ã, as of UTF-8 read in Windows-1252
			if next == 0x82 || next == 0x83 {
				return false
			}
		case 0xe2: // zero-width spaces, marks of direction
			if next != 0x80 && next != 0x81 || i+2 >= len(text) {
				continue
			}
			if last := text[i+2]; next == 0x81 && last >= 0xa0 || next == 0x80 && (last >= 0x8b && last <= 0x8f || last >= 0xaa && last <= 0xae) {
				return false
			}
		case 0xef: // U+FFFD, U+FEFF
			return false
		}
	}
	return true
}

// fold reduces a title or a word to small letters and digits without accents, so
// that "N° de facture" and "n de Facture" are the same.
func fold(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if !ascii {
		s = norm.NFKD.String(ligatures.Replace(s))
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			b.WriteByte(byte(r) + 'a' - 'A')
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteByte(byte(r))
		case r == '%':
			b.WriteString("pct")
		}
	}
	return b.String()
}

// ligatures are the letters that norm does not take apart as we would.
var ligatures = strings.NewReplacer("œ", "oe", "Œ", "oe", "æ", "ae", "Æ", "ae", "ß", "ss", "€", "eur",
	"n°", "n", "N°", "n", "№", "n", "nº", "n", "Nº", "n")

// formula says whether a spreadsheet would run a cell, and by which sign. The
// value is trimmed. Numbers and telephone numbers begin with a sign too, and are
// left alone; so is a lone dash.
func formula(s string) Code {
	if s == "" {
		return ""
	}
	switch s[0] {
	case '=':
		return FormulaEquals
	case '@':
		return FormulaAt
	case '+':
		if !harmless(s) {
			return FormulaPlus
		}
	case '-':
		if !harmless(s) {
			return FormulaMinus
		}
	case 0xef: // the wide forms of East Asian keyboards, which spreadsheets read alike
		r, _ := utf8.DecodeRuneInString(s)
		switch r {
		case '\uff1d':
			return FormulaEquals
		case '\uff20':
			return FormulaAt
		case '\uff0b':
			return FormulaPlus
		case '\uff0d':
			return FormulaMinus
		}
	}
	return ""
}

// harmless says whether a text with a sign in front is only a number, a
// telephone number or dashes: digits and what people set between them, without a
// second operator that would be computed.
func harmless(s string) bool {
	digits, operators := 0, 0
	for _, r := range s[1:] {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '-' || r == '/':
			operators++
		case r == '.' || r == ',' || r == '(' || r == ')' || r == '%' || r == '€' || unicode.IsSpace(r):
		default:
			return false
		}
	}
	return digits == 0 || operators == 0 || (s[0] == '+' && digits >= 7) // +33-1-99-00-00-00
}

// Neutral returns a value that no spreadsheet runs: what looks like a formula
// gets an apostrophe in front, which is how spreadsheets write "this is text".
// Use it in every export of what a creditor or debtor wrote.
func Neutral(s string) string {
	if s == "" {
		return s
	}
	if s[0] == '\t' || s[0] == '\r' || s[0] == '\n' || formula(trim(s)) != "" {
		return "'" + s
	}
	return s
}

// plainText undoes Neutral, so that a refused file that was corrected and comes
// back means what it meant.
func plainText(s string) string {
	if len(s) > 1 && s[0] == '\'' && Neutral(s[1:]) == s {
		return trim(s[1:])
	}
	return s
}

// costs is what a description says about costs of collecting.
type costs int

const (
	noCosts    costs = iota
	indemnity        // the fixed indemnity for recovery costs of C. com. L441-10
	otherCosts       // reminders, letters, bailiffs: CPCE L111-8 leaves them with the creditor
)

// costsIn looks for costs of collecting in a description. Most descriptions have
// no word of them, so a first look costs a few nanoseconds a letter.
func costsIn(s string) costs {
	if !mentionsCosts(s) {
		return noCosts
	}
	folded := fold(s)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(folded, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("indemnite", "indemnity", "compensation") &&
		has("recouvrement", "forfaitaire", "recovery", "collection", "latepayment", "retarddepaiement", "d4415", "l44110", "40eur"):
		return indemnity
	case has("fixedrecoverycost", "recoverycosts40", "forfaitderecouvrement", "forfait40"):
		return indemnity
	case has("fraisderecouvrement", "fraisderelance", "fraisderappel", "fraisdemiseendemeure", "fraisdhuissier",
		"fraisdecommissairedejustice", "fraisdecontentieux", "collectioncost", "collectionfee", "recoverycost",
		"recoveryfee", "reminderfee", "debtcollection"):
		return otherCosts
	}
	return noCosts
}

func mentionsCosts(s string) bool {
	inWord := false
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		if c < 'a' || c > 'z' {
			inWord = false
			continue
		}
		if inWord {
			continue
		}
		inWord = true
		rest := s[i:]
		switch c {
		case 'i':
			if hasPrefixFold(rest, "indemn") {
				return true
			}
		case 'f':
			if hasPrefixFold(rest, "frais") || hasPrefixFold(rest, "forfait") || hasPrefixFold(rest, "fixed") {
				return true
			}
		case 'c':
			if hasPrefixFold(rest, "compens") || hasPrefixFold(rest, "collect") {
				return true
			}
		case 'r':
			if hasPrefixFold(rest, "recover") || hasPrefixFold(rest, "reminder") {
				return true
			}
		case 'd':
			if hasPrefixFold(rest, "debt") {
				return true
			}
		}
	}
	return false
}

// hasPrefixFold compares ASCII letters only; prefix is in small letters.
func hasPrefixFold(s, prefix string) bool {
	if len(s) < len(prefix) {
		return false
	}
	for i := 0; i < len(prefix); i++ {
		if s[i]|0x20 != prefix[i] {
			return false
		}
	}
	return true
}
