package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"amiable/negotiation"
	"amiable/portal"
)

// shownMax is how many of River's rows are looked at for each state. Those that
// went well are kept for an hour, those that did not for a day.
const shownMax = 2000

// Jobs tells how the work of the table stands, for the page that shows it.
func (i *installation) Jobs(ctx context.Context) ([]portal.Job, error) {
	var list []portal.Job
	at := map[string]int{}
	for n, j := range i.jobs() {
		at[j.name] = n
		list = append(list, portal.Job{Name: j.name, Every: j.every})
	}
	work := i.work.Load()
	if work == nil {
		return list, nil
	}
	for _, state := range []rivertype.JobState{rivertype.JobStateCompleted, rivertype.JobStateDiscarded} {
		found, err := work.client.JobList(ctx, river.NewJobListParams().Kinds(due{}.Kind()).States(state).OrderBy(river.JobListOrderByFinalizedAt, river.SortOrderDesc).First(shownMax))
		if err != nil {
			return nil, fmt.Errorf("jobs that are %s: %w", state, err)
		}
		for _, row := range found.Jobs {
			n, known := at[nameIn(row.EncodedArgs)]
			if !known || row.FinalizedAt == nil {
				continue
			}
			j := &list[n]
			if state == rivertype.JobStateCompleted {
				if j.RanAt.IsZero() {
					j.RanAt = *row.FinalizedAt
				}
				continue
			}
			if j.Failed++; j.BadAt.IsZero() {
				j.BadAt = *row.FinalizedAt
				if last := len(row.Errors); last > 0 {
					j.Problem = row.Errors[last-1].Error
				}
			}
		}
	}
	return list, nil
}

// RunJob asks for one job now. Asked for again before it ran, it runs once.
func (i *installation) RunJob(ctx context.Context, name string) error {
	work := i.work.Load()
	for _, j := range i.jobs() {
		if j.name == name && work != nil {
			if _, err := work.client.Insert(ctx, due{name}, once()); err != nil {
				return fmt.Errorf("job %s: %w", name, err)
			}
			return nil
		}
	}
	return negotiation.Refuse(negotiation.NotFound, "not_found")
}

// nameIn is the name of the job that a row of River's asks for.
func nameIn(args []byte) string {
	var asked due
	if err := json.Unmarshal(args, &asked); err != nil {
		return ""
	}
	return asked.Name
}
