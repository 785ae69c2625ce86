package negotiation

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"
)

// Subject is what somebody read.
type Subject string

const (
	ReadFile      Subject = "file"      // the whole file of a case was taken
	ReadSituation Subject = "situation" // what was told of a special situation
)

// Reading says that somebody read what is not for everybody, and why. It is
// written before anything is shown, and never changed.
type Reading struct {
	ID         string
	CreditorID string
	CaseID     string
	Subject    Subject
	SubjectID  string
	Need       string // a code of needs, or in words
	ByRole     Role
	ByID       string
	ByName     string
	At         time.Time
}

// needMax is how long the words of a need may be, in characters.
const needMax = 500

// read notes a reading on a case that the actor may see.
func (s *Service) read(ctx context.Context, by Actor, c *Case, subject Subject, id, need string) error {
	need = strings.TrimSpace(need)
	switch {
	case need == "":
		return Refuse(Invalid, "need_missing").On("need")
	case utf8.RuneCountInString(need) > needMax:
		return Refuse(Invalid, "words_too_long").On("need").With("n", needMax)
	}
	return s.write(ctx, func(t *Tx) error {
		return t.Insert(&Reading{
			ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, Subject: subject, SubjectID: id, Need: need,
			ByRole: by.Role, ByID: by.ID, ByName: by.Name, At: t.Now,
		})
	})
}

// TakeFile notes that somebody takes the file of a case. It is a line of the
// access log, not an act: nothing of the case changes.
func (s *Service) TakeFile(ctx context.Context, by Actor, caseID string) error {
	if err := by.only(RoleAgent, RoleAdministrator, RoleCreditor, RoleSystem); err != nil {
		return err
	}
	c, err := s.Case(ctx, by, caseID)
	if err != nil {
		return err
	}
	return s.read(ctx, by, c, ReadFile, "", "file")
}

// SeesReadings says whether an actor sees who read: whoever watches over those
// who read. The others of the agency see what they read themselves.
func (a Actor) SeesReadings() bool { return a.Leads() || a.Role == RoleSystem }

// Readings returns who read what of a case, oldest first, as far as the actor
// sees it.
func (s *Service) Readings(ctx context.Context, by Actor, c *Case) ([]Reading, error) {
	if err := by.only(RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	query := s.db.Read(ctx).Where("case_id = ?", c.ID)
	if !by.SeesReadings() {
		query = query.Where("by_id = ?", by.ID)
	}
	var readings []Reading
	err := query.Order("at, id").Find(&readings).Error
	return readings, fault(err, "readings of case", c.ID)
}
