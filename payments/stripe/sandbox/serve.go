package sandbox

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds a request; Stripe's largest form is far smaller.
const maxBody = 1 << 20

// call is one request on its way through the engine.
type call struct {
	*Sandbox
	id      string // Request-Id
	method  string
	path    string
	key     string // Idempotency-Key
	tenant  *tenant
	form    *param
	args    []string // the parts of the path that the route left open
	route   *route
	version string
}

// reply is an answer ready to be written, and to be replayed.
type reply struct {
	status   int
	body     []byte
	request  string // the Request-Id of the call that made it
	replayed bool
	retry    *bool // Stripe-Should-Retry, when it is said at all
	unsaved  bool
}

// ServeHTTP answers Stripe's /v1 interface. Everything else is 404: pages and
// controls are put beside it by the server that uses them.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, refused := s.read(r)
	if refused != nil {
		s.answer(w, c, c.refusal(refused))
		return
	}
	s.mu.Lock()
	s.enter(cause{request: c.id, key: c.key})
	if stored := c.remembered(); stored != nil {
		s.mu.Unlock()
		s.deliverDue()
		s.answer(w, c, *stored)
		return
	}
	plan := s.faults.plan(c)
	if plan.before != nil {
		c.claim()
		s.mu.Unlock()
		early, cut := plan.before.hold(r.Context())
		s.mu.Lock()
		if early != nil || cut {
			c.release()
			s.mu.Unlock()
			if cut {
				panic(http.ErrAbortHandler) // how net/http closes a connection
			}
			early.request = c.id
			s.answer(w, c, *early)
			return
		}
		s.enter(cause{request: c.id, key: c.key})
	}
	answer := c.carryOut()
	answer = plan.onEffect(answer)
	c.remember(answer)
	s.mu.Unlock()

	switch {
	case plan.webhookFirst:
		s.quiesceBriefly(r.Context())
	case plan.after != nil:
		s.deliverDue() // the webhooks do not wait for a caller who hangs
	default:
		defer s.deliverDue()
	}
	if plan.after != nil {
		plan.after.spoil(w, r, &answer)
	}
	s.answer(w, c, answer)
}

// read turns an HTTP request into a call or says why not. The call it returns
// is never nil: a refusal too carries a Request-Id.
func (s *Sandbox) read(r *http.Request) (*call, *refusal) {
	c := &call{Sandbox: s, method: r.Method, path: r.URL.Path, version: APIVersion, key: r.Header.Get("Idempotency-Key")}
	s.mu.Lock()
	c.id = s.mint.text("req_", 14)
	c.tenant = s.platform
	var foreign bool
	if name := r.Header.Get("Stripe-Account"); name != "" {
		known, found := s.tenants[name]
		if foreign = !found; found {
			c.tenant = known
		}
	}
	s.mu.Unlock()

	if refused := authenticate(r); refused != nil {
		return c, refused
	}
	if foreign {
		account := r.Header.Get("Stripe-Account")
		return c, &refusal{Status: http.StatusForbidden, Type: "invalid_request_error", Code: "account_invalid", DocURL: documented("account_invalid"), unsaved: true,
			Message: fmt.Sprintf("The provided key does not have access to account '%s' (or that account does not exist). Application access may have been revoked.", account)}
	}
	// Other versions are answered in this one, and told so by the header: other
	// clients can then talk to the sandbox, as far as they get along with it.
	if version := r.Header.Get("Stripe-Version"); version != "" {
		if _, err := time.Parse(time.DateOnly, version[:min(len(version), len(time.DateOnly))]); err != nil {
			return c, invalid("", "", "Invalid Stripe API version: %s. Amiable's sandbox speaks %s.", version, APIVersion)
		}
	}
	c.route, c.args = find(r.Method, r.URL.Path)
	if c.route == nil {
		return c, &refusal{Status: http.StatusNotFound, Type: "invalid_request_error", unsaved: true,
			Message: fmt.Sprintf("Unrecognized request URL (%s: %s).", r.Method, r.URL.Path)}
	}
	if len(c.key) > 255 {
		return c, invalid("", "", "Idempotency-Key is too long; it may have 255 characters.")
	}
	raw := r.URL.RawQuery
	if r.Method == http.MethodPost {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err != nil {
			return c, invalid("", "", "The request body could not be read.")
		}
		if len(body) > maxBody {
			return c, &refusal{Status: http.StatusRequestEntityTooLarge, Type: "invalid_request_error", Message: "The request body is too large.", unsaved: true}
		}
		if kind := r.Header.Get("Content-Type"); len(body) > 0 && kind != "" && !strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
			return c, invalid("", "", "Invalid request (check that your POST content type is application/x-www-form-urlencoded). It was %s.", kind)
		}
		if raw != "" && len(body) > 0 {
			raw += "&"
		}
		raw += string(body)
	}
	form, err := parseForm(raw)
	if err != nil {
		var r *refusal
		errors.As(err, &r)
		return c, r
	}
	c.form = form
	if refused := c.route.shape.check(form); refused != nil {
		return c, refused
	}
	return c, checkMetadata("metadata", form.at("metadata"))
}

func authenticate(r *http.Request) *refusal {
	key, _, basic := r.BasicAuth()
	if !basic {
		key, _ = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	unauthorised := func(format string, args ...any) *refusal {
		return &refusal{Status: http.StatusUnauthorized, Type: "invalid_request_error", Message: fmt.Sprintf(format, args...), unsaved: true}
	}
	switch {
	case key == "":
		return unauthorised("You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').")
	case !strings.HasPrefix(key, "sk_test_"):
		return unauthorised("Invalid API Key provided: %s****. Amiable's sandbox accepts test keys (sk_test_…) only.", key[:min(len(key), 8)])
	}
	return nil
}

// carryOut runs the route's method and makes the answer. The lock is held. A
// defect of ours becomes a 500, never a dead process.
func (c *call) carryOut() (answer reply) {
	defer func() {
		if broken := recover(); broken != nil {
			c.violate("defect", "%s %s: %v", c.method, c.path, broken)
			answer = c.refusal(fault("the sandbox failed on %s %s: %v", c.method, c.path, broken))
		}
	}()
	if old := c.staleAnswer(); old != nil {
		return *old
	}
	result, err := c.route.run(c)
	c.afterwards()
	defer func() {
		// What the call made due at once comes after its answer, and by itself.
		c.cause = cause{}
		c.tick()
	}()
	if err == nil {
		var body []byte
		if body, err = c.render(result); err == nil {
			return reply{status: http.StatusOK, body: body, request: c.id}
		}
	}
	var refused *refusal
	if !errors.As(err, &refused) {
		refused = fault("%v", err)
	}
	return c.refusal(refused)
}

func (s *Sandbox) answer(w http.ResponseWriter, c *call, a reply) {
	h := w.Header()
	h["Content-Type"] = []string{"application/json"}
	h["Request-Id"] = []string{c.id}
	h["Stripe-Version"] = []string{c.version}
	if c.key != "" && c.method == http.MethodPost {
		h["Idempotency-Key"] = []string{c.key}
		h["Original-Request"] = []string{a.request}
	}
	if a.replayed {
		h["Idempotent-Replayed"] = []string{"true"}
	}
	if a.retry != nil {
		h["Stripe-Should-Retry"] = []string{strconv.FormatBool(*a.retry)}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(a.body))}
	w.WriteHeader(a.status)
	// A caller that has gone away is its own affair.
	_, _ = w.Write(a.body)
}
