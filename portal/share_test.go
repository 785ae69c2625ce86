package portal_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/payments"
	"amiable/portal"
)

// debtorOf acts as the debtor of a case.
func debtorOf(c *negotiation.Case) negotiation.Actor {
	p := c.MainParty()
	return negotiation.Actor{Role: negotiation.RoleDebtor, ID: p.ID, Name: p.Person.Name, CaseID: c.ID}
}

// payer opens a new pay-only link of a case and presses its button.
func (s *site) payer(c *negotiation.Case, days int) *visitor {
	s.t.Helper()
	l, err := s.access.MakePayLink(s.ctx, debtorOf(c), c.ID, "Ma sœur", days)
	s.must(err)
	return newVisitor(s).get(s.base+"/p/"+s.access.PayLinkToken(l)).answered(http.StatusOK).submit("/p/", "", "")
}

// adviser names an adviser of a case and signs them in through the pages.
func (s *site) adviser(c *negotiation.Case, a negotiation.Adviser) (*visitor, *negotiation.Party) {
	s.t.Helper()
	a.Name, a.Email, a.UntilOn = "Inès Marchetti", "ines@conseil.example", "2027-02-23"
	p, err := s.negotiation.NameAdviser(s.ctx, debtorOf(c), c.ID, a)
	s.must(err)
	return s.comesIn("ines@conseil.example"), p
}

// comesIn opens the newest link mailed to an adviser and types the code that is
// mailed next.
func (s *site) comesIn(address string) *visitor {
	s.t.Helper()
	m := s.mailTo(address)
	if m == nil {
		s.t.Fatal("no mail came")
	}
	link := m.Links[slices.IndexFunc(m.Links, func(l string) bool { return strings.HasPrefix(l, s.base+"/l/") })]
	v := newVisitor(s).get(link).answered(http.StatusOK).sees("On vous a choisi pour aider").seesNot("Boréal", "Vasseur", "1 227,60")
	v.submit("/code").answered(http.StatusOK)
	return v.submitAnswer(s.codeTo(address)).answered(http.StatusOK)
}

// submitAnswer answers the second check of the page one is on, and goes on to
// where one was.
func (v *visitor) submitAnswer(answer string) *visitor {
	v.t.Helper()
	form := url.Values{"answer": {answer}}
	if next := v.at.Query().Get("next"); next != "" {
		form.Set("next", next)
	}
	return v.post(v.at.Path, form)
}

// codeTo is the code in the newest mail to an address.
func (s *site) codeTo(address string) string {
	s.t.Helper()
	m := s.mailTo(address)
	for _, line := range strings.Split(m.Text, "\n") {
		if code := strings.TrimSpace(line); len(code) == 6 && strings.Trim(code, "0123456789") == "" {
			return code
		}
	}
	s.t.Fatalf("no code in %s", m.Text)
	return ""
}

// hidden is what who only pays never reads.
var hidden = []string{"Vasseur", "Claire", "Boréal", "2026-0318", "verrière", "PL-2026", "Intérêts", "Bordeaux, 33000", "Ma sœur"}

