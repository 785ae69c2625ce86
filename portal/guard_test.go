package portal_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/payments"
	"amiable/portal"
	"amiable/portal/access"
)

// user invites somebody, accepts for them, and signs them in through the
// pages, with an authenticator where one is needed.
func (s *site) user(email string, role negotiation.Role, creditorID string) *visitor {
	s.t.Helper()
	u, err := s.access.Invite(s.ctx, admin, access.Invitation{Email: email, Role: role, CreditorID: creditorID, Language: "fr"})
	s.must(err)
	token, err := s.access.NewInvitation(s.ctx, admin, u.ID)
	s.must(err)
	v := newVisitor(s).get(s.base + "/invitation/" + token).answered(http.StatusOK)
	v.submit("/invitation/", "name", "Camille Roussel", "password", "trois mots suffisent", "again", "trois mots suffisent").answered(http.StatusOK)
	if role == negotiation.RoleCreditor {
		if v.at.Path != "/creditor" {
			s.t.Fatalf("a creditor's invitation led to %s", v.at)
		}
		return v
	}
	if v.at.Path != "/security/totp" {
		s.t.Fatalf("an agent's invitation led to %s: %s", v.at, v.text())
	}
	key, err := s.access.Enrolment(s.ctx, u.ID, "Agence Aubrelle")
	s.must(err)
	code, err := totp.GenerateCode(key.Secret, s.wall())
	s.must(err)
	v.submit("/security/totp", "code", code).answered(http.StatusOK)
	if !strings.HasPrefix(v.at.Path, "/agent") {
		s.t.Fatalf("the authenticator led to %s: %s", v.at, v.text())
	}
	return v
}

