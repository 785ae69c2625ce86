package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
)

// running is a demo that a test talks to as its visitors do.
type running struct {
	t     *testing.T
	ready demoReady
	keys  map[string]any // as printed
	stop  func()
}

// startDemo runs `amiable demo --json` on a folder.
func startDemo(t *testing.T, folder string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	reading, writing := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"demo", "--json", "--addr", "127.0.0.1:0", "--sandbox-addr", "localhost:0", "--data", folder}, writing, writing)
		_ = writing.CloseWithError(fmt.Errorf("the demo ended: %w", err))
		ended <- err
	}()
	var printed json.RawMessage
	if err := json.NewDecoder(reading).Decode(&printed); err != nil {
		t.Fatal(err)
	}
	r := &running{t: t}
	if err := json.Unmarshal(printed, &r.ready); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(printed, &r.keys); err != nil {
		t.Fatal(err)
	}
	stopped := false
	r.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the demo did not end well: %v", err)
		}
	}
	t.Cleanup(r.stop)
	return r
}

// browser keeps cookies.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 30 * time.Second}
}

// get and post return the page one ends on.
func (r *running) get(c *http.Client, address string) (*url.URL, string) {
	r.t.Helper()
	answer, err := c.Get(address)
	return r.page(answer, err)
}

func (r *running) post(c *http.Client, address string, form url.Values) (*url.URL, string) {
	r.t.Helper()
	answer, err := c.PostForm(address, form)
	return r.page(answer, err)
}

func (r *running) page(answer *http.Response, err error) (*url.URL, string) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer.Request.URL, string(body)
}

// walk moves the clock.
func (r *running) walk(wanted string) (now time.Time) {
	r.t.Helper()
	answer, err := http.Post(r.ready.ClockURL, "application/json", strings.NewReader(wanted))
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	var told struct{ Now time.Time }
	if err := json.NewDecoder(answer.Body).Decode(&told); err != nil || answer.StatusCode != http.StatusOK {
		r.t.Fatalf("the clock answers %d, %v", answer.StatusCode, err)
	}
	return told.Now
}

// await waits for a condition, and fails after a time that is far too long.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if condition() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}

