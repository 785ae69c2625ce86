package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// FaultKind names what a rule does to the calls or events that it matches.
type FaultKind string

// Faults of calls.
const (
	DropBefore    FaultKind = "drop_before"    // the connection is cut, nothing was done
	DropAfter     FaultKind = "drop_after"     // everything was done, the connection is cut
	Latency       FaultKind = "latency"        // Delay of real time, then the normal answer
	Hang          FaultKind = "hang"           // done, but no answer until the caller gives up or Delay is over
	Status        FaultKind = "status"         // answer Status with Code; nothing done, or all of it with After
	Truncated     FaultKind = "truncated"      // done, but the body breaks off half way
	Garbage       FaultKind = "garbage"        // done, 200, a body that is not JSON
	HTMLBody      FaultKind = "html"           // done, 200, a proxy's HTML page
	ReplayExpired FaultKind = "replay_expired" // a known idempotency key is taken for a new one
	StaleRead     FaultKind = "stale_read"     // reads answer the former state for Delay of sandbox time
	WebhookFirst  FaultKind = "webhook_first"  // the webhooks arrive before the call's own answer
)

// Faults of webhooks; they match by Event.
const (
	WebhookDuplicate     FaultKind = "webhook_duplicate" // Times more
	WebhookReorder       FaultKind = "webhook_reorder"   // ahead of what waits
	WebhookDelay         FaultKind = "webhook_delay"     // by Delay of sandbox time
	WebhookDrop          FaultKind = "webhook_drop"      // the first try is lost, the retry comes
	WebhookNever         FaultKind = "webhook_never"     // only a sweep will find it
	WebhookBadSignature  FaultKind = "webhook_bad_signature"
	WebhookOldTimestamp  FaultKind = "webhook_old_timestamp"    // an hour ago, properly signed
	WebhookFuture        FaultKind = "webhook_future_timestamp" // an hour ahead, properly signed
	WebhookRotatedSecret FaultKind = "webhook_rotated_secret"   // two v1, the second by the right secret
	WebhookWrongVersion  FaultKind = "webhook_wrong_version"
	WebhookLivemode      FaultKind = "webhook_livemode"
	WebhookUnknownType   FaultKind = "webhook_unknown_type"
	WebhookForeign       FaultKind = "webhook_foreign_account"
	WebhookOversized     FaultKind = "webhook_oversized"
)

// Fault is one rule. The zero value of a matching field matches everything.
type Fault struct {
	ID   string    `json:"id"`
	Kind FaultKind `json:"kind"`

	Method   string            `json:"method,omitempty"`   // POST
	Path     string            `json:"path,omitempty"`     // /v1/payment_intents/*/confirm; * is one part, a final ** the rest
	Metadata map[string]string `json:"metadata,omitempty"` // of the call's own parameters, or of the event's object
	Event    string            `json:"event,omitempty"`    // charge.* ; for webhook kinds
	Nth      int               `json:"nth,omitempty"`      // only the nth match, counted from 1
	Count    int               `json:"count,omitempty"`    // at most so many times

	// Probability of acting upon a match, drawn by the sandbox's seed; 0 means always.
	Probability float64 `json:"probability,omitempty"`

	Delay       time.Duration `json:"delay,omitempty"`        // nanoseconds
	Status      int           `json:"status,omitempty"`       // 500 503 429 409 …
	Code        string        `json:"code,omitempty"`         // lock_timeout, rate_limit
	ShouldRetry *bool         `json:"should_retry,omitempty"` // says Stripe-Should-Retry, when set
	After       bool          `json:"after,omitempty"`        // Status: answer it although all was done
	Times       int           `json:"times,omitempty"`        // WebhookDuplicate: how many more

	matched, acted int
}

// Matched says how many calls or events the rule has matched so far.
func (f Fault) Matched() int { return f.matched }

// Acted says how many of them the rule did something to.
func (f Fault) Acted() int { return f.acted }

// oversized is how much WebhookOversized adds to a body.
const oversized = 2 << 20

type faultRules struct{ rules []*Fault }

