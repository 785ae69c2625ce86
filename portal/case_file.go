package portal

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"amiable/negotiation"
	"amiable/portal/casefile"
	"amiable/portal/documents"
	"amiable/portal/locale"
	"amiable/portal/store"
)

// keysPath is where the keys that sign files are published, as JSON; the page
// for people is checkPath.
const (
	keysPath  = "/.well-known/amiable-keys.json"
	checkPath = "/check-a-file"
)

// caseFile gathers the pieces of a case for one reader. The same case on the
// same day gives the same bytes.
type caseFile struct {
	*Server
	ctx   context.Context
	by    negotiation.Actor
	who   reader
	file  *negotiation.Case
	today negotiation.Day
	l     locale.Language // of the pieces that are made now: the law's; of a debtor's copy theirs
	left  int64           // bytes of files that were sent which a debtor's copy still takes
	w     *casefile.Writer
	part  filePart // under way

	events []negotiation.Event
	chain  casefile.Chain
}

// filePart is one part of a file: its folder, and who gathers it.
type filePart struct {
	name   string // phrase "file.part.<name>"
	folder string
	gather func(*caseFile) error
}

// fileParts are the parts of a file, in the order of law.md §4.4.
var fileParts = []filePart{
	{"mandate", "01-mandat", (*caseFile).mandate},
	{"claims", "02-creances", (*caseFile).claims},
	{"statements", "03-decomptes", (*caseFile).statements},
	{"first_letter", "04-premiere-lettre", (*caseFile).firstLetter},
	{"letters", "05-courriers", (*caseFile).letters},
	{"agreements", "06-accords", (*caseFile).agreements},
	{"disputes", "07-contestations", (*caseFile).disputes},
	{"payments", "08-paiements", (*caseFile).paid},
	{"messages", "09-messages", (*caseFile).messages},
	{"holds", "10-suspensions", (*caseFile).holds},
	{"ledger", "11-ecritures", (*caseFile).ledger},
	{"events", "12-evenements", (*caseFile).record},
	{"access", "13-acces", (*caseFile).accesses},
}

// errNoSealKey refuses a file that nobody could check.
var errNoSealKey = negotiation.Refuse(negotiation.Conflict, "seal_key_missing")

// WriteCaseFile writes the file of a case, signed, as its reader may see it. An
// error in the middle leaves something that is no zip.
func (s *Server) WriteCaseFile(ctx context.Context, by negotiation.Actor, caseID string, out io.Writer) error {
	f, err := s.caseFile(ctx, by, caseID)
	if err != nil {
		return err
	}
	return f.write(out)
}

// caseFile makes ready to write a file: what can be refused is refused here.
func (s *Server) caseFile(ctx context.Context, by negotiation.Actor, caseID string) (*caseFile, error) {
	if s.SealKeys.Signs == nil {
		return nil, errNoSealKey
	}
	file, err := s.negotiation.Case(ctx, by, caseID)
	if err != nil {
		return nil, err
	}
	f := &caseFile{Server: s, ctx: ctx, by: by, who: readerOf(by), file: file, l: locale.French, left: copyFilesMax}
	if p := file.Party(by.ID); p != nil && f.who == forDebtor {
		f.l = locale.Language(p.Person.Language).Or()
	}
	if f.today, err = s.negotiation.Today(ctx); err != nil {
		return nil, err
	}
	if f.events, err = s.negotiation.Events(ctx, file.ID); err != nil {
		return nil, err
	}
	// What was added since the case was read is of the next file.
	if len(f.events) < int(file.EventSeq) {
		return nil, fmt.Errorf("case %s: its chain has %d events, and it remembers %d", file.ID, len(f.events), file.EventSeq)
	}
	f.events = f.events[:file.EventSeq]
	return f, nil
}

// readerOf is for whom an actor reads.
func readerOf(by negotiation.Actor) reader {
	switch by.Role {
	case negotiation.RoleCreditor:
		return forCreditor
	case negotiation.RoleDebtor, negotiation.RoleAdviser:
		return forDebtor
	}
	return forAgent
}

func (f *caseFile) write(out io.Writer) error {
	f.w = casefile.NewWriter(out, f.SealKeys.Signs, f.BaseURL+keysPath, casefile.Index{
		Case: negotiation.GroupedReference(f.file.Reference), Creditor: f.file.Creditor.Name, Debtor: f.file.Debtor.Name, Agency: f.file.Agency.Name,
		For: string(f.who), MadeOn: f.today,
	})
	for _, part := range fileParts {
		f.part = part
		if err := part.gather(f); err != nil {
			return fmt.Errorf("file of case %s, %s: %w", f.file.ID, part.name, err)
		}
	}
	f.w.Chain(f.chain)
	list, err := f.list().PDF(f.l)
	if err != nil {
		return err
	}
	if err := f.w.Cover("bordereau.pdf", list); err != nil {
		return err
	}
	return f.w.Close()
}

