package portal

// Files that people send to prove something. A page that takes some names its
// address in evidenceForms, shows the field with the partial "files", and asks
// for them in one line:
//
//	func (s *Server) createDispute(c echo.Context) error {
//		form := typed(c, "claim", "ground", "words")
//		files, err := s.intake(c, &form, "files", evidence.FilesMax)
//		if err != nil {
//			return err
//		}
//		if form.Bad() {
//			return s.answerDispute(c, http.StatusUnprocessableEntity, form)
//		}
//		… negotiation.StepFile{Hash: f.Hash, Name: f.Name, MediaType: f.MediaType, Bytes: f.Bytes} of each
//	}
//
//	<form method="post" action="…" enctype="multipart/form-data">
//	{{template "files" (field .Form "files" "label" (t "…") "optional" true "max" 8)}}
//
// A form that comes back, for whatever reason, shows the files that were good
// as ticked boxes, and each that was not by its name with what to do: only that
// one is chosen again. To show one later: sendEvidence, from a route that has
// asked whether the reader may see what it belongs to.

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/evidence"
	"amiable/portal/page"
)

// Kept is a file that came with a form, cleaned and in the store.
type Kept struct {
	Draft     string // by which the next try of the form names it
	Hash      string
	Name      string
	MediaType string
	Bytes     int64
	Pages     int
	Width     int
	Height    int
}

// keptSuffix ends the name of the boxes of files that an earlier try kept.
const keptSuffix = "-kept"

// intake returns the files of a form's field: those that an earlier try kept
// and that are still ticked, then those that came now. One that is not taken is
// noted in the form by its name; the others are kept for the next try.
func (s *Server) intake(c echo.Context, form *page.Form, field string, most int) ([]Kept, error) {
	kept, err := s.keptBefore(c, form, field, c.Request().PostForm[field+keptSuffix])
	if err != nil {
		return nil, err
	}
	l := s.language(c)
	for _, sent := range sentFiles(c, field) {
		name := evidence.CleanName(sent.name)
		var refused *negotiation.Refusal
		if len(kept) >= most {
			refused = negotiation.Refuse(negotiation.Invalid, "evidence_many").With("name", name).With("max", most)
		} else {
			var file *Kept
			if file, err = s.take(c, sent); err == nil {
				if !slices.ContainsFunc(kept, func(k Kept) bool { return k.Hash == file.Hash }) {
					kept = append(kept, *file)
				}
				continue
			}
			if refused = negotiation.AsRefusal(err); refused == nil {
				return nil, err
			}
		}
		note(form, l, refused.On(field))
	}
	form.Keep(field, shownFiles(kept))
	return kept, nil
}

// take cleans one file and keeps it for its owner.
func (s *Server) take(c echo.Context, sent sentFile) (*Kept, error) {
	ctx := c.Request().Context()
	content, err := sent.open()
	if err != nil {
		return nil, err
	}
	cleaned, err := evidence.Intake(ctx, content, sent.name)
	if err != nil {
		return nil, err
	}
	if err := s.Files.Keep(ctx, cleaned); err != nil {
		return nil, err
	}
	draft, err := s.access.KeepDraftFile(ctx, who(c).visit, cleaned.Hash, cleaned.Name)
	if err != nil {
		return nil, err
	}
	return &Kept{draft.ID, cleaned.Hash, cleaned.Name, cleaned.MediaType, int64(len(cleaned.Content)), cleaned.Pages, cleaned.Width, cleaned.Height}, nil
}

// keptBefore returns the files that an earlier try of this visitor kept. It
// says where one is no longer there.
func (s *Server) keptBefore(c echo.Context, form *page.Form, field string, ids []string) ([]Kept, error) {
	if len(ids) > 2*evidence.FilesMax {
		ids = ids[:2*evidence.FilesMax]
	}
	drafts, err := s.access.DraftFiles(c.Request().Context(), who(c).visit, ids)
	if err != nil {
		return nil, err
	}
	var kept []Kept
	for _, d := range drafts {
		row, err := s.Files.row(c.Request().Context(), d.Hash)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(kept, func(k Kept) bool { return k.Hash == d.Hash }) {
			kept = append(kept, Kept{d.ID, d.Hash, d.Name, row.MediaType, row.Bytes, row.Pages, row.Width, row.Height})
		}
	}
	if len(drafts) < len(ids) {
		note(form, s.language(c), negotiation.Refuse(negotiation.Invalid, "evidence_gone").On(field))
	}
	return kept, nil
}

// restoreFiles shows the kept files of a form that comes back after its sender
// had to sign in again.
func (s *Server) restoreFiles(c echo.Context, form *page.Form, field string, ids []string) {
	kept, err := s.keptBefore(c, form, field, ids)
	if err != nil {
		s.Log.Warn("kept files could not be read", "error", err)
		return
	}
	form.Keep(field, shownFiles(kept))
}

func shownFiles(kept []Kept) []page.KeptFile {
	var shown []page.KeptFile
	for _, k := range kept {
		shown = append(shown, page.KeptFile{ID: k.Draft, Name: k.Name, Bytes: k.Bytes, Pages: k.Pages})
	}
	return shown
}

// sendEvidence sends a file under the name that its sender gave it. Only an
// image that we drew is shown in the browser, and even that as a document
// without an origin, which may load and run nothing. A PDF that we copied is a
// download, since browsers' own readers do not run in such a document; anything
// else is a download of no type. Whether the reader may see it, the route has
// asked.
func (s *Server) sendEvidence(c echo.Context, hash, name string) error {
	row, content, err := s.Files.open(c.Request().Context(), hash)
	if err != nil {
		return err
	}
	defer content.Close()
	media, shown := "application/octet-stream", disposition(name)
	if row.Cleaned {
		media = row.MediaType
	}
	if media == evidence.JPEG {
		shown = strings.Replace(shown, "attachment", "inline", 1)
	}
	h := c.Response().Header()
	h.Set("Content-Disposition", shown)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "private, no-store")
	h.Set(echo.HeaderContentLength, strconv.FormatInt(row.Bytes, 10))
	return c.Stream(http.StatusOK, media, content)
}
