package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// statement runs `amiable statement` as it would be typed.
func statement(t *testing.T, typed ...string) (string, error) {
	t.Helper()
	var cli struct {
		Statement StatementCmd `cmd:""`
	}
	parser, err := kong.New(&cli)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"statement"}, typed...)); err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = cli.Statement.Run(&out)
	return out.String(), err
}

// explained is the JSON by the names that are promised, read independently of
// the types that write it.
type explained struct {
	Segments []struct {
		From, To, Source, Article string
		Days                      int
		Base, Amount              int64
		RatePercent               string `json:"rate_percent"`
		Verified                  *bool
	}
	Payments []struct {
		Date                                   string
		Amount, Interest, Indemnity, Principal int64
	}
	InterestAccrued                       int64 `json:"interest_accrued"`
	Principal, Interest, Indemnity, Total int64
}

func explain(t *testing.T, typed ...string) explained {
	t.Helper()
	out, err := statement(t, append(typed, "--json")...)
	if err != nil {
		t.Fatal(err)
	}
	var e explained
	if err := json.Unmarshal([]byte(out), &e); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return e
}

// The vectors of the law file, § 2.4, by the command.
func TestStatementCommandExplainsTheVectorsOfTheLaw(t *testing.T) {
	for _, row := range []struct {
		typed    string
		amounts  []int64
		days     []int
		rates    []string
		verified []bool
		accrued  int64
		total    int64
	}{
		{"--amount 10000.00 --due 2026-04-30 --until 2026-08-31 --debtor business",
			[]int64{203_05, 210_63}, []int{61, 62}, []string{"12.15", "12.40"}, []bool{true, true}, 413_68, 10_453_68},
		{"--amount 2400 --due 2024-01-31 --until 2025-03-31 --debtor business",
			[]int64{143_57, 171_93, 77_82}, []int{151, 184, 90}, []string{"14.50", "14.25", "13.15"}, []bool{true, true, true}, 393_32, 2_833_32},
		{"--amount 2400,0 --due 2024-01-31 --until 2025-03-31 --debtor business --day-count 365",
			[]int64{143_97, 172_41, 77_82}, []int{151, 184, 90}, []string{"14.50", "14.25", "13.15"}, []bool{true, true, true}, 394_20, 2_834_20},
		{"--amount 850.00 --due 2025-10-31 --until 2026-09-30 --debtor consumer --notice 2025-11-14",
			[]int64{3_02, 11_04, 5_89}, []int{47, 181, 92}, []string{"2.76", "2.62", "2.75"}, []bool{true, true, false}, 19_95, 869_95},
		{"--amount 10000.00 --due 2026-04-30 --until 2026-08-31 --debtor public",
			[]int64{169_63, 172_41}, []int{61, 62}, []string{"10.15", "10.15"}, []bool{true, true}, 342_04, 10_382_04},
		{"--amount 850 --due 2026-01-31 --until 2026-04-30 --debtor consumer --creditor individual --notice 2026-03-31",
			[]int64{4_66}, []int{30}, []string{"6.67"}, []bool{true}, 4_66, 854_66},
		{"--amount 1000 --due 2024-06-30 --until 2025-02-28 --debtor business --contract-rate 10",
			[]int64{50_27, 16_16}, []int{184, 59}, []string{"10.00", "10.00"}, []bool{true, true}, 66_43, 1_106_43},
	} {
		e := explain(t, strings.Fields(row.typed)...)
		var amounts []int64
		var days []int
		var rates []string
		var verified []bool
		for _, g := range e.Segments {
			amounts, days, rates, verified = append(amounts, g.Amount), append(days, g.Days), append(rates, g.RatePercent), append(verified, *g.Verified)
			if g.Source == "" || g.Article == "" || g.From == "" || g.To == "" || g.Base == 0 {
				t.Errorf("%s: a segment is not whole: %+v", row.typed, g)
			}
		}
		if diff := cmp.Diff([]any{row.amounts, row.days, row.rates, row.verified}, []any{amounts, days, rates, verified}); diff != "" {
			t.Errorf("%s:\n%s", row.typed, diff)
		}
		if e.InterestAccrued != row.accrued || e.Total != row.total || e.Principal+e.Interest+e.Indemnity != e.Total {
			t.Errorf("%s: accrued %d, total %d of %d + %d + %d", row.typed, e.InterestAccrued, e.Total, e.Principal, e.Interest, e.Indemnity)
		}
	}
}

