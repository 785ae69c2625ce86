package sandbox_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v76"
	"golang.org/x/net/html"
)

// shop is a world whose pages are served too, as `amiable sandbox` serves it.
type shop struct{ *world }

func newShop(t *testing.T) *shop {
	t.Helper()
	w := newWorld(t)
	server := httptest.NewServer(w.box.Handler())
	t.Cleanup(server.Close)
	w.url = server.URL
	w.box.SetPublicURL(server.URL)
	w.api = w.clientWith(0)
	return &shop{w}
}

// checkout opens a session for 84.00 euros with the official client.
func (w *shop) checkout(change ...func(*stripe.CheckoutSessionParams)) *stripe.CheckoutSession {
	w.Helper()
	p := &stripe.CheckoutSessionParams{
		Mode: stripe.String("payment"), ClientReferenceID: stripe.String("payment-17"), CustomerEmail: stripe.String("claire@example.com"),
		SuccessURL: stripe.String("https://portal.example.com/paid?session={CHECKOUT_SESSION_ID}"), CancelURL: stripe.String("https://portal.example.com/back"),
		LineItems: []*stripe.CheckoutSessionLineItemParams{{Quantity: stripe.Int64(1), PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
			Currency: stripe.String("eur"), UnitAmount: stripe.Int64(8400),
			ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String("Invoice 2025-17")},
		}}},
		Locale: stripe.String("en"),
	}
	for _, c := range change {
		c(p)
	}
	return must[*stripe.CheckoutSession](w.world)(w.api.CheckoutSessions.New(p))
}

func (w *shop) session(id string) *stripe.CheckoutSession {
	w.Helper()
	p := &stripe.CheckoutSessionParams{}
	p.AddExpand("payment_intent.latest_charge")
	p.AddExpand("setup_intent.payment_method")
	return must[*stripe.CheckoutSession](w.world)(w.api.CheckoutSessions.Get(id, p))
}

// visitor is a browser without JavaScript that does not follow redirects by
// itself, so that a test can say where it was sent.
type visitor struct {
	*testing.T
	lang   string
	at     *url.URL
	Status int
	To     string // where the answer sends the visitor
	Body   string
	page   *html.Node
}

func visit(t *testing.T, address string) *visitor {
	t.Helper()
	v := &visitor{T: t, lang: "en"}
	return v.open(address)
}

func (v *visitor) open(address string) *visitor {
	v.Helper()
	return v.send(http.MethodGet, address, nil)
}

func (v *visitor) send(method, address string, form url.Values) *visitor {
	v.Helper()
	target, err := url.Parse(address)
	if err != nil {
		v.Fatal(err)
	}
	if v.at != nil {
		target = v.at.ResolveReference(target)
	}
	request, err := http.NewRequest(method, target.String(), strings.NewReader(form.Encode()))
	if err != nil {
		v.Fatal(err)
	}
	request.Header.Set("Accept", "text/html")
	request.Header.Set("Accept-Language", v.lang)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", target.Scheme+"://"+target.Host)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		v.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.Fatal(err)
	}
	v.at, v.Status, v.To, v.Body = target, response.StatusCode, response.Header.Get("Location"), string(body)
	if v.page, err = html.Parse(strings.NewReader(v.Body)); err != nil {
		v.Fatal(err)
	}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") && v.Body != "" && v.To == "" {
		v.wellMade()
	}
	return v
}

