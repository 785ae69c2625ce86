package portal_test

import (
	"slices"
	"strings"
	"testing"

	"amiable/negotiation"
)

// shared are the words of somebody who lets another pay or act, in one
// language.
type shared struct {
	said
	share, days, make, ready, copy, see, part, amount, review, sum, email, confirmed, none, end, ended string
	choose, who, mail, give, given, help, code, codeField, acting, contest, words, send, sent, others  string
	ground, whole                                                                                      string
}

var (
	sharedInFrench = shared{
		said: inFrench, share: "Faire payer par un proche, ou vous faire accompagner", days: "30 jours", make: "Faire un lien", ready: "Le lien est prêt", copy: "Le lien à copier",
		see: "Voir la somme", part: "Une partie", amount: "Votre montant", review: "Relire avant de payer", sum: "500,00 €", email: "Adresse électronique",
		confirmed: "reçoit la quittance", none: "Rien à payer ici", end: "Mettre fin à ce lien", ended: "ce lien n’ouvre plus rien",
		choose: "Choisir quelqu’un", who: "Son nom", mail: "Son courriel", give: "Lui donner accès", given: "un courriel part", help: "On vous a choisi pour aider",
		code: "Recevoir un code", codeField: "Le code reçu par courriel", acting: "Vous agissez pour Claire Vasseur", contest: "Je conteste", ground: "Autre chose", whole: "La facture entière", words: "Avec vos mots", send: "Envoyer ma contestation", sent: "votre contestation est ouverte",
		others: "reste à la personne que vous accompagnez",
	}
	sharedInEnglish = shared{
		said: inEnglish, share: "Let someone close to you pay, or have someone stand by you", days: "30 days", make: "Make a link", ready: "The link is ready", copy: "The link to copy",
		see: "See the sum", part: "A part", amount: "Your amount", review: "Read again before paying", sum: "€500.00", email: "Email",
		confirmed: "gets the receipt", none: "Nothing to pay here", end: "End this link", ended: "this link opens nothing",
		choose: "Choose someone", who: "Their name", mail: "Their mail address", give: "Give access", given: "a mail leaves", help: "You were chosen to help",
		code: "Send a code", codeField: "The code we emailed you", acting: "You act for Claire Vasseur", contest: "I disagree", ground: "Something else", whole: "The whole invoice", words: "In your own words", send: "Send what I contest", sent: "what you contest is on record",
		others: "stays with the person you stand by",
	}
)

func TestBrowserARelativePaysWithoutSeeingTheCase(t *testing.T) {
	for name, w := range map[string]shared{"fr": sharedInFrench, "en": sharedInEnglish} {
		t.Run(name, func(t *testing.T) {
			inBrowser(t, func(t *testing.T, s *site) {
				c := s.openCase(vasseur)
				b := s.person(w.device).enterCase(c, w.said)
				b.press(w.share).at("/case/share").choose(w.days).press(w.make).at("/case/share").sees(w.ready)
				link := b.value(w.copy)

				d := w.device
				d.noScript = name == "en"
				sister := s.person(d)
				sister.visit(link).answered(200).seesNot("Vasseur", "Boréal").press(w.see).at("/pay").sees(negotiation.GroupedReference(c.Reference), "Agence Aubrelle").seesNot("Vasseur", "Boréal", "verrière")
				sister.visit("/pay").oneRequest(t, "the payer's page")
				sister.choose(w.part).fill(w.amount, "500").press(w.review).sees(w.sum).press(w.goOn).at("localhost")
				sister.card(goodCard, w.said).fill(w.email, "anne@morel.example").press(strings.Replace(strings.Replace(w.button, "1 227,60 €", w.sum, 1), "€1,227.60", w.sum, 1))
				sister.at("…/return").sees(w.confirmed, w.sum).seesNot("Vasseur", "Boréal", "727")
				s.paid(c, negotiation.CaseOpen, 1)

				b.visit("/case/share").press(w.end).at("/case/share").sees(w.ended)
				sister.visit(link).answered(404).sees(w.none)
			})
		})
	}
}

func TestBrowserAnAdviserActsWithinLimits(t *testing.T) {
	for name, w := range map[string]shared{"fr": sharedInFrench, "en": sharedInEnglish} {
		t.Run(name, func(t *testing.T) {
			inBrowser(t, func(t *testing.T, s *site) {
				c := s.openCase(vasseur)
				b := s.person(w.device).enterCase(c, w.said).press(w.share).press(w.choose).at("/case/share/adviser")
				b.press(w.give).at("/case/share/advisers").answered(422)
				b.fill(w.who, "Inès Marchetti").fill(w.mail, "ines@conseil.example").press(w.give).at("/case/share").sees(w.given, "Inès Marchetti")

				m := s.mailTo("ines@conseil.example")
				link := m.Links[slices.IndexFunc(m.Links, func(l string) bool { return strings.HasPrefix(l, s.base+"/l/") })]
				a := s.person(w.device).visit(link).sees(w.help).seesNot("Vasseur", "Boréal").press(w.code)
				a.fill(w.codeField, s.codeTo("ines@conseil.example")).press(w.open).at("/case").sees(w.acting, "Atelier Boréal SARL")
				a.press(w.contest).at("/case/contest").choose(w.ground).choose(w.whole).fill(w.words, "La verrière fuit.").press(w.send).sees(w.sent)
				a.visit("/case/pay").answered(403).sees(w.others)
				b.visit("/case").sees("Inès Marchetti")

				agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
				agent.get("/agent/cases/" + c.ID).sees("Inès Marchetti")
			})
		})
	}
}
