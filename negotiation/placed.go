package negotiation

import "context"

// CasesOfPlacement returns the ids of the cases that a placement's claims went
// to, in the order in which they were made; the id "last" means the newest
// placement that placed anything.
func (s *Service) CasesOfPlacement(ctx context.Context, placementID string) ([]string, error) {
	var found []Placement
	query := s.db.Read(ctx).Order("created_at DESC, id DESC").Limit(1)
	switch {
	case ValidID(placementID):
		query = query.Where("id = ?", placementID)
	case placementID == "last":
		query = query.Where("EXISTS (SELECT 1 FROM claims WHERE claims.placement_id = placements.id)")
	default:
		return nil, Refuse(NotFound, "placement_unknown").On("placement")
	}
	if err := query.Find(&found).Error; err != nil {
		return nil, fault(err, "placement", placementID)
	}
	if len(found) == 0 {
		return nil, Refuse(NotFound, "placement_unknown").On("placement")
	}
	var ids []string
	err := s.db.Read(ctx).Model(&Case{}).
		Where("EXISTS (SELECT 1 FROM claims WHERE claims.case_id = cases.id AND claims.placement_id = ?)", found[0].ID).
		Order("created_at, id").Pluck("id", &ids).Error
	return ids, fault(err, "cases of placement", found[0].ID)
}
