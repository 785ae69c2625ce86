package negotiation

import (
	"net/mail"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// Person is whom we contact, across creditors: holds, caps and opt-outs belong
// to the person. One creditor never learns of another through it.
type Person struct {
	ID        string
	Kind      PersonKind
	Name      string
	MatchKey  *string
	Language  string
	CreatedAt time.Time

	ContactChoices `gorm:"embedded"`
}

// TableName names the table for gorm, which would write "people".
func (Person) TableName() string { return "persons" }

// PersonKind tells a human being from a firm.
type PersonKind string

const (
	Individual PersonKind = "individual"
	Firm       PersonKind = "firm"
)

// matchKey is how two debtors are known to be one person: exact SIREN, or mail
// and name together. Anything less is for an agent to link.
func matchKey(kind DebtorKind, siren, name, email string) *string {
	var key string
	switch {
	case kind != DebtorConsumer && ValidSIREN(siren):
		key = "siren:" + siren
	case plausibleEmail(email) && name != "":
		key = "mail:" + strings.ToLower(strings.TrimSpace(email)) + "|" + SearchName(name)
	default:
		return nil
	}
	return &key
}

// ContactKind is a channel.
type ContactKind string

const (
	ContactEmail ContactKind = "email"
	ContactPhone ContactKind = "phone"
	ContactPost  ContactKind = "post"
)

// ContactPoint is one way to reach a person, with where it came from.
type ContactPoint struct {
	ID         string
	PersonID   string
	Kind       ContactKind
	Value      string
	Source     string
	Preferred  bool
	VerifiedAt *time.Time
	BouncedAt  *time.Time
	RemovedAt  *time.Time
	CreatedAt  time.Time
}

// Usable says whether letters may go there.
func (p ContactPoint) Usable() bool { return p.RemovedAt == nil && p.BouncedAt == nil }

// ValidSIREN checks nine digits and their Luhn key.
func ValidSIREN(siren string) bool {
	if len(siren) != 9 {
		return false
	}
	sum := 0
	for i, r := range siren {
		if r < '0' || r > '9' {
			return false
		}
		digit := int(r - '0')
		if i%2 == 1 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return sum%10 == 0 && siren != "000000000"
}

// plausibleEmail keeps out what no mail server would take. Only sending proves
// an address.
func plausibleEmail(address string) bool {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Address != address || len(address) > 254 {
		return false
	}
	_, domain, _ := strings.Cut(address, "@")
	return strings.Contains(domain, ".") && !strings.Contains(domain, "..") && !strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".") && !strings.HasPrefix(domain, "-")
}

// SearchName folds a name for searching: no accents, no capitals, no
// punctuation.
func SearchName(name string) string {
	known := latinFolded()
	var out strings.Builder
	out.Grow(len(name))
	apart := false
	for _, r := range name {
		if r >= latinEnd {
			return foldName(name)
		}
		folded := known[r]
		if folded == "" {
			apart = out.Len() > 0
			continue
		}
		if apart {
			out.WriteByte(' ')
			apart = false
		}
		out.WriteString(folded)
	}
	return out.String()
}

// foldName folds a name in any writing.
func foldName(name string) string {
	fold := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	plain, _, err := transform.String(fold, twoLetters.Replace(name))
	if err != nil {
		plain = name
	}
	return strings.Join(strings.FieldsFunc(strings.ToLower(plain), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ")
}

var twoLetters = strings.NewReplacer("œ", "oe", "Œ", "oe", "æ", "ae", "Æ", "ae", "ß", "ss")

// latinEnd is behind the letters of the Latin alphabets that have their accent
// in them. Each of those folds by itself, whatever stands beside it: an import
// looks up what it becomes, and "" where it parts words.
const latinEnd = 0x180

var latinFolded = sync.OnceValue(func() *[latinEnd]string {
	var known [latinEnd]string
	for r := range rune(latinEnd) {
		known[r] = foldName(string(r))
	}
	return &known
})
