package negotiation

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"amiable/negotiation/money"
)

// CallOutcome is what came of a call.
type CallOutcome string

const (
	CallReached  CallOutcome = "reached"
	CallPromised CallOutcome = "promised" // reached, and something will be paid by a day
	CallBackWish CallOutcome = "callback" // asked to be called again
	CallLeft     CallOutcome = "message_left"
	CallNoAnswer CallOutcome = "no_answer"
	CallWrong    CallOutcome = "wrong_number"
)

// CallOutcomes are all of them, in the order of the page.
var CallOutcomes = []CallOutcome{CallReached, CallPromised, CallBackWish, CallLeft, CallNoAnswer, CallWrong}

// LetterCall is what a call of our own accord counts as among the contacts.
const LetterCall LetterKind = "call"

const callWordsMax = 4_000

// Call is one line of the log of calls.
type Call struct {
	ID         string
	CreditorID string
	CaseID     string
	PartyID    string
	Inbound    bool
	Outcome    CallOutcome
	Number     string
	Words      string
	Because    string // why it was made where the rules of contact say not now
	PromiseID  *string
	ByID       string
	ByName     string
	At         time.Time
}

// CallNote is what an agent writes down of a call.
type CallNote struct {
	PartyID    string
	Inbound    bool
	Outcome    CallOutcome
	Number     string
	Words      string
	Because    string
	Promised   money.Amount // of CallPromised
	PromisedOn Day
	WishID     string // the wish that the call answers
}

func (n *CallNote) check() error {
	n.Number, n.Words, n.Because = strings.TrimSpace(n.Number), strings.TrimSpace(n.Words), strings.TrimSpace(n.Because)
	known := false
	for _, o := range CallOutcomes {
		known = known || o == n.Outcome
	}
	switch {
	case !known:
		return Refuse(Invalid, "outcome_unknown").On("outcome")
	case n.Inbound && (n.Outcome == CallNoAnswer || n.Outcome == CallLeft || n.Outcome == CallWrong):
		return Refuse(Invalid, "outcome_not_inbound").On("outcome")
	case utf8.RuneCountInString(n.Words)+utf8.RuneCountInString(n.Because) > callWordsMax:
		return Refuse(Invalid, "words_too_long").On("message").With("n", callWordsMax)
	case n.Outcome == CallBackWish && !telephone(n.Number):
		return Refuse(Invalid, "phone_missing").On("number")
	}
	return nil
}

// MayCall says what stands in the way of calling a party of a case now, of our
// own accord: reasons that forbid it, or when it may be.
func (s *Service) MayCall(ctx context.Context, c *Case, partyID string) ([]Reason, Outlook, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, Outlook{}, err
	}
	t := &Tx{DB: s.db.Read(ctx), Now: now, Today: DayOf(now), service: s}
	party := c.Party(partyID)
	if party == nil {
		return nil, Outlook{}, errNotFound
	}
	return c.mayCall(t, party, newID())
}

func (c *Case) mayCall(t *Tx, party *Party, id string) ([]Reason, Outlook, error) {
	if reasons := c.letterBlocked(false, t.Today); len(reasons) > 0 {
		return reasons, Outlook{}, nil
	}
	if c.IsClosed() {
		return []Reason{Overtaken}, Outlook{}, nil
	}
	// The agent has read what waits: a call answers it.
	out, err := c.outlook(t, &Letter{ID: id, Channel: ContactPhone, ByPerson: true}, party)
	return nil, out, err
}

// LogCall writes down a call and what follows from it: a call of our own accord
// counts as a contact like a letter, a number that is wrong is used no more, a
// wish that it answers is answered, a promise holds letters back. Where the
// rules of contact say not now, it takes a word on why.
func (s *Service) LogCall(ctx context.Context, by Actor, caseID string, n CallNote) (*Call, error) {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return nil, err
	}
	if err := n.check(); err != nil {
		return nil, err
	}
	var call *Call
	err := s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) (err error) {
		if call, err = c.loggedJustNow(t, by, n); err != nil || call != nil {
			return err
		}
		call, err = c.logCall(t, by, n)
		return err
	})
	return call, err
}

// loggedJustNow returns the call that was written down already: a second press
// of the button, on a slow network, counts no second call. One that answers a
// wish which still waits is another.
func (c *Case) loggedJustNow(t *Tx, by Actor, n CallNote) (*Call, error) {
	var last []Call
	err := t.Where("case_id = ? AND by_id = ? AND at > ?", c.ID, by.ID, t.Now.Add(-pressedTwice)).Order("at DESC, id DESC").Limit(1).Find(&last).Error
	if err != nil || len(last) == 0 {
		return nil, fault(err, "calls of case", c.ID)
	}
	call := &last[0]
	if call.PartyID != n.PartyID || call.Inbound != n.Inbound || call.Outcome != n.Outcome || call.Number != n.Number || call.Words != n.Words {
		return nil, nil
	}
	if n.WishID != "" && (n.Outcome == CallReached || n.Outcome == CallPromised) {
		var waits int64
		if err := t.Model(&Wish{}).Where("id = ? AND case_id = ? AND handled_at IS NULL", n.WishID, c.ID).Count(&waits).Error; err != nil || waits > 0 {
			return nil, fault(err, "wish", n.WishID)
		}
	}
	if call.PromiseID != nil {
		var same int64
		err := t.Model(&Promise{}).Where("id = ? AND amount = ? AND due_on = ?", *call.PromiseID, n.Promised.Minor, n.PromisedOn).Count(&same).Error
		if err != nil || same == 0 {
			return nil, fault(err, "promise", *call.PromiseID)
		}
	}
	return call, nil
}

