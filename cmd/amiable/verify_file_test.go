package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amiable/portal/casefile"
)

// TestAFileIsVerifiedFromTheShell: the command says what it found, in words and
// as data, and fails where anything is not as it was signed.
func TestAFileIsVerifiedFromTheShell(t *testing.T) {
	var made bytes.Buffer
	if err := run(context.Background(), []string{"seal-key", "--json"}, &made, &made); err != nil {
		t.Fatal(err)
	}
	var key struct{ ID, Key, Public, PEM string }
	if err := json.Unmarshal(made.Bytes(), &key); err != nil {
		t.Fatal(err)
	}
	secret, err := casefile.ParseKey(key.Key)
	if err != nil || secret.Public().ID() != key.ID {
		t.Fatalf("seal-key made %+v: %v", key, err)
	}
	dir := t.TempDir()
	put := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var file bytes.Buffer
	w := casefile.NewWriter(&file, secret, "https://pay.example.org/keys", casefile.Index{Case: "AM 7K4P 9XWD 3", For: "agent", MadeOn: "2026-11-23"})
	head := strings.Repeat("ab", 32)
	p, err := w.Add(casefile.Piece{Part: "events"}, "12-evenements", "evenements.jsonl", []byte(`{"seq":1,"salt":null,"content":null,"hash":"`+head+`","withheld":true}`+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	w.Chain(casefile.Chain{Path: p.Path, Events: 1, Head: head, Withheld: 1})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	good := put("good.zip", file.Bytes())
	broken := bytes.Clone(file.Bytes())
	broken[len(broken)/2] ^= 1
	bad, pem := put("bad.zip", broken), put("key.pem", []byte(key.PEM))
	for _, row := range []struct {
		args  []string
		fails bool
		says  string
	}{
		{[]string{good, "--key", key.Public}, false, "to the last byte"},
		{[]string{good, "--key", pem}, false, "AM 7K4P 9XWD 3"},
		{[]string{good}, false, "WHICH CAME WITH THE FILE"},
		{[]string{good, "--key", pem, "--head", "ABAB ABAB abababab"}, false, "act 1"},
		{[]string{good, "--key", pem, "--head", "0000000000000000"}, true, "no act of the file"},
		{[]string{bad, "--key", pem}, true, "BROKEN"},
		{[]string{good, "--key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}, true, "none of those given"},
		{[]string{good, "--key", "nonsense"}, true, ""},
		{[]string{filepath.Join(dir, "none.zip")}, true, ""},
		{[]string{good, "--json"}, false, `"key_known": false`},
	} {
		var out bytes.Buffer
		err := run(context.Background(), append([]string{"verify"}, row.args...), &out, &out)
		if (err != nil) != row.fails || !strings.Contains(out.String(), row.says) {
			t.Errorf("verify %q: %v\n%s", row.args, err, out.String())
		}
	}
}
