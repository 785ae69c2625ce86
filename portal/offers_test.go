package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/portal/access"
)

// asksFirst is a policy under which the creditor answers each offer.
var asksFirst = negotiation.Policy{
	InstalmentsMax: 6, MonthsMax: 8, InstalmentMin: 50_00, FirstDaysMax: 45, SkipsMax: 1, MoveDaysMax: 10, AnswerDays: 3, BreathingDays: 15, AgentOwedMax: 20_000_00,
}

// setPolicy gives the first mandate of the site's creditor a policy.
func (s *site) setPolicy(p negotiation.Policy) {
	s.t.Helper()
	mandates, err := s.negotiation.Mandates(s.ctx, s.creditor.ID)
	s.must(err)
	_, err = s.negotiation.SetPolicy(s.ctx, admin, mandates[0].ID, p)
	s.must(err)
}

// offered is an open offer of the debtor of a case.
func (s *site) offered(c *negotiation.Case, terms negotiation.Terms) *negotiation.Offer {
	s.t.Helper()
	party := c.MainParty()
	by := negotiation.Actor{Role: negotiation.RoleDebtor, ID: party.ID, Name: party.Person.Name, CaseID: c.ID}
	out, err := s.negotiation.Propose(s.ctx, by, c.ID, negotiation.Proposal{
		Terms: terms, Recognition: negotiation.RecognitionText, Language: "fr", Message: "Je touche ma paie le 3.", AskCreditor: true,
	})
	s.must(err)
	if out.Offer == nil || out.Plan != nil {
		s.t.Fatalf("no open offer: %+v", out)
	}
	return out.Offer
}

func months(n int, first negotiation.Day) negotiation.Terms {
	return negotiation.Terms{Instalments: n, Every: negotiation.Monthly, FirstDueOn: first}
}

func offerPath(console string, o *negotiation.Offer) string {
	return "/" + console + "/cases/" + o.CaseID + "/offers/" + o.ID
}

// colleague is a user of the site's creditor with powers of their own.
func (s *site) colleague(email string, p access.Powers) (*visitor, *access.User) {
	s.t.Helper()
	v := s.user(email, negotiation.RoleCreditor, s.creditor.ID)
	users, err := s.access.Users(s.ctx, admin, s.creditor.ID)
	s.must(err)
	for i := range users {
		if users[i].Email == email {
			s.must(s.access.SetPowers(s.ctx, admin, users[i].ID, p))
			return v, &users[i]
		}
	}
	s.t.Fatalf("%s is no user", email)
	return nil, nil
}

func TestACreditorReadsAnOfferAndAccepts(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.setPolicy(asksFirst)
		c := s.openCase(vasseur)
		offer := s.offered(c, months(3, "2026-12-05"))
		v := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		v.get("/creditor").sees("Une réponse est attendue de vous", "26 nov.", "Claire Vasseur propose de régler ainsi", "3 fois 409,20 €, chaque mois, du 5 décembre 2026 au 5 février 2027")
		v.get(offerPath("creditor", offer)).answered(http.StatusOK)
		v.sees("3 fois 409,20 €", "mardi 5 janvier 2027", "1 227,60 €", "Je touche ma paie le 3.", "Dans les règles ; une personne répond.", "Réponse attendue au plus tard le jeudi 26 novembre 2026",
			"Rien n’est encore connu de ce client", "Aucune proposition semblable", "acte n°", "compta@boreal.example.com", "R124\u20115")
		// Another tab is still open on it.
		late := s.user("paul@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID).get(offerPath("creditor", offer))
		v.submit("/acceptance").answered(http.StatusOK).sees("C’est accepté", "Acceptée", "par Camille Roussel")
		if got := s.load(c.ID); got.State != negotiation.CaseInPlan || got.ActivePlan() == nil {
			t.Fatalf("accepted, the case is %s", got.State)
		}
		late.submit("/acceptance").answered(http.StatusOK).sees("Acceptée", "par Camille Roussel")
		late.get(offerPath("creditor", offer))
		late.post(offerPath("creditor", offer)+"/rejection", map[string][]string{"preset": {"too_long"}}).answered(http.StatusConflict).sees("Cette proposition est déjà acceptée", "Voici où en est la proposition")
		v.get("/creditor/cases/"+c.ID).sees("Échéancier en cours", "Prochaine échéance", "samedi 5 décembre 2026")
		v.get("/creditor/offers").sees("Aucune proposition n’attend", "Acceptée")
		v.get("/creditor").seesNot("propose de régler ainsi")
		s.verify()
	})
}

