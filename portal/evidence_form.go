package portal

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/access"
	"amiable/portal/evidence"
)

// evidenceForms are the routes that take files as evidence. Their forms are
// read file by file: one that is too large is let pass by and named, and costs
// neither the others nor the disk.
var evidenceForms = []string{
	disputesPath, disputesPath + "/:dispute/replies", disputesPath + "/:dispute/reopening",
	staffDisputePath("creditor") + "/answer", staffDisputePath("agent") + "/answer", staffDisputePath("agent") + "/steps", staffDisputePath("agent") + "/replies",
	messagePath, staffThreadPath("creditor"), staffThreadPath("agent"),
	overindebtednessPath, situationsPath, situationPath + "/proof", situationPath + "/turning",
}

const (
	evidenceFormMax  = 300 << 20 // bytes of a whole form: a film may be in it, which is then named
	evidencePartsMax = 100
	evidenceSentMax  = 2 * evidence.FilesMax // files that are looked at; what is beyond is named
)

// sentFile is a file as it came with a form.
type sentFile struct {
	field, name string
	content     *os.File // nil: it is too large, or one too many
}

const sentKey = "amiable.sent"

// sentFiles are the files of a form's field.
func sentFiles(c echo.Context, field string) []sentFile {
	var of []sentFile
	all, _ := c.Get(sentKey).([]sentFile)
	for _, f := range all {
		if f.field == field {
			of = append(of, f)
		}
	}
	return of
}

// open returns the content from its beginning, or why there is none.
func (f sentFile) open() (io.Reader, error) {
	if f.content == nil {
		return nil, evidence.TooLarge(evidence.CleanName(f.name))
	}
	_, err := f.content.Seek(0, io.SeekStart)
	return f.content, err
}

// dropSent lets go of what came with a form.
func dropSent(c echo.Context) {
	all, _ := c.Get(sentKey).([]sentFile)
	for _, f := range all {
		if f.content != nil {
			_ = f.content.Close()
		}
	}
	c.Set(sentKey, nil)
}

// filesFrom is how many files of a form are kept while it is read: none of who
// is not signed in, whose words alone wait until they are.
func (s *Server) filesFrom(c echo.Context, r Route) (int, error) {
	door := access.DoorStaff
	if r.Audience == Debtors {
		door = access.DoorDebtor
	}
	visit, err := s.access.Visit(c.Request(), door)
	if err != nil {
		return 0, err
	}
	by, ok, err := s.access.Actor(c.Request().Context(), visit)
	if err != nil || !ok || by.Role == negotiation.RolePayer {
		return 0, err
	}
	return evidenceSentMax, nil
}

// readEvidenceForm reads a form with files. Files go to disk under no name, so
// that nothing is left of them when the request ends, however it ends. Of more
// than most only the name is kept.
func readEvidenceForm(c echo.Context, most int) error {
	request := c.Request()
	parts, err := request.MultipartReader()
	if err != nil {
		return err
	}
	values, left := url.Values{}, int64(formBytesMax)
	var sent []sentFile
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && n >= evidencePartsMax {
			err = &http.MaxBytesError{Limit: evidencePartsMax}
		}
		if err != nil {
			c.Set(sentKey, sent)
			return err
		}
		if part.FileName() == "" {
			var value []byte
			value, err = io.ReadAll(io.LimitReader(part, left+1))
			if left -= int64(len(value) + len(part.FormName())); err == nil && left < 0 {
				err = &http.MaxBytesError{Limit: formBytesMax}
			}
			values.Add(part.FormName(), string(value))
		} else {
			f := sentFile{field: part.FormName(), name: part.FileName()}
			if len(sent) < most {
				f.content, err = spool(part)
			}
			sent = append(sent, f)
		}
		if err == nil {
			_, err = io.Copy(io.Discard, part)
		}
		if err != nil {
			c.Set(sentKey, sent)
			return err
		}
	}
	c.Set(sentKey, sent)
	request.PostForm, request.Form = values, url.Values{}
	for _, from := range []url.Values{values, request.URL.Query()} {
		for name, all := range from {
			request.Form[name] = append(request.Form[name], all...)
		}
	}
	request.MultipartForm = &multipart.Form{Value: values} // it is read: nobody reads it again
	return nil
}

// spool keeps a part while it is within bounds; nil where it is not.
func spool(part io.Reader) (*os.File, error) {
	file, err := os.CreateTemp("", "amiable-evidence-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil { // it goes with its handle
		return nil, errors.Join(err, file.Close())
	}
	n, err := io.Copy(file, io.LimitReader(part, evidence.BytesMax+1))
	if err != nil || n > evidence.BytesMax {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
