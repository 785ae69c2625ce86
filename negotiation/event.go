package negotiation

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Stream is what a chain of events belongs to.
type Stream string

const (
	StreamCase     Stream = "case"
	StreamCreditor Stream = "creditor"
	StreamAgency   Stream = "agency"
)

// EventKind is what happened. The timeline turns it into a sentence
// (event.<kind> in the locale).
type EventKind string

const (
	AgencyFounded        EventKind = "agency_founded"
	AgencyChanged        EventKind = "agency_changed"
	PapersFiled          EventKind = "papers_filed"
	CreditorAdded        EventKind = "creditor_added"
	CreditorChanged      EventKind = "creditor_changed"
	MandateSigned        EventKind = "mandate_signed"
	FeeInvoiced          EventKind = "fee_invoiced"
	RemittanceWritten    EventKind = "remittance_written"
	PaidOver             EventKind = "paid_over"
	SuspenseExplained    EventKind = "suspense_explained"
	ClaimPlaced          EventKind = "claim_placed"
	InvoiceAttached      EventKind = "invoice_attached"
	NoticeRecorded       EventKind = "notice_recorded"
	FirstLetterRecorded  EventKind = "first_letter_recorded"
	FirstLetterPrepared  EventKind = "first_letter_prepared"
	FirstLetterCancelled EventKind = "first_letter_cancelled"
	LetterDue            EventKind = "letter_due"
	LetterBlocked        EventKind = "letter_blocked"
	LetterDelayed        EventKind = "letter_delayed"
	LetterSent           EventKind = "letter_sent"
	LetterWasRefused     EventKind = "letter_refused"
	ContactChanged       EventKind = "contact_changed"
	ContactChosen        EventKind = "contact_chosen"
	HoldPlaced           EventKind = "hold_placed"
	HoldLifted           EventKind = "hold_lifted"
	LinkLocked           EventKind = "link_locked"
	LinkUnlocked         EventKind = "link_unlocked"
	CodesTried           EventKind = "codes_tried"
	LinksRevoked         EventKind = "links_revoked"
	AdviserNamed         EventKind = "adviser_named"
	AdviserEnded         EventKind = "adviser_ended"
	PayLinkMade          EventKind = "pay_link_made"
	PayLinkEnded         EventKind = "pay_link_ended"
	DebtRecognised       EventKind = "debt_recognised"
	NotMeDeclared        EventKind = "not_me_declared"
	WishRecorded         EventKind = "wish_recorded"
	WishHandled          EventKind = "wish_handled"
	StatementFrozen      EventKind = "statement_frozen"
	CreditNoteRecorded   EventKind = "credit_note_recorded"
	CheckoutStarted      EventKind = "checkout_started"
	CheckoutExpired      EventKind = "checkout_expired"
	PaymentSucceeded     EventKind = "payment_succeeded"
	PaymentFailed        EventKind = "payment_failed"
	PaymentSubmitted     EventKind = "payment_submitted"  // a debit was handed in: it comes in some days, or not
	TransferAnnounced    EventKind = "transfer_announced" // a transfer is awaited: it comes in some days, in parts, or not
	TransferInPart       EventKind = "transfer_in_part"
	PaymentRecorded      EventKind = "payment_recorded"
	PaymentReversed      EventKind = "payment_reversed"
	OverpaymentFound     EventKind = "overpayment_found"
	InterestWaived       EventKind = "interest_waived"
	CaseWasCleared       EventKind = "case_cleared"
	CaseWasReopened      EventKind = "case_reopened"
	CaseWasWithdrawn     EventKind = "case_withdrawn"
	PolicySet            EventKind = "policy_set"
	OfferMade            EventKind = "offer_made"
	OfferWasCountered    EventKind = "offer_countered"
	OfferRenewed         EventKind = "offer_renewed"
	OfferWasRejected     EventKind = "offer_rejected"
	OfferWasWithdrawn    EventKind = "offer_withdrawn"
	OfferHasExpired      EventKind = "offer_expired"
	WordTaken            EventKind = "word_taken" // an agent wrote down how somebody said no
	OfferReminded        EventKind = "offer_reminded"
	OfferWentToAgency    EventKind = "offer_went_to_agency"
	PlanAgreed           EventKind = "plan_agreed"
	PlanChanged          EventKind = "plan_changed"
	PlanWasCompleted     EventKind = "plan_completed"
	PlanTakenUp          EventKind = "plan_taken_up"
	PlanWasReplaced      EventKind = "plan_replaced"
	PlanWasEnded         EventKind = "plan_ended"
	InstalmentMissed     EventKind = "instalment_missed"
	AuthorityAsked       EventKind = "authority_asked" // the debtor ticked, and is saving a card
	AuthorityGiven       EventKind = "authority_given"
	AuthorityEnded       EventKind = "authority_ended"
	ChargeAsked          EventKind = "charge_asked"
	ChargeDeclined       EventKind = "charge_declined"
	ChargeStopped        EventKind = "charge_stopped"
	HardshipTold         EventKind = "hardship_told"
	SituationProved      EventKind = "situation_proved"
	SituationWasSure     EventKind = "situation_confirmed"
	SituationHasEnded    EventKind = "situation_ended" // by itself: its time was over
	MessageWritten       EventKind = "message_written"
	MessagesSettled      EventKind = "messages_settled" // no answer needed
	TemplateSaved        EventKind = "template_saved"
	TemplateRetired      EventKind = "template_retired"
	DisputeWasOpened     EventKind = "dispute_opened"
	DisputeWasReopened   EventKind = "dispute_reopened"
	DisputeWasAnswered   EventKind = "dispute_answered"
	DisputeStepTaken     EventKind = "dispute_step"
	DisputeWentToAgency  EventKind = "dispute_went_to_agency"
	DisputeClosed        EventKind = "dispute_closed"
	CaseAssigned         EventKind = "case_assigned"
	CallLogged           EventKind = "call_logged"
	PromiseNoted         EventKind = "promise_noted"
	PromiseKept          EventKind = "promise_kept"
	PromiseBroken        EventKind = "promise_broken"
	ApprovalAsked        EventKind = "approval_asked"
	ApprovalGiven        EventKind = "approval_given"
	ApprovalRefused      EventKind = "approval_refused"
	ApprovalUsed         EventKind = "approval_used"
	ApprovalDropped      EventKind = "approval_dropped"
	BankAccountOpened    EventKind = "bank_account_opened"
	BankAccountClosed    EventKind = "bank_account_closed"
	WaysToPaySet         EventKind = "ways_to_pay_set"
	BankFileBooked       EventKind = "bank_file_booked"
	BankEntryExplained   EventKind = "bank_entry_explained"
	BankEntryReleased    EventKind = "bank_entry_released"
	BankEntryDivided     EventKind = "bank_entry_divided"
)

