package sandbox

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// onboardingPage asks the owner of a connected account for what is due.
type onboardingPage struct {
	sheet
	Path, Link, Lead string
	Fields           []dueField
	Kinds            []dueKind
	Settled          bool // nothing is missing
}

// dueField is one requirement as the form asks for it. Kind is kind, text or tick.
type dueField struct{ Name, Kind, Label, Hint, Value string }

type dueKind struct {
	Value, Label string
	Chosen       bool
}

// onboardingBank is the one bank account that the page takes: Stripe's French
// test number, whose payouts succeed.
const onboardingBank = "FR1420041010050500013M02606"

// showOnboarding spends the link that led here. A link that was used or has
// expired leads to where the platform makes another, as Stripe's do.
func (x *site) showOnboarding(w http.ResponseWriter, r *http.Request) {
	id, link := r.PathValue("account"), r.URL.Query().Get("link")
	owner, known := x.Account(id)
	if !known {
		showMessage(w, r, http.StatusNotFound, "nothing", "")
		return
	}
	if r.Method == http.MethodHead { // somebody looks whether the link is alive: that does not spend it
		w.WriteHeader(http.StatusOK)
		return
	}
	if err := x.FollowLink(id, link); err != nil {
		x.linkSpent(w, r, owner)
		return
	}
	show(w, http.StatusOK, "onboarding.html", newOnboardingPage(r, owner, link))
}

func (x *site) linkSpent(w http.ResponseWriter, r *http.Request, owner AccountView) {
	if owner.RefreshURL != "" {
		http.Redirect(w, r, owner.RefreshURL, http.StatusSeeOther)
		return
	}
	showMessage(w, r, http.StatusGone, "join.spent", "")
}

func newOnboardingPage(r *http.Request, owner AccountView, link string) *onboardingPage {
	lang := languageOf(r, "")
	name := owner.Name
	if name == "" {
		name = owner.Email
	}
	if name == "" {
		name = say(lang, "join.nobody")
	}
	page := &onboardingPage{sheet: sheet{Lang: lang, Title: say(lang, "join.title")}, Path: "/onboarding/" + owner.ID, Link: link,
		Lead: say(lang, "join.lead", name), Settled: len(owner.Due) == 0 && owner.Enabled}
	terms := false
	for _, due := range owner.Due {
		switch {
		case due == "business_type":
			page.Fields = append(page.Fields, dueField{Name: due, Kind: "kind", Label: page.T("join.kind")})
			for _, kind := range businessKinds {
				page.Kinds = append(page.Kinds, dueKind{Value: kind, Label: page.T("join.kind." + kind)})
			}
		case due == "business_profile.mcc":
			page.Fields = append(page.Fields, dueField{Name: due, Kind: "text", Label: page.T("join.mcc"), Hint: page.T("join.mcc.hint"), Value: "7399"})
		case due == "business_profile.url":
			page.Fields = append(page.Fields, dueField{Name: due, Kind: "text", Label: page.T("join.url"), Hint: page.T("join.url.hint"), Value: "https://example.com"})
		case due == "external_account":
			page.Fields = append(page.Fields, dueField{Name: due, Kind: "text", Label: page.T("join.bank"), Hint: page.T("join.bank.hint", onboardingBank), Value: onboardingBank})
		case strings.HasPrefix(due, "tos_acceptance."):
			if !terms {
				page.Fields = append(page.Fields, dueField{Name: "tos_acceptance", Kind: "tick", Label: page.T("join.terms")})
			}
			terms = true
		case strings.HasSuffix(due, ".verification.document"):
			page.Fields = append(page.Fields, dueField{Name: due, Kind: "tick", Label: page.T("join.document")})
		default:
			page.Fields = append(page.Fields, dueField{Name: due, Kind: "tick", Label: page.T("join.other", due)})
		}
	}
	return page
}

var businessKinds = []string{"company", "individual", "non_profit", "government_entity"}

// answerOnboarding is the owner giving what is due, leaving, or failing the check.
func (x *site) answerOnboarding(w http.ResponseWriter, r *http.Request) {
	if !readForm(w, r) {
		return
	}
	id, link := r.PathValue("account"), r.PostFormValue("link")
	owner, known := x.Account(id)
	if !known {
		showMessage(w, r, http.StatusNotFound, "nothing", "")
		return
	}
	if !x.followed(id, link) {
		x.linkSpent(w, r, owner)
		return
	}
	page := newOnboardingPage(r, owner, link)
	var err error
	switch r.PostFormValue("do") {
	case "leave":
	case "restrict":
		err = x.failCheck(id)
	default:
		given := page.read(r)
		if len(page.Problems) > 0 {
			show(w, http.StatusUnprocessableEntity, "onboarding.html", page)
			return
		}
		err = x.give(id, given)
	}
	if err != nil { // the account was deleted since it was found
		showMessage(w, r, http.StatusNotFound, "nothing", "")
		return
	}
	http.Redirect(w, r, owner.ReturnURL, http.StatusSeeOther)
}

