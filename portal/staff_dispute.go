package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/locale"
	"amiable/portal/page"
)

// disputeRoutes are the pages on a dispute of a console. Both consoles show the
// same page; what may be read and done on it is the domain's to say.
func (s *Server) disputeRoutes(console string, audience Audience) []Route {
	const get, post = http.MethodGet, http.MethodPost
	at := staffDisputePath(console)
	return []Route{
		{get, at, audience, s.showSheet},
		{get, at + "/files/:file", audience, s.showSheetFile},
		{get, at + "/outcome", audience, s.showStaffOutcome},
		{get, at + "/outcome.pdf", audience, s.showStaffOutcomePDF},
		{post, at + "/answer", audience, s.createDisputeAnswer},
		{post, at + "/ways", audience, s.createWayWord},
	}
}

func staffDisputePath(console string) string { return "/" + console + "/cases/:case/disputes/:dispute" }

func disputeURL(console, caseID, disputeID string) string {
	return "/" + console + "/cases/" + caseID + "/disputes/" + disputeID
}

// openDispute is the dispute of the address, with the steps that the reader's
// side may read.
func (s *Server) openDispute(c echo.Context) (*opened, *negotiation.DisputeFile, error) {
	o, err := s.openCase(c)
	if err != nil {
		return nil, nil, err
	}
	f, err := s.disputeOf(c, o.file)
	return o, f, err
}

func (s *Server) showSheet(c echo.Context) error {
	return s.answerSheet(c, http.StatusOK, s.kept(c, page.Form{}), "")
}

// answerSheet prints a dispute as it stands now, whatever was just tried on it.
// problem says why that did not happen.
func (s *Server) answerSheet(c echo.Context, status int, form page.Form, problem string) error {
	o, f, err := s.openDispute(c)
	if err != nil {
		return err
	}
	of := console(c)
	at := disputeURL(of, o.file.ID, f.ID)
	p := &page.DisputeSheet{
		StaffBase: s.staffBase(c, "cases"), Row: openRow(of, o.file, o.gate, o.statement.Total), Invoice: f.Claim.InvoiceNumber, Note: f.Claim.Description,
		Ground: string(f.Ground), State: string(f.State), Whole: f.Amount == nil, Held: money.New(0, o.file.Currency), Credited: money.New(f.Credited, o.file.Currency),
		Problem: problem, Form: form,
	}
	if f.Claim.InvoiceFile != "" {
		p.InvoiceURL = "/" + of + "/cases/" + o.file.ID + "/documents/" + f.Claim.ID
	}
	if f.IsOpen() {
		p.Turn, p.AnswerBy = string(f.AnswerSide), f.AnswerBy
		if p.Held, err = o.file.ContestedBy(&f.Dispute, o.gate.On); err != nil {
			return err
		}
	}
	events, err := s.negotiation.Events(c.Request().Context(), o.file.ID)
	if err != nil {
		return err
	}
	sheetSteps(p, f, o.file, at)
	for _, ended := range negotiation.Outcomes(events) {
		if ended.Dispute == f.ID && ended.Round >= 1 && ended.Round <= f.Round {
			p.Rounds[ended.Round-1].OutcomeURL = outcomePath(at, ended.Round)
		}
	}
	if err := s.sheetActs(c, p, o, f, at); err != nil {
		return err
	}
	return s.showConsole(c, status, p)
}

