// Package ledger is the double-entry, append-only book of what is owed, what
// came in and whose it is. It knows no gateway, no page and no rule of law: it
// takes balanced postings and gives sums back.
//
// A positive entry debits its account, a negative one credits it; the entries
// of a posting add up to zero. Nothing is ever changed: a correction is a
// posting that turns another round (see Reversal). The source of a posting
// names what it rests on and is unique, so that nothing is posted twice,
// whatever is repeated.
package ledger

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"amiable/negotiation/database"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// Account is a kind of account; creditor, case and claim on the entry say
// whose.
type Account string

const (
	Receivable  Account = "receivable"   // what a debtor owes on a claim; debit
	Entrusted   Account = "entrusted"    // what a creditor entrusted us to collect: the receivables' other side
	Clearing    Account = "clearing"     // money that is at the gateway, whosever it is
	Bank        Account = "bank"         // money on the agency's dedicated account
	Payable     Account = "payable"      // money that belongs to a creditor and is not yet on its bank account; credit
	Fee         Account = "fee"          // our fee; credit
	VAT         Account = "vat"          // value added tax on it; credit
	FeeDue      Account = "fee_due"      // fee and VAT not withheld, to be invoiced to the creditor; debit
	GatewayCost Account = "gateway_cost" // what the gateway keeps
	Waived      Account = "waived"       // what the creditor gave up
	Suspense    Account = "suspense"     // money whose owner is not known yet
	RefundsDue  Account = "refunds_due"  // money to be given back to who paid it; credit
)

// Component is what part of a claim a receivable entry concerns.
type Component string

const (
	Principal Component = "principal"
	Interest  Component = "interest"
	Indemnity Component = "indemnity"
)

// Kind says what a posting is about.
type Kind string

const (
	KindPlacement  Kind = "placement"   // a claim is handed over
	KindIndemnity  Kind = "indemnity"   // the fixed indemnity falls due
	KindInterest   Kind = "interest"    // accrued interest is fixed because something rests on it
	KindPayment    Kind = "payment"     // money came in
	KindWaiver     Kind = "waiver"      // the creditor gives something up
	KindCreditNote Kind = "credit_note" // the creditor lowers a claim
	KindRefund     Kind = "refund"      // money went back to who paid it
	KindFee        Kind = "fee"         // our fee on money that did not pass through us
	KindCost       Kind = "cost"        // the gateway's cost
	KindPayout     Kind = "payout"      // money left the gateway for its creditor's bank
	KindSuspense   Kind = "suspense"    // money that nothing of ours explains, until somebody does
	KindReversal   Kind = "reversal"    // another posting turned round
	KindBank       Kind = "bank"        // money moved on the agency's account; whose it is, another posting says
)

// Posting is one act, told in entries that add up to zero.
type Posting struct {
	ID          string
	Kind        Kind
	Source      string // what it rests on, such as "payment:0190…"; unique
	CreditorID  string
	CaseID      *string
	EffectiveOn day.Day // the day that counts in law
	Reverses    *string // the posting that this one turns round
	Facts       string  // JSON of its maker: what is needed to make it again after an earlier one
	CreatedAt   time.Time
	Entries     []Entry `gorm:"foreignKey:PostingID"`
}

// Entry is one line of a posting.
type Entry struct {
	PostingID  string `gorm:"primaryKey"`
	Line       int    `gorm:"primaryKey;autoIncrement:false"`
	Account    Account
	CreditorID string
	CaseID     *string
	ClaimID    *string
	Component  Component
	Amount     int64
	Currency   money.Currency
}

// TableName names the table for gorm.
func (Posting) TableName() string { return "ledger_postings" }

// TableName names the table for gorm.
func (Entry) TableName() string { return "ledger_entries" }

// ErrUnbalanced says that the entries of a posting do not add up to zero: a
// fault of ours, never of a user.
var ErrUnbalanced = errors.New("the entries of a posting do not add up to zero")

// New starts a posting on a case; Add fills it. The creditor and case of the
// posting are those of its entries.
func New(kind Kind, source, creditorID, caseID string, effectiveOn day.Day, now time.Time) *Posting {
	p := &Posting{ID: newID(), Kind: kind, Source: source, CreditorID: creditorID, EffectiveOn: effectiveOn, CreatedAt: now}
	if caseID != "" {
		p.CaseID = &caseID
	}
	return p
}

