package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Guard says whether a request may use the controls under /_sandbox. The error
// is the sentence that a refused caller reads.
type Guard func(*http.Request) error

// Handler serves the whole sandbox: Stripe's /v1 interface, the hosted pages
// that payers and account owners are sent to, and the controls, which answer
// this machine only.
func (s *Sandbox) Handler() http.Handler { return s.HandlerWith(LocalOnly) }

// HandlerWith is Handler with another guard before the controls, for sandboxes
// that run in a container of their own.
func (s *Sandbox) HandlerWith(guard Guard) http.Handler {
	site := &site{Sandbox: s, guard: guard, mux: http.NewServeMux()}
	for _, r := range site.routes() {
		site.mux.HandleFunc(r.pattern, r.serve)
	}
	// A page of another origin must not press our buttons.
	origin := http.NewCrossOriginProtection()
	pages := origin.Handler(site.mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			s.ServeHTTP(w, r)
			return
		}
		defend(w)
		pages.ServeHTTP(w, r)
	})
}

// site is what the sandbox shows to people.
type site struct {
	*Sandbox
	guard Guard
	mux   *http.ServeMux
}

// pageRoute is one address of the pages or the controls.
type pageRoute struct {
	pattern string
	serve   http.HandlerFunc
}

func (x *site) routes() []pageRoute {
	routes := []pageRoute{
		{"GET /c/pay/{session}", x.showCheckout},
		{"POST /c/pay/{session}", x.payCheckout},
		{"GET /3ds/{intent}", x.showProof},
		{"GET /paypal/{intent}", x.showProof},
		{"POST /paypal/{intent}", x.answerProof},
		{"GET /bank/{intent}", x.showTransfer},
		{"POST /bank/{intent}", x.sendTransfer},
		{"GET /mandates/{reference}", x.showMandate},
		{"POST /3ds/{intent}", x.answerProof},
		{"GET /onboarding/{account}", x.showOnboarding},
		{"POST /onboarding/{account}", x.answerOnboarding},
		{"GET /express/{account}", x.showDashboard},
		{"GET /_sandbox", x.showControls},
		{"GET /_sandbox/{$}", x.toControls},
		{"GET /{$}", x.toControls},
		{"/", x.nothingHere},
	}
	for _, c := range x.controls() {
		routes = append(routes, pageRoute{c.method + " " + c.path, x.guarded(c)})
	}
	return routes
}

// defend sets the headers that every page and control carries. There is no
// form-action: it would block the way back to the shop. Referrer-Policy is not
// no-referrer: that would make the Origin of our own forms null.
func defend(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src '"+styleHash+"'; img-src data:; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex, nofollow")
}

// maxForm bounds what a page's form may send.
const maxForm = 64 << 10

// readForm reads a page's form; what is not a form is answered here.
func readForm(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	if err == nil {
		return true
	}
	status := http.StatusBadRequest
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		status = http.StatusRequestEntityTooLarge
	}
	showMessage(w, r, status, "form.unread", "")
	return false
}

// toControls takes whoever opens the bare address to where they can see
// something, if they may.
func (x *site) toControls(w http.ResponseWriter, r *http.Request) {
	if x.guard(r) != nil {
		showMessage(w, r, http.StatusNotFound, "nothing", "")
		return
	}
	http.Redirect(w, r, "/_sandbox", http.StatusSeeOther)
}

func (x *site) nothingHere(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_sandbox/") {
		answerError(w, http.StatusNotFound, fmt.Errorf("no control %s %s; GET /_sandbox lists them", r.Method, r.URL.Path))
		return
	}
	showMessage(w, r, http.StatusNotFound, "nothing", "")
}

// LocalOnly lets a request through that was made on this machine, by a name of
// this machine: a proxy's, or one that a foreign site's name was bent to, is not.
func LocalOnly(r *http.Request) error {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !from.Addr().IsLoopback() {
		return errors.New("the controls of the sandbox answer the machine that it runs on, no other")
	}
	if r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" {
		return errors.New("the controls of the sandbox do not answer through a proxy")
	}
	name := r.Host
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		name = host
	}
	name = strings.Trim(name, "[]")
	address, err := netip.ParseAddr(name)
	if name == "localhost" || strings.HasSuffix(name, ".localhost") || err == nil && address.IsLoopback() {
		return nil
	}
	return fmt.Errorf("the controls of the sandbox answer at localhost or 127.0.0.1, not at %q", name)
}

// Anyone lets every request through. The sandbox holds nothing real, but whoever
// reaches it can then change everything in it.
func Anyone(*http.Request) error { return nil }

// stopWithin is how long Serve lets requests under way finish.
const stopWithin = 5 * time.Second

// Serve answers on a listener until the context ends, then lets requests under
// way finish. Links to pages begin with the listener's own address unless the
// options name a public URL.
func Serve(ctx context.Context, l net.Listener, s *Sandbox) error {
	return ServeHandler(ctx, l, s, s.Handler())
}

// ServeHandler is Serve with a handler of the caller's, such as HandlerWith.
func ServeHandler(ctx context.Context, l net.Listener, s *Sandbox, h http.Handler) error {
	if s.PublicURL() == "" {
		s.SetPublicURL("http://" + l.Addr().String())
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) }}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("sandbox at %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		// Somebody holds a request open, as a hang fault does: cut it.
		_ = server.Close()
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("sandbox at %s: %w", l.Addr(), err)
	}
	return nil
}

// PublicURL is where the pages are reached, without a final slash; empty when
// nobody has said so yet.
func (s *Sandbox) PublicURL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.options.PublicURL
}

// withQuery adds parameters to a URL that may have some already.
func withQuery(address string, pairs ...string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	query := u.Query()
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	u.RawQuery = query.Encode()
	return u.String()
}