// TestEveryRouteKnowsWhoMayUseIt asks every route of the table as everybody,
// on their own case and on another's. A new route is asked too, by itself; an
// audience that is not known here fails.
func TestEveryRouteKnowsWhoMayUseIt(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	own := s.openCase(vasseur)
	other := s.addCreditor("CRE-002", "Autre Créancier SARL", nil)
	foreign := s.openCase(strings.NewReplacer("CRE-001", "CRE-002", "2026-0400", "X-1", "031093149", "075242552", "garage.example", "autre.example").Replace(garage))
	recorded := func(c *negotiation.Case) string {
		p, err := s.payments.RecordElsewhere(s.ctx, admin, c.ID, elsewhere())
		s.must(err)
		return p.ID
	}
	s.addresses(other)
	batch := s.batchOf(s.placeOnly(strings.Replace(vasseur, "2026-0318", "2026-0319", 1)), s.placeOnly(strings.NewReplacer("CRE-001", "CRE-002", "2026-0400", "X-2", "031093149", "075242552", "garage.example", "autre.example").Replace(garage)))
	letters, statements := map[bool]string{}, map[bool]string{}
	for i, made := range s.lettersOf(batch) {
		letters[i == 0], statements[i == 0] = made.LetterID, made.StatementID
	}
	users := map[bool]string{}
	for mine, creditor := range map[bool]*negotiation.Creditor{true: s.creditor, false: other} {
		u, err := s.access.Invite(s.ctx, admin, access.Invitation{Email: creditor.Reference + "@example.com", Role: negotiation.RoleCreditor, CreditorID: creditor.ID, Language: "fr"})
		s.must(err)
		users[mine] = u.ID
	}
	template, err := s.negotiation.SaveTemplate(s.ctx, admin, negotiation.MessageTemplate{Name: "Accusé de réception", WordsFR: "Bien reçu."})
	s.must(err)
	disputes := map[bool]string{}
	for mine, c := range map[bool]*negotiation.Case{true: own, false: foreign} {
		by := negotiation.Actor{Role: negotiation.RoleDebtor, ID: c.MainParty().ID, CaseID: c.ID}
		d, err := s.negotiation.OpenDispute(s.ctx, by, c.ID, negotiation.Contest{ClaimID: c.Claims[0].ID, Ground: negotiation.GroundPaid, Files: []negotiation.StepFile{{Hash: "x", Name: "x", MediaType: "image/jpeg", Bytes: 1}}})
		s.must(err)
		s.must(s.negotiation.WithdrawDispute(s.ctx, by, c.ID, d.ID, negotiation.Reply{}))
		disputes[mine] = d.ID
	}
	approvals := map[bool]string{}
	for mine, c := range map[bool]*negotiation.Case{true: own, false: foreign} {
		a, err := s.negotiation.AskApproval(s.ctx, negotiation.Actor{Role: negotiation.RoleAgent, ID: "asker", Name: "Malik Osei", GivesUpTo: negotiation.NothingAlone}, c.ID,
			negotiation.Approval{Act: negotiation.ActWithdraw, Amount: 1_00, Words: "Geste."})
		s.must(err)
		approvals[mine] = a.ID
	}
	ids := map[bool]map[string]string{}
	for mine, c := range map[bool]*negotiation.Case{true: own, false: foreign} {
		ids[mine] = map[string]string{
			":case": c.ID, ":party": c.MainParty().ID, ":payment": recorded(c), ":creditor": c.CreditorID, ":receipt": c.Reference + "-1", ":document": c.Claims[0].ID,
			":token": "x", ":file": "x", ":session": "x", ":job": "sweep", ":notification": "x", ":link": c.ID, ":hold": c.ID, ":wish": c.ID, ":user": users[mine], ":delegation": c.ID, ":batch": batch, ":letter": letters[mine], ":statement": statements[mine], ":dispute": disputes[mine], ":way": c.ID, ":placement": *c.Claims[0].PlacementID, ":mail": "x", ":template": template.ID, ":view": c.ID, ":approval": approvals[mine],
		}
	}
	// Who read is for who watches over those who read.
	watched := negotiation.Actor{Role: negotiation.RoleAgent, ID: "watched", Name: "Solange Veille"}
	s.must(s.negotiation.TakeFile(s.ctx, watched, own.ID))
	watchers := map[portal.Audience]bool{portal.Supervisors: false, portal.Administrator: false}
	_ = other
	visitors := map[portal.Audience]*visitor{
		portal.Anyone:        newVisitor(s),
		portal.Debtors:       s.enter(own, "claire.vasseur@example.test", "33000"),
		portal.Payers:        s.payer(own, 30),
		portal.Creditors:     s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID),
		portal.Agents:        s.user("agent@aubrelle.example", negotiation.RoleAgent, ""),
		portal.Administrator: s.user("admin@aubrelle.example", negotiation.RoleAdministrator, ""),
	}
	visitors[portal.Supervisors] = s.user("chef@aubrelle.example", negotiation.RoleAgent, "")
	s.must(s.access.SetAgentRights(s.ctx, admin, s.userID("chef@aubrelle.example"), access.AgentRights{Supervises: true}))
	for mine, c := range map[bool]*negotiation.Case{true: own, false: foreign} {
		ids[mine][":offer"] = s.offered(c, months(3, "2026-12-05")).ID // after the links have left: an open offer holds letters back
	}
	// who may use what: the table that the code must agree with.
	may := map[portal.Audience][]portal.Audience{
		portal.Anyone:        {portal.Anyone, portal.Debtors, portal.Payers, portal.Creditors, portal.Agents, portal.Supervisors, portal.Administrator},
		portal.Debtors:       {portal.Debtors},
		portal.Payers:        {portal.Payers},
		portal.Creditors:     {portal.Creditors},
		portal.Agents:        {portal.Agents, portal.Supervisors, portal.Administrator},
		portal.Supervisors:   {portal.Supervisors, portal.Administrator},
		portal.Administrator: {portal.Administrator},
		portal.Staff:         {portal.Creditors, portal.Agents, portal.Supervisors, portal.Administrator},
		portal.Gateway:       {},
	}
	ends := map[string]bool{"/sign-out": true, "/security/sessions/end": true}
	for _, r := range s.server.Routes() {
		allowed, known := may[r.Audience]
		if !known {
			t.Errorf("%s %s is for %q, which this test does not know", r.Method, r.Path, r.Audience)
		}
		if ends[r.Path] {
			continue // would sign the visitor out
		}
		for as, v := range visitors {
			for _, mine := range []bool{true, false} {
				path := r.Path
				for name, id := range ids[mine] {
					path = strings.ReplaceAll(path, name, id)
				}
				v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
				request, err := http.NewRequest(r.Method, s.base+path, nil)
				s.must(err)
				if r.Method == http.MethodPost {
					request, err = http.NewRequest(r.Method, s.base+path, strings.NewReader(url.Values{}.Encode()))
					s.must(err)
					request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				}
				v.do(request)
				what := fmt.Sprintf("%s %s as %s (own %t) answered %d", r.Method, r.Path, as, mine, v.status)
				if v.status >= 500 {
					t.Errorf("%s: %s", what, v.text())
				}
				in := false
				for _, a := range allowed {
					in = in || a == as
				}
				door := v.status == http.StatusSeeOther && strings.HasPrefix(v.head.Get("Location"), "/sign-in")
				if !in && r.Audience != portal.Gateway && v.status != http.StatusNotFound && !door {
					t.Errorf("%s: it should be not found, or lead to the door", what)
				}
				if in && r.Audience != portal.Anyone && door {
					t.Errorf("%s: it led to the door", what)
				}
				scoped := strings.Contains(r.Path, ":case") || strings.Contains(r.Path, ":dispute") || strings.Contains(r.Path, ":payment") || strings.Contains(r.Path, ":placement") || strings.Contains(r.Path, ":receipt") || strings.Contains(r.Path, ":statement") || strings.Contains(r.Path, ":document") || strings.Contains(r.Path, ":user") || strings.Contains(r.Path, ":delegation")
				if in && !mine && scoped && (as == portal.Debtors || as == portal.Creditors) && r.Audience != portal.Anyone && v.status != http.StatusNotFound && v.status != http.StatusUnprocessableEntity {
					t.Errorf("%s: another's case was answered", what)
				}
				for _, secret := range []string{"Vasseur", "Boréal", "2026-0318", "verrière"} {
					if as == portal.Payers && strings.Contains(v.body, secret) {
						t.Errorf("%s: it shows who only pays %q", what, secret)
					}
				}
				if strings.Contains(v.body, watched.Name) {
					if _, watches := watchers[as]; !watches {
						t.Errorf("%s: it shows who read", what)
					}
					watchers[as] = true
				}
				for _, secret := range []string{"Garage du Port", "Autre Créancier"} {
					if (as == portal.Debtors || as == portal.Creditors || as == portal.Anyone || as == portal.Payers) && strings.Contains(v.body, secret) {
						t.Errorf("%s: it shows %q of another's case", what, secret)
					}
				}
			}
		}
	}
	for as, saw := range watchers {
		if !saw {
			t.Errorf("%s do not see who read", as)
		}
	}
}

