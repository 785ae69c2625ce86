package portal

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/access"
	"amiable/portal/page"
)

// showLetterCode is where the code of a letter is typed. A code that comes with
// the address, as from the letter's QR code, is filled in and not looked at:
// opening a page tries nothing.
func (s *Server) showLetterCode(c echo.Context) error {
	form := page.Form{}
	given := c.Param("code")
	if given == "" {
		given = c.QueryParam("code")
	}
	if code := access.CleanCode(given); code != "" {
		form.Values = map[string]string{"code": code}
	}
	return s.answerLetterCode(c, http.StatusOK, &page.LetterCode{Form: form})
}

func (s *Server) answerLetterCode(c echo.Context, status int, p *page.LetterCode) error {
	p.Base, p.Agent, p.Action, p.OpenAction = s.base(c), s.agent(c), "/code", "/code/link"
	p.CurrentPath = "/code" // the code stays out of any link
	return s.show(c, status, p)
}

// checkLetter says who wrote the letter for whom. It opens nothing.
func (s *Server) checkLetter(c echo.Context) error {
	ctx, form := c.Request().Context(), typed(c, "code", "reference", "date")
	var writer *access.Writer
	var err error
	code := access.CleanCode(form.Values["code"])
	switch {
	case code != "":
		form.Values["code"] = code
		writer, err = s.access.FindLetterCode(ctx, code, c.RealIP())
	case form.Values["reference"] == "":
		form.Add("code", "code")
	default:
		on := readDay(&form, "date")
		if on.IsZero() && !form.Bad() {
			form.Add("date", "day")
		}
		if !form.Bad() {
			writer, err = s.access.FindLetter(ctx, form.Values["reference"], on, c.RealIP())
		}
	}
	p := &page.LetterCode{Form: form}
	if form.Bad() {
		return s.answerLetterCode(c, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return s.refuseLetter(c, err, p)
	}
	p.Result, p.Writers, p.SentOn, p.Channel, p.Code = page.CodeKnown, writer.Creditors, writer.SentOn, writer.Channel, code
	return s.answerLetterCode(c, http.StatusOK, p)
}

// refuseLetter answers what opened nothing: the same words whatever the reason.
func (s *Server) refuseLetter(c echo.Context, err error, p *page.LetterCode) error {
	r := negotiation.AsRefusal(err)
	switch {
	case r == nil:
		return err
	case r.Code == "code_unknown":
		p.Result = page.CodeUnknown
		return s.answerLetterCode(c, http.StatusNotFound, p)
	}
	r.Field = "code"
	note(&p.Form, s.language(c), r)
	s.nudge() // the agency may have been told
	return s.answerLetterCode(c, http.StatusTooManyRequests, p)
}

// openByCode leads who has the code to the second check.
func (s *Server) openByCode(c echo.Context) error {
	form := typed(c, "code")
	code := access.CleanCode(form.Values["code"])
	form.Values["code"] = code
	token, err := s.access.OpenByCode(c.Request().Context(), code, c.RealIP())
	if err != nil {
		return s.refuseLetter(c, err, &page.LetterCode{Form: form})
	}
	return c.Redirect(http.StatusSeeOther, "/l/"+url.PathEscape(token))
}
