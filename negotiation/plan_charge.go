package negotiation

import (
	"strings"
	"time"

	"amiable/negotiation/money"
)

// This file is what a plan knows of its instalments being charged by
// themselves. The leave for it, and the charging, are package payments'.

// ChargeRule says when an instalment is announced and asked for, by what it is
// charged to.
type ChargeRule struct {
	Announced int // days before its day on which the debtor is told, at the latest
	Lead      int // banking days before its day on which a bank must be asked, so that it is taken on its day
}

// The rules by means. A debit is announced fourteen days before, unless
// less was agreed (SDD Core Rulebook, pre-notification; law.md §6.3): the text
// of the leave agrees on seven. That is more than two banking days ever take:
// six days, at Easter.
var (
	CardRule  = ChargeRule{Announced: soonDays}
	DebitRule = ChargeRule{Announced: 7, Lead: 2}

	chargeRules = map[string]ChargeRule{"card": CardRule, "sepa_debit": DebitRule}
)

// chargeAhead is how long before its day an instalment is first looked at, in
// days: the longest announcement.
const chargeAhead = 7

// ChargeRule is how the instalments of the plan are announced and asked for.
func (p *Plan) ChargeRule() ChargeRule {
	means, _, _ := strings.Cut(p.Charged, " ")
	if rule, known := chargeRules[means]; known {
		return rule
	}
	return CardRule
}

// AskOn is the day on which a bank must be asked for what is due on a day.
func (r ChargeRule) AskOn(due Day) Day {
	for range r.Lead {
		for due = due.Add(-1); !BankingDay(due); {
			due = due.Add(-1)
		}
	}
	return due
}

// From is the first day on which a line may be asked for: so that it is taken on
// its day, if that was announced in time, else as much later as it was announced
// later. Who gave their leave within those days read the day and the sum as they
// gave it.
func (r ChargeRule) From(due, announced, given Day) Day {
	ask := r.AskOn(due)
	if given.After(due.Add(-r.Announced)) {
		return ask
	}
	return ask.Add(max(0, announced.Sub(due.Add(-r.Announced))))
}

// Charged is what the instalments of a plan are charged to.
type Charged struct {
	Means    string // such as "card visa 4242"; empty: each is paid by hand
	Mandate  string // reference of the SEPA mandate, of an account
	Creditor string // who debits the account (ICS)
}

// ChargeDays is for how long after its day an instalment may still be charged
// for the first time: what waited longer is for the debtor to pay, or to talk
// about.
const ChargeDays = 7

// ChargeAhead is for how long before its day an instalment may be asked for.
const ChargeAhead = chargeAhead

// ChargeTo writes down what the instalments of a plan are charged to; nothing
// says that each is paid by hand.
func (c *Case) ChargeTo(t *Tx, planID string, to Charged) error {
	p := c.Plan(planID)
	if p == nil {
		return errNotFound
	}
	if p.Charged == to.Means && p.ChargedMandate == to.Mandate && p.ChargedCreditor == to.Creditor {
		return nil
	}
	p.Charged, p.ChargedMandate, p.ChargedCreditor = to.Means, to.Mandate, to.Creditor
	return t.updatePlan(p)
}

// OnItsWay is what was handed in for the case and is not here yet.
func (c *Case) OnItsWay() money.Amount { return money.New(c.Coming, c.Currency) }

// announceCharge tells the debtor that a line will be charged on its day. The
// letter is owed: nothing may be charged that was not announced. While nothing
// may be collected nothing is announced either.
func (c *Case) announceCharge(t *Tx, p *Plan, line Standing, told map[planNotice]bool) (bool, error) {
	key := planNotice{PlanID: p.ID, Number: line.Number, DueOn: line.DueOn, Kind: "charge"}
	if p.Charged == "" || told[key] || !line.Left.IsPositive() || line.DueOn.Before(t.Today) || line.DueOn.After(t.Today.Add(p.ChargeRule().Announced)) {
		return false, nil
	}
	if len(c.Gate(t.Today).Blocking(Collection)) > 0 {
		return false, nil
	}
	if err := t.note(p, line.PlanLine, key.Kind); err != nil {
		return false, err
	}
	if key.Kind = "soon"; !told[key] {
		if err := t.note(p, line.PlanLine, key.Kind); err != nil {
			return false, err
		}
	}
	party := c.Party(c.Offer(p.OfferID).PartyID)
	if party == nil {
		return true, nil
	}
	facts := c.lineFacts(p, line)
	facts["charged"], facts["card"] = true, p.Charged
	if p.ChargedMandate != "" {
		facts["mandate"], facts["identifier"] = p.ChargedMandate, p.ChargedCreditor
	}
	_, err := c.Answer(t, System, party, LetterInstalmentSoon, facts)
	return true, err
}

// chargeComes says whether a line of the past is still to be charged, or was
// just tried: the debtor is then told by whoever charges.
func (p *Plan) chargeComes(line Standing, told map[planNotice]bool, today Day) bool {
	return p.Charged != "" && line.Left.IsPositive() && !today.After(line.DueOn.Add(ChargeDays)) &&
		told[planNotice{PlanID: p.ID, Number: line.Number, DueOn: line.DueOn, Kind: "charge"}]
}

// ChargesAnnounced tells when it was announced that lines of a plan, as they
// are due now, will be charged; by number.
func (c *Case) ChargesAnnounced(t *Tx, p *Plan) (map[int64]time.Time, error) {
	var rows []planNotice
	if err := t.Where("plan_id = ? AND kind = ?", p.ID, "charge").Find(&rows).Error; err != nil {
		return nil, fault(err, "notices of plan", p.ID)
	}
	announced := map[int64]time.Time{}
	for _, l := range p.Current() {
		for _, r := range rows {
			if r.Number == l.Number && r.DueOn == l.DueOn {
				announced[l.Number] = r.CreatedAt
			}
		}
	}
	return announced, nil
}

// TellCharge writes to the debtor that a line of a plan could not be charged.
// The letter stands for the one about an instalment that did not come.
func (c *Case) TellCharge(t *Tx, planID string, number int64, facts map[string]any) error {
	p := c.Plan(planID)
	if p == nil {
		return errNotFound
	}
	told, err := t.notes(p)
	if err != nil {
		return err
	}
	progress, err := c.Progress(p, t.Today)
	if err != nil {
		return err
	}
	for _, line := range progress.Lines {
		if line.Number != number {
			continue
		}
		if !told[planNotice{PlanID: p.ID, Number: line.Number, DueOn: line.DueOn, Kind: "missed"}] {
			if err := t.note(p, line.PlanLine, "missed"); err != nil {
				return err
			}
		}
		for k, v := range c.lineFacts(p, line) {
			facts[k] = v
		}
	}
	party := c.Party(c.Offer(p.OfferID).PartyID)
	if party == nil {
		return nil
	}
	_, err = c.Tell(t, System, party, LetterChargeDeclined, facts)
	return err
}
