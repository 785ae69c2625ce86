package sandbox

import (
	"container/heap"
	"time"
)

// clock is the sandbox's own time. It stands still unless Options.Now makes it
// follow another clock; in both cases it can be set forward.
type clock struct {
	now    func() time.Time
	offset time.Duration
}

func (c *clock) read() time.Time { return c.now().Add(c.offset).UTC() }

// alarm is something that happens by itself at a moment of the sandbox clock:
// a session expires, money becomes available.
type alarm struct {
	at   time.Time
	seq  uint64
	ring func()
}

// alarms is a heap by moment, then by order of setting.
type alarms []alarm

func (a alarms) Len() int { return len(a) }
func (a alarms) Less(i, j int) bool {
	if a[i].at.Equal(a[j].at) {
		return a[i].seq < a[j].seq
	}
	return a[i].at.Before(a[j].at)
}
func (a alarms) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *alarms) Push(x any)   { *a = append(*a, x.(alarm)) }
func (a *alarms) Pop() any {
	old := *a
	last := old[len(old)-1]
	old[len(old)-1] = alarm{}
	*a = old[:len(old)-1]
	return last
}

// at sets an alarm. The engine's lock is held by the caller, and will be held
// when it rings.
func (s *Sandbox) at(moment time.Time, ring func()) {
	s.seq++
	heap.Push(&s.alarms, alarm{at: moment, seq: s.seq, ring: ring})
}

// tick rings every alarm that is due, each at its own moment: what an alarm
// creates carries the time at which it rang, however far the clock jumped.
func (s *Sandbox) tick() {
	target := s.clock.read()
	for len(s.alarms) > 0 && !s.alarms[0].at.After(target) {
		due := heap.Pop(&s.alarms).(alarm)
		s.ringing = due.at
		due.ring()
		s.afterwards()
	}
	s.ringing = time.Time{}
}

// now is the moment to stamp on what is being made.
func (s *Sandbox) now() time.Time {
	if !s.ringing.IsZero() {
		return s.ringing
	}
	return s.moment
}

// Now returns the sandbox's time.
func (s *Sandbox) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.read()
}

// Advance moves the sandbox clock forward and lets everything happen that
// falls due on the way. Moving back is refused: Stripe's time does not.
func (s *Sandbox) Advance(by time.Duration) error {
	if by < 0 {
		return errClockBack
	}
	s.mu.Lock()
	s.clock.offset += by
	s.enter(cause{})
	s.mu.Unlock()
	s.deliverDue()
	return nil
}

// SetClock moves the sandbox clock to an instant, which may not lie in its past.
func (s *Sandbox) SetClock(instant time.Time) error {
	s.mu.Lock()
	by := instant.Sub(s.clock.read())
	s.mu.Unlock()
	return s.Advance(by)
}
