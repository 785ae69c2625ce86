package portal

import (
	"net/http"
	"slices"

	"amiable/negotiation"
)

// A creditor's user who answers no offer only reads. Of what is sent with a
// form they may send what concerns their own access, and rules to try them:
// setting rules is refused to them where they are set. A new route is closed to
// them until it stands here.
var viewersSend = []string{
	"/security/password", "/security/language", "/security/sessions/end", "/security/sessions/:session/end", recoveryPath, "/creditor/policy",
	"/creditor/searches", // reads: it comes by POST so that no name stands in an address
}

// viewersMiss are the pages that only lead to a form they may not send.
var viewersMiss = []string{
	"/creditor/cases/:case/payments/new", "/creditor/payments/:payment/reversal", "/creditor/claims/new",
	creditsPath("creditor") + "/new", withdrawalPath("creditor"),
}

// onlyReads says whether somebody is such a viewer now: who decides in a
// colleague's place is none for that time.
func onlyReads(by negotiation.Actor) bool { return by.Role == negotiation.RoleCreditor && !by.Decides }

// viewersMay says whether a viewer may use a route of the staff.
func viewersMay(r Route) bool {
	if r.Method == http.MethodPost {
		return slices.Contains(viewersSend, r.Path)
	}
	return !slices.Contains(viewersMiss, r.Path)
}
