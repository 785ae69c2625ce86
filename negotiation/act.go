package negotiation

// Act is something that is done on the debtor's side of a case.
type Act string

const (
	ActRead    Act = "read"
	ActWrite   Act = "write"   // a message, a call back, a contest
	ActPropose Act = "propose" // terms, in words: an offer recognises the debt, and is the debtor's
	ActPay     Act = "pay"     // now, or leave to be charged later
	ActAccept  Act = "accept"  // what another party offers: it binds
	ActShare   Act = "share"   // name an adviser, make a pay-only link
)

// adviserMay is what an adviser may do, by the limits that the debtor set. What
// is not in the table stays the debtor's own, whatever the limits.
var adviserMay = map[Act]func(Limits) bool{
	ActRead:    func(Limits) bool { return true },
	ActWrite:   func(l Limits) bool { return l.MayWrite },
	ActPropose: func(l Limits) bool { return l.MayPropose },
}

// payerMay is what somebody may do who holds a pay-only link.
var payerMay = map[Act]bool{ActPay: true}

// May says whether an actor may do something on the debtor's side of a case. It
// is the one place where this is decided: routes ask it before a handler runs,
// and acts ask it again under the case's lock (Case.Permits). Staff act for a
// party on the phone: how far is each act's to say.
func (a Actor) May(act Act) bool {
	switch a.Role {
	case RoleDebtor, RoleAgent, RoleAdministrator, RoleSystem, RoleGateway:
		return true
	case RoleAdviser:
		allowed, known := adviserMay[act]
		return known && allowed(a.Limits)
	case RolePayer:
		return payerMay[act]
	}
	return false
}

// Permits refuses what an actor may not do on the debtor's side of the case on
// a day. An adviser's limits are those of now, not of when they came in.
func (c *Case) Permits(by Actor, act Act, on Day) error {
	if by.Role == RoleAdviser {
		if !c.admits(by, on) {
			return errNotFound
		}
		by.Limits = c.Party(by.ID).Limits
	}
	switch {
	case by.May(act):
		return nil
	case by.Role == RoleAdviser:
		return Refuse(Forbidden, "adviser_may_not")
	}
	return Refuse(Forbidden, "not_your_role")
}

// admits says whether an adviser still stands in the case on a day; everybody
// else does whom MaySee lets in.
func (c *Case) admits(by Actor, on Day) bool {
	if by.Role != RoleAdviser {
		return true
	}
	p := c.Party(by.ID)
	return p != nil && p.Stands(on)
}
