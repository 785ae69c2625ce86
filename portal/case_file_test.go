package portal_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/portal/casefile"
	"amiable/portal/store"
)

const keysAddress = "/.well-known/amiable-keys.json"

// published are the keys of the site, as anybody reads them.
func (s *site) published() []casefile.PublicKey {
	s.t.Helper()
	var set struct{ Keys []struct{ PEM string } }
	s.must(json.Unmarshal([]byte(newVisitor(s).get(s.base+keysAddress).answered(http.StatusOK).body), &set))
	var keys []casefile.PublicKey
	for _, k := range set.Keys {
		key, err := casefile.ParsePublicKey(k.PEM)
		s.must(err)
		keys = append(keys, key)
	}
	return keys
}

// taken is a file of a case as somebody has it who downloaded it.
type taken struct {
	bytes   []byte
	report  *casefile.Report
	archive *zip.Reader
	index   casefile.Index
}

func (s *site) read(file []byte) *taken {
	s.t.Helper()
	report, err := casefile.Verify(bytes.NewReader(file), int64(len(file)), s.published())
	s.must(err)
	if !report.Holds() || !report.KeyKnown {
		s.t.Fatalf("the file does not hold: %+v", report.Problems)
	}
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	s.must(err)
	f := &taken{bytes: file, report: report, archive: archive}
	s.must(json.Unmarshal(f.entry(s, "index.json"), &f.index))
	return f
}

func (f *taken) entry(s *site, ends string) []byte {
	s.t.Helper()
	for _, e := range f.archive.File {
		if strings.HasSuffix(e.Name, ends) {
			r, err := e.Open()
			s.must(err)
			content, err := io.ReadAll(r)
			s.must(err)
			return content
		}
	}
	s.t.Fatalf("no entry ends with %s", ends)
	return nil
}

// holds says whether any entry holds a text.
func (f *taken) holds(s *site, text string) bool {
	for _, e := range f.archive.File {
		if bytes.Contains(f.entry(s, e.Name), []byte(text)) {
			return true
		}
	}
	return false
}

func (f *taken) titles() []string {
	var titles []string
	for _, p := range f.index.Pieces {
		titles = append(titles, strings.ReplaceAll(p.Title, "\u00a0", " "))
	}
	return titles
}

// lived is a case to which about everything has happened.
func (s *site) lived() (*negotiation.Case, *visitor) {
	s.t.Helper()
	c, _ := s.inPlan(vasseur, inMonths(3))
	debtor := s.enter(c, claire, "33000").get("/case/contest")
	debtor.send("/case/disputes", map[string]string{"claim": c.Claims[0].ID, "part": "sum", "amount": "320", "ground": "goods_or_service", "message": "La porte ferme mal."},
		map[string][]byte{"porte.jpg": aPhoto(s.t)}).answered(http.StatusOK)
	d := s.disputes(c)[0]
	by := admin
	s.must(s.negotiation.AnswerDispute(s.ctx, negotiation.Actor{Role: negotiation.RoleCreditor, ID: "u1", Name: "Ada Boréal", CreditorID: c.CreditorID, Decides: true}, c.ID, d.ID, negotiation.StepMaintains, negotiation.Reply{Words: "Posée selon le devis."}))
	s.must(s.negotiation.TakeUpDispute(s.ctx, by, c.ID, d.ID))
	for audience, words := range map[negotiation.Audience]string{negotiation.ToCreditorOnly: "Entre nous deux, créancier.", negotiation.ToDebtorOnly: "Entre nous deux, débiteur."} {
		s.must(s.negotiation.WriteOnSheet(s.ctx, by, c.ID, d.ID, negotiation.Sheet{Kind: negotiation.StepLine, Audience: audience, Words: words}))
	}
	s.must(s.negotiation.ResolveDispute(s.ctx, by, c.ID, d.ID, negotiation.Resolution{Outcome: negotiation.DisputeRejected, Words: "Le devis le prévoit."}))
	_, err := s.payments.RecordElsewhere(s.ctx, by, c.ID, elsewhere())
	s.must(err)
	s.must(s.negotiation.TellHardship(s.ctx, negotiation.Actor{Role: negotiation.RoleDebtor, ID: c.MainParty().ID, CaseID: c.ID}, c.ID, "Je sors de l’hôpital."))
	_, err = s.negotiation.PostMessage(s.ctx, by, c.ID, negotiation.Write{Audience: negotiation.ToTheAgencyOnly, Words: "Note de la maison."})
	s.must(err)
	return s.load(c.ID), debtor
}

