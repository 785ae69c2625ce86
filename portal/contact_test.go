package portal_test

import (
	"net/http"
	"testing"
	"time"

	"amiable/negotiation"
)

func TestADebtorSeesHowOftenWeWroteAndStopsReminders(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		v := s.enter(c, "claire.vasseur@example.test", "33000")
		v.get("/case").sees("nous vous avons écrit une fois de nous-mêmes")
		v.get("/case/contact").answered(http.StatusOK).sees("nous vous avons écrit une fois", "Lien vers le dossier", "courriel", "Au plus 2 messages en 7 jours", "48 heures", "de 9 h à 19 h", "Ce que la loi vous doit arrive toujours")
		v.submit("/case/contact", "channel", "email", "no_email", "yes").answered(http.StatusUnprocessableEntity).sees("gardez un seul des deux")
		v.submit("/case/contact", "channel", "post", "hours", "afternoon", "no_email", "yes", "message", "Jamais au travail.").answered(http.StatusOK).sees("C’est noté", "vous répond au plus tard")
		want := negotiation.ContactChoices{NoEmail: true, PrefersChannel: negotiation.ContactPost, PrefersHours: negotiation.Afternoon}
		if got := s.load(c.ID).MainParty().Person.ContactChoices; got != want {
			t.Errorf("kept: %+v", got)
		}
		open, err := s.negotiation.OpenWishes(s.ctx, 10)
		s.must(err)
		if len(open) != 1 || open[0].Kind != negotiation.WishContact || open[0].Words != "Jamais au travail." {
			t.Errorf("wishes: %+v", open)
		}
		v.get("/case/timeline").sees("Vous choisissez quand et comment nous écrivons")
		if letter, err := s.negotiation.SendLink(s.ctx, admin, c.ID, c.MainParty().ID); err != nil || letter.BlockedBy != string(negotiation.OptedOut) {
			t.Errorf("a reminder is held by %q (%v)", letter.BlockedBy, err)
		}
		// What was chosen stands on the page, and can be taken back there.
		v.get("/case/contact").submit("/case/contact", "channel", "any", "no_email", "").answered(http.StatusOK)
		if got := s.load(c.ID).MainParty().Person.ContactChoices; got.NoEmail || got.PrefersChannel != "" || got.PrefersHours != negotiation.Afternoon {
			t.Errorf("kept: %+v", got)
		}
		s.verify()
	})
}

func TestAnAgentSeesWhatIsDelayedAndNotesWhatThePersonSays(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		v := s.user("nadia@aubrelle.example", negotiation.RoleAgent, "")
		at, party := "/agent/cases/"+c.ID, c.MainParty().ID
		s.must(negotiation.RowClock{DB: s.db}.Set(s.ctx, time.Date(2026, 11, 27, 20, 0, 0, 0, negotiation.Zone))) // a Friday evening
		v.get(at+"/links/new").submit(at+"/links", "contact", party).answered(http.StatusOK).sees("Le lien est prêt", "Heures calmes", "pas avant le", "30 nov.")
		if m := s.mailTo("claire.vasseur@example.test"); m != nil {
			t.Fatal("it left on a Friday evening")
		}
		// Who asks for it on the phone does not wait for Monday.
		v.get(at+"/links/new").submit(at+"/links", "contact", party, "asked", "yes").answered(http.StatusOK).sees("C’est fait")
		if m := s.mailTo("claire.vasseur@example.test"); m == nil {
			t.Fatal("an answer waits for Monday")
		}

		choices := at + "/parties/" + party + "/choices"
		v.get(at).sees("Noter ses préférences")
		v.get(choices).answered(http.StatusOK).submit(choices, "hours", "morning", "no_email", "yes").answered(http.StatusUnprocessableEntity).sees("Écrivez comment la personne a donné son accord")
		v.submit(choices, "hours", "morning", "no_email", "yes", "consent", "oui au téléphone").answered(http.StatusOK).sees("C’est enregistré", "pas de rappels par courriel", "Le matin")
		v.get(at+"/links/new").submit(at+"/links", "contact", party).answered(http.StatusConflict).sees("Canal refusé")

		events, err := s.negotiation.Events(s.ctx, c.ID)
		s.must(err)
		noted := false
		for i := range events {
			noted = noted || events[i].Kind == negotiation.ContactChosen && events[i].ActorRole == negotiation.RoleAgent && events[i].OnBehalfOf == party
		}
		if !noted {
			t.Error("nobody can tell who noted it, and for whom")
		}
		s.verify()
	})
}
