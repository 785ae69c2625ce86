package negotiation

import (
	"math/rand/v2"
	"testing"
	"time"
)

func paris(text string) time.Time {
	if len(text) == len("2006-01-02 15:04") {
		text += ":00"
	}
	t, err := time.ParseInLocation(time.DateTime, text, Zone)
	if err != nil {
		panic(err)
	}
	return t
}

func TestWhatAsksLeavesAtAnHourThatTheRulesAllow(t *testing.T) {
	for _, row := range []struct {
		name    string
		now     string // in Paris
		q       asked
		want    string // in Paris
		because Reason
	}{
		{"a working morning", "2026-11-23 09:00", asked{}, "2026-11-23 09:00", ""},
		{"a second before nine", "2026-11-23 08:59:59", asked{}, "2026-11-23 09:00", QuietHours},
		{"a second before seven in the evening", "2026-11-23 18:59:59", asked{}, "2026-11-23 18:59:59", ""},
		{"seven in the evening", "2026-11-23 19:00", asked{}, "2026-11-24 09:00", QuietHours},
		{"midnight", "2026-11-24 00:00", asked{}, "2026-11-24 09:00", QuietHours},
		{"a Friday evening waits for Monday", "2026-11-27 19:30", asked{}, "2026-11-30 09:00", QuietHours},
		{"a Saturday at noon", "2026-11-28 12:00", asked{}, "2026-11-30 09:00", QuietHours},
		{"a Sunday at noon", "2026-11-29 12:00", asked{}, "2026-11-30 09:00", QuietHours},
		{"Easter Saturday waits past Easter Monday", "2026-04-04 10:00", asked{}, "2026-04-07 09:00", QuietHours},
		{"11 November, a Wednesday", "2026-11-11 10:00", asked{}, "2026-11-12 09:00", QuietHours},
		{"Christmas on a Friday", "2026-12-24 19:00", asked{}, "2026-12-28 09:00", QuietHours},
		{"New Year's Eve into a weekend", "2026-12-31 20:00", asked{}, "2027-01-04 09:00", QuietHours},
		{"the night the clocks go forward", "2026-03-29 01:59", asked{}, "2026-03-30 09:00", QuietHours},
		{"the night the clocks go back", "2026-10-25 02:30", asked{}, "2026-10-26 09:00", QuietHours},
		{"post wakes nobody", "2026-11-29 03:00", asked{channel: ContactPost}, "2026-11-29 03:00", ""},
		{"a text does", "2026-11-29 03:00", asked{channel: ChannelSMS}, "2026-11-30 09:00", QuietHours},

		{"nine in Paris is eight in London", "2026-11-23 09:00", asked{place: "GB"}, "2026-11-23 10:00", QuietHours},
		{"and noon in Réunion", "2026-11-23 06:00", asked{place: "FR-974"}, "2026-11-23 06:00", ""},
		{"the evening there is our afternoon", "2026-11-23 16:00", asked{place: "FR-974"}, "2026-11-24 06:00", QuietHours},
		{"Martinique wakes when we have lunch", "2026-11-23 09:00", asked{place: "FR-972"}, "2026-11-23 14:00", QuietHours},
		{"a Friday evening in Tahiti is our Saturday", "2026-11-28 04:00", asked{place: "FR-987"}, "2026-11-28 04:00", ""},
		{"abolition day in Guadeloupe", "2026-05-27 15:30", asked{place: "FR-971"}, "2026-05-28 15:00", QuietHours},
		{"which is no holiday in Martinique", "2026-05-27 15:30", asked{place: "FR-972"}, "2026-05-27 15:30", ""},
		{"Good Friday in Alsace, then Easter Monday", "2026-04-03 10:00", asked{place: "FR-67"}, "2026-04-07 09:00", QuietHours},
		{"26 December in Moselle", "2028-12-26 10:00", asked{place: "FR-57"}, "2028-12-27 09:00", QuietHours},

		{"mornings, asked at ten", "2026-11-23 10:00", asked{wants: Mornings}, "2026-11-23 10:00", ""},
		{"mornings, asked at noon", "2026-11-23 12:00", asked{wants: Mornings}, "2026-11-24 09:00", QuietHours},
		{"afternoons, asked at ten", "2026-11-23 10:00", asked{wants: Afternoon}, "2026-11-23 14:00", QuietHours},
		{"the end of the day never means after seven", "2026-11-23 19:00", asked{wants: Evenings}, "2026-11-24 17:00", QuietHours},

		{"a day after a contact", "2026-11-24 10:00", asked{before: instants("2026-11-23 10:00")}, "2026-11-25 10:00", ContactCap},
		{"two days after, to the second", "2026-11-25 10:00", asked{before: instants("2026-11-23 10:00")}, "2026-11-25 10:00", ""},
		{"two days later is a Saturday", "2026-11-26 11:00", asked{before: instants("2026-11-26 10:00")}, "2026-11-30 09:00", ContactCap},
		{"a third within seven days", "2026-11-26 10:00", asked{before: instants("2026-11-20 10:00", "2026-11-23 10:00")}, "2026-11-27 10:00", ContactCap},
		{"seven days after the first of two", "2026-11-27 10:00", asked{before: instants("2026-11-20 10:00", "2026-11-23 10:00")}, "2026-11-27 10:00", ""},
		{"the order in which they are known is nothing", "2026-11-26 10:00", asked{before: instants("2026-11-23 10:00", "2026-11-20 10:00")}, "2026-11-27 10:00", ContactCap},
		{"three already, posted by hand", "2026-11-24 10:00", asked{before: instants("2026-11-20 10:00", "2026-11-21 10:00", "2026-11-22 10:00")}, "2026-11-30 09:00", ContactCap},
		{"over a change of clocks two days are 48 hours", "2026-03-29 10:00", asked{before: instants("2026-03-28 10:00")}, "2026-03-30 11:00", ContactCap},
		{"post keeps to the cap", "2026-11-28 10:00", asked{channel: ContactPost, before: instants("2026-11-27 10:00")}, "2026-11-29 10:00", ContactCap},

		{"a message waits for its answer", "2026-11-23 10:00", asked{waiting: "2026-11-23"}, "2026-11-26 09:00", AnswerAwaited},
		{"over a weekend", "2026-11-27 10:00", asked{waiting: "2026-11-27"}, "2026-12-02 09:00", AnswerAwaited},
		{"past its time it waits on", "2026-12-10 10:00", asked{waiting: "2026-11-23"}, "2026-12-11 09:00", AnswerAwaited},
	} {
		if row.q.channel == "" {
			row.q.channel = ContactEmail
		}
		if row.q.place == "" {
			row.q.place = "FR"
		}
		now := paris(row.now)
		got := ContactRulesOn(DayOf(now)).outlook(row.q, now)
		if !got.At.Equal(paris(row.want)) || got.Reason != row.because {
			t.Errorf("%s: %s because of %q, want %s because of %q", row.name, got.At.In(Zone).Format("2006-01-02 15:04:05"), got.Reason, row.want, row.because)
		}
	}
}

