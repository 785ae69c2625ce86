package portal_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	zxing "github.com/makiuchi-d/gozxing/qrcode"

	"amiable/negotiation"
	"amiable/negotiation/banking"
	"amiable/payments"
)

const clientsIBAN = "FR7630001007941234567890185"

// transfers lets the mandate of a case take transfers, to the agency's account.
func (s *site) transfers(c *negotiation.Case) {
	s.t.Helper()
	b, err := s.negotiation.OpenBankAccount(s.ctx, admin, negotiation.BankAccount{Holder: "Agence Aubrelle, compte clients", IBAN: clientsIBAN, BIC: "BDFEFRPP"})
	s.must(err)
	s.must(s.negotiation.SetWaysToPay(s.ctx, admin, *c.MandateID, negotiation.WaysToPay{AccountID: b.ID, ChequeTo: c.Creditor.Name}))
}

// relevé is a statement of the agency's account, as a bank sends it.
func statementOf(iban string, entries ...string) []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>REL-1</Id><Acct><Id><IBAN>` +
		iban + `</IBAN></Id></Acct>` + strings.Join(entries, "") + `</Stmt></BkToCstmrStmt></Document>`)
}

func creditOf(ref, amount, on, name, text string) string {
	return `<Ntry><Amt Ccy="EUR">` + amount + `</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>` + on + `</Dt></BookgDt><AcctSvcrRef>` + ref +
		`</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>` + name + `</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>` + text + `</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`
}

// sendBankFile uploads a bank's file.
func (v *visitor) sendBankFile(name string, content []byte) *visitor {
	v.t.Helper()
	body := &bytes.Buffer{}
	w := multipart.NewWriter(body)
	part, err := w.CreateFormFile("file", name)
	v.must(err)
	_, err = part.Write(content)
	v.must(err)
	v.must(w.Close())
	r, err := http.NewRequest(http.MethodPost, v.absolute("/agent/bank/files"), body)
	v.must(err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return v.do(r)
}

// decoded reads the QR code that a page shows.
func decoded(t *testing.T, html string) string {
	t.Helper()
	box := regexp.MustCompile(`<svg viewBox="0 0 (\d+) \d+"[^>]*shape-rendering="crispEdges">.*?<path fill="#000" d="([^"]*)"`).FindStringSubmatch(html)
	if box == nil {
		t.Fatal("the page shows no code")
	}
	side, err := strconv.Atoi(box[1])
	if err != nil {
		t.Fatal(err)
	}
	const scale = 4
	picture := image.NewGray(image.Rect(0, 0, side*scale, side*scale))
	for i := range picture.Pix {
		picture.Pix[i] = 0xff
	}
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`).FindAllStringSubmatch(box[2], -1) {
		var n [3]int
		for i := range n {
			if n[i], err = strconv.Atoi(run[i+1]); err != nil {
				t.Fatal(err)
			}
		}
		for x := n[0] * scale; x < (n[0]+n[2])*scale; x++ {
			for y := n[1] * scale; y < (n[1]+1)*scale; y++ {
				picture.Set(x, y, color.Black)
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	read, err := zxing.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	if err != nil {
		t.Fatal(err)
	}
	return read.GetText()
}

// A debtor reads where a transfer goes; the bank tells that it came; the agency
// reads the file, books it and puts what no reference names on its case.
func TestATransferFromThePageToItsReceipt(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		debtor := s.enter(c, "claire.vasseur@example.test", "33000")
		debtor.get("/case/pay").seesNot("Vous préférez un virement")
		s.transfers(c)
		today, err := s.negotiation.Today(s.ctx)
		s.must(err)
		statement, err := c.Statement(today)
		s.must(err)
		reference := c.BankReference()

		debtor.get("/case/pay").answered(http.StatusOK).sees("Vous préférez un virement")
		debtor.get("/case/pay/transfer").answered(http.StatusOK).sees("Agence Aubrelle, compte clients", banking.Grouped(clientsIBAN), "BDFEFRPP", banking.Grouped(reference), "Ce montant clôt le dossier", "Par chèque")
		want := fmt.Sprintf("BCD\n002\n1\nSCT\nBDFEFRPP\nAgence Aubrelle, compte clients\n%s\nEUR%d.%02d\n\n%s", clientsIBAN, statement.Total.Minor/100, statement.Total.Minor%100, reference)
		if got := decoded(t, debtor.body); got != want {
			t.Errorf("the code holds %q, want %q", got, want)
		}
		payer := s.payer(c, 30)
		payer.get("/pay/transfer").answered(http.StatusOK).sees(banking.Grouped(reference)).seesNot(c.Debtor.Name, c.Creditor.Name, "Par chèque")
		if got := decoded(t, payer.body); got != want {
			t.Errorf("the payer's code holds %q", got)
		}

		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		agent.get("/agent/bank").answered(http.StatusOK).sees("a trouvé sa place")
		agent.sendBankFile("commande.xml", []byte(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"/>`)).
			answered(http.StatusUnprocessableEntity).sees("un ordre de paiement (pain.001), pas un relevé")
		agent.sendBankFile("autre.xml", statementOf("NL08INGB0000001234", creditOf("R1", "10.00", string(today), "X", "Y"))).
			answered(http.StatusOK).sees("Le compte qui finit par 1234 n’est pas enregistré").seesNot("Comptabiliser")
		file := statementOf(clientsIBAN,
			creditOf("R1", "100.00", string(today), "Claire Vasseur", reference),
			creditOf("R2", "55.00", string(today), "Odile Fictif", "pour Claire"))
		for range 2 { // the second time it adds nothing
			agent.sendBankFile("releve.xml", file).answered(http.StatusOK).sees("Rien n’est encore comptabilisé", "Comptabiliser")
			agent.submit("/booking").answered(http.StatusOK)
		}
		agent.sees("0 nouvelle")
		if paid, err := s.payments.OfCase(s.ctx, c.ID); err != nil || len(paid) != 1 || paid[0].Received != 100_00 {
			t.Fatalf("%+v, %v", paid, err)
		}
		debtor.get("/case/receipts").sees("100,00 €")

		agent.get("/agent").sees("Odile Fictif", "55,00 €", "Dire à qui va cet argent")
		agent.get("/agent/bank").sees("Odile Fictif", "Aucune référence", "par la référence")
		waiting, err := s.payments.BankEntries(s.ctx, admin, payments.EntryFilter{State: payments.BankWaiting, Limit: 10})
		s.must(err)
		at := "/agent/bank/entries/" + waiting[0].ID
		agent.get(at).submit("/match", "case", "AM 0000").answered(http.StatusUnprocessableEntity).sees("Aucun dossier n’a cette référence")
		agent.submit("/match", "case", negotiation.GroupedReference(c.Reference)).answered(http.StatusOK).sees("à la main", "Remettre en attente")
		agent.submit("/release", "reason", "autre personne").answered(http.StatusOK).sees("Repris par quelqu’un")
		agent.submit("/division", "part", "20").answered(http.StatusOK).sees("partagé")

		// Nobody else comes near: not a debtor, not a creditor.
		creditor := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		for _, path := range []string{"/agent/bank", at, "/agent/accounts"} {
			creditor.get(path).answered(http.StatusNotFound)
		}
		agent.get("/agent/accounts").answered(http.StatusNotFound)
		administrator := s.user("admin2@aubrelle.example", negotiation.RoleAdministrator, "")
		administrator.get("/agent/accounts").answered(http.StatusOK).post("/agent/accounts", url.Values{"owner": {"agency"}, "holder": {"Agence Aubrelle"}, "iban": {"FR76 3000"}}).answered(http.StatusUnprocessableEntity).sees("IBAN n’est pas valable")
		administrator.post("/agent/accounts", url.Values{"owner": {s.creditor.ID}, "holder": {"Atelier Boréal"}, "iban": {"FR7699999000010000000011755"}}).answered(http.StatusOK).sees("FR76 9999 9000 0100 0000 0011 755")
		checks, err := s.payments.Verify(s.ctx)
		s.must(err)
		for _, check := range checks {
			for _, b := range check.Breaks {
				t.Errorf("%s: %s", check.Name, b)
			}
		}
		if bytes.Contains([]byte(agent.at.String()), []byte("Fictif")) {
			t.Error("a name stands in an address")
		}
	})
}

// On a phone, the account is one press from the sum, and nothing is cut off.
func TestBrowserTheWayByTransfer(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		s.transfers(c)
		b := s.person(phone).enterCase(c, inFrench)
		b.visit("/case/pay").press("Voir le compte et la référence").at("/case/pay/transfer").sees("1 227,60 €", banking.Grouped(clientsIBAN), banking.Grouped(c.BankReference()), "Par chèque")
		b.press("Régler par carte").at("/case/pay")
	})
}
