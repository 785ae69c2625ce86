package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amiable/negotiation/database/databasetest"
	"amiable/payments/camt"
)

// relevé is a statement of the agency's account, as its bank sends it.
func bankStatement(t *testing.T, entries string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "releve.xml")
	file := `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S</Id><Acct><Id><IBAN>` +
		clientsIBAN + `</IBAN></Id></Acct>` + entries + `</Stmt></BkToCstmrStmt></Document>`
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const bankCredit = `<Ntry><Amt Ccy="EUR">12.30</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-06</Dt></BookgDt><AcctSvcrRef>R1</AcctSvcrRef>
	<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Odile Fictif</Nm></Dbtr></RltdPties><RmtInf><Ustrd>merci</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`

// A bank's file is told from a table of claims, booked once, and refused by
// name where it is none.
func TestABanksFileIsImported(t *testing.T) {
	for name, url := range map[string]string{"sqlite": "", "postgres": databasetest.PostgresURL(t)} {
		t.Run(name, func(t *testing.T) {
			s := newShell(t, url)
			s.do("agency", "found", "--name", "Agence Aubrelle", "--email", "agence@example.test", "--kind", "in_house")
			s.do("creditor", "add", "--reference", "CRE-001", "--name", "Atelier Boréal SARL", "--siren", "010185650", "--email", "compta@boreal.example.com")
			s.do("mandate", "add", "--creditor", "CRE-001", "--reference", "MDT-001", "--signed-on", "2024-01-02", "--scope", "Tout", "--proof", "signé", "--fee-percent", "10")
			file := bankStatement(t, bankCredit)
			s.refused("1755 is not on file", "import", file)
			s.refused("IBAN is not valid", "account", "add", "--holder", "Agence", "--iban", "FR76 3000")
			s.do("account", "add", "--holder", "Agence Aubrelle, compte clients", "--iban", "FR76 9999 9000 0100 0000 0011 755")
			if out := s.do("account", "list"); !strings.Contains(out, "FR76 9999 9000 0100 0000 0011 755") {
				t.Errorf("%s", out)
			}
			s.do("mandate", "ways", "--creditor", "CRE-001", "--mandate", "MDT-001", "--iban", clientsIBAN, "--cheque-to", "Atelier Boréal")
			if out := s.do("import", file); !strings.Contains(out, "1 new, 0 known already") || !strings.Contains(out, "1 wait for a person") {
				t.Errorf("%s", out)
			}
			if out := s.do("import", file); !strings.Contains(out, "0 new, 1 known already") {
				t.Errorf("%s", out)
			}
			s.refused("cut_off", "import", truncated(t, file))
			s.do("verify")
			i := s.open()
			if err := i.withGateway(); err != nil {
				t.Fatal(err)
			}
			if waiting, err := i.payments.Unidentified(context.Background()); err != nil || waiting.Entries != 1 {
				t.Errorf("%+v, %v", waiting, err)
			}
		})
	}
}

func truncated(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "tronque.xml")
	if err := os.WriteFile(cut, content[:len(content)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	return cut
}

// A dry run needs no database, and prints one object for each transaction.
func TestABanksFileIsReadDry(t *testing.T) {
	var out strings.Builder
	if err := run(context.Background(), []string{"import", "--dry-run", "--json", bankStatement(t, bankCredit+strings.Replace(bankCredit, "12.30", "8.850", 1))}, &out, &out); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(strings.NewReader(out.String()))
	var rows []camt.Row
	for lines.Scan() {
		var row camt.Row
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if len(rows) != 2 || rows[0].Amount != "12.30" || rows[1].Amount != "8.850" || rows[1].Entry != "2" || rows[0].File != "releve.xml" || rows[0].DebtorName != "Odile Fictif" {
		t.Errorf("%+v", rows)
	}
	out.Reset()
	if err := run(context.Background(), []string{"import", "--dry-run", "--json", truncated(t, bankStatement(t, bankCredit))}, &out, &out); err == nil || !strings.Contains(err.Error(), "cut_off") || out.Len() > 0 {
		t.Errorf("%v, %q", err, out.String())
	}
}
