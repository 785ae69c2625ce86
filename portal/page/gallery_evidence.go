package page

import "amiable/portal/evidence"

// filesField shows the field for evidence by itself.
type filesField struct {
	Base
	Form Form
	Max  int
}

func (*filesField) template() string { return "gallery/files" }

func (w world) files() []Specimen {
	field := func(kept []KeptFile, refused ...string) *filesField {
		p := &filesField{Base: w.inCase("/case/contest"), Max: evidence.FilesMax}
		p.Form.Keep("files", kept)
		for _, text := range refused {
			p.Form.Errors = append(p.Form.Errors, FieldError{Field: "files", Text: text})
		}
		return p
	}
	two := []KeptFile{
		{ID: "0193-1", Name: "porte de la verrière.jpg", Bytes: 412_000}, {ID: "0193-2", Name: "devis Atelier Boréal.pdf", Bytes: 1_250_000, Pages: 3},
	}
	var all []KeptFile
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		all = append(all, KeptFile{ID: "0193-" + n, Name: "IMG_041" + n + ".jpg", Bytes: 380_000})
	}
	return []Specimen{
		{In: "empty", Page: field(nil)},
		{In: "two kept and one refused", Page: field(two, w.lang.T("refusal.evidence_pdf_locked", "name", "relevé de mars.pdf"))},
		{In: "one kept and two refused", Page: field(two[:1], w.lang.T("refusal.evidence_size", "name", "VID_2026.mp4", "max", 10), w.lang.T("refusal.evidence_heic", "name", "IMG_0412.HEIC"))},
		{In: "too many", Page: field(all, w.lang.T("refusal.evidence_many", "name", "IMG_0419.jpg", "max", evidence.FilesMax))},
		{In: "one gone", Page: field(nil, w.lang.T("refusal.evidence_gone"))},
	}
}