func instants(texts ...string) []time.Time {
	times := make([]time.Time, len(texts))
	for i, text := range texts {
		times[i] = paris(text)
	}
	return times
}

// What the rules allow is looked for blindly, minute by minute: nothing earlier
// may pass, and what they name must.
func TestTheNextInstantIsTheFirstThatPasses(t *testing.T) {
	random := rand.New(rand.NewPCG(2026, 11))
	rules := ContactRulesOn("2026-11-23")
	names := []Place{"FR", "GB", "FR-974", "FR-987", "FR-988", "FR-67", "FR-971", "FI"}
	wants := []PreferredHours{AnyHours, Mornings, Afternoon, Evenings}
	passes := func(q asked, at time.Time) bool {
		_, open := rules.open(q, at)
		_, free := rules.uncounted(q.before, at)
		return open && free
	}
	for range 300 {
		now := time.Date(2026, 1, 1, 0, random.IntN(366*24*60), 0, 0, time.UTC)
		q := asked{channel: ContactEmail, place: names[random.IntN(len(names))], wants: wants[random.IntN(len(wants))]}
		for range random.IntN(4) {
			q.before = append(q.before, now.Add(-time.Duration(random.IntN(10*24*60))*time.Minute))
		}
		out := rules.outlook(q, now)
		if (out.Reason == "") != out.At.Equal(now) || out.At.Before(now) {
			t.Fatalf("%v at %v: %v", q, now, out)
		}
		if !passes(q, out.At) {
			t.Fatalf("%v at %v: %v does not pass", q, now, out.At)
		}
		local := out.At.In(q.place.Zone())
		if h := local.Hour(); h < 9 || h >= 19 || local.Weekday() == time.Saturday || local.Weekday() == time.Sunday {
			t.Fatalf("%v at %v: %v on the wall there", q, now, local)
		}
		if again := rules.outlook(q, out.At); again.Reason != "" {
			t.Fatalf("%v: asked at %v it is put off again, to %v", q, out.At, again.At)
		}
		for at := now; at.Before(out.At); at = at.Add(time.Minute) {
			if passes(q, at) {
				t.Fatalf("%v at %v: %v is named, %v would have passed", q, now, out.At, at)
			}
		}
	}
}

func TestTheRecordsOfContactAreWhole(t *testing.T) {
	for i, r := range contactRules {
		if r.Most < 1 || r.Within <= 0 || r.Between <= 0 || len(r.Hours) == 0 || r.Source == "" {
			t.Errorf("record %d lacks something: %+v", i, r)
		}
		if i > 0 && !r.From.After(contactRules[i-1].From) {
			t.Errorf("record %d does not come after the one before", i)
		}
		// The pages say: Monday to Friday, from … to …, never at a weekend.
		from, to := r.Daily()
		for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
			h, works := r.Hours[weekday]
			if weekend := weekday == time.Sunday || weekday == time.Saturday; works == weekend || (works && h != hours{from, to}) {
				t.Errorf("record %d on a %s: %v", i, weekday, h)
			}
		}
		for want := range preferredHours {
			for place := range places {
				if _, open := r.hoursOn(asked{place: place, wants: want}, "2026-11-23"); !open {
					t.Errorf("who asks for %q is never contacted", want)
				}
			}
		}
	}
	for place, rule := range places {
		if rule.zone != "" && place.Zone() == Zone && rule.zone != "Europe/Paris" {
			t.Errorf("the zone %s of %s is not compiled in", rule.zone, place)
		}
	}
}

func TestAnAddressTellsThePlace(t *testing.T) {
	for _, row := range []struct {
		country, postcode string
		want              Place
	}{
		{"FR", "33000", "FR"}, {"", "", "FR"}, {"fr", "97410", "FR-974"}, {"FR", "97133", "FR-977"}, {"FR", "97150", "FR-978"},
		{"FR", "97110", "FR-971"}, {"FR", "98800", "FR-988"}, {"FR", "98000", "FR"}, {"FR", "67000", "FR-67"}, {"FR", "6700", "FR"}, {"FR", "20090", "FR"},
		{"RE", "97410", "FR-974"}, {"GB", "SW1A 1AA", "GB"}, {"US", "10001", "FR"}, {"XX", "", "FR"}, {"BE", "1000", "BE"},
	} {
		if got := placeOf(row.country, row.postcode); got != row.want {
			t.Errorf("%s %s is %s, want %s", row.country, row.postcode, got, row.want)
		}
	}
}
