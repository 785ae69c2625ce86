package portal

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/negotiation/placement"
	"amiable/portal/page"
)

// badLinesMax is how many refused lines stand on the page; the file has all.
const badLinesMax = 200

func (s *Server) showPlacements(c echo.Context) error {
	return s.answerPlacements(c, http.StatusOK, page.Form{})
}

func (s *Server) answerPlacements(c echo.Context, status int, form page.Form) error {
	p := &page.Placement{StaffBase: s.staffBase(c, "placements"), MaxBytes: uploadBytesMax, Form: form}
	earlier, err := s.negotiation.Placements(c.Request().Context(), who(c).Actor, 20)
	if err != nil {
		return err
	}
	for _, e := range earlier {
		of, err := s.negotiation.PlacedBy(c.Request().Context(), e.ID)
		if err != nil {
			return err
		}
		p.Earlier = append(p.Earlier, page.PlacementRow{
			URL: "/creditor/placements/" + e.ID, At: e.CreatedAt, File: e.FileName, Lines: int(e.Accepted + e.Warned + e.Refused),
			Opened: int(e.Accepted + e.Warned - e.Known), Bad: int(e.Refused), Amount: money.Euros(of.Amount),
		})
	}
	return s.showConsole(c, status, p)
}

// createPlacement reads a creditor's file. It is read as it comes, whatever
// its size; the refused lines are kept as a file to correct and send again.
func (s *Server) createPlacement(c echo.Context) error {
	form := typed(c, "confirm_mandate", "encoding")
	header, err := c.FormFile("file")
	switch {
	case errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) || (err == nil && header.Size == 0):
		form.Add("file", "file_missing")
	case err != nil:
		return err
	}
	if !form.Is("confirm_mandate", "yes") {
		form.Add("confirm_mandate", "mandate")
	}
	var encoding placement.Encoding
	if wanted := form.Value("encoding"); wanted != "" {
		if encoding, err = placement.ParseEncoding(wanted); err != nil {
			form.Add("encoding", "choose")
		}
	}
	if form.Bad() {
		return s.answerPlacements(c, http.StatusUnprocessableEntity, form)
	}
	file, err := header.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var refused bytes.Buffer
	placed, _, err := s.negotiation.Place(c.Request().Context(), who(c).Actor, negotiation.File{
		Name: header.Filename, Hash: hex.EncodeToString(sum.Sum(nil)), Body: file, Refused: &refused, Encoding: encoding,
	})
	var unreadable *placement.FileError
	if errors.As(err, &unreadable) {
		form.Errors = append(form.Errors, page.FieldError{Field: "file", Text: unreadable.Text(string(s.language(c)))})
		return s.answerPlacements(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	if placed.Refused > 0 {
		hash, err := s.Files.Put(c.Request().Context(), strings.TrimSuffix(header.Filename, ".csv")+"-refused.csv", "text/csv; charset=utf-8", refused.Bytes())
		if err != nil {
			return err
		}
		if err := s.negotiation.SetRefusedFile(c.Request().Context(), placed, hash); err != nil {
			return err
		}
	}
	s.nudge()
	return c.Redirect(http.StatusSeeOther, "/creditor/placements/"+placed.ID)
}

func (s *Server) placementOf(c echo.Context) (*negotiation.Placement, error) {
	return s.negotiation.Placement(c.Request().Context(), who(c).Actor, c.Param("placement"))
}

func (s *Server) showPlacement(c echo.Context) error {
	placed, err := s.placementOf(c)
	if err != nil {
		return err
	}
	of, err := s.negotiation.PlacedBy(c.Request().Context(), placed.ID)
	if err != nil {
		return err
	}
	p := &page.PlacementResult{
		StaffBase: s.staffBase(c, "placements"), File: strings.Join(notEmpty(placed.FileName, placed.Encoding), " · "), At: placed.CreatedAt, Lines: int(placed.Accepted + placed.Warned + placed.Refused),
		Opened: of.Claims, Cases: of.Cases, Known: int(placed.Known), Amount: money.New(of.Amount, money.EUR), Running: placed.DoneAt == nil,
	}
	if placed.RefusedFile != "" {
		p.BadCSVURL = "/creditor/placements/" + placed.ID + "/refused"
		if p.Bad, err = s.badLines(c, placed.RefusedFile); err != nil {
			return err
		}
	}
	return s.showConsole(c, http.StatusOK, p)
}

// badLines reads the refused lines back from their file, in the reader's
// words.
func (s *Server) badLines(c echo.Context, hash string) ([]page.BadLine, error) {
	_, _, content, err := s.Files.Get(c.Request().Context(), hash)
	if err != nil {
		return nil, err
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	reader := csv.NewReader(bytes.NewReader(content))
	reader.FieldsPerRecord, reader.LazyQuotes, reader.ReuseRecord = -1, true, false
	first, _, _ := bytes.Cut(content, []byte("\n"))
	for _, delimiter := range []rune{';', '\t', '|'} {
		if bytes.ContainsRune(first, delimiter) {
			reader.Comma = delimiter
			break
		}
	}
	titles, err := reader.Read()
	if err != nil {
		return nil, nil // no line
	}
	column := func(meaning string) int {
		return slices.IndexFunc(titles, func(title string) bool { return placement.Meaning(title) == meaning })
	}
	named := []int{column("debtor_name"), column("invoice_number")}
	var bad []page.BadLine
	for len(bad) < badLinesMax {
		record, err := reader.Read()
		if err != nil {
			break
		}
		if len(record) < 3 {
			continue
		}
		line := page.BadLine{Text: placement.ReasonText(placement.Code(record[1]), string(s.language(c)))}
		for _, digit := range record[0] {
			if digit >= '0' && digit <= '9' && line.Line < 1<<30 {
				line.Line = line.Line*10 + int(digit-'0')
			}
		}
		var who []string
		for _, i := range named {
			if i >= 0 && i < len(record) {
				who = append(who, record[i])
			}
		}
		line.Who = strings.Join(notEmpty(who...), " · ")
		line.Column, _, _ = strings.Cut(record[2], ": ")
		if !slices.Contains(titles, line.Column) && placement.Meaning(line.Column) == "" {
			line.Column = ""
		}
		bad = append(bad, line)
	}
	return bad, nil
}

// showRefused sends the refused lines as a file to correct.
func (s *Server) showRefused(c echo.Context) error {
	placed, err := s.placementOf(c)
	if err != nil {
		return err
	}
	if placed.RefusedFile == "" {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return s.sendFile(c, placed.RefusedFile)
}
