package placement

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Encoding is how a file writes letters.
type Encoding string

const (
	UTF8        Encoding = "utf-8"
	UTF8BOM     Encoding = "utf-8-bom" // UTF-8 with the mark that spreadsheets write
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252"

	// These are never guessed, only asked for.
	Latin9    Encoding = "iso-8859-15"
	Macintosh Encoding = "macintosh"
	IBM850    Encoding = "ibm850"
)

// Encodings are those that may be asked for.
var Encodings = []Encoding{UTF8, UTF8BOM, UTF16LE, UTF16BE, Windows1252, Latin9, Macintosh, IBM850}

// ParseEncoding reads the name of an encoding as people write it. Empty and
// "auto" mean that it is guessed.
func ParseEncoding(name string) (Encoding, error) {
	switch strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(name)) {
	case "", "auto", "guess":
		return "", nil
	case "utf8":
		return UTF8, nil
	case "utf8bom", "utf8sig":
		return UTF8BOM, nil
	case "utf16le", "utf16", "unicode":
		return UTF16LE, nil
	case "utf16be":
		return UTF16BE, nil
	case "windows1252", "cp1252", "win1252", "1252", "ansi", "iso88591", "latin1":
		return Windows1252, nil // what is called Latin-1 is Windows-1252 (WHATWG)
	case "iso885915", "latin9":
		return Latin9, nil
	case "macintosh", "macroman":
		return Macintosh, nil
	case "ibm850", "cp850", "850":
		return IBM850, nil
	}
	return "", fmt.Errorf("encoding %q is not known: use one of %v", name, Encodings)
}

// sampleBytes is how much of a file the first guess rests on.
const sampleBytes = 64 << 10

// guess says how a sample from the beginning of a file writes letters. A sample
// of ASCII only is UTF-8 until a later line says otherwise.
func guess(sample []byte, whole bool) Encoding {
	switch {
	case bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")):
		return UTF8BOM
	case bytes.HasPrefix(sample, []byte("\xff\xfe")):
		return UTF16LE
	case bytes.HasPrefix(sample, []byte("\xfe\xff")):
		return UTF16BE
	}
	var zeros [2]int
	for i, c := range sample {
		if c == 0 {
			zeros[i&1]++
		}
	}
	// Of UTF-16 in our alphabet nearly every second byte is zero.
	if half := len(sample) / 2; half > 1 {
		switch {
		case zeros[1] > half*6/10 && zeros[0] < half/10:
			return UTF16LE
		case zeros[0] > half*6/10 && zeros[1] < half/10:
			return UTF16BE
		}
	}
	if good, bad := sequences(sample, whole); bad > good {
		return Windows1252
	}
	return UTF8
}

// sequences counts letters beyond ASCII that are valid UTF-8, and bytes that are
// not. A letter cut off at the end of a sample counts as neither.
func sequences(text []byte, whole bool) (good, bad int) {
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r != utf8.RuneError || size > 1:
			good++
		case !whole && i > len(text)-utf8.UTFMax && !utf8.FullRune(text[i:]):
		default:
			bad++
		}
		i += size
	}
	return good, bad
}

// decoder turns the cells of a row into UTF-8.
type decoder struct {
	encoding Encoding
	settled  bool // asked for, or a letter beyond ASCII has shown it
	table    *[256]rune
	text     []byte
	ends     []int
}

func newDecoder(e Encoding, settled bool) *decoder {
	d := &decoder{settled: settled}
	d.set(e)
	return d
}

func (d *decoder) set(e Encoding) {
	d.encoding = e
	switch e {
	case Windows1252:
		d.table = &windows1252
	case Latin9:
		d.table = letters(charmap.ISO8859_15)
	case Macintosh:
		d.table = letters(charmap.Macintosh)
	case IBM850:
		d.table = letters(charmap.CodePage850)
	default:
		d.table = nil
	}
}

var windows1252 = *letters(charmap.Windows1252)

func letters(m *charmap.Charmap) *[256]rune {
	var table [256]rune
	for i := range table {
		table[i] = m.DecodeByte(byte(i))
	}
	return &table
}

// decode rewrites a row that is not plain. In a file of UTF-8 a line that is none
// is read as Windows-1252, and mixed is true: files are pasted together.
func (d *decoder) decode(r *row) (mixed bool) {
	if d.table == nil {
		if d.settled && utf8.Valid(r.text) {
			return false
		}
		good, bad := sequences(r.text, true)
		if bad == 0 {
			d.settled = d.settled || good > 0
			return false
		}
		if !d.settled && bad > good {
			d.settled = true
			d.set(Windows1252)
		} else {
			d.rewrite(r, &windows1252, true)
			return true
		}
	}
	d.rewrite(r, d.table, false)
	return false
}

// rewrite decodes a row byte by byte; keeping leaves valid UTF-8 as it is.
func (d *decoder) rewrite(r *row, table *[256]rune, keeping bool) {
	d.text, d.ends = d.text[:0], d.ends[:0]
	for i := range r.ends {
		for cell := r.cell(i); len(cell) > 0; {
			size := 1
			switch c := cell[0]; {
			case c < utf8.RuneSelf:
				d.text = append(d.text, c)
			case keeping:
				var letter rune
				if letter, size = utf8.DecodeRune(cell); letter == utf8.RuneError && size <= 1 {
					letter = table[c]
				}
				d.text = utf8.AppendRune(d.text, letter)
			default:
				d.text = utf8.AppendRune(d.text, table[c])
			}
			cell = cell[size:]
		}
		d.ends = append(d.ends, len(d.text))
	}
	r.text, d.text = d.text, r.text
	r.ends, d.ends = d.ends, r.ends
}

// utf16Reader turns UTF-16 into UTF-8.
type utf16Reader struct {
	source io.Reader
	big    bool
	raw    []byte
	left   int // bytes of raw not yet turned
	buffer []byte
	out    []byte // what of buffer has not been read
	err    error
}

func newUTF16Reader(source io.Reader, big bool) *utf16Reader {
	return &utf16Reader{source: source, big: big, raw: make([]byte, 32<<10)}
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		n, err := u.source.Read(u.raw[u.left:])
		u.left += n
		u.err = err
		u.turn(err != nil)
		if n == 0 && err == nil {
			return 0, nil
		}
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

func (u *utf16Reader) turn(last bool) {
	out := u.buffer[:0]
	raw := u.raw[:u.left]
	for len(raw) >= 2 {
		first := u.unit(raw)
		if !utf16.IsSurrogate(first) {
			out = utf8.AppendRune(out, first)
			raw = raw[2:]
			continue
		}
		if len(raw) < 4 && !last {
			break
		}
		letter := rune(utf8.RuneError)
		if len(raw) >= 4 {
			letter = utf16.DecodeRune(first, u.unit(raw[2:]))
		}
		if raw = raw[2:]; letter != utf8.RuneError {
			raw = raw[2:]
		}
		out = utf8.AppendRune(out, letter)
	}
	if last && len(raw) == 1 {
		out = utf8.AppendRune(out, utf8.RuneError)
		raw = nil
	}
	u.left = copy(u.raw, raw)
	u.buffer, u.out = out, out
}

func (u *utf16Reader) unit(b []byte) rune {
	if u.big {
		return rune(b[0])<<8 | rune(b[1])
	}
	return rune(b[1])<<8 | rune(b[0])
}
