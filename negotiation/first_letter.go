package negotiation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation/database"
)

const (
	// letterGoodDays is how long the sum of a first letter clears the case.
	letterGoodDays = 15
	// letterAheadDays is how far ahead a letter may be dated: it is printed one
	// day and posted another.
	letterAheadDays = 7
	// letterLateDays is how late a letter may still be posted: the reader must
	// have time left before its sum runs out.
	letterLateDays = 5
)

// Reasons of a first letter alone, beside those of the gate.
const (
	RateMissing      Reason = "rate_missing"      // interest cannot be worked out: nothing is extrapolated
	StatementChanged Reason = "statement_changed" // something was posted since the letter was made
	NotPlaced        Reason = "not_placed"        // the case is no longer one that waits for its first letter
)

// OpeningLetter is a first letter that we make: its number, its frozen
// statement and what it says, and what became of it. A cancelled one keeps its
// number.
type OpeningLetter struct {
	LetterID     string `gorm:"primaryKey"`
	CreditorID   string
	CaseID       string
	PartyID      string
	BatchID      *string
	Year         int64
	Number       int64
	Reference    string
	DatedOn      Day
	StatementID  string
	Content      string // JSON of LetterContent
	PostedOn     Day
	CancelledAt  *time.Time
	CancelledBy  string
	CancelledWhy string
	CreatedAt    time.Time

	Letter    *Letter          `gorm:"-"`
	Statement *FrozenStatement `gorm:"-"`
}

// TableName names the table for gorm.
func (OpeningLetter) TableName() string { return "first_letters" }

// Posted says whether the letter left.
func (o *OpeningLetter) Posted() bool { return !o.PostedOn.IsZero() }

// Live says whether the letter is still to leave, or left.
func (o *OpeningLetter) Live() bool { return o.CancelledAt == nil }

// Says reads what the letter says.
func (o *OpeningLetter) Says() (LetterContent, error) {
	var content LetterContent
	return content, fault(json.Unmarshal([]byte(o.Content), &content), "first letter", o.Reference)
}

// LetterOrder says how a first letter is to be made.
type LetterOrder struct {
	BatchID  string // may be empty
	DatedOn  Day    // the day printed on it; none: today
	Site     string
	Complete func(*LetterDraft) error                                  // refuses a letter that cannot be printed
	Carry    func(t *Tx, c *Case, party *Party, letterID string) error // writes what the letter carries beside its text
}

// PrepareFirstLetter makes the first letter of a placed case: it freezes the
// statement, takes the year's next number and writes the letter, due by post or
// by mail. One is made once: a second call is refused, until the first is
// cancelled.
func (s *Service) PrepareFirstLetter(ctx context.Context, by Actor, caseID string, order LetterOrder) (*OpeningLetter, error) {
	if err := by.only(RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	var made *OpeningLetter
	err := s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) (err error) {
		made, err = c.prepareFirstLetter(t, by, order)
		return err
	})
	return made, err
}

func (c *Case) prepareFirstLetter(t *Tx, by Actor, order LetterOrder) (*OpeningLetter, error) {
	live, err := liveFirstLetter(t.DB, c.ID)
	if err != nil {
		return nil, err
	}
	if live != nil && !live.Posted() {
		return nil, Refuse(Conflict, "first_letter_prepared").With("reference", live.Reference)
	}
	draft, err := c.DraftFirstLetter(t.Today, order.DatedOn, order.Site)
	if err != nil {
		return nil, err
	}
	if order.Complete != nil {
		if err := order.Complete(draft); err != nil {
			return nil, err
		}
	}
	statement, err := c.freeze(t, by, draft.Statement)
	if err != nil {
		return nil, err
	}
	content, err := json.Marshal(draft.Content)
	if err != nil {
		return nil, fault(err, "first letter of case", c.ID)
	}
	made := &OpeningLetter{
		CreditorID: c.CreditorID, CaseID: c.ID, PartyID: draft.Party.ID, DatedOn: statement.AsOf, StatementID: statement.ID,
		Content: string(content), CreatedAt: t.Now, Statement: statement,
	}
	if err := t.number(made); err != nil {
		return nil, err
	}
	l, err := t.letter(LetterFirst, map[string]any{"reference": made.Reference, "dated_on": made.DatedOn})
	if err != nil {
		return nil, err
	}
	l.CreditorID, l.CaseID, l.PartyID, l.PersonID = &c.CreditorID, &c.ID, &draft.Party.ID, &draft.Party.PersonID
	l.Recipient, l.Language, l.Channel = ToParty, draft.Party.Person.Language, draft.Channel
	made.LetterID, made.Letter = l.ID, l
	rows := []any{l, made, c.event(t, by, FirstLetterPrepared, map[string]any{"reference": made.Reference, "channel": l.Channel, "letter": l.ID})}
	if order.BatchID != "" {
		made.BatchID = &order.BatchID
	}
	if err := t.InsertNow(rows...); database.IsDuplicate(err) {
		return nil, Refuse(Conflict, "first_letter_prepared")
	} else if err != nil {
		return nil, err
	}
	if order.BatchID != "" {
		if err := t.batchDone(order.BatchID, c.ID, &l.ID, ""); err != nil {
			return nil, err
		}
	}
	if order.Carry == nil {
		return made, nil
	}
	return made, order.Carry(t, c, draft.Party, l.ID)
}

