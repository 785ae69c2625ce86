package portal_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/portal/outreach"
)

// addresses gives agency and creditors what the law wants printed.
func (s *site) addresses(creditors ...*negotiation.Creditor) {
	s.t.Helper()
	agency, err := s.negotiation.Agency(s.ctx)
	s.must(err)
	agency.Street, agency.Postcode, agency.City = "12 rue des Chartrons", "33000", "Bordeaux"
	s.must(s.negotiation.ChangeAgency(s.ctx, admin, *agency))
	for _, c := range creditors {
		c.Street, c.Postcode, c.City = "3 quai des Œuvres", "44000", "Nantes"
		s.must(s.negotiation.ChangeCreditor(s.ctx, admin, *c))
	}
}

// placeOnly places one claim and returns its case's id.
func (s *site) placeOnly(line string) string {
	s.t.Helper()
	var refused bytes.Buffer
	p, _, err := s.negotiation.Place(s.ctx, admin, negotiation.File{Name: "claims.csv", Body: strings.NewReader(header + line + "\n"), Refused: &refused})
	s.must(err)
	ids, err := s.negotiation.CasesOfPlacement(s.ctx, p.ID)
	s.must(err)
	if len(ids) != 1 {
		s.t.Fatalf("%d cases: %s", len(ids), refused.String())
	}
	return ids[0]
}

// batchOf makes the first letters of cases, as the pages do.
func (s *site) batchOf(caseIDs ...string) string {
	s.t.Helper()
	s.addresses(s.creditor)
	batch := uuid.Must(uuid.NewV7()).String()
	_, err := s.negotiation.OpenLetterBatch(s.ctx, admin, batch, caseIDs, "", s.base)
	s.must(err)
	_, err = s.negotiation.PrepareBatch(s.ctx, admin, batch, 500, negotiation.LetterOrder{Complete: outreach.CheckDraft, Carry: s.access.CarryCode})
	s.must(err)
	return batch
}

func (s *site) lettersOf(batch string) []*negotiation.OpeningLetter {
	s.t.Helper()
	list, err := s.negotiation.BatchLetters(s.ctx, admin, batch)
	s.must(err)
	var made []*negotiation.OpeningLetter
	for _, b := range list {
		if b.Opening == nil {
			s.t.Fatalf("no letter was made: %s", b.Refused)
		}
		made = append(made, b.Opening)
	}
	return made
}

func (s *site) codeOf(letterID string) string {
	s.t.Helper()
	codes, err := s.access.LetterCodes(s.ctx, letterID)
	s.must(err)
	return codes[letterID]
}

// pdfText reads a PDF as text; empty where poppler-utils is missing.
func pdfText(t *testing.T, file string) string {
	t.Helper()
	if !strings.HasPrefix(file, "%PDF") {
		t.Fatalf("no PDF: %.200s", file)
	}
	command, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("AMIABLE_REQUIRE_ALL") == "1" {
			t.Fatal("pdftotext is missing: install poppler-utils")
		}
		t.Log("pdftotext is missing: the letters are not read back (poppler-utils)")
		return ""
	}
	run := exec.Command(command, "-raw", "-enc", "UTF-8", "-", "-")
	run.Stdin = strings.NewReader(file)
	text, err := run.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(string(text))), " ")
}

// mentions are what CPCE R124-4 wants in a first letter, as it is read in the
// case of vasseur.
var mentions = []string{
	"Agence Aubrelle", "12 rue des Chartrons", "33000 Bordeaux", "exerce une activité de recouvrement amiable", // 1°
	"Atelier Boréal SARL, 3 quai des Œuvres, 44000 Nantes", "2 janvier 2024", // 2°
	"1 227,60 €", "Principal", "Intérêts de retard", "Facture 2026-0318", "1 827,60 €", "600,00 €", "Frais de nos démarches", // 3°
	"Nous vous demandons de payer la somme de 1 227,60 €", "Comment régler", // 4°
	"deuxième et troisième alinéas de l’article L111-8", // 5°
	"Les frais de recouvrement entrepris sans titre exécutoire restent à la charge du créancier", "à la charge du débiteur de mauvaise foi",
	"contester ne coûte rien", "nous viennent du créancier", "puis 30 jours", "CNIL", "mardi 8 décembre 2026",
}

