package access

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation"
)

// A letter's code is ten characters that cannot be taken for one another, read
// aloud or written by hand: 46 bits. It finds the letter and opens nothing: the
// second check is still asked, with the five tries of any link.
const (
	letterCodeLength   = 10
	letterCodeAlphabet = "34679ACDEFGHJKMNPQRTUVWXY" // no 0 O 1 I L 5 S 8 B 2 Z
	letterCodeGood     = 365 * 24 * time.Hour        // by the product's clock, from when the letter is made
	letterCodeDraws    = 8                           // two letters with one code are drawn apart
)

// letterCode is where a code leads.
type letterCode struct {
	LetterID   string `gorm:"primaryKey"`
	CreditorID string
	CaseID     string
	PartyID    string
	CodeHash   []byte
	Draw       int64
	RevokedAt  *time.Time
	ExpiresAt  time.Time
	CreatedAt  time.Time
}

// codeOf works out the code of a letter: the same each time it is printed, and
// nobody's to read out of the database.
func (s *Service) codeOf(letterID string, draw int64) string {
	sum := mac(s.keys.letterCodes, letterID, fmt.Sprint(draw))
	n := binary.BigEndian.Uint64(sum) // 2^64 draws over 25^10 codes: no code is likelier to speak of
	code := make([]byte, letterCodeLength)
	for i := range code {
		code[i] = letterCodeAlphabet[n%uint64(len(letterCodeAlphabet))]
		n /= uint64(len(letterCodeAlphabet))
	}
	return string(code)
}

func (s *Service) hashOfCode(code string) []byte { return mac(s.keys.letterHashes, plain(code)) }

// tokenOf is the token of the one link that a letter's code leads to: typing
// the code again gives no new tries at the second check.
func (s *Service) tokenOf(letterID string) string {
	return tokenFrom(mac(s.keys.letterTokens, letterID))
}

// CarryCode gives a letter its code, inside the transaction that makes it.
func (s *Service) CarryCode(t *negotiation.Tx, c *negotiation.Case, party *negotiation.Party, letterID string) error {
	for draw := range int64(letterCodeDraws) {
		hash := s.hashOfCode(s.codeOf(letterID, draw))
		var taken int64
		if err := t.Model(&letterCode{}).Where("code_hash = ?", hash).Count(&taken).Error; err != nil {
			return fault(err, "code of letter", letterID)
		}
		if taken > 0 {
			continue
		}
		return t.Insert(&letterCode{
			LetterID: letterID, CreditorID: c.CreditorID, CaseID: c.ID, PartyID: party.ID, CodeHash: hash, Draw: draw,
			ExpiresAt: t.Now.Add(letterCodeGood), CreatedAt: t.Now,
		})
	}
	return fmt.Errorf("letter %s: no free code in %d draws", letterID, letterCodeDraws)
}

// LetterCodes returns the codes of letters, to be printed on them.
func (s *Service) LetterCodes(ctx context.Context, letterIDs ...string) (map[string]string, error) {
	codes := map[string]string{}
	for part := range slices.Chunk(letterIDs, 500) {
		var found []letterCode
		if err := s.db.Read(ctx).Where("letter_id IN ?", part).Find(&found).Error; err != nil {
			return nil, fault(err, "codes of letters", "")
		}
		for _, f := range found {
			codes[f.LetterID] = s.codeOf(f.LetterID, f.Draw)
		}
	}
	return codes, nil
}

// Writer says who wrote a letter for whom. It names nobody to whom.
type Writer struct {
	Creditors []string
	SentOn    negotiation.Day
	Channel   string
}

func errNoCode() error {
	return negotiation.Refuse(negotiation.NotFound, "code_unknown").On("code")
}

// FindLetterCode says who wrote the letter with a code, without opening
// anything. The refusal code_unknown is the same, and takes as long, for a code
// that is unknown, expired, revoked, or of a letter that has not left.
func (s *Service) FindLetterCode(ctx context.Context, code, address string) (*Writer, error) {
	var writer *Writer
	err := s.guess(ctx, address, func() error {
		_, w, err := s.findLetter(ctx, code)
		writer = w
		return err
	})
	return writer, err
}

// FindLetter is FindLetterCode for who has the letter's reference and date.
func (s *Service) FindLetter(ctx context.Context, reference string, on negotiation.Day, address string) (*Writer, error) {
	var writer *Writer
	err := s.guess(ctx, address, func() error {
		creditors, sentOn, channel, err := s.negotiation.WritersOf(ctx, reference, on)
		if err != nil {
			return err
		}
		if len(creditors) == 0 {
			return errNoCode()
		}
		writer = &Writer{Creditors: creditors, SentOn: sentOn, Channel: channel}
		return nil
	})
	return writer, err
}

// OpenByCode returns the token of the link that a letter's code leads to, where
// the second check is asked. Refusals: code_unknown, too_many_tries.
func (s *Service) OpenByCode(ctx context.Context, code, address string) (token string, err error) {
	err = s.guess(ctx, address, func() error {
		found, _, err := s.findLetter(ctx, code)
		if err != nil {
			return err
		}
		token = s.tokenOf(found.LetterID)
		return s.openLetter(ctx, found, token)
	})
	return token, err
}