// TestTheFileOfACaseIsTakenAndChecked: an agent and the creditor each take
// their copy; what is not theirs to read is not in it, and both close.
func TestTheFileOfACaseIsTakenAndChecked(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, _ := s.lived()
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		at := "/agent/cases/" + c.ID
		agent.get(at).sees("Le dossier signé")
		agent.get(at+"/file").answered(http.StatusOK).sees("Préparer et télécharger", c.ChainHead(), "Vous n’avez encore rien lu")
		answer := agent.submit("/file").answered(http.StatusOK)
		if kind := answer.head.Get("Content-Type"); kind != "application/zip" || !strings.Contains(answer.head.Get("Content-Disposition"), c.Reference+"-2026-11-23.zip") {
			t.Fatalf("sent as %s, %s", kind, answer.head.Get("Content-Disposition"))
		}
		file := s.read([]byte(answer.body))
		now := s.load(c.ID)
		if file.report.Events != now.EventSeq || file.report.Head[:16] != now.ChainHead() || file.report.Withheld != 0 {
			t.Errorf("the case is at event %d (%s), the file says %+v", now.EventSeq, now.ChainHead(), file.report)
		}
		for _, title := range []string{"Mandat du créancier, ses termes", "Facture n° 2026-0318", "Décompte tel qu’il a été envoyé ou accepté", "Décompte au jour du dossier", "Accord n° 1",
			"Contestation n° 1, de Claire Vasseur : porte.jpg", "Issue de la contestation n° 1", "Quittance n° " + c.Reference + "-1", "Actes enchaînés du dossier", "Écritures du dossier"} {
			if !slices.Contains(file.titles(), title) {
				t.Errorf("the file has no %q: %q", title, file.titles())
			}
		}
		printed := 0
		for _, p := range file.index.Pieces {
			if p.Printed != "" {
				printed++
				if file.report.Link(p.Printed) == 0 {
					t.Errorf("%s prints %s", p.Title, p.Printed)
				}
			}
		}
		if printed != 3 {
			t.Errorf("%d papers print the chain: an agreement, an outcome and a receipt should", printed)
		}
		if photo := file.entry(s, "porte.jpg"); store.Hash(photo) != s.disputes(c)[0].Steps[0].Files[0].Hash {
			t.Error("the photo is another")
		}
		for text, there := range map[string]bool{"Entre nous deux, créancier.": true, "Entre nous deux, débiteur.": true, "Note de la maison.": true, "hôpital": false} {
			if file.holds(s, text) != there {
				t.Errorf("the agency's copy holds %q: %t", text, !there)
			}
		}

		// Who took it stands on the case; nothing of the case has changed.
		agent.get(at+"/file").sees("Camille Roussel", "Téléchargement du dossier signé")
		if s.load(c.ID).EventSeq != c.EventSeq {
			t.Error("to take the file is an act on the case")
		}

		// The creditor's copy.
		creditor := s.user("ada@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		creditor.get("/creditor/cases/" + c.ID).sees("Le dossier signé").get("/creditor/cases/" + c.ID + "/file").sees("Les lignes privées").seesNot("Qui a lu")
		theirs := s.read([]byte(creditor.submit("/file").answered(http.StatusOK).body))
		if theirs.report.Withheld == 0 || theirs.report.Head != file.report.Head || theirs.index.For != "creditor" {
			t.Errorf("the creditor's copy: %+v", theirs.report)
		}
		for text, there := range map[string]bool{"Entre nous deux, créancier.": true, "Entre nous deux, débiteur.": false, "Note de la maison.": false, "hôpital": false, "hardship": false, "vulnerable": false} {
			if theirs.holds(s, text) != there {
				t.Errorf("the creditor's copy holds %q: %t", text, !there)
			}
		}
		other := s.user("autre@example.com", negotiation.RoleCreditor, s.addCreditor("CRE-002", "Autre Créancier SARL", nil).ID)
		other.get("/creditor/cases/" + c.ID + "/file").answered(http.StatusNotFound)
		other.post("/creditor/cases/"+c.ID+"/file", url.Values{}).answered(http.StatusNotFound)

		// What everybody may know.
		newVisitor(s).get(s.base+"/check-a-file").answered(http.StatusOK).sees("amiable verify", s.published()[0].ID())
		s.verify()
	})
}

// TestTheSameCaseGivesTheSameFile, and the next day another.
func TestTheSameCaseGivesTheSameFile(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, _ := s.lived()
		write := func() []byte {
			var out bytes.Buffer
			s.must(s.server.WriteCaseFile(s.ctx, admin, c.ID, &out))
			return out.Bytes()
		}
		first := write()
		if !bytes.Equal(first, write()) {
			t.Error("the same case on the same day gave other bytes")
		}
		s.on("2026-11-24")
		if second := s.read(write()); second.report.MadeOn != "2026-11-24" || second.report.Head != s.read(first).report.Head {
			t.Errorf("the next day: %+v", second.report)
		}
	})
}

