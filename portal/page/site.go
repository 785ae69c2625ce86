package page

// The public pages behind the footer of every debtor's page.
type (
	// Real answers "is this real?" and is GET /is-it-real.
	Real struct {
		Base
		Agent    Agent // may be empty
		CanCheck bool  // a code can be checked: POSTs "code" to /code
	}
	// Rights is GET /rights.
	Rights struct{ Base }
	// Help is GET /help: free help near the reader.
	Help struct{ Base }
	// Data is GET /your-data.
	Data struct{ Base }
	// Accessibility is GET /accessibility.
	Accessibility struct{ Base }
	// Home is GET /: what this site is, with the check of a code.
	Home struct {
		Base
		CanCheck bool // a code can be checked: POSTs "code" to /code
	}
)

// Error is any page that could not be what was asked for. Status picks the
// words (403, 404, 405, 413, 422, 429, 500, 503; others read as 500).
type Error struct {
	Base
	Status    int
	Text      string // a refusal in words, instead of the general ones
	Kept      bool   // what was typed is known to be kept
	Paying    bool   // it happened after an attempt to pay: nobody is to pay again
	RetryURL  string // where to try again; empty: no button
	HomeURL   string // where to go on; empty: none
	RequestID string // to quote on the phone
	Staff     bool   // in the consoles' look
}

func (*Real) template() string          { return "site/real" }
func (*Rights) template() string        { return "site/rights" }
func (*Help) template() string          { return "site/help" }
func (*Data) template() string          { return "site/data" }
func (*Accessibility) template() string { return "site/accessibility" }
func (*Home) template() string          { return "site/home" }
func (e *Error) template() string {
	if e.Staff {
		return "site/staff-error"
	}
	return "site/error"
}
