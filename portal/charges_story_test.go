package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/payments"
)

// A debtor ticks the box of its own, pays the first instalment with a card that
// is kept, and lives on: the next one is announced and charged; one press stops
// it.
func TestInstalmentsPayThemselvesByTheDebtorsLeave(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, v := s.vasseurs(&sixAtOnce)
		v.get("/case/plan").submit("/case/plan", "way", "3").sees("J’autorise Agence")
		if strings.Contains(v.body, `name="charges" value="yes" checked`) {
			t.Fatal("the box is ticked for the reader")
		}
		v.submit("/case/offers", "recognise", "yes", "charges", "yes").sees("Échéancier accepté", "Accord donné", negotiation.ChargesText, "J’autorise Agence").
			seesNot("Vous payez chaque date vous-même")
		plan := s.load(c.ID).ActivePlan()
		if text := pdfText(t, v.get("/case/agreements/"+plan.ID+"/agreement.pdf").answered(http.StatusOK).body); text != "" && !strings.Contains(text, "autorise Agence") {
			t.Errorf("the paper says %s", text)
		}
		v.get("/case/agreements/" + plan.ID).submit("/case/pay").sees("J’autorise Agence")
		if !strings.Contains(v.body, `name="charges" value="yes" checked`) {
			t.Fatal("what was ticked with the plan is asked anew")
		}
		v.submit("/case/payments").pay("4000002500003155")
		v.submit("/3ds", "answer", "approve")
		s.must(s.stripe.Quiesce(s.ctx))
		v.get("/case/instalments").sees("Visa ·· 3155", "Changer de carte", "Arrêter").seesNot("Rien n’est prélevé")
		if s.load(c.ID).ActivePlan().Charged == "" {
			t.Fatal("the plan does not know of the card")
		}
		s.on("2027-01-02")
		_, err := s.negotiation.AnnounceInstalments(s.ctx, 10)
		s.must(err)
		s.on("2027-01-05")
		_, err = s.payments.Collect(s.ctx, 10)
		s.must(err)
		s.must(s.stripe.Quiesce(s.ctx))
		made, err := s.payments.OfCase(s.ctx, c.ID)
		s.must(err)
		if p := made[len(made)-1]; p.Kind != payments.Collection || p.State != payments.Succeeded || p.Line != 2 {
			t.Fatalf("charged: %+v", p)
		}
		v.get("/case/instalments").submit("/case/card/end").answered(http.StatusOK).sees("plus rien n’est pris sur votre carte", "Laisser les échéances se régler toutes seules")
		v.submit("/case/card").answered(http.StatusUnprocessableEntity).sees("Cochez la case pour enregistrer une carte")
		v.get("/case/instalments").submit("/case/card", "charges", "yes")
		if v.at.Hostname() != "localhost" {
			t.Fatalf("led to %s (%d): %s", v.at, v.status, v.text())
		}
		v.get(s.base + "/case").sees("Plus rien n’est pris sur votre carte")
		s.verify()
	})
}

// Leave is the debtor's own to give and to take back: nobody else's.
func TestAnAdviserGivesNoLeave(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c, _ := s.inPlan(vasseur, inMonths(6))
	v, _ := s.adviser(c, negotiation.Adviser{MayWrite: true, MayPropose: true})
	v.get("/case/instalments").answered(http.StatusOK).seesNot("Laisser les échéances se régler")
	v.post("/case/card", map[string][]string{"charges": {"yes"}}).answered(http.StatusForbidden)
	v.post("/case/card/end", nil).answered(http.StatusForbidden)
}