// TestWhatWasErasedLeavesItsTrace: content that was erased, of an event and of
// a file, is not in the file of the case, and the file closes all the same.
func TestWhatWasErasedLeavesItsTrace(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c, _ := s.lived()
	hash := s.disputes(c)[0].Steps[0].Files[0].Hash
	s.must(s.db.Read(s.ctx).Exec("UPDATE events SET content = NULL WHERE stream_id = ? AND kind = 'dispute_opened'", c.ID).Error)
	s.must(s.files.Store.Remove(s.ctx, hash))
	var out bytes.Buffer
	s.must(s.server.WriteCaseFile(s.ctx, admin, c.ID, &out))
	file := s.read(out.Bytes())
	at := slices.IndexFunc(file.index.Pieces, func(p casefile.Piece) bool { return p.SHA256 == hash })
	if at < 0 || file.index.Pieces[at].Missing != "erased" || file.index.Pieces[at].Path != "" {
		t.Errorf("the photo that was erased: %+v", file.index.Pieces)
	}
	if !regexp.MustCompile(`"kind":"dispute_opened".*"salt":null,"content":null,"digest":"[0-9a-f]{64}"`).Match(file.entry(s, ".jsonl")) {
		t.Errorf("the act whose content was erased has no place in the chain: %s", file.entry(s, ".jsonl"))
	}
}

func TestWithoutAKeyThereIsNoFile(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c := s.openCase(vasseur)
	s.server.SealKeys = casefile.Keys{}
	agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
	agent.get("/agent/cases/" + c.ID + "/file").answered(http.StatusOK).sees("amiable seal-key").submitNot("/file")
	agent.post("/agent/cases/"+c.ID+"/file", url.Values{}).answered(http.StatusConflict).sees("pas encore de clé")
	newVisitor(s).get(s.base + "/check-a-file").sees("Aucun dossier n’a encore été signé ici")
	if err := s.server.WriteCaseFile(s.ctx, admin, c.ID, io.Discard); negotiation.AsRefusal(err) == nil {
		t.Errorf("a file was written without a key: %v", err)
	}
}

// TestTheScriptOfTheDocumentationChecksAFile runs the script of docs/file.md as
// it stands there.
func TestTheScriptOfTheDocumentationChecksAFile(t *testing.T) {
	for _, program := range []string{"python3", "openssl"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("AMIABLE_REQUIRE_ALL") != "" {
				t.Fatalf("%s is missing", program)
			}
			t.Skipf("%s is missing", program)
		}
	}
	text, err := os.ReadFile("../docs/file.md")
	if err != nil {
		t.Fatal(err)
	}
	script := regexp.MustCompile("(?s)```python\n(.*?)```").FindSubmatch(text)
	if script == nil {
		t.Fatal("docs/file.md holds no script")
	}
	if lines := bytes.Count(script[1], []byte("\n")); lines > 30 {
		t.Errorf("the script has %d lines", lines)
	}
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c, _ := s.lived()
	var agents, creditors bytes.Buffer
	s.must(s.server.WriteCaseFile(s.ctx, admin, c.ID, &agents))
	s.must(s.server.WriteCaseFile(s.ctx, negotiation.Actor{Role: negotiation.RoleCreditor, ID: "u1", CreditorID: c.CreditorID}, c.ID, &creditors))
	dir := t.TempDir()
	put := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		s.must(os.WriteFile(path, content, 0o600))
		return path
	}
	program, key := put("check.py", script[1]), put("key.pem", s.published()[0].PEM())
	run := func(file []byte) error {
		out, err := exec.Command("python3", program, put("file.zip", file), key).CombinedOutput()
		if err != nil {
			t.Logf("%.300s", out)
		}
		return err
	}
	for name, file := range map[string][]byte{"the agency's": agents.Bytes(), "the creditor's": creditors.Bytes()} {
		if err := run(file); err != nil {
			t.Errorf("%s copy: %v", name, err)
		}
	}
	file := agents.Bytes()
	for _, at := range []int{40, len(file) / 3, len(file) / 2, len(file) - 3000, len(file) - 200, len(file) - 64} {
		changed := slices.Clone(file)
		changed[at] ^= 0x20
		if run(changed) == nil {
			t.Errorf("byte %d of %d changed does not show", at, len(file))
		}
	}
	if run(file[:len(file)-1]) == nil || run(append(slices.Clone(file), 0)) == nil {
		t.Error("a file that was cut or drawn out does not show")
	}
}

func TestTheFileHoldsTheFirstLetterWithoutItsKey(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	id := s.placeOnly(vasseur)
	batch := s.batchOf(id)
	made := s.lettersOf(batch)[0]
	_, _, err := s.negotiation.PostBatch(s.ctx, admin, batch, made.DatedOn, "dépôt 1")
	s.must(err)
	code := s.codeOf(made.LetterID)
	agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
	f := s.read([]byte(agent.get("/agent/cases/" + id + "/file").submit("/file").answered(http.StatusOK).body))
	if text := pdfText(t, string(f.entry(s, strings.ToLower(made.Reference)+".pdf"))); text != "" && (!strings.Contains(text, "xxxxx xxxxx") || !strings.Contains(text, made.Reference)) {
		t.Errorf("the letter reads %s", text)
	}
	if code == "" || f.holds(s, code) || f.holds(s, code[:5]+" "+code[5:]) {
		t.Errorf("the key %q goes from hand to hand", code)
	}
}
