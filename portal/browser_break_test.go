package portal_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"amiable/negotiation"
)

func TestBrowserWhatWasTypedSurvivesASessionThatEnded(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		b := s.person(phone).enterCase(c, inFrench).press("Je conteste").at("/case/contest")
		b.choose("La facture entière").choose("L’article ou le travail").fill("Avec vos mots", "La verrière fuit depuis avril.")
		s.wait(31 * time.Minute)
		b.press("Envoyer ma contestation").at("/sign-in-again").sees("Ce que vous avez écrit est gardé")
		b.fill(inFrench.answer, "33000").press(inFrench.open).at("/case/contest")
		if got := b.value("Avec vos mots"); got != "La verrière fuit depuis avril." {
			t.Errorf("what was typed came back as %q", got)
		}
		b.press("Envoyer ma contestation").sees("C’est noté")
		disputes := s.disputes(c)
		if len(disputes) != 1 || disputes[0].Ground != negotiation.GroundGoods || disputes[0].Amount != nil || disputes[0].Steps[0].Words != "La verrière fuit depuis avril." {
			t.Errorf("disputes: %+v", disputes)
		}

		creditor, _ := s.invited(desk, "camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		creditor.visit("/creditor/cases/"+c.ID).press("Noter un règlement reçu ailleurs").fill("Montant reçu", "200,00").fill("Référence", "VIR 20 novembre")
		s.wait(13 * time.Hour)
		creditor.press("Noter ce règlement").at("/sign-in").sees("Ce que vous avez écrit est gardé")
		creditor.fill("Adresse de courriel", "camille@boreal.example.com").fill("Mot de passe", password).press("Continuer")
		if got := creditor.value("Montant reçu"); got != "200,00" {
			t.Errorf("the amount came back as %q at %s", got, creditor.document)
		}
	})
}

var sixFigures = regexp.MustCompile(`\b(\d{3})[\s\x{202f}\x{a0}]?(\d{3})\b`)

func TestBrowserFiveWrongTriesThenAMailedCode(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		link := s.linkTo(c, "claire.vasseur@example.test")
		b := s.person(phone).visit(link).seesNot("Recevoir un code") // the creditor asks for the postcode
		for range 4 {
			b.fill(inFrench.answer, "33001").press(inFrench.open).answered(422).seesNot("Atelier Boréal", "est en pause")
		}
		b.fill(inFrench.answer, "33001").press(inFrench.open).sees("Ce lien est en pause", "Rien n’est perdu").seesNot("Atelier Boréal")
		b.visit(link).sees("Ce lien est en pause").press("Recevoir un code")
		m := s.mailTo("claire.vasseur@example.test")
		found := sixFigures.FindStringSubmatch(m.Text)
		if found == nil {
			t.Fatalf("no code in %q", m.Text)
		}
		b.fill("Le code reçu par courriel", "000000").press(inFrench.open).answered(422)
		b.fill("Le code reçu par courriel", found[1]+" "+found[2]).press(inFrench.open).at("/case").sees("Atelier Boréal SARL")
	})
}

func TestBrowserLinksThatOpenNothing(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		link := s.linkTo(c, "claire.vasseur@example.test")
		b := s.person(phone).visit(link).press("Ce n’est pas moi").seesNot("Atelier Boréal", "Vasseur")
		b.press("Si, c’est bien moi").press("Ce n’est pas moi").choose("Cette personne n’habite plus ici").press("Confirmer").sees("C’est fait").seesNot("Vasseur")
		b.visit(link).answered(404).sees("Ce lien ne s’ouvre plus")
		b.fill("Votre adresse de courriel", "claire.vasseur@example.test").press("Recevoir un nouveau lien").sees("C’est noté")
		b.visit("/case").at("/sign-in-again").seesNot("Atelier Boréal")
	})
}

func TestBrowserAnotherLanguageStaysChosen(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		b := s.person(phone).enterCase(c, inFrench).press("Régler maintenant").press("In English").at("/case/pay").sees("Your payment")
		b.choose("All").press("Read again").sees("Read again, then decide").press("Go to the payment page").at("localhost").sees("Pay Atelier Boréal")
		b.press("Go back without paying").sees("Nothing was paid").press("En français").sees("Rien n’a été payé")
	})
}

func TestBrowserSomebodyElsesPapers(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		own, other := s.openCase(vasseur), s.openCase(garage)
		p, err := s.payments.RecordElsewhere(s.ctx, admin, other.ID, elsewhere())
		s.must(err)
		b := s.person(phone).enterCase(own, inFrench)
		for _, path := range []string{"/case/payments/" + p.ID + "/return", "/case/receipts/" + other.Reference + "-1", "/case/receipts/" + other.Reference + "-1.pdf", "/case/documents/" + other.Claims[0].ID} {
			b.visit(path).answered(http.StatusNotFound).seesNot("Garage")
		}
		b.visit("/creditor/cases/" + other.ID).at("/sign-in").visit("/agent").at("/sign-in")
	})
}

