package portal

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/payments"
	"amiable/portal/access"
	"amiable/portal/evidence"
	"amiable/portal/locale"
	"amiable/portal/page"
	"amiable/portal/store"
)

// counter takes forms with files, by itself.
type counter struct {
	*Server
	t    *testing.T
	db   *database.DB
	wall time.Time
}

// eachCounter runs on both databases, one with a folder, one with S3.
func eachCounter(t *testing.T, test func(t *testing.T, d *counter)) {
	schema := []database.Migrations{negotiation.Migrations, payments.Migrations, access.Migrations}
	databasetest.Each(t, schema, func(t *testing.T, db *database.DB) {
		d := &counter{t: t, db: db, wall: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
		kept := store.Store(store.Folder{Path: filepath.Join(t.TempDir(), "files")})
		if db.Dialect() == database.Postgres {
			memory := s3mem.New()
			d.must(memory.CreateBucket("evidence"))
			s3 := httptest.NewServer(gofakes3.New(memory).Server())
			t.Cleanup(s3.Close)
			var err error
			kept, err = store.NewS3(store.Bucket{Endpoint: s3.URL, Name: "evidence", Region: "fr-par", AccessKey: "k", SecretKey: "s", PathStyle: true})
			d.must(err)
		}
		n := negotiation.New(db, negotiation.WallClock{})
		a, err := access.New(n, access.Config{Keys: access.Keys{Secret: []byte(strings.Repeat("k", 32))}, WallNow: func() time.Time { return d.wall }})
		d.must(err)
		d.Server, err = New(Config{BaseURL: "http://127.0.0.1", Files: Files{kept, db}}, n, payments.New(n, nil, "http://127.0.0.1", false), a)
		d.must(err)
		test(t, d)
	})
}

func (d *counter) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

type upload struct {
	name    string
	content []byte
}

// formOf is a form with files, and the boxes that are still ticked.
func formOf(kept []string, files ...upload) (body *bytes.Buffer, contentType string) {
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	_ = w.WriteField("words", "le mur est fissuré")
	for _, id := range kept {
		_ = w.WriteField("files-kept", id)
	}
	for _, f := range files {
		part, _ := w.CreateFormFile("files", f.name)
		_, _ = part.Write(f.content)
	}
	_ = w.Close()
	return body, w.FormDataContentType()
}

// send is one try of a visitor; party tells visitors apart.
func (d *counter) send(party string, kept []string, files ...upload) ([]Kept, page.Form) {
	d.t.Helper()
	body, contentType := formOf(kept, files...)
	got, form, err := d.sendBody(party, contentType, body)
	d.must(err)
	return got, form
}

func (d *counter) sendBody(party, contentType string, body io.Reader) (kept []Kept, form page.Form, err error) {
	request := httptest.NewRequest(http.MethodPost, "/case/disputes?words=other", body)
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Accept-Language", "fr")
	c := d.echo.NewContext(request, httptest.NewRecorder())
	c.Set(meKey, &me{visit: &access.Visit{Kind: access.KindDebtor, SubjectID: party, CaseID: "case"}})
	defer dropSent(c)
	request.Body = http.MaxBytesReader(c.Response(), request.Body, evidenceFormMax)
	if err := unreadable(readEvidenceForm(c, evidenceSentMax)); err != nil {
		return nil, page.Form{}, err
	}
	form = typed(c, "words")
	if form.Value("words") != "le mur est fissuré" {
		d.t.Errorf("what was typed is %q", form.Value("words"))
	}
	kept, err = d.intake(c, &form, "files", 3)
	return kept, form, err
}

func photo(shade byte) []byte {
	m := image.NewGray(image.Rect(0, 0, 40, 30))
	for i := range m.Pix {
		m.Pix[i] = shade
	}
	var out bytes.Buffer
	_ = jpeg.Encode(&out, m, nil)
	return out.Bytes()
}

func names(kept []Kept) string {
	var all []string
	for _, k := range kept {
		all = append(all, k.Name)
	}
	return strings.Join(all, " ")
}

func ids(kept []Kept) (all []string) {
	for _, k := range kept {
		all = append(all, k.Draft)
	}
	return all
}

func saidOf(form page.Form) string {
	var all []string
	for _, e := range form.AllErrors("files") {
		all = append(all, e.Text)
	}
	return strings.Join(all, "\n")
}

func TestAFailedUploadIsNamedAndRetriedAlone(t *testing.T) {
	eachCounter(t, func(t *testing.T, d *counter) {
		door, wall, svg := photo(10), photo(200), []byte("<svg><script>alert(1)</script></svg>")
		kept, form := d.send("claire", nil, upload{"porte.jpg", door}, upload{"../../plan.png", svg}, upload{"film.mp4", make([]byte, 11_000_000)})
		if names(kept) != "porte.jpg" || len(form.Errors) != 2 || !strings.HasPrefix(saidOf(form), "plan.png") || !strings.Contains(saidOf(form), "\nfilm.mp4") {
			t.Fatalf("kept %q, said %q", names(kept), saidOf(form))
		}
		if shown := form.Kept["files"]; len(shown) != 1 || shown[0].Name != "porte.jpg" || shown[0].ID != kept[0].Draft {
			t.Fatalf("shown: %+v", shown)
		}
		// The second try sends only what failed; the same photo again is one.
		kept, form = d.send("claire", ids(kept), upload{"mur.jpg", wall}, upload{"porte encore.jpg", door})
		if names(kept) != "porte.jpg mur.jpg" || form.Bad() {
			t.Fatalf("kept %q, said %q", names(kept), saidOf(form))
		}
		// A double click sends the same ids: the answer is the same.
		if again, form := d.send("claire", ids(kept)); names(again) != "porte.jpg mur.jpg" || again[0].Hash != kept[0].Hash || form.Bad() {
			t.Fatalf("again %q, said %q", names(again), saidOf(form))
		}
		// Unticked is left out; what is too many is named.
		kept, form = d.send("claire", ids(kept)[1:], upload{"a.jpg", photo(1)}, upload{"b.jpg", photo(2)}, upload{"c.jpg", photo(3)})
		if names(kept) != "mur.jpg a.jpg b.jpg" || len(form.Errors) != 1 || !strings.HasPrefix(saidOf(form), "c.jpg") {
			t.Fatalf("kept %q, said %q", names(kept), saidOf(form))
		}
		// Nobody else can send them.
		if stolen, form := d.send("somebody", ids(kept)); len(stolen) != 0 || len(form.Errors) != 1 {
			t.Fatalf("somebody else sends %q", names(stolen))
		}
		if none, form := d.send("claire", nil); len(none) != 0 || form.Bad() {
			t.Fatalf("nothing was sent, and said %q", saidOf(form))
		}
		for _, check := range d.verifyFiles() {
			if len(check.Breaks) > 0 {
				t.Errorf("%s: %q", check.Name, check.Breaks)
			}
		}
	})
}

func (d *counter) verifyFiles() []negotiation.Invariant {
	d.t.Helper()
	checks, err := d.Files.Verify(context.Background())
	d.must(err)
	return checks
}

func TestAFormThatIsCutOrTooLongIsRefusedAndLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	eachCounter(t, func(t *testing.T, d *counter) {
		body, contentType := formOf(nil, upload{"porte.jpg", photo(10)}, upload{"mur.jpg", bytes.Repeat(photo(20), 100)})
		_, _, err := d.sendBody("claire", contentType, bytes.NewReader(body.Bytes()[:body.Len()-2000]))
		if !isStatus(err, http.StatusBadRequest) {
			t.Errorf("cut in the middle: %v", err)
		}
		var many []upload
		for n := range evidencePartsMax + 1 {
			many = append(many, upload{fmt.Sprint(n, ".jpg"), photo(1)})
		}
		body, contentType = formOf(nil, many...)
		if _, _, err := d.sendBody("claire", contentType, body); err == nil || isStatus(err, http.StatusBadRequest) {
			t.Errorf("a hundred files: %v", err)
		}
		body, contentType = formOf([]string{strings.Repeat("x", formBytesMax)})
		if _, _, err := d.sendBody("claire", contentType, body); err == nil || isStatus(err, http.StatusBadRequest) {
			t.Errorf("a text without end: %v", err)
		}
		// More than is looked at, and less than is too long: named, all of them.
		body, contentType = formOf(nil, many[:evidenceSentMax+5]...)
		if _, form, err := d.sendBody("claire", contentType, body); err != nil || len(form.Errors) == 0 {
			t.Errorf("twenty files: %v, %q", err, saidOf(form))
		}
		left, err := filepath.Glob(filepath.Join(folder, "amiable-evidence-*"))
		if err != nil || len(left) > 0 {
			t.Errorf("left behind: %v (%v)", left, err)
		}
	})
}

