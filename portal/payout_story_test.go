package portal_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"amiable/negotiation"
	"amiable/payments"
)

// lives lets days go by here and at the gateway, with the jobs of money.
func (s *site) lives(until negotiation.Day) {
	s.t.Helper()
	for today := s.day(); today.Before(until); today = today.Add(1) {
		s.on(today.Add(1))
		s.stripe.Now() // its clock follows ours: what fell due there happens with the next call
		s.must(s.stripe.Advance(0))
		s.must(s.stripe.Quiesce(s.ctx))
		for _, job := range []func() error{
			func() error { _, err := s.payments.RetryNotifications(s.ctx, 50); return err },
			func() error { _, err := s.payments.OpenPayouts(s.ctx, 50); return err },
			func() error { _, err := s.payments.RemitMonths(s.ctx, 50); return err },
			func() error { _, err := s.payments.InvoiceFees(s.ctx, 50); return err },
			func() error { _, err := s.negotiation.SendDigests(s.ctx, 50); return err },
		} {
			s.must(job())
		}
	}
}

func (s *site) day() negotiation.Day {
	s.t.Helper()
	today, err := s.negotiation.Today(s.ctx)
	s.must(err)
	return today
}

// A debtor pays by card; days later the creditor opens what reached its bank
// down to the invoice, takes it home in each form, and reads the agency's own
// invoice. What nothing explains waits for an agent, who says what it is.
func TestACreditorOpensWhatReachedItsBank(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		debtor := s.enter(c, "claire.vasseur@example.test", "33000")
		debtor.get("/case/pay").submit("/case/pay", "choice", "whole").submit("/case/payments", "recognise", "yes").pay("4242424242424242")
		s.must(s.stripe.Quiesce(s.ctx))
		made, err := s.payments.OfCase(s.ctx, c.ID)
		s.must(err)
		if len(made) != 1 || made[0].State != payments.Succeeded {
			t.Fatalf("%+v", made)
		}
		camille := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		camille.get("/creditor").sees("1 paiement en route")
		camille.get("/creditor/payouts").answered(http.StatusOK).sees("Aucun virement pour l’instant", "Être prévenu par courriel")
		camille.submit("/creditor/notices", "notices", "daily").sees("C’est enregistré")

		account, err := s.payments.AccountOf(s.ctx, s.creditor.ID)
		s.must(err)
		s.lives("2026-11-28")
		s.must(s.stripe.Adjust(account.AccountID, 1_50, "Correction"))
		_, err = s.stripe.RunPayouts(account.AccountID)
		s.must(err)
		s.must(s.stripe.Quiesce(s.ctx))
		camille.get("/creditor/payouts").sees("détail à venir")
		camille.get(camille.href("/creditor/payouts/")).answered(http.StatusOK).sees("Virement prévu le")
		s.lives("2026-12-03")
		camille.get("/creditor").sees("arrivé le", "L’ouvrir, ligne par ligne")
		camille.get(camille.href("/creditor/payouts/")).answered(http.StatusOK).
			sees("RV-2026-001", "Claire Vasseur", "Facture 2026-0318", "Au centime : écart 0,00", "Stripe l’a ajouté", "pi_")
		at := camille.at.Path
		list, err := s.payments.Payouts(s.ctx, negotiation.Actor{Role: negotiation.RoleCreditor, ID: "x", CreditorID: s.creditor.ID}, 5)
		s.must(err)
		net := list[0].Amount

		if text := pdfText(t, camille.get(at+"/pdf").answered(http.StatusOK).body); text != "" && !strings.Contains(text, "RV-2026-001") {
			t.Errorf("the paper says %s", text)
		}
		rows, err := readSemicolons(camille.get(at + "/csv").answered(http.StatusOK).body)
		s.must(err)
		sum := int64(0)
		for _, row := range rows[1:] {
			sum += cents(t, row[11])
		}
		if len(rows) != 3 || sum != net {
			t.Errorf("%d rows of the file add up to %d, paid out %d", len(rows), sum, net)
		}
		sheet, err := excelize.OpenReader(strings.NewReader(camille.get(at + "/xlsx").answered(http.StatusOK).body))
		s.must(err)
		total, err := sheet.CalcCellValue("RV-2026-001", "L4")
		s.must(err)
		if value, err := strconv.ParseFloat(strings.ReplaceAll(total, ",", ""), 64); err != nil || int64(value*100+.5) != net {
			t.Errorf("the sheet works out %q (%v), paid out %d", total, err, net)
		}
		checkFEC(t, camille.get(at+"/fec").answered(http.StatusOK).body)
		if disposition := camille.head.Get("Content-Disposition"); !strings.Contains(disposition, "FEC20261") || !strings.Contains(disposition, ".txt") {
			t.Errorf("the extract is called %s", disposition)
		}
		var paid struct {
			Status   string `json:"status_code"`
			Invoices []struct {
				Number string `json:"invoice_number"`
				Amount string `json:"amount_incl_vat"`
			}
		}
		s.must(json.Unmarshal([]byte(camille.get(at+"/paid").answered(http.StatusOK).body), &paid))
		if paid.Status != "212" || len(paid.Invoices) != 1 || paid.Invoices[0].Number != "2026-0318" || paid.Invoices[0].Amount != "1227.60" {
			t.Errorf("%+v", paid)
		}
		camille.get("/creditor/payouts").sees("F-2026-001")
		camille.get(camille.href("/creditor/invoices/")).answered(http.StatusOK).sees("Facture F-2026-001", "retenue sur le paiement")
		if text := pdfText(t, camille.get(camille.at.Path+"/invoice.pdf").answered(http.StatusOK).body); text != "" && !strings.Contains(text, "F-2026-001") {
			t.Errorf("the paper says %s", text)
		}

		nadia := s.user("nadia@aubrelle.example", negotiation.RoleAgent, "")
		nadia.get("/agent").sees("Expliquer une ligne de virement")
		nadia.get("/agent/payouts").sees("1 ligne à expliquer", "Correction ou frais de Stripe")
		nadia.get(nadia.href("/agent/suspense/")).answered(http.StatusOK)
		nadia.submit("/agent/suspense/", "words", "").answered(http.StatusUnprocessableEntity)
		nadia.submit("/agent/suspense/", "words", "Frais rendus par Stripe, avis du 27.", "belongs_to", "creditor").answered(http.StatusOK).sees("Frais rendus par Stripe", "expliquée")
		nadia.get("/agent/payouts").seesNot("1 ligne à expliquer")
		camille.get("/agent/payouts").answered(http.StatusNotFound)
		s.verify()
		for _, v := range s.stripe.Invariants() {
			t.Error(v)
		}
	})
}

