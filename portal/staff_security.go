package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/access"
	"amiable/portal/page"
)

const (
	recoveryPath     = "/security/recovery"
	recoverySignIn   = "/sign-in/recovery"
	userAccessSuffix = "/access"
)

func (s *Server) securityRoutes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, recoverySignIn, Anyone, s.showRecoverySignIn},
		{post, recoverySignIn, Anyone, s.createRecoverySignIn},
		{get, "/security", Staff, s.showSecurity},
		{post, "/security/password", Staff, s.changePassword},
		{post, "/security/language", Staff, s.changeLanguage},
		{post, "/security/sessions/end", Staff, s.endSessions},
		{post, "/security/sessions/:session/end", Staff, s.endOneSession},
		{get, recoveryPath, Staff, s.showRecovery},
		{post, recoveryPath, Staff, s.createRecoveryCodes},
		{get, "/agent/users/:user" + userAccessSuffix, Administrator, s.showUserAccess},
		{post, "/agent/users/:user/sessions/end", Administrator, s.endUserSessions},
		{post, "/agent/users/:user/authenticator/end", Administrator, s.endAuthenticator},
	}
}

func (s *Server) showSecurity(c echo.Context) error {
	return s.answerSecurity(c, http.StatusOK, page.Form{})
}

func (s *Server) answerSecurity(c echo.Context, status int, form page.Form) error {
	ctx, m := c.Request().Context(), who(c)
	p := &page.Security{
		StaffBase: s.staffBase(c, ""), Email: m.user.Email, Role: string(m.Role), TOTP: m.user.Enrolled(), Required: m.Role != negotiation.RoleCreditor,
	}
	form.Values = map[string]string{"language": m.user.Language} // a password is never shown again
	p.Form = form
	var err error
	if p.Sessions, err = s.sessionRows(c, m.ID, m.visit); err != nil {
		return err
	}
	if !p.TOTP {
		p.EnrolURL = "/security/totp"
		return s.showConsole(c, status, p)
	}
	p.RecoveryURL = recoveryPath
	if p.RecoveryLeft, err = s.access.RecoveryLeft(ctx, m.ID); err != nil {
		return err
	}
	return s.showConsole(c, status, p)
}

