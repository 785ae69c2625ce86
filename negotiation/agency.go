package negotiation

import (
	"context"
	"slices"
	"strings"
	"time"

	"amiable/negotiation/database"
)

// CollectorKind switches the rule set: the law binds those who collect for
// others (CPCE L124-1), not a creditor's own service nor regulated professions.
type CollectorKind string

const (
	ThirdParty CollectorKind = "third_party"
	InHouse    CollectorKind = "in_house"
	Regulated  CollectorKind = "regulated"
)

// Agency runs this installation and collects amicably for its creditors.
type Agency struct {
	ID            string
	Name          string
	SIREN         string `gorm:"column:siren"`
	Street        string
	Postcode      string
	City          string
	Country       string
	Phone         string
	Email         string
	Language      string // of the mails to Email
	Hours         string // when the phone is answered, as it is printed
	AgentName     string // who signs the messages to debtors
	CollectorKind CollectorKind

	// FirstLetterByEmail lets first letters leave by mail where there is an
	// address; without it they are printed and posted.
	FirstLetterByEmail bool

	Head      `gorm:"embedded"`
	CreatedAt time.Time
	Papers    []Paper `gorm:"-"`
}

// TableName names the table for gorm.
func (Agency) TableName() string { return "agencies" }

// PaperKind is a paper that a collector must have on file before collecting
// for others (CPCE R124-2).
type PaperKind string

const (
	PaperInsurance   PaperKind = "insurance"   // professional liability policy
	PaperAccount     PaperKind = "account"     // bank account used only to receive creditors' funds
	PaperDeclaration PaperKind = "declaration" // written declaration to the public prosecutor
)

// PaperKinds are all of them, in the order of the article.
var PaperKinds = []PaperKind{PaperInsurance, PaperAccount, PaperDeclaration}

// Paper is one of the collector's papers, with the days it is good for.
type Paper struct {
	ID         string
	AgencyID   string
	Kind       PaperKind
	Reference  string
	FileHash   string
	ValidFrom  Day
	ValidUntil Day // none: until further notice
	CreatedAt  time.Time
}

// MissingPapers returns the kinds of paper that are not on file, or not good,
// on a day. Only a third-party collector needs any.
func (a *Agency) MissingPapers(on Day) []PaperKind {
	if a.CollectorKind != ThirdParty {
		return nil
	}
	var missing []PaperKind
	for _, kind := range PaperKinds {
		good := false
		for _, p := range a.Papers {
			if p.Kind == kind && !on.Before(p.ValidFrom) && (p.ValidUntil.IsZero() || !on.After(p.ValidUntil)) {
				good = true
			}
		}
		if !good {
			missing = append(missing, kind)
		}
	}
	return missing
}

// FoundAgency creates the agency of this installation. There is one.
func (s *Service) FoundAgency(ctx context.Context, by Actor, a Agency) (*Agency, error) {
	if err := by.only(RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	a.Name = strings.TrimSpace(a.Name)
	if a.Name == "" {
		return nil, Refuse(Invalid, "name_missing").On("name")
	}
	if a.SIREN != "" && !ValidSIREN(a.SIREN) {
		return nil, Refuse(Invalid, "siren_wrong").On("siren")
	}
	switch a.CollectorKind {
	case ThirdParty, InHouse, Regulated:
	default:
		return nil, Refuse(Invalid, "collector_kind_unknown").On("collector_kind")
	}
	if a.Language == "" {
		a.Language = Languages[0]
	}
	if !slices.Contains(Languages, a.Language) {
		return nil, Refuse(Invalid, "language_unknown").On("language")
	}
	if a.Country == "" {
		a.Country = "FR"
	}
	err := s.write(ctx, func(t *Tx) error {
		var n int64
		if err := t.Model(&Agency{}).Count(&n).Error; err != nil {
			return err
		}
		if n > 0 {
			return Refuse(Conflict, "agency_exists")
		}
		a.ID, a.CreatedAt = newID(), t.Now
		event, err := a.next(StreamAgency, a.ID, by, AgencyFounded, map[string]any{"name": a.Name}, t.Now)
		if err != nil {
			return err
		}
		return t.Insert(&a, event)
	})
	return &a, err
}

// Agency returns the agency of this installation with its papers, or a
// refusal (agency_missing) before it is founded.
func (s *Service) Agency(ctx context.Context) (*Agency, error) {
	var (
		found  []Agency
		papers []Paper
	)
	err := s.db.Send(s.db.Read(ctx),
		database.Statement{SQL: selectAgency, Rows: database.Read(&found), What: "agency"},
		database.Statement{SQL: selectPapers, Rows: database.Read(&papers), What: "papers"})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, Refuse(NotFound, "agency_missing")
	}
	found[0].Papers = papers
	return &found[0], nil
}

