package outreach

import (
	"encoding/json"
	"slices"
	"strings"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// offerFacts are what a letter tells of an offer, or of the plan that was made
// of one. What goes with an offer in its maker's own words is not among them: it
// may say more of a life than a mail should, and is read behind the sign-in.
type offerFacts struct {
	Debtor          string
	ByDebtor        bool // whose offer it is; else the creditor's, or an agent's for it
	DebtorsTurn     bool
	Owed, Total     money.Amount
	Rebate          money.Amount
	Instalments     int
	Every           string
	Sums            []sums // in order
	First, Last     day.Day
	AnswerBy        day.Day
	HasMessage      bool
	PolicyVersion   int64 // 0: the creditor has set none
	Verdict         string
	Reasons         []reason
	Outcome, Reason string
	AnsweredBy      string
	How             string
}

// sums is so many instalments of one amount.
type sums struct {
	Times  int
	Amount money.Amount
}

// reason is a limit of a policy, in numbers and in money: its code says which.
type reason struct {
	Code  string
	Limit int64
	Sum   money.Amount
}

// lineFacts are what a letter tells of a line of a plan.
type lineFacts struct {
	Number           int64
	Due, WasDue, End day.Day
	Left             money.Amount
	Skipped          bool
}

// chargeFacts are what a letter tells of a card that is charged.
type chargeFacts struct {
	Asked      bool // the debtor agreed to it when they accepted the plan
	Charged    bool // the line will be charged on its day
	Course     string
	Again      day.Day
	Why        string
	Debit      bool   // it is an account that is charged
	Mandate    string // its reference
	Identifier string // of who debits (ICS)
}

// ofOffers are the kinds that tell of an offer, and are not written without it.
var ofOffers = []negotiation.LetterKind{
	negotiation.LetterOffer, negotiation.LetterOfferReminder, negotiation.LetterOfferToAgency, negotiation.LetterCounterOffer,
	negotiation.LetterOfferEnded, negotiation.LetterOfferRenewed, negotiation.LetterPlanAgreed,
}

// ofLines are those that tell of one line of a plan.
var ofLines = []negotiation.LetterKind{negotiation.LetterPlanChanged, negotiation.LetterInstalmentSoon, negotiation.LetterMissed, negotiation.LetterPlanMissed,
	negotiation.LetterChargeDeclined, negotiation.LetterCardExpires}

// readOffer takes what a letter tells of an offer or a plan: from its facts, and
// the terms from the offer itself, which nothing changes.
func (c *content) readOffer(s *negotiation.Sending, places places) error {
	l := s.Letter
	var facts struct {
		Offer      string                     `json:"offer"`
		Plan       string                     `json:"plan"`
		Reason     string                     `json:"reason"`
		Outcome    string                     `json:"outcome"`
		How        string                     `json:"how"`
		AnswerBy   day.Day                    `json:"answer_by"`
		Number     int64                      `json:"number"`
		Due        day.Day                    `json:"due"`
		WasDue     day.Day                    `json:"was_due"`
		End        day.Day                    `json:"end"`
		Until      day.Day                    `json:"until"`
		Left       money.Amount               `json:"left"`
		Skipped    bool                       `json:"skipped"`
		Reasons    []negotiation.PolicyReason `json:"reasons"`
		Charged    bool                       `json:"charged"`
		Course     string                     `json:"course"`
		Again      day.Day                    `json:"again"`
		Why        string                     `json:"why"`
		Card       string                     `json:"card"`
		Mandate    string                     `json:"mandate"`
		Identifier string                     `json:"identifier"`
	}
	if err := json.Unmarshal([]byte(l.Facts), &facts); err != nil {
		return unwritten(ProblemFacts)
	}
	c.Until = facts.Until
	c.Line = lineFacts{Number: facts.Number, Due: facts.Due, WasDue: facts.WasDue, End: facts.End, Left: facts.Left, Skipped: facts.Skipped}
	c.Charge = chargeFacts{Charged: facts.Charged, Course: facts.Course, Again: facts.Again, Why: facts.Why,
		Debit: strings.HasPrefix(facts.Card, "sepa_debit"), Mandate: line(facts.Mandate), Identifier: line(facts.Identifier)}
	if slices.Contains(ofLines, l.Kind) && facts.Due.IsZero() {
		return unwritten(ProblemFacts)
	}
	if s.Case == nil {
		return nil
	}
	c.CreditorCaseURL = places.creditorCase(s.Case.ID)
	c.Offer.Debtor, c.Offer.Reason, c.Offer.Outcome, c.Offer.How = line(s.Case.Debtor.Name), line(facts.Reason), facts.Outcome, facts.How
	o := s.Case.Offer(facts.Offer)
	if plan := s.Case.Plan(facts.Plan); o == nil && plan != nil {
		o = s.Case.Offer(plan.OfferID)
	}
	if o == nil {
		if slices.Contains(ofOffers, l.Kind) {
			return unwritten(ProblemFacts)
		}
		return nil
	}
	schedule, err := o.Schedule(s.Case.Currency)
	if err != nil {
		return unwritten(ProblemFacts)
	}
	if yes := o.Accepted(negotiation.SideDebtor); yes != nil {
		c.Charge.Asked = yes.ChargesText != ""
	}
	c.OfferURL = places.creditorOffer(s.Case.ID, o.ID)
	of := &c.Offer
	of.Owed, of.Total = money.New(o.Owed, s.Case.Currency), money.New(o.Total, s.Case.Currency)
	of.Rebate = of.Owed.Sub(of.Total)
	of.ByDebtor, of.DebtorsTurn, of.HasMessage = o.Side == negotiation.SideDebtor, o.AnswerSide == negotiation.SideDebtor, o.Message != ""
	of.Instalments, of.Every = len(schedule), string(o.Of().Every)
	of.Sums, of.First, of.Last, of.AnswerBy = together(schedule), schedule[0].DueOn, schedule.End(), facts.AnswerBy
	of.PolicyVersion, of.Verdict, of.AnsweredBy = o.PolicyVersion, string(o.Verdict), line(o.AnsweredBy)
	for _, r := range facts.Reasons {
		of.Reasons = append(of.Reasons, reason{r.Code, r.Limit, money.New(r.Limit, s.Case.Currency)})
	}
	return nil
}

// together tells a schedule in few words: instalments of one amount in a row
// stand once.
func together(schedule negotiation.Schedule) []sums {
	var list []sums
	for _, i := range schedule {
		if n := len(list); n > 0 && list[n-1].Amount.Cmp(i.Amount) == 0 {
			list[n-1].Times++
		} else {
			list = append(list, sums{1, i.Amount})
		}
	}
	return list
}
