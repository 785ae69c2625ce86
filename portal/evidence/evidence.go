// Package evidence takes in what people send to prove something: photos and
// PDFs, from a phone as a rule. Nothing of what was sent is kept as it came. An
// image is decoded and drawn anew, a PDF is copied object by object without
// what could act, so that what is kept holds the picture or the pages and
// nothing else: no place, no device, no script, no second file inside.
//
//	cleaned, err := evidence.Intake(ctx, part, part.FileName())
//	if refused := negotiation.AsRefusal(err); refused != nil {
//		// names the file and says what to do instead
//	}
//	hash, err := files.Keep(ctx, cleaned)
//
// It knows no page, no database and no folder, and writes nothing to disk.
// What a file is called is shown, never used as a path.
package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"amiable/negotiation"
)

// What is taken.
const (
	BytesMax  = 10_000_000 // of one file
	FilesMax  = 8          // of one form
	pixelsMax = 25_000_000 // of an image, looked at before it is decoded
	pagesMax  = 200        // of a PDF
)

// Media types of what is kept.
const (
	JPEG = "image/jpeg"
	PDF  = "application/pdf"
)

// Accept is what a form's field says it takes. A phone that keeps its photos
// as HEIC sends them as JPEG where HEIC is not named.
const Accept = "image/jpeg,image/png,image/webp,application/pdf"

// File is what is kept of a file that was sent.
type File struct {
	Hash      string // SHA-256 of Content, in hex: the same file sent twice has one
	Name      string // cleaned, with the ending of MediaType
	MediaType string
	Content   []byte
	Pages     int // of a PDF
	Width     int // of an image, as it is looked at
	Height    int
}

// places bounds how many files are decoded at once: a photo takes a hundred
// megabytes for a moment, whoever sends it.
var places = make(chan struct{}, 2)

// Intake reads a file and returns what is kept of it. A file that is not taken
// is a refusal that carries its cleaned name as the fact "name".
func Intake(ctx context.Context, r io.Reader, declaredName string) (*File, error) {
	name := CleanName(declaredName)
	sent, err := io.ReadAll(io.LimitReader(r, BytesMax+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("evidence: %w", err)
	case len(sent) == 0:
		return nil, refuse("evidence_empty", name)
	case len(sent) > BytesMax:
		return nil, TooLarge(name)
	}
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	kept := &File{}
	if refused := kept.fill(ctx, sent); refused != nil {
		return nil, refused.With("name", name)
	}
	if len(kept.Content) > BytesMax { // a JPEG drawn anew is smaller; a PDF without its packing may not be
		return nil, TooLarge(name)
	}
	sum := sha256.Sum256(kept.Content)
	kept.Hash = hex.EncodeToString(sum[:])
	kept.Name = withEnding(name, kept.MediaType)
	return kept, nil
}

// fill cleans by what the content is, whatever the name says.
func (f *File) fill(ctx context.Context, sent []byte) *negotiation.Refusal {
	switch kind := sniff(sent); kind {
	case kindPDF:
		return f.fillPDF(ctx, sent)
	case kindHEIC:
		return negotiation.Refuse(negotiation.Invalid, "evidence_heic")
	case kindOther:
		return negotiation.Refuse(negotiation.Invalid, "evidence_type")
	default:
		return f.fillImage(sent, kind)
	}
}

// TooLarge refuses a file for its size.
func TooLarge(cleanName string) *negotiation.Refusal {
	return refuse("evidence_size", cleanName).With("max", BytesMax/1_000_000)
}

func refuse(code, name string) *negotiation.Refusal {
	return negotiation.Refuse(negotiation.Invalid, code).With("name", name)
}

// broken refuses what begins as a file of its kind and is none.
func broken() *negotiation.Refusal { return negotiation.Refuse(negotiation.Invalid, "evidence_broken") }

type kind int

const (
	kindOther kind = iota
	kindJPEG
	kindPNG
	kindWebP
	kindHEIC
	kindPDF
)

// sniff tells what a file is by how it begins. Where it begins otherwise it is
// nothing of ours: a page or a drawing with a script stays "other" under
// whatever name.
func sniff(b []byte) kind {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return kindJPEG
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return kindPNG
	case len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return kindWebP
	case len(b) >= 12 && string(b[4:8]) == "ftyp" && heicBrands[string(b[8:12])]:
		return kindHEIC
	case bytes.HasPrefix(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), []byte("%PDF-")):
		return kindPDF
	}
	return kindOther
}

// heicBrands are how a phone's own kind of photo begins. No decoder of it is
// taken in: phones turn it into JPEG by themselves where a form asks for that.
var heicBrands = map[string]bool{"heic": true, "heix": true, "heim": true, "heis": true, "hevc": true, "hevx": true, "mif1": true, "msf1": true}
