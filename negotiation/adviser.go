package negotiation

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	advisersMax     = 3   // at once, in a case
	adviserDaysMost = 365 // after which a debtor names them again
	advisersNamed   = 9   // in a month, also those that were ended: each is mailed a letter
	adviserNameMax  = 120 // characters
)

// Limits are what an adviser may do, for whom and until when. They are empty
// for every other party. The table adviserMay says what they allow.
type Limits struct {
	ForPartyID *string    // who named them
	MayWrite   bool       // messages, and to contest
	MayPropose bool       // terms
	UntilOn    Day        // the last day
	EndedAt    *time.Time // by a person, before that day
}

// Run says whether the limits still leave anything on a day.
func (l Limits) Run(on Day) bool { return l.EndedAt == nil && !on.After(l.UntilOn) }

// Stands says whether somebody is a party on a day: an adviser only as long as
// the debtor said.
func (p *Party) Stands(on Day) bool { return p.Role != PartyAdviser || p.Limits.Run(on) }

// Advisers are those who stand in the case for a debtor on a day.
func (c *Case) Advisers(on Day) []*Party {
	var standing []*Party
	for i := range c.Parties {
		if p := &c.Parties[i]; p.Role == PartyAdviser && p.Stands(on) {
			standing = append(standing, p)
		}
	}
	return standing
}

// Adviser is whom a debtor names, and what they may do.
type Adviser struct {
	Name       string
	Email      string
	UntilOn    Day
	MayWrite   bool
	MayPropose bool
	Consent    string // how the debtor said so, where an agent writes it down
}

// NameAdviser lets somebody act for a debtor within limits and until a day, and
// writes them a letter with their way in. The debtor says so, or an agent on
// the debtor's behalf.
func (s *Service) NameAdviser(ctx context.Context, by Actor, caseID string, a Adviser) (*Party, error) {
	if by.Role != RoleDebtor && !(by.IsStaff() && by.OnBehalfOf != "") {
		return nil, Refuse(Forbidden, "not_your_role")
	}
	a.Name, a.Email = strings.Join(strings.Fields(a.Name), " "), strings.TrimSpace(a.Email)
	switch {
	case a.Name == "" || utf8.RuneCountInString(a.Name) > adviserNameMax:
		return nil, Refuse(Invalid, "name_missing").On("name")
	case !plausibleEmail(a.Email):
		return nil, Refuse(Invalid, "email_wrong").On("email")
	}
	var named *Party
	err := s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) (err error) {
		named, err = c.nameAdviser(t, by, a)
		return err
	})
	return named, err
}

func (c *Case) nameAdviser(t *Tx, by Actor, a Adviser) (*Party, error) {
	forWhom := c.Party(by.ID)
	if by.OnBehalfOf != "" {
		forWhom = c.Party(by.OnBehalfOf)
	}
	if forWhom == nil || forWhom.Role == PartyAdviser {
		return nil, errNotFound
	}
	if err := c.mayBeAdvised(t.Today, a); err != nil {
		return nil, err
	}
	named := 0
	for i := range c.Parties {
		if p := &c.Parties[i]; p.Role == PartyAdviser && DayOf(p.CreatedAt).After(t.Today.AddMonths(-1)) {
			named++
		}
	}
	if named >= advisersNamed && !by.IsStaff() {
		return nil, Refuse(Conflict, "advisers_named_often")
	}
	// A person of their own, in this case only: who advises several people is
	// not to be known by it.
	person := Person{ID: newID(), Kind: Individual, Name: a.Name, Language: forWhom.Person.Language, CreatedAt: t.Now}
	contact := ContactPoint{ID: newID(), PersonID: person.ID, Kind: ContactEmail, Value: a.Email, Source: "debtor", Preferred: true, CreatedAt: t.Now}
	if by.IsStaff() {
		contact.Source = "agent:" + by.ID
	}
	party := Party{
		ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, PersonID: person.ID, Role: PartyAdviser, CreatedAt: t.Now,
		Limits: Limits{ForPartyID: &forWhom.ID, MayWrite: a.MayWrite, MayPropose: a.MayPropose, UntilOn: a.UntilOn},
	}
	said := map[string]any{"party": party.ID, "name": a.Name, "for": forWhom.ID, "until": a.UntilOn, "write": a.MayWrite, "propose": a.MayPropose}
	if a.Consent != "" {
		said["consent"] = a.Consent
	}
	if err := t.Insert(&person, &contact, &party, c.event(t, by, AdviserNamed, said)); err != nil {
		return nil, err
	}
	party.Person, party.Contacts = person, []ContactPoint{contact}
	c.Parties = append(c.Parties, party)
	_, err := c.Tell(t, by, &party, LetterAdviser, map[string]any{"for": forWhom.Person.Name, "until": a.UntilOn})
	return &party, err
}

// mayBeAdvised refuses an adviser who cannot be named on a day.
func (c *Case) mayBeAdvised(on Day, a Adviser) error {
	switch {
	case c.IsClosed() || c.State == CaseReferred:
		return Refuse(Conflict, "case_is_"+string(c.State))
	case a.UntilOn.IsZero():
		return Refuse(Invalid, "date_missing").On("until")
	case a.UntilOn.Before(on):
		return Refuse(Invalid, "date_is_past").On("until")
	case a.UntilOn.After(on.Add(adviserDaysMost)):
		return Refuse(Invalid, "adviser_too_long").On("until").With("day", on.Add(adviserDaysMost))
	}
	if err := c.Gate(on).Check(Display); err != nil {
		return err
	}
	if len(c.Advisers(on)) >= advisersMax {
		return Refuse(Conflict, "advisers_enough").With("n", advisersMax)
	}
	for i := range c.Parties {
		p := &c.Parties[i]
		known := slices.ContainsFunc(p.Contacts, func(k ContactPoint) bool {
			return k.Kind == ContactEmail && k.Usable() && strings.EqualFold(k.Value, a.Email)
		})
		switch {
		case !known || !p.Stands(on):
		case p.Role == PartyAdviser:
			return Refuse(Conflict, "adviser_named_already").On("email")
		default: // who is a party already needs nobody's leave, and one mailbox would be two visitors
			return Refuse(Invalid, "adviser_is_party").On("email")
		}
	}
	return nil
}

// EndAdviser ends what an adviser may do, at once: the debtor's to say, an
// agent's, or the adviser's own. A second click changes nothing.
func (s *Service) EndAdviser(ctx context.Context, by Actor, caseID, partyID string) error {
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error { return c.EndAdviser(t, by, partyID) })
}

// EndAdviser ends what an adviser may do, inside a transaction on the locked
// case.
func (c *Case) EndAdviser(t *Tx, by Actor, partyID string) error {
	itself := by.Role == RoleAdviser && by.ID == partyID
	if by.Role != RoleDebtor && !by.IsStaff() && !itself {
		return Refuse(Forbidden, "not_your_role")
	}
	p := c.Party(partyID)
	if p == nil || p.Role != PartyAdviser {
		return errNotFound
	}
	if !p.Stands(t.Today) {
		return nil
	}
	p.Limits.EndedAt = &t.Now
	if err := t.Update(p, "EndedAt"); err != nil {
		return err
	}
	return t.Insert(c.event(t, by, AdviserEnded, map[string]any{"party": p.ID, "name": p.Person.Name}))
}
