package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"html"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/locale"
	"amiable/portal/outreach"
)

// agency is a new agency with the built program: what it types, where its site
// and its Stripe are, and who came.
type agency struct {
	t         *testing.T // of the chapter
	story     *testing.T
	binary    string
	env       []string
	data      string // its folder
	site      string // base URLs
	stripe    string
	shared    string // folder of the sample files, if there is one
	file      string // the file of claims
	claims    []*claim
	creditors map[string]*visitor
	agent     *visitor
	placement string // of the command
	output    lockedBuffer
}

// claim is a line of the file, and what becomes of it.
type claim struct {
	creditor, invoice, due, kind, debtor, email, postcode, rate, mandate string
	amount, paidBefore                                                   int64
	links                                                                []string // two of a creditor's claims may be one address's
	owed, paid                                                           int64    // on its page
}

func newAgency(t *testing.T, binary, databaseURL string) *agency {
	t.Helper()
	a := &agency{t: t, story: t, binary: binary, data: t.TempDir(), file: "testdata/agency.csv"}
	if root := os.Getenv("AMIABLE_SHARED_DATA"); root != "" {
		a.shared = filepath.Join(root, "claims")
		a.file = filepath.Join(a.shared, "clean-200.csv")
	}
	a.creditors = map[string]*visitor{"CRE-001": nil, "CRE-002": nil, "CRE-003": nil, "CRE-004": nil}
	for _, row := range readCSV(t, a.file) {
		c := &claim{creditor: row["creditor_ref"], invoice: row["invoice_number"], due: row["due_date"], kind: row["debtor_kind"], debtor: row["debtor_name"],
			email: row["email"], postcode: row["postcode"], rate: row["contract_rate_percent"], mandate: row["mandate_ref"]}
		c.amount, c.paidBefore = minor(t, row["amount_incl_vat"]), minor(t, row["amount_paid"])
		a.claims = append(a.claims, c)
	}
	site, box := freeAddress(t), freeAddress(t)
	_, boxPort, _ := net.SplitHostPort(box)
	a.site, a.stripe = "http://"+site, "http://localhost:"+boxPort
	a.env = append(os.Environ(), "AMIABLE_DATA="+a.data, "DATABASE_URL="+databaseURL, "AMIABLE_ADDR="+site, "AMIABLE_SECRET="+strings.Repeat("k3Zq7WvT", 6),
		"AMIABLE_MAIL_FOLDER="+filepath.Join(a.data, "mail"), "STRIPE_SECRET_KEY="+testKey, "STRIPE_WEBHOOK_SECRET="+secretOf(1),
		"STRIPE_BASE_URL="+a.stripe, "AMIABLE_STRIPE_SANDBOX=true")
	// The sandbox follows the story's day: payments are dated by it.
	a.process("sandbox", "--addr", "localhost:"+boxPort, "--forward-to", a.site+"/webhooks/stripe", "--start", agencyDay+"T08:00:00Z")
	a.answers(a.stripe + "/_sandbox/clock")
	return a
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

func minor(t *testing.T, typed string) int64 {
	t.Helper()
	euros, cents, _ := strings.Cut(typed, ".")
	sum, err := strconv.ParseInt(euros+cents, 10, 64)
	if len(cents) != 2 || err != nil {
		t.Fatalf("%q is no amount", typed)
	}
	return sum
}

// readCSV reads a file with a line of titles.
func readCSV(t *testing.T, path string) []map[string]string {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
	reader.FieldsPerRecord = -1 // a line that was refused for its length comes back as it was
	lines, err := reader.ReadAll()
	must(t, err)
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for n, value := range line[:min(len(line), len(lines[0]))] {
			row[lines[0][n]] = value
		}
		rows = append(rows, row)
	}
	return rows
}

// lockedBuffer is what processes write to while the test reads.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (a *agency) log() string {
	a.output.mu.Lock()
	defer a.output.mu.Unlock()
	return a.output.buffer.String()
}

// process runs the program until the test ends.
func (a *agency) process(args ...string) {
	a.t.Helper()
	running := exec.Command(a.binary, args...)
	running.Env, running.Stdout, running.Stderr = a.env, &a.output, &a.output
	must(a.t, running.Start())
	a.story.Cleanup(func() {
		_ = running.Process.Signal(os.Interrupt)
		_ = running.Wait()
	})
}

