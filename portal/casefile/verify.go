package casefile

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"amiable/negotiation/day"
)

// What a file may be at most, before anything in it is trusted.
const (
	entriesMax  = 20_000
	manifestMax = 16 << 20
)

// Report is what was found of a file.
type Report struct {
	Case     string    `json:"case"`
	For      string    `json:"for"`
	MadeOn   day.Day   `json:"made_on"`
	Key      string    `json:"key"`       // the id of the key that signed
	KeyKnown bool      `json:"key_known"` // it is one of those given; else it came with the file
	KeyURL   string    `json:"key_url"`   // where the file says that its key is published
	Files    int       `json:"files"`
	Events   int64     `json:"events"`
	Withheld int64     `json:"withheld"`
	Head     string    `json:"head"`
	Problems []Problem `json:"problems"`

	links []string
}

// Problem is one thing that is not as it was signed.
type Problem struct {
	Code string `json:"code"`
	Path string `json:"path,omitempty"`
	Text string `json:"text"`
}

// Holds says whether the file is what was signed, to the last byte.
func (r *Report) Holds() bool { return len(r.Problems) == 0 }

// Has says whether a problem of a kind was found.
func (r *Report) Has(code string) bool {
	return slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Code == code })
}

// Link says which event of the chain has these first digits; 0 is none.
func (r *Report) Link(digits string) int64 {
	digits = strings.ToLower(strings.Join(strings.Fields(digits), ""))
	if len(digits) < 16 {
		return 0
	}
	return int64(slices.IndexFunc(r.links, func(link string) bool { return strings.HasPrefix(link, digits) }) + 1)
}

// problemsMax bounds how many problems are told.
const problemsMax = 50

func (r *Report) add(code, path, format string, args ...any) {
	if len(r.Problems) < problemsMax {
		r.Problems = append(r.Problems, Problem{code, path, fmt.Sprintf(format, args...)})
	}
}

// Verify checks a file, offline: both signatures, every entry, none more and
// none fewer, and the chain of events to its end. Keys are those one trusts;
// where the file was signed by none of them, or none is given, it is checked by
// the key that it brings, and KeyKnown is false: that proves that nothing was
// changed since it was signed, not by whom.
func Verify(r io.ReaderAt, size int64, keys []PublicKey) (*Report, error) {
	report := &Report{Problems: []Problem{}}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		report.add("not_a_zip", "", "it is no zip that can be read: %v", err)
		return report, nil
	}
	if !report.takes(archive, size) {
		return report, nil
	}
	v := &verifier{Report: report, r: r, size: size, entries: archive.File, keys: keys}
	return report, v.verify()
}

