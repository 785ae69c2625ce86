package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/access"
	"amiable/portal/page"
)

func peopleRoutes(s *Server) []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, "/creditor/people", Creditors, s.showPeople},
		{get, "/creditor/people/:user", Creditors, s.showPowers},
		{post, "/creditor/people/:user", Creditors, s.savePowers},
		{post, "/creditor/delegations", Creditors, s.createDelegation},
		{post, "/creditor/delegations/:delegation/end", Creditors, s.endDelegation},
		{get, "/agent/users/:user", Administrator, s.showPowers},
		{post, "/agent/users/:user", Administrator, s.savePowers},
	}
}

func (s *Server) showPeople(c echo.Context) error {
	return s.answerPeople(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerPeople(c echo.Context, status int, form page.Form) error {
	ctx, m := c.Request().Context(), who(c)
	colleagues, err := s.access.Colleagues(ctx, m.Actor, m.CreditorID)
	if err != nil {
		return err
	}
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	p := &page.People{StaffBase: s.staffBase(c, "people"), Until: today.Add(access.DelegationDaysMax), MayGovern: m.DecidesAll(), Form: form}
	names := map[string]string{}
	for i := range colleagues {
		names[colleagues[i].ID] = colleagues[i].Called()
	}
	for i := range colleagues {
		u := &colleagues[i]
		row := page.PersonRow{
			Name: u.Name, Email: u.Email, You: u.ID == m.ID, Decides: u.Effective.Decides, UpTo: money.Euros(u.Effective.UpTo), Deputy: u.Deputy, Invited: u.AcceptedAt == nil,
		}
		if p.MayGovern && !row.You {
			row.EditURL = "/creditor/people/" + u.ID
		}
		p.Rows = append(p.Rows, row)
		if m.user.Powers().Decides && !row.You && !row.Invited {
			p.Choices = append(p.Choices, page.Choice{Value: u.ID, Label: u.Called()})
		}
		for _, d := range u.Given {
			shown := page.DelegationRow{From: names[d.FromUserID], To: names[d.ToUserID], Until: d.UntilOn}
			if shown.To == "" {
				continue // their access ended, and what they were let do with it
			}
			if p.MayGovern || d.FromUserID == m.ID {
				shown.EndURL = "/creditor/delegations/" + d.ID + "/end"
			}
			p.Delegations = append(p.Delegations, shown)
		}
	}
	return s.showConsole(c, status, p)
}

func (s *Server) createDelegation(c echo.Context) error {
	form := typed(c, "colleague", "until")
	until := readDay(&form, "until")
	if form.Values["colleague"] == "" {
		form.Add("colleague", "choose")
	}
	if form.Bad() {
		return s.answerPeople(c, http.StatusUnprocessableEntity, form)
	}
	err := s.access.Delegate(c.Request().Context(), who(c).Actor, form.Values["colleague"], until)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		note(&form, s.language(c), r)
		return s.answerPeople(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/creditor/people?done=delegation_given")
}

func (s *Server) endDelegation(c echo.Context) error {
	if err := s.access.EndDelegation(c.Request().Context(), who(c).Actor, c.Param("delegation")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/creditor/people?done=delegation_ended")
}

// peopleURL is where the powers of users are listed.
func peopleURL(c echo.Context) string {
	if console(c) == "agent" {
		return "/agent/users"
	}
	return "/creditor/people"
}

func (s *Server) showPowers(c echo.Context) error {
	u, err := s.access.UserOfCreditor(c.Request().Context(), who(c).Actor, c.Param("user"))
	if err != nil {
		return err
	}
	form := page.Form{Values: map[string]string{"power": power(u.Powers())}}
	if u.DecidesUpTo > 0 {
		form.Values["up_to"] = s.language(c).Entry(money.Euros(u.DecidesUpTo))
	}
	return s.answerPowers(c, http.StatusOK, u, s.kept(c, form))
}

func (s *Server) answerPowers(c echo.Context, status int, u *access.User, form page.Form) error {
	if by := who(c); by.Role == negotiation.RoleCreditor && (!by.DecidesAll() || by.ID == u.ID) {
		return negotiation.Refuse(negotiation.Forbidden, "needs_full_decider")
	}
	p := &page.PowersForm{StaffBase: s.staffBase(c, "people"), Name: u.Called(), Works: s.org(c, u), Action: peopleURL(c) + "/" + u.ID, BackURL: peopleURL(c), Form: form}
	if console(c) == "agent" {
		p.Current = "users"
	}
	return s.showConsole(c, status, p)
}

// power names what somebody may answer, as the form has it.
func power(p access.Powers) string {
	switch {
	case p.UpTo > 0:
		return "up_to"
	case p.Decides:
		return "all"
	}
	return "none"
}

// readPowers reads what somebody may answer.
func readPowers(form *page.Form) access.Powers {
	var p access.Powers
	switch form.Values["power"] {
	case "all":
		p.Decides = true
	case "up_to":
		p.Decides, p.UpTo = true, readSum(form, "up_to").Minor
		if p.UpTo == 0 && !form.Bad() {
			form.Add("up_to", "amount")
		}
	case "none":
	default:
		form.Add("power", "choose")
	}
	return p
}

func (s *Server) savePowers(c echo.Context) error {
	ctx := c.Request().Context()
	u, err := s.access.UserOfCreditor(ctx, who(c).Actor, c.Param("user"))
	if err != nil {
		return err
	}
	form := typed(c, "power", "up_to")
	p := readPowers(&form)
	if form.Bad() {
		return s.answerPowers(c, http.StatusUnprocessableEntity, u, form)
	}
	err = s.access.SetPowers(ctx, who(c).Actor, u.ID, p)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerPowers(c, status(r), u, form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, peopleURL(c)+"?done=powers_set")
}
