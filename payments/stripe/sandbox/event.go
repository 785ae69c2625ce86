package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// eventLife is how long events are kept, by the sandbox clock.
const eventLife = 30 * 24 * time.Hour

// event is something that happened, with the object as it was just after.
type event struct {
	ID              string        `json:"id"`
	Object          string        `json:"object"`
	Account         string        `json:"account,omitempty"`
	APIVersion      string        `json:"api_version"`
	Created         int64         `json:"created"`
	Data            eventData     `json:"data"`
	Livemode        bool          `json:"livemode"`
	PendingWebhooks int           `json:"pending_webhooks"`
	Request         *eventRequest `json:"request"`
	Type            string        `json:"type"`

	tenant *tenant
}

type eventData struct {
	Object             any                        `json:"object"` // as it was then, never to change
	PreviousAttributes map[string]json.RawMessage `json:"previous_attributes,omitempty"`
}

type eventRequest struct {
	ID             *string `json:"id"`
	IdempotencyKey *string `json:"idempotency_key"`
}

func (e *event) identity() (string, int64) { return e.ID, e.Created }

// EventRecord is what the control surface shows of an event.
type EventRecord struct {
	ID, Type, Account, ObjectID string
	Created                     time.Time
	Pending                     int // endpoints still waiting for it
	Body                        json.RawMessage
}

