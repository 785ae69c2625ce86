package negotiation

import "context"

// verifyPlans checks what must hold of offers and plans over the whole
// database. It runs beside the work of the day: what is looked at is one
// statement each.
func (s *Service) verifyPlans(ctx context.Context) ([]Invariant, error) {
	checks := []struct{ name, count, broken string }{
		{
			"the lines of a plan add up to its total, in every revision",
			"SELECT COUNT(*) FROM plans",
			`SELECT p.id FROM plans p WHERE EXISTS (SELECT 1 FROM instalments i WHERE i.plan_id = p.id GROUP BY i.revision HAVING SUM(i.amount) <> p.total)
				OR NOT EXISTS (SELECT 1 FROM instalments i WHERE i.plan_id = p.id AND i.revision = p.revision)`,
		},
		{
			"every plan shows that both sides accepted it, and which text",
			"SELECT COUNT(*) FROM plans",
			`SELECT p.id FROM plans p WHERE (SELECT COUNT(*) FROM acceptances a WHERE a.offer_id = p.offer_id AND a.text_version <> '') <> 2`,
		},
		{
			"every plan keeps what was owed and between whom when it was accepted",
			"SELECT COUNT(*) FROM plans",
			`SELECT p.id FROM plans p LEFT JOIN statements s ON s.id = p.statement_id AND s.case_id = p.case_id WHERE s.id IS NULL OR p.agreed = ''`,
		},
		{
			"an accepted offer has its plan, and no other has",
			"SELECT COUNT(*) FROM offers",
			`SELECT o.id FROM offers o LEFT JOIN plans p ON p.offer_id = o.id WHERE (o.state = 'accepted') <> (p.id IS NOT NULL)`,
		},
		{
			"a case in plan has one that runs, and no other case has",
			"SELECT COUNT(*) FROM cases WHERE offers > 0",
			`SELECT c.id FROM cases c WHERE c.offers > 0 AND (c.state = 'in_plan') <> EXISTS (SELECT 1 FROM plans p WHERE p.case_id = c.id AND p.state = 'active')
				AND c.state NOT IN ('referred')`,
		},
		{
			"a case that is closed has no open offer",
			"SELECT COUNT(*) FROM offers WHERE state = 'open'",
			`SELECT o.id FROM offers o JOIN cases c ON c.id = o.case_id WHERE o.state = 'open' AND c.state IN ('cleared', 'archived', 'withdrawn')`,
		},
	}
	var all []Invariant
	for _, c := range checks {
		i := Invariant{Name: c.name}
		if err := s.db.Read(ctx).Raw(c.count).Scan(&i.Checked).Error; err != nil {
			return nil, fault(err, c.name, "")
		}
		var broken []string
		if err := s.db.Read(ctx).Raw(c.broken+" LIMIT ?", breaksMax).Scan(&broken).Error; err != nil {
			return nil, fault(err, c.name, "")
		}
		for _, id := range broken {
			i.Break("%s: %s", c.name, id)
		}
		all = append(all, i)
	}
	return all, nil
}
