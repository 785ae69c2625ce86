package portal

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/locale"
	"amiable/portal/page"
)

// threadRoutes are the thread of a case in a console.
func (s *Server) threadRoutes(console string, audience Audience) []Route {
	at := staffThreadPath(console)
	routes := []Route{
		{http.MethodGet, at, audience, s.showStaffThread},
		{http.MethodPost, at, audience, s.createStaffMessage},
		{http.MethodGet, at + "/files/:file", audience, s.showStaffMessageFile},
	}
	if audience == Agents {
		routes = append(routes, Route{http.MethodPost, at + "/settled", Agents, s.settleMessages})
	}
	return routes
}

func staffThreadPath(console string) string { return "/" + console + "/cases/:case/messages" }

func threadURL(console, caseID string) string {
	return "/" + console + "/cases/" + caseID + "/messages"
}

func (s *Server) showStaffThread(c echo.Context) error {
	form := s.kept(c, page.Form{})
	if form.Values == nil {
		form.Values = map[string]string{}
	}
	if id := c.QueryParam("template"); id != "" && who(c).IsStaff() {
		if err := s.begin(c, &form, id); err != nil {
			return err
		}
	}
	if to := c.QueryParam("to"); to != "" {
		form.Values["audience"] = to
	}
	return s.answerStaffThread(c, http.StatusOK, form, "")
}

// answerStaffThread prints the thread as it stands now, whatever was just tried
// on it. problem says why that did not happen.
func (s *Server) answerStaffThread(c echo.Context, code int, form page.Form, problem string) error {
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	of, by := console(c), who(c).Actor
	at := threadURL(of, o.file.ID)
	p := &page.StaffThread{StaffBase: s.staffBase(c, "cases"), Row: openRow(of, o.file, o.gate, o.statement.Total), Action: at, Problem: problem, Form: form}
	var waits []negotiation.Message
	if p.Messages, p.Earlier, waits, err = s.readThread(c, o.file, at); err != nil {
		return err
	}
	for i := range waits {
		m := &waits[i]
		p.Waiting = append(p.Waiting, page.ThreadWait{Side: string(m.Side), Who: nameOf(o.file, m.Side), SettleURL: at + "/settled", Since: negotiation.DayOf(m.At)})
	}
	p.Elsewhere, err = s.saidElsewhere(c, o.file,
		func(id string) string { return offerURL(of, o.file.ID, id) }, func(id string) string { return disputeURL(of, o.file.ID, id) })
	if err != nil {
		return err
	}
	if o.file.State == negotiation.CaseArchived {
		p.Shut = "archived"
		return s.showConsole(c, code, p)
	}
	p.To = audienceChoices(p.Lang, by.Side(), o.file)
	if p.Form.Values == nil {
		p.Form.Values = map[string]string{}
	}
	if p.Form.Values["audience"] == "" && !by.IsStaff() {
		p.Form.Values["audience"] = string(negotiation.ToTheAgencyOnly)
	}
	if p.Form.Values["language"] == "" {
		p.Form.Values["language"] = string(s.languageOfDebtor(o.file))
	}
	if by.IsStaff() {
		templates, err := s.negotiation.Templates(c.Request().Context())
		if err != nil {
			return err
		}
		for i := range templates {
			p.Templates = append(p.Templates, page.Choice{Value: templates[i].ID, Label: templates[i].Name})
		}
	}
	return s.showConsole(c, code, p)
}

// languageOfDebtor is the language that the debtor of a case reads.
func (s *Server) languageOfDebtor(file *negotiation.Case) locale.Language {
	if party := file.MainParty(); party != nil {
		return locale.Language(party.Person.Language).Or()
	}
	return locale.French
}

// createStaffMessage adds what the creditor or the agency writes to the thread.
func (s *Server) createStaffMessage(c echo.Context) error {
	form := typed(c, "audience", "message", "language")
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	files, err := s.messageFiles(c, &form)
	if err != nil {
		return err
	}
	if form.Bad() {
		return s.answerStaffThread(c, http.StatusUnprocessableEntity, form, "")
	}
	m, err := s.negotiation.PostMessage(c.Request().Context(), who(c).Actor, o.file.ID, negotiation.Write{
		Audience: negotiation.Audience(form.Values["audience"]), Words: form.Values["message"], Language: form.Values["language"], Files: files,
	})
	switch r := negotiation.AsRefusal(err); {
	case r != nil && r.Field != "":
		note(&form, s.language(c), r)
		return s.answerStaffThread(c, status(r), form, "")
	case r != nil && r.Kind != negotiation.NotFound:
		return s.answerStaffThread(c, status(r), form, words(s.language(c), r))
	case err != nil:
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, threadURL(console(c), o.file.ID)+"?done="+mailed(m))
}

