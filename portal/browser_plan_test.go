package portal_test

import (
	"net/http"
	"testing"

	"amiable/negotiation"
)

// living tells the whole life of a plan on one device.
func living(t *testing.T, s *site, w said) {
	c, plan := s.inPlan(vasseur, inMonths(6))
	b := s.person(w.device).enterCase(c, w)
	french := w.language == "fr"
	say := func(inFrench, inEnglish string) string {
		if french {
			return inFrench
		}
		return inEnglish
	}
	b.visit("/case/agreements/"+plan.ID).sees(say("Échéancier accepté", "Accepted schedule"), say("il n’y a pas de novation", "there is no novation"))
	b.press(say("Régler 204,60 € maintenant", "Pay €204.60 now")).at("/case/pay/review").sees(say("Prochaine échéance, le 5 décembre 2026", "Next payment, on 5 December 2026"))
	b.press(w.goOn).at("localhost").card(goodCard, w).press(say("Payer 204,60 €", "Pay €204.60")).at("…/return").sees(say("1 échéance réglée sur 6.", "1 payment made of 6."))
	s.must(s.stripe.Quiesce(s.ctx))
	b.press(say("Mon échéancier", "My schedule")).at("/case/instalments").sees(say("Prochaine échéance, le 5 janvier 2027", "Next payment, on 5 January 2027"))

	b.press(say("Changer la date", "Change the date")).at("/case/instalments/2/day")
	b.fill(say("La nouvelle date", "The new date"), "2027-03-01").press(say("Voir ce que cela change", "See what this changes")).answered(http.StatusUnprocessableEntity).sees(say("15 janvier 2027", "15 January 2027"))
	b.fill(say("La nouvelle date", "The new date"), "2027-01-12").choose(say("Décaler aussi", "Move the dates after")).press(say("Voir ce que cela change", "See what this changes")).sees(say("C’était le 5 février 2027", "It was 5 February 2027"))
	b.press(say("Changer la date", "Change the date")).at("/case/instalments").sees(say("la date est changée", "the date is changed"), say("Prochaine échéance, le 12 janvier 2027", "Next payment, on 12 January 2027"))
	b.reload().sees(say("12 janvier 2027", "12 January 2027"))

	b.press(say("Sauter (", "Skip (")).at("/case/instalments/2/skip").sees("255", say("le même", "the same"))
	b.press(say("Sauter cette échéance", "Skip this payment")).at("/case/instalments").sees(say("cette échéance est sautée", "this payment is skipped")).seesNot(say("Vous pouvez encore sauter", "You can still skip"))
	b.back().answered(http.StatusConflict).sees(say("déjà sautée", "already skipped"))

	s.on("2027-03-15")
	b.visit(s.linkTo(c, claire)).fill(w.answer, "33000").press(w.open).at("/case").sees(say("2 échéances à régler", "2 payments to make"))
	b.press(say("Mon échéancier", "My schedule")).at("/case/instalments").sees(say("En parler", "Talk about it"))
	b.press(say("Régler maintenant", "Pay now")).at("/case/pay/review").press(w.goOn).at("localhost").card(goodCard, w).press(say("Payer ", "Pay €")).at("…/return")
	s.must(s.stripe.Quiesce(s.ctx))
	b.visit("/case").press(say("Régler maintenant", "Pay now")).at("/case/pay").choose(say("Tout ce qui reste", "All that is left")).press(w.review).sees(say("Le dossier est alors clos", "The file is then closed"))
	b.press(w.goOn).at("localhost").card(goodCard, w).press(say("Payer ", "Pay €")).at("…/return").sees(say("Votre échéancier est terminé", "Your schedule is finished"))
	s.must(s.stripe.Quiesce(s.ctx))
	b.press(say("Mon échéancier", "My schedule")).at("/case/instalments").sees(say("Vous ne devez plus rien", "You owe Atelier Boréal SARL nothing more"))
	if got := s.load(c.ID); got.State != negotiation.CaseCleared {
		t.Fatalf("the case is %s", got.State)
	}
	b.visit("/case/agreements/" + plan.ID).sees(say("Tout est réglé depuis", "All has been paid since"))
	s.verify()
}

func TestBrowserThePlanIsLivedWith(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) { living(t, s, inFrench) })
}

func TestBrowserThePlanIsLivedWithWithoutScript(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		bare := inFrench
		bare.noScript = true
		living(t, s, bare)
	})
}

func TestBrowserThePlanIsLivedWithInEnglish(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) { living(t, s, inEnglish) })
}

// Two tabs on the same instalment: one page opens, and one payment is made.
func TestBrowserTwoTabsPayOneInstalment(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c, plan := s.inPlan(vasseur, inMonths(6))
		b := s.person(phone).enterCase(c, inFrench)
		second := b.another(phone)
		for _, tab := range []*tab{b, second} {
			tab.visit("/case/instalments").press("Régler cette échéance").at("/case/pay/review")
		}
		b.press(inFrench.goOn).at("localhost").card(goodCard, inFrench).press("Payer 204,60 €").at("…/return").sees(inFrench.thanks)
		s.must(s.stripe.Quiesce(s.ctx))
		second.press(inFrench.goOn).answered(http.StatusConflict).sees("Votre échéancier a changé entre-temps", "Prochaine échéance, le 5 janvier 2027")
		made, err := s.payments.OfCase(s.ctx, c.ID)
		s.must(err)
		if len(made) != 1 || made[0].Amount != plan.Lines[0].Amount {
			t.Fatalf("payments: %+v", made)
		}
	})
}

func TestBrowserAnAgentEndsAPlan(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c, _ := s.inPlan(vasseur, inMonths(6))
		agent, u := s.invited(desk, "agent@aubrelle.example", negotiation.RoleAgent, "")
		agent.enrol(u)
		agent.visit("/agent/cases/"+c.ID).press("Mettre fin à l’échéancier").choose("La personne le demande").fill("Qui le demande", "Claire Vasseur")
		agent.fill("La raison", "Vous préférez tout régler en janvier.").press("Mettre fin à l’échéancier").at("/agent/cases/" + c.ID)
		b := s.person(desk).enterCase(c, inFrench)
		b.visit("/case/instalments").sees("L’échéancier a pris fin", "Vous préférez tout régler en janvier.")
	})
}
