package portal

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/evidence"
	"amiable/portal/page"
)

// situationsPath is where the special situations of a case are told;
// situationPath is one of them.
const (
	situationsPath = "/agent/cases/:case/situations"
	situationPath  = situationsPath + "/:situation"
)

func (s *Server) situationRoutes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, situationsPath + "/new", Agents, s.showNewSituation},
		{post, situationsPath, Agents, s.createSituation},
		{get, situationPath, Agents, s.showSituation},
		{post, situationPath + "/reading", Agents, s.readSituation},
		{get, situationPath + "/files/:file", Agents, s.showSituationFile},
		{post, situationPath + "/proof", Agents, s.proveSituation},
		{post, situationPath + "/confirmation", Agents, s.confirmSituation},
		{post, situationPath + "/turning", Agents, s.turnSituation},
		{post, situationPath + "/end", Agents, s.endSituation},
	}
}

func situationURL(caseID, id string) string { return "/agent/cases/" + caseID + "/situations/" + id }

// needs are why somebody of the agency reads what was told of a situation.
var needs = []string{"answer", "decide", "check", "law"}

func (s *Server) showNewSituation(c echo.Context) error {
	return s.answerNewSituation(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerNewSituation(c echo.Context, code int, form page.Form) error {
	f, _, err := s.agentForm(c, "/situations", form)
	if err != nil {
		return err
	}
	p := &page.NewSituation{AgentForm: f}
	p.CurrentPath = f.Action + "/new"
	for _, reason := range negotiation.Situations {
		p.Reasons = append(p.Reasons, page.HoldChoice{Reason: string(reason), Effects: effectsOf(reason)})
	}
	return s.showConsole(c, code, p)
}

func effectsOf(reason negotiation.Reason) []string {
	var list []string
	for _, e := range negotiation.Effects {
		if reason.Blocks(e) {
			list = append(list, string(e))
		}
	}
	return list
}

// situationProof is what came with a form to prove a situation.
func (s *Server) situationProof(c echo.Context, form *page.Form) (negotiation.Proof, error) {
	proof := negotiation.Proof{Number: form.Values["number"]}
	files, err := s.intake(c, form, "files", evidence.FilesMax)
	for _, f := range files {
		proof.Files = append(proof.Files, negotiation.SituationFile{Hash: f.Hash, Name: f.Name, MediaType: f.MediaType, Bytes: f.Bytes})
	}
	return proof, err
}

// createSituation notes a special situation that an agent was told of. What it
// forbids is forbidden from that second.
func (s *Server) createSituation(c echo.Context) error {
	ctx, by, id := c.Request().Context(), who(c).Actor, c.Param("case")
	form := typed(c, "reason", "scope", "from", "number", "note")
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	h := negotiation.Hold{Reason: negotiation.Reason(form.Values["reason"]), Note: form.Values["note"], FromOn: readDay(&form, "from")}
	if !h.Reason.IsSituation() {
		form.Add("reason", "choose")
	}
	if party := o.file.MainParty(); party != nil && form.Is("scope", "person") {
		h.PersonID = &party.PersonID
	}
	if h.Proof, err = s.situationProof(c, &form); err != nil {
		return err
	}
	if form.Bad() {
		return s.answerNewSituation(c, http.StatusUnprocessableEntity, form)
	}
	_, err = s.negotiation.PlaceHold(ctx, by, id, h)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		if r.Field == "until" {
			r.Field = "from"
		}
		note(&form, s.language(c), r)
		return s.answerNewSituation(c, status(r), form)
	}
	if err != nil {
		return err
	}
	if err := s.followHold(c, h.Reason); err != nil {
		return err
	}
	return backToCase(c, "situation_noted")
}

// followHold does outside the case what a hold wants there: links end, and a
// page on which it could be paid.
func (s *Server) followHold(c echo.Context, reason negotiation.Reason) error {
	ctx, by, id := c.Request().Context(), who(c).Actor, c.Param("case")
	if reason.RevokesLinks() {
		if err := s.access.RevokeLinks(ctx, by, id, ""); err != nil {
			return err
		}
	}
	// What the gateway does not do at once, the job does.
	if reason.Blocks(negotiation.Payment) {
		if err := s.payments.CloseCheckout(ctx, by, id); err != nil && negotiation.AsRefusal(err) == nil {
			s.Log.Warn("open checkout not closed yet", "case", id, "error", err)
		}
	}
	s.nudge()
	return nil
}

func (s *Server) showSituation(c echo.Context) error {
	return s.answerSituation(c, http.StatusOK, s.kept(c, page.Form{}), "")
}

func (s *Server) answerSituation(c echo.Context, code int, form page.Form, problem string) error {
	ctx, by := c.Request().Context(), who(c).Actor
	f, o, err := s.agentForm(c, "", form)
	if err != nil {
		return err
	}
	file, of, err := s.negotiation.Situation(ctx, by, o.file.ID, c.Param("situation"))
	if err != nil {
		return err
	}
	at, rule := situationURL(file.ID, of.ID), of.Reason.Rule()
	f.Action = at
	p := &page.Situation{
		AgentForm: f, Problem: problem, Reason: string(of.Reason), State: string(of.State), Effects: effectsOf(of.Reason), ByPerson: of.Reason == negotiation.HoldVulnerable,
		Number: of.FileNumber, ToldBy: of.ByName, ToldRole: string(of.ByRole), ToldAt: of.CreatedAt, From: of.Hold.FromOn, Until: of.Hold.UntilOn, Review: of.ReviewOn,
		Late: of.Late(o.gate.On), HasWords: of.Hold.Note != "", Papers: len(of.Files), NeedsProof: rule.NeedsProof,
		ConfirmedBy: of.ConfirmedBy, ConfirmedAt: moment(of.ConfirmedAt), EndedBy: of.EndedBy, EndedAt: moment(of.EndedAt), EndReason: of.EndReason, Needs: needs,
	}
	p.CurrentPath = at
	if of.State == negotiation.SituationTold && !of.Proved() {
		p.ProofBy = of.ProofBy
	}
	if of.State != negotiation.SituationEnded {
		p.Open, p.Ends = true, rule.Ends
		p.MayConfirm = of.State == negotiation.SituationTold && (of.Proved() || !rule.NeedsProof)
		for _, into := range rule.Turns {
			p.Turns = append(p.Turns, string(into))
		}
	}
	if p.ShownUntil, err = s.negotiation.MayRead(ctx, by, of.ID); err != nil {
		return err
	}
	if !p.ShownUntil.IsZero() {
		p.Words, p.EndNote = of.Hold.Note, of.EndNote
		for _, paper := range of.Files {
			p.Files = append(p.Files, page.DisputeFile{Name: paper.Name, URL: at + "/files/" + paper.Hash, Format: formatOf(paper.MediaType), Bytes: paper.Bytes})
		}
	}
	readings, err := s.readingRows(c, file)
	if err != nil {
		return err
	}
	p.Readings = slices.DeleteFunc(readings, func(r page.ReadingRow) bool { return r.Of != of.ID })
	return s.showConsole(c, code, p)
}

// situationDone answers an act on a situation: with where it stands now.
func (s *Server) situationDone(c echo.Context, form page.Form, err error, done string) error {
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		if r.Field == "" {
			return s.answerSituation(c, status(r), page.Form{}, words(s.language(c), r))
		}
		note(&form, s.language(c), r)
		return s.answerSituation(c, status(r), form, "")
	}
	if err != nil {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, situationURL(c.Param("case"), c.Param("situation"))+"?done="+done)
}

