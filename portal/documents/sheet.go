package documents

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"amiable/portal/locale"

	"codeberg.org/go-pdf/fpdf"
)

// The sheet is A4; measures are millimetres.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	leftEdge   = 22.0
	rightEdge  = 190.0
	topEdge    = 20.0
	bottomEdge = 272.0 // the foot is below
)

// sheet is a document being written, from top to bottom; y is where the next
// block begins.
type sheet struct {
	pdf   *fpdf.Fpdf
	l     locale.Language
	y     float64
	foot  string // one line at the foot of every page, beside the page number
	first int    // page of the document being written: a print run holds several
}

// about is what a file says of itself.
type about struct {
	title, subject, author string
	at                     time.Time
}

func newSheet(l locale.Language, a about) *sheet {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(a.at.UTC())
	pdf.SetModificationDate(a.at.UTC())
	pdf.SetTitle(clean(a.title), true)
	pdf.SetSubject(clean(a.subject), true)
	pdf.SetAuthor(clean(a.author), true)
	pdf.SetCreator("Amiable", true)
	pdf.SetProducer("Amiable", true)
	pdf.SetLang(string(l.Or()))
	pdf.SetAutoPageBreak(false, 0)
	pdf.AddUTF8FontFromBytes("sans", "", sansRegular())
	pdf.AddUTF8FontFromBytes("sans", "B", sansBold())
	pdf.AddUTF8FontFromBytes("serif", "", serifRegular())
	s := &sheet{pdf: pdf, l: l.Or(), first: 1}
	s.newPage()
	return s
}

// t says a phrase "paper.<key>".
func (s *sheet) t(key string, values ...any) string {
	for i, v := range values {
		if text, ok := v.(string); ok && i%2 == 1 {
			values[i] = plain(text)
		}
	}
	return s.l.T("paper."+key, values...)
}

func (s *sheet) newPage() {
	s.pdf.AddPage()
	s.y = topEdge
}

// need begins a new page where less than height is left on this one.
func (s *sheet) need(height float64) {
	if s.y+height > bottomEdge {
		s.newPage()
	}
}

func (s *sheet) gap(height float64) { s.y += height }

func (s *sheet) use(f face) {
	style := ""
	if f.bold {
		style = "B"
	}
	s.pdf.SetFont(f.family, style, f.size)
	s.pdf.SetTextColor(f.colour.r, f.colour.g, f.colour.b)
}

// title writes the name of the document and makes it the first bookmark.
func (s *sheet) title(text string) {
	s.use(faceTitle)
	s.pdf.Bookmark(clean(text), 0, s.y)
	s.paragraph(text, faceTitle)
	s.gap(2)
}

// heading begins a section; it stays with at least two lines of it.
func (s *sheet) heading(text string) {
	if s.y > topEdge {
		s.gap(4)
	}
	s.need(faceHeading.leading + 3*faceText.leading)
	s.use(faceHeading)
	s.pdf.Bookmark(clean(text), 1, s.y)
	s.paragraph(text, faceHeading)
	s.gap(0.6)
}

func (s *sheet) text(text string) {
	s.paragraph(text, faceText)
	s.gap(1.7)
}

func (s *sheet) second(text string) {
	s.paragraph(text, faceSecond)
	s.gap(1.4)
}

// paragraph writes text over the whole width, from page to page.
func (s *sheet) paragraph(text string, f face) { s.paragraphIn(text, f, leftEdge, rightEdge-leftEdge) }

func (s *sheet) paragraphIn(text string, f face, x, width float64) {
	lines := s.wrap(text, f, width)
	for i, l := range lines {
		// Neither the first line of a paragraph nor its last stands alone.
		if (i == 0 || i == len(lines)-2) && len(lines) > 1 {
			s.need(min(2, float64(len(lines)-i)) * f.leading)
		}
		s.need(f.leading)
		s.put(l, f, x, s.y)
		s.y += f.leading
	}
}

// put writes one line with its top at y.
func (s *sheet) put(l textLine, f face, x, y float64) {
	baseline := y + f.baseline()
	for _, r := range l.runs {
		g := f
		g.bold = f.bold || r.bold
		s.use(g)
		s.pdf.Text(x, baseline, r.text)
		x += s.pdf.GetStringWidth(r.text)
	}
}

// putRight writes one line that ends at x.
func (s *sheet) putRight(l textLine, f face, x, y float64) { s.put(l, f, x-l.width, y) }

