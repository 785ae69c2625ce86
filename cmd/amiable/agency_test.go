package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/locale"
)

// agencyDay is the day of the story: the one the sample files are reckoned
// from. The product's clock stands there, so that no claim of the files grows
// too old to be placed as the years go by.
const agencyDay = "2026-03-02"

// TestANewAgencyFromTheFirstCommandToTheLastCent is docs/operations.md, played:
// the built program, its commands and its pages, a Stripe that is a process of
// its own, and nothing else. It takes the shared sample of 200 claims where
// there is one, else twelve of our own.
func TestANewAgencyFromTheFirstCommandToTheLastCent(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the built program; left out with -short")
	}
	binary := buildBinary(t)
	eachDatabase(t, func(t *testing.T, url string) {
		a := newAgency(t, binary, url)
		for _, chapter := range []struct {
			name string
			play func(t *testing.T)
		}{
			{"doctor says what is missing", a.asksTheDoctor},
			{"agency, papers, creditors and mandates are taken down", a.isFounded},
			{"staff come in by invitation, agents with an authenticator", a.invitesStaff},
			{"creditors get accounts for cards, in three ways", a.connectsCreditors},
			{"a creditor places its own claims on its page", a.creditorPlaces},
			{"the file is imported once", a.imports},
			{"what is wrong with a file comes back line by line", a.importsWrongLines},
			{"first letters are recorded, links leave", a.writesToDebtors},
			{"debtors open their links and pay", a.debtorsPay},
			{"who has no account is paid in other ways", a.noCards},
			{"creditors see the money to the cent", a.creditorsLook},
			{"agent and export tell the whole case", a.agentLooks},
			{"everything holds", a.everythingHolds},
		} {
			if !t.Run(chapter.name, func(t *testing.T) { a.t = t; chapter.play(t) }) {
				return // the next chapters live on this one
			}
		}
	})
}

func (a *agency) asksTheDoctor(t *testing.T) {
	out := a.refused("doctor", "--json")
	var d diagnosis
	if err := json.Unmarshal([]byte(out[:strings.LastIndex(out, "}")+1]), &d); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	told := map[string]bool{}
	for _, p := range d.Problems {
		told[p.Setting] = true
	}
	for _, setting := range []string{"AMIABLE_BASE_URL", "AMIABLE_MAIL_FOLDER", "STRIPE_BASE_URL", "agency"} {
		if !told[setting] {
			t.Errorf("doctor says nothing of %s: %s", setting, out)
		}
	}
}

// isFounded makes agency, papers, creditors, and the mandates that the file
// names, then starts the site.
func (a *agency) isFounded(t *testing.T) {
	a.amiable("agency", "found", "--name", "Agence du Bac", "--siren", "003667128", "--email", "contact@bac.example.com", "--street", "1 quai du Bac",
		"--postcode", "33000", "--city", "Bordeaux", "--phone", "05 00 00 00 01", "--hours", "9 h – 18 h", "--agent-name", "Zoé Bac")
	for _, kind := range []string{"insurance", "account", "declaration"} {
		a.amiable("agency", "paper", "--kind", kind, "--reference", "n° 1 "+kind, "--from", "2024-01-01")
	}
	if shown := a.amiable("agency", "show"); strings.Contains(shown, "missing") {
		t.Fatal(shown)
	}
	for n, siren := range []string{"003667136", "003667144", "003667151", "003667169"} {
		reference := fmt.Sprintf("CRE-%03d", n+1)
		a.amiable("creditor", "add", "--reference", reference, "--name", "Créancier "+reference, "--siren", siren, "--email", strings.ToLower(reference)+"@example.com",
			"--part-minimum", "20.00", "--second-check", a.check(reference))
	}
	signed := map[string]bool{}
	for _, c := range a.claims {
		if signed[c.mandate] {
			continue
		}
		signed[c.mandate] = true
		a.amiable("mandate", "add", "--creditor", c.creditor, "--reference", c.mandate, "--signed-on", "2024-01-15", "--scope", "Factures impayées",
			"--proof", "classeur 1", "--fee-percent", "10")
	}
	a.standsOn(agencyDay)
	a.process("serve")
	a.answers(a.site + "/health/ready")
}

