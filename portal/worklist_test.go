package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/portal/access"
)

func (s *site) wishes(c *negotiation.Case, words string) {
	s.t.Helper()
	p := c.MainParty()
	_, err := s.negotiation.Wish(s.ctx, negotiation.Actor{Role: negotiation.RoleDebtor, ID: p.ID, Name: p.Person.Name, CaseID: c.ID}, c.ID, negotiation.Wish{Kind: negotiation.WishMessage, Words: words})
	s.must(err)
}

func TestAnAgentsDayIsNarrowedKeptAndShared(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		claire, port := s.openCase(vasseur), s.openCase(garage)
		s.wishes(claire, "Bonjour")
		s.wishes(port, "Bonjour")
		v := s.user("nadia@aubrelle.example", negotiation.RoleAgent, "")
		v.get("/agent").sees("2 tâches vous attendent", "Claire Vasseur · Atelier Boréal SARL", "Garage du Port", "Répondre · une demande attend", "dû le 25 novembre 2026 · gravité +3 j")
		v.get("/agent?who=me").sees("Rien ne vous attend", "Élargissez les filtres")
		v.post("/agent/assignments", url.Values{"case": {claire.ID}, "to": {s.userID("nadia@aubrelle.example")}, "view": {"who=none&q=Claire&after=x"}}).answered(http.StatusOK).sees("C’est donné", "Garage du Port").seesNot("Claire Vasseur")
		if q := v.at.Query(); q.Get("q") != "" || q.Get("after") != "" || q.Get("who") != "none" {
			t.Errorf("the view came back as %s", v.at)
		}
		v.get("/agent?who=me").sees("Une tâche vous attend", "Claire Vasseur")
		v.get("/agent?kind=dispute&who=me").seesNot("Claire Vasseur")
		v.get("/agent?due=today").seesNot("Claire Vasseur")
		v.get("/agent?due=week&creditor="+s.creditor.ID).sees("Claire Vasseur", "Garage du Port")
		v.get("/agent?creditor=x").answered(http.StatusNotFound)
		v.get("/agent?who=me").submit("/agent/views", "name", "").answered(http.StatusUnprocessableEntity).sees("Rien n’est perdu")
		v.get("/agent?who=me").submit("/agent/views", "name", "Mes dossiers").answered(http.StatusOK).sees("La vue est gardée", "Mes dossiers")
		v.get("/agent").sees("Mes dossiers").submit("/end").answered(http.StatusOK).sees("La vue est oubliée").seesNot("Mes dossiers")

		// What is a colleague's is given by who leads the team alone.
		other := s.user("malik@aubrelle.example", negotiation.RoleAgent, "")
		other.get("/agent/cases/"+claire.ID).sees("Suivi par Camille Roussel", "Répondre · une demande attend").seesNot("Le prendre")
		other.post("/agent/cases/"+claire.ID+"/assignment", url.Values{"to": {s.userID("malik@aubrelle.example")}}).answered(http.StatusForbidden).sees("Un collègue suit ce dossier")
		other.get("/agent/cases/" + port.ID).submit("/assignment").answered(http.StatusOK).sees("Vous suivez ce dossier")
		other.get("/agent/team").answered(http.StatusNotFound)
		boss := s.user("irene@aubrelle.example", negotiation.RoleAdministrator, "")
		boss.get("/agent/users/"+s.userID("malik@aubrelle.example")+"/rights").submit("/rights", "alone", "up_to", "up_to", "").answered(http.StatusUnprocessableEntity)
		boss.get("/agent/users/"+s.userID("malik@aubrelle.example")+"/rights").submit("/rights", "alone", "up_to", "up_to", "100", "supervises", "yes").answered(http.StatusOK).sees("Jusqu’à 100,00 €", "encadre")
		other.get("/agent/team").answered(http.StatusOK).sees("L’équipe", "Camille Roussel")
		other.submit("/agent/hand-overs", "from", s.userID("nadia@aubrelle.example"), "to", s.userID("nadia@aubrelle.example")).answered(http.StatusUnprocessableEntity)
		other.get("/agent/team").submit("/agent/hand-overs", "from", s.userID("nadia@aubrelle.example"), "to", s.userID("malik@aubrelle.example"), "most", "10").answered(http.StatusOK).sees("C’est donné")
		if got := s.load(claire.ID).AgentID; got != s.userID("malik@aubrelle.example") {
			t.Errorf("the case is with %s", got)
		}
		s.verify()
	})
}

func TestASearchStandsInNoAddress(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		s.openCase(garage)
		v := s.user("nadia@aubrelle.example", negotiation.RoleAgent, "")
		v.get("/agent").submit("/agent/searches", "q", "vasseur claire").answered(http.StatusOK).sees("Claire Vasseur").seesNot("Garage du Port")
		if strings.Contains(v.at.String(), "vasseur") {
			t.Errorf("a name stands in %s", v.at)
		}
		v.get("/agent").submit("/agent/searches", "q", negotiation.GroupedReference(c.Reference)).answered(http.StatusOK)
		if v.at.Path != "/agent/cases/"+c.ID {
			t.Errorf("a reference led to %s", v.at)
		}
		v.submit("/agent/searches", "q", "personne d’ici").sees("Aucun dossier ne correspond")
		v.get("/agent/cases?q=vasseur").sees("Garage du Port") // an address searches nothing
		creditor := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		creditor.get("/creditor").submit("/creditor/searches", "q", "claire.vasseur@example.test").answered(http.StatusOK).sees("Claire Vasseur")
		other := s.addCreditor("CRE-002", "Autre Créancier SARL", nil)
		stranger := s.user("autre@autre.example.com", negotiation.RoleCreditor, other.ID)
		stranger.get("/creditor").submit("/creditor/searches", "q", "claire.vasseur@example.test").seesNot("Claire Vasseur")
		stranger.get("/creditor").submit("/creditor/searches", "q", c.Reference).seesNot("Claire Vasseur")
		if strings.Contains(s.log.String(), "vasseur claire") {
			t.Error("a search stands in the log")
		}
	})
}

