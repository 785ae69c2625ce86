package portal

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/page"
)

const instalmentsPath = "/case/instalments"

// showInstalments shows the plan of a case: how far it is, and what can be done.
func (s *Server) showInstalments(c echo.Context) error {
	done := c.QueryParam("done")
	if !slices.Contains(knownDone, done) {
		done = ""
	}
	return s.answerInstalments(c, http.StatusOK, done, nil)
}

// answerInstalments shows the plan, with what was done, or why it was not.
func (s *Server) answerInstalments(c echo.Context, status int, done string, r *negotiation.Refusal) error {
	return s.answerInstalmentsWith(c, status, done, r, page.Form{})
}

// answerInstalmentsWith shows it with the form on a card as it was sent.
func (s *Server) answerInstalmentsWith(c echo.Context, status int, done string, r *negotiation.Refusal, form page.Form) error {
	file, gate, err := s.myCase(c)
	if err != nil {
		return err
	}
	plan := file.LastPlan()
	if plan == nil {
		return c.Redirect(http.StatusSeeOther, "/case/plan")
	}
	p := &page.Instalments{
		Base: s.inCase(c, file), Creditor: file.Creditor.Name, State: string(plan.State), AcceptedOn: negotiation.DayOf(plan.AcceptedAt), ClosedOn: plan.ClosedOn,
		Why: plan.Reason, Cleared: closed(file) == "cleared", Total: money.New(plan.Total, plan.Currency), Waived: money.New(plan.Owed-plan.Total, plan.Currency),
		SkipsLeft: plan.SkipsLeft(), SkipsMax: int(plan.SkipsMax), MoveDays: int(plan.MoveDaysMax), Resting: plan.InterestWaived, Done: done, Agent: s.agent(c),
	}
	p.CurrentPath = instalmentsPath
	if r != nil {
		p.Problem = words(p.Lang, r)
	}
	if plan.StatementID != nil {
		p.AgreementURL = agreementPath(plan.ID)
	}
	if p.Cleared {
		p.DischargeURL = "/case/documents/discharge.pdf"
	}
	statement, err := statementOf(file, gate.On)
	if err != nil {
		return err
	}
	p.Owed = statement.Total
	if plan.State == negotiation.PlanEnded {
		return s.show(c, status, p)
	}
	progress, err := file.Progress(plan, gate.On)
	if err != nil {
		return err
	}
	p.Suspended = progress.Suspended
	then := progress
	if plan.State == negotiation.PlanActive {
		if p.OnItsWay, err = s.payments.OnItsWay(c.Request().Context(), file); err != nil {
			return err
		}
		if then, err = file.ProgressWith(plan, p.OnItsWay, gate.On); err != nil {
			return err
		}
		p.Next = nextOf(then, gate.On)
		if p.Charges, err = s.chargesOf(c, file, plan, form); err != nil {
			return err
		}
		if blocking := gate.Blocking(negotiation.Payment); len(blocking) > 0 {
			p.PayShut = string(blocking[0])
		}
		if p.PayShut == "" && !who(c).May(negotiation.ActPay) {
			p.PayShut = "adviser"
		}
		if who(c).May(negotiation.ActPropose) && file.PlansPossible(gate.On) == nil && file.OpenOffer() == nil {
			p.ProposeURL = "/case/plan"
		}
	}
	p.Ring, p.Months = pictures(progress, then)
	p.Lines = linesOf(plan, progress, then, gate.On)
	if !who(c).May(negotiation.ActAccept) { // an adviser reads; whose plan it is changes it
		for i := range p.Lines {
			p.Lines[i].MoveURL, p.Lines[i].SkipURL = "", ""
		}
	}
	return s.show(c, status, p)
}

// pictures draws a plan. then is how it stands once what is on its way is here:
// the next date to look at comes after it.
func pictures(now, then *negotiation.Progress) (page.PlanRing, page.PlanMonths) {
	ring, months := page.PlanPictures(now)
	for i, l := range now.Lines {
		switch {
		case l.Left.IsPositive() && then.Lines[i].Left.IsZero(): // on its way
			months[i].State = page.MonthFuture
		case then.Next != nil && then.Next.Number == l.Number && l.State == negotiation.LineAhead:
			months[i].State = page.MonthDue
		}
	}
	return ring, months
}

