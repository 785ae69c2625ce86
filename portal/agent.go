package portal

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/access"
	"amiable/portal/page"
)

// worklistMax bounds what one look at the day's work reads.
const worklistMax = 100

func (s *Server) agentRoutes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	return append(slices.Concat(s.letterRoutes(), s.bankRoutes(), s.backRoutes(), s.worklistRoutes()), []Route{
		{get, "/agent/cases", Agents, s.showCases},
		{get, "/agent/cases/:case", Agents, s.showAgentCase},
		{get, "/agent/cases/:case/documents/:document", Agents, s.showStaffDocument},
		{get, "/agent/cases/:case/first-letter", Agents, s.showFirstLetter},
		{post, "/agent/cases/:case/first-letter", Agents, s.createFirstLetter},
		{get, "/agent/cases/:case/links/new", Agents, s.showSendLink},
		{post, "/agent/cases/:case/links", Agents, s.createLink},
		{post, "/agent/cases/:case/links/:link/unlocking", Agents, s.unlockLink},
		{post, "/agent/cases/:case/links/revocation", Agents, s.revokeLinks},
		{post, "/agent/cases/:case/pay-links/:link/end", Agents, s.endAgentPayLink},
		{get, "/agent/cases/:case/advisers/new", Agents, s.showAgentAdviser},
		{post, "/agent/cases/:case/advisers", Agents, s.createAgentAdviser},
		{post, "/agent/cases/:case/advisers/:party/end", Agents, s.endAgentAdviser},
		{get, "/agent/cases/:case/holds/new", Agents, s.showPlaceHold},
		{post, "/agent/cases/:case/holds", Agents, s.createHold},
		{post, "/agent/cases/:case/holds/:hold/lifting", Agents, s.liftHold},
		{get, "/agent/cases/:case/parties/:party/contacts", Agents, s.showContacts},
		{post, "/agent/cases/:case/parties/:party/contacts", Agents, s.createContact},
		{get, "/agent/cases/:case/parties/:party/choices", Agents, s.showChoices},
		{post, "/agent/cases/:case/parties/:party/choices", Agents, s.createChoices},
		{get, "/agent/cases/:case/plans/:plan/ending", Agents, s.showEndPlan},
		{post, "/agent/cases/:case/plans/:plan/ending", Agents, s.endPlan},
		{get, "/agent/cases/:case/acts/new", Agents, s.showActForDebtor},
		{post, "/agent/cases/:case/acts", Agents, s.createAct},
		{post, "/agent/cases/:case/wishes/:wish/answer", Agents, s.answerWishDone},
		{get, "/agent/cases/:case/payments/new", Agents, s.showRecordPayment},
		{post, "/agent/cases/:case/payments", Agents, s.createRecordedPayment},
		{get, "/agent/payments", Agents, s.showPayments},
		{get, "/agent/payments/:payment/reversal", Agents, s.showReversal},
		{post, "/agent/payments/:payment/reversal", Agents, s.createReversal},
		{get, "/agent/cases/:case/offers/new", Agents, s.showNewOffer},
		{post, "/agent/cases/:case/offers", Agents, s.createStaffOffer},
		{get, "/agent/wishes", Agents, s.showWishes},
		{get, "/agent/claims/new", Agents, s.showClaimEntry},
		{post, "/agent/claims", Agents, s.createClaim},
		{get, "/agent/creditors", Agents, s.showCreditors},
		{get, "/agent/creditors/new", Agents, s.showNewCreditor},
		{post, "/agent/creditors", Agents, s.createCreditor},
		{get, "/agent/creditors/:creditor", Agents, s.showCreditor},
		{post, "/agent/creditors/:creditor", Agents, s.changeCreditor},
		{get, "/agent/creditors/:creditor/mandates/new", Agents, s.showNewMandate},
		{post, "/agent/creditors/:creditor/mandates", Agents, s.createMandate},
		{get, "/agent/users", Administrator, s.showUsers},
		{post, "/agent/users", Administrator, s.createInvitation},
		{post, "/agent/users/:user/end", Administrator, s.disableUser},
		{get, "/agent/rates", Administrator, s.showRates},
		{post, "/agent/rates", Administrator, s.createRates},
		{get, "/agent/agency", Administrator, s.showAgency},
		{post, "/agent/agency", Administrator, s.saveAgency},
	}...)
}

