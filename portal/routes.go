package portal

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/access"
	"amiable/portal/page"
)

// Audience is who may use a route. It is asked in one place, guard.
type Audience string

const (
	Anyone        Audience = "anyone"
	Debtors       Audience = "debtors"       // with a session on their one case; advisers within their limits (limits.go)
	Payers        Audience = "payers"        // with a pay-only link: a sum, a reference, and no more
	Creditors     Audience = "creditors"     // on the cases of their one creditor
	Agents        Audience = "agents"        // of the agency, administrators too
	Supervisors   Audience = "supervisors"   // agents who lead the team, administrators too
	Administrator Audience = "administrator" // who runs the installation
	Staff         Audience = "staff"         // creditors and agents
	Gateway       Audience = "gateway"       // signed by the payment service
	DemoOnly      Audience = "demo"          // only in the demo
)

// Route is one line of the table of contents of the site.
type Route struct {
	Method   string
	Path     string
	Audience Audience
	Handle   echo.HandlerFunc
}

const (
	webhookPath = "/webhooks/stripe"
	returnPath  = "/case/payments/:payment/return"
	payerReturn = "/pay/payments/:payment/return"
)

// Routes is every URL of the site, with who may use it. An act is a noun one
// creates: POST to it. GET changes no business fact.
func (s *Server) Routes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	routes := []Route{
		// Everybody.
		{get, "/", Anyone, s.showHome},
		{get, "/is-it-real", Anyone, s.showReal},
		{get, "/rights", Anyone, s.showRights},
		{get, "/help", Anyone, s.showHelp},
		{get, "/your-data", Anyone, s.showData},
		{get, "/accessibility", Anyone, s.showAccessibility},
		{get, checkPath, Anyone, s.showKeys},
		{get, keysPath, Anyone, s.sendKeys},
		{get, "/robots.txt", Anyone, s.showRobots},
		{get, "/health/live", Anyone, s.showLive},
		{get, "/health/ready", Anyone, s.showReady},
		{get, "/static/:file", Anyone, s.showStatic},
		{post, webhookPath, Gateway, s.receiveNotification},

		// The way in.
		{get, "/l/:token", Anyone, s.showLink},
		{post, "/l/:token", Anyone, s.createDebtorSession},
		{post, "/l/:token/code", Anyone, s.createCode},
		{get, "/l/:token/not-me", Anyone, s.showNotMe},
		{post, "/l/:token/not-me", Anyone, s.createNotMe},
		{post, "/new-link", Anyone, s.createNewLink},
		{get, "/code", Anyone, s.showLetterCode},
		{get, "/c/:code", Anyone, s.showLetterCode},
		{post, "/code", Anyone, s.checkLetter},
		{post, "/code/link", Anyone, s.openByCode},
		{get, "/sign-in-again", Anyone, s.showSignInAgain},
		{post, "/sign-in-again", Anyone, s.createDebtorSessionAgain},
		{post, "/sign-in-again/code", Anyone, s.createCodeAgain},

		// Debtors.
		{get, "/case", Debtors, s.showCase},
		{get, "/case/timeline", Debtors, s.showTimeline},
		{get, "/case/documents", Debtors, s.showDocuments},
		{get, "/case/documents/:document", Debtors, s.showDocument},
		{get, "/case/letters/first", Debtors, s.showFirstLetterPage},
		{get, "/case/letters/first.pdf", Debtors, s.showFirstLetterPDF},
		{get, "/case/statements/:statement", Debtors, s.showFrozen},
		{get, "/case/closed", Debtors, s.showClosed},
		{get, copyPath, Debtors, s.showCopy},
		{post, copyPath, Debtors, s.sendCopy},
		{get, "/case/pay", Debtors, s.showPay},
		{get, transferPath, Debtors, s.showTransfer},
		{post, "/case/pay", Debtors, s.reviewPay},
		{get, payReviewPath, Debtors, s.showPayReview},
		{post, "/case/payments", Debtors, s.createPayment},
		{get, returnPath, Debtors, s.showReturn},
		{get, "/case/receipts", Debtors, s.showReceipts},
		{get, "/case/receipts/:receipt", Debtors, s.showReceipt},
		{get, "/case/plan", Debtors, s.showTerms(page.TermsPlan)},
		{post, "/case/plan", Debtors, s.reviewTerms(page.TermsPlan)},
		{get, "/case/plan/review", Debtors, s.showReview(page.TermsPlan)},
		{get, budgetPath, Debtors, s.showBudget},
		{post, budgetPath, Debtors, s.workOutBudget},
		{get, "/case/time", Debtors, s.showTerms(page.TermsTime)},
		{post, "/case/time", Debtors, s.reviewTerms(page.TermsTime)},
		{get, "/case/time/review", Debtors, s.showReview(page.TermsTime)},
		{get, "/case/settlement", Debtors, s.showTerms(page.TermsSettlement)},
		{post, "/case/settlement", Debtors, s.reviewTerms(page.TermsSettlement)},
		{get, "/case/settlement/review", Debtors, s.showReview(page.TermsSettlement)},
		{post, "/case/offers", Debtors, s.createOffer},
		{get, "/case/offers/:offer", Debtors, s.showOffer},
		{post, "/case/offers/:offer/acceptance", Debtors, s.createAcceptance},
		{post, "/case/offers/:offer/rejection", Debtors, s.createRejection},
		{post, "/case/offers/:offer/withdrawal", Debtors, s.createWithdrawal},
		{get, "/case/agreements/:plan", Debtors, s.showAgreement},
		{get, "/case/agreements/:plan/agreement.pdf", Debtors, s.sendAgreement},
		{get, "/case/agreements/:plan/dates.ics", Debtors, s.sendDates},
		{get, instalmentsPath, Debtors, s.showInstalments},
		{post, cardPath, Debtors, s.createCard},
		{post, cardPath + "/end", Debtors, s.endCard},
		{get, cardReturn, Debtors, s.showCardReturn},
		{get, instalmentsPath + "/:number/day", Debtors, s.showMoveDay},
		{post, instalmentsPath + "/:number/day", Debtors, s.moveInstalment},
		{get, instalmentsPath + "/:number/skip", Debtors, s.showSkip},
		{post, instalmentsPath + "/:number/skip", Debtors, s.skipInstalment},
		{get, "/case/pause", Debtors, s.showPause},
		{post, "/case/pause", Debtors, s.createPause},
		{get, "/case/hardship", Debtors, s.showHardship},
		{post, "/case/hardship", Debtors, s.createHardship},
		{get, overindebtednessPath, Debtors, s.showOverindebtedness},
		{post, overindebtednessPath, Debtors, s.createOverindebtedness},
		{get, contestPath, Debtors, s.showContest},
		{post, disputesPath, Debtors, s.createDispute},
		{get, disputesPath + "/:dispute", Debtors, s.showDispute},
		{post, disputesPath + "/:dispute/replies", Debtors, s.createReply},
		{post, disputesPath + "/:dispute/ways/:way", Debtors, s.createWayAnswer},
		{post, disputesPath + "/:dispute/withdrawal", Debtors, s.createDisputeWithdrawal},
		{get, disputesPath + "/:dispute/reopening", Debtors, s.showReopening},
		{post, disputesPath + "/:dispute/reopening", Debtors, s.createReopening},
		{get, disputesPath + "/:dispute/files/:file", Debtors, s.showDisputeFile},
		{get, disputesPath + "/:dispute/outcome", Debtors, s.showOutcome},
		{get, disputesPath + "/:dispute/outcome.pdf", Debtors, s.showOutcomePDF},
		{get, "/case/callback", Debtors, s.showWish("callback")},
		{get, messagePath, Debtors, s.showThread},
		{post, messagePath, Debtors, s.createMessage},
		{get, messagePath + "/files/:file", Debtors, s.showMessageFile},
		{get, "/case/contact", Debtors, s.showContact},
		{post, "/case/contact", Debtors, s.createContactChoices},
		{post, "/case/wishes", Debtors, s.createWish},
		{get, "/case/share", Debtors, s.showShare},
		{post, "/case/share/links", Debtors, s.createPayLink},
		{post, "/case/share/links/:link/end", Debtors, s.endPayLink},
		{get, "/case/share/adviser", Debtors, s.showNameAdviser},
		{post, "/case/share/advisers", Debtors, s.createAdviser},
		{post, "/case/share/advisers/:party/end", Debtors, s.endAdviser},
		{post, "/sign-out", Anyone, s.endSession},

		// Who holds a pay-only link.
		{get, "/p/:token", Anyone, s.showPayLink},
		{post, "/p/:token", Anyone, s.openPayLink},
		{get, "/pay", Payers, s.showPayer},
		{get, payerTransferPath, Payers, s.showPayerTransfer},
		{post, "/pay", Payers, s.reviewPayer},
		{get, payerReviewPath, Payers, s.showPayerReview},
		{post, "/pay/payments", Payers, s.createPayerPayment},
		{get, payerReturn, Payers, s.showPayerReturn},
	}
	routes = append(routes, s.staffRoutes()...)
	if s.Demo != nil {
		routes = append(routes, s.demoRoutes()...)
	}
	return routes
}

