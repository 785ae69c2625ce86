package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/page"
)

func (s *Server) showLogCall(c echo.Context) error {
	form := page.Form{Values: map[string]string{"direction": "out"}}
	if id := c.QueryParam("wish"); negotiation.ValidID(id) {
		form.Values["wish"] = id
	}
	return s.answerLogCall(c, http.StatusOK, s.kept(c, form))
}

func (s *Server) answerLogCall(c echo.Context, status int, form page.Form) error {
	ctx := c.Request().Context()
	f, o, err := s.agentForm(c, "/calls", form)
	if err != nil {
		return err
	}
	p := &page.LogCall{AgentForm: f, Promise: page.PromiseLimits{Most: o.statement.Total, Until: o.gate.On.Add(negotiation.PromiseAheadMax)}}
	for _, outcome := range negotiation.CallOutcomes {
		p.Outcomes = append(p.Outcomes, string(outcome))
	}
	for i := range o.file.Parties {
		party := &o.file.Parties[i]
		if !party.Stands(o.gate.On) {
			continue
		}
		p.Parties = append(p.Parties, page.Choice{Value: party.ID, Label: party.Person.Name})
		if contact, ok := party.Contact(negotiation.ContactPhone); ok {
			p.Numbers = append(p.Numbers, page.NumberRow{Who: party.Person.Name, Number: contact.Value})
		}
	}
	wishes, err := s.negotiation.WishesOf(ctx, o.file.ID)
	if err != nil {
		return err
	}
	for i, row := range wishRows(wishes, o.file) {
		if wishes[i].ID == form.Values["wish"] && !row.Done {
			row.DoneURL, p.Wish = "", &row
		}
	}
	if main := o.file.MainParty(); main != nil && p.Wish == nil { // a call that was asked for is owed
		reasons, out, err := s.negotiation.MayCall(ctx, o.file, main.ID)
		if err != nil {
			return err
		}
		for _, r := range reasons {
			p.NotNow = append(p.NotNow, string(r))
		}
		if len(reasons) == 0 && out.Reason != "" {
			p.NotNow, p.From = []string{string(out.Reason)}, out.At
		}
	}
	if p.Form.Values["number"] == "" && len(p.Numbers) > 0 {
		p.Form.Values["number"] = p.Numbers[0].Number
	}
	return s.showConsole(c, status, p)
}

// createCall writes down a call and what came of it.
func (s *Server) createCall(c echo.Context) error {
	form := typed(c, "direction", "party", "outcome", "number", "message", "because", "amount", "promised_on", "wish")
	n := negotiation.CallNote{
		PartyID: form.Values["party"], Inbound: form.Is("direction", "in"), Outcome: negotiation.CallOutcome(form.Values["outcome"]), Number: form.Values["number"],
		Words: form.Values["message"], Because: form.Values["because"], WishID: form.Values["wish"], Promised: money.Euros(0),
	}
	if n.Outcome == "" {
		form.Add("outcome", "choose")
	}
	if n.Outcome == negotiation.CallPromised {
		n.Promised, n.PromisedOn = readSum(&form, "amount"), readDay(&form, "promised_on")
	}
	if form.Bad() {
		return s.answerLogCall(c, http.StatusUnprocessableEntity, form)
	}
	_, err := s.negotiation.LogCall(c.Request().Context(), who(c).Actor, c.Param("case"), n)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		note(&form, s.language(c), r)
		return s.answerLogCall(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return backToCase(c, "call_logged")
}

// callRows and promiseRows are the log of a case, for its page.
func (s *Server) callRows(c echo.Context, file *negotiation.Case) ([]page.CallRow, []page.PromiseRow, error) {
	ctx := c.Request().Context()
	calls, err := s.negotiation.Calls(ctx, file.ID)
	if err != nil {
		return nil, nil, err
	}
	var rows []page.CallRow
	for _, call := range calls {
		row := page.CallRow{At: call.At, Inbound: call.Inbound, Outcome: string(call.Outcome), By: call.ByName, Words: call.Words, Because: call.Because}
		if party := file.Party(call.PartyID); party != nil {
			row.Who = party.Person.Name
		}
		rows = append(rows, row)
	}
	promises, err := s.negotiation.Promises(ctx, file.ID)
	if err != nil {
		return nil, nil, err
	}
	var made []page.PromiseRow
	for _, p := range promises {
		made = append(made, page.PromiseRow{State: string(p.State), Sum: money.New(p.Amount, file.Currency), DueOn: p.DueOn, Until: p.UntilOn, By: p.ByName})
	}
	return rows, made, nil
}
