package page

import (
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// EndPlan ends a running plan. POST Action with "why" (asked, missed), "party"
// and "reason"; the reason is read by the debtor and the creditor.
type EndPlan struct {
	AgentForm
	AcceptedOn day.Day
	Left       money.Amount
	Late       money.Amount // missing for long enough that an agent may end the plan over it; zero: not
	LateOn     day.Day      // the oldest date missed, whenever that was
	Parties    []Choice
}

func (*EndPlan) template() string { return "agent/end-plan" }
