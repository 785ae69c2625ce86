package placement

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"amiable/negotiation/money"
)

// maxMinor is the largest amount taken from a file: 9,999,999,999.99. Sums of
// nine million of them still fit.
const maxMinor = 999_999_999_999

// parseAmount reads an amount with a decimal comma or point, any kind of space,
// points, commas or apostrophes between thousands, a sign before or after, and a
// currency before or after. It returns minor units and the currency written with
// the amount, if any. An amount that could be read in two ways, as 1.234, is of
// three decimals: it is refused, never guessed.
func parseAmount(s string, decimals int) (minor int64, currency money.Currency, problem Code) {
	if minor, currency, ok := plainAmount(s, decimals); ok {
		return minor, currency, ""
	}
	body, currency, negative, ok := stripAmount(s)
	if !ok {
		return 0, "", AmountNotANumber
	}
	var groups [8]string // digits between separators; 8 × 3 digits is more than fits
	var separators [8]rune
	n, begin := 0, 0
	for i, r := range body {
		if r >= '0' && r <= '9' {
			continue
		}
		if r = separator(r); r == 0 || n == len(groups)-1 {
			return 0, "", AmountNotANumber
		}
		groups[n], separators[n] = body[begin:i], r
		n++
		_, size := utf8.DecodeRuneInString(body[i:])
		begin = i + size
	}
	groups[n] = body[begin:]

	whole, fraction, ok := wholeAndFraction(groups[:n+1], separators[:n])
	if !ok {
		return 0, "", AmountNotANumber
	}
	if len(fraction) > decimals && (len(fraction) > 2 || strings.Trim(fraction, "0") != "") {
		return 0, currency, ThreeDecimals
	}
	for i := 0; i < len(whole)+decimals; i++ {
		digit := int64(0)
		if i < len(whole) {
			digit = int64(whole[i] - '0')
		} else if i-len(whole) < len(fraction) {
			digit = int64(fraction[i-len(whole)] - '0')
		}
		if minor = minor*10 + digit; minor > maxMinor {
			return 0, currency, AmountTooLarge
		}
	}
	if negative {
		minor = -minor
	}
	return minor, currency, ""
}

// plainAmount reads what most files have, 1234.56, -1234,56 or 1 234,56 €, without
// a detour. What it does not know it leaves to the rest.
func plainAmount(s string, decimals int) (minor int64, currency money.Currency, ok bool) {
	i, run, digits, grouped, negative := 0, 0, 0, false, false
	if s != "" && s[0] == '-' {
		negative, i = true, 1
	}
	for ; i < len(s); i++ {
		if c := s[i]; c >= '0' && c <= '9' {
			minor = minor*10 + int64(c-'0')
			run++
			digits++
			continue
		}
		width := spaceWidth(s[i:])
		if width == 0 {
			break
		}
		if run == 0 || run > 3 || (grouped && run != 3) || digits > 12 {
			return 0, "", false
		}
		grouped, run, i = true, 0, i+width-1
	}
	if run == 0 || (grouped && run != 3) || digits > 12-decimals || decimals == 0 ||
		len(s)-i < decimals+1 || (s[i] != ',' && s[i] != '.') {
		return 0, "", false
	}
	for _, c := range []byte(s[i+1 : i+1+decimals]) {
		if c < '0' || c > '9' {
			return 0, "", false
		}
		minor = minor*10 + int64(c-'0')
	}
	rest := s[i+1+decimals:]
	rest = rest[spaceWidth(rest):]
	switch rest {
	case "":
	case "€", "EUR":
		currency = money.EUR
	default:
		return 0, "", false
	}
	if negative {
		minor = -minor
	}
	return minor, currency, true
}

// spaceWidth returns the bytes of the space that s begins with: the common one,
// U+00A0, U+2007, U+2009 or U+202F; or 0.
func spaceWidth(s string) int {
	switch {
	case s == "":
	case s[0] == ' ':
		return 1
	case s[0] == 0xc2 && len(s) > 1 && s[1] == 0xa0:
		return 2
	case s[0] == 0xe2 && len(s) > 2 && s[1] == 0x80 && (s[2] == 0xaf || s[2] == 0x89 || s[2] == 0x87):
		return 3
	}
	return 0
}

