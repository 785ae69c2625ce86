package limitation

import (
	"slices"
	"strings"

	"amiable/negotiation/day"
)

// State is what the date means today.
type State string

const (
	Fine  State = "fine"
	Alert State = "alert" // 180 days or less are left: the creditor is told
	Held  State = "held"  // 30 days or less are left, or none: a person decides, nothing is asked of the debtor
)

// The creditor is told when so many days are left; at the last the claim is held.
var alertDays = []int{180, 90, heldDays}

const heldDays = 30

// leastAfterRest is what a suspension leaves at least, in months (C. civ. 2238).
const leastAfterRest = 6

// Claim is what must be known of a claim.
type Claim struct {
	Debtor   DebtorKind
	Sector   Sector
	StartsOn day.Day // when its time began to run: the due date unless something better is known
}

// Judged is an event with what was made of it.
type Judged struct {
	Event
	Counted bool
	Article string
	Why     string
}

// Assumption is a shorter term that could apply as long as the sector is not
// known. It holds nothing: it only lets the creditor be told earlier, as an
// assumption.
type Assumption struct {
	Regime    Regime
	ExpiresOn day.Day
}

// Assessment is the limitation of a claim on a day.
type Assessment struct {
	Regime    Regime
	StartsOn  day.Day // from when the term that runs now is counted
	ExpiresOn day.Day // the last day on which the claim can be brought
	DaysLeft  int     // from today to ExpiresOn; below zero once it is over
	Barred    bool

	State     State
	Threshold int  // 180, 90 or 30 for an alert or a hold, else 0
	Assumed   bool // the alert rests on the assumption only

	// NextOn is the first later day on which State, Threshold or Barred may
	// change by mere passing of time; none when nothing will.
	NextOn day.Day

	Assumption *Assumption
	Events     []Judged // every event up to today, by day
}

// Assess works out the limitation of a claim on a day from its events; later
// ones are left out. An event that comes after the term is over changes
// nothing: a mere payment is no waiver (Cass. 1re civ. 2 Apr. 2025, n°
// 23-16.215). An interruption never makes the date earlier. It fails on kinds
// and days that do not exist.
func Assess(c Claim, events []Event, today day.Day) (Assessment, error) {
	regime, err := RegimeFor(c.Debtor, c.Sector)
	if err != nil {
		return Assessment{}, err
	}
	if err := believable(c.StartsOn, today); err != nil {
		return Assessment{}, err
	}
	for _, e := range events {
		if err := e.check(); err != nil {
			return Assessment{}, err
		}
	}

	a := Assessment{}
	ran := run(regime, c.StartsOn, events, today)
	a.Regime, a.StartsOn, a.ExpiresOn, a.Events = ran.regime, ran.start, ran.ends, ran.judged
	a.DaysLeft = a.ExpiresOn.Sub(today)
	a.Barred = a.DaysLeft < 0
	a.Threshold = threshold(a.DaysLeft)
	switch {
	case a.DaysLeft <= heldDays:
		a.State = Held
	case a.Threshold > 0:
		a.State = Alert
	default:
		a.State = Fine
	}
	a.NextOn = nextThreshold(a.ExpiresOn, today)
	if over := a.ExpiresOn.Add(1); a.NextOn.IsZero() && over.After(today) {
		a.NextOn = over
	}

	if c.Sector != "" || ran.regime.Code != regime.Code { // known, or there is a title
		return a, nil
	}
	if shorter, could := Shortest(c.Debtor); could {
		assumed := run(shorter, c.StartsOn, events, today)
		a.Assumption = &Assumption{Regime: shorter, ExpiresOn: assumed.ends}
		if near := threshold(assumed.ends.Sub(today)); near > 0 && a.State == Fine {
			a.State, a.Threshold, a.Assumed = Alert, near, true
		}
		a.NextOn = day.Min(a.NextOn, nextThreshold(assumed.ends, today))
	}
	return a, nil
}

func threshold(daysLeft int) int {
	reached := 0
	for _, days := range alertDays {
		if daysLeft <= days {
			reached = days
		}
	}
	return reached
}

// nextThreshold returns the next day on which a threshold is reached.
func nextThreshold(ends, today day.Day) day.Day {
	for _, days := range alertDays {
		if reached := ends.Add(-days); reached.After(today) {
			return reached
		}
	}
	return ""
}

type course struct {
	regime Regime
	start  day.Day
	ends   day.Day
	judged []Judged
}

// run lets a term run through the events up to today.
func run(regime Regime, start day.Day, events []Event, today day.Day) course {
	past := slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.On.After(today) })
	slices.SortStableFunc(past, func(a, b Event) int { return strings.Compare(string(a.On), string(b.On)) })

	c := course{regime: regime, start: start}
	rests := restsOf(past, today)
	c.ends = c.end(rests)
	for _, e := range past {
		rule := Rules[e.Kind]
		j := Judged{Event: e, Article: rule.Article, Why: rule.Why}
		switch {
		case rule.Effect == Nothing:
		case e.On.After(c.ends):
			j.Why = "the term was over on " + string(c.ends) + ": nothing revives it by itself"
		case c.regime.Foreclosed && !rule.EvenForeclosure:
			j.Article, j.Why = "C. civ. art. 2220", "a foreclosure is interrupted by a judge or an enforcement act only, and never suspended"
		case e.On.Before(start) && (rule.Effect == Restarts || (!e.To.IsZero() && !e.To.After(start))):
			j.Why = "its time had not begun to run: nothing to interrupt or suspend"
		default:
			j.Counted = true
			if rule.Effect == Restarts {
				c.restart(e, today, rests)
			}
		}
		c.judged = append(c.judged, j)
	}
	return c
}

// restart begins a whole new term at an event. The date never moves back.
func (c *course) restart(e Event, today day.Day, rests []rest) {
	from := e.On
	if e.Kind == CourtClaim && !e.To.IsZero() { // the proceedings interrupt until they end; while open, the safe day is their first
		from = day.Max(from, day.Min(e.To, today))
	}
	if e.Kind == Judgment {
		c.regime = judgment
	}
	c.start = day.Max(c.start, from)
	c.ends = day.Max(c.ends, c.end(rests))
}

// rest is a run of days in which time stands still.
type rest struct{ from, to day.Day }

// restsOf joins the suspensions into runs that do not overlap; one that is not
// over lasts until today.
func restsOf(events []Event, today day.Day) []rest {
	var rests []rest
	for _, e := range events {
		if Rules[e.Kind].Effect != Rests {
			continue
		}
		to := today
		if !e.To.IsZero() {
			to = day.Min(e.To, today)
		}
		if n := len(rests); n > 0 && !e.On.After(rests[n-1].to.Add(1)) {
			rests[n-1].to = day.Max(rests[n-1].to, to)
			continue
		}
		rests = append(rests, rest{e.On, to})
	}
	return rests
}

// end returns the last day of the term counted from c.start: each suspension
// that begins before it is over adds its own days after the start, and leaves
// at least six months.
func (c course) end(rests []rest) day.Day {
	ends := c.regime.ends(c.start)
	if c.regime.Foreclosed {
		return ends
	}
	for _, r := range rests {
		if r.from.After(ends) || !r.to.After(c.start) {
			continue
		}
		rested := r.to.Sub(day.Max(r.from, c.start.Add(1))) + 1
		ends = day.Max(ends.Add(rested), r.to.AddMonths(leastAfterRest))
	}
	return ends
}
