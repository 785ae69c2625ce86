package portal

import (
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/page"
)

var filterStates = []string{"placed", "open", "in_plan", "cleared", "watched", "withdrawn", "referred", "archived"}

// searchMax is how much of a search is read, in characters.
const searchMax = 120

func readState(text string) (string, []negotiation.CaseState) {
	for _, known := range filterStates {
		if text == known {
			return known, []negotiation.CaseState{negotiation.CaseState(known)}
		}
	}
	return "", nil
}

// showCases lists the cases of a console, newest first.
func (s *Server) showCases(c echo.Context) error {
	of := console(c)
	search := negotiation.Search{Limit: listMax + 1}
	search.Offset, _ = strconv.Atoi(c.QueryParam("from"))
	search.Offset = max(0, search.Offset)
	p := &page.CaseList{StaffBase: s.staffBase(c, "cases"), States: filterStates}
	p.State, search.States = readState(c.QueryParam("state"))
	found, err := s.negotiation.Find(c.Request().Context(), who(c).Actor, search)
	if err != nil {
		return err
	}
	query := c.Request().URL.Query()
	query.Del("q")
	if len(found) > listMax {
		found = found[:listMax]
		query.Set("from", strconv.Itoa(search.Offset+listMax))
		p.NextURL = "/" + of + "/cases?" + query.Encode()
	}
	if search.Offset > 0 {
		query.Del("from")
		p.FirstURL = "/" + of + "/cases?" + query.Encode()
	}
	p.Total = search.Offset + len(found)
	for i := range found {
		p.Rows = append(p.Rows, caseRow(of, &found[i]))
	}
	return s.showConsole(c, http.StatusOK, p)
}

// searchCases answers a search. It comes by POST, for names and numbers of
// people stand in no address; a text that means one case leads there.
func (s *Server) searchCases(c echo.Context) error {
	of := console(c)
	text := strings.TrimSpace(c.FormValue("q"))
	if utf8.RuneCountInString(text) > searchMax {
		text = string([]rune(text)[:searchMax])
	}
	p := &page.CaseList{StaffBase: s.staffBase(c, "cases"), Query: text, States: filterStates}
	p.Here("/" + of + "/cases")
	var search negotiation.Search
	p.State, search.States = readState(c.FormValue("state"))
	if text == "" {
		at := "/" + of + "/cases"
		if p.State != "" {
			at += "?state=" + p.State
		}
		return c.Redirect(http.StatusSeeOther, at)
	}
	search.Text, search.Limit = text, listMax+1
	found, err := s.negotiation.Find(c.Request().Context(), who(c).Actor, search)
	if err != nil {
		return err
	}
	if _, reference := negotiation.ParseCaseReference(text); reference && len(found) == 1 {
		return c.Redirect(http.StatusSeeOther, "/"+of+"/cases/"+found[0].ID)
	}
	if len(found) > listMax {
		found, p.More = found[:listMax], true
	}
	p.Total = len(found)
	for i := range found {
		p.Rows = append(p.Rows, caseRow(of, &found[i]))
	}
	return s.showConsole(c, http.StatusOK, p)
}