func TestARelativePaysWithoutSeeingWhatItIsAbout(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		reference := negotiation.GroupedReference(c.Reference)
		v := s.enter(c, "claire.vasseur@example.test", "33000")
		v.get("/case").sees("Faire payer par un proche")
		v.get("/case/share").answered(http.StatusOK).submit("/case/share/links", "label", "Ma sœur").answered(http.StatusUnprocessableEntity).sees("Choisissez une durée")
		v.submit("/case/share/links", "label", "Ma sœur", "days", "30").answered(http.StatusOK).sees("Le lien est prêt", "Ma sœur", "Pas encore ouvert")
		link := ""
		for _, field := range strings.Fields(v.body) {
			if at := strings.Index(field, s.base+"/p/"); at >= 0 && link == "" {
				link, _, _ = strings.Cut(field[at:], `"`)
			}
		}

		events := s.load(c.ID).EventSeq
		for range 3 { // scanners of mails
			newVisitor(s).get(link).answered(http.StatusOK).sees("Agence Aubrelle", "Voir la somme").seesNot(append(hidden, "1 227,60", reference)...)
		}
		sister := newVisitor(s).get(link).submit("/p/").answered(http.StatusOK)
		if sister.at.Path != "/pay" {
			t.Fatalf("the button led to %s", sister.at)
		}
		sister.sees("1 227,60 €", reference, "Agence Aubrelle").seesNot(hidden...)
		if after := s.load(c.ID).EventSeq; after != events {
			t.Errorf("looking wrote %d events", after-events)
		}
		for _, closed := range []string{"/case", "/case/documents", "/case/receipts", "/case/timeline", "/case/message", "/case/share"} {
			sister.get(closed).seesNot(hidden...)
			if sister.at.Path != "/sign-in-again" {
				t.Errorf("%s led who only pays to %s", closed, sister.at)
			}
		}

		sister.get("/pay").submit("/pay", "choice", "part", "part", "5").answered(http.StatusUnprocessableEntity).sees("20,00 €").seesNot(hidden...)
		sister.submit("/pay", "choice", "part", "part", "500").answered(http.StatusOK).sees("500,00 €", reference).seesNot(append(hidden, "reconn")...)
		sister.submit("/pay/payments")
		if sister.at.Hostname() != "localhost" {
			t.Fatalf("the review led to %s (%d): %s", sister.at, sister.status, sister.text())
		}
		sister.sees("500,00", reference).seesNot("2026-0318", "verrière", "claire.vasseur@example.test", "Vasseur")
		sister.submit("#form", "number", "4242424242424242", "expiry", "12 / 34", "cvc", "123", "name", "Anne Morel", "email", "anne@morel.example").answered(http.StatusOK)
		sister.sees("500,00 €", reference, "lundi 23 novembre 2026", "reçoit la quittance").seesNot(append(hidden, "727,60", "Visa")...)
		paid := sister.at.Path
		s.must(s.stripe.Quiesce(s.ctx))

		got := s.load(c.ID)
		if got.Balance() != euros(727_60) {
			t.Fatalf("it left %v", got.Balance())
		}
		made, err := s.payments.OfCase(s.ctx, c.ID)
		s.must(err)
		if len(made) != 1 || made[0].State != payments.Succeeded || made[0].Recognition != "" || made[0].PartyID != nil || made[0].OnBehalfOf != "" {
			t.Fatalf("the payment is %+v", made)
		}
		timeline, err := s.negotiation.Events(s.ctx, c.ID)
		s.must(err)
		for _, e := range timeline {
			if e.Kind == negotiation.DebtRecognised {
				t.Error("who only pays recognised the debt")
			}
		}
		receipt := c.Reference + "-1"
		sister.get("/case/receipts/" + receipt).seesNot(hidden...)
		sister.get(paid).answered(http.StatusOK).sees("500,00 €")

		// The debtor has the receipt, and sees who paid.
		if m := s.mailTo("claire.vasseur@example.test"); m == nil || !strings.Contains(m.Text, "quittance") {
			t.Errorf("the debtor has no receipt: %+v", m)
		}
		v.get("/case").sees("727,60 €", "avec un lien de paiement")
		v.get("/case/receipts/"+receipt).answered(http.StatusOK).sees("500,00 €", "Ma sœur, avec votre lien de paiement")
		v.get("/case/receipts/" + receipt + ".pdf").answered(http.StatusOK)
		if text := pdfText(t, v.body); text != "" && !strings.Contains(strings.Join(strings.Fields(text), " "), "une autre personne, avec un lien de paiement donné par Claire Vasseur") {
			t.Errorf("the receipt says %s", text)
		}
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		agent.get("/agent/cases/"+c.ID).answered(http.StatusOK).sees("Lien de paiement seul", "Ma sœur", "par un proche, avec un lien de paiement")

		// Ended with one press.
		v.get("/case/share").sees("Ouvert la dernière fois").submit("/end").answered(http.StatusOK).sees("ce lien n’ouvre plus rien")
		gone := sister.get("/pay").answered(http.StatusNotFound).text()
		sister.get(paid).answered(http.StatusNotFound)
		if unknown := newVisitor(s).get(s.base + "/p/" + strings.Repeat("x", 24)).answered(http.StatusNotFound); unknown.text() != gone || newVisitor(s).get(link).answered(http.StatusNotFound).text() != gone {
			t.Errorf("an ended link reads otherwise than an unknown one: %s", gone)
		}
		s.verify()
		for _, secret := range []string{strings.TrimPrefix(link, s.base+"/p/"), "Ma sœur"} {
			if strings.Contains(s.log.String(), secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
	})
}

