package portal_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/payments"
	"amiable/portal/access"
)

const password = "trois mots suffisent"

// invited brings somebody from the invitation's mail to their first room.
func (s *site) invited(d device, email string, role negotiation.Role, creditorID string) (*tab, *access.User) {
	s.t.Helper()
	u, err := s.access.Invite(s.ctx, admin, access.Invitation{Email: email, Role: role, CreditorID: creditorID, Language: "fr"})
	s.must(err)
	b := s.person(d)
	b.visit(s.invitation(u)).fill("Votre nom", "Camille Roussel").fill("Nouveau mot de passe", password).fill("Encore une fois", password).press("Créer mon accès")
	return b, u
}

// invitation is the link in the mail that invites somebody.
func (s *site) invitation(u *access.User) string {
	s.t.Helper()
	m := s.mailTo(u.Email)
	if m == nil {
		s.t.Fatalf("no invitation came to %s", u.Email)
	}
	for _, link := range m.Links {
		if strings.Contains(link, "/invitation/") {
			return link
		}
	}
	s.t.Fatalf("no invitation in %q", m.Text)
	return ""
}

// enrol gives somebody an authenticator and returns its key.
func (b *tab) enrol(u *access.User) string {
	b.t.Helper()
	key, err := b.s.access.Enrolment(b.s.ctx, u.ID, "Agence Aubrelle")
	b.s.must(err)
	b.at("/security/totp").sees(key.Secret[:4]).fill("Code à 6 chiffres", code(b, key.Secret, 0)).press("Activer")
	return key.Secret
}

// code is what the authenticator shows now, or some steps later: each counts
// once.
func code(b *tab, secret string, later int) string {
	b.t.Helper()
	code, err := totp.GenerateCode(secret, b.s.wall().Add(time.Duration(later)*30*time.Second))
	b.s.must(err)
	return code
}

// upload puts a file into the one file field of the page.
func (b *tab) upload(name, content string) *tab {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), name)
	b.s.must(os.WriteFile(path, []byte(content), 0o600))
	b.do(chromedp.QueryAfter(chromedp.CSS("input[type=file]"), func(ctx context.Context, t *chromedp.Target, nodes []*chromedp.Node) (chromedp.Void, error) {
		return call(dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{path}, NodeID: nodes[0].NodeID})(ctx, t)
	}))
	return b
}

func TestBrowserACreditorRecordsAPaymentAndTurnsItRound(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		b, _ := s.invited(desk, "camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		b.at("/creditor").sees("Camille Roussel")
		b.press("Se déconnecter").at("/sign-in")
		b.fill("Adresse de courriel", "camille@boreal.example.com").fill("Mot de passe", "un autre").press("Continuer").at("/sign-in").answered(422)
		if got := b.value("Adresse de courriel"); got != "camille@boreal.example.com" {
			t.Errorf("a wrong password took the address away: %q", got)
		}
		b.fill("Mot de passe", password).press("Continuer").at("/creditor")
		b.press("Dossiers").at("/creditor/cases").sees("Claire Vasseur", "1 227,60 €").press("Claire Vasseur").at("/creditor/cases/" + c.ID)
		b.press("Noter un règlement reçu ailleurs").press("Noter ce règlement").answered(422).sees("Rien n’est perdu")
		b.fill("Montant reçu", "200,00").fill("Reçu le", "2026-11-20").fill("Moyen", "Virement").fill("Référence", "VIR 20 novembre").press("Noter ce règlement")
		b.at("/creditor/cases/"+c.ID).sees("200,00 €", "1 027,60 €")
		b.press("Corriger").sees("200,00 €", "1 227,60 €").press("Passer l’écriture contraire").answered(422)
		b.fill("Pourquoi cette correction", "Ce virement était pour un autre client.").press("Passer l’écriture contraire").at("/creditor/cases/" + c.ID).sees("1 227,60 €")
		if got := s.load(c.ID); got.Balance() != euros(1_227_60) || got.State != negotiation.CaseOpen {
			t.Errorf("turned round, the case is %s and owes %v", got.State, got.Balance())
		}
		b.press("Paiements").at("/creditor/payments")
		s.verify()
	})
}