// linesOf lists the dates of a plan with what can be done with each now.
func linesOf(plan *negotiation.Plan, now, then *negotiation.Progress, today negotiation.Day) []page.InstalmentLine {
	var list []page.InstalmentLine
	for i, l := range now.Lines {
		line := page.InstalmentLine{
			Number: l.Number, DueOn: l.DueOn, MovedFrom: l.MovedFrom, Amount: money.New(l.Amount, plan.Currency), Paid: l.Paid, Left: l.Left, State: string(l.State),
		}
		at := instalmentsPath + "/" + strconv.FormatInt(l.Number, 10)
		switch {
		case !l.Left.IsPositive():
		case then.Lines[i].Left.IsZero():
			line.State = "coming"
		default:
			if l.State == negotiation.LineAhead && then.Next != nil && then.Next.Number == l.Number {
				line.State = "next"
			}
			if plan.State != negotiation.PlanActive {
				break
			}
			if earliest, latest := plan.MayMove(l.PlanLine, today); plan.MoveDaysMax > 0 && !latest.Before(earliest) {
				line.MoveURL = at + "/day"
			}
			if plan.SkipsLeft() > 0 {
				line.SkipURL = at + "/skip"
			}
		}
		list = append(list, line)
	}
	return list
}

// running is the running plan of the debtor's case and a line of it by the
// address; nil where there is none, or no such line.
func (s *Server) running(c echo.Context) (file *negotiation.Case, plan *negotiation.Plan, line *page.InstalmentLine, err error) {
	file, gate, err := s.myCase(c)
	if err != nil {
		return nil, nil, nil, err
	}
	if plan = file.ActivePlan(); plan == nil {
		return file, nil, nil, nil
	}
	progress, err := file.Progress(plan, gate.On)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, l := range linesOf(plan, progress, progress, gate.On) {
		if strconv.FormatInt(l.Number, 10) == c.Param("number") {
			return file, plan, &l, nil
		}
	}
	return nil, nil, nil, negotiation.Refuse(negotiation.NotFound, "not_found")
}

// movedOn says that what a page offered is gone: the plan as it is answers.
func (s *Server) movedOn(c echo.Context) error {
	return s.answerInstalments(c, http.StatusConflict, "", negotiation.Refuse(negotiation.Conflict, "plan_moved_on"))
}

func (s *Server) showMoveDay(c echo.Context) error {
	return s.answerMoveDay(c, http.StatusOK, s.kept(c, page.Form{}))
}

func (s *Server) answerMoveDay(c echo.Context, status int, form page.Form) error {
	file, plan, line, err := s.running(c)
	if err != nil {
		return err
	}
	if line == nil || line.MoveURL == "" {
		return s.movedOn(c)
	}
	today, err := s.negotiation.Today(c.Request().Context())
	if err != nil {
		return err
	}
	p := &page.MoveDay{Base: s.inCase(c, file), Creditor: file.Creditor.Name, Line: *line, Action: line.MoveURL, Form: form}
	p.CurrentPath = line.MoveURL
	lines := plan.Current()
	for i, l := range lines {
		if l.Number == line.Number {
			p.From, p.Until = plan.MayMove(l, today)
			if i > 0 { // the order of the dates stays
				p.From = max(p.From, lines[i-1].DueOn.Add(1))
			}
		}
	}
	p.Later = lines[len(lines)-1].Number != line.Number
	return s.show(c, status, p)
}

// moveInstalment gives a date another day: what becomes of the dates is read
// first, then confirmed.
func (s *Server) moveInstalment(c echo.Context) error {
	form := typed(c, "new_day", "following")
	to := readDay(&form, "new_day")
	if form.Bad() {
		return s.answerMoveDay(c, http.StatusUnprocessableEntity, form)
	}
	change := negotiation.Moving(to, form.Is("following", "yes"))
	return s.changeInstalment(c, change, &page.ChangeReview{Kind: "moved", To: to, Following: form.Is("following", "yes")}, form)
}

func (s *Server) showSkip(c echo.Context) error {
	return s.answerChange(c, http.StatusOK, negotiation.Skipping(), &page.ChangeReview{Kind: "skipped"}, page.Form{})
}