// Whatever forbids the payment, the page is the same, and says nothing of why.
func TestWhateverForbidsItAPayOnlyLinkSaysNothingOfWhy(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		neutral := newVisitor(s).get(s.base + "/p/" + strings.Repeat("x", 24)).answered(http.StatusNotFound).text()
		hold := func(r negotiation.Reason) func(*negotiation.Case) {
			return func(c *negotiation.Case) {
				_, err := s.negotiation.PlaceHold(s.ctx, admin, c.ID, negotiation.Hold{Reason: r})
				s.must(err)
			}
		}
		n := 0
		for why, forbid := range map[string]func(c *negotiation.Case){
			"over-indebtedness": hold(negotiation.HoldOverindebtednessAdmitted), "insolvency": hold(negotiation.HoldInsolvency),
			"a death": hold(negotiation.HoldDeceased), "not me": hold(negotiation.HoldNotMe),
			"withdrawn": func(c *negotiation.Case) {
				s.must(s.negotiation.Withdraw(s.ctx, admin, c.ID, negotiation.Word{Why: "repris"}))
			},
			"paid otherwise": func(c *negotiation.Case) {
				_, err := s.payments.RecordElsewhere(s.ctx, admin, c.ID, payments.Elsewhere{Amount: euros(1_227_60), On: "2026-11-23", Means: "transfer", Reference: "VIR", AtAgency: true})
				s.must(err)
			},
		} {
			n++
			c := s.openCase(strings.NewReplacer("2026-0318", "F-"+string(rune('a'+n)), "claire.vasseur", "claire."+string(rune('a'+n))).Replace(vasseur))
			v := s.payer(c, 30).answered(http.StatusOK)
			review := s.payer(c, 30).submit("/pay", "choice", "whole").answered(http.StatusOK)
			forbid(c)
			for what, got := range map[string]*visitor{
				"the page": v.get("/pay"), "the review": v.post("/pay", url.Values{"choice": {"whole"}}), "the payment": review.submit("/pay/payments"),
			} {
				if got.status != http.StatusNotFound || got.text() != neutral {
					t.Errorf("%s: %s answers %d: %s", why, what, got.status, got.text())
				}
			}
			made, err := s.payments.OfCase(s.ctx, c.ID)
			s.must(err)
			for _, p := range made {
				if p.Kind == payments.CheckoutPayment {
					t.Errorf("%s: a payment was begun", why)
				}
			}
		}
		s.verify()
	})
}

// What was opened with a link that ends can no longer be paid, and nothing is
// begun once it has ended.
func TestEndingAPayOnlyLinkClosesItsPaymentPage(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		sister := s.payer(c, 7).submit("/pay", "choice", "whole").submit("/pay/payments")
		if sister.at.Hostname() != "localhost" {
			t.Fatalf("it led to %s", sister.at)
		}
		v := s.enter(c, "claire.vasseur@example.test", "33000")
		v.get("/case/share").submit("/end").answered(http.StatusOK)
		sister.get(sister.at.String()).seesNot("Payer 1 227,60")
		made, err := s.payments.OfCase(s.ctx, c.ID)
		s.must(err)
		if len(made) != 1 || made[0].State != payments.Cancelled {
			t.Fatalf("the payment is %+v", made)
		}
		links, err := s.access.PayLinksOf(s.ctx, admin, c.ID)
		s.must(err)
		by := negotiation.Actor{Role: negotiation.RolePayer, ID: links[0].ID, CaseID: c.ID}
		_, err = s.payments.Start(s.ctx, by, c.ID, payments.Order{Holds: func(t *negotiation.Tx) error { return s.access.PayLinkHolds(t, by.ID) }})
		if r := negotiation.AsRefusal(err); r == nil || r.Code != "link_unknown" {
			t.Errorf("an ended link begins a payment: %v", err)
		}
		other := s.openCase(garage)
		if _, err = s.payments.Start(s.ctx, by, other.ID, payments.Order{}); negotiation.AsRefusal(err) == nil {
			t.Errorf("a pay-only link pays on another case: %v", err)
		}

		// By itself on its day.
		late := s.payer(c, 7).answered(http.StatusOK)
		s.must(negotiation.RowClock{DB: s.db}.Set(s.ctx, start.Add(8*24*time.Hour)))
		late.get("/pay").answered(http.StatusNotFound)
		v.get("/case/share").seesNot("/p/")
		s.verify()
	})
}

