package main

import (
	"encoding/json"

	"amiable/negotiation"
)

// exportOffers lists every offer of a case with its terms worked out and who
// said yes to which text.
func exportOffers(c *negotiation.Case) ([]object, error) {
	list := []object{}
	for _, o := range c.Offers() {
		schedule, err := o.Schedule(c.Currency)
		if err != nil {
			return nil, err
		}
		list = append(list, object{
			"id": o.ID, "number": o.Number, "state": o.State, "side": o.Side, "terms": json.RawMessage(o.Terms), "as_of": o.AsOf, "owed": o.Owed, "total": o.Total,
			"policy_version": o.PolicyVersion, "verdict": o.Verdict, "message": o.Message, "reason": o.Reason, "replaces": o.Replaces,
			"answer_side": o.AnswerSide, "answer_by": o.AnswerBy, "remind_on": orNull(o.RemindOn), "answered_at": o.AnsweredAt, "answered_by": o.AnsweredBy,
			"role": o.ByRole, "by": o.ByID, "on_behalf_of": o.OnBehalfOf, "created_at": o.CreatedAt,
			"schedule": rows(schedule, func(i *negotiation.Instalment) object {
				return object{"number": i.Number, "due_on": i.DueOn, "amount": i.Amount.Minor}
			}),
			"acceptances": rows(o.Acceptances, func(a *negotiation.Acceptance) object {
				return object{"id": a.ID, "side": a.Side, "how": a.How, "role": a.ByRole, "by": a.ByID, "on_behalf_of": a.OnBehalfOf, "note": a.Note,
					"text_version": a.TextVersion, "language": a.Language, "charges_text": a.ChargesText, "at": a.At}
			}),
		})
	}
	return list, nil
}

// exportPlans gives the plan accepted last with its instalments as they stand
// today, nil where there is none, and those before it.
func exportPlans(c *negotiation.Case, today negotiation.Day) (last any, former []object, err error) {
	former = []object{}
	plans := c.Plans()
	for n := range plans {
		p := &plans[n]
		progress, err := c.Progress(p, today)
		if err != nil {
			return nil, nil, err
		}
		o := object{
			"id": p.ID, "offer": p.OfferID, "number": p.Number, "state": p.State, "owed": p.Owed, "total": p.Total, "currency": p.Currency, "revision": p.Revision,
			"interest_waived": p.InterestWaived, "skips_max": p.SkipsMax, "skips_left": p.SkipsLeft(), "move_days_max": p.MoveDaysMax,
			"accepted_at": p.AcceptedAt, "closed_on": orNull(p.ClosedOn), "closed_by": p.ClosedBy, "reason": p.Reason,
		}
		if n+1 < len(plans) { // money fills the lines of the last one
			o["instalments"] = rows(p.Current(), func(l *negotiation.PlanLine) object {
				return object{"number": l.Number, "due_on": l.DueOn, "amount": l.Amount, "moved_from": orNull(l.MovedFrom), "skipped": l.Skipped}
			})
			former = append(former, o)
			continue
		}
		o["paid"], o["left"], o["late"], o["suspended"] = progress.Paid.Minor, progress.Left.Minor, progress.Late.Minor, progress.Suspended.Minor
		o["instalments"] = rows(progress.Lines, func(l *negotiation.Standing) object {
			return object{"number": l.Number, "due_on": l.DueOn, "amount": l.Amount, "moved_from": orNull(l.MovedFrom), "skipped": l.Skipped,
				"paid": l.Paid.Minor, "left": l.Left.Minor, "state": l.State}
		})
		last = o
	}
	return last, former, nil
}
