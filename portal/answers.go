package portal

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/access"
	"amiable/portal/locale"
	"amiable/portal/page"
)

// show prints a page.
func (s *Server) show(c echo.Context, status int, p page.Page) error {
	if titled, ok := p.(interface{ BeginAtTitle() }); ok && status < http.StatusBadRequest && s.byStep(c) {
		titled.BeginAtTitle()
	}
	var out bytes.Buffer
	if err := s.pages.Render(&out, p); err != nil {
		return err
	}
	if _, scripted := p.(page.Scripted); scripted {
		c.Response().Header().Set("Content-Security-Policy", s.policy.live)
	}
	c.Response().Header().Set("Content-Language", string(s.language(c)))
	c.Response().Header().Add("Vary", "Accept-Language, Cookie")
	return c.HTMLBlob(status, out.Bytes())
}

// byStep says whether the reader came from another page of ours, or back from
// paying, rather than from outside.
func (s *Server) byStep(c echo.Context) bool {
	return strings.HasPrefix(c.Request().Referer(), originOf(s.BaseURL)+"/") || c.Path() == returnPath || c.Path() == cardReturn || c.Path() == payerReturn
}

// showConsole prints a page of a console, which links its style and script.
func (s *Server) showConsole(c echo.Context, status int, p page.Page) error {
	c.Response().Header().Set("Content-Security-Policy", s.policy.console)
	return s.show(c, status, p)
}

const (
	languageCookie  = "amiable_language"
	languageSeconds = 180 * 24 * 3600
)

// language is what was chosen in this browser, else what somebody who signed in
// chose for themselves, else what the browser asks for.
func (s *Server) language(c echo.Context) locale.Language {
	if l, ok := locale.Parse(c.QueryParam("lang")); ok {
		return l
	}
	if cookie, err := c.Cookie(languageCookie); err == nil {
		if l, ok := locale.Parse(cookie.Value); ok {
			return l
		}
	}
	if m := who(c); m != nil && m.user != nil {
		return locale.Language(m.user.Language).Or()
	}
	return locale.Match(c.Request().Header.Get("Accept-Language"))
}

// keepLanguage remembers a choice made by the link in the footer.
func (s *Server) keepLanguage(c echo.Context) {
	if l, ok := locale.Parse(c.QueryParam("lang")); ok {
		s.setCookie(c, languageCookie, string(l), languageSeconds)
	}
}

// base fills what every page carries.
func (s *Server) base(c echo.Context) page.Base {
	s.keepLanguage(c)
	b := page.Base{Lang: s.language(c), Banner: s.Banner}
	if c.Request().Method == http.MethodGet {
		path := *c.Request().URL
		query := path.Query()
		query.Del("lang")
		path.RawQuery = query.Encode()
		b.CurrentPath = path.RequestURI()
	}
	if agency, err := s.agency(c); err == nil {
		b.Agency = agencyOf(agency, s.BaseURL)
	}
	return b
}

// agencyKey keeps the agency for the rest of a request: a page names it several
// times, and a case has read it already.
const agencyKey = "agency"

func (s *Server) agency(c echo.Context) (*negotiation.Agency, error) {
	if known, ok := c.Get(agencyKey).(*negotiation.Agency); ok && known != nil {
		return known, nil
	}
	agency, err := s.negotiation.Agency(c.Request().Context())
	if err == nil {
		c.Set(agencyKey, agency)
	}
	return agency, err
}

func agencyOf(a *negotiation.Agency, baseURL string) page.Agency {
	shown := page.Agency{
		Name: a.Name, City: a.City, Kind: string(a.CollectorKind), Phone: a.Phone, Mail: a.Email, Hours: a.Hours, SIREN: a.SIREN,
		Address: strings.Join(notEmpty(a.Street, strings.TrimSpace(a.Postcode+" "+a.City)), ", "), Origin: originOf(baseURL), DataOfficer: a.Email,
	}
	for _, p := range a.Papers {
		switch p.Kind {
		case negotiation.PaperInsurance:
			shown.Insurer = p.Reference
		case negotiation.PaperDeclaration:
			shown.ProsecutorCity, shown.DeclaredOn = p.Reference, p.ValidFrom
		}
	}
	return shown
}

