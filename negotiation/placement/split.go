package placement

import (
	"bytes"
	"errors"
	"io"
)

// maxRecordBytes bounds what is held of one record. A longer one is refused and
// read over.
const maxRecordBytes = 1 << 20

// row is one record as the file has it: the bytes of its cells, without quotes
// and unescaped, one behind the other.
type row struct {
	line   int    // on which it begins
	text   []byte // all cells; valid until the next row is read
	ends   []int  // where each cell ends in text
	broken Code   // TruncatedLine, UnclosedQuote or LineTooLong; or empty
	open   bool   // the file ends with it, without the end of a line
	met    byte   // classes of the bytes of its cells
}

func (r *row) cell(i int) []byte {
	if i == 0 {
		return r.text[:r.ends[0]]
	}
	return r.text[r.ends[i-1]:r.ends[i]]
}

// splitter cuts a stream into rows. Lines end with LF, CRLF or CR, mixed as they
// like; a quoted cell may hold all of them. A quote inside a cell that does not
// begin with one is a quote. A quote that is opened and never closed costs its
// own line, not the rest of the file.
type splitter struct {
	source    io.Reader
	delimiter byte
	classes   *classes // for the delimiter
	columns   int      // of the header, to tell a record from a rest of one

	window     []byte
	start, end int // what of the window is not yet cut
	drained    bool
	err        error
	line       int // of start
	row        row
}

const firstWindow = 128 << 10

func newSplitter(source io.Reader) *splitter {
	return &splitter{source: source, window: make([]byte, firstWindow), line: 1}
}

// separate sets the delimiter.
func (s *splitter) separate(delimiter byte) {
	s.delimiter, s.classes = delimiter, classesFor(delimiter)
}

// fill reads more behind what is left. It makes room by moving it to the front,
// then by growing.
func (s *splitter) fill() error {
	if s.drained {
		return s.err
	}
	if s.start > 0 {
		copy(s.window, s.window[s.start:s.end])
		s.end -= s.start
		s.start = 0
	}
	if s.end == len(s.window) {
		grown := make([]byte, 2*len(s.window))
		copy(grown, s.window)
		s.window = grown
	}
	for empty := 0; ; empty++ {
		n, err := s.source.Read(s.window[s.end:])
		s.end += n
		switch {
		case errors.Is(err, io.EOF):
			s.drained = true
			return nil
		case err != nil:
			s.drained, s.err = true, err
			return err
		case n > 0:
			return nil
		case empty > 100:
			s.drained, s.err = true, io.ErrNoProgress
			return s.err
		}
	}
}