// followed says whether a link was the account's latest and has been opened:
// only then was this form shown to anybody.
func (s *Sandbox) followed(account, token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	link := s.links[account]
	return link != nil && link.token == token && link.used
}

func (p *onboardingPage) read(r *http.Request) map[string]string {
	given := map[string]string{}
	wrong := func(field, key string) { p.Problems = append(p.Problems, problem{field, p.T(key)}) }
	for i := range p.Fields {
		f := &p.Fields[i]
		text := trimmed(r, f.Name)
		f.Value = text
		switch {
		case f.Kind == "tick":
			if text == "" {
				wrong(f.Name, "join.bad.tick")
			}
		case f.Kind == "kind":
			for k := range p.Kinds {
				p.Kinds[k].Chosen = p.Kinds[k].Value == text
			}
			if !slices.Contains(businessKinds, text) {
				wrong(f.Name, "join.bad.kind")
			}
		case f.Name == "business_profile.mcc":
			if len(text) != 4 || strings.Trim(text, "0123456789") != "" {
				wrong(f.Name, "join.bad.mcc")
			}
		case f.Name == "business_profile.url":
			u, err := url.Parse(text)
			if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
				wrong(f.Name, "join.bad.url")
			}
		case f.Name == "external_account":
			if strings.ToUpper(strings.ReplaceAll(text, " ", "")) != onboardingBank {
				f.Value = onboardingBank
				wrong(f.Name, "join.bad.bank")
			}
		}
		given[f.Name] = text
	}
	return given
}

// give takes over what the owner gave. What remains undemanded by the form,
// the account has already.
func (s *Sandbox) give(id string, given map[string]string) error {
	return s.changeAccount(id, func(t *tenant) {
		x := t.self
		if kind := given["business_type"]; kind != "" {
			x.BusinessType = &kind
		}
		profile := *x.BusinessProfile
		if mcc := given["business_profile.mcc"]; mcc != "" {
			profile.MCC = &mcc
		}
		if site := given["business_profile.url"]; site != "" {
			profile.URL = &site
		}
		x.BusinessProfile = &profile
		if given["external_account"] != "" && len(x.banks) == 0 {
			bank := s.testBank(x)
			bank.Last4 = onboardingBank[len(onboardingBank)-4:]
			x.addBank(bank)
		}
		if given["tos_acceptance"] != "" {
			terms := *x.TOSAcceptance
			terms.Date, terms.IP = number(s.now().Unix()), optional("127.0.0.1")
			x.TOSAcceptance = &terms
		}
		x.DetailsSubmitted = true
		if x.state == "restricted" {
			s.move(accountMoves, id, &x.state, "enabled")
		}
	})
}

// failCheck restricts an account as a failed check of its owner does. One that
// never was enabled has given its details first.
func (s *Sandbox) failCheck(id string) error {
	owner, known := s.Account(id)
	if known && !owner.Enabled && !slices.Contains(owner.Due, "individual.verification.document") {
		if err := s.CompleteOnboarding(id); err != nil {
			return err
		}
	}
	return s.RestrictAccount(id)
}

// dashboardPage is what a login link leads to.
type dashboardPage struct {
	sheet
	Enabled bool
	Rows    []printedBalance
}

type printedBalance struct{ Available, Pending string }

func (x *site) showDashboard(w http.ResponseWriter, r *http.Request) {
	owner, known := x.Account(r.PathValue("account"))
	if !known {
		showMessage(w, r, http.StatusNotFound, "nothing", "")
		return
	}
	lang := languageOf(r, "")
	page := dashboardPage{sheet: sheet{Lang: lang, Title: say(lang, "board.title")}, Enabled: owner.Enabled}
	if owner.Name != "" {
		page.Title = owner.Name
	}
	buckets := map[string]map[string]int64{}
	for _, b := range x.Books() {
		if b.Owner == owner.ID {
			if buckets[b.Currency] == nil {
				buckets[b.Currency] = map[string]int64{}
			}
			buckets[b.Currency][b.Bucket] = b.Amount
		}
	}
	for _, currency := range slices.Sorted(maps.Keys(buckets)) {
		page.Rows = append(page.Rows, printedBalance{printSum(lang, buckets[currency][availableBucket], currency), printSum(lang, buckets[currency][pendingBucket], currency)})
	}
	show(w, http.StatusOK, "dashboard.html", page)
}
