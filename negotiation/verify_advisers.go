package negotiation

import "context"

// verifyAdvisers checks that whoever acts for a debtor was named by one, in the
// same case, and never did what binds.
func (s *Service) verifyAdvisers(ctx context.Context) ([]Invariant, error) {
	named := Invariant{Name: "every adviser was named by a party of the same case, until a day"}
	if err := s.db.Read(ctx).Model(&Party{}).Where("role = ?", PartyAdviser).Count(&named.Checked).Error; err != nil {
		return nil, fault(err, "advisers", "")
	}
	var off []string
	err := s.db.Read(ctx).Raw(`SELECT p.id FROM parties p LEFT JOIN parties f ON f.id = p.for_party_id
		WHERE (p.role = ? AND (f.id IS NULL OR f.case_id <> p.case_id OR f.role = ? OR p.until_on IS NULL))
			OR (p.role <> ? AND (p.for_party_id IS NOT NULL OR p.may_write OR p.may_propose)) LIMIT ?`,
		PartyAdviser, PartyAdviser, PartyAdviser, breaksMax).Scan(&off).Error
	if err != nil {
		return nil, fault(err, "advisers", "")
	}
	for _, id := range off {
		named.Break("party %s", id)
	}

	bound := Invariant{Name: "nobody recognises a debt for somebody else"}
	recognised := s.db.Read(ctx).Model(&Event{}).Where("kind = ?", DebtRecognised)
	if err := recognised.Count(&bound.Checked).Error; err != nil {
		return nil, fault(err, "events", "")
	}
	var events []string
	err = s.db.Read(ctx).Model(&Event{}).Where("kind = ? AND actor_role IN ?", DebtRecognised, []Role{RoleAdviser, RolePayer}).
		Limit(breaksMax).Pluck("id", &events).Error
	if err != nil {
		return nil, fault(err, "events", "")
	}
	for _, id := range events {
		bound.Break("event %s", id)
	}
	return []Invariant{named, bound}, nil
}
