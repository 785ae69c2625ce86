package negotiation

import (
	"fmt"

	"amiable/negotiation/database"
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

func (t *Tx) lockCase(id string, along ...database.Statement) (*Case, error) {
	if !ValidID(id) {
		return nil, errNotFound
	}
	return t.service.loadCase(t.DB, id, true, along...)
}

// loadCase reads a case whole: first the row, locked where it is to be changed,
// then what hangs on it, and what goes along. All is asked for at once; a
// single statement could not do it, for it would see what hangs on the case as
// it was before the lock was had.
func (s *Service) loadCase(tx *gorm.DB, id string, lock bool, along ...database.Statement) (*Case, error) {
	var (
		found    []Case
		between  []sides
		papers   []Paper
		mandates []Mandate
		persons  []Person
		contacts []ContactPoint
		entries  []ledger.Entry
		opening  []OpeningLetter
		accounts []BankAccount
		c        Case
	)
	one := "SELECT " + database.Columns[Case]("") + " FROM cases WHERE id = ?"
	if lock && s.db.Dialect() == database.Postgres {
		one += " FOR UPDATE"
	}
	statements := append([]database.Statement{
		{SQL: one, Args: []any{id}, Rows: database.Read(&found), What: "case " + id},
		{SQL: selectPapers, Rows: database.Read(&papers), What: "papers"},
		{SQL: selectSides, Args: []any{id}, Rows: readSides(&between), What: "agency, creditor and debtor"},
		{SQL: selectMandate, Args: []any{id}, Rows: database.Read(&mandates), What: "mandate"},
		{SQL: selectAccount, Args: []any{id}, Rows: database.Read(&accounts), What: "bank account"},
		{SQL: selectClaims, Args: []any{id}, Rows: database.Read(&c.Claims), What: "claims"},
		{SQL: selectParties, Args: []any{id}, Rows: database.Read(&c.Parties), What: "parties"},
		{SQL: selectPersons, Args: []any{id}, Rows: database.Read(&persons), What: "persons"},
		{SQL: selectContacts, Args: []any{id}, Rows: database.Read(&contacts), What: "contacts"},
		{SQL: selectHolds, Args: []any{id, id}, Rows: database.Read(&c.Holds), What: "holds"},
		{SQL: selectOpening, Args: []any{id}, Rows: database.Read(&opening), What: "first letter"},
		{SQL: ledger.SelectPostings, Args: []any{id}, Rows: database.Read(&c.postings), What: "postings"},
		{SQL: ledger.SelectEntries, Args: []any{id}, Rows: database.Read(&entries), What: "entries"},
	}, along...)
	if err := s.db.Send(tx, statements...); err != nil {
		return nil, fault(err, "case", id)
	}
	if len(found) == 0 {
		return nil, errNotFound
	}
	if len(between) == 0 {
		return nil, fmt.Errorf("case %s without its creditor or debtor", id)
	}
	rates, err := s.ratesNow(tx)
	if err != nil {
		return nil, err
	}
	found[0].Claims, found[0].Parties, found[0].Holds, found[0].postings = c.Claims, c.Parties, c.Holds, c.postings
	c, c.rates = found[0], rates
	between[0].agency.Papers = papers
	c.Agency, c.Creditor, c.Debtor = &between[0].agency, &between[0].creditor, &between[0].debtor
	if len(mandates) > 0 {
		c.Mandate = &mandates[0]
	}
	if len(accounts) > 0 {
		c.account = &accounts[0]
	}
	if len(opening) > 0 {
		c.opening = &opening[0]
	}
	c.introduce(persons, contacts)
	ledger.Join(c.postings, entries)
	if c.OffersMade > 0 { // few cases have any: only they pay for another trip
		return &c, s.loadOffers(tx, &c)
	}
	return &c, nil
}

// loadOffers reads the offers and plans of a case.
func (s *Service) loadOffers(tx *gorm.DB, c *Case) error {
	var (
		acceptances []Acceptance
		lines       []PlanLine
	)
	err := s.db.Send(tx,
		database.Statement{SQL: selectOffers, Args: []any{c.ID}, Rows: database.Read(&c.offers), What: "offers"},
		database.Statement{SQL: selectAcceptances, Args: []any{c.ID}, Rows: database.Read(&acceptances), What: "acceptances"},
		database.Statement{SQL: selectPlans, Args: []any{c.ID}, Rows: database.Read(&c.plans), What: "plans"},
		database.Statement{SQL: selectLines, Args: []any{c.ID}, Rows: database.Read(&lines), What: "instalments"},
	)
	if err != nil {
		return fault(err, "offers of case", c.ID)
	}
	for i := range c.offers {
		for _, a := range acceptances {
			if a.OfferID == c.offers[i].ID {
				c.offers[i].Acceptances = append(c.offers[i].Acceptances, a)
			}
		}
	}
	for i := range c.plans {
		for _, l := range lines {
			if l.PlanID == c.plans[i].ID {
				c.plans[i].Lines = append(c.plans[i].Lines, l)
			}
		}
	}
	return nil
}

// What hangs on a case, each by the case's id.
var (
	selectAgency = "SELECT " + database.Columns[Agency]("") + " FROM agencies LIMIT 1"
	selectPapers = "SELECT " + database.Columns[Paper]("") + " FROM papers ORDER BY valid_from"
	selectSides  = "SELECT " + database.Columns[Agency]("a.") + ", " + database.Columns[Creditor]("o.") + ", " + database.Columns[Debtor]("d.") + `
		FROM cases c JOIN debtors d ON d.id = c.debtor_id JOIN creditors o ON o.id = c.creditor_id JOIN agencies a ON a.id = o.agency_id WHERE c.id = ?`
	selectMandate  = "SELECT " + database.Columns[Mandate]("o.") + " FROM mandates o JOIN cases c ON c.mandate_id = o.id WHERE c.id = ?"
	selectAccount  = "SELECT " + database.Columns[BankAccount]("b.") + " FROM bank_accounts b JOIN mandates o ON o.account_id = b.id JOIN cases c ON c.mandate_id = o.id WHERE c.id = ?"
	selectClaims   = "SELECT " + database.Columns[Claim]("") + " FROM claims WHERE case_id = ? ORDER BY position"
	selectParties  = "SELECT " + database.Columns[Party]("") + " FROM parties WHERE case_id = ? ORDER BY created_at, id"
	selectPersons  = "SELECT " + database.Columns[Person]("") + " FROM persons WHERE id IN (SELECT person_id FROM parties WHERE case_id = ?)"
	selectContacts = "SELECT " + database.Columns[ContactPoint]("") + " FROM contact_points WHERE person_id IN (SELECT person_id FROM parties WHERE case_id = ?) ORDER BY created_at, id"
	selectEvents   = "SELECT " + database.Columns[Event]("") + " FROM events WHERE stream_id = ? ORDER BY seq"
	selectOpening  = "SELECT " + database.Columns[OpeningLetter]("") + " FROM first_letters WHERE case_id = ? AND cancelled_at IS NULL"
	selectOffers   = "SELECT " + database.Columns[Offer]("") + " FROM offers WHERE case_id = ? ORDER BY number"
	selectPlans    = "SELECT " + database.Columns[Plan]("") + " FROM plans WHERE case_id = ? ORDER BY number"
	selectLines    = "SELECT " + database.Columns[PlanLine]("o.") + " FROM instalments o JOIN plans p ON p.id = o.plan_id WHERE p.case_id = ? ORDER BY o.revision, o.number"
	selectHolds    = "SELECT " + database.Columns[Hold]("") + ` FROM holds WHERE id IN (
		SELECT id FROM holds WHERE case_id = ?
		UNION SELECT h.id FROM holds h JOIN parties p ON p.person_id = h.person_id WHERE p.case_id = ? AND p.role <> 'adviser') ORDER BY created_at, id`
)

var selectAcceptances = "SELECT " + database.Columns[Acceptance]("") + " FROM acceptances WHERE case_id = ? ORDER BY at, id"

// sides are those between whom a case stands. They are read by one statement:
// each costs the database about as much as the row it finds.
type sides struct {
	agency   Agency
	creditor Creditor
	debtor   Debtor
}

func readSides(into *[]sides) func(database.Rows) error {
	return func(rows database.Rows) error {
		for rows.Next() {
			var s sides
			places, err := database.Places(nil, &s.agency)
			if err == nil {
				places, err = database.Places(places, &s.creditor)
			}
			if err == nil {
				places, err = database.Places(places, &s.debtor)
			}
			if err == nil {
				err = rows.Scan(places...)
			}
			if err != nil {
				return err
			}
			*into = append(*into, s)
		}
		return rows.Err()
	}
}

// introduce gives the parties their persons and contacts.
func (c *Case) introduce(persons []Person, contacts []ContactPoint) {
	for i := range c.Parties {
		party := &c.Parties[i]
		for _, p := range persons {
			if p.ID == party.PersonID {
				party.Person = p
			}
		}
		for _, p := range contacts {
			if p.PersonID == party.PersonID {
				party.Contacts = append(party.Contacts, p)
			}
		}
	}
}

// caseRow are the columns of a case that acts change.
type caseRow struct {
	State                CaseState
	MandateID            string
	Principal            int64
	Interest             int64
	Indemnity            int64
	Coming               int64
	Receipts             int64
	OffersMade           int64
	FirstLetterReference string
	OpenedOn, ClosedOn   Day
	EventSeq             int64
}

func (c *Case) saved() caseRow {
	row := caseRow{
		State: c.State, Principal: c.Principal, Interest: c.Interest, Indemnity: c.Indemnity, Coming: c.Coming, Receipts: c.Receipts, OffersMade: c.OffersMade,
		FirstLetterReference: c.FirstLetterReference, OpenedOn: c.OpenedOn, ClosedOn: c.ClosedOn, EventSeq: c.EventSeq,
	}
	if c.MandateID != nil {
		row.MandateID = *c.MandateID
	}
	return row
}

// saveCase writes what acts change. What an index or a reference rests on is
// written only where it did change: SQLite would write the index again.
func (t *Tx) saveCase(c *Case, before caseRow) error {
	now := c.saved()
	if now == before {
		return nil
	}
	fields := []string{"Principal", "Interest", "Indemnity", "Coming", "Receipts", "OffersMade", "FirstLetterOn", "FirstLetterChannel", "FirstLetterProof", "OpenedOn", "ClosedOn", "EventSeq", "EventHead"}
	if now.State != before.State {
		fields = append(fields, "State")
	}
	if now.MandateID != before.MandateID {
		fields = append(fields, "MandateID")
	}
	if now.FirstLetterReference != before.FirstLetterReference {
		fields = append(fields, "FirstLetterReference")
	}
	return t.Update(c, fields...)
}
