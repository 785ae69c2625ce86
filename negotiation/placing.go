package negotiation

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"amiable/negotiation/ledger"
	"amiable/negotiation/limitation"
	"amiable/negotiation/money"
	"amiable/negotiation/placement"
)

// placingBatch is how many records go into one transaction: few enough that
// nobody else waits long for SQLite's one writer.
const placingBatch = 500

// Placement is a batch of claims handed over.
type Placement struct {
	ID          string
	CreditorID  *string
	FileName    string
	FileHash    string
	Encoding    string
	Accepted    int64
	Warned      int64
	Refused     int64
	Skipped     int64
	Known       int64 // placed before: a file imported twice adds nothing
	RefusedFile string
	ByID        string
	ByName      string
	DoneAt      *time.Time
	CreatedAt   time.Time
}

// File is a creditor's file to be placed.
type File struct {
	Name     string
	Hash     string
	Body     io.Reader
	Encoding placement.Encoding // empty: guessed
	Creditor string             // reference of the one creditor; empty: the file's column decides
	Refused  io.Writer          // gets the refused lines back; may be nil
	Progress func(bytesRead int64)
	Each     func(placement.Record) // is told of every record; may be nil
}

// Place reads a creditor's file and places its claims. Claims that were placed
// before are passed over. A file that breaks off in the middle has placed what
// came before; placing it again adds the rest.
func (s *Service) Place(ctx context.Context, by Actor, f File) (*Placement, *placement.Summary, error) {
	if err := by.only(RoleCreditor, RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return nil, nil, err
	}
	now, err := s.Now(ctx)
	if err != nil {
		return nil, nil, err
	}
	desk, err := s.placingDesk(ctx, by, DayOf(now))
	if err != nil {
		return nil, nil, err
	}
	batch := &Placement{ID: newID(), FileName: f.Name, FileHash: f.Hash, ByID: by.ID, ByName: by.Name, CreatedAt: now}
	options := placement.Options{
		Today: DayOf(now), Encoding: f.Encoding, Creditor: f.Creditor, Progress: f.Progress,
		KnownCreditor: desk.knowsCreditor, KnownMandate: desk.knowsMandate,
	}
	if by.Role == RoleCreditor {
		own := desk.byID[by.CreditorID]
		if own == nil {
			return nil, nil, errNotFound
		}
		options.Creditor = own.Reference
	}
	if creditor := desk.creditors[placement.Key(options.Creditor)]; creditor != nil {
		batch.CreditorID = &creditor.ID
	} else if options.Creditor != "" {
		return nil, nil, Refuse(NotFound, "creditor_unknown").On("creditor")
	}
	if err := s.db.Read(ctx).Create(batch).Error; err != nil {
		return nil, nil, fault(err, "placement", f.Name)
	}
	var refused *placement.RefusedWriter
	options.OnLayout = func(l placement.Layout) {
		batch.Encoding = string(l.Encoding)
		if f.Refused != nil {
			refused = placement.NewRefusedWriter(f.Refused, l, "fr")
		}
	}
	waiting := make([]placement.Record, 0, placingBatch)
	summary, err := placement.Read(f.Body, options, func(r placement.Record) error {
		if f.Each != nil {
			f.Each(r)
		}
		if refused != nil {
			if err := refused.Write(r); err != nil {
				return err
			}
		}
		if !r.Taken() {
			return nil
		}
		if waiting = append(waiting, r); len(waiting) < placingBatch {
			return nil
		}
		err := s.placeBatch(ctx, by, desk, batch, waiting)
		waiting = waiting[:0]
		return err
	})
	if err == nil && len(waiting) > 0 {
		err = s.placeBatch(ctx, by, desk, batch, waiting)
	}
	if refused != nil {
		if closing := refused.Close(); err == nil {
			err = closing
		}
	}
	if err != nil {
		return batch, &summary, fault(err, "placement", batch.ID)
	}
	batch.Accepted, batch.Warned, batch.Refused, batch.Skipped = int64(summary.Accepted), int64(summary.Warned), int64(summary.Refused), int64(summary.Skipped)
	return batch, &summary, s.finishPlacement(ctx, batch)
}

