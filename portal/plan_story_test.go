package portal_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
)

// inPlan opens a case whose creditor lets its debtor pay in several times, and
// makes a plan of it as the debtor would.
func (s *site) inPlan(line string, terms negotiation.Terms) (*negotiation.Case, *negotiation.Plan) {
	s.t.Helper()
	s.generous()
	c := s.openCase(strings.ReplaceAll(line, ",MDT-1,", ",MDT-2,"))
	return s.agree(c, terms)
}

// generous signs a mandate without interest in plans, with a policy that says
// yes at once.
func (s *site) generous() {
	s.t.Helper()
	m, err := s.negotiation.SignMandate(s.ctx, admin, negotiation.Mandate{
		CreditorID: s.creditor.ID, Reference: "MDT-2", SignedOn: "2024-01-03", Scope: "Toutes les factures", Proof: "papier",
		FeeBasisPoints: 1000, VATBasisPoints: 2000, FeeWithheld: true, RestWaivedBelow: 100, InterestWaivedInPlans: true,
	})
	s.must(err)
	_, err = s.negotiation.SetPolicy(s.ctx, admin, m.ID, negotiation.Policy{
		InstalmentsMax: 12, MonthsMax: 12, InstalmentMin: 50_00, FirstDaysMax: 45, SkipsMax: 1, MoveDaysMax: 10, AtOnce: true, AnswerDays: 3,
		Rebates: []negotiation.Rebate{{DaysLate: 60, BasisPoints: 2000}},
	})
	s.must(err)
}

func (s *site) agree(c *negotiation.Case, terms negotiation.Terms) (*negotiation.Case, *negotiation.Plan) {
	s.t.Helper()
	party := c.MainParty()
	out, err := s.negotiation.Propose(s.ctx, negotiation.Actor{Role: negotiation.RoleDebtor, ID: party.ID, Name: party.Person.Name, CaseID: c.ID}, c.ID,
		negotiation.Proposal{Terms: terms, Recognition: negotiation.RecognitionText, Language: "fr"})
	s.must(err)
	if out.Plan == nil { // a person looks at a second one
		creditor := negotiation.Actor{Role: negotiation.RoleCreditor, ID: "u1", Name: "Ada Boréal", CreditorID: c.CreditorID, Decides: true}
		out, err = s.negotiation.AcceptOffer(s.ctx, creditor, c.ID, out.Offer.ID, negotiation.Assent{Language: "fr"})
		s.must(err)
	}
	return s.load(c.ID), out.Plan
}

func inMonths(n int) negotiation.Terms {
	return negotiation.Terms{Instalments: n, Every: negotiation.Monthly, FirstDueOn: "2026-12-05"}
}

func (s *site) on(day negotiation.Day) {
	s.t.Helper()
	s.must(negotiation.RowClock{DB: s.db}.Set(s.ctx, day.Time().Add(9*time.Hour)))
}

const claire = "claire.vasseur@example.test"

