//go:build bench

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/access"
	"amiable/portal/locale"
	"amiable/portal/page"
)

// pages measures the debtor's case page over a bare net/http handler with the
// same template and as much data, and the weight of a first visit: R1, R2, R3
// and P1.
func (b *bench) pages() {
	w := b.openWorld()
	site := b.serve(w.url, "--no-jobs")
	defer site.stop()
	visitor := w.paid[len(w.paid)-1]
	for i := range w.paid {
		if w.paid[i].firm {
			visitor = w.paid[i] // with interest, segment by segment
		}
	}
	token, cookie := b.door(w, visitor)
	url := "http://" + site.address + "/case"
	ours := b.get(url, cookie, false)
	bare := b.bare(len(ours))
	defer bare.Close()
	plain := b.get(bare.URL, "", false)
	if share := float64(len(plain)) / float64(len(ours)); share < 0.9 || share > 1.1 {
		b.Errorf("the bare page has %d bytes, ours %d", len(plain), len(ours))
	}
	b.wrk(bare.URL, "", false)
	b.wrk(url, cookie, false)
	defer b.profiled("pages")()
	var over, packed, slow []float64
	note := fmt.Sprintf("%d bytes; per s, ours/bare:", len(ours))
	for range max(5, b.rounds) {
		limit, plain, gzipped := b.wrk(bare.URL, "", false), b.wrk(url, cookie, false), b.wrk(url, cookie, true)
		over, packed, slow = append(over, plain.tps/limit.tps), append(packed, gzipped.tps/plain.tps), append(slow, plain.p99.Seconds()/limit.p99.Seconds())
		note += fmt.Sprintf(" %.0f/%.0f", plain.tps, limit.tps)
	}
	b.goal("R1", "debtor's case page, c=32, over bare net/http", over, 0.35, 0.55, note)
	b.goal("R2", "the same gzipped over plain", packed, 0.65, 0.9, "")
	b.limit("R3", "p99 over that of bare", slow, 3, 2, "")
	b.limit("P1", "bytes of the link page as sent", []float64{float64(len(b.get("http://"+site.address+"/l/"+token, "", true)))}, 14_600, 8_000, "one request each")
	b.limit("P1", "bytes of the case page as sent", []float64{float64(len(b.get(url, cookie, true)))}, 14_600, 8_000, "")
}

// door makes a link and a session for a debtor.
func (b *bench) door(w *benchWorld, visitor benchPayment) (token, cookie string) {
	b.Helper()
	n := negotiation.New(w.db, negotiation.WallClock{})
	service, err := access.New(n, access.Config{Keys: access.Keys{Secret: []byte(secret)}, BaseURL: "http://127.0.0.1"})
	b.must(err)
	token, err = service.CreateLink(b.Context(), visitor.file, visitor.party)
	b.must(err)
	recorder := httptest.NewRecorder()
	b.must(service.Begin(recorder, httptest.NewRequest(http.MethodGet, "/", nil), access.Visit{
		Kind: access.KindDebtor, SubjectID: visitor.party, CaseID: visitor.file, Name: "Bench",
	}))
	made := recorder.Result().Cookies()[0]
	return token, made.Name + "=" + made.Value
}

// get fetches a page and returns the bytes of its body as they came.
func (b *bench) get(url, cookie string, packed bool) []byte {
	b.Helper()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	b.must(err)
	request.Header.Set("Accept-Encoding", "identity")
	if packed {
		request.Header.Set("Accept-Encoding", "gzip")
	}
	request.Header.Set("Cookie", cookie)
	answer, err := http.DefaultTransport.RoundTrip(request)
	b.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	b.must(err)
	if answer.StatusCode != http.StatusOK {
		b.Fatalf("%s: %s: %.500s", url, answer.Status, body)
	}
	if packed {
		if _, err := gzip.NewReader(bytes.NewReader(body)); err != nil {
			b.Errorf("%s is not gzipped: %v", url, err)
		}
	}
	return body
}

var (
	wrkRate = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	wrkP99  = regexp.MustCompile(`99%\s+([0-9.]+)(us|ms|s)`)
)

