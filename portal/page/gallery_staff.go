package page

func (w world) site() []Specimen     { return nil }
func (w world) access() []Specimen   { return nil }
func (w world) creditor() []Specimen { return nil }
func (w world) agent() []Specimen    { return nil }
func (w world) setup() []Specimen    { return nil }
