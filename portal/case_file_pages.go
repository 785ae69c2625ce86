package portal

import (
	"encoding/base64"
	"io"
	"net/http"
	"os"
	"strconv"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/page"
)

// longAnswers are the routes whose answer takes its time: it is written whole
// before its first byte leaves.
var longAnswers = []string{caseFilePath("creditor"), caseFilePath("agent"), copyPath}

func caseFilePath(console string) string { return "/" + console + "/cases/:case/file" }

func (s *Server) caseFileRoutes(console string, audience Audience) []Route {
	return []Route{
		{http.MethodGet, caseFilePath(console), audience, s.showCaseFile},
		{http.MethodPost, caseFilePath(console), audience, s.sendCaseFile},
	}
}

func (s *Server) showCaseFile(c echo.Context) error { return s.answerCaseFile(c, http.StatusOK, nil) }

func (s *Server) answerCaseFile(c echo.Context, code int, refused *negotiation.Refusal) error {
	o, err := s.openCase(c)
	if err != nil {
		return err
	}
	of := console(c)
	at := "/" + of + "/cases/" + o.file.ID
	p := &page.CaseFile{
		StaffBase: s.staffBase(c, "cases"), Row: openRow(of, o.file, o.gate, o.statement.Total), Action: at + "/file", BackURL: at, CheckURL: checkPath,
		Head: o.file.ChainHead(), Events: int(o.file.EventSeq),
	}
	p.CurrentPath = at + "/file"
	if s.SealKeys.Signs != nil {
		p.Key = s.SealKeys.Signs.Public().ID()
	}
	if refused != nil {
		p.Problem = words(s.language(c), refused)
	}
	if of == "agent" {
		if p.Readings, err = s.readingRows(c, o.file); err != nil {
			return err
		}
	}
	return s.showConsole(c, code, p)
}

// readingRows are who read what of a case, the newest first.
func (s *Server) readingRows(c echo.Context, file *negotiation.Case) ([]page.ReadingRow, error) {
	readings, err := s.negotiation.Readings(c.Request().Context(), who(c).Actor, file)
	if err != nil {
		return nil, err
	}
	var list []page.ReadingRow
	for i := len(readings) - 1; i >= 0; i-- {
		r := &readings[i]
		list = append(list, page.ReadingRow{At: r.At, Who: r.ByName, Role: string(r.ByRole), Of: r.SubjectID, What: string(r.Subject), Need: r.Need})
	}
	return list, nil
}

// sendCaseFile sends the file of a case, once it is noted who takes it.
func (s *Server) sendCaseFile(c echo.Context) error {
	ctx, by, id := c.Request().Context(), who(c).Actor, c.Param("case")
	f, err := s.caseFile(ctx, by, id)
	if r := negotiation.AsRefusal(err); r != nil && r.Kind == negotiation.Conflict {
		return s.answerCaseFile(c, status(r), r)
	}
	if err != nil {
		return err
	}
	return s.sendArchive(c, f, func() error { return s.negotiation.TakeFile(ctx, by, id) })
}

// sendArchive writes a file into a temporary file, has it noted who takes it,
// and sends it. What goes wrong is said before anything has left.
func (s *Server) sendArchive(c echo.Context, f *caseFile, note func() error) error {
	made, err := os.CreateTemp("", "amiable-file-*.zip")
	if err != nil {
		return err
	}
	defer func() {
		_ = made.Close()
		_ = os.Remove(made.Name())
	}()
	if err := f.write(made); err != nil {
		return err
	}
	length, err := made.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = made.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	if note != nil {
		if err := note(); err != nil {
			return err
		}
	}
	h := c.Response().Header()
	h.Set("Content-Disposition", disposition(f.file.Reference+"-"+string(f.today)+".zip"))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set(echo.HeaderContentLength, strconv.FormatInt(length, 10))
	return c.Stream(http.StatusOK, "application/zip", made)
}

// showKeys says how a file is checked, and shows the keys that check it.
func (s *Server) showKeys(c echo.Context) error {
	p := &page.CheckFile{Base: s.base(c), KeysURL: keysPath}
	for i, key := range s.SealKeys.Public() {
		p.Keys = append(p.Keys, page.SealKey{ID: key.ID(), Key: key.Base64(), Signs: i == 0 && s.SealKeys.Signs != nil})
	}
	return s.show(c, http.StatusOK, p)
}

// sendKeys publishes the keys for programs, as a set of JSON Web Keys.
func (s *Server) sendKeys(c echo.Context) error {
	type key struct {
		Type  string `json:"kty"`
		Curve string `json:"crv"`
		ID    string `json:"kid"`
		X     string `json:"x"`
		Use   string `json:"use"`
		Signs bool   `json:"signs"`
		PEM   string `json:"pem"`
	}
	keys := []key{}
	for i, k := range s.SealKeys.Public() {
		keys = append(keys, key{"OKP", "Ed25519", k.ID(), base64.RawURLEncoding.EncodeToString(k), "sig", i == 0 && s.SealKeys.Signs != nil, string(k.PEM())})
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=3600")
	return c.JSON(http.StatusOK, map[string]any{"keys": keys})
}
