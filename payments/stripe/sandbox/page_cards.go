package sandbox

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// offer is a test card as the checkout page offers it.
type offer struct {
	Number  string // printed in groups
	Digits  string
	Effect  string // what comes of it, in words
	URL     string // the page with the form filled from this card
	Chosen  bool
	Expiry  string
	CVC     string
	Private bool
}

// firstOffers are the cards that most visits need, in this order.
var firstOffers = []string{"4242424242424242", "4000002760003184", "4000000000009995", "4000000000000002", "4000002500003155", "4000000000000341"}

// effects say what a card does when it is neither declined nor asks for proof.
var effects = map[string]phrase{
	"4000000000000077": {"accepté, argent disponible aussitôt", "accepted, money available at once"},
	"4000003720000278": {"accepté, argent disponible aussitôt", "accepted, money available at once"},
	"4000000000000341": {"s’enregistre, puis est refusée à chaque débit", "can be saved, then is declined at each charge"},
	"4000000000005126": {"accepté, mais son remboursement échouera", "accepted, but its refund will fail"},
	"4000000000000259": {"accepté, puis contesté auprès de la banque comme fraude", "accepted, then disputed as fraud"},
	"4000000000002685": {"accepté, puis contesté comme non reçu", "accepted, then disputed as not received"},
	"4000000000001976": {"accepté, puis la banque demande des explications", "accepted, then the bank inquires"},
	"4000000000007726": {"accepté, mais son remboursement restera en attente", "accepted, but its refund will stay pending"},
}

var declineWords = map[Outcome]phrase{
	"generic_decline":        {"refusée, sans raison donnée", "declined, no reason given"},
	"insufficient_funds":     {"refusée\u00a0: provision insuffisante", "declined: insufficient funds"},
	"lost_card":              {"refusée\u00a0: carte perdue", "declined: lost card"},
	"stolen_card":            {"refusée\u00a0: carte volée", "declined: stolen card"},
	"expired_card":           {"refusée\u00a0: carte expirée", "declined: expired card"},
	"incorrect_cvc":          {"refusée\u00a0: cryptogramme faux", "declined: wrong security code"},
	"processing_error":       {"refusée\u00a0: panne passagère", "declined: passing fault"},
	"fraudulent":             {"refusée\u00a0: soupçon de fraude", "declined: suspected fraud"},
	"card_velocity_exceeded": {"refusée\u00a0: trop d’essais", "declined: too many tries"},
}

var (
	accepted    = phrase{"acceptée", "accepted"}
	asksAlways  = phrase{"acceptée après 3-D Secure, chaque fois", "accepted after 3-D Secure, each time"}
	asksAtFirst = phrase{"acceptée après 3-D Secure, tant qu’elle n’est pas enregistrée", "accepted after 3-D Secure, until it is saved"}
	asksDenied  = phrase{"3-D Secure, puis refusée", "3-D Secure, then declined"}
)

func (p phrase) in(lang string) string {
	if lang == "fr" {
		return p.fr
	}
	return p.en
}

// effect says what comes of a card, in words.
func (t *testCard) effect(lang string) string {
	if said, special := effects[t.number]; special {
		return said.in(lang)
	}
	switch {
	case t.onCharge != "":
		if said, known := declineWords[t.onCharge]; known {
			return said.in(lang)
		}
		return phrase{"refusée\u00a0: ", "declined: "}.in(lang) + string(t.onCharge)
	case t.afterAuth != "":
		return asksDenied.in(lang)
	case t.auth == authAlways:
		return asksAlways.in(lang)
	case t.auth == authUnlessSaved:
		return asksAtFirst.in(lang)
	}
	return accepted.in(lang)
}

// securityDigits is how long the code on a card is.
func (t *testCard) securityDigits() int {
	if t.brand == "amex" {
		return 4
	}
	return 3
}

// offers lists the test cards: the usual ones first, then all. path is the page
// that a click comes back to, chosen the number that the form shows.
func offers(lang, path, chosen string, now time.Time) (first, rest []offer) {
	make := func(t *testCard) offer {
		return offer{Number: groupedDigits(t.number), Digits: t.number, Effect: brandName(t.brand) + ", " + t.effect(lang),
			URL: path + "?card=" + t.number + "#card", Chosen: t.number == chosen, Expiry: someExpiry(now), CVC: someCode(t)}
	}
	for _, number := range firstOffers {
		if t := cardsByNumber[number]; t != nil {
			first = append(first, make(t))
		}
	}
	for i := range testCards {
		if !slices.Contains(firstOffers, testCards[i].number) {
			rest = append(rest, make(&testCards[i]))
		}
	}
	return first, rest
}

// someExpiry is a date three years ahead, as cards print it.
func someExpiry(now time.Time) string { return "12/" + strconv.Itoa((now.Year()+3)%100 + 100)[1:] }

func someCode(t *testCard) string { return "1234"[:t.securityDigits()] }

// groupedDigits prints a card number as cards do.
func groupedDigits(number string) string {
	sizes := []int{4, 4, 4, 4, 4}
	if len(number) == 15 {
		sizes = []int{4, 6, 5}
	}
	var groups []string
	for _, size := range sizes {
		if number == "" {
			break
		}
		size = min(size, len(number))
		groups = append(groups, number[:size])
		number = number[size:]
	}
	return strings.Join(groups, " ")
}

var brandNames = map[string]string{"amex": "American Express", "discover": "Discover", "diners": "Diners Club", "jcb": "JCB",
	"mastercard": "Mastercard", "unionpay": "UnionPay", "visa": "Visa"}

func brandName(brand string) string {
	if name, known := brandNames[brand]; known {
		return name
	}
	return brand
}

// debitOffer is a test IBAN as the checkout page offers it.
type debitOffer struct{ IBAN, Effect string }

// shownDebits are the accounts of the page: the usual ones first, then the others.
func shownDebits(lang string) (first, rest []debitOffer) {
	for _, offer := range debitOffers(lang) {
		if slices.Contains(firstDebits, offer.IBAN) {
			first = append(first, offer)
		} else {
			rest = append(rest, offer)
		}
	}
	return first, rest
}

// debitOffers lists the account numbers whose course is known.
func debitOffers(lang string) []debitOffer {
	var listed []debitOffer
	for iban, course := range debitCourses {
		effect := say(lang, "till.iban.ok")
		switch course.fails {
		case "":
			if course.taken {
				effect = say(lang, "till.iban.taken")
			}
		case "insufficient_funds":
			effect = say(lang, "till.iban.empty")
		case "charge_exceeds_source_limit", "charge_exceeds_weekly_limit":
			effect = say(lang, "till.iban.limit")
		default:
			effect = say(lang, "till.iban.fails")
		}
		if course.after > 0 {
			effect += " " + say(lang, "till.iban.later")
		}
		listed = append(listed, debitOffer{iban, effect})
	}
	slices.SortFunc(listed, func(a, b debitOffer) int { return strings.Compare(a.IBAN, b.IBAN) })
	return listed
}
