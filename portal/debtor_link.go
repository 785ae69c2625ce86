package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/access"
	"amiable/portal/outreach"
	"amiable/portal/page"
)

// showLink is what a letter's link opens: who writes, and one check. It
// changes nothing, however often a mail scanner opens it.
func (s *Server) showLink(c echo.Context) error {
	return s.answerLink(c, http.StatusOK, page.Form{}, 0)
}

// answerLink prints the link page, or the one neutral page for any link that
// opens nothing.
func (s *Server) answerLink(c echo.Context, status int, form page.Form, triesLeft int) error {
	t, err := s.access.FindLink(c.Request().Context(), c.Param("token"))
	if negotiation.AsRefusal(err) != nil {
		return s.showNeutral(c, http.StatusNotFound, page.Form{}, false)
	}
	if err != nil {
		return err
	}
	path, to := "/l/"+c.Param("token"), leading(c)
	p := &page.Link{
		Base: s.base(c), Agent: s.agent(c), Check: string(t.Check), CodeTo: t.CodeTo, CodeSent: t.CodeSent, Locked: t.Locked, Adviser: t.Adviser,
		TriesLeft: triesLeft, Action: path + to, CodeAction: path + "/code" + to, NotMeURL: path + "/not-me", Next: c.FormValue("next"), Form: form,
	}
	file, err := s.negotiation.Case(c.Request().Context(), negotiation.System, t.CaseID)
	if err != nil {
		return err
	}
	p.FirstLetter = firstLetter(file)
	return s.show(c, status, p)
}

func (s *Server) showNeutral(c echo.Context, status int, form page.Form, asked bool) error {
	b := s.base(c)
	b.CurrentPath = "" // the token stays out of any link
	return s.show(c, status, &page.Neutral{Base: b, Action: "/new-link", Asked: asked, Form: form})
}

// createDebtorSession takes the answer to the second check.
func (s *Server) createDebtorSession(c echo.Context) error {
	form := typed(c, "answer")
	entry, err := s.access.CheckLink(c.Request().Context(), c.Param("token"), form.Values["answer"], c.RealIP())
	if err != nil {
		return s.refuseCheck(c, err, form, func(status int, form page.Form, left int) error { return s.answerLink(c, status, form, left) })
	}
	return s.enter(c, entry)
}

// refuseCheck answers a check that did not open: with what is left to try, or
// the neutral page.
func (s *Server) refuseCheck(c echo.Context, err error, form page.Form, again func(int, page.Form, int) error) error {
	r := negotiation.AsRefusal(err)
	if r == nil {
		return err
	}
	if r.Code == "link_unknown" {
		return s.showNeutral(c, http.StatusNotFound, page.Form{}, false)
	}
	left := 0
	if n, ok := r.Facts["tries_left"].(int); ok {
		left = n
	}
	if r.Code != "link_locked" {
		r.Field = "answer"
		note(&form, s.language(c), r)
	}
	code := status(r)
	if r.Code == "too_many_tries" {
		code = http.StatusTooManyRequests
	}
	return again(code, form, left)
}

// enter opens the debtor's session and leads on.
func (s *Server) enter(c echo.Context, entry *access.Entry) error {
	visit := access.Visit{Kind: entry.Kind, SubjectID: entry.PartyID, CaseID: entry.CaseID, LinkID: entry.LinkID, Name: entry.Name}
	if err := s.access.Begin(c.Response(), c.Request(), visit); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, onward(c, s.ledTo(c, entry.CaseID)))
}

// leading is the word with which a letter's link says to which page it leads,
// to be carried through the check. Any but the known ones is dropped.
func leading(c echo.Context) string {
	if to := c.QueryParam("to"); slices.Contains(outreach.Tos, to) {
		return "?to=" + to
	}
	return ""
}

// ledTo is the page to which the letter leads, as the case is now: where there
// is nothing of what it spoke of any more, the case itself.
func (s *Server) ledTo(c echo.Context, caseID string) string {
	to := c.QueryParam("to")
	if !slices.Contains(outreach.Tos, to) {
		return "/case"
	}
	file, err := s.negotiation.Case(c.Request().Context(), negotiation.System, caseID)
	if err != nil {
		return "/case" // which says what is wrong
	}
	if to == outreach.ToDispute {
		return s.disputeLed(c, file)
	}
	switch offer, plan := file.OpenOffer(), file.LastPlan(); {
	case to == outreach.ToMessage:
		return "/case/message"
	case to == outreach.ToOffer && offer != nil:
		return "/case/offers/" + offer.ID
	case to == outreach.ToInstalments && file.ActivePlan() != nil:
		return "/case/instalments"
	case to == outreach.ToAgreement && plan != nil:
		return "/case/agreements/" + plan.ID
	}
	return "/case"
}

// createCode has a code mailed to the contact on file.
func (s *Server) createCode(c echo.Context) error {
	_, err := s.access.RequestCode(c.Request().Context(), c.Param("token"), c.RealIP())
	if err != nil {
		return s.refuseCheck(c, err, page.Form{}, func(status int, form page.Form, left int) error { return s.answerLink(c, status, form, left) })
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, withNext(c, "/l/"+c.Param("token")+leading(c)))
}