func (s *Service) finishPlacement(ctx context.Context, batch *Placement) error {
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	batch.DoneAt = &now
	err = s.db.Read(ctx).Model(batch).Where("id = ?", batch.ID).Select(
		"Encoding", "Accepted", "Warned", "Refused", "Skipped", "Known", "RefusedFile", "DoneAt",
	).Updates(batch).Error
	return fault(err, "placement", batch.ID)
}

// SetRefusedFile remembers where the refused lines of a placement are kept.
func (s *Service) SetRefusedFile(ctx context.Context, batch *Placement, hash string) error {
	batch.RefusedFile = hash
	return s.finishPlacement(ctx, batch)
}

// placingDesk is what is looked up once for a whole file.
type placingDesk struct {
	today     Day
	creditors map[string]*Creditor // by key of the reference
	byID      map[string]*Creditor
	mandates  map[string][]Mandate // by creditor id
}

func (s *Service) placingDesk(ctx context.Context, by Actor, today Day) (*placingDesk, error) {
	d := &placingDesk{today: today, creditors: map[string]*Creditor{}, byID: map[string]*Creditor{}, mandates: map[string][]Mandate{}}
	var creditors []Creditor
	query := s.db.Read(ctx)
	if by.Role == RoleCreditor {
		query = query.Where("id = ?", by.CreditorID)
	}
	if err := query.Find(&creditors).Error; err != nil {
		return nil, fault(err, "creditors", "")
	}
	for i := range creditors {
		c := &creditors[i]
		d.creditors[placement.Key(c.Reference)], d.byID[c.ID] = c, c
	}
	var mandates []Mandate
	if err := s.db.Read(ctx).Order("signed_on DESC, id").Find(&mandates).Error; err != nil {
		return nil, fault(err, "mandates", "")
	}
	for _, m := range mandates {
		d.mandates[m.CreditorID] = append(d.mandates[m.CreditorID], m)
	}
	return d, nil
}

func (d *placingDesk) knowsCreditor(ref string) bool { return d.creditors[placement.Key(ref)] != nil }

func (d *placingDesk) knowsMandate(creditorRef, mandateRef string) bool {
	return d.mandate(d.creditors[placement.Key(creditorRef)], mandateRef) != nil
}

// mandate returns the mandate that a line names, if it is in force; a line
// that names none is covered by the newest in force.
func (d *placingDesk) mandate(c *Creditor, reference string) *Mandate {
	if c == nil {
		return nil
	}
	for i := range d.mandates[c.ID] {
		m := &d.mandates[c.ID][i]
		if m.InForce(d.today) && (reference == "" || placement.Key(m.Reference) == placement.Key(reference)) {
			return m
		}
	}
	return nil
}