// sheetSteps puts the steps in their rounds, and those of the round under way
// that matter now where they are seen first.
func sheetSteps(p *page.DisputeSheet, f *negotiation.DisputeFile, file *negotiation.Case, at string) {
	for round := int64(1); round <= f.Round; round++ {
		p.Rounds = append(p.Rounds, page.SheetRound{Number: int(round)})
	}
	papers := map[negotiation.Side]*page.SheetPapers{}
	sides := []negotiation.Side{negotiation.SideDebtor, negotiation.SideCreditor, negotiation.SideAgency}
	for _, side := range sides {
		papers[side] = &page.SheetPapers{Who: nameOf(file, side)}
	}
	ways := map[string]int{}
	for i := range f.Steps {
		step := &f.Steps[i]
		if step.Round < 1 || step.Round > f.Round {
			continue
		}
		row := sheetStep(step, at, file)
		p.Rounds[step.Round-1].Steps = append(p.Rounds[step.Round-1].Steps, row)
		if of := papers[step.Side]; of != nil {
			of.Files = append(of.Files, row.Files...)
		}
		if step.Round != f.Round {
			continue
		}
		p.Silent = f.IsOpen() && (step.Kind == negotiation.StepSilence || p.Silent)
		switch {
		case step.Kind == negotiation.StepAgreedOn:
			p.Agreed = append(p.Agreed, row)
		case step.Kind == negotiation.StepContested:
			p.Contested = append(p.Contested, row)
		case step.Kind == negotiation.StepWay:
			ways[step.ID] = len(p.Ways)
			p.Ways = append(p.Ways, page.SheetWay{ID: step.ID, Way: string(step.Way), Words: step.Words, Lang: step.Language, Sum: row.Sum})
		case step.Of != nil:
			i, known := ways[*step.Of]
			said := map[negotiation.StepKind]string{negotiation.StepWayYes: "yes", negotiation.StepWayNo: "no"}[step.Kind]
			switch {
			case !known:
			case step.Side == negotiation.SideDebtor:
				p.Ways[i].Debtor = said
			default:
				p.Ways[i].Creditor = said
			}
		}
	}
	for _, side := range sides {
		if len(papers[side].Files) > 0 {
			p.Papers = append(p.Papers, *papers[side])
		}
	}
}

func sheetStep(step *negotiation.DisputeStep, at string, file *negotiation.Case) page.SheetStep {
	row := page.SheetStep{
		At: step.At, Kind: string(step.Kind), Who: nameOf(file, step.Side), Sum: money.New(0, file.Currency), Way: string(step.Way), Words: step.Words,
		Lang: step.Language, Audience: string(step.Audience),
	}
	switch {
	case step.Side == negotiation.SideAgency && step.ByName != "":
		row.Who = step.ByName
	case step.OnBehalfOf != "":
		row.By = step.ByName
	}
	if step.Amount != nil {
		row.Sum = money.New(*step.Amount, file.Currency)
	}
	if step.Amount == nil && (step.Kind == negotiation.StepOpened || step.Kind == negotiation.StepReopened) {
		row.Kind += ".whole"
	}
	for _, f := range step.Files {
		row.Files = append(row.Files, page.DisputeFile{Name: f.Name, URL: at + "/files/" + f.Hash, Format: formatOf(f.MediaType), Bytes: f.Bytes})
	}
	return row
}

// sheetActs says what the reader may do about a dispute now, and if a creditor
// may not, who may.
func (s *Server) sheetActs(c echo.Context, p *page.DisputeSheet, o *opened, f *negotiation.DisputeFile, at string) error {
	if !f.IsOpen() {
		return nil
	}
	by, mediated := who(c).Actor, f.State == negotiation.DisputeMediation
	asked := f.State == negotiation.DisputeOpened
	if by.IsStaff() {
		s.agentSheetActs(c, p, o.file, f, at)
		return nil
	}
	if !asked && !mediated {
		return nil
	}
	if !by.MayAnswer(p.Held) {
		colleagues, err := s.access.Colleagues(c.Request().Context(), by, o.file.CreditorID)
		if err != nil {
			return err
		}
		for i := range colleagues {
			if colleagues[i].MayAnswer(p.Held) && colleagues[i].ID != by.ID {
				p.May = append(p.May, colleagues[i].Called())
			}
		}
		p.Shut = "viewer"
		if by.Decides {
			p.Shut, p.Limit = "limit", money.New(by.DecidesUpTo, o.file.Currency)
		}
		return nil
	}
	p.Acts.Answer = at + "/answer" // an answer that comes late is one to go on from
	if asked {
		return nil
	}
	p.Acts.Ways = at + "/ways"
	for i := range p.Ways {
		p.Ways[i].Mine = true
	}
	return nil
}