// invitesStaff lets an administrator in by the printed link, who invites an
// agent on the page; creditors come by their mails.
func (a *agency) invitesStaff(t *testing.T) {
	printed := a.amiable("user", "invite", "--email", "chef@bac.example.com", "--role", "administrator", "--print-link")
	chief := a.visitor()
	if chief.accept(anyLink.FindString(printed)); chief.at.Path != "/security/totp" {
		t.Fatalf("an administrator without authenticator is on %s", chief.at)
	}
	if chief.get("/agent"); chief.at.Path != "/sign-in" {
		t.Fatalf("an administrator without authenticator is on %s", chief.at)
	}
	chief.enrol().get("/agent/users").post("/agent/users", "email", "agent@bac.example.com", "role", "agent")

	a.agent = a.visitor()
	a.agent.accept(a.linkIn("agent@bac.example.com", "/invitation/"))
	a.agent.enrol().get("/agent").sees("Agence du Bac")
	if a.agent.get("/agent/users"); a.agent.status != http.StatusNotFound {
		t.Errorf("an agent is on the administrator's page: %d", a.agent.status)
	}
	for reference := range a.creditors {
		a.amiable("user", "invite", "--email", strings.ToLower(reference)+"@example.com", "--role", "creditor", "--creditor", reference)
	}
	for reference := range a.creditors {
		v := a.visitor()
		v.accept(a.linkIn(strings.ToLower(reference)+"@example.com", "/invitation/"))
		v.get("/creditor").sees("Créancier " + reference)
		a.creditors[reference] = v
	}
	if list := a.amiable("user", "list"); strings.Count(list, "active") != 6 {
		t.Errorf("users:\n%s", list)
	}
}

// connectsCreditors: by command and onboarding page, by naming an account that
// exists, and from the creditor's own page. The fourth gets none.
func (a *agency) connectsCreditors(t *testing.T) {
	a.visitor().get(anyLink.FindString(a.amiable("creditor", "account", "CRE-001"))).onboard()

	named := a.stripeAPI("/v1/accounts", "type", "express", "country", "FR", "email", "c2@example.com",
		"capabilities[card_payments][requested]", "true", "capabilities[transfers][requested]", "true")["id"].(string)
	a.sandboxControl("/_sandbox/accounts/"+named, `{"state":"enabled"}`)
	if out := a.amiable("creditor", "account", "CRE-002", "--stripe-account", named); !strings.Contains(out, named+" takes cards") {
		t.Error(out)
	}

	third := a.creditors["CRE-003"]
	third.get("/creditor/connect").post("/creditor/connect")
	if third.at.Hostname() != "localhost" {
		t.Fatalf("the page leads to %s", third.at)
	}
	third.onboard()
	if third.at.Path != "/creditor/connect" {
		t.Fatalf("the onboarding leads back to %s", third.at)
	}
	await(t, "three creditors take cards", func() bool { return strings.Count(a.amiable("creditor", "list"), ", takes cards\n") == 3 })
	if list := a.amiable("creditor", "list"); !strings.Contains(list, "no account for cards") {
		t.Error(list)
	}
}

// creditorPlaces hands the whole file over on the fourth creditor's page: its
// own claims are taken, the others come back.
func (a *agency) creditorPlaces(t *testing.T) {
	v := a.creditors["CRE-004"]
	v.get("/creditor/placements").upload("/creditor/placements", "file", a.file, "confirm_mandate", "yes")
	if v.status != http.StatusOK || !strings.HasPrefix(v.at.Path, "/creditor/placements/") {
		t.Fatalf("placed: %d on %s\n%s", v.status, v.at, v.text())
	}
	own := a.of("CRE-004")
	v.sees(fmt.Sprintf("%d", len(own)), a.open(own))
	back := v.get(v.at.Path + "/refused").body
	v.get("/creditor/placements").sees(a.open(own))
	if lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(back, "\ufeff"))).ReadAll(); err != nil || len(lines) != 1+len(a.claims)-len(own) {
		t.Errorf("%d lines came back, want %d and the titles: %v", len(lines), len(a.claims)-len(own), err)
	}
	if strings.Count(back, "other_creditor") != len(a.claims)-len(own) {
		t.Errorf("the others are not refused as another creditor's:\n%s", back)
	}
}

