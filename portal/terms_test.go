package portal_test

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

// sixAtOnce says yes at once to up to six months, and to a tenth less paid at
// once.
var sixAtOnce = negotiation.Policy{
	InstalmentsMax: 6, MonthsMax: 6, InstalmentMin: 50_00, FirstDaysMax: 45, SkipsMax: 1, MoveDaysMax: 10, AtOnce: true, AnswerDays: 3, BreathingDays: 15,
	Rebates: []negotiation.Rebate{{DaysLate: 60, BasisPoints: 1000}},
}

// planning opens the case of a line under a mandate that waives interest in
// plans, with a policy; the usual terms where it is nil.
func (s *site) planning(line string, policy *negotiation.Policy) *negotiation.Case {
	s.t.Helper()
	m, err := s.negotiation.SignMandate(s.ctx, admin, negotiation.Mandate{
		CreditorID: s.creditor.ID, Reference: "MDT-P", SignedOn: "2024-01-03", Scope: "Toutes les factures", Proof: "papier",
		FeeBasisPoints: 1000, VATBasisPoints: 2000, FeeWithheld: true, RestWaivedBelow: 100, InterestWaivedInPlans: true,
	})
	s.must(err)
	if policy != nil {
		_, err = s.negotiation.SetPolicy(s.ctx, admin, m.ID, *policy)
		s.must(err)
	}
	return s.openCase(strings.Replace(line, "MDT-1", "MDT-P", 1))
}

func (s *site) decider() negotiation.Actor {
	return negotiation.Actor{Role: negotiation.RoleCreditor, ID: "u1", Name: "Ada Boréal", CreditorID: s.creditor.ID, Decides: true}
}

func (s *site) vasseurs(policy *negotiation.Policy) (*negotiation.Case, *visitor) {
	s.t.Helper()
	c := s.planning(vasseur, policy)
	return c, s.enter(c, "claire.vasseur@example.test", "33000")
}

func TestASuggestedPlanIsReadAgainAndAcceptedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, v := s.vasseurs(&sixAtOnce)
		v.get("/case").sees("Régler en plusieurs fois").get("/case/plan").answered(http.StatusOK)
		v.sees("Régler 1 227,60 € en plusieurs fois", "409,20 € par mois", "3 fois, jusqu’en février 2027", "a dit oui d’avance").seesNot("204,60 €") // six is the most: never suggested
		v.submit("/case/plan").answered(http.StatusUnprocessableEntity).sees("Choisissez un nombre de fois")
		v.submit("/case/plan", "way", "3").answered(http.StatusOK).sees("Accord immédiat si vous validez", "samedi 5 décembre 2026", "409,20 €", "En tout", "1 227,60 €", "vous reconnaissez devoir 1 227,60 €", "Contestez d’abord")
		if strings.Contains(v.body, `name="recognise" value="yes" checked`) {
			t.Error("the box is ticked for the reader")
		}
		v.submit("/case/offers").answered(http.StatusUnprocessableEntity).sees("Sans elle, rien ne part", "409,20 €")
		if len(s.load(c.ID).Offers()) != 0 {
			t.Fatal("an offer was sent without the box")
		}
		v.submit("/case/offers", "recognise", "yes").answered(http.StatusOK).sees("Échéancier accepté", "409,20 €")
		got := s.load(c.ID)
		if got.State != negotiation.CaseInPlan || got.ActivePlan() == nil || len(got.ActivePlan().Current()) != 3 {
			t.Fatalf("the case is %s", got.State)
		}
		a := got.Offers()[0].Acceptances
		if len(a) != 2 || a[0].TextVersion != negotiation.RecognitionText || a[0].Language != "fr" || a[0].ChargesText != "" {
			t.Errorf("acceptances: %+v", a)
		}
		v.get("/case").sees("Mon échéancier")
		s.verify()
	})
}

func TestASecondPressOnSendChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, v := s.vasseurs(&sixAtOnce)
		v.get("/case/plan").submit("/case/plan", "way", "3")
		again := *v
		v.submit("/case/offers", "recognise", "yes").sees("sont d’accord sur ce qui suit")
		at := v.at.Path
		again.submit("/case/offers", "recognise", "yes").answered(http.StatusOK).sees("sont d’accord sur ce qui suit")
		if again.at.Path != at || len(s.load(c.ID).Plans()) != 1 {
			t.Errorf("a second press led to %s, with %d plans", again.at, len(s.load(c.ID).Plans()))
		}
	})
	each(t, func(t *testing.T, s *site) { // the same where the creditor answers
		c, v := s.vasseurs(nil)
		v.get("/case/plan").submit("/case/plan", "way", "4")
		again, other := *v, *v
		v.submit("/case/offers", "recognise", "yes").sees("Votre proposition est envoyée")
		again.submit("/case/offers", "recognise", "yes").answered(http.StatusOK).sees("Votre proposition est envoyée")
		other.submit("/case/offers", "recognise", "yes", "way", "5").answered(http.StatusConflict).sees("Celle que vous venez d’écrire n’est pas partie", "Votre proposition est envoyée")
		if len(s.load(c.ID).Offers()) != 1 {
			t.Errorf("%d offers", len(s.load(c.ID).Offers()))
		}
	})
}

func TestOutsideThePolicyTheNearestIsOnePressAwayAndAskingStaysPossible(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, v := s.vasseurs(&sixAtOnce)
		v.get("/case/plan").submit("/case/plan", "way", "amount", "amount", "60").answered(http.StatusOK)
		v.sees("21 fois 58,46 €", "en dehors de ce que prévoit Atelier Boréal SARL", "en prévoit 6 au plus", "prévoit 6 mois au plus", "6 fois 204,60 €", "jeudi 26 novembre 2026")
		asked := *v
		v.submit("/case/plan", "way", "own").answered(http.StatusOK) // the first form goes back with all that was typed
		near := asked
		values := url.Values{"way": {"own"}, "count": {"6"}, "every": {"monthly"}, "first_on": {"2026-12-05"}}
		near.post("/case/plan", values).sees("Accord immédiat si vous validez", "204,60 €")
		asked.submit("/case/offers", "recognise", "yes", "message", "Je commence un emploi en janvier.").answered(http.StatusOK)
		asked.sees("Votre proposition est envoyée", "Atelier Boréal SARL répond au plus tard le jeudi 26 novembre 2026", "Sans réponse ce jour-là, Nadia Ferrand", "Je commence un emploi")
		o := s.load(c.ID).OpenOffer()
		if o == nil || o.Of().Instalments != 21 || o.Verdict != negotiation.No || o.Message == "" {
			t.Fatalf("offer: %+v", o)
		}
		asked.get("/case").sees("Votre proposition est chez Atelier Boréal SARL", "Une proposition attend déjà sa réponse")
		asked.get("/case/plan")
		if asked.at.Path != "/case/offers/"+o.ID {
			t.Errorf("with an offer open, the wizard is at %s", asked.at)
		}
		asked.post("/case/plan", values).answered(http.StatusConflict).sees("Une proposition attend déjà")
		asked.get("/case/offers/" + o.ID).submit("/withdrawal").answered(http.StatusOK).sees("Vous avez retiré cette proposition")
		asked.post("/case/offers/"+o.ID+"/withdrawal", nil).answered(http.StatusOK)
		asked.post("/case/offers/"+o.ID+"/acceptance", url.Values{"recognise": {"yes"}}).answered(http.StatusConflict).sees("changé entre-temps", "Vous avez retiré")
		asked.get("/case/plan").answered(http.StatusOK)
		s.verify()
	})
}

func TestWhatIsTypedWrongStaysAndIsNamed(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	_, v := s.vasseurs(&sixAtOnce)
	v.get("/case/plan")
	for _, row := range []struct {
		typed []string
		says  string
	}{
		{[]string{"way", "own", "count", "beaucoup"}, "Écrivez un nombre"},
		{[]string{"way", "own", "count", "0"}, "à partir de 1"},
		{[]string{"way", "own", "count", "500"}, "120 au plus"},
		{[]string{"way", "own", "count", "3", "every", "yearly"}, "Choisissez un rythme"},
		{[]string{"way", "own", "count", "3", "every", "weekly", "first", "5000"}, "La première somme dépasse"},
		{[]string{"way", "amount", "amount", "rien"}, "Écrivez une somme"},
		{[]string{"way", "amount", "amount", "2"}, "Écrivez au moins 10,23 €"},
		{[]string{"way", "3", "first_on", "hier"}, "Écrivez une date"},
		{[]string{"way", "3", "first_on", "2026-11-01"}, "Cette date est déjà passée"},
		{[]string{"way", "own", "count", "100", "every", "monthly", "first", "", "first_on", "2030-12-01"}, "trop lointaine"},
	} {
		v.submit("/case/plan", row.typed...).answered(http.StatusUnprocessableEntity).sees(row.says, "Rien n’est perdu")
		for i := 0; i < len(row.typed); i += 2 {
			if row.typed[i] != "way" && row.typed[i] != "every" && !strings.Contains(v.body, `value="`+row.typed[i+1]+`"`) {
				t.Errorf("%v: what was typed is gone", row.typed)
			}
		}
	}
	v.submit("/case/plan", "way", "own", "count", "4", "every", "fortnightly", "first", "300", "first_on", "05/12/2026").answered(http.StatusOK)
	v.sees("300,00 € d’abord, puis 3 fois 309,20 €, toutes les deux semaines, du 5 décembre 2026 au 16 janvier 2027")
	v.submit("/case/plan").answered(http.StatusOK) // "change": all is there
	for _, value := range []string{`value="4"`, `value="300"`, `value="fortnightly" selected`, `id="way-own" name="way" value="own" checked`} {
		if !strings.Contains(v.body, value) {
			t.Errorf("going back lost %s", value)
		}
	}
}

