package portal

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/page"
)

func offerPath(id string) string { return "/case/offers/" + id }

// myOffer loads the case at the door and the offer that the address names.
func (s *Server) myOffer(c echo.Context) (*negotiation.Case, *negotiation.Offer, error) {
	file, _, err := s.myCase(c)
	if err != nil {
		return nil, nil, err
	}
	o := file.Offer(c.Param("offer"))
	if o == nil {
		return nil, nil, echo.NewHTTPError(http.StatusNotFound)
	}
	return file, o, nil
}

func (s *Server) showOffer(c echo.Context) error {
	file, o, err := s.myOffer(c)
	if err != nil {
		return err
	}
	form := s.kept(c, page.Form{})
	delete(form.Values, "recognise") // nobody's box is ticked for them
	delete(form.Values, "charges")
	return s.answerOffer(c, http.StatusOK, file, o, form, "")
}

// answerOffer shows an offer as it stands now. late says what was pressed too
// late, if anything was.
func (s *Server) answerOffer(c echo.Context, status int, file *negotiation.Case, o *negotiation.Offer, form page.Form, late string) error {
	this, err := s.termsOf(file, o)
	if err != nil {
		return err
	}
	p := &page.Offer{
		Base: s.inCase(c, file), Creditor: file.Creditor.Name, Agent: s.agent(c), URL: offerPath(o.ID), ID: o.ID, Number: o.Number, State: offered(o), AnswerBy: o.AnswerBy,
		Shown: this, Rests: rests(file), Replaces: file.ActivePlan() != nil && o.State == negotiation.OfferOpen, Message: o.Message, Reason: o.Reason,
		ByName: signed(file, o), Late: late, Form: form,
	}
	p.CurrentPath = p.URL
	if p.ChargesText, err = s.chargesAsked(c, file); err != nil {
		return err
	}
	p.AskCharges = p.ChargesText != ""
	if open := file.OpenOffer(); open != nil && open.ID != o.ID {
		p.Current = offerPath(open.ID)
	}
	if plan := file.ActivePlan(); plan != nil {
		p.PlanURL = agreementPath(plan.ID)
	}
	offers := file.Offers()
	for i := len(offers) - 1; i >= 0; i-- {
		version := &offers[i]
		terms, err := s.termsOf(file, version)
		if err != nil {
			return err
		}
		line := page.OfferVersion{
			URL: offerPath(version.ID), Here: version.ID == o.ID, Side: string(version.Side), Name: signed(file, version), At: version.CreatedAt,
			Shown: terms, Message: version.Message, State: offered(version), EndedAt: ended(version),
		}
		if line.State == page.OfferRefused || line.State == page.OfferDeclined {
			line.Reason = version.Reason
		}
		p.Thread = append(p.Thread, line)
	}
	return s.show(c, status, p)
}

func ended(o *negotiation.Offer) time.Time {
	if o.AnsweredAt == nil {
		return time.Time{}
	}
	return *o.AnsweredAt
}

// termsOf is an offer worked out on what was owed when it was made.
func (s *Server) termsOf(file *negotiation.Case, o *negotiation.Offer) (page.TermsShown, error) {
	schedule, err := o.Schedule(file.Currency)
	if err != nil {
		return page.TermsShown{}, err
	}
	return shown(o.Of(), money.New(o.Owed, file.Currency), schedule), nil
}

// signed is who put an offer, in the reader's eyes: the creditor's people and
// the agency's speak for the creditor.
func signed(file *negotiation.Case, o *negotiation.Offer) string {
	switch {
	case o.Side == negotiation.SideCreditor:
		return file.Creditor.Name
	case o.Side == negotiation.SideDebtor && o.OnBehalfOf == "":
		return ""
	}
	return o.ByName
}

// offered is how an offer stands for the debtor.
func offered(o *negotiation.Offer) string {
	mine := o.Side == negotiation.SideDebtor
	switch o.State {
	case negotiation.OfferOpen:
		switch {
		case o.WaitsFor(negotiation.SideDebtor):
			return page.OfferYours
		case o.AnswerSide == negotiation.SideAgency:
			return page.OfferAgency
		}
		return page.OfferSent
	case negotiation.OfferAccepted:
		return page.OfferAccepted
	case negotiation.OfferRejected:
		if mine {
			return page.OfferRefused
		}
		return page.OfferDeclined
	case negotiation.OfferCountered:
		return page.OfferAnswered
	case negotiation.OfferWithdrawn:
		switch {
		case o.Reason == negotiation.ReasonRenewed:
			return page.OfferRenewed
		case o.Reason == negotiation.ReasonNothingLeft:
			return page.OfferSettled
		case mine:
			return page.OfferWithdrawn
		}
		return page.OfferTakenBack
	}
	return page.OfferExpired
}