// stripAmount takes sign and currency off an amount.
func stripAmount(s string) (body string, currency money.Currency, negative, ok bool) {
	s = trim(s)
	if inner, found := strings.CutPrefix(s, "("); found && strings.HasSuffix(inner, ")") {
		s, negative = trim(inner[:len(inner)-1]), true // bookkeepers' minus
	}
	signs := 0
	sign := func(r rune) bool {
		switch r {
		case '-', '\u2212', '\u2013', '\ufe63', '\uff0d': // minus, en dash, small and wide hyphen
			negative = true
		case '+', '\uff0b':
		default:
			return false
		}
		signs++
		return true
	}
	take := func(code money.Currency) bool {
		if currency != "" {
			return false
		}
		currency = code
		return true
	}
	for changed := true; changed && s != ""; {
		changed = false
		s = trim(s)
		if r, size := utf8.DecodeRuneInString(s); sign(r) {
			s, changed = s[size:], true
			continue
		}
		if r, size := utf8.DecodeLastRuneInString(s); sign(r) {
			s, changed = s[:len(s)-size], true
			continue
		}
		for _, c := range symbols {
			rest, found := strings.CutSuffix(s, c.symbol)
			if !found {
				rest, found = strings.CutPrefix(s, c.symbol)
			}
			if found && take(c.code) {
				s, changed = rest, true
			}
		}
		if letters := lettersBefore(s); letters > 0 {
			if code, known := currencyWord(s[:letters]); !known || !take(code) {
				return "", "", false, false
			}
			s, changed = s[letters:], true
		} else if letters := lettersAfter(s); letters > 0 {
			if code, known := currencyWord(s[len(s)-letters:]); !known || !take(code) {
				return "", "", false, false
			}
			s, changed = s[:len(s)-letters], true
		}
	}
	return s, currency, negative, s != "" && signs <= 1
}

var symbols = [...]struct {
	symbol string
	code   money.Currency
}{{"€", money.EUR}, {"£", "GBP"}, {"$", "USD"}}

func currencyWord(word string) (money.Currency, bool) {
	switch word = strings.ToUpper(word); word {
	case "EURO", "EUROS":
		return money.EUR, true
	}
	_, known := currencies[word]
	return money.Currency(word), known
}

func lettersBefore(s string) int {
	n := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	if n < 0 {
		return len(s)
	}
	return n
}

func lettersAfter(s string) int {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeLastRuneInString(s[:len(s)-n])
		if !unicode.IsLetter(r) {
			break
		}
		n += size
	}
	return n
}

// separator returns ' ' for every kind of space, an apostrophe for every kind of
// apostrophe, a point or a comma, or 0.
func separator(r rune) rune {
	switch {
	case r == '.' || r == ',':
		return r
	case r == '\'' || r == '’' || r == 'ʼ' || r == '`':
		return '\''
	case r == '\n' || r == '\r':
		return 0
	case unicode.IsSpace(r):
		return ' '
	}
	return 0
}

// wholeAndFraction tells thousands from decimals. The groups of thousands are
// complete, all set apart by the same sign.
func wholeAndFraction(groups []string, separators []rune) (whole, fraction string, ok bool) {
	n := len(separators)
	if n == 0 {
		return groups[0], "", groups[0] != ""
	}
	last := separators[n-1]
	decimal := last == '.' || last == ','
	for _, s := range separators[:n-1] {
		if s == last { // 1.234.567: said twice, so it sets thousands apart
			decimal = false
		}
	}
	thousands := groups
	if decimal {
		thousands, fraction = groups[:n], groups[n]
		if len(thousands) == 1 && thousands[0] == "" && fraction != "" {
			return "0", fraction, true // ,50
		}
	}
	for i, g := range thousands {
		if i > 0 && (len(g) != 3 || separators[i-1] != separators[0]) {
			return "", "", false
		}
	}
	if g := len(thousands[0]); g == 0 || (len(thousands) > 1 && g > 3) {
		return "", "", false
	}
	return strings.Join(thousands, ""), fraction, true
}

// parseRate reads a percentage, with or without its sign, and returns it as
// 12.15. A rate is between 0 and 100 with at most four decimals.
func parseRate(s string) (string, bool) {
	s = trim(strings.TrimSuffix(trim(s), "%"))
	s = strings.Replace(s, ",", ".", 1)
	whole, fraction, point := strings.Cut(s, ".")
	if whole == "" || len(whole) > 3 || len(fraction) > 4 || (point && fraction == "") {
		return "", false
	}
	value := 0
	for _, c := range []byte(whole) {
		if c < '0' || c > '9' {
			return "", false
		}
		value = value*10 + int(c-'0')
	}
	for _, c := range []byte(fraction) {
		if c < '0' || c > '9' {
			return "", false
		}
	}
	if value > 100 || (value == 100 && strings.Trim(fraction, "0") != "") {
		return "", false
	}
	return s, true
}