func TestAnAgreementIsReadKeptAndPaidFromTheSameVisit(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, plan := s.inPlan(vasseur, inMonths(6))
		v := s.enter(c, claire, "33000")
		at := "/case/agreements/" + plan.ID
		v.sees("Prochaine échéance, le 5 décembre 2026", "204,60 €", "Il reste 1 227,60 € sur 1 227,60 €", "Mon échéancier", "Échéancier accepté le 23 novembre 2026").
			seesNot("Régler en plusieurs fois", "Ce montant clôt")
		v.get(at).answered(http.StatusOK).sees("Échéancier accepté", "À régler en 6 fois, du 5 décembre 2026 au 5 mai 2027", "1 227,60 €", "5 mai 2027",
			"La dette d’origine continue", "Ni frais, ni intérêts", "Payer plus tôt est toujours possible", "Une date est manquée ?", "Vous payez chaque date vous-même", "Trois jours avant",
			"Pour Claire Vasseur", "destinataire de la facture", "sur sa page, en ligne", negotiation.RecognitionText+", en français", "Pour Atelier Boréal SARL", "accord donné d’avance", "MDT-2", "10 h (heure de Paris)")
		paper := v.get(at + "/agreement.pdf").answered(http.StatusOK).body
		page := v.get(at).text()
		calendar := v.get(at + "/dates.ics").answered(http.StatusOK)
		if n := strings.Count(calendar.body, "BEGIN:VEVENT"); n != 6 || strings.Contains(calendar.body, "Boréal") || calendar.head.Get("Content-Type") != "text/calendar; charset=utf-8" {
			t.Errorf("the calendar holds %d dates (%s): %s", n, calendar.head.Get("Content-Type"), calendar.body)
		}

		v.get(at).submit("/case/pay").answered(http.StatusOK).sees("204,60 €", "Prochaine échéance, le 5 décembre 2026", "1 échéance réglée sur 6.", "Prochaine date : le 5 janvier 2027, 204,60 €").seesNot("je reconnais devoir")
		v.submit("/case/payments")
		if v.at.Hostname() != "localhost" {
			t.Fatalf("the review led to %s (%d): %s", v.at, v.status, v.text())
		}
		v.pay("4242424242424242").sees("1 échéance réglée sur 6.", "Prochaine date : le 5 janvier 2027, 204,60 €", "Mon échéancier")
		s.must(s.stripe.Quiesce(s.ctx))
		v.get("/case/receipts/"+c.Reference+"-1").sees("1 échéance réglée sur 6.", "1 023,00 €")
		if text := pdfText(t, v.get("/case/receipts/"+c.Reference+"-1.pdf").answered(http.StatusOK).body); text != "" && !strings.Contains(text, "1 échéance réglée sur 6") {
			t.Errorf("the receipt says %s", text)
		}

		// Tomorrow, with names changed and dates moved, the agreement is the same.
		s.on("2026-12-06")
		renamed := *s.creditor
		renamed.Name, renamed.City = "Autre Nom SAS", "Pau"
		s.must(s.negotiation.ChangeCreditor(s.ctx, admin, renamed))
		v.get("/case/instalments/2/skip").submit("/skip").sees("cette échéance est sautée")
		if again := v.get(at + "/agreement.pdf").answered(http.StatusOK).body; again != paper {
			t.Error("the agreement's paper is another one")
		}
		v.get(at).sees("Des dates ont changé depuis", "Pour Atelier Boréal SARL")
		for _, sentence := range strings.SplitAfter(page, ". ") {
			if !strings.Contains(sentence, "Régler") && !strings.Contains(sentence, "La date reste") && !strings.Contains(v.text(), strings.TrimSpace(sentence)) {
				t.Errorf("the agreement no longer says %q", sentence)
			}
		}
		if n := strings.Count(v.get(at+"/dates.ics").body, "STATUS:CANCELLED"); n != 1 {
			t.Errorf("%d dates left the calendar", n)
		}
		s.verify()
	})
}

func TestAPlanIsNobodyElses(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	_, plan := s.inPlan(vasseur, inMonths(6))
	other := s.openCase(garage)
	v := s.enter(other, "compta@garage.example.test", "33000")
	for _, address := range []string{"", "/agreement.pdf", "/dates.ics"} {
		v.get("/case/agreements/" + plan.ID + address).answered(http.StatusNotFound)
	}
	v.get("/case/agreements/nonsense").answered(http.StatusNotFound)
	v.get("/case/instalments")
	if v.at.Path != "/case/plan" {
		t.Errorf("without a plan, one is led to %s", v.at)
	}
}

