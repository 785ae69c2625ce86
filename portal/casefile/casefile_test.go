package casefile_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"amiable/portal/casefile"
)

const (
	seed   = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	keyURL = "https://pay.example.org/.well-known/amiable-keys.json"
)

func aKey(t testing.TB) *casefile.Key {
	t.Helper()
	key, err := casefile.ParseKey(seed)
	must(t, err)
	return key
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// chain makes n events, and works their links out by the words of docs/file.md
// alone: it shares no code with what it tests. Of every third the content was
// erased.
func chain(t testing.TB, n int) (lines []byte, links []string) {
	t.Helper()
	var previous []byte
	for i := range n {
		salt, content := []byte{byte(i), 7}, fmt.Sprintf(`{"by":"Nadia","what":{"n":%d,"é":"<ü>"}}`, i)
		digest := sha256.Sum256(append(slices.Clone(salt), content...))
		e := map[string]any{
			"seq": i + 1, "id": fmt.Sprintf("019ab000-0000-7000-8000-%012d", i), "stream": "case", "stream_id": "019ab000-0000-7000-8000-0000000000ff",
			"kind": "message_written", "at": fmt.Sprintf("2026-11-23T09:00:%02d.000042Z", i%60), "role": "agent", "by": "a", "on_behalf_of": "",
			"salt": hex.EncodeToString(salt), "content": content, "digest": hex.EncodeToString(digest[:]),
		}
		sum := sha256.New()
		for _, field := range [][]byte{
			previous, []byte(e["id"].(string)), []byte("case"), []byte(e["stream_id"].(string)), binary.BigEndian.AppendUint64(nil, uint64(i+1)),
			[]byte("message_written"), []byte(e["at"].(string)), []byte("agent"), []byte("a"), nil, digest[:],
		} {
			must(t, binary.Write(sum, binary.BigEndian, uint32(len(field))))
			sum.Write(field)
		}
		previous = sum.Sum(nil)
		e["hash"] = hex.EncodeToString(previous)
		if i%3 == 2 {
			e["salt"], e["content"] = nil, nil
		}
		links = append(links, hex.EncodeToString(previous))
		line, err := json.Marshal(e)
		must(t, err)
		lines = append(append(lines, line...), '\n')
	}
	return lines, links
}

// aFile is a small file of a case, with a paper that prints a link of the chain.
func aFile(t testing.TB, key *casefile.Key, lines []byte, links []string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := casefile.NewWriter(&out, key, keyURL, casefile.Index{Case: "AM 7K4P 9XWD 3", Creditor: "Atelier Boréal SARL", Debtor: "Claire Vasseur", Agency: "Agence Aubrelle", For: "agent", MadeOn: "2026-11-23"})
	add := func(p casefile.Piece, folder, name string, content string) casefile.Piece {
		added, err := w.Add(p, folder, name, []byte(content))
		must(t, err)
		return added
	}
	add(casefile.Piece{Part: "mandate", Title: "Mandat", On: "2024-01-02"}, "01-mandat", "Mandat signé (v2).PDF", "%PDF-1.7 a mandate")
	add(casefile.Piece{Part: "mandate", Title: "Ailleurs", Missing: "elsewhere"}, "01-mandat", "", "")
	add(casefile.Piece{Part: "payments", Title: "Quittance", On: "2026-11-20", Printed: links[len(links)/2][:16]}, "08-paiements", "quittance.pdf", "%PDF-1.7 a receipt")
	events := add(casefile.Piece{Part: "events", Title: "Actes"}, "12-evenements", "evenements.jsonl", string(lines))
	w.Chain(casefile.Chain{Path: events.Path, Events: int64(len(links)), Head: links[len(links)-1]})
	must(t, w.Cover("bordereau.pdf", []byte("%PDF-1.7 a list")))
	must(t, w.Close())
	return out.Bytes()
}

func verify(t testing.TB, file []byte, keys ...casefile.PublicKey) *casefile.Report {
	t.Helper()
	report, err := casefile.Verify(bytes.NewReader(file), int64(len(file)), keys)
	must(t, err)
	return report
}

func TestAFileHoldsWhatWasPutInIt(t *testing.T) {
	key := aKey(t)
	lines, links := chain(t, 7)
	file := aFile(t, key, lines, links)
	if again := aFile(t, key, lines, links); !bytes.Equal(file, again) {
		t.Error("the same pieces gave other bytes")
	}
	r := verify(t, file, key.Public())
	if !r.Holds() || !r.KeyKnown || r.Case != "AM 7K4P 9XWD 3" || r.Events != 7 || r.Head != links[6] || r.Files != 6 || r.Key != key.Public().ID() {
		t.Errorf("found %+v", r)
	}
	if act := r.Link(strings.ToUpper(links[3][:8] + " " + links[3][8:16])); act != 4 {
		t.Errorf("the digits of act 4 are said to be of act %d", act)
	}
	if r.Link(links[3][:15]) != 0 || r.Link("0000000000000000") != 0 {
		t.Error("too few digits, or none of the chain, are of an act")
	}
	if r := verify(t, file); !r.Holds() || r.KeyKnown {
		t.Errorf("by the key that came with it: %+v", r)
	}
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	if name := archive.File[0].Name; name != "01-mandat/001-mandat-signe-v2-.pdf" && name != "01-mandat/001-mandat-signe-v2.pdf" {
		t.Errorf("the mandate is called %s", name)
	}
}

// TestOneChangedByteAnywhereShows turns each byte of a file in turn.
func TestOneChangedByteAnywhereShows(t *testing.T) {
	key := aKey(t)
	lines, links := chain(t, 3)
	file := aFile(t, key, lines, links)
	for i := range file {
		turns := []byte{0x01, 0x20}
		if i < len(file)-casefile.SealLength { // in the seal, a letter may not become a capital either
			turns = turns[i%2 : i%2+1]
		}
		for _, turn := range turns {
			changed := slices.Clone(file)
			changed[i] ^= turn
			if verify(t, changed, key.Public()).Holds() {
				t.Fatalf("byte %d of %d turned by %#x does not show", i, len(file), turn)
			}
		}
	}
}

// TestAFileCutAnywhereShows takes off the end, or adds to it.
func TestAFileCutAnywhereShows(t *testing.T) {
	key := aKey(t)
	lines, links := chain(t, 3)
	file := aFile(t, key, lines, links)
	for i := range len(file) {
		if verify(t, file[:i], key.Public()).Holds() {
			t.Fatalf("cut at byte %d of %d it holds", i, len(file))
		}
	}
	for name, other := range map[string][]byte{"behind": append(slices.Clone(file), 0), "before": append([]byte{'P'}, file...)} {
		if verify(t, other, key.Public()).Holds() {
			t.Errorf("with a byte %s it holds", name)
		}
	}
}

// entry is an entry of an archive that somebody else packs.
type entry struct {
	name    string
	content []byte
	method  uint16
}

func unpack(t testing.TB, file []byte) (entries []entry, comment string) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	for _, f := range archive.File {
		r, err := f.Open()
		must(t, err)
		content, err := io.ReadAll(r)
		must(t, err)
		entries = append(entries, entry{f.Name, content, zip.Store})
	}
	return entries, archive.Comment
}

