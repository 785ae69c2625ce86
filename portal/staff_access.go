package portal

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/access"
	"amiable/portal/page"
)

// openBeforeEnrolment is where an agent may go who has no authenticator yet.
var openBeforeEnrolment = []string{"/security/totp", "/sign-out"}

// mustEnrol says whether a user may not go on without an authenticator.
func (s *Server) mustEnrol(u *access.User) bool { return u != nil && u.MustEnrol() }

func (s *Server) accessRoutes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, "/sign-in", Anyone, s.showSignIn},
		{post, "/sign-in", Anyone, s.createStaffSession},
		{get, "/sign-in/code", Anyone, s.showSecondStep},
		{post, "/sign-in/code", Anyone, s.createSecondStep},
		{get, "/invitation/:token", Anyone, s.showInvitation},
		{post, "/invitation/:token", Anyone, s.acceptInvitation},
		{get, "/reset", Anyone, s.showResetRequest},
		{post, "/reset", Anyone, s.createResetRequest},
		{get, "/reset/:token", Anyone, s.showReset},
		{post, "/reset/:token", Anyone, s.createPassword},
		{get, "/security/totp", Anyone, s.showEnrol}, // a right password is enough: enrolling is the second step itself
		{post, "/security/totp", Anyone, s.createAuthenticator},
	}
}

// home is the first room of a user.
func home(role negotiation.Role) string {
	if role == negotiation.RoleCreditor {
		return "/creditor"
	}
	return "/agent"
}

func (s *Server) showSignIn(c echo.Context) error {
	return s.answerSignIn(c, http.StatusOK, page.Form{})
}

func (s *Server) answerSignIn(c echo.Context, status int, form page.Form) error {
	return s.showConsole(c, status, &page.SignIn{
		Base: s.base(c), Next: c.FormValue("next"), Kept: c.QueryParam("kept") != "", Left: c.QueryParam("left") != "", Form: form,
	})
}

// createStaffSession judges mail and password. With the right ones a session
// begins, or the second step does.
func (s *Server) createStaffSession(c echo.Context) error {
	form := typed(c, "email")
	user, step, err := s.access.SignIn(c.Request().Context(), form.Values["email"], c.FormValue("password"), c.RealIP())
	if r := negotiation.AsRefusal(err); r != nil {
		code := http.StatusUnprocessableEntity
		if r.Code == "too_many_tries" {
			code = http.StatusTooManyRequests
		}
		if r.Code == "credentials" {
			r.Field = "email"
		}
		note(&form, s.language(c), r)
		return s.answerSignIn(c, code, form)
	}
	if err != nil {
		return err
	}
	kind, onward := access.KindStaff, home(user.Role)
	next := c.FormValue("next")
	switch step {
	case access.StepCode:
		kind, onward = access.KindSecondStep, "/sign-in/code"
	case access.StepEnrol:
		kind, onward = access.KindSecondStep, "/security/totp"
	}
	visit := access.Visit{Kind: kind, SubjectID: user.ID, Device: device(c), Data: map[string]string{"next": next}}
	if err := s.access.Begin(c.Response(), c.Request(), visit); err != nil {
		return err
	}
	if kind == access.KindStaff {
		onward = s.staffOnward(c, onward, next)
	}
	return c.Redirect(http.StatusSeeOther, onward)
}

// staffOnward leads to where one wanted to go, if that is a room of ours.
func (s *Server) staffOnward(c echo.Context, fallback, next string) string {
	for _, room := range []string{"/creditor", "/agent", "/security"} {
		if next == room || strings.HasPrefix(next, room+"/") || strings.HasPrefix(next, room+"?") {
			return next
		}
	}
	return fallback
}

// halfway returns the visit of somebody whose password was right and who owes
// the second step; nil where there is none.
func (s *Server) halfway(c echo.Context) (*access.Visit, error) {
	visit, err := s.access.Visit(c.Request(), access.DoorStaff)
	if err != nil || visit == nil || visit.Ended || visit.Kind != access.KindSecondStep {
		return nil, err
	}
	return visit, nil
}

func (s *Server) showSecondStep(c echo.Context) error {
	visit, err := s.halfway(c)
	if err != nil {
		return err
	}
	if visit == nil {
		return c.Redirect(http.StatusSeeOther, "/sign-in")
	}
	return s.showConsole(c, http.StatusOK, &page.SecondStep{Base: s.base(c)})
}

func (s *Server) createSecondStep(c echo.Context) error {
	visit, err := s.halfway(c)
	if err != nil {
		return err
	}
	if visit == nil {
		return c.Redirect(http.StatusSeeOther, "/sign-in")
	}
	user, err := s.access.VerifyCode(c.Request().Context(), visit.SubjectID, c.FormValue("code"))
	if r := negotiation.AsRefusal(err); r != nil {
		form := page.Form{}
		r.Field = "code"
		note(&form, s.language(c), r)
		return s.showConsole(c, status(r), &page.SecondStep{Base: s.base(c), Form: form})
	}
	if err != nil {
		return err
	}
	return s.signedIn(c, user, visit.Data["next"])
}