func TestACreditorRefusesAndProposesOtherTerms(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.setPolicy(asksFirst)
		c := s.openCase(vasseur)
		offer := s.offered(c, months(10, "2026-12-05"))
		v := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		v.get(offerPath("creditor", offer)).sees("Hors des règles", "6 fois au plus", "8 mois en tout au plus", "Le plus proche qui passerait : 6 fois 204,60 €")
		v.submit("/rejection", "reason", " ").answered(http.StatusUnprocessableEntity).sees("Dites pourquoi")
		// The form of other terms comes with the nearest that would pass.
		v.get(offerPath("creditor", offer) + "/counter").sees("6 fois 204,60 €").seesNot("Hors des règles")
		v.submit("/counter", "instalments", "4", "step", "send").answered(http.StatusOK).sees("Relisez les dates", "4 fois 306,90 €")
		if s.load(c.ID).OpenOffer().ID != offer.ID {
			t.Fatal("terms whose dates were not shown were sent")
		}
		v.submit("/counter", "total", "mille", "step", "send").answered(http.StatusUnprocessableEntity).sees("Écrivez une somme")
		v.submit("/counter", "total", "", "first_due_on", "2026-01-01", "step", "send").answered(http.StatusOK)
		v.submit("/counter", "step", "send").answered(http.StatusUnprocessableEntity).sees("déjà passée")
		v.submit("/counter", "instalments", "1", "total", "1 100,50", "first_due_on", "2026-12-10", "step", "see").answered(http.StatusOK).sees("1 100,50 € en une fois, le 10 décembre 2026, au lieu de 1 227,60 €")
		v.submit("/counter", "message", "Nous préférons en une fois.", "step", "send").answered(http.StatusOK).sees("La proposition est partie", "Au client de répondre", "1 100,50 €")
		open := s.load(c.ID).OpenOffer()
		if open.Side != negotiation.SideCreditor || open.Total != 1_100_50 || open.Message != "Nous préférons en une fois." || *open.Replaces != offer.ID {
			t.Fatalf("the counter-offer: %+v", open)
		}
		v.get(offerPath("creditor", offer)).sees("Une autre version a pris la place").submitNot("/acceptance")
		v.post(offerPath("creditor", offer)+"/acceptance", nil).answered(http.StatusConflict).sees("Une autre proposition a déjà répondu")
		v.get(offerPath("creditor", open)).submit("/withdrawal").answered(http.StatusOK).sees("La proposition est retirée")
		again := s.offered(c, months(9, "2026-12-05"))
		v.get(offerPath("creditor", again)).submit("/rejection", "preset", "too_long").answered(http.StatusOK).sees("Refusée", "La durée proposée est trop longue pour nous")
		if o := s.load(c.ID).Offer(again.ID); o.State != negotiation.OfferRejected || !strings.HasPrefix(o.Reason, "La durée") {
			t.Fatalf("refused: %+v", o)
		}
		s.verify()
	})
}

