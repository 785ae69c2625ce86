//go:build bench

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/money"
	"amiable/portal/access"
	"amiable/portal/locale"
	"amiable/portal/page"
)

// worklist measures an agent's first page and a search in a world where
// something waits in every case, on both databases: L1 to L4.
func (b *bench) worklist() {
	w := b.openWorld()
	b.agentsDay("PostgreSQL", w)
	file := "sqlite:" + filepath.Join(b.folder, "worklist.db")
	db, err := database.Open(b.Context(), file)
	b.must(err)
	b.Cleanup(func() { _ = db.Close() })
	b.settle(db)
	b.importInto(file, b.file("worklist.csv", b.lines))
	embedded := &benchWorld{url: file, db: db}
	b.begin(embedded)
	b.agentsDay("SQLite", embedded)
}

// waitsEverywhere puts a row on the list for each case, as an act would.
func (b *bench) waitsEverywhere(w *benchWorld) {
	b.Helper()
	id := "c.id"
	day := "strftime('%Y-%m-%d', 'now', '-' || (abs(random()) % 30) || ' days')"
	now := "datetime('now')"
	if w.db.Dialect() == database.Postgres {
		day, now = "(CURRENT_DATE - (random() * 30)::int)", "now()"
	}
	b.run(w.db, `INSERT INTO work_items (id, creditor_id, case_id, kind, subject_id, since, due_on, amount, again, care, note, rank_on, agent_id, created_at)
		SELECT `+id+`, c.creditor_id, c.id, 'wish', c.id, `+now+`, `+day+`, c.principal, 0, FALSE, 'message', `+day+`, '', `+now+` FROM cases c`)
	if w.db.Dialect() == database.Postgres {
		b.run(w.db, "VACUUM ANALYZE")
	} else {
		b.run(w.db, "ANALYZE")
	}
}

// agent makes somebody who may see the list, and signs them in.
func (b *bench) agent(w *benchWorld) (cookie string) {
	b.Helper()
	ctx := b.Context()
	service, err := access.New(negotiation.New(w.db, negotiation.WallClock{}), access.Config{Keys: access.Keys{Secret: []byte(secret)}, BaseURL: "http://127.0.0.1"})
	b.must(err)
	u, err := service.Invite(ctx, operator, access.Invitation{Email: "agent@bench.example", Name: "Nadia", Role: negotiation.RoleAgent, Language: "fr"})
	b.must(err)
	token, err := service.NewInvitation(ctx, operator, u.ID)
	b.must(err)
	_, err = service.AcceptInvitation(ctx, token, "Nadia Ferrand", "trois mots suffisent")
	b.must(err)
	enrolment, err := service.Enrolment(ctx, u.ID, "Agence Aubrelle")
	b.must(err)
	code, err := totp.GenerateCode(enrolment.Secret, time.Now())
	b.must(err)
	b.must(service.Enrol(ctx, u.ID, code))
	recorder := httptest.NewRecorder()
	b.must(service.Begin(recorder, httptest.NewRequest(http.MethodGet, "/", nil), access.Visit{Kind: access.KindStaff, SubjectID: u.ID}))
	made := recorder.Result().Cookies()[0]
	return made.Name + "=" + made.Value
}

const benchLook = 40 // requests of one round; the middle one counts

// middle times what do does, often, and returns the middle.
func (b *bench) middle(do func()) float64 {
	times := make([]float64, benchLook)
	for i := range times {
		began := time.Now()
		do()
		times[i] = float64(time.Since(began).Microseconds()) / 1000
	}
	return median(times)
}

