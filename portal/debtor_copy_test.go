package portal_test

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/portal/casefile"
)

// TestADebtorTakesTheCopyOfTheirFile: what they may read on their pages, signed
// like every file, and nothing that was said elsewhere; each copy is an act.
func TestADebtorTakesTheCopyOfTheirFile(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, debtor := s.lived()
		// What others keep or say of them, beside what lived has: a call, a second
		// person, who read, what the creditor told the agency.
		malik := negotiation.Actor{Role: negotiation.RoleAgent, ID: "malik", Name: "Malik Osei", GivesUpTo: negotiation.NothingAlone}
		_, err := s.negotiation.AskApproval(s.ctx, malik, c.ID, negotiation.Approval{Act: negotiation.ActWithdraw, Amount: 1_00, Words: "Entre collègues."})
		s.must(err)
		s.must(s.negotiation.TakeFile(s.ctx, malik, c.ID))
		s.must(s.negotiation.CreditNote(s.ctx, admin, c.ID, c.Claims[0].ID, "AV-2026-7", money10, "2026-11-20", negotiation.Word{Why: "Mme Boréal au téléphone."}))

		debtor.get("/rights").sees("Prendre une copie de mon dossier").get("/case/documents").sees("Une copie de votre dossier")
		debtor.get("/case/copy").answered(http.StatusOK).sees("RGPD, article 15", "Préparer et télécharger")
		before := s.load(c.ID).EventSeq
		answer := debtor.submit("/case/copy").answered(http.StatusOK)
		if kind := answer.head.Get("Content-Type"); kind != "application/zip" {
			t.Fatalf("sent as %s", kind)
		}
		file, now := s.read([]byte(answer.body)), s.load(c.ID)
		if now.EventSeq != before+1 || file.report.Head[:16] != now.ChainHead() || file.report.Withheld == 0 || file.index.For != "debtor" {
			t.Errorf("the case went from act %d to %d (%s), the copy says %+v", before, now.EventSeq, now.ChainHead(), file.report)
		}
		for _, title := range []string{"Facture n° 2026-0318", "Décompte au jour du dossier", "Accord n° 1", "Contestation n° 1, de Claire Vasseur : porte.jpg", "Issue de la contestation n° 1",
			"Quittance n° " + c.Reference + "-1", "Actes enchaînés du dossier", "Écritures du dossier", "Chronologie, telle qu’elle vous est montrée"} {
			if !slices.Contains(file.titles(), title) {
				t.Errorf("the copy has no %q: %q", title, file.titles())
			}
		}
		for text, there := range map[string]bool{
			"La porte ferme mal.": true, "Entre nous deux, débiteur.": true, "Posée selon le devis.": true, "AV-2026-7": true, "Vous avez pris une copie de votre dossier": true,
			"Entre nous deux, créancier.": false, "Note de la maison.": false, "Entre collègues.": false, "Mme Boréal au téléphone.": false, // said elsewhere
			"Ada Boréal": false, "Malik Osei": false, "readings": false, admin.ID: false, // who they are, and who read
			"fee_basis_points": false, `"fee"`: false, `"payable"`: false, `"fee_due"`: false, `"limitation"`: false, "blocked_by": false, "approval": false,
		} {
			if file.holds(s, text) != there {
				t.Errorf("the copy holds %q: %t", text, !there)
			}
		}
		// The same acts stand in the agency's chain, each with its link.
		var agents bytes.Buffer
		s.must(s.server.WriteCaseFile(s.ctx, admin, c.ID, &agents))
		if whole := s.read(agents.Bytes()); whole.report.Head != file.report.Head || whole.report.Events != file.report.Events {
			t.Errorf("the agency's file ends at %s, the copy at %s", whole.report.Head, file.report.Head)
		}
		s.user("agent@aubrelle.example", negotiation.RoleAgent, "").get("/agent/cases/" + c.ID).sees("La personne concernée a pris une copie")

		for range negotiation.CopiesADay - 1 {
			debtor.get("/case/copy").submit("/case/copy").answered(http.StatusOK)
		}
		debtor.get("/case/copy").submit("/case/copy").answered(http.StatusConflict).sees("La suivante est possible demain")
		s.on("2026-11-24")
		debtor = s.enter(c, claire, "33000")
		debtor.get("/case/copy").submit("/case/copy").answered(http.StatusOK)
		s.verify()
	})
}

func TestACopyIsTheDebtorsAlone(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c := s.openCase(vasseur)
	stranger := newVisitor(s)
	if stranger.get(s.base + "/case/copy"); stranger.at.Path == "/case/copy" {
		t.Error("who is not signed in is shown the page of a copy")
	}
	for _, by := range []negotiation.Actor{
		{Role: negotiation.RoleAdviser, ID: c.MainParty().ID, CaseID: c.ID}, admin, {Role: negotiation.RolePayer, ID: "x", CaseID: c.ID},
		{Role: negotiation.RoleDebtor, ID: "another", CaseID: "0199aaaa-0000-7000-8000-000000000000"},
	} {
		if err := s.negotiation.TakeCopy(s.ctx, by, c.ID); negotiation.AsRefusal(err) == nil {
			t.Errorf("a copy is given to %s: %v", by.Role, err)
		}
	}
	s.server.SealKeys = casefile.Keys{}
	debtor := s.enter(c, claire, "33000")
	debtor.get("/case/copy").answered(http.StatusOK).sees("vous la recevrez sous un mois").submitNot("/case/copy")
	debtor.post("/case/copy", url.Values{}).answered(http.StatusConflict)
	if s.told(c, negotiation.CopyTaken) != 0 {
		t.Error("a copy that was not made is noted")
	}
}