func TestWhoMayNotAnswerSeesTheOfferAndWhoMay(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.setPolicy(asksFirst)
		offer := s.offered(s.openCase(vasseur), months(3, "2026-12-05"))
		head := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		viewer, u := s.colleague("clerk@boreal.example.com", access.Powers{})
		limited, _ := s.colleague("limited@boreal.example.com", access.Powers{Decides: true, UpTo: 500_00})
		viewer.get("/creditor").sees("Claire Vasseur propose de régler ainsi", "Lire")
		viewer.get(offerPath("creditor", offer)).sees("3 fois 409,20 €", "pas y répondre", "Peuvent répondre : Camille Roussel").submitNot("/acceptance").submitNot("/rejection")
		viewer.post(offerPath("creditor", offer)+"/acceptance", nil).answered(http.StatusForbidden).sees("Votre accès permet de lire")
		viewer.post(offerPath("creditor", offer)+"/rejection", map[string][]string{"reason": {"non"}}).answered(http.StatusForbidden)
		limited.get(offerPath("creditor", offer)).sees("jusqu’à 500,00 € dus")
		limited.post(offerPath("creditor", offer)+"/acceptance", nil).answered(http.StatusForbidden).sees("jusqu’à 500,00 € dus")
		viewer.get("/creditor/policy").sees("Vous pouvez lire et essayer")
		viewer.submit("/creditor/policy", "step", "save").answered(http.StatusForbidden).sees("décide sans limite")
		// The head goes away and hands over.
		viewer.get("/creditor/people/" + u.ID).answered(http.StatusForbidden)
		head.get("/creditor/people").sees("Lit seulement", "Décide jusqu’à 500,00 € dus")
		head.submit("/creditor/delegations", "colleague", "").answered(http.StatusUnprocessableEntity)
		head.submit("/creditor/delegations", "colleague", u.ID, "until", "2026-11-20").answered(http.StatusUnprocessableEntity).sees("déjà passée")
		head.submit("/creditor/delegations", "colleague", u.ID, "until", "2026-12-01").answered(http.StatusOK).sees("jusqu’au 1er décembre 2026")
		viewer.get("/creditor/policy").sees("Vous pouvez lire et essayer") // rules are not in the bargain
		viewer.get(offerPath("creditor", offer)).submit("/acceptance").answered(http.StatusOK).sees("C’est accepté")
		head.get("/creditor/people").submit("/end").answered(http.StatusOK).seesNot("décide à la place de")
		head.get("/creditor/people/"+u.ID).submit("/creditor/people/", "power", "up_to", "up_to", "2 000").answered(http.StatusOK).sees("Décide jusqu’à 2 000,00 € dus")
		s.verify()
	})
}

func TestAnotherCreditorsOfferIsNotFound(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	s.setPolicy(asksFirst)
	offer := s.offered(s.openCase(vasseur), months(3, "2026-12-05"))
	foreign := s.addCreditor("CRE-002", "Autre Créancier SARL", nil)
	other := s.openCase(strings.NewReplacer("CRE-001", "CRE-002", "2026-0400", "X-1").Replace(garage))
	v := s.user("autre@example.com", negotiation.RoleCreditor, foreign.ID)
	for _, path := range []string{offerPath("creditor", offer), "/creditor/cases/" + other.ID + "/offers/" + offer.ID, offerPath("creditor", offer) + "/counter"} {
		v.get(path).answered(http.StatusNotFound).seesNot("Vasseur")
	}
	for _, act := range []string{"/acceptance", "/rejection", "/withdrawal", "/counter"} {
		v.post(offerPath("creditor", offer)+act, map[string][]string{"reason": {"non"}}).answered(http.StatusNotFound).seesNot("Vasseur")
		v.post("/creditor/cases/"+other.ID+"/offers/"+offer.ID+act, map[string][]string{"reason": {"non"}}).answered(http.StatusNotFound)
	}
	v.get("/creditor/offers").sees("Aucune proposition n’attend").seesNot("Vasseur")
	if s.load(offer.CaseID).OpenOffer() == nil {
		t.Fatal("a stranger answered")
	}
}

