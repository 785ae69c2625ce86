package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/interest"
	"amiable/portal/page"
)

// ratesShown is how many half-years the page of the rates shows.
const ratesShown = 4

func (s *Server) showRates(c echo.Context) error {
	return s.answerRates(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerRates(c echo.Context, code int, form page.Form) error {
	halves, err := s.negotiation.Rates(c.Request().Context(), ratesShown)
	if err != nil {
		return err
	}
	p := &page.RatesPage{StaffBase: s.staffBase(c, "agency"), Half: halves[0].HalfYear.First(), Form: form}
	for _, kind := range negotiation.RateKinds {
		p.Kinds = append(p.Kinds, string(kind))
	}
	for _, half := range halves {
		row := page.HalfYearRow{From: half.HalfYear.First(), To: half.HalfYear.Last()}
		for _, kind := range negotiation.RateKinds {
			cell := page.RateCell{}
			if rate, ok := half.Known[kind]; ok {
				cell = page.RateCell{Percent: s.language(c).Percent(int64(rate.Rate) / 100), Source: rate.Source, Verified: rate.Verified}
			}
			row.Rates = append(row.Rates, cell)
		}
		p.Rows = append(p.Rows, row)
	}
	return s.showConsole(c, code, p)
}

// createRates enters the rates of a half-year.
func (s *Server) createRates(c echo.Context) error {
	form := typed(c, "half_year", string(interest.ECB), string(interest.LegalIndividual), string(interest.LegalOther), "source")
	half := readDay(&form, "half_year")
	if form.Bad() || half.IsZero() {
		return s.answerRates(c, http.StatusUnprocessableEntity, form)
	}
	percents := map[interest.RateKind]string{}
	for _, kind := range negotiation.RateKinds {
		percents[kind] = form.Values[string(kind)]
	}
	err := s.negotiation.EnterRates(c.Request().Context(), who(c).Actor, interest.HalfYearOf(half), percents, form.Values["source"])
	if r := negotiation.AsRefusal(err); r != nil {
		note(&form, s.language(c), r)
		return s.answerRates(c, status(r), form)
	}
	if err != nil {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, "/agent/rates?done=rates")
}