func (s *Server) signedIn(c echo.Context, user *access.User, next string) error {
	visit := access.Visit{Kind: access.KindStaff, SubjectID: user.ID, Device: device(c)}
	if err := s.access.Begin(c.Response(), c.Request(), visit); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, s.staffOnward(c, home(user.Role), next))
}

// enrolling returns who adds an authenticator: somebody signed in, or somebody
// whose password was right and who must.
func (s *Server) enrolling(c echo.Context) (*access.Visit, *access.User, error) {
	visit, err := s.access.Visit(c.Request(), access.DoorStaff)
	if err != nil || visit == nil || visit.Ended {
		return nil, nil, err
	}
	user, err := s.access.User(c.Request().Context(), visit.SubjectID)
	if err != nil || user.DisabledAt != nil || (visit.Kind == access.KindSecondStep && user.Enrolled()) {
		return nil, nil, err
	}
	return visit, user, nil
}

func (s *Server) showEnrol(c echo.Context) error {
	return s.answerEnrol(c, http.StatusOK, page.Form{})
}

func (s *Server) answerEnrol(c echo.Context, status int, form page.Form) error {
	visit, user, err := s.enrolling(c)
	if err != nil {
		return err
	}
	if visit == nil {
		return c.Redirect(http.StatusSeeOther, "/sign-in")
	}
	if user.Enrolled() {
		return c.Redirect(http.StatusSeeOther, "/security")
	}
	agency := s.base(c).Agency.Name
	key, err := s.access.Enrolment(c.Request().Context(), user.ID, agency)
	if err != nil {
		return err
	}
	p := &page.Enrol{StaffBase: s.staffBaseOf(c, user, ""), Secret: key.Secret, Account: user.Email, Required: user.MustEnrol(), Form: form}
	if !p.Required {
		p.SkipURL = home(user.Role)
	}
	p.QR = key.QR
	return s.showConsole(c, status, p)
}

func (s *Server) createAuthenticator(c echo.Context) error {
	visit, user, err := s.enrolling(c)
	if err != nil {
		return err
	}
	if visit == nil {
		return c.Redirect(http.StatusSeeOther, "/sign-in")
	}
	err = s.access.Enrol(c.Request().Context(), user.ID, c.FormValue("code"))
	if r := negotiation.AsRefusal(err); r != nil {
		form := page.Form{}
		r.Field = "code"
		note(&form, s.language(c), r)
		return s.answerEnrol(c, status(r), form)
	}
	if err != nil {
		return err
	}
	if visit.Kind == access.KindSecondStep {
		return s.signedIn(c, user, visit.Data["next"])
	}
	return c.Redirect(http.StatusSeeOther, "/security?done=totp_on")
}

func (s *Server) showInvitation(c echo.Context) error {
	return s.answerInvitation(c, http.StatusOK, page.Form{})
}

func (s *Server) answerInvitation(c echo.Context, status int, form page.Form) error {
	p := &page.Invitation{Base: s.base(c), Action: "/invitation/" + c.Param("token"), Form: form}
	p.CurrentPath = ""
	user, err := s.access.FindInvitation(c.Request().Context(), c.Param("token"))
	if negotiation.AsRefusal(err) != nil {
		p.Gone = true
		return s.showConsole(c, http.StatusNotFound, p)
	}
	if err != nil {
		return err
	}
	p.Email, p.Role, p.Org = user.Email, string(user.Role), s.org(c, user)
	return s.showConsole(c, status, p)
}

func (s *Server) acceptInvitation(c echo.Context) error {
	form := typed(c, "name")
	if c.FormValue("password") != c.FormValue("again") {
		form.Add("again", "password_again")
		return s.answerInvitation(c, http.StatusUnprocessableEntity, form)
	}
	user, err := s.access.AcceptInvitation(c.Request().Context(), c.Param("token"), form.Values["name"], c.FormValue("password"))
	if r := negotiation.AsRefusal(err); r != nil && r.Code != "invitation_gone" {
		note(&form, s.language(c), r)
		return s.answerInvitation(c, status(r), form)
	} else if r != nil {
		return s.answerInvitation(c, http.StatusNotFound, form)
	}
	if err != nil {
		return err
	}
	if user.MustEnrol() {
		if err := s.access.Begin(c.Response(), c.Request(), access.Visit{Kind: access.KindSecondStep, SubjectID: user.ID}); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/security/totp")
	}
	return s.signedIn(c, user, "")
}

func (s *Server) showResetRequest(c echo.Context) error {
	return s.showConsole(c, http.StatusOK, &page.ResetRequest{Base: s.base(c), Asked: c.QueryParam("asked") != ""})
}

func (s *Server) createResetRequest(c echo.Context) error {
	form := typed(c, "email")
	err := s.access.AskReset(c.Request().Context(), form.Values["email"], c.RealIP())
	if r := negotiation.AsRefusal(err); r != nil {
		r.Field = "email"
		note(&form, s.language(c), r)
		return s.showConsole(c, status(r), &page.ResetRequest{Base: s.base(c), Form: form})
	}
	if err != nil {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, "/reset?asked=1")
}