func TestAFirstLetterIsReviewedPrintedPostedAndRead(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.addresses(s.creditor)
		id := s.placeOnly(vasseur)
		s.placeOnly(garage)
		_, err := s.negotiation.PlaceHold(s.ctx, admin, s.placeOnly(strings.NewReplacer("2026-0318", "2026-0500", "Claire Vasseur", "Rose Tellier", "claire.vasseur", "rose", ",33000,Bordeaux", ",,").Replace(vasseur)), negotiation.Hold{Reason: negotiation.HoldDeceased})
		s.must(err)
		v := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		v.get("/agent").sees("Établir les premières lettres", "3 dossiers attendent")
		v.get("/agent/letters").answered(http.StatusOK).sees("claims.csv", "Atelier Boréal SARL")
		v.get(v.href("placement=")).answered(http.StatusOK)
		v.submit("/agent/letters/review").answered(http.StatusUnprocessableEntity).sees("Choisissez une réponse.")
		// All that wait, of every placement, chosen by hand.
		cases, err := s.negotiation.Unwritten(s.ctx, admin, "", 10)
		s.must(err)
		ids := url.Values{}
		for _, c := range cases {
			ids.Add("case", c.ID)
		}
		v.post("/agent/letters/review", ids).answered(http.StatusOK)
		v.sees("2 lettres peuvent partir", "1 bloquée, et pourquoi", "Rose Tellier", "Décès", "Par la poste", "11 966,65 €")
		review := v.inputs("/agent/letters/batches")
		v.post("/agent/letters/batches", review).answered(http.StatusOK)
		first := v.at.Path
		v.post("/agent/letters/batches", review).answered(http.StatusOK) // a double click
		if v.at.Path != first {
			t.Fatalf("the second click made %s beside %s", v.at.Path, first)
		}
		v.sees("PL-2026-0001", "PL-2026-0002", "à poster", "Imprimer", "Les lettres sont établies.").seesNot("PL-2026-0003")
		made, err := s.negotiation.BatchLetters(s.ctx, admin, strings.TrimPrefix(first, "/agent/letters/batches/"))
		s.must(err)
		if len(made) != 2 {
			t.Fatalf("the batch has %d cases", len(made))
		}
		letter := made[0].Opening
		code := s.codeOf(letter.LetterID)
		grouped := code[:5] + " " + code[5:]

		v.get(first + "/print.pdf").answered(http.StatusOK)
		once := v.body
		if text := pdfText(t, once); text != "" {
			for _, want := range append(mentions, letter.Reference, grouped, "PL-2026-0002", "10 739,05 €") {
				if !strings.Contains(text, want) {
					t.Errorf("the print run does not say %q:\n%s", want, text)
				}
			}
		}
		if v.get(first + "/print.pdf"); v.body != once {
			t.Error("printed twice, two files")
		}
		v.get(first + "/print.pdf?duplex=1").answered(http.StatusOK)
		if v.body == once {
			t.Error("both sides are printed as one")
		}
		// Before it is posted, the code opens nothing and the case is not open.
		guest := newVisitor(s).get(s.base + "/c/" + code).answered(http.StatusOK)
		if !strings.Contains(guest.body, grouped) {
			t.Error("the QR code does not fill in the code")
		}
		guest.submit("/code", "code", grouped).answered(http.StatusNotFound).seesNot("Atelier Boréal")

		v.get(first).submit("/posting", "sent_on", "2026-11-23").answered(http.StatusUnprocessableEntity)
		v.submit("/posting", "sent_on", "2026-11-23", "file_reference", "bordereau 0042").answered(http.StatusOK).sees("partie le 23 novembre 2026", "les dossiers sont ouverts")
		if c := s.load(id); c.State != negotiation.CaseOpen || c.FirstLetterReference != letter.Reference || c.FirstLetterProof != "bordereau 0042" {
			t.Fatalf("posted, the case is %s, %s, %s", c.State, c.FirstLetterReference, c.FirstLetterProof)
		}

		// The debtor has the paper in hand.
		guest.get("/is-it-real").answered(http.StatusOK).get("/code?code=" + url.QueryEscape(code)).answered(http.StatusOK)
		guest.submit("/code", "code", strings.ToLower(grouped)).answered(http.StatusOK)
		guest.sees("Oui, ce courrier vient de nous", "Agence Aubrelle écrit pour Atelier Boréal SARL", "23 novembre 2026", "Nadia Ferrand").seesNot("Vasseur", "1 227,60", "2026-0318", "facture")
		guest.submit("/code/link").answered(http.StatusOK)
		if !strings.HasPrefix(guest.at.Path, "/l/") {
			t.Fatalf("the code led to %s", guest.at)
		}
		guest.sees("Nadia Ferrand").seesNot("Atelier Boréal", "1 227,60")
		guest.submit("/l/", "answer", "33000").answered(http.StatusOK).sees("Atelier Boréal SARL", "1 227,60 €", "Lire la lettre")

		guest.get("/case/documents").answered(http.StatusOK).sees("Première lettre", "Décompte du 23 novembre 2026")
		guest.get("/case/letters/first").answered(http.StatusOK).sees(append(mentions, letter.Reference, grouped, "PL-2026-0001")...)
		guest.get("/case/letters/first.pdf").answered(http.StatusOK)
		sent := guest.body
		guest.get("/case/statements/"+letter.StatementID).answered(http.StatusOK).sees("1 227,60 €", "figé", "Facture 2026-0318")
		statementPage := guest.text()
		guest.get("/case/statements/" + letter.StatementID + ".pdf").answered(http.StatusOK)
		if text := pdfText(t, guest.body); text != "" && !strings.Contains(text, "1 227,60 €") {
			t.Errorf("the statement's PDF does not say what was owed: %s", text)
		}
		// A payment changes what is owed, and nothing that was sent.
		_, err = s.payments.RecordElsewhere(s.ctx, admin, id, elsewhere())
		s.must(err)
		guest.get("/case").sees("1 217,60 €")
		if guest.get("/case/letters/first.pdf"); guest.body != sent {
			t.Error("a payment changed the letter")
		}
		if guest.get("/case/statements/" + letter.StatementID); guest.text() != statementPage {
			t.Error("a payment changed the frozen statement")
		}
		guest.get("/case/statements/" + made[1].Opening.StatementID).answered(http.StatusNotFound)

		s.verify()
		for _, secret := range []string{code, grouped, "Vasseur"} {
			if strings.Contains(s.log.String(), secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
	})
}