// AddFault puts a rule in force and returns its identifier.
func (s *Sandbox) AddFault(f Fault) (string, error) {
	if !slices.Contains(kinds, f.Kind) {
		return "", fmt.Errorf("unknown fault %q", f.Kind)
	}
	if f.Kind == Status && (f.Status < 400 || f.Status > 599) {
		return "", fmt.Errorf("fault status: %d is not an error status", f.Status)
	}
	if f.Probability < 0 || f.Probability > 1 {
		return "", fmt.Errorf("fault %s: probability %v is not between 0 and 1", f.Kind, f.Probability)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f.ID = s.mint.text("fault_", 8)
	f.matched, f.acted = 0, 0
	s.faults.rules = append(s.faults.rules, &f)
	return f.ID, nil
}

var kinds = []FaultKind{DropBefore, DropAfter, Latency, Hang, Status, Truncated, Garbage, HTMLBody, ReplayExpired, StaleRead, WebhookFirst,
	WebhookDuplicate, WebhookReorder, WebhookDelay, WebhookDrop, WebhookNever, WebhookBadSignature, WebhookOldTimestamp, WebhookFuture,
	WebhookRotatedSecret, WebhookWrongVersion, WebhookLivemode, WebhookUnknownType, WebhookForeign, WebhookOversized}

// Faults returns the rules in force.
func (s *Sandbox) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	rules := make([]Fault, 0, len(s.faults.rules))
	for _, f := range s.faults.rules {
		rules = append(rules, *f)
	}
	return rules
}

// ClearFaults takes rules out of force; without identifiers, all of them.
func (s *Sandbox) ClearFaults(ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(ids) == 0 {
		s.faults.rules = nil
		return
	}
	s.faults.rules = slices.DeleteFunc(s.faults.rules, func(f *Fault) bool { return slices.Contains(ids, f.ID) })
}

func (k FaultKind) ofWebhooks() bool {
	return strings.HasPrefix(string(k), "webhook_") && k != WebhookFirst
}

// acts counts a match and decides whether the rule acts upon it.
func (f *Fault) acts(s *Sandbox) bool {
	f.matched++
	if f.Nth > 0 && f.matched != f.Nth {
		return false
	}
	if f.Count > 0 && f.acted >= f.Count {
		return false
	}
	if f.Probability > 0 && !s.mint.chance(f.Probability) {
		return false
	}
	f.acted++
	return true
}

func (f *Fault) matches(c *call) bool {
	if f.Method != "" && f.Method != c.method {
		return false
	}
	if f.Path != "" && !pathMatches(f.Path, c.path) {
		return false
	}
	for k, v := range f.Metadata {
		if c.form.at("metadata").text(k) != v && c.form.at("payment_intent_data").at("metadata").text(k) != v {
			return false
		}
	}
	return true
}

func pathMatches(pattern, path string) bool {
	for pattern != "" {
		var want, have string
		want, pattern, _ = strings.Cut(strings.TrimPrefix(pattern, "/"), "/")
		if want == "**" {
			return true
		}
		have, path, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
		if want != "*" && want != have || have == "" {
			return false
		}
	}
	return path == ""
}

// plan is what the rules do to one call.
type plan struct {
	before       *Fault // may end the call before anything is done
	effect       *Fault // changes the answer that is remembered
	after        *Fault // spoils what is sent
	webhookFirst bool
}

func (r *faultRules) plan(c *call) plan {
	var p plan
	for _, f := range r.rules {
		if f.Kind.ofWebhooks() || f.Kind == ReplayExpired || f.Kind == StaleRead || !f.matches(c) || !f.acts(c.Sandbox) {
			continue
		}
		switch f.Kind {
		case DropBefore, Latency:
			p.before = f
		case Status:
			if f.After {
				p.effect = f
			} else {
				p.before = f
			}
		case WebhookFirst:
			p.webhookFirst = true
		default:
			p.after = f
		}
	}
	return p
}

// hold acts before the call is carried out. It returns the answer that ends
// the call, or nil when it goes on, and whether the connection is to be cut.
func (f *Fault) hold(ctx context.Context) (ends *reply, cut bool) {
	switch f.Kind {
	case DropBefore:
		return nil, true
	case Latency:
		select {
		case <-time.After(f.Delay):
		case <-ctx.Done():
		}
		return nil, false
	}
	answer := f.answer()
	return &answer, false
}

// onEffect replaces the answer of a call that was carried out.
func (p plan) onEffect(answer reply) reply {
	if p.effect == nil {
		return answer
	}
	spoilt := p.effect.answer()
	spoilt.request = answer.request
	spoilt.unsaved = false // Stripe remembers a 500 that came once work had begun
	return spoilt
}

func (f *Fault) answer() reply {
	r := &refusal{Status: f.Status, Type: "api_error", Code: f.Code, DocURL: documented(f.Code), Message: "An unexpected error occurred. (This is a fault that was asked for.)"}
	switch f.Status {
	case http.StatusTooManyRequests:
		r.Type = "invalid_request_error"
		if r.Code == "" {
			r.Code = "rate_limit"
		}
		r.DocURL = documented(r.Code)
	case http.StatusConflict:
		r.Type = "idempotency_error"
		if r.Code == "" {
			r.Code = "idempotency_key_in_use"
		}
		r.DocURL = documented(r.Code)
	}
	body, err := json.Marshal(map[string]*refusal{"error": r})
	if err != nil {
		body = []byte("{}")
	}
	return reply{status: f.Status, body: body, retry: f.ShouldRetry, unsaved: true}
}

