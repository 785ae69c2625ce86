package portal

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/page"
)

// showContact tells a debtor how often somebody wrote, and takes down how they
// want to be contacted.
func (s *Server) showContact(c echo.Context) error {
	return s.answerContact(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerContact(c echo.Context, status int, form page.Form) error {
	file, gate, err := s.myCase(c)
	if err != nil {
		return err
	}
	party := file.Party(who(c).ID)
	if party == nil {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	p := &page.ContactPage{Base: s.inCase(c, file), Creditor: file.Creditor.Name, Agent: s.agent(c), Form: choicesForm(form, party)}
	if p.CurrentPath == "" {
		p.CurrentPath = "/case/contact"
	}
	if p.Budget, err = s.contactBudget(c, file, party); err != nil {
		return err
	}
	if status == http.StatusOK && c.QueryParam("saved") != "" {
		p.Saved = true
		if c.QueryParam("written") != "" {
			p.AnswerBy = negotiation.AddWorkingDays(gate.On, answerDays)
		}
	}
	return s.show(c, status, p)
}

// createContactChoices keeps what a debtor chose.
func (s *Server) createContactChoices(c echo.Context) error {
	form := typed(c, "channel", "hours", "no_email", "no_sms", "message")
	err := s.negotiation.ChooseContact(c.Request().Context(), who(c).Actor, who(c).CaseID, readChoices(form), form.Values["message"], "")
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerContact(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	onward := "/case/contact?saved=1"
	if form.Values["message"] != "" {
		s.nudge()
		onward += "&written=1"
	}
	return c.Redirect(http.StatusSeeOther, onward)
}

func (s *Server) showChoices(c echo.Context) error {
	return s.answerChoices(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerChoices(c echo.Context, status int, form page.Form) error {
	f, o, err := s.agentForm(c, "/parties/"+c.Param("party")+"/choices", form)
	if err != nil {
		return err
	}
	party := o.file.Party(c.Param("party"))
	if party == nil {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	f.Form = choicesForm(form, party)
	p := &page.EditChoices{AgentForm: f, Party: partyRow(o.file, party)}
	if p.Budget, err = s.contactBudget(c, o.file, party); err != nil {
		return err
	}
	return s.showConsole(c, status, p)
}

// createChoices keeps what a party told an agent, in the party's name.
func (s *Server) createChoices(c echo.Context) error {
	form := typed(c, "channel", "hours", "no_email", "no_sms", "message", "consent")
	by := who(c).Actor
	by.OnBehalfOf = c.Param("party")
	err := s.negotiation.ChooseContact(c.Request().Context(), by, c.Param("case"), readChoices(form), form.Values["message"], form.Values["consent"])
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerChoices(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return backToCase(c, "saved")
}

// readChoices reads what was ticked. What the page says by a word of its own is
// "none" to the domain.
func readChoices(form page.Form) negotiation.ContactChoices {
	choices := negotiation.ContactChoices{NoEmail: form.Is("no_email", "yes"), NoSMS: form.Is("no_sms", "yes")}
	if !form.Is("channel", page.AnyChannel) {
		choices.PrefersChannel = negotiation.ContactKind(form.Values["channel"])
	}
	if !form.Is("hours", page.AnyHour) {
		choices.PrefersHours = negotiation.PreferredHours(form.Values["hours"])
	}
	return choices
}

// choicesForm fills a form that nobody has typed into with what stands.
func choicesForm(form page.Form, party *negotiation.Party) page.Form {
	if form.Values != nil {
		return form
	}
	stands := party.Person.ContactChoices
	form.Values = map[string]string{"channel": page.AnyChannel, "hours": page.AnyHour}
	if stands.PrefersChannel != "" {
		form.Values["channel"] = string(stands.PrefersChannel)
	}
	if stands.PrefersHours != "" {
		form.Values["hours"] = string(stands.PrefersHours)
	}
	for field, ticked := range map[string]bool{"no_email": stands.NoEmail, "no_sms": stands.NoSMS} {
		if ticked {
			form.Values[field] = "yes"
		}
	}
	return form
}

// contactBudget is what was sent to a party of our own accord, for the creditor
// of the case alone, and what the rules allow.
func (s *Server) contactBudget(c echo.Context, file *negotiation.Case, party *negotiation.Party) (page.ContactBudget, error) {
	now := s.now(c)
	rules := s.negotiation.ContactRules(negotiation.DayOf(now))
	from, to := rules.Daily()
	b := page.ContactBudget{
		Most: rules.Most, Days: int(rules.Within / (24 * time.Hour)), Between: int(rules.Between / time.Hour), From: from, To: to,
	}
	made, err := s.negotiation.ContactsMade(c.Request().Context(), party.PersonID, file.CreditorID, now.Add(-rules.Within))
	for _, m := range made {
		line := page.ContactLine{At: m.At, Kind: string(m.Kind), Channel: string(m.Channel)}
		if m.Channel == negotiation.ContactEmail {
			line.Channel = "mail"
		}
		b.Made = append(b.Made, line)
	}
	return b, err
}

// wants is what a party chose, for a page.
func wants(party *negotiation.Party) page.Wants {
	stands := party.Person.ContactChoices
	return page.Wants{Channel: string(stands.PrefersChannel), Hours: string(stands.PrefersHours), NoEmail: stands.NoEmail, NoSMS: stands.NoSMS}
}