func isStatus(err error, status int) bool {
	answer, ok := err.(*echo.HTTPError)
	return ok && answer.Code == status
}

func TestADraftThatNobodyNamesGoes(t *testing.T) {
	eachCounter(t, func(t *testing.T, d *counter) {
		ctx := context.Background()
		kept, _ := d.send("claire", nil, upload{"porte.jpg", photo(10)}, upload{"mur.jpg", photo(20)})
		proof, err := d.Files.Put(ctx, "quittance.jpg", "image/jpeg", []byte("an agent's own"))
		d.must(err)
		count := func() (n int64) {
			d.must(d.db.Read(ctx).Model(&fileRow{}).Count(&n).Error)
			return n
		}
		age := func() { // as if all had been kept long ago
			d.must(d.db.Read(ctx).Exec("UPDATE files SET kept_at = ?", database.Now().Add(-draftKept-time.Hour)).Error)
		}
		sweep := func(want int) {
			t.Helper()
			d.must(d.access.Sweep(ctx))
			if n, err := d.Files.Sweep(ctx, 100); err != nil || n != want {
				t.Errorf("%d are removed (%v), want %d", n, err, want)
			}
		}
		age()
		sweep(0) // the form may still come
		d.wall = d.wall.Add(25 * time.Hour)
		if _, form := d.send("claire", ids(kept)); len(form.Errors) != 1 {
			t.Errorf("a file of yesterday: %q", saidOf(form))
		}
		// One is sent again in time, and stays.
		again, _ := d.send("claire", nil, upload{"porte.jpg", photo(10)})
		sweep(1)
		if count() != 2 {
			t.Errorf("%d are on record", count())
		}
		for hash, want := range map[string]bool{again[0].Hash: true, kept[1].Hash: false, proof: true} {
			if has, err := d.Files.Store.Has(ctx, hash); err != nil || has != want {
				t.Errorf("%s: %v %v, want %v", hash, has, err, want)
			}
		}
		// Removed, it can be sent anew; a removal that was broken off is taken
		// over.
		d.must(d.db.Read(ctx).Exec("UPDATE files SET leaving_at = ? WHERE hash = ?", database.Now().Add(-2*leavingMax), again[0].Hash).Error)
		d.must(d.Files.Store.Remove(ctx, again[0].Hash))
		d.send("claire", nil, upload{"porte.jpg", photo(10)}, upload{"mur.jpg", photo(20)})
		for _, check := range d.verifyFiles() {
			if len(check.Breaks) > 0 || check.Checked == 0 {
				t.Errorf("%s: %d, %q", check.Name, check.Checked, check.Breaks)
			}
		}
		// While it is being removed, whoever sends it again waits.
		d.must(d.db.Read(ctx).Exec("UPDATE files SET leaving_at = ? WHERE hash = ?", database.Now(), again[0].Hash).Error)
		impatient, stop := context.WithTimeout(ctx, 300*time.Millisecond)
		defer stop()
		cleaned, err := evidence.Intake(ctx, bytes.NewReader(photo(10)), "porte.jpg")
		d.must(err)
		if err := d.Files.Keep(impatient, cleaned); err == nil {
			t.Error("it is kept while it is being removed")
		}
	})
}