// sessionRows are the places where a user is signed in. here is the one that
// asks; the others are theirs to end.
func (s *Server) sessionRows(c echo.Context, userID string, here *access.Visit) ([]page.SessionRow, error) {
	list, err := s.access.SessionsOf(c.Request().Context(), userID, here)
	if err != nil {
		return nil, err
	}
	var rows []page.SessionRow
	for _, one := range list {
		row := page.SessionRow{Where: one.Device, Since: one.CreatedAt, SeenAt: one.SeenAt, Current: one.Current}
		if here != nil && !one.Current {
			row.EndURL = "/security/sessions/" + one.Handle + "/end"
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// changeLanguage keeps the reader's language, which this browser reads from now
// on as well.
func (s *Server) changeLanguage(c echo.Context) error {
	language := c.FormValue("language")
	err := s.access.SetLanguage(c.Request().Context(), who(c).ID, language)
	if r := negotiation.AsRefusal(err); r != nil {
		form := page.Form{}
		note(&form, s.language(c), r)
		return s.answerSecurity(c, status(r), form)
	}
	if err != nil {
		return err
	}
	s.setCookie(c, languageCookie, language, languageSeconds)
	return c.Redirect(http.StatusSeeOther, "/security?done=saved")
}

// endSessions ends all of one's sessions but the one that asks.
func (s *Server) endSessions(c echo.Context) error {
	if err := s.access.EndOtherSessions(c.Request().Context(), who(c).visit); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/security?done=sessions_ended")
}

func (s *Server) endOneSession(c echo.Context) error {
	if err := s.access.EndSession(c.Request().Context(), who(c).ID, c.Param("session")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/security?done=session_ended")
}

func (s *Server) showRecovery(c echo.Context) error {
	return s.answerRecovery(c, http.StatusOK, nil, page.Form{})
}

// answerRecovery asks for the password, or shows the codes that were made: once,
// on a page that nothing keeps.
func (s *Server) answerRecovery(c echo.Context, status int, codes []string, form page.Form) error {
	m := who(c)
	if !m.user.Enrolled() {
		return c.Redirect(http.StatusSeeOther, "/security")
	}
	p := &page.Recovery{StaffBase: s.staffBase(c, ""), Codes: codes, Form: form}
	p.Here(recoveryPath)
	var err error
	if p.Left, err = s.access.RecoveryLeft(c.Request().Context(), m.ID); err != nil {
		return err
	}
	return s.showConsole(c, status, p)
}

func (s *Server) createRecoveryCodes(c echo.Context) error {
	codes, err := s.access.NewRecoveryCodes(c.Request().Context(), who(c).ID, c.FormValue("current"))
	if r := negotiation.AsRefusal(err); r != nil {
		form := page.Form{}
		note(&form, s.language(c), r)
		return s.answerRecovery(c, status(r), nil, form)
	}
	if err != nil {
		return err
	}
	s.nudge()
	return s.answerRecovery(c, http.StatusOK, codes, page.Form{})
}

func (s *Server) showRecoverySignIn(c echo.Context) error {
	return s.answerRecoverySignIn(c, http.StatusOK, page.Form{})
}

func (s *Server) answerRecoverySignIn(c echo.Context, status int, form page.Form) error {
	visit, err := s.halfway(c)
	if err != nil {
		return err
	}
	if visit == nil {
		return c.Redirect(http.StatusSeeOther, "/sign-in")
	}
	return s.showConsole(c, status, &page.RecoverySignIn{Base: s.base(c), Form: form})
}

// createRecoverySignIn takes a recovery code as the second step.
func (s *Server) createRecoverySignIn(c echo.Context) error {
	visit, err := s.halfway(c)
	if err != nil {
		return err
	}
	if visit == nil {
		return c.Redirect(http.StatusSeeOther, "/sign-in")
	}
	user, err := s.access.Recover(c.Request().Context(), visit.SubjectID, c.FormValue("code"))
	if r := negotiation.AsRefusal(err); r != nil {
		form := page.Form{}
		r.Field = "code"
		note(&form, s.language(c), r)
		return s.answerRecoverySignIn(c, status(r), form)
	}
	if err != nil {
		return err
	}
	s.nudge()
	return s.signedIn(c, user, visit.Data["next"])
}

// showUserAccess is what an administrator sees of somebody's access.
func (s *Server) showUserAccess(c echo.Context) error {
	ctx := c.Request().Context()
	user, err := s.access.User(ctx, c.Param("user"))
	if err != nil {
		return err
	}
	p := &page.UserAccess{StaffBase: s.staffBase(c, "users"), Name: user.Called(), Email: user.Email, Role: string(user.Role), Works: s.org(c, user), TOTP: user.Enrolled()}
	if p.Sessions, err = s.sessionRows(c, user.ID, nil); err != nil {
		return err
	}
	if p.RecoveryLeft, err = s.access.RecoveryLeft(ctx, user.ID); err != nil {
		return err
	}
	if user.ID != who(c).ID {
		p.EndURL, p.ResetURL = "/agent/users/"+user.ID+"/sessions/end", "/agent/users/"+user.ID+"/authenticator/end"
	}
	return s.showConsole(c, http.StatusOK, p)
}

func (s *Server) endUserSessions(c echo.Context) error {
	user := c.Param("user")
	if user == who(c).ID {
		return negotiation.Refuse(negotiation.Conflict, "not_yourself")
	}
	if err := s.access.EndSessionsOf(c.Request().Context(), who(c).Actor, user); err != nil {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, "/agent/users/"+user+userAccessSuffix+"?done=user_signed_out")
}

func (s *Server) endAuthenticator(c echo.Context) error {
	user := c.Param("user")
	if err := s.access.RemoveAuthenticator(c.Request().Context(), who(c).Actor, user); err != nil {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, "/agent/users/"+user+userAccessSuffix+"?done=authenticator_off")
}