// Add appends an entry; an amount of nothing is left out.
func (p *Posting) Add(account Account, amount money.Amount) *Posting {
	return p.add(account, "", "", amount)
}

// AddReceivable appends an entry on what is owed on one component of a claim.
func (p *Posting) AddReceivable(claimID string, component Component, amount money.Amount) *Posting {
	return p.add(Receivable, claimID, component, amount)
}

func (p *Posting) add(account Account, claimID string, component Component, amount money.Amount) *Posting {
	if amount.IsZero() {
		return p
	}
	entry := Entry{
		PostingID: p.ID, Line: len(p.Entries) + 1, Account: account, CreditorID: p.CreditorID, CaseID: p.CaseID,
		Component: component, Amount: amount.Minor, Currency: amount.Currency,
	}
	if claimID != "" {
		entry.ClaimID = &claimID
	}
	p.Entries = append(p.Entries, entry)
	return p
}

// Reversal returns the posting that turns p round, on the same effective day.
func (p *Posting) Reversal(source string, now time.Time) *Posting {
	r := &Posting{
		ID: newID(), Kind: KindReversal, Source: source, CreditorID: p.CreditorID, CaseID: p.CaseID,
		EffectiveOn: p.EffectiveOn, Reverses: &p.ID, CreatedAt: now,
	}
	for _, e := range p.Entries {
		e.PostingID, e.Amount = r.ID, -e.Amount
		r.Entries = append(r.Entries, e)
	}
	return r
}

// Check says whether the posting is whole: it has a source, entries that add
// up to zero in each currency, and none of nothing.
func (p *Posting) Check() error {
	sums := map[money.Currency]int64{}
	for _, e := range p.Entries {
		if e.Amount == 0 {
			return fmt.Errorf("posting %s: entry %d is of nothing", p.Source, e.Line)
		}
		sums[e.Currency] += e.Amount
	}
	for currency, sum := range sums {
		if sum != 0 {
			return fmt.Errorf("posting %s is %d %s off: %w", p.Source, sum, currency, ErrUnbalanced)
		}
	}
	if p.Source == "" {
		return fmt.Errorf("posting %s has no source", p.ID)
	}
	return nil
}

// Insert writes a new row, now or before the transaction ends.
type Insert func(row any) error

// Post writes postings in the caller's transaction. A posting without entries
// is left out. A source that was posted before violates a unique index; see
// database.IsDuplicate.
func Post(insert Insert, postings ...*Posting) error {
	for _, p := range postings {
		if len(p.Entries) == 0 {
			continue
		}
		if err := p.Check(); err != nil {
			return err
		}
		if err := insert(p); err != nil {
			return fmt.Errorf("posting %s: %w", p.Source, err)
		}
		for i := range p.Entries {
			if err := insert(&p.Entries[i]); err != nil {
				return fmt.Errorf("entries of %s: %w", p.Source, err)
			}
		}
	}
	return nil
}

// The postings of a case and their entries, each by the case's id, in the order
// in which they were made; Join puts them together.
var (
	SelectPostings = "SELECT " + database.Columns[Posting]("") + " FROM ledger_postings WHERE case_id = ? ORDER BY created_at, id"
	SelectEntries  = "SELECT " + database.Columns[Entry]("") + " FROM ledger_entries WHERE case_id = ? ORDER BY posting_id, line"
)

// OfCase returns the postings of a case with their entries, in the order in
// which they were made.
func OfCase(tx *gorm.DB, caseID string) ([]Posting, error) {
	var postings []Posting
	if err := tx.Where("case_id = ?", caseID).Order("created_at, id").Find(&postings).Error; err != nil {
		return nil, fmt.Errorf("postings of case %s: %w", caseID, err)
	}
	var entries []Entry
	if err := tx.Where("case_id = ?", caseID).Order("posting_id, line").Find(&entries).Error; err != nil {
		return nil, fmt.Errorf("entries of case %s: %w", caseID, err)
	}
	Join(postings, entries)
	return postings, nil
}

// Join gives postings their entries.
func Join(postings []Posting, entries []Entry) {
	index := make(map[string]*Posting, len(postings))
	for i := range postings {
		index[postings[i].ID] = &postings[i]
	}
	for _, e := range entries {
		if p := index[e.PostingID]; p != nil {
			p.Entries = append(p.Entries, e)
		}
	}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