func readSemicolons(body string) ([][]string, error) {
	r := csv.NewReader(bytes.NewReader([]byte(strings.TrimPrefix(body, "\ufeff"))))
	r.Comma = ';'
	return r.ReadAll()
}

func cents(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(strings.NewReplacer(",", "", ".", "").Replace(text), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// checkFEC holds an extract against LPF A47 A-1: eighteen fields in their order,
// days as eight figures, commas in sums, each entry balanced, numbers in order.
func checkFEC(t *testing.T, body string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(body, "\r\n"), "\r\n")
	if lines[0] != "JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tCompteLib\tCompAuxNum\tCompAuxLib\tPieceRef\tPieceDate\tEcritureLib\tDebit\tCredit\tEcritureLet\tDateLet\tValidDate\tMontantdevise\tIdevise" {
		t.Errorf("the fields are %q", lines[0])
	}
	sums, last := map[string]int64{}, ""
	for _, line := range lines[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 18 {
			t.Fatalf("%d fields: %q", len(f), line)
		}
		for _, n := range []int{3, 9, 15} {
			if _, err := strconv.Atoi(f[n]); err != nil || len(f[n]) != 8 {
				t.Errorf("field %d is no day: %q", n+1, f[n])
			}
		}
		for _, n := range []int{0, 1, 2, 4, 5, 8, 10} {
			if f[n] == "" {
				t.Errorf("field %d is empty: %q", n+1, line)
			}
		}
		debit, credit := cents(t, f[11]), cents(t, f[12])
		if debit < 0 || credit < 0 || (debit > 0) == (credit > 0) || !strings.Contains(f[11], ",") {
			t.Errorf("debit %s, credit %s", f[11], f[12])
		}
		sums[f[2]] += debit - credit
		if f[2] < last {
			t.Errorf("%s comes after %s", f[2], last)
		}
		last = f[2]
	}
	if len(sums) == 0 {
		t.Error("no entry")
	}
	for number, sum := range sums {
		if sum != 0 {
			t.Errorf("entry %s is %d off", number, sum)
		}
	}
}
