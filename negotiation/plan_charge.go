package negotiation

import "time"

// This file is what a plan knows of its instalments being charged by
// themselves. The leave for it, and the charging, are package payments'.

// AnnouncedDays is how long before it is charged an instalment is announced.
const AnnouncedDays = soonDays

// ChargeDays is for how long after its day an instalment may still be charged
// for the first time: what waited longer is for the debtor to pay, or to talk
// about.
const ChargeDays = 7

// ChargeTo writes down the card that the instalments of a plan are charged to;
// an empty one says that each is paid by hand.
func (c *Case) ChargeTo(t *Tx, planID, card string) error {
	p := c.Plan(planID)
	if p == nil {
		return errNotFound
	}
	if p.Charged == card {
		return nil
	}
	p.Charged = card
	return t.updatePlan(p)
}

// announceCharge tells the debtor that a line will be charged on its day. The
// letter is owed: nothing may be charged that was not announced. While nothing
// may be collected nothing is announced either.
func (c *Case) announceCharge(t *Tx, p *Plan, line Standing, told map[planNotice]bool) (bool, error) {
	key := planNotice{PlanID: p.ID, Number: line.Number, DueOn: line.DueOn, Kind: "charge"}
	if p.Charged == "" || told[key] || !line.Left.IsPositive() || line.DueOn.Before(t.Today) || line.DueOn.After(t.Today.Add(soonDays)) {
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
