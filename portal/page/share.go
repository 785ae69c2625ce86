package page

import (
	"html/template"
	"net/url"
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// Acting says that the visitor is an adviser: for whom, until when, and
// whether they may write.
type Acting struct {
	For   string
	Until day.Day
	Write bool
}

// Share is where a debtor lets somebody else pay, or act for them, and ends it.
// POST /case/share/links with "label" and "days" makes a pay-only link.
type Share struct {
	Base
	Creditor string
	Open     bool // new ones can be made
	Days     []Choice
	Links    []ShareLink
	Advisers []AdviserRow
	Done     string // what was just done, phrase "share.done.<done>"; empty: nothing
	Form     Form   // fields "label", "days"
}

// ShareLink is a pay-only link that still opens.
type ShareLink struct {
	Label  string
	URL    string
	Until  day.Day
	UsedAt time.Time // last opened; zero: never
	EndURL string    // POST
}

// Send is the address that begins a mail or, by "sms", a text message with the
// link in it.
func (l ShareLink) Send(how, words string) template.URL {
	text := url.PathEscape(words + " " + l.URL)
	if how == "sms" {
		return template.URL("sms:?&body=" + text)
	}
	return template.URL("mailto:?body=" + text)
}

// AdviserRow is somebody who acts for a debtor.
type AdviserRow struct {
	Name, Mail string
	Until      day.Day
	Write      bool
	Propose    bool
	EndURL     string // POST; empty: not the reader's to end
}

// NameAdviser lets somebody act for the debtor. POST /case/share/advisers with
// "name", "email", "until", "write", "propose".
type NameAdviser struct {
	Base
	Creditor string
	Form     Form
}

// AgentAdviser is NameAdviser for a debtor on the phone. POST Action with its
// fields, "party" and "consent".
type AgentAdviser struct {
	AgentForm
	Parties []Choice
}

// PayerOpen is what a pay-only link opens: who asks, and a button to POST
// Action. It shows nothing of the case.
type PayerOpen struct {
	Base
	Action string
}

// PayerNone is the one page for a pay-only link on which nothing can be paid,
// whatever the reason.
type PayerNone struct{ Base }

// PayerChoice asks who holds a pay-only link whether to pay the whole or a
// part. POST /pay with "choice" (whole, part) and "part".
type PayerChoice struct {
	Base
	Reference   string
	Left        money.Amount
	GoodUntil   day.Day // no day: nothing is added to the sum, whenever it is paid
	PartMin     money.Amount
	Form        Form
	TransferURL string // where the way by transfer is shown; empty: there is none
}

// PayerReview is read again before leaving to pay. POST /pay/payments with
// "choice", "part" and "shown".
type PayerReview struct {
	Base
	Reference   string
	Amount      money.Amount
	Shown       money.Amount // sent back, so that a sum that changed is noticed
	GoodUntil   day.Day      // no day: nothing is added to the sum, whenever it is paid
	Part        bool
	PartTyped   string
	CanPart     bool
	Methods     []string
	Form        Form
	TransferURL string // where the way by transfer is shown; empty: there is none
}

// PayerReturn confirms to who holds a pay-only link: a sum, a reference, a day.
type PayerReturn struct {
	Base
	State     string // one of the Return constants
	Reference string
	Amount    money.Amount
	On        day.Day // none where nothing was paid
}

func (*Share) template() string        { return "debtor/share" }
func (*NameAdviser) template() string  { return "debtor/share-adviser" }
func (*AgentAdviser) template() string { return "agent/adviser" }
func (*PayerOpen) template() string    { return "payer/open" }
func (*PayerNone) template() string    { return "payer/none" }
func (*PayerChoice) template() string  { return "payer/choice" }
func (*PayerReview) template() string  { return "payer/review" }
func (*PayerReturn) template() string  { return "payer/return" }
