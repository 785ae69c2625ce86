package portal

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/portal/page"
)

// Demo is what only the demo has: a clock that can be moved, and the mail that
// would have left.
type Demo interface {
	// Walk moves the clock day by day to a day, doing what each day owes, and
	// says in words what it did.
	Walk(ctx context.Context, to negotiation.Day) (ran []string, now time.Time, err error)
	// Mails are the letters caught, newest first.
	Mails(ctx context.Context) ([]Mail, error)
}

// Mail is a letter that the demo caught.
type Mail struct {
	ID      string
	At      time.Time
	To      string
	Subject string
	Text    string
	HTML    string
	Links   []string
}

// walkDaysMax is how far the clock goes at once.
const walkDaysMax = 3_660

func (s *Server) demoRoutes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, "/demo/outbox", DemoOnly, s.showOutbox},
		{get, "/demo/outbox/:mail", DemoOnly, s.showOutbox},
		{get, "/demo/outbox/:mail/html", DemoOnly, s.showMailHTML},
		{get, "/demo/clock", DemoOnly, s.showClock},
		{post, "/demo/clock", DemoOnly, s.moveClock},
	}
}

func (s *Server) demoBase(c echo.Context, current string) page.StaffBase {
	return page.StaffBase{Base: s.base(c), Console: "agent", Current: current, Demo: true}
}

func (s *Server) showOutbox(c echo.Context) error {
	mails, err := s.Demo.Mails(c.Request().Context())
	if err != nil {
		return err
	}
	p := &page.Outbox{StaffBase: s.demoBase(c, "outbox")}
	for _, m := range mails {
		row := page.MailRow{URL: "/demo/outbox/" + m.ID, At: m.At, To: m.To, Subject: m.Subject}
		if m.ID == c.Param("mail") {
			open := row
			open.Text, open.Links = m.Text, m.Links
			if m.HTML != "" {
				open.HTMLURL = row.URL + "/html"
			}
			p.Open = &open
		}
		p.Rows = append(p.Rows, row)
	}
	if c.Param("mail") != "" && p.Open == nil {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return s.showConsole(c, http.StatusOK, p)
}

// showMailHTML shows a mail's HTML alone, where nothing in it can run.
func (s *Server) showMailHTML(c echo.Context) error {
	mails, err := s.Demo.Mails(c.Request().Context())
	if err != nil {
		return err
	}
	for _, m := range mails {
		if m.ID == c.Param("mail") {
			c.Response().Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox")
			return c.HTML(http.StatusOK, m.HTML)
		}
	}
	return negotiation.Refuse(negotiation.NotFound, "not_found")
}

func (s *Server) showClock(c echo.Context) error {
	return s.showConsole(c, http.StatusOK, &page.Clock{StaffBase: s.demoBase(c, "clock"), Now: s.now(c)})
}

// moveClock walks the demo's clock: as a form from the page, as JSON from a
// program.
func (s *Server) moveClock(c echo.Context) error {
	var wanted struct {
		To   string `json:"to" form:"to"`
		Days int    `json:"days" form:"days"`
	}
	if err := c.Bind(&wanted); err != nil {
		return echo.NewHTTPError(http.StatusUnprocessableEntity)
	}
	asJSON := c.Request().Header.Get(echo.HeaderContentType) == echo.MIMEApplicationJSON || c.Request().Header.Get(echo.HeaderAccept) == echo.MIMEApplicationJSON
	today := negotiation.DayOf(s.now(c))
	to, err := day.Parse(wanted.To)
	if wanted.To == "" && wanted.Days > 0 {
		to, err = today.Add(min(wanted.Days, walkDaysMax)), nil
	}
	if err != nil || to.Before(today) || to.Sub(today) > walkDaysMax {
		if asJSON {
			return c.JSON(http.StatusUnprocessableEntity, map[string]string{"error": `send {"to":"YYYY-MM-DD"}, today or later, or {"days":N}`})
		}
		form := typed(c, "to", "days")
		form.Add("to", "day")
		return s.showConsole(c, http.StatusUnprocessableEntity, &page.Clock{StaffBase: s.demoBase(c, "clock"), Now: s.now(c), Form: form})
	}
	ran, now, err := s.Demo.Walk(c.Request().Context(), to)
	if err != nil {
		return err
	}
	if asJSON {
		return c.JSON(http.StatusOK, map[string]any{"now": now, "ran": ran})
	}
	return s.showConsole(c, http.StatusOK, &page.Clock{StaffBase: s.demoBase(c, "clock"), Now: now, Ran: ran})
}

// readAll reads a body of at most so many bytes.
func readAll(c echo.Context, most int64) ([]byte, error) {
	return io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, most))
}