type imported struct{ Records, Accepted, Warned, Refused, Known int }

func (a *agency) importFile(file string) (got imported, placement string) {
	a.t.Helper()
	out := a.amiable("import", "--json", "--refused", filepath.Join(a.data, "refused.csv"), file)
	var told struct {
		imported
		Placement string
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		a.t.Fatalf("%v in %s", err, out)
	}
	return told.imported, told.Placement
}

func (a *agency) imports(t *testing.T) {
	n, own := len(a.claims), len(a.of("CRE-004"))
	got, placement := a.importFile(a.file)
	if want := (imported{Records: n, Accepted: n, Known: own}); got != want {
		t.Fatalf("imported %+v, want %+v", got, want)
	}
	a.placement = placement
	again := []string{a.file}
	if a.shared != "" {
		again = append(again, filepath.Join(a.shared, "french-200.csv"), filepath.Join(a.shared, "french-headers-200.csv"))
	}
	for _, file := range again {
		if got, _ := a.importFile(file); got != (imported{Records: n, Accepted: n, Known: n}) {
			t.Errorf("%s again: %+v", filepath.Base(file), got)
		}
	}
	told := a.amiable("import", "--refused", filepath.Join(a.data, "refused.csv"), a.file)
	if !strings.Contains(told, fmt.Sprintf("0 new claims; %d were placed before", n)) {
		t.Error(told)
	}
}

// importsWrongLines compares the refusals of a real import with what is
// expected of the sample, where it is there.
func (a *agency) importsWrongLines(t *testing.T) {
	if a.shared == "" {
		t.Skip("AMIABLE_SHARED_DATA does not name the folder of sample files")
	}
	refused := filepath.Join(a.data, "dirty-refused.csv")
	a.amiable("import", "--refused", refused, filepath.Join(a.shared, "dirty-200.csv"))
	var want, got []string
	for _, row := range readCSV(t, filepath.Join(a.shared, "dirty-200.expected.csv")) {
		if row["outcome"] == "reject" {
			want = append(want, row["line"]+" "+row["reason_code"])
		}
	}
	unknown := 0
	for _, row := range readCSV(t, refused) {
		if row["amiable_reason_code"] == "unknown_creditor" {
			unknown++ // only a real import knows who is a creditor here
			continue
		}
		got = append(got, row["amiable_line"]+" "+row["amiable_reason_code"])
	}
	want = slices.DeleteFunc(want, func(line string) bool { return !slices.Contains(got, line) && unknown > 0 })
	if !slices.Equal(got, want) || unknown != 3 || len(got) < 45 {
		t.Errorf("%d unknown creditors; refused\n%v, want\n%v", unknown, got, want)
	}
}

func (a *agency) writesToDebtors(t *testing.T) {
	for _, placement := range a.placements() {
		out := a.amiable("first-letter", "--all-of-placement", placement, "--date", "2026-02-20", "--channel", "post", "--proof", "LA-{case}")
		if strings.Contains(out, "refused") {
			t.Fatal(out)
		}
		a.amiable("link", "--all-of-placement", placement)
	}
	await(t, "every debtor has a mail", func() bool { return a.linksMailed() == len(a.claims) })
}

// payersMax is how many of a creditor's debtors pay: all of our own file's.
const payersMax = 12

// debtorsPay lets debtors of three creditors open their links, and many of them
// pay. Of the third, who get a code by mail, only a few do: codes are limited
// by address, and here all come from one.
func (a *agency) debtorsPay(t *testing.T) {
	for _, reference := range []string{"CRE-001", "CRE-002", "CRE-003"} {
		for n, c := range a.of(reference) {
			v := a.visitor().get(c.links[0])
			if len(c.links) > 1 {
				continue // the address is that of two cases
			}
			if n >= payersMax || (reference == "CRE-003" && n >= 4) {
				continue // opened, and left for another day
			}
			a.passes(v, c, n == 0 && reference == "CRE-001")
			a.pays(v, c, n)
		}
	}
	a.sandboxControl("/_sandbox/webhooks/wait", "{}")
}

