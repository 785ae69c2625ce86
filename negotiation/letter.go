package negotiation

import (
	"context"
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
	LetterDisputeReceived, LetterDisputeAnswered, LetterDisputeNews, LetterDisputeOutcome,
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

// letterAttemptsMax is how often sending is tried before an agent is asked.
const letterAttemptsMax = 8

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
	l.CreditorID, l.CaseID, l.Recipient, l.Language, l.Address = &c.CreditorID, &c.ID, ToCreditor, "fr", c.Creditor.Email
	return t.Insert(l)
}

// TellAgents writes a letter due to the agency's mailbox.
func (c *Case) TellAgents(t *Tx, kind LetterKind, facts any) error {
	l, err := t.letter(kind, facts)
	if err != nil {
		return err
	}
	l.CreditorID, l.CaseID, l.Recipient, l.Language, l.Address = &c.CreditorID, &c.ID, ToAgent, "fr", c.Agency.Email
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
	l.CreditorID, l.Recipient, l.Language, l.Address = &creditor.ID, ToCreditor, "fr", creditor.Email
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

// LettersDue returns letters whose time has come, oldest first, at most limit.
// What goes by post waits for a person.
func (s *Service) LettersDue(ctx context.Context, limit int) ([]Letter, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	var letters []Letter
	err = s.db.Read(ctx).Where("state = ? AND due_at <= ? AND channel <> ?", LetterDueState, now, ContactPost).Order("due_at, id").Limit(limit).Find(&letters).Error
	return letters, fault(err, "letters due", "")
}

// NextLetterDue returns when the first letter falls due after an instant; zero
// if none waits.
func (s *Service) NextLetterDue(ctx context.Context, after time.Time) (time.Time, error) {
	var next []Letter
	err := s.db.Read(ctx).Select("due_at").Where("state = ? AND due_at > ? AND channel <> ?", LetterDueState, after.UTC(), ContactPost).Order("due_at").Limit(1).Find(&next).Error
	if err != nil || len(next) == 0 {
		return time.Time{}, fault(err, "letters due", "")
	}
	return next[0].DueAt, nil
}

// Sending is what outreach needs to send a letter: the letter as it stands and
// its case, if it has one.
type Sending struct {
	Letter  *Letter
	Case    *Case
	Opening *OpeningLetter // what a first letter says; nil for any other
}

// leaseTime is how long a letter is one sender's alone: longer than any mailer
// takes to answer.
const leaseTime = 5 * time.Minute

// PrepareLetter asks the gates again right before a letter leaves, and takes
// the letter for this caller alone: for leaseTime no other process is given it.
// ok is false where it may not leave, is no longer due, or is another's: then it
// is not to be sent. The caller answers with LetterSent, LetterNotSent,
// LetterRefused or LetterReleased; a caller that dies loses its lease by time.
func (s *Service) PrepareLetter(ctx context.Context, letterID string) (sending *Sending, ok bool, err error) {
	err = s.onLetter(ctx, letterID, func(t *Tx, l *Letter, c *Case) error {
		if l.State != LetterDueState || l.Channel == ContactPost || l.DueAt.After(t.Now) {
			return nil
		}
		sending = &Sending{Letter: l, Case: c}
		if c != nil && l.Recipient == ToParty {
			reasons, err := sending.held(t)
			if err != nil {
				return err
			}
			if len(reasons) == 0 && l.counts() {
				if err := t.lockPerson(*l.PersonID); err != nil {
					return err
				}
				var out Outlook
				if reasons, out, err = c.leaves(t, l); err != nil {
					return err
				}
				if out.Reason != "" {
					told := c.delay(t, System, l, out)
					if err := t.updateLetter(l); err != nil {
						return err
					}
					return t.Insert(told)
				}
			}
			if len(reasons) > 0 {
				l.State, l.BlockedBy = LetterStopped, joinReasons(reasons)
				if err := t.updateLetter(l); err != nil {
					return err
				}
				return t.Insert(c.event(t, System, LetterBlocked, map[string]any{"letter": l.ID, "letter_kind": l.Kind, "reasons": reasons}))
			}
		}
		// Letters of no case have no lock of their own: the condition is it.
		taken := t.Model(&Letter{}).Where("id = ? AND state = ? AND due_at <= ?", l.ID, LetterDueState, t.Now).Update("due_at", t.Now.Add(leaseTime))
		if ok = taken.RowsAffected == 1; ok && c != nil && l.counts() {
			return c.contacted(t, l)
		}
		return fault(taken.Error, "letter", l.ID)
	})
	return sending, ok && err == nil, err
}

// held returns what keeps the letter from leaving now. A first letter is its
// own gate's exception, and must still say what is true; it brings what it
// says.
func (s *Sending) held(t *Tx) ([]Reason, error) {
	if id := s.Letter.PartyID; id != nil {
		if p := s.Case.Party(*id); p != nil && !p.Stands(t.Today) {
			return []Reason{AdviserIsOver}, nil
		}
	}
	if over, err := s.Case.overtaken(s.Letter, t.Today); over || err != nil {
		return []Reason{Overtaken}, err
	}
	if seen, err := s.Case.messagesSeen(t, s.Letter); seen || err != nil {
		return []Reason{Overtaken}, err
	}
	if s.Letter.Kind != LetterFirst {
		return s.Case.letterBlocked(s.Letter.Owed, t.Today), nil
	}
	made, err := openingByID(t.DB, s.Letter.ID)
	if err != nil {
		return nil, err
	}
	made.Letter = s.Letter
	if made.Statement, err = frozenByID(t.DB, made.StatementID); err != nil {
		return nil, err
	}
	s.Opening = made
	reasons := s.Case.FirstLetterHeld(made, t.Today)
	if t.Today.After(made.DatedOn.Add(letterLateDays)) {
		reasons = append(reasons, StatementChanged)
	}
	return reasons, nil
}

// LetterSent records that a letter left, to which address. A first letter that
// left opens its case.
func (s *Service) LetterSent(ctx context.Context, letterID, address string) error {
	return s.onLetter(ctx, letterID, func(t *Tx, l *Letter, c *Case) error {
		if l.State != LetterDueState {
			return nil
		}
		l.State, l.Address, l.SentAt, l.Problem = LetterSentState, address, &t.Now, ""
		if err := t.updateLetter(l); err != nil || c == nil {
			return err
		}
		if l.Kind == LetterFirst {
			made, err := openingByID(t.DB, l.ID)
			if err != nil {
				return err
			}
			first := FirstLetter{Reference: made.Reference, SentOn: t.Today, Channel: "mail", Proof: "mail " + l.ID}
			if err := c.recordFirstLetter(t, System, first, false); err != nil {
				return err
			}
		}
		told := map[string]any{"letter": l.ID, "letter_kind": l.Kind, "recipient": l.Recipient, "owed": l.Owed}
		if l.PartyID != nil {
			if p := c.Party(*l.PartyID); p != nil && p.Role == PartyAdviser {
				told["to_adviser"] = true
			}
		}
		return t.Insert(c.event(t, System, LetterSent, told))
	})
}

// LetterReleased gives back a letter that was taken and not tried: it is due
// again at once.
func (s *Service) LetterReleased(ctx context.Context, letterID string) error {
	return s.onLetter(ctx, letterID, func(t *Tx, l *Letter, _ *Case) error {
		if l.State != LetterDueState {
			return nil
		}
		l.DueAt = t.Now
		if err := t.notContacted(l); err != nil {
			return err
		}
		return t.updateLetter(l)
	})
}

// LetterNotSent records a failed try; it is tried again later, ever less
// often, and given up in the end where a person sees it.
func (s *Service) LetterNotSent(ctx context.Context, letterID string, problem string) error {
	return s.onLetter(ctx, letterID, func(t *Tx, l *Letter, c *Case) error {
		if l.State != LetterDueState {
			return nil
		}
		l.Attempts++
		l.Problem = problem
		l.DueAt = t.Now.Add(time.Duration(1<<min(l.Attempts, 10)) * time.Minute)
		if l.Attempts >= letterAttemptsMax {
			l.State = LetterFailed
			c.Stir(WorkUndelivered)
		}
		if err := t.notContacted(l); err != nil {
			return err
		}
		return t.updateLetter(l)
	})
}

// LetterRefused records that a letter was refused for good: it is not tried
// again, and an agent sees it. Where it is the address that was refused, nobody
// writes to it any more.
func (s *Service) LetterRefused(ctx context.Context, letterID, address string, addressIsWrong bool, problem string) error {
	return s.onLetter(ctx, letterID, func(t *Tx, l *Letter, c *Case) error {
		if l.State != LetterDueState {
			return nil
		}
		l.Attempts++
		l.State, l.Problem, l.Address = LetterFailed, problem, address
		if err := t.updateLetter(l); err != nil || c == nil {
			return err
		}
		if err := t.notContacted(l); err != nil {
			return err
		}
		if addressIsWrong && l.PersonID != nil {
			err := t.Model(&ContactPoint{}).Where("person_id = ? AND kind = ? AND LOWER(value) = ? AND bounced_at IS NULL", *l.PersonID, ContactEmail, strings.ToLower(address)).
				Update("bounced_at", t.Now).Error
			if err != nil {
				return fault(err, "contacts of person", *l.PersonID)
			}
		}
		return t.Insert(c.event(t, System, LetterWasRefused, map[string]any{"letter": l.ID, "letter_kind": l.Kind, "address_wrong": addressIsWrong}))
	})
}

// FailedLetters returns letters to debtors that were given up, or held because
// nothing we know of their channel reaches them, oldest first: somebody must find
// another way to reach them. A letter of the kind that left
// since ends it.
func (s *Service) FailedLetters(ctx context.Context, limit int) ([]Letter, error) {
	var letters []Letter
	err := s.db.Read(ctx).Where("(state = ? OR (state = ? AND blocked_by = ?)) AND recipient = ?", LetterFailed, LetterStopped, WrongRecipient, ToParty).
		Where(`NOT EXISTS (SELECT 1 FROM letters AS later WHERE later.case_id = letters.case_id AND later.kind = letters.kind
			AND later.state IN ('sent', 'delivered') AND later.created_at > letters.created_at)`).
		Order("created_at, id").Limit(limit).Find(&letters).Error
	return letters, fault(err, "letters that failed", "")
}

func (s *Service) onLetter(ctx context.Context, letterID string, do func(t *Tx, l *Letter, c *Case) error) error {
	l, err := s.letterByID(s.db.Read(ctx), letterID)
	if err != nil {
		return err
	}
	if l.CaseID == nil {
		return s.write(ctx, func(t *Tx) error {
			if l, err = s.letterByID(t.DB, letterID); err != nil {
				return err
			}
			return do(t, l, nil)
		})
	}
	return s.OnCase(ctx, System, *l.CaseID, func(t *Tx, c *Case) error {
		if l, err = s.letterByID(t.DB, letterID); err != nil {
			return err
		}
		return do(t, l, c)
	})
}

func (s *Service) letterByID(tx *gorm.DB, id string) (*Letter, error) {
	var found []Letter
	if err := tx.Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return nil, fault(err, "letter", id)
	}
	if len(found) == 0 {
		return nil, errNotFound
	}
	return &found[0], nil
}

func (t *Tx) updateLetter(l *Letter) error {
	return fault(t.Model(l).Where("id = ?", l.ID).Select("State", "Address", "BlockedBy", "DelayedBy", "Attempts", "Problem", "DueAt", "SentAt").Updates(l).Error, "letter", l.ID)
}
