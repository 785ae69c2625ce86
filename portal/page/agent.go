package page

import (
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// AgentCase is one case on one screen.
type AgentCase struct {
	StaffBase
	Row        CaseRow
	Creditor   string
	Next       *WorkRow // the next best step
	Claims     []ClaimRow
	Statement  Statement
	Parties    []PartyRow
	Links      []LinkRow
	Holds      []HoldRow
	Gates      []GateRow
	Payments   []PaymentRow
	Letters    []LetterRow
	Timeline   Timeline
	Documents  []Document
	Wishes     []WishRow
	Offers     CaseOffers
	Disputes   []SheetLink
	Thread     CaseThread
	Situations []SituationRow
	Follow     Follow
	Waits      []WorkRow // what waits in this case, the first to do first
	Calls      []CallRow
	Promises   []PromiseRow
	Approvals  []ApprovalRow
	Chain      string // the head of the case's chain of events, shortened; empty: not shown

	// What may be done now, by its address; empty where it may not.
	Actions AgentActions
}

// AgentActions are the addresses of what an agent may do in a case.
type AgentActions struct {
	SendLink, FirstLetter, PlaceHold, RecordPayment, ActForDebtor, EndPlan, NameAdviser, Letter, File, Situation, LogCall, AskApproval, Credit, Withdraw string
}

// PartyRow is one party and how to reach it.
type PartyRow struct {
	ID       string
	Name     string
	Role     string // phrase "party.<role>": debtor, co_debtor, guarantor, representative, adviser, heir
	Contacts []ContactRow
	EditURL  string
	Adviser  *AdviserRow // what an adviser may do; nil for every other party, and for one whose time is over
	Over     bool        // an adviser whose time is over

	Wants    Wants
	WantsURL string // to keep what it says about how to be contacted
}

// Replaceable lists what a new contact may replace.
func (p PartyRow) Replaceable() []Choice {
	var list []Choice
	for _, c := range p.Contacts {
		if c.ID != "" {
			list = append(list, Choice{Value: c.ID, Label: c.Value})
		}
	}
	return list
}

// ContactRow is one way to reach someone.
type ContactRow struct {
	ID        string // lets a new contact replace this one ("remove"); may be empty
	Kind      string // phrase "contact.<kind>": mail, phone, post
	Value     string
	Source    string // phrase "contact_source.<source>": creditor, debtor, agent
	Verified  bool
	Bounced   bool
	Preferred bool
	On        day.Day
}

// LinkRow is one link sent to a party.
type LinkRow struct {
	SentOn    day.Day
	To        string // for a pay-only link, the debtor's word for whom
	PayOnly   bool
	State     string // phrase "link_state.<state>": live, locked, expired, revoked
	Until     day.Day
	OpenedOn  day.Day
	Tries     int
	LiftURL   string // POST: lifts the lock
	RevokeURL string // POST
}

// HoldRow is one hold and what it blocks.
type HoldRow struct {
	Reason  string // phrase "hold.<reason>"
	Scope   string // phrase "scope.<scope>": person, case, claim, amount
	Amount  money.Amount
	From    day.Day
	Until   day.Day
	By      string
	Note    string
	Effects []string // phrase "effect.<effect>": letters, display, interest, collection, payment, plan
	LiftURL string   // POST; empty where it ends by itself
}

// GateRow says of one effect whether it is open, and which rule blocks it.
type GateRow struct {
	Effect string
	By     []string // reasons; empty: open
}

// WishRow is one wish a debtor left.
type WishRow struct {
	At       time.Time
	Kind     string // one of the Wish constants
	Who      string
	Adviser  string // who wrote it for them; empty: they did
	Case     string
	CaseURL  string
	Message  string
	Callback string // the number to call, empty when none was asked
	When     string // phrase "wish.when.<when>"
	AnswerBy day.Day
	Done     bool
	DoneURL  string // POST: answered
}

// Wishes is the list of what debtors asked a person for.
type Wishes struct {
	StaffBase
	Rows []WishRow
}

// AgentForm pages share a case, an address to POST to and one to go back to.
type AgentForm struct {
	StaffBase
	Row     CaseRow
	Action  string
	BackURL string
	Today   day.Day
	Form    Form
}

// SendLink sends a link again. POST Action with "contact" and "asked" (yes: the
// party asked for it, so it leaves at once).
type SendLink struct {
	AgentForm
	Contacts  []Choice
	BlockedBy []string // reasons: nothing may leave
}

// EditContacts changes how a party is reached. POST Action with "kind",
// "value", "remove" (what the new contact replaces, or nothing). The new one is
// written to from then on.
type EditContacts struct {
	AgentForm
	Party PartyRow
}

// PlaceHold places a hold. POST Action with "reason", "scope", "amount",
// "until", "note".
type PlaceHold struct {
	AgentForm
	Reasons []HoldChoice
}

// HoldChoice is a reason with what it blocks.
type HoldChoice struct {
	Reason  string
	Effects []string
}

// FirstLetterForm records a first letter sent by other means. POST Action
// (multipart) with "reference", "sent_on", "channel", "file", "file_reference".
type FirstLetterForm struct{ AgentForm }

// ActForDebtor records what a debtor said on the phone, on their behalf. POST
// Action with "act" (wish, not_me, hardship), "party", "consent" (how
// it was given), "message".
type ActForDebtor struct {
	AgentForm
	Parties []Choice
}

// AgencySetup is the agency itself. POST /agent/agency with the fields name,
// city, address, siren, kind, phone, mail, language, hours, agent_name, insurer,
// insurance_until, account_iban, account_bank, declared_on, prosecutor_city.
type AgencySetup struct {
	StaffBase
	Papers []PaperRow
	Form   Form
}

// PaperRow is one of the collector's papers, with its end.
type PaperRow struct {
	Kind    string // phrase "paper.<kind>": insurance, account, declaration
	Ref     string
	Until   day.Day
	Missing bool
	Soon    bool // ends within two months
}

// CreditorList is every creditor of the agency.
type CreditorList struct {
	StaffBase
	Rows []CreditorRow
}

// CreditorRow is one creditor in the list.
type CreditorRow struct {
	URL     string
	Name    string
	SIREN   string
	Cases   int
	Left    money.Amount
	Mandate string // phrase "mandate.<state>": live, missing, ended
	Card    string // phrase "connect.<state>.short"
	Missing []string
}

// CreditorForm opens or changes a creditor. POST Action with the fields name,
// legal_form, siren, address, email, check (postcode, invoice_number,
// mailed_code), part_allowed (yes), part_min, stripe_account.
type CreditorForm struct {
	StaffBase
	New        bool
	Action     string
	MandateURL string // once it exists
	Mandates   []MandateRow
	UsersURL   string
	Form       Form
}

// MandateRow is one mandate of a creditor.
type MandateRow struct {
	URL       string
	SignedOn  day.Day
	Scope     string
	Fee       string // in words
	File      string
	Ended     day.Day
	PolicyURL string
}

// MandateForm records a mandate. POST Action (multipart) with signed_on, scope
// (all, listed), scope_note, fee_percent, fee_minimum, vat_percent,
// withhold (yes), interest_waived (yes), file, file_reference, ends_on.
type MandateForm struct {
	StaffBase
	Creditor string
	Action   string
	BackURL  string
	Form     Form
}

// Users lists who may sign in, and invites. POST /agent/users with "email",
// "role", "creditor", "power" and "up_to" (see PowersForm).
type Users struct {
	StaffBase
	Rows      []UserRow
	Creditors []Choice
	Sent      string // the address just invited
	Form      Form
}

// UserRow is one person who may sign in.
type UserRow struct {
	Name, Email, Role, Org string
	TOTP                   bool
	Invited                day.Day // not yet accepted
	SeenAt                 time.Time
	EndURL                 string       // POST: may no longer sign in
	Power                  string       // creditors: phrase "people.short.<power>": all, up_to, none
	UpTo                   money.Amount // for up_to
	PowersURL              string       // where to change it
	Alone                  string       // agents: phrase "rights.short.<alone>": all, up_to, none
	RightsURL              string
	Leads                  bool
	AccessURL              string // sessions and authenticator
}

// Outbox is the demo's mail: what would have left. Open is the one being read.
type Outbox struct {
	StaffBase
	Rows []MailRow
	Open *MailRow
}

// MailRow is one mail caught.
type MailRow struct {
	URL     string
	At      time.Time
	To      string
	Subject string
	Text    string   // the plain text, only when open
	Links   []string // addresses in it, only when open
	HTMLURL string   // its HTML, alone in a frame of its own; may be empty
	Files   []Document
}

// Clock is the demo's clock. POST /demo/clock with "to" (a day) or "days".
type Clock struct {
	StaffBase
	Now  time.Time
	Ran  []string // what the last walk did, in words
	Form Form     // fields "to", "days"
}

func (*AgentCase) template() string       { return "agent/case" }
func (*Wishes) template() string          { return "agent/wishes" }
func (*SendLink) template() string        { return "agent/send-link" }
func (*EditContacts) template() string    { return "agent/contacts" }
func (*PlaceHold) template() string       { return "agent/hold" }
func (*FirstLetterForm) template() string { return "agent/first-letter" }
func (*ActForDebtor) template() string    { return "agent/act" }
func (*AgencySetup) template() string     { return "agent/agency" }
func (*CreditorList) template() string    { return "agent/creditors" }
func (*CreditorForm) template() string    { return "agent/creditor" }
func (*MandateForm) template() string     { return "agent/mandate" }
func (*Users) template() string           { return "agent/users" }
func (*Outbox) template() string          { return "agent/outbox" }
func (*Clock) template() string           { return "agent/clock" }
