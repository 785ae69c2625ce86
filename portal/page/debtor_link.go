package page

// The second check a link asks for.
const (
	CheckPostcode = "postcode"
	CheckInvoice  = "invoice_number"
	CheckCode     = "mailed_code"
)

// Link is the page a letter's link opens: who writes, and one check. It shows
// no creditor, no sum and no case reference (Base.CaseReference stays empty).
// Forms: POST Action with "answer"; POST CodeAction to have a code mailed; the
// link NotMeURL.
type Link struct {
	Base
	Agent Agent

	// Check is the field to show: one of the Check constants. With CheckCode and
	// CodeSent false there is no field yet, only the button that sends a code.
	Check    string
	CodeTo   string // masked address a code goes to, "c••••@••••.fr"; empty: no code can be sent
	CodeSent bool

	// Locked says that wrong tries closed this link until a mailed code opens
	// it. The field is then the code's, once CodeSent.
	Locked bool

	// Adviser says that it is the link of whom a debtor chose to stand by them.
	Adviser bool

	// TriesLeft is said after a wrong answer; 0 says nothing.
	TriesLeft int

	Action, CodeAction, NotMeURL string
	Next                         string // where to go on after; may be empty
	Form                         Form   // field "answer"
}

// Neutral is the one page for a link that is expired, revoked or unknown: the
// same words whatever the reason. POST Action with "address" asks for a new
// link to a contact on file; the answer is the same whether it is known.
type Neutral struct {
	Base
	Action string
	Asked  bool // a new link was asked for
	Form   Form // field "address"
}

// NotMe asks for confirmation, then (Done) says what was stopped. POST Action
// with "confirm" = "yes" and an optional "note". Nothing of the case is shown.
type NotMe struct {
	Base
	Action, BackURL string
	Done            bool
	Form            Form // fields "relation" (unknown, moved, other), "note"
}

// SignInAgain is shown when a debtor's session ended. With Check set, the same
// second check opens it again at once (POST Action with "answer" and
// "next"); without, the reader goes back to the link in the mail.
type SignInAgain struct {
	Base
	Check              string
	CodeTo             string
	CodeSent           bool
	Kept               bool // something was being written, and is kept
	Left               bool // the reader chose to leave
	Locked             bool
	Action, CodeAction string
	Next               string // where to go on after
	Form               Form   // field "answer"
}

func (*Link) template() string        { return "debtor/link" }
func (*Neutral) template() string     { return "debtor/neutral" }
func (*NotMe) template() string       { return "debtor/not-me" }
func (*SignInAgain) template() string { return "debtor/sign-in-again" }