func TestAFormFromAnotherSiteIsRefused(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c := s.openCase(vasseur)
	v := s.enter(c, "claire.vasseur@example.test", "33000")
	for _, row := range []struct {
		name    string
		headers map[string]string
		refused bool
	}{
		{"our origin, an old browser", map[string]string{"Origin": s.base}, false},
		{"another origin, an old browser", map[string]string{"Origin": "https://elsewhere.example"}, true},
		{"a null origin", map[string]string{"Origin": "null"}, true},
		{"our page, a new browser", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": s.base}, false},
		{"another site, a new browser", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}, true},
	} {
		r, err := http.NewRequest(http.MethodPost, s.base+"/case/pay", strings.NewReader("choice=whole"))
		s.must(err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for name, value := range row.headers {
			r.Header.Set(name, value)
		}
		if v.do(r); (v.status == http.StatusForbidden) != row.refused {
			t.Errorf("%s: answered %d", row.name, v.status)
		}
	}
}

// No database keeps a zero byte in a text, nor what is not UTF-8: whoever sends
// it is told so at the door, and is no fault of ours further in.
func TestWhatIsNoTextIsRefusedAtTheDoor(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c := s.openCase(vasseur)
	v := s.enter(c, "claire.vasseur@example.test", "33000")
	for _, words := range []string{"a\x00b", "a\xffb"} {
		v.post("/case/wishes", url.Values{"kind": {"callback"}, "words": {words}}).answered(http.StatusBadRequest)
		v.get("/case/plan?" + url.Values{"instalments": {words}}.Encode()).answered(http.StatusBadRequest)
	}
	v.get("/case").answered(http.StatusOK)
}

func TestScannersThatOpenALinkChangeNothing(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c := s.openCase(vasseur)
	link := s.linkTo(c, "claire.vasseur@example.test")
	before := s.load(c.ID).EventSeq
	for range 10 {
		scanner := newVisitor(s)
		scanner.get(link).answered(http.StatusOK)
		if cookies := scanner.client.Jar.Cookies(scanner.at); len(cookies) > 0 {
			t.Fatalf("a scanner was given %v", cookies)
		}
		head, err := http.NewRequest(http.MethodHead, link, nil)
		s.must(err)
		scanner.do(head)
	}
	if after := s.load(c.ID).EventSeq; after != before {
		t.Errorf("opening the link wrote %d events", after-before)
	}
	newVisitor(s).get(link).submit("/l/", "answer", "33000").answered(http.StatusOK).sees("Atelier Boréal")
}

func TestWhatIsTooLargeOrForgedGetsAClearAnswer(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c := s.openCase(vasseur)
	v := s.enter(c, "claire.vasseur@example.test", "33000")
	v.post("/case/message", url.Values{"message": {strings.Repeat("x", 200_000)}})
	if v.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a form of 200 kB was answered %d: %s", v.status, v.text())
	}
	r, err := http.NewRequest(http.MethodPost, s.base+"/webhooks/stripe", strings.NewReader(`{"id":"evt_forged","object":"event"}`))
	s.must(err)
	r.Header.Set("Stripe-Signature", "t=1,v1=00")
	newVisitor(s).do(r).answered(http.StatusBadRequest)
	newVisitor(s).get(s.base + "/nowhere").answered(http.StatusNotFound).sees("Agence Aubrelle")
}

func TestWhatWasTypedSurvivesANewSignIn(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c := s.openCase(vasseur)
	v := s.enter(c, "claire.vasseur@example.test", "33000")
	v.get("/case/message")
	// The session ends while the reader writes.
	s.must(s.db.Read(s.ctx).Exec("UPDATE sessions SET expires_at = created_at").Error)
	v.submit("/case/message", "message", "Je préfère le matin.").answered(http.StatusOK)
	if v.at.Path != "/sign-in-again" {
		t.Fatalf("an ended session led to %s", v.at)
	}
	v.submit("/sign-in-again", "answer", "33000").answered(http.StatusOK)
	if !strings.Contains(v.body, "Je préfère le matin.") {
		t.Errorf("%s lost what was typed: %s", v.at, v.text())
	}
}

func elsewhere() payments.Elsewhere {
	return payments.Elsewhere{Amount: euros(10_00), On: "2026-11-20", Means: "transfer", Reference: "VIR 1", AtAgency: true}
}
