package negotiation

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"amiable/negotiation/database"
	"amiable/negotiation/ledger"
	"amiable/negotiation/limitation"
	"amiable/negotiation/money"
	"amiable/negotiation/placement"
)

// placingTries is how often a batch starts again when a row of it is there
// already: another import was faster, or a case reference was drawn that a case
// has. Of a million cases three or four draw one (25^8 references).
const placingTries = 5

// placeBatch places some records in one transaction.
func (s *Service) placeBatch(ctx context.Context, by Actor, desk *placingDesk, p *Placement, records []placement.Record) error {
	before := *p
	for try := 1; ; try++ {
		*p = before
		err := s.tryBatch(ctx, by, desk, p, records)
		if !database.IsDuplicate(err) || try == placingTries {
			return err
		}
	}
}

func (s *Service) tryBatch(ctx context.Context, by Actor, desk *placingDesk, p *Placement, records []placement.Record) error {
	return s.write(ctx, func(t *Tx) error {
		b := &batch{Tx: t, by: by, desk: desk, placement: p}
		if err := s.db.ByIndex(t.DB); err != nil {
			return err
		}
		if err := b.look(records); err != nil {
			return err
		}
		for i := range records {
			if err := b.place(&records[i], b.match[i]); err != nil {
				return err
			}
		}
		return b.write()
	})
}

// batch collects the rows of one transaction, so that each table is written
// once.
type batch struct {
	*Tx
	by        Actor
	desk      *placingDesk
	placement *Placement

	match   []*string          // key of the person that each record is about
	known   map[string]bool    // creditor id and invoice key
	persons map[string]string  // match key → person id
	debtors map[string]*Debtor // creditor id and person id
	open    map[string]*Case   // debtor id and currency: a case that has not been opened yet
	fresh   map[string]bool    // ids of cases made here
	terms   map[string]term    // debtor's kind and due day

	newPersons  []*Person
	newContacts []*ContactPoint
	newDebtors  []*Debtor
	newCases    []*Case
	newParties  []*Party
	newClaims   []*Claim
	newEvents   []*Event
	postings    []*ledger.Posting
	credits     []*placement.Record
}

func pair(a, b string) string { return a + "|" + b }

// look finds what is there already for the records of a batch: first which are
// known, then, for the others only, whose they may be.
func (b *batch) look(records []placement.Record) error {
	b.known, b.persons, b.debtors, b.open, b.fresh, b.terms = map[string]bool{}, map[string]string{}, map[string]*Debtor{}, map[string]*Case{}, map[string]bool{}, map[string]term{}
	if err := b.lookClaims(records); err != nil {
		return err
	}
	var keys []string
	b.match = make([]*string, len(records))
	for i := range records {
		c := &records[i].Claim
		creditor := b.desk.creditors[placement.Key(c.CreditorRef)]
		if creditor == nil || b.known[pair(creditor.ID, c.InvoiceKey())] {
			continue
		}
		if b.match[i] = matchKey(DebtorKind(c.DebtorKind), c.SIREN, c.DebtorName, c.Email); b.match[i] != nil {
			keys = append(keys, *b.match[i])
		}
	}
	if len(keys) == 0 {
		return nil
	}
	db, debtors := b.service.db, []Debtor{}
	list, values := db.List(keys)
	err := db.Send(b.DB,
		database.Statement{SQL: "SELECT match_key, id FROM persons WHERE match_key IN " + list, Args: values, What: "persons", Rows: func(rows database.Rows) error {
			var key, id string
			for rows.Next() {
				if err := rows.Scan(&key, &id); err != nil {
					return err
				}
				b.persons[key] = id
			}
			return rows.Err()
		}},
		database.Statement{SQL: "SELECT " + database.Columns[Debtor]("") + " FROM debtors WHERE person_id IN (SELECT id FROM persons WHERE match_key IN " + list + ")",
			Args: values, What: "debtors", Rows: database.Read(&debtors)},
	)
	if err != nil {
		return err
	}
	ids := make([]string, len(debtors))
	for i := range debtors {
		b.debtors[pair(debtors[i].CreditorID, debtors[i].PersonID)], ids[i] = &debtors[i], debtors[i].ID
	}
	return b.lookCases(ids)
}