func pack(t testing.TB, entries []entry, comment string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		to, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: e.method})
		must(t, err)
		_, err = to.Write(e.content)
		must(t, err)
	}
	must(t, w.SetComment(comment))
	must(t, w.Close())
	return out.Bytes()
}

// TestWhatSomebodyElsePacksIsNoFile packs the entries of a file anew, each time
// with one thing otherwise.
func TestWhatSomebodyElsePacksIsNoFile(t *testing.T) {
	key := aKey(t)
	lines, links := chain(t, 5)
	file := aFile(t, key, lines, links)
	at := func(entries []entry, name string) *entry {
		for i := range entries {
			if strings.HasSuffix(entries[i].name, name) {
				return &entries[i]
			}
		}
		t.Fatalf("no %s", name)
		return nil
	}
	for _, row := range []struct {
		name, code string
		change     func(entries []entry) []entry
	}{
		{"packed anew", "seal", func(e []entry) []entry { return e }},
		{"the last act dropped", "chain", func(e []entry) []entry {
			events := at(e, ".jsonl")
			events.content = events.content[:bytes.LastIndexByte(events.content[:len(events.content)-1], '\n')+1]
			return e
		}},
		{"an act changed", "chain", func(e []entry) []entry {
			events := at(e, ".jsonl")
			events.content = bytes.Replace(events.content, []byte(`\"n\":1`), []byte(`\"n\":9`), 1)
			return e
		}},
		{"a paper changed", "changed", func(e []entry) []entry { at(e, "quittance.pdf").content[9] = 'A'; return e }},
		{"an entry too many", "extra", func(e []entry) []entry { return append(e, entry{"14-autres/x.pdf", []byte("x"), zip.Store}) }},
		{"an entry too few", "missing", func(e []entry) []entry { return e[1:] }},
		{"no signature", "missing", func(e []entry) []entry {
			return slices.DeleteFunc(e, func(x entry) bool { return x.name == "manifest.sig" })
		}},
		{"another order", "order", func(e []entry) []entry { e[0], e[1] = e[1], e[0]; return e }},
		{"an entry twice", "twice", func(e []entry) []entry { return append(e, e[0]) }},
		{"compressed", "compressed", func(e []entry) []entry { e[0].method = zip.Deflate; return e }},
		{"a way out of the folder", "bad_name", func(e []entry) []entry { e[0].name = "../../etc/passwd"; return e }},
		{"a name from the root", "bad_name", func(e []entry) []entry { e[0].name = "/etc/passwd"; return e }},
		{"a name of another system", "bad_name", func(e []entry) []entry { e[0].name = `c:\x`; return e }},
		{"a name in capitals", "bad_name", func(e []entry) []entry { e[0].name = "01-MANDAT/x.pdf"; return e }},
		{"another manifest", "signature", func(e []entry) []entry {
			m := at(e, "manifest.json")
			m.content = bytes.Replace(m.content, []byte("2026-11-23"), []byte("2026-11-24"), 1)
			return e
		}},
		{"a manifest of tomorrow", "format", func(e []entry) []entry {
			m := at(e, "manifest.json")
			m.content = bytes.Replace(m.content, []byte("amiable-file/1"), []byte("amiable-file/9"), 1)
			return e
		}},
		{"a manifest that is none", "unreadable", func(e []entry) []entry { at(e, "manifest.json").content = []byte("{"); return e }},
	} {
		entries, comment := unpack(t, file)
		r := verify(t, pack(t, row.change(entries), comment), key.Public())
		if r.Holds() || !r.Has(row.code) {
			t.Errorf("%s: %+v", row.name, r.Problems)
		}
	}
	if r := verify(t, []byte("no zip at all")); !r.Has("not_a_zip") {
		t.Errorf("no zip at all: %+v", r.Problems)
	}
}

