package negotiation

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
)

// LetterKind is what a letter is for. The kind decides whether a gate may stop
// it.
type LetterKind string

const (
	LetterFirst           LetterKind = "first_letter"      // to a party: the letter that opens the case by law
	LetterLink            LetterKind = "link"              // to a party: a person has written, here is the way in
	LetterCode            LetterKind = "code"              // to a party: the code that was asked for
	LetterAdviser         LetterKind = "adviser"           // to an adviser: a debtor named them, here is the way in
	LetterReceipt         LetterKind = "receipt"           // to a party: a payment arrived
	LetterPaymentFailed   LetterKind = "payment_failed"    // to a party: a payment did not go through after all
	LetterCleared         LetterKind = "cleared"           // to a party: nothing is left to pay
	LetterPaymentNotice   LetterKind = "payment_notice"    // to the creditor: money came in (CPCE R124-5)
	LetterOverpayment     LetterKind = "overpayment"       // to the agents: more came in than was owed
	LetterNotMe           LetterKind = "not_me"            // to the agents: the wrong person was reached
	LetterWish            LetterKind = "wish"              // to the agents: a debtor asks for a person
	LetterLinkLocked      LetterKind = "link_locked"       // to the agents: five wrong tries
	LetterAccountProblem  LetterKind = "account_problem"   // to the creditor: payments by card are not possible
	LetterPayoutFailed    LetterKind = "payout_failed"     // to the creditor: its bank sent a payout back
	LetterDigest          LetterKind = "digest"            // to the creditor: what came in on a day
	LetterInvitation      LetterKind = "invitation"        // to a user: make your account
	LetterReset           LetterKind = "reset"             // to a user: choose a new password
	LetterSecurity        LetterKind = "security"          // to a user: what was done about their access
	LetterCodeAlarm       LetterKind = "code_alarm"        // to the agents: somebody tries codes of letters at random
	LetterOffer           LetterKind = "offer"             // to the creditor: a debtor proposes terms (CPCE R124-5)
	LetterOfferReminder   LetterKind = "offer_reminder"    // to the creditor: the day to answer is near
	LetterOfferToAgency   LetterKind = "offer_to_agency"   // to the agents: a creditor was silent
	LetterCounterOffer    LetterKind = "counter_offer"     // to a party: other terms, to say yes or no to
	LetterOfferEnded      LetterKind = "offer_ended"       // to either side: rejected, withdrawn or expired
	LetterOfferRenewed    LetterKind = "offer_renewed"     // to both: the same terms on the new balance
	LetterPlanAgreed      LetterKind = "plan_agreed"       // to both: what was agreed
	LetterPlanChanged     LetterKind = "plan_changed"      // to both: a line was moved or skipped
	LetterPlanCompleted   LetterKind = "plan_completed"    // to both: all of the plan was paid
	LetterPlanEnded       LetterKind = "plan_ended"        // to both: a person ended it
	LetterInstalmentSoon  LetterKind = "instalment_soon"   // to a party: the next instalment, some days before
	LetterMissed          LetterKind = "missed"            // to a party: an instalment did not come; two ways on
	LetterPlanMissed      LetterKind = "plan_missed"       // to the agents: a plan needs a person
	LetterChargeDeclined  LetterKind = "charge_declined"   // to a party: the card could not be charged for an instalment, and what comes next
	LetterAuthorityGiven  LetterKind = "authority_given"   // to a party: the card that will be charged, and how to stop it
	LetterAuthorityEnded  LetterKind = "authority_ended"   // to a party: nothing is charged any more
	LetterCardExpires     LetterKind = "card_expires"      // to a party: the card ends before its next instalments
	LetterPauseEnds       LetterKind = "pause_ends"        // to a party: the breathing space ends soon
	LetterPause           LetterKind = "pause"             // to the creditor: the debtor takes a breathing space
	LetterMessage         LetterKind = "message"           // to a party or the creditor: there is something to read in the thread
	LetterMessageToAgency LetterKind = "message_to_agency" // to the agents: a debtor or creditor has written in it
	LetterDispute         LetterKind = "dispute"           // to the creditor: a debtor contests
	LetterDisputeReminder LetterKind = "dispute_reminder"  // to the creditor: the day to answer is near
	LetterDisputeReceived LetterKind = "dispute_received"  // to a party: what was contested is held
	LetterDisputeAnswered LetterKind = "dispute_answered"  // to a party: the creditor has answered
	LetterDisputeNews     LetterKind = "dispute_news"      // to either side: the agent has written
	LetterDisputeToAgency LetterKind = "dispute_to_agency" // to the agents: a dispute needs a person
	LetterDisputeOutcome  LetterKind = "dispute_outcome"   // to both: how it ended, and why
	LetterHardship        LetterKind = "hardship"          // to the agents: a debtor told of a hard time
	LetterSituation       LetterKind = "situation"         // to the creditor: what a special situation of its debtor means for its claim
	LetterSituationTold   LetterKind = "situation_told"    // to the agents: a debtor told of one, or sent a paper
)