func notEmpty(texts ...string) []string {
	var kept []string
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			kept = append(kept, strings.TrimSpace(t))
		}
	}
	return kept
}

// inCase fills what every page of a debtor's case carries.
func (s *Server) inCase(c echo.Context, file *negotiation.Case) page.Base {
	c.Set(agencyKey, file.Agency)
	b := s.base(c)
	b.SignedIn = true
	b.CaseReference = negotiation.GroupedReference(file.Reference)
	b.FirstLetter = firstLetter(file)
	if m := who(c); m != nil && m.Role == negotiation.RoleAdviser {
		b.Acting = &page.Acting{Until: m.Limits.UntilOn, Write: m.May(negotiation.ActWrite)}
		if forWhom := file.Party(m.OnBehalfOf); forWhom != nil {
			b.Acting.For = forWhom.Person.Name
		}
	}
	return b
}

func firstLetter(file *negotiation.Case) *page.FirstLetter {
	if file.FirstLetterReference == "" {
		return nil
	}
	return &page.FirstLetter{Reference: file.FirstLetterReference, SentOn: file.FirstLetterOn}
}

// agent is who signs the messages to debtors: a person, or the agency where
// none is named.
func (s *Server) agent(c echo.Context) page.Agent {
	agency, err := s.agency(c)
	if err != nil {
		return page.Agent{}
	}
	if agency.AgentName == "" {
		return page.Agent{Name: agency.Name, Phone: agency.Phone}
	}
	return page.Agent{Name: agency.AgentName, Title: s.language(c).T("agent.title"), Phone: agency.Phone}
}

// typed keeps what was sent, so that a refused form comes back whole.
func typed(c echo.Context, fields ...string) page.Form {
	f := page.Form{Values: map[string]string{}}
	for _, name := range fields {
		f.Values[name] = c.FormValue(name)
	}
	return f
}

// note writes a refusal into a form, in the reader's words.
func note(f *page.Form, l locale.Language, r *negotiation.Refusal) {
	f.Errors = append(f.Errors, page.FieldError{Field: r.Field, Text: words(l, r)})
}

// words are a refusal in the reader's language, with what to do next.
func words(l locale.Language, r *negotiation.Refusal) string {
	var values []any
	for name, value := range r.Facts {
		values = append(values, name, value)
	}
	if key := "refusal." + r.Code; l.Has(key) {
		return l.T(key, values...)
	}
	for _, reason := range r.Reasons {
		if key := "shut." + string(reason); l.Has(key) {
			return l.T(key)
		}
	}
	return l.T("refusal.other")
}

// status translates the kind of a refusal.
func status(r *negotiation.Refusal) int {
	switch r.Kind {
	case negotiation.Forbidden:
		return http.StatusForbidden
	case negotiation.NotFound:
		return http.StatusNotFound
	case negotiation.Conflict, negotiation.Blocked:
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

// answerError turns whatever a handler could not deal with into a page that
// says what happened and what to do next. Nothing of a fault is shown but the
// number to quote.
func (s *Server) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		_ = c.NoContent(499) // the visitor left
		return
	}
	p := &page.Error{Status: http.StatusInternalServerError, RequestID: c.Response().Header().Get(echo.HeaderXRequestID)}
	var http_ *echo.HTTPError
	var tooLarge *http.MaxBytesError
	switch refusal := negotiation.AsRefusal(err); {
	case refusal != nil:
		p.Status = status(refusal)
		if p.Status != http.StatusNotFound {
			p.Text = words(s.language(c), refusal)
		}
	case errors.As(err, &tooLarge):
		p.Status = http.StatusRequestEntityTooLarge
	case errors.As(err, &http_):
		p.Status = http_.Code
	case errors.Is(err, database.ErrBusy), errors.Is(err, payments.ErrUnavailable):
		p.Status = http.StatusServiceUnavailable
		c.Response().Header().Set("Retry-After", "5")
	}
	if p.Status >= 500 {
		s.Log.Error("fault", "request", p.RequestID, "route", c.Path(), "error", err)
	}
	p.Base = s.base(c)
	if c.Request().Method == http.MethodGet && p.Status >= http.StatusInternalServerError {
		p.RetryURL = c.Request().URL.Path // what is not there will not be there next time either
	}
	path := c.Request().URL.Path
	p.Staff = strings.HasPrefix(path, "/creditor") || strings.HasPrefix(path, "/agent") || strings.HasPrefix(path, "/security")
	p.Paying = strings.HasPrefix(path, "/case/payments/") || strings.HasPrefix(path, "/pay/payments/")
	p.HomeURL = "/"
	if strings.HasPrefix(path, "/case") {
		p.HomeURL = "/case"
	}
	if path == "/case/payments" && p.Status >= http.StatusInternalServerError { // nobody was led to a payment page
		p.Text, p.RetryURL = s.language(c).T("page.unopened"), "/case/pay"
	}
	if strings.HasPrefix(path, "/pay") { // who only pays has no other page
		p.HomeURL = "/pay"
		if path == "/pay/payments" && p.Status >= http.StatusInternalServerError {
			p.Text, p.RetryURL = s.language(c).T("page.unopened"), "/pay"
		}
	}
	show := s.show
	if p.Staff {
		show = s.showConsole
	}
	if err := show(c, p.Status, p); err != nil {
		s.Log.Error("error page", "request", p.RequestID, "error", err)
		_ = c.String(p.Status, http.StatusText(p.Status))
	}
}

