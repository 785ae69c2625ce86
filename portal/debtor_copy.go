package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/page"
)

// copyPath is where a debtor takes the copy of their own file.
const copyPath = "/case/copy"

// copyFilesMax bounds the files that others and the debtor sent, in bytes, of
// which a copy holds the content; of what is beyond stands the hash.
const copyFilesMax = 200 << 20

func (s *Server) showCopy(c echo.Context) error { return s.answerCopy(c, http.StatusOK, nil) }

func (s *Server) answerCopy(c echo.Context, code int, refused *negotiation.Refusal) error {
	file, _, err := s.myCase(c)
	if err != nil {
		return err
	}
	p := &page.Copy{Base: s.inCase(c, file), Creditor: file.Creditor.Name, Signs: s.SealKeys.Signs != nil, CheckURL: checkPath}
	p.Here(copyPath)
	if refused != nil {
		p.Problem = words(s.language(c), refused)
	}
	return s.show(c, code, p)
}

// sendCopy notes that a debtor takes the copy of their file, writes it and sends
// it: what they may read on these pages, and no more.
func (s *Server) sendCopy(c echo.Context) error {
	ctx, by := c.Request().Context(), who(c).Actor
	if _, _, err := s.myCase(c); err != nil {
		return err
	}
	err := error(errNoSealKey)
	if s.SealKeys.Signs != nil {
		err = s.negotiation.TakeCopy(ctx, by, by.CaseID)
	}
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Conflict {
		return s.answerCopy(c, status(r), r)
	}
	if err != nil {
		return err
	}
	f, err := s.caseFile(ctx, by, by.CaseID)
	if err != nil {
		return err
	}
	return s.sendArchive(c, f, nil)
}

// mine says whether something is of the party that reads.
func (f *caseFile) mine(partyID *string) bool { return partyID != nil && *partyID == f.by.ID }

// told is the timeline as the debtor has it on their page: the chain beside it
// holds their own acts alone, and of every other act its link.
func (f *caseFile) told() error {
	var list []object
	for _, e := range timeline(f.l, forDebtor, f.file, f.events, 0).Events {
		title := e.Title
		if title == "" {
			title = f.l.T("event."+e.Kind, e.Values...)
		}
		list = append(list, object{"on": e.On, "title": title, "note": e.Note})
	}
	return f.data("told", "chronologie", "", list)
}

// ownAct says whether an event was made by the party that reads, or for them.
func (f *caseFile) ownAct(e *negotiation.Event) bool {
	return e.ActorID == f.by.ID || (e.ActorRole == negotiation.RoleAdviser && e.OnBehalfOf == f.by.ID)
}

// main says whether who reads is the debtor themselves, and not who stands beside
// them: of their situation only they are told.
func (f *caseFile) main() bool {
	party := f.file.MainParty()
	return party != nil && party.ID == f.by.ID
}