// firstLetterSeries is the advisory lock of the series: any number that nobody
// else locks.
const firstLetterSeries = 0x66697273746c

// number takes the year's next number: PL-2026-0042. The series is the
// agency's, since the number alone names the letter on the public page, and has
// no gap. It is counted from the letters themselves, under a lock that no other
// act takes: no row of anybody's is held for it. The case is always locked
// first.
func (t *Tx) number(made *OpeningLetter) error {
	if t.service.db.Dialect() == database.Postgres {
		if err := t.Exec("SELECT pg_advisory_xact_lock(?)", int64(firstLetterSeries)).Error; err != nil {
			return fault(err, "series of first letters", "")
		}
	}
	year, _, _ := made.DatedOn.Date()
	var last int64
	err := t.Model(&OpeningLetter{}).Where("year = ?", year).Select("COALESCE(MAX(number), 0)").Scan(&last).Error
	if err != nil {
		return fault(err, "series of first letters", "")
	}
	made.Year, made.Number = int64(year), last+1
	made.Reference = fmt.Sprintf("PL-%04d-%04d", made.Year, made.Number)
	return nil
}

func liveFirstLetter(tx *gorm.DB, caseID string) (*OpeningLetter, error) {
	var found []OpeningLetter
	err := tx.Where("case_id = ? AND cancelled_at IS NULL", caseID).Limit(1).Find(&found).Error
	if err != nil || len(found) == 0 {
		return nil, fault(err, "first letter of case", caseID)
	}
	return &found[0], nil
}

// stale says why a letter that was made may not leave any more.
func (c *Case) stale(made *OpeningLetter) []Reason {
	if c.State != CasePlaced {
		return []Reason{NotPlaced}
	}
	for i := range c.postings {
		if c.postings[i].CreatedAt.After(made.CreatedAt) {
			return []Reason{StatementChanged}
		}
	}
	return nil
}

// FirstLetterHeld returns what keeps a letter that was made from leaving on a
// day.
func (c *Case) FirstLetterHeld(made *OpeningLetter, on Day) []Reason {
	reasons := c.firstLetterBlocked(on)
	for _, r := range c.stale(made) {
		if !slices.Contains(reasons, r) {
			reasons = append(reasons, r)
		}
	}
	return reasons
}

// posted takes note that a letter we made left, before the case is opened.
// asked is false where it has left already: then only what cannot be is
// refused.
func (c *Case) posted(t *Tx, made *OpeningLetter, letter FirstLetter, asked bool) error {
	l, err := t.service.letterByID(t.DB, made.LetterID)
	if err != nil {
		return err
	}
	if asked {
		switch {
		case letter.SentOn.Before(DayOf(made.CreatedAt)):
			return Refuse(Invalid, "letter_posted_before_made").On("sent_on").With("day", DayOf(made.CreatedAt))
		case letter.SentOn.After(made.DatedOn.Add(letterLateDays)):
			return Refuse(Conflict, "letter_too_old").On("sent_on").With("day", made.DatedOn.Add(letterLateDays))
		}
		if reasons := c.stale(made); len(reasons) > 0 {
			return blockedLetter(reasons)
		}
	}
	made.PostedOn = letter.SentOn
	if err := t.Model(made).Where("letter_id = ?", made.LetterID).Update("posted_on", made.PostedOn).Error; err != nil {
		return fault(err, "first letter", made.Reference)
	}
	l.State, l.SentAt, l.Problem, l.BlockedBy = LetterSentState, &t.Now, "", ""
	return t.updateLetter(l)
}

// CancelFirstLetter takes a letter back that was made and never left; another
// can be made then.
func (s *Service) CancelFirstLetter(ctx context.Context, by Actor, letterID, why string) error {
	if err := by.only(RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return err
	}
	if why = strings.TrimSpace(why); why == "" {
		return Refuse(Invalid, "reason_missing").On("reason")
	}
	made, err := s.OpeningLetter(ctx, by, letterID)
	if err != nil {
		return err
	}
	return s.OnCase(ctx, by, made.CaseID, func(t *Tx, c *Case) error {
		made, err := openingByID(t.DB, letterID)
		switch {
		case err != nil:
			return err
		case made.Posted():
			return Refuse(Conflict, "first_letter_posted").With("reference", made.Reference)
		case !made.Live():
			return nil // cancelled already: a second click changes nothing
		}
		l, err := s.letterByID(t.DB, letterID)
		if err != nil {
			return err
		}
		l.State = LetterCancelled
		made.CancelledAt, made.CancelledBy, made.CancelledWhy = &t.Now, by.Name, why
		if err := t.Model(made).Where("letter_id = ?", letterID).Select("CancelledAt", "CancelledBy", "CancelledWhy").Updates(made).Error; err != nil {
			return fault(err, "first letter", made.Reference)
		}
		if err := t.updateLetter(l); err != nil {
			return err
		}
		return t.Insert(c.event(t, by, FirstLetterCancelled, map[string]any{"reference": made.Reference, "letter": letterID, "reason": why}))
	})
}

