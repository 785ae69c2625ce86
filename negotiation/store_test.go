package negotiation_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

// A case is read by statements of our own, all at once; what they find is what
// gorm finds table by table, on both databases.
func TestACaseIsReadWhole(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db, at("2026-08-31"))
		file := w.openCase()
		w.pay(file, "p1", 500_00, "2026-08-31")
		amount := int64(20_00)
		_, err := w.PlaceHold(w.ctx, admin, file.ID, negotiation.Hold{Reason: negotiation.HoldDisputed, ClaimID: &file.Claims[0].ID, Amount: &amount, Note: "moitié"})
		w.must(err)
		w.must(db.Read(w.ctx).Create(&negotiation.Hold{ // of the person, wherever they owe
			ID: "01940000-0000-7000-8000-000000000001", PersonID: &file.Parties[0].PersonID, Reason: negotiation.HoldVulnerable, FromOn: "2026-08-01",
			ByID: "x", ByName: "X", CreatedAt: file.CreatedAt,
		}).Error)
		c := w.load(file.ID)

		var plain negotiation.Case
		read := db.Read(w.ctx)
		w.must(read.Where("id = ?", file.ID).Take(&plain).Error)
		plain.Agency, plain.Creditor, plain.Debtor, plain.Mandate = &negotiation.Agency{}, &negotiation.Creditor{}, &negotiation.Debtor{}, &negotiation.Mandate{}
		w.must(read.Take(plain.Agency).Error)
		w.must(read.Order("valid_from").Find(&plain.Agency.Papers).Error)
		w.must(read.Where("id = ?", plain.CreditorID).Take(plain.Creditor).Error)
		w.must(read.Where("id = ?", plain.DebtorID).Take(plain.Debtor).Error)
		w.must(read.Where("id = ?", plain.MandateID).Take(plain.Mandate).Error)
		w.must(read.Where("case_id = ?", plain.ID).Order("position").Find(&plain.Claims).Error)
		w.must(read.Where("case_id = ?", plain.ID).Find(&plain.Parties).Error)
		for i := range plain.Parties {
			w.must(read.Where("id = ?", plain.Parties[i].PersonID).Take(&plain.Parties[i].Person).Error)
			w.must(read.Where("person_id = ?", plain.Parties[i].PersonID).Order("created_at, id").Find(&plain.Parties[i].Contacts).Error)
		}
		w.must(read.Order("created_at, id").Find(&plain.Holds).Error)

		if len(c.Holds) != 2 || len(c.Claims) != 1 || len(c.Parties) != 1 || len(c.Parties[0].Contacts) == 0 || len(c.Agency.Papers) == 0 {
			t.Fatalf("the story is too thin: %+v", c)
		}
		if diff := cmp.Diff(&plain, c, cmpopts.IgnoreUnexported(negotiation.Case{})); diff != "" {
			t.Errorf("gorm and we read differently:\n%s", diff)
		}
	})
}