// href is the address of the first link on the page that holds a text.
func (v *visitor) href(part string) string {
	v.t.Helper()
	for _, match := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(v.body, -1) {
		if strings.Contains(match[1], part) {
			return strings.ReplaceAll(match[1], "&amp;", "&")
		}
	}
	v.t.Fatalf("no link to %q on %s", part, v.at)
	return ""
}

// inputs are the fields of the form with an action.
func (v *visitor) inputs(action string) url.Values {
	v.t.Helper()
	_, form, found := strings.Cut(v.body, `action="`+action+`"`)
	if !found {
		v.t.Fatalf("no form to %s on %s", action, v.at)
	}
	form, _, _ = strings.Cut(form, "</form>")
	values := url.Values{}
	for _, input := range regexp.MustCompile(`<input [^>]*>`).FindAllString(form, -1) {
		name, value := regexp.MustCompile(`name="([^"]*)"`).FindStringSubmatch(input), regexp.MustCompile(`value="([^"]*)"`).FindStringSubmatch(input)
		if name != nil && value != nil {
			values.Add(name[1], value[1])
		}
	}
	return values
}

func TestALetterThatMayNotLeaveAnyMoreIsTakenOutOfThePile(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	ids := []string{s.placeOnly(vasseur), s.placeOnly(garage)}
	batch := s.batchOf(ids...)
	made := s.lettersOf(batch)
	_, err := s.negotiation.PlaceHold(s.ctx, admin, ids[0], negotiation.Hold{Reason: negotiation.HoldMoved})
	s.must(err)
	v := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
	at := "/agent/letters/batches/" + batch
	v.get(at).answered(http.StatusOK).sees("1 lettre ne doit plus partir", "Adresse inconnue", "ne doit plus partir")
	v.get(at + "/print.pdf").answered(http.StatusOK)
	if text := pdfText(t, v.body); strings.Contains(text, "Vasseur") {
		t.Error("it is still in the pile")
	}
	v.get("/agent/first-letters/" + made[0].LetterID + "/cancellation").answered(http.StatusOK)
	v.submit("/cancellation").answered(http.StatusUnprocessableEntity)
	v.submit("/cancellation", "reason", "a déménagé").answered(http.StatusOK).sees("annulée", "a déménagé")
	v.get("/agent/letters").sees("claims.csv")
	v.get(at).submit("/posting", "sent_on", "2026-11-24", "file_reference", "b").answered(http.StatusUnprocessableEntity).sees("Postées le")
	v.get("/agent/first-letters/" + made[1].LetterID).answered(http.StatusOK)
	if !strings.HasPrefix(v.body, "%PDF") {
		t.Error("the letter alone is no PDF")
	}
	s.verify()
}

