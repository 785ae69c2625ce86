package portal

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/locale"
	"amiable/portal/page"
)

// reader is for whom what happened is told.
type reader string

const (
	forDebtor   reader = "debtor"
	forCreditor reader = "creditor"
	forAgent    reader = "agent"
)

// timelineKinds are the events that stand on a timeline; the others are the
// house's own. Each goes to the readers named, to all where none is.
var timelineKinds = map[negotiation.EventKind][]reader{
	negotiation.ClaimPlaced: nil, negotiation.FirstLetterRecorded: nil, negotiation.LetterSent: nil, negotiation.HoldPlaced: nil,
	negotiation.HoldLifted: nil, negotiation.ContactChosen: nil, negotiation.DebtRecognised: nil, negotiation.WishRecorded: nil, negotiation.WishHandled: nil,
	negotiation.CreditNoteRecorded: nil, negotiation.ClaimTakenBack: nil, negotiation.PaymentSucceeded: nil, negotiation.PaymentFailed: nil, negotiation.PaymentRecorded: nil, negotiation.PaymentSubmitted: nil,
	negotiation.TransferAnnounced: nil, negotiation.TransferInPart: nil,
	negotiation.CopyTaken: {forDebtor, forAgent}, negotiation.AdviserNamed: nil, negotiation.AdviserEnded: nil, negotiation.PayLinkMade: nil, negotiation.PayLinkEnded: nil,
	negotiation.PaymentReversed: nil, negotiation.CaseWasCleared: nil, negotiation.CaseWasReopened: nil, negotiation.CaseWasWithdrawn: nil,

	negotiation.OfferMade: nil, negotiation.OfferWasCountered: nil, negotiation.OfferRenewed: nil, negotiation.OfferWasRejected: nil,
	negotiation.OfferWasWithdrawn: nil, negotiation.OfferHasExpired: nil, negotiation.OfferWentToAgency: nil,
	negotiation.OfferReminded: {forCreditor, forAgent},
	negotiation.PlanAgreed:    nil, negotiation.PlanChanged: nil, negotiation.PlanWasCompleted: nil, negotiation.PlanTakenUp: nil,
	negotiation.PlanWasReplaced: nil, negotiation.PlanWasEnded: nil,
	negotiation.InstalmentMissed: {forCreditor, forAgent},
	negotiation.HardshipTold:     {forAgent},
	negotiation.SituationProved:  {forAgent}, negotiation.SituationWasSure: {forAgent}, negotiation.SituationHasEnded: {forAgent},

	negotiation.CaseAssigned: {forAgent}, negotiation.CallLogged: {forAgent}, negotiation.PromiseNoted: nil, negotiation.PromiseKept: nil,
	negotiation.PromiseBroken: {forCreditor, forAgent}, negotiation.ApprovalAsked: {forAgent}, negotiation.ApprovalGiven: {forAgent},
	negotiation.ApprovalRefused: {forAgent}, negotiation.ApprovalUsed: {forAgent}, negotiation.ApprovalDropped: {forAgent},

	negotiation.DisputeWasOpened: nil, negotiation.DisputeWasReopened: nil, negotiation.DisputeWasAnswered: nil, negotiation.DisputeStepTaken: nil,
	negotiation.DisputeWentToAgency: nil, negotiation.DisputeClosed: nil,
	negotiation.RefundMade: nil, negotiation.RefundFailed: nil, negotiation.ChargebackTaken: nil, negotiation.ChargebackWon: nil, negotiation.ChargebackLost: nil,
	negotiation.RefundWanted: {forAgent}, negotiation.RefundApproved: {forAgent}, negotiation.RefundCancelled: {forAgent},
	negotiation.ChargebackOpened: {forAgent}, negotiation.ChargebackAnswered: {forAgent}, negotiation.ChargebackClosed: {forAgent},
	negotiation.MessageWritten: nil,
	negotiation.AuthorityGiven: {forDebtor, forAgent}, negotiation.AuthorityEnded: {forDebtor, forAgent}, negotiation.ChargeDeclined: {forDebtor, forAgent},
}

// sided are the events of an offer that read differently for whoever made it.
var sided = []negotiation.EventKind{
	negotiation.OfferMade, negotiation.OfferWasCountered, negotiation.OfferWasRejected, negotiation.OfferWasWithdrawn, negotiation.OfferHasExpired,
}

