package portal_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"amiable/negotiation"
)

// focus is what the keyboard would act on now.
type focus struct {
	Name, Tag string
	Checked   bool
	Ring      bool // whether a reader sees where they are
	InWindow  bool
}

func (b *tab) focus() focus {
	b.t.Helper()
	return evaluate[focus](b, `(() => {`+helpers+`
const e = document.activeElement;
if (!e || e === document.body) return JSON.stringify({Tag: "body"});
const label = e.labels && e.labels.length ? e.labels[0] : e;
const ring = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
const box = label.getBoundingClientRect();
return JSON.stringify({Name: named(label), Tag: e.tagName.toLowerCase(), Checked: !!e.checked, Ring: ring(getComputedStyle(e)) || ring(getComputedStyle(label)),
  InWindow: box.bottom > 0 && box.top < window.innerHeight});
})()`)
}

// tabTo presses Tab until what bears a name has the focus. On the way each
// stop must be visible.
func (b *tab) tabTo(name string) *tab {
	b.t.Helper()
	var seen []string
	for range 80 {
		b.do(chromedp.KeyEvent(kb.Tab))
		f := b.focus()
		if f.Tag == "body" {
			continue
		}
		if !f.Ring {
			b.t.Errorf("%s: the focus on %q cannot be seen", b.document, f.Name)
		}
		if !f.InWindow {
			b.t.Errorf("%s: %q has the focus outside the window", b.document, f.Name)
		}
		if strings.HasPrefix(f.Name, name) {
			return b
		}
		seen = append(seen, f.Name)
	}
	b.t.Fatalf("%s: Tab never comes to %q, but to %q", b.document, name, seen)
	return b
}

// enter presses Enter and waits for the page it leads to.
func (b *tab) enter() *tab {
	b.t.Helper()
	return b.arrive("Enter", chromedp.KeyEvent(kb.Enter))
}

func (b *tab) key(keys string) *tab {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
	return b
}

// begins says that the keyboard stands at the page's title.
func (b *tab) begins(title string) *tab {
	b.t.Helper()
	if f := b.focus(); f.Tag != "h1" || !strings.HasPrefix(f.Name, title) {
		b.t.Errorf("%s: after the step the keyboard stands at %q (%s), not at the title %q", b.document, f.Name, f.Tag, title)
	}
	return b
}

func TestBrowserThePartIsPaidByKeyboardAlone(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		b := s.person(phone)
		b.look = false // looking moves the focus
		b.visit(s.linkTo(c, "claire.vasseur@example.test"))
		b.tabTo("Aller au contenu").tabTo("Votre code postal").key("33001").enter().answered(422)
		if f := b.focus(); f.Tag != "div" || !strings.Contains(f.Name, "Un point à corriger") {
			t.Errorf("after an error the keyboard stands at %q (%s), not at what is to be said", f.Name, f.Tag)
		}
		b.tabTo("Votre code postal").key("\b\b\b\b\b33000").enter().at("/case").begins("Atelier Boréal SARL")
		b.tabTo("Régler maintenant").enter().at("/case/pay").begins("Votre règlement")
		b.tabTo("Tout").key(kb.ArrowDown).tabTo("Votre montant").key("500").tabTo("Relire avant de payer").enter().begins("Relisez, puis décidez").sees("500,00 €")
		b.tabTo("J’ai lu").key(" ").tabTo("Aller à la page de paiement").enter().at("localhost").sees("500,00 €")
		b.tabTo("Numéro de la carte").key(proofCard).tabTo("Expire fin").key("12/34").tabTo("Cryptogramme").key("123").tabTo("Nom sur la carte").key("Claire Vasseur")
		b.tabTo("Payer 500,00 €").enter().sees("Votre banque veut savoir").tabTo("C’est moi, j’accepte").enter().at("…/return").begins(inFrench.thanks)
		b.tabTo(inFrench.receipt).enter().begins("Quittance")
		s.paid(c, negotiation.CaseOpen, 1)
	})
}
