package portal

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/locale"
	"amiable/portal/page"
)

func (s *Server) showCreditors(c echo.Context) error {
	ctx := c.Request().Context()
	creditors, err := s.negotiation.Creditors(ctx)
	if err != nil {
		return err
	}
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	p := &page.CreditorList{StaffBase: s.staffBase(c, "creditors")}
	for i := range creditors {
		creditor := &creditors[i]
		sums, err := s.negotiation.Sums(ctx, creditor.ID)
		if err != nil {
			return err
		}
		mandates, err := s.negotiation.Mandates(ctx, creditor.ID)
		if err != nil {
			return err
		}
		account, err := s.payments.AccountOf(ctx, creditor.ID)
		if err != nil {
			return err
		}
		p.Rows = append(p.Rows, page.CreditorRow{
			URL: "/agent/creditors/" + creditor.ID, Name: creditor.Name, SIREN: creditor.SIREN, Cases: sums.Cases,
			Left: money.New(sums.Balance, money.EUR), Mandate: mandateState(mandates, today), Card: accountState(account),
		})
	}
	return s.showConsole(c, http.StatusOK, p)
}

func mandateState(mandates []negotiation.Mandate, today negotiation.Day) string {
	for i := range mandates {
		if mandates[i].InForce(today) {
			return "live"
		}
	}
	if len(mandates) > 0 {
		return "ended"
	}
	return "missing"
}

var creditorFields = []string{"reference", "name", "legal_form", "siren", "address", "email", "language", "check", "part_allowed", "part_min", "stripe_account"}

func (s *Server) showNewCreditor(c echo.Context) error {
	return s.showConsole(c, http.StatusOK, &page.CreditorForm{
		StaffBase: s.staffBase(c, "creditors"), New: true, Action: "/agent/creditors", Form: page.Form{Values: map[string]string{"check": "postcode", "language": string(locale.French)}},
	})
}

// creditorFrom reads the form of a creditor.
func creditorFrom(form *page.Form) negotiation.Creditor {
	creditor := negotiation.Creditor{
		Reference: form.Values["reference"], Name: strings.TrimSpace(form.Values["name"] + " " + form.Values["legal_form"]), SIREN: form.Values["siren"],
		Email: strings.TrimSpace(form.Values["email"]), Language: form.Values["language"], SecondCheck: negotiation.SecondCheck(form.Values["check"]),
	}
	creditor.Street, creditor.Postcode, creditor.City = address(form.Values["address"])
	if form.Is("part_allowed", "yes") {
		least := readSum(form, "part_min")
		if least.IsZero() {
			least = money.Euros(1)
		}
		creditor.PartPaymentMinimum = &least.Minor
	}
	return creditor
}

// address cuts "12 rue des Chartrons, 33000 Bordeaux" into its parts.
func address(text string) (street, postcode, city string) {
	street, rest, ok := strings.Cut(text, ",")
	if !ok {
		return strings.TrimSpace(text), "", ""
	}
	if i := strings.LastIndex(text, ","); i > len(street) {
		street, rest = text[:i], text[i+1:]
	}
	postcode, city, _ = strings.Cut(strings.TrimSpace(rest), " ")
	if len(postcode) < 4 || strings.Trim(postcode, "0123456789") != "" {
		return strings.TrimSpace(street), "", strings.TrimSpace(rest)
	}
	return strings.TrimSpace(street), postcode, strings.TrimSpace(city)
}

func (s *Server) createCreditor(c echo.Context) error {
	ctx := c.Request().Context()
	form := typed(c, creditorFields...)
	again := func(status int) error {
		return s.showConsole(c, status, &page.CreditorForm{StaffBase: s.staffBase(c, "creditors"), New: true, Action: "/agent/creditors", Form: form})
	}
	creditor := creditorFrom(&form)
	if strings.TrimSpace(creditor.Reference) == "" {
		known, err := s.negotiation.Creditors(ctx)
		if err != nil {
			return err
		}
		creditor.Reference = nextReference(known)
	}
	if form.Bad() {
		return again(http.StatusUnprocessableEntity)
	}
	made, err := s.negotiation.AddCreditor(ctx, who(c).Actor, creditor)
	if r := negotiation.AsRefusal(err); r != nil {
		note(&form, s.language(c), r)
		return again(status(r))
	}
	if err != nil {
		return err
	}
	if account := strings.TrimSpace(form.Values["stripe_account"]); account != "" {
		if _, err := s.payments.NameAccount(ctx, who(c).Actor, made.ID, account); err != nil {
			s.Log.Warn("account not named", "creditor", made.ID, "error", err)
		}
	}
	return c.Redirect(http.StatusSeeOther, "/agent/creditors/"+made.ID+"?done=saved")
}

// nextReference is the next free reference of the form CRE-001.
func nextReference(known []negotiation.Creditor) string {
	most := 0
	for _, creditor := range known {
		if n, err := strconv.Atoi(strings.TrimPrefix(creditor.Reference, "CRE-")); err == nil {
			most = max(most, n)
		}
	}
	number := strconv.Itoa(most + 1)
	return "CRE-" + strings.Repeat("0", max(0, 3-len(number))) + number
}