// lookClaims finds which claims were placed before: each by its own key, so that
// a creditor's thousandth file takes as long as the first.
func (b *batch) lookClaims(records []placement.Record) error {
	var asked [][2]string
	for i := range records {
		c := &records[i].Claim
		if creditor := b.desk.creditors[placement.Key(c.CreditorRef)]; creditor != nil {
			asked = append(asked, [2]string{creditor.ID, c.InvoiceKey()})
		}
	}
	if len(asked) == 0 {
		return nil
	}
	list, values := b.service.db.Pairs(asked)
	return b.service.db.Send(b.DB, database.Statement{
		SQL:  "SELECT claims.creditor_id, claims.invoice_key FROM " + list + " CROSS JOIN claims WHERE claims.creditor_id = asked.id AND claims.invoice_key = asked.text",
		Args: values, What: "claims placed before", Rows: func(rows database.Rows) error {
			var creditorID, key string
			for rows.Next() {
				if err := rows.Scan(&creditorID, &key); err != nil {
					return err
				}
				b.known[pair(creditorID, key)] = true
			}
			return rows.Err()
		},
	})
}

// lookCases finds the cases of some debtors that have not been opened yet, and
// locks them.
func (b *batch) lookCases(debtorIDs []string) error {
	if len(debtorIDs) == 0 {
		return nil
	}
	db, cases, claims := b.service.db, []Case{}, []Claim{}
	list, values := db.List(debtorIDs)
	const unopened = "state IN ('watched', 'placed')"
	locking := "SELECT " + database.Columns[Case]("") + " FROM cases WHERE debtor_id IN " + db.IDs(list) + " AND " + unopened + " ORDER BY id"
	if db.Dialect() == database.Postgres {
		locking += " FOR UPDATE"
	}
	err := db.Send(b.DB,
		database.Statement{SQL: locking, Args: values, What: "cases", Rows: database.Read(&cases)},
		database.Statement{SQL: "SELECT " + database.Columns[Claim]("") + " FROM claims WHERE case_id IN (SELECT id FROM cases WHERE debtor_id IN " + db.IDs(list) + " AND " + unopened + ")",
			Args: values, What: "claims", Rows: database.Read(&claims)},
	)
	if err != nil {
		return err
	}
	byID := make(map[string]*Case, len(cases))
	for i := range cases {
		c := &cases[i]
		b.open[pair(c.DebtorID, string(c.Currency))], byID[c.ID] = c, c
	}
	for _, claim := range claims {
		if c := byID[claim.CaseID]; c != nil {
			c.Claims = append(c.Claims, claim)
		}
	}
	return nil
}

// place makes the rows of one record.
func (b *batch) place(r *placement.Record, match *string) error {
	if r.Kind == placement.KindCreditNote {
		b.credits = append(b.credits, r)
		return nil
	}
	c := &r.Claim
	creditor := b.desk.creditors[placement.Key(c.CreditorRef)]
	if creditor == nil || b.known[pair(creditor.ID, c.InvoiceKey())] {
		b.placement.Known++
		return nil
	}
	b.known[pair(creditor.ID, c.InvoiceKey())] = true
	debtor := b.debtor(creditor, c, match)
	file, err := b.file(creditor, debtor, c)
	if err != nil {
		return err
	}
	claim := b.claim(r, creditor, debtor, file)
	return b.book(file, debtor, creditor, claim)
}

// debtor finds the debtor as this creditor knows it, or makes it.
func (b *batch) debtor(creditor *Creditor, c *placement.Claim, key *string) *Debtor {
	personID := ""
	if key != nil {
		personID = b.persons[*key]
	}
	if personID == "" {
		person := &Person{ID: newID(), Kind: Individual, Name: c.DebtorName, MatchKey: key, Language: spoken(c.Language), CreatedAt: b.Now}
		if c.DebtorKind == placement.Business {
			person.Kind = Firm
		}
		personID = person.ID
		b.newPersons = append(b.newPersons, person)
		b.contacts(person, c)
		if key != nil {
			b.persons[*key] = personID
		}
	}
	if d := b.debtors[pair(creditor.ID, personID)]; d != nil {
		return d
	}
	d := &Debtor{
		ID: newID(), CreditorID: creditor.ID, PersonID: personID, Kind: DebtorKind(c.DebtorKind), Name: c.DebtorName, ContactName: c.ContactName,
		SIREN: c.SIREN, VATNumber: c.VATNumber, Street: c.Street, Postcode: c.Postcode, City: c.City, Country: c.Country,
		SearchName: SearchName(c.DebtorName + " " + c.ContactName), CreatedAt: b.Now,
	}
	b.newDebtors = append(b.newDebtors, d)
	b.debtors[pair(creditor.ID, personID)] = d
	return d
}