func openingByID(tx *gorm.DB, letterID string) (*OpeningLetter, error) {
	var found []OpeningLetter
	if err := tx.Where("letter_id = ?", letterID).Limit(1).Find(&found).Error; err != nil {
		return nil, fault(err, "first letter", letterID)
	}
	if len(found) == 0 {
		return nil, errNotFound
	}
	return &found[0], nil
}

// OpeningLetter returns a first letter we made, with its letter and statement,
// if the actor may see its case.
func (s *Service) OpeningLetter(ctx context.Context, by Actor, letterID string) (*OpeningLetter, error) {
	if !ValidID(letterID) {
		return nil, errNotFound
	}
	made, err := openingByID(s.db.Read(ctx), letterID)
	if err != nil {
		return nil, err
	}
	return s.whole(ctx, by, made)
}

// FirstLetterOf returns the first letter we made that opened a case, or nil
// where it was sent by other means, or is not sent yet.
func (s *Service) FirstLetterOf(ctx context.Context, by Actor, c *Case) (*OpeningLetter, error) {
	if c.opening == nil || !c.opening.Posted() {
		return nil, nil
	}
	made := *c.opening
	return s.whole(ctx, by, &made)
}

func (s *Service) whole(ctx context.Context, by Actor, made *OpeningLetter) (*OpeningLetter, error) {
	if !by.MaySee(&Case{ID: made.CaseID, CreditorID: made.CreditorID}) {
		return nil, errNotFound
	}
	var letters []Letter
	var frozen []FrozenStatement
	err := s.db.Send(s.db.Read(ctx),
		database.Statement{SQL: selectLetter, Args: []any{made.LetterID}, Rows: database.Read(&letters), What: "letter"},
		database.Statement{SQL: selectFrozen, Args: []any{made.StatementID}, Rows: database.Read(&frozen), What: "statement"})
	if err != nil {
		return nil, fault(err, "first letter", made.LetterID)
	}
	if len(letters) == 0 || len(frozen) == 0 {
		return nil, errNotFound
	}
	made.Letter, made.Statement = &letters[0], &frozen[0]
	return made, nil
}

var (
	selectLetter = "SELECT " + database.Columns[Letter]("") + " FROM letters WHERE id = ?"
	selectFrozen = "SELECT " + database.Columns[FrozenStatement]("") + " FROM statements WHERE id = ?"
)

// AllowFirstLetterByEmail says whether first letters may leave by mail where
// there is an address. Paper is what the law is sure of.
func (s *Service) AllowFirstLetterByEmail(ctx context.Context, by Actor, allowed bool) error {
	if err := by.only(RoleAdministrator, RoleSystem); err != nil {
		return err
	}
	return s.onAgency(ctx, func(t *Tx, a *Agency) error {
		if a.FirstLetterByEmail == allowed {
			return nil
		}
		event, err := a.next(StreamAgency, a.ID, by, AgencyChanged, map[string]any{"first_letter_by_email": allowed}, t.Now)
		if err != nil {
			return err
		}
		if err := t.Insert(event); err != nil {
			return err
		}
		return fault(t.Model(a).Where("id = ?", a.ID).Update("first_letter_by_email", allowed).Error, "agency", a.ID)
	})
}

// WritersOf says for which creditors a letter with a reference and date was
// written. It names nobody to whom it was; several letters may have one
// reference where they were recorded by hand.
func (s *Service) WritersOf(ctx context.Context, reference string, on Day) (creditors []string, sentOn Day, channel string, err error) {
	var found []struct {
		Name               string
		FirstLetterOn      Day
		FirstLetterChannel string
	}
	err = s.db.Read(ctx).Table("cases").Select("creditors.name, cases.first_letter_on, cases.first_letter_channel").
		Joins("JOIN creditors ON creditors.id = cases.creditor_id").
		Joins("LEFT JOIN first_letters ON first_letters.case_id = cases.id AND first_letters.cancelled_at IS NULL").
		Where("cases.first_letter_reference = ? AND (cases.first_letter_on = ? OR first_letters.dated_on = ?)", strings.ToUpper(strings.TrimSpace(reference)), on, on).
		Order("creditors.name").Limit(20).Scan(&found).Error
	for _, f := range found {
		if sentOn, channel = f.FirstLetterOn, f.FirstLetterChannel; !slices.Contains(creditors, f.Name) {
			creditors = append(creditors, f.Name)
		}
	}
	return creditors, sentOn, channel, fault(err, "first letter", reference)
}
