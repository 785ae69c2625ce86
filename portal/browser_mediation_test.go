package portal_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/portal/casefile"
)

// parties are the three who look for a way out, each in a browser of their own:
// the debtor and the creditor with a phone, the agent at a desk.
type parties struct {
	*site
	c                       *negotiation.Case
	debtor, creditor, agent *tab
}

// meet brings the three to their first page.
func (s *site) meet() *parties {
	s.t.Helper()
	p := &parties{site: s, c: s.openCase(vasseur)}
	p.creditor, _ = s.invited(phone, "camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
	agent, user := s.invited(desk, "malik@aubrelle.example", negotiation.RoleAgent, "")
	agent.enrol(user)
	p.agent = agent
	p.debtor = s.person(phone).enterCase(p.c, inFrench)
	return p
}

// contests is the debtor's form, with a photo.
func (p *parties) contests() {
	p.t.Helper()
	p.debtor.press("Je conteste").at("/case/contest").choose("Une partie seulement").fill("La somme que vous contestez", "320").choose("L’article ou le travail").fill("Avec vos mots", "La porte ferme mal.")
	p.debtor.upload("porte.jpg", string(aPhoto(p.t))).press("Envoyer ma contestation").sees("C’est noté", "320,00 €", "C’est à Atelier Boréal SARL de répondre", "porte.jpg")
	p.debtor.opens("porte.jpg")
}

// answers is the creditor's way from the mail to the answer.
func (p *parties) answers(answer, amount, words string) {
	p.t.Helper()
	p.creditor.visit(p.mailed("compta@boreal.example.com", "/disputes/")).sees("La porte ferme mal.", "Votre réponse").opens("porte.jpg")
	p.creditor.choose(answer).fill("Ce que vous en dites", words).upload("bon.pdf", onePagePDF)
	if amount != "" {
		p.creditor.fill("La somme remise", amount)
	}
	p.creditor.press("Envoyer la réponse").sees("La réponse est transmise", words, "bon.pdf", "Au client de répondre")
}

// disagrees is the debtor's word on the answer.
func (p *parties) disagrees(words string) {
	p.t.Helper()
	p.debtor.visit("/case").press("Lire la réponse").sees("Une réponse vous attend", "bon.pdf").choose("Non, je ne suis pas d’accord").fill("Ce que vous répondez", words)
	p.debtor.press("Envoyer ma réponse").sees("Une personne cherche une issue")
}

// writes adds a line to the sheet; more are fields and their values.
func (p *parties) writes(kind, words string, more ...string) {
	p.t.Helper()
	p.agent.choose(kind).fill("Le texte", words)
	for i := 0; i+1 < len(more); i += 2 {
		p.agent.fill(more[i], more[i+1])
	}
	p.agent.press("L’ajouter à la feuille").sees("C’est noté sur la contestation", words)
}

// mailed delivers what is due and returns the link in the newest mail to an
// address that leads to such a page.
func (s *site) mailed(address, page string) string {
	s.t.Helper()
	m := s.mailTo(address)
	if m == nil {
		s.t.Fatalf("no mail came to %s", address)
	}
	for _, link := range m.Links {
		if strings.Contains(link, page) {
			return link
		}
	}
	s.t.Fatalf("the newest mail to %s, %q, leads to no page %s, but to %q", address, m.Subject, page, m.Links)
	return ""
}

// opens follows the link to a photo, says that it is shown as one, and comes
// back.
func (b *tab) opens(name string) *tab {
	b.t.Helper()
	p := b.find(leading, name)
	ctx, cancel := context.WithTimeout(b.ctx, stepMax)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.WaitEvent(cdpage.LoadEventFired, nil, chromedp.MouseClickXY(p.X, p.Y))); err != nil {
		b.t.Fatalf("%s: %q does not open: %v", b.document, name, err)
	}
	if media := evaluate[string](b, `JSON.stringify(document.contentType)`); b.status != 200 || media != "image/jpeg" {
		b.t.Errorf("%s opens as %s (%d)", b.document, media, b.status)
	}
	b.mu.Lock()
	b.wrong = nil // the browser's own frame of a picture has a style, and pictures are sent without any
	b.mu.Unlock()
	return b.back()
}

