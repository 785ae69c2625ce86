package portal

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/locale"
	"amiable/portal/page"
)

// offersShown bounds what one list of offers holds.
const offersShown = 50

// offerRoutes are the pages on offers of a console. Both consoles show the same
// pages; what may be done on them is the domain's to say.
func (s *Server) offerRoutes(console string, audience Audience) []Route {
	const get, post = http.MethodGet, http.MethodPost
	offer := "/" + console + "/cases/:case/offers/:offer"
	return []Route{
		{get, "/" + console + "/offers", audience, s.showOffers},
		{get, offer, audience, s.showStaffOffer},
		{post, offer + "/acceptance", audience, s.acceptOffer},
		{post, offer + "/rejection", audience, s.rejectOffer},
		{post, offer + "/withdrawal", audience, s.withdrawOffer},
		{get, offer + "/counter", audience, s.showCounter},
		{post, offer + "/counter", audience, s.createCounter},
	}
}

// termsLine works terms out on what is owed, for the line that tells them.
func termsLine(t negotiation.Terms, owed money.Amount) (page.TermsLine, []page.InstalmentRow) {
	line := page.TermsLine{Instalments: t.Instalments, Every: string(t.Every), From: t.FirstDueOn, To: t.FirstDueOn, Total: owed, Owed: owed}
	schedule, err := t.Schedule(owed)
	if err != nil || len(schedule) == 0 {
		return line, nil
	}
	line.Total, line.First, line.To = schedule.Total(), schedule[0].Amount, schedule.End()
	line.Each = schedule[len(schedule)-1].Amount
	if len(schedule) > 2 {
		line.Each = schedule[1].Amount
	}
	if t.First.IsZero() {
		line.Each = line.First // leftover cents go first: no first sum of its own
	}
	return line, instalmentRows(schedule)
}

func instalmentRows(schedule negotiation.Schedule) []page.InstalmentRow {
	rows := make([]page.InstalmentRow, len(schedule))
	for i, line := range schedule {
		rows[i] = page.InstalmentRow{Number: line.Number, DueOn: line.DueOn, Amount: line.Amount}
	}
	return rows
}

func offerURL(console, caseID, offerID string) string {
	return "/" + console + "/cases/" + caseID + "/offers/" + offerID
}

// turn is whose answer an offer waits for, as it reads in a console: the
// creditor is told "you"; empty where it has one.
func turn(console string, o *negotiation.Offer) string {
	switch {
	case o.State != negotiation.OfferOpen:
		return ""
	case console == "creditor" && o.AnswerSide == negotiation.SideCreditor:
		return "yours"
	}
	return string(o.AnswerSide)
}

// side is who made an offer, as it reads in a console.
func side(console string, o *negotiation.Offer) string {
	if console == "creditor" && o.Side == negotiation.SideCreditor {
		return "you"
	}
	return string(o.Side)
}

func offerRow(console string, o *negotiation.Offer, currency money.Currency) page.OfferRow {
	row := page.OfferRow{
		URL: offerURL(console, o.CaseID, o.ID), Number: int(o.Number), Side: side(console, o), State: offerState(o), Turn: turn(console, o), AnswerBy: o.AnswerBy,
		At: o.CreatedAt, By: o.AnsweredBy, Reason: o.Reason,
	}
	row.Terms, _ = termsLine(o.Of(), money.New(o.Owed, currency))
	if o.State != negotiation.OfferRejected {
		row.Reason = ""
	}
	return row
}

// offerState tells a version that only gave way to another apart from an offer
// that somebody took back.
func offerState(o *negotiation.Offer) string {
	if o.WasRenewed() {
		return "renewed"
	}
	return string(o.State)
}

func foundRow(console string, f *negotiation.FoundOffer) page.OfferRow {
	row := offerRow(console, &f.Offer, f.Currency)
	row.Debtor, row.Case = f.DebtorName, negotiation.GroupedReference(f.Reference)
	if console == "agent" {
		row.Creditor = f.CreditorName
	}
	return row
}

