package placement

import (
	"bytes"
	"errors"
	"io"
	"math"

	"amiable/negotiation/money"
)

// reader holds what reading one file needs.
type reader struct {
	options Options
	input   *counter
	split   *splitter
	decoder *decoder
	layout  Layout
	header  header
	check   *checker
	summary Summary
	number  int // of records so far
}

// counter counts what is read and reports it.
type counter struct {
	source   io.Reader
	n, told  int64
	progress func(int64)
}

const progressStep = 256 << 10

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.source.Read(p)
	c.n += int64(n)
	if c.progress != nil && c.n-c.told >= progressStep {
		c.told = c.n
		c.progress(c.n)
	}
	return n, err
}

// open reads the beginning of a file: its encoding, its delimiter, its header.
func open(source io.Reader, o Options) (*reader, error) {
	rd := &reader{options: o, input: &counter{source: source, progress: o.Progress}}
	if o.Today.IsZero() {
		return rd, errors.New("placement: no day to reckon from")
	}
	sample := make([]byte, sampleBytes)
	n, err := io.ReadFull(rd.input, sample)
	sample = sample[:n]
	whole := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !whole {
		return rd, err
	}
	if n == 0 {
		return rd, &FileError{Code: EmptyFile}
	}
	if kind := signature(sample); kind != "" {
		return rd, &FileError{Code: NotText, Kind: kind}
	}
	encoding := o.Encoding
	rd.layout.EncodingGuessed = encoding == ""
	if encoding == "" {
		encoding = guess(sample, whole)
	}
	var rest io.Reader = io.MultiReader(bytes.NewReader(withoutMark(sample, encoding)), rd.input)
	settled := !rd.layout.EncodingGuessed || encoding != UTF8
	if encoding == UTF16LE || encoding == UTF16BE {
		rest = newUTF16Reader(rest, encoding == UTF16BE)
	}
	rd.decoder = newDecoder(encoding, settled)
	rd.split = newSplitter(rest)
	return rd, rd.readHeader()
}

func withoutMark(sample []byte, e Encoding) []byte {
	mark := ""
	switch e {
	case UTF8, UTF8BOM, Windows1252, Latin9:
		mark = "\xef\xbb\xbf" // no file begins with ï»¿
	case UTF16LE:
		mark = "\xff\xfe"
	case UTF16BE:
		mark = "\xfe\xff"
	}
	return bytes.TrimPrefix(sample, []byte(mark))
}

// readHeader finds the first line that is not blank, and the delimiter by it.
func (rd *reader) readHeader() error {
	delimiter := rd.options.Delimiter
	for {
		beginning, err := rd.split.peek(maxHeaderBytes)
		if err != nil {
			return err
		}
		line := beginning[:lineEnd(beginning)]
		if rd.split.separate(delimiter); delimiter == 0 {
			rd.split.separate(guessDelimiter(beginning))
		}
		if d, stated := statedDelimiter(line); stated {
			delimiter = d
			rd.split.take(ending{bytes: len(line), lines: 1})
			continue
		}
		r, err := rd.split.next()
		switch {
		case errors.Is(err, io.EOF):
			return &FileError{Code: EmptyFile}
		case err != nil:
			return err
		case r.broken == LineTooLong || len(r.text) > maxHeaderBytes || len(r.ends) > maxColumns:
			return &FileError{Code: HeaderTooLong}
		}
		if !r.plain() {
			rd.decoder.decode(r)
		}
		cells := cellsOf(r)
		if blank(cells) {
			continue
		}
		rd.header, err = readHeader(cells)
		rd.layout.Columns = rd.header.columns
		rd.layout.Encoding = rd.decoder.encoding
		rd.layout.Delimiter = rd.split.delimiter
		rd.split.columns = len(rd.header.columns)
		if err != nil {
			return err
		}
		if missing := rd.header.missing(rd.options.Creditor != ""); len(missing) > 0 {
			var found []string
			for _, c := range rd.header.columns {
				found = append(found, c.Name)
			}
			return &FileError{Code: MissingHeader, Missing: missing, Columns: found}
		}
		rd.check = newChecker(rd.options, rd.header)
		return nil
	}
}