func (s *Server) showReset(c echo.Context) error { return s.answerReset(c, http.StatusOK, page.Form{}) }

func (s *Server) answerReset(c echo.Context, status int, form page.Form) error {
	p := &page.Reset{Base: s.base(c), Action: "/reset/" + c.Param("token"), Form: form}
	p.CurrentPath = ""
	if _, err := s.access.FindReset(c.Request().Context(), c.Param("token")); negotiation.AsRefusal(err) != nil {
		p.Gone, status = true, http.StatusNotFound
	} else if err != nil {
		return err
	}
	return s.showConsole(c, status, p)
}

func (s *Server) createPassword(c echo.Context) error {
	form := page.Form{}
	if c.FormValue("password") != c.FormValue("again") {
		form.Add("again", "password_again")
		return s.answerReset(c, http.StatusUnprocessableEntity, form)
	}
	_, err := s.access.ResetPassword(c.Request().Context(), c.Param("token"), c.FormValue("password"))
	if r := negotiation.AsRefusal(err); r != nil {
		note(&form, s.language(c), r)
		return s.answerReset(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/sign-in")
}

func (s *Server) changePassword(c echo.Context) error {
	form := page.Form{}
	if c.FormValue("password") != c.FormValue("again") {
		form.Add("again", "password_again")
		return s.answerSecurity(c, http.StatusUnprocessableEntity, form)
	}
	m := who(c)
	err := s.access.ChangePassword(c.Request().Context(), m.ID, c.FormValue("current"), c.FormValue("password"))
	if r := negotiation.AsRefusal(err); r != nil {
		note(&form, s.language(c), r)
		return s.answerSecurity(c, status(r), form)
	}
	if err != nil {
		return err
	}
	// Every session ended with the old password; this one begins anew.
	if err := s.access.Begin(c.Response(), c.Request(), access.Visit{Kind: access.KindStaff, SubjectID: m.ID, Device: device(c)}); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/security?done=password_changed")
}

// done are the acts of which a page says once that they are done.
var done = []string{
	"saved", "hold_placed", "hold_lifted", "contact_changed", "first_letter", "lock_lifted", "password_changed", "totp_on", "sessions_ended", "done",
	"link_delayed", "letters_made", "letters_posted", "letter_cancelled", "rates",
	"offer_accepted", "offer_rejected", "offer_made", "offer_renewed", "offer_withdrawn", "policy_set", "powers_set", "delegation_given", "delegation_ended",
	"situation_noted", "situation_proved", "situation_confirmed", "situation_ended", "reading_noted",
	"dispute_answered", "dispute_noted", "dispute_taken", "dispute_closed",
	"assigned", "none_assigned", "view_kept", "view_dropped", "call_logged", "approval_asked", "approval_answered", "approval_dropped",
	"message_sent", "message_delayed", "message_held", "messages_settled", "template_saved", "template_retired",
	"credit_noted", "withdrawn", "session_ended", "user_signed_out", "authenticator_off", "job_asked", "notification_applied", "notification_waits",
}

// staffBase fills what every page of a console carries.
func (s *Server) staffBase(c echo.Context, current string) page.StaffBase {
	return s.staffBaseOf(c, who(c).user, current)
}

func (s *Server) staffBaseOf(c echo.Context, user *access.User, current string) page.StaffBase {
	b := page.StaffBase{Base: s.base(c), Console: strings.TrimPrefix(home(user.Role), "/"), Current: current, Who: user.Name, Org: s.org(c, user), Demo: s.Demo != nil, Administrator: user.Role == negotiation.RoleAdministrator}
	b.Leads = b.Administrator || user.Supervises
	if m := who(c); m != nil {
		b.Viewer = onlyReads(m.Actor)
	}
	if code := c.QueryParam("done"); slices.Contains(done, code) {
		b.Flash = &page.Flash{Code: code}
	}
	if b.Console == "creditor" && user.CreditorID != nil {
		if waiting, err := s.negotiation.OffersWaiting(c.Request().Context(), user.Actor(), worklistMax); err == nil && len(waiting) > 0 {
			b.Counts = map[string]int{"offers": len(waiting)}
		}
	}
	if b.Console == "agent" {
		if wishes, err := s.negotiation.OpenWishes(c.Request().Context(), worklistMax); err == nil && len(wishes) > 0 {
			b.Counts = map[string]int{"wishes": len(wishes)}
		}
	}
	return b
}

// org is whom a user works for.
func (s *Server) org(c echo.Context, user *access.User) string {
	if user.CreditorID != nil {
		if creditor, err := s.negotiation.Creditor(c.Request().Context(), *user.CreditorID); err == nil {
			return creditor.Name
		}
	}
	if agency, err := s.agency(c); err == nil {
		return agency.Name
	}
	return ""
}