// leadToDoor sends whoever is not signed in to the door, with what they typed
// kept for after. Nothing that was typed is ever in an address.
func (s *Server) leadToDoor(c echo.Context, visit *access.Visit, door string) error {
	next := c.Request().URL.RequestURI()
	query := url.Values{}
	if byScript(c) {
		return c.NoContent(http.StatusUnauthorized) // its page leads to the door once something is pressed
	}
	if c.Request().Method != http.MethodGet {
		form, err := c.FormParams()
		if err != nil {
			return err
		}
		next = pageOfForm(c.Request().URL.Path, form)
		if c.Path() != budgetPath { // what is typed there is kept nowhere
			ticket, kept, err := s.access.Park(c.Request().Context(), visit, next, form)
			if err != nil {
				return err
			}
			if kept {
				s.setCookie(c, parkedCookie, ticket, 3600)
				query.Set("kept", "1")
			}
		}
	}
	if next != "" {
		query.Set("next", next)
	}
	if len(query) > 0 {
		door += "?" + query.Encode()
	}
	return c.Redirect(http.StatusSeeOther, door)
}

const parkedCookie = "amiable_kept"

func (s *Server) setCookie(c echo.Context, name, value string, seconds int) {
	c.SetCookie(&http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true,
		Secure: strings.HasPrefix(s.BaseURL, "https://"), SameSite: http.SameSiteLaxMode,
	})
}

// kept puts what was typed before the session ended back into the form of the
// page it was meant for, once, for the one whose it is.
func (s *Server) kept(c echo.Context, form page.Form) page.Form {
	cookie, err := c.Cookie(parkedCookie)
	if err != nil {
		return form
	}
	s.setCookie(c, parkedCookie, "", -1)
	path, values, ok, err := s.access.Unpark(c.Request().Context(), who(c).visit, cookie.Value)
	if err != nil {
		s.Log.Warn("a kept form could not be read", "error", err)
		return form
	}
	if path, _, _ = strings.Cut(path, "?"); !ok || path != c.Request().URL.Path {
		return form
	}
	if form.Values == nil {
		form.Values = map[string]string{}
	}
	for name, all := range values {
		if field, files := strings.CutSuffix(name, keptSuffix); files {
			s.restoreFiles(c, &form, field, all)
			continue
		}
		form.Values[name] = values.Get(name)
	}
	return form
}