func TestVerifySeesAFileThatIsGoneOrAnother(t *testing.T) {
	eachCounter(t, func(t *testing.T, d *counter) {
		ctx := context.Background()
		kept, _ := d.send("claire", nil, upload{"porte.jpg", photo(10)}, upload{"mur.jpg", photo(20)})
		d.must(d.Files.Store.Remove(ctx, kept[0].Hash))
		d.must(d.Files.Store.Put(ctx, kept[1].Hash, []byte("another wall")))
		checks := d.verifyFiles()
		if got := strings.Join(checks[1].Breaks, "\n"); !strings.Contains(got, kept[0].Hash+" is not kept") || !strings.Contains(got, kept[1].Hash+" is another") {
			t.Errorf("told: %q", got)
		}
		check := negotiation.Invariant{}
		d.must(d.Files.verifyRows(ctx, &check, "payments", []string{kept[0].Hash, strings.Repeat("cd", 32)}))
		if check.Checked != 2 || len(check.Breaks) != 1 {
			t.Errorf("named: %+v", check)
		}
	})
}

func TestEveryColumnThatNamesAFileIsKnown(t *testing.T) {
	// The hash of what was read, of the record itself, and of a line of a chain.
	others := map[string]bool{"placements.file_hash": true, "bank_imports.file_hash": true, "files.hash": true, "events.hash": true}
	for _, c := range fileColumns {
		others[c.table+"."+c.column] = true
	}
	naming := regexp.MustCompile(`^(hash|(.+_)?file|file_hash|(.+_)?proof)$`)
	eachCounter(t, func(t *testing.T, d *counter) {
		tables, err := d.db.Read(context.Background()).Migrator().GetTables()
		d.must(err)
		seen := 0
		for _, table := range tables {
			columns, err := d.db.Read(context.Background()).Migrator().ColumnTypes(table)
			d.must(err)
			for _, column := range columns {
				if !naming.MatchString(column.Name()) {
					continue
				}
				if seen++; !others[table+"."+column.Name()] {
					t.Errorf("%s.%s names a file and is not among fileColumns", table, column.Name())
				}
			}
		}
		if seen != len(others) {
			t.Errorf("%d columns name files, %d are known", seen, len(others))
		}
	})
}

