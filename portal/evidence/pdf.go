package evidence

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/fault"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/validate"

	"amiable/negotiation"
)

func init() { model.ConfigPath = "disable" } // it would write into the home of whoever runs this

// Limits of what is read of a PDF. Much can be packed into little: what a list
// of objects unpacks to is bounded one by one and in all.
const (
	pdfReadMax    = 20 * time.Second
	pdfListsMax   = 500       // packed lists of objects
	pdfListMax    = 8 << 20   // bytes of one, unpacked
	pdfUnpackMax  = 64 << 20  // bytes of all of them
	pdfIndexMax   = 256 << 10 // bytes of what says where the objects of a list begin
	pdfEndMax     = 2048      // bytes within which a file says that it ends
	pdfObjectsMax = 200_000
	pdfDepthMax   = 60
)

// fillPDF copies the pages and what they are made of into a new file. What
// could act when it is opened, other files inside, and what tells of its making
// are not copied. The same file gives the same bytes. What is validated is the
// copy: the faults of what is left out do not matter.
func (f *File) fillPDF(ctx context.Context, sent []byte) (refused *negotiation.Refusal) {
	defer func() {
		if recover() != nil { // a reader that trips over a hostile file
			refused = brokenPDF()
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, pdfReadMax)
	defer cancel()
	read, refused := readPDF(ctx, sent)
	if refused != nil {
		return refused
	}
	for _, kept := range [][]string{keptOfRoot, keptAtLeast} {
		copied, err := copyPDF(read, kept)
		if err != nil {
			return brokenPDF()
		}
		pages, err := validPDF(copied)
		if err != nil || pages < 1 {
			continue
		}
		if pages > pagesMax {
			return negotiation.Refuse(negotiation.Invalid, "evidence_pdf_pages").With("max", pagesMax)
		}
		f.MediaType, f.Content, f.Pages = PDF, copied, pages
		return nil
	}
	return brokenPDF()
}

// validPDF counts the pages of a file that is as it must be. The library's own
// way to ask (its package api) brings all it can do into the binary.
func validPDF(b []byte) (pages int, err error) {
	defer fault.Catch(&err)
	read, err := pdfcpu.Read(bytes.NewReader(b), pdfLimits())
	if err != nil {
		return 0, fmt.Errorf("reading the copy: %w", err)
	}
	if err := validate.XRefTable(read); err != nil {
		return 0, fmt.Errorf("the copy is not valid: %w", err)
	}
	if err := read.EnsurePageCount(); err != nil {
		return 0, fmt.Errorf("pages of the copy: %w", err)
	}
	return read.PageCount, nil
}

func brokenPDF() *negotiation.Refusal {
	return negotiation.Refuse(negotiation.Invalid, "evidence_pdf_broken")
}

// pdfLimits reads leniently, within bounds, and asks nothing of the network.
func pdfLimits() *model.Configuration {
	c := model.NewDefaultConfiguration()
	c.ValidationMode, c.Offline, c.ValidateLinks = model.ValidationRelaxed, true, false
	c.Limits = model.ResourceLimits{
		MaxStreamBytes: 2 * BytesMax, MaxDecodeBytes: pdfListMax, MaxImagePixels: pixelsMax, MaxImageBytes: 4 * pixelsMax,
		MaxObjectCount: pdfObjectsMax, MaxObjectStreamCount: pdfObjectsMax, MaxObjectStreamFirst: pdfIndexMax,
		MaxXRefEntries: pdfObjectsMax, MaxRecursionDepth: pdfDepthMax,
	}
	return c
}

// listName is how a packed list of objects says what it is; each letter may be
// written as its number.
var listName = regexp.MustCompile(`(?i)/(?:O|#4f)(?:b|#62)(?:j|#6a)(?:S|#53)(?:t|#74)(?:m|#6d)`)

// readPDF finds the objects of a file.
func readPDF(ctx context.Context, b []byte) (*model.Context, *negotiation.Refusal) {
	if !bytes.Contains(b[max(0, len(b)-pdfEndMax):], []byte("%%EOF")) { // cut on its way: a reader would mend it, and pages would be missing
		return nil, brokenPDF()
	}
	if len(listName.FindAllIndex(b, pdfListsMax+1)) > pdfListsMax {
		return nil, brokenPDF()
	}
	read, err := pdfcpu.ReadWithContext(ctx, bytes.NewReader(b), pdfLimits())
	switch {
	case errors.Is(err, pdfcpu.ErrWrongPassword) || err == nil && (read.E != nil || read.Encrypt != nil):
		return nil, negotiation.Refuse(negotiation.Invalid, "evidence_pdf_locked")
	case err != nil:
		return nil, brokenPDF()
	}
	unpacked := 0
	for _, entry := range read.Table {
		if entry == nil {
			continue
		}
		list, ok := entry.Object.(types.ObjectStreamDict)
		if !ok {
			continue
		}
		probe := list.StreamDict // a copy: what it unpacks to is let go of at once
		content, err := probe.DecodeLengthWithLimit(-1, pdfListMax)
		if unpacked += len(content); err != nil || unpacked > pdfUnpackMax {
			return nil, brokenPDF()
		}
	}
	if _, err := read.Catalog(); err != nil {
		return nil, brokenPDF()
	}
	return read, nil
}

// keptOfRoot are the entries of a catalogue that are copied. Names, where
// scripts and embedded files are listed, and what happens on opening are not
// among them.
var keptOfRoot = []string{"Type", "Pages", "PageLabels", "Lang", "MarkInfo", "StructTreeRoot", "OCProperties", "AcroForm"}

// keptAtLeast is what shows the pages, where a form or the outline of a
// document is not as it should be.
var keptAtLeast = []string{"Type", "Pages"}

// neverKept are entries that act, hold other files, or tell of the making,
// wherever they stand.
var neverKept = map[string]bool{
	"AA": true, "OpenAction": true, "JS": true, "JavaScript": true, "EmbeddedFiles": true, "EF": true, "AF": true, "XFA": true,
	"RichMediaContent": true, "RichMediaSettings": true, "3DD": true, "3DV": true, "Movie": true, "Sound": true, "Rendition": true,
	"Metadata": true, "PieceInfo": true, "LastModified": true, "Thumb": true, "Perms": true, "Legal": true, "Next": true, "PA": true,
}

// keptActions are what a click may do: open an address, go to a page.
var keptActions = map[string]bool{"URI": true, "GoTo": true}

// actions are what an action can be called. A dictionary so called is one,
// wherever it stands.
var actions = map[string]bool{
	"JavaScript": true, "Launch": true, "SubmitForm": true, "ResetForm": true, "ImportData": true, "GoToR": true, "GoToE": true,
	"Movie": true, "Sound": true, "Rendition": true, "RichMediaExecute": true, "Named": true, "Hide": true, "SetOCGState": true,
	"GoTo3DView": true, "GoToDp": true, "Trans": true, "Thread": true,
}

// keptNotes are the marks on a page that only show something.
var keptNotes = map[string]bool{
	"Link": true, "Widget": true, "Text": true, "FreeText": true, "Line": true, "Square": true, "Circle": true, "Highlight": true,
	"Underline": true, "Squiggly": true, "StrikeOut": true, "Stamp": true, "Ink": true, "Popup": true, "Polygon": true,
	"PolyLine": true, "Caret": true, "Redact": true, "Watermark": true,
}

// pdfCopy numbers the objects that are reached from the root in the order in
// which they are met.
type pdfCopy struct {
	from    *model.Context
	numbers map[int]int // of the original to ours
	order   []types.IndirectRef
}

func copyPDF(read *model.Context, kept []string) ([]byte, error) {
	root := types.Dict{}
	for _, key := range kept {
		if value, found := read.RootDict[key]; found {
			root[key] = value
		}
	}
	c := &pdfCopy{from: read, numbers: map[int]int{}}
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var offsets []int
	begin := func() {
		offsets = append(offsets, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n", len(offsets))
	}
	begin()
	catalogue, err := c.object(root, 0)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&out, "%s\nendobj\n", catalogue.PDFString())
	for n := 0; n < len(c.order); n++ { // grows as more are met
		if n > pdfObjectsMax || out.Len() > 2*BytesMax {
			return nil, errors.New("it unpacks to too much")
		}
		begin()
		if err := c.write(&out, c.order[n]); err != nil {
			return nil, err
		}
		out.WriteString("\nendobj\n")
	}
	id := sha256.Sum256(out.Bytes())
	table := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<</Size %d/Root 1 0 R/ID[<%x><%x>]>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, id[:16], id[:16], table)
	return out.Bytes(), nil
}

