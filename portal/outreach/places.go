package outreach

import (
	"net/url"
	"strconv"
)

// places are the addresses that letters name. The paths are the portal's
// routes; a token is the only thing of a person's in any of them.
type places struct{ base string }

func (p places) link(token string) string  { return p.base + "/l/" + url.PathEscape(token) }
func (p places) notMe(token string) string { return p.link(token) + "/not-me" }

// The pages to which a letter's link can lead after the check, by a word. The
// portal has a page for each and for no other word: what stands in a link never
// chooses an address.
const (
	ToOffer       = "offer"       // the offer that waits for an answer
	ToInstalments = "instalments" // the plan under way
	ToAgreement   = "agreement"   // what was agreed last
	ToMessage     = "message"     // to write to a person
	ToDispute     = "dispute"     // what is contested, or was last
)

// Tos are all of them.
var Tos = []string{ToOffer, ToInstalments, ToAgreement, ToMessage, ToDispute}

// linkTo is a link that leads to one of Tos.
func (p places) linkTo(token, to string) string {
	if to == "" {
		return p.link(token)
	}
	return p.link(token) + "?to=" + to
}

func (p places) check() string { return p.base + "/is-it-real" }
func (p places) invitation(token string) string {
	return p.base + "/invitation/" + url.PathEscape(token)
}
func (p places) reset(token string) string  { return p.base + "/reset/" + url.PathEscape(token) }
func (p places) security() string           { return p.base + "/security" }
func (p places) payments() string           { return p.base + "/creditor/payments" }
func (p places) payouts() string            { return p.base + "/creditor/payouts" }
func (p places) connect() string            { return p.base + "/creditor/connect" }
func (p places) agentCase(id string) string { return p.base + "/agent/cases/" + url.PathEscape(id) }
func (p places) cases() string              { return p.base + "/creditor/cases" }
func (p places) creditorCase(id string) string {
	return p.base + "/creditor/cases/" + url.PathEscape(id)
}
func (p places) messages(ofCase string) string { return ofCase + "/messages" }
func (p places) creditorOffer(caseID, offerID string) string {
	return p.creditorCase(caseID) + "/offers/" + url.PathEscape(offerID)
}
func (p places) creditorDispute(caseID, disputeID string) string {
	return p.creditorCase(caseID) + "/disputes/" + url.PathEscape(disputeID)
}
func (p places) agentDispute(caseID, disputeID string) string {
	return p.agentCase(caseID) + "/disputes/" + url.PathEscape(disputeID)
}
func (p places) creditorOutcome(caseID, disputeID string, round int64) string {
	return p.creditorDispute(caseID, disputeID) + "/outcome?round=" + strconv.FormatInt(round, 10)
}
