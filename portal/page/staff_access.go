package page

// StaffBase is what a console's page carries besides Base.
type StaffBase struct {
	Base
	Console string         // "creditor" or "agent": which menu
	Current string         // the menu's entry this page belongs to, by its key: home, cases, payments…
	Who     string         // "Camille Roussel"
	Org     string         // "Atelier Boréal SARL", or the agency
	Counts  map[string]int // numbers beside entries of the menu, by key
	Demo    bool           // offers outbox and clock

	// Viewer is somebody who only reads: nothing to send is offered.
	Viewer bool

	// Administrator offers the rooms that only an administrator may enter.
	Administrator bool
	Flash         *Flash // what the last act did
}

// Flash says once what was done. Text wins over Code, a phrase "flash.<code>".
type Flash struct {
	Code   string
	Values []any
	Text   string
	Tone   string // "good" (also when empty), "wait", "err"
}

// SignIn asks staff for mail and password. POST /sign-in with "email",
// "password", "next".
type SignIn struct {
	Base
	Next string
	Kept bool // something was being written, and is kept
	Left bool // signed out just now
	Form Form // fields "email", "password"
}

// SecondStep asks for the six figures of the authenticator. POST
// /sign-in/code with "code".
type SecondStep struct {
	Base
	Next string
	Form Form // field "code"
}

// Enrol shows the key for an authenticator, as a picture and as text, and asks
// for the first code. POST /security/totp with "code".
type Enrol struct {
	StaffBase
	QR       [][]bool // true is dark; without its quiet margin
	Secret   string   // base32, as one types it
	Account  string   // the mail the authenticator will show
	Required bool     // agents cannot go on without
	SkipURL  string   // creditors may put it off; empty when Required
	Form     Form     // field "code"
}

// Invitation lets an invited person choose a password. POST Action with
// "name", "password", "again".
type Invitation struct {
	Base
	Email   string
	Role    string // creditor, agent, administrator: phrase "role.<role>"
	Org     string
	Inviter string
	Action  string
	Gone    bool // used or expired: the words say whom to ask
	Form    Form
}

// ResetRequest asks where to send a new password's link. POST /reset with
// "email"; Asked: the same words whether the address is known.
type ResetRequest struct {
	Base
	Asked bool
	Form  Form
}

// Reset sets a new password. POST Action with "password", "again".
type Reset struct {
	Base
	Action string
	Gone   bool
	Form   Form
}

func (*SignIn) template() string       { return "staff/sign-in" }
func (*SecondStep) template() string   { return "staff/second-step" }
func (*Enrol) template() string        { return "staff/enrol" }
func (*Invitation) template() string   { return "staff/invitation" }
func (*ResetRequest) template() string { return "staff/reset-request" }
func (*Reset) template() string        { return "staff/reset" }