func TestStatementCommandAllocatesPayments(t *testing.T) {
	e := explain(t, strings.Fields("--amount 10000 --due 2026-04-30 --until 2026-08-31 --debtor business --payment 2026-06-30=5000,00 --payment 2026-05-31=50")...)
	if len(e.Payments) != 2 || e.Payments[0].Date != "2026-05-31" || e.Payments[0].Interest != 50_00 {
		t.Fatalf("payments: %+v", e.Payments)
	}
	// 103.19 + 99.86 − 50.00 is the interest owed on 30 June.
	if p := e.Payments[1]; p.Interest != 153_05 || p.Indemnity != 40_00 || p.Principal != 4_806_95 || p.Amount != 5_000_00 {
		t.Errorf("the payment of 30 June: %+v", p)
	}
	if e.Principal != 5_193_05 || e.Indemnity != 0 {
		t.Errorf("left: %d principal, %d indemnity", e.Principal, e.Indemnity)
	}

	cleared := explain(t, strings.Fields("--amount 10000 --due 2026-04-30 --until 2026-08-31 --debtor business --payment 2026-08-31=10453.68")...)
	if cleared.Total != 0 || cleared.InterestAccrued != 413_68 {
		t.Errorf("paid to the cent, and %d is left", cleared.Total)
	}
}

func TestStatementCommandWritesEmptyListsNotNull(t *testing.T) {
	out, err := statement(t, strings.Fields("--amount 850 --due 2025-10-31 --until 2026-09-30 --debtor consumer --json")...)
	if err != nil || !strings.Contains(out, `"segments": []`) || !strings.Contains(out, `"payments": []`) {
		t.Errorf("%v: %s", err, out)
	}
	if !strings.Contains(out, "no_notice_no_interest") {
		t.Errorf("nothing says why no interest runs: %s", out)
	}
}

func TestStatementCommandSpeaksToAPerson(t *testing.T) {
	out, err := statement(t, strings.Fields("--amount 10000.00 --due 2026-04-30 --until 2026-08-31 --debtor business --payment 2026-06-30=5000")...)
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "statement.txt")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out); diff != "" {
		t.Errorf("%s (− kept, + written); UPDATE_GOLDEN=1 keeps the new one:\n%s", golden, diff)
	}
	explained, err := os.ReadFile(filepath.Join("..", "..", "docs", "interest.md"))
	if err != nil {
		t.Fatal(err)
	}
	if shown := strings.ReplaceAll(string(explained), "\n    ", "\n"); !strings.Contains(shown, out) {
		t.Errorf("docs/interest.md shows another answer than the command's:\n%s", out)
	}
}

