package camt

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Limits of a file.
const (
	fileBytesMax  = 256 << 20
	tokenBytesMax = 1 << 20 // of one tag or text, with what the parser reads ahead
	depthMax      = 64      // the deepest element of the schema is at about half of it
)

// guard lets a file's tokens through one by one, and stops at what no bank
// sends. It stands between the lexer and the decoder, so that nothing is
// unpacked or held before it was looked at.
type guard struct {
	lexer *xml.Decoder
	bytes *bounded
	depth int
}

// newGuard looks at the first bytes of a file and makes its guard.
func newGuard(r io.Reader) (*guard, error) {
	counted := &bounded{from: r}
	head := bufio.NewReaderSize(counted, 4<<10)
	start, err := head.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var text io.Reader = head
	wide := bytes.HasPrefix(start, []byte{0xFE, 0xFF}) || bytes.HasPrefix(start, []byte{0xFF, 0xFE})
	if wide {
		text = transform.NewReader(head, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
	} else if bytes.HasPrefix(start, []byte("\xEF\xBB\xBF")) {
		if _, err := head.Discard(3); err != nil {
			return nil, err
		}
	}
	g := &guard{bytes: counted}
	first := bufio.NewReaderSize(text, 4<<10)
	for {
		b, err := first.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil, &FileError{Code: Empty}
		} else if err != nil {
			return nil, err
		}
		if b == ' ' || b == '\t' || b == '\r' || b == '\n' {
			continue
		}
		if b != '<' {
			return nil, &FileError{Code: NotXML}
		}
		if err := first.UnreadByte(); err != nil {
			return nil, err
		}
		break
	}
	g.lexer = xml.NewDecoder(first)
	g.lexer.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		if wide && strings.HasPrefix(strings.ToLower(label), "utf-16") {
			return input, nil
		}
		encoding, err := htmlindex.Get(label)
		if err != nil || wide {
			return nil, &FileError{Code: UnknownEncoding, What: label}
		}
		return encoding.NewDecoder().Reader(input), nil
	}
	return g, nil
}

// Token is the next token, or why the file is refused.
func (g *guard) Token() (xml.Token, error) {
	t, err := g.lexer.RawToken()
	if err != nil {
		return nil, g.why(err)
	}
	g.bytes.since = 0
	switch t.(type) {
	case xml.Directive:
		return nil, &FileError{Code: DocumentType, Line: g.line()}
	case xml.StartElement:
		if g.depth++; g.depth > depthMax {
			return nil, &FileError{Code: TooDeep, Line: g.line()}
		}
	case xml.EndElement:
		g.depth--
	}
	return t, nil
}

func (g *guard) line() int {
	line, _ := g.lexer.InputPos()
	return line
}

// why puts what the lexer says into a reason of ours.
func (g *guard) why(err error) error {
	var refused *FileError
	if errors.Is(err, io.EOF) || errors.As(err, &refused) {
		return err
	}
	var syntax *xml.SyntaxError
	if !errors.As(err, &syntax) {
		if strings.Contains(err.Error(), "encoding \"") { // a label that the charset reader was not asked about
			return &FileError{Code: UnknownEncoding, Err: err}
		}
		return err
	}
	switch {
	case strings.Contains(syntax.Msg, "unexpected EOF"):
		return &FileError{Code: CutOff, Line: syntax.Line, Err: err}
	case strings.Contains(syntax.Msg, "invalid UTF-8"):
		return &FileError{Code: WrongEncoding, Line: syntax.Line, Err: err}
	}
	return &FileError{Code: Malformed, Line: syntax.Line, Err: err}
}

// bounded stops a file that is too large, and a tag or text that is too long.
type bounded struct {
	from  io.Reader
	total int64
	since int64 // bytes read since the last token was complete
}

func (b *bounded) Read(p []byte) (int, error) {
	switch {
	case b.total >= fileBytesMax:
		return 0, &FileError{Code: TooLarge}
	case b.since >= tokenBytesMax:
		return 0, &FileError{Code: TextTooLong}
	}
	n, err := b.from.Read(p)
	b.total, b.since = b.total+int64(n), b.since+int64(n)
	return n, err
}