func TestOnlyWhatWeDrewIsShownAndNothingRuns(t *testing.T) {
	eachCounter(t, func(t *testing.T, d *counter) {
		ctx := context.Background()
		kept, _ := d.send("claire", nil, upload{"porte.jpg", photo(10)})
		pdf := &evidence.File{Name: "devis.pdf", MediaType: evidence.PDF, Content: []byte("%PDF-1.7 ours"), Pages: 1}
		pdf.Hash = store.Hash(pdf.Content)
		d.must(d.Files.Keep(ctx, pdf))
		html, err := d.Files.Put(ctx, "x.html", "text/html", []byte("<script>alert(1)</script>"))
		d.must(err)
		raw, err := d.Files.Put(ctx, "x.jpg", "image/jpeg", []byte("\xff\xd8\xff as it came"))
		d.must(err)
		for _, test := range []struct{ hash, name, media, shown string }{
			{kept[0].Hash, "pörte \"1\".jpg", "image/jpeg", `inline; filename="p_rte _1_.jpg"; filename*=UTF-8''p%C3%B6rte%20%221%22.jpg`},
			{pdf.Hash, "devis.pdf", "application/pdf", `attachment; filename="devis.pdf"`},
			{html, "x.html", "application/octet-stream", `attachment; filename="x.html"`},
			{raw, "x.jpg", "application/octet-stream", `attachment; filename="x.jpg"`},
		} {
			answer := httptest.NewRecorder()
			c := d.echo.NewContext(httptest.NewRequest(http.MethodGet, "/case/files/x", nil), answer)
			d.must(d.sendEvidence(c, test.hash, test.name))
			h := answer.Header()
			if h.Get("Content-Type") != test.media || !strings.HasPrefix(h.Get("Content-Disposition"), test.shown) {
				t.Errorf("%s: %s, %s", test.name, h.Get("Content-Type"), h.Get("Content-Disposition"))
			}
			if h.Get("Content-Security-Policy") != "sandbox; default-src 'none'" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "private, no-store" {
				t.Errorf("%s: %v", test.name, h)
			}
			if h.Get("Content-Length") != fmt.Sprint(answer.Body.Len()) || store.Hash(answer.Body.Bytes()) != test.hash {
				t.Errorf("%s: %d bytes of %s", test.name, answer.Body.Len(), h.Get("Content-Length"))
			}
		}
		c := d.echo.NewContext(httptest.NewRequest(http.MethodGet, "/case/files/x", nil), httptest.NewRecorder())
		if r := negotiation.AsRefusal(d.sendEvidence(c, strings.Repeat("ab", 32), "x")); r == nil || r.Kind != negotiation.NotFound {
			t.Errorf("what is not there: %v", r)
		}
	})
}

// Every refusal of a file says what to do, in both languages, with its values.
func TestEveryRefusalOfAFileHasItsPhrase(t *testing.T) {
	sources, err := filepath.Glob("evidence/*.go")
	if err != nil {
		t.Fatal(err)
	}
	sources = append(sources, "evidence.go", "access/draft_file.go")
	code, seen := regexp.MustCompile(`"(evidence_[a-z_]+)"`), map[string]bool{}
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range code.FindAllSubmatch(text, -1) {
			seen["refusal."+string(match[1])] = true
		}
	}
	for _, l := range locale.Languages {
		for key := range seen {
			if !l.Complete(key, "name", "x", "max", 1) {
				t.Errorf("%s: %s is missing, or wants more", l, key)
			}
		}
		for _, key := range l.Keys() {
			ofBanks := slices.Contains([]string{"refusal.evidence_missing", "refusal.evidence_too_late", "refusal.evidence_too_long"}, key) // what is said to a bank, no file
			if strings.HasPrefix(key, "refusal.evidence_") && !seen[key] && !ofBanks {
				t.Errorf("%s: nothing refuses with %s", l, key)
			}
		}
	}
}

// Who is not signed in fills no disk: what they typed waits, their files are
// sent again.
func TestFilesOfWhoIsNotSignedInAreNotKept(t *testing.T) {
	eachCounter(t, func(t *testing.T, d *counter) {
		body, contentType := formOf(nil, upload{"mur.jpg", photo(80)})
		request := httptest.NewRequest(http.MethodPost, "/case/disputes", body)
		request.Header.Set("Content-Type", contentType)
		c := d.echo.NewContext(request, httptest.NewRecorder())
		defer dropSent(c)
		d.must(d.readForm(c, Route{Method: http.MethodPost, Path: disputesPath, Audience: Debtors}))
		if c.FormValue("words") != "le mur est fissuré" {
			t.Errorf("what was typed is %q", c.FormValue("words"))
		}
		for _, f := range sentFiles(c, "files") {
			if f.content != nil {
				t.Errorf("%s of a stranger is kept", f.name)
			}
		}
	})
}
