package sandbox

import (
	"hash/maphash"
	"net/http"
	"sort"
	"time"
)

// keyLife is how long an idempotency key is remembered, by the sandbox clock.
const keyLife = 24 * time.Hour

// keyring remembers the answers given under idempotency keys.
type keyring struct {
	seed  maphash.Seed
	held  map[keyName]*keyed
	order []keyName // oldest first, for forgetting
}

// keyName is the scope of a key: two accounts may use the same one.
type keyName struct{ account, key string }

type keyed struct {
	call    uint64 // fingerprint of method, path and parameters
	since   time.Time
	pending bool // the first call is still under way
	answer  reply
}

func newKeyring() keyring {
	return keyring{seed: maphash.MakeSeed(), held: map[keyName]*keyed{}}
}

// fingerprint says whether two calls are the same call.
func (c *call) fingerprint() uint64 {
	var h maphash.Hash
	h.SetSeed(c.keys.seed)
	h.WriteString(c.method)
	h.WriteByte(' ')
	h.WriteString(c.path)
	c.form.fingerprint(&h)
	return h.Sum64()
}

func (p *param) fingerprint(h *maphash.Hash) {
	keys := append([]string(nil), p.keys...)
	sort.Strings(keys)
	for _, k := range keys {
		h.WriteByte('[')
		h.WriteString(k)
		below := p.below[k]
		h.WriteByte('=')
		h.WriteString(below.value)
		below.fingerprint(h)
		h.WriteByte(']')
	}
}

func (c *call) keyed() bool { return c.key != "" && c.method == http.MethodPost }

// remembered returns the answer that the key already has, or the refusal that
// its misuse deserves, or nil when the call is to be carried out.
func (c *call) remembered() *reply {
	if !c.keyed() {
		return nil
	}
	c.forgetOldKeys()
	known := c.keys.held[keyName{c.tenant.id, c.key}]
	switch {
	case known == nil || !known.since.After(c.now().Add(-keyLife)):
		return nil
	case known.call != c.fingerprint():
		answer := c.refusal(&refusal{Status: http.StatusBadRequest, Type: "idempotency_error",
			Message: "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '" + c.key + "' if you meant to execute a different request."})
		return &answer
	case known.pending:
		answer := c.refusal(&refusal{Status: http.StatusConflict, Type: "idempotency_error", Code: "idempotency_key_in_use", DocURL: documented("idempotency_key_in_use"),
			Message: "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): " + c.key + ". Please try again later."})
		yes := true
		answer.retry = &yes
		return &answer
	case c.faults.expires(c):
		return nil
	}
	answer := known.answer
	answer.replayed = true
	return &answer
}

// claim marks the key as in use while the lock is let go.
func (c *call) claim() {
	if c.keyed() {
		c.hold(&keyed{call: c.fingerprint(), since: c.now(), pending: true})
	}
}

// release gives a claimed key back: nothing was carried out under it.
func (c *call) release() {
	name := keyName{c.tenant.id, c.key}
	if known := c.keys.held[name]; known != nil && known.pending {
		delete(c.keys.held, name)
	}
}

// remember keeps an answer under the call's key, unless nothing had begun.
func (c *call) remember(answer reply) {
	if !c.keyed() {
		return
	}
	if answer.unsaved {
		c.release()
		return
	}
	c.hold(&keyed{call: c.fingerprint(), since: c.now(), answer: answer})
}

func (c *call) hold(k *keyed) {
	name := keyName{c.tenant.id, c.key}
	if _, again := c.keys.held[name]; !again {
		c.keys.order = append(c.keys.order, name)
	}
	c.keys.held[name] = k
}

func (c *call) forgetOldKeys() {
	limit := c.now().Add(-keyLife)
	for len(c.keys.order) > 0 {
		oldest := c.keys.order[0]
		if known := c.keys.held[oldest]; known != nil {
			if known.since.After(limit) {
				return
			}
			delete(c.keys.held, oldest)
		}
		c.keys.order = c.keys.order[1:]
	}
}