func TestACounterOfferIsReadAndAnswered(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, v := s.vasseurs(nil)
		v.get("/case/plan").submit("/case/plan", "way", "10").submit("/case/offers", "recognise", "yes").sees("Votre proposition est envoyée")
		counter := func(n int) *negotiation.Offer {
			t.Helper()
			out, err := s.negotiation.Propose(s.ctx, s.decider(), c.ID, negotiation.Proposal{
				Terms: negotiation.Terms{Instalments: n, Every: negotiation.Monthly, FirstDueOn: "2026-12-10"}, Answers: s.load(c.ID).OpenOffer().ID, Message: "Quatre fois nous irait mieux.",
			})
			s.must(err)
			return out.Offer
		}
		first := counter(4)
		v.get("/case").sees("Atelier Boréal SARL vous propose autre chose", "Répondre à la proposition")
		v.get("/case/plan") // leads to what waits for an answer
		v.sees("Atelier Boréal SARL vous propose autre chose", "Quatre fois nous irait mieux.", "306,90 €", "Vous avez proposé", "Remplacée par une nouvelle proposition", "jusqu’au lundi 7 décembre 2026")
		v.submit("/acceptance").answered(http.StatusUnprocessableEntity).sees("Sans elle, rien ne part")
		v.submit("/rejection").answered(http.StatusUnprocessableEntity).sees("Dites pourquoi en quelques mots")

		// Other terms begin with what was offered, and take its place.
		v.get("/case/plan?answers=" + first.ID).answered(http.StatusOK)
		if !strings.Contains(v.body, `name="count" type="text" value="4"`) {
			t.Error("the wizard does not begin with the terms of the counter-offer")
		}
		v.submit("/case/plan", "count", "5", "first_on", "2026-12-10").answered(http.StatusOK).submit("/case/offers", "recognise", "yes").sees("Votre proposition est envoyée", "5 fois 245,52 €")
		v.get("/case/offers/"+first.ID).answered(http.StatusOK).sees("Une autre proposition a pris la place", "Voir la proposition en cours")
		late := v.post("/case/offers/"+first.ID+"/acceptance", url.Values{"recognise": {"yes"}}).answered(http.StatusConflict)
		late.sees("changé entre-temps")
		v.get("/case/plan?answers=" + first.ID)
		if v.at.Path != "/case/offers/"+first.ID {
			t.Errorf("an old version is answered at %s", v.at)
		}

		second := counter(3)
		v.get("/case/offers/"+second.ID).submit("/rejection", "reason", "Je ne peux pas avant janvier.").answered(http.StatusOK).sees("Vous avez dit non", "Je ne peux pas avant janvier.")
		if got := s.load(c.ID); got.OpenOffer() != nil || got.Offer(second.ID).State != negotiation.OfferRejected {
			t.Fatal("the refusal is not written")
		}
		v.get("/case/plan").submit("/case/plan", "way", "10").submit("/case/offers", "recognise", "yes")
		third := counter(4)
		v.get("/case/offers/"+third.ID).submit("/acceptance", "recognise", "yes").answered(http.StatusOK).sees("sont d’accord sur ce qui suit")
		if got := s.load(c.ID); got.ActivePlan() == nil || got.ActivePlan().OfferID != third.ID {
			t.Fatal("no plan")
		}
		v.post("/case/offers/"+third.ID+"/acceptance", url.Values{"recognise": {"yes"}}).answered(http.StatusOK).sees("sont d’accord sur ce qui suit")
		s.verify()
	})
}