// Every refusal names the flag and says what to write.
func TestStatementCommandRefusesInWords(t *testing.T) {
	good := "--amount 1000 --due 2026-04-30 --until 2026-08-31 --debtor business "
	for _, row := range []struct{ typed, words string }{
		{"--amount 1000.005 --due 2026-04-30 --until 2026-08-31 --debtor business", "--amount: \"1000.005\" has more than two decimals"},
		{"--amount 1,000 --due 2026-04-30 --until 2026-08-31 --debtor business", "more than two decimals"},
		{"--amount 1,000.00 --due 2026-04-30 --until 2026-08-31 --debtor business", "without spaces or thousands marks"},
		{"--amount 0.00 --due 2026-04-30 --until 2026-08-31 --debtor business", "more than 0"},
		{"--amount=-5 --due 2026-04-30 --until 2026-08-31 --debtor business", "--amount"},
		{"--amount ten --due 2026-04-30 --until 2026-08-31 --debtor business", "such as 10000.00"},
		{"--amount 1000 --due 30/04/2026 --until 2026-08-31 --debtor business", "--due: \"30/04/2026\" is not a day: write it as YYYY-MM-DD"},
		{"--amount 1000 --due 2026-02-30 --until 2026-08-31 --debtor business", "--due"},
		{"--amount 1000 --due 2026-04-30 --until tomorrow --debtor business", "--until"},
		{"--amount 1000 --due 2026-04-30 --until 2026-08-31 --debtor firm", "--debtor: \"firm\" is not known: write business, consumer"},
		{"--amount 1000 --due 2026-04-30 --debtor business", "--until"},
		{good + "--creditor bank", "--creditor: \"bank\" is not known: write business or individual"},
		{good + "--day-count 360", "--day-count: \"360\" is not known: write actual or 365"},
		{good + "--notice soon", "--notice"},
		{good + "--contract-rate 12%", "--contract-rate: \"12%\" is not a rate"},
		{good + "--contract-rate 1200", "--contract-rate"},
		{good + "--payment 500", "such as 2026-05-31=500.00"},
		{good + "--payment 2026-05-32=500", "--payment 2026-05-32=500: \"2026-05-32\" is not a day"},
		{good + "--payment 2026-05-31=500.001", "more than two decimals"},
		{good + "--payment 2026-09-01=500", "later than --until 2026-08-31"},
		{good + "--payment 2026-05-01=1100", "only 1 040.33 was owed at the end of that day, 59.67 too much"},
		{good + "--rates nowhere.csv", "nowhere.csv"},
		{"--amount 1000 --due 2026-04-30 --until 2027-01-02 --debtor business", "no ecb_mro rate for 2027 H1"},
		{"--amount 1000 --due 2026-04-30 --until 2027-01-02 --debtor business", "--until 2026-12-31"},
		{"--amount 1000 --due 2014-04-30 --until 2015-12-31 --debtor consumer --notice 2014-05-31", "no fr_legal_other_creditor rate for 2014 H1: the rates known here begin on 2015-01-01"},
		{"--amount 1000 --due 2026-04-30 --until 9999-12-31 --debtor business", "9999-12-31 is not between"},
	} {
		out, err := statement(t, strings.Fields(row.typed)...)
		if err == nil || !strings.Contains(err.Error(), row.words) || out != "" {
			t.Errorf("%s\n says %v,\n not %q; and writes %q", row.typed, err, row.words, out)
		}
	}
	_, err := statement(t, "--amount", "x", "--due", "y", "--until", "z", "--debtor", "w")
	for _, flag := range []string{"--amount", "--due", "--until", "--debtor"} {
		if err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("four mistakes at once, and %s is not named: %v", flag, err)
		}
	}
}

func TestStatementCommandTakesNewRates(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rates.csv")
	text := "# as of 2027-01-02\nkind,from,to,rate_percent,verified,source,confidence\necb_mro,2026-12-23,,2.40,no,entered by hand,to be checked\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	e := explain(t, "--amount", "1000", "--due", "2026-12-31", "--until", "2027-01-31", "--debtor", "business", "--rates", file)
	if len(e.Segments) != 1 || e.Segments[0].RatePercent != "12.40" || *e.Segments[0].Verified {
		t.Errorf("segments: %+v", e.Segments)
	}
}

func FuzzParseEuros(f *testing.F) {
	for _, typed := range []string{"10000.00", "10,5", "0.01", "1.000,00", "-1", "٣", "999999999999.99", ""} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		amount, err := parseEuros(typed)
		if err != nil {
			return
		}
		if again, err := parseEuros(strings.ReplaceAll(plain(amount), " ", "")); err != nil || again != amount || !amount.IsPositive() {
			t.Errorf("%q is read as %v, and that as %v, %v", typed, amount, again, err)
		}
	})
}
