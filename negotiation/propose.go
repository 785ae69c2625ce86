package negotiation

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"amiable/negotiation/money"
)

// RecognitionText is the version of the text that says what proposing does:
// it recognises the debt (C. civ. 2240). ChargesText is that of the leave to
// charge later instalments.
const (
	RecognitionText = "plan-2026-11"
	ChargesText     = "charges-2026-11"
	// ChargesDebitText lets an account be debited as well.
	ChargesDebitText = "charges-debit-2026-11"
)

// DebtorAnswerDays is how long a debtor has to answer a counter-offer, in days.
const DebtorAnswerDays = 14

// agencyAnswerDays is within how many working days the agency answers in place
// of a creditor who was silent.
const agencyAnswerDays = 5

// offersADay is how many offers a debtor's side makes on a case within a day:
// each is a letter to the creditor.
const offersADay = 10

// offerWordsMax is how much of what goes with an offer is kept, in characters.
const offerWordsMax = 2_000

// Proposal is terms that somebody puts to the other side.
type Proposal struct {
	Terms       Terms
	Recognition string       // version of the text whose box the debtor ticked; empty: none
	Charges     string       // version of the consent to later charges that was ticked; empty: none
	Language    string       // in which the texts were read
	Message     string       // a word to the other side
	Seen        money.Amount // the total on the page that was read again; zero: not checked
	AskCreditor bool         // outside the policy, let the creditor decide
	Replacing   string       // the running plan that the page said these terms would replace, NoPlan where it said none; empty: not checked
	Answers     string       // the open offer that these terms answer; empty: none is open
	Note        string       // of an agent who proposes for somebody: how they said so
}

// NoPlan says that no plan was running when a proposal was read again.
const NoPlan = "none"

// Outcome is what became of a proposal or an answer.
type Outcome struct {
	Offer   *Offer
	Plan    *Plan   // where both sides said yes
	Verdict Verdict // of the policy, for a proposal
	Renewed bool    // what is owed had changed: nothing was accepted, Offer is the new version
}

// Considered is what terms come to on a day, for the page on which they are
// read before they are sent.
type Considered struct {
	Owed     money.Amount
	Total    money.Amount
	Schedule Schedule
	Verdict  Verdict
}

// Consider works terms out on what can be planned today and asks the policy.
func (c *Case) Consider(p Policy, terms Terms, on Day) (*Considered, error) {
	owed, err := c.Plannable(on)
	if err != nil {
		return nil, err
	}
	schedule, err := terms.Schedule(owed)
	if err != nil {
		return nil, err
	}
	verdict, err := p.Judge(c.asked(terms, owed, on))
	if err != nil {
		return nil, err
	}
	return &Considered{Owed: owed, Total: schedule.Total(), Schedule: schedule, Verdict: verdict}, nil
}

// JudgeOffer asks a policy about an offer, on what was owed on its day.
func (c *Case) JudgeOffer(p Policy, o *Offer) (Verdict, error) {
	return p.Judge(c.asked(o.Of(), money.New(o.Owed, c.Currency), o.AsOf))
}

// Delegated says whether a policy lets agents decide terms.
func (p Policy) Delegated(owed money.Amount, v Verdict) bool { return p.delegates(owed, v) == nil }

func (c *Case) asked(terms Terms, owed money.Amount, on Day) Asked {
	return Asked{Terms: terms, Balance: owed, OldestDue: c.oldestDue(), Today: on, Earlier: len(c.plans) > 0}
}

// oldestDue is the due date of the oldest claim with something owed.
func (c *Case) oldestDue() Day {
	var oldest Day
	for i := range c.Claims {
		if d := c.Claims[i].DueOn; c.owed(c.Claims[i].ID).Total().IsPositive() && (oldest.IsZero() || d.Before(oldest)) {
			oldest = d
		}
	}
	return oldest
}

