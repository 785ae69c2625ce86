package payments

import (
	"context"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// Portion names a sum by what it pays of the running plan; who orders it need
// not know how much that is.
type Portion string

const (
	ByAmount       Portion = ""           // Order.Amount; nothing: the whole
	NextInstalment Portion = "instalment" // the next one, or all that is late and due today
	RestOfPlan     Portion = "plan"       // all that is left of the plan, without what is contested
)

// InPlan is what a payment is in a running plan.
type InPlan struct {
	*negotiation.Progress              // as it will stand once what is on its way is here
	Due                   money.Amount // what is to be paid next
	Rest                  money.Amount // what is left to ask of the plan
	Line                  int64        // number of the line that is paid first; 0: none asks for anything

	coming money.Amount
	text   string // which the debtor read when they recognised the debt
}

// inPlan reads the running plan of a case; nil where none runs.
func inPlan(c *negotiation.Case, onItsWay money.Amount, today negotiation.Day) (*InPlan, error) {
	p := c.ActivePlan()
	if p == nil {
		return nil, nil
	}
	progress, err := c.ProgressWith(p, onItsWay, today)
	if err != nil {
		return nil, err
	}
	in := &InPlan{Progress: progress, Due: progress.Due(), Rest: progress.Asked(), coming: onItsWay}
	if progress.Next != nil {
		in.Line = progress.Next.Number
	}
	if o := c.Offer(p.OfferID); o != nil {
		if yes := o.Accepted(negotiation.SideDebtor); yes != nil {
			in.text = yes.TextVersion
		}
	}
	return in, nil
}

// OnItsWay is what was submitted for a case and is not here yet.
func (s *Service) OnItsWay(ctx context.Context, c *negotiation.Case) (money.Amount, error) {
	return onItsWay(s.db.Read(ctx), c)
}

// OnItsWay is what the plan counts already, and is not here yet.
func (q *Quote) OnItsWay() money.Amount { return q.Plan.coming }

// After tells how far the plan is once the sum is paid, too.
func (q *Quote) After(c *negotiation.Case, today negotiation.Day) (*ReceiptPlan, error) {
	if q.Plan == nil {
		return nil, nil
	}
	return planWith(c, q.Plan.Plan, q.Plan.coming.Add(q.Amount), today)
}

// most is the most that may be paid of a case that owes a total: of a
// settlement, what its plan still asks for, since that clears the case.
func most(c *negotiation.Case, total money.Amount, today negotiation.Day) (money.Amount, error) {
	p := c.ActivePlan()
	if p == nil || !p.IsSettlement() {
		return total, nil
	}
	progress, err := c.Progress(p, today)
	if err != nil {
		return total, err
	}
	return progress.Left, nil
}

// sum is the amount that an order means.
func (q *Quote) sum(o Order) (money.Amount, error) {
	if o.Of == ByAmount {
		return o.Amount, nil
	}
	if q.Plan == nil || (o.Line != 0 && o.Line != q.Plan.Line) {
		return o.Amount, negotiation.Refuse(negotiation.Conflict, "plan_moved_on")
	}
	sum := q.Plan.Due
	if o.Of == RestOfPlan {
		sum = q.Plan.Rest
	}
	if sum.IsZero() {
		return sum, negotiation.Refuse(negotiation.Conflict, "nothing_to_pay_now")
	}
	return sum, nil
}

// partMinimum is the least part that may be paid: what the creditor takes, or
// less where the plan itself asks for less. In a plan a part is always taken:
// paying early is free.
func (q *Quote) partMinimum(c *negotiation.Case) (least money.Amount, ok bool) {
	least, ok = c.Creditor.PartMinimum(q.Total)
	if q.Plan == nil || !q.Plan.Due.IsPositive() {
		return least, ok
	}
	return least.Min(q.Plan.Due), true
}

// recognised returns the version of the text by which the debtor recognised
// what a sum pays when they accepted the plan; empty where they did not.
func (q *Quote) recognised() string {
	if q.Plan == nil || q.Amount.Cmp(q.Plan.Rest) > 0 {
		return ""
	}
	return q.Plan.text
}

// NeedsRecognition says whether paying the sum recognises a debt anew: a part,
// which no plan holds.
func (q *Quote) NeedsRecognition() bool { return !q.Whole && q.recognised() == "" }

// ReceiptPlan is how far a payment brought a plan, on its receipt.
type ReceiptPlan struct {
	Number     int64           `json:"number"`
	AcceptedOn negotiation.Day `json:"accepted_on"`
	Settled    int             `json:"settled"` // instalments paid
	Of         int             `json:"of"`      // instalments, without those skipped
	Left       money.Amount    `json:"left"`    // to pay of the plan
	NextOn     negotiation.Day `json:"next_on"` // none: nothing is to be paid any more
	Next       money.Amount    `json:"next"`
}

// receiptPlan tells how far a payment booked now brought the case's plan; nil
// where it belongs to none.
func receiptPlan(t *negotiation.Tx, c *negotiation.Case) (*ReceiptPlan, error) {
	p := c.LastPlan()
	switch {
	case p == nil:
		return nil, nil
	case p.State == negotiation.PlanActive:
	case p.State == negotiation.PlanCompleted && p.ClosedAt != nil && p.ClosedAt.Equal(t.Now):
	default:
		return nil, nil
	}
	return planWith(c, p, money.New(0, c.Currency), t.Today)
}

// planWith tells how far a plan is once money that is to come is here.
func planWith(c *negotiation.Case, p *negotiation.Plan, coming money.Amount, on negotiation.Day) (*ReceiptPlan, error) {
	progress, err := c.ProgressWith(p, coming, on)
	if err != nil {
		return nil, err
	}
	r := &ReceiptPlan{Number: p.Number, AcceptedOn: negotiation.DayOf(p.AcceptedAt), Left: progress.Asked(), Next: money.New(0, c.Currency)}
	for _, l := range progress.Lines {
		switch l.State {
		case negotiation.LineSkipped, negotiation.LineDropped:
			continue
		case negotiation.LinePaid:
			r.Settled++
		}
		r.Of++
	}
	if progress.Next != nil {
		r.NextOn, r.Next = progress.Next.DueOn, progress.Next.Left
	}
	return r, nil
}