func TestAnAdviserActsInTheDebtorsPlaceWithinLimits(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		v := s.enter(c, "claire.vasseur@example.test", "33000")
		v.get("/case/share/adviser").answered(http.StatusOK).submit("/case/share/advisers", "name", "Inès Marchetti", "email", "ines").answered(http.StatusUnprocessableEntity)
		v.submit("/case/share/advisers", "email", "ines@conseil.example").answered(http.StatusOK).sees("un courriel part", "Inès Marchetti", "écrit et conteste")

		a := s.comesIn("ines@conseil.example")
		if a.at.Path != "/case" {
			t.Fatalf("the code led to %s", a.at)
		}
		a.sees("Vous agissez pour Claire Vasseur, jusqu’au 23 février 2027", "Atelier Boréal SARL", "1 227,60 €", "décide seule de cela").seesNot("Faire payer par un proche")
		a.get("/case/documents").answered(http.StatusOK)
		a.get("/case/timeline").answered(http.StatusOK)
		a.get("/case/pay").answered(http.StatusForbidden).sees("reste à la personne que vous accompagnez")
		a.post("/case/payments", url.Values{"choice": {"whole"}}).answered(http.StatusForbidden)
		a.get("/case/share").answered(http.StatusForbidden)
		a.get("/case/message").answered(http.StatusOK).submit("/case/message", "message", "La verrière fuit.").answered(http.StatusOK).sees("C’est envoyé")
		a.post("/case/wishes", url.Values{"kind": {"plan"}, "message": {"100 € par mois"}}).answered(http.StatusForbidden)

		// Everybody sees who acts.
		v.get("/case").sees("Inès Marchetti vous accompagne", "Inès Marchetti, qui accompagne, écrit")
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		agent.get("/agent/cases/"+c.ID).sees("Inès Marchetti accompagnant", "Inès Marchetti, pour Claire Vasseur", "La verrière fuit.")
		creditor := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		creditor.get("/creditor/cases/"+c.ID).sees("Qui accompagne la personne", "Inès Marchetti")

		v.get("/case/message").sees("Inès Marchetti", "Visible par vous, Inès Marchetti et l’agence.")
		a.get("/case/message").sees("Visible par vous, Claire Vasseur et l’agence.")
		agent.get(threadOf("agent", c)).sees("Visible par l’agence, Claire Vasseur et Inès Marchetti.").submit("#reply", "audience", "debtor", "message", "Nous regardons.").answered(http.StatusOK)
		a.get("/case/message").sees("Nous regardons.", "Nouveau")
		agent.get(threadOf("agent", c)).sees("Lu par Inès Marchetti le").seesNot("Lu par Claire Vasseur")

		// The session ends while the adviser writes: what was typed is kept.
		a.get("/case/message")
		s.must(s.db.Read(s.ctx).Exec("UPDATE sessions SET expires_at = created_at WHERE kind = 'adviser'").Error)
		a.submit("/case/message", "message", "Je vous appelle demain.").answered(http.StatusOK)
		if a.at.Path != "/sign-in-again" {
			t.Fatalf("an ended session led to %s", a.at)
		}
		a.submit("/sign-in-again/code").answered(http.StatusOK)
		a.submitAnswer(s.codeTo("ines@conseil.example")).answered(http.StatusOK)
		if !strings.Contains(a.body, "Je vous appelle demain.") {
			t.Errorf("%s lost what was typed: %s", a.at, a.text())
		}

		// One press of the debtor's, and the adviser is out.
		v.get("/case/share").submit("/end").answered(http.StatusOK).sees("cette personne ne voit plus rien")
		a.get("/case").seesNot("Boréal", "1 227,60")
		if a.at.Path != "/sign-in-again" {
			t.Errorf("an adviser who was ended is led to %s", a.at)
		}
		agent.get("/agent/cases/" + c.ID).sees("Son accès a pris fin")
		creditor.get("/creditor/cases/" + c.ID).seesNot("Qui accompagne la personne")
		s.verify()
	})
}

