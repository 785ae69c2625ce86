package page

import "time"

// Work shows what runs by itself, and what the payment service told that could
// not be applied. POST the rows' addresses to try once more.
type Work struct {
	StaffBase
	Notifications []WaitingRow
	Jobs          []JobRow
	MayRun        bool // administrators
}

// Failing are the jobs that failed since they last went well.
func (p *Work) Failing() (rows []JobRow) {
	for _, j := range p.Jobs {
		if j.Failing {
			rows = append(rows, j)
		}
	}
	return rows
}

// WaitingRow is a notification that is kept and not applied.
type WaitingRow struct {
	ID       string // the payment service's
	Kind     string // as the payment service calls it: "payment_intent.succeeded"
	Why      string // phrase "work.why.<why>"
	Problem  string // as it was written down
	At       time.Time
	Tries    int
	GivenUp  bool // no longer tried by itself
	RetryURL string
}

// JobRow is one kind of background work.
type JobRow struct {
	Name    string // phrase "job.<name>"
	Every   time.Duration
	RanAt   time.Time // zero: not lately
	Failing bool
	Failed  int // times in a day
	BadAt   time.Time
	Problem string
	RunURL  string
}

// EverySaid is how often it runs, in the largest unit: phrase "work.every.<unit>".
func (j JobRow) EverySaid() (said struct {
	Unit string
	N    int
}) {
	switch {
	case j.Every >= time.Hour:
		said.Unit, said.N = "hours", int(j.Every/time.Hour)
	case j.Every >= time.Minute:
		said.Unit, said.N = "minutes", int(j.Every/time.Minute)
	default:
		said.Unit, said.N = "seconds", int(j.Every/time.Second)
	}
	return said
}

func (*Work) template() string { return "agent/background" }
