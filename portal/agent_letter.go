package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/locale"
	"amiable/portal/outreach"
	"amiable/portal/page"
)

func (s *Server) madeLetter(c echo.Context) (*negotiation.OpeningLetter, error) {
	return s.negotiation.OpeningLetter(c.Request().Context(), who(c).Actor, c.Param("letter"))
}

// showMadeLetter sends one letter as it was made.
func (s *Server) showMadeLetter(c echo.Context) error {
	made, err := s.madeLetter(c)
	if err != nil {
		return err
	}
	return s.sendFirstLetter(c, made)
}

// sendFirstLetter makes a letter's PDF from what was frozen: the same bytes each
// time, in the language it was written in.
func (s *Server) sendFirstLetter(c echo.Context, made *negotiation.OpeningLetter) error {
	codes, err := s.access.LetterCodes(c.Request().Context(), made.LetterID)
	if err != nil {
		return err
	}
	letter, err := outreach.FirstLetter(made, codes[made.LetterID])
	if err != nil {
		return err
	}
	content, err := letter.PDF(locale.Language(made.Letter.Language).Or())
	if err != nil {
		return err
	}
	return s.sendPDF(c, made.Reference+".pdf", content)
}

func (s *Server) showCancelLetter(c echo.Context) error {
	return s.answerCancelLetter(c, http.StatusOK, page.Form{})
}

func (s *Server) answerCancelLetter(c echo.Context, status int, form page.Form) error {
	made, err := s.madeLetter(c)
	if err != nil {
		return err
	}
	file, err := s.negotiation.Case(c.Request().Context(), who(c).Actor, made.CaseID)
	if err != nil {
		return err
	}
	p := &page.LetterCancel{
		StaffBase: s.staffBase(c, "letters"), Reference: made.Reference, Case: letterCase(file), DatedOn: made.DatedOn,
		Action: "/agent/first-letters/" + made.LetterID + "/cancellation", BackURL: batchURL(made), Form: form,
	}
	return s.showConsole(c, status, p)
}

func batchURL(made *negotiation.OpeningLetter) string {
	if made.BatchID == nil {
		return "/agent/letters"
	}
	return "/agent/letters/batches/" + *made.BatchID
}

func (s *Server) cancelLetter(c echo.Context) error {
	form := typed(c, "reason")
	made, err := s.madeLetter(c)
	if err != nil {
		return err
	}
	err = s.negotiation.CancelFirstLetter(c.Request().Context(), who(c).Actor, made.LetterID, form.Values["reason"])
	if r := negotiation.AsRefusal(err); r != nil {
		r.Field = "reason"
		note(&form, s.language(c), r)
		return s.answerCancelLetter(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, batchURL(made)+"?done=letter_cancelled")
}