// ofMeans are the events that read differently where an account is debited.
var ofMeans = []negotiation.EventKind{negotiation.AuthorityGiven, negotiation.AuthorityEnded, negotiation.ChargeDeclined}

func byDebit(what map[string]any) bool {
	means, _ := what["card"].(string)
	kind, _ := method(means)
	return kind == "direct_debit"
}

// reads says whether an event is told to a reader. A creditor is never told of a
// hold that is nobody's but the debtor's and the agency's.
func (who reader) reads(e *negotiation.Event, what map[string]any) bool {
	readers, known := timelineKinds[e.Kind]
	if !known || (len(readers) > 0 && !slices.Contains(readers, who)) {
		return false
	}
	switch e.Kind {
	case negotiation.LetterSent:
		recipient, _ := what["recipient"].(string)
		return recipient == string(negotiation.ToParty) && what["to_adviser"] != true
	case negotiation.HoldPlaced, negotiation.HoldLifted:
		reason, _ := what["reason"].(string)
		return who != forCreditor || !sensitive[negotiation.Reason(reason)]
	case negotiation.DisputeStepTaken:
		return who.readsStep(what)
	case negotiation.MessageWritten:
		return who.readsMessage(what)
	}
	return true
}

// toldSteps are the steps of a dispute that stand on a timeline; what else is
// said in it is read on its page.
var toldSteps = []negotiation.StepKind{negotiation.StepWay, negotiation.StepWayYes, negotiation.StepWayNo, negotiation.StepLine, negotiation.StepSilence}

// readsStep says whether a step of a dispute is told to a reader: what the
// agency writes to one side, or keeps, is not told to the other.
func (who reader) readsStep(what map[string]any) bool {
	kind, _ := what["step_kind"].(string)
	audience, _ := what["audience"].(string)
	return slices.Contains(toldSteps, negotiation.StepKind(kind)) && negotiation.Audience(audience).Reaches(sideOf[who])
}

// sideOf is on whose side a reader is.
var sideOf = map[reader]negotiation.Side{forDebtor: negotiation.SideDebtor, forCreditor: negotiation.SideCreditor, forAgent: negotiation.SideAgency}

// readsMessage says whether it is told to a reader that somebody wrote in the
// thread: to whom the message is meant for, and to nobody of what the agency
// notes for itself.
func (who reader) readsMessage(what map[string]any) bool {
	side, _ := what["side"].(string)
	audience, _ := what["audience"].(string)
	m := negotiation.Message{Side: negotiation.Side(side), Audience: negotiation.Audience(audience)}
	return m.Reaches(sideOf[who]) && (m.Side != negotiation.SideAgency || m.Audience != negotiation.ToTheAgencyOnly)
}

// disputeHolds are the moments at which a dispute held something back or let it
// go: its own line says so.
func disputeHolds(events []negotiation.Event) map[time.Time]bool {
	at := map[time.Time]bool{}
	for i := range events {
		switch events[i].Kind {
		case negotiation.DisputeWasOpened, negotiation.DisputeWasReopened, negotiation.DisputeWasAnswered, negotiation.DisputeClosed:
			at[events[i].At] = true
		}
	}
	return at
}

// timeline tells a reader what happened on a case, the latest day first, at
// most so many lines (0: all).
func timeline(l locale.Language, who reader, file *negotiation.Case, events []negotiation.Event, most int) page.Timeline {
	var t page.Timeline
	held, written := disputeHolds(events), ""
	for i := len(events) - 1; i >= 0; i-- {
		e := &events[i]
		by, what := e.What()
		if !who.reads(e, what) || (held[e.At] && (e.Kind == negotiation.HoldPlaced || e.Kind == negotiation.HoldLifted) && what["reason"] == string(negotiation.HoldDisputed)) {
			continue
		}
		on := negotiation.DayOf(e.At)
		if sent, _ := what["sent_on"].(string); e.Kind == negotiation.FirstLetterRecorded && sent != "" {
			on = negotiation.Day(sent) // what the reader knows it by, not when it was written down here
		}
		if said, _ := what["side"].(string); e.Kind == negotiation.MessageWritten { // several in a row are one line
			row := string(on) + said + e.ActorID
			if row == written {
				continue
			}
			written = row
		} else {
			written = ""
		}
		kind, values := who.tells(l, file, e.Kind, what)
		line := page.Event{On: on, Kind: kind, Values: values}
		switch {
		case e.ActorRole == negotiation.RoleAdviser:
			if key := "event." + string(e.Kind) + ".adviser"; l.Has(key) {
				line.Title = l.T(key, "name", by)
			} else {
				line.Note = l.T("event.by_adviser", "name", by)
			}
		case what["pay_link"] != nil:
			line.Note = l.T("event.by_payer")
		}
		t.Events = append(t.Events, line)
	}
	slices.SortStableFunc(t.Events, func(a, b page.Event) int { return strings.Compare(string(b.On), string(a.On)) })
	if most > 0 && len(t.Events) > most {
		t.Events, t.More = t.Events[:most], len(t.Events)-most
	}
	return t
}