// download presses what sends a file, and returns what arrived.
func (b *tab) download(name string) []byte {
	b.t.Helper()
	dir, events := b.t.TempDir(), true
	p := b.find(leading, name)
	ctx, cancel := context.WithTimeout(b.ctx, stepMax)
	defer cancel()
	b.do(call(browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID, DownloadPath: dir, EventsEnabled: &events,
	}))
	done, err := chromedp.Run(ctx, chromedp.WaitEvent(browser.DownloadProgress, func(e browser.EventDownloadProgress) bool {
		return e.State == browser.DownloadProgressStateCompleted
	}, chromedp.MouseClickXY(p.X, p.Y)))
	if err != nil {
		b.t.Fatalf("%s: %q sent no file: %v", b.document, name, err)
	}
	content, err := os.ReadFile(filepath.Join(dir, done.GUID))
	b.s.must(err)
	return content
}

// takesTheFile is the agent's way from the case to its signed file, which is
// then checked as `amiable verify FILE.zip` does; with one byte changed it fails.
func (p *parties) takesTheFile() *taken {
	p.t.Helper()
	p.agent.visit("/agent/cases/" + p.c.ID).press("Le dossier signé").sees("Préparer et télécharger")
	content := p.agent.download("Préparer et télécharger")
	file := p.read(content)
	if now := p.load(p.c.ID); file.report.Events != now.EventSeq || file.report.Head[:16] != now.ChainHead() {
		p.t.Errorf("the case is at act %d, its file says %+v", now.EventSeq, file.report)
	}
	changed := slices.Clone(content)
	changed[len(changed)/2] ^= 1
	report, err := casefile.Verify(strings.NewReader(string(changed)), int64(len(changed)), p.published())
	p.must(err)
	if report.Holds() {
		p.t.Error("a byte was changed and the file still holds")
	}
	return file
}

// outcomes says that each side has the letter of an outcome, by mail and page.
func (p *parties) outcomes(words, credited, left string) {
	p.t.Helper()
	p.creditor.visit(p.mailed("compta@boreal.example.com", "/outcome")).sees(words, credited, left)
	if m := p.mailTo("claire.vasseur@example.test"); strings.Contains(m.Text, "€") || strings.Contains(m.Text, "verrière") {
		p.t.Errorf("the mail to the debtor tells of the debt:\n%s", m.Text)
	}
	p.contested().press("Lire la lettre d’issue").sees(words, credited, left)
}

// contested is the debtor's way back to a dispute that has ended.
func (p *parties) contested() *tab {
	p.t.Helper()
	return p.debtor.visit("/case").press("Je conteste").press("Facture n° 2026-0318")
}

// TestBrowserThreePartiesFindAWayOut: contested in part with a photo, answered
// from a phone, mediated, agreed on, corrected, and put in a file that proves
// itself. Everybody presses for themselves.
func TestBrowserThreePartiesFindAWayOut(t *testing.T) {
	needBrowser(t)
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		p := newSite(t, db).meet()
		p.contests()
		p.answers("Lui donner raison en partie", "100", "La charnière, oui.")
		p.disagrees("Et le joint ?")

		p.agent.visit("/agent").press("Claire Vasseur").at("…"+p.sheet()).sees("Et le joint ?", "porte.jpg", "bon.pdf").opens("porte.jpg")
		p.writes("Un fait établi pour les deux", "La charnière est à changer.")
		p.writes("Un appel", "Lundi à dix heures, elle attend une visite.")
		p.writes("Un mot à un côté", "Avez-vous une photo du joint ?", "Qui lit ce mot", "Lu par le client")
		p.writes("Un mot à un côté", "Le devis parle-t-il du joint ?", "Qui lit ce mot", "Lu par le créancier")
		p.writes("Une issue proposée", "La visite de mars n’est pas due.", "L’issue", "Un avoir", "Ce qui resterait", "200")
		p.writes("Une issue proposée", "On coupe en deux.", "L’issue", "Un montant corrigé", "Ce qui resterait", "110")

		private := []string{"Le devis parle-t-il", "elle attend une visite"}
		p.debtor.visit("/case").press("Voir").sees("Avez-vous une photo du joint ?", "La charnière est à changer.", "La visite de mars", "On coupe en deux.").seesNot(private...)
		p.debtor.press("Cela ne me va pas Un avoir").sees("Vous avez dit non.").press("Cela me va Un montant corrigé").sees("Vous avez dit oui.")
		p.creditor.visit("/creditor").press("Répondre").sees("Le devis parle-t-il du joint ?", "On coupe en deux.").seesNot("Avez-vous une photo", "elle attend une visite")
		p.creditor.press("Oui, cela nous va Un montant corrigé").sees("dit oui à l’issue proposée")

		p.agent.reload().choose("Les deux ont dit oui").fill("Pourquoi", "Chacun fait un pas.").press("Clore avec cette issue").sees("La contestation a pris fin", "210,00 €")
		p.debtor.visit("/case").sees("1 017,60 €").seesNot("1 227,60 €", "Vous contestez")
		p.outcomes("Chacun fait un pas.", "210,00 €", "1 017,60 €")
		if got := p.load(p.c.ID).Balance(); got != euros(1_017_60) {
			t.Errorf("the case owes %v", got)
		}
		file := p.takesTheFile()
		for _, title := range []string{"Contestation n° 1, de Claire Vasseur : porte.jpg", "Issue de la contestation n° 1"} {
			if !slices.Contains(file.titles(), title) {
				t.Errorf("the file has no %q: %q", title, file.titles())
			}
		}
		p.verify()
	})
}

