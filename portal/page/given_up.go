package page

import "amiable/negotiation/money"

// WholeCase is the choice of a Withdrawal that takes the whole case back.
const WholeCase = "case"

// GivingUp is what the pages share on which a creditor's word is taken that it
// asks for less: by the creditor itself, or by an agent who was told.
type GivingUp struct {
	StaffBase
	Row     CaseRow
	Claims  []Choice // with something owed
	Shut    string   // the state in which nothing can be given up any more; phrase "hold.<state>"
	Limited bool     // up to a sum, by oneself
	Alone   money.Amount
	AskURL  string // agents: where a second person is asked
	Action  string
	BackURL string
	Form    Form
}

// NewCredit enters a credit note. POST Action with "claim", "number", "amount",
// "on", "reason" and the file "proof".
type NewCredit struct{ GivingUp }

// Withdrawal takes a case back, or a claim of it. POST Action with "claim" (an
// id, or WholeCase), "reason" and the file "proof".
type Withdrawal struct {
	GivingUp
	InPlan bool
}

// Choices are what can be taken back; a claim alone where others stay.
func (w *Withdrawal) Choices() []Choice {
	list := []Choice{{Value: WholeCase, Label: w.Lang.T("withdrawal.whole")}}
	if len(w.Claims) > 1 {
		list = append(list, w.Claims...)
	}
	return list
}

// Optional says whether the reason may be left out: a credit note speaks for
// itself where its creditor enters it.
func (*NewCredit) Optional() bool { return true }

// Optional is NewCredit's.
func (*Withdrawal) Optional() bool { return false }

func (*NewCredit) template() string  { return "staff/new-credit" }
func (*Withdrawal) template() string { return "staff/withdrawal" }
