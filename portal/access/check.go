package access

import (
	"context"
	"crypto/subtle"
	"strings"
	"unicode"

	"amiable/negotiation"
)

// wrongTriesMax is after how many wrong answers a link locks.
const wrongTriesMax = 5

// postcodeMin is the least length of a postcode worth asking for.
const postcodeMin = 4

// Threshold is what a visitor with a good link is met with: one question,
// nothing of the case.
type Threshold struct {
	LinkID   string
	CaseID   string // for ourselves; not to be shown
	PartyID  string
	Check    negotiation.SecondCheck
	Locked   bool   // only a mailed code opens it
	CodeTo   string // masked address a code can go to; empty: none
	CodeSent bool   // a code was asked for, and may still be typed
	Adviser  bool   // it is an adviser's link
	Language string

	personID string
	role     negotiation.PartyRole
}

// Entry is who came in.
type Entry struct {
	LinkID, CaseID, PartyID, Name, Language string

	Kind Kind // of the session that they begin
}

// FindLink says what to ask of the bearer of a token. It changes nothing,
// however often it is called, by whatever scanner of mails. The refusal
// link_unknown is the same, and takes as long, for a token that is unknown,
// expired or revoked.
func (s *Service) FindLink(ctx context.Context, token string) (*Threshold, error) {
	return s.threshold(ctx, s.byToken(token))
}

// FindLinkOf is FindLink for a session that has ended: the same question opens
// it again.
func (s *Service) FindLinkOf(ctx context.Context, v *Visit) (*Threshold, error) {
	return s.threshold(ctx, byVisit(v))
}

func (s *Service) threshold(ctx context.Context, ref linkRef) (*Threshold, error) {
	l, err := s.find(ctx, ref)
	if err != nil {
		return nil, err
	}
	tx := s.db.Read(ctx)
	var known struct {
		SecondCheck negotiation.SecondCheck
		Postcode    string
		PersonID    string
		Language    string
	}
	err = tx.Raw(`SELECT cr.second_check, d.postcode, pe.id AS person_id, pe.language
		FROM cases c JOIN creditors cr ON cr.id = c.creditor_id JOIN debtors d ON d.id = c.debtor_id
		JOIN parties p ON p.id = ? JOIN persons pe ON pe.id = p.person_id WHERE c.id = ?`, l.PartyID, l.CaseID).Scan(&known).Error
	if err != nil {
		return nil, fault(err, "link", l.ID)
	}
	party := negotiation.Party{}
	if err := tx.Where("person_id = ?", known.PersonID).Order("created_at, id").Find(&party.Contacts).Error; err != nil {
		return nil, fault(err, "link", l.ID)
	}
	t := &Threshold{
		LinkID: l.ID, CaseID: l.CaseID, PartyID: l.PartyID, Locked: l.Locked(), Language: known.Language,
		Check: checkFor(l.role, known.SecondCheck, known.Postcode), personID: known.PersonID, role: l.role, Adviser: l.role == negotiation.PartyAdviser,
	}
	if contact, ok := party.Contact(negotiation.ContactEmail); ok {
		t.CodeTo = MaskedAddress(contact.Value)
	}
	if t.Locked || t.Check == negotiation.CheckMailedCode {
		code, err := findCode(tx, l.ID)
		if err != nil {
			return nil, err
		}
		t.CodeSent = code.awaited(s.wallNow())
	}
	return t, nil
}

// checkFor is the creditor's setting, or the invoice number where no postcode
// is on file that one could ask for. What the debtor knows proves no adviser:
// a code is mailed to the address that the debtor gave.
func checkFor(role negotiation.PartyRole, setting negotiation.SecondCheck, postcode string) negotiation.SecondCheck {
	if role == negotiation.PartyAdviser {
		return negotiation.CheckMailedCode
	}
	if setting == negotiation.CheckPostcode && len(plain(postcode)) < postcodeMin {
		return negotiation.CheckInvoiceNumber
	}
	return setting
}

// CheckLink takes the answer to the second check, from a network address. It
// returns who came in, or a refusal: link_unknown, check_wrong (Facts
// tries_left), link_locked, code_wrong, code_gone, answer_missing,
// too_many_tries (Facts minutes).
func (s *Service) CheckLink(ctx context.Context, token, answer, address string) (*Entry, error) {
	return s.check(ctx, s.byToken(token), answer, address)
}

// CheckLinkOf is CheckLink for a session that has ended.
func (s *Service) CheckLinkOf(ctx context.Context, v *Visit, answer, address string) (*Entry, error) {
	return s.check(ctx, byVisit(v), answer, address)
}

