package portal

import (
	"strings"

	"amiable/payments"
)

// methods names the ways to pay that the gateway's page offers, as the page has
// them: a phone's wallet holds a card.
func methods(offered []payments.Method) []string {
	var names []string
	for _, m := range offered {
		switch m {
		case payments.CardMethod:
			names = append(names, "card", "apple_pay", "google_pay")
		case payments.DebitMethod:
			names = append(names, "direct_debit")
		case payments.TransferMethod:
			names = append(names, "transfer")
		default:
			names = append(names, string(m))
		}
	}
	return names
}

// online is the means of a payment made on the gateway's page as long as the
// gateway has not said which card or wallet it was.
const online = "online"

func meansOfPayment(p *payments.Payment) string {
	if p.Means == "" && p.Kind == payments.CheckoutPayment {
		return online
	}
	return p.Means
}

// method tells the means of a payment in the page's words, with its detail.
func method(means string) (kind, detail string) {
	words := strings.Fields(means)
	if len(words) == 0 {
		return "other", ""
	}
	if words[0] == string(payments.TransferMethod) {
		return "transfer", ""
	}
	if words[0] == string(payments.DebitMethod) {
		return "direct_debit", strings.Join(append([]string{"··"}, words[1:]...), " ")
	}
	if len(words) == 3 {
		brand := strings.ToUpper(words[1][:1]) + words[1][1:]
		return words[0], brand + " ·· " + words[2]
	}
	return words[0], ""
}