func (a *agency) answers(address string) {
	a.t.Helper()
	await(a.t, address+" answers", func() bool {
		answer, err := http.Get(address)
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// amiable runs a command that must succeed, and returns what it prints.
func (a *agency) amiable(args ...string) string {
	a.t.Helper()
	out, said, err := a.run(args...)
	if err != nil {
		a.t.Fatalf("amiable %s: %v\n%s%s", strings.Join(args, " "), err, out, said)
	}
	return out
}

// refused runs a command that must fail.
func (a *agency) refused(args ...string) string {
	a.t.Helper()
	out, said, err := a.run(args...)
	if err == nil {
		a.t.Fatalf("amiable %s was not refused:\n%s", strings.Join(args, " "), out)
	}
	return out + said
}

func (a *agency) run(args ...string) (out, said string, err error) {
	var stdout, stderr bytes.Buffer
	command := exec.Command(a.binary, args...)
	command.Env, command.Stdout, command.Stderr = a.env, &stdout, &stderr
	err = command.Run()
	return stdout.String(), stderr.String(), err
}

// standsOn sets the product's clock, before anything is served.
func (a *agency) standsOn(day negotiation.Day) {
	a.t.Helper()
	settings := Settings{Data: a.data}
	for _, set := range a.env {
		if url, found := strings.CutPrefix(set, "DATABASE_URL="); found {
			settings.DatabaseURL = url
		}
	}
	i, err := open(context.Background(), settings)
	must(a.t, err)
	defer i.Close()
	must(a.t, negotiation.RowClock{DB: i.db}.Set(context.Background(), morningOf(day)))
}

// check is what a creditor's links ask.
func (a *agency) check(creditor string) string {
	switch creditor {
	case "CRE-002":
		return "invoice_number"
	case "CRE-003":
		return "mailed_code"
	}
	return "postcode"
}

// of are the claims of a creditor, in the order of the file.
func (a *agency) of(creditor string) (own []*claim) {
	for _, c := range a.claims {
		if c.creditor == creditor {
			own = append(own, c)
		}
	}
	return own
}

// payers counts who paid.
func (a *agency) payers() (n int) {
	for _, c := range a.claims {
		if c.paid > 0 {
			n++
		}
	}
	return n
}

// open is what claims come to, as a page writes it.
func (a *agency) open(claims []*claim) string {
	var sum int64
	for _, c := range claims {
		sum += c.amount - c.paidBefore
	}
	return locale.French.Amount(money.Euros(sum))
}

// placements are that of the creditor's page, which the address of its answer
// names, and that of the command.
func (a *agency) placements() []string {
	page := a.creditors["CRE-004"].get("/creditor/placements")
	first := regexp.MustCompile(`href="/creditor/placements/([0-9a-f-]{36})"`).FindStringSubmatch(page.body)
	if first == nil {
		a.t.Fatalf("no placement on:\n%s", page.text())
	}
	return []string{first[1], a.placement}
}

// statementOf is what `amiable statement` says of a claim.
func (a *agency) statementOf(c *claim) int64 {
	a.t.Helper()
	args := []string{"statement", "--json", "--amount", locale.English.Entry(money.Euros(c.amount - c.paidBefore)), "--due", c.due, "--until", agencyDay, "--debtor", c.kind}
	if c.rate != "" {
		args = append(args, "--contract-rate", c.rate)
	}
	var told struct{ Total int64 }
	must(a.t, json.Unmarshal([]byte(a.amiable(args...)), &told))
	return told.Total
}

// mails are what was caught, newest first.
func (a *agency) mails() []outreach.Mail {
	a.t.Helper()
	box, err := outreach.NewOutbox(filepath.Join(a.data, "mail"))
	must(a.t, err)
	mails, err := box.List(10_000)
	must(a.t, err)
	return mails
}

var (
	anyLink       = regexp.MustCompile(`https?://\S+`)
	creditorNamed = regexp.MustCompile(`CRE-\d{3}`)
	mailedCode    = regexp.MustCompile(`\b\d{6}\b`)
)

// linkIn waits for a mail with a link.
func (a *agency) linkIn(address, part string) (link string) {
	a.t.Helper()
	await(a.t, "the mail to "+address, func() bool {
		for _, m := range a.mails() {
			for _, found := range m.Links {
				if m.ToAddress == address && strings.Contains(found, part) {
					link = found
					return true
				}
			}
		}
		return false
	})
	return link
}

// linksMailed gives every claim the links that were mailed to its debtor for
// its creditor, and counts the mails. No mail tells a sum or an invoice.
func (a *agency) linksMailed() (count int) {
	a.t.Helper()
	byDebtor := map[[2]string][]*claim{}
	for _, c := range a.claims {
		c.links = nil
		byDebtor[[2]string{c.email, c.creditor}] = append(byDebtor[[2]string{c.email, c.creditor}], c)
	}
	for _, m := range a.mails() {
		link := ""
		for _, found := range m.Links {
			if strings.HasPrefix(found, a.site+"/l/") && !strings.HasSuffix(found, "/not-me") {
				link = found
			}
		}
		if link == "" {
			continue
		}
		count++
		claims := byDebtor[[2]string{m.ToAddress, creditorNamed.FindString(m.Text)}]
		if claims == nil {
			a.t.Fatalf("nobody asked for the mail to %s:\n%s", m.ToAddress, m.Text)
		}
		for _, c := range claims {
			c.links = append(c.links, link)
			if strings.Contains(m.Text+m.Subject, "€") || strings.Contains(m.Text+m.Subject, c.invoice) {
				a.t.Errorf("the mail to %s tells too much:\n%s", m.ToAddress, m.Text)
			}
		}
	}
	return count
}

// codeFor is the code in the latest mail to an address, if it has one.
func (a *agency) codeFor(address string) string {
	a.t.Helper()
	for _, m := range a.mails() {
		if m.ToAddress == address && !strings.Contains(m.Text, a.site+"/l/") {
			return mailedCode.FindString(m.Text)
		}
	}
	return ""
}

var (
	tableRow      = regexp.MustCompile(`(?s)<tr.*?</tr>`)
	caseReference = regexp.MustCompile(`AM [A-Z0-9]{4} [A-Z0-9]{4} [A-Z0-9]`)
)

// caseOf is the reference of a claim's case, from the agent's list: another
// creditor may have an invoice of the same number.
func (a *agency) caseOf(c *claim) string {
	a.t.Helper()
	page := a.agent.post("/agent/searches", "q", c.invoice)
	for _, row := range tableRow.FindAllString(page.body, -1) {
		if row = oneSpace(html.UnescapeString(row)); strings.Contains(row, c.debtor) && strings.Contains(row, c.creditor) {
			return caseReference.FindString(row)
		}
	}
	a.t.Fatalf("no case of %s on:\n%s", c.invoice, page.text())
	return ""
}

func (a *agency) json(answer *http.Response, err error) map[string]any {
	a.t.Helper()
	must(a.t, err)
	defer answer.Body.Close()
	var told map[string]any
	must(a.t, json.NewDecoder(answer.Body).Decode(&told))
	if answer.StatusCode != http.StatusOK {
		a.t.Fatalf("%s: %d %v", answer.Request.URL, answer.StatusCode, told)
	}
	return told
}

func (a *agency) sandboxControl(path, body string) map[string]any {
	a.t.Helper()
	return a.json(http.Post(a.stripe+path, "application/json", strings.NewReader(body)))
}

func (a *agency) sandboxGet(path string) map[string]any {
	a.t.Helper()
	return a.json(http.Get(a.stripe + path))
}

// stripeAPI makes a call as Stripe's own interface takes it.
func (a *agency) stripeAPI(path string, form ...string) map[string]any {
	a.t.Helper()
	request, err := http.NewRequest(http.MethodPost, a.stripe+path, strings.NewReader(pairs(form).Encode()))
	must(a.t, err)
	request.Header.Set("Authorization", "Bearer "+testKey)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return a.json(http.DefaultClient.Do(request))
}

// heldAtStripe is what Stripe holds for a creditor.
func (a *agency) heldAtStripe(reference string) (sum int64) {
	a.t.Helper()
	account := regexp.MustCompile(reference + `.*(acct_\w+)`).FindStringSubmatch(a.amiable("creditor", "list"))
	if account == nil {
		a.t.Fatalf("%s has no account", reference)
	}
	for _, row := range a.sandboxGet("/_sandbox/books")["books"].([]any) {
		if book := row.(map[string]any); book["owner"] == account[1] {
			sum += int64(book["amount"].(float64)) // JSON's number: whole cents, far below 2^53
		}
	}
	return sum
}

func pairs(names []string) url.Values {
	form := url.Values{}
	for n := 0; n+1 < len(names); n += 2 {
		form.Add(names[n], names[n+1])
	}
	return form
}

// visitor is somebody at the site with a browser of their own.
type visitor struct {
	a      *agency
	client *http.Client
	at     *url.URL
	status int
	body   string
}

func (a *agency) visitor() *visitor { return &visitor{a: a, client: browser(a.t)} }

func (v *visitor) took(answer *http.Response, err error) *visitor {
	v.a.t.Helper()
	must(v.a.t, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	must(v.a.t, err)
	v.at, v.status, v.body = answer.Request.URL, answer.StatusCode, string(content)
	if v.status >= http.StatusInternalServerError {
		v.a.t.Fatalf("%s answers %d:\n%s\n%s", v.at, v.status, v.text(), v.a.log())
	}
	return v
}

func (v *visitor) whole(address string) string {
	if strings.HasPrefix(address, "/") {
		return v.a.site + address
	}
	return address
}

func (v *visitor) get(address string) *visitor {
	v.a.t.Helper()
	return v.took(v.client.Get(v.whole(address)))
}

func (v *visitor) post(address string, form ...string) *visitor {
	v.a.t.Helper()
	return v.took(v.client.PostForm(v.whole(address), pairs(form)))
}

func (v *visitor) upload(address, field, file string, form ...string) *visitor {
	v.a.t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for n := 0; n+1 < len(form); n += 2 {
		must(v.a.t, parts.WriteField(form[n], form[n+1]))
	}
	part, err := parts.CreateFormFile(field, filepath.Base(file))
	must(v.a.t, err)
	content, err := os.ReadFile(file)
	must(v.a.t, err)
	_, err = part.Write(content)
	must(v.a.t, err)
	must(v.a.t, parts.Close())
	return v.took(v.client.Post(v.whole(address), parts.FormDataContentType(), &body))
}

var hiddenParts = regexp.MustCompile(`(?s)<style.*?</style>|<script.*?</script>|<[^>]*>`)

// oneSpace writes every kind of space as one.
func oneSpace(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(text)), " ")
}

func (v *visitor) text() string {
	return oneSpace(html.UnescapeString(hiddenParts.ReplaceAllString(v.body, " ")))
}

// sees fails unless one of the texts is on the page: the same thing in the
// languages it may be in.
func (v *visitor) sees(anyOf ...string) *visitor {
	v.a.t.Helper()
	text := v.text() + oneSpace(html.UnescapeString(v.body))
	for _, one := range anyOf {
		if strings.Contains(text, oneSpace(one)) {
			return v
		}
	}
	v.a.t.Errorf("%s (%d) shows none of %q:\n%s", v.at, v.status, anyOf, v.text())
	return v
}

func (v *visitor) seesNot(texts ...string) *visitor {
	v.a.t.Helper()
	for _, one := range texts {
		if strings.Contains(v.text(), oneSpace(one)) {
			v.a.t.Errorf("%s shows %q:\n%s", v.at, one, v.text())
		}
	}
	return v
}

const agencyPassword = "onze tilleuls et un quai"

// accept takes an invitation up.
func (v *visitor) accept(link string) *visitor {
	v.a.t.Helper()
	v.get(link)
	return v.post(link, "name", "Camille", "password", agencyPassword, "again", agencyPassword)
}

var shownSecret = regexp.MustCompile(`class="secret">([A-Z2-7 ]+)<`)

// enrol adds an authenticator, as the page says.
func (v *visitor) enrol() *visitor {
	v.a.t.Helper()
	v.get("/security/totp")
	secret := shownSecret.FindStringSubmatch(v.body)
	if secret == nil {
		v.a.t.Fatalf("no key for an authenticator on %s:\n%s", v.at, v.text())
	}
	code, err := totp.GenerateCode(strings.ReplaceAll(secret[1], " ", ""), time.Now())
	must(v.a.t, err)
	return v.post("/security/totp", "code", code)
}

// onboard gives what Stripe asks of a creditor, on its page.
func (v *visitor) onboard() *visitor {
	v.a.t.Helper()
	return v.post(v.a.stripe+v.at.Path, "link", v.at.Query().Get("link"), "business_type", "company", "business_profile.mcc", "7399",
		"business_profile.url", "https://example.com", "external_account", "FR1420041010050500013M02606", "tos_acceptance", "yes", "do", "complete")
}

// cardAtStripe fills the payment page in.
func (v *visitor) cardAtStripe(session, number string) *visitor {
	v.a.t.Helper()
	year, err := strconv.Atoi(agencyDay[2:4])
	must(v.a.t, err)
	return v.post(v.a.stripe+"/c/pay/"+session, "email", "payeur@example.com", "method", "card", "number", number,
		"expiry", "12/"+strconv.Itoa(year+5), "cvc", "123", "name", "Qui Paie")
}
