package sandbox

import (
	"bytes"
	"container/heap"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// retryAfter are the waits between the tries of one delivery, on the sandbox
// clock. Stripe does not publish its own; what it says is: up to three days.
var retryAfter = []time.Duration{
	5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 27 * time.Hour,
}

// delivery is one event on its way to one endpoint.
type delivery struct {
	event    *event
	endpoint *webhookEndpoint
	due      time.Time
	seq      uint64
	tries    int
	spoilt   *Fault // how this delivery is to be falsified
	extra    bool   // a duplicate or a redelivery: its failure is not tried again
}

type deliveryHeap []*delivery

func (h deliveryHeap) Len() int { return len(h) }
func (h deliveryHeap) Less(i, j int) bool {
	if h[i].due.Equal(h[j].due) {
		return h[i].seq < h[j].seq
	}
	return h[i].due.Before(h[j].due)
}
func (h deliveryHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *deliveryHeap) Push(x any)   { *h = append(*h, x.(*delivery)) }
func (h *deliveryHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}

// outbox is what waits to be delivered, under the engine's lock.
type outbox struct {
	waiting deliveryHeap
	paused  bool
	working int
	idle    *sync.Cond // told whenever a worker has nothing left
	timer   *time.Timer
	epoch   int // Reset makes deliveries under way meaningless
}

func (o *outbox) clear() {
	o.waiting = nil
	o.paused = false
	o.epoch++
}

// Attempt is one try to deliver an event, for the control surface.
type Attempt struct {
	Event, Type, Endpoint string
	At                    time.Time // sandbox clock
	Status                int       // 0 when no answer came
	Problem               string
}

// dispatch lines an event up for every endpoint that wants it.
func (s *Sandbox) dispatch(e *event) {
	line := func(holder *tenant, connect bool) {
		for _, endpoint := range holder.endpoints.rows {
			if endpoint.connect == connect && endpoint.wants(e.Type) {
				e.PendingWebhooks++
				s.lineUp(e, endpoint)
			}
		}
	}
	line(e.tenant, false)
	if e.tenant != s.platform {
		line(s.platform, true)
	}
}

// lineUp queues one delivery, as the faults in force have it.
func (s *Sandbox) lineUp(e *event, to *webhookEndpoint) {
	d := &delivery{event: e, endpoint: to, due: s.now()}
	rule := s.faults.forEvent(s, e)
	if rule == nil {
		s.push(d)
		return
	}
	switch rule.Kind {
	case WebhookNever:
		return // stays pending for ever: only a sweep can find it
	case WebhookDrop:
		d.due = d.due.Add(retryAfter[0])
		d.tries = 1
		s.push(d)
	case WebhookDelay:
		d.due = d.due.Add(rule.Delay)
		s.push(d)
	case WebhookDuplicate:
		s.push(d)
		for range max(rule.Times, 1) {
			s.push(&delivery{event: e, endpoint: to, due: d.due, extra: true})
		}
	case WebhookReorder:
		// Ahead of everything that waits for the same moment.
		s.push(d)
		d.seq = 0
		heap.Init(&s.outbox.waiting)
	case WebhookRotatedSecret:
		d.spoilt = rule
		s.push(d)
	default:
		// A falsified letter comes first, the true one after it.
		s.push(&delivery{event: e, endpoint: to, due: d.due, extra: true, spoilt: rule})
		s.push(d)
	}
}

func (s *Sandbox) push(d *delivery) {
	s.seq++
	d.seq = s.seq
	heap.Push(&s.outbox.waiting, d)
}

// PauseWebhooks keeps everything in the outbox until ResumeWebhooks.
func (s *Sandbox) PauseWebhooks() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outbox.paused = true
}

// ResumeWebhooks lets deliveries go on.
func (s *Sandbox) ResumeWebhooks() {
	s.mu.Lock()
	s.outbox.paused = false
	s.mu.Unlock()
	s.deliverDue()
}

// WebhooksPaused says whether deliveries wait for ResumeWebhooks.
func (s *Sandbox) WebhooksPaused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.outbox.paused
}

// Redeliver sends an event once more, now, to every endpoint that wants it.
func (s *Sandbox) Redeliver(eventID string) error {
	s.mu.Lock()
	var known *event
	for _, t := range s.tenants {
		if e, found := t.events.get(eventID); found {
			known = e
		}
	}
	if known == nil {
		s.mu.Unlock()
		return fmt.Errorf("no event %s", eventID)
	}
	s.enter(cause{})
	for _, holder := range []*tenant{known.tenant, s.platform} {
		for _, endpoint := range holder.endpoints.rows {
			foreign := holder == s.platform && known.tenant != s.platform
			if endpoint.connect == foreign && endpoint.wants(known.Type) {
				s.push(&delivery{event: known, endpoint: endpoint, due: s.now(), extra: true})
			}
		}
		if known.tenant == s.platform {
			break
		}
	}
	s.mu.Unlock()
	s.deliverDue()
	return nil
}

// deliverDue wakes the deliverers when something is due. It does not wait.
func (s *Sandbox) deliverDue() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wake()
}

func (s *Sandbox) wake() {
	if s.anyDue() {
		for s.outbox.working < min(len(s.outbox.waiting), s.options.Deliverers) {
			s.outbox.working++
			go s.deliver()
		}
	}
	s.comeBack()
}

// clockGlance is how often a clock that moves by itself is looked at: it may
// jump, or run faster than ours.
const clockGlance = time.Second