// mailed says what became of the mail to the debtor's side, for whoever wrote.
func mailed(m *negotiation.Message) string {
	switch {
	case m.Told == nil:
		return "message_sent"
	case m.Told.BlockedBy != "":
		return "message_held"
	case m.Told.DelayedBy != "":
		return "message_delayed"
	}
	return "message_sent"
}

// settleMessages says that what a side wrote needs no answer.
func (s *Server) settleMessages(c echo.Context) error {
	side := negotiation.Side(c.FormValue("side"))
	err := s.negotiation.SettleMessages(c.Request().Context(), who(c).Actor, c.Param("case"), side)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		return s.answerStaffThread(c, status(r), page.Form{}, words(s.language(c), r))
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, threadURL("agent", c.Param("case"))+"?done=messages_settled")
}

func (s *Server) showStaffMessageFile(c echo.Context) error {
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	return s.sendMessageFile(c, o.file)
}

// lastWordsShown is how much of the last message stands on the page of a case, in
// characters.
const lastWordsShown = 200

// caseThread is the thread on the page of a case: how much there is, and the
// last word. Looking at it there is not reading it.
func (s *Server) caseThread(c echo.Context, o *opened) (page.CaseThread, error) {
	by := who(c).Actor
	thread, err := s.negotiation.Thread(c.Request().Context(), by, o.file)
	if err != nil {
		return page.CaseThread{}, err
	}
	at := threadURL(console(c), o.file.ID)
	shown := page.CaseThread{URL: at, Count: len(thread)}
	for i := range thread {
		if thread[i].NewTo(by) {
			shown.New++
		}
		shown.Waits = shown.Waits || (by.IsStaff() && thread[i].Waits())
	}
	if n := len(thread); n > 0 {
		last := threadMessage(s.language(c), by, o.file, o.gate.On, &thread[n-1], at)
		if words := []rune(last.Words); len(words) > lastWordsShown {
			last.Words = string(words[:lastWordsShown]) + "…"
		}
		shown.Last = &last
	}
	return shown, nil
}

// messageWork are the rows of the agents' day that messages make.
func (s *Server) messageWork(c echo.Context) ([]page.WorkRow, error) {
	waiting, err := s.negotiation.UnansweredMessages(c.Request().Context(), worklistMax)
	if err != nil {
		return nil, err
	}
	today := negotiation.DayOf(s.now(c))
	var work []page.WorkRow
	for _, m := range waiting {
		since := negotiation.DayOf(m.Since)
		row := page.WorkRow{
			URL: threadURL("agent", m.CaseID), Who: m.DebtorName + " · " + m.CreditorName, Due: negotiation.AddWorkingDays(since, answerDays),
			Step: "answer_message", Why: "message_" + string(m.Side), Values: []any{"day", since, "n", today.Sub(since), "creditor", m.CreditorName},
		}
		if today == since {
			row.Why += "_today"
		}
		work = append(work, row)
	}
	return work, nil
}

// messageTasks are the messages that nobody of a creditor's has read, as things
// to do at home.
func (s *Server) messageTasks(c echo.Context) ([]page.Task, error) {
	unread, err := s.negotiation.UnreadByCreditor(c.Request().Context(), who(c).Actor, worklistMax)
	if err != nil {
		return nil, err
	}
	var tasks []page.Task
	for _, m := range unread {
		tasks = append(tasks, page.Task{
			Code: "message", Values: []any{"name", m.DebtorName}, URL: threadURL("creditor", m.CaseID),
			Note: s.language(c).T("thread.since", "day", negotiation.DayOf(m.Since)) + " · " + negotiation.GroupedReference(m.Reference),
		})
	}
	return tasks, nil
}

// begin fills the form with a template, in the language that the debtor reads.
func (s *Server) begin(c echo.Context, form *page.Form, id string) error {
	templates, err := s.negotiation.Templates(c.Request().Context())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(templates, func(t negotiation.MessageTemplate) bool { return t.ID == id })
	if i < 0 {
		return nil // retired meanwhile: the form as it is
	}
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	l := s.languageOfDebtor(o.file)
	form.Values["template"] = id
	form.Values["message"], form.Values["language"] = templates[i].Fill(string(l), s.putIn(c, o, l))
	return nil
}

// putIn is what stands in place of each placeholder of a template.
func (s *Server) putIn(c echo.Context, o *opened, l locale.Language) map[string]string {
	debtor := greeting(o.file.Debtor)
	if debtor == "" {
		debtor = o.file.Debtor.Name
	}
	return map[string]string{
		"debtor": debtor, "creditor": o.file.Creditor.Name, "reference": negotiation.GroupedReference(o.file.Reference), "agent": who(c).user.Name,
		"agency": o.file.Agency.Name, "phone": l.Phone(o.file.Agency.Phone), "left": l.Amount(o.statement.Total),
	}
}
