package portal

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/evidence"
	"amiable/portal/page"
)

const disputesPath = "/case/disputes"

func disputePath(id string) string { return disputesPath + "/" + id }

// myDispute is the dispute of the address, with the steps that the debtor may
// read.
func (s *Server) myDispute(c echo.Context) (*negotiation.Case, negotiation.Gate, *negotiation.DisputeFile, error) {
	file, gate, err := s.myCase(c)
	if err != nil {
		return nil, gate, nil, err
	}
	f, err := s.disputeOf(c, file)
	return file, gate, f, err
}

// disputeOf is the dispute of the address, of a case that the reader may see.
func (s *Server) disputeOf(c echo.Context, file *negotiation.Case) (*negotiation.DisputeFile, error) {
	list, err := s.negotiation.Disputes(c.Request().Context(), who(c).Actor, file)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(f negotiation.DisputeFile) bool { return f.ID == c.Param("dispute") })
	if i < 0 {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return &list[i], nil
}

func (s *Server) showDispute(c echo.Context) error {
	return s.answerDispute(c, http.StatusOK, s.kept(c, page.Form{}), nil)
}

// answerDispute says where a dispute stands and what can be done now. A late
// click is told what it met, on the page as it is.
func (s *Server) answerDispute(c echo.Context, code int, form page.Form, late *negotiation.Refusal) error {
	file, gate, f, err := s.myDispute(c)
	if err != nil {
		return err
	}
	p, err := s.disputePage(c, file, gate, f)
	if err != nil {
		return err
	}
	p.Form = form
	if late != nil {
		var met page.Form
		note(&met, p.Lang, late)
		p.Error = &met.Errors[0]
	}
	return s.showAt(c, code, p.URL, p, &p.Base)
}

func (s *Server) disputePage(c echo.Context, file *negotiation.Case, gate negotiation.Gate, f *negotiation.DisputeFile) (*page.Dispute, error) {
	statement, err := statementOf(file, gate.On)
	if err != nil {
		return nil, err
	}
	events, err := s.negotiation.Events(c.Request().Context(), file.ID)
	if err != nil {
		return nil, err
	}
	agent := s.agent(c)
	p := &page.Dispute{
		Base: s.inCase(c, file), Creditor: file.Creditor.Name, Agent: agent, URL: disputePath(f.ID), Invoice: f.Claim.InvoiceNumber, Note: f.Claim.Description,
		Ground: string(f.Ground), State: string(f.State), Whole: f.Amount == nil, Left: statement.Total, Credited: money.New(f.Credited, file.Currency),
		AnswerBy: f.AnswerBy, Sent: c.QueryParam("sent") != "" && f.IsOpen(), Held: money.New(0, file.Currency),
		MayReply: f.State == negotiation.DisputeAnswered, MayWithdraw: f.IsOpen(), MayReopen: !f.IsOpen() && closed(file) == "",
	}
	if f.IsOpen() {
		if p.Held, err = file.ContestedBy(&f.Dispute, gate.On); err != nil {
			return nil, err
		}
	}
	for round := int64(1); round <= f.Round; round++ {
		p.Rounds = append(p.Rounds, page.DisputeRound{Number: int(round)})
	}
	for i := range f.Steps {
		step := &f.Steps[i]
		if step.Round < 1 || step.Round > f.Round {
			continue
		}
		row := stepRow(step, p.URL, file, agent.Name)
		round := &p.Rounds[step.Round-1]
		round.Steps = append(round.Steps, row)
		if p.MayReply && step.Side == negotiation.SideCreditor {
			p.Answer = &row
		}
		p.Silent = step.Kind == negotiation.StepSilence || (p.Silent && step.Kind != negotiation.StepReopened)
	}
	for _, o := range negotiation.Outcomes(events) {
		if o.Dispute == f.ID && o.Round >= 1 && o.Round <= f.Round {
			p.Rounds[o.Round-1].OutcomeURL = outcomePath(p.URL, o.Round)
			if o.Round == f.Round && !f.IsOpen() {
				p.Outcome = outcomePath(p.URL, o.Round)
			}
		}
	}
	p.Ways = waysOf(f, file.Currency)
	return p, nil
}