// A form sent again by Back or by impatience records nothing twice.
func TestBrowserAFormIsSentAgain(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		b, _ := s.invited(desk, "camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		b.visit("/creditor/cases/" + c.ID).press("Noter un règlement reçu ailleurs")
		b.fill("Montant reçu", "200,00").fill("Reçu le", "2026-11-20").fill("Moyen", "Virement").fill("Référence", "VIR 20 novembre").press("Noter ce règlement").sees("1 027,60 €")
		b.back().press("Noter ce règlement").sees("1 027,60 €")
		made, err := s.payments.OfCase(s.ctx, c.ID)
		s.must(err)
		if len(made) != 1 {
			t.Errorf("one form sent twice recorded %d payments", len(made))
		}
		s.verify()
	})
}

// Every page that needs no story is looked at in both languages.
func TestBrowserTheOtherPages(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		_, err := s.negotiation.Wish(s.ctx, negotiation.Actor{Role: negotiation.RoleDebtor, ID: c.MainParty().ID, CaseID: c.ID}, c.ID,
			negotiation.Wish{Kind: negotiation.WishCallback, Words: "Avant midi.", CallbackTo: "0639980001", CallbackWhen: "morning"})
		s.must(err)
		agent, u := s.invited(desk, "admin@aubrelle.example", negotiation.RoleAdministrator, "")
		agent.enrol(u)
		debtors := s.person(phone).enterCase(c, inFrench)
		open := func(b *tab, paths ...string) {
			for _, path := range paths {
				for _, lang := range []string{"fr", "en"} {
					b.visit(path + "?lang=" + lang)
					if b.status >= 500 {
						t.Errorf("%s answered %d", path, b.status)
					}
				}
			}
		}
		open(s.person(phone), "/", "/is-it-real", "/rights", "/help", "/your-data", "/accessibility", "/nowhere", "/sign-in-again", "/sign-in", "/reset", "/reset/none", "/invitation/none", "/l/none")
		open(debtors, "/case", "/case/timeline", "/case/documents", "/case/closed", "/case/receipts", "/case/pay", "/case/plan", "/case/time", "/case/contest", "/case/callback", "/case/message", "/case/contact")
		at := "/agent/cases/" + c.ID
		open(agent, "/agent", "/agent/cases", at, at+"/first-letter", at+"/links/new", at+"/holds/new", at+"/parties/"+c.MainParty().ID+"/contacts", at+"/acts/new", at+"/payments/new",
			"/agent/payments", "/agent/wishes", "/agent/claims/new", "/agent/creditors", "/agent/creditors/"+s.creditor.ID, "/agent/users", "/agent/agency", "/security", "/agent/nowhere")
	})
}

// Mails are pages too: what was sent in a story is looked at as a reader of
// mail shows it.
func TestBrowserMailsAreAccessible(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		link := s.linkTo(c, "claire.vasseur@example.test")
		v := newVisitor(s).get(link)
		for range 5 {
			v.submit("/l/", "answer", "33001")
		}
		v.submit("/code").answered(http.StatusOK)
		s.mailTo("claire.vasseur@example.test")
		_, err := s.payments.RecordElsewhere(s.ctx, admin, c.ID, elsewhere())
		s.must(err)
		_, _ = s.invited(desk, "camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		_, err = s.outreach.DeliverDue(s.ctx, 100)
		s.must(err)
		mails, err := s.outbox.List(100)
		s.must(err)
		if len(mails) < 5 {
			t.Errorf("only %d mails were sent", len(mails))
		}
		letters := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			m, err := s.outbox.Get(strings.TrimPrefix(r.URL.Path, "/"))
			if err != nil {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
			_, _ = w.Write([]byte(m.HTML))
		}))
		defer letters.Close()
		b := s.person(phone)
		b.mail = true
		for _, m := range mails {
			b.visit(letters.URL + "/" + m.ID)
		}
	})
}

// The stories trust that a complaint of the browser is heard: here are some.
func TestBrowserItsComplaintsAreHeard(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		careless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'unsafe-inline'")
			_, _ = w.Write([]byte(`<!DOCTYPE html><html lang="fr"><title>x</title><p style="color:red">x</p><script>console.error("x"); thereIsNone()</script>`))
		}))
		defer careless.Close()
		b := s.person(phone)
		b.do(chromedp.Navigate(careless.URL))
		b.mu.Lock()
		heard := strings.Join(b.wrong, "\n")
		b.mu.Unlock()
		for _, want := range []string{"console.error", "exception", "content security policy: style-src-attr"} {
			if !strings.Contains(heard, want) {
				t.Errorf("the browser's %s was not heard in:\n%s", want, heard)
			}
		}
	})
}