// tells picks the sentence of an event and what it may name.
func (who reader) tells(l locale.Language, file *negotiation.Case, kind negotiation.EventKind, what map[string]any) (sentence string, values []any) {
	sentence, values = string(kind), eventValues(l, what)
	side, _ := what["side"].(string)
	switch {
	case kind == negotiation.MessageWritten && side == string(sideOf[who]):
		sentence += ".yours"
	case kind == negotiation.MessageWritten:
		values = append(values, "who", nameOf(file, negotiation.Side(side)))
	case slices.Contains(sided, kind) && side == string(who):
		sentence += ".yours"
	case slices.Contains(sided, kind):
		values = append(values, "who", nameOf(file, negotiation.Side(side)))
	case slices.Contains(ofMeans, kind) && byDebit(what):
		sentence += ".debit"
	case kind == negotiation.PlanChanged && what["skipped"] == true:
		sentence += ".skipped"
	case kind == negotiation.DisputeWasOpened && what["amount"] == nil:
		sentence += ".whole"
	case kind == negotiation.DisputeClosed:
		state, _ := what["state"].(string)
		sentence += "." + state
	case kind == negotiation.DisputeStepTaken:
		step, _ := what["step_kind"].(string)
		sentence += "." + step
		if side == string(who) && step != string(negotiation.StepLine) && step != string(negotiation.StepWay) {
			sentence += ".yours"
		}
		values = append(values, "who", nameOf(file, negotiation.Side(side)))
	}
	return sentence, values
}

// nameOf is who sits on a side of a case.
func nameOf(file *negotiation.Case, side negotiation.Side) string {
	switch {
	case side == negotiation.SideCreditor:
		return file.Creditor.Name
	case side == negotiation.SideAgency && file.Agency != nil:
		return file.Agency.Name
	case side == negotiation.SideDebtor:
		return file.Debtor.Name
	}
	return ""
}

// eventValues reads what the sentence of an event may name.
func eventValues(l locale.Language, what map[string]any) []any {
	text := func(name string) string {
		value, _ := what[name].(string)
		return value
	}
	values := []any{"invoice", text("invoice"), "reference", text("reference"), "name", text("name"), "label", text("label")}
	if n, isNumber := what["number"].(float64); isNumber {
		values = append(values, "number", int(n))
	} else {
		values = append(values, "number", text("number"))
	}
	if sum, ok := sumOf(what["amount"]); ok {
		values = append(values, "sum", sum)
	}
	if total, ok := sumOf(what["total"]); ok {
		values = append(values, "total", total)
	}
	if n, isNumber := what["version"].(float64); isNumber {
		values = append(values, "version", int(n))
	}
	if n, isNumber := what["instalments"].(float64); isNumber {
		values = append(values, "n", int(n))
	}
	for name, content := range map[string]string{"first": "first", "due": "due", "was": "was_due"} {
		if d := day.Day(text(content)); !d.IsZero() {
			values = append(values, name, d)
		}
	}
	if reason := text("reason"); reason != "" && l.Has("hold."+reason) {
		values = append(values, "reason", l.T("hold."+reason))
	} else {
		values = append(values, "reason", reason)
	}
	if letter := text("letter_kind"); letter != "" && l.Has("letter."+letter) {
		values = append(values, "letter", l.T("letter."+letter))
	}
	return values
}

// sumOf reads a sum out of an event's content.
func sumOf(content any) (money.Amount, bool) {
	text, err := json.Marshal(content)
	if err != nil || content == nil {
		return money.Amount{}, false
	}
	var sum money.Amount
	return sum, json.Unmarshal(text, &sum) == nil && sum.Currency != ""
}