// stepRow tells one step to the debtor.
func stepRow(step *negotiation.DisputeStep, at string, file *negotiation.Case, agent string) page.DisputeStep {
	row := page.DisputeStep{
		At: step.At, Kind: string(step.Kind), Who: nameOf(file, step.Side), Yours: step.Side == negotiation.SideDebtor,
		Sum: money.New(0, file.Currency), Way: string(step.Way), Words: step.Words, Lang: step.Language,
	}
	if step.Side == negotiation.SideAgency && step.ByRole != negotiation.RoleSystem {
		if row.Who = step.ByName; row.Who == "" {
			row.Who = agent
		}
	}
	if step.Amount != nil {
		row.Sum = money.New(*step.Amount, file.Currency)
	}
	switch step.Kind {
	case negotiation.StepOpened, negotiation.StepReopened:
		if step.Amount == nil {
			row.Kind += ".whole"
		}
	case negotiation.StepSilence, negotiation.StepWayYes, negotiation.StepWayNo:
		if row.Yours {
			row.Kind += ".yours"
		}
	}
	for _, f := range step.Files {
		row.Files = append(row.Files, page.DisputeFile{Name: f.Name, URL: at + "/files/" + f.Hash, Format: formatOf(f.MediaType), Bytes: f.Bytes})
	}
	return row
}

// formatOf is what people call a media type.
func formatOf(mediaType string) string {
	_, name, _ := strings.Cut(mediaType, "/")
	return strings.ToUpper(name)
}

// waysOf are the ways out that wait for the debtor's word, with what was said
// on each.
func waysOf(f *negotiation.DisputeFile, currency money.Currency) []page.DisputeWay {
	if f.State != negotiation.DisputeMediation {
		return nil
	}
	var ways []page.DisputeWay
	at := map[string]int{}
	for _, step := range f.Steps {
		if step.Round != f.Round {
			continue
		}
		if step.Kind == negotiation.StepWay && step.Amount != nil {
			at[step.ID] = len(ways)
			ways = append(ways, page.DisputeWay{
				URL: disputePath(f.ID) + "/ways/" + step.ID, Way: string(step.Way), Words: step.Words, Lang: step.Language, Sum: money.New(*step.Amount, currency),
			})
		}
		if step.Of == nil {
			continue
		}
		i, known := at[*step.Of]
		said := map[negotiation.StepKind]string{negotiation.StepWayYes: "yes", negotiation.StepWayNo: "no"}[step.Kind]
		switch {
		case !known:
		case step.Side == negotiation.SideDebtor:
			ways[i].Said = said
		default:
			ways[i].Other = said
		}
	}
	return ways
}

// disputed answers an act on a dispute: with where it stands now.
func (s *Server) disputed(c echo.Context, err error, sent bool) error {
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		return s.answerDispute(c, status(r), page.Form{}, r)
	}
	if err != nil {
		return err
	}
	s.nudge()
	onward := disputePath(c.Param("dispute"))
	if sent {
		onward += "?sent=1"
	}
	return c.Redirect(http.StatusSeeOther, onward)
}

// stepFiles are the files of a form, for a step of a dispute.
func (s *Server) stepFiles(c echo.Context, form *page.Form) ([]negotiation.StepFile, error) {
	kept, err := s.intake(c, form, "files", evidence.FilesMax)
	var files []negotiation.StepFile
	for _, f := range kept {
		files = append(files, negotiation.StepFile{Hash: f.Hash, Name: f.Name, MediaType: f.MediaType, Bytes: f.Bytes})
	}
	return files, err
}

// createReply is the debtor's word on the creditor's answer.
func (s *Server) createReply(c echo.Context) error {
	form := typed(c, "answer", "message")
	_, _, f, err := s.myDispute(c)
	if err != nil {
		return err
	}
	files, err := s.stepFiles(c, &form)
	if err != nil {
		return err
	}
	if form.Values["answer"] != "settles" && form.Values["answer"] != "disagrees" {
		form.Add("answer", "choose")
	}
	if form.Bad() {
		return s.answerDispute(c, http.StatusUnprocessableEntity, form, nil)
	}
	reply := negotiation.Reply{Words: form.Values["message"], Files: files, Language: string(s.language(c))}
	err = s.negotiation.ReplyToAnswer(c.Request().Context(), who(c).Actor, who(c).CaseID, f.ID, form.Is("answer", "settles"), reply)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerDispute(c, status(r), form, nil)
	}
	return s.disputed(c, err, false)
}