// Events returns everything that happened, oldest first, on all accounts.
func (s *Sandbox) Events() []EventRecord {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*event
	for _, t := range s.tenants {
		for _, e := range t.events.rows {
			if e.tenant == t {
				all = append(all, e)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *event) int { return strings.Compare(a.order(), b.order()) })
	records := make([]EventRecord, 0, len(all))
	for _, e := range all {
		body, err := json.Marshal(e)
		if err != nil {
			continue // an event is made of JSON that was written before
		}
		var object struct {
			ID string `json:"id"`
		}
		_ = json.Unmarshal(e.object(), &object) // some objects, such as balance, have no id
		records = append(records, EventRecord{ID: e.ID, Type: e.Type, Account: e.tenant.id, ObjectID: object.ID,
			Created: time.Unix(e.Created, 0).UTC(), Pending: e.PendingWebhooks, Body: body})
	}
	return records
}

// order sorts events by the moment and then by their place in time: the serial
// part of the identifier is drawn in order.
func (e *event) order() string { return fmt.Sprintf("%020d", e.serial()) }

func (e *event) serial() uint64 {
	var n uint64
	for _, b := range []byte(e.ID[len("evt_") : len("evt_")+10]) {
		n = n*36 + uint64(strings.IndexByte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", b))
	}
	return n
}

// eventID makes an identifier that sorts by order of happening.
func (s *Sandbox) eventID() string {
	s.seq++
	var serial [10]byte
	for n, i := s.seq, len(serial)-1; i >= 0; i-- {
		serial[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[n%36]
		n /= 36
	}
	return s.mint.text("evt_"+string(serial[:]), 14)
}

// emit records that something happened to an object of a tenant and lines its
// deliveries up.
func (s *Sandbox) emit(t *tenant, kind string, object any) {
	s.emitWith(t, kind, object, nil)
}

func (s *Sandbox) emitWith(t *tenant, kind string, object any, previous map[string]json.RawMessage) {
	e := &event{
		ID: s.eventID(), Object: "event", APIVersion: APIVersion, Created: s.now().Unix(), Type: kind,
		Data:    eventData{Object: still(object), PreviousAttributes: previous},
		Request: &eventRequest{ID: optional(s.cause.request), IdempotencyKey: optional(s.cause.key)},
		tenant:  t,
	}
	if t != s.platform {
		e.Account = t.id
	}
	s.rememberVersion(e)
	s.forgetOldEvents(t)
	t.events.add(e)
	if t != s.platform && (strings.HasPrefix(kind, "account.") || kind == "capability.updated") {
		// What concerns the account itself is listed at the platform too.
		s.platform.events.add(e)
	}
	s.dispatch(e)
}

// still keeps an object as it is. What happens most is kept as a copy, to be
// written when somebody asks: whatever hangs on an intent or a charge is
// replaced when it changes, never changed in place. The rest is written at once.
func still(object any) any {
	switch x := object.(type) {
	case *paymentIntent:
		kept := *x
		return &kept
	case *charge:
		kept := *x
		return &kept
	}
	body, err := json.Marshal(object)
	if err != nil {
		return nil // the structs of this package can all be written
	}
	return json.RawMessage(body)
}

// object writes the object of an event.
func (e *event) object() json.RawMessage {
	body, err := json.Marshal(e.Data.Object)
	if err != nil {
		return nil
	}
	return body
}

// snapshot keeps an object as it is, to tell afterwards what changed.
func snapshot(object any) map[string]json.RawMessage {
	body, err := json.Marshal(object)
	if err != nil {
		return nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return nil
	}
	return fields
}

// updated emits an event that names the former values of what changed since
// before was taken. It says whether anything did.
func (s *Sandbox) updated(t *tenant, kind string, object any, before map[string]json.RawMessage) bool {
	previous := changes(before, snapshot(object))
	if len(previous) == 0 {
		return false
	}
	s.emitWith(t, kind, object, previous)
	return true
}

// changes returns the former values of the fields that differ. Of an object
// within an object only what differs in it is named; of an array, the whole.
func changes(before, after map[string]json.RawMessage) map[string]json.RawMessage {
	previous := map[string]json.RawMessage{}
	note := func(name string, was, now json.RawMessage) {
		if bytes.Equal(was, now) {
			return
		}
		var inner, outer map[string]json.RawMessage
		if json.Unmarshal(was, &inner) == nil && json.Unmarshal(now, &outer) == nil && inner != nil && outer != nil {
			nested, err := json.Marshal(changes(inner, outer))
			if err == nil {
				was = nested
			}
		}
		previous[name] = was
	}
	null := json.RawMessage("null")
	for name, now := range after {
		was, known := before[name]
		if !known {
			was = null
		}
		note(name, was, now)
	}
	for name, was := range before {
		if _, still := after[name]; !still {
			note(name, was, null)
		}
	}
	return previous
}

func (s *Sandbox) forgetOldEvents(t *tenant) {
	limit := s.now().Add(-eventLife).Unix()
	for t.forgotten < len(t.events.rows) && t.events.rows[t.forgotten].Created < limit {
		delete(t.events.at, t.events.rows[t.forgotten].ID)
		t.forgotten++
	}
	// The forgotten ones are let go of in bulk, so that this costs nothing.
	if t.forgotten > 1024 && t.forgotten > len(t.events.rows)/2 {
		t.events.rows = slices.Clone(t.events.rows[t.forgotten:])
		t.forgotten = 0
		for i, e := range t.events.rows {
			t.events.at[e.ID] = i
		}
	}
}

func (c *call) getEvent() (any, error) {
	c.forgetOldEvents(c.tenant)
	e, found := c.tenant.events.get(c.args[0])
	if !found {
		return nil, noSuchHere("event", "id", c.args[0])
	}
	return e, nil
}

func (c *call) listEvents() (any, error) {
	c.forgetOldEvents(c.tenant)
	types := c.form.texts("types")
	if len(types) > 20 {
		return nil, invalid("types", "", "You may pass at most 20 event types.")
	}
	if c.form.has("type") {
		if len(types) > 0 {
			return nil, invalid("types", "", "You may pass either `type` or `types`, but not both.")
		}
		types = []string{c.form.text("type")}
	}
	t := c.tenant
	kept := func(id string) int { return t.events.place(id) - t.forgotten }
	return pageOf(c, t.events.rows[t.forgotten:], kept, func(e *event) bool {
		if len(types) > 0 && !slices.ContainsFunc(types, func(want string) bool { return matchesType(want, e.Type) }) {
			return false
		}
		if c.form.has("delivery_success") {
			return c.form.truth("delivery_success") == (e.PendingWebhooks == 0)
		}
		return true
	})
}

// matchesType compares an event type with a wish: "*", "charge.*" or a name.
func matchesType(want, have string) bool {
	if group, wild := strings.CutSuffix(want, "*"); wild {
		return strings.HasPrefix(have, group)
	}
	return want == have
}