// rule draws a hairline over the whole width.
func (s *sheet) rule() { s.stroke(leftEdge, rightEdge, s.y, 0.2, line) }

func (s *sheet) stroke(x1, x2, y, weight float64, c colour) {
	s.pdf.SetDrawColor(c.r, c.g, c.b)
	s.pdf.SetLineWidth(weight)
	s.pdf.Line(x1, y, x2, y)
}

// sum shows the one sum of a document over the double rule that marks it.
func (s *sheet) sum(label, amount, note string) {
	s.need(faceText.leading + faceSum.leading + 8)
	s.paragraph(label, faceText.in(ink2))
	s.paragraph(amount, faceSum)
	s.gap(1.2)
	s.stroke(leftEdge, rightEdge, s.y, 0.8, ink)
	s.stroke(leftEdge, rightEdge, s.y+1.1, 0.25, ink)
	s.gap(3)
	if note != "" {
		s.second(note)
	}
}

// fact is a label with what stands beside it.
type fact struct{ label, value string }

const factIndent = 46.0

// facts lists labels and values in two columns; a fact without a value is left
// out.
func (s *sheet) facts(facts []fact) {
	for _, f := range facts {
		if strings.TrimSpace(f.value) == "" {
			continue
		}
		labels := s.wrap(f.label, faceSecond, factIndent-4)
		values := s.wrap(f.value, faceText, rightEdge-leftEdge-factIndent)
		height := max(float64(len(labels))*faceSecond.leading, float64(len(values))*faceText.leading)
		s.need(height)
		top := s.y
		for i, l := range labels {
			s.put(l, faceSecond, leftEdge, top+faceText.baseline()-faceSecond.baseline()+float64(i)*faceSecond.leading)
		}
		s.paragraphIn(f.value, faceText, leftEdge+factIndent, rightEdge-leftEdge-factIndent)
		s.y = max(s.y, top+height) + 0.9
	}
}

// items lists short paragraphs with a dash before each.
func (s *sheet) items(texts ...string) {
	for _, text := range texts {
		s.need(2 * faceText.leading)
		s.put(textLine{runs: []run{{text: "–"}}}, faceText, leftEdge, s.y)
		s.paragraphIn(text, faceText, leftEdge+4.5, rightEdge-leftEdge-4.5)
		s.gap(1)
	}
}

// online says where the accessible original is, as a link.
func (s *sheet) online(address string) {
	if address == "" {
		return
	}
	lines := s.wrap(s.t("online", "url", address), faceSecond, rightEdge-leftEdge)
	s.need(float64(len(lines)) * faceSecond.leading)
	s.pdf.LinkString(leftEdge, s.y, rightEdge-leftEdge, float64(len(lines))*faceSecond.leading, address)
	for _, l := range lines {
		s.put(l, faceSecond.in(accent), leftEdge, s.y)
		s.y += faceSecond.leading
	}
	s.gap(1.4)
}

// number writes the foot of every page of the document that ends here.
func (s *sheet) number() {
	last := s.pdf.PageCount()
	for page := s.first; page <= last; page++ {
		s.pdf.SetPage(page)
		number := s.wrap(s.t("page", "page", page-s.first+1, "pages", last-s.first+1), faceFoot, 40)[0]
		s.stroke(leftEdge, rightEdge, bottomEdge+4, 0.2, line)
		for i, l := range s.wrap(s.foot, faceFoot, rightEdge-leftEdge-30) {
			s.put(l, faceFoot, leftEdge, bottomEdge+5.5+float64(i)*faceFoot.leading)
		}
		s.putRight(number, faceFoot, rightEdge, bottomEdge+5.5)
	}
}

// next begins another document in the same file, on a sheet of paper of its own
// where both sides are printed.
func (s *sheet) next(l locale.Language, duplex bool) {
	if duplex && s.pdf.PageCount()%2 == 1 {
		s.pdf.AddPage() // the empty back of a last page
	}
	s.newPage()
	s.l, s.first = l.Or(), s.pdf.PageCount()
}

// bytes numbers the pages and closes the file.
func (s *sheet) bytes(document string) ([]byte, error) {
	s.number()
	var file bytes.Buffer
	if err := s.pdf.Output(&file); err != nil {
		return nil, fmt.Errorf("%s: %w", document, err)
	}
	return file.Bytes(), nil
}