func TestAnAgentNamesAnAdviserOnThePhone(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		agent.get("/agent/cases/" + c.ID + "/advisers/new").answered(http.StatusOK)
		agent.submit("/advisers", "name", "Inès Marchetti", "email", "ines@conseil.example", "propose", "yes").answered(http.StatusUnprocessableEntity)
		agent.submit("/advisers", "consent", "oui, au téléphone").answered(http.StatusOK).sees("Inès Marchetti", "écrit, conteste et propose")
		a := s.comesIn("ines@conseil.example").sees("Vous agissez pour Claire Vasseur")
		a.get("/case/plan").submit("/case/wishes", "message", "100 € par mois").answered(http.StatusOK)
		agent.get("/agent/cases/" + c.ID).submit("/advisers/").answered(http.StatusOK).sees("Son accès a pris fin")
		a.get("/case")
		if a.at.Path != "/sign-in-again" {
			t.Errorf("an adviser who was ended is led to %s", a.at)
		}
		s.verify()
	})
}

// TestEveryRouteKnowsAnAdvisersLimits asks every route of the table as advisers
// of every kind. A new route is asked too, by itself: what is not listed here is
// to be refused unless it is read.
func TestEveryRouteKnowsAnAdvisersLimits(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	// What an adviser may POST, and what they may not even GET.
	writes := []string{"POST /case/wishes"}
	writing := []string{"GET /case/contest", "POST /case/message", "GET /case/callback", "POST /case/disputes", "POST /case/disputes/:dispute/replies"}
	never := []string{"GET /case/pay", "GET /case/pay/transfer", "GET /case/pay/review", "GET /case/plan/review", "GET /case/time/review", "GET /case/settlement/review", "GET /case/payments/:payment/return", "GET /case/share", "GET /case/share/adviser", "GET /case/copy", "GET /case/contact", "GET /case/pause", "GET /case/hardship", "GET /case/over-indebtedness",
		"GET /case/settlement", "GET /case/plan/budget", "GET /case/instalments/:number/day", "GET /case/instalments/:number/skip", "GET /case/card/:authority/return"}
	for i, limits := range []negotiation.Adviser{{}, {MayWrite: true}, {MayPropose: true}, {MayWrite: true, MayPropose: true}} {
		c := s.openCase(strings.NewReplacer("2026-0318", "F-"+string(rune('a'+i)), "claire.vasseur", "claire."+string(rune('a'+i))).Replace(vasseur))
		v, adviser := s.adviser(c, limits)
		v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		before := s.load(c.ID).EventSeq
		for _, r := range s.server.Routes() {
			if r.Path == "/sign-out" || r.Audience == portal.Anyone || r.Audience == portal.Gateway {
				continue
			}
			path := strings.NewReplacer(":case", c.ID, ":party", adviser.ID, ":payment", c.ID, ":document", c.Claims[0].ID, ":receipt", c.Reference+"-1", ":statement", c.ID, ":link", c.ID).Replace(r.Path)
			request, err := http.NewRequest(r.Method, s.base+path, strings.NewReader(""))
			s.must(err)
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			v.do(request)
			name := r.Method + " " + r.Path
			allowed := r.Method == http.MethodGet
			switch {
			case slices.Contains(never, name):
				allowed = false
			case slices.Contains(writes, name):
				allowed = limits.MayWrite || limits.MayPropose
			case slices.Contains(writing, name):
				allowed = limits.MayWrite
			}
			switch {
			case r.Audience != portal.Debtors: // nobody's door but their own
				if v.status != http.StatusNotFound && (v.status != http.StatusSeeOther || !strings.HasPrefix(v.head.Get("Location"), "/sign-in")) {
					t.Errorf("%s as an adviser (%+v) answered %d", name, limits, v.status)
				}
			case allowed && (v.status == http.StatusForbidden || (v.status == http.StatusSeeOther && v.head.Get("Location") != "/case/plan") || // no plan runs
				v.status >= 500):
				t.Errorf("%s as an adviser (%+v) answered %d: %s", name, limits, v.status, v.text())
			case !allowed && v.status != http.StatusForbidden:
				t.Errorf("%s as an adviser (%+v) answered %d, and was not refused", name, limits, v.status)
			}
		}
		if after := s.load(c.ID).EventSeq; after != before {
			t.Errorf("an adviser (%+v) who asked for everything wrote %d events", limits, after-before)
		}
	}
}
