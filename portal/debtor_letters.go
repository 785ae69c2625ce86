package portal

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/documents"
	"amiable/portal/locale"
	"amiable/portal/outreach"
	"amiable/portal/page"
)

const firstLetterPath = "/case/letters/first"

// myFirstLetter is the letter that opened the debtor's case, where we made it.
func (s *Server) myFirstLetter(c echo.Context) (*negotiation.Case, *negotiation.OpeningLetter, error) {
	file, _, err := s.myCase(c)
	if err != nil {
		return nil, nil, err
	}
	made, err := s.negotiation.FirstLetterOf(c.Request().Context(), who(c).Actor, file)
	if err == nil && made == nil {
		err = negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return file, made, err
}

// showFirstLetterPage shows the letter as it was sent: what was frozen, not
// what is owed today.
func (s *Server) showFirstLetterPage(c echo.Context) error {
	file, made, err := s.myFirstLetter(c)
	if err != nil {
		return err
	}
	codes, err := s.access.LetterCodes(c.Request().Context(), made.LetterID)
	if err != nil {
		return err
	}
	letter, err := outreach.FirstLetter(made, codes[made.LetterID])
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, &page.LetterPage{Base: s.inCase(c, file), Letter: letter, SentOn: made.PostedOn, PDFURL: firstLetterPath + ".pdf"})
}

func (s *Server) showFirstLetterPDF(c echo.Context) error {
	_, made, err := s.myFirstLetter(c)
	if err != nil {
		return err
	}
	return s.sendFirstLetter(c, made)
}

// showFrozen shows a statement that was sent, or (with ".pdf") sends its file.
func (s *Server) showFrozen(c echo.Context) error {
	file, _, err := s.myCase(c)
	if err != nil {
		return err
	}
	id, pdf := strings.CutSuffix(c.Param("statement"), ".pdf")
	shown, err := s.sentStatements(c, file)
	if err != nil {
		return err
	}
	for i := range shown {
		if shown[i].ID != id {
			continue
		}
		owed, err := shown[i].Owed()
		if err != nil {
			return err
		}
		if pdf {
			return s.sendFrozen(c, file, &shown[i], outreach.FrozenDocument(owed))
		}
		return s.show(c, http.StatusOK, &page.FrozenPage{
			Base: s.inCase(c, file), Creditor: file.Creditor.Name, Owed: outreach.FrozenDocument(owed), PDFURL: "/case/statements/" + id + ".pdf",
		})
	}
	return negotiation.Refuse(negotiation.NotFound, "not_found")
}

// sentStatements are the frozen statements that reached the debtor: that of a
// letter which was cancelled never did.
func (s *Server) sentStatements(c echo.Context, file *negotiation.Case) ([]negotiation.FrozenStatement, error) {
	made, err := s.negotiation.FirstLetterOf(c.Request().Context(), who(c).Actor, file)
	if err != nil || made == nil {
		return nil, err
	}
	return []negotiation.FrozenStatement{*made.Statement}, nil
}

func (s *Server) sendFrozen(c echo.Context, file *negotiation.Case, frozen *negotiation.FrozenStatement, owed documents.Owed) error {
	content, err := s.frozenDocument(file, frozen, owed).PDF(s.language(c))
	if err != nil {
		return err
	}
	return s.sendPDF(c, file.Reference+"-"+string(frozen.AsOf)+".pdf", content)
}

func (s *Server) frozenDocument(file *negotiation.Case, frozen *negotiation.FrozenStatement, owed documents.Owed) documents.Statement {
	return documents.Statement{
		CaseReference: negotiation.GroupedReference(file.Reference), Agency: agencyIdentity(file.Agency), Creditor: creditorIdentity(file.Creditor),
		Debtor: debtorIdentity(file.Debtor), FirstLetter: documents.FirstLetterRef{Reference: file.FirstLetterReference, SentOn: file.FirstLetterOn},
		IssuedAt: frozen.CreatedAt, Owed: owed, PageURL: s.BaseURL + "/case/statements/" + frozen.ID,
	}
}

// letterDocuments lists the first letter and its statement, where we made them.
func (s *Server) letterDocuments(c echo.Context, file *negotiation.Case) ([]page.Document, error) {
	made, err := s.negotiation.FirstLetterOf(c.Request().Context(), who(c).Actor, file)
	if err != nil || made == nil {
		return nil, err
	}
	at := "/case/statements/" + made.StatementID
	return []page.Document{
		{Kind: "first_letter", Number: made.Reference, On: made.PostedOn, Format: "PDF", URL: firstLetterPath + ".pdf", ReadURL: firstLetterPath},
		{Kind: "statement", On: made.Statement.AsOf, Format: "PDF", URL: at + ".pdf", ReadURL: at},
	}, nil
}

// linkLetter lets the timeline's line of the first letter lead to it.
func linkLetter(l locale.Language, t page.Timeline, list []page.Document) page.Timeline {
	for _, d := range list {
		if d.Kind != "first_letter" {
			continue
		}
		for i := range t.Events {
			if t.Events[i].Kind == string(negotiation.FirstLetterRecorded) {
				t.Events[i].URL, t.Events[i].LinkText = d.ReadURL, l.T("timeline.read_letter")
			}
		}
	}
	return t
}
