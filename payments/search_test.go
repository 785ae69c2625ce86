package payments_test

import (
	"testing"

	"amiable/negotiation"
	"amiable/payments/camt"
)

// An agent has a statement of account, or somebody on the phone, in front of
// them: the end of a number leads to the case.
func TestACaseIsFoundByTheEndOfTheAccountThatPaid(t *testing.T) {
	eachBank(t, func(w *bank) {
		finds := func(by negotiation.Actor, text string, want int) {
			t.Helper()
			found, err := w.n.Find(w.ctx, by, negotiation.Search{Text: text})
			w.must(err)
			if len(found) != want {
				t.Errorf("%q finds %d for the %s, want %d", text, len(found), by.Role, want)
			}
		}
		creditor := negotiation.Actor{Role: negotiation.RoleCreditor, ID: "c", CreditorID: w.file().CreditorID}
		for _, text := range []string{"2606", goodAccount, "7A48", payerIBAN} {
			finds(w.agent, text, 0)
		}
		w.debited(3, goodAccount)
		for text, want := range map[string]int{"2606": 1, " 26 06 ": 1, "FR14 2004 1010 0505 0001 3M02 606": 1, "FR9720041010050000002222227": 0, "606": 0, "M02606": 0} {
			finds(w.agent, text, want) // of a debited account only the end is kept
		}
		finds(creditor, "2606", 0)

		w.till.account(agencyIBAN, false)
		w.books(w.bankFile(camt.Statement053, agencyIBAN, line{ref: "R0", amount: "10.00", scor: w.file().BankReference(), name: "Claire Vasseur", iban: payerIBAN}))
		for text, want := range map[string]int{"7A48": 1, "7a48": 1, "0117A48": 1, "9917A48": 0, "FR03 9999 8000 1000 0000 0117 A48": 1, "A48": 0, "-A48": 0} {
			finds(w.agent, text, want)
		}
		finds(creditor, "7A48", 0)
	})
}
