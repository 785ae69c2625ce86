package negotiation_test

import (
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
)

// TestVerifySeesWhatIsBroken plants each corruption past the triggers that
// would have prevented it.
func TestVerifySeesWhatIsBroken(t *testing.T) {
	const anyPosting = `(SELECT id FROM ledger_postings WHERE kind = 'payment' LIMIT 1)`
	for _, test := range []struct{ harm, rule string }{
		{`INSERT INTO ledger_entries (posting_id, line, account, creditor_id, amount, currency) SELECT id, 99, 'clearing', creditor_id, 1, 'EUR' FROM ledger_postings WHERE kind = 'payment'`,
			"each posting adds up to zero"},
		{`DELETE FROM ledger_entries WHERE posting_id = ` + anyPosting, "each posting adds up to zero"},
		{`UPDATE cases SET interest = interest + 1`, "a case's balance is the sum of its receivable entries"},
		{`UPDATE ledger_entries SET amount = amount - 100 WHERE component = 'principal' AND posting_id = ` + anyPosting + `;
		  UPDATE ledger_entries SET amount = amount + 100 WHERE account = 'entrusted' AND posting_id = ` + anyPosting, "no claim owes less than nothing"},
		{`UPDATE claims SET due_on = '2026-03-01'`, "the ledger of a case is what its statement works out"},
		{`UPDATE cases SET state = 'open'`, "a case with nothing left to pay is cleared, and no other"},
		{`UPDATE events SET content = REPLACE(content, 'PL-1', 'PL-2') WHERE kind = 'first_letter_recorded'`, "the chain of a case verifies"},
		{`UPDATE events SET actor_id = 'other' WHERE kind = 'first_letter_recorded'`, "the chain of a case verifies"},
		{`DELETE FROM events WHERE kind = 'case_cleared'`, "the chain of a case verifies"},
		{`DELETE FROM events WHERE kind = 'mandate_signed'`, "the chains of creditors and of the agency verify"},
		{`UPDATE events SET at = '2020-01-01 00:00:00+00:00' WHERE stream = 'agency'`, "the chains of creditors and of the agency verify"},
		{`UPDATE letters SET state = 'sent', owed = FALSE; UPDATE cases SET first_letter_reference = ''`, "every letter to a debtor comes after the first letter"},
		{`UPDATE first_letters SET number = number + 1`, "the series of first letters has no gap"},
		{`UPDATE first_letters SET reference = 'PL-2026-9999'`, "a case that our first letter opened quotes it"},
		{`UPDATE cases SET first_letter_on = '2026-08-30' WHERE first_letter_reference <> 'PL-1'`, "a case that our first letter opened quotes it"},
		{`UPDATE parties SET may_write = TRUE WHERE role = 'debtor'`, "every adviser was named by a party of the same case, until a day"},
		{`UPDATE parties SET for_party_id = id WHERE role = 'adviser'`, "every adviser was named by a party of the same case, until a day"},
		{`UPDATE events SET kind = 'debt_recognised', actor_role = 'adviser' WHERE kind = 'adviser_named'`, "nobody recognises a debt for somebody else"},
		{`UPDATE statements SET content = REPLACE(content, '2026-08-31', '2026-08-30')`, "every frozen statement is what its event says"},
		{`DELETE FROM events WHERE kind = 'message_written'`, "every message is told once on the chain of its case"},
		{`INSERT INTO message_reads (message_id, reader_id, side, at) SELECT id, 'x', 'debtor', at FROM messages WHERE audience = 'creditor'`, "a message is read by nobody but whom it is meant for"},
		{`UPDATE messages SET audience = 'creditor'`, "no mail tells a debtor of a message that is not meant for them"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			db := databasetest.SQLite(t, migrations...)
			w := newWorld(t, db, &movingClock{at: time.Time(at("2026-08-31"))})
			c := w.openCase()
			id := w.placed("CRE-001,F-2,2026-03-31,2026-04-30,EUR,500.00,0,business,Menuiserie Aubin SARL,010185650,,,aubin@example.test,,3 rue A,33000,Bordeaux,FR,fr,,MDT-001,Deux")[0]
			made := w.prepare(id)
			w.must(w.RecordFirstLetter(w.ctx, admin, id, negotiation.FirstLetter{Reference: made.Reference, SentOn: "2026-08-31", Channel: "post", Proof: "bordereau 1"}))
			w.pay(c, "p1", 10_453_68, "2026-08-31")
			w.must(w.OnCase(w.ctx, admin, c.ID, func(t *negotiation.Tx, c *negotiation.Case) error {
				_, err := c.Tell(t, admin, c.MainParty(), negotiation.LetterReceipt, nil)
				return err
			}))
			w.name(w.load(id), negotiation.Adviser{UntilOn: "2026-10-31"})
			for _, to := range []negotiation.Audience{negotiation.ToDebtorOnly, negotiation.ToCreditorOnly} {
				_, err := w.PostMessage(w.ctx, admin, id, negotiation.Write{Audience: to, Words: "Bonjour"})
				w.must(err)
			}
			w.holds()
			var triggers []string
			w.must(db.Read(w.ctx).Raw(`SELECT name FROM sqlite_master WHERE type = 'trigger'`).Scan(&triggers).Error)
			for _, name := range triggers {
				w.must(db.Read(w.ctx).Exec(`DROP TRIGGER ` + name).Error)
			}
			for _, statement := range strings.Split(test.harm, ";") {
				w.must(db.Read(w.ctx).Exec(statement).Error)
			}
			invariants, err := w.Verify(w.ctx)
			w.must(err)
			seen := false
			for _, i := range invariants {
				seen = seen || i.Name == test.rule && len(i.Breaks) > 0
			}
			if !seen {
				t.Fatalf("not seen: %s\n%+v", test.harm, invariants)
			}
		})
	}
}