func TestAMailsLinkLeadsBackToTheOfferAfterSignIn(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	s.setPolicy(asksFirst)
	offer := s.offered(s.openCase(vasseur), months(3, "2026-12-05"))
	v := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
	s.must(s.db.Read(s.ctx).Exec("DELETE FROM sessions").Error)
	v.get(offerPath("creditor", offer)).submit("/sign-in", "email", "camille@boreal.example.com", "password", "trois mots suffisent")
	if v.at.Path != offerPath("creditor", offer) {
		t.Fatalf("signed in, one is at %s", v.at)
	}
	// The session ends with the page open: the click leads back to the page, not to an act.
	s.must(s.db.Read(s.ctx).Exec("DELETE FROM sessions").Error)
	v.submit("/acceptance").submit("/sign-in", "email", "camille@boreal.example.com", "password", "trois mots suffisent")
	if v.at.Path != offerPath("creditor", offer) || s.load(offer.CaseID).OpenOffer() == nil {
		t.Fatalf("signed in again, one is at %s", v.at)
	}
}

func TestAnAgentActsWithinWhatTheyAreLetDo(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.setPolicy(asksFirst)
		v := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		// Within the delegation.
		c := s.openCase(vasseur)
		offer := s.offered(c, months(3, "2026-12-05"))
		v.get("/agent/cases/"+c.ID).sees("Propositions et échéancier", "Au créancier de répondre")
		v.get(offerPath("agent", offer)).sees("vous pouvez l’accepter")
		v.post(offerPath("agent", offer)+"/rejection", map[string][]string{"as": {"agency"}, "reason": {"non"}}).answered(http.StatusForbidden).sees("Le créancier a encore le temps")
		v.get(offerPath("agent", offer)).submit("/acceptance").answered(http.StatusOK).sees("C’est accepté")
		if a := s.load(c.ID).Offer(offer.ID).Acceptances; len(a) != 2 {
			t.Fatalf("acceptances: %+v", a)
		}
		v.get("/agent/cases/"+c.ID).sees("Échéancier en cours", "Proposer un échéancier")
		// Outside it, the creditor's word is written down.
		g := s.openCase(garage)
		offer = s.offered(g, months(10, "2026-12-05"))
		v.get(offerPath("agent", offer)).sees("Hors de la délégation")
		v.post(offerPath("agent", offer)+"/acceptance", map[string][]string{"as": {"agency"}}).answered(http.StatusForbidden).sees("hors des règles du créancier")
		v.post(offerPath("agent", offer)+"/acceptance", map[string][]string{"as": {"somebody"}}).answered(http.StatusUnprocessableEntity)
		v.get(offerPath("agent", offer)).submit("/acceptance", "as", "creditor", "note", "").answered(http.StatusUnprocessableEntity).sees("Dites qui l’a dit")
		v.post(offerPath("agent", offer)+"/rejection", map[string][]string{"as": {"creditor"}, "note": {"Mme Roussel, par téléphone"}, "reason": {"Trop long pour nous."}}).answered(http.StatusOK).sees("Refusée", "Trop long pour nous.")
		// Terms of the agency's own, only those within the rules.
		v.get("/agent/cases/" + g.ID + "/offers/new").sees("Qui propose")
		v.submit("/offers", "instalments", "10", "as", "agency", "step", "see").sees("Hors des règles")
		v.submit("/offers", "as", "agency", "step", "send").answered(http.StatusForbidden).sees("hors des règles du créancier")
		v.submit("/offers", "instalments", "4", "as", "agency", "step", "see").submit("/offers", "as", "agency", "step", "send").answered(http.StatusOK).sees("La proposition est partie", "L’agence propose")
		open := s.load(g.ID).OpenOffer()
		// The debtor calls and says yes.
		party := g.MainParty().ID
		v.submit("/acceptance", "as", party, "note", "« oui » au téléphone").answered(http.StatusUnprocessableEntity).sees("Lisez ce texte")
		v.get(offerPath("agent", open)).submit("/acceptance", "as", party, "note", "", "recognise", "yes").answered(http.StatusUnprocessableEntity).sees("Dites qui l’a dit")
		v.get(offerPath("agent", open)).submit("/acceptance", "as", party, "note", "« oui » au téléphone, après lecture", "recognise", "yes").answered(http.StatusOK).sees("C’est accepté")
		for _, a := range s.load(g.ID).Offer(open.ID).Acceptances {
			if a.Side == negotiation.SideDebtor && (a.How != negotiation.BySpeech || a.OnBehalfOf != party || a.Note == "") {
				t.Fatalf("the debtor's yes: %+v", a)
			}
		}
		s.verify()
	})
}