func TestTheAnswerClockAndTheRefusalAreTold(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, v := s.vasseurs(nil)
		v.get("/case/plan").submit("/case/plan", "way", "10").submit("/case/offers", "recognise", "yes")
		here := v.at.Path
		s.must(negotiation.RowClock{DB: s.db}.Set(s.ctx, start.Add(4*24*time.Hour)))
		_, err := s.negotiation.WatchOffers(s.ctx, 10)
		s.must(err)
		v.get(here).sees("Nadia Ferrand s’occupe de votre proposition", "n’a pas répondu à temps", "vendredi 4 décembre 2026").get("/case").sees("n’a pas encore répondu à votre proposition")
		s.must(s.negotiation.RejectOffer(s.ctx, s.decider(), c.ID, s.load(c.ID).OpenOffer().ID, "Dix mois, c’est trop long.", ""))
		v.get(here).sees("ne peut pas accepter", "Dix mois, c’est trop long.", "La suite vous appartient").get("/case/plan").answered(http.StatusOK)
	})
}

func TestAnotherPersonsOfferIsNotFound(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c, v := s.vasseurs(nil)
	v.get("/case/plan").submit("/case/plan", "way", "4").submit("/case/offers", "recognise", "yes")
	other := s.enter(s.openCase(strings.Replace(garage, "MDT-1", "MDT-P", 1)), "compta@garage.example.test", "33000")
	id := s.load(c.ID).OpenOffer().ID
	other.get("/case/offers/" + id).answered(http.StatusNotFound)
	for _, act := range []string{"/acceptance", "/rejection", "/withdrawal"} {
		other.post("/case/offers/"+id+act, url.Values{"recognise": {"yes"}, "reason": {"x"}}).answered(http.StatusNotFound)
	}
	other.get("/case/plan?answers=" + id).answered(http.StatusNotFound)
	other.post("/case/offers", url.Values{"answers": {id}, "way": {"3"}, "recognise": {"yes"}}).answered(http.StatusNotFound)
	if s.load(c.ID).OpenOffer() == nil {
		t.Error("another person ended the offer")
	}
}

func TestTheWholeLaterAndASmallerSum(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, v := s.vasseurs(&sixAtOnce)
		v.get("/case/time").answered(http.StatusOK).sees("samedi 5 décembre 2026", "mardi 5 janvier 2027").submit("/case/time").answered(http.StatusUnprocessableEntity)
		v.submit("/case/time", "way", "own", "first_on", "2027-03-01").answered(http.StatusOK).sees("prévoit de commencer au plus tard le jeudi 7 janvier 2027")
		v.get("/case/time").submit("/case/time", "way", "2027-01-05").answered(http.StatusOK).sees("Accord immédiat si vous validez", "1 227,60 € en une fois, le mardi 5 janvier 2027")

		v.get("/case/plan").sees("Régler une somme plus petite").get("/case/settlement").answered(http.StatusOK).sees("accepte une somme plus petite que 1 227,60 €")
		if strings.Contains(v.text(), "1 104,84") {
			t.Error("the smallest sum is named before the reader's")
		}
		v.submit("/case/settlement", "total", "2000").answered(http.StatusUnprocessableEntity).sees("jusqu’à 1 227,60 €")
		v.submit("/case/settlement", "total", "900").answered(http.StatusOK).sees("900,00 € au lieu de 1 227,60 €", "prévoit 1 104,84 € ou plus, en une fois", "1 104,84 € au lieu de")
		v.get("/case/settlement").submit("/case/settlement", "total", "1150").answered(http.StatusOK).sees("Accord immédiat si vous validez", "77,60 € : Atelier Boréal SARL y renonce")
		v.submit("/case/offers", "recognise", "yes").sees("sont d’accord sur ce qui suit", "1 227,60 €", "1 150,00 €")
		if got := s.load(c.ID); got.ActivePlan() == nil || got.ActivePlan().Total != 1_150_00 {
			t.Fatalf("plan: %+v", got.ActivePlan())
		}
		s.verify()
	})
}

