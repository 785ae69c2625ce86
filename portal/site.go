package portal

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"amiable/payments"
	"amiable/portal/page"
)

func (s *Server) showHome(c echo.Context) error {
	return s.show(c, http.StatusOK, &page.Home{Base: s.base(c), CanCheck: true})
}

func (s *Server) showReal(c echo.Context) error {
	return s.show(c, http.StatusOK, &page.Real{Base: s.base(c), Agent: s.agent(c), CanCheck: true})
}

func (s *Server) showRights(c echo.Context) error {
	return s.show(c, http.StatusOK, &page.Rights{Base: s.base(c)})
}

func (s *Server) showHelp(c echo.Context) error {
	return s.show(c, http.StatusOK, &page.Help{Base: s.base(c)})
}

func (s *Server) showData(c echo.Context) error {
	return s.show(c, http.StatusOK, &page.Data{Base: s.base(c)})
}

func (s *Server) showAccessibility(c echo.Context) error {
	return s.show(c, http.StatusOK, &page.Accessibility{Base: s.base(c)})
}

func (s *Server) showRobots(c echo.Context) error {
	return c.String(http.StatusOK, "User-agent: *\nDisallow: /\n")
}

// showStatic sends the consoles' style and the scripts. Their names change with
// their bytes, so they may be kept for ever.
func (s *Server) showStatic(c echo.Context) error {
	path := "/static/" + c.Param("file")
	for _, file := range []struct {
		media string
		get   func() (string, []byte)
	}{{"text/css; charset=utf-8", page.ConsoleStyle}, {"text/javascript; charset=utf-8", page.ConsoleScript}, {"text/javascript; charset=utf-8", page.LiveScript}} {
		if name, content := file.get(); name == path {
			c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			return c.Blob(http.StatusOK, file.media, content)
		}
	}
	return echo.NewHTTPError(http.StatusNotFound)
}

// showLive says that the process answers.
func (s *Server) showLive(c echo.Context) error { return c.String(http.StatusOK, "live\n") }

// showReady says that it can do its work: its database answers.
func (s *Server) showReady(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
	defer cancel()
	if err := s.ready(ctx); err != nil {
		s.Log.Warn("not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "the database does not answer\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

// receiveNotification is the gateway's webhook: a bounded raw body, its
// signature, and 200 only once it is on disk.
func (s *Server) receiveNotification(c echo.Context) error {
	body, err := readAll(c, webhookBytesMax)
	if err != nil {
		return c.String(http.StatusRequestEntityTooLarge, "too large\n")
	}
	err = s.payments.Receive(c.Request().Context(), body, c.Request().Header.Get("Stripe-Signature"))
	switch {
	case errors.Is(err, payments.ErrNotSigned):
		s.Log.Warn("notification refused", "error", err)
		return c.String(http.StatusBadRequest, "not signed by the gateway\n")
	case err != nil:
		s.Log.Error("notification not filed", "error", err)
		return c.String(http.StatusServiceUnavailable, "not filed, send it again\n")
	}
	s.nudge()
	return c.String(http.StatusOK, "ok\n")
}

// now is the product's time, for what is printed; where it cannot be read the
// wall clock does.
func (s *Server) now(c echo.Context) time.Time {
	now, err := s.negotiation.Now(c.Request().Context())
	if err != nil {
		return time.Now().UTC()
	}
	return now
}
