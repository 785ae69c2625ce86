package portal_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/portal/access"
)

var parameter = regexp.MustCompile(`:[a-z]+`)

// mediated opens a dispute of a case, with a file, and a way out.
func (s *site) mediated(c *negotiation.Case, hash string) (dispute, way string) {
	s.t.Helper()
	d, err := s.negotiation.OpenDispute(s.ctx, debtorOf(c), c.ID, negotiation.Contest{ClaimID: c.Claims[0].ID, Ground: negotiation.GroundGoods, Words: "La porte.", Files: []negotiation.StepFile{{Hash: hash, Name: "porte.jpg", MediaType: "image/jpeg", Bytes: 1}}})
	s.must(err)
	s.must(s.negotiation.TakeUpDispute(s.ctx, admin, c.ID, d.ID))
	s.must(s.negotiation.WriteOnSheet(s.ctx, admin, c.ID, d.ID, negotiation.Sheet{Kind: negotiation.StepWay, Words: "On coupe en deux.", Way: negotiation.WayRebate, Amount: euros(100_00)}))
	steps := s.disputes(c)[0].Steps
	return d.ID, steps[len(steps)-1].ID
}

// TestWhatBelongsToAnotherCaseIsNotFoundOnThisOne asks every route of a case
// for what stands on another case of the same creditor, as each who may use it:
// it is not found, nothing of it is shown, and nothing happens on either.
func TestWhatBelongsToAnotherCaseIsNotFoundOnThisOne(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	line := func(number, name string) string {
		return strings.NewReplacer("2026-0318", number, "Claire Vasseur", name, "claire.vasseur", "x"+number).Replace(vasseur)
	}
	own, other := s.openCase(vasseur), s.openCase(line("F-2", "Bruno Autremont"))
	planned, plan := s.inPlan(line("F-3", "Chloé Autremont"), inMonths(3))
	offering := s.openCase(line("F-4", "Denis Autremont"))
	debtor := s.enter(own, "claire.vasseur@example.test", "33000")
	_, err := s.negotiation.SendLink(s.ctx, admin, other.ID, other.MainParty().ID)
	s.must(err)
	s.mailTo("xF-2@example.test")
	links, err := s.access.LinksOfCase(s.ctx, admin, other.ID)
	s.must(err)
	payLink, err := s.access.MakePayLink(s.ctx, debtorOf(other), other.ID, "Ma sœur", 30)
	s.must(err)
	adviser, err := s.negotiation.NameAdviser(s.ctx, debtorOf(other), other.ID, negotiation.Adviser{Name: "Inès Autremont", Email: "ines@conseil.example", UntilOn: "2027-02-23"})
	s.must(err)
	payment, err := s.payments.RecordElsewhere(s.ctx, admin, other.ID, elsewhere())
	s.must(err)
	s.wishes(other, "Bonjour")
	wishes, err := s.negotiation.WishesOf(s.ctx, other.ID)
	s.must(err)
	hold, err := s.negotiation.PlaceHold(s.ctx, admin, other.ID, negotiation.Hold{Reason: negotiation.HoldCreditorRequest})
	s.must(err)
	approval, err := s.negotiation.AskApproval(s.ctx, negotiation.Actor{Role: negotiation.RoleAgent, ID: "asker", Name: "Malik Osei", GivesUpTo: negotiation.NothingAlone}, other.ID,
		negotiation.Approval{Act: negotiation.ActWithdraw, Amount: 1_00, Words: "Geste."})
	s.must(err)
	_, err = s.negotiation.PostMessage(s.ctx, admin, other.ID, negotiation.Write{Audience: negotiation.ToAll, Words: "Voici.", Files: []negotiation.MessageFile{{Hash: "message-file", Name: "lettre.pdf", MediaType: "application/pdf", Bytes: 1}}})
	s.must(err)
	offer := s.offered(offering, months(3, "2026-12-05"))
	ownDispute, _ := s.mediated(own, "own-file")
	dispute, way := s.mediated(other, "dispute-file")

	foreign := map[string][]string{
		":dispute": {dispute}, ":way": {way}, ":file": {"dispute-file", "message-file"}, ":hold": {hold.ID}, ":situation": {hold.ID}, ":approval": {approval.ID}, ":offer": {offer.ID}, ":plan": {plan.ID},
		":party": {other.MainParty().ID, adviser.ID}, ":link": {links[0].ID, payLink.ID}, ":wish": {wishes[0].ID}, ":payment": {payment.ID}, ":document": {other.Claims[0].ID}, ":receipt": {other.Reference + "-1"},
		":statement": {plan.ID}, ":authority": {plan.ID},
	}
	visitors := map[string]*visitor{
		"/case": debtor, "/creditor": s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID), "/agent": s.user("chef@aubrelle.example", negotiation.RoleAdministrator, ""),
	}
	s.must(s.access.SetAgentRights(s.ctx, admin, s.userID("chef@aubrelle.example"), access.AgentRights{Supervises: true}))
	forms := map[string]string{"/answer": "maintained", "/replies": "disagrees"}
	state := func() string {
		var at []string
		for _, c := range []*negotiation.Case{own, other, planned, offering} {
			now := s.load(c.ID)
			at = append(at, fmt.Sprintf("%d/%s/%v", now.EventSeq, now.State, now.Balance()))
		}
		return fmt.Sprint(at, s.written())
	}
	before, asked := state(), 0
	for _, r := range s.server.Routes() {
		root := "/" + strings.Split(r.Path, "/")[1]
		v := visitors[root]
		names := slices.DeleteFunc(parameter.FindAllString(r.Path, -1), func(name string) bool { return name == ":case" || name == ":number" }) // a number counts the lines of one's own plan
		if v == nil || len(names) == 0 || (root != "/case" && !strings.Contains(r.Path, ":case")) {
			continue
		}
		v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		last := names[len(names)-1]
		if foreign[last] == nil {
			t.Errorf("%s %s: this test has no %s of another case", r.Method, r.Path, last)
		}
		for _, id := range foreign[last] {
			for _, in := range []string{dispute, ownDispute} {
				path := strings.NewReplacer(last, id, ":case", own.ID).Replace(r.Path)
				if !strings.Contains(path, ":dispute") && in == ownDispute {
					continue
				}
				path = strings.ReplaceAll(path, ":dispute", in)
				what := fmt.Sprintf("%s %s with %s as %s", r.Method, r.Path, last, root)
				if asked++; r.Method == http.MethodGet {
					v.get(s.base + path)
				} else {
					answer := "yes"
					for end, value := range forms {
						if strings.HasSuffix(r.Path, end) {
							answer = value
						}
					}
					v.post(s.base+path, url.Values{"answer": {answer}, "takes": {"yes"}, "out": {way}, "as": {"creditor"}, "outcome": {"rejected"}, "reasons": {"Non."}, "line": {"note"}, "message": {"Non."}, "words": {"Non."},
						"told": {"Au téléphone."}, "note": {"Au téléphone."}, "party": {own.MainParty().ID}, "amount": {"10"}, "part": {"whole"}, "reason": {"other"}, "kind": {"email"}, "value": {"pirate@example.test"}, "day": {"2026-12-01"}})
				}
				if v.status != http.StatusNotFound {
					t.Errorf("%s answered %d, not 404: %.300s", what, v.status, v.text())
				}
				if strings.Contains(v.body, "Autremont") || strings.Contains(v.body, "Mme Claire Vasseur F-") {
					t.Errorf("%s shows another's name", what)
				}
				if now := state(); now != before {
					t.Errorf("%s changed %s to %s", what, before, now)
					before = now
				}
			}
		}
	}
	if asked < 60 {
		t.Errorf("only %d routes were asked", asked)
	}

	// A way out of another dispute, on the page of one's own.
	at := "/cases/" + own.ID + "/disputes/" + ownDispute
	visitors["/creditor"].post(s.base+"/creditor"+at+"/ways", url.Values{"out": {way}, "takes": {"yes"}})
	visitors["/agent"].post(s.base+"/agent"+at+"/resolution", url.Values{"outcome": {"agreed"}, "taken": {way}, "reasons": {"Oui."}})
	if now := state(); now != before {
		t.Errorf("a way out of another dispute changed %s to %s", before, now)
	}
	s.verify()
}