// withNext leads back to where a code is typed, which still leads on to where
// the visitor was going.
func withNext(c echo.Context, path string) string {
	next := onward(c, "")
	switch {
	case next == "":
		return path
	case strings.Contains(path, "?"):
		return path + "&" + url.Values{"next": {next}}.Encode()
	}
	return path + "?" + url.Values{"next": {next}}.Encode()
}

// showNotMe asks before anything is stopped. It shows nothing of the case.
func (s *Server) showNotMe(c echo.Context) error {
	if _, err := s.access.FindLink(c.Request().Context(), c.Param("token")); negotiation.AsRefusal(err) != nil {
		return s.showNeutral(c, http.StatusNotFound, page.Form{}, false)
	} else if err != nil {
		return err
	}
	path := "/l/" + c.Param("token")
	return s.show(c, http.StatusOK, &page.NotMe{Base: s.base(c), Action: path + "/not-me", BackURL: path})
}

func (s *Server) createNotMe(c echo.Context) error {
	path := "/l/" + c.Param("token")
	if c.FormValue("confirm") != "yes" {
		return c.Redirect(http.StatusSeeOther, path+"/not-me")
	}
	err := s.access.NotMe(c.Request().Context(), c.Param("token"), c.FormValue("relation"), c.FormValue("note"))
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.NotFound {
		return s.showNeutral(c, http.StatusNotFound, page.Form{}, false)
	} else if err != nil {
		return err
	}
	s.nudge()
	b := s.base(c)
	b.CurrentPath = ""
	return s.show(c, http.StatusOK, &page.NotMe{Base: b, Done: true})
}

// createNewLink has a new link sent to a contact on file. The answer is the
// same whether the address is known.
func (s *Server) createNewLink(c echo.Context) error {
	form := typed(c, "address")
	err := s.access.AskLink(c.Request().Context(), form.Values["address"], c.RealIP())
	if r := negotiation.AsRefusal(err); r != nil {
		r.Field = "address"
		note(&form, s.language(c), r)
		return s.showNeutral(c, status(r), form, false)
	} else if err != nil {
		return err
	}
	s.nudge()
	return s.showNeutral(c, http.StatusOK, page.Form{}, true)
}

// showSignInAgain is where a debtor lands whose session ended: the same check
// opens it again, and what was typed is kept.
func (s *Server) showSignInAgain(c echo.Context) error {
	return s.answerSignInAgain(c, http.StatusOK, page.Form{})
}

func (s *Server) answerSignInAgain(c echo.Context, status int, form page.Form) error {
	p := &page.SignInAgain{
		Base: s.base(c), Kept: c.QueryParam("kept") != "", Left: c.QueryParam("left") != "",
		Action: "/sign-in-again", CodeAction: "/sign-in-again/code", Next: c.FormValue("next"), Form: form,
	}
	visit, err := s.access.Visit(c.Request(), access.DoorDebtor)
	if err != nil {
		return err
	}
	if visit != nil {
		t, err := s.access.FindLinkOf(c.Request().Context(), visit)
		if err != nil && negotiation.AsRefusal(err) == nil {
			return err
		}
		if t != nil {
			p.Check, p.CodeTo, p.CodeSent, p.Locked = string(t.Check), t.CodeTo, t.CodeSent, t.Locked
		}
	}
	return s.show(c, status, p)
}

func (s *Server) createDebtorSessionAgain(c echo.Context) error {
	form := typed(c, "answer")
	visit, err := s.access.Visit(c.Request(), access.DoorDebtor)
	if err != nil {
		return err
	}
	if visit == nil {
		return s.answerSignInAgain(c, http.StatusNotFound, page.Form{})
	}
	entry, err := s.access.CheckLinkOf(c.Request().Context(), visit, form.Values["answer"], c.RealIP())
	if err != nil {
		return s.refuseCheck(c, err, form, func(status int, form page.Form, _ int) error { return s.answerSignInAgain(c, status, form) })
	}
	return s.enter(c, entry)
}

func (s *Server) createCodeAgain(c echo.Context) error {
	visit, err := s.access.Visit(c.Request(), access.DoorDebtor)
	if err != nil {
		return err
	}
	if visit == nil {
		return s.answerSignInAgain(c, http.StatusNotFound, page.Form{})
	}
	if _, err := s.access.RequestCodeOf(c.Request().Context(), visit, c.RealIP()); err != nil {
		return s.refuseCheck(c, err, page.Form{}, func(status int, form page.Form, _ int) error { return s.answerSignInAgain(c, status, form) })
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, withNext(c, "/sign-in-again"))
}

// endSession signs out, of whichever of the two doors the form names.
func (s *Server) endSession(c echo.Context) error {
	door, onward := access.DoorDebtor, "/sign-in-again?left=1"
	if c.FormValue("door") == "staff" {
		door, onward = access.DoorStaff, "/sign-in?left=1"
	}
	if err := s.access.End(c.Response(), c.Request(), door); err != nil && !errors.Is(err, http.ErrNoCookie) {
		return err
	}
	return c.Redirect(http.StatusSeeOther, onward)
}
