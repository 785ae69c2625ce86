package portal_test

import (
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

// planned are the words of somebody who pays in several times, in one language.
type planned struct {
	said
	door, way, see, box, accept, agreed, own, times, rhythm, weekly, send, sent, withdraw, withdrawn string
	yours, other, no, why, reply, declined, budget, income, fixed, others, kept, workOut, take       string
	later, later2, review, date                                                                      string
}

var (
	plansFrench = planned{
		said: inFrench, door: "Régler en plusieurs fois", way: "409,20 € par mois", see: "Voir les dates", box: "J’ai lu, et je reconnais", accept: "Accepter cet échéancier", agreed: "Échéancier accepté",
		own: "À ma façon", times: "Combien de fois", rhythm: "À quel rythme", weekly: "Chaque semaine", send: "Envoyer", sent: "Votre proposition est envoyée",
		withdraw: "Retirer ma proposition", withdrawn: "Vous avez retiré", yours: "vous propose autre chose", other: "Proposer autre chose", no: "Dire non", why: "Votre réponse à", reply: "Envoyer ma réponse", declined: "Vous avez dit non",
		budget: "Calculer ce qui tient", income: "Ce qui rentre", fixed: "Loyer et charges", others: "Vos autres remboursements", kept: "La vie courante", workOut: "Calculer", take: "Partir de 158,00 €",
		later: "Demander du temps", later2: "Le mardi 5 janvier 2027", review: "Relire avant d’envoyer", date: "Accepter cette date",
	}
	plansEnglish = planned{
		said: inEnglish, door: "Pay in instalments", way: "€409.20 a month", see: "See the dates", box: "I have read this", accept: "Accept this schedule", agreed: "Accepted schedule",
		own: "My own way", times: "How many payments", rhythm: "How often", weekly: "Every week", send: "Send my offer", sent: "Your offer is sent",
		withdraw: "Withdraw my offer", withdrawn: "You withdrew", yours: "proposes something else", other: "Propose something else", no: "Say no", why: "Your answer to", reply: "Send my answer", declined: "You said no",
		budget: "Work out what fits", income: "What comes in", fixed: "Rent and fixed", others: "Your other repayments", kept: "Daily life", workOut: "Work it out", take: "Start from €158.00",
		later: "Ask for more time", later2: "On Tuesday 5 January 2027", review: "Read again before sending", date: "Accept this date",
	}
)

func TestBrowserFromTheLinkToASentOfferIsLightAndShort(t *testing.T) {
	needBrowser(t)
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		const bytesMost, tapsMost = 43_800, 12
		s := newSite(t, db)
		c := s.planning(vasseur, nil) // a creditor who answers each: the longest way
		w := plansFrench
		b := s.person(phone)
		bytes, taps := int64(0), 0
		spent := func() {
			b.mu.Lock()
			bytes += b.bytes
			b.mu.Unlock()
			t.Logf("%s: %d bytes so far", b.document, bytes)
		}
		tap := func(do func() *tab) {
			do()
			taps++
		}
		tap(func() *tab { return b.visit(s.linkTo(c, "claire.vasseur@example.test")) })
		spent()
		tap(func() *tab { return b.fill(w.answer, "33000") })
		for _, name := range []string{w.open, w.door} {
			tap(func() *tab { return b.press(name) })
			spent()
		}
		tap(func() *tab { return b.choose("306,90 € par mois") })
		tap(func() *tab { return b.press(w.see) })
		spent()
		b.sees("répond au plus tard le jeudi 26 novembre 2026", "306,90 €")
		tap(func() *tab { return b.choose(w.box) })
		tap(func() *tab { return b.press(w.send) })
		spent()
		b.sees(w.sent, "Sans réponse ce jour-là, Nadia Ferrand")
		if s.load(c.ID).OpenOffer() == nil {
			t.Error("no offer is open")
		}
		if bytes == 0 || bytes > bytesMost || taps > tapsMost {
			t.Errorf("from the link to the sent offer: %d bytes (at most %d), %d taps (at most %d)", bytes, bytesMost, taps, tapsMost)
		}
		b.press(w.withdraw).sees(w.withdrawn).visit("/case").sees(w.door)
		s.verify()
	})
}

// plansOnAPhone is the journey of somebody who tries everything.
func (s *site) plansOnAPhone(w planned) {
	t := s.t
	t.Helper()
	c := s.planning(vasseur, &sixAtOnce)
	b := s.person(w.device)
	b.enterCase(c, w.said)

	// What fits in a month travels on as an amount, and nothing else does.
	b.press(w.door).press(w.budget).at("/case/plan/budget").fill(w.income, "1837").fill(w.fixed, "911").fill(w.others, "127").fill(w.kept, "641").press(w.workOut).answered(200)
	b.press(w.take).at("/case/plan").press(w.see).answered(200)

	// One's own way, outside the policy, sent all the same, then taken back.
	b.visit("/case/plan").choose(w.own).fill(w.times, "12").fill(w.rhythm, w.weekly).press(w.see).answered(200)
	b.choose(w.box).press(w.send).sees(w.sent)
	b.press(w.withdraw).sees(w.withdrawn)

	// The creditor answers another with other terms.
	b.visit("/case/plan").choose(w.own).fill(w.times, "11").press(w.see).press(w.send).answered(422).choose(w.box).press(w.send).sees(w.sent)
	_, err := s.negotiation.Propose(s.ctx, s.decider(), c.ID, negotiation.Proposal{
		Terms: negotiation.Terms{Instalments: 4, Every: negotiation.Monthly, FirstDueOn: "2026-12-10"}, Answers: s.load(c.ID).OpenOffer().ID, Message: "Quatre fois nous irait mieux.",
	})
	s.must(err)
	b.visit("/case").sees(w.yours).visit("/case/plan").sees(w.yours, "Quatre fois")
	b.press(w.other).at("/case/plan").press(w.see).answered(200)
	b.back().back().sees(w.yours)
	b.choose(w.no).press(w.reply).answered(422).fill(w.why, "Pas avant janvier.").press(w.reply).sees(w.declined, "Pas avant janvier.")

	// Later; then as suggested, which is accepted at once.
	b.visit("/case/time").choose(w.later2).press(w.review).sees(w.date)
	b.visit("/case").press(w.door).choose(w.way).press(w.see).choose(w.box).press(w.accept).sees(w.agreed)
	if got := s.load(c.ID); got.ActivePlan() == nil {
		t.Fatal("no plan runs")
	}
	b.visit("/case/settlement").answered(200)
	b.visit("/case")
	s.verify()
}

func TestBrowserADebtorNegotiates(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) { s.plansOnAPhone(plansFrench) })
}

func TestBrowserADebtorNegotiatesInEnglish(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) { s.plansOnAPhone(plansEnglish) })
}

func TestBrowserADebtorNegotiatesWithoutScript(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		w := plansFrench
		w.noScript = true
		s.plansOnAPhone(w)
	})
}

func TestBrowserNoPlanIsPossible(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(s.keepingInterest(vasseur))
		s.person(phone).enterCase(c, inFrench).sees("l’accord du créancier").visit("/case/plan").sees("Pas d’échéancier en ligne", "05 36 49 12 30", "Être rappelé")
	})
}
