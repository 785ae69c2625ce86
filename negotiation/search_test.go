package negotiation_test

import (
	"testing"

	"amiable/negotiation"
)

func TestACaseIsFoundByWhatPeopleRemember(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, _ *movingClock) {
		c, other := w.openCase(), w.samePerson()
		w.must(w.ChangeContact(w.ctx, nadia, c.ID, c.MainParty().ID, negotiation.ContactPhone, "+33 5 56.00.00-01", ""))
		w.place("CRE-001,F-2,2026-03-31,2026-04-30,EUR,80.00,0,consumer,Éloïse de l’Étang,,,,eloise@example.test,,2 rue du Port,33000,Bordeaux,FR,fr,,MDT-001,Lampe")
		creditor := decider(c)
		for _, row := range []struct {
			text string
			by   negotiation.Actor
			want int
		}{
			{"port garage", nadia, 2}, {"GARAGE", creditor, 1}, {"etang eloise", nadia, 1}, {"Éloïse", nadia, 1}, {"gar%", nadia, 2},
			{c.Reference, nadia, 1}, {negotiation.GroupedReference(other.Reference), nadia, 1}, {other.Reference, creditor, 0},
			{"f-1", nadia, 1}, {"L - 1", nadia, 1}, {"L-1", creditor, 0}, {"F-", nadia, 2},
			{"eloise@example.test", nadia, 1}, {"ELOISE@", nadia, 1}, {"garage@example.test", nadia, 2}, {"garage@example.test", creditor, 1},
			{"05 56 00 00 01", nadia, 2}, {"0033556000001", nadia, 2}, {"05 56 00 00 02", nadia, 0}, {"personne d’ici", nadia, 0},
		} {
			found, err := w.Find(w.ctx, row.by, negotiation.Search{Text: row.text})
			w.must(err)
			if len(found) != row.want {
				t.Errorf("%q finds %d for the %s, want %d", row.text, len(found), row.by.Role, row.want)
			}
		}
		_, err := w.Find(w.ctx, debtorOf(c), negotiation.Search{Text: "garage"})
		refused(t, err, "not_your_role")
	})
}