// write writes one object that another refers to.
func (c *pdfCopy) write(out *bytes.Buffer, ref types.IndirectRef) error {
	object, err := c.from.Dereference(ref)
	if err != nil {
		return err
	}
	stream, ok := asStream(object)
	if !ok {
		copied, err := c.object(object, 0)
		if err != nil {
			return err
		}
		out.WriteString(text(copied))
		return nil
	}
	for _, outside := range []string{"F", "FFilter", "FDecodeParms"} { // content that lies in another file
		delete(stream.Dict, outside)
	}
	if name := nameOf(stream.Dict["Type"]); name == "EmbeddedFile" || name == "ObjStm" || name == "XRef" || name == "Metadata" {
		out.WriteString("null")
		return nil
	}
	raw := stream.Raw
	if nameOf(stream.Dict["Filter"]) == "DCTDecode" {
		raw = withoutNotes(raw)
	}
	delete(stream.Dict, "Length")
	copied, err := c.object(stream.Dict, 0)
	if err != nil {
		return err
	}
	dict, ok := copied.(types.Dict)
	if !ok {
		out.WriteString("null")
		return nil
	}
	dict["Length"] = types.Integer(len(raw))
	fmt.Fprintf(out, "%s\nstream\n", dict.PDFString())
	out.Write(raw)
	out.WriteString("\nendstream")
	return nil
}