func TestTheBalanceChangedSinceThePageWasRead(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.planning(garage, &sixAtOnce)
		v := s.enter(c, "compta@garage.example.test", "33000")
		v.get("/case/plan").submit("/case/plan", "way", "3").sees("Accord immédiat si vous validez")
		s.must(negotiation.RowClock{DB: s.db}.Set(s.ctx, start.Add(2*24*time.Hour)))
		v.submit("/case/offers", "recognise", "yes").answered(http.StatusConflict).sees("La somme a changé")
		if len(s.load(c.ID).Offers()) != 0 {
			t.Fatal("what nobody read was sent")
		}
		v.submit("/case/offers", "recognise", "yes").answered(http.StatusOK).sees("sont d’accord sur ce qui suit")
	})
}

func TestWhereNoPlanIsPossibleThePageSaysWhy(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c := s.openCase(s.keepingInterest(vasseur)) // a consumer, and a creditor who gives up no interest
	v := s.enter(c, "claire.vasseur@example.test", "33000")
	v.sees("l’accord du créancier sur les intérêts")
	for _, path := range []string{"/case/plan", "/case/time", "/case/settlement", "/case/plan/budget"} {
		v.get(path).answered(http.StatusOK).sees("l’accord du créancier sur les intérêts", "05 36 49 12 30", "Être rappelé", "Écrire")
		v.post(path, url.Values{"way": {"3"}, "first_on": {"2026-12-05"}}).answered(http.StatusConflict).sees("05 36 49 12 30")
	}
	v.post("/case/offers", url.Values{"way": {"3"}, "first_on": {"2026-12-05"}, "recognise": {"yes"}}).answered(http.StatusConflict)
	_, err := s.negotiation.PlaceHold(s.ctx, admin, c.ID, negotiation.Hold{Reason: negotiation.HoldOverindebtednessAdmitted})
	s.must(err)
	v.get("/case/plan").sees("La Banque de France s’occupe de cette somme")
	if len(s.load(c.ID).Offers()) != 0 {
		t.Error("an offer was made")
	}
}

// Terms that are sent after the session ended wait for the one who typed them,
// on the page they belong to; the box is ticked anew.
func TestTermsTypedBeforeTheSessionEndedAreKept(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, v := s.vasseurs(nil)
		v.get("/case/plan").submit("/case/plan", "way", "own", "count", "8", "every", "monthly", "first_on", "2026-12-15")
		s.wait(24 * time.Hour)
		v.submit("/case/offers", "recognise", "yes", "message", "Je commence un emploi.").sees("est gardé")
		v.submit("/sign-in-again", "answer", "33000").answered(http.StatusOK)
		if v.at.Path != "/case/plan" || !strings.Contains(v.body, `value="8"`) || !strings.Contains(v.body, `value="2026-12-15"`) {
			t.Fatalf("at %s: %s", v.at, v.text())
		}
		v.submit("/case/plan").answered(http.StatusOK)
		if !strings.Contains(v.body, "Je commence un emploi.</textarea>") || strings.Contains(v.body, `value="yes" checked`) {
			t.Error("the message is gone, or the box ticked")
		}
		v.submit("/case/offers", "recognise", "yes").sees("Votre proposition est envoyée")
		out, err := s.negotiation.Propose(s.ctx, s.decider(), c.ID, negotiation.Proposal{
			Terms: negotiation.Terms{Instalments: 4, Every: negotiation.Monthly, FirstDueOn: "2026-12-15"}, Answers: s.load(c.ID).OpenOffer().ID,
		})
		s.must(err)
		v.get("/case/plan?answers="+out.Offer.ID).submit("/case/plan", "count", "7")
		s.wait(24 * time.Hour)
		v.submit("/case/offers", "recognise", "yes").submit("/sign-in-again", "answer", "33000").answered(http.StatusOK)
		if v.at.Path != "/case/plan" || v.at.Query().Get("answers") != out.Offer.ID || !strings.Contains(v.body, `value="7"`) {
			t.Fatalf("an answer to a counter-offer came back at %s: %s", v.at, v.text())
		}
		v.get("/case/offers/" + out.Offer.ID)
		s.wait(24 * time.Hour)
		v.submit("/acceptance", "recognise", "yes").submit("/sign-in-again", "answer", "33000").answered(http.StatusOK).sees("vous propose autre chose")
		if strings.Contains(v.body, `value="yes" checked`) {
			t.Error("the box came back ticked")
		}
	})
}