// guard asks who is at the door before a handler runs. What a debtor or
// creditor may not see is "not found"; who is not signed in is led to the
// door, with what they typed kept.
func (s *Server) guard(r Route) echo.HandlerFunc {
	patience := requestTimeMax
	if slices.Contains(uploads, r.Path) || slices.Contains(evidenceForms, r.Path) || slices.Contains(longAnswers, r.Path) {
		patience = uploadTimeMax
	}
	return func(c echo.Context) error {
		// Who leaves before the answer cuts no statement off in the middle:
		// under load the connection it ran on failed whoever came next.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), patience)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		defer dropSent(c)
		if r.Audience != Gateway {
			if err := s.readForm(c, r); err != nil {
				return err
			}
			if !isText(c.Request()) {
				return echo.NewHTTPError(http.StatusBadRequest)
			}
		}
		switch r.Audience {
		case Anyone, Gateway, DemoOnly:
			return r.Handle(c)
		case Debtors:
			return s.asDebtor(c, r)
		case Payers:
			return s.asPayer(c, r)
		}
		return s.asStaff(c, r)
	}
}

// formMemory is how much of an uploaded form is kept in memory; the rest goes
// to a temporary file.
const formMemory = 4 << 20

// readForm reads a form within its bounds, before anything looks at it: one
// that is too large is refused whole, never cut.
func (s *Server) readForm(c echo.Context, r Route) error {
	request, limit := c.Request(), int64(formBytesMax)
	media, _, _ := strings.Cut(request.Header.Get(echo.HeaderContentType), ";")
	switch {
	case media != echo.MIMEMultipartForm: // it brings no file
	case slices.Contains(uploads, r.Path):
		limit = uploadBytesMax
	case slices.Contains(evidenceForms, r.Path):
		limit = evidenceFormMax
	}
	request.Body = http.MaxBytesReader(c.Response(), request.Body, limit)
	if request.Method != http.MethodPost {
		return nil
	}
	switch media {
	case echo.MIMEApplicationForm:
		return unreadable(request.ParseForm())
	case echo.MIMEMultipartForm:
		if slices.Contains(evidenceForms, r.Path) {
			most, err := s.filesFrom(c, r)
			if err != nil {
				return err
			}
			return unreadable(readEvidenceForm(c, most))
		}
		return unreadable(request.ParseMultipartForm(formMemory))
	}
	return nil
}

