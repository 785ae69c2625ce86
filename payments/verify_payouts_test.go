package payments_test

import (
	"context"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/payments"
)

func TestVerifySeesWhatIsBrokenOnTheWayToCreditors(t *testing.T) {
	for _, test := range []struct{ harm, rule string }{
		{`UPDATE payout_rows SET net = net + 1, amount = amount + 1 WHERE id = 'txn_0000'`, "the rows of a payout add up to it"},
		{`DELETE FROM payout_rows WHERE id = 'txn_0001'`, "the rows of a payout add up to it"},
		{`UPDATE payout_rows SET payout_id = '00000000-0000-7000-8000-000000000001' WHERE id = 'txn_0000'`, "a row belongs to a payout that was opened"},
		{`UPDATE payments SET received = received + 1`, "a row that is matched says what our books say"},
		{`UPDATE payout_rows SET posting_id = '00000000-0000-7000-8000-000000000001' WHERE id = 'txn_0000'`, "a row that is matched says what our books say"},
		{`UPDATE payouts SET state = 'in_transit'`, "money that left for a creditor's bank is booked once, and not where it came back"},
		{`UPDATE payouts SET state = 'in_transit'`, "for every creditor, what is at the gateway is what came in less what was paid out"},
		{`UPDATE payout_rows SET verdict = 'explained', explanation = 'x', belongs_to = 'creditor', explained_at = '2026-08-31 10:00:00' WHERE verdict = 'suspense'`, "a row that nothing explains is in suspense in the ledger"},
		{`DELETE FROM remittance_lines WHERE kind = 'payment'`, "every payment that was paid out stands on the remittance of its payout, and on no other"},
		{`UPDATE remittances SET net = net + 1`, "a remittance adds up to its lines and to its payout"},
		{`UPDATE fee_lines SET fee = fee + 1`, "a fee is invoiced as it was booked, and an invoice adds up to its lines"},
		{`UPDATE fee_invoices SET ordinal = 7`, "invoices are numbered without a gap"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) {
				w := newTreasury(t, db, 2)
				strange := w.row(0)
				strange.ID, strange.ChargeID = "txn_x", "ch_x"
				w.paysOut("po_1", w.row(0), w.row(1), strange)
				w.must(w.opens())
				*w.now = w.now.AddDate(0, 0, 1) // the month is over
				_, err := w.InvoiceFees(w.ctx, 10)
				w.must(err)
				if names := broken(t, w.Service); len(names) > 0 {
					t.Fatalf("unharmed, it is broken: %v", names)
				}
				for _, statement := range strings.Split(test.harm, ";") {
					w.must(db.Read(context.Background()).Exec(statement).Error)
				}
				if names := broken(t, w.Service); !names[test.rule] {
					t.Fatalf("%s was not seen; broken: %v", test.harm, names)
				}
			})
		})
	}
}
