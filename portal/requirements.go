package portal

import (
	"slices"
	"strings"

	"amiable/payments"
	"amiable/portal/locale"
)

// requirementWords says in words what the gateway still asks of a creditor.
// Its own names are many and grow; what they begin or end with says enough.
func requirementWords(l locale.Language, requirement string) string {
	for _, known := range []struct{ part, key string }{
		{"external_account", "requirement.bank"}, {"tos_acceptance", "requirement.terms"}, {"business_profile", "requirement.activity"},
		{"verification.document", "requirement.identity"}, {"id_number", "requirement.identity"}, {"tax_id", "requirement.siren"},
		{"owners", "requirement.owners"}, {"directors", "requirement.directors"}, {"representative", "requirement.representative"},
		{"company", "requirement.company"}, {"individual", "requirement.individual"},
	} {
		if strings.Contains(requirement, known.part) {
			return l.T(known.key)
		}
	}
	return l.T("requirement.other", "name", requirement)
}

// whatStops names what a requirement stops already: nothing where it is not
// overdue, payouts where no bank is known to pay to, else what is stopped.
func whatStops(a *payments.Account, requirement string) string {
	switch {
	case !slices.Contains(strings.Fields(a.Overdue), requirement), a.ChargesEnabled && a.PayoutsEnabled:
		return "later"
	case strings.Contains(requirement, "external_account") && !a.PayoutsEnabled, a.ChargesEnabled:
		return "payouts"
	case a.PayoutsEnabled:
		return "charges"
	}
	return "both"
}
