package portal_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/portal"
)

func TestBrowserAnAdministratorLooksAfterAccessAndBackgroundWork(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		s.server.Jobs = &jobsOf{list: []portal.Job{{Name: "sweep", Every: time.Hour, RanAt: start, Failed: 1, BadAt: start.Add(time.Minute), Problem: "sweep: the database is busy: try again"}, {Name: "watch_offers", Every: time.Minute}}}
		b, u := s.invited(desk, "nadia@aubrelle.example", negotiation.RoleAdministrator, "")
		b.enrol(u)
		b.visit("/security").sees("Vous n’avez aucun code de secours").press("Créer mes codes de secours").at("/security/recovery")
		b.fill("Mot de passe actuel", password).press("Créer mes codes de secours").sees("ne s’affichent qu’une fois")
		code := recoveryShape.FindString(b.text())
		b.press("J’ai noté mes codes").at("/security").sees("Il vous reste 10 codes de secours")

		elsewhere := s.person(phone).visit("/sign-in").fill("Adresse de courriel", u.Email).fill("Mot de passe", password).press("Continuer").at("/sign-in/code")
		elsewhere.press("Utiliser un code de secours").at("/sign-in/recovery").fill("Code de secours", "AAAA").press("Continuer").answered(422)
		elsewhere.fill("Code de secours", code).press("Continuer").at("/agent")
		b.reload().press("Fermer cette connexion").at("/security").sees("La connexion est fermée", "nulle part ailleurs")
		elsewhere.visit("/agent").at("/sign-in")

		_, other := s.invited(phone, "camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		b.visit("/agent/users").press("Sécurité").at("/agent/users/" + u.ID + "/access").visit("/agent/users/" + other.ID + "/access").press("Fermer toutes ses connexions").sees("n’est connectée nulle part")
		b.press("Tâches de fond").at("/agent/work").sees("1 tâche a échoué").press("Lancer maintenant").sees("La tâche est demandée")
		s.verify()
	})
}