// What is typed into the private budget is nowhere afterwards: not in a table,
// the log, an address, a cookie, a file or a form kept for a session that ended.
func TestTheBudgetIsKeptNowhere(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, v := s.vasseurs(&sixAtOnce)
		figures := []string{"1837", "911", "127", "641"}
		typed := url.Values{"income": {figures[0]}, "fixed": {figures[1]}, "others": {figures[2]}, "kept": {figures[3]}}
		v.get("/case/plan/budget").answered(http.StatusOK).post("/case/plan/budget", typed).answered(http.StatusOK).sees("158,00 €", "se règlent en 8 mois")
		if v.head.Get("Cache-Control") != "no-store" || v.at.RawQuery != "" {
			t.Errorf("the answer may be kept: %q at %s", v.head.Get("Cache-Control"), v.at)
		}
		v.submit("/case/plan").answered(http.StatusOK)
		for _, figure := range figures {
			if strings.Contains(v.body, figure) {
				t.Errorf("the figure %s travels on", figure)
			}
		}
		if !strings.Contains(v.body, `value="158,00"`) {
			t.Error("the amount a month does not travel on")
		}
		v.submit("/case/plan").answered(http.StatusOK).sees("8 fois 153,45 €")
		v.post("/case/plan/budget", url.Values{"income": {"x"}}).answered(http.StatusUnprocessableEntity)
		v.post("/case/plan/budget", url.Values{"income": {"900"}, "fixed": {"1200"}}).answered(http.StatusOK).sees("Votre mois ne laisse rien", "Aide gratuite")

		s.wait(24 * time.Hour) // the session ends, and the form is sent once more
		v.post("/case/plan/budget", typed)
		if v.at.Path != "/sign-in-again" {
			t.Fatalf("without a session the budget answered at %s", v.at)
		}
		v.seesNot("est gardé")
		searchEverywhere(t, s, v, figures)
	})
}

// searchEverywhere looks for figures in all that the product wrote.
func searchEverywhere(t *testing.T, s *site, v *visitor, figures []string) {
	t.Helper()
	look := func(where, text string) {
		for _, figure := range figures {
			for _, typed := range []string{"=" + figure, `"` + figure + `"`, ">" + figure + "<", figure + "00", " " + figure + " "} {
				if strings.Contains(text, typed) {
					t.Errorf("%s holds %q", where, typed)
				}
			}
		}
	}
	look("the log", s.log.String())
	look("the address", v.at.String())
	for _, cookie := range v.client.Jar.Cookies(v.at) {
		look("a cookie", cookie.Value)
	}
	var tables []string
	query := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if s.db.Dialect() == database.Postgres {
		query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
	}
	s.must(s.db.Read(s.ctx).Raw(query).Scan(&tables).Error)
	if len(tables) < 20 {
		t.Fatalf("only %d tables were found: %v", len(tables), tables)
	}
	for _, table := range tables {
		var rows []map[string]any
		s.must(s.db.Read(s.ctx).Table(table).Find(&rows).Error)
		if table == "parked_forms" && len(rows) > 0 { // sealed: nothing could be read in it, so nothing may be there
			t.Errorf("%d forms were parked", len(rows))
		}
		for _, row := range rows {
			for column, value := range row {
				switch value := value.(type) {
				case string:
					look(table+"."+column, value)
				case []byte:
					look(table+"."+column, string(value))
				case int64:
					for _, figure := range figures {
						if n := []byte(figure + "00"); bytes.Equal(n, []byte(strconv.FormatInt(value, 10))) {
							t.Errorf("%s.%s holds %d", table, column, value)
						}
					}
				}
			}
		}
	}
	root := t.TempDir()
	s.must(filepath.WalkDir(filepath.Dir(root), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".db") || strings.HasSuffix(path, "-wal") {
			return err
		}
		content, err := os.ReadFile(path)
		look(path, string(content))
		return err
	}))
}

// keepingInterest is a claim under a mandate whose creditor gives up no interest
// in plans.
func (s *site) keepingInterest(line string) string {
	s.t.Helper()
	_, err := s.negotiation.SignMandate(s.ctx, admin, negotiation.Mandate{
		CreditorID: s.creditor.ID, Reference: "MDT-9", SignedOn: "2024-01-02", Scope: "Toutes les factures", Proof: "papier",
		FeeBasisPoints: 1000, VATBasisPoints: 2000, FeeWithheld: true, RestWaivedBelow: 100,
	})
	s.must(err)
	return strings.Replace(line, "MDT-1", "MDT-9", 1)
}
