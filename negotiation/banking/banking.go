// Package banking knows what is written on a bank transfer: the number of an
// account (ISO 13616), of a bank (ISO 9362), the reference by which the money
// finds its case (ISO 11649), and the QR code that fills a transfer in
// (EPC069-12). It is arithmetic and form: no account of ours, no money.
package banking

import "strings"

// remainder97 is the remainder by 97 of a text of digits and letters, a letter
// counting as the two digits of its place plus nine (ISO 7064, MOD 97-10); ok
// is false where anything else stands in it.
func remainder97(text string) (remainder int, ok bool) {
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			remainder = (remainder*10 + int(r-'0')) % 97
		case r >= 'A' && r <= 'Z':
			remainder = (remainder*100 + int(r-'A') + 10) % 97
		default:
			return 0, false
		}
	}
	return remainder, true
}

// compact is a text as it is checked: no blanks, in capitals.
func compact(text string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\n', '\r', '\u00a0', '\u202f', '\u2009':
			return -1
		}
		return r
	}, text))
}

// Grouped writes an IBAN or a reference in groups of four, as it is read aloud
// and typed.
func Grouped(text string) string {
	var b strings.Builder
	for i, r := range compact(text) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
