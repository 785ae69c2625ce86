package portal_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
	"amiable/payments"
)

func TestADebtorOpensTheLinkAndPays(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		link := s.linkTo(c, "claire.vasseur@example.test")
		mail := s.mailTo("claire.vasseur@example.test")
		for _, hidden := range []string{"1 227,60", "1227", "2026-0318", "verrière"} {
			if strings.Contains(mail.Text+mail.Subject+mail.HTML, hidden) {
				t.Errorf("the mail tells %q", hidden)
			}
		}

		v := newVisitor(s).get(link).answered(http.StatusOK)
		v.sees("Nadia Ferrand", "Agence Aubrelle", "PL-2026-0412").seesNot("Atelier Boréal", "1 227,60", negotiation.GroupedReference(c.Reference))
		v.submit("/l/", "answer", "33001").answered(http.StatusUnprocessableEntity).seesNot("Atelier Boréal")
		v.submit("/l/", "answer", "33 000").answered(http.StatusOK)
		if v.at.Path != "/case" {
			t.Fatalf("the check led to %s", v.at)
		}
		v.sees("Atelier Boréal SARL", "1 227,60 €", negotiation.GroupedReference(c.Reference), "Frais de recouvrement")

		v.get("/case/documents/discharge.pdf").answered(http.StatusNotFound)

		v.get("/case/pay").answered(http.StatusOK)
		v.submit("/case/pay", "choice", "whole").answered(http.StatusOK).sees("1 227,60 €")
		v.submit("/case/payments")
		if v.at.Hostname() != "localhost" {
			t.Fatalf("the review led to %s (%d): %s", v.at, v.status, v.text())
		}
		v.sees("1 227,60")
		v.pay("4242424242424242")
		if !strings.HasSuffix(v.at.Path, "/return") {
			t.Fatalf("paying led to %s (%d): %s", v.at, v.status, v.text())
		}
		v.sees("1 227,60 €")
		s.must(s.stripe.Quiesce(s.ctx))

		if got := s.load(c.ID); got.State != negotiation.CaseCleared || !got.Balance().IsZero() {
			t.Fatalf("the case is %s and owes %v", got.State, got.Balance())
		}
		made, err := s.payments.OfCase(s.ctx, c.ID)
		s.must(err)
		if len(made) != 1 || made[0].State != payments.Succeeded || made[0].ReceivedAmount() != money.Euros(1_227_60) || made[0].Fees() != money.Euros(147_31) {
			t.Fatalf("payments: %+v", made)
		}
		v.get("/case/receipts").sees("1 227,60 €")
		v.get("/case/receipts/"+c.Reference+"-1").answered(http.StatusOK).sees("Atelier Boréal SARL", "1 227,60 €")
		v.get("/case/receipts/" + c.Reference + "-1.pdf").answered(http.StatusOK)
		if !strings.HasPrefix(v.body, "%PDF") {
			t.Error("the receipt is no PDF")
		}
		v.get("/case").sees("Atelier Boréal SARL", "0,00 €", "Quittance pour solde du")
		v.get("/case/documents/discharge.pdf").answered(http.StatusOK)
		if discharge := pdfText(t, v.body); discharge != "" && (!strings.Contains(discharge, "Quittance pour solde") || !strings.Contains(discharge, c.Reference+"-1") || !strings.Contains(discharge, "PL-2026-0412")) {
			t.Errorf("the discharge says %s", discharge)
		}
		if m := s.mailTo("compta@boreal.example.com"); m == nil || !strings.Contains(strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(m.Text), "1 227,60") {
			t.Errorf("the creditor was not told: %+v", m)
		}
		s.verify()
		for _, secret := range []string{strings.TrimPrefix(link, s.base+"/l/"), "claire.vasseur@example.test", "Vasseur"} {
			if strings.Contains(s.log.String(), secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
	})
}

func TestWithWebhooksPausedTheReturnPageShowsThePayment(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		v := s.enter(c, "claire.vasseur@example.test", "33000")
		s.stripe.PauseWebhooks()
		v.get("/case/pay").submit("/case/pay", "choice", "whole").submit("/case/payments")
		began := time.Now()
		v.pay("4242424242424242")
		if taken := time.Since(began); taken > 3*time.Second {
			t.Errorf("it took %v", taken)
		}
		if got := s.load(c.ID); got.State != negotiation.CaseCleared {
			t.Fatalf("back from paying, the case is %s: %s", got.State, v.text())
		}
		s.stripe.ResumeWebhooks()
		s.must(s.stripe.Quiesce(s.ctx))
		postings := 0
		for _, p := range s.load(c.ID).Postings() {
			if p.Kind == "payment" {
				postings++
			}
		}
		if postings != 1 {
			t.Fatalf("%d postings of one payment", postings)
		}
		s.verify()
	})
}

// enter opens a case's link and passes the second check.
func (s *site) enter(c *negotiation.Case, address, answer string) *visitor {
	s.t.Helper()
	v := newVisitor(s).get(s.linkTo(c, address))
	return v.submit("/l/", "answer", answer).answered(http.StatusOK)
}