func TestACreditorsSilenceComesToTheWorklist(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.setPolicy(asksFirst)
		c := s.openCase(vasseur)
		offer := s.offered(c, months(10, "2026-12-20"))
		v := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		v.get("/agent").seesNot("Répondre à la proposition")
		s.must(negotiation.RowClock{DB: s.db}.Set(s.ctx, start.AddDate(0, 0, 5)))
		_, err := s.negotiation.WatchOffers(s.ctx, 10)
		s.must(err)
		v.get("/agent").sees("Répondre à la proposition", "le créancier n’a pas répondu", "Claire Vasseur · Atelier Boréal SARL")
		v.get("/agent/offers").sees("Ce qui est venu à l’agence", "Claire Vasseur")
		v.get(offerPath("agent", offer)).sees("L’agence prend le relais").post(offerPath("agent", offer)+"/rejection", map[string][]string{"as": {"agency"}, "reason": {"Le créancier n’a pas répondu. Une durée de six mois serait possible."}}).
			answered(http.StatusOK).sees("Refusée", "six mois serait possible")
		v.get("/agent").seesNot("Répondre à la proposition")
		s.verify()
	})
}

// submitNot says that a page has no form to somewhere.
func (v *visitor) submitNot(action string) *visitor {
	v.t.Helper()
	if strings.Contains(v.body, action+`"`) {
		v.t.Errorf("%s offers %s", v.at.Path, action)
	}
	return v
}