// owedKinds are the letters that answer an act or that the law owes: they pass
// every gate but those of undeliverable, and do not count towards the cap.
var owedKinds = []LetterKind{
	LetterCode, LetterAdviser, LetterReceipt, LetterPaymentFailed, LetterCleared,
	LetterCounterOffer, LetterOfferEnded, LetterOfferRenewed, LetterPlanAgreed, LetterPlanChanged, LetterPlanCompleted, LetterPlanEnded, LetterPauseEnds,
	LetterDisputeReceived, LetterDisputeAnswered, LetterDisputeNews, LetterDisputeOutcome, LetterLowered, LetterWithdrawn,
	LetterChargeDeclined, LetterAuthorityGiven, LetterAuthorityEnded,
	LetterRefundMade, LetterRefundFailed, LetterChargeback, LetterChargebackWon,
}

// CaseIsWithdrawn is why nothing that asks leaves any more: the creditor took
// the case back.
const CaseIsWithdrawn Reason = "case_withdrawn"

// AdviserIsOver is why nothing leaves to an adviser any more.
const AdviserIsOver Reason = "adviser_ended"

// Overtaken is why a letter that waited does not leave any more: what it says is
// no longer so.
const Overtaken Reason = "overtaken"

// stopsOwed are the only reasons that stop even a letter that is owed.
var stopsOwed = []Reason{HoldDeceased, HoldNotMe, HoldIdentityTheft}

// Owed says whether the letter passes the gates that stop what asks or
// reminds.
func (k LetterKind) Owed() bool { return slices.Contains(owedKinds, k) }

// LetterState is where the life of a letter stands.
type LetterState string

const (
	LetterDueState  LetterState = "due"
	LetterStopped   LetterState = "blocked"
	LetterSentState LetterState = "sent"
	LetterDelivered LetterState = "delivered"
	LetterBounced   LetterState = "bounced"
	LetterFailed    LetterState = "failed"    // given up after some tries; an agent sees it
	LetterCancelled LetterState = "cancelled" // made, and taken back before it left
)

// letterMoves is the life of a letter.
var letterMoves = map[LetterState][]LetterState{
	LetterDueState:  {LetterStopped, LetterSentState, LetterFailed, LetterCancelled},
	LetterStopped:   {LetterCancelled},
	LetterSentState: {LetterDelivered, LetterBounced},
	LetterDelivered: {LetterBounced},
	LetterBounced:   {},
	LetterFailed:    {LetterDueState, LetterCancelled},
	LetterCancelled: {},
}

// Recipient is to whom a letter goes.
type Recipient string

const (
	ToParty    Recipient = "party"
	ToCreditor Recipient = "creditor"
	ToAgent    Recipient = "agent"
)

// Letter is a row that outreach finds: what to tell whom, with the facts and
// the version of the text. It is written in the transaction of the act that
// it tells of.
type Letter struct {
	ID          string
	CreditorID  *string
	CaseID      *string
	PartyID     *string
	PersonID    *string
	Recipient   Recipient
	Kind        LetterKind
	Owed        bool
	Channel     ContactKind
	Address     string // empty: the preferred contact at the time of sending
	Language    string
	Facts       string // JSON
	TextVersion string
	State       LetterState
	BlockedBy   string
	DelayedBy   Reason // why it waits until DueAt; kept after it left
	ByPerson    bool   // a person of the agency wrote it; see Gate.ByPersonOnly
	Attempts    int64
	Problem     string
	DueAt       time.Time
	SentAt      *time.Time
	CreatedAt   time.Time
}

// TextVersion names the set of texts that letters are written with today; it
// stays with each letter.
const TextVersion = "2026-11"

// Languages are those that letters are written in, the law's first.
var Languages = []string{"fr", "en"}

// Tell writes a letter due to a party of the case. A closed gate does not
// lose it: the letter is kept as blocked, with the reason, and an event says
// so.
func (c *Case) Tell(t *Tx, by Actor, party *Party, kind LetterKind, facts any) (*Letter, error) {
	return c.tell(t, by, party, kind, facts, kind.Owed())
}

// Answer is Tell for a letter that the party asked for: whatever its kind, it
// is owed.
func (c *Case) Answer(t *Tx, by Actor, party *Party, kind LetterKind, facts any) (*Letter, error) {
	return c.tell(t, by, party, kind, facts, true)
}