// readSituation notes who reads what was told, and why; then it is shown for a
// while.
func (s *Server) readSituation(c echo.Context) error {
	form := typed(c, "need")
	if !slices.Contains(needs, form.Values["need"]) {
		form.Values["need"] = ""
	}
	err := s.negotiation.ReadSituation(c.Request().Context(), who(c).Actor, c.Param("case"), c.Param("situation"), form.Values["need"])
	return s.situationDone(c, form, err, "reading_noted")
}

// showSituationFile sends a paper to who noted why they need it.
func (s *Server) showSituationFile(c echo.Context) error {
	ctx, by := c.Request().Context(), who(c).Actor
	_, of, err := s.negotiation.Situation(ctx, by, c.Param("case"), c.Param("situation"))
	if err != nil {
		return err
	}
	until, err := s.negotiation.MayRead(ctx, by, of.ID)
	if err != nil {
		return err
	}
	if until.IsZero() {
		return c.Redirect(http.StatusSeeOther, situationURL(c.Param("case"), of.ID))
	}
	for _, paper := range of.Files {
		if paper.Hash == c.Param("file") {
			return s.sendEvidence(c, paper.Hash, paper.Name)
		}
	}
	return negotiation.Refuse(negotiation.NotFound, "not_found")
}

func (s *Server) proveSituation(c echo.Context) error {
	form := typed(c, "number")
	proof, err := s.situationProof(c, &form)
	if err != nil {
		return err
	}
	if form.Bad() {
		return s.answerSituation(c, http.StatusUnprocessableEntity, form, "")
	}
	err = s.negotiation.ProveSituation(c.Request().Context(), who(c).Actor, c.Param("case"), c.Param("situation"), proof)
	return s.situationDone(c, form, err, "situation_proved")
}