// FilePaper puts one of the collector's papers on file.
func (s *Service) FilePaper(ctx context.Context, by Actor, p Paper) (*Paper, error) {
	if err := by.only(RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	switch {
	case p.Kind != PaperInsurance && p.Kind != PaperAccount && p.Kind != PaperDeclaration:
		return nil, Refuse(Invalid, "paper_kind_unknown").On("kind")
	case strings.TrimSpace(p.Reference) == "":
		return nil, Refuse(Invalid, "reference_missing").On("reference")
	case p.ValidFrom.IsZero():
		return nil, Refuse(Invalid, "date_missing").On("valid_from")
	case !p.ValidUntil.IsZero() && p.ValidUntil.Before(p.ValidFrom):
		return nil, Refuse(Invalid, "dates_reversed").On("valid_until")
	}
	err := s.onAgency(ctx, func(t *Tx, a *Agency) error {
		p.ID, p.AgencyID, p.CreatedAt = newID(), a.ID, t.Now
		event, err := a.next(StreamAgency, a.ID, by, PapersFiled, map[string]any{"kind": p.Kind, "reference": p.Reference, "until": p.ValidUntil}, t.Now)
		if err != nil {
			return err
		}
		return t.Insert(&p, event)
	})
	return &p, err
}

// OnAgency locks the agency, lets do decide and write, and saves its chain: for
// the packages to the left, whose acts belong to no case.
func (s *Service) OnAgency(ctx context.Context, do func(t *Tx, a *Agency) error) error {
	return s.onAgency(ctx, do)
}

// Event records an event on the agency's chain.
func (a *Agency) Event(t *Tx, by Actor, kind EventKind, content any) error {
	e, err := a.next(StreamAgency, a.ID, by, kind, content, t.Now)
	if err != nil {
		return err
	}
	return t.Insert(e)
}

// ChangeAgency changes how the agency presents itself.
func (s *Service) ChangeAgency(ctx context.Context, by Actor, changed Agency) error {
	if err := by.only(RoleAdministrator, RoleSystem); err != nil {
		return err
	}
	if strings.TrimSpace(changed.Name) == "" {
		return Refuse(Invalid, "name_missing").On("name")
	}
	if changed.SIREN != "" && !ValidSIREN(changed.SIREN) {
		return Refuse(Invalid, "siren_wrong").On("siren")
	}
	switch changed.CollectorKind {
	case ThirdParty, InHouse, Regulated:
	default:
		return Refuse(Invalid, "collector_kind_unknown").On("kind")
	}
	if changed.Language == "" {
		changed.Language = Languages[0]
	}
	if !slices.Contains(Languages, changed.Language) {
		return Refuse(Invalid, "language_unknown").On("language")
	}
	return s.onAgency(ctx, func(t *Tx, a *Agency) error {
		event, err := a.next(StreamAgency, a.ID, by, AgencyChanged, map[string]any{"name": changed.Name}, t.Now)
		if err != nil {
			return err
		}
		if err := t.Insert(event); err != nil {
			return err
		}
		columns := []string{"Name", "SIREN", "Street", "Postcode", "City", "Phone", "Email", "Language", "Hours", "CollectorKind"}
		if changed.AgentName != "" {
			columns = append(columns, "AgentName")
		}
		return fault(t.Model(a).Where("id = ?", a.ID).Select(columns).Updates(changed).Error, "agency", a.ID)
	})
}