func (c *Case) logCall(t *Tx, by Actor, n CallNote) (*Call, error) {
	party := c.Party(n.PartyID)
	if party == nil {
		return nil, Refuse(Invalid, "party_unknown").On("party")
	}
	call := &Call{
		ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, PartyID: party.ID, Inbound: n.Inbound, Outcome: n.Outcome, Number: n.Number,
		Words: n.Words, ByID: by.ID, ByName: by.Name, At: t.Now,
	}
	asked, err := c.asksForUs(t, n.WishID)
	if err != nil {
		return nil, err
	}
	if !n.Inbound && !asked {
		if err := c.countCall(t, party, call, n.Because); err != nil {
			return nil, err
		}
	}
	if n.Outcome == CallPromised {
		p, err := c.promise(t, by, party, n.Promised, n.PromisedOn)
		if err != nil {
			return nil, err
		}
		call.PromiseID = &p.ID
	}
	facts := map[string]any{"call": call.ID, "outcome": n.Outcome, "inbound": n.Inbound}
	if call.Because != "" {
		facts["against_rules"] = true
	}
	if err := t.Insert(call, c.event(t, by, CallLogged, facts)); err != nil {
		return nil, err
	}
	if n.WishID != "" && (n.Outcome == CallReached || n.Outcome == CallPromised) {
		if err := c.handleWish(t, by, n.WishID); err != nil && AsRefusal(err) == nil {
			return nil, err // one that somebody else answered meanwhile stays answered
		}
	}
	if n.Outcome == CallReached || n.Outcome == CallPromised {
		// Who was spoken with has had an answer.
		answered, err := c.handleMessages(t, by, SideDebtor)
		if err != nil {
			return nil, err
		}
		if answered > 0 {
			if err := t.Insert(c.event(t, by, MessagesSettled, map[string]any{"side": SideDebtor, "messages": answered})); err != nil {
				return nil, err
			}
		}
	}
	switch n.Outcome {
	case CallWrong:
		return call, c.wrongNumber(t, by, party, n.Number)
	case CallBackWish:
		forThem := by
		forThem.OnBehalfOf = party.ID
		w := Wish{Kind: WishCallback, Words: n.Words, CallbackTo: n.Number, CallbackWhen: "any"}
		if err := w.check(); err != nil {
			return nil, err
		}
		return call, c.wish(t, forThem, &w)
	}
	return call, nil
}

// asksForUs says whether somebody of the debtor's side waits for our word: a
// call that answers is not one of our own accord.
func (c *Case) asksForUs(t *Tx, wishID string) (bool, error) {
	if !ValidID(wishID) {
		return false, nil
	}
	var n int64
	err := t.Model(&Wish{}).Where("id = ? AND case_id = ? AND handled_at IS NULL", wishID, c.ID).Count(&n).Error
	return n > 0, fault(err, "wish", wishID)
}

// countCall counts a call of our own accord among the contacts, if the rules let
// it be, or somebody says why not.
func (c *Case) countCall(t *Tx, party *Party, call *Call, because string) error {
	if err := t.lockPerson(party.PersonID); err != nil {
		return err
	}
	blocked, out, err := c.mayCall(t, party, call.ID)
	if err != nil {
		return err
	}
	free := len(blocked) == 0 && out.Reason == ""
	if !free && because == "" {
		if len(blocked) == 0 {
			blocked = []Reason{out.Reason}
		}
		r := Refuse(Conflict, "call_not_now").On("because")
		r.Reasons = blocked
		return r
	}
	if !free {
		call.Because = because
	}
	return t.contacted(&ContactMade{
		ID: call.ID, PersonID: party.PersonID, CreditorID: c.CreditorID, CaseID: c.ID, Kind: LetterCall, Channel: ContactPhone,
		Place: c.placeOfParty(party), Judged: free, At: t.Now, CreatedAt: t.Now,
	})
}

// wrongNumber marks a number as nobody's we look for.
func (c *Case) wrongNumber(t *Tx, by Actor, party *Party, number string) error {
	for _, contact := range party.Contacts {
		if contact.Kind != ContactPhone || contact.BouncedAt != nil || lastDigits(contact.Value) != lastDigits(number) || lastDigits(number) == "" {
			continue
		}
		if err := t.Model(&ContactPoint{}).Where("id = ?", contact.ID).Update("bounced_at", t.Now).Error; err != nil {
			return fault(err, "contact", contact.ID)
		}
		return t.Insert(c.event(t, by, ContactChanged, map[string]any{"party": party.ID, "contact_kind": ContactPhone}))
	}
	return nil
}

// Calls returns the log of calls of a case, newest first. The caller has asked
// whether the case may be seen.
func (s *Service) Calls(ctx context.Context, caseID string) ([]Call, error) {
	var calls []Call
	err := s.db.Read(ctx).Where("case_id = ?", caseID).Order("at DESC, id DESC").Find(&calls).Error
	return calls, fault(err, "calls of case", caseID)
}
