package portal

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/access"
	"amiable/portal/page"
)

// assignee finds whom something is given to among those who work on cases; the
// empty text is nobody.
func (s *Server) assignee(c echo.Context, id string) (negotiation.Assignee, error) {
	if id == "" {
		return negotiation.Assignee{}, nil
	}
	team, err := s.access.Team(c.Request().Context(), who(c).Actor)
	if err != nil {
		return negotiation.Assignee{}, err
	}
	if name := agentName(team, id); name != "" {
		return negotiation.Assignee{ID: id, Name: name}, nil
	}
	return negotiation.Assignee{}, negotiation.Refuse(negotiation.Invalid, "agent_unknown").On("to")
}

// createAssignment gives the case of the page to somebody.
func (s *Server) createAssignment(c echo.Context) error {
	to, err := s.assignee(c, c.FormValue("to"))
	if err == nil {
		err = s.negotiation.Assign(c.Request().Context(), who(c).Actor, c.Param("case"), to)
	}
	if err != nil {
		return err
	}
	return backToCase(c, "assigned")
}

// createAssignments gives the cases that were picked on the worklist.
func (s *Server) createAssignments(c echo.Context) error {
	to, err := s.assignee(c, c.FormValue("to"))
	if err != nil {
		return err
	}
	asked, err := url.ParseQuery(c.FormValue("view"))
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest)
	}
	cases := c.Request().PostForm["case"]
	cases = cases[:min(len(cases), 2*workPage)]
	given, err := s.negotiation.AssignMany(c.Request().Context(), who(c).Actor, cases, to)
	if err != nil {
		return err
	}
	view := viewQuery(asked)
	view.Set("done", "assigned")
	if given == 0 {
		view.Set("done", "none_assigned")
	}
	return c.Redirect(http.StatusSeeOther, agentURL(view))
}

func (s *Server) showTeam(c echo.Context) error {
	return s.answerTeam(c, http.StatusOK, page.Form{})
}

func (s *Server) answerTeam(c echo.Context, status int, form page.Form) error {
	ctx, by := c.Request().Context(), who(c).Actor
	users, err := s.access.Team(ctx, by)
	if err != nil {
		return err
	}
	standing, err := s.negotiation.Team(ctx, by)
	if err != nil {
		return err
	}
	of := map[string]negotiation.TeamRow{}
	for _, r := range standing {
		of[r.AgentID] = r
	}
	row := func(id, name string) page.TeamRow {
		r := of[id]
		return page.TeamRow{Name: name, URL: "/agent?who=" + cmp.Or(id, workNobody), Cases: r.Cases, Waiting: r.Waiting, Late: r.Late, Oldest: r.Oldest, Kept: r.Kept, Decided: r.Decided}
	}
	p := &page.Team{StaffBase: s.staffBase(c, "team"), Form: form}
	for i := range users {
		u := row(users[i].ID, users[i].Called())
		a := users[i].Actor()
		u.Leads = a.Leads()
		p.Rows = append(p.Rows, u)
		p.Agents = append(p.Agents, page.Choice{Value: users[i].ID, Label: users[i].Called()})
		delete(of, users[i].ID)
	}
	// Who left may still have cases: they are shown, to be handed over.
	for _, id := range slices.Sorted(keysOf(of)) {
		if id == "" {
			continue
		}
		if u, err := s.access.User(ctx, id); err == nil {
			p.Rows = append(p.Rows, row(id, u.Called()))
			p.Agents = append(p.Agents, page.Choice{Value: id, Label: u.Called()})
		}
	}
	nobody := row("", "")
	p.Nobody = &nobody
	p.Agents = append(p.Agents, page.Choice{Value: workNobody, Label: p.Lang.T("worklist.nobody")})
	return s.showConsole(c, status, p)
}

func keysOf[V any](m map[string]V) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// createHandOver gives what one agent follows to another.
func (s *Server) createHandOver(c echo.Context) error {
	form := typed(c, "from", "to", "most")
	from, to := form.Values["from"], form.Values["to"]
	most := 0
	if text := form.Values["most"]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			form.Add("most", "number")
		}
		most = n
	}
	if from == "" {
		form.Add("from", "choose")
	}
	if to == "" || to == from {
		form.Add("to", "choose")
	}
	if form.Bad() {
		return s.answerTeam(c, http.StatusUnprocessableEntity, form)
	}
	if from == workNobody {
		from = ""
	} else if !negotiation.ValidID(from) {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	if to == workNobody {
		to = ""
	}
	assignee, err := s.assignee(c, to)
	if r := negotiation.AsRefusal(err); r != nil {
		note(&form, s.language(c), r)
		return s.answerTeam(c, status(r), form)
	} else if err != nil {
		return err
	}
	if _, err := s.negotiation.HandOver(c.Request().Context(), who(c).Actor, from, assignee, most); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent/team?done=assigned")
}

// rightsUser is the agent whose rights an administrator looks at.
func (s *Server) rightsUser(c echo.Context) (*access.User, error) {
	u, err := s.access.User(c.Request().Context(), c.Param("user"))
	if err != nil {
		return nil, err
	}
	if u.Role == negotiation.RoleCreditor || u.ID == who(c).ID {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return u, nil
}

// alone names what somebody gives up alone, as the form has it.
func alone(r access.AgentRights) string {
	switch {
	case r.GivesUpTo > 0:
		return "up_to"
	case r.GivesUpTo == 0:
		return "all"
	}
	return "none"
}

func (s *Server) showAgentRights(c echo.Context) error {
	u, err := s.rightsUser(c)
	if err != nil {
		return err
	}
	form := page.Form{Values: map[string]string{"alone": alone(u.Rights())}}
	if u.GivesUpTo > 0 {
		form.Values["up_to"] = s.language(c).Entry(money.Euros(u.GivesUpTo))
	}
	if u.Supervises {
		form.Values["supervises"] = "yes"
	}
	return s.answerAgentRights(c, http.StatusOK, u, s.kept(c, form))
}

func (s *Server) answerAgentRights(c echo.Context, status int, u *access.User, form page.Form) error {
	return s.showConsole(c, status, &page.AgentRightsForm{
		StaffBase: s.staffBase(c, "users"), Name: u.Called(), Action: "/agent/users/" + u.ID + "/rights", BackURL: "/agent/users", Form: form,
	})
}

func (s *Server) saveAgentRights(c echo.Context) error {
	u, err := s.rightsUser(c)
	if err != nil {
		return err
	}
	form := typed(c, "alone", "up_to", "supervises")
	rights := access.AgentRights{Supervises: form.Is("supervises", "yes")}
	switch form.Values["alone"] {
	case "all":
	case "none":
		rights.GivesUpTo = negotiation.NothingAlone
	case "up_to":
		if rights.GivesUpTo = readSum(&form, "up_to").Minor; rights.GivesUpTo <= 0 && !form.Bad() {
			form.Add("up_to", "amount")
		}
	default:
		form.Add("alone", "choose")
	}
	if form.Bad() {
		return s.answerAgentRights(c, http.StatusUnprocessableEntity, u, form)
	}
	err = s.access.SetAgentRights(c.Request().Context(), who(c).Actor, u.ID, rights)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerAgentRights(c, status(r), u, form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent/users?done=saved")
}
