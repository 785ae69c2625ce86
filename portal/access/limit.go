package access

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation"
)

// limit is how often something may be tried within a sliding window.
type limit struct {
	bucket string
	most   int64
	within time.Duration
}

// The limits of the door. Those by address are generous: a mobile network puts
// thousands of people behind one.
var (
	limitWrongByAddress = limit{"wrong_check_address", 100, time.Hour}
	limitCodeOfLink     = limit{"code_link", 3, time.Hour}
	limitCodeOfPerson   = limit{"code_person", 10, 24 * time.Hour}
	limitAskByAddress   = limit{"ask_address", 30, time.Hour}      // codes, links, new passwords
	limitLinkToMailbox  = limit{"link_mailbox", 3, 24 * time.Hour} // each new link is five tries more
	limitResetToMailbox = limit{"reset_mailbox", 3, time.Hour}
	limitSignInPair     = limit{"sign_in_pair", 5, 15 * time.Minute} // account and address
	limitSignInAccount  = limit{"sign_in_account", 50, time.Hour}
	limitSignInAddress  = limit{"sign_in_address", 50, 15 * time.Minute}
	limitAuthenticator  = limit{"authenticator", 5, 5 * time.Minute}

	// Codes of letters are tried by who has none yet: few from one address, and
	// so few in all that a guesser with a thousand addresses gets nowhere.
	limitLetterByAddress = limit{"letter_address", 10, time.Hour}
	limitLetterOverall   = limit{"letter_overall", 500, time.Hour}
	limitLetterAlarm     = limit{"letter_alarm", 1, time.Hour}

	limitPasswordOfUser = limit{"password_user", 5, 15 * time.Minute}
)

const (
	codeTooMany           = "too_many_tries"
	counterKeptAfterwards = time.Minute
)

// rateCounter is one key's count in a bucket.
type rateCounter struct {
	Bucket       string `gorm:"primaryKey"`
	KeyHash      []byte `gorm:"primaryKey"`
	WindowNumber int64
	Hits         int64
	HitsBefore   int64
	ExpiresAt    time.Time
}

// try is one use of a limit by somebody.
type try struct {
	limit
	key string
}

func (l limit) of(key string) try { return try{l, key} }

// take counts a try against each limit, in order, and refuses it at the first
// that there were too many of. Count and answer are one statement, so that no
// number of tries at once gets past. A refused try is not counted further: the
// way opens again by waiting.
func (s *Service) take(ctx context.Context, tries ...try) error {
	now := s.wallNow()
	var refused error
	err := s.db.Transaction(ctx, func(tx *gorm.DB) error {
		for _, l := range tries {
			number, elapsed := l.window(now)
			var after rateCounter
			err := tx.Raw(`INSERT INTO rate_counters AS c (bucket, key_hash, window_number, hits, hits_before, expires_at) VALUES (?, ?, ?, 1, 0, ?)
				ON CONFLICT (bucket, key_hash) DO UPDATE SET
					hits_before = CASE excluded.window_number - c.window_number WHEN 0 THEN c.hits_before WHEN 1 THEN c.hits ELSE 0 END,
					hits = CASE WHEN excluded.window_number <> c.window_number THEN 1 WHEN c.hits > ? THEN c.hits ELSE c.hits + 1 END,
					window_number = excluded.window_number, expires_at = excluded.expires_at
				RETURNING bucket, key_hash, window_number, hits, hits_before, expires_at`,
				l.bucket, s.limitKey(l), number, now.Add(2*l.within+counterKeptAfterwards), l.most).Scan(&after).Error
			if err != nil {
				return fault(err, "limit", l.bucket)
			}
			if refused = l.judge(after, number, elapsed, 0); refused != nil {
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return refused
}

// spent refuses when a try more would be too many, and counts nothing.
func (s *Service) spent(ctx context.Context, l try) error {
	number, elapsed := l.window(s.wallNow())
	var found []rateCounter
	err := s.db.Read(ctx).Where("bucket = ? AND key_hash = ?", l.bucket, s.limitKey(l)).Limit(1).Find(&found).Error
	if err != nil || len(found) == 0 {
		return fault(err, "limit", l.bucket)
	}
	return l.judge(found[0], number, elapsed, 1)
}

// forget wipes the counts, after a success that proves who tried.
func (s *Service) forget(ctx context.Context, tries ...try) error {
	return s.db.Transaction(ctx, func(tx *gorm.DB) error {
		for _, l := range tries {
			if err := tx.Where("bucket = ? AND key_hash = ?", l.bucket, s.limitKey(l)).Delete(&rateCounter{}).Error; err != nil {
				return fault(err, "limit", l.bucket)
			}
		}
		return nil
	})
}

// giveBack takes one try off again: it succeeded, but says nothing about the
// others that came from the same place.
func (s *Service) giveBack(ctx context.Context, l try) error {
	return s.db.Transaction(ctx, func(tx *gorm.DB) error {
		return fault(tx.Model(&rateCounter{}).Where("bucket = ? AND key_hash = ? AND hits > 0", l.bucket, s.limitKey(l)).
			Update("hits", gorm.Expr("hits - 1")).Error, "limit", l.bucket)
	})
}

func (s *Service) limitKey(l try) []byte { return mac(s.keys.limits, l.bucket, l.key) }

func (l limit) window(now time.Time) (number int64, elapsed time.Duration) {
	ns, size := now.UnixNano(), l.within.Nanoseconds()
	return ns / size, time.Duration(ns % size)
}

// judge weighs the last window by how much of it the sliding one still covers.
func (l limit) judge(c rateCounter, number int64, elapsed time.Duration, more int64) error {
	current, before := c.Hits, c.HitsBefore
	switch number - c.WindowNumber {
	case 0:
	case 1:
		current, before = 0, c.Hits
	default:
		current, before = 0, 0
	}
	size, left := l.within.Milliseconds(), (l.within - elapsed).Milliseconds()
	if current+more+before*left/size <= l.most {
		return nil
	}
	// How long until one more try fits: in this window, once enough of the last
	// one has slid out; else in the next.
	wait := left
	if room := l.most - 1 - min(current, l.most-1); room > 0 && before > 0 {
		wait = max(left-size*room/before, 0)
	} else if current > 0 {
		wait = left + size - min(size, size*(l.most-1)/current)
	}
	return negotiation.Refuse(negotiation.Forbidden, codeTooMany).With("minutes", (wait+59_999)/60_000)
}

// network is what counts as one address: the whole of a customer's network in
// IPv6, where every device has billions.
func network(address string) string {
	a, err := netip.ParseAddr(strings.Trim(address, "[]"))
	if err != nil {
		return address
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	prefix, err := a.Prefix(64)
	if err != nil {
		return a.String()
	}
	return prefix.String()
}
