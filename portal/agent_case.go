package portal

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/access"
	"amiable/portal/page"
)

func linkState(l *access.Link, now time.Time) string {
	switch {
	case l.RevokedAt != nil:
		return "revoked"
	case !l.Good(now):
		return "expired"
	case l.Locked():
		return "locked"
	}
	return "live"
}

// agentForm is what every form on a case shares.
func (s *Server) agentForm(c echo.Context, action string, form page.Form) (page.AgentForm, *opened, error) {
	o, err := s.openCase(c)
	if err != nil {
		return page.AgentForm{}, nil, err
	}
	at := "/agent/cases/" + o.file.ID
	return page.AgentForm{
		StaffBase: s.staffBase(c, "cases"), Row: openRow("agent", o.file, o.gate, o.statement.Total), Action: at + action, BackURL: at, Today: o.gate.On, Form: form,
	}, o, nil
}

// backToCase leads to the case, which says once what was done.
func backToCase(c echo.Context, done string) error {
	return c.Redirect(http.StatusSeeOther, "/agent/cases/"+c.Param("case")+"?done="+done)
}

func (s *Server) showFirstLetter(c echo.Context) error {
	return s.answerFirstLetter(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerFirstLetter(c echo.Context, status int, form page.Form) error {
	f, _, err := s.agentForm(c, "/first-letter", form)
	if err != nil {
		return err
	}
	return s.showConsole(c, status, &page.FirstLetterForm{AgentForm: f})
}

// createFirstLetter records a first letter that was sent by other means.
func (s *Server) createFirstLetter(c echo.Context) error {
	form := typed(c, "reference", "sent_on", "channel", "file_reference")
	letter := negotiation.FirstLetter{
		Reference: form.Values["reference"], SentOn: readDay(&form, "sent_on"), Channel: form.Values["channel"], Proof: form.Values["file_reference"],
	}
	proof, err := s.upload(c, &form, "file", proofBytesMax, "application/pdf")
	if err != nil {
		return err
	}
	if proof != "" {
		letter.Proof = proof
	}
	if form.Bad() {
		return s.answerFirstLetter(c, http.StatusUnprocessableEntity, form)
	}
	err = s.negotiation.RecordFirstLetter(c.Request().Context(), who(c).Actor, c.Param("case"), letter)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		if r.Field == "proof" {
			r.Field = "file_reference"
		}
		note(&form, s.language(c), r)
		return s.answerFirstLetter(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return backToCase(c, "first_letter")
}

func (s *Server) showSendLink(c echo.Context) error {
	return s.answerSendLink(c, http.StatusOK, s.kept(c, page.Form{}))
}

// answerSendLink shows the form, or what keeps any letter from leaving; blocked
// are the reasons of the channel, of which the gate of the case knows nothing.
func (s *Server) answerSendLink(c echo.Context, status int, form page.Form, blocked ...string) error {
	f, o, err := s.agentForm(c, "/links", form)
	if err != nil {
		return err
	}
	p := &page.SendLink{AgentForm: f}
	for _, r := range o.gate.Blocking(negotiation.Letters) {
		p.BlockedBy = append(p.BlockedBy, string(r))
	}
	if len(p.BlockedBy) == 0 {
		p.BlockedBy = blocked
	}
	for i := range o.file.Parties {
		if !o.file.Parties[i].Stands(o.gate.On) {
			continue
		}
		if contact, ok := o.file.Parties[i].Contact(negotiation.ContactEmail); ok {
			p.Contacts = append(p.Contacts, page.Choice{Value: o.file.Parties[i].ID, Label: contact.Value})
		}
	}
	return s.showConsole(c, status, p)
}

// createLink writes a letter with a new way in. Whether it leaves, and when, is
// for the gates and the rules of contact to say; what the party asked for is an
// answer.
func (s *Server) createLink(c echo.Context) error {
	form := typed(c, "contact", "asked")
	by := who(c).Actor
	if form.Is("asked", "yes") {
		by.OnBehalfOf = form.Values["contact"]
	}
	letter, err := s.negotiation.SendLink(c.Request().Context(), by, c.Param("case"), form.Values["contact"])
	if r := negotiation.AsRefusal(err); r != nil {
		if r.Kind == negotiation.NotFound {
			form.Add("contact", "choose")
			return s.answerSendLink(c, http.StatusUnprocessableEntity, form)
		}
		r.Field = "contact"
		note(&form, s.language(c), r)
		return s.answerSendLink(c, status(r), form)
	}
	if err != nil {
		return err
	}
	if letter.BlockedBy != "" {
		return s.answerSendLink(c, http.StatusConflict, form, strings.Fields(letter.BlockedBy)...)
	}
	if letter.DelayedBy != "" {
		return backToCase(c, "link_delayed")
	}
	s.nudge()
	return backToCase(c, "done")
}

func (s *Server) unlockLink(c echo.Context) error {
	if err := s.access.LiftLock(c.Request().Context(), who(c).Actor, c.Param("case"), c.Param("link")); err != nil {
		return err
	}
	return backToCase(c, "lock_lifted")
}

func (s *Server) revokeLinks(c echo.Context) error {
	if err := s.access.RevokeLinks(c.Request().Context(), who(c).Actor, c.Param("case"), ""); err != nil {
		return err
	}
	return backToCase(c, "saved")
}

func (s *Server) showPlaceHold(c echo.Context) error {
	return s.answerPlaceHold(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerPlaceHold(c echo.Context, status int, form page.Form) error {
	f, _, err := s.agentForm(c, "/holds", form)
	if err != nil {
		return err
	}
	p := &page.PlaceHold{AgentForm: f}
	for _, reason := range negotiation.HoldReasons {
		if reason.IsSituation() { // with its proof, on a page of its own
			continue
		}
		choice := page.HoldChoice{Reason: string(reason)}
		for _, e := range negotiation.Effects {
			if reason.Blocks(e) {
				choice.Effects = append(choice.Effects, string(e))
			}
		}
		p.Reasons = append(p.Reasons, choice)
	}
	return s.showConsole(c, status, p)
}

func (s *Server) createHold(c echo.Context) error {
	form := typed(c, "reason", "scope", "amount", "until", "note")
	h := negotiation.Hold{Reason: negotiation.Reason(form.Values["reason"]), Note: form.Values["note"], UntilOn: readDay(&form, "until")}
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	switch form.Values["scope"] {
	case "person":
		if party := o.file.MainParty(); party != nil {
			h.PersonID = &party.PersonID
		}
	case "claim", "amount":
		if len(o.file.Claims) > 0 {
			h.ClaimID = &o.file.Claims[0].ID
		}
		if form.Is("scope", "amount") {
			if sum := readSum(&form, "amount"); !form.Bad() {
				h.Amount = &sum.Minor
			}
		}
	}
	if form.Bad() {
		return s.answerPlaceHold(c, http.StatusUnprocessableEntity, form)
	}
	_, err = s.negotiation.PlaceHold(c.Request().Context(), who(c).Actor, c.Param("case"), h)
	if r := negotiation.AsRefusal(err); r != nil {
		note(&form, s.language(c), r)
		return s.answerPlaceHold(c, status(r), form)
	}
	if err != nil {
		return err
	}
	if err := s.followHold(c, h.Reason); err != nil {
		return err
	}
	return backToCase(c, "hold_placed")
}

func (s *Server) liftHold(c echo.Context) error {
	if err := s.negotiation.LiftHold(c.Request().Context(), who(c).Actor, c.Param("case"), c.Param("hold")); err != nil {
		return err
	}
	return backToCase(c, "hold_lifted")
}

func (s *Server) showContacts(c echo.Context) error {
	return s.answerContacts(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerContacts(c echo.Context, status int, form page.Form) error {
	f, o, err := s.agentForm(c, "/parties/"+c.Param("party")+"/contacts", form)
	if err != nil {
		return err
	}
	party := o.file.Party(c.Param("party"))
	if party == nil {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return s.showConsole(c, status, &page.EditContacts{AgentForm: f, Party: partyRow(o.file, party)})
}

func (s *Server) createContact(c echo.Context) error {
	form := typed(c, "kind", "value", "remove")
	kind := negotiation.ContactKind(form.Values["kind"])
	if form.Is("kind", "mail") {
		kind = negotiation.ContactEmail
	}
	err := s.negotiation.ChangeContact(c.Request().Context(), who(c).Actor, c.Param("case"), c.Param("party"), kind, form.Values["value"], form.Values["remove"])
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerContacts(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return backToCase(c, "contact_changed")
}

func (s *Server) showActForDebtor(c echo.Context) error {
	return s.answerActForDebtor(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerActForDebtor(c echo.Context, status int, form page.Form) error {
	f, o, err := s.agentForm(c, "/acts", form)
	if err != nil {
		return err
	}
	p := &page.ActForDebtor{AgentForm: f}
	for i := range o.file.Parties {
		if party := &o.file.Parties[i]; party.Role != negotiation.PartyAdviser { // who acts for somebody is not acted for
			p.Parties = append(p.Parties, page.Choice{Value: party.ID, Label: party.Person.Name})
		}
	}
	return s.showConsole(c, status, p)
}

// actedFor says whether an agent can act for a party: not for an adviser, who
// acts for somebody.
func actedFor(file *negotiation.Case, partyID string) bool {
	p := file.Party(partyID)
	return p != nil && p.Role != negotiation.PartyAdviser
}

// createAct records what a debtor said on the phone, in the agent's name and
// on the debtor's behalf, with how consent was given.
func (s *Server) createAct(c echo.Context) error {
	ctx := c.Request().Context()
	form := typed(c, "act", "party", "consent", "message")
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	switch {
	case !actedFor(o.file, form.Values["party"]):
		form.Add("party", "choose")
	case strings.TrimSpace(form.Values["consent"]) == "":
		form.Add("consent", "required")
	}
	if form.Bad() {
		return s.answerActForDebtor(c, http.StatusUnprocessableEntity, form)
	}
	by := who(c).Actor
	by.OnBehalfOf = form.Values["party"]
	words := strings.TrimSpace(form.Values["message"])
	told := strings.TrimSpace(words + "\n(" + strings.TrimSpace(form.Values["consent"]) + ")")
	switch form.Values["act"] {
	case "wish":
		_, err = s.negotiation.PostMessage(ctx, by, o.file.ID, negotiation.Write{Audience: negotiation.ToTheAgencyOnly, Words: told, Language: string(s.language(c))})
	case "hardship":
		_, err = s.negotiation.PlaceHold(ctx, by, o.file.ID, negotiation.Hold{Reason: negotiation.HoldVulnerable, Note: told})
	case "not_me":
		if _, err = s.negotiation.PlaceHold(ctx, by, o.file.ID, negotiation.Hold{Reason: negotiation.HoldNotMe, Note: told}); err == nil {
			err = s.access.RevokeLinks(ctx, by, o.file.ID, "")
		}
	default:
		form.Add("act", "choose")
		return s.answerActForDebtor(c, http.StatusUnprocessableEntity, form)
	}
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerActForDebtor(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return backToCase(c, "saved")
}
