package negotiation_test

import (
	"crypto/rand"
	"io"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

// sameDraws answers the first draws of a case reference alike, as chance does
// three or four times in a million cases.
type sameDraws struct {
	io.Reader
	left int
}

func (r *sameDraws) Read(p []byte) (int, error) {
	if len(p) == 32 && r.left > 0 {
		r.left--
		clear(p)
		return len(p), nil
	}
	return r.Reader.Read(p)
}

func TestAReferenceThatACaseHasIsDrawnAgain(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db, at("2026-06-01"))
		draws := &sameDraws{Reader: rand.Reader, left: 3}
		rand.Reader = draws
		defer func() { rand.Reader = draws.Reader }()
		w.place("CRE-001,F-1,2026-03-31,2026-04-30,EUR,100.00,0,business,Garage du Port SCOP,031093149,,,garage@example.test,,1 rue du Port,33000,Bordeaux,FR,fr,,MDT-001,Réparation")
		p := w.place(
			"CRE-001,F-1,2026-03-31,2026-04-30,EUR,100.00,0,business,Garage du Port SCOP,031093149,,,garage@example.test,,1 rue du Port,33000,Bordeaux,FR,fr,,MDT-001,Réparation",
			"CRE-001,F-2,2026-03-31,2026-04-30,EUR,50.00,0,business,Boulangerie Vidal SARL,010185650,,,vidal@example.test,,2 rue du Port,33000,Bordeaux,FR,fr,,MDT-001,Four",
		)
		if draws.left != 0 || p.Known != 1 {
			t.Errorf("%d equal draws left, %d known claims, want 0 and 1", draws.left, p.Known)
		}
		found, err := w.Find(w.ctx, admin, negotiation.Search{})
		w.must(err)
		if len(found) != 2 || found[0].Reference == found[1].Reference {
			t.Errorf("found %d cases, want two with references of their own", len(found))
		}
		w.holds()
	})
}