func TestAPolicyIsTriedOutAndThenSet(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		offer := s.offered(c, months(10, "2026-12-05"))
		v := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		v.get("/creditor/policy").answered(http.StatusOK).sees("Aucune règle n’est encore fixée", "Sur une proposition : 0 acceptée d’avance, 1 à décider par vous", "10 fois 122,76 €", "Ce qui est déjà signé")
		v.submit("/creditor/policy", "instalments_max", "beaucoup", "step", "preview").answered(http.StatusUnprocessableEntity).sees("nombre, comme 6")
		v.submit("/creditor/policy", "instalments_max", "500", "step", "save").answered(http.StatusUnprocessableEntity).sees("Écrivez entre 1 et 120")
		v.submit("/creditor/policy", "instalments_max", "6", "instalment_min", "2000000", "step", "save").answered(http.StatusUnprocessableEntity).sees("1 000 000,00 €")
		v.submit("/creditor/policy", "instalment_min", "12o", "step", "preview").answered(http.StatusUnprocessableEntity).sees("Écrivez une somme")
		// Tried, and nothing is saved. Sums are typed as one writes them.
		v.submit("/creditor/policy", "instalment_min", "1.00,50", "step", "preview").answered(http.StatusUnprocessableEntity)
		v.submit("/creditor/policy", "instalment_min", "150,50", "at_once", "yes", "rebate_1_percent", "12,5", "rebate_1_days", "60", "person_above", "5 000", "agent_owed_max", "1500.50",
			"sample_owed", "1 000", "sample_days", "61", "sample_ask", "8", "step", "preview").answered(http.StatusOK)
		v.sees("875,00 € suffisent", "8 fois 125,00 €", "150,50 € par versement au moins", "Le plus proche qui passerait : 6 fois", "0 acceptée d’avance, 0 à décider par vous, 1 hors des règles")
		mandates, err := s.negotiation.Mandates(s.ctx, s.creditor.ID)
		s.must(err)
		if versions, err := s.negotiation.Policies(s.ctx, mandates[0].ID); err != nil || len(versions) != 0 {
			t.Fatalf("trying saved %+v (%v)", versions, err)
		}
		v.submit("/creditor/policy", "step", "save").answered(http.StatusOK).sees("Vos règles sont enregistrées", "Version 1", "en vigueur", "Camille Roussel")
		versions, err := s.negotiation.Policies(s.ctx, mandates[0].ID)
		s.must(err)
		want := negotiation.Policy{Version: 1, InstalmentsMax: 6, MonthsMax: 12, InstalmentMin: 150_50, FirstDaysMax: 45, MoveDaysMax: 10, AtOnce: true, PersonAbove: 5_000_00, BreathingDays: 15,
			AgentOwedMax: 1_500_50, Rebates: []negotiation.Rebate{{DaysLate: 60, BasisPoints: 1250}}}
		if got := versions[0].Policy; len(versions) != 1 || got.InstalmentMin != want.InstalmentMin || got.Rebates[0] != want.Rebates[0] || got.AgentOwedMax != want.AgentOwedMax || got.PersonAbove != want.PersonAbove || !got.AtOnce || got.InstalmentsMax != 6 {
			t.Fatalf("set %+v, want %+v", got, want)
		}
		// Saved again as it stands, nothing is lost on the way through the form.
		v.submit("/creditor/policy", "step", "save").answered(http.StatusOK).sees("Version 2")
		if versions, err = s.negotiation.Policies(s.ctx, mandates[0].ID); err != nil || versions[0].InstalmentMin != want.InstalmentMin || len(versions[0].Rebates) != 1 || versions[0].Rebates[0] != want.Rebates[0] {
			t.Fatalf("through the form: %+v (%v)", versions[0], err)
		}
		// The administrator sets it on the mandate, an agent does not set what agents
		// may decide; a stranger's mandate is not found.
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		agent.get("/agent/creditors/" + s.creditor.ID).seesNot("Règles pour les échéanciers").get("/agent/creditors/" + s.creditor.ID + "/policy?mandate=" + mandates[0].ID).answered(http.StatusNotFound)
		agent = s.user("chef@aubrelle.example", negotiation.RoleAdministrator, "")
		agent.get("/agent/creditors/" + s.creditor.ID).sees("Règles pour les échéanciers")
		agent.get("/agent/creditors/"+s.creditor.ID+"/policy?mandate="+mandates[0].ID).sees("Version 2").submit("/policy", "at_once", "no", "step", "save").answered(http.StatusOK).sees("Version 3")
		foreign := s.addCreditor("CRE-002", "Autre Créancier SARL", nil)
		theirs, err := s.negotiation.Mandates(s.ctx, foreign.ID)
		s.must(err)
		v.get("/creditor/policy?mandate=" + theirs[0].ID).answered(http.StatusNotFound)
		v.post("/creditor/policy", map[string][]string{"mandate": {theirs[0].ID}, "step": {"save"}}).answered(http.StatusNotFound)
		if s.load(c.ID).Offer(offer.ID).PolicyVersion != 0 {
			t.Fatal("an offer changed its rules")
		}
		s.verify()
	})
}

func TestEnglishReadersTypeEnglishDecimals(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	s.setPolicy(asksFirst)
	v := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
	v.get("/creditor/policy?lang=en").sees("Rules for plans")
	v.submit("/creditor/policy", "instalment_min", "1,250.50", "sample_owed", "5,000", "step", "preview").answered(http.StatusOK).sees("€1,250.50", "€5,000.00")
}
