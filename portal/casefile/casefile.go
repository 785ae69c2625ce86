// Package casefile writes and checks the file of a case: one zip that holds
// every piece under a number, what each is, and a signature. It knows neither
// database nor web: who gathers the pieces is package portal, and who checks
// them needs nothing but the file and a public key.
//
// # What stands in it
//
// Each piece is an entry. Beside the pieces there are:
//
//	index.json     the pieces, in the order of their numbers
//	manifest.json  every other entry with its length and SHA-256, the end of the
//	               case's chain of events and how many links it has
//	manifest.sig   the Ed25519 signature of manifest.json, 64 bytes
//	key.pem        the public key of that signature
//
// The zip's comment, its last 128 bytes, is a second signature: of all bytes
// before it. So a byte that no entry holds (a name's case, a date, an order) is
// sealed as well, and the same signature cannot be moved to another archive.
//
// # Canonical
//
// Entries are stored, not compressed, with their lengths and times before
// their content: what was given gives the same bytes, on any machine, and no
// entry can swell. docs/file.md says how to check a file without this program.
package casefile

import (
	"encoding/json"

	"amiable/negotiation/day"
)

// Format is the version of how files are laid out.
const Format = "amiable-file/1"

// The entries that are no pieces.
const (
	indexName    = "index.json"
	manifestName = "manifest.json"
	signName     = "manifest.sig"
	keyName      = "key.pem"
)

// SealLength is how many bytes the comment at the end has: a signature of 64
// bytes, in hex.
const SealLength = 128

// Piece is one numbered piece of a file.
type Piece struct {
	Number  int     `json:"number"`
	Part    string  `json:"part"` // of the file: "mandate", "claims"…
	Path    string  `json:"path,omitempty"`
	Title   string  `json:"title"`
	On      day.Day `json:"on,omitempty"`
	Media   string  `json:"media_type,omitempty"`
	Bytes   int64   `json:"bytes,omitempty"`
	SHA256  string  `json:"sha256,omitempty"`
	Private string  `json:"private,omitempty"` // between whom, where not everybody may read it: "agency", "debtor", "creditor"
	Missing string  `json:"missing,omitempty"` // why there is no content: "elsewhere", "erased", "rate", "size"
	Printed string  `json:"printed,omitempty"` // the end of the chain that is printed on it, sixteen digits
}

// Index is what a file holds, as data.
type Index struct {
	Case     string  `json:"case"` // its reference, as it is written
	Creditor string  `json:"creditor"`
	Debtor   string  `json:"debtor"`
	Agency   string  `json:"agency"`
	For      string  `json:"for"` // whose copy it is: "agent", "creditor", "debtor"
	MadeOn   day.Day `json:"made_on"`
	Pieces   []Piece `json:"pieces"`
}

// Manifest is what is signed.
type Manifest struct {
	Format string  `json:"format"`
	Case   string  `json:"case"`
	For    string  `json:"for"`
	MadeOn day.Day `json:"made_on"`
	Chain  Chain   `json:"chain"`
	Key    string  `json:"key"`     // its id
	KeyURL string  `json:"key_url"` // where it is published
	Files  []Entry `json:"files"`
}

// Chain is the end of the case's chain of events when the file was made.
type Chain struct {
	Path     string `json:"path"`   // the entry that holds the events, one a line
	Events   int64  `json:"events"` // how many links
	Head     string `json:"head"`   // the last link, hex
	Withheld int64  `json:"withheld"`
}

// Entry is one entry of the zip.
type Entry struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// written is how JSON stands in a file: indented, and no sign turned into an
// escape.
func written(value any) ([]byte, error) {
	var out buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err := encoder.Encode(value)
	return out, err
}

type buffer []byte

// Write appends.
func (b *buffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}