// spoil falsifies what the caller gets; everything was done already.
func (f *Fault) spoil(w http.ResponseWriter, r *http.Request, answer *reply) {
	switch f.Kind {
	case DropAfter:
		panic(http.ErrAbortHandler)
	case Hang:
		over := make(<-chan time.Time)
		if f.Delay > 0 {
			over = time.After(f.Delay)
		}
		select {
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		case <-over:
		}
	case Truncated:
		answer.body = answer.body[:len(answer.body)/2]
	case Garbage:
		answer.status, answer.body = http.StatusOK, []byte("\x00\x17not json at all{{{")
	case HTMLBody:
		answer.status, answer.body = http.StatusOK, []byte("<!doctype html><title>502 Bad Gateway</title><h1>Bad gateway</h1>")
	}
}

// expires says whether a rule makes a known key new again.
func (r *faultRules) expires(c *call) bool {
	for _, f := range r.rules {
		if f.Kind == ReplayExpired && f.matches(c) && f.acts(c.Sandbox) {
			return true
		}
	}
	return false
}

// forEvent returns the first rule that acts upon an event's delivery.
func (r *faultRules) forEvent(s *Sandbox, e *event) *Fault {
	for _, f := range r.rules {
		if f.Kind.ofWebhooks() && (f.Event == "" || matchesType(f.Event, e.Type)) && f.describes(e) && f.acts(s) {
			return f
		}
	}
	return nil
}

func (f *Fault) describes(e *event) bool {
	if len(f.Metadata) == 0 {
		return true
	}
	var object struct {
		Metadata map[string]string `json:"metadata"`
	}
	if json.Unmarshal(e.object(), &object) != nil {
		return false
	}
	for k, v := range f.Metadata {
		if object.Metadata[k] != v {
			return false
		}
	}
	return true
}

// falsify changes one delivery before it is signed.
func (f *Fault) falsify(s *Sandbox, e *event, stamp *time.Time, secret, second *string) {
	switch f.Kind {
	case WebhookBadSignature:
		*secret, *second = "whsec_wrong", ""
	case WebhookOldTimestamp:
		*stamp = stamp.Add(-time.Hour)
	case WebhookFuture:
		*stamp = stamp.Add(time.Hour)
	case WebhookRotatedSecret:
		*second, *secret = *secret, "whsec_rotated_away"
	case WebhookWrongVersion:
		e.ID, e.APIVersion = s.eventID(), "2024-04-10"
	case WebhookLivemode:
		e.ID, e.Livemode = s.eventID(), true
	case WebhookUnknownType:
		e.ID, e.Type = s.eventID(), "amiable.unheard_of"
	case WebhookForeign:
		e.ID, e.Account = s.eventID(), s.mint.id("acct_")
	}
}

// version is an object's last two states, kept while a StaleRead rule is in force.
type version struct {
	before, now []byte
	since       time.Time
}

func (s *Sandbox) lagging() bool {
	return slices.ContainsFunc(s.faults.rules, func(f *Fault) bool { return f.Kind == StaleRead })
}

// rememberVersion notes the new state that an event tells of, for StaleRead.
func (s *Sandbox) rememberVersion(e *event) {
	if !s.lagging() {
		return
	}
	body := e.object()
	var object struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(body, &object) != nil || object.ID == "" {
		return
	}
	v := s.stale[object.ID]
	if v == nil {
		v = &version{}
		s.stale[object.ID] = v
	}
	if !v.since.Equal(s.now()) {
		v.before = v.now
	}
	v.now, v.since = body, s.now()
}

// staleAnswer is the former state of what a read asks for, while it lags. What
// has no former state is not there yet.
func (c *call) staleAnswer() *reply {
	if c.method != http.MethodGet || len(c.args) != 1 {
		return nil
	}
	for _, f := range c.faults.rules {
		if f.Kind != StaleRead || !f.matches(c) {
			continue
		}
		v := c.stale[c.args[0]]
		if v == nil || !c.now().Before(v.since.Add(f.Delay)) || !f.acts(c.Sandbox) {
			continue
		}
		if v.before == nil {
			answer := c.refusal(noSuchHere("object", "id", c.args[0]))
			return &answer
		}
		return &reply{status: http.StatusOK, body: v.before, request: c.id}
	}
	return nil
}