// Suggest offers ways to pay in several times that the policy takes.
func (c *Case) Suggest(p Policy, today, first Day) ([]Terms, error) {
	owed, err := c.Plannable(today)
	if err != nil || !owed.IsPositive() {
		return nil, err
	}
	return p.Suggest(owed, c.oldestDue(), today, first), nil
}

// sideOf says on whose side somebody acts on a case, and for which party.
func (c *Case) sideOf(by Actor) (side Side, party *Party, err error) {
	switch {
	case by.Role == RoleDebtor:
		side, party = SideDebtor, c.Party(by.ID)
	case by.IsStaff() && by.OnBehalfOf == c.CreditorID:
		return SideCreditor, c.MainParty(), nil
	case by.IsStaff() && by.OnBehalfOf != "":
		side, party = SideDebtor, c.Party(by.OnBehalfOf)
	case by.IsStaff():
		return SideAgency, c.MainParty(), nil
	case by.Role == RoleCreditor:
		return SideCreditor, c.MainParty(), nil
	case by.Role == RoleAdviser: // what they would like is a wish; an offer recognises the debt
		party = c.Party(by.ID)
	}
	if party == nil {
		return "", nil, Refuse(Forbidden, "not_your_role")
	}
	if party.Role == PartyAdviser { // an adviser helps; whoever owes says yes themselves
		return "", nil, Refuse(Forbidden, "not_for_advisers")
	}
	return side, party, nil
}

// PlansPossible refuses where no terms can be made now: the gates, the state
// of the case, and a consumer whose creditor does not stop interest in plans
// (law.md §6.4: anything more than is owed today would make it a credit).
func (c *Case) PlansPossible(on Day) error {
	if c.State != CaseOpen && c.State != CaseInPlan {
		return Refuse(Conflict, "case_is_"+string(c.State))
	}
	if reasons := without(c.Gate(on).Blocking(PlanMaking), HoldOpenOffer); len(reasons) > 0 {
		r := Refuse(Blocked, "gate_plan")
		r.Reasons = reasons
		return r
	}
	if c.Debtor.Kind == DebtorConsumer && (c.Mandate == nil || !c.Mandate.InterestWaivedInPlans) {
		return Refuse(Blocked, "plan_needs_waiver")
	}
	return nil
}

// Propose puts terms to the other side, or answers an open offer of the other
// side with other terms. A debtor's terms that the policy takes are accepted at
// once. Terms outside it are not sent unless AskCreditor says so: the outcome
// then only carries the verdict.
func (s *Service) Propose(ctx context.Context, by Actor, caseID string, p Proposal) (*Outcome, error) {
	var out *Outcome
	err := s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) (err error) {
		out, err = c.propose(t, by, p)
		return err
	})
	return out, err
}

