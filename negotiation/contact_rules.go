package negotiation

import (
	"slices"
	"time"

	"amiable/negotiation/day"
)

// ContactRules are how often and at what hours a person may be contacted of our
// own accord: a dated, sourced record of the jurisdiction's pack. No article
// fixes these figures for collection; they keep well clear of what has been
// called harassment (C. conso. L121-6, L121-7; CP 222-33-2-2).
type ContactRules struct {
	From             Day           // the first day on which they hold
	Most             int           // contacts with one person within Within, over all channels, cases and creditors
	Within           time.Duration // always counted back from the instant asked for
	Between          time.Duration // the least between two contacts with one person
	AnswerDays       int           // working days that a message of the person has to be answered; nothing else is said meanwhile
	Hours            map[time.Weekday]hours
	Free             []ContactKind // channels that wake nobody: any hour, any day
	Source           string
	VerifiedByLawyer bool
}

// hours are the hours of a day, from the first up to the second, of a clock on
// the person's wall.
type hours struct{ from, to int }

// contactRules are all records of the French pack, the latest last.
var contactRules = []ContactRules{{
	From: EarliestDay, Most: 2, Within: 7 * 24 * time.Hour, Between: 48 * time.Hour, AnswerDays: 2,
	Hours: map[time.Weekday]hours{ // no Saturday, no Sunday, no public holiday
		time.Monday: {9, 19}, time.Tuesday: {9, 19}, time.Wednesday: {9, 19}, time.Thursday: {9, 19}, time.Friday: {9, 19},
	},
	Free:   []ContactKind{ContactPost},
	Source: "C. conso. L121-6, L121-7; DGCCRF, 2024 (three contacts a week called harassment); hours after C. conso. D223-9, which binds telephone canvassing only",
}}

// ContactRulesOn returns the rules that hold on a day.
func ContactRulesOn(on Day) ContactRules {
	for i := len(contactRules) - 1; i >= 0; i-- {
		if !contactRules[i].From.After(on) {
			return contactRules[i]
		}
	}
	return contactRules[0] // no day lies before EarliestDay
}

// PreferredHours is the part of the day at which a person wants to be contacted.
type PreferredHours string

const (
	AnyHours  PreferredHours = ""
	Mornings  PreferredHours = "morning"
	Afternoon PreferredHours = "afternoon"
	Evenings  PreferredHours = "evening" // the end of the working day: no rule lets us write later
)

// Daily are the hours of a working day at which a person may be contacted, the
// same from Monday to Friday.
func (r ContactRules) Daily() (from, to int) {
	return r.Hours[time.Monday].from, r.Hours[time.Monday].to
}

// preferredHours are the hours meant; each lies within those of the rules, or
// nothing would ever leave.
var preferredHours = map[PreferredHours]hours{AnyHours: {0, 24}, Mornings: {9, 12}, Afternoon: {14, 17}, Evenings: {17, 19}}

// Outlook is when something may leave: at once, or not before an instant and
// why not.
type Outlook struct {
	At     time.Time // UTC; the instant asked for where nothing stands in the way
	Reason Reason    // empty: nothing stands in the way
}

// asked is what the rules need to know of a contact.
type asked struct {
	channel ContactKind
	place   Place
	wants   PreferredHours
	before  []time.Time // contacts already made with the person, whatever the order
	waiting Day         // since when a message of the person waits for our answer; none: none waits
}

// Outlook works out the first instant, now or later, at which a contact may be
// made, and the reason that keeps it from being made now. Where several do, it
// is the last of them; the hours are named only where nothing else is.
func (r ContactRules) outlook(q asked, now time.Time) Outlook {
	out := Outlook{At: now}
	put := func(at time.Time, why Reason) {
		if !at.After(out.At) {
			return
		}
		if out.At = at; out.Reason == "" || why != QuietHours {
			out.Reason = why
		}
	}
	if !q.waiting.IsZero() {
		// Past its time, the answer is still owed first: looked at day by day.
		on := day.Max(AddWorkingDays(q.waiting, r.AnswerDays), DayOf(now))
		put(on.Add(1).In(Zone), AnswerAwaited)
	}
	// Each step only ever moves on, past one contact or into one later day, so
	// this ends; a year without an hour to write at would be a broken record.
	for range 400 {
		at := out.At
		if free, ok := r.uncounted(q.before, at); !ok {
			put(free, ContactCap)
		}
		if open, ok := r.open(q, out.At); !ok {
			put(open, QuietHours)
		}
		if out.At.Equal(at) {
			break
		}
	}
	out.At = out.At.UTC()
	return out
}

// uncounted says whether one more contact at an instant keeps within the cap;
// if not, from when on it could.
func (r ContactRules) uncounted(before []time.Time, at time.Time) (from time.Time, ok bool) {
	made := slices.DeleteFunc(slices.Clone(before), func(t time.Time) bool { return t.After(at) })
	slices.SortFunc(made, time.Time.Compare)
	if n := len(made); n > 0 {
		from = made[n-1].Add(r.Between)
	}
	if n := len(made); n >= r.Most {
		from = latest(from, made[n-r.Most].Add(r.Within))
	}
	return from, !at.Before(from)
}

// open says whether an instant lies in the hours at which the person may be
// contacted; if not, when the next such hour begins.
func (r ContactRules) open(q asked, at time.Time) (from time.Time, ok bool) {
	if slices.Contains(r.Free, q.channel) {
		return at, true
	}
	zone := q.place.Zone()
	for on := day.Of(at.In(zone)); ; on = on.Add(1) {
		h, works := r.hoursOn(q, on)
		if !works {
			continue
		}
		opens, closes := clock(on, h.from, zone), clock(on, h.to, zone)
		switch {
		case at.Before(opens):
			return opens, false
		case at.Before(closes):
			return at, true
		}
	}
}

func (r ContactRules) hoursOn(q asked, on Day) (hours, bool) {
	h, works := r.Hours[on.Weekday()]
	if !works || holiday(on) || q.place.Holiday(on) {
		return hours{}, false
	}
	if wanted, known := preferredHours[q.wants]; known {
		h = hours{max(h.from, wanted.from), min(h.to, wanted.to)}
	}
	return h, h.from < h.to
}

// clock is when a clock in a zone shows an hour of a day.
func clock(on Day, hour int, zone *time.Location) time.Time {
	year, month, dom := on.Date()
	return time.Date(year, month, dom, hour, 0, 0, 0, zone)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
