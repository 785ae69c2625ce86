package placement

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// RefusedWriter writes the refused records of a file back as a CSV that its
// sender can correct and send again: the line, the code and the reason in words,
// then the values as they were. It has the delimiter of the file, and UTF-8 with
// its mark, which every spreadsheet opens rightly. A value that a spreadsheet
// would run has an apostrophe in front, which Read takes off again.
type RefusedWriter struct {
	out       *bufio.Writer
	delimiter byte
	language  string
	began     bool
	titles    []string
	ours      map[int]bool      // columns of an earlier refused file: not written twice
	named     map[string]string // what the file calls our columns
}

// NewRefusedWriter writes to w; reasons are in "fr" or "en".
func NewRefusedWriter(w io.Writer, layout Layout, language string) *RefusedWriter {
	rw := &RefusedWriter{out: bufio.NewWriterSize(w, 32<<10), delimiter: layout.Delimiter, language: language, ours: map[int]bool{}, named: map[string]string{}}
	for i, c := range layout.Columns {
		rw.titles = append(rw.titles, c.Name)
		rw.ours[i] = c.Ours
		rw.named[c.Meaning] = c.Name
	}
	return rw
}

// Write adds a record if it was refused, and passes over any other.
func (w *RefusedWriter) Write(r Record) error {
	if r.Outcome != Reject {
		return nil
	}
	w.begin()
	main, _ := r.Main()
	w.cells([]string{strconv.Itoa(r.Line), string(main.Code), w.words(r)}, r.Cells)
	return w.err()
}

// Close writes what is left: the titles, at least.
func (w *RefusedWriter) Close() error {
	w.begin()
	return w.out.Flush()
}

// words puts all refusals of a record into one cell, each with what to do.
func (w *RefusedWriter) words(r Record) string {
	var parts []string
	for _, reason := range r.Reasons {
		if reason.Outcome() != Reject {
			continue
		}
		where := reason.Column
		if name := w.named[where]; name != "" {
			where = name
		}
		if where != "" {
			where += ": "
		}
		parts = append(parts, strings.TrimSpace(where+reason.Text(w.language)+". "+reason.Advice(w.language)))
	}
	return strings.Join(parts, " | ")
}

func (w *RefusedWriter) begin() {
	if w.began {
		return
	}
	w.began = true
	w.out.WriteString("\ufeff")
	w.cells([]string{"amiable_line", "amiable_reason_code", "amiable_reason"}, w.titles)
}

func (w *RefusedWriter) cells(first, second []string) {
	for i, v := range first {
		w.cell(v, i == 0)
	}
	for i, v := range second {
		if !w.ours[i] {
			w.cell(v, false)
		}
	}
	w.out.WriteString("\r\n")
}

func (w *RefusedWriter) cell(v string, first bool) {
	if !first {
		w.out.WriteByte(w.delimiter)
	}
	v = Neutral(v)
	quote := strings.IndexByte(v, w.delimiter) >= 0 || strings.ContainsAny(v, "\"\r\n") ||
		(v != "" && (v[0] <= ' ' || v[len(v)-1] <= ' '))
	if !quote {
		w.out.WriteString(v)
		return
	}
	w.out.WriteByte('"')
	w.out.WriteString(strings.ReplaceAll(v, `"`, `""`))
	w.out.WriteByte('"')
}

// err returns what writing has met so far: bufio keeps its first error.
func (w *RefusedWriter) err() error {
	_, err := w.out.Write(nil)
	return err
}
