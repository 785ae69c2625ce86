package portal_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/portal/access"
)

// returning signs a creditor out and opens an address as the mail's link does.
func (b *tab) returning(email, address string) *tab {
	b.t.Helper()
	b.press("Se déconnecter").at("/sign-in")
	return b.visit(address).at("/sign-in").fill("Adresse de courriel", email).fill("Mot de passe", password).press("Continuer")
}

func TestBrowserACreditorAnswersInTwoTaps(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		s.setPolicy(asksFirst)
		c := s.openCase(vasseur)
		offer := s.offered(c, months(3, "2026-12-05"))
		b, _ := s.invited(phone, "camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		// From the mail: signed in, one is at the offer, and one tap accepts.
		b.returning("camille@boreal.example.com", offerPath("creditor", offer)).at(offerPath("creditor", offer)).sees("3 fois 409,20 €", "1 227,60 €")
		b.visit("/creditor").sees("Une réponse est attendue de vous")
		b.press("Répondre").at(offerPath("creditor", offer))                    // the first tap
		b.press("Accepter cette proposition").sees("C’est accepté", "Acceptée") // the second
		if s.load(c.ID).ActivePlan() == nil {
			t.Fatal("two taps made no plan")
		}
		b.reload().press("Claire Vasseur").at("/creditor/cases/" + c.ID).sees("Échéancier en cours")
		s.verify()
	})
}

func TestBrowserACreditorRefusesInTwoTapsAndCounters(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		s.setPolicy(asksFirst)
		c := s.openCase(vasseur)
		offer := s.offered(c, months(10, "2026-12-05"))
		b, _ := s.invited(phone, "camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		b.visit(offerPath("creditor", offer)).choose("Refuser").press("Trop long").sees("Refusée", "La durée proposée est trop longue")
		offer = s.offered(c, months(10, "2026-12-05"))
		b.visit(offerPath("creditor", offer)).press("Proposer autre chose").sees("6 fois 204,60 €")
		b.fill("Nombre de versements", "5").press("Voir les dates").sees("5 fois 245,52 €").fill("Un mot avec la proposition", "Cinq fois nous irait.").press("Envoyer cette proposition").sees("Au client de répondre")
		b.press("Propositions").at("/creditor/offers").sees("Autres propositions en cours", "Refusée")
		// The other tab is late.
		b.visit(offerPath("creditor", offer)).sees("Une autre version a pris la place").press("Ouvrir la dernière").press("Retirer cette proposition").sees("La proposition est retirée")
		s.verify()
	})
}

func TestBrowserThePolicysPreviewFollowsTheForm(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		s.setPolicy(asksFirst)
		c := s.openCase(vasseur)
		s.offered(c, months(10, "2026-12-05"))
		b, _ := s.invited(desk, "camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		b.press("Règles").at("/creditor/policy").sees("Ce que cela donne", "6 fois au plus")
		b.fill("Nombre de versements, au maximum", "12").fill("Durée au plus", "14")
		b.until("the preview follows", func() bool {
			return evaluate[bool](b, `JSON.stringify(document.getElementById("preview").innerText.includes("1 à décider par vous"))`)
		})
		b.sees("Enregistrer ces règles").press("Enregistrer ces règles").sees("Vos règles sont enregistrées", "Version 2")
		plain := s.person(device{width: 390, height: 844, language: "fr", noScript: true})
		plain.visit("/sign-in").fill("Adresse de courriel", "camille@boreal.example.com").fill("Mot de passe", password).press("Continuer")
		plain.visit("/creditor/policy").fill("Nombre de versements, au maximum", "2").press("Voir ce que cela donne").sees("0 acceptée d’avance, 0 à décider par vous, 1 hors des règles")
	})
}

// until waits for something that a page does by itself.
func (b *tab) until(what string, done func() bool) {
	b.t.Helper()
	for limit := time.Now().Add(stepMax); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if done() {
			return
		}
	}
	b.t.Fatalf("%s: not so: %s", what, b.text())
}

func TestBrowserAnAgentAndAHead(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		s.setPolicy(asksFirst)
		offer := s.offered(s.openCase(vasseur), months(10, "2026-12-20"))
		b, u := s.invited(desk, "nadia@aubrelle.example", negotiation.RoleAdministrator, "")
		b.enrol(u)
		_, clerk := s.colleague("clerk@boreal.example.com", access.Powers{})
		b.visit("/agent/users").sees("Lit seulement").press("Lit seulement").at("/agent/users/" + clerk.ID)
		b.choose("Décide jusqu’à une somme").press("Enregistrer").answered(422)
		b.fill("Jusqu’à quelle somme due", "2 000").press("Enregistrer").at("/agent/users").sees("Jusqu’à 2 000,00 €")
		s.must(negotiation.RowClock{DB: s.db}.Set(s.ctx, start.AddDate(0, 0, 5)))
		if _, err := s.negotiation.WatchOffers(s.ctx, 10); err != nil {
			t.Fatal(err)
		}
		b.visit("/agent").sees("Répondre à la proposition").press("Claire Vasseur").at(offerPath("agent", offer))
		b.press("Proposer autre chose").sees("Qui propose").choose("L’agence, dans la délégation").press("Envoyer cette proposition").sees("L’agence propose")
		b.visit("/agent/cases/"+offer.CaseID).sees("Propositions et échéancier", "Au client de répondre").press("Ouvrir la proposition").sees("La personne est au téléphone")
		head, _ := s.invited(phone, "camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		head.press("Personnes").at("/creditor/people").fill("À qui", "Camille").fill("Jusqu’au", "2026-12-20").press("Confier mes réponses").sees("décide à la place de")
		s.verify()
	})
}
