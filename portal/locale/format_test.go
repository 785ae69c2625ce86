package locale

import (
	"testing"
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

func TestSumsAreWrittenAsInPrint(t *testing.T) {
	for _, row := range []struct {
		amount          money.Amount
		french, english string
	}{
		{money.Euros(124860), "1\u202f248,60\u00a0€", "€1,248.60"},
		{money.Euros(0), "0,00\u00a0€", "€0.00"},
		{money.Euros(-60000), "\u2212600,00\u00a0€", "\u2212€600.00"},
		{money.Euros(-5), "\u22120,05\u00a0€", "\u2212€0.05"},
		{money.Euros(100000000), "1\u202f000\u202f000,00\u00a0€", "€1,000,000.00"},
		{money.Euros(-1 << 63), "\u221292\u202f233\u202f720\u202f368\u202f547\u202f758,08\u00a0€", "\u2212€92,233,720,368,547,758.08"},
		{money.New(124860, "USD"), "1\u202f248,60\u00a0USD", "USD\u00a01,248.60"},
		{money.Amount{}, "0,00\u00a0€", "€0.00"},
	} {
		same(t, French.Amount(row.amount), row.french)
		same(t, English.Amount(row.amount), row.english)
	}
	same(t, French.Entry(money.Euros(124860)), "1248,60")
	same(t, English.Entry(money.Euros(124860)), "1248.60")
	same(t, French.Round(money.Euros(6000)), "60\u00a0€")
	same(t, English.Round(money.Euros(6000)), "€60")
	same(t, French.Round(money.Euros(6010)), "60,10\u00a0€")
	same(t, French.Signed(money.Euros(360)), "+3,60\u00a0€")
}

func TestDaysAndTimes(t *testing.T) {
	tuesday, first := day.MustParse("2026-11-24"), day.MustParse("2027-01-01")
	same(t, French.Day(tuesday), "mardi 24\u00a0novembre 2026")
	same(t, English.Day(tuesday), "Tuesday 24\u00a0November 2026")
	same(t, French.Date(first), "1er\u00a0janvier 2027")
	same(t, English.Date(first), "1\u00a0January 2027")
	same(t, French.ShortDay(tuesday), "24\u00a0nov.")
	same(t, French.ShortDate(first), "1er\u00a0janv.\u00a02027")
	same(t, French.Month(first), "janvier 2027")
	same(t, French.DayMonth(day.MustParse("2026-04-08")), "8\u00a0avril")
	same(t, French.Day(""), "")
	evening := time.Date(2026, 11, 24, 18, 5, 0, 0, time.UTC)
	same(t, French.Time(evening), "18\u00a0h\u00a005")
	same(t, French.Time(evening.Add(-5*time.Minute)), "18\u00a0h")
	same(t, English.Time(evening), "18:05")
	same(t, French.Moment(evening), "mardi 24\u00a0novembre 2026, 18\u00a0h\u00a005")
	same(t, English.Moment(time.Time{}), "")
}

func TestNumbersSharesSizesAndPhones(t *testing.T) {
	same(t, French.Number(12400), "12\u202f400")
	same(t, English.Number(-12400), "\u221212,400")
	same(t, French.Percent(262), "2,62\u00a0%")
	same(t, French.Percent(2000), "20\u00a0%")
	same(t, English.Percent(1215), "12.15%")
	same(t, French.Percent(1250), "12,50\u00a0%")
	same(t, French.Bytes(84_000), "84\u00a0Ko")
	same(t, French.Bytes(2_130_000), "2,1\u00a0Mo")
	same(t, English.Bytes(83_700), "84\u00a0KB")
	same(t, English.Bytes(0), "0\u00a0B")
	same(t, French.Phone("+33536491230"), "05\u00a036\u00a049\u00a012\u00a030")
	same(t, French.Phone("05 36 49 12 30"), "05\u00a036\u00a049\u00a012\u00a030")
	same(t, English.Phone("+44 20 7946 0000"), "+44 20 7946 0000")
	same(t, French.List([]string{"carte", "virement", "chèque"}), "carte, virement et chèque")
}

func TestTheReaderGetsTheBestLikedLanguage(t *testing.T) {
	for header, want := range map[string]Language{
		"":                                 French,
		"fr-FR,fr;q=0.9,en;q=0.8":          French,
		"en-GB,en;q=0.9":                   English,
		"de,en;q=0.5,fr;q=0.4":             English,
		"de-DE,de;q=0.9":                   French, // none of ours
		"en;q=0.1, fr;q=0.9":               French,
		"en;q=0, fr;q=0.1":                 French, // q=0 means never
		"*":                                French,
		"en;q=NaN":                         French,
		";;;,,,q=":                         French,
		"EN":                               English,
		"french, english":                  French, // not codes
		"en;q=0.5;level=1, fr;q=0.2":       French, // an unknown parameter voids the wish
		"es-419, en-US;q=0.7, fr-CA;q=0.7": English,
	} {
		if got := Match(header); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