// createWayAnswer is the debtor's word on a way out. It concludes nothing by
// itself.
func (s *Server) createWayAnswer(c echo.Context) error {
	form := typed(c, "takes", "message")
	_, _, f, err := s.myDispute(c)
	if err != nil {
		return err
	}
	if form.Values["takes"] != "yes" && form.Values["takes"] != "no" {
		return s.disputed(c, negotiation.Refuse(negotiation.Invalid, "answer_unknown"), false)
	}
	err = s.negotiation.AnswerWay(c.Request().Context(), who(c).Actor, who(c).CaseID, f.ID, c.Param("way"), form.Is("takes", "yes"), negotiation.Reply{Words: form.Values["message"], Language: string(s.language(c))})
	return s.disputed(c, err, false)
}

// createDisputeWithdrawal takes a dispute back.
func (s *Server) createDisputeWithdrawal(c echo.Context) error {
	_, _, f, err := s.myDispute(c)
	if err != nil {
		return err
	}
	return s.disputed(c, s.negotiation.WithdrawDispute(c.Request().Context(), who(c).Actor, who(c).CaseID, f.ID, negotiation.Reply{Words: c.FormValue("message"), Language: string(s.language(c))}), false)
}

// showDisputeFile sends a file that came with a step which the debtor may read.
func (s *Server) showDisputeFile(c echo.Context) error {
	_, _, f, err := s.myDispute(c)
	if err != nil {
		return err
	}
	return s.sendStepFile(c, f)
}

// disputeNotices name what is contested, whose turn it is, and until when; the
// rest of what is held as contested keeps the general word.
func (s *Server) disputeNotices(c echo.Context, file *negotiation.Case, gate negotiation.Gate, events []negotiation.Event, list []page.Notice) ([]page.Notice, error) {
	if !slices.ContainsFunc(events, func(e negotiation.Event) bool { return e.Kind == negotiation.DisputeWasOpened }) {
		return list, nil
	}
	disputes, err := s.negotiation.Disputes(c.Request().Context(), who(c).Actor, file)
	if err != nil {
		return nil, err
	}
	rest := contested(gate, file)
	var named []page.Notice
	for i := range disputes {
		f := &disputes[i]
		if !f.IsOpen() {
			continue
		}
		held, err := file.ContestedBy(&f.Dispute, gate.On)
		if err != nil {
			return nil, err
		}
		rest = rest.Sub(held)
		named = append(named, page.Notice{Tone: "wait", Code: "dispute_" + string(f.AnswerSide), URL: disputePath(f.ID), Values: []any{
			"sum", held, "invoice", f.Claim.InvoiceNumber, "day", f.AnswerBy, "creditor", file.Creditor.Name, "name", s.agent(c).Name,
		}})
	}
	if len(named) == 0 {
		return list, nil
	}
	for _, n := range list {
		switch {
		case n.Code != "disputed":
			named = append(named, n)
		case rest.IsPositive():
			n.Values = []any{"sum", rest}
			named, rest = append(named, n), rest.Zero()
		}
	}
	return named, nil
}

// outcomeDocuments lists the outcome letters of a case.
func outcomeDocuments(events []negotiation.Event) []page.Document {
	var list []page.Document
	for _, o := range negotiation.Outcomes(events) {
		at := disputePath(o.Dispute)
		list = append(list, page.Document{
			Kind: "dispute_outcome", Number: o.Invoice, On: o.On, Format: "PDF", URL: outcomePDF(at, o.Round), ReadURL: outcomePath(at, o.Round),
		})
	}
	return list
}

func outcomePath(at string, round int64) string {
	return at + "/outcome?round=" + strconv.FormatInt(round, 10)
}
func outcomePDF(at string, round int64) string {
	return at + "/outcome.pdf?round=" + strconv.FormatInt(round, 10)
}

// disputeLed is the page of the dispute that a letter spoke of: the one that
// waits for the debtor, else the last that is open, else the last.
func (s *Server) disputeLed(c echo.Context, file *negotiation.Case) string {
	disputes, err := s.negotiation.Disputes(c.Request().Context(), negotiation.System, file)
	if err != nil || len(disputes) == 0 {
		return "/case"
	}
	weight := func(f *negotiation.DisputeFile) int {
		switch {
		case f.IsOpen() && f.AnswerSide == negotiation.SideDebtor:
			return 2
		case f.IsOpen():
			return 1
		}
		return 0
	}
	chosen := &disputes[0]
	for i := range disputes {
		if weight(&disputes[i]) >= weight(chosen) {
			chosen = &disputes[i]
		}
	}
	return disputePath(chosen.ID)
}