func TestBrowserACreditorSignsInWithACode(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		b, u := s.invited(phone, "camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		b.visit("/security").press("Inscrire")
		secret := b.enrol(u)
		b.visit("/creditor").press("Se déconnecter").at("/sign-in")
		b.fill("Adresse de courriel", "camille@boreal.example.com").fill("Mot de passe", password).press("Continuer").at("/sign-in/code")
		b.visit("/creditor").at("/sign-in") // a right password alone opens nothing
		b.fill("Adresse de courriel", "camille@boreal.example.com").fill("Mot de passe", password).press("Continuer").at("/sign-in/code")
		b.fill("Code à 6 chiffres", "000000").press("Continuer").answered(422)
		b.fill("Code à 6 chiffres", code(b, secret, 1)).press("Continuer").at("/creditor")
		b.press("Compte de paiement").at("/creditor/connect").sees("Vos clients peuvent régler par carte")
	})
}

func TestBrowserACreditorDepositsAFile(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		b, _ := s.invited(desk, "camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		b.press("Dépôts").at("/creditor/placements")
		bad := strings.Replace(garage, "10000.00", "beaucoup", 1)
		b.upload("factures.csv", header+vasseur+"\n"+bad+"\n").choose("Ces factures entrent dans notre mandat").press("Déposer")
		b.sees("factures.csv", "Lignes à corriger", "Garage du Port", "1 227,60 €")
		b.visit("/creditor/cases").sees("Claire Vasseur").seesNot("Garage du Port")
		b.visit("/creditor/placements").sees("factures.csv")
		b.upload("factures.csv", header+vasseur+"\n"+garage+"\n").choose("Ces factures entrent dans notre mandat").press("Déposer").sees("Tout est pris en compte")
		b.visit("/creditor/cases").sees("Claire Vasseur", "Garage du Port")
		s.verify()
	})
}

func TestBrowserAnAgentsDay(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		b, u := s.invited(desk, "agent@aubrelle.example", negotiation.RoleAgent, "")
		b.visit("/agent").at("/sign-in") // nothing is seen without an authenticator
		secret := b.visit("/security/totp").enrol(u)
		b.at("/agent").press("Se déconnecter").fill("Adresse de courriel", u.Email).fill("Mot de passe", password).press("Continuer")
		b.fill("Code à 6 chiffres", code(b, secret, 1)).press("Continuer").at("/agent")
		b.fill("Dossier", "claire.vasseur@").press("Chercher").at("/agent/searches").sees("Claire Vasseur").press("Claire Vasseur").at("/agent/cases/" + c.ID)
		b.press("Envoyer un lien").choose("claire.vasseur@example.test").press("Envoyer le lien").at("/agent/cases/" + c.ID)
		if m := s.mailTo("claire.vasseur@example.test"); m == nil {
			t.Error("the link did not leave")
		}
		b.reload().sees("claire.vasseur@example.test")
		b.press("Poser une suspension").choose("À la demande du créancier").press("Poser la suspension").at("/agent/cases/" + c.ID).sees("À la demande du créancier")
		letter, err := s.negotiation.SendLink(s.ctx, admin, c.ID, c.MainParty().ID)
		s.must(err)
		if letter.BlockedBy == "" {
			t.Error("a link leaves during a hold")
		}
		b.press("Lever").at("/agent/cases/" + c.ID).seesNot("Lever").press("Envoyer un lien").sees("claire.vasseur@example.test")
		s.verify()
	})
}