func (s *Server) showOffers(c echo.Context) error {
	ctx, by, of := c.Request().Context(), who(c).Actor, console(c)
	p := &page.Offers{StaffBase: s.staffBase(c, "offers")}
	waiting, err := s.negotiation.OffersWaiting(ctx, by, worklistMax)
	if err != nil {
		return err
	}
	mine := map[string]bool{}
	for i := range waiting {
		mine[waiting[i].ID] = true
		row := foundRow(of, &waiting[i])
		row.Mine = true
		p.Waiting = append(p.Waiting, row)
	}
	open, err := s.negotiation.OffersOpen(ctx, by, worklistMax)
	if err != nil {
		return err
	}
	for i := range open {
		if !mine[open[i].ID] {
			p.Open = append(p.Open, foundRow(of, &open[i]))
		}
	}
	from, _ := strconv.Atoi(c.QueryParam("from"))
	past, err := s.negotiation.OffersPast(ctx, by, offersShown+1, from)
	if err != nil {
		return err
	}
	if len(past) > offersShown {
		past = past[:offersShown]
		p.NextURL = "/" + of + "/offers?from=" + strconv.Itoa(max(0, from)+offersShown)
	}
	for i := range past {
		p.Past = append(p.Past, foundRow(of, &past[i]))
	}
	return s.showConsole(c, http.StatusOK, p)
}

// waitingTasks are the offers that wait for a creditor, as the first things to
// do at home.
func (s *Server) waitingTasks(c echo.Context, l locale.Language) ([]page.Task, error) {
	by := who(c).Actor
	waiting, err := s.negotiation.OffersWaiting(c.Request().Context(), by, worklistMax)
	if err != nil {
		return nil, err
	}
	var tasks []page.Task
	for i := range waiting {
		row := foundRow("creditor", &waiting[i])
		task := page.Task{Until: row.AnswerBy, Code: "offer", Values: []any{"name", row.Debtor}, Note: row.Terms.Words(l), URL: row.URL, Main: true}
		switch {
		case row.Turn == string(negotiation.SideAgency):
			task.Code, task.Main = "offer_late", false
		case !by.MayAnswer(waiting[i].OwedAmount()):
			task.Code, task.Main = "offer_see", false
		}
		tasks = append(tasks, task)
	}
	return tasks, nil
}

// caseOffers is what a case's page says of its offers and its plan.
func (s *Server) caseOffers(console string, l locale.Language, o *opened) (page.CaseOffers, error) {
	var shown page.CaseOffers
	offers := o.file.Offers()
	for i := len(offers) - 1; i >= 0; i-- {
		row := offerRow(console, &offers[i], o.file.Currency)
		if offers[i].State == negotiation.OfferOpen {
			shown.Open = &row
		}
		shown.Versions = append(shown.Versions, row)
	}
	if plan := o.file.ActivePlan(); plan != nil {
		row, err := planRow(console, o.file, plan, o.gate.On)
		if err != nil {
			return shown, err
		}
		shown.Plan = row
	} else if plan := o.file.LastPlan(); plan != nil {
		row, err := planRow(console, o.file, plan, o.gate.On)
		if err != nil {
			return shown, err
		}
		shown.Plan = row
	}
	if console == "agent" && shown.Open == nil {
		if r := negotiation.AsRefusal(o.file.PlansPossible(o.gate.On)); r == nil {
			shown.ProposeURL = "/agent/cases/" + o.file.ID + "/offers/new"
		} else if !o.file.IsClosed() {
			shown.Shut = words(l, r)
		}
	}
	return shown, nil
}

func planRow(console string, file *negotiation.Case, plan *negotiation.Plan, on negotiation.Day) (*page.PlanRow, error) {
	progress, err := file.Progress(plan, on)
	if err != nil {
		return nil, err
	}
	row := &page.PlanRow{
		State: string(plan.State), Number: int(plan.Number), Total: progress.Total, Paid: progress.Paid, Left: progress.Left, Late: progress.Late,
		Suspended: progress.Suspended, Count: len(progress.Lines), OfferURL: offerURL(console, file.ID, plan.OfferID),
	}
	if progress.Next != nil && plan.State == negotiation.PlanActive {
		row.Next = &page.InstalmentRow{Number: int(progress.Next.Number), DueOn: progress.Next.DueOn, Amount: progress.Next.Left}
	}
	return row, nil
}

// policySays tells a verdict.
func policySays(v negotiation.Verdict, version int, owed money.Amount) page.PolicySays {
	says := page.PolicySays{Answer: string(v.Answer), Version: version}
	for _, r := range v.Reasons {
		why := page.PolicyWhy{Code: r.Code, Values: []any{"n", r.Limit, "sum", money.New(r.Limit, owed.Currency)}}
		says.Reasons = append(says.Reasons, why)
	}
	if v.Nearest != nil {
		near, _ := termsLine(*v.Nearest, owed)
		says.Nearest = &near
	}
	return says
}