func (s *Server) showAgentCase(c echo.Context) error {
	ctx := c.Request().Context()
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	b := s.staffBase(c, "cases")
	p := &page.AgentCase{
		StaffBase: b, Row: openRow("agent", o.file, o.gate, o.statement.Total), Creditor: o.file.Creditor.Name, Claims: claimRows("agent", o.file, o.statement),
		Statement: staffStatement(b.Lang, o.file, o.statement), Holds: holdRows(o), Gates: gateRows(o.gate), Chain: o.file.ChainHead(), Actions: agentActions(o),
	}
	p.Parties = partyRows(o.file, o.gate.On)
	if p.Payments, err = s.paymentRows(c, "agent", o.file); err != nil {
		return err
	}
	if p.Links, err = s.linkRows(c, o.file); err != nil {
		return err
	}
	payLinks, err := s.payLinkRows(c, o.file)
	if err != nil {
		return err
	}
	p.Links = append(p.Links, payLinks...)
	letters, err := s.negotiation.LettersOf(ctx, o.file.ID)
	if err != nil {
		return err
	}
	p.Letters = letterRows(forAgent, letters)
	events, err := s.negotiation.Events(ctx, o.file.ID)
	if err != nil {
		return err
	}
	p.Timeline = timeline(b.Lang, forAgent, o.file, events, 0)
	wishes, err := s.negotiation.WishesOf(ctx, o.file.ID)
	if err != nil {
		return err
	}
	p.Wishes = wishRows(wishes, o.file)
	if p.Offers, err = s.caseOffers("agent", b.Lang, o); err != nil {
		return err
	}
	if p.Disputes, err = s.caseDisputes(c, o); err != nil {
		return err
	}
	if p.Thread, err = s.caseThread(c, o); err != nil {
		return err
	}
	if p.Situations, err = s.situationRows(c, o); err != nil {
		return err
	}
	if p.Calls, p.Promises, err = s.callRows(c, o.file); err != nil {
		return err
	}
	if p.Approvals, err = s.approvalRows(c, o.file); err != nil {
		return err
	}
	if err := s.following(c, p, o); err != nil {
		return err
	}
	if o.file.FirstLetterOn.IsZero() && p.Actions.FirstLetter != "" {
		p.Next = &page.WorkRow{URL: p.Actions.FirstLetter, Step: "record_first_letter", Why: "no_first_letter"}
	}
	return s.showConsole(c, http.StatusOK, p)
}

// following says who follows a case, and what waits in it.
func (s *Server) following(c echo.Context, p *page.AgentCase, o *opened) error {
	ctx, by := c.Request().Context(), who(c).Actor
	team, err := s.access.Team(ctx, by)
	if err != nil {
		return err
	}
	p.Follow = page.Follow{Agent: agentName(team, o.file.AgentID), Yours: o.file.AgentID == by.ID}
	if by.Leads() || o.file.AgentID == "" || p.Follow.Yours {
		p.Follow.URL, p.Follow.Agents = "/agent/cases/"+o.file.ID+"/assignment", append(agentChoices(team, by), page.Choice{Label: p.Lang.T("worklist.nobody")})
		if !p.Follow.Yours {
			p.Follow.You = by.ID
		}
	}
	waits, err := s.negotiation.Worklist(ctx, by, negotiation.WorkFilter{CaseID: o.file.ID}, nil, workPage)
	if err != nil {
		return err
	}
	for i := range waits {
		p.Waits = append(p.Waits, workRow(p.Lang, &waits[i], o.gate.On))
	}
	if by.GivesUpTo != 0 && !o.file.IsClosed() {
		p.Actions.AskApproval = "/agent/cases/" + o.file.ID + "/approvals/new"
	}
	return nil
}

func agentActions(o *opened) page.AgentActions {
	at := "/agent/cases/" + o.file.ID
	a := page.AgentActions{PlaceHold: at + "/holds/new", RecordPayment: at + "/payments/new", ActForDebtor: at + "/acts/new", File: at + "/file", Situation: at + "/situations/new"}
	switch {
	case !o.file.FirstLetterOn.IsZero():
		a.SendLink = at + "/links/new"
	case o.file.State == negotiation.CasePlaced: // what is only watched is not asked for
		a.FirstLetter = at + "/first-letter"
	}
	if o.file.State == negotiation.CaseOpen || o.file.State == negotiation.CaseInPlan {
		a.NameAdviser = at + "/advisers/new"
	}
	if !o.file.FirstLetterOn.IsZero() {
		a.LogCall = at + "/calls/new"
	}
	if plan := o.file.ActivePlan(); plan != nil {
		a.EndPlan = at + "/plans/" + plan.ID + "/ending"
	}
	if o.file.IsClosed() {
		a.RecordPayment, a.SendLink = "", ""
	} else {
		a.Credit, a.Withdraw = at+"/credits/new", at+"/withdrawal"
	}
	return a
}

