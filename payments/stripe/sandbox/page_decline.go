package sandbox

// declinesInFrench says what an issuer answered to a French page. The engine's
// messages are Stripe's own, in English.
var declinesInFrench = map[string]string{
	"Your card was declined.":                   "Votre carte a été refusée.",
	"Your card is not supported.":               "Cette carte n’est pas acceptée.",
	"Your card does not support this currency.": "Cette carte n’accepte pas cette devise.",
	"Your card has expired.":                    "Votre carte a expiré.",
	"Your card's security code is incorrect.":   "Le cryptogramme de votre carte est faux.",
	"Your card number is incorrect.":            "Le numéro de votre carte est faux.",
	"Your card has insufficient funds.":         "La provision de votre carte ne suffit pas.",
	"Your card's expiration month is invalid.":  "Le mois d’expiration n’est pas valable.",
	"Your card's expiration year is invalid.":   "L’année d’expiration n’est pas valable.",
	"The IBAN you provided is invalid.":         "Cet IBAN n’est pas valable.",
	"Your card was declined for making repeated attempts too frequently or exceeding its amount limit.":                                                                "Votre carte a été refusée\u00a0: trop d’essais, ou plafond dépassé.",
	"Your card has exceeded the balance or credit limit available.":                                                                                                    "Le plafond de votre carte est dépassé.",
	"An error occurred while processing your card. Try again in a little bit.":                                                                                         "Une panne passagère a empêché le paiement. Réessayez dans un moment.",
	"Your card was declined. This transaction requires authentication.":                                                                                                "Votre carte a été refusée\u00a0: votre banque demande que vous confirmiez.",
	"The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.": authenticationFailed.fr,
	"The latest attempt to set up the payment method has failed because authentication failed.":                                                                        authenticationFailed.fr,
	paypalDeclined: "Vous n’avez pas confirmé chez PayPal.",
	"The customer has notified their bank that this payment was unauthorized.": "Le prélèvement a été refusé par la banque.",
}

// authenticationFailed replaces messages that speak to programmers.
var authenticationFailed = phrase{"Votre banque n’a pas pu s’assurer que c’est vous.", "Your bank could not make sure that it is you."}

// declineIn says an issuer's answer in the page's language. One that has no
// French is shown as it came: better foreign than hidden.
func declineIn(lang, message string) string {
	french, known := declinesInFrench[message]
	switch {
	case known && lang == "fr":
		return french
	case french == authenticationFailed.fr:
		return authenticationFailed.en
	}
	return message
}