func TestADateIsMovedAndOneIsSkippedAfterReadingWhatBecomesOfTheRest(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, plan := s.inPlan(vasseur, inMonths(6))
		v := s.enter(c, claire, "33000")
		v.get("/case/instalments").answered(http.StatusOK).sees("Votre échéancier", "Prochaine échéance, le 5 décembre 2026", "204,60 €", "0 échéance réglée sur 6", "Changer la date", "Sauter",
			"Vous pouvez encore sauter 1 échéance (sur 1 en tout)", "Une date peut bouger de 10 jours", "Proposer d’autres dates", "L’accord du 23 novembre 2026")
		v.get("/case/instalments/1/day").answered(http.StatusOK).sees("Du 25 novembre 2026 au 15 décembre 2026")
		v.submit("/day", "new_day", "").answered(http.StatusUnprocessableEntity).sees("Écrivez une date")
		v.submit("/day", "new_day", "2026-12-31").answered(http.StatusUnprocessableEntity).sees("Choisissez une date du 25 novembre 2026 au 15 décembre 2026")
		v.submit("/day", "new_day", "12/12/2026").answered(http.StatusOK).sees("passe au 12 décembre 2026", "C’était le 5 décembre 2026", "comme avant")
		if p := s.load(c.ID).ActivePlan(); p.Revision != 1 {
			t.Fatal("it was changed before it was confirmed")
		}
		v.get("/case/instalments/1/day").submit("/day", "new_day", "2026-12-12", "following", "yes").sees("mercredi 12 mai 2027")
		v.submit("/day").answered(http.StatusOK).sees("la date est changée", "Prochaine échéance, le 12 décembre 2026", "Date changée : c’était le 5 décembre 2026.")
		if v.at.RequestURI() != "/case/instalments?done=moved" {
			t.Errorf("it led to %s", v.at)
		}

		review := v.get("/case/instalments/2/skip").answered(http.StatusOK).sees("Sautée, c’était 204,60 €", "255,75 €", "1 227,60 €, le même", "Il vous en restera 0")
		stale := review.body
		v.submit("/skip").answered(http.StatusOK).sees("cette échéance est sautée", "Vous avez utilisé vos sauts")
		// A second press on what was read is answered by the plan as it is.
		v.body, v.doc = stale, parsed(t, stale)
		v.submit("/skip").answered(http.StatusConflict).sees("Cette échéance est déjà sautée")
		v.get("/case/instalments/3/skip").answered(http.StatusConflict).sees("Plus aucune échéance ne peut être sautée")
		v.get("/case/instalments/99/day").answered(http.StatusNotFound)

		// What was read rests on the plan as it was: changed meanwhile, it is read again.
		v.get("/case/instalments/3/day").submit("/day", "new_day", "2027-02-05").answered(http.StatusOK)
		party := c.MainParty()
		s.must(s.negotiation.ChangeInstalment(s.ctx, negotiation.Actor{Role: negotiation.RoleDebtor, ID: party.ID, CaseID: c.ID}, c.ID, plan.ID, 6, negotiation.Moving("2027-05-10", false)))
		v.submit("/day").answered(http.StatusConflict).sees("Votre échéancier a changé entre-temps")
		v.submit("/day").answered(http.StatusOK).sees("la date est changée")
		s.verify()
	})
}

func TestLateThereAreTwoEqualWays(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, _ := s.inPlan(vasseur, inMonths(6))
		s.on("2027-01-06")
		v := s.enter(c, claire, "33000")
		v.sees("2 échéances à régler", "409,20 €")
		v.get("/case/instalments").sees("2 échéances à régler", "409,20 €", "Aucun frais ne s’ajoute", "Régler maintenant", "En parler", "À régler, date passée.")
		v.submit("/case/pay").sees("409,20 €", "2 échéances réglées sur 6.")
		// Another tab is faster: what was read here is of the past.
		stale, address := v.body, v.at
		v.submit("/case/payments").pay("4242424242424242")
		s.must(s.stripe.Quiesce(s.ctx))
		v.at, v.body, v.doc = address, stale, parsed(t, stale)
		v.submit("/case/payments").answered(http.StatusConflict).sees("Votre échéancier a changé entre-temps", "204,60 €")
		v.get("/case/instalments").sees("Prochaine échéance, le 5 février 2027", "2 échéances réglées sur 6").seesNot("En parler")
		s.verify()
	})
}

