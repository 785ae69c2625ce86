package casefile

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"amiable/negotiation/day"
)

// Writer writes a file, piece by piece, in one go: no more than the piece in
// hand is in memory. Make it with NewWriter; what is not closed is no file.
type Writer struct {
	zip      *zip.Writer
	seal     *sealer
	out      *bufio.Writer
	key      *Key
	index    Index
	manifest Manifest
	taken    map[string]bool
}

// NewWriter begins a file. keyURL is where the key's public half is published.
func NewWriter(out io.Writer, key *Key, keyURL string, about Index) *Writer {
	buffered := bufio.NewWriterSize(out, 64<<10)
	seal := newSealer(buffered, key)
	about.Pieces = []Piece{}
	return &Writer{
		zip: zip.NewWriter(seal), seal: seal, out: buffered, key: key, index: about, taken: map[string]bool{},
		manifest: Manifest{
			Format: Format, Case: about.Case, For: about.For, MadeOn: about.MadeOn, Key: key.Public().ID(), KeyURL: keyURL, Files: []Entry{},
		},
	}
}

// Pieces are those that were added so far.
func (w *Writer) Pieces() []Piece { return w.index.Pieces }

// Add adds a piece: folder and name become its path, with its number between.
// A piece without content says in Missing why there is none.
func (w *Writer) Add(p Piece, folder, name string, content []byte) (Piece, error) {
	p.Number = len(w.index.Pieces) + 1
	if p.Missing == "" {
		p.Path = fmt.Sprintf("%s/%03d-%s", folder, p.Number, SafeName(name))
		sum, err := w.put(p.Path, p.On, content)
		if err != nil {
			return p, err
		}
		p.Bytes, p.SHA256 = int64(len(content)), sum
	}
	w.index.Pieces = append(w.index.Pieces, p)
	return p, nil
}

// Chain says which piece holds the events, and where the chain ends.
func (w *Writer) Chain(c Chain) { w.manifest.Chain = c }

// Cover adds a page that is no piece, such as the list of them on paper.
func (w *Writer) Cover(name string, content []byte) error {
	_, err := w.put(SafeName(name), w.index.MadeOn, content)
	return err
}

// Close writes the index, signs and seals.
func (w *Writer) Close() error {
	if w.manifest.Chain.Path == "" {
		return errors.New("file of a case: nothing says where its chain ends")
	}
	index, err := written(w.index)
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if _, err := w.put(indexName, w.index.MadeOn, index); err != nil {
		return err
	}
	if _, err := w.put(keyName, w.index.MadeOn, w.key.Public().PEM()); err != nil {
		return err
	}
	manifest, err := written(w.manifest)
	if err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	if err := w.entry(manifestName, w.index.MadeOn, manifest); err != nil {
		return err
	}
	if err := w.entry(signName, w.index.MadeOn, w.key.sign(manifest)); err != nil {
		return err
	}
	if err := w.zip.SetComment(strings.Repeat("0", SealLength)); err != nil {
		return fmt.Errorf("file of a case: %w", err)
	}
	if err := w.zip.Close(); err != nil {
		return fmt.Errorf("file of a case: %w", err)
	}
	if err := w.seal.close(); err != nil {
		return err
	}
	return w.out.Flush()
}

// put writes an entry that the manifest lists.
func (w *Writer) put(path string, on day.Day, content []byte) (sum string, err error) {
	if w.taken[path] {
		return "", fmt.Errorf("file of a case: %s stands in it twice", path)
	}
	w.taken[path] = true
	digest := sha256.Sum256(content)
	sum = hex.EncodeToString(digest[:])
	w.manifest.Files = append(w.manifest.Files, Entry{Path: path, Bytes: int64(len(content)), SHA256: sum})
	return sum, w.entry(path, on, content)
}

// entry stores a content with its length before it: neither a reader that reads
// on nor one that looks at the end is left to guess.
func (w *Writer) entry(path string, on day.Day, content []byte) error {
	at := w.index.MadeOn
	if !on.IsZero() {
		at = on
	}
	header := &zip.FileHeader{
		Name: path, Method: zip.Store,
		CRC32: crc32.ChecksumIEEE(content), CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(content)),
	}
	header.ModifiedDate, header.ModifiedTime = msDos(at.Time().Add(12 * time.Hour)) // CreateRaw takes them as they are
	to, err := w.zip.CreateRaw(header)
	if err == nil {
		_, err = to.Write(content)
	}
	if err != nil {
		return fmt.Errorf("file of a case, %s: %w", path, err)
	}
	return nil
}

// msDos is an instant as zip writes it, by its UTC clock.
func msDos(t time.Time) (date, clock uint16) {
	t = t.UTC()
	if t.Year() < 1980 {
		return 1<<5 | 1, 0
	}
	return uint16(t.Day() + int(t.Month())<<5 + (t.Year()-1980)<<9), uint16(t.Second()/2 + t.Minute()<<5 + t.Hour()<<11)
}

var unsafe = regexp.MustCompile(`[^a-z0-9.]+`)

// nameMax is how long a name may be, in bytes.
const nameMax = 80

// SafeName is a name that any system takes and that leads nowhere: small
// letters and digits, without accents.
func SafeName(name string) string {
	fold := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
	plain, _, err := transform.String(fold, name)
	if err != nil {
		plain = name
	}
	plain = strings.Trim(unsafe.ReplaceAllString(strings.ToLower(plain), "-"), "-.")
	for strings.Contains(plain, "..") {
		plain = strings.ReplaceAll(plain, "..", ".")
	}
	if len(plain) > nameMax { // its end says what it is
		plain = strings.Trim(plain[:nameMax-12], "-.") + "-" + strings.Trim(plain[len(plain)-11:], "-.")
	}
	if plain == "" {
		return "piece"
	}
	return plain
}
