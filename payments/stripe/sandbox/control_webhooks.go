package sandbox

import (
	"container/heap"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

type endpointState struct {
	ID       string   `json:"id"`
	URL      string   `json:"url"`
	Account  string   `json:"account"`
	Connect  bool     `json:"connect"`
	Disabled bool     `json:"disabled"`
	Events   []string `json:"events"`
	Secret   string   `json:"secret"`
}

type attemptState struct {
	Event    string    `json:"event"`
	Type     string    `json:"type"`
	Endpoint string    `json:"endpoint"`
	At       time.Time `json:"at"`
	Status   int       `json:"status"`
	Problem  string    `json:"problem,omitempty"`
}

type webhookState struct {
	Paused    bool            `json:"paused"`
	Waiting   int             `json:"waiting"`
	NextDue   *time.Time      `json:"next_due"`
	Endpoints []endpointState `json:"endpoints"`
	Attempts  []attemptState  `json:"attempts"` // newest first
}

// mostShown bounds the lists of the control page.
const mostShown = 50

func (x *site) webhooks() webhookState {
	state := webhookState{Endpoints: []endpointState{}, Attempts: []attemptState{}}
	for _, a := range x.Attempts() {
		state.Attempts = append(state.Attempts, attemptState(a))
	}
	slices.Reverse(state.Attempts)
	state.Attempts = state.Attempts[:min(len(state.Attempts), mostShown)]

	x.mu.Lock()
	defer x.mu.Unlock()
	state.Paused, state.Waiting = x.outbox.paused, len(x.outbox.waiting)
	if state.Waiting > 0 {
		due := x.outbox.waiting[0].due.UTC()
		state.NextDue = &due
	}
	for id, t := range x.tenants {
		for _, e := range t.endpoints.rows {
			if !e.deleted {
				state.Endpoints = append(state.Endpoints, endpointState{ID: e.ID, URL: e.URL, Account: id, Connect: e.connect,
					Disabled: e.Status != "enabled", Events: e.EnabledEvents, Secret: e.secret})
			}
		}
	}
	slices.SortFunc(state.Endpoints, func(a, b endpointState) int { return strings.Compare(a.ID, b.ID) })
	return state
}

func (x *site) getWebhooks(*http.Request, asked) (any, error) { return x.webhooks(), nil }

func (x *site) pauseWebhooks(_ *http.Request, a asked) (any, error) {
	paused, err := a.truth("paused")
	if err != nil {
		return nil, err
	}
	if paused == nil {
		return nil, missingText("paused")
	}
	if *paused {
		x.PauseWebhooks()
	} else {
		x.ResumeWebhooks()
	}
	return x.webhooks(), nil
}

// patience is how long a control waits for the endpoints.
const patience = 30 * time.Second

func (x *site) waitForWebhooks(r *http.Request, _ asked) (any, error) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	if err := x.Quiesce(ctx); err != nil {
		return nil, err
	}
	return x.webhooks(), nil
}

type eventState struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Account string          `json:"account"`
	Object  string          `json:"object"`
	Created time.Time       `json:"created"`
	Pending int             `json:"pending_webhooks"`
	Body    json.RawMessage `json:"event"`
}

// eventsThat lists events newest first, as many as limit.
func (x *site) eventsThat(limit int, wanted func(EventRecord) bool) []eventState {
	records := x.Events()
	slices.Reverse(records)
	listed := []eventState{}
	for _, e := range records {
		if len(listed) == limit {
			break
		}
		if wanted(e) {
			listed = append(listed, eventState{ID: e.ID, Type: e.Type, Account: e.Account, Object: e.ObjectID, Created: e.Created, Pending: e.Pending, Body: e.Body})
		}
	}
	return listed
}

func (x *site) getEvents(_ *http.Request, a asked) (any, error) {
	limit, err := a.whole("limit")
	if err != nil {
		return nil, err
	}
	if limit == 0 {
		limit = 100
	}
	undelivered, err := a.truth("undelivered")
	if err != nil {
		return nil, err
	}
	kind, object := a.text("type"), a.text("object")
	return map[string]any{"events": x.eventsThat(limit, func(e EventRecord) bool {
		return (kind == "" || matchesType(kind, e.Type)) && (object == "" || object == e.ObjectID) &&
			(undelivered == nil || *undelivered == (e.Pending > 0))
	})}, nil
}

func (x *site) redeliverOne(r *http.Request, _ asked) (any, error) {
	if err := x.Redeliver(r.PathValue("event")); err != nil {
		return nil, unknownThing{err}
	}
	return map[string]int{"redelivered": 1}, nil
}

func (x *site) redeliverAll(*http.Request, asked) (any, error) {
	return map[string]int{"redelivered": x.RedeliverAll()}, nil
}

// RedeliverAll tries everything that no endpoint has taken yet again, now:
// what waits for its next try, what was given up, and what a fault had lost. It
// returns how many deliveries that are.
func (s *Sandbox) RedeliverAll() int {
	s.mu.Lock()
	s.enter(cause{})
	type leg struct {
		event    *event
		endpoint *webhookEndpoint
	}
	again := 0
	waits := map[leg]bool{}
	for _, d := range s.outbox.waiting {
		if d.extra {
			continue
		}
		waits[leg{d.event, d.endpoint}] = true
		if d.due.After(s.now()) {
			d.due = s.now()
			again++
		}
	}
	heap.Init(&s.outbox.waiting)
	taken := map[[2]string]bool{}
	for _, a := range s.attemptLog {
		if a.Status >= 200 && a.Status < 300 {
			taken[[2]string{a.Event, a.Endpoint}] = true
		}
	}
	for _, t := range s.tenants {
		for _, e := range t.events.rows[t.forgotten:] {
			if e.PendingWebhooks == 0 {
				continue
			}
			for _, endpoint := range s.listeners(e) {
				if waits[leg{e, endpoint}] || taken[[2]string{e.ID, endpoint.ID}] {
					continue
				}
				// Its failure is final, as that of any last try.
				s.push(&delivery{event: e, endpoint: endpoint, due: s.now(), tries: len(retryAfter)})
				again++
			}
		}
	}
	s.mu.Unlock()
	s.deliverDue()
	return again
}

// listeners are the endpoints that want an event.
func (s *Sandbox) listeners(e *event) []*webhookEndpoint {
	var found []*webhookEndpoint
	add := func(holder *tenant, connect bool) {
		for _, endpoint := range holder.endpoints.rows {
			if endpoint.connect == connect && endpoint.wants(e.Type) {
				found = append(found, endpoint)
			}
		}
	}
	add(e.tenant, false)
	if e.tenant != s.platform {
		add(s.platform, true)
	}
	return found
}
