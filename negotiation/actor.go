package negotiation

import (
	"slices"
	"strings"

	"amiable/negotiation/money"
)

// Role is in which quality somebody acts.
type Role string

const (
	RoleDebtor        Role = "debtor"
	RoleAdviser       Role = "adviser" // whom a debtor let act within limits
	RolePayer         Role = "payer"   // who holds a pay-only link: sees no case, pays on one
	RoleCreditor      Role = "creditor"
	RoleAgent         Role = "agent"
	RoleAdministrator Role = "administrator" // an agent who also runs the installation
	RoleSystem        Role = "system"        // a job, when no person acts
	RoleGateway       Role = "gateway"       // what the payment service provider says
)

// Actor is who does something, and for whom. Every act names one.
type Actor struct {
	Role       Role
	ID         string // the user's, the party's for a debtor or adviser, the link's for a payer
	Name       string
	CreditorID string // creditors only: the one creditor whose cases they may see
	CaseID     string // debtors, advisers, payers: their one case
	OnBehalfOf string // an agent on the phone, or an adviser, for a party: the party's id; for the creditor: the creditor's
	Limits     Limits // advisers only: what they may do

	Decides     bool  // creditors only: may answer offers
	DecidesUpTo int64 // minor units owed, at most; 0: any sum
	Deputy      bool  // decides in a colleague's place until a day: answers offers, and sets no rules

	Supervises bool  // agents only: gives cases out, and sees the team
	GivesUpTo  int64 // agents only: minor units of a creditor's money that they give up alone, at most; 0: any sum, NothingAlone: none
}

// NothingAlone is the limit of an agent who gives up nothing without a second
// person.
const NothingAlone int64 = -1

// System acts for a job, Gateway for what the payment service provider said.
var (
	System  = Actor{Role: RoleSystem, ID: "system", Name: "Amiable"}
	Gateway = Actor{Role: RoleGateway, ID: "gateway", Name: "Stripe"}
)

// IsStaff says whether the actor belongs to the agency.
func (a Actor) IsStaff() bool { return a.Role == RoleAgent || a.Role == RoleAdministrator }

// Leads says whether the actor gives out the work of others.
func (a Actor) Leads() bool {
	return a.Role == RoleAdministrator || (a.Role == RoleAgent && a.Supervises)
}

// GivesAlone says whether an agent may give up a sum of a creditor's money
// without a second person.
func (a Actor) GivesAlone(sum money.Amount) bool {
	return a.GivesUpTo == 0 || sum.Minor <= max(0, a.GivesUpTo)
}

// DecidesAll says whether a creditor's user decides on any sum by themselves:
// they set the rules too.
func (a Actor) DecidesAll() bool {
	return a.Role == RoleCreditor && a.Decides && a.DecidesUpTo == 0 && !a.Deputy
}

// MayAnswer says whether a creditor's user may answer an offer on a sum owed.
func (a Actor) MayAnswer(owed money.Amount) bool {
	return a.Role == RoleCreditor && a.mayDecide(owed) == nil
}

// MaySee says whether the actor may see a case. It is the one place where this
// is decided: every door to a case asks here, and answers "not found" where
// the answer is no, so that nobody learns what exists. What may be done on it
// is May's to say; a payer pays without seeing.
func (a Actor) MaySee(c *Case) bool {
	switch a.Role {
	case RoleDebtor, RoleAdviser:
		return a.CaseID != "" && a.CaseID == c.ID
	case RoleCreditor:
		return a.CreditorID != "" && a.CreditorID == c.CreditorID
	case RoleAgent, RoleAdministrator, RoleSystem, RoleGateway:
		return true
	}
	return false
}

// mayDecide refuses a creditor's user who may not answer an offer on a sum.
func (a Actor) mayDecide(owed money.Amount) error {
	switch {
	case a.Role != RoleCreditor: // an agent who was told of the creditor's decision
		return nil
	case !a.Decides:
		return Refuse(Forbidden, "not_decider")
	case a.DecidesUpTo > 0 && owed.Minor > a.DecidesUpTo:
		return Refuse(Forbidden, "above_your_limit").With("most", money.New(a.DecidesUpTo, owed.Currency))
	}
	return nil
}

// said refuses an agent who acts for somebody without noting how they said so.
func (a Actor) said(note string) error {
	if a.IsStaff() && a.OnBehalfOf != "" && strings.TrimSpace(note) == "" {
		return Refuse(Invalid, "word_missing").On("note")
	}
	return nil
}

// only refuses actors of other roles than those named.
func (a Actor) only(roles ...Role) error {
	if slices.Contains(roles, a.Role) {
		return nil
	}
	return Refuse(Forbidden, "not_your_role")
}
