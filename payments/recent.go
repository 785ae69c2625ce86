package payments

import "sync"

// recentMost is how many ids a generation of recent holds.
const recentMost = 8192

// recent remembers the notifications that this process filed last. It only
// tells which way is the shorter: that one is on file is for the database to
// say.
type recent struct {
	sync.Mutex
	young, old map[string]struct{}
}

func (r *recent) add(id string) {
	r.Lock()
	defer r.Unlock()
	if r.young == nil || len(r.young) >= recentMost {
		r.young, r.old = make(map[string]struct{}), r.young
	}
	r.young[id] = struct{}{}
}

func (r *recent) has(id string) bool {
	r.Lock()
	defer r.Unlock()
	_, young := r.young[id]
	_, old := r.old[id]
	return young || old
}