func asStream(o types.Object) (types.StreamDict, bool) {
	switch s := o.(type) {
	case types.StreamDict:
		return s, true
	case *types.StreamDict:
		return *s, true
	}
	return types.StreamDict{}, false
}

func text(o types.Object) string {
	if o == nil {
		return "null"
	}
	return o.PDFString()
}

func nameOf(o types.Object) string {
	name, _ := o.(types.Name)
	return string(name)
}

// object copies a value with what it holds, without what is not kept.
func (c *pdfCopy) object(o types.Object, depth int) (types.Object, error) {
	if depth > pdfDepthMax {
		return nil, errors.New("nested too deep")
	}
	switch o := o.(type) {
	case types.Dict:
		return c.dict(o, depth)
	case types.Array:
		copied := make(types.Array, len(o))
		for i, value := range o {
			var err error
			if copied[i], err = c.object(value, depth+1); err != nil {
				return nil, err
			}
		}
		return copied, nil
	case types.IndirectRef:
		return c.reference(o), nil
	case nil, types.Boolean, types.Integer, types.Float, types.Name, types.StringLiteral, types.HexLiteral:
		return o, nil
	}
	return nil, fmt.Errorf("a %T", o)
}

// reference gives what is referred to its number in the copy.
func (c *pdfCopy) reference(ref types.IndirectRef) types.IndirectRef {
	number, met := c.numbers[ref.ObjectNumber.Value()]
	if !met {
		c.order = append(c.order, ref)
		number = len(c.order) + 1
		c.numbers[ref.ObjectNumber.Value()] = number
	}
	return *types.NewIndirectRef(number, 0)
}

func (c *pdfCopy) dict(d types.Dict, depth int) (types.Object, error) {
	kind, err := c.from.Dereference(d["S"])
	if err != nil {
		return nil, err
	}
	if actions[nameOf(kind)] && !keptActions[nameOf(kind)] {
		return nil, nil
	}
	if where, ok := d["URI"]; ok && nameOf(kind) == "URI" && !c.isWeb(where) {
		return nil, nil
	}
	copied := types.Dict{}
	for _, key := range slices.Sorted(maps.Keys(d)) {
		if neverKept[key] {
			continue
		}
		value := d[key]
		if key == "Annots" {
			if value, err = c.notes(value); err != nil {
				return nil, err
			}
		}
		if value, err = c.object(value, depth+1); err != nil {
			return nil, err
		}
		if value != nil {
			copied[key] = value
		}
	}
	return copied, nil
}

// isWeb says whether an address is one of the web.
func (c *pdfCopy) isWeb(o types.Object) bool {
	o, err := c.from.Dereference(o)
	if err != nil {
		return false
	}
	var address []byte
	switch o := o.(type) {
	case types.StringLiteral:
		address, err = types.Unescape(o.Value())
	case types.HexLiteral:
		address, err = o.Bytes()
	}
	return err == nil && (bytes.HasPrefix(address, []byte("https://")) || bytes.HasPrefix(address, []byte("http://")))
}

// notes are the marks on a page that are kept.
func (c *pdfCopy) notes(o types.Object) (types.Object, error) {
	o, err := c.from.Dereference(o)
	if err != nil {
		return nil, err
	}
	all, ok := o.(types.Array)
	if !ok {
		return nil, nil
	}
	kept := types.Array{}
	for _, entry := range all {
		note, err := c.from.Dereference(entry)
		if err != nil {
			return nil, err
		}
		dict, ok := note.(types.Dict)
		if !ok {
			continue
		}
		kind, err := c.from.Dereference(dict["Subtype"])
		if err != nil {
			return nil, err
		}
		if keptNotes[nameOf(kind)] {
			kept = append(kept, entry)
		}
	}
	return kept, nil
}