func TestAPartIsPaidOnlyWithTheBoxTicked(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(garage)
		v := s.enter(c, "compta@garage.example.test", "33000")
		v.get("/case/pay").submit("/case/pay", "choice", "part", "part", "5,00").answered(http.StatusUnprocessableEntity).sees("20,00 €")
		v.submit("/case/pay", "choice", "part", "part", "500,00").answered(http.StatusOK).sees("500,00 €")
		v.submit("/case/payments").answered(http.StatusUnprocessableEntity)
		v.submit("/case/payments", "recognise", "yes")
		if v.at.Hostname() != "localhost" {
			t.Fatalf("the review led to %s (%d): %s", v.at, v.status, v.text())
		}
		v.pay("4242424242424242")
		s.must(s.stripe.Quiesce(s.ctx))
		got := s.load(c.ID)
		if got.State != negotiation.CaseOpen || got.Interest != 199_05 || got.Indemnity != 40_00 || got.Principal != 10_000_00 {
			t.Fatalf("after a part the case is %s with interest %d, indemnity %d", got.State, got.Interest, got.Indemnity)
		}
		events, err := s.negotiation.Events(s.ctx, c.ID)
		s.must(err)
		recognised := false
		for _, e := range events {
			recognised = recognised || e.Kind == negotiation.DebtRecognised
		}
		if !recognised {
			t.Error("the acknowledgement is not on the timeline")
		}
		s.verify()
	})
}

func TestNotMeShowsNothingAndStopsEverything(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		link := s.linkTo(c, "claire.vasseur@example.test")
		v := newVisitor(s).get(link+"/not-me").answered(http.StatusOK).seesNot("Atelier Boréal", "Vasseur")
		v.submit("/not-me", "confirm", "yes").answered(http.StatusOK).seesNot("Atelier Boréal", "Vasseur")
		v.get(link).answered(http.StatusNotFound)
		unknown := newVisitor(s).get(s.base + "/l/" + strings.Repeat("x", 43)).answered(http.StatusNotFound)
		if unknown.text() != v.text() {
			t.Error("a revoked link reads otherwise than an unknown one")
		}
		letter, err := s.negotiation.SendLink(s.ctx, admin, c.ID, c.MainParty().ID)
		s.must(err)
		if letter.BlockedBy == "" {
			t.Error("another link was sent to the wrong person")
		}
		s.verify()
	})
}

func TestAMessageReachesTheAgents(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		v := s.enter(c, "claire.vasseur@example.test", "33000")
		v.get("/case/message").answered(http.StatusOK).submit("/case/message").answered(http.StatusUnprocessableEntity).sees("Écrivez quelques mots, ou joignez un fichier")
		v.submit("/case/message", "message", "Je peux régler 200 € par mois.").answered(http.StatusOK).sees("C’est envoyé", "mercredi 25 novembre 2026", "Je peux régler 200 € par mois.")
		waiting, err := s.negotiation.UnansweredMessages(s.ctx, 10)
		s.must(err)
		if len(waiting) != 1 || waiting[0].CaseID != c.ID || waiting[0].Side != negotiation.SideDebtor {
			t.Fatalf("waiting: %+v", waiting)
		}
		if m := s.mailTo("agence@aubrelle.example"); m == nil {
			t.Error("the agency was not told")
		}
		s.verify()
	})
}

func TestTwentyPostsOfPayOpenOnePage(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		party := negotiation.Actor{Role: negotiation.RoleDebtor, ID: c.MainParty().ID, CaseID: c.ID}
		type answer struct {
			url string
			err error
		}
		answers := make(chan answer)
		for range 20 {
			go func() {
				ctx, cancel := context.WithTimeout(s.ctx, 30*time.Second)
				defer cancel()
				url, err := s.payments.Start(ctx, party, c.ID, payments.Order{})
				answers <- answer{url, err}
			}()
		}
		urls := map[string]int{}
		for range 20 {
			a := <-answers
			if a.err != nil {
				t.Logf("one of twenty was told to try again: %v", a.err)
				continue
			}
			urls[a.url]++
		}
		if len(urls) != 1 {
			t.Fatalf("twenty posts opened %d pages: %v", len(urls), urls)
		}
		s.verify()
	})
}

// What each euro is closes to the cent: parts, what is too much and what is
// withheld make what the creditor gets; a fee on money that came to the
// creditor directly is not taken out of it.
func TestThePaymentsOfACreditorClose(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c := s.openCase(garage)
	s.enter(c, "compta@garage.example.test", "33000").get("/case/pay").submit("/case/pay", "choice", "part", "part", "500,00").submit("/case/payments", "recognise", "yes").pay("4242424242424242")
	s.must(s.stripe.Quiesce(s.ctx))
	_, err := s.payments.RecordElsewhere(s.ctx, admin, c.ID, payments.Elsewhere{Amount: euros(300_00), On: "2026-11-20", Means: "transfer", Reference: "VIR 1"})
	s.must(err)
	v := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID).get("/creditor/payments")
	v.sees("Commission retenue −60,00 €", "Net 740,00 €", "36,00 € de commission facturés à part", "facturée à part")
}