// comeBack sees to it that what falls due later happens by itself when the
// clock moves by itself: the next delivery, and the next alarm.
func (s *Sandbox) comeBack() {
	if s.options.Now == nil {
		return
	}
	var next time.Time
	if len(s.outbox.waiting) > 0 && !s.outbox.paused && s.outbox.working == 0 {
		next = s.outbox.waiting[0].due
	}
	if len(s.alarms) > 0 && (next.IsZero() || s.alarms[0].at.Before(next)) {
		next = s.alarms[0].at
	}
	if s.outbox.timer != nil {
		s.outbox.timer.Stop()
	}
	if next.IsZero() {
		return
	}
	wait := min(max(next.Sub(s.clock.read()), time.Millisecond), clockGlance)
	s.outbox.timer = time.AfterFunc(wait, func() {
		s.mu.Lock()
		s.enter(cause{})
		s.mu.Unlock()
		s.deliverDue()
	})
}

// anyDue says whether a delivery is due: the heap's first, if any.
func (s *Sandbox) anyDue() bool {
	return !s.outbox.paused && len(s.outbox.waiting) > 0 && !s.outbox.waiting[0].due.After(s.clock.read())
}

// deliver takes what is due, one after the other, until nothing is.
func (s *Sandbox) deliver() {
	s.mu.Lock()
	for s.anyDue() {
		d := heap.Pop(&s.outbox.waiting).(*delivery)
		if !d.endpoint.wants(d.event.Type) {
			continue // disabled or deleted meanwhile: that stops the tries
		}
		request := s.sign(d)
		epoch := s.outbox.epoch
		s.mu.Unlock()
		status, problem := s.deliverTo(request)
		s.mu.Lock()
		if epoch == s.outbox.epoch {
			s.settleDelivery(d, status, problem)
		}
	}
	s.outbox.working--
	if s.outbox.idle != nil {
		s.outbox.idle.Broadcast()
	}
	s.wake()
	s.mu.Unlock()
}

// settleDelivery records how a try went and lines up the next one.
func (s *Sandbox) settleDelivery(d *delivery, status int, problem string) {
	s.attempted(Attempt{Event: d.event.ID, Type: d.event.Type, Endpoint: d.endpoint.ID, At: s.clock.read(), Status: status, Problem: problem})
	taken := status >= 200 && status < 300
	if d.extra {
		return
	}
	if taken {
		d.event.PendingWebhooks--
		return
	}
	if d.tries >= len(retryAfter) {
		return // abandoned; the event stays listed as not delivered
	}
	d.due = d.due.Add(retryAfter[d.tries])
	d.tries++
	s.push(d)
}

// mostAttempts bounds the log of tries that the control surface shows.
const mostAttempts = 1000

func (s *Sandbox) attempted(a Attempt) {
	s.attemptLog = append(s.attemptLog, a)
	if len(s.attemptLog) > 2*mostAttempts {
		s.attemptLog = append([]Attempt(nil), s.attemptLog[mostAttempts:]...)
	}
}

// Attempts returns the latest tries to deliver, oldest first.
func (s *Sandbox) Attempts() []Attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Attempt(nil), s.attemptLog...)
}

// sign writes the body and the signature header of a delivery.
func (s *Sandbox) sign(d *delivery) *http.Request {
	shown := *d.event
	if v := value(d.endpoint.APIVersion); v != "" {
		shown.APIVersion = v
	}
	stamp := time.Now() // signatures are judged by wall time, wherever the sandbox clock stands
	secret := d.endpoint.secret
	second := d.endpoint.former
	if d.spoilt != nil {
		d.spoilt.falsify(s, &shown, &stamp, &secret, &second)
	}
	body, err := json.Marshal(&shown)
	if err != nil {
		s.violate("defect", "event %s cannot be written: %v", shown.ID, err)
		body = []byte("{}")
	}
	if d.spoilt != nil && d.spoilt.Kind == WebhookOversized {
		body = append(body, bytes.Repeat([]byte(" "), oversized)...)
	}
	header := "t=" + strconv.FormatInt(stamp.Unix(), 10) + ",v1=" + signature(stamp, body, secret)
	if second != "" {
		header += ",v1=" + signature(stamp, body, second)
	}
	request, err := http.NewRequest(http.MethodPost, d.endpoint.URL, bytes.NewReader(body))
	if err != nil {
		return nil
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks) Amiable-Sandbox")
	request.Header.Set("Stripe-Signature", header)
	return request
}

// signature is Stripe's scheme v1: HMAC-SHA256 over "<seconds>.<body>".
func signature(stamp time.Time, body []byte, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(strconv.FormatInt(stamp.Unix(), 10)))
	mac.Write([]byte("."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func (s *Sandbox) deliverTo(request *http.Request) (status int, problem string) {
	if request == nil {
		return 0, "the endpoint's URL cannot be called"
	}
	response, err := s.options.DeliveryClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // lets the connection be used again
	return response.StatusCode, ""
}

// Quiesce waits until every delivery that is due has been tried. Deliveries
// due later on the sandbox clock are not waited for, nor paused ones.
func (s *Sandbox) Quiesce(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.outbox.idle == nil {
		s.outbox.idle = sync.NewCond(&s.mu)
	}
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.outbox.idle.Broadcast()
	})
	defer stop()
	s.wake()
	for s.outbox.working > 0 || s.anyDue() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("webhooks still under way: %w", err)
		}
		s.outbox.idle.Wait()
	}
	return nil
}

// quiesceBriefly lets the webhooks of a call arrive before its own answer.
func (s *Sandbox) quiesceBriefly(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_ = s.Quiesce(ctx) // a slow endpoint must not hold the answer back for ever
}
