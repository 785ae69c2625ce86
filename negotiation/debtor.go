package negotiation

import "time"

// DebtorKind decides interest, indemnity and limitation. Unknown is consumer.
type DebtorKind string

const (
	DebtorBusiness DebtorKind = "business"
	DebtorConsumer DebtorKind = "consumer"
	DebtorPublic   DebtorKind = "public"
)

// Debtor is a person as one creditor knows it.
type Debtor struct {
	ID          string
	CreditorID  string
	PersonID    string
	Kind        DebtorKind
	Name        string
	ContactName string
	SIREN       string `gorm:"column:siren"`
	VATNumber   string `gorm:"column:vat_number"`
	Street      string
	Postcode    string
	City        string
	Country     string
	SearchName  string
	CreatedAt   time.Time
}

// PartyRole is in which quality a person stands in a case.
type PartyRole string

const (
	PartyDebtor         PartyRole = "debtor"
	PartyCoDebtor       PartyRole = "co_debtor"
	PartyGuarantor      PartyRole = "guarantor"
	PartyRepresentative PartyRole = "representative"
	PartyAdviser        PartyRole = "adviser"
	PartyHeir           PartyRole = "heir"
)

// Party is one who stands in a case. Links, letters and acceptances belong to
// a party.
type Party struct {
	ID         string
	CreditorID string
	CaseID     string
	PersonID   string
	Role       PartyRole
	Limits     `gorm:"embedded"` // of an adviser
	CreatedAt  time.Time
	Person     Person         `gorm:"-"`
	Contacts   []ContactPoint `gorm:"-"`
}

// Contact returns the preferred usable contact of a kind.
func (p *Party) Contact(kind ContactKind) (ContactPoint, bool) {
	var found ContactPoint
	ok := false
	for _, c := range p.Contacts {
		if c.Kind == kind && c.Usable() && (!ok || (c.Preferred && !found.Preferred)) {
			found, ok = c, true
		}
	}
	return found, ok
}
