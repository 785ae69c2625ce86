package portal

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/page"
)

// answerDays is within how many working days a person answers a wish.
const answerDays = 2

// wishKinds are what has a page of its own under /case.
var wishKinds = []negotiation.WishKind{
	negotiation.WishPlan, negotiation.WishTime, negotiation.WishCallback,
}

// wishKind is what a form is about; none where no page has it any more.
func wishKind(typed string) negotiation.WishKind {
	if kind := negotiation.WishKind(typed); slices.Contains(wishKinds, kind) {
		return kind
	}
	return ""
}

// showWish says how to reach a person, and takes down what the reader would
// like.
func (s *Server) showWish(kind negotiation.WishKind) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.QueryParam("sent") != "" {
			return s.showWishSent(c, kind, c.QueryParam("callback") != "")
		}
		form := s.kept(c, page.Form{})
		if known := wishKind(form.Value("kind")); known != "" { // one page takes back what was typed on any of them
			kind = known
		}
		return s.answerWish(c, http.StatusOK, kind, form)
	}
}

func (s *Server) wishPage(c echo.Context, kind negotiation.WishKind, form page.Form) (*page.Wish, error) {
	file, gate, err := s.myCase(c)
	if err != nil {
		return nil, err
	}
	statement, err := file.Statement(gate.On)
	if err != nil {
		return nil, err
	}
	p := &page.Wish{Base: s.inCase(c, file), Kind: string(kind), Creditor: file.Creditor.Name, Left: statement.Total, Agent: s.agent(c), Form: form}
	p.AnswerBy = negotiation.AddWorkingDays(gate.On, answerDays)
	if p.CurrentPath == "" {
		p.CurrentPath = "/case/" + string(kind)
	}
	return p, nil
}

func (s *Server) answerWish(c echo.Context, status int, kind negotiation.WishKind, form page.Form) error {
	p, err := s.wishPage(c, kind, form)
	if err != nil {
		return err
	}
	return s.show(c, status, p)
}

func (s *Server) showWishSent(c echo.Context, kind negotiation.WishKind, callback bool) error {
	p, err := s.wishPage(c, kind, page.Form{})
	if err != nil {
		return err
	}
	p.Sent, p.Callback = true, callback
	return s.show(c, http.StatusOK, p)
}

// createWish records what a debtor would like and tells the agents. It
// recognises nothing.
func (s *Server) createWish(c echo.Context) error {
	form := typed(c, "kind", "message", "callback", "phone", "when")
	kind := wishKind(form.Values["kind"])
	if kind == "" { // a page from before: words are a message, a number is a call
		switch {
		case form.Values["phone"] != "":
		case form.Values["message"] == "":
			form.Add("message", "message")
			return s.answerThread(c, http.StatusUnprocessableEntity, form, nil)
		default:
			form.Values["audience"] = string(negotiation.ToTheAgencyOnly)
			return s.postMessage(c, form)
		}
		kind = negotiation.WishCallback
	}
	w := negotiation.Wish{Kind: kind, Words: form.Values["message"]}
	if form.Is("callback", "yes") || form.Values["phone"] != "" {
		w.CallbackTo, w.CallbackWhen = form.Values["phone"], when(form.Values["when"])
		if w.CallbackTo == "" {
			form.Add("phone", "phone")
			return s.answerWish(c, http.StatusUnprocessableEntity, kind, form)
		}
	}
	_, err := s.negotiation.Wish(c.Request().Context(), who(c).Actor, who(c).CaseID, w)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Invalid {
		note(&form, s.language(c), r)
		return s.answerWish(c, http.StatusUnprocessableEntity, kind, form)
	}
	if err != nil {
		return err
	}
	s.nudge()
	onward := "/case/" + string(kind) + "?sent=1"
	if w.CallbackTo != "" {
		onward += "&callback=1"
	}
	return c.Redirect(http.StatusSeeOther, onward)
}

func when(typed string) string {
	switch typed {
	case "morning", "afternoon", "evening":
		return typed
	}
	return "any"
}