func (s *Server) showCreditor(c echo.Context) error {
	creditor, err := s.negotiation.Creditor(c.Request().Context(), c.Param("creditor"))
	if err != nil {
		return err
	}
	form := page.Form{Values: map[string]string{
		"reference": creditor.Reference, "name": creditor.Name, "siren": creditor.SIREN, "email": creditor.Email, "language": creditor.Language, "check": string(creditor.SecondCheck),
		"address": strings.Join(notEmpty(creditor.Street, strings.TrimSpace(creditor.Postcode+" "+creditor.City)), ", "),
	}}
	if creditor.PartPaymentMinimum != nil {
		form.Values["part_allowed"], form.Values["part_min"] = "yes", s.language(c).Entry(money.Euros(*creditor.PartPaymentMinimum))
	}
	if account, err := s.payments.AccountOf(c.Request().Context(), creditor.ID); err == nil && account != nil {
		form.Values["stripe_account"] = account.AccountID
	}
	return s.answerCreditor(c, http.StatusOK, creditor, form)
}

func (s *Server) answerCreditor(c echo.Context, status int, creditor *negotiation.Creditor, form page.Form) error {
	at := "/agent/creditors/" + creditor.ID
	p := &page.CreditorForm{StaffBase: s.staffBase(c, "creditors"), Action: at, MandateURL: at + "/mandates/new", UsersURL: "/agent/users", Form: form}
	mandates, err := s.negotiation.Mandates(c.Request().Context(), creditor.ID)
	if err != nil {
		return err
	}
	for _, m := range mandates {
		row := page.MandateRow{URL: at + "/mandates/new", SignedOn: m.SignedOn, Scope: m.Scope, Fee: p.Lang.Percent(m.FeeBasisPoints), File: m.Reference, Ended: m.ValidUntil}
		if p.Administrator { // an agent does not set what agents may decide
			row.PolicyURL = at + "/policy?mandate=" + m.ID
		}
		p.Mandates = append(p.Mandates, row)
	}
	return s.showConsole(c, status, p)
}

func (s *Server) changeCreditor(c echo.Context) error {
	ctx := c.Request().Context()
	creditor, err := s.negotiation.Creditor(ctx, c.Param("creditor"))
	if err != nil {
		return err
	}
	form := typed(c, creditorFields...)
	changed := creditorFrom(&form)
	changed.ID, changed.Reference, changed.Kind, changed.Phone = creditor.ID, creditor.Reference, creditor.Kind, creditor.Phone
	if form.Bad() {
		return s.answerCreditor(c, http.StatusUnprocessableEntity, creditor, form)
	}
	err = s.negotiation.ChangeCreditor(ctx, who(c).Actor, changed)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		note(&form, s.language(c), r)
		return s.answerCreditor(c, status(r), creditor, form)
	}
	if err != nil {
		return err
	}
	if account := strings.TrimSpace(form.Values["stripe_account"]); account != "" {
		_, err := s.payments.NameAccount(ctx, who(c).Actor, creditor.ID, account)
		if err != nil {
			form.Add("stripe_account", "general")
			s.Log.Warn("account not named", "creditor", creditor.ID, "error", err)
			return s.answerCreditor(c, http.StatusUnprocessableEntity, creditor, form)
		}
	}
	return c.Redirect(http.StatusSeeOther, "/agent/creditors/"+creditor.ID+"?done=saved")
}

var mandateFields = []string{
	"reference", "signed_on", "scope", "scope_note", "fee_percent", "fee_minimum", "vat_percent", "withhold", "interest_waived", "file_reference", "ends_on",
}

func (s *Server) showNewMandate(c echo.Context) error {
	return s.answerMandate(c, http.StatusOK, s.kept(c, page.Form{Values: map[string]string{"scope": "all", "vat_percent": "20", "withhold": "yes", "interest_waived": "yes"}}))
}

func (s *Server) answerMandate(c echo.Context, status int, form page.Form) error {
	creditor, err := s.negotiation.Creditor(c.Request().Context(), c.Param("creditor"))
	if err != nil {
		return err
	}
	at := "/agent/creditors/" + creditor.ID
	return s.showConsole(c, status, &page.MandateForm{
		StaffBase: s.staffBase(c, "creditors"), Creditor: creditor.Name, Action: at + "/mandates", BackURL: at, Form: form,
	})
}