// createAcceptance says yes to a counter-offer. Where what is owed has changed
// since, nothing is accepted and the new version is shown.
func (s *Server) createAcceptance(c echo.Context) error {
	file, o, err := s.myOffer(c)
	if err != nil {
		return err
	}
	form := typed(c, "recognise", "charges", chargesField)
	assent := negotiation.Assent{Language: string(s.language(c)), Charges: ticked(form)}
	if form.Is("recognise", "yes") {
		assent.Recognition = negotiation.RecognitionText
	}
	if plan := file.ActivePlan(); plan != nil && plan.OfferID == o.ID { // a second press
		return c.Redirect(http.StatusSeeOther, agreementPath(plan.ID))
	}
	out, err := s.negotiation.AcceptOffer(c.Request().Context(), who(c).Actor, file.ID, o.ID, assent)
	if r := negotiation.AsRefusal(err); r != nil {
		if r.Code == "recognition_not_ticked" {
			form.Add("recognise", "recognise_terms")
			return s.answerOffer(c, http.StatusUnprocessableEntity, file, o, form, "")
		}
		return s.answerTooLate(c, o, r)
	}
	if err != nil {
		return err
	}
	s.nudge()
	if out.Plan != nil {
		return c.Redirect(http.StatusSeeOther, agreementPath(out.Plan.ID))
	}
	fresh, err := s.negotiation.Case(c.Request().Context(), who(c).Actor, file.ID)
	if err != nil {
		return err
	}
	if out.Offer == nil { // nothing is left to pay
		return s.answerOffer(c, http.StatusConflict, fresh, fresh.Offer(o.ID), page.Form{}, "")
	}
	return s.answerOffer(c, http.StatusConflict, fresh, fresh.Offer(out.Offer.ID), page.Form{}, "renewed")
}

// createRejection says no to a counter-offer, and why.
func (s *Server) createRejection(c echo.Context) error {
	file, o, err := s.myOffer(c)
	if err != nil {
		return err
	}
	form := typed(c, "reason")
	err = s.negotiation.RejectOffer(c.Request().Context(), who(c).Actor, file.ID, o.ID, form.Value("reason"), "")
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid && o.State == negotiation.OfferOpen {
		note(&form, s.language(c), r)
		return s.answerOffer(c, http.StatusUnprocessableEntity, file, o, form, "")
	}
	return s.afterAnswer(c, o, err)
}

// createWithdrawal takes one's own offer back.
func (s *Server) createWithdrawal(c echo.Context) error {
	file, o, err := s.myOffer(c)
	if err != nil {
		return err
	}
	return s.afterAnswer(c, o, s.negotiation.WithdrawOffer(c.Request().Context(), who(c).Actor, file.ID, o.ID))
}

// afterAnswer leads back to an offer that was answered, or shows what happened
// to it meanwhile.
func (s *Server) afterAnswer(c echo.Context, o *negotiation.Offer, err error) error {
	if r := negotiation.AsRefusal(err); r != nil {
		return s.answerTooLate(c, o, r)
	}
	if err != nil {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, offerPath(o.ID))
}

// answerTooLate shows an offer as it stands where it could not be answered as
// was asked; why no terms can be made now where that is why.
func (s *Server) answerTooLate(c echo.Context, o *negotiation.Offer, r *negotiation.Refusal) error {
	if r.Kind != negotiation.Conflict && r.Kind != negotiation.Blocked {
		return r
	}
	file, gate, err := s.myCase(c)
	if err != nil {
		return err
	}
	if r.Kind == negotiation.Blocked {
		if reason := noTerms(file, gate.On); reason != "" {
			return s.answerNoTerms(c, file, gate.On, reason)
		}
		return r
	}
	fresh := file.Offer(o.ID)
	late := "changed"
	if fresh.State == negotiation.OfferOpen { // it waits for somebody else, or its first day went by
		late = r.Code
	}
	return s.answerOffer(c, http.StatusConflict, file, fresh, page.Form{}, late)
}
