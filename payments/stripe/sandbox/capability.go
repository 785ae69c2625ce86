package sandbox

import (
	"maps"
	"slices"
)

type capabilityRequirements struct {
	Alternatives        []string `json:"alternatives"`
	CurrentDeadline     *int64   `json:"current_deadline"`
	CurrentlyDue        []string `json:"currently_due"`
	DisabledReason      *string  `json:"disabled_reason"`
	Errors              []string `json:"errors"`
	EventuallyDue       []string `json:"eventually_due"`
	PastDue             []string `json:"past_due"`
	PendingVerification []string `json:"pending_verification"`
}

// capability is something that an account may do once it was asked for and
// everything due was given.
type capability struct {
	ID                 string                 `json:"id"`
	Object             string                 `json:"object"`
	Account            string                 `json:"account"`
	FutureRequirements capabilityRequirements `json:"future_requirements"`
	Requested          bool                   `json:"requested"`
	RequestedAt        *int64                 `json:"requested_at"`
	Requirements       capabilityRequirements `json:"requirements"`
	Status             string                 `json:"status"`
}

func (t *tenant) capabilityObject(name string) *capability {
	x := &capability{ID: name, Object: "capability", Account: t.id, Status: "unrequested",
		FutureRequirements: capabilityRequirements(nothingDue()), Requirements: capabilityRequirements(t.self.Requirements)}
	if at, asked := t.self.asked[name]; asked {
		x.Requested, x.RequestedAt = true, &at
	}
	if status, known := t.self.Capabilities[name]; known {
		x.Status = status
	}
	return x
}

func (c *call) listCapabilities() (any, error) {
	t, err := c.accountHere()
	if err != nil {
		return nil, err
	}
	p := emptyPage(c.path)
	for _, name := range slices.Sorted(maps.Keys(t.self.Capabilities)) {
		p.Data = append(p.Data, t.capabilityObject(name))
	}
	return p, nil
}

func (c *call) getCapability() (any, error) {
	t, err := c.accountHere()
	if err != nil {
		return nil, err
	}
	return t.capabilityObject(c.args[1]), nil
}

func (c *call) updateCapability() (any, error) {
	t, err := c.accountHere()
	if err != nil {
		return nil, err
	}
	before := snapshot(t.self)
	asked := maps.Clone(t.self.asked)
	if c.form.truth("requested") {
		asked[c.args[1]] = c.now().Unix()
	} else {
		delete(asked, c.args[1])
	}
	t.self.asked = asked
	if t != c.platform {
		c.reviewed(t)
	}
	c.updated(t, "account.updated", t.self, before)
	return t.capabilityObject(c.args[1]), nil
}
