package negotiation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func randomWork(r *rand.Rand) *WorkItem {
	w := &WorkItem{
		ID: newID(), Kind: workRules[r.IntN(len(workRules))].Kind, DueOn: Day("2026-11-23").Add(r.IntN(60) - 30), Amount: r.Int64N(80_000_00),
		Again: r.Int64N(8), Care: r.IntN(3) == 0,
	}
	w.place()
	return w
}

// worsen makes a row worse in one term, and leaves the others as they are.
var worsen = map[string]func(r *rand.Rand, w *WorkItem) bool{
	"an earlier day": func(r *rand.Rand, w *WorkItem) bool {
		w.DueOn = w.DueOn.Add(-1 - r.IntN(20))
		return true
	},
	"a kind that harms more": func(r *rand.Rand, w *WorkItem) bool {
		harm := w.Kind.rule().Harm
		for _, k := range r.Perm(len(workRules)) {
			if workRules[k].Harm > harm {
				w.Kind = workRules[k].Kind
				return true
			}
		}
		return false
	},
	"somebody to be treated with care": func(_ *rand.Rand, w *WorkItem) bool {
		w.Care = !w.Care
		return w.Care
	},
	"a greater sum": func(r *rand.Rand, w *WorkItem) bool {
		w.Amount += 1 + r.Int64N(30_000_00)
		return true
	},
	"asked once more": func(_ *rand.Rand, w *WorkItem) bool {
		w.Again++
		return true
	},
}

func TestWhatIsWorseInAnyTermNeverRanksLower(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for range 20_000 {
		w := randomWork(random)
		for name, change := range worsen {
			worse := *w
			if !change(random, &worse) {
				continue
			}
			worse.place()
			if w.Before(&worse) {
				t.Fatalf("%s: %+v stands after %+v", name, worse, *w)
			}
		}
	}
}

// The order is the same on every day on which one looks, so it can be an
// index: no term knows today.
func TestTheTermsOfARowAddUpToItsPlace(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2_000 {
		w := randomWork(random)
		on := w.DueOn
		for i, term := range w.Terms() {
			if (i == 0) != (term.Name == "due") || (i > 0 && term.Days < 1) {
				t.Fatalf("%+v", w.Terms())
			}
			on = on.Add(-term.Days)
		}
		if on != w.RankOn {
			t.Fatalf("its terms come to %s, it stands at %s", on, w.RankOn)
		}
	}
}

func TestEveryKindOfWorkIsWhole(t *testing.T) {
	seen := map[WorkKind]bool{}
	for _, r := range workRules {
		if seen[r.Kind] || r.Step == "" || r.Due == nil || r.DueIn == "" || r.Why == "" || r.Harm < 0 {
			t.Errorf("%s is not whole, or twice in the table", r.Kind)
		}
		seen[r.Kind] = true
		elsewhere := slices.Contains([]WorkKind{WorkRefund, WorkUnclear}, r.Kind)
		if (len(r.from) == 0) != elsewhere || (len(r.after) == 0) != elsewhere {
			t.Errorf("%s: nobody knows where it lives, or what begins it", r.Kind)
		}
	}
	for kind := range workSources {
		if !seen[kind] {
			t.Errorf("%s has a source and no line in the table", kind)
		}
	}
	if last := SumSteps[len(SumSteps)-1]; !slices.IsSortedFunc(SumSteps, func(a, b SumStep) int { return a.Days - b.Days }) || last.Days > CareDays {
		t.Error("a greater sum brings less forward, or a sum more than a person")
	}
	if fmt.Sprint(WorkKind("unheard_of").rule().Step) != "other" {
		t.Error("an unknown kind has no step")
	}
}