// passes answers the second check; the first debtor is wrong once.
func (a *agency) passes(v *visitor, c *claim, wrongOnce bool) {
	a.t.Helper()
	path := v.at.Path
	v.seesNot(c.invoice, c.debtor)
	if wrongOnce {
		if v.post(path, "answer", "99999"); v.status != http.StatusUnprocessableEntity {
			a.t.Fatalf("a wrong answer is answered %d", v.status)
		}
	}
	answer := map[string]string{"postcode": c.postcode, "invoice_number": strings.ToLower(c.invoice)}[a.check(c.creditor)]
	if answer == "" {
		v.post(path + "/code")
		await(a.t, "the code for "+c.email, func() bool { answer = a.codeFor(c.email); return answer != "" })
	}
	if v.post(path, "answer", answer); v.at.Path != "/case" {
		a.t.Fatalf("%s of %s leads %s to %s (%d):\n%s", answer, c.creditor, c.email, v.at, v.status, v.text())
	}
	v.sees("Créancier "+c.creditor, c.invoice)
}

var shownOnReview = regexp.MustCompile(`name="shown" value="(\d+)"`)

// pays pays the whole; the second debtor of each creditor only a part, and the
// third after a card that was declined.
func (a *agency) pays(v *visitor, c *claim, n int) {
	a.t.Helper()
	choice, amount := []string{"choice", "whole"}, int64(0)
	if n == 1 {
		choice, amount = []string{"choice", "part", "part", "25,50"}, 25_50
	}
	v.post("/case/pay", choice...)
	shown := shownOnReview.FindStringSubmatch(v.body)
	if shown == nil {
		a.t.Fatalf("no review for %s (%d on %s):\n%s", c.email, v.status, v.at, v.text())
	}
	owed, err := strconv.ParseInt(shown[1], 10, 64)
	must(a.t, err)
	if c.kind == "business" && owed != a.statementOf(c) {
		a.t.Errorf("%s is asked for %d, `amiable statement` says %d", c.email, owed, a.statementOf(c))
	}
	if amount == 0 {
		amount = owed
	}
	v.post("/case/payments", append(choice, "shown", shown[1], "recognise", "yes")...)
	session := sessionOf.FindStringSubmatch(v.at.String())
	if session == nil {
		a.t.Fatalf("%s is led to %s (%d):\n%s", c.email, v.at, v.status, v.text())
	}
	if n == 2 {
		if v.cardAtStripe(session[1], "4000000000000002"); strings.HasPrefix(v.at.Path, "/case") {
			a.t.Fatalf("a declined card leads to %s", v.at)
		}
	}
	v.cardAtStripe(session[1], "4242424242424242")
	if !strings.HasPrefix(v.at.Path, "/case/payments/") {
		a.t.Fatalf("paid, %s is on %s (%d):\n%s", c.email, v.at, v.status, v.text())
	}
	v.sees(locale.French.Amount(money.Euros(amount)), locale.English.Amount(money.Euros(amount)))
	v.get("/case/receipts").sees(locale.French.Amount(money.Euros(amount)), locale.English.Amount(money.Euros(amount)))
	c.paid, c.owed = amount, owed
}

// noCards: a creditor without an account cannot be paid by card, and its
// debtors read how else.
func (a *agency) noCards(t *testing.T) {
	c := a.of("CRE-004")[0]
	v := a.visitor().get(c.links[0])
	a.passes(v, c, false)
	v.get("/case/pay")
	if v.status != http.StatusOK || shownOnReview.MatchString(v.body) {
		t.Fatalf("%d:\n%s", v.status, v.text())
	}
	v.sees("05 00 00 00 01")
	if v.post("/case/payments", "choice", "whole"); v.at.Hostname() != "127.0.0.1" {
		t.Errorf("a card is taken at %s", v.at)
	}
	a.creditors["CRE-004"].get("/creditor").sees("/creditor/connect")
}

