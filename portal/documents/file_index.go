package documents

import (
	"time"

	"amiable/negotiation/day"
	"amiable/portal/locale"
)

// FileIndex is the list of the pieces of a case's file on paper (bordereau): it
// stands on top of them, and says how they are checked.
type FileIndex struct {
	CaseReference string
	Agency        Identity
	Creditor      Identity
	Debtor        Identity
	FirstLetter   FirstLetterRef
	MadeOn        day.Day
	For           string // whose copy it is: "agent", "creditor", "debtor"
	Events        int64  // links of the case's chain
	ChainHead     string // its last one, hex; 16 characters are shown
	Key           string // the id of the key that signs
	KeysURL       string // where keys are published
	Parts         []FilePart
}

// FilePart is one part of a file, with its pieces.
type FilePart struct {
	Title  string
	Pieces []FilePiece
}

// FilePiece is one numbered piece.
type FilePiece struct {
	Number int
	Title  string
	On     day.Day
	Note   string // who may read it, or why there is no content; may be empty
	SHA256 string // 16 characters are shown; empty where there is no content
}

func (f *FileIndex) check() error {
	return complete("list of pieces", []mention{
		{"case", "", filled(f.CaseReference)},
		{"creditor's name", "", filled(f.Creditor.Name)},
		{"debtor's name", "", filled(f.Debtor.Name)},
		{"collector's name", "", filled(f.Agency.Name)},
		{"day", "", !f.MadeOn.IsZero()},
		{"end of the chain", "", len(f.ChainHead) >= 16},
		{"key", "", filled(f.Key)},
	})
}

// PDF draws the list. It fails with *MissingError where a mention is empty.
func (f FileIndex) PDF(l locale.Language) ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	s := newSheet(l, about{
		title: l.T("paper.file.title", "reference", f.CaseReference), subject: l.T("paper.file.subject", "reference", f.CaseReference),
		author: f.Agency.Name, at: f.MadeOn.Time().Add(12 * time.Hour),
	})
	s.foot = s.footOf(f.Agency, f.CaseReference)
	s.sender(f.Agency)
	s.title(s.t("file.title", "reference", f.CaseReference))
	pieces := 0
	for _, part := range f.Parts {
		pieces += len(part.Pieces)
	}
	s.text(s.t("file.lead", "n", pieces, "day", f.MadeOn))
	first := ""
	if f.FirstLetter.complete() {
		first = s.firstLetter(f.FirstLetter)
	}
	s.facts([]fact{
		{s.t("receipt.creditor"), plain(f.Creditor.oneLine())},
		{s.t("file.debtor"), plain(f.Debtor.oneLine())},
		{s.t("file.agency"), plain(f.Agency.oneLine())},
		{s.t("case"), plain(f.CaseReference)},
		{s.t("first_letter"), first},
		{s.t("file.copy"), s.t("file.for." + f.For)},
	})
	for _, part := range f.Parts {
		s.heading(plain(part.Title))
		var rows []row
		for _, p := range part.Pieces {
			date := ""
			if !p.On.IsZero() {
				date = s.l.Date(p.On)
			}
			rows = append(rows, row{cells: []string{s.l.Number(int64(p.Number)), plain(p.Title), date, p.SHA256[:min(16, len(p.SHA256))]}})
			if p.Note != "" {
				rows = append(rows, row{second: true, span: true, cells: []string{plain(p.Note)}})
			}
		}
		s.table([]column{
			{title: s.t("agreement.number"), width: 12, right: true}, {title: s.t("file.piece")}, {title: s.t("date"), width: 38}, {title: s.t("file.sum"), width: 38},
		}, rows)
	}
	s.heading(s.t("file.check.heading"))
	s.text(s.t("file.check", "n", f.Events))
	s.facts([]fact{
		{s.t("file.chain"), f.ChainHead[:16]},
		{s.t("file.key"), plain(f.Key)},
		{s.t("file.keys"), plain(f.KeysURL)},
	})
	s.second(s.t("file.check.how"))
	return s.bytes("list of pieces " + f.CaseReference)
}
