package portal

import (
	"net/http"
	"slices"

	"amiable/negotiation"
)

// limited says which act a route of the debtors is, where an adviser comes to
// it: one of the acts is enough to be let in, and what the act itself asks is
// asked again under the case's lock. A route that is not here is to be read by
// whoever may read the case if it is a GET, and is the debtor's alone if not.
// Who holds a pay-only link comes to none of them: theirs are the routes of
// Payers.
var limited = map[string][]negotiation.Act{
	"POST /case/wishes":    {negotiation.ActWrite, negotiation.ActPropose},
	"POST " + disputesPath: {negotiation.ActWrite}, "POST " + disputesPath + "/:dispute/replies": {negotiation.ActWrite},
	"GET /case/contest": {negotiation.ActWrite}, "POST " + messagePath: {negotiation.ActWrite},
	"GET /case/callback": {negotiation.ActWrite},

	"GET /case/pay": {negotiation.ActPay}, "GET " + payReviewPath: {negotiation.ActPay}, "GET " + transferPath: {negotiation.ActPay}, "GET " + returnPath: {negotiation.ActPay}, "GET " + cardReturn: {own},
	"GET /case/contact": {own}, "GET /case/pause": {own}, "GET /case/hardship": {own}, "GET " + overindebtednessPath: {own}, "GET /case/settlement": {own}, "GET " + budgetPath: {own},
	"GET /case/plan/review": {own}, "GET /case/time/review": {own}, "GET /case/settlement/review": {own},
	"GET " + instalmentsPath + "/:number/day": {own}, "GET " + instalmentsPath + "/:number/skip": {own},
	"GET " + copyPath: {own}, "GET /case/share": {negotiation.ActShare}, "GET /case/share/adviser": {negotiation.ActShare},
}

// own stands for whatever only the debtor does; no table allows it to anybody
// else.
const own negotiation.Act = "own"

// acts are what one must be allowed, one of them, to use a debtors' route.
func (r Route) acts() []negotiation.Act {
	if acts, listed := limited[r.Method+" "+r.Path]; listed {
		return acts
	}
	if r.Method == http.MethodGet {
		return []negotiation.Act{negotiation.ActRead}
	}
	return []negotiation.Act{own}
}

// mayUse says whether an actor may use a debtors' route.
func mayUse(by negotiation.Actor, r Route) bool { return slices.ContainsFunc(r.acts(), by.May) }