// openLetter makes the link of a letter's code when it is first used.
func (s *Service) openLetter(ctx context.Context, found *letterCode, token string) error {
	if _, err := s.find(ctx, s.byToken(token)); err == nil {
		return nil
	} else if negotiation.AsRefusal(err) == nil {
		return err
	}
	err := s.negotiation.OnCase(ctx, negotiation.System, found.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		var there int64
		if err := t.Model(&Link{}).Where("token_hash = ?", mac(s.keys.links, token)).Count(&there).Error; err != nil || there > 0 {
			return err
		}
		return t.Insert(&Link{
			ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, PartyID: found.PartyID, TokenHash: mac(s.keys.links, token),
			ExpiresAt: found.ExpiresAt, CreatedAt: t.Now,
		})
	})
	return fault(err, "letter", found.LetterID)
}

// findLetter costs the same queries whatever is found.
func (s *Service) findLetter(ctx context.Context, code string) (*letterCode, *Writer, error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return nil, nil, err
	}
	tx := s.db.Read(ctx)
	var found []struct {
		Code     letterCode `gorm:"embedded"`
		PersonID string
		Creditor string
		PostedOn negotiation.Day
		Channel  string
	}
	err = tx.Table("letter_codes").Select("letter_codes.*, parties.person_id, creditors.name AS creditor, first_letters.posted_on, letters.channel").
		Joins("JOIN parties ON parties.id = letter_codes.party_id").Joins("JOIN creditors ON creditors.id = letter_codes.creditor_id").
		Joins("JOIN first_letters ON first_letters.letter_id = letter_codes.letter_id").Joins("JOIN letters ON letters.id = letter_codes.letter_id").
		Where("letter_codes.code_hash = ?", s.hashOfCode(code)).Limit(1).Find(&found).Error
	if err != nil {
		return nil, nil, fault(err, "letter code", "")
	}
	caseID, personID := noID, noID
	if len(found) > 0 {
		caseID, personID = found[0].Code.CaseID, found[0].PersonID
	}
	closed, err := linksClosed(tx, caseID, personID, now)
	if err != nil {
		return nil, nil, err
	}
	if len(found) == 0 || closed || found[0].Code.RevokedAt != nil || !now.Before(found[0].Code.ExpiresAt) || found[0].PostedOn.IsZero() {
		return nil, nil, errNoCode()
	}
	f := found[0]
	return &f.Code, &Writer{Creditors: []string{f.Creditor}, SentOn: f.PostedOn, Channel: channelWord(f.Channel)}, nil
}

// channelWord is how a first letter's channel is written where it is recorded.
func channelWord(channel string) string {
	if channel == string(negotiation.ContactEmail) {
		return "mail"
	}
	return channel
}

// linksClosed says whether a hold closes the links of a case or person.
func linksClosed(tx *gorm.DB, caseID, personID string, now time.Time) (bool, error) {
	var holds []negotiation.Hold
	if err := tx.Where("(case_id = ? OR person_id = ?) AND lifted_at IS NULL", caseID, personID).Find(&holds).Error; err != nil {
		return false, fault(err, "link", "")
	}
	return slices.ContainsFunc(holds, func(h negotiation.Hold) bool {
		return h.Reason.RevokesLinks() && h.Runs(negotiation.DayOf(now))
	}), nil
}

// guess lets somebody try a code or a reference: so often from an address, and
// so often in all, whoever it is. A try that finds something is given back.
func (s *Service) guess(ctx context.Context, address string, look func() error) error {
	byAddress, overall := limitLetterByAddress.of(network(address)), limitLetterOverall.of("all")
	if err := s.take(ctx, byAddress, overall); err != nil {
		if negotiation.AsRefusal(err) == nil {
			return err
		}
		return errors.Join(s.alarm(ctx, overall), err)
	}
	err := look()
	if err == nil {
		return errors.Join(s.giveBack(ctx, byAddress), s.giveBack(ctx, overall))
	}
	return err
}

// alarm tells the agents, at most once in a window, that codes are tried by so
// many addresses that nobody's may be tried any more.
func (s *Service) alarm(ctx context.Context, overall try) error {
	if err := s.spent(ctx, overall); negotiation.AsRefusal(err) == nil {
		return err // one address alone: no alarm
	}
	if err := s.take(ctx, limitLetterAlarm.of("all")); negotiation.AsRefusal(err) != nil {
		return nil
	} else if err != nil {
		return err
	}
	agency, err := s.negotiation.Agency(ctx)
	if err != nil || agency.Email == "" {
		return err
	}
	return s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, a *negotiation.Agency) error {
		if err := t.TellUser(a.Email, a.Language, negotiation.ToAgent, negotiation.LetterCodeAlarm, map[string]any{"tries": limitLetterOverall.most}); err != nil {
			return err
		}
		return a.Event(t, negotiation.System, negotiation.CodesTried, map[string]any{"tries": limitLetterOverall.most})
	})
}

// CleanCode is a code as it may be shown again in a field: what a person could
// have typed, and no more.
func CleanCode(code string) string {
	code = cut(plain(strings.ToValidUTF8(code, "")), 2*letterCodeLength)
	if len(code) == letterCodeLength {
		return code[:5] + " " + code[5:]
	}
	return code
}