// A new agency has nothing but the product and one invitation.
func TestBrowserAnAgencyFromNothing(t *testing.T) {
	needBrowser(t)
	s := bareSite(t, databasetest.SQLite(t, migrations...))
	_, err := s.negotiation.FoundAgency(s.ctx, admin, negotiation.Agency{Name: "Aubrelle", CollectorKind: negotiation.ThirdParty, Email: "agence@aubrelle.example"})
	s.must(err)
	b, u := s.invited(desk, "nadia@aubrelle.example", negotiation.RoleAdministrator, "")
	b.enrol(u)
	b.at("/agent").sees("Agence").press("Agence").at("/agent/agency")
	b.fill("Nom", "Agence Aubrelle").fill("SIREN", "010185650").fill("Ville", "Bordeaux").fill("Adresse du siège", "12 rue des Lilas, 33000 Bordeaux")
	b.fill("Téléphone", "05 36 49 12 30").fill("Courriel", "agence@aubrelle.example").fill("Heures d’appel", "du lundi au vendredi, de 9 h à 18 h").fill("Qui signe les messages", "Nadia Ferrand")
	b.fill("Assureur et police", "Assurances du Port, police 12").fill("Valable jusqu’au", "2030-12-31")
	b.fill("Banque du compte dédié", "Banque du Port").fill("IBAN", "FR7630006000011234567890189").fill("Déclarée au parquet de", "Bordeaux").fill("Déclarée le", "2024-01-02")
	b.press("Enregistrer").at("/agent/agency").seesNot("Manquant")

	b.press("Créanciers").at("/agent/creditors").press("Nouveau créancier")
	b.fill("Raison sociale", "Atelier Boréal").fill("Forme", "SARL").fill("SIREN", "010185650").fill("Courriel", "compta@boreal.example.com").fill("Adresse", "3 quai du Nord, 33000 Bordeaux")
	b.choose("Le code postal").choose("Accepter qu’une partie soit réglée").fill("À partir de", "20").press("Enregistrer").sees("Atelier Boréal")
	b.press("Enregistrer un mandat").fill("Signé le", "2026-01-05").choose("Toutes les factures déposées").fill("Part de ce qui est encaissé", "10").fill("TVA", "20")
	b.choose("Retenue sur chaque paiement").fill("Ou l’endroit où il est rangé", "classeur 4").press("Enregistrer le mandat").sees("Mandat du 5 janvier 2026")

	b.press("Accès").at("/agent/users").fill("Adresse de courriel", "camille@boreal.example.com").fill("Rôle", "créancier").fill("Pour un créancier, lequel", "Atelier Boréal").press("Envoyer l’invitation")
	creditor := s.person(phone)
	users, err := s.access.Users(s.ctx, admin, "")
	s.must(err)
	for i := range users {
		if users[i].Email == "camille@boreal.example.com" {
			creditor.visit(s.invitation(&users[i])).fill("Votre nom", "Camille Roussel").fill("Nouveau mot de passe", password).fill("Encore une fois", password).press("Créer mon accès").at("/creditor")
		}
	}
	creditor.visit("/creditor/connect").press("Ouvrir le compte chez Stripe").at("localhost")

	b.visit("/agent/claims/new").fill("Pour quel créancier", "Atelier Boréal").choose("Un particulier")
	b.fill("Prénom", "Claire").fill("Nom", "Vasseur").fill("Courriel", "claire.vasseur@example.test").fill("Adresse", "4 rue des Lilas").fill("Code postal", "33000").fill("Ville", "Bordeaux")
	b.fill("Numéro", "2026-0318").fill("Montant TTC", "1 227,60").fill("Émise le", "2026-03-03").fill("Due le", "2026-04-02").fill("De quoi s’agit-il", "la verrière intérieure")
	b.upload("facture.pdf", onePagePDF).choose("Ces factures entrent dans notre mandat").press("Ouvrir le dossier").sees("Claire Vasseur")
	b.press("Noter la première lettre").fill("Référence de la lettre", "PL-2026-0412").fill("Envoyée le", "2026-11-06").fill("Par", "courrier").fill("Ou l’endroit où elle est rangée", "bordereau 12").press("Noter et ouvrir le dossier")
	b.press("Envoyer un lien").choose("claire.vasseur@example.test").press("Envoyer le lien")

	found, err := s.negotiation.Find(s.ctx, admin, negotiation.Search{Text: "2026-0318"})
	s.must(err)
	if len(found) != 1 {
		t.Fatalf("%d cases of the invoice", len(found))
	}
	m := s.mailTo("claire.vasseur@example.test")
	if m == nil {
		t.Fatal("the link did not leave")
	}
	for _, link := range m.Links {
		if strings.Contains(link, "/l/") && !strings.Contains(link, "not-me") {
			debtor := s.person(phone).visit(link).sees("Nadia Ferrand vous a écrit").fill("Votre code postal", "33000").press("Ouvrir mon message").at("/case").sees("Atelier Boréal", "1 227,60 €")
			debtor.press("Régler maintenant").sees("virement") // the creditor's account is not open yet
		}
	}
	made, err := s.payments.OfCase(s.ctx, found[0].ID)
	s.must(err)
	if len(made) != 0 {
		t.Errorf("payments without an account: %+v", []payments.Payment(made))
	}
	s.verify()
}

// onePagePDF is the smallest document a reader opens.
const onePagePDF = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
	"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \n" +
	"trailer<</Size 4/Root 1 0 R>>\nstartxref\n161\n%%EOF\n"