// isText says whether everything that was typed is text: a database keeps
// neither a zero byte nor what is not UTF-8, and no person types them.
func isText(r *http.Request) bool {
	typed := []url.Values{r.URL.Query(), r.Form, {"": {r.URL.Path}}}
	if r.MultipartForm != nil {
		typed = append(typed, r.MultipartForm.Value)
	}
	for _, values := range typed {
		for name, list := range values {
			for _, text := range append(list, name) {
				if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
					return false
				}
			}
		}
	}
	return true
}

// unreadable tells a form that is too large from one that is broken.
func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	if err == nil || errors.As(err, &tooLarge) {
		return err
	}
	return echo.NewHTTPError(http.StatusBadRequest)
}

// me is who is at the door.
type me struct {
	negotiation.Actor
	visit *access.Visit
	user  *access.User
}

const meKey = "amiable.me"

// who returns who is at the door of a guarded route.
func who(c echo.Context) *me {
	m, _ := c.Get(meKey).(*me)
	return m
}

func (s *Server) asDebtor(c echo.Context, r Route) error {
	visit, err := s.access.Visit(c.Request(), access.DoorDebtor)
	if err != nil {
		return err
	}
	by, ok, err := s.access.Actor(c.Request().Context(), visit)
	if err != nil {
		return err
	}
	if !ok || (by.Role != negotiation.RoleDebtor && by.Role != negotiation.RoleAdviser) {
		return s.leadToDoor(c, visit, "/sign-in-again")
	}
	c.Set(meKey, &me{Actor: by, visit: visit})
	if !mayUse(by, r) {
		return negotiation.Refuse(negotiation.Forbidden, "adviser_may_not")
	}
	return r.Handle(c)
}

// asPayer lets in who opened a pay-only link. Everybody else is told the same
// as by a link that opens nothing.
func (s *Server) asPayer(c echo.Context, r Route) error {
	visit, err := s.access.Visit(c.Request(), access.DoorPayer)
	if err != nil {
		return err
	}
	by, ok, err := s.access.Actor(c.Request().Context(), visit)
	if err != nil {
		return err
	}
	if !ok || by.Role != negotiation.RolePayer {
		return s.showNoPayment(c)
	}
	c.Set(meKey, &me{Actor: by, visit: visit})
	return r.Handle(c)
}

// mayUse says which roles an audience holds.
func (a Audience) mayUse(by negotiation.Actor) bool {
	role := by.Role
	switch a {
	case Supervisors:
		return by.Leads()
	case Creditors:
		return role == negotiation.RoleCreditor
	case Agents:
		return role == negotiation.RoleAgent || role == negotiation.RoleAdministrator
	case Administrator:
		return role == negotiation.RoleAdministrator
	case Staff:
		return role == negotiation.RoleCreditor || role == negotiation.RoleAgent || role == negotiation.RoleAdministrator
	}
	return false
}

func (s *Server) asStaff(c echo.Context, r Route) error {
	visit, err := s.access.Visit(c.Request(), access.DoorStaff)
	if err != nil {
		return err
	}
	by, user, err := s.access.Staff(c.Request().Context(), visit)
	if err != nil {
		return err
	}
	if user == nil {
		return s.leadToDoor(c, visit, "/sign-in")
	}
	if !r.Audience.mayUse(by) {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	c.Set(meKey, &me{Actor: by, visit: visit, user: user})
	if onlyReads(by) && !viewersMay(r) {
		return negotiation.Refuse(negotiation.Forbidden, "viewer_may_not")
	}
	if s.mustEnrol(user) && !slices.Contains(openBeforeEnrolment, r.Path) {
		return c.Redirect(http.StatusSeeOther, "/security/totp")
	}
	return r.Handle(c)
}
