package access

import (
	"strings"
	"testing"

	"amiable/negotiation"
)

func TestVerifyFindsWhatIsBroken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d, other := w.openCase(), w.openCase()
		w.link(d)
		locked := w.link(other)
		w.wrong(locked, 5)
		u := w.agent()
		w.payLink(d)
		w.payLink(other)
		w.user(Invitation{Email: "paul@boreal.example.com", Role: negotiation.RoleCreditor, CreditorID: w.creditor.ID})
		w.browser().begin(d.visit(w))
		w.browser().begin(Visit{Kind: KindStaff, SubjectID: u.ID})
		w.enrol(u)
		for range 2 {
			w.must(w.db.Read(w.ctx).Create(&recoveryCode{UserID: u.ID, CodeHash: []byte(newRecoveryCode()), CreatedAt: w.wall.now()}).Error)
		}
		breaks := func() (n int) {
			t.Helper()
			invariants, err := w.Verify(w.ctx)
			w.must(err)
			for _, i := range invariants {
				// Codes of letters have a story of their own.
				if i.Checked != 2 && !strings.HasPrefix(i.Name, "every letter code") {
					t.Errorf("%s: %d looked at", i.Name, i.Checked)
				}
				n += len(i.Breaks)
			}
			return n
		}
		if n := breaks(); n != 0 {
			t.Fatalf("%d breaks where nothing is broken", n)
		}
		tx := w.db.Read(w.ctx)
		w.must(tx.Exec("UPDATE users SET totp_secret = NULL").Error)
		w.must(tx.Exec("UPDATE links SET tries = 4 WHERE locked_at IS NOT NULL").Error)
		w.must(tx.Exec("UPDATE links SET party_id = ? WHERE case_id = ?", other.partyID, d.caseID).Error)
		w.must(tx.Exec("UPDATE pay_links SET party_id = ? WHERE case_id = ?", other.partyID, d.caseID).Error)
		w.must(tx.Exec("UPDATE sessions SET subject_id = ? WHERE kind = 'debtor'", other.partyID).Error)
		w.must(tx.Exec("UPDATE users SET disabled_at = created_at").Error)
		w.must(tx.Exec("UPDATE users SET decides = TRUE WHERE role = 'agent'").Error)
		if n := breaks(); n != 7 {
			t.Fatalf("%d breaks found, want all seven", n)
		}
	})
}