// Event is one line of a timeline and one link of a chain. Hash covers
// everything but the content, which stands in it as a salted digest: personal
// content can be erased and the chain still verifies.
type Event struct {
	ID         string
	Stream     Stream
	StreamID   string
	Seq        int64
	Kind       EventKind
	At         time.Time
	ActorRole  Role
	ActorID    string
	OnBehalfOf string
	Salt       []byte
	Digest     []byte
	Hash       []byte
	Content    *string
}

// TableName names the table for gorm.
func (Event) TableName() string { return "events" }

// Head is the end of a chain; it lives on the locked row of whose chain it is.
type Head struct {
	EventSeq  int64
	EventHead []byte
}

// next makes the event that follows and moves the head on. content is what the
// sentence on the timeline needs; nil for nothing.
func (h *Head) next(stream Stream, streamID string, by Actor, kind EventKind, content any, now time.Time) (*Event, error) {
	e := &Event{
		ID: newID(), Stream: stream, StreamID: streamID, Seq: h.EventSeq + 1, Kind: kind, At: now,
		ActorRole: by.Role, ActorID: by.ID, OnBehalfOf: by.OnBehalfOf, Salt: make([]byte, 16),
	}
	if _, err := rand.Read(e.Salt); err != nil {
		return nil, fmt.Errorf("event %s of %s: %w", kind, streamID, err)
	}
	if content == nil {
		content = struct{}{}
	}
	text, err := json.Marshal(struct {
		By   string `json:"by"`
		What any    `json:"what"`
	}{by.Name, content})
	if err != nil {
		return nil, fmt.Errorf("event %s of %s: %w", kind, streamID, err)
	}
	written := string(text)
	e.Content = &written
	e.Digest = e.digest(written)
	e.Hash = e.link(h.EventHead)
	h.EventSeq, h.EventHead = e.Seq, e.Hash
	return e, nil
}

func (e *Event) digest(content string) []byte {
	sum := sha256.Sum256(append(append([]byte{}, e.Salt...), content...))
	return sum[:]
}

// link hashes the event onto the one before. Every field is preceded by its
// length, so that no two different events read alike.
func (e *Event) link(previous []byte) []byte {
	sum := sha256.New()
	for _, field := range [][]byte{
		previous, []byte(e.ID), []byte(e.Stream), []byte(e.StreamID), binary.BigEndian.AppendUint64(nil, uint64(e.Seq)), []byte(e.Kind),
		[]byte(e.At.UTC().Format("2006-01-02T15:04:05.000000Z")), []byte(e.ActorRole), []byte(e.ActorID), []byte(e.OnBehalfOf), e.Digest,
	} {
		sum.Write(binary.BigEndian.AppendUint32(nil, uint32(len(field))))
		sum.Write(field)
	}
	return sum.Sum(nil)
}

// ShortHash is the first sixteen hexadecimal digits of the event's link, to
// find it by on a page.
func (e *Event) ShortHash() string {
	text := hex.EncodeToString(e.Hash)
	return text[:min(16, len(text))]
}

// VerifyChain checks a whole chain, oldest event first, against the head that
// its owner keeps. It returns a sentence per break.
func VerifyChain(events []Event, seq int64, headHash []byte) []string {
	var breaks []string
	var previous []byte
	for i, e := range events {
		if e.Seq != int64(i+1) {
			breaks = append(breaks, fmt.Sprintf("event %d stands where event %d should", e.Seq, i+1))
		}
		if e.Content != nil && !bytes.Equal(e.Digest, e.digest(*e.Content)) {
			breaks = append(breaks, fmt.Sprintf("event %d: its content is not what was recorded", e.Seq))
		}
		if !bytes.Equal(e.Hash, e.link(previous)) {
			breaks = append(breaks, fmt.Sprintf("event %d: it does not follow from the one before", e.Seq))
		}
		previous = e.Hash
	}
	if seq != int64(len(events)) || !bytes.Equal(previous, headHash) {
		breaks = append(breaks, fmt.Sprintf("the chain ends at event %d, its owner remembers %d", len(events), seq))
	}
	return breaks
}

// What decodes the content of an event; an erased one gives an empty map.
func (e *Event) What() (by string, what map[string]any) {
	if e.Content == nil {
		return "", map[string]any{}
	}
	var content struct {
		By   string         `json:"by"`
		What map[string]any `json:"what"`
	}
	if err := json.Unmarshal([]byte(*e.Content), &content); err != nil || content.What == nil {
		return content.By, map[string]any{}
	}
	return content.By, content.What
}