// creditorsLook compares what each creditor's page says with what its debtors
// paid, less fee and VAT, and with what Stripe holds for it.
func (a *agency) creditorsLook(t *testing.T) {
	for _, reference := range []string{"CRE-001", "CRE-002", "CRE-003"} {
		v := a.creditors[reference].get("/creditor/payments")
		var net int64
		payers := 0
		for _, c := range a.of(reference) {
			if c.paid == 0 {
				continue
			}
			payers++
			fee := halfUp(c.paid, 10_00) // 10 %, and VAT of 20 % on it
			net += c.paid - fee - halfUp(fee, 20_00)
			v.sees(locale.French.Figures(money.Euros(c.paid)))
		}
		t.Logf("%s: %d payments, %d for the creditor", reference, payers, net)
		v.sees(locale.French.Amount(money.Euros(net)))
		if held := a.heldAtStripe(reference); held != net {
			t.Errorf("%s: Stripe holds %d, we say %d", reference, held, net)
		}
		own := map[string]bool{}
		for _, c := range a.of(reference) {
			own[c.debtor] = true
		}
		for _, other := range a.claims {
			if !own[other.debtor] && strings.Contains(v.body, ">"+other.debtor+"<") {
				t.Errorf("%s sees %s of %s", reference, other.debtor, other.creditor)
			}
		}
		told := 0
		for _, m := range a.mails() {
			if m.ToAddress == strings.ToLower(reference)+"@example.com" && !strings.Contains(m.Text, "/invitation/") {
				told++
			}
		}
		if told < payers {
			t.Errorf("%s was told of %d payments of %d", reference, told, payers)
		}
	}
}

func (a *agency) agentLooks(t *testing.T) {
	c := a.of("CRE-001")[1] // who paid a part
	a.agent.post("/agent/searches", "q", c.invoice).sees(c.debtor)
	reference := a.caseOf(c)
	a.agent.post("/agent/searches", "q", reference).sees(c.debtor)
	var exported struct {
		Case     struct{ Balance struct{ Total int64 } }
		Payments []struct {
			State    string
			Received int64
		}
		Events  []struct{ Kind string }
		Letters []struct{ Kind, State string }
		Ledger  []struct{ Kind string }
	}
	out := a.amiable("export", "--case", reference, "--json")
	var keys map[string]any
	must(t, json.Unmarshal([]byte(out), &keys))
	must(t, json.Unmarshal([]byte(out), &exported))
	for _, key := range []string{"statement", "offers", "plan", "holds", "disputes", "payments", "ledger", "letters", "events"} {
		if _, there := keys[key]; !there {
			t.Errorf("the export lacks %s", key)
		}
	}
	if len(exported.Payments) != 1 || exported.Payments[0].Received != c.paid || exported.Case.Balance.Total != c.owed-c.paid {
		t.Errorf("exported %+v, paid %d of %d", exported, c.paid, c.owed)
	}
	if len(exported.Events) < 4 || len(exported.Letters) < 2 || len(exported.Ledger) < 2 {
		t.Errorf("the export is thin: %+v", exported)
	}
}

func (a *agency) everythingHolds(t *testing.T) {
	var told struct {
		Holds      bool
		Invariants []negotiation.Invariant
	}
	must(t, json.Unmarshal([]byte(a.amiable("verify", "--json")), &told))
	checked := map[string]int64{}
	for _, one := range told.Invariants {
		checked[one.Name] = one.Checked
	}
	if !told.Holds || checked["every payment that came in has one receipt"] != int64(a.payers()) {
		t.Errorf("of %d payments verify says %+v", a.payers(), told)
	}
	answer := a.sandboxGet("/_sandbox/invariants")
	if answer["ok"] != true {
		t.Errorf("the sandbox's books: %v", answer)
	}
	if log := a.log(); strings.Contains(log, "level=ERROR") || strings.Contains(log, "@clients.example.com") {
		t.Errorf("the log:\n%s", log)
	}
	if _, err := os.Stat(filepath.Join(a.data, "refused.csv")); err == nil {
		t.Error("an import without refusals left a file of them")
	}
}

// halfUp is so many basis points of a sum, rounded half up.
func halfUp(minor, basisPoints int64) int64 { return (minor*basisPoints + 5_000) / 10_000 }