func TestAFirstLetterByMailCarriesTheLetter(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.user("admin@aubrelle.example", negotiation.RoleAdministrator, "")
		v.get("/agent/letters").answered(http.StatusOK).submit("/agent/letters/by-mail").answered(http.StatusOK).sees("par courriel là où une adresse est connue")
		id := s.placeOnly(vasseur)
		letter := s.lettersOf(s.batchOf(id))[0]
		mail := s.mailTo("claire.vasseur@example.test")
		if mail == nil || !strings.Contains(mail.Text, "Atelier Boréal SARL") || !strings.Contains(mail.Text, letter.Reference) {
			t.Fatal("no mail, or not to this letter")
		}
		for _, hidden := range []string{"1 227,60", "1227", "2026-0318"} {
			if strings.Contains(mail.Text+mail.Subject+mail.HTML, hidden) {
				t.Errorf("the mail's text tells %q", hidden)
			}
		}
		if c := s.load(id); c.State != negotiation.CaseOpen || c.FirstLetterReference != letter.Reference || c.FirstLetterChannel != "mail" {
			t.Fatalf("the case is %s, %s by %s", c.State, c.FirstLetterReference, c.FirstLetterChannel)
		}
		if len(mail.Files) != 1 || mail.Files[0].Name != letter.Reference+".pdf" {
			t.Fatalf("%d files come with it", len(mail.Files))
		}
		if text := pdfText(t, string(mail.Files[0].Content)); text != "" {
			for _, want := range append(mentions, letter.Reference) {
				if !strings.Contains(text, want) {
					t.Errorf("the letter does not say %q:\n%s", want, text)
				}
			}
		}
		guest := newVisitor(s).get(mail.Links[0]).answered(http.StatusOK)
		guest.submit("/code").answered(http.StatusOK).submit("/code/link").submit("/l/", "answer", "33000").answered(http.StatusOK)
		guest.get("/case/letters/first").answered(http.StatusOK).sees(letter.Reference, "1 227,60 €")
		s.verify()
	})
}

