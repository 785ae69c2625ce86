package portal_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/portal"
)

// What the payment service told and could not be applied is on a page with why,
// and one press tries it again without counting anything twice.
func TestANotificationThatCouldNotBeAppliedIsTriedAgainByAPerson(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		s.enter(c, "claire.vasseur@example.test", "33000").get("/case/pay").submit("/case/pay", "choice", "whole").submit("/case/payments").pay("4242424242424242")
		paid := s.load(c.ID)
		if !paid.Balance().IsZero() {
			t.Fatalf("%v is left", paid.Balance())
		}
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		agent.get("/agent/work").answered(http.StatusOK).sees("Toutes les notifications de paiement sont appliquées")

		// One was filed as the case was busy, and nine tries since failed too; of
		// another the payment was never ours.
		busy := s.db.Read(s.ctx).Exec("UPDATE notifications SET applied_at = NULL, attempts = 10, problem = 'case x: the database is busy: try again' WHERE type = 'checkout.session.completed'")
		s.must(busy.Error)
		if busy.RowsAffected != 1 {
			t.Fatalf("%d notifications", busy.RowsAffected)
		}
		var known struct{ ID, Body string }
		s.must(s.db.Read(s.ctx).Table("notifications").Select("id, body").Where("applied_at IS NULL").Scan(&known).Error)
		foreign := strings.NewReplacer(known.ID, "evt_foreign", paid.ID, negotiation.NoPlan).Replace(known.Body)
		var ours []string
		s.must(s.db.Read(s.ctx).Table("payments").Select("id").Scan(&ours).Error)
		var session, intent string
		s.must(s.db.Read(s.ctx).Table("payments").Select("session_id").Scan(&session).Error)
		s.must(s.db.Read(s.ctx).Table("payments").Select("intent_id").Scan(&intent).Error)
		foreign = strings.NewReplacer(ours[0], "none", session, "cs_test_none", intent, "pi_none").Replace(foreign)
		now := time.Now().UTC()
		s.must(s.db.Read(s.ctx).Exec("INSERT INTO notifications (id, type, account, body, problem, attempts, next_try_at, created_at) VALUES ('evt_foreign', 'checkout.session.completed', '', ?, 'no payment of ours: payment \"none\"', 3, ?, ?)", foreign, now, now).Error)

		agent.get("/agent").sees("Lire une notification refusée", "non appliquée").get("/agent/work").answered(http.StatusOK)
		agent.sees("Le dossier était occupé à ce moment-là", "à reprendre à la main", "10 essais", "Elle parle d’un paiement que nous ne connaissons pas", "3 essais", "evt_foreign").seesNot("Claire Vasseur")
		events := paid.EventSeq
		agent.submit("/agent/work/notifications/" + known.ID).answered(http.StatusOK).sees("La notification est appliquée").seesNot("Le dossier était occupé")
		agent.post("/agent/work/notifications/"+known.ID, url.Values{}).answered(http.StatusOK).sees("La notification est appliquée") // a second press changes nothing
		agent.submit("/agent/work/notifications/evt_foreign").answered(http.StatusOK).sees("Elle n’a pas pu être appliquée", "4 essais")
		agent.post("/agent/work/notifications/evt_unknown", url.Values{}).answered(http.StatusNotFound)
		if after := s.load(c.ID); after.EventSeq != events || !after.Balance().IsZero() {
			t.Errorf("trying again wrote %d events, %v is left", after.EventSeq-events, after.Balance())
		}
		s.verify()
	})
}

// jobsOf is background work as a test says it stands.
type jobsOf struct {
	list  []portal.Job
	asked []string
}

func (j *jobsOf) Jobs(context.Context) ([]portal.Job, error) { return j.list, nil }
func (j *jobsOf) RunJob(_ context.Context, name string) error {
	if name != "sweep" {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	j.asked = append(j.asked, name)
	return nil
}

func TestAnAdministratorSeesAJobThatFailsAndAsksForItAgain(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	jobs := &jobsOf{list: []portal.Job{
		{Name: "sweep", Every: time.Hour, RanAt: start.Add(-time.Hour), Failed: 2, BadAt: start, Problem: "sweep: no such file"},
		{Name: "watch_offers", Every: 10 * time.Minute, RanAt: start, Failed: 1, BadAt: start.Add(-time.Hour), Problem: "long past"},
		{Name: "a_new_one", Every: 5 * time.Second},
	}}
	s.server.Jobs = jobs
	boss := s.user("admin@aubrelle.example", negotiation.RoleAdministrator, "")
	boss.get("/agent").sees("Tâches de fond").get("/agent/work").answered(http.StatusOK)
	boss.sees("1 tâche a échoué à son dernier passage", "Effacer les sessions et codes terminés", "échoue", "2 échecs", "sweep: no such file", "toutes les 10 minutes", "toutes les 5 secondes", "pas dans la dernière heure")
	boss.submit("/agent/work/jobs/sweep").answered(http.StatusOK).sees("La tâche est demandée")
	boss.post("/agent/work/jobs/rm", url.Values{}).answered(http.StatusNotFound)
	if len(jobs.asked) != 1 {
		t.Errorf("asked for %v", jobs.asked)
	}
	agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
	agent.get("/agent/work").answered(http.StatusOK).sees("2 échecs").seesNot("Lancer maintenant")
	agent.post("/agent/work/jobs/sweep", url.Values{}).answered(http.StatusNotFound)
}
