package negotiation

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"amiable/negotiation/money"
)

// Notices is how a creditor likes to be told by mail of money that came in.
type Notices string

const (
	NoticesAtOnce Notices = "at_once"
	NoticesDaily  Notices = "daily"
	// NoticesNone leaves the rest to the pages. What the law owes is told all
	// the same, once a day: each payment that is of no plan (CPCE R124-5).
	NoticesNone Notices = "none"
)

// AllNotices are the choices, in the order in which they are offered.
var AllNotices = []Notices{NoticesAtOnce, NoticesDaily, NoticesNone}

// Why a notice of a payment does not leave by itself.
const (
	WaitsForDigest Reason = "digest"      // it is told with the others of its day
	NotByMail      Reason = "not_by_mail" // the creditor reads it on its pages
	digestHour            = 7             // in the legal zone: before the day's work
	digestRows            = 20            // told one by one; the rest are counted
)

// TellPayment writes the notice of a payment due to the creditor, as it likes
// to be told. ofPlan says that the payment is of a plan, which the creditor
// knows already: the law does not ask for a notice of it.
func (c *Case) TellPayment(t *Tx, facts any, ofPlan bool) error {
	l, err := t.letter(LetterPaymentNotice, facts)
	if err != nil {
		return err
	}
	l.CreditorID, l.CaseID, l.Recipient, l.Language, l.Address = &c.CreditorID, &c.ID, ToCreditor, c.Creditor.Language, c.Creditor.Email
	switch n := c.Creditor.Notices; {
	case n == NoticesNone && ofPlan:
		l.State, l.BlockedBy = LetterStopped, string(NotByMail)
	case n == NoticesNone, n == NoticesDaily:
		l.State, l.BlockedBy = LetterStopped, string(WaitsForDigest)
	}
	return t.Insert(l)
}

// SetNotices changes how a creditor is told of money that came in, and in which
// language it is told of anything.
func (s *Service) SetNotices(ctx context.Context, by Actor, creditorID string, n Notices, language string) error {
	if !by.IsStaff() && (by.Role != RoleCreditor || by.CreditorID != creditorID) {
		return Refuse(Forbidden, "not_your_role")
	}
	if n != NoticesAtOnce && n != NoticesDaily && n != NoticesNone {
		return Refuse(Invalid, "notices_unknown").On("notices")
	}
	if !slices.Contains(Languages, language) {
		return Refuse(Invalid, "language_unknown").On("language")
	}
	return s.onCreditor(ctx, creditorID, func(t *Tx, c *Creditor) error {
		if c.Notices == n && c.Language == language {
			return nil
		}
		event, err := c.next(StreamCreditor, c.ID, by, CreditorChanged, map[string]any{"notices": n, "language": language}, t.Now)
		if err != nil {
			return err
		}
		if err := t.Insert(event); err != nil {
			return err
		}
		c.Notices, c.Language = n, language
		return fault(t.Model(c).Where("id = ?", c.ID).Select("Notices", "Language").Updates(c).Error, "creditor", c.ID)
	})
}

// Digest is what came in for a creditor, told in one mail.
type Digest struct {
	Count int          `json:"count"`
	Total money.Amount `json:"total"`
	Rows  []DigestRow  `json:"rows"`
	More  int          `json:"more,omitempty"`
}

// DigestRow is one payment of a digest.
type DigestRow struct {
	Debtor string       `json:"debtor"`
	Amount money.Amount `json:"amount"`
	On     Day          `json:"on"`
}

// SendDigests tells creditors once a day, in one letter each, what came in
// until the day began. It is safe to repeat: a notice is told once.
func (s *Service) SendDigests(ctx context.Context, limit int) (written int, err error) {
	now, err := s.Now(ctx)
	if err != nil {
		return 0, err
	}
	morning := DayOf(now).In(Zone)
	if now.Before(morning.Add(digestHour * time.Hour)) {
		return 0, nil
	}
	var creditors []string
	err = s.db.Read(ctx).Model(&Letter{}).Distinct("creditor_id").Where("state = ? AND blocked_by = ? AND created_at < ?", LetterStopped, WaitsForDigest, morning.UTC()).
		Limit(limit).Pluck("creditor_id", &creditors).Error
	if err != nil {
		return 0, fault(err, "digests due", "")
	}
	for _, id := range creditors {
		if err := s.onCreditor(ctx, id, func(t *Tx, c *Creditor) error { return c.digest(t, morning) }); err != nil {
			return written, err
		}
		written++
	}
	return written, nil
}

func (c *Creditor) digest(t *Tx, until time.Time) error {
	var waiting []Letter
	err := t.Where("creditor_id = ? AND state = ? AND blocked_by = ? AND created_at < ?", c.ID, LetterStopped, WaitsForDigest, until.UTC()).Order("created_at, id").Find(&waiting).Error
	if err != nil || len(waiting) == 0 {
		return fault(err, "digest of creditor", c.ID)
	}
	ids := make([]string, 0, len(waiting))
	sums := map[money.Currency]*Digest{}
	for i := range waiting {
		ids = append(ids, waiting[i].ID)
		var row DigestRow
		if err := json.Unmarshal([]byte(waiting[i].Facts), &row); err != nil {
			return fault(err, "letter", waiting[i].ID)
		}
		d := sums[row.Amount.Currency]
		if d == nil {
			d = &Digest{Total: row.Amount.Zero()}
			sums[row.Amount.Currency] = d
		}
		d.Count, d.Total = d.Count+1, d.Total.Add(row.Amount)
		if len(d.Rows) < digestRows {
			d.Rows = append(d.Rows, row)
		} else {
			d.More++
		}
	}
	for _, d := range sums {
		l, err := t.letter(LetterDigest, d)
		if err != nil {
			return err
		}
		l.CreditorID, l.Recipient, l.Language, l.Address = &c.ID, ToCreditor, c.Language, c.Email
		if err := t.Insert(l); err != nil {
			return err
		}
	}
	return fault(t.Model(&Letter{}).Where("id IN ?", ids).Update("state", LetterCancelled).Error, "digest of creditor", c.ID)
}
