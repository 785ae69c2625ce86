package portal

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/page"
)

func (s *Server) showAgentAdviser(c echo.Context) error {
	return s.answerAgentAdviser(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerAgentAdviser(c echo.Context, status int, form page.Form) error {
	f, o, err := s.agentForm(c, "/advisers", form)
	if err != nil {
		return err
	}
	p := &page.AgentAdviser{AgentForm: f}
	for i := range o.file.Parties {
		if party := &o.file.Parties[i]; party.Role != negotiation.PartyAdviser {
			p.Parties = append(p.Parties, page.Choice{Value: party.ID, Label: party.Person.Name})
		}
	}
	if p.Form.Values == nil {
		p.Form.Values = map[string]string{"until": string(f.Today.AddMonths(adviserMonths)), "write": "yes"}
	}
	return s.showConsole(c, status, p)
}

// createAgentAdviser names an adviser for a debtor on the phone, with how the
// debtor said so.
func (s *Server) createAgentAdviser(c echo.Context) error {
	form := typed(c, append([]string{"party", "consent"}, adviserFields...)...)
	adviser := readAdviser(&form)
	adviser.Consent = strings.TrimSpace(form.Values["consent"])
	if adviser.Consent == "" {
		form.Add("consent", "required")
	}
	if form.Bad() {
		return s.answerAgentAdviser(c, http.StatusUnprocessableEntity, form)
	}
	by := who(c).Actor
	by.OnBehalfOf = form.Values["party"]
	_, err := s.negotiation.NameAdviser(c.Request().Context(), by, c.Param("case"), adviser)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		note(&form, s.language(c), r)
		return s.answerAgentAdviser(c, status(r), form)
	}
	if err != nil {
		return err
	}
	s.nudge()
	return backToCase(c, "saved")
}

func (s *Server) endAgentAdviser(c echo.Context) error {
	if err := s.negotiation.EndAdviser(c.Request().Context(), who(c).Actor, c.Param("case"), c.Param("party")); err != nil {
		return err
	}
	return backToCase(c, "saved")
}

func (s *Server) endAgentPayLink(c echo.Context) error {
	if err := s.stopPayLink(c, c.Param("case"), c.Param("link")); err != nil {
		return err
	}
	return backToCase(c, "saved")
}

// payLinkRows are the pay-only links of a case, for its agents.
func (s *Server) payLinkRows(c echo.Context, file *negotiation.Case) ([]page.LinkRow, error) {
	links, err := s.access.PayLinksOf(c.Request().Context(), who(c).Actor, file.ID)
	if err != nil {
		return nil, err
	}
	now := s.now(c)
	var rows []page.LinkRow
	for i := range links {
		l := &links[i]
		row := page.LinkRow{SentOn: negotiation.DayOf(l.CreatedAt), To: l.Label, PayOnly: true, State: "live", Until: negotiation.DayOf(l.ExpiresAt)}
		if l.UsedAt != nil {
			row.OpenedOn = negotiation.DayOf(*l.UsedAt)
		}
		switch {
		case l.RevokedAt != nil:
			row.State = "revoked"
		case !l.Good(now):
			row.State = "expired"
		default:
			row.RevokeURL = "/agent/cases/" + file.ID + "/pay-links/" + l.ID + "/end"
		}
		rows = append(rows, row)
	}
	return rows, nil
}
