package page

import (
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// histories show every sentence of a negotiation, as the debtor reads it.
func (w world) histories() []Specimen {
	terms := func(n int) []any {
		return []any{"who", atelier, "total", money.Euros(122760), "n", n, "first", day.Day("2026-12-05")}
	}
	line := []any{"was", day.Day("2027-01-05"), "due", day.Day("2027-01-12")}
	var events []Event
	for _, e := range []Event{
		{Kind: "plan_completed"}, {Kind: "plan_taken_up"}, {Kind: "plan_ended"}, {Kind: "plan_replaced"},
		{Kind: "plan_changed.skipped", Values: line}, {Kind: "plan_changed", Values: line}, {Kind: "plan_agreed", Values: terms(1)}, {Kind: "plan_agreed", Values: terms(4)},
		{Kind: "offer_went_to_agency"}, {Kind: "offer_expired", Values: terms(4)}, {Kind: "offer_expired.yours"}, {Kind: "offer_withdrawn", Values: terms(4)}, {Kind: "offer_withdrawn.yours"},
		{Kind: "offer_rejected", Values: terms(4)}, {Kind: "offer_rejected.yours"}, {Kind: "offer_renewed", Values: terms(4)},
		{Kind: "offer_countered", Values: terms(3)}, {Kind: "offer_countered.yours", Values: terms(1)}, {Kind: "offer_made", Values: terms(3)}, {Kind: "offer_made.yours", Values: terms(6)},
	} {
		e.On = today
		events = append(events, e)
	}
	return []Specimen{{In: "negotiated", Page: &History{Base: w.inCase("/case/timeline"), Creditor: atelier, Timeline: Timeline{Events: events}}}}
}
