package portal_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/portal"
	"amiable/portal/access"
)

// signedIn is somebody who signs in once more, elsewhere.
func (s *site) signedIn(email string) *visitor {
	s.t.Helper()
	v := newVisitor(s)
	return v.get(s.base+"/sign-in").submit("/sign-in", "email", email, "password", password)
}

func TestASessionIsEndedFromAnotherDevice(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		const email = "camille@boreal.example.com"
		here := s.user(email, negotiation.RoleCreditor, s.creditor.ID)
		here.get("/security").sees("Vous n’êtes connecté nulle part ailleurs", "ici, maintenant").seesNot("Fermer cette connexion")
		phone, office, late := s.signedIn(email), s.signedIn(email), s.signedIn(email)
		here.get("/security").answered(http.StatusOK).sees("Se déconnecter partout ailleurs")
		if n := strings.Count(here.body, "Fermer cette connexion"); n != 3 {
			t.Fatalf("%d other sessions are listed", n)
		}
		here.submit("/security/sessions/").answered(http.StatusOK).sees("La connexion est fermée")
		open := 0
		for _, v := range []*visitor{phone, office, late} {
			if v.get("/creditor"); v.at.Path == "/creditor" {
				open++
			}
		}
		if open != 2 {
			t.Errorf("%d of three others are still open", open)
		}
		// An address of somebody else's session ends nothing.
		other := s.user("paul@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		handle := regexp.MustCompile(`/security/sessions/[0-9a-f]{24}/end`).FindString(here.get("/security").body)
		other.post(handle, url.Values{}).answered(http.StatusOK)
		if here.get("/security"); strings.Count(here.body, "Fermer cette connexion") != 2 {
			t.Error("somebody else ended a session")
		}
		here.submit("/security/sessions/end").answered(http.StatusOK).sees("nulle part ailleurs")
		for _, v := range []*visitor{phone, office, late} {
			if v.get("/creditor"); v.at.Path != "/sign-in" {
				t.Errorf("a session outlived it at %s", v.at)
			}
		}
		if other.get("/creditor"); other.at.Path != "/creditor" {
			t.Error("a colleague was signed out too")
		}
		s.verify()
	})
}

var recoveryShape = regexp.MustCompile(`[A-Z0-9]{4} [A-Z0-9]{4} [A-Z0-9]{4}`)

func TestWhoLostTheirPhoneComesInByARecoveryCode(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		const email = "agent@aubrelle.example"
		v := s.user(email, negotiation.RoleAgent, "")
		v.get("/security").sees("Vous n’avez aucun code de secours").get("/security/recovery").submit("/security/recovery", "current", "un autre").answered(http.StatusUnprocessableEntity).sees("Ce n’est pas votre mot de passe actuel")
		v.submit("/security/recovery", "current", password).answered(http.StatusOK).sees("ne s’affichent qu’une fois")
		if v.head.Get("Cache-Control") != "no-store" {
			t.Error("the page of the codes may be kept")
		}
		codes := recoveryShape.FindAllString(v.text(), -1)
		if len(codes) != access.RecoveryCodes {
			t.Fatalf("%d codes are shown: %s", len(codes), v.text())
		}
		v.get("/security/recovery").sees("Il vous reste 10 codes de secours")
		if recoveryShape.MatchString(v.text()) {
			t.Error("the codes are shown again")
		}
		if m := s.mailTo(email); m == nil || !strings.Contains(m.Subject, "Nouveaux codes de secours") {
			t.Errorf("the mail: %+v", m)
		}
		var rows []map[string]any
		s.must(s.db.Read(s.ctx).Table("recovery_codes").Find(&rows).Error)
		for _, row := range rows {
			if hash, _ := row["code_hash"].([]byte); strings.Contains(string(hash), codes[0][:4]) || len(hash) != 32 {
				t.Error("a code is stored as it is")
			}
		}

		in := s.signedIn(email)
		if in.at.Path != "/sign-in/code" {
			t.Fatalf("the password led to %s", in.at)
		}
		in.get("/sign-in/recovery").submit("/sign-in/recovery", "code", "AAAA BBBB CCCC").answered(http.StatusUnprocessableEntity).sees("a déjà servi")
		in.submit("/sign-in/recovery", "code", strings.ToLower(strings.ReplaceAll(codes[3], " ", ""))).answered(http.StatusOK)
		if in.at.Path != "/agent" {
			t.Fatalf("the code led to %s: %s", in.at, in.text())
		}
		in.get("/security").sees("Il vous reste 9 codes de secours")
		if m := s.mailTo(email); m == nil || !strings.Contains(m.Subject, "Un code de secours a servi") || !strings.Contains(m.Text, "Il en reste 9") || strings.Contains(m.Text, codes[3]) {
			t.Errorf("the mail: %+v", m)
		}
		again := s.signedIn(email).get("/sign-in/recovery").submit("/sign-in/recovery", "code", codes[3])
		again.answered(http.StatusUnprocessableEntity).sees("a déjà servi")

		// New codes end the old ones.
		in.get("/security/recovery").submit("/security/recovery", "current", password).answered(http.StatusOK)
		again.submit("/sign-in/recovery", "code", codes[4]).answered(http.StatusUnprocessableEntity)
		// Nobody comes here without the password.
		if n := newVisitor(s).get(s.base + "/sign-in/recovery"); n.at.Path != "/sign-in" {
			t.Errorf("without a password: %s", n.at)
		}
		s.verify()
	})
}

