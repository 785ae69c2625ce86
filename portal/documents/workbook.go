package documents

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"

	"amiable/negotiation/money"
)

// Workbook is a workbook of one sheet (ECMA-376): a row of headings, rows of
// texts and sums, and under the sums a row that adds them up by formulas, so
// that who opens it sees them worked out.
//
// It is written here and read by a library in the tests: a library that writes
// it would be a thirtieth of the binary, for five parts of an archive.
type Workbook struct {
	Name     string // of the sheet: at most 31 characters, none of \ / ? * [ ] :
	Headings []string
	Rows     [][]any // string or money.Amount
	Total    string  // what the last row is called
}

// The styles of workbookStyles, by their place.
const (
	plainCell = iota
	sumCell
	boldCell
)

const (
	sheetNamespace   = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	officeRelations  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packageRelations = "http://schemas.openxmlformats.org/package/2006/relationships"
	sheetMedia       = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// WorkbookMedia is the media type of a workbook.
const WorkbookMedia = sheetMedia + "sheet"

const workbookTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
	`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
	`<Override PartName="/xl/workbook.xml" ContentType="` + sheetMedia + `sheet.main+xml"/>` +
	`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + sheetMedia + `worksheet+xml"/>` +
	`<Override PartName="/xl/styles.xml" ContentType="` + sheetMedia + `styles+xml"/></Types>`

// workbookStyles: 4 is the number format #,##0.00, in the reader's own signs.
const workbookStyles = `<styleSheet xmlns="` + sheetNamespace + `">` +
	`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
	`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
	`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
	`<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
	`<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="4" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>`

func relations(list string) string {
	return `<Relationships xmlns="` + packageRelations + `">` + list + `</Relationships>`
}

// XLSX writes the workbook. The same workbook gives the same bytes.
func (w Workbook) XLSX() ([]byte, error) {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, part := range []struct{ name, content string }{
		{"[Content_Types].xml", workbookTypes},
		{"_rels/.rels", relations(`<Relationship Id="rId1" Type="` + officeRelations + `/officeDocument" Target="xl/workbook.xml"/>`)},
		{"xl/workbook.xml", `<workbook xmlns="` + sheetNamespace + `" xmlns:r="` + officeRelations + `"><sheets><sheet name="` + escaped(w.Name) + `" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", relations(`<Relationship Id="rId1" Type="` + officeRelations + `/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + officeRelations + `/styles" Target="styles.xml"/>`)},
		{"xl/styles.xml", workbookStyles},
		{"xl/worksheets/sheet1.xml", w.sheet()},
	} {
		file, err := archive.Create(part.name)
		if err == nil {
			_, err = file.Write([]byte(xml.Header + part.content))
		}
		if err != nil {
			return nil, fmt.Errorf("workbook %s: %w", w.Name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("workbook %s: %w", w.Name, err)
	}
	return out.Bytes(), nil
}

func (w Workbook) sheet() string {
	var out bytes.Buffer
	out.WriteString(`<worksheet xmlns="` + sheetNamespace + `"><sheetData>`)
	row := 0
	begin := func() { row++; fmt.Fprintf(&out, `<row r="%d">`, row) }
	text := func(i int, s string, style int) {
		fmt.Fprintf(&out, `<c r="%s%d" s="%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, letterOf(i), row, style, escaped(s))
	}
	begin()
	for i, heading := range w.Headings {
		text(i, heading, boldCell)
	}
	out.WriteString("</row>")
	sums := map[int]bool{}
	for _, cells := range w.Rows {
		begin()
		for i, cell := range cells {
			switch v := cell.(type) {
			case money.Amount:
				sums[i] = true
				fmt.Fprintf(&out, `<c r="%s%d" s="%d"><v>%s</v></c>`, letterOf(i), row, sumCell, Plain(v))
			case string:
				text(i, v, plainCell)
			}
		}
		out.WriteString("</row>")
	}
	if last := row; len(w.Rows) > 0 {
		begin()
		text(0, w.Total, boldCell)
		for i := range w.Headings {
			if sums[i] {
				fmt.Fprintf(&out, `<c r="%s%d" s="%d"><f>SUM(%s2:%s%d)</f></c>`, letterOf(i), row, boldCell, letterOf(i), letterOf(i), last)
			}
		}
		out.WriteString("</row>")
	}
	out.WriteString("</sheetData></worksheet>")
	return out.String()
}

// letterOf is the letter of a column, counted from nothing; a sheet of ours has
// fewer than twenty-six.
func letterOf(i int) string {
	if i > 25 {
		panic("column " + strconv.Itoa(i) + " has no letter of its own")
	}
	return string(rune('A' + i))
}

func escaped(s string) string {
	var out bytes.Buffer
	_ = xml.EscapeText(&out, []byte(s)) // a buffer takes everything
	return out.String()
}
