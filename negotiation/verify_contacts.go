package negotiation

import (
	"context"
	"time"

	"amiable/negotiation/day"
)

// contactsAtOnce is how many contacts are read at a time.
const contactsAtOnce = 5000

// verifyContacts checks that whatever asks or reminds was counted, left at an
// hour at which its rules let it, and never more often than they do. What a
// person posted counts, and is not judged; what was not known yet when a letter
// left (a first letter posted on Monday and written down on Thursday) is not
// held against it.
func (s *Service) verifyContacts(ctx context.Context) ([]Invariant, error) {
	counted := Invariant{Name: "every letter that asks or reminds is counted once it left"}
	hours := Invariant{Name: "no letter that asks or reminds left in quiet hours"}
	often := Invariant{Name: "nobody is contacted more often than the rules let us"}

	left := s.db.Read(ctx).Table("letters").Where("recipient = ? AND owed = ? AND state IN ?", ToParty, false, []LetterState{LetterSentState, LetterDelivered, LetterBounced})
	if err := left.Count(&counted.Checked).Error; err != nil {
		return nil, fault(err, "letters", "")
	}
	var missing []string
	err := s.db.Read(ctx).Table("letters").Where("recipient = ? AND owed = ? AND state IN ?", ToParty, false, []LetterState{LetterSentState, LetterDelivered, LetterBounced}).
		Where("NOT EXISTS (SELECT 1 FROM contacts_made m WHERE m.id = letters.id)").Limit(breaksMax).Pluck("id", &missing).Error
	if err != nil {
		return nil, fault(err, "letters", "")
	}
	for _, id := range missing {
		counted.Break("letter %s", id)
	}

	var of []ContactMade // one person's
	person, at := "", ""
	for {
		var made []ContactMade
		query := s.db.Read(ctx).Order("person_id, id").Limit(contactsAtOnce)
		if person != "" {
			query = query.Where("person_id > ? OR (person_id = ? AND id > ?)", person, person, at)
		}
		if err := query.Find(&made).Error; err != nil {
			return nil, fault(err, "contacts", "")
		}
		for i := range made {
			if len(of) > 0 && of[0].PersonID != made[i].PersonID {
				judgeContacts(of, &hours, &often)
				of = of[:0]
			}
			of = append(of, made[i])
		}
		if len(made) < contactsAtOnce {
			judgeContacts(of, &hours, &often)
			return []Invariant{counted, hours, often}, nil
		}
		person, at = made[len(made)-1].PersonID, made[len(made)-1].ID
	}
}

// judgeContacts judges all contacts of one person.
func judgeContacts(made []ContactMade, hours, often *Invariant) {
	for i := range made {
		m := &made[i]
		if !m.Judged {
			continue
		}
		rules := ContactRulesOn(DayOf(m.At))
		hours.Checked++
		if _, open := rules.open(asked{channel: m.Channel, place: m.Place}, m.At); !open {
			hours.Break("letter %s left on %s at %s, %s", m.ID, day.Of(m.At.In(m.Place.Zone())), m.At.In(m.Place.Zone()).Format("15:04"), m.Place)
		}
		var before []time.Time
		for k := range made {
			if k != i && !made[k].CreatedAt.After(m.At) && !made[k].At.After(m.At) {
				before = append(before, made[k].At)
			}
		}
		often.Checked++
		if from, ok := rules.uncounted(before, m.At); !ok {
			often.Break("letter %s left on %s, the person could be contacted again on %s", m.ID, DayOf(m.At), DayOf(from))
		}
	}
}