// TestABombIsRefusedUnread: an entry that would swell, and one that says that
// it is larger than the whole.
func TestABombIsRefusedUnread(t *testing.T) {
	bomb := pack(t, []entry{{"manifest.json", bytes.Repeat([]byte{' '}, 20<<20), zip.Deflate}}, "")
	if r := verify(t, bomb); !r.Has("compressed") && !r.Has("too_large") {
		t.Errorf("%d bytes that swell to 20 MB: %+v", len(bomb), r.Problems)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	_, err := w.CreateRaw(&zip.FileHeader{Name: "manifest.json", Method: zip.Store, CompressedSize64: 1 << 40, UncompressedSize64: 1 << 40})
	must(t, err)
	must(t, w.Close())
	if r := verify(t, out.Bytes()); !r.Has("too_large") {
		t.Errorf("an entry of a terabyte: %+v", r.Problems)
	}
	many := make([]entry, 20_001)
	for i := range many {
		many[i] = entry{fmt.Sprintf("x/%d", i), nil, zip.Store}
	}
	if r := verify(t, pack(t, many, "")); !r.Has("too_many") {
		t.Errorf("20,001 entries: %+v", r.Problems)
	}
}

// TestOnlyAKnownKeyIsTrusted: whoever changes a file can sign it anew, by
// another key.
func TestOnlyAKnownKeyIsTrusted(t *testing.T) {
	text, err := casefile.NewKey()
	must(t, err)
	other, err := casefile.ParseKey(text)
	must(t, err)
	lines, links := chain(t, 3)
	forged := aFile(t, other, lines, links)
	if r := verify(t, forged, aKey(t).Public()); r.Holds() || !r.Has("key") {
		t.Errorf("a file of another key: %+v", r)
	}
	if r := verify(t, forged); !r.Holds() || r.KeyKnown {
		t.Errorf("unasked, it is only said to be whole: %+v", r)
	}
	if r := verify(t, forged, aKey(t).Public(), other.Public()); !r.Holds() || !r.KeyKnown {
		t.Errorf("a key from before: %+v", r)
	}
	entries, comment := unpack(t, forged)
	for i := range entries {
		if entries[i].name == "key.pem" {
			entries[i].content = aKey(t).Public().PEM()
		}
	}
	if r := verify(t, pack(t, entries, comment)); !r.Has("key") {
		t.Errorf("a key that is not the manifest's: %+v", r)
	}
}

func TestAPaperOfAnotherChainShows(t *testing.T) {
	lines, links := chain(t, 3)
	printed := slices.Clone(links)
	printed[1] = strings.Repeat("ab", 32)
	if r := verify(t, aFile(t, aKey(t), lines, printed), aKey(t).Public()); !r.Has("printed") {
		t.Errorf("found %+v", r.Problems)
	}
}

// TestWhatIsWithheldStandsAsALink: a copy without an act's content closes all
// the same, and says so.
func TestWhatIsWithheldStandsAsALink(t *testing.T) {
	lines, links := chain(t, 4)
	parts := bytes.SplitAfter(lines, []byte("\n"))
	parts[1] = []byte(fmt.Sprintf(`{"seq":2,"salt":null,"content":null,"hash":%q,"withheld":true}`+"\n", links[1]))
	withheld := bytes.Join(parts, nil)
	if r := verify(t, aFile(t, aKey(t), withheld, links), aKey(t).Public()); !r.Has("chain") {
		t.Errorf("an act was withheld after the file was signed: %+v", r)
	}
}

func TestKeysAreReadAsTheyAreWritten(t *testing.T) {
	public := aKey(t).Public()
	for _, text := range []string{public.Base64(), string(public.PEM()), " " + public.Base64() + "\n"} {
		if again, err := casefile.ParsePublicKey(text); err != nil || again.ID() != public.ID() {
			t.Errorf("%q: %v %v", text, again, err)
		}
	}
	for _, text := range []string{"", "AAEC", "not base64!", "-----BEGIN PUBLIC KEY-----\nAAEC\n-----END PUBLIC KEY-----\n"} {
		if _, err := casefile.ParsePublicKey(text); err == nil {
			t.Errorf("%q is taken for a key", text)
		}
		if _, err := casefile.ParseKey(text); err == nil {
			t.Errorf("%q is taken for a secret key", text)
		}
	}
	keys, err := casefile.ParseKeys(seed, []string{" ", public.Base64()})
	if err != nil || len(keys.Public()) != 2 {
		t.Errorf("%v %v", keys.Public(), err)
	}
	if none, err := casefile.ParseKeys("", nil); err != nil || none.Signs != nil || len(none.Public()) != 0 {
		t.Errorf("no key is one: %v %v", none, err)
	}
}

func TestNamesLeadNowhere(t *testing.T) {
	for name, want := range map[string]string{
		"porte.jpg": "porte.jpg", "../../etc/passwd": "etc-passwd", "Facture n° 12/É.PDF": "facture-n-12-e.pdf", "..": "piece", "": "piece", "日本語.pdf": "pdf",
		`a\b:c.txt`: "a-b-c.txt", "a..b": "a.b", strings.Repeat("x", 300) + ".pdf": strings.Repeat("x", 68) + "-" + strings.Repeat("x", 7) + ".pdf",
	} {
		if got := casefile.SafeName(name); got != want {
			t.Errorf("%q becomes %q, not %q", name, got, want)
		}
	}
}