func TestWhatIsMissingFromALetterIsNamedInTheReview(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	s.placeOnly(vasseur) // neither agency nor creditor has an address
	v := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
	cases, err := s.negotiation.Unwritten(s.ctx, admin, "", 10)
	s.must(err)
	v.post(s.base+"/agent/letters/review", url.Values{"case": {cases[0].ID}}).answered(http.StatusOK)
	v.sees("Aucune lettre ne peut partir", "Il manque une mention obligatoire")
	v.post("/agent/letters/batches", url.Values{"case": {cases[0].ID}, "dated_on": {"2026-11-23"}}).answered(http.StatusOK).sees("non établie", "Il manque une mention obligatoire")
	s.addresses(s.creditor)
	v.post("/agent/letters/review", url.Values{"case": {cases[0].ID}}).sees("1 lettre peut partir")
	v.post("/agent/letters/batches", url.Values{"case": {cases[0].ID}, "dated_on": {"2026-12-25"}}).answered(http.StatusUnprocessableEntity).sees("dans 7 jours")
	v.post("/agent/letters/batches", url.Values{"case": {cases[0].ID}, "dated_on": {"2026-11-25"}}).answered(http.StatusOK).sees("PL-2026-0001", "25 novembre 2026")
}

func TestAnUnknownLetterReadsLikeOneThatOpensNothing(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	id := s.placeOnly(vasseur)
	letter := s.lettersOf(s.batchOf(id))[0]
	code := s.codeOf(letter.LetterID)
	s.must(s.negotiation.RecordFirstLetter(s.ctx, admin, id, negotiation.FirstLetter{Reference: letter.Reference, SentOn: "2026-11-23", Channel: "post", Proof: "b"}))
	guest := newVisitor(s).get(s.base + "/code")
	guest.submit("/code", "reference", "pl-2026-0001", "date", "2026-11-23").answered(http.StatusOK).sees("Atelier Boréal SARL").seesNot("Vasseur", "1 227,60")
	guest.get("/code").submit("/code", "reference", "PL-2026-0001", "date", "2026-11-22").answered(http.StatusNotFound)
	unknown := guest.text()
	s.must(s.access.RevokeLinks(s.ctx, admin, id, ""))
	guest.get("/code").submit("/code", "code", code).answered(http.StatusNotFound)
	if guest.text() != unknown {
		t.Errorf("a revoked code reads otherwise than an unknown letter:\n%s\n%s", guest.text(), unknown)
	}
	guest.get("/code").submit("/code").answered(http.StatusUnprocessableEntity)
	for range 8 {
		guest.get("/code").submit("/code", "code", "34679ACDEF").answered(http.StatusNotFound)
	}
	guest.get("/code").submit("/code", "code", "34679ACDEF").answered(http.StatusTooManyRequests)
	newVisitor(s).get(s.base + "/c/" + strings.Repeat("%3Cscript%3E", 20)).answered(http.StatusOK)
}

