package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/page"
)

// budgetPath is the page of the private budget. What is typed there is in no
// table, log, session, file or address: the answer is worked out of the form
// and forgotten, and a form that finds no session is not parked.
const budgetPath = "/case/plan/budget"

// budget is a month of somebody's life, in minor units.
type budget struct{ income, fixed, others, kept money.Amount }

// rest is what a month leaves, in whole euros; nothing where nothing is left.
func (b budget) rest() money.Amount {
	left := b.income.Sub(b.fixed).Sub(b.others).Sub(b.kept)
	if !left.IsPositive() {
		return left.Zero()
	}
	return money.New(left.Minor-left.Minor%100, left.Currency)
}

func (s *Server) showBudget(c echo.Context) error {
	d, instead, err := s.desk(c)
	if err != nil || instead != nil {
		return answered(instead, err)
	}
	return s.answerBudget(c, http.StatusOK, d, &page.Budget{})
}

// workOutBudget answers with what a month leaves. It writes nothing anywhere.
func (s *Server) workOutBudget(c echo.Context) error {
	d, instead, err := s.desk(c)
	if err != nil || instead != nil {
		return answered(instead, err)
	}
	p := &page.Budget{Form: typed(c, page.BudgetFields...)}
	sums := map[string]money.Amount{}
	for _, field := range page.BudgetFields {
		sums[field] = readSum(&p.Form, field)
	}
	if !p.Form.Bad() && sums["income"].IsZero() {
		p.Form.Add("income", "amount")
	}
	if p.Form.Bad() {
		return s.answerBudget(c, http.StatusUnprocessableEntity, d, p)
	}
	p.Done, p.Rest = true, budget{sums["income"], sums["fixed"], sums["others"], sums["kept"]}.rest()
	if p.Rest.IsPositive() {
		if n, err := negotiation.InstalmentsFor(d.owed, p.Rest); err == nil {
			p.Count = n
		}
	}
	return s.answerBudget(c, http.StatusOK, d, p)
}

func (s *Server) answerBudget(c echo.Context, status int, d *desk, p *page.Budget) error {
	p.Base, p.Left, p.Answers = s.inCase(c, d.file), d.owed, d.answering()
	return s.show(c, status, p)
}