func (c *Case) propose(t *Tx, by Actor, p Proposal) (*Outcome, error) {
	side, party, err := c.sideOf(by)
	if err != nil {
		return nil, err
	}
	if err := c.PlansPossible(t.Today); err != nil {
		return nil, err
	}
	p.Message, p.Note = strings.TrimSpace(p.Message), strings.TrimSpace(p.Note)
	if err := by.said(p.Note); err != nil {
		return nil, err
	}
	open := c.OpenOffer()
	if p.Answers != "" {
		if open, err = c.mine(p.Answers, side); err != nil {
			return nil, err
		}
	} else if open != nil {
		return nil, Refuse(Conflict, "offer_is_open")
	}
	if p.Replacing != "" && p.Replacing != c.runningPlan() { // a second click, or another tab, was faster
		return nil, Refuse(Conflict, "plan_changed")
	}
	switch {
	case side == SideDebtor && p.Recognition == "":
		return nil, Refuse(Invalid, "recognition_not_ticked").On("recognise")
	case utf8.RuneCountInString(p.Message) > offerWordsMax:
		return nil, Refuse(Invalid, "words_too_long").On("message").With("n", offerWordsMax)
	}
	policy, err := t.policyOf(c)
	if err != nil {
		return nil, err
	}
	considered, err := c.Consider(policy, p.Terms, t.Today)
	if err != nil {
		return nil, err
	}
	out := &Outcome{Verdict: considered.Verdict}
	if err := c.mayLast(considered, t.Today); err != nil {
		return nil, err
	}
	switch {
	case !p.Seen.IsZero() && p.Seen.Cmp(considered.Total) != 0:
		return nil, Refuse(Conflict, "amount_changed").With("amount", considered.Total)
	case side == SideDebtor && considered.Verdict.Answer == No && !p.AskCreditor:
		return out, nil
	}
	if err := c.mayPut(by, side, policy, considered); err != nil {
		return nil, err
	}
	if side == SideDebtor && !by.IsStaff() && c.offersSince(t.Now.Add(-24*time.Hour)) >= offersADay {
		return nil, Refuse(Conflict, "offers_enough_today")
	}
	o := &Offer{
		ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, PartyID: party.ID, State: OfferOpen, Side: side, AsOf: t.Today,
		Owed: considered.Owed.Minor, Total: considered.Total.Minor, PolicyVersion: int64(policy.Version), Verdict: considered.Verdict.Answer,
		Message: p.Message, ByRole: by.Role, ByID: by.ID, ByName: by.Name, OnBehalfOf: by.OnBehalfOf, CreatedAt: t.Now,
	}
	o.answeredBy(t, policy, p.Terms)
	if side == SideDebtor && considered.Verdict.Answer != Yes {
		if err := inTime(policy, p.Terms, t.Today); err != nil {
			return nil, err
		}
	}
	if o.Terms, err = p.Terms.written(); err != nil {
		return nil, fault(err, "offer on case", c.ID)
	}
	if open != nil {
		if err := c.closeOffer(t, by, open, OfferCountered, ""); err != nil {
			return nil, err
		}
		o.Replaces = &open.ID
	}
	yes := c.yes(t, by, o, side, p.Recognition, p.Charges, p.Language)
	yes.Note = p.Note
	if side == SideAgency {
		yes.Side, yes.How = SideCreditor, ByDelegation
	}
	if err := c.putOffer(t, by, o, yes); err != nil {
		return nil, err
	}
	out.Offer = o
	if side == SideDebtor && considered.Verdict.Answer == Yes {
		byPolicy := &Acceptance{
			ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, OfferID: o.ID, Side: SideCreditor, How: ByPolicy, ByRole: System.Role, ByID: System.ID,
			ByName: c.Creditor.Name, TextVersion: policy.VersionName(), Language: "fr", At: t.Now,
		}
		out.Plan, err = c.agree(t, by, o, byPolicy)
		return out, err
	}
	return out, c.tellOffer(t, by, o, considered.Verdict)
}

// offersSince counts what the debtor's side offered after a moment.
func (c *Case) offersSince(at time.Time) int {
	n := 0
	for i := range c.offers {
		if yes := c.offers[i].acceptance(SideDebtor); yes != nil && yes.How != ByRenewal && c.offers[i].Side == SideDebtor && c.offers[i].CreatedAt.After(at) {
			n++
		}
	}
	return n
}

// runningPlan is the id of the plan being carried out, or NoPlan.
func (c *Case) runningPlan() string {
	if plan := c.ActivePlan(); plan != nil {
		return plan.ID
	}
	return NoPlan
}

// longestYears is the longest that any plan may last: longer than two years is
// for a person to weigh (C. civ. 1343-5 gives a judge no more), longer than
// this is a slip of the pen.
const longestYears = 10

// partlyContested says whether a part of the case cannot be planned.
func (c *Case) partlyContested(on Day) bool {
	return slices.ContainsFunc(c.Gate(on).Closed, func(r Closed) bool { return !r.whole() && r.Reason.Blocks(PlanMaking) })
}