// placeBatch places some records in one transaction.
func (s *Service) placeBatch(ctx context.Context, by Actor, desk *placingDesk, p *Placement, records []placement.Record) error {
	return s.write(ctx, func(t *Tx) error {
		b := &batch{Tx: t, by: by, desk: desk, placement: p}
		if err := b.look(records); err != nil {
			return err
		}
		for i := range records {
			if err := b.place(&records[i]); err != nil {
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

	known   map[string]bool    // creditor id and invoice key
	persons map[string]string  // match key → person id
	debtors map[string]*Debtor // creditor id and person id
	open    map[string]*Case   // debtor id and currency: a case that has not been opened yet
	fresh   map[string]bool    // ids of cases made here

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

// look finds what is there already for the records of a batch.
func (b *batch) look(records []placement.Record) error {
	b.known, b.persons, b.debtors, b.open, b.fresh = map[string]bool{}, map[string]string{}, map[string]*Debtor{}, map[string]*Case{}, map[string]bool{}
	invoices := map[string][]string{}
	var keys []string
	for i := range records {
		c := &records[i].Claim
		creditor := b.desk.creditors[placement.Key(c.CreditorRef)]
		if creditor == nil {
			continue
		}
		invoices[creditor.ID] = append(invoices[creditor.ID], c.InvoiceKey())
		if key := b.matchKey(c); key != nil {
			keys = append(keys, *key)
		}
	}
	for creditorID, numbers := range invoices {
		var found []string
		err := b.Model(&Claim{}).Where("creditor_id = ? AND invoice_key IN ?", creditorID, numbers).Pluck("invoice_key", &found).Error
		if err != nil {
			return fault(err, "claims of creditor", creditorID)
		}
		for _, key := range found {
			b.known[pair(creditorID, key)] = true
		}
	}
	if len(keys) == 0 {
		return nil
	}
	var persons []Person
	if err := b.Select("id, match_key").Where("match_key IN ?", keys).Find(&persons).Error; err != nil {
		return fault(err, "persons", "")
	}
	ids := make([]string, len(persons))
	for i, p := range persons {
		b.persons[*p.MatchKey], ids[i] = p.ID, p.ID
	}
	return b.lookCases(ids)
}

func (b *batch) lookCases(personIDs []string) error {
	if len(personIDs) == 0 {
		return nil
	}
	var debtors []Debtor
	if err := b.Where("person_id IN ?", personIDs).Find(&debtors).Error; err != nil {
		return fault(err, "debtors", "")
	}
	ids := make([]string, len(debtors))
	for i := range debtors {
		b.debtors[pair(debtors[i].CreditorID, debtors[i].PersonID)], ids[i] = &debtors[i], debtors[i].ID
	}
	if len(ids) == 0 {
		return nil
	}
	var cases []Case
	err := b.service.db.ForUpdate(b.DB).Where("debtor_id IN ? AND state IN ?", ids, []CaseState{CaseWatched, CasePlaced}).Order("id").Find(&cases).Error
	if err != nil {
		return fault(err, "cases", "")
	}
	for i := range cases {
		c := &cases[i]
		if err := b.Where("case_id = ?", c.ID).Find(&c.Claims).Error; err != nil {
			return fault(err, "claims of case", c.ID)
		}
		b.open[pair(c.DebtorID, string(c.Currency))] = c
	}
	return nil
}

func (b *batch) matchKey(c *placement.Claim) *string {
	return matchKey(DebtorKind(c.DebtorKind), c.SIREN, c.DebtorName, c.Email)
}

// place makes the rows of one record.
func (b *batch) place(r *placement.Record) error {
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
	debtor := b.debtor(creditor, c)
	file, err := b.file(creditor, debtor, c)
	if err != nil {
		return err
	}
	claim := b.claim(r, creditor, debtor, file)
	return b.book(file, debtor, creditor, claim)
}

// debtor finds the debtor as this creditor knows it, or makes it.
func (b *batch) debtor(creditor *Creditor, c *placement.Claim) *Debtor {
	key := b.matchKey(c)
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
	assessed, err := limitation.Assess(limitation.Claim{Debtor: limitation.DebtorKind(debtor.Kind), StartsOn: claim.DueOn}, nil, b.Today)
	if err == nil { // the gate asks again, and holds what cannot be told
		claim.LimitationRegime, claim.LimitationOn, claim.LimitationAlertOn = assessed.Regime.Code, assessed.ExpiresOn, assessed.NextOn
	}
	file.Claims = append(file.Claims, *claim)
	b.newClaims = append(b.newClaims, claim)
	return claim
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

// write saves the rows of the batch, each table once.
func (b *batch) write() error {
	for _, step := range []func() error{
		func() error { return insertAll(b.DB, b.newPersons) },
		func() error { return insertAll(b.DB, b.newContacts) },
		func() error { return insertAll(b.DB, b.newDebtors) },
		func() error { return insertAll(b.DB, b.newCases) },
		func() error { return insertAll(b.DB, b.newParties) },
		func() error { return insertAll(b.DB, b.newClaims) },
		func() error { return insertAll(b.DB, b.newEvents) },
		func() error { return ledger.Post(b.DB, b.postings...) },
		b.updateOpen,
		b.credit,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) updateOpen() error {
	for _, c := range b.open {
		if b.fresh[c.ID] {
			continue
		}
		err := b.Model(c).Where("id = ?", c.ID).Select("State", "Principal", "Interest", "Indemnity", "EventSeq", "EventHead").Updates(c).Error
		if err != nil {
			return fault(err, "case", c.ID)
		}
	}
	return nil
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
		credited, err := c.creditNote(b.Tx, b.by, found[0].ID, r.Claim.InvoiceNumber, r.Claim.Amount, on)
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
