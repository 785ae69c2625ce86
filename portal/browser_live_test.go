package portal_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

// part is what a place of the page that a script fills says now.
func (b *tab) part(id string) string {
	b.t.Helper()
	return evaluate[string](b, `JSON.stringify((document.getElementById(`+quoted(id)+`).textContent || "").replace(/[\s\u00a0\u202f]+/g, " ").trim())`)
}

// follows waits until a place says something.
func (b *tab) follows(id, text string) *tab {
	b.t.Helper()
	b.until(id+" says "+text, func() bool { return strings.Contains(b.part(id), text) })
	return b
}

// sent is how often something was sent since the page came.
func (b *tab) sent() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.asked)
}

// top is how far down in the page something stands.
func (b *tab) top(selector string) float64 {
	b.t.Helper()
	return evaluate[float64](b, `JSON.stringify(document.querySelector(`+quoted(selector)+`).getBoundingClientRect().top + window.scrollY)`)
}

// focused is what the keyboard is at.
func (b *tab) focused() string {
	b.t.Helper()
	return evaluate[string](b, `JSON.stringify(document.activeElement ? document.activeElement.id : "")`)
}

func TestBrowserWhatAPlanComesToIsSeenWhileItIsChosen(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.planning(vasseur, &sixAtOnce)
		b := s.person(phone).enterCase(c, inFrench).press("Régler en plusieurs fois").at("/case/plan")
		const said, main = "live-said", "main .btn.main"
		b.follows(said, "a dit oui d’avance aux rythmes proposés ici")
		button := b.top(main)

		// With the keyboard alone: an arrow chooses, and the answer follows.
		b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("way-3").focus(); void 0`), chromedp.KeyEvent(" "))
		b.follows(said, "3 fois 409,20 €, une fois par mois, du 5 décembre 2026 au 5 février 2027. Accord immédiat si vous validez.")
		if at := b.focused(); at != "way-3" {
			t.Errorf("the keyboard went to %q", at)
		}
		if now := b.top(main); now != button {
			t.Errorf("the button moved from %v to %v", button, now)
		}
		if role := evaluate[string](b, `JSON.stringify(document.getElementById("live-said").getAttribute("role"))`); role != "status" {
			t.Errorf("what follows is announced as %q", role)
		}
		b.choose("Toutes les dates").sees("samedi 5 décembre 2026", "vendredi 5 février 2027", "1 227,60 €")

		// The first day moves all of them, the suggestions' ends too.
		b.fill("Premier règlement", "2026-12-20")
		b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("first_on").dispatchEvent(new Event("change", {bubbles: true})); void 0`))
		b.follows(said, "du 20 décembre 2026 au 20 février 2027").follows("live-dates", "dimanche 20 décembre 2026")
		if open := evaluate[bool](b, `JSON.stringify(document.querySelector("details[data-when]").open)`); !open {
			t.Error("the dates were folded under the reader's eyes")
		}

		// One's own way: what is missing is said, then what it comes to, outside
		// what the creditor says yes to, with the nearest that is inside.
		b.choose("À ma façon").follows(said, "Écrivez un nombre")
		before := b.sent()
		b.fill("Combien de fois", "2").fill("Combien de fois", "21")
		b.follows(said, "21 fois 58,46 €").follows(said, "en dehors de ce que prévoit Atelier Boréal SARL").follows(said, "Ce qui s’en rapproche le plus : 6 fois 204,60 €")
		if n := b.sent() - before; n > 2 {
			t.Errorf("typing two figures asked %d times", n)
		}
		if at := b.focused(); at != "count" {
			t.Errorf("the keyboard went to %q", at)
		}
		b.fill("À quel rythme", "Chaque semaine")
		b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("every").dispatchEvent(new Event("change", {bubbles: true})); void 0`))
		b.follows(said, "une fois par semaine")
		if len(s.load(c.ID).Offers()) != 0 {
			t.Error("looking sent an offer")
		}
		// The button says the same, and Back brings it all again.
		b.press("Voir les dates").at("/case/plan/review").sees("21 fois 58,46 €")
		b.back().at("/case/plan")

		// Where the session ended meanwhile nothing out of date stays, and the
		// button leads to the door.
		b.visit("/case/plan").choose("409,20 € par mois").follows(said, "3 fois 409,20 €")
		s.wait(24 * time.Hour)
		b.choose("306,90 € par mois").follows(said, "a dit oui d’avance aux rythmes proposés ici")
		b.press("Voir les dates").at("/sign-in-again")
		s.verify()
	})
}

func TestBrowserADayAndASumAreFollowedToo(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.planning(vasseur, &sixAtOnce)
		b := s.person(english).enterCase(c, inEnglish).visit("/case/time").choose("On Tuesday 5 January 2027")
		b.follows("live-said", "€1,227.60 at once, on Tuesday 5 January 2027")
		// The smallest sum is not named while somebody still writes theirs.
		b.visit("/case/settlement").fill("What I can pay", "900").follows("live-said", "€900.00 instead of €1,227.60").follows("live-said", "outside what Atelier Boréal SARL")
		if text := b.part("live-said"); strings.Contains(text, "1,104.84") {
			t.Errorf("the smallest sum is named: %s", text)
		}
		b.fill("What I can pay", "1150").follows("live-said", "€1,150.00 instead of €1,227.60")
	})
}

// The four sums of the private budget are taken from each other on the reader's
// device: nothing is sent until the button is pressed.
func TestBrowserTheBudgetStaysOnTheDevice(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.planning(vasseur, &sixAtOnce)
		b := s.person(phone).enterCase(c, inFrench).visit("/case/plan/budget")
		before := b.sent()
		b.fill("Ce qui rentre", "1 837,50").fill("Loyer et charges", "911").fill("Vos autres remboursements", "127").fill("La vie courante", "641")
		b.follows("live-rest", "158,00 €")
		b.fill("La vie courante", "beaucoup")
		if strings.Contains(b.text(), "158,00") {
			t.Error("a sum that cannot be read is counted")
		}
		b.fill("La vie courante", "641")
		if n := b.sent() - before; n != 0 {
			t.Errorf("typing sent %d requests", n)
		}
		b.press("Calculer").sees("158,00 €", "se règlent en 8 mois")
		if kept := evaluate[int](b, `JSON.stringify(localStorage.length + sessionStorage.length)`); kept != 0 {
			t.Errorf("the device keeps %d things", kept)
		}
		b.press("Partir de 158,00 €").at("/case/plan").follows("live-said", "8 fois 153,45 €")
		searchEverywhere(t, s, newVisitor(s).get(s.base+"/rights"), []string{"1837", "911", "127", "641"})
	})
}

// Whoever goes back after sending, or from the payment page, is asked to send no
// form again: the pages on which things are read again are opened by GET.
func TestBrowserBackNeverAsksToSendAFormAgain(t *testing.T) {
	needBrowser(t)
	for name, d := range map[string]device{"script": phone, "no script": {width: 390, height: 844, language: "fr", noScript: true}} {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
				s := newSite(t, db)
				c := s.planning(vasseur, nil)
				b := s.person(d).enterCase(c, inFrench)
				b.press("Régler en plusieurs fois").choose("306,90 € par mois").press("Voir les dates").at("/case/plan/review").sees("306,90 €")
				if strings.Contains(b.document, "306") || strings.Contains(b.document, "2026") || strings.Contains(b.document, "way=") {
					t.Errorf("the address can be read: %s", b.document)
				}
				b.reload().sees("306,90 €")
				b.press("Changer les modalités").at("/case/plan").back().at("/case/plan/review").sees("306,90 €")
				b.choose("J’ai lu, et je reconnais").press("Envoyer").sees("Votre proposition est envoyée")
				sent := b.document
				// The review is overtaken: what is shown is the offer as it stands.
				b.back().sees("Votre proposition est envoyée")
				if b.document != sent {
					t.Errorf("Back led to %s", b.document)
				}
				s.must(s.negotiation.WithdrawOffer(s.ctx, negotiation.Actor{Role: negotiation.RoleDebtor, ID: c.MainParty().ID, CaseID: c.ID}, c.ID, s.load(c.ID).OpenOffer().ID))

				b.visit("/case/pay").choose("Une partie").fill("Votre montant", "500").press(inFrench.review).at("/case/pay/review").sees("500,00 €")
				b.choose("J’ai lu, et je reconnais").press(inFrench.goOn).at("localhost")
				b.back().at("/case/pay/review").sees("500,00 €")
				b.back().at("/case/pay")
				s.verify()
			})
		})
	}
}