func (s *Service) check(ctx context.Context, ref linkRef, answer, address string) (*Entry, error) {
	if err := s.spent(ctx, limitWrongByAddress.of(network(address))); err != nil {
		return nil, err
	}
	entry, err := s.tryOnce(ctx, ref, answer)
	if r := negotiation.AsRefusal(err); r != nil && r.Code != "answer_missing" {
		if tooMany := s.take(ctx, limitWrongByAddress.of(network(address))); tooMany != nil && negotiation.AsRefusal(tooMany) == nil {
			return nil, tooMany
		}
	}
	return entry, err
}

// tryOnce counts and judges one answer under the case's lock, so that no
// number of tries at once gets more than five looks. A wrong answer is written
// down: its refusal leaves the transaction beside the error, not as it.
func (s *Service) tryOnce(ctx context.Context, ref linkRef, answer string) (*Entry, error) {
	known, err := s.find(ctx, ref)
	if err != nil {
		return nil, err
	}
	if plain(answer) == "" {
		return nil, negotiation.Refuse(negotiation.Invalid, "answer_missing").On("answer")
	}
	var entry *Entry
	var refused error
	by := known.actor()
	err = s.negotiation.OnCase(ctx, by, known.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		l, err := findLink(t.DB, linkRef{"id", known.ID}, t.Now)
		if err != nil {
			return err
		}
		party := c.Party(l.PartyID)
		if party == nil {
			return errNoLink()
		}
		wasLocked := l.Locked()
		var right bool
		if check := checkFor(party.Role, c.Creditor.SecondCheck, c.Debtor.Postcode); wasLocked || check == negotiation.CheckMailedCode {
			right, refused, err = s.tryCode(t, l, answer)
		} else if right = answers(check, c, answer); !right {
			refused = negotiation.Refuse(negotiation.Invalid, "check_wrong").On("answer")
		}
		if err != nil {
			return err
		}
		by.Name = party.Person.Name
		if right {
			entry = &Entry{LinkID: l.ID, CaseID: c.ID, PartyID: party.ID, Name: party.Person.Name, Language: party.Person.Language, Kind: KindDebtor}
			if party.Role == negotiation.PartyAdviser {
				entry.Kind, by.OnBehalfOf = KindAdviser, *party.ForPartyID
			}
			if wasLocked {
				return s.unlock(t, c, by, l, "code")
			}
			if l.Tries == 0 {
				return nil
			}
			l.Tries = 0
			return saveTries(t, l)
		}
		r := negotiation.AsRefusal(refused)
		if wasLocked || r == nil || r.Code == "code_gone" {
			return nil // nothing was guessed at, or the lock stands already
		}
		if l.Tries++; l.Tries < wrongTriesMax {
			r.With("tries_left", int(wrongTriesMax-l.Tries))
			return saveTries(t, l)
		}
		l.LockedAt = &t.Now
		refused = negotiation.Refuse(negotiation.Forbidden, "link_locked")
		if err := saveTries(t, l); err != nil {
			return err
		}
		// The visitor is not known to be the party: the act is nobody's.
		if err := c.Event(t, negotiation.System, negotiation.LinkLocked, map[string]any{"link": l.ID, "party": party.ID}); err != nil {
			return err
		}
		return c.TellAgents(t, negotiation.LetterLinkLocked, map[string]any{"link": l.ID, "party": party.ID, "reference": c.Reference})
	})
	if err != nil {
		return nil, fault(err, "link", known.ID)
	}
	return entry, refused
}

// answers says whether an answer is the known fact. Every known value is
// compared, so that the time taken tells nothing.
func answers(check negotiation.SecondCheck, c *negotiation.Case, answer string) bool {
	if check == negotiation.CheckPostcode {
		return samePostcode(c.Debtor.Postcode, answer)
	}
	right := 0
	given := plain(answer)
	for i := range c.Claims {
		if number := plain(c.Claims[i].InvoiceNumber); number != "" {
			right |= subtle.ConstantTimeCompare([]byte(number), []byte(given))
		}
	}
	return right == 1
}

// samePostcode compares the digits where the postcode has only digits, so that
// « 75 011 » and "F-75011 Paris" both do; else letters and digits.
func samePostcode(onFile, answer string) bool {
	want, given := plain(onFile), plain(answer)
	if strings.IndexFunc(want, unicode.IsLetter) < 0 {
		given = digits(given)
	}
	return len(want) >= postcodeMin && subtle.ConstantTimeCompare([]byte(want), []byte(given)) == 1
}

// plain keeps letters and digits, in capitals: what people drop or add when
// they copy a number does not count.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, s)
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// MaskedAddress shows enough of a mail address for its owner to know it, and
// nobody else: c••••@••••.fr.
func MaskedAddress(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok || local == "" {
		return ""
	}
	first := string([]rune(local)[:1])
	end := ""
	if dot := strings.LastIndexByte(domain, '.'); dot >= 0 {
		end = domain[dot:]
	}
	return first + "••••@••••" + end
}