// The file of the shared data folder, as a new agency would work through it.
func TestTwoHundredLettersOfAnAgencysFirstFile(t *testing.T) {
	folder := os.Getenv("AMIABLE_SHARED_DATA")
	if folder == "" {
		t.Skip("AMIABLE_SHARED_DATA is not set: the 200 claims of the shared data folder are not placed, printed and posted")
	}
	each(t, func(t *testing.T, s *site) {
		file, err := os.ReadFile(filepath.Join(folder, "claims", "clean-200.csv"))
		s.must(err)
		s.addresses(s.creditor)
		for _, ref := range refsOf(string(file)) {
			if ref.creditor != "CRE-001" {
				continue
			}
			_, err := s.negotiation.SignMandate(s.ctx, admin, negotiation.Mandate{CreditorID: s.creditor.ID, Reference: ref.mandate, SignedOn: "2024-01-02", Scope: "x", Proof: "y", VATBasisPoints: 2000})
			if r := negotiation.AsRefusal(err); r == nil {
				s.must(err)
			}
		}
		for _, ref := range refsOf(string(file)) {
			if ref.creditor == "CRE-001" {
				continue
			}
			creditor, err := s.negotiation.CreditorByReference(s.ctx, ref.creditor)
			if negotiation.AsRefusal(err) != nil {
				creditor, err = s.negotiation.AddCreditor(s.ctx, admin, negotiation.Creditor{Reference: ref.creditor, Name: "Créancier " + ref.creditor, SIREN: "010185650", Street: "1 rue Neuve", Postcode: "75002", City: "Paris"})
			}
			s.must(err)
			_, err = s.negotiation.SignMandate(s.ctx, admin, negotiation.Mandate{CreditorID: creditor.ID, Reference: ref.mandate, SignedOn: "2024-01-02", Scope: "x", Proof: "y", VATBasisPoints: 2000})
			if r := negotiation.AsRefusal(err); r == nil {
				s.must(err)
			}
		}
		var refused bytes.Buffer
		placed, _, err := s.negotiation.Place(s.ctx, admin, negotiation.File{Name: "clean-200.csv", Body: bytes.NewReader(file), Refused: &refused})
		s.must(err)
		v := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		all := time.Now()
		v.post(s.base+"/agent/letters/review", url.Values{"placement": {placed.ID}, "all": {"yes"}}).answered(http.StatusOK)
		review := v.inputs("/agent/letters/batches")
		began := time.Now()
		v.post("/agent/letters/batches", review).answered(http.StatusOK)
		batch := strings.TrimPrefix(v.at.Path, "/agent/letters/batches/")
		t.Logf("%d of %d claims refused; %d letters made in %v", placed.Refused, placed.Accepted+placed.Warned, len(review["case"]), time.Since(began))
		for strings.Contains(v.body, "/preparation") {
			v.submit("/preparation").answered(http.StatusOK)
		}
		made := s.lettersOf(batch)
		if len(made) != len(review["case"]) || len(made) < 50 {
			t.Fatalf("%d letters of %d: %.500s", len(made), len(review["case"]), refused.String())
		}
		began = time.Now()
		response, err := v.client.Get(s.base + "/agent/letters/batches/" + batch + "/print.pdf?duplex=1")
		s.must(err)
		defer response.Body.Close()
		run, err := io.ReadAll(response.Body)
		s.must(err)
		t.Logf("%d letters printed as %d bytes in %v", len(made), len(run), time.Since(began))
		if text := pdfText(t, string(run)); text != "" {
			for _, o := range made {
				code := s.codeOf(o.LetterID)
				if !strings.Contains(text, o.Reference) || !strings.Contains(text, code[:5]+" "+code[5:]) {
					t.Errorf("letter %s or its code is not in the print run", o.Reference)
				}
			}
		}
		v.get("/agent/letters/batches/"+batch).submit("/posting", "sent_on", "2026-11-23", "file_reference", "bordereau").answered(http.StatusOK)
		t.Logf("reviewed, made, printed and posted in %v", time.Since(all))
		for _, o := range made {
			if c := s.load(o.CaseID); c.State != negotiation.CaseOpen {
				t.Fatalf("case %s is %s", c.Reference, c.State)
			}
		}
		opened := 0
		for _, o := range made[:5] {
			c := s.load(o.CaseID)
			if c.Debtor.Postcode == "" {
				continue
			}
			guest := newVisitor(s).get(s.base + "/c/" + s.codeOf(o.LetterID)).submit("/code").answered(http.StatusOK).submit("/code/link").answered(http.StatusOK)
			guest.submit("/l/", "answer", c.Debtor.Postcode).answered(http.StatusOK).sees(c.Creditor.Name)
			guest.get("/case/letters/first").answered(http.StatusOK).sees(o.Reference)
			opened++
		}
		if opened == 0 {
			t.Error("nobody opened their letter")
		}
		s.verify()
	})
}

type reference struct{ creditor, mandate string }

// refsOf lists the creditors and mandates that a file names.
func refsOf(file string) []reference {
	seen := map[reference]bool{}
	var refs []reference
	lines := strings.Split(file, "\n")
	columns := map[string]int{}
	for i, name := range strings.Split(strings.TrimSpace(lines[0]), ",") {
		columns[name] = i
	}
	known := regexp.MustCompile(`(CRE-\d+).*,([A-Z]+-[\w-]+),`)
	for _, line := range lines[1:] {
		if m := known.FindStringSubmatch(line); m != nil && !seen[reference{m[1], m[2]}] {
			seen[reference{m[1], m[2]}] = true
			refs = append(refs, reference{m[1], m[2]})
		}
	}
	return refs
}