// pageOfForm is the page that a form is filled in on, by the address that the
// form is sent to; empty where there is none to go back to. Wishes of all kinds
// are sent to one address, each from a page of its own.
func pageOfForm(path string, form url.Values) string {
	switch path {
	case "/case/wishes":
		if kind := wishKind(form.Get("kind")); kind != "" {
			return "/case/" + string(kind)
		}
		return messagePath
	case budgetPath:
		return path
	case "/case/offers":
		return termsPath(termsKind(form.Get("kind")), idIn(form, "answers"))
	case "/case/plan", "/case/time", "/case/settlement":
		return termsPath(strings.TrimPrefix(path, "/case/"), idIn(form, "answers"))
	case disputesPath:
		return contestPath
	case "/case/payments", "/case/pay":
		return "/case/pay"
	case "/case/share/links":
		return "/case/share"
	case "/case/share/advisers":
		return "/case/share/adviser"
	case "/creditor/claims", "/agent/claims", "/agent/creditors":
		return path + "/new"
	case "/case/contact", messagePath, templatesPath, overindebtednessPath:
		return path
	case "/creditor/placements", "/agent/agency", "/agent/users":
		return path
	}
	if strings.HasPrefix(path, offerPath("")) {
		return path[:strings.LastIndex(path, "/")]
	}
	if act, found := strings.CutPrefix(path, disputesPath+"/"); found {
		id, what, _ := strings.Cut(act, "/")
		if !negotiation.ValidID(id) {
			return "/case"
		}
		if what == "reopening" {
			return path
		}
		return disputePath(id)
	}
	for _, end := range []string{"/payments", "/holds", "/acts", "/links", "/mandates", "/advisers", "/situations"} {
		if strings.HasSuffix(path, end) {
			return path + "/new"
		}
	}
	for _, end := range []string{"/first-letter", "/contacts", "/choices", "/reversal", "/counter", "/policy", "/day", "/skip", "/ending", "/messages"} {
		if strings.HasSuffix(path, end) {
			return path
		}
	}
	for _, end := range []string{"/acceptance", "/rejection", "/withdrawal", "/settled"} { // of an offer, read again before it is answered
		if offer, found := strings.CutSuffix(path, end); found {
			return offer
		}
	}
	for _, end := range []string{"/reading", "/proof", "/turning", "/end"} { // of a situation
		if of, found := strings.CutSuffix(path, end); found && strings.Contains(of, "/situations/") {
			return of
		}
	}
	switch {
	case path == "/creditor/delegations":
		return "/creditor/people"
	case strings.HasPrefix(path, "/agent/cases/") && strings.HasSuffix(path, "/offers"):
		return path + "/new"
	}
	for _, start := range []string{"/creditor/people/", "/agent/users/", templatesPath + "/"} {
		if strings.HasPrefix(path, start) && !strings.HasSuffix(path, "/end") && !strings.HasSuffix(path, "/retirement") {
			return path
		}
	}
	if strings.HasPrefix(path, "/agent/creditors/") {
		return path
	}
	return ""
}

// idIn is the id in a field of a form; empty where it holds none.
func idIn(form url.Values, field string) string {
	if id := form.Get(field); negotiation.ValidID(id) {
		return id
	}
	return ""
}

// onward is where to go after signing in: back to where one was, never to
// another site.
func onward(c echo.Context, fallback string) string {
	next := c.FormValue("next")
	if strings.HasPrefix(next, "/") && !strings.HasPrefix(next, "//") && !strings.ContainsFunc(next, func(r rune) bool { return r == '\\' || r < ' ' }) {
		return next
	}
	return fallback
}

// amount reads a sum as people type it, in French or in English: "1 248,60",
// "1,248.60", "1.248,60", "1248.6". One or two figures after the last sign are
// cents; three figures after a sign are thousands. ok is false where it is none.
func amount(text string, currency money.Currency) (money.Amount, bool) {
	text = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u202f', '\u2009', '€':
			return -1
		}
		return r
	}, strings.TrimSpace(text))
	cents := ""
	if at := strings.LastIndexAny(text, ".,"); at >= 0 && len(text)-at <= 3 {
		text, cents = text[:at], text[at+1:]
	}
	whole, ok := ungrouped(text)
	if !ok || len(whole) > 11 {
		return money.Amount{}, false
	}
	minor := int64(0)
	for _, r := range whole + (cents + "00")[:2] {
		if r < '0' || r > '9' {
			return money.Amount{}, false
		}
		minor = minor*10 + int64(r-'0')
	}
	return money.New(minor, currency), true
}

// ungrouped takes the signs of thousands out of a whole number; ok is false
// where they do not stand between groups of three, or are of two kinds.
func ungrouped(text string) (string, bool) {
	at := strings.IndexAny(text, ".,")
	if at < 0 {
		return text, text != ""
	}
	groups := strings.Split(text, text[at:at+1])
	for i, group := range groups {
		if strings.ContainsAny(group, ".,") || (i > 0 && len(group) != 3) || (i == 0 && (len(group) == 0 || len(group) > 3 || group[0] == '0')) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}