func holdRows(o *opened) []page.HoldRow {
	var rows []page.HoldRow
	for i := range o.file.Holds {
		h := &o.file.Holds[i]
		if h.LiftedAt != nil || h.Reason.IsSituation() { // those have a page of their own
			continue
		}
		row := page.HoldRow{
			Reason: string(h.Reason), Scope: "case", From: h.FromOn, Until: h.UntilOn, By: h.ByName, Note: h.Note,
			LiftURL: "/agent/cases/" + o.file.ID + "/holds/" + h.ID + "/lifting",
		}
		switch {
		case h.Amount != nil:
			row.Scope, row.Amount = "amount", money.New(*h.Amount, o.file.Currency)
		case h.ClaimID != nil:
			row.Scope = "claim"
		case h.PersonID != nil:
			row.Scope = "person"
		}
		for _, e := range negotiation.Effects {
			if h.Reason.Blocks(e) {
				row.Effects = append(row.Effects, string(e))
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func gateRows(g negotiation.Gate) []page.GateRow {
	var rows []page.GateRow
	for _, e := range negotiation.Effects {
		row := page.GateRow{Effect: string(e)}
		for _, r := range g.Blocking(e) {
			row.By = append(row.By, string(r))
		}
		rows = append(rows, row)
	}
	return rows
}

func partyRows(file *negotiation.Case, on negotiation.Day) []page.PartyRow {
	acting := map[string]page.AdviserRow{}
	for i, p := range file.Advisers(on) {
		acting[p.ID] = adviserRows(file, on, func(id string) string { return "/agent/cases/" + file.ID + "/advisers/" + id + "/end" })[i]
	}
	var rows []page.PartyRow
	for i := range file.Parties {
		p := &file.Parties[i]
		row := partyRow(file, p)
		if adviser, acts := acting[p.ID]; acts {
			row.Adviser = &adviser
		}
		row.Over = !p.Stands(on)
		rows = append(rows, row)
	}
	return rows
}

func partyRow(file *negotiation.Case, p *negotiation.Party) page.PartyRow {
	row := page.PartyRow{ID: p.ID, Name: p.Person.Name, Role: string(p.Role), EditURL: "/agent/cases/" + file.ID + "/parties/" + p.ID + "/contacts"}
	row.Wants, row.WantsURL = wants(p), "/agent/cases/"+file.ID+"/parties/"+p.ID+"/choices"
	for _, contact := range p.Contacts {
		if contact.RemovedAt != nil {
			continue
		}
		kind := string(contact.Kind)
		if contact.Kind == negotiation.ContactEmail {
			kind = "mail"
		}
		source, _, _ := strings.Cut(contact.Source, ":")
		if source == "placement" {
			source = "creditor"
		}
		row.Contacts = append(row.Contacts, page.ContactRow{
			ID: contact.ID, Kind: kind, Value: contact.Value, Source: source, Verified: contact.VerifiedAt != nil, Bounced: contact.BouncedAt != nil,
			Preferred: contact.Preferred, On: negotiation.DayOf(contact.CreatedAt),
		})
	}
	return row
}

func (s *Server) linkRows(c echo.Context, file *negotiation.Case) ([]page.LinkRow, error) {
	links, err := s.access.LinksOfCase(c.Request().Context(), who(c).Actor, file.ID)
	if err != nil {
		return nil, err
	}
	now := s.now(c)
	var rows []page.LinkRow
	for i := range links {
		l := &links[i]
		row := page.LinkRow{SentOn: negotiation.DayOf(l.CreatedAt), State: linkState(l, now), Until: negotiation.DayOf(l.ExpiresAt), Tries: int(l.Tries)}
		if party := file.Party(l.PartyID); party != nil {
			row.To = party.Person.Name
		}
		if row.State == "locked" {
			row.LiftURL = "/agent/cases/" + file.ID + "/links/" + l.ID + "/unlocking"
		}
		if row.State == "live" || row.State == "locked" {
			row.RevokeURL = "/agent/cases/" + file.ID + "/links/revocation"
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (s *Server) showWishes(c echo.Context) error {
	ctx := c.Request().Context()
	open, err := s.negotiation.OpenWishes(ctx, worklistMax)
	if err != nil {
		return err
	}
	p := &page.Wishes{StaffBase: s.staffBase(c, "wishes")}
	for i := range open {
		file, err := s.negotiation.Case(ctx, who(c).Actor, open[i].CaseID)
		if err != nil {
			return err
		}
		p.Rows = append(p.Rows, wishRows(open[i:i+1], file)...)
	}
	return s.showConsole(c, http.StatusOK, p)
}

func wishRows(wishes []negotiation.Wish, file *negotiation.Case) []page.WishRow {
	var rows []page.WishRow
	for _, w := range wishes {
		row := page.WishRow{
			At: w.CreatedAt, Kind: string(w.Kind), Who: file.Debtor.Name, Case: negotiation.GroupedReference(file.Reference), CaseURL: "/agent/cases/" + file.ID,
			Message: w.Words, Callback: w.CallbackTo, When: w.CallbackWhen, AnswerBy: negotiation.AddWorkingDays(negotiation.DayOf(w.CreatedAt), answerDays),
			Done: w.HandledAt != nil,
		}
		if w.AdviserID != nil {
			if adviser := file.Party(*w.AdviserID); adviser != nil {
				row.Adviser = adviser.Person.Name
			}
		}
		if !row.Done {
			row.DoneURL = "/agent/cases/" + file.ID + "/wishes/" + w.ID + "/answer"
		}
		rows = append(rows, row)
	}
	return rows
}

func (s *Server) answerWishDone(c echo.Context) error {
	err := s.negotiation.HandleWish(c.Request().Context(), who(c).Actor, c.Param("case"), c.Param("wish"))
	if r := negotiation.AsRefusal(err); err != nil && (r == nil || r.Code != "wish_handled_already") {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent/wishes?done=done")
}

func (s *Server) showUsers(c echo.Context) error {
	return s.answerUsers(c, http.StatusOK, s.newInvitation(c), c.QueryParam("sent"))
}

func (s *Server) answerUsers(c echo.Context, status int, form page.Form, sent string) error {
	ctx := c.Request().Context()
	users, err := s.access.Users(ctx, who(c).Actor, "")
	if err != nil {
		return err
	}
	p := &page.Users{StaffBase: s.staffBase(c, "users"), Sent: sent, Form: form}
	for i := range users {
		u := &users[i]
		row := page.UserRow{AccessURL: "/agent/users/" + u.ID + userAccessSuffix, Name: u.Name, Email: u.Email, Role: string(u.Role), Org: s.org(c, u), TOTP: u.Enrolled(), SeenAt: moment(u.AcceptedAt), Leads: u.Supervises}
		if u.AcceptedAt == nil {
			row.Invited = negotiation.DayOf(u.CreatedAt)
		}
		if u.DisabledAt == nil && u.ID != who(c).ID {
			row.EndURL = "/agent/users/" + u.ID + "/end"
		}
		if u.Role == negotiation.RoleCreditor && u.DisabledAt == nil {
			row.Power, row.UpTo, row.PowersURL = power(u.Powers()), money.Euros(u.DecidesUpTo), "/agent/users/"+u.ID
		}
		if u.Role != negotiation.RoleCreditor && u.DisabledAt == nil && u.ID != who(c).ID {
			row.Alone, row.UpTo, row.RightsURL = alone(u.Rights()), money.Euros(max(0, u.GivesUpTo)), "/agent/users/"+u.ID+"/rights"
		}
		p.Rows = append(p.Rows, row)
	}
	creditors, err := s.negotiation.Creditors(ctx)
	if err != nil {
		return err
	}
	for _, creditor := range creditors {
		p.Creditors = append(p.Creditors, page.Choice{Value: creditor.ID, Label: creditor.Name})
	}
	return s.showConsole(c, status, p)
}

func (s *Server) newInvitation(c echo.Context) page.Form {
	return page.Form{Values: map[string]string{"power": "all", "language": string(s.language(c))}}
}

func (s *Server) createInvitation(c echo.Context) error {
	form := typed(c, "email", "role", "creditor", "language", "power", "up_to")
	invitation := access.Invitation{Email: form.Values["email"], Role: negotiation.Role(form.Values["role"]), Language: form.Values["language"]}
	if invitation.Role == negotiation.RoleCreditor {
		invitation.CreditorID = form.Values["creditor"]
		powers := readPowers(&form)
		invitation.Powers = &powers
		if form.Bad() {
			return s.answerUsers(c, http.StatusUnprocessableEntity, form, "")
		}
	}
	user, err := s.access.Invite(c.Request().Context(), who(c).Actor, invitation)
	if r := negotiation.AsRefusal(err); r != nil {
		note(&form, s.language(c), r)
		return s.answerUsers(c, status(r), form, "")
	}
	if err != nil {
		return err
	}
	s.nudge()
	return s.answerUsers(c, http.StatusOK, s.newInvitation(c), user.Email)
}

func (s *Server) disableUser(c echo.Context) error {
	if err := s.access.Disable(c.Request().Context(), who(c).Actor, c.Param("user")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent/users?done=saved")
}
