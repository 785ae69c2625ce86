package placement

import (
	"strings"
	"unicode"
)

// luhn says whether digits pass the Luhn check.
func luhn(digits string) bool {
	sum := 0
	for i := 0; i < len(digits); i++ {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// laPoste is the SIREN of the post, whose offices ran out of numbers that pass
// the Luhn check: their SIRETs pass when their digits add up to a multiple of 5.
const laPoste = "356000000"

func siretPasses(digits string) bool {
	if luhn(digits) {
		return true
	}
	if digits[:9] != laPoste {
		return false
	}
	sum := 0
	for i := 0; i < len(digits); i++ {
		sum += int(digits[i] - '0')
	}
	return sum%5 == 0
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// compact leaves out what people set between the digits of an identifier.
func compact(s string) string {
	if alphanumeric(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r == '\'' || r == '/' || unicode.IsSpace(r) || invisible(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, s)
}

func alphanumeric(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// sirenOf reads a SIREN, or a SIRET in its place, and returns nine digits where
// it can, and what is to be said about it: the first is the one that matters.
func sirenOf(s string) (siren string, codes []Code) {
	digits := compact(s)
	if len(digits) == 9 && len(s) == 9 && allDigits(digits) && luhn(digits) {
		return digits, nil
	}
	if !allDigits(digits) {
		return s, []Code{BadSIREN}
	}
	if n := len(digits); (n >= 6 && n <= 8 && luhn(digits)) || (n == 13 && siretPasses("0"+digits)) {
		full := 9
		if n == 13 {
			full = 14
		}
		digits = strings.Repeat("0", full-n) + digits
		codes = append(codes, LostZero)
	}
	switch len(digits) {
	case 14:
		if !siretPasses(digits) {
			codes = append(codes, BadSIREN)
		}
		return digits[:9], append(codes, SIRETForSIREN)
	case 9:
		if !luhn(digits) {
			codes = append(codes, BadSIREN)
		} else if len(s) > 9 {
			codes = append(codes, SIRENWithSpaces)
		}
		return digits, codes
	}
	return s, []Code{BadSIREN}
}

// vatShapes are the VAT numbers of the Union and its neighbours behind their two
// letters: 9 a digit, A a letter, X either.
var vatShapes = map[string][]string{
	"AT": {"U99999999"}, "BE": {"9999999999"}, "BG": {"999999999", "9999999999"}, "CY": {"99999999A"},
	"CZ": {"99999999", "999999999", "9999999999"}, "DE": {"999999999"}, "DK": {"99999999"}, "EE": {"999999999"},
	"EL": {"999999999"}, "GR": {"999999999"}, "ES": {"X9999999X"}, "FI": {"99999999"}, "FR": {"XX999999999"},
	"HR": {"99999999999"}, "HU": {"99999999"}, "IE": {"9X99999A", "9X99999AA"}, "IT": {"99999999999"},
	"LT": {"999999999", "999999999999"}, "LU": {"99999999"}, "LV": {"99999999999"}, "MT": {"99999999"},
	"NL": {"999999999B99"}, "PL": {"9999999999"}, "PT": {"999999999"},
	"RO": {"99", "999", "9999", "99999", "999999", "9999999", "99999999", "999999999", "9999999999"},
	"SE": {"999999999999"}, "SI": {"99999999"}, "SK": {"9999999999"},
	"XI": {"999999999", "999999999999"}, "GB": {"999999999", "999999999999"},
	"NO": {"999999999", "999999999MVA"},
	"CH": {"E999999999", "E999999999MWST", "E999999999TVA", "E999999999IVA"},
}

// vatNumber reads a VAT number and compares a French one with the SIREN of the
// same line, which may be empty.
func vatNumber(s, siren string) (number string, code Code) {
	number = compact(s)
	if len(number) < 4 || !alphanumeric(number) {
		return number, BadVATNumber
	}
	prefix, body := number[:2], number[2:]
	shapes, known := vatShapes[prefix]
	if !known {
		if countryCodes[prefix] && len(body) >= 5 && len(body) <= 15 {
			return number, "" // a country whose numbers we do not know
		}
		return number, BadVATNumber
	}
	fits := false
	for _, shape := range shapes {
		fits = fits || hasShape(body, shape)
	}
	switch {
	case !fits:
		return number, BadVATNumber
	case prefix == "BE" && (body[0] > '1' || !belgian(body)):
		return number, BadVATNumber
	case prefix == "FR":
		if of := body[2:]; (allDigits(body[:2]) && atoi(body[:2]) != frenchKey(of)) ||
			(len(siren) == 9 && allDigits(siren) && of != siren) {
			return number, VATMismatch
		}
	}
	return number, ""
}

// frenchKey is the key in front of the SIREN in a French VAT number.
func frenchKey(siren string) int { return (12 + 3*(atoi(siren)%97)) % 97 }

// belgian checks the last two digits of a Belgian number.
func belgian(body string) bool { return 97-atoi(body[:8])%97 == atoi(body[8:]) }

func hasShape(s, shape string) bool {
	if len(s) != len(shape) {
		return false
	}
	for i := 0; i < len(s); i++ {
		digit, letter := s[i] >= '0' && s[i] <= '9', s[i] >= 'A' && s[i] <= 'Z'
		switch shape[i] {
		case '9':
			if !digit {
				return false
			}
		case 'A':
			if !letter {
				return false
			}
		case 'X':
			if !digit && !letter {
				return false
			}
		default:
			if s[i] != shape[i] {
				return false
			}
		}
	}
	return true
}

// atoi reads at most nine digits.
func atoi(digits string) int {
	n := 0
	for i := 0; i < len(digits); i++ {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}

// usableEmail says whether mail can be sent to an address: one @, a name before
// it, a domain of at least two labels behind it (RFC 5321, without the quoted and
// bracketed forms that nobody uses and many servers refuse).
func usableEmail(s string) bool {
	at := strings.IndexByte(s, '@')
	if at < 1 || at > 64 || len(s) > 254 || !strings.Contains(s[at:], ".") {
		return false
	}
	for i := 0; i < at; i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '.':
			if i == 0 || i == at-1 || s[i-1] == '.' {
				return false
			}
		case c < 0x80 && strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0:
		default:
			return false
		}
	}
	domain := s[at+1:]
	label := 0
	for i := 0; i < len(domain); i++ {
		c := domain[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c >= 0x80:
			label++
		case c == '-':
			if label == 0 {
				return false
			}
			label++
		case c == '.':
			if label == 0 || domain[i-1] == '-' {
				return false
			}
			label = 0
		default:
			return false
		}
		if label > 63 {
			return false
		}
	}
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	if label < 2 || domain[len(domain)-1] == '-' || allDigits(last) {
		return false
	}
	for _, r := range domain {
		if r >= 0x80 && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}