// statedDelimiter reads the line "sep=;" that Excel puts before the titles.
func statedDelimiter(line []byte) (byte, bool) {
	line = bytes.TrimRight(line, "\r\n")
	stated := bytes.TrimPrefix(bytes.Trim(line, `"`), []byte(separatorDirective))
	if len(stated) != 1 || len(stated) == len(line) || bytes.IndexByte([]byte(",;\t|"), stated[0]) < 0 {
		return 0, false
	}
	return stated[0], true
}

// cellsOf copies the cells of a row, all into one piece of memory.
func cellsOf(r *row) []string {
	text := string(r.text)
	cells := make([]string, len(r.ends))
	begin := 0
	for i, end := range r.ends {
		cells[i] = text[begin:end]
		begin = end
	}
	return cells
}

func blank(cells []string) bool {
	for _, c := range cells {
		if trim(c) != "" {
			return false
		}
	}
	return true
}

// run reads the records.
func (rd *reader) run(each func(Record) error) (err error) {
	rd.summary.Codes = map[Code]int{}
	rd.summary.Totals = map[money.Currency]Total{}
	defer func() {
		rd.layout.Encoding = rd.decoder.encoding
		rd.summary.Layout = rd.layout
		rd.summary.Bytes = rd.input.n
		rd.summary.Lines = rd.split.line - 1
		if rd.options.Progress != nil {
			rd.options.Progress(rd.input.n)
		}
	}()
	for {
		r, err := rd.split.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		record := rd.read(r)
		rd.count(&record)
		if err := each(record); err != nil {
			return err
		}
	}
}

// read makes a record of a row.
func (rd *reader) read(r *row) Record {
	mixed := false
	plain := r.plain()
	if !plain {
		mixed = rd.decoder.decode(r)
		plain = r.met&(classControl|classBreak) == 0 && unsuspicious(r.text)
	}
	text := string(r.text)
	if trim(text) == "" && r.broken == "" {
		return Record{Line: r.line, Outcome: Skip, Kind: KindClaim, Reasons: []Reason{{Code: BlankLine}}}
	}
	rd.number++
	record := Record{Line: r.line, Number: rd.number, Kind: KindClaim}
	c := rd.check
	c.begin(text, r.ends, plain)
	columns := len(rd.header.columns)
	switch n := c.filled(columns); {
	case r.broken != "":
		c.found(Reason{Code: r.broken})
	case n < columns && r.open:
		c.found(Reason{Code: TruncatedLine})
	case n < columns:
		c.found(Reason{Code: MissingColumns})
		record.InvoiceNumber = trim(c.raw(fieldInvoiceNumber))
	case n > columns:
		c.found(Reason{Code: ExtraColumn, Count: n - columns})
		record.InvoiceNumber = trim(c.raw(fieldInvoiceNumber))
	default:
		if mixed {
			c.found(Reason{Code: MixedEncoding})
		}
		c.examine(&record)
	}
	record.Reasons = c.taken()
	record.Outcome = Accept
	if main, any := record.Main(); any {
		record.Outcome = main.Outcome()
	}
	switch {
	case record.Outcome == Reject:
		record.Claim, record.Extra = Claim{}, nil
		record.Cells = c.cells()
	default:
		c.remember(record.Line)
	}
	return record
}

// count adds a record to the summary.
func (rd *reader) count(r *Record) {
	s := &rd.summary
	switch r.Outcome {
	case Skip:
		s.Skipped++
		return
	case Reject:
		s.Refused++
	case Warn:
		s.Warned++
	default:
		s.Accepted++
	}
	s.Records++
	for _, reason := range r.Reasons {
		s.Codes[reason.Code]++
	}
	if !r.Taken() {
		return
	}
	currency := r.Claim.Amount.Currency
	t := s.Totals[currency]
	if r.Kind == KindCreditNote {
		t.CreditNotes++
		t.Credit = sum(t.Credit, r.Claim.Amount)
	} else {
		t.Claims++
		t.Amount, t.Paid = sum(t.Amount, r.Claim.Amount), sum(t.Paid, r.Claim.Paid)
	}
	s.Totals[currency] = t
}

// sum adds what is not negative. A file could be long enough for its total to
// overflow; it then stays at the largest amount there is.
func sum(a, b money.Amount) money.Amount {
	if a.Minor > math.MaxInt64-b.Minor {
		return money.New(math.MaxInt64, b.Currency)
	}
	return a.Add(b)
}