func (b *bench) agentsDay(engine string, w *benchWorld) {
	b.waitsEverywhere(w)
	cookie := b.agent(w)
	site := b.serve(w.url, "--no-jobs")
	defer site.stop()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(method, path string, form url.Values) func() {
		return func() {
			request, err := http.NewRequest(method, "http://"+site.address+path, strings.NewReader(form.Encode()))
			b.must(err)
			request.Header.Set("Cookie", cookie)
			request.Header.Set("Accept-Encoding", "identity")
			if method == http.MethodPost {
				request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				request.Header.Set("Origin", "http://"+site.address)
			}
			answer, err := client.Do(request)
			b.must(err)
			defer answer.Body.Close()
			var body bytes.Buffer
			_, err = body.ReadFrom(answer.Body)
			b.must(err)
			if answer.StatusCode != http.StatusOK || !bytes.Contains(body.Bytes(), []byte("Vasseur-Inventée")) && !bytes.Contains(body.Bytes(), []byte("Garage du Port")) {
				b.Fatalf("%s %s: %s: %.300s", method, path, answer.Status, body.String())
			}
		}
	}
	rows := func(statement string, values ...any) {
		read, err := w.db.Read(b.Context()).Raw(statement, values...).Rows()
		b.must(err)
		for read.Next() { //nolint:revive // only read
		}
		b.must(read.Err())
		b.must(read.Close())
	}
	bare := b.bareList()
	defer bare.Close()
	has := "INSTR(d.search_name, ?) > 0"
	if w.db.Dialect() == database.Postgres {
		has = "STRPOS(d.search_name, ?) > 0"
	}
	for _, look := range []struct {
		name, what string
		ours, sql  func()
	}{
		{"L1", "the worklist's first page", ask(http.MethodGet, "/agent", nil), func() {
			rows(`SELECT w.*, c.reference, c.currency, d.name, o.name FROM (SELECT * FROM work_items ORDER BY rank_on, amount DESC, id LIMIT 51) w
				JOIN cases c ON c.id = w.case_id JOIN debtors d ON d.id = c.debtor_id JOIN creditors o ON o.id = c.creditor_id ORDER BY w.rank_on, w.amount DESC, w.id`)
			rows("SELECT COUNT(*) FROM (SELECT 1 AS one FROM work_items LIMIT 1001) w")
		}},
		{"L2", "a search by name", ask(http.MethodPost, "/agent/searches", url.Values{"q": {"inventée 7 vasseur"}}), func() {
			rows(`SELECT c.id, c.reference, c.state, c.currency, c.principal, c.interest, c.indemnity, c.first_letter_on, d.name, o.name, (SELECT MIN(k.due_on) FROM claims k WHERE k.case_id = c.id)
				FROM cases c JOIN debtors d ON d.id = c.debtor_id JOIN creditors o ON o.id = c.creditor_id
				WHERE `+has+` AND `+has+` AND `+has+` ORDER BY c.created_at DESC, c.id DESC LIMIT 51`, "inventee", "7", "vasseur")
		}},
		{"L3", "a search by mail", ask(http.MethodPost, "/agent/searches", url.Values{"q": {"debtor17@example.com"}}), func() {
			rows(`SELECT c.id, c.reference, c.state, c.currency, c.principal, c.interest, c.indemnity, c.first_letter_on, d.name, o.name, (SELECT MIN(k.due_on) FROM claims k WHERE k.case_id = c.id)
				FROM cases c JOIN debtors d ON d.id = c.debtor_id JOIN creditors o ON o.id = c.creditor_id JOIN parties p ON p.case_id = c.id JOIN contact_points t ON t.person_id = p.person_id
				WHERE t.kind = 'email' AND LOWER(t.value) = ? LIMIT 51`, "debtor17@example.com")
		}},
	} {
		look.ours()
		var over []float64
		note := "ms, ours/3×SQL+bare:"
		for range b.rounds {
			ours, plain, empty := b.middle(look.ours), b.middle(look.sql), b.middle(func() {
				answer, err := http.Get(bare.URL)
				b.must(err)
				var body bytes.Buffer
				_, err = body.ReadFrom(answer.Body)
				b.must(err)
				answer.Body.Close()
			})
			over = append(over, ours/(3*plain+empty))
			note += fmt.Sprintf(" %.1f/(3×%.1f+%.1f)", ours, plain, empty)
		}
		b.limit(look.name, engine+", "+fmt.Sprint(b.lines)+" cases: "+look.what+" over three times its bare SQL and a bare page", over, 1, 0.5, note)
	}
}

// bareList serves the page of the list from memory.
func (b *bench) bareList() *httptest.Server {
	b.Helper()
	pages, err := page.New()
	b.must(err)
	data := &page.AgentHome{StaffBase: page.StaffBase{Base: page.Base{Lang: locale.French}, Console: "agent", Current: "work", Who: "Nadia Ferrand"}, Today: "2026-11-23", Total: 1000, AtLeast: true}
	for i := range 50 {
		data.Work = append(data.Work, page.WorkRow{ID: fmt.Sprint(i), CaseID: fmt.Sprint(i), URL: "/agent/cases/" + fmt.Sprint(i), Who: "Claire Vasseur-Inventée · Atelier Boréal SARL", Case: "AM 7K4P 9XWD 3", Due: "2026-11-24",
			Step: "answer_wish", Why: "work.wish", Values: []any{"sum", money.Euros(100)}, Terms: []page.WorkTerm{{On: "2026-11-24"}, {Name: "harm", Days: 3}}})
	}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var out bytes.Buffer
		if err := pages.Render(&out, data); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = out.WriteTo(w)
	}))
}
