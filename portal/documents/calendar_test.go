package documents

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"amiable/portal/locale"

	ics "github.com/arran4/golang-ical"
)

func aCalendar() Calendar {
	return Calendar{
		CaseReference: "AM 7K4P 9XWD 3", Host: "portail.accord.example", Sequence: 2, ChangedAt: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC),
		SignInURL: "https://portail.accord.example/case",
		Entries: []CalendarEntry{
			{ID: "0192f0c1-1", DueOn: "2026-12-05", Amount: euros(208_10), Paid: true},
			{ID: "0192f0c1-2", DueOn: "2026-12-31", Amount: euros(1208_10)},
			{ID: "0192f0c1-3", DueOn: "2027-02-05", Amount: euros(208_10), Gone: true},
		},
	}
}

func written(t *testing.T, c Calendar, l locale.Language) string {
	t.Helper()
	file, err := c.ICS(l)
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.ICS(l)
	if err != nil || !bytes.Equal(file, again) {
		t.Errorf("written twice, two files (%v)", err)
	}
	return string(file)
}

// value returns what an entry says under a name, as a reader of calendars has it.
func value(e *ics.VEvent, name ics.ComponentProperty) string {
	p := e.GetProperty(name)
	if p == nil {
		return ""
	}
	return p.Value
}

func TestACalendarIsReadBack(t *testing.T) {
	read, err := ics.ParseCalendar(strings.NewReader(written(t, aCalendar(), locale.French)))
	if err != nil {
		t.Fatal(err)
	}
	events := read.Events()
	if len(events) != 3 {
		t.Fatalf("%d entries", len(events))
	}
	second := events[1]
	for name, want := range map[ics.ComponentProperty]string{
		ics.ComponentPropertyUniqueId: "0192f0c1-2@portail.accord.example", ics.ComponentPropertyDtStart: "20261231", ics.ComponentPropertyDtEnd: "20270101",
		ics.ComponentPropertySequence: "2", ics.ComponentPropertyDtstamp: "20261121T093000Z", ics.ComponentPropertyLastModified: "20261121T093000Z",
		ics.ComponentPropertyUrl: "https://portail.accord.example/case", ics.ComponentPropertyStatus: "CONFIRMED", ics.ComponentPropertyClass: "PRIVATE",
		ics.ComponentPropertySummary: "Paiement de 1\u202f208,10\u00a0€, référence AM 7K4P 9XWD 3",
	} {
		if got := value(second, name); got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
	if kind := second.GetProperty(ics.ComponentPropertyDtStart).ICalParameters["VALUE"]; !slices.Equal(kind, []string{"DATE"}) {
		t.Errorf("the day is a %v", kind)
	}
	if alarms := second.Alarms(); len(alarms) != 1 || alarms[0].GetProperty(ics.ComponentPropertyTrigger).Value != "-PT15H" {
		t.Errorf("reminded by %v", alarms)
	}
	if value(events[0], ics.ComponentPropertyStatus) != "CONFIRMED" || len(events[0].Alarms()) != 0 {
		t.Error("what is paid is reminded of, or gone")
	}
	if value(events[2], ics.ComponentPropertyStatus) != "CANCELLED" || len(events[2].Alarms()) != 0 {
		t.Error("what is skipped stays, or is reminded of")
	}
}

// RFC 5545, 3.1: lines end in CRLF and hold at most 75 octets, and no character
// is cut in two; unfolded, they say what was written.
func TestACalendarsLinesAreFolded(t *testing.T) {
	c := aCalendar()
	c.SignInURL = "https://portail.accord.example/" + strings.Repeat("é", 60)
	for _, l := range locale.Languages {
		text := written(t, c, l)
		for _, line := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) {
				t.Errorf("%s: %d octets: %q", l, len(line), line)
			}
		}
		if !strings.HasSuffix(text, "END:VCALENDAR\r\n") {
			t.Errorf("%s ends in %q", l, text[len(text)-20:])
		}
		if unfolded := strings.ReplaceAll(text, "\r\n ", ""); !strings.Contains(unfolded, "\r\nURL:"+c.SignInURL+"\r\n") {
			t.Errorf("%s: the address is not whole:\n%s", l, unfolded)
		}
	}
}

// A re-spread plan: the entries that moved are the same entries, one change on.
func TestAChangedPlanUpdatesItsEntries(t *testing.T) {
	before, after := aCalendar(), aCalendar()
	after.Sequence++
	after.Entries[1].DueOn, after.Entries[1].Amount = "2027-01-15", euros(300_00)
	ids := func(c Calendar) (found []string) {
		read, err := ics.ParseCalendar(strings.NewReader(written(t, c, locale.English)))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range read.Events() {
			found = append(found, e.Id())
		}
		return found
	}
	if a, b := ids(before), ids(after); !slices.Equal(a, b) {
		t.Errorf("%v became %v", a, b)
	}
	text := written(t, after, locale.English)
	for _, want := range []string{"SEQUENCE:3\r\n", "DTSTART;VALUE=DATE:20270115\r\n", "SUMMARY:Payment of €300.00\\, reference AM 7K4P 9XWD 3\r\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
}

// Who sees the calendar over a shoulder learns a sum and a reference.
func TestACalendarTellsNobodyOfADebt(t *testing.T) {
	for _, l := range locale.Languages {
		text := strings.ToLower(strings.ReplaceAll(written(t, aCalendar(), l), "\r\n ", ""))
		for _, word := range []string{"dette", "créanc", "recouvr", "échéanc", "impay", "retard", "debt", "creditor", "collect", "instalment", "overdue", "token", "?"} {
			if strings.Contains(text, word) {
				t.Errorf("%s says %q:\n%s", l, word, text)
			}
		}
	}
}

func TestACalendarThatWouldMisleadIsNotWritten(t *testing.T) {
	for name, spoil := range map[string]func(*Calendar){
		"no reference":          func(c *Calendar) { c.CaseReference = "" },
		"no host":               func(c *Calendar) { c.Host = "" },
		"no dates":              func(c *Calendar) { c.Entries = nil },
		"no instant":            func(c *Calendar) { c.ChangedAt = time.Time{} },
		"a link with a token":   func(c *Calendar) { c.SignInURL = "https://portail.accord.example/l?t=secret" },
		"a link to a place":     func(c *Calendar) { c.SignInURL += "#secret" },
		"a path alone":          func(c *Calendar) { c.SignInURL = "/case" },
		"two of the same":       func(c *Calendar) { c.Entries[1].ID = c.Entries[0].ID },
		"one without id":        func(c *Calendar) { c.Entries[1].ID = "" },
		"one without a day":     func(c *Calendar) { c.Entries[1].DueOn = "" },
		"a link with a sign-in": func(c *Calendar) { c.SignInURL = "https://me:secret@portail.accord.example/" },
	} {
		c := aCalendar()
		spoil(&c)
		if _, err := c.ICS(locale.French); err == nil || !strings.Contains(err.Error(), "calendar") {
			t.Errorf("%s: written (%v)", name, err)
		}
	}
}
