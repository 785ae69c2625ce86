package portal_test

import (
	"net/http"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
)

func TestAnAdministratorEntersTheRatesOfTheNewHalfYear(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	s.must(negotiation.RowClock{DB: s.db}.Set(s.ctx, time.Date(2027, 1, 5, 9, 0, 0, 0, time.UTC)))
	s.user("nadia@aubrelle.example", negotiation.RoleAgent, "").get("/agent").answered(http.StatusOK).sees("Saisir les taux du semestre")
	s.user("paul@aubrelle.example", negotiation.RoleAgent, "").get("/agent/rates").answered(http.StatusNotFound)
	v := s.user("chef@aubrelle.example", negotiation.RoleAdministrator, "").get("/agent/rates").answered(http.StatusOK).sees("à saisir")
	v.submit("/agent/rates", "ecb_mro", "2,15", "source", "").answered(http.StatusUnprocessableEntity).sees("Dites où ces taux ont été publiés")
	v.submit("/agent/rates", "ecb_mro", "2,15", "fr_legal_individual_creditor", "6,60", "fr_legal_other_creditor", "2,70", "source", "arrêté du 15 décembre 2026").
		answered(http.StatusOK).sees("2,15", "6,60", "arrêté du 15 décembre 2026").seesNot("à saisir")
	v.get("/agent").seesNot("Saisir les taux du semestre")
	s.verify()
}