// sheet is the end of the address of the dispute.
func (p *parties) sheet() string {
	p.t.Helper()
	return "/cases/" + p.c.ID + "/disputes/" + p.disputes(p.c)[0].ID
}

// TestBrowserAWayIsRefusedAndADisputeOpenedAgain: the creditor maintains and
// refuses the agency's way; the dispute is not accepted, until a new fact comes.
func TestBrowserAWayIsRefusedAndADisputeOpenedAgain(t *testing.T) {
	needBrowser(t)
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		p := newSite(t, db).meet()
		p.contests()
		p.answers("Maintenir la somme", "", "Posée selon le devis.")
		p.disagrees("Le devis ne dit rien du joint.")
		p.agent.visit("/agent").press("Claire Vasseur")
		p.writes("Une issue proposée", "Un geste commercial.", "L’issue", "Une remise", "Ce qui resterait", "270")
		p.debtor.visit("/case").press("Voir").press("Cela me va").sees("Vous avez dit oui.")
		p.creditor.visit("/creditor").press("Répondre").press("Non, cela ne nous va pas").sees("dit non à l’issue proposée")
		p.agent.reload().sees("Atelier Boréal SARL : non").seesNot("Les deux ont dit oui")
		p.agent.choose("Elle n’est pas retenue").fill("Pourquoi", "Le devis prévoit cette porte.").press("Clore avec cette issue").sees("La contestation a pris fin")
		p.debtor.visit("/case").sees("1 227,60 €").seesNot("Vous contestez")
		p.outcomes("Le devis prévoit cette porte.", "0,00 €", "1 227,60 €")

		p.contested().press("Rouvrir avec un fait nouveau").sees("Dites-nous ce qu’il y a de nouveau")
		p.debtor.choose("Une partie seulement").fill("La somme que vous contestez", "50").fill("Avec vos mots", "Le joint a lâché.").upload("joint.jpg", string(aPhoto(t)))
		p.debtor.press("Rouvrir ma contestation").sees("C’est noté", "50,00 €", "Échange n° 2", "Premier échange", "Le devis prévoit cette porte.")
		p.creditor.visit(p.mailed("compta@boreal.example.com", "/disputes/")).sees("Le joint a lâché.", "Échange n° 2").opens("joint.jpg")
		p.creditor.choose("Donner raison au client").fill("Ce que vous en dites", "Le joint est à notre charge.").press("Envoyer la réponse").sees("La contestation a pris fin")
		p.debtor.visit("/case").sees("1 177,60 €").seesNot("Vous contestez")
		p.outcomes("Le joint est à notre charge.", "50,00 €", "1 177,60 €")
		if got := p.load(p.c.ID).Balance(); got != euros(1_177_60) {
			t.Errorf("the case owes %v", got)
		}
		file, letters := p.takesTheFile(), 0
		for _, title := range file.titles() {
			if strings.HasPrefix(title, "Issue de la contestation n° 1") {
				letters++
			}
		}
		if letters != 2 {
			t.Errorf("the file holds %d outcome letters of two rounds: %q", letters, file.titles())
		}
		p.verify()
	})
}