func (b *bench) wrk(url, cookie string, packed bool) rate {
	b.Helper()
	encoding := "identity"
	if packed {
		encoding = "gzip"
	}
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "wrk", "-t1", "-c32", fmt.Sprintf("-d%ds", int(b.turn.Seconds())), "--latency",
		"-H", "Accept-Encoding: "+encoding, "-H", "Cookie: "+cookie, url).CombinedOutput()
	tps, slow := wrkRate.FindSubmatch(out), wrkP99.FindSubmatch(out)
	if err != nil || tps == nil || slow == nil || strings.Contains(string(out), "Non-2xx") {
		log, _ := exec.Command("grep", "-E", "status=500|ERROR|WARN", filepath.Join(b.folder, "serve.log")).Output()
		b.Fatalf("wrk: %v: %s\n%s", err, out, log[:min(2000, len(log))])
	}
	r := rate{}
	r.tps, err = strconv.ParseFloat(string(tps[1]), 64)
	b.must(err)
	r.p99, err = time.ParseDuration(string(slow[1]) + string(slow[2]))
	b.must(err)
	return r
}

// bare serves the same template with the same amount of data from memory, and
// nothing else. It runs in this process, as ours in its own.
func (b *bench) bare(bytesWanted int) *httptest.Server {
	b.Helper()
	pages, err := page.New()
	b.must(err)
	data := barePage()
	for range 200 { // as many lines of the timeline as make it as long
		var out bytes.Buffer
		b.must(pages.Render(&out, data))
		if out.Len() >= bytesWanted*98/100 {
			break
		}
		data.Timeline.Events = append(data.Timeline.Events, page.Event{On: "2026-11-06", Kind: "first_letter_recorded", Values: []any{"reference", "PL-AM7K4P9XWD3"}})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	b.must(err)
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var out bytes.Buffer
		if err := pages.Render(&out, data); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
		_, _ = out.WriteTo(w)
	})}}
	server.Start()
	return server
}

func barePage() *page.Case {
	return &page.Case{
		Base: page.Base{
			Lang: locale.French, Banner: "test", CurrentPath: "/case", CaseReference: "AM 7K4P 9XWD 3", SignedIn: true,
			Agency: page.Agency{
				Name: "Agence Aubrelle", City: "Bordeaux", Kind: "third_party", Phone: "0536491230", Mail: "bonjour@aubrelle.example",
				Hours: "du lundi au vendredi, de 9 h à 18 h", Address: "12 rue des Chartrons, 33000 Bordeaux", Origin: "http://127.0.0.1:8080",
				Insurer: "papier insurance", ProsecutorCity: "papier declaration", DeclaredOn: "2020-01-01", DataOfficer: "bonjour@aubrelle.example",
			},
			FirstLetter: &page.FirstLetter{Reference: "PL-AM7K4P9XWD3", SentOn: "2026-11-06"},
		},
		Greeting: "Éloïse Faux 17", Creditor: "Atelier Boréal 18 SARL", Subject: "Transport de marchandises, chantier « Les Œillets » 17",
		Left: money.Euros(1_578_34), GoodUntil: "2026-11-24", PerDay: money.Euros(42),
		Doors: page.Doors{Pay: page.Door{URL: "/case/pay"}, Plan: page.Door{URL: "/case/plan"}, Time: page.Door{URL: "/case/time"}, Contest: page.Door{URL: "/case/contest"}},
		Ledger: page.Ledger{Total: money.Euros(1_578_34), AsOf: "2026-11-23", Lines: []page.LedgerLine{
			{Kind: "invoice", Number: "F2026/0000017", Note: "Transport de marchandises, chantier « Les Œillets » 17", Amount: money.Euros(1_517_17)},
			{Kind: "interest", Amount: money.Euros(21_17), Basis: "commercial", SourceURL: "/rights#interest", StartedOn: "2026-09-21", Segments: []page.Segment{
				{From: "2026-09-21", To: "2026-11-23", Days: 64, RateBasisPoints: 1215, Base: money.Euros(1_517_17), Amount: money.Euros(21_17)},
			}},
			{Kind: "indemnity", Amount: money.Euros(40_00)}, {Kind: "costs", Amount: money.Euros(0)},
		}},
		Timeline: page.Timeline{Events: []page.Event{{On: "2026-11-21", Kind: "claim_placed", Values: []any{
			"invoice", "F2026/0000017", "reference", "", "number", "", "sum", money.Euros(1_517_17), "reason", "",
		}}}},
		Documents: []page.Document{{Kind: "statement", On: "2026-11-23", Format: "PDF", URL: "/case/documents/statement.pdf", ReadURL: "/case"}},
		Agent:     page.Agent{Name: "Nadia Ferrand", Title: "conseillère amiable", Phone: "0536491230"},
		Contacts:  page.Contacts{Made: 1, MaxPerWeek: 2},
	}
}
