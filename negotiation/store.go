package negotiation

import (
	"amiable/negotiation/interest"
	"amiable/negotiation/ledger"

	"gorm.io/gorm"
)

// This file loads and saves. It decides nothing.

func loadAgency(tx *gorm.DB) (*Agency, error) {
	var found []Agency
	if err := tx.Limit(1).Find(&found).Error; err != nil {
		return nil, fault(err, "agency", "")
	}
	if len(found) == 0 {
		return nil, Refuse(NotFound, "agency_missing")
	}
	a := &found[0]
	err := tx.Session(&gorm.Session{NewDB: true}).Where("agency_id = ?", a.ID).Order("valid_from").Find(&a.Papers).Error
	return a, fault(err, "papers of agency", a.ID)
}

func (t *Tx) lockCase(id string) (*Case, error) {
	if !ValidID(id) {
		return nil, errNotFound
	}
	return loadCase(t.DB, t.service.db.ForUpdate(t.DB), id, t.service.rates)
}

// loadCase reads a case whole: first the row, by query (which may lock it),
// then what hangs on it.
func loadCase(tx, query *gorm.DB, id string, rates *interest.Rates) (*Case, error) {
	var found []Case
	if err := query.Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return nil, fault(err, "case", id)
	}
	if len(found) == 0 {
		return nil, errNotFound
	}
	c := &found[0]
	c.rates = rates
	agency, err := loadAgency(tx)
	if err != nil {
		return nil, err
	}
	c.Agency, c.Creditor, c.Debtor = agency, &Creditor{}, &Debtor{}
	steps := []struct {
		what string
		do   func() error
	}{
		{"creditor", func() error { return tx.Where("id = ?", c.CreditorID).Take(c.Creditor).Error }},
		{"debtor", func() error { return tx.Where("id = ?", c.DebtorID).Take(c.Debtor).Error }},
		{"claims", func() error { return tx.Where("case_id = ?", id).Order("position").Find(&c.Claims).Error }},
		{"parties", func() error { return loadParties(tx, c) }},
		{"holds", func() error { return loadHolds(tx, c) }},
		{"ledger", func() (err error) { c.postings, err = ledger.OfCase(tx, id); return err }},
		{"mandate", func() error {
			if c.MandateID == nil {
				return nil
			}
			c.Mandate = &Mandate{}
			return tx.Where("id = ?", *c.MandateID).Take(c.Mandate).Error
		}},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			return nil, fault(err, step.what+" of case", id)
		}
	}
	return c, nil
}

func loadParties(tx *gorm.DB, c *Case) error {
	if err := tx.Where("case_id = ?", c.ID).Order("created_at, id").Find(&c.Parties).Error; err != nil {
		return err
	}
	ids := make([]string, len(c.Parties))
	for i, p := range c.Parties {
		ids[i] = p.PersonID
	}
	var persons []Person
	if err := tx.Where("id IN ?", ids).Find(&persons).Error; err != nil {
		return err
	}
	var contacts []ContactPoint
	if err := tx.Where("person_id IN ?", ids).Order("created_at, id").Find(&contacts).Error; err != nil {
		return err
	}
	for i := range c.Parties {
		for _, p := range persons {
			if p.ID == c.Parties[i].PersonID {
				c.Parties[i].Person = p
			}
		}
		for _, p := range contacts {
			if p.PersonID == c.Parties[i].PersonID {
				c.Parties[i].Contacts = append(c.Parties[i].Contacts, p)
			}
		}
	}
	return nil
}

func loadHolds(tx *gorm.DB, c *Case) error {
	ids := make([]string, len(c.Parties))
	for i, p := range c.Parties {
		ids[i] = p.PersonID
	}
	return tx.Where("case_id = ? OR person_id IN ?", c.ID, ids).Order("created_at, id").Find(&c.Holds).Error
}

// caseRow are the columns of a case that acts change.
type caseRow struct {
	State                CaseState
	MandateID            string
	Principal            int64
	Interest             int64
	Indemnity            int64
	Receipts             int64
	FirstLetterReference string
	OpenedOn, ClosedOn   Day
	EventSeq             int64
}

func (c *Case) saved() caseRow {
	row := caseRow{
		State: c.State, Principal: c.Principal, Interest: c.Interest, Indemnity: c.Indemnity, Receipts: c.Receipts,
		FirstLetterReference: c.FirstLetterReference, OpenedOn: c.OpenedOn, ClosedOn: c.ClosedOn, EventSeq: c.EventSeq,
	}
	if c.MandateID != nil {
		row.MandateID = *c.MandateID
	}
	return row
}

func (t *Tx) saveCase(c *Case, before caseRow) error {
	if c.saved() == before {
		return nil
	}
	return fault(t.Model(c).Where("id = ?", c.ID).Select(
		"State", "MandateID", "Principal", "Interest", "Indemnity", "Receipts", "FirstLetterReference", "FirstLetterOn", "FirstLetterChannel",
		"FirstLetterProof", "OpenedOn", "ClosedOn", "EventSeq", "EventHead",
	).Updates(c).Error, "case", c.ID)
}
