package negotiation

import (
	"context"
	"errors"
	"io"
	"time"

	"amiable/negotiation/placement"
)

// placingBatch is how many records go into one transaction: few enough that
// nobody else waits long for SQLite's one writer. placingAhead is how many such
// batches are read while one is being written.
const (
	placingBatch = 1_000
	placingAhead = 2
)

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
	summary, err := placing(f.Body, options, func(r placement.Record) error {
		if f.Each != nil {
			f.Each(r)
		}
		if refused != nil {
			return refused.Write(r)
		}
		return nil
	}, func(records []placement.Record) error { return s.placeBatch(ctx, by, desk, batch, records) })
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

// placing reads a file and places what is taken, batch by batch; it reads on
// while a batch is being placed. each is told of every record as it is read.
func placing(body io.Reader, options placement.Options, each func(placement.Record) error, place func([]placement.Record) error) (placement.Summary, error) {
	batches, empty, stopped := make(chan []placement.Record, placingAhead), make(chan []placement.Record, placingAhead+2), make(chan struct{})
	var summary placement.Summary
	var reading error
	go func() {
		defer close(batches)
		waiting := make([]placement.Record, 0, placingBatch)
		hand := func() error {
			select {
			case batches <- waiting:
			case <-stopped:
				return errStopped
			}
			select {
			case waiting = <-empty:
			default:
				waiting = make([]placement.Record, 0, placingBatch)
			}
			return nil
		}
		summary, reading = placement.Read(body, options, func(r placement.Record) error {
			if err := each(r); err != nil || !r.Taken() {
				return err
			}
			if waiting = append(waiting, r); len(waiting) < placingBatch {
				return nil
			}
			return hand()
		})
		if reading == nil && len(waiting) > 0 {
			reading = hand()
		}
	}()
	var problem error
	for records := range batches {
		if problem == nil {
			if problem = place(records); problem != nil {
				close(stopped)
			}
		}
		clear(records)
		empty <- records[:0]
	}
	if problem == nil {
		problem = reading
	}
	return summary, problem
}

// errStopped ends the reading of a file that could not be placed.
var errStopped = errors.New("placing stopped")

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
