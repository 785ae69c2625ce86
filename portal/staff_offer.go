package portal

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/page"
)

func (s *Server) showStaffOffer(c echo.Context) error {
	return s.answerStaffOffer(c, http.StatusOK, page.Form{}, "")
}

// answerStaffOffer prints an offer as it stands now, whatever was just tried on it.
// problem says why that did not happen.
func (s *Server) answerStaffOffer(c echo.Context, status int, form page.Form, problem string) error {
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	offer := o.file.Offer(c.Param("offer"))
	if offer == nil {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	of := console(c)
	owed := money.New(offer.Owed, o.file.Currency)
	p := &page.OfferPage{
		StaffBase: s.staffBase(c, "offers"), Row: openRow(of, o.file, o.gate, o.statement.Total), Number: int(offer.Number), State: offerState(offer), Side: side(of, offer),
		Turn: turn(of, offer), AnswerBy: offer.AnswerBy, Message: offer.Message, MadeBy: offer.ByName, MadeAt: offer.CreatedAt, By: offer.AnsweredBy,
		Answered: moment(offer.AnsweredAt), Problem: problem, Form: form,
	}
	p.Late = p.Turn == string(negotiation.SideAgency)
	if offer.State == negotiation.OfferRejected {
		p.Reason = offer.Reason
	}
	p.Terms, p.Schedule = termsLine(offer.Of(), owed)
	offers := o.file.Offers()
	for i := len(offers) - 1; i >= 0; i-- {
		row := offerRow(of, &offers[i], o.file.Currency)
		row.Current = offers[i].ID == offer.ID
		p.Versions = append(p.Versions, row)
		if offer.State != negotiation.OfferOpen && offer.State != negotiation.OfferAccepted && i == len(offers)-1 && !row.Current {
			p.NowURL = row.URL
		}
	}
	policy, err := s.negotiation.PolicyOf(c.Request().Context(), o.file)
	if err != nil {
		return err
	}
	verdict, err := o.file.JudgeOffer(policy, offer)
	if err != nil {
		return err
	}
	p.Says = policySays(verdict, policy.Version, owed)
	if p.History, err = s.historyOf(c, o.file, offer); err != nil {
		return err
	}
	if p.Proof, err = s.proofOf(c, o.file, offer); err != nil {
		return err
	}
	if err := s.offerActs(c, p, o, offer, policy.Delegated(owed, verdict)); err != nil {
		return err
	}
	return s.showConsole(c, status, p)
}

func (s *Server) historyOf(c echo.Context, file *negotiation.Case, offer *negotiation.Offer) (page.OfferHistory, error) {
	h, err := s.negotiation.HistoryOf(c.Request().Context(), who(c).Actor, file, offer)
	if err != nil {
		return page.OfferHistory{}, err
	}
	made, err := s.payments.OfCaseListed(c.Request().Context(), file)
	if err != nil {
		return page.OfferHistory{}, err
	}
	shown := page.OfferHistory{
		Paid: money.New(0, file.Currency), PlansKept: h.Plans[negotiation.PlanCompleted], PlansRunning: h.Plans[negotiation.PlanActive], PlansEnded: h.Plans[negotiation.PlanEnded],
		OnTime: h.OnTime, Missed: h.Missed, Similar: h.Similar.Offers, Accepted: h.Similar.Accepted, Countered: h.Similar.Countered, Rejected: h.Similar.Rejected,
		Lapsed: h.Similar.Lapsed, SimilarKept: h.Similar.Plans[negotiation.PlanCompleted], SimilarRunning: h.Similar.Plans[negotiation.PlanActive],
		SimilarEnded: h.Similar.Plans[negotiation.PlanEnded],
	}
	for i := range made {
		if made[i].State == payments.Succeeded {
			shown.Payments++
			shown.Paid = shown.Paid.Add(made[i].ReceivedAmount())
		}
	}
	return shown, nil
}

// proofOf gathers the dated traces of an offer: the act on the case's chain,
// and the letters by which the sides were told.
func (s *Server) proofOf(c echo.Context, file *negotiation.Case, offer *negotiation.Offer) ([]page.OfferProof, error) {
	ctx := c.Request().Context()
	events, err := s.negotiation.Events(ctx, file.ID)
	if err != nil {
		return nil, err
	}
	var proof []page.OfferProof
	for i := range events {
		e := &events[i]
		if _, what := e.What(); slices.Contains(offerEvents, e.Kind) && what["offer"] == offer.ID {
			proof = append(proof, page.OfferProof{Code: "act", At: e.At, Values: []any{"number", int(e.Seq), "hash", e.ShortHash()}})
			break
		}
	}
	letters, err := s.negotiation.LettersOf(ctx, file.ID)
	if err != nil {
		return nil, err
	}
	for i := range letters {
		l := &letters[i]
		var facts struct {
			Offer string `json:"offer"`
		}
		if json.Unmarshal([]byte(l.Facts), &facts) != nil || facts.Offer != offer.ID || !slices.Contains(offerLetters, l.Kind) {
			continue
		}
		told := page.OfferProof{Code: "told_" + string(l.Recipient), At: l.CreatedAt, Values: []any{"to", l.Address}}
		if l.SentAt != nil {
			told.Code, told.At = told.Code+"_sent", *l.SentAt
		}
		proof = append(proof, told)
	}
	return proof, nil
}

var (
	offerEvents  = []negotiation.EventKind{negotiation.OfferMade, negotiation.OfferWasCountered, negotiation.OfferRenewed}
	offerLetters = []negotiation.LetterKind{negotiation.LetterOffer, negotiation.LetterOfferReminder, negotiation.LetterCounterOffer, negotiation.LetterOfferRenewed, negotiation.LetterOfferToAgency}
)

// offerActs says what the reader may do about an offer now, and if nothing, who
// may.
func (s *Server) offerActs(c echo.Context, p *page.OfferPage, o *opened, offer *negotiation.Offer, delegated bool) error {
	if offer.State != negotiation.OfferOpen {
		return nil
	}
	by, at := who(c).Actor, offerURL(console(c), o.file.ID, offer.ID)
	owed := money.New(offer.Owed, o.file.Currency)
	acts := page.OfferActs{Accept: at + "/acceptance", Reject: at + "/rejection", Counter: at + "/counter"}
	acts.Presets = presetsFor(offer)
	ours := offer.WaitsFor(negotiation.SideCreditor) // the creditor's, or the agency's after them
	if by.Role == negotiation.RoleCreditor {
		colleagues, err := s.access.Colleagues(c.Request().Context(), by, o.file.CreditorID)
		if err != nil {
			return err
		}
		for i := range colleagues {
			if colleagues[i].MayAnswer(owed) && colleagues[i].ID != by.ID {
				p.May = append(p.May, colleagues[i].Called())
			}
		}
		switch {
		case !by.MayAnswer(owed):
			p.Shut = "viewer"
			if by.Decides {
				p.Shut, p.Limit = "limit", money.New(by.DecidesUpTo, o.file.Currency)
			}
		case ours:
			p.Acts = acts
		case offer.Side == negotiation.SideCreditor:
			p.Acts.Withdraw = at + "/withdrawal"
		}
		return nil
	}
	p.Acts = acts
	if !ours { // the debtor's turn, who may be on the phone
		p.Acts.Presets = nil
		if offer.Side != negotiation.SideDebtor {
			p.Acts.Withdraw = at + "/withdrawal"
		}
		for i := range o.file.Parties {
			if party := &o.file.Parties[i]; party.Role != negotiation.PartyAdviser {
				p.Acts.Parties = append(p.Acts.Parties, page.Choice{Value: party.ID, Label: party.Person.Name})
			}
		}
		return nil
	}
	p.Acts.Delegated, p.Acts.AfterSilent, p.Acts.ForCreditor = delegated, offer.AnswerSide == negotiation.SideAgency, true
	return nil
}

// presetsFor are the reasons that make sense of an offer.
func presetsFor(o *negotiation.Offer) []string {
	presets := []string{"too_late"}
	if o.Of().Instalments > 1 {
		presets = []string{"too_long", "too_late"}
	}
	if o.IsSettlement() {
		presets = append([]string{"too_low"}, presets...)
	}
	return presets
}