func verified(t *testing.T, folder string) {
	t.Helper()
	var out bytes.Buffer
	if err := run(context.Background(), []string{"verify", "--data", folder}, &out, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
}

func TestTheDemoIsAWholeWorld(t *testing.T) {
	folder := t.TempDir()
	r := startDemo(t, folder)

	t.Run("its JSON has the promised names and no other", func(t *testing.T) {
		if got, want := sortedKeys(r.keys), []string{"agent", "base_url", "clock_url", "creditor", "debtor", "outbox_url", "sandbox_url"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		for _, who := range []string{"creditor", "agent"} {
			if got, want := sortedKeys(r.keys[who].(map[string]any)), []string{"email", "password", "totp_secret", "url"}; !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", who, got, want)
			}
		}
		for _, one := range r.keys["debtor"].([]any) {
			if got, want := sortedKeys(one.(map[string]any)), []string{"case", "check", "link", "state"}; !slices.Equal(got, want) {
				t.Fatalf("debtor: %v, want %v", got, want)
			}
		}
		states := map[negotiation.CaseState]int{}
		checks := map[negotiation.SecondCheck]int{}
		for _, d := range r.ready.Debtor {
			states[d.State]++
			checks[d.Check.Kind]++
		}
		for _, state := range []negotiation.CaseState{negotiation.CaseOpen, negotiation.CaseCleared, negotiation.CaseWithdrawn} {
			if states[state] < 2 {
				t.Errorf("%d cases are %s", states[state], state)
			}
		}
		if len(checks) != 3 {
			t.Errorf("second checks: %v", checks)
		}
	})

	t.Run("its offers and plans are in every state", func(t *testing.T) { r.negotiated(t, folder) })

	t.Run("a debit is on its way, and one came back", func(t *testing.T) { r.debited(t, folder) })

	t.Run("verify passes on it", func(t *testing.T) { verified(t, folder) })

	t.Run("a debtor opens the link and pays, across two hosts", func(t *testing.T) { r.debtorPays(t) })

	t.Run("staff sign in with what was printed", func(t *testing.T) {
		for _, who := range []struct {
			key  staffKey
			home string
		}{{r.ready.Creditor, "/creditor"}, {r.ready.Agent, "/agent"}} {
			c := browser(t)
			_, body := r.post(c, who.key.URL, url.Values{"email": {who.key.Email}, "password": {who.key.Password}})
			var out bytes.Buffer
			if err := run(context.Background(), []string{"user", "code", who.key.TOTPSecret}, &out, &out); err != nil {
				t.Fatal(err)
			}
			code := strings.TrimSpace(out.String())
			at, _ := r.post(c, r.ready.BaseURL+action(t, body, "code"), url.Values{"code": {code}})
			if !strings.HasPrefix(at.Path, who.home) {
				t.Errorf("%s ends on %s", who.key.Email, at.Path)
			}
			if _, body := r.get(c, r.ready.ClockURL); !strings.Contains(body, `href="`+who.home+`/cases"`) {
				t.Errorf("from the clock %s does not find back to %s", who.key.Email, who.home)
			}
		}
	})

	t.Run("the clock walks day by day", func(t *testing.T) {
		if now := r.walk(`{"to":"2026-12-06"}`); negotiation.DayOf(now) != "2026-12-06" {
			t.Fatalf("it is %s", now)
		}
		if now := r.walk(`{"days":30}`); negotiation.DayOf(now) != "2027-01-05" {
			t.Fatalf("it is %s", now)
		}
		r.clockRefuses(t)
		r.pagesAnswer(t)
		verified(t, folder)
	})

	t.Run("stopped and started again it is the same world", func(t *testing.T) {
		r.stop()
		again := startDemo(t, folder)
		for n, before := range r.ready.Debtor {
			after := again.ready.Debtor[n]
			if before.Case != after.Case || lastPart(before.Link) != lastPart(after.Link) {
				t.Fatalf("%+v became %+v", before, after)
			}
		}
		again.debtorPays(t) // its Stripe is new, and knows the creditors' accounts
		again.stop()
		verified(t, folder)
	})
}

// negotiated reads the exports of the cases: offers that wait for either side,
// past ones for a policy to be tried on, and plans at every stage.
func (r *running) negotiated(t *testing.T, folder string) {
	t.Helper()
	found := map[string]int{}
	for _, d := range r.ready.Debtor {
		var out bytes.Buffer
		if err := run(context.Background(), []string{"export", "--data", folder, "--case", d.Case, "--json"}, &out, &out); err != nil {
			t.Fatal(err)
		}
		var exported struct {
			Policy *struct{ Version int }
			Offers []struct {
				State       string
				AnswerSide  string `json:"answer_side"`
				Schedule    []struct{ Amount int64 }
				Total       int64
				Acceptances []struct{ Side, How string }
			}
			Plan *struct {
				State       string
				Late, Total int64
				Instalments []struct {
					State  string
					Amount int64
				}
			}
		}
		if err := json.Unmarshal(out.Bytes(), &exported); err != nil {
			t.Fatal(err)
		}
		for _, o := range exported.Offers {
			sum := int64(0)
			for _, i := range o.Schedule {
				sum += i.Amount
			}
			if sum != o.Total || exported.Policy == nil || len(o.Acceptances) == 0 {
				t.Errorf("%s: an offer of %d is exported with a schedule of %d", d.Case, o.Total, sum)
			}
			if o.State == "open" {
				found["open for the "+o.AnswerSide]++
			} else {
				found[o.State]++
			}
		}
		if exported.Plan != nil {
			name := "plan " + exported.Plan.State
			for _, i := range exported.Plan.Instalments {
				if i.State == "paid" {
					name += " paid"
				} else if i.State == "late" {
					name += " late"
				}
			}
			found[name]++
		}
	}
	for name, want := range map[string]int{
		"open for the creditor": 1, "open for the debtor": 1, "accepted": 5, "rejected": 1, "expired": 1, "countered": 1,
		"plan active paid paid late": 2, "plan active paid paid": 1, "plan active": 1, "plan completed paid": 1,
	} {
		if found[name] != want {
			t.Errorf("%d are %q, not %d: %v", found[name], name, want, found)
		}
	}
}

// debited looks at the plans that are paid from an account.
func (r *running) debited(t *testing.T, folder string) {
	t.Helper()
	db, err := database.Open(context.Background(), "sqlite:"+filepath.Join(folder, "amiable.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var states []string
	err = db.Read(context.Background()).Raw(`SELECT p.state || ' ' || p.line || ' ' || p.failure FROM payments p JOIN authorities a ON a.id = p.authority_id
		WHERE p.kind = 'collection' AND a.method = 'sepa_debit' AND p.state <> 'succeeded' ORDER BY 1`).Scan(&states).Error
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"processing 3 ", "started 3 insufficient_funds"}; !slices.Equal(states, want) {
		t.Errorf("debits: %q, want %q", states, want)
	}
}

func sortedKeys(m map[string]any) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func lastPart(link string) string { return link[strings.LastIndex(link, "/")+1:] }

var formTag = regexp.MustCompile(`(?s)<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>`)

// action finds where the form with a field of a name goes to.
func action(t *testing.T, body, field string) string {
	t.Helper()
	for _, form := range formTag.FindAllStringSubmatch(body, -1) {
		if strings.Contains(form[2], `name="`+field+`"`) {
			return form[1]
		}
	}
	t.Fatalf("no form asks for %s on:\n%s", field, body)
	return ""
}

// debtorPays is the thread of the whole product: link, second check, review,
// the payment page on the other host, and back; the receipt's mail arrives.
func (r *running) debtorPays(t *testing.T) {
	t.Helper()
	c := browser(t)
	var who debtorKey
	for _, d := range r.ready.Debtor {
		if d.State == negotiation.CaseOpen && d.Check.Kind == negotiation.CheckPostcode {
			if at, _ := r.post(c, d.Link, url.Values{"answer": {d.Check.Value}}); at.Path == "/case" {
				who = d
				if _, body := r.get(c, r.ready.BaseURL+"/case/pay"); strings.Contains(body, `name="amount"`) {
					break
				}
			}
		}
	}
	before := r.mails(t)
	c.CheckRedirect = func(next *http.Request, _ []*http.Request) error {
		if next.URL.Hostname() == "localhost" {
			return http.ErrUseLastResponse
		}
		return nil
	}
	answer, err := c.PostForm(r.ready.BaseURL+"/case/payments", url.Values{"choice": {"whole"}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := answer.Location()
	if err != nil {
		body, _ := io.ReadAll(answer.Body)
		t.Fatalf("%s: %d does not lead to the payment page: %s", who.Case, answer.StatusCode, body)
	}
	if page.Hostname() != "localhost" || !strings.HasPrefix(r.ready.BaseURL, "http://127.0.0.1:") {
		t.Fatalf("the payment page is at %s, the site at %s: cookies would not tell them apart", page.Host, r.ready.BaseURL)
	}
	session := lastPart(page.Path)
	paid, err := http.PostForm(r.ready.SandboxURL+"/_sandbox/checkout/"+session+"/pay", url.Values{"card": {"4242424242424242"}})
	if err != nil {
		t.Fatal(err)
	}
	defer paid.Body.Close()
	if told, _ := io.ReadAll(paid.Body); paid.StatusCode != http.StatusOK {
		t.Fatalf("the card is answered %d: %s", paid.StatusCode, told)
	}
	c.CheckRedirect = nil
	await(t, "the case is cleared", func() bool {
		_, body := r.get(c, r.ready.BaseURL+"/case/receipts")
		return strings.Contains(body, "/case/receipts/")
	})
	await(t, "a receipt and a notice are mailed", func() bool { return r.mails(t) >= before+2 })
}

// mails counts what the outbox holds.
func (r *running) mails(t *testing.T) int {
	t.Helper()
	_, body := r.get(http.DefaultClient, r.ready.OutboxURL)
	return strings.Count(body, `href="/demo/outbox/`)
}

func TestTheDemoLeavesAStrangersDatabaseAlone(t *testing.T) {
	folder := t.TempDir()
	s := &shell{t: t, base: []string{"--data", folder, "--secret", strings.Repeat("k3", 24)}}
	s.do("agency", "found", "--name", "Agence Aubrelle", "--email", "agence@example.test")
	var out bytes.Buffer
	err := run(context.Background(), []string{"demo", "--json", "--addr", "127.0.0.1:0", "--sandbox-addr", "localhost:0", "--data", folder}, &out, &out)
	if err == nil || !strings.Contains(err.Error(), "no demo's") {
		t.Fatalf("got %v", err)
	}
}
