// Package portal is the web site: pages for debtors, creditors and agents, the
// gateway's webhook and the health of the process. A handler reads, asks a
// service, and answers; it holds no rule, no SQL and no sums. Which URLs there
// are, and who may use them, is the table in routes.go.
package portal

import (
	"context"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"amiable/negotiation"
	"amiable/payments"
	"amiable/portal/access"
	"amiable/portal/casefile"
	"amiable/portal/page"
)

// Limits of what is read.
const (
	formBytesMax    = 64 << 10
	uploadBytesMax  = 64 << 20
	webhookBytesMax = 256 << 10
	headerBytesMax  = 16 << 10
	requestTimeMax  = 30 * time.Second
	uploadTimeMax   = 10 * time.Minute
)

// Config is what a server is told.
type Config struct {
	BaseURL     string // of this site, without a slash at its end
	PaymentsURL string // of the gateway's pages: forms may lead there
	Banner      string // "sandbox" or "test" where money is not real; empty when it is
	TrustProxy  bool   // X-Forwarded-For is set by a proxy of ours
	Log         *slog.Logger
	Files       Files
	SealKeys    casefile.Keys // that sign the files of cases
	Demo        Demo          // nil outside the demo
	Nudge       func()        // asks the jobs to look at what is due now; may be nil
	Jobs        Jobs          // nil: not shown
}

// Server is the web site.
type Server struct {
	Config
	negotiation *negotiation.Service
	payments    *payments.Service
	access      *access.Service
	pages       *page.Pages
	echo        *echo.Echo
	policy      policies
	ready       func(context.Context) error
}

// New builds the site on its services.
func New(c Config, n *negotiation.Service, p *payments.Service, a *access.Service) (*Server, error) {
	pages, err := page.New()
	if err != nil {
		return nil, err
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{Config: c, negotiation: n, payments: p, access: a, pages: pages}
	s.ready = func(ctx context.Context) error { return n.DB().Pool().PingContext(ctx) }
	forms := "'self'"
	if origin := originOf(c.PaymentsURL); origin != "" {
		forms += " " + origin // a 303 to the payment page is a form's way too
	}
	common := "default-src 'none'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action " + forms
	style := common + "; style-src " + page.DebtorStyleHash()
	s.policy = policies{
		debtor: style, live: style + "; script-src 'self'; connect-src 'self'",
		console: common + "; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'",
	}
	s.echo = s.build()
	return s, nil
}

// policies are the content security policies of the three sorts of pages:
// debtors', those of them that carry a script, and the consoles'.
type policies struct{ debtor, live, console string }

// nudge asks the jobs to look at what is due, so that a mail leaves in seconds
// rather than at the next turn. Nothing depends on it.
func (s *Server) nudge() {
	if s.Nudge != nil {
		s.Nudge()
	}
}

func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (s *Server) build() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.answerError
	e.IPExtractor = echo.ExtractIPDirect()
	if s.TrustProxy {
		e.IPExtractor = echo.ExtractIPFromXFFHeader()
	}
	e.Use(middleware.RequestIDWithConfig(middleware.RequestIDConfig{Generator: requestID}))
	e.Use(s.logRequests)
	e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: func(c echo.Context, err error, _ []byte) error {
		s.Log.Error("panic", "request", c.Response().Header().Get(echo.HeaderXRequestID), "error", err)
		return err
	}}))
	e.Use(s.secureHeaders)
	e.Use(s.sameOrigin)
	e.Use(middleware.GzipWithConfig(middleware.GzipConfig{Level: 2, MinLength: 1024, Skipper: func(c echo.Context) bool {
		return strings.HasSuffix(c.Request().URL.Path, ".pdf") || (c.Request().Method == http.MethodPost && slices.Contains(longAnswers, c.Path()))
	}}))
	for _, r := range s.Routes() {
		e.Add(r.Method, r.Path, s.guard(r))
		if r.Method == http.MethodGet {
			e.Add(http.MethodHead, r.Path, s.guard(r))
		}
	}
	return e
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// HTTPServer returns the server with its limits of time and size.
func (s *Server) HTTPServer() *http.Server {
	return &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: uploadTimeMax, WriteTimeout: uploadTimeMax,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: headerBytesMax, ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
}

// requestID is what a visitor quotes on the phone: short, and not to be
// guessed from another.
func requestID() string {
	id := uuid.New()
	return hex.EncodeToString(id[:6])
}

// logRequests writes one line per request. Neither path parameters nor query
// are written: a link's token is in the path.
func (s *Server) logRequests(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		s.Log.Info("request", "method", c.Request().Method, "route", c.Path(), "status", c.Response().Status,
			"bytes", c.Response().Size, "ms", time.Since(began).Milliseconds(), "request", c.Response().Header().Get(echo.HeaderXRequestID))
		return nil
	}
}

func (s *Server) secureHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	secure := strings.HasPrefix(s.BaseURL, "https://")
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		if strings.HasPrefix(c.Request().URL.Path, "/static/") { // no document: the rest would only weigh
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			return next(c)
		}
		h.Set("Content-Security-Policy", s.policy.debtor)
		h.Set("Referrer-Policy", "same-origin") // "no-referrer" would turn the Origin of our own forms into null
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		h.Set("Cache-Control", "no-store")
		if secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		return next(c)
	}
}

// sameOrigin refuses what another site's page sends. Browsers say where a form
// comes from by Sec-Fetch-Site or, older ones, by Origin; it must be us.
func (s *Server) sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	fence := http.NewCrossOriginProtection()
	fence.AddInsecureBypassPattern("POST " + webhookPath) // signed by the gateway, carries no session
	if origin := originOf(s.BaseURL); origin != "" {
		_ = fence.AddTrustedOrigin(origin) // behind a proxy the Host may be another
	}
	return func(c echo.Context) error {
		if err := fence.Check(c.Request()); err != nil {
			return echo.NewHTTPError(http.StatusForbidden, "cross_origin")
		}
		return next(c)
	}
}
