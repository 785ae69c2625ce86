package page

import (
	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// planPictures shows the ring and the strip of a plan by themselves.
type planPictures struct {
	Base
	Ring   PlanRing
	Months PlanMonths
}

func (*planPictures) template() string { return "gallery/plan" }

// plan is a plan of which some instalments are paid; the one after is next.
func (w world) plan(total int64, terms negotiation.Terms, paid int) *planPictures {
	p := &planPictures{Base: w.inCase("/case/plan")}
	schedule, err := terms.Schedule(money.Euros(total))
	if err != nil {
		panic(err) // an invented plan that makes no schedule
	}
	for i, instalment := range schedule {
		month := PlanMonth{DueOn: instalment.DueOn, Amount: instalment.Amount, Paid: money.Euros(0), State: MonthFuture}
		switch {
		case i < paid:
			month.State, month.Paid = MonthPaid, instalment.Amount
		case i == paid:
			month.State = MonthDue
		}
		p.Months = append(p.Months, month)
	}
	p.settle()
	return p
}

// settle makes the ring say what the strip does.
func (p *planPictures) settle() {
	p.Ring = PlanRing{Paid: money.Euros(0), Left: money.Euros(0)}
	for _, m := range p.Months {
		if !m.nothing() {
			p.Ring.Parts = append(p.Ring.Parts, RingPart{Amount: m.Amount, Paid: m.Paid})
			p.Ring.Paid, p.Ring.Left = p.Ring.Paid.Add(m.Paid), p.Ring.Left.Add(m.Amount.Sub(m.Paid))
		}
	}
}

// changed is a plan to which something happened.
func (p *planPictures) changed(change func(m PlanMonths)) *planPictures {
	change(p.Months)
	p.settle()
	return p
}

func (w world) planPictures() []Specimen {
	monthly := func(n int, first day.Day) negotiation.Terms {
		return negotiation.Terms{Instalments: n, Every: negotiation.Monthly, FirstDueOn: first}
	}
	six := monthly(6, "2026-12-05")
	sums := w.plan(1248_60, six, 2)
	sums.Ring.Parts = nil
	return []Specimen{
		{In: "nothing paid", Page: w.plan(1248_60, six, 0)},
		{In: "half paid", Page: w.plan(1248_60, six, 3)},
		{In: "all paid", Page: w.plan(1248_60, six, 6)},
		{In: "one late, part of the next paid", Page: w.plan(1248_60, six, 2).changed(func(m PlanMonths) {
			m[2].State, m[3].State, m[3].Paid = MonthLate, MonthDue, money.Euros(100_00)
		})},
		{In: "one skipped, one moved", Page: w.plan(1248_60, monthly(7, "2026-12-05"), 2).changed(func(m PlanMonths) {
			m[2].State = MonthSkipped
			m[3].MovedFrom, m[3].DueOn, m[3].State = m[3].DueOn, "2027-03-20", MonthDue
			m[5].MovedFrom, m[5].DueOn = m[5].DueOn, "2027-05-12"
		})},
		{In: "the last contested", Page: w.plan(1248_60, six, 1).changed(func(m PlanMonths) { m[4].State, m[5].State = MonthHeld, MonthHeld })},
		{In: "the last no longer owed", Page: w.plan(1248_60, six, 1).changed(func(m PlanMonths) { m[5].State = MonthDropped })},
		{In: "3 instalments", Page: w.plan(1248_60, monthly(3, "2026-12-05"), 1)},
		{In: "one date, months away", Page: w.plan(1248_60, monthly(1, "2027-06-30"), 0)},
		{In: "a larger first sum", Page: w.plan(12_480_60, negotiation.Terms{Instalments: 10, Every: negotiation.Monthly, FirstDueOn: "2026-12-31", First: money.Euros(4000_00)}, 1)},
		{In: "24 weekly", Page: w.plan(1248_60, negotiation.Terms{Instalments: 24, Every: negotiation.Weekly, FirstDueOn: "2026-11-27"}, 4)},
		{In: "36 monthly", Page: w.plan(7_491_60, monthly(36, "2026-12-05"), 7)},
		{In: "36 monthly, all paid", Page: w.plan(7_491_60, monthly(36, "2026-12-05"), 36)},
		{In: "sums alone", Page: sums},
	}
}