func spoken(language string) string {
	if language == "en" {
		return "en"
	}
	return "fr"
}

func (b *batch) contacts(person *Person, c *placement.Claim) {
	add := func(kind ContactKind, value string) {
		b.newContacts = append(b.newContacts, &ContactPoint{
			ID: newID(), PersonID: person.ID, Kind: kind, Value: value, Source: "placement:" + b.placement.ID, CreatedAt: b.Now,
		})
	}
	if plausibleEmail(c.Email) {
		add(ContactEmail, c.Email)
	}
	if c.Phone != "" {
		add(ContactPhone, c.Phone)
	}
	if c.Street != "" || c.City != "" {
		add(ContactPost, strings.TrimSpace(c.Street+"\n"+strings.TrimSpace(c.Postcode+" "+c.City)+"\n"+c.Country))
	}
}

// file finds the case that a claim belongs to, or makes it: a debtor's claims
// in one currency share a case until that case is opened.
func (b *batch) file(creditor *Creditor, debtor *Debtor, c *placement.Claim) (*Case, error) {
	key := pair(debtor.ID, string(c.Amount.Currency))
	mandate := b.desk.mandate(creditor, c.MandateRef)
	if file := b.open[key]; file != nil && file.MandateID != nil && mandate != nil && *file.MandateID == mandate.ID {
		if file.State == CaseWatched && !c.NotDueYet(b.Today) {
			file.State = CasePlaced
		}
		return file, nil
	}
	reference, err := newCaseReference()
	if err != nil {
		return nil, err
	}
	file := &Case{
		ID: newID(), CreditorID: creditor.ID, DebtorID: debtor.ID, Reference: reference, Currency: c.Amount.Currency,
		State: CasePlaced, CreatedAt: b.Now,
	}
	if c.NotDueYet(b.Today) {
		file.State = CaseWatched
	}
	if mandate != nil {
		file.MandateID = &mandate.ID
	}
	b.newCases = append(b.newCases, file)
	b.newParties = append(b.newParties, &Party{
		ID: newID(), CreditorID: creditor.ID, CaseID: file.ID, PersonID: debtor.PersonID, Role: PartyDebtor, CreatedAt: b.Now,
	})
	b.open[key], b.fresh[file.ID] = file, true
	return file, nil
}

func (b *batch) claim(r *placement.Record, creditor *Creditor, debtor *Debtor, file *Case) *Claim {
	c := &r.Claim
	warnings := make([]string, 0, len(r.Reasons))
	for _, reason := range r.Reasons {
		warnings = append(warnings, string(reason.Code))
	}
	claim := &Claim{
		ID: newID(), CreditorID: creditor.ID, CaseID: file.ID, PlacementID: &b.placement.ID, Position: int64(len(file.Claims) + 1),
		InvoiceNumber: c.InvoiceNumber, InvoiceKey: c.InvoiceKey(), IssueOn: c.IssueDate, DueOn: c.DueDate, Currency: c.Amount.Currency,
		Amount: c.Amount.Minor, PaidBefore: c.Paid.Minor, ContractRate: c.ContractRate, Description: c.Description,
		Warnings: strings.Join(warnings, " "), CreatedAt: b.Now,
	}
	term := b.limitation(debtor.Kind, claim.DueOn)
	claim.LimitationRegime, claim.LimitationOn, claim.LimitationAlertOn = term.regime, term.on, term.alertOn
	file.Claims = append(file.Claims, *claim)
	b.newClaims = append(b.newClaims, claim)
	return claim
}

// term is when a claim is barred, as far as it can be told at its placement.
type term struct {
	regime      string
	on, alertOn Day
}