// list is the list of pieces on paper.
func (f *caseFile) list() documents.FileIndex {
	d := documents.FileIndex{
		CaseReference: negotiation.GroupedReference(f.file.Reference), Agency: agencyIdentity(f.file.Agency), Creditor: creditorIdentity(f.file.Creditor),
		Debtor: debtorIdentity(f.file.Debtor), FirstLetter: documents.FirstLetterRef{Reference: f.file.FirstLetterReference, SentOn: f.file.FirstLetterOn},
		MadeOn: f.today, For: string(f.who), Events: f.chain.Events, ChainHead: f.chain.Head, Key: f.SealKeys.Signs.Public().ID(), KeysURL: f.BaseURL + checkPath,
	}
	for _, part := range fileParts {
		p := documents.FilePart{Title: f.l.T("file.part." + part.name)}
		for _, piece := range f.w.Pieces() {
			if piece.Part == part.name {
				p.Pieces = append(p.Pieces, documents.FilePiece{Number: piece.Number, Title: piece.Title, On: piece.On, Note: f.noteOf(piece), SHA256: piece.SHA256})
			}
		}
		if len(p.Pieces) > 0 {
			d.Parts = append(d.Parts, p)
		}
	}
	return d
}

// noteOf says between whom a piece is, or why it has no content.
func (f *caseFile) noteOf(p casefile.Piece) string {
	switch {
	case p.Missing != "":
		return f.l.T("file.missing." + p.Missing)
	case p.Private != "":
		return f.l.T("file.private." + p.Private)
	}
	return ""
}

// title says what a piece is: phrase "file.piece.<what>".
func (f *caseFile) title(what string, values ...any) string {
	return f.l.T("file.piece."+what, values...)
}

// object is JSON with its keys in the order of the alphabet: the same each time.
type object = map[string]any

// rows maps a list; an empty one is [], never null.
func rows[T any](list []T, one func(*T) object) []object {
	mapped := make([]object, 0, len(list))
	for i := range list {
		mapped = append(mapped, one(&list[i]))
	}
	return mapped
}

// stored passes stored JSON through.
func stored(text string) any {
	if !json.Valid([]byte(text)) {
		return nil
	}
	return json.RawMessage(text)
}

// data adds what the database holds, as JSON.
func (f *caseFile) data(what, name string, on negotiation.Day, value any) error {
	content, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return f.add(casefile.Piece{Title: f.title(what), On: on, Media: "application/json"}, name+".json", append(content, '\n'))
}

// drawn is a document that can be drawn.
type drawn interface {
	PDF(l locale.Language) ([]byte, error)
}

// paper adds a document; head is what it prints of the chain.
func (f *caseFile) paper(title, name string, on negotiation.Day, head string, d drawn) error {
	content, err := d.PDF(f.l)
	if err != nil {
		return err
	}
	return f.add(casefile.Piece{Title: title, On: on, Media: "application/pdf", Printed: head[:min(16, len(head))]}, name+".pdf", content)
}

// proof adds a file that is known by its hash, or says that what is known by
// another reference is kept elsewhere. What the house proves something with may
// name others, and stays out of a debtor's copy.
func (f *caseFile) proof(title, reference string, on negotiation.Day) error {
	if reference == "" || f.who == forDebtor {
		return nil
	}
	if !store.IsHash(reference) {
		return f.add(casefile.Piece{Title: title + " (" + reference + ")", On: on, Missing: "elsewhere"}, "", nil)
	}
	return f.sent(title, reference, "", on, "")
}

// sent adds a file that somebody sent. One that was removed for good is named,
// with its hash.
func (f *caseFile) sent(title, hash, name string, on negotiation.Day, private string) error {
	p := casefile.Piece{Title: title, On: on, Private: private}
	if !store.IsHash(hash) {
		p.Missing = "elsewhere"
		return f.add(p, "", nil)
	}
	kept, err := f.Files.Store.Has(f.ctx, hash)
	if err != nil {
		return err
	}
	row, err := f.Files.row(f.ctx, hash)
	if r := negotiation.AsRefusal(err); (err == nil && !kept) || (r != nil && r.Kind == negotiation.NotFound) {
		p.Missing, p.SHA256 = "erased", hash
		return f.add(p, "", nil)
	}
	if err != nil {
		return err
	}
	if f.left -= row.Bytes; f.who == forDebtor && f.left < 0 {
		p.Missing, p.SHA256 = "size", hash
		return f.add(p, "", nil)
	}
	_, media, content, err := f.Files.Get(f.ctx, hash)
	if err != nil {
		return err
	}
	if name == "" {
		name = row.Name
	}
	p.Media = media
	return f.add(p, name, content)
}

func (f *caseFile) add(p casefile.Piece, name string, content []byte) error {
	p.Part = f.part.name
	_, err := f.w.Add(p, f.part.folder, name, content)
	return err
}

// noon is the instant that stands on what is made for a day.
func noon(on negotiation.Day) time.Time { return on.Time().Add(12 * time.Hour) }

// utc is a moment as it stands in a file; none is null.
func utc(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC()
}