func TestACallIsLoggedAndAPromiseHoldsLetters(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		party := c.MainParty().ID
		v := s.user("nadia@aubrelle.example", negotiation.RoleAgent, "")
		at := "/agent/cases/" + c.ID
		v.get(at + "/calls/new").submit("/calls").answered(http.StatusUnprocessableEntity).sees("Rien n’est perdu")
		v.get(at+"/calls/new").submit("/calls", "direction", "in", "party", party, "outcome", "promised", "amount", "300", "promised_on", "2027-03-01").
			answered(http.StatusUnprocessableEntity).sees("faites plutôt une proposition")
		v.submit("/calls", "direction", "in", "party", party, "outcome", "promised", "amount", "300", "promised_on", "2026-11-30", "message", "Elle attend sa paie.").
			answered(http.StatusOK).sees("L’appel est noté", "300,00 € pour le 30 novembre 2026", "Elle attend sa paie", "Règlement annoncé", "aucune relance jusqu’au 3 décembre 2026")
		v.get(at+"/calls/new").sees("Pas maintenant").submit("/calls", "direction", "out", "party", party, "outcome", "reached").
			answered(http.StatusConflict).sees("Dites pourquoi l’appel a eu lieu")
		v.submit("/calls", "direction", "out", "party", party, "outcome", "reached", "because", "Elle l’a demandé.").answered(http.StatusOK).sees("Hors des règles")
		s.must(negotiation.RowClock{DB: s.db}.Set(s.ctx, start.AddDate(0, 0, 14)))
		n, err := s.negotiation.WatchPromises(s.ctx, 10)
		s.must(err)
		if n != 1 {
			t.Fatalf("%d promises ended", n)
		}
		v.get("/agent").sees("Appeler · 300,00 € annoncés pour le 30 novembre 2026, non reçus")
		s.verify()
	})
}

func TestASecondPersonLooksBeforeMuchIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		first := s.user("nadia@aubrelle.example", negotiation.RoleAgent, "")
		second := s.user("malik@aubrelle.example", negotiation.RoleAgent, "")
		at := "/agent/cases/" + c.ID
		first.get(at).seesNot("Demander un second regard")
		s.must(s.access.SetAgentRights(s.ctx, admin, s.userID("nadia@aubrelle.example"), access.AgentRights{GivesUpTo: 100_00}))
		first.get(at).sees("Demander un second regard")
		debtor := negotiation.Actor{Role: negotiation.RoleDebtor, ID: c.MainParty().ID, CaseID: c.ID}
		d, err := s.negotiation.OpenDispute(s.ctx, debtor, c.ID, negotiation.Contest{ClaimID: c.Claims[0].ID, Ground: negotiation.GroundGoods, Words: "La verrière fuit."})
		s.must(err)
		s.must(s.negotiation.TakeUpDispute(s.ctx, admin, c.ID, d.ID))
		outcome := url.Values{"outcome": {"partly_upheld"}, "credit": {"300"}, "reasons": {"La moitié manque."}, "agreed": {"Dit au téléphone."}}
		resolve := func() *visitor { return first.post(at+"/disputes/"+d.ID+"/resolution", outcome) }
		resolve().answered(http.StatusForbidden).sees("Demandez un second regard")
		first.get(at+"/approvals/new").submit("/approvals", "subject", "credit:"+d.ID, "amount", "50", "message", "Geste.").answered(http.StatusUnprocessableEntity).sees("Aucun second regard")
		first.submit("/approvals", "subject", "credit:"+d.ID, "amount", "300", "message", "La moitié manque.").answered(http.StatusOK).sees("C’est demandé")
		second.get("/agent").sees("Donner un second regard · Camille Roussel demande un second regard, 300,00 €")
		approvals, err := s.negotiation.Approvals(s.ctx, c.ID)
		s.must(err)
		page := at + "/approvals/" + approvals[0].ID
		first.get(page).sees("C’est votre demande").seesNot("D’accord")
		first.post(page, url.Values{"answer": {"yes"}}).answered(http.StatusForbidden)
		second.get(page).sees("300,00 €", "La moitié manque").submit("/approvals/", "answer", "no").answered(http.StatusUnprocessableEntity)
		second.get(page).submit("/approvals/", "answer", "yes").answered(http.StatusOK).sees("Votre réponse est notée")
		first.get("/agent").sees("Faire ce qui est accordé")
		resolve().answered(http.StatusOK)
		first.get(at).sees("Fait avec l’accord d’une seconde personne, 300,00 €")
		s.verify()
	})
}
