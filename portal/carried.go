package portal

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/portal/page"
)

// carriedField is where an address holds, sealed, what was typed on the page
// before. Terms and sums of a debt never stand in an address to be read.
const carriedField = "t"

// carry leads to a page that is opened by GET with what was typed, so that
// going back to it asks nobody to send a form again. What is too long for an
// address is answered here, as it came. of names what the form is about.
func (s *Server) carry(c echo.Context, path, of string, form page.Form, here func() error) error {
	values := url.Values{}
	for name, value := range form.Values {
		if value != "" {
			values.Set(name, value)
		}
	}
	sealed, ok := s.access.SealForm(who(c).visit, of, values)
	if !ok {
		return here()
	}
	noDocument(c)
	mark := "?"
	if strings.Contains(path, "?") {
		mark = "&"
	}
	return c.Redirect(http.StatusSeeOther, path+mark+carriedField+"="+sealed)
}

// noDocument takes off what is said of documents from an answer that is none:
// on a bad network it would only weigh.
func noDocument(c echo.Context) {
	for _, ofDocuments := range []string{"Content-Security-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy"} {
		c.Response().Header().Del(ofDocuments)
	}
}

// carried reads what the address carries; ok is false where it carries nothing
// of this visitor's for this page.
func (s *Server) carried(c echo.Context, of string, fields ...string) (form page.Form, ok bool) {
	form.Values = map[string]string{}
	values, ok := s.access.OpenForm(who(c).visit, of, c.QueryParam(carriedField))
	if !ok {
		return form, false
	}
	for _, name := range fields {
		form.Values[name] = values.Get(name)
	}
	return form, true
}