// peek returns at least n bytes of what comes, or all there is.
func (s *splitter) peek(n int) ([]byte, error) {
	for s.end-s.start < n && !s.drained {
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
	return s.window[s.start:min(s.end, s.start+n)], s.err
}

// next reads a row. It returns io.EOF behind the last one.
func (s *splitter) next() (*row, error) {
	for {
		data := s.window[s.start:s.end]
		if len(data) == 0 {
			if s.drained {
				if s.err != nil {
					return nil, s.err
				}
				return nil, io.EOF
			}
			if err := s.fill(); err != nil {
				return nil, err
			}
			continue
		}
		end := s.row.cut(data, s.classes, s.drained)
		if end.how == needsMore {
			if len(data) < maxRecordBytes {
				// Twice as much before trying again: a source of small pieces must
				// not have a long record read over and over.
				if _, err := s.peek(min(2*len(data)+4096, maxRecordBytes)); err != nil {
					return nil, err
				}
				continue
			}
			end.how = tooLong
		}
		s.row.line, s.row.broken = s.line, ""
		switch end.how {
		case closed:
			s.take(end)
		case endless:
			s.brokenQuote(data, end, TruncatedLine)
		case tooLong:
			return s.tooLong(data)
		case strayQuote:
			s.brokenQuote(data, end, "")
		}
		return &s.row, nil
	}
}

func (s *splitter) take(end ending) {
	s.row.open = !endsLine(s.window[s.start : s.start+end.bytes])
	s.start += end.bytes
	s.line += end.lines
}

// brokenQuote decides about a quoted cell that runs over several lines and does
// not end as it should: where one of the lines behind the first is a record of
// its own, the quote is a slip and costs the first line only.
func (s *splitter) brokenQuote(data []byte, end ending, code Code) {
	first := lineEnd(data)
	if end.lines > 1 && s.holdsRecord(data[first:end.bytes]) {
		s.row.cutLine(data[:first], s.delimiter)
		s.row.broken = UnclosedQuote
		s.take(ending{bytes: first, lines: 1})
		return
	}
	s.row.broken = code
	s.take(end)
}

// tooLong gives up a record that is longer than a record can be.
func (s *splitter) tooLong(data []byte) (*row, error) {
	first := lineEnd(data)
	if first < len(data) && s.holdsRecord(data[first:]) {
		s.row.cutLine(data[:first], s.delimiter)
		s.row.broken = UnclosedQuote
		s.take(ending{bytes: first, lines: 1})
		return &s.row, nil
	}
	s.row.clear()
	s.row.open, s.row.broken = false, LineTooLong
	return &s.row, s.skip()
}

// skip reads over the rest of a record that is too long, holding none of it.
func (s *splitter) skip() error {
	quoted, opens, returned := false, true, false // opens: a quote here would open a quoted cell
	for {
		for i, c := range s.window[s.start:s.end] {
			if returned { // a CR ended the record; is the LF its own?
				if c == '\n' {
					i++
				}
				s.start += i
				return nil
			}
			switch {
			case c == '"' && (quoted || opens):
				quoted, opens = !quoted, true
				continue
			case c == '\n':
				s.line++
				if !quoted {
					s.start += i + 1
					return nil
				}
			case c == '\r' && !quoted:
				s.line++
				returned = true
			}
			opens = c == s.delimiter
		}
		s.start = s.end
		if s.drained {
			if !returned {
				s.line++
			}
			return s.err
		}
		if err := s.fill(); err != nil {
			return err
		}
	}
}

// holdsRecord says whether one of the next lines, taken alone, has as many cells
// as the header.
func (s *splitter) holdsRecord(data []byte) bool {
	var probe row
	for lines := 0; len(data) > 0 && lines < 100; lines++ {
		n := lineEnd(data)
		if end := probe.cut(data[:n], s.classes, true); end.how == closed && len(probe.ends) >= s.columns {
			return true
		}
		data = data[n:]
	}
	return false
}

// lineEnd returns the length of the first physical line with its end.
func lineEnd(data []byte) int {
	i := bytes.IndexAny(data, "\r\n")
	switch {
	case i < 0:
		return len(data)
	case data[i] == '\r' && i+1 < len(data) && data[i+1] == '\n':
		return i + 2
	}
	return i + 1
}

// ending is how far a row reaches and how it ends.
type ending struct {
	how          how
	bytes, lines int
}

type how int

const (
	closed     how = iota // at the end of a line, or of the file
	needsMore             // where the data ends
	endless               // inside quotes, where the file ends
	strayQuote            // as closed, but text follows a closing quote, over several lines
	tooLong
)

func (r *row) clear() {
	r.text, r.ends, r.met = r.text[:0], r.ends[:0], 0
}

// cutLine cuts a line in which quotes mean nothing.
func (r *row) cutLine(line []byte, delimiter byte) {
	r.clear()
	r.met = classControl | classLetter // for all we know
	for _, cell := range bytes.Split(bytes.TrimRight(line, "\r\n"), []byte{delimiter}) {
		r.text = append(r.text, cell...)
		r.ends = append(r.ends, len(r.text))
	}
}

// classes says of each byte what it is to a row.
type classes [256]byte

const (
	classStop    = 1 << iota // ends a cell: the delimiter, CR, LF
	classBreak               // CR or LF
	classControl             // any other control character
	classLetter              // part of a letter beyond ASCII
)

func classesFor(delimiter byte) *classes {
	var table classes
	for c := range table {
		switch {
		case c >= 0x80:
			table[c] = classLetter
		case c < ' ' || c == 0x7f:
			table[c] = classControl
		}
	}
	table['\n'], table['\r'] = classStop|classBreak, classStop|classBreak
	table[delimiter] |= classStop
	return &table
}

// plain says whether all cells are ASCII without control characters, tabs and
// line breaks.
func (r *row) plain() bool { return r.met&(classControl|classLetter|classBreak) == 0 }

// cut reads one row from the beginning of data. atEnd says that nothing follows
// the data.
func (r *row) cut(data []byte, classes *classes, atEnd bool) ending {
	r.clear()
	lines, stray := 1, false
	var met byte // classes of the bytes of all cells
	finish := func(i int) ending {
		r.ends = append(r.ends, len(r.text))
		r.met = met
		if stray && lines > 1 {
			return ending{strayQuote, i, lines}
		}
		return ending{closed, i, lines}
	}
	i := 0
	for { // one cell a turn
		if i < len(data) && data[i] == '"' {
			i++
			for { // inside quotes
				n := bytes.IndexByte(data[i:], '"')
				quoted := data[i:]
				if n >= 0 {
					quoted = data[i : i+n]
				}
				var inside byte
				for _, c := range quoted {
					inside |= classes[c]
				}
				if met |= inside; inside&classBreak != 0 {
					lines += lineBreaks(quoted)
				}
				r.text = append(r.text, quoted...)
				i += len(quoted)
				if n < 0 {
					if !atEnd {
						return ending{how: needsMore}
					}
					r.ends = append(r.ends, len(r.text))
					r.met = met
					return ending{endless, len(data), lines}
				}
				if i++; i < len(data) && data[i] == '"' {
					r.text = append(r.text, '"')
					i++
					continue
				}
				break
			}
			if i < len(data) && classes[data[i]]&classStop == 0 {
				stray = true
			}
		}
		begin := i
		for i < len(data) {
			class := classes[data[i]]
			if class&classStop != 0 {
				break
			}
			met |= class
			i++
		}
		r.text = append(r.text, data[begin:i]...)
		switch {
		case i == len(data):
			if !atEnd {
				return ending{how: needsMore}
			}
			return finish(i)
		case classes[data[i]]&classBreak == 0: // the delimiter
			r.ends = append(r.ends, len(r.text))
			i++
		case data[i] == '\n':
			return finish(i + 1)
		case i+1 < len(data): // CR
			if data[i+1] == '\n' {
				i++
			}
			return finish(i + 1)
		case atEnd:
			return finish(i + 1)
		default:
			return ending{how: needsMore}
		}
	}
}

// lineBreaks counts the lines that end inside a quoted cell.
func lineBreaks(quoted []byte) (lines int) {
	for i, c := range quoted {
		if c == '\n' && (i == 0 || quoted[i-1] != '\r') || c == '\r' {
			lines++
		}
	}
	return lines
}

// endsLine says whether data, the whole of a row with its end, ends a line.
func endsLine(data []byte) bool {
	return len(data) > 0 && (data[len(data)-1] == '\n' || data[len(data)-1] == '\r')
}