// wellMade checks what must be true of every page: one h1, a language, a
// banner, unique ids, a label for each field, and no dangling reference.
func (v *visitor) wellMade() {
	v.Helper()
	ids := map[string]bool{}
	for _, n := range v.nodes(func(n *html.Node) bool { return attribute(n, "id") != "" }) {
		if id := attribute(n, "id"); ids[id] {
			v.Errorf("%s: two elements have the id %q", v.at, id)
		} else {
			ids[id] = true
		}
	}
	if n := len(v.nodes(named("h1"))); n != 1 {
		v.Errorf("%s: %d h1", v.at, n)
	}
	if lang := attribute(v.nodes(named("html"))[0], "lang"); lang != "en" && lang != "fr" {
		v.Errorf("%s: language %q", v.at, lang)
	}
	if text := v.text(); !strings.Contains(text, "Sandbox: no real card") && !strings.Contains(text, "aucune vraie carte") {
		v.Errorf("%s: no banner", v.at)
	}
	labels := map[string]bool{}
	for _, n := range v.nodes(named("label")) {
		labels[attribute(n, "for")] = textOf(n) != ""
	}
	for _, n := range v.nodes(func(n *html.Node) bool { return n.Data == "input" || n.Data == "select" || n.Data == "textarea" }) {
		if attribute(n, "type") != "hidden" && !labels[attribute(n, "id")] {
			v.Errorf("%s: field %q has no label", v.at, attribute(n, "name"))
		}
		if hasAttribute(n, "aria-invalid") && !strings.Contains(attribute(n, "aria-describedby"), "-why") {
			v.Errorf("%s: field %q does not point to what is wrong with it", v.at, attribute(n, "name"))
		}
	}
	for _, n := range v.nodes(func(n *html.Node) bool { return true }) {
		for _, reference := range strings.Fields(attribute(n, "aria-describedby") + " " + attribute(n, "aria-labelledby") + " " + attribute(n, "for")) {
			if !ids[reference] {
				v.Errorf("%s: %q is named and is not there", v.at, reference)
			}
		}
		if to := attribute(n, "href"); strings.HasPrefix(to, "#") && !ids[to[1:]] {
			v.Errorf("%s: link to %q, which is not there", v.at, to)
		}
		if hasAttribute(n, "style") || n.Data == "script" {
			v.Errorf("%s: a style attribute or a script, which the policy blocks", v.at)
		}
	}
}

// follow goes where the last answer sent the visitor.
func (v *visitor) follow() *visitor {
	v.Helper()
	if v.Status != http.StatusSeeOther || v.To == "" {
		v.Fatalf("sent nowhere: status %d\n%s", v.Status, v.text())
	}
	return v.open(v.To)
}

// nodes returns the elements that a test wants, in the order of the page.
func (v *visitor) nodes(wanted func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for n := range v.page.Descendants() {
		if n.Type == html.ElementNode && wanted(n) {
			found = append(found, n)
		}
	}
	return found
}

func named(tag string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Data == tag }
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttribute(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func textOf(n *html.Node) string {
	var words []string
	for c := range n.Descendants() {
		if c.Type == html.TextNode && c.Parent.Data != "style" && c.Parent.Data != "title" {
			words = append(words, strings.Fields(c.Data)...)
		}
	}
	return strings.Join(words, " ")
}

func (v *visitor) text() string { return textOf(v.page) }

func (v *visitor) shows(texts ...string) *visitor {
	v.Helper()
	for _, text := range texts {
		if !strings.Contains(v.text(), text) {
			v.Errorf("the page does not say %q:\n%s", text, v.text())
		}
	}
	return v
}

// click follows the link whose text contains what is given.
func (v *visitor) click(text string) *visitor {
	v.Helper()
	for _, a := range v.nodes(named("a")) {
		if strings.Contains(textOf(a), text) {
			return v.open(attribute(a, "href"))
		}
	}
	v.Fatalf("no link says %q:\n%s", text, v.text())
	return nil
}

// press submits the form of the button whose text contains what is given, with
// everything that stands in the form and the changes.
func (v *visitor) press(button string, changes ...string) *visitor {
	v.Helper()
	for _, form := range v.nodes(named("form")) {
		for n := range form.Descendants() {
			if n.Data != "button" || !strings.Contains(textOf(n), button) {
				continue
			}
			values := formValues(form)
			if name := attribute(n, "name"); name != "" {
				values.Set(name, attribute(n, "value"))
			}
			for i := 0; i+1 < len(changes); i += 2 {
				values.Set(changes[i], changes[i+1])
			}
			return v.send(strings.ToUpper(attribute(form, "method")), attribute(form, "action"), values)
		}
	}
	v.Fatalf("no button says %q:\n%s", button, v.text())
	return nil
}

func formValues(form *html.Node) url.Values {
	values := url.Values{}
	for n := range form.Descendants() {
		switch {
		case n.Data == "input" && (attribute(n, "type") == "checkbox" || attribute(n, "type") == "radio") && !hasAttribute(n, "checked"):
		case n.Data == "input" && attribute(n, "name") != "":
			values.Set(attribute(n, "name"), attribute(n, "value"))
		case n.Data == "option" && hasAttribute(n, "selected"):
			values.Set(attribute(n.Parent, "name"), attribute(n, "value"))
		case n.Data == "textarea":
			values.Set(attribute(n, "name"), textOf(n))
		}
	}
	return values
}
