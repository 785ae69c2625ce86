package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/portal/outreach"
)

// Who reads English is written to in English, each at their own mailbox, and
// finds their pages so in whatever browser they sign in with.
func TestStaffReadTheirOwnLanguage(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		reads := func(m *outreach.Mail, english bool) {
			t.Helper()
			if m == nil {
				t.Fatal("no mail came")
			}
			if got := strings.Contains(m.Text, "Hello"); got != english || got == strings.Contains(m.Text, "Bonjour") {
				t.Errorf("English is %t, and %s got:\n%s", english, m.To, m.Text)
			}
		}
		paid := func() *outreach.Mail {
			t.Helper()
			_, err := s.payments.RecordElsewhere(s.ctx, admin, c.ID, elsewhere())
			s.must(err)
			return s.mailTo("compta@boreal.example.com")
		}
		wished := func(words string) *outreach.Mail {
			t.Helper()
			s.wishes(c, words)
			return s.mailTo("agence@aubrelle.example")
		}
		const email = "camille@boreal.example.com"
		reset := func() *outreach.Mail {
			t.Helper()
			newVisitor(s).get(s.base+"/reset").submit("/reset", "email", email).answered(http.StatusOK)
			_, err := s.access.AnswerRequests(s.ctx)
			s.must(err)
			return s.mailTo(email)
		}
		reads(paid(), false)
		reads(wished("Bonjour."), false)
		camille, boss := s.user(email, negotiation.RoleCreditor, s.creditor.ID), s.user("admin@aubrelle.example", negotiation.RoleAdministrator, "")
		reads(reset(), false)

		camille.get("/security").submit("/security/language", "language", "de").answered(http.StatusUnprocessableEntity).sees("Choisissez français ou anglais")
		camille.get("/security").submit("/security/language", "language", "en").answered(http.StatusOK).sees("Saved", "Your language")
		if elsewhere := s.signedIn(email); !strings.Contains(elsewhere.body, `<html lang="en"`) {
			t.Error("another browser speaks French to her")
		}
		if boss.get("/security"); !strings.Contains(boss.body, `<html lang="fr"`) {
			t.Error("a colleague's page changed")
		}
		reads(reset(), true)

		camille.get("/creditor/payouts").submit("/creditor/notices", "language", "en").answered(http.StatusOK)
		reads(paid(), true)
		boss.get("/agent/agency").submit("/agent/agency", "language", "en").answered(http.StatusOK)
		reads(wished("Bonsoir."), true)
		boss.get("/agent/creditors/"+s.creditor.ID).submit("/agent/creditors/", "language", "fr").answered(http.StatusOK)
		reads(paid(), false)

		boss.post("/agent/users", url.Values{"email": {"paul@boreal.example.com"}, "role": {"creditor"}, "creditor": {s.creditor.ID}, "power": {"all"}, "language": {"en"}}).answered(http.StatusOK)
		reads(s.mailTo("paul@boreal.example.com"), true)
		s.verify()
	})
}