func TestMoreOrAllIsPaidAndThePlanLeavesItsCertificate(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, plan := s.inPlan(vasseur, inMonths(4))
		v := s.enter(c, claire, "33000")
		v.get("/case/pay").answered(http.StatusOK).sees("L’échéance du 5 décembre 2026, 306,90 €", "Tout ce qui reste de l’échéancier, 1 227,60 €", "Le dossier est alors clos", "Une autre somme", "De 20,00 € à 1 227,60 €").seesNot("Tout ce qui est dû")
		v.submit("/case/pay").answered(http.StatusUnprocessableEntity).sees("L’échéance du 5 décembre 2026, 306,90 €")
		v.submit("/case/pay", "choice", "part", "part", "2000").answered(http.StatusUnprocessableEntity).sees("1 227,60 €")
		v.submit("/case/pay", "choice", "part", "part", "400").answered(http.StatusOK).sees("400,00 €", "1 échéance réglée sur 4.", "213,80 €").seesNot("je reconnais devoir")
		v.submit("/case/payments").pay("4242424242424242")
		s.must(s.stripe.Quiesce(s.ctx))
		v.get("/case/instalments").sees("Déjà réglé : 93,10 €, reste 213,80 €", "213,80 €")
		v.get("/case/pay").submit("/case/pay", "choice", "plan").sees("827,60 €", "Le dossier est alors clos").submit("/case/payments").pay("4242424242424242").sees("Toutes les échéances sont réglées")
		s.must(s.stripe.Quiesce(s.ctx))
		if got := s.load(c.ID); got.State != negotiation.CaseCleared || got.LastPlan().State != negotiation.PlanCompleted {
			t.Fatalf("%s, %s", got.State, got.LastPlan().State)
		}
		v.get("/case/instalments").answered(http.StatusOK).sees("Votre échéancier est terminé", "Vous ne devez plus rien à Atelier Boréal SARL", "Ma quittance pour solde", "4 échéances réglées sur 4").seesNot("Changer la date", "Régler cette")
		v.get("/case/agreements/" + plan.ID).answered(http.StatusOK).sees("Tout est réglé depuis").seesNot("Régler 306")
		if text := pdfText(t, v.get("/case/documents/discharge.pdf").answered(http.StatusOK).body); text != "" && !strings.Contains(text, "-E1") {
			t.Errorf("the discharge does not name the plan: %s", text)
		}
		v.get("/case/instalments/1/day").answered(http.StatusConflict)
		s.verify()
	})
}

func TestASettlementNeverAsksForMoreThanItsRest(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, _ := s.inPlan(vasseur, negotiation.Terms{Instalments: 1, FirstDueOn: "2026-12-05", Total: money.Euros(1000_00)})
		v := s.enter(c, claire, "33000")
		v.sees("Dernière échéance, le 5 décembre 2026", "Il reste 1 000,00 € sur 1 000,00 €")
		v.get("/case/instalments").sees("renonce au reste : 227,60 €").seesNot("Sauter")
		v.get("/case/pay").sees("L’échéance du 5 décembre 2026, 1 000,00 €", "Le dossier est alors clos", "à 1 000,00 €").seesNot("Tout ce qui reste")
		v.submit("/case/pay", "choice", "part", "part", "1000,01").answered(http.StatusUnprocessableEntity)
		v.submit("/case/pay", "choice", "instalment").submit("/case/payments").pay("4242424242424242").sees("Votre échéancier est terminé")
		s.must(s.stripe.Quiesce(s.ctx))
		if got := s.load(c.ID); got.State != negotiation.CaseCleared || got.RefundsDue().IsPositive() {
			t.Fatalf("%s, %v to give back", got.State, got.RefundsDue())
		}
		v.get("/case/instalments").sees("Atelier Boréal SARL a renoncé au reste : 227,60 €")
		s.verify()
	})
}

func TestWhatIsContestedRestsInThePlan(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c, _ := s.inPlan(vasseur, inMonths(4))
	contested := int64(320_00)
	_, err := s.negotiation.PlaceHold(s.ctx, admin, c.ID, negotiation.Hold{Reason: negotiation.HoldDisputed, ClaimID: &c.Claims[0].ID, Amount: &contested})
	s.must(err)
	v := s.enter(c, claire, "33000")
	v.get("/case/instalments").answered(http.StatusOK).sees("320,00 € sont en suspens", "En suspens, car contestée.", "306,90 €")
	v.get("/case/pay").sees("L’échéance du 5 décembre 2026, 306,90 €", "Tout ce qui reste de l’échéancier, 907,60 €", "Tout ce qui est dû, 1 227,60 €", "L’échéancier est alors terminé")
	s.verify()
}

// Where the creditor says otherwise, a part may not be paid; what the plan asks
// may, and paying early stays free.
func TestACreditorWhoTakesNoPartsTakesInstalments(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c, _ := s.inPlan(vasseur, inMonths(6))
	whole := *s.creditor
	whole.PartPaymentMinimum = nil
	s.must(s.negotiation.ChangeCreditor(s.ctx, admin, whole))
	v := s.enter(c, claire, "33000")
	v.get("/case/pay").answered(http.StatusOK).sees("L’échéance du 5 décembre 2026, 204,60 €", "De 204,60 € à 1 227,60 €")
	v.submit("/case/pay", "choice", "part", "part", "100").answered(http.StatusUnprocessableEntity)
	v.submit("/case/pay", "choice", "part", "part", "300").answered(http.StatusOK).submit("/case/payments").pay("4242424242424242").sees("1 échéance réglée sur 6.")
}