// limitation is the term of a claim without history; many of a batch fell due on
// the same day.
func (b *batch) limitation(kind DebtorKind, dueOn Day) term {
	key := pair(string(kind), string(dueOn))
	t, known := b.terms[key]
	if !known {
		assessed, err := limitation.Assess(limitation.Claim{Debtor: limitation.DebtorKind(kind), StartsOn: dueOn}, nil, b.Today)
		if err == nil { // the gate asks again, and holds what cannot be told
			t = term{assessed.Regime.Code, assessed.ExpiresOn, assessed.NextOn}
		}
		b.terms[key] = t
	}
	return t
}

// book posts a claim: its principal, and the fixed indemnity where it is late.
func (b *batch) book(file *Case, debtor *Debtor, creditor *Creditor, claim *Claim) error {
	posting := ledger.New(ledger.KindPlacement, "claim:"+claim.ID, creditor.ID, file.ID, b.Today, b.Now)
	posting.AddReceivable(claim.ID, ledger.Principal, claim.Principal()).Add(ledger.Entrusted, claim.Principal().Neg())
	file.Principal += claim.Principal().Minor
	if claim.Currency == money.EUR && claim.DueOn.Before(b.Today) {
		with := &Case{Creditor: creditor, Debtor: debtor}
		worked, err := with.forInterest(claim)
		if err != nil {
			return err
		}
		indemnity, _ := worked.Indemnity()
		posting.AddReceivable(claim.ID, ledger.Indemnity, indemnity).Add(ledger.Entrusted, indemnity.Neg())
		file.Indemnity += indemnity.Minor
	}
	event, err := file.next(StreamCase, file.ID, b.by, ClaimPlaced, map[string]any{"claim": claim.ID, "invoice": claim.InvoiceNumber, "amount": claim.Principal()}, b.Now)
	if err != nil {
		return err
	}
	b.newEvents, b.postings = append(b.newEvents, event), append(b.postings, posting)
	return nil
}

// write saves the rows of the batch, each table once, in the order in which
// they refer to each other.
func (b *batch) write() error {
	entries := make([]*ledger.Entry, 0, 4*len(b.postings))
	for _, p := range b.postings {
		if err := p.Check(); err != nil {
			return err
		}
		for i := range p.Entries {
			entries = append(entries, &p.Entries[i])
		}
	}
	err := database.Copy(b.DB,
		database.Table(b.newPersons), database.Table(b.newContacts), database.Table(b.newDebtors), database.Table(b.newCases), database.Table(b.newParties),
		database.Table(b.newClaims), database.Table(b.newEvents), database.Table(b.postings), database.Table(entries),
	)
	if err != nil {
		return err
	}
	for _, c := range b.open {
		if b.fresh[c.ID] {
			continue
		}
		if err := b.Update(c, "State", "Principal", "Interest", "Indemnity", "EventSeq", "EventHead"); err != nil {
			return err
		}
	}
	return b.credit()
}

// credit lowers the claims that credit notes name, each under its case's lock.
func (b *batch) credit() error {
	for _, r := range b.credits {
		creditor := b.desk.creditors[placement.Key(r.Claim.CreditorRef)]
		if creditor == nil {
			continue
		}
		var found []Claim
		err := b.Where("creditor_id = ? AND invoice_key = ?", creditor.ID, placement.Key(r.Claim.PrecedingInvoice)).Limit(1).Find(&found).Error
		if err != nil {
			return fault(err, "claim", r.Claim.PrecedingInvoice)
		}
		if len(found) == 0 {
			b.placement.Refused++
			continue
		}
		c, err := b.lockCase(found[0].CaseID)
		if err != nil {
			return err
		}
		before := c.saved()
		on := r.Claim.IssueDate
		if on.IsZero() || on.After(b.Today) {
			on = b.Today
		}
		credited, err := c.creditNote(b.Tx, b.by, creditNote{ClaimID: found[0].ID, Number: r.Claim.InvoiceNumber, Amount: r.Claim.Amount, On: on})
		if err != nil {
			return err
		}
		if !credited {
			b.placement.Known++
			continue
		}
		if err := b.saveCase(c, before); err != nil {
			return err
		}
	}
	return nil
}

func insertAll[T any](tx *gorm.DB, rows []*T) error {
	if len(rows) == 0 {
		return nil
	}
	if err := tx.Omit(clause.Associations).CreateInBatches(rows, 250).Error; err != nil {
		return fmt.Errorf("insert %T: %w", rows[0], err)
	}
	return nil
}
