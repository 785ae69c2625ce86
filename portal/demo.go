package portal

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/portal/access"
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

// demoBase is the frame of the demo's pages: that of who is signed in, so that
// their rooms stay one press away, else the agents'. The pages are open to all,
// so who cannot be recognised is nobody in particular.
func (s *Server) demoBase(c echo.Context, current string) page.StaffBase {
	ctx := c.Request().Context()
	if visit, err := s.access.Visit(c.Request(), access.DoorStaff); err == nil {
		if by, ok, err := s.access.Actor(ctx, visit); err == nil && ok {
			if user, err := s.access.User(ctx, by.ID); err == nil {
				return s.staffBaseOf(c, user, current)
			}
		}
	}
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
	header := c.Request().Header
	asJSON := strings.HasPrefix(header.Get(echo.HeaderContentType), echo.MIMEApplicationJSON) || strings.HasPrefix(header.Get(echo.HeaderAccept), echo.MIMEApplicationJSON)
	unread := c.Bind(&wanted)
	today := negotiation.DayOf(s.now(c))
	to, err := day.Parse(wanted.To)
	if wanted.To == "" && wanted.Days > 0 {
		to, err = today.Add(min(wanted.Days, walkDaysMax)), nil
	}
	if unread != nil || err != nil || to.Before(today) || to.Sub(today) > walkDaysMax {
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
		if ran == nil {
			ran = []string{} // a list, also of nothing
		}
		return c.JSON(http.StatusOK, map[string]any{"now": now, "ran": ran})
	}
	return s.showConsole(c, http.StatusOK, &page.Clock{StaffBase: s.demoBase(c, "clock"), Now: now, Ran: ran})
}

// readAll reads a body of at most so many bytes.
func readAll(c echo.Context, most int64) ([]byte, error) {
	return io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, most))
}
