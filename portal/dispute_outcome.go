package portal

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/documents"
	"amiable/portal/page"
)

// outcome is how a round of a dispute ended, with the step that says why.
type outcome struct {
	negotiation.DisputeOutcome
	why *negotiation.DisputeStep
}

// outcomeOf is the outcome that the address names by its round; else the last.
func (s *Server) outcomeOf(c echo.Context, file *negotiation.Case) (*outcome, error) {
	f, err := s.disputeOf(c, file)
	if err != nil {
		return nil, err
	}
	events, err := s.negotiation.Events(c.Request().Context(), file.ID)
	if err != nil {
		return nil, err
	}
	var found *outcome
	for _, o := range negotiation.Outcomes(events) {
		if asked := c.QueryParam("round"); o.Dispute == f.ID && (asked == "" || asked == strconv.FormatInt(o.Round, 10)) {
			found = &outcome{o, f.Why(o.Round)}
		}
	}
	if found == nil {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return found, nil
}

// letter is what the outcome letter says, as a page.
func (o *outcome) letter(file *negotiation.Case, agent page.Agent) page.OutcomeLetter {
	l := page.OutcomeLetter{
		Creditor: file.Creditor.Name, Debtor: file.Debtor.Name, AgentName: agent.Name, Invoice: o.Invoice, Ground: string(o.Ground), State: string(o.State),
		Round: int(o.Round), On: o.On, Credited: o.Credited, Owed: o.Owed, ChainHead: o.ChainHead,
	}
	if o.why != nil && o.why.Words != "" {
		l.Words, l.Lang, l.Who = o.why.Words, o.why.Language, o.whoSays(file)
	}
	return l
}

// whoSays is whose words say why.
func (o *outcome) whoSays(file *negotiation.Case) string {
	if o.why.Side == negotiation.SideAgency && o.why.ByName != "" {
		return o.why.ByName
	}
	return nameOf(file, o.why.Side)
}

func (s *Server) showOutcome(c echo.Context) error {
	file, _, err := s.myCase(c)
	if err != nil {
		return err
	}
	o, err := s.outcomeOf(c, file)
	if err != nil {
		return err
	}
	at := disputePath(o.Dispute)
	return s.show(c, http.StatusOK, &page.DisputeOutcome{
		Base: s.inCase(c, file), Letter: o.letter(file, s.agent(c)), BackURL: at, PDFURL: outcomePDF(at, o.Round),
	})
}

func (s *Server) showOutcomePDF(c echo.Context) error {
	file, _, err := s.myCase(c)
	if err != nil {
		return err
	}
	return s.sendOutcome(c, file, disputesPath)
}

func (s *Server) showStaffOutcome(c echo.Context) error {
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	ended, err := s.outcomeOf(c, o.file)
	if err != nil {
		return err
	}
	c.Set(agencyKey, o.file.Agency)
	back := disputeURL(console(c), o.file.ID, ended.Dispute)
	return s.showConsole(c, http.StatusOK, &page.StaffOutcome{
		StaffBase: s.staffBase(c, "cases"), Letter: ended.letter(o.file, s.agent(c)), BackURL: back, PDFURL: outcomePDF(back, ended.Round),
	})
}

func (s *Server) showStaffOutcomePDF(c echo.Context) error {
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	return s.sendOutcome(c, o.file, "/"+console(c)+"/cases/"+o.file.ID+"/disputes")
}

// sendOutcome makes the outcome letter's PDF from what was written down when
// the dispute ended: the same bytes each time.
func (s *Server) sendOutcome(c echo.Context, file *negotiation.Case, at string) error {
	o, err := s.outcomeOf(c, file)
	if err != nil {
		return err
	}
	content, err := s.outcomeDocument(file, o, at).PDF(s.language(c))
	if err != nil {
		return err
	}
	return s.sendPDF(c, file.Reference+"-C"+strconv.FormatInt(o.Number, 10)+"-"+strconv.FormatInt(o.Round, 10)+".pdf", content)
}

// outcomeDocument is the outcome letter on paper; at is where its page lives.
func (s *Server) outcomeDocument(file *negotiation.Case, o *outcome, at string) documents.Outcome {
	number := negotiation.GroupedReference(file.Reference) + "-C" + strconv.FormatInt(o.Number, 10) + "-" + strconv.FormatInt(o.Round, 10)
	d := documents.Outcome{
		Number: number, CaseReference: negotiation.GroupedReference(file.Reference), Agency: agencyIdentity(file.Agency), Creditor: creditorIdentity(file.Creditor),
		Debtor: debtorIdentity(file.Debtor), FirstLetter: documents.FirstLetterRef{Reference: file.FirstLetterReference, SentOn: file.FirstLetterOn},
		Invoice: o.Invoice, Ground: string(o.Ground), How: string(o.State), EndedOn: o.On, EndedAt: o.At, Credited: o.Credited, Owed: o.Owed,
		ChainHead: o.ChainHead, PageURL: s.BaseURL + outcomePath(at+"/"+o.Dispute, o.Round),
	}
	if o.why != nil && o.why.Words != "" {
		d.Words, d.Who = o.why.Words, o.whoSays(file)
	}
	return d
}
