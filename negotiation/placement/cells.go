package placement

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// filled returns the number of values, without empty ones behind the header's
// last column: spreadsheets write those.
func (c *checker) filled(columns int) int {
	n := len(c.ends)
	for n > columns && trim(c.cell(n-1)) == "" {
		n--
	}
	return n
}

func (c *checker) cell(i int) string {
	begin := 0
	if i > 0 {
		begin = c.ends[i-1]
	}
	return c.text[begin:c.ends[i]]
}

func (c *checker) cells() []string {
	all := make([]string, len(c.ends))
	for i := range all {
		all[i] = c.cell(i)
	}
	return all
}

// raw returns the value of a column of ours as the file has it.
func (c *checker) raw(f field) string {
	if at := c.header.at[f]; at >= 0 && at < len(c.ends) {
		return c.cell(at)
	}
	return ""
}

// value returns the value of a column that is read, not kept: dates, amounts,
// words of a list.
func (c *checker) value(f field) string {
	raw := c.raw(f)
	c.measure(raw, fieldNames[f], limits[f])
	return c.trimmed(raw, fieldNames[f])
}

// words returns the value of a column that is kept as text.
func (c *checker) words(f field) string {
	v := c.clean(c.raw(f), fieldNames[f], limits[f], f == fieldDescription)
	if f != fieldEmail { // after what is said of the address itself
		c.formula(v, fieldNames[f])
	}
	return v
}

func (c *checker) formula(v, column string) {
	if code := formula(v); code != "" {
		c.found(Reason{Code: code, Column: column})
	}
}

func (c *checker) measure(raw, column string, limit int) {
	if len(raw) > limit {
		if n := utf8.RuneCountInString(raw); n > limit {
			c.found(Reason{Code: VeryLongCell, Column: column, Count: n})
		}
	}
}

func (c *checker) trimmed(raw, column string) string {
	v := trim(raw)
	if len(v) != len(raw) && v != "" && !c.spaced {
		c.spaced = true
		c.found(Reason{Code: SpacesAround, Column: column})
	}
	return plainText(v)
}

func (c *checker) clean(raw, column string, limit int, manyLines bool) string {
	c.measure(raw, column, limit)
	v := c.trimmed(raw, column)
	if c.plain || v == "" {
		return v
	}
	breaks, hidden, damaged := false, false, false
	previous := rune(0)
	for _, r := range v {
		switch {
		case r == '\n' || r == '\r':
			breaks = true
		case (r < ' ' && r != '\t') || (r >= 0x7f && r < 0xa0) || invisible(r):
			hidden = true
		case r == utf8.RuneError, previous == 'Ã' && r >= 0x80 && r < 0xc0, previous == 'Â' && r >= 0xa0 && r < 0xc0:
			damaged = true // é written in UTF-8 and read in Windows-1252 is Ã©
		}
		previous = r
	}
	if breaks && !c.lines {
		c.lines = true
		c.found(Reason{Code: MultiLineCell, Column: column})
	}
	if hidden {
		c.found(Reason{Code: ControlCharacters, Column: column})
	}
	if damaged {
		c.found(Reason{Code: DamagedText, Column: column})
	}
	if !hidden && (!breaks || manyLines) {
		return v
	}
	v = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r':
			if manyLines {
				return r
			}
			return ' '
		case r == '\t':
			return r
		case unicode.IsControl(r) || invisible(r):
			return -1
		}
		return r
	}, v)
	return trim(v)
}