var goodName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*)*$`)

// takes refuses what no file of a case looks like, before any content is read.
func (r *Report) takes(archive *zip.Reader, size int64) bool {
	if len(archive.File) > entriesMax {
		r.add("too_many", "", "it has %d entries", len(archive.File))
		return false
	}
	var total uint64
	seen := map[string]bool{}
	for _, f := range archive.File {
		name := fmt.Sprintf("%.100q", f.Name)
		switch {
		case !goodName.MatchString(f.Name) || strings.Contains(f.Name, ".."):
			r.add("bad_name", "", "%s is no name that an entry can have", name)
		case seen[f.Name]:
			r.add("twice", f.Name, "stands in it twice")
		case f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64 || f.Flags&0x1 != 0:
			r.add("compressed", f.Name, "is compressed or locked: entries are stored as they are")
		}
		seen[f.Name] = true
		total += f.UncompressedSize64
		if f.UncompressedSize64 > uint64(size) || total > uint64(size) {
			r.add("too_large", f.Name, "says that it is larger than the whole")
			return false
		}
	}
	return r.Holds()
}

type verifier struct {
	*Report
	r       io.ReaderAt
	size    int64
	entries []*zip.File
	keys    []PublicKey
}

func (v *verifier) verify() error {
	manifest, raw, err := v.manifest()
	if err != nil || manifest == nil {
		return err
	}
	key, err := v.key(manifest)
	if err != nil || key == nil {
		return err
	}
	signature, err := v.read(signName, ed25519.SignatureSize)
	if err != nil {
		return err
	}
	if len(signature) != ed25519.SignatureSize || !ed25519.Verify(ed25519.PublicKey(key), raw, signature) {
		v.add("signature", manifestName, "is not what key %s signed", key.ID())
		return nil
	}
	v.Case, v.For, v.MadeOn, v.KeyURL, v.Files = manifest.Case, manifest.For, manifest.MadeOn, manifest.KeyURL, len(manifest.Files)
	sealed, err := checkSeal(v.r, v.size, key)
	if err != nil {
		return err
	}
	if err := v.contents(manifest); err != nil {
		return err
	}
	if !sealed {
		v.add("seal", "", "the bytes of the zip are not those that key %s sealed: it was changed, cut or packed anew", key.ID())
	}
	if err := v.chain(manifest); err != nil {
		return err
	}
	return v.printed()
}

// entry returns an entry by its name, or nil.
func (v *verifier) entry(name string) *zip.File {
	for _, f := range v.entries {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// read reads a small entry whole; a problem with it is noted.
func (v *verifier) read(name string, most int64) ([]byte, error) {
	f := v.entry(name)
	if f == nil {
		v.add("missing", name, "is missing")
		return nil, nil
	}
	content, err := v.open(f)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(content, most+1))
	if err != nil || int64(len(text)) > most {
		v.add("unreadable", name, "cannot be read, or is too large")
		return nil, nil
	}
	return text, nil
}

// open reads the stored bytes of an entry. Its checksum is not looked at: the
// manifest's is stronger.
func (v *verifier) open(f *zip.File) (io.Reader, error) {
	content, err := f.OpenRaw()
	if err != nil {
		v.add("unreadable", f.Name, "cannot be read: %v", err)
		return bytes.NewReader(nil), nil
	}
	return content, nil
}

func (v *verifier) manifest() (*Manifest, []byte, error) {
	raw, err := v.read(manifestName, manifestMax)
	if err != nil || raw == nil {
		return nil, nil, err
	}
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		v.add("unreadable", manifestName, "cannot be read: %v", err)
		return nil, nil, nil
	}
	if m.Format != Format {
		v.add("format", manifestName, "is of format %.40q, and this program reads %s", m.Format, Format)
		return nil, nil, nil
	}
	return &m, raw, nil
}

// key is the one that the manifest names: of those given, or the one in the file.
func (v *verifier) key(m *Manifest) (PublicKey, error) {
	v.Key = m.Key
	for _, k := range v.keys {
		if k.ID() == m.Key {
			v.KeyKnown = true
			return k, nil
		}
	}
	if len(v.keys) > 0 {
		v.add("key", "", "it was signed by key %.40q, which is none of those given", m.Key)
		return nil, nil
	}
	text, err := v.read(keyName, 4<<10)
	if err != nil || text == nil {
		return nil, err
	}
	key, err := ParsePublicKey(string(text))
	if err != nil || key.ID() != m.Key {
		v.add("key", keyName, "is not the key %.40q that the manifest names", m.Key)
		return nil, nil
	}
	return key, nil
}

// contents compares every entry with the manifest.
func (v *verifier) contents(m *Manifest) error {
	apart := []string{manifestName, signName}
	listed := map[string]Entry{}
	var order []string
	for _, e := range m.Files {
		listed[e.Path] = e
		order = append(order, e.Path)
	}
	var found []string
	for _, f := range v.entries {
		if slices.Contains(apart, f.Name) {
			continue
		}
		found = append(found, f.Name)
		e, ok := listed[f.Name]
		if !ok {
			v.add("extra", f.Name, "was not there when the file was signed")
			continue
		}
		content, err := v.open(f)
		if err != nil {
			return err
		}
		sum := sha256.New()
		n, err := io.Copy(sum, content)
		if err != nil || n != e.Bytes || hex.EncodeToString(sum.Sum(nil)) != e.SHA256 {
			v.add("changed", f.Name, "is not what was signed")
		}
	}
	for _, e := range m.Files {
		if !slices.Contains(found, e.Path) {
			v.add("missing", e.Path, "is missing")
		}
	}
	if v.Holds() && !slices.Equal(order, found) {
		v.add("order", "", "the entries stand in another order than when the file was signed")
	}
	return nil
}

// chain works the chain of events out and compares its end with what was
// signed.
func (v *verifier) chain(m *Manifest) error {
	f := v.entry(m.Chain.Path)
	if f == nil {
		v.add("chain", m.Chain.Path, "the events are missing")
		return nil
	}
	content, err := v.open(f)
	if err != nil {
		return err
	}
	worked, err := follow(content)
	if err != nil {
		v.add("chain", m.Chain.Path, "the events cannot be read: %v", err)
		return nil
	}
	for _, b := range worked.breaks {
		v.add("chain", m.Chain.Path, "%s", b)
	}
	v.links, v.Events, v.Withheld = worked.links, int64(len(worked.links)), worked.withheld
	if v.Events > 0 {
		v.Head = worked.links[v.Events-1]
	}
	if v.Events != m.Chain.Events || v.Head != m.Chain.Head || v.Withheld != m.Chain.Withheld {
		v.add("chain", m.Chain.Path, "ends at event %d (%.16s), and event %d (%.16s) was the last when the file was signed", v.Events, v.Head, m.Chain.Events, m.Chain.Head)
	}
	return nil
}

// printed checks that what pieces print of the chain is a link of it.
func (v *verifier) printed() error {
	raw, err := v.read(indexName, manifestMax)
	if err != nil || raw == nil {
		return err
	}
	var index Index
	if err := json.Unmarshal(raw, &index); err != nil {
		v.add("unreadable", indexName, "cannot be read: %v", err)
		return nil
	}
	for _, p := range index.Pieces {
		if p.Printed != "" && v.Link(p.Printed) == 0 {
			v.add("printed", p.Path, "prints %.16q, which is no link of the chain", p.Printed)
		}
	}
	return nil
}