// mayPut refuses terms that an actor may not put. A creditor's user decides
// within their own limit; an agent puts to the debtor only what the creditor
// has let agents decide.
func (c *Case) mayPut(by Actor, side Side, p Policy, considered *Considered) error {
	switch side {
	case SideCreditor:
		return by.mayDecide(considered.Owed)
	case SideAgency:
		return p.delegates(considered.Owed, considered.Verdict)
	}
	return nil
}

// answeredBy says whose turn it is, and until when.
func (o *Offer) answeredBy(t *Tx, p Policy, terms Terms) {
	if o.Side != SideDebtor {
		o.AnswerSide, o.AnswerBy = SideDebtor, min(t.Today.Add(DebtorAnswerDays), max(terms.FirstDueOn, t.Today))
		return
	}
	o.AnswerSide, o.AnswerBy = SideCreditor, p.AnswerBy(t.Today)
	o.RemindOn = AddWorkingDays(t.Today, max(1, p.answerDays()-1))
}

// yes makes the acceptance of whoever acts now.
func (c *Case) yes(t *Tx, by Actor, o *Offer, side Side, recognition, charges, language string) *Acceptance {
	a := &Acceptance{
		ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, OfferID: o.ID, Side: side, How: ByPage, ByRole: by.Role, ByID: by.ID, ByName: by.Name,
		OnBehalfOf: by.OnBehalfOf, TextVersion: RecognitionText, Language: language, At: t.Now,
	}
	if recognition != "" {
		a.TextVersion = recognition
	}
	if by.OnBehalfOf != "" {
		a.How = BySpeech
	}
	if side == SideDebtor {
		a.ChargesText = charges
	}
	if a.Language == "" {
		a.Language = "fr"
	}
	return a
}

// putOffer writes an offer with the yes of who made it.
func (c *Case) putOffer(t *Tx, by Actor, o *Offer, yes *Acceptance) error {
	c.OffersMade++
	o.Number = c.OffersMade
	o.Acceptances = append(o.Acceptances, *yes)
	kind := OfferMade
	if o.Replaces != nil && yes.How != ByRenewal {
		kind = OfferWasCountered
	} else if yes.How == ByRenewal {
		kind = OfferRenewed
	}
	if err := t.Insert(o, yes, c.event(t, by, kind, o.facts(c))); err != nil {
		return err
	}
	if yes.Side == SideDebtor && yes.How != ByRenewal {
		recognised := map[string]any{"offer": o.ID, "text": yes.TextVersion, "amount": money.New(o.Owed, c.Currency)}
		if err := t.Insert(c.event(t, by, DebtRecognised, recognised)); err != nil {
			return err
		}
	}
	c.offers = append(c.offers, *o)
	return nil
}

// closeOffer ends an offer without a plan.
func (c *Case) closeOffer(t *Tx, by Actor, o *Offer, to OfferState, reason string) error {
	if err := o.move(to); err != nil {
		return err
	}
	o.Reason, o.AnsweredAt, o.AnsweredBy = reason, &t.Now, by.Name
	done := t.Model(&Offer{}).Where("id = ? AND state = ?", o.ID, OfferOpen).Select("State", "Reason", "AnsweredAt", "AnsweredBy").Updates(o)
	if done.Error != nil {
		return fault(done.Error, "offer", o.ID)
	}
	return nil
}

// tellOffer tells who must answer an offer, and the creditor of every offer of
// the debtor (CPCE R124-5, second paragraph), with what its policy said.
func (c *Case) tellOffer(t *Tx, by Actor, o *Offer, said Verdict) error {
	if o.Side == SideDebtor {
		facts := o.facts(c)
		facts["verdict"], facts["reasons"] = said.Answer, said.Reasons
		return c.TellCreditor(t, LetterOffer, facts)
	}
	party := c.Party(o.PartyID)
	if party == nil {
		return errNotFound
	}
	_, err := c.Tell(t, by, party, LetterCounterOffer, o.facts(c))
	return err
}