func (s *Server) createMandate(c echo.Context) error {
	ctx := c.Request().Context()
	form := typed(c, mandateFields...)
	creditor, err := s.negotiation.Creditor(ctx, c.Param("creditor"))
	if err != nil {
		return err
	}
	m := negotiation.Mandate{
		CreditorID: creditor.ID, Reference: form.Values["reference"], SignedOn: readDay(&form, "signed_on"), ValidUntil: readDay(&form, "ends_on"),
		Scope: strings.TrimSpace(form.Values["scope"] + " " + form.Values["scope_note"]), Proof: form.Values["file_reference"],
		FeeBasisPoints: readPercent(&form, "fee_percent"), FeeMinimum: readSum(&form, "fee_minimum").Minor, VATBasisPoints: readPercent(&form, "vat_percent"),
		FeeWithheld: form.Is("withhold", "yes"), InterestWaivedInPlans: form.Is("interest_waived", "yes"), RestWaivedBelow: 100,
	}
	if m.Reference == "" {
		m.Reference = "MDT-" + strings.TrimPrefix(creditor.Reference, "CRE-") + "-" + string(m.SignedOn)
	}
	file, err := s.upload(c, &form, "file", proofBytesMax, "application/pdf")
	if err != nil {
		return err
	}
	if file != "" {
		m.Proof = file
	}
	if form.Bad() {
		return s.answerMandate(c, http.StatusUnprocessableEntity, form)
	}
	_, err = s.negotiation.SignMandate(ctx, who(c).Actor, m)
	if r := negotiation.AsRefusal(err); r != nil {
		if r.Field == "proof" {
			r.Field = "file_reference"
		}
		note(&form, s.language(c), r)
		return s.answerMandate(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent/creditors/"+creditor.ID+"?done=saved")
}

var agencyFields = []string{
	"name", "siren", "city", "kind", "address", "phone", "mail", "language", "hours", "agent_name", "insurer", "insurance_until", "account_bank", "account_iban",
	"prosecutor_city", "declared_on",
}

func (s *Server) showAgency(c echo.Context) error {
	form := page.Form{Values: map[string]string{"kind": string(negotiation.ThirdParty), "language": string(locale.French)}}
	if a, err := s.negotiation.Agency(c.Request().Context()); err == nil {
		form.Values = map[string]string{
			"name": a.Name, "siren": a.SIREN, "city": a.City, "kind": string(a.CollectorKind), "phone": a.Phone, "mail": a.Email, "language": a.Language, "hours": a.Hours,
			"agent_name": a.AgentName,
			"address":    strings.Join(notEmpty(a.Street, strings.TrimSpace(a.Postcode+" "+a.City)), ", "),
		}
	} else if negotiation.AsRefusal(err) == nil {
		return err
	}
	return s.answerAgency(c, http.StatusOK, form)
}

func (s *Server) answerAgency(c echo.Context, status int, form page.Form) error {
	p := &page.AgencySetup{StaffBase: s.staffBase(c, "agency"), Form: form}
	today, err := s.negotiation.Today(c.Request().Context())
	if err != nil {
		return err
	}
	if a, err := s.negotiation.Agency(c.Request().Context()); err == nil {
		missing := a.MissingPapers(today)
		for _, kind := range negotiation.PaperKinds {
			row := page.PaperRow{Kind: string(kind)}
			for _, paper := range a.Papers {
				if paper.Kind == kind {
					row.Ref, row.Until = paper.Reference, paper.ValidUntil
				}
			}
			for _, gone := range missing {
				row.Missing = row.Missing || gone == kind
			}
			row.Soon = !row.Until.IsZero() && row.Until.Before(today.Add(60))
			p.Papers = append(p.Papers, row)
		}
	}
	return s.showConsole(c, status, p)
}

// saveAgency founds the agency or changes it, and files the papers that the
// form names.
func (s *Server) saveAgency(c echo.Context) error {
	ctx := c.Request().Context()
	form := typed(c, agencyFields...)
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return err
	}
	a := negotiation.Agency{
		Name: form.Values["name"], SIREN: strings.Join(strings.Fields(form.Values["siren"]), ""), City: strings.TrimSpace(form.Values["city"]),
		CollectorKind: negotiation.CollectorKind(form.Values["kind"]), Phone: form.Values["phone"], Email: form.Values["mail"], Language: form.Values["language"], Hours: form.Values["hours"],
		AgentName: strings.TrimSpace(form.Values["agent_name"]),
	}
	city := ""
	if a.Street, a.Postcode, city = address(form.Values["address"]); city != "" {
		a.City = city
	}
	declared := readDay(&form, "declared_on")
	insured := readDay(&form, "insurance_until")
	if form.Bad() {
		return s.answerAgency(c, http.StatusUnprocessableEntity, form)
	}
	papers := []negotiation.Paper{
		{Kind: negotiation.PaperInsurance, Reference: form.Values["insurer"], ValidFrom: today, ValidUntil: insured},
		{Kind: negotiation.PaperAccount, Reference: strings.TrimSpace(form.Values["account_bank"] + " " + form.Values["account_iban"]), ValidFrom: today},
		{Kind: negotiation.PaperDeclaration, Reference: form.Values["prosecutor_city"], ValidFrom: declared},
	}
	err = s.negotiation.ChangeAgency(ctx, who(c).Actor, a)
	for _, paper := range papers {
		if err == nil && strings.TrimSpace(paper.Reference) != "" && !paper.ValidFrom.IsZero() {
			_, err = s.negotiation.FilePaper(ctx, who(c).Actor, paper)
		}
	}
	var r *negotiation.Refusal
	if errors.As(err, &r) {
		note(&form, s.language(c), r)
		return s.answerAgency(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/agent/agency?done=saved")
}
