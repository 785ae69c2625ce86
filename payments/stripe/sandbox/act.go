package sandbox

// later puts off an event until the movements of the present act are all
// booked, so that it tells of the whole and not of the middle.
func (s *Sandbox) later(tell func()) { s.deferred = append(s.deferred, tell) }

// afterwards tells what was put off. The lock is held.
func (s *Sandbox) afterwards() {
	for len(s.deferred) > 0 {
		tell := s.deferred[0]
		s.deferred = s.deferred[1:]
		tell()
	}
	s.deferred = nil
}

// act carries out something that no API call asked for, under the lock, and
// then lets the webhooks go.
func (s *Sandbox) act(do func() error) error {
	s.mu.Lock()
	s.enter(cause{})
	err := do()
	s.afterwards()
	s.tick() // what the act made due at once
	s.mu.Unlock()
	s.deliverDue()
	return err
}