func (s *Server) skipInstalment(c echo.Context) error {
	return s.changeInstalment(c, negotiation.Skipping(), &page.ChangeReview{Kind: "skipped"}, page.Form{})
}

// changeInstalment makes a change that was read on the plan as it is; before
// that, or where the plan has changed since, it shows what would become of it.
func (s *Server) changeInstalment(c echo.Context, change negotiation.LineChange, review *page.ChangeReview, form page.Form) error {
	if c.FormValue("confirm") != "yes" {
		return s.answerChange(c, http.StatusOK, change, review, form)
	}
	file, plan, line, err := s.running(c)
	if err != nil {
		return err
	}
	if plan == nil || plan.ID != c.FormValue("plan") {
		return s.movedOn(c)
	}
	if strconv.FormatInt(plan.Revision, 10) != c.FormValue("revision") {
		note(&review.Form, s.language(c), negotiation.Refuse(negotiation.Conflict, "plan_moved_on"))
		return s.answerChange(c, http.StatusConflict, change, review, form)
	}
	err = s.negotiation.ChangeInstalment(c.Request().Context(), who(c).Actor, file.ID, plan.ID, int(line.Number), change)
	if r := negotiation.AsRefusal(err); r != nil {
		return s.refuseChange(c, r, review, form)
	}
	if err != nil {
		return err
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, instalmentsPath+"?done="+review.Kind)
}

// refuseChange says why a change cannot be: in its form where another day can
// be chosen, else on the plan.
func (s *Server) refuseChange(c echo.Context, r *negotiation.Refusal, review *page.ChangeReview, form page.Form) error {
	if r.Kind == negotiation.Invalid && review.Kind == "moved" {
		if r.Field == "to" {
			r.Field = "new_day"
		}
		note(&form, s.language(c), r)
		return s.answerMoveDay(c, status(r), form)
	}
	if r.Kind == negotiation.NotFound {
		return r
	}
	return s.answerInstalments(c, status(r), "", r)
}

// answerChange shows what a change would make of the dates.
func (s *Server) answerChange(c echo.Context, status int, change negotiation.LineChange, p *page.ChangeReview, form page.Form) error {
	file, plan, line, err := s.running(c)
	if err != nil {
		return err
	}
	if plan == nil {
		return s.movedOn(c)
	}
	today, err := s.negotiation.Today(c.Request().Context())
	if err != nil {
		return err
	}
	seen, err := file.Changed(who(c).Actor, plan.ID, int(line.Number), change, today)
	if r := negotiation.AsRefusal(err); r != nil {
		return s.refuseChange(c, r, p, form)
	}
	if err != nil {
		return err
	}
	p.Base, p.Creditor, p.Line, p.Total, p.PlanID, p.Revision = s.inCase(c, file), file.Creditor.Name, *line, money.New(plan.Total, plan.Currency), plan.ID, plan.Revision
	at := instalmentsPath + "/" + strconv.FormatInt(line.Number, 10)
	p.Action, p.BackURL, p.CurrentPath = at+"/day", at+"/day", at+"/day"
	if p.Kind == "skipped" {
		p.Action, p.BackURL, p.CurrentPath = at+"/skip", instalmentsPath, at+"/skip"
		p.SkipsLeft = plan.SkipsLeft() - 1
	}
	for i, l := range seen.After {
		row := page.ChangeRow{On: l.DueOn, Amount: money.New(l.Amount, plan.Currency), Skipped: l.Skipped, New: i >= len(seen.Before)}
		if !row.New {
			row.WasOn, row.Was = seen.Before[i].DueOn, money.New(seen.Before[i].Amount, plan.Currency)
			if !seen.Before[i].Left.IsPositive() && row.On == row.WasOn && row.Amount == row.Was {
				continue // paid, or skipped before
			}
		}
		p.Rows = append(p.Rows, row)
	}
	p.End = seen.After[len(seen.After)-1].DueOn
	p.EndMoved = p.End != seen.Before[len(seen.Before)-1].DueOn
	return s.show(c, status, p)
}

// stepOf tells how far a plan is, for a page.
func stepOf(r *payments.ReceiptPlan) *page.PlanStep {
	if r == nil {
		return nil
	}
	return &page.PlanStep{Settled: r.Settled, Of: r.Of, Left: r.Left, NextOn: r.NextOn, Next: r.Next}
}