func TestAnAgentEndsAPlanOnlyForAReason(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, plan := s.inPlan(vasseur, inMonths(6))
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		at := fmt.Sprintf("/agent/cases/%s/plans/%s/ending", c.ID, plan.ID)
		agent.get("/agent/cases/" + c.ID).sees("Mettre fin à l’échéancier")
		agent.get(at).answered(http.StatusOK).sees("Rien : toutes les dates sont tenues")
		agent.submit("/ending").answered(http.StatusUnprocessableEntity)
		agent.submit("/ending", "why", "missed", "reason", "Pas de nouvelles.").answered(http.StatusConflict).sees("Aucune échéance ne manque depuis 8 jours", "Pas de nouvelles.")
		agent.submit("/ending", "why", "asked", "party", "", "reason", "Elle préfère tout régler.").answered(http.StatusUnprocessableEntity)
		agent.submit("/ending", "why", "asked", "party", c.MainParty().ID, "reason", "").answered(http.StatusUnprocessableEntity)
		agent.submit("/ending", "why", "asked", "party", c.MainParty().ID, "reason", "Vous préférez tout régler en janvier.").answered(http.StatusOK)
		if got := s.load(c.ID); got.State != negotiation.CaseOpen || got.LastPlan().State != negotiation.PlanEnded {
			t.Fatalf("%s, %s", got.State, got.LastPlan().State)
		}
		agent.get("/agent/cases/" + c.ID).seesNot("Mettre fin à l’échéancier")
		agent.get(at).answered(http.StatusOK)
		v := s.enter(c, claire, "33000")
		v.sees("Reste à régler", "Régler en plusieurs fois")
		v.get("/case/instalments").answered(http.StatusOK).sees("L’échéancier a pris fin", "Vous préférez tout régler en janvier.", "reste compté", "Proposer un nouvel échéancier")
		v.get("/case/agreements/" + plan.ID).answered(http.StatusOK).sees("a pris fin le 23 novembre 2026")
		if n := strings.Count(v.get("/case/agreements/"+plan.ID+"/dates.ics").body, "STATUS:CANCELLED"); n != 6 {
			t.Errorf("%d of 6 dates leave the calendar", n)
		}

		// A new plan replaces nothing, and has an agreement of its own.
		_, second := s.agree(s.load(c.ID), inMonths(3))
		v.get("/case/documents").answered(http.StatusOK)
		if n := strings.Count(v.body, "/agreement.pdf"); n != 2 {
			t.Errorf("%d agreements are listed", n)
		}
		v.get("/case/agreements/"+second.ID).answered(http.StatusOK).sees("-E2", "Ada Boréal, créancier", "Au nom de Atelier Boréal SARL")
		// Missed for long enough, an agent may.
		s.on("2026-12-20")
		agent.get(fmt.Sprintf("/agent/cases/%s/plans/%s/ending", c.ID, second.ID)).sees("depuis le 5 décembre 2026")
		agent.submit("/ending", "why", "missed", "reason", "Deux messages sont restés sans réponse.").answered(http.StatusOK)
		if got := s.load(c.ID); got.LastPlan().State != negotiation.PlanEnded {
			t.Fatalf("%s", got.LastPlan().State)
		}
		s.verify()
	})
}

// An adviser reads the plan and its agreement; what changes or pays is not even
// offered to them.
func TestAnAdviserReadsThePlanAndChangesNothing(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c, plan := s.inPlan(vasseur, inMonths(6))
	v, _ := s.adviser(c, negotiation.Adviser{MayWrite: true, MayPropose: true})
	v.get("/case").answered(http.StatusOK).sees("Mon échéancier")
	v.get("/case/instalments").answered(http.StatusOK).sees("204,60 €", "La personne que vous accompagnez décide seule").seesNot("Changer la date", "Sauter", "Régler cette échéance")
	v.get("/case/agreements/" + plan.ID).answered(http.StatusOK).sees("Échéancier accepté").seesNot("Régler 204,60 €")
	v.get("/case/instalments/1/skip").answered(http.StatusForbidden)
}

// parsed reads a page that was kept.
func parsed(t *testing.T, body string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