func (c *Case) tell(t *Tx, by Actor, party *Party, kind LetterKind, facts any, owed bool) (*Letter, error) {
	l, err := t.letter(kind, facts)
	if err != nil {
		return nil, err
	}
	l.Owed = owed
	l.CreditorID, l.CaseID, l.PartyID, l.PersonID = &c.CreditorID, &c.ID, &party.ID, &party.PersonID
	l.Recipient, l.Language, l.ByPerson = ToParty, party.Person.Language, by.IsStaff()
	event := map[string]any{"letter": l.ID, "letter_kind": kind}
	reasons, out := c.letterBlocked(owed, t.Today), Outlook{}
	if len(reasons) == 0 && l.counts() {
		if reasons, out, err = c.leaves(t, l); err != nil {
			return nil, err
		}
	}
	if len(reasons) > 0 {
		l.State, l.BlockedBy = LetterStopped, joinReasons(reasons)
		event["reasons"] = reasons
		return l, t.Insert(l, c.event(t, by, LetterBlocked, event))
	}
	if out.Reason != "" {
		told := c.delay(t, by, l, out)
		return l, t.Insert(l, told)
	}
	return l, t.Insert(l, c.event(t, by, LetterDue, event))
}

// letterBlocked returns the reasons that stop a letter on a day.
func (c *Case) letterBlocked(owed bool, on Day) []Reason {
	gate := c.Gate(on)
	if !owed {
		if c.State == CaseWithdrawn {
			return append(gate.Blocking(Letters), CaseIsWithdrawn)
		}
		return gate.Blocking(Letters)
	}
	var reasons []Reason
	for _, r := range stopsOwed {
		if gate.Stands(r) {
			reasons = append(reasons, r)
		}
	}
	return reasons
}

func joinReasons(reasons []Reason) string {
	words := make([]string, len(reasons))
	for i, r := range reasons {
		words[i] = string(r)
	}
	return strings.Join(words, " ")
}

// TellCreditor writes a letter due to the creditor of the case. The law owes
// it (CPCE R124-5); no gate of the debtor's concerns it.
func (c *Case) TellCreditor(t *Tx, kind LetterKind, facts any) error {
	l, err := t.letter(kind, facts)
	if err != nil {
		return err
	}
	l.CreditorID, l.CaseID, l.Recipient, l.Language, l.Address = &c.CreditorID, &c.ID, ToCreditor, c.Creditor.Language, c.Creditor.Email
	return t.Insert(l)
}

// TellAgents writes a letter due to the agency's mailbox.
func (c *Case) TellAgents(t *Tx, kind LetterKind, facts any) error {
	l, err := t.letter(kind, facts)
	if err != nil {
		return err
	}
	l.CreditorID, l.CaseID, l.Recipient, l.Language, l.Address = &c.CreditorID, &c.ID, ToAgent, c.Agency.Language, c.Agency.Email
	return t.Insert(l)
}

// TellCreditorOf writes a letter due to a creditor that concerns no case, in
// the transaction of the package that learned of its cause.
func (s *Service) TellCreditorOf(tx *gorm.DB, now time.Time, creditorID string, kind LetterKind) error {
	t := &Tx{DB: tx, Now: now, Today: DayOf(now), service: s}
	l, err := t.letter(kind, nil)
	if err != nil {
		return err
	}
	var creditor Creditor
	if err := tx.Where("id = ?", creditorID).Take(&creditor).Error; err != nil {
		return fault(err, "creditor", creditorID)
	}
	l.CreditorID, l.Recipient, l.Language, l.Address = &creditor.ID, ToCreditor, creditor.Language, creditor.Email
	return t.Insert(l)
}

// TellUser writes a letter due to somebody's own mailbox (an invitation, a new
// password), for the package that keeps the users.
func (t *Tx) TellUser(address, language string, to Recipient, kind LetterKind, facts any) error {
	l, err := t.letter(kind, facts)
	if err != nil {
		return err
	}
	l.Recipient, l.Language, l.Address = to, language, address
	return t.Insert(l)
}

func (t *Tx) letter(kind LetterKind, facts any) (*Letter, error) {
	if facts == nil {
		facts = struct{}{}
	}
	text, err := json.Marshal(facts)
	if err != nil {
		return nil, fault(err, "letter", string(kind))
	}
	return &Letter{
		ID: newID(), Kind: kind, Owed: kind.Owed(), Channel: ContactEmail, Facts: string(text), TextVersion: TextVersion,
		State: LetterDueState, DueAt: t.Now, CreatedAt: t.Now,
	}, nil
}