func (s *Server) confirmSituation(c echo.Context) error {
	err := s.negotiation.ConfirmSituation(c.Request().Context(), who(c).Actor, c.Param("case"), c.Param("situation"))
	return s.situationDone(c, page.Form{}, err, "situation_confirmed")
}

func (s *Server) turnSituation(c echo.Context) error {
	form := typed(c, "into", "number")
	proof, err := s.situationProof(c, &form)
	if err != nil {
		return err
	}
	into := negotiation.Reason(form.Values["into"])
	if !into.IsSituation() {
		form.Add("into", "choose")
	}
	if form.Bad() {
		return s.answerSituation(c, http.StatusUnprocessableEntity, form, "")
	}
	err = s.negotiation.TurnSituation(c.Request().Context(), who(c).Actor, c.Param("case"), c.Param("situation"), into, proof)
	if err != nil {
		return s.situationDone(c, form, err, "")
	}
	if err := s.followHold(c, into); err != nil {
		return err
	}
	return backToCase(c, "situation_noted")
}

func (s *Server) endSituation(c echo.Context) error {
	form := typed(c, "end", "end_note")
	err := s.negotiation.EndSituation(c.Request().Context(), who(c).Actor, c.Param("case"), c.Param("situation"), negotiation.Ending{Reason: form.Values["end"], Note: form.Values["end_note"]})
	if r := negotiation.AsRefusal(err); r != nil && r.Field == "note" {
		r.Field = "end_note"
	}
	return s.situationDone(c, form, err, "situation_ended")
}

// situationRows are the special situations of a case as its page lists them:
// what was told of them is read on their own page.
func (s *Server) situationRows(c echo.Context, o *opened) ([]page.SituationRow, error) {
	all, err := s.negotiation.Situations(c.Request().Context(), who(c).Actor, o.file)
	if err != nil {
		return nil, err
	}
	var list []page.SituationRow
	for i := range all {
		of := &all[i]
		row := page.SituationRow{
			URL: situationURL(o.file.ID, of.ID), Reason: string(of.Reason), State: string(of.State), From: of.Hold.FromOn, Until: of.Hold.UntilOn, Late: of.Late(o.gate.On), Review: of.ReviewOn,
			Effects: effectsOf(of.Reason),
		}
		if of.State == negotiation.SituationTold && !of.Proved() {
			row.ProofBy = of.ProofBy
		}
		list = append(list, row)
	}
	slices.SortStableFunc(list, func(a, b page.SituationRow) int {
		return boolOrder(a.State == string(negotiation.SituationEnded)) - boolOrder(b.State == string(negotiation.SituationEnded))
	})
	return list, nil
}

func boolOrder(last bool) int {
	if last {
		return 1
	}
	return 0
}

// situationWork are the situations that a person has to look at.
func (s *Server) situationWork(c echo.Context) ([]page.WorkRow, error) {
	due, err := s.negotiation.SituationsDue(c.Request().Context(), worklistMax)
	if err != nil {
		return nil, err
	}
	var work []page.WorkRow
	for i := range due {
		row := page.WorkRow{URL: situationURL(due[i].CaseID, due[i].ID), Who: due[i].DebtorName + " · " + due[i].CreditorName, Due: due[i].DueOn, Step: "look_again", Why: "situation_review"}
		if due[i].Unproved {
			row.Step, row.Why = "ask_paper", "situation_unproved"
		}
		work = append(work, row)
	}
	return work, nil
}