func TestAnAdministratorSignsSomebodyOutAndTakesALostPhoneAway(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		const email = "agent@aubrelle.example"
		boss := s.user("admin@aubrelle.example", negotiation.RoleAdministrator, "")
		agent := s.user(email, negotiation.RoleAgent, "")
		id := s.userID(email)
		boss.get("/agent/users").sees("Sécurité").get("/agent/users/"+id+"/access").answered(http.StatusOK).sees("Accès de Camille Roussel", "Un téléphone est inscrit", "Aucun code de secours")
		boss.submit("/sessions/end").answered(http.StatusOK).sees("n’est connectée nulle part", "Un courriel le lui dit")
		if agent.get("/agent"); agent.at.Path != "/sign-in" {
			t.Errorf("signed out, the agent is at %s", agent.at)
		}
		if m := s.mailTo(email); m == nil || !strings.Contains(m.Subject, "Vos connexions ont été fermées") {
			t.Errorf("the mail: %+v", m)
		}
		boss.submit("/authenticator/end").answered(http.StatusOK).sees("Aucun téléphone n’est inscrit")
		if m := s.mailTo(email); m == nil || !strings.Contains(m.Subject, "Votre téléphone n’est plus inscrit") {
			t.Errorf("the mail: %+v", m)
		}
		if agent = s.signedIn(email); agent.at.Path != "/security/totp" {
			t.Errorf("without a phone, the agent is at %s", agent.at)
		}
		own := "/agent/users/" + s.userID("admin@aubrelle.example")
		boss.get(own+"/access").answered(http.StatusOK).seesNot("Retirer son téléphone", "Fermer toutes ses connexions")
		boss.post(own+"/authenticator/end", url.Values{}).answered(http.StatusConflict)
		boss.post(own+"/sessions/end", url.Values{}).answered(http.StatusConflict)
		s.verify()
	})
}

func (s *site) userID(email string) string {
	s.t.Helper()
	users, err := s.access.Users(s.ctx, admin, "")
	s.must(err)
	for i := range users {
		if users[i].Email == email {
			return users[i].ID
		}
	}
	s.t.Fatalf("%s is no user", email)
	return ""
}

// TestWhoOnlyReadsSendsNothing asks every route of the staff that takes a form,
// as somebody who only reads and as somebody who decides. A new route is asked
// too, by itself: it is closed to who only reads until it stands here.
func TestWhoOnlyReadsSendsNothing(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	own := []string{"/security/password", "/security/language", "/security/sessions/:session/end", "/security/recovery", "/creditor/policy", "/creditor/searches"} // their own access, rules to try, and a search
	c := s.openCase(vasseur)
	clerk, _ := s.colleague("clerk@boreal.example.com", access.Powers{})
	head := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
	for _, v := range []*visitor{clerk, head} {
		v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	const refused = "Votre accès permet de lire"
	asked := 0
	ids := strings.NewReplacer(":case", c.ID, ":document", c.Claims[0].ID, ":payment", c.ID, ":offer", c.ID, ":dispute", c.ID, ":user", c.ID, ":delegation", c.ID, ":placement", c.ID, ":session", "x", ":file", "x", ":way", c.ID)
	for _, r := range s.server.Routes() {
		if r.Method != http.MethodPost || (r.Audience != portal.Creditors && r.Audience != portal.Staff) || r.Path == "/security/sessions/end" {
			continue
		}
		asked++
		path := ids.Replace(r.Path)
		before := s.written()
		clerk.post(path, url.Values{"amount": {"10"}, "name": {"x"}})
		if allowed := slices.Contains(own, r.Path); allowed == (clerk.status == http.StatusForbidden && strings.Contains(clerk.text(), refused)) {
			t.Errorf("POST %s as who only reads answered %d (theirs: %t): %s", r.Path, clerk.status, allowed, clerk.text())
		}
		if after := s.written(); after != before {
			t.Errorf("POST %s as who only reads wrote something", r.Path)
		}
		if head.post(path, url.Values{}); strings.Contains(head.text(), refused) {
			t.Errorf("POST %s as who decides is refused", r.Path)
		}
	}
	if asked < 15 {
		t.Fatalf("only %d routes were asked", asked)
	}
	// What leads to such a form is closed or not offered; the rest is read.
	for _, path := range []string{"/creditor/cases/" + c.ID + "/payments/new", "/creditor/claims/new"} {
		clerk.get(path).answered(http.StatusForbidden).sees(refused)
		head.get(path).answered(http.StatusOK)
	}
	clerk.get("/creditor/cases/" + c.ID).answered(http.StatusOK).sees("Claire Vasseur").seesNot("Noter un règlement reçu ailleurs")
	head.get("/creditor/cases/" + c.ID).sees("Noter un règlement reçu ailleurs")
	clerk.get("/creditor/placements").answered(http.StatusOK).sees(refused)
	if strings.Contains(clerk.body, "multipart") {
		t.Error("who only reads is offered a form for files")
	}
	clerk.get("/creditor/cases/" + c.ID + "/messages").answered(http.StatusOK).sees("permet de lire ces messages")
	clerk.get("/creditor/connect").answered(http.StatusOK)
	clerk.get("/creditor/payments").answered(http.StatusOK)
}

// written is how much the product has written that matters.
func (s *site) written() (n int64) {
	s.t.Helper()
	for _, table := range []string{"events", "payments", "claims", "placements", "ledger_entries", "letters"} {
		var rows int64
		s.must(s.db.Read(s.ctx).Table(table).Count(&rows).Error)
		n += rows
	}
	return n
}
