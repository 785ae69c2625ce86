package portal

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/page"
)

// Jobs is what the site shows of the background work.
type Jobs interface {
	Jobs(ctx context.Context) ([]Job, error)
	// RunJob asks for one now; asked for twice it runs once. The refusal is
	// not_found for a name that is none.
	RunJob(ctx context.Context, name string) error
}

// Job is one kind of background work, and how it stands.
type Job struct {
	Name    string
	Every   time.Duration
	RanAt   time.Time // the last time that went well; zero: not lately
	Failed  int       // times that did not, in a day
	Problem string    // of the last time that did not
	BadAt   time.Time
}

// Failing says whether it failed since it last went well.
func (j Job) Failing() bool { return j.Failed > 0 && j.BadAt.After(j.RanAt) }

const workPath = "/agent/work"

func (s *Server) workRoutes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, workPath, Agents, s.showWork},
		{post, workPath + "/jobs/:job", Administrator, s.runJob},
		{post, workPath + "/notifications/:notification", Agents, s.retryNotification},
	}
}

// showWork shows what runs by itself, and what the payment service told that
// could not be applied.
func (s *Server) showWork(c echo.Context) error {
	ctx := c.Request().Context()
	p := &page.Work{StaffBase: s.staffBase(c, "background"), MayRun: who(c).Role == negotiation.RoleAdministrator}
	waiting, err := s.payments.WaitingNotifications(ctx, worklistMax)
	if err != nil {
		return err
	}
	for i := range waiting {
		w := &waiting[i]
		p.Notifications = append(p.Notifications, page.WaitingRow{
			ID: w.ID, Kind: w.Type, Why: w.Why(), Problem: w.Problem, At: w.CreatedAt, Tries: int(w.Attempts), GivenUp: w.GivenUp(),
			RetryURL: workPath + "/notifications/" + url.PathEscape(w.ID),
		})
	}
	if s.Jobs == nil {
		return s.showConsole(c, http.StatusOK, p)
	}
	jobs, err := s.Jobs.Jobs(ctx)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		p.Jobs = append(p.Jobs, page.JobRow{
			Name: j.Name, Every: j.Every, RanAt: j.RanAt, Failing: j.Failing(), Failed: j.Failed, BadAt: j.BadAt, Problem: j.Problem, RunURL: workPath + "/jobs/" + j.Name,
		})
	}
	return s.showConsole(c, http.StatusOK, p)
}

func (s *Server) runJob(c echo.Context) error {
	if s.Jobs == nil {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	if err := s.Jobs.RunJob(c.Request().Context(), c.Param("job")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, workPath+"?done=job_asked")
}

// retryNotification tries once more to apply one notification.
func (s *Server) retryNotification(c echo.Context) error {
	applied, err := s.payments.RetryNotification(c.Request().Context(), who(c).Actor, c.Param("notification"))
	if err != nil {
		return err
	}
	if !applied {
		return c.Redirect(http.StatusSeeOther, workPath+"?done=notification_waits")
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, workPath+"?done=notification_applied")
}