// showSheetFile sends a file that came with a step which the reader's side may
// read.
func (s *Server) showSheetFile(c echo.Context) error {
	_, f, err := s.openDispute(c)
	if err != nil {
		return err
	}
	return s.sendStepFile(c, f)
}

func (s *Server) sendStepFile(c echo.Context, f *negotiation.DisputeFile) error {
	for i := range f.Steps {
		for _, sent := range f.Steps[i].Files {
			if sent.Hash == c.Param("file") {
				return s.sendEvidence(c, sent.Hash, sent.Name)
			}
		}
	}
	return negotiation.Refuse(negotiation.NotFound, "not_found")
}

// disputeTasks are the disputes that wait for a creditor, as things to do at
// home.
func (s *Server) disputeTasks(c echo.Context, l locale.Language) ([]page.Task, error) {
	by := who(c).Actor
	waiting, err := s.negotiation.DisputesWaiting(c.Request().Context(), by, worklistMax)
	if err != nil {
		return nil, err
	}
	var tasks []page.Task
	for i := range waiting {
		f := &waiting[i]
		task := page.Task{Until: f.AnswerBy, Code: "dispute", Values: []any{"name", f.DebtorName, "number", f.InvoiceNumber}, URL: disputeURL("creditor", f.CaseID, f.ID), Main: by.Decides}
		task.Note = contestedNote(l, f) + " · " + negotiation.GroupedReference(f.Reference)
		switch {
		case !by.Decides:
			task.Code = "dispute_see"
		case f.WayWaits:
			task.Code = "dispute_way"
		}
		tasks = append(tasks, task)
	}
	return tasks, nil
}

// contestedNote tells what is contested and why, in one line.
func contestedNote(l locale.Language, f *negotiation.FoundDispute) string {
	ground := l.T("ground." + string(f.Ground))
	if sum, part := f.Sum(); part {
		return l.T("mediation.note.part", "sum", sum, "ground", ground)
	}
	return l.T("mediation.note.whole", "ground", ground)
}

// disputeWork are the rows of the agents' day that disputes make.
func (s *Server) disputeWork(c echo.Context, l locale.Language) ([]page.WorkRow, error) {
	waiting, err := s.negotiation.DisputesWaiting(c.Request().Context(), who(c).Actor, worklistMax)
	if err != nil {
		return nil, err
	}
	var work []page.WorkRow
	for i := range waiting {
		f := &waiting[i]
		work = append(work, page.WorkRow{
			URL: disputeURL("agent", f.CaseID, f.ID), Who: f.DebtorName + " · " + f.CreditorName, Due: f.AnswerBy, Step: "find_way", Why: "contested",
			Values: []any{"number", f.InvoiceNumber, "what", contestedNote(l, f)},
		})
	}
	return work, nil
}

// caseDisputes are the disputes of a case, for its page.
func (s *Server) caseDisputes(c echo.Context, o *opened) ([]page.SheetLink, error) {
	list, err := s.negotiation.Disputes(c.Request().Context(), who(c).Actor, o.file)
	if err != nil {
		return nil, err
	}
	var links []page.SheetLink
	for i := range list {
		f := &list[i]
		link := page.SheetLink{
			URL: disputeURL(console(c), o.file.ID, f.ID), Invoice: f.Claim.InvoiceNumber, State: string(f.State), Whole: f.Amount == nil, Sum: money.New(0, o.file.Currency),
		}
		if f.Amount != nil {
			link.Sum = money.New(*f.Amount, o.file.Currency)
		}
		if f.IsOpen() {
			link.AnswerBy = f.AnswerBy
		}
		links = append(links, link)
	}
	return links, nil
}
