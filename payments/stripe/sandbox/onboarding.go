package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// review works out what is still due of an account and what it may do, and
// tells of it if that changed. A custom account is complete once its owner gave
// everything by API; an express or standard one when onboarding was completed.
func (s *Sandbox) review(t *tenant) {
	x := t.self
	due := []string{}
	want := func(name string, given bool) {
		if !given {
			due = append(due, name)
		}
	}
	if x.Type == "custom" {
		want("tos_acceptance.date", x.TOSAcceptance.Date != nil)
		want("tos_acceptance.ip", x.TOSAcceptance.IP != nil)
		if _, cards := x.asked["card_payments"]; cards {
			want("business_type", x.BusinessType != nil)
			want("external_account", len(x.banks) > 0)
		}
	} else if !x.DetailsSubmitted {
		want("business_type", x.BusinessType != nil)
		want("business_profile.mcc", x.BusinessProfile.MCC != nil)
		want("business_profile.url", x.BusinessProfile.URL != nil || x.BusinessProfile.ProductDescription != nil)
		want("external_account", len(x.banks) > 0)
		want("tos_acceptance.date", x.TOSAcceptance.Date != nil)
		want("tos_acceptance.ip", x.TOSAcceptance.IP != nil)
	}
	x.Requirements = nothingDue()
	state, status := "enabled", "active"
	switch {
	case x.state == "rejected":
		state, status = "rejected", "inactive"
		x.Requirements.DisabledReason = optional("rejected.other")
	case x.state == "restricted":
		state, status = "restricted", "inactive"
		x.Requirements.CurrentlyDue, x.Requirements.PastDue = []string{"individual.verification.document"}, []string{"individual.verification.document"}
		x.Requirements.EventuallyDue = x.Requirements.CurrentlyDue
		x.Requirements.DisabledReason = optional("requirements.past_due")
	case len(due) > 0 || x.Type != "custom" && !x.DetailsSubmitted:
		state, status = "due", "inactive"
		x.Requirements.CurrentlyDue, x.Requirements.EventuallyDue, x.Requirements.PastDue = due, slices.Clone(due), slices.Clone(due)
		x.Requirements.DisabledReason = optional("requirements.past_due")
	}
	s.move(accountMoves, x.ID, &x.state, state)
	if x.Type == "custom" {
		x.DetailsSubmitted = len(due) == 0
	}
	capabilities := map[string]string{}
	for name := range x.asked {
		capabilities[name] = status
	}
	if x.legacy && state != "rejected" && state != "restricted" {
		capabilities["legacy_payments"] = "active"
	}
	x.Capabilities = capabilities
	if settings := *x.Settings; capabilities["sepa_debit_payments"] == "active" {
		settings.SepaDebitPayments = map[string]string{"creditor_id": creditorIdentifier(x.ID)}
		x.Settings = &settings
	}
	x.ChargesEnabled = state == "enabled" && (capabilities["card_payments"] == "active" || x.Type == "custom")
	x.PayoutsEnabled = state == "enabled"
}

// reviewed reviews an account and tells its owner and the platform of changes.
func (s *Sandbox) reviewed(t *tenant) {
	was := map[string]map[string]json.RawMessage{}
	names := map[string]bool{}
	for name := range t.self.Capabilities {
		was[name] = snapshot(t.capabilityObject(name))
		names[name] = true
	}
	s.review(t)
	for name := range t.self.Capabilities {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		before := was[name]
		if before == nil {
			before = snapshot(&capability{ID: name, Object: "capability", Account: t.id, Status: "unrequested",
				FutureRequirements: capabilityRequirements(nothingDue()), Requirements: capabilityRequirements(nothingDue())})
		}
		s.updated(t, "capability.updated", t.capabilityObject(name), before)
	}
}

// CompleteOnboarding is the owner of an account giving everything that is due.
func (s *Sandbox) CompleteOnboarding(id string) error {
	return s.changeAccount(id, func(t *tenant) {
		x := t.self
		x.DetailsSubmitted = true
		if x.BusinessType == nil {
			x.BusinessType = optional("company")
		}
		profile := *x.BusinessProfile
		if profile.MCC == nil {
			profile.MCC = optional("7399")
		}
		if profile.URL == nil && profile.ProductDescription == nil {
			profile.ProductDescription = optional("Invoices collected amicably")
		}
		x.BusinessProfile = &profile
		x.TOSAcceptance = &tosAcceptance{Date: number(s.now().Unix()), IP: optional("127.0.0.1")}
		if len(x.banks) == 0 {
			x.addBank(s.testBank(x))
		}
	})
}

// RestrictAccount takes an account's capabilities away, as a failed check of
// its owner does; RestoreAccount gives them back.
func (s *Sandbox) RestrictAccount(id string) error {
	return s.changeAccount(id, func(t *tenant) { s.move(accountMoves, id, &t.self.state, "restricted") })
}

// RestoreAccount undoes RestrictAccount.
func (s *Sandbox) RestoreAccount(id string) error {
	return s.changeAccount(id, func(t *tenant) { s.move(accountMoves, id, &t.self.state, "enabled") })
}

func (s *Sandbox) changeAccount(id string, change func(*tenant)) error {
	return s.act(func() error {
		t, known := s.tenants[id]
		if !known || t == s.platform || t.self.deleted {
			return fmt.Errorf("no connected account %s", id)
		}
		before := snapshot(t.self)
		change(t)
		s.reviewed(t)
		s.updated(t, "account.updated", t.self, before)
		return nil
	})
}

// AccountView is what the onboarding page shows.
type AccountView struct {
	ID, Type, Country, Email, Name string
	Enabled                        bool
	Due                            []string
	ReturnURL, RefreshURL          string
	LinkExpired                    bool
}

// Account describes a connected account.
func (s *Sandbox) Account(id string) (AccountView, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(cause{})
	t, known := s.tenants[id]
	if !known || t.self.deleted {
		return AccountView{}, false
	}
	x := t.self
	v := AccountView{ID: id, Type: x.Type, Country: x.Country, Email: value(x.Email), Name: value(x.BusinessProfile.Name),
		Enabled: x.ChargesEnabled && x.PayoutsEnabled, Due: slices.Clone(x.Requirements.CurrentlyDue)}
	if link := s.links[id]; link != nil {
		v.ReturnURL, v.RefreshURL, v.LinkExpired = link.returnURL, link.refreshURL, link.used || !s.moment.Before(time.Unix(link.ExpiresAt, 0))
	}
	return v, true
}
