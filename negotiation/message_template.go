package negotiation

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	templatesMax    = 100 // in use at once
	templateNameMax = 80  // characters
)

// MessageTemplate is a text that agents begin a message with, in one language
// or both. It is nobody's word: what is sent is what an agent made of it.
type MessageTemplate struct {
	ID        string
	Name      string
	WordsFR   string
	WordsEN   string
	ByID      string // who changed it last
	ByName    string
	ChangedAt time.Time
	RetiredAt *time.Time
	CreatedAt time.Time
}

// Placeholders are what may stand in brackets in a template, by its English word
// or its French one; we put in what is so in the case and on the day.
var Placeholders = []string{"debtor", "creditor", "reference", "agent", "agency", "phone", "left"}

var placeholdersInFrench = map[string]string{
	"debtor": "client", "creditor": "créancier", "reference": "dossier", "agent": "conseiller", "agency": "agence", "phone": "téléphone", "left": "reste",
}

// PlaceholderIn is a placeholder as it is written in a language.
func PlaceholderIn(language, name string) string {
	if word := placeholdersInFrench[name]; language == "fr" && word != "" {
		return "[" + word + "]"
	}
	return "[" + name + "]"
}

// placeholderOf is which placeholder a text in brackets means; none where it
// means none.
func placeholderOf(written string) string {
	for _, name := range Placeholders {
		if strings.EqualFold(written, PlaceholderIn("en", name)) || strings.EqualFold(written, PlaceholderIn("fr", name)) {
			return name
		}
	}
	return ""
}

var placeholder = regexp.MustCompile(`\[\pL+\]`)

// Fill returns the text of the template in a language with values put in, and
// the language it is in: the other one where the template has no such text.
func (m *MessageTemplate) Fill(language string, values map[string]string) (words, in string) {
	words, in = m.WordsFR, "fr"
	if (language == "en" && m.WordsEN != "") || words == "" {
		words, in = m.WordsEN, "en"
	}
	return placeholder.ReplaceAllStringFunc(words, func(p string) string {
		if value, known := values[placeholderOf(p)]; known {
			return value
		}
		return p
	}), in
}

// check tidies a template and refuses what cannot be kept.
func (m *MessageTemplate) check() error {
	m.Name = strings.Join(strings.Fields(m.Name), " ")
	if name, ok := tidyWords(m.Name); !ok || name == "" || utf8.RuneCountInString(name) > templateNameMax {
		return Refuse(Invalid, "template_name_missing").On("name").With("n", templateNameMax)
	}
	for field, words := range map[string]*string{"words_fr": &m.WordsFR, "words_en": &m.WordsEN} {
		tidy, ok := tidyWords(*words)
		if *words = tidy; !ok {
			return Refuse(Invalid, "words_unreadable").On(field)
		}
		if utf8.RuneCountInString(tidy) > messageWordsMax {
			return Refuse(Invalid, "words_too_long").On(field).With("n", messageWordsMax)
		}
		for _, p := range placeholder.FindAllString(tidy, -1) {
			if placeholderOf(p) == "" {
				var known []string
				for _, name := range Placeholders {
					known = append(known, PlaceholderIn(strings.TrimPrefix(field, "words_"), name))
				}
				return Refuse(Invalid, "placeholder_unknown").On(field).With("placeholder", p).With("known", strings.Join(known, ", "))
			}
		}
	}
	if m.WordsFR == "" && m.WordsEN == "" {
		return Refuse(Invalid, "template_empty").On("words_fr")
	}
	return nil
}

// SaveTemplate adds a template, or changes the one with its id.
func (s *Service) SaveTemplate(ctx context.Context, by Actor, m MessageTemplate) (*MessageTemplate, error) {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return nil, err
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	err := s.onAgency(ctx, func(t *Tx, a *Agency) error {
		var used []MessageTemplate
		if err := t.Where("retired_at IS NULL").Find(&used).Error; err != nil {
			return fault(err, "templates", "")
		}
		if slices.ContainsFunc(used, func(u MessageTemplate) bool { return u.ID != m.ID && strings.EqualFold(u.Name, m.Name) }) {
			return Refuse(Conflict, "template_named_already").On("name")
		}
		m.ByID, m.ByName, m.ChangedAt, m.RetiredAt = by.ID, by.Name, t.Now, nil
		facts := map[string]any{"template": m.ID, "name": m.Name}
		if m.ID == "" {
			if len(used) >= templatesMax {
				return Refuse(Conflict, "templates_enough").With("n", templatesMax)
			}
			m.ID, m.CreatedAt = newID(), t.Now
			facts["template"] = m.ID
			if err := t.Insert(&m); err != nil {
				return err
			}
			return a.Event(t, by, TemplateSaved, facts)
		}
		i := slices.IndexFunc(used, func(u MessageTemplate) bool { return u.ID == m.ID })
		if i < 0 {
			return errNotFound
		}
		m.CreatedAt = used[i].CreatedAt
		if err := t.Update(&m, "Name", "WordsFR", "WordsEN", "ByID", "ByName", "ChangedAt"); err != nil {
			return fault(err, "template", m.ID)
		}
		return a.Event(t, by, TemplateSaved, facts)
	})
	return &m, err
}

// RetireTemplate takes a template out of use. What was written with it stays. A
// second click changes nothing.
func (s *Service) RetireTemplate(ctx context.Context, by Actor, id string) error {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return err
	}
	if !ValidID(id) {
		return errNotFound
	}
	return s.onAgency(ctx, func(t *Tx, a *Agency) error {
		done := t.Model(&MessageTemplate{}).Where("id = ? AND retired_at IS NULL", id).Update("retired_at", t.Now)
		if done.Error != nil || done.RowsAffected == 0 {
			return fault(done.Error, "template", id)
		}
		return a.Event(t, by, TemplateRetired, map[string]any{"template": id})
	})
}

// Templates returns the templates in use, by name.
func (s *Service) Templates(ctx context.Context) ([]MessageTemplate, error) {
	var used []MessageTemplate
	err := s.db.Read(ctx).Where("retired_at IS NULL").Order("name, id").Limit(templatesMax).Find(&used).Error
	return used, fault(err, "templates", "")
}
