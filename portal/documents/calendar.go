package documents

import (
	"bytes"
	"fmt"
	"net/url"
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/locale"

	ics "github.com/arran4/golang-ical"
)

// Calendar is the dates of a plan as a file for a calendar (RFC 5545). Whoever
// sees the calendar on a shared screen or a watch learns a reference and an
// amount, and nothing of the debt or of who owes it. The link is the plain way
// in, without a token: a calendar is copied to servers we do not know.
//
// Taken again after the plan was re-spread, the file updates what is in the
// calendar: an entry keeps its id, and Sequence grows with each change.
type Calendar struct {
	CaseReference string    // as it is shown
	Host          string    // of the portal; makes the ids of entries its own
	Sequence      int       // how many times the plan's dates or amounts were changed
	ChangedAt     time.Time // when anything here last changed, a payment included; UTC
	SignInURL     string    // without a token, query or fragment
	Entries       []CalendarEntry
}

// CalendarEntry is one instalment.
type CalendarEntry struct {
	ID     string // stable for as long as the instalment is the same, whatever its day and amount; not a name
	DueOn  day.Day
	Amount money.Amount
	Paid   bool // kept in the calendar, without a reminder
	Gone   bool // skipped, or of a plan that was replaced: leaves the calendar
}

// reminder is nine in the morning of the day before: a day begins at midnight.
const reminder = "-PT15H"

func (c *Calendar) check() error {
	const name = "calendar"
	err := complete(name, []mention{
		{"case's reference", "", filled(c.CaseReference)},
		{"portal's host", "", filled(c.Host)},
		{"instant of the last change", "", !c.ChangedAt.IsZero()},
		{"list of dates", "", len(c.Entries) > 0},
	})
	if err != nil {
		return err
	}
	address, err := url.Parse(c.SignInURL)
	if err != nil || address.Host == "" || address.RawQuery != "" || address.Fragment != "" || address.User != nil {
		return fmt.Errorf("calendar of %s: %q is not the plain address of the way in", c.CaseReference, c.SignInURL)
	}
	seen := map[string]bool{}
	for i, e := range c.Entries {
		switch {
		case !filled(e.ID) || seen[e.ID]:
			return fmt.Errorf("calendar of %s: entry %d has no id of its own", c.CaseReference, i+1)
		case e.DueOn.IsZero():
			return fmt.Errorf("calendar of %s: entry %s has no day", c.CaseReference, e.ID)
		}
		seen[e.ID] = true
	}
	return nil
}

// ICS writes the file, to be sent as text/calendar. The same values give the
// same bytes.
func (c Calendar) ICS(l locale.Language) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	file := ics.NewCalendar()
	file.SetProductId("-//Amiable//Amiable//" + string(l.Or()))
	file.SetXWRCalName(c.CaseReference)
	for _, e := range c.Entries {
		c.entry(file.AddEvent(e.ID+"@"+c.Host), e, l)
	}
	var out bytes.Buffer
	if err := file.SerializeTo(&out, ics.WithNewLineWindows); err != nil {
		return nil, fmt.Errorf("calendar of %s: %w", c.CaseReference, err)
	}
	return out.Bytes(), nil
}

func (c *Calendar) entry(event *ics.VEvent, e CalendarEntry, l locale.Language) {
	summary := l.T("calendar.summary", "sum", e.Amount, "reference", c.CaseReference)
	event.SetDtStampTime(c.ChangedAt)
	event.SetLastModifiedAt(c.ChangedAt)
	event.SetSequence(c.Sequence)
	event.SetAllDayStartAt(e.DueOn.Time())
	event.SetAllDayEndAt(e.DueOn.Add(1).Time())
	event.SetSummary(summary)
	event.SetDescription(l.T("calendar.more", "url", c.SignInURL))
	event.SetURL(c.SignInURL)
	event.SetClass(ics.ClassificationPrivate)
	event.SetTimeTransparency(ics.TransparencyTransparent) // a day with a date is not a day that is taken
	if e.Gone {
		event.SetStatus(ics.ObjectStatusCancelled)
		return
	}
	event.SetStatus(ics.ObjectStatusConfirmed)
	if e.Paid {
		return
	}
	alarm := event.AddAlarm()
	alarm.SetAction(ics.ActionDisplay)
	alarm.SetTrigger(reminder)
	alarm.SetDescription(summary)
}
