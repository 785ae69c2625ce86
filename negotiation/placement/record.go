package placement

// Outcome is what becomes of a record.
type Outcome string

const (
	Accept Outcome = "accept" // taken over
	Warn   Outcome = "warn"   // taken over, and somebody should look
	Reject Outcome = "reject" // not taken over; comes back in the refused file
	Skip   Outcome = "skip"   // a blank line
)

// Kind is what a record is about.
type Kind string

const (
	KindClaim      Kind = "claim"
	KindCreditNote Kind = "credit_note" // lowers the claim it names
)

// Record is one record of a file and what was made of it.
type Record struct {
	Line    int     // physical line on which it begins; the first line of the file is 1
	Number  int     // counted from 1 without blank lines; 0 for a blank line
	Outcome Outcome // what becomes of it
	Kind    Kind

	// InvoiceNumber is what the line gives for it, trimmed, also where the line is
	// refused; empty where the line breaks off.
	InvoiceNumber string

	// Reasons are all reasons found, in the order of the columns.
	Reasons []Reason

	// Claim is filled for accepted and warned records only.
	Claim Claim

	// Extra are the values of columns we have no name for, without empty ones.
	Extra []Extra

	// Cells are the values as the file has them, for refused records only.
	Cells []string
}

// Extra is a value of a column we have no name for.
type Extra struct {
	Column string
	Value  string
}

// Taken says whether the record is taken over.
func (r Record) Taken() bool { return r.Outcome == Accept || r.Outcome == Warn }

// Has says whether a reason was found, be it the first or not.
func (r Record) Has(code Code) bool {
	for _, reason := range r.Reasons {
		if reason.Code == code {
			return true
		}
	}
	return false
}

// Main returns the reason that decided: the first refusal in the order of the
// columns, else the first warning, else the first remark; or no reason.
func (r Record) Main() (Reason, bool) {
	for _, outcome := range [...]Outcome{Reject, Warn, Skip, Accept} {
		for _, reason := range r.Reasons {
			if reason.Outcome() == outcome {
				return reason, true
			}
		}
	}
	return Reason{}, false
}
