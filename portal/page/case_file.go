package page

import "time"

// CaseFile offers the file of a case: one signed zip. POST Action.
type CaseFile struct {
	StaffBase
	Row      CaseRow
	Action   string
	BackURL  string
	CheckURL string // where anybody learns how a file is checked
	Key      string // the id of the key that signs; empty: there is none yet, and no file
	Head     string // the end of the case's chain, shortened
	Events   int
	Problem  string
	Readings []ReadingRow // agents only
}

// ReadingRow says who read what of a case that is not for everybody.
type ReadingRow struct {
	At   time.Time
	Who  string
	Role string
	Of   string // its id
	What string // phrase "reading.<what>": file, situation
	Need string // phrase "need.<need>", or in words
}

// CheckFile says how the file of a case is checked, and by which keys.
type CheckFile struct {
	Base
	Keys    []SealKey
	KeysURL string // the same for programs
}

// SealKey is a published key.
type SealKey struct {
	ID    string
	Key   string // 32 bytes in base64
	Signs bool   // today's; the others signed before it
}

func (*CaseFile) template() string  { return "staff/case-file" }
func (*CheckFile) template() string { return "site/check-file" }

// Copy lets a debtor take the copy of their own file. POST /case/copy sends it.
type Copy struct {
	Base
	Creditor string
	Signs    bool // there is a key to sign with: a copy can be taken
	CheckURL string
	Problem  string
}

func (*Copy) template() string { return "debtor/copy" }
