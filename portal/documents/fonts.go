package documents

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the fonts
	"fmt"
	"io"
	"sync"
)

// The fonts are Liberation 2.1 (SIL Open Font Licence, fonts/OFL.txt): metrics
// of Arial and Times, with every accent of the languages of Europe. Only the
// characters used go into a file. They are packed, and unpacked when the first
// page is drawn.
var (
	//go:embed fonts/LiberationSans-Regular.ttf.gz
	sansRegularPacked []byte
	//go:embed fonts/LiberationSans-Bold.ttf.gz
	sansBoldPacked []byte
	//go:embed fonts/LiberationSerif-Regular.ttf.gz
	serifRegularPacked []byte

	sansRegular  = sync.OnceValue(func() []byte { return unpacked(sansRegularPacked) })
	sansBold     = sync.OnceValue(func() []byte { return unpacked(sansBoldPacked) })
	serifRegular = sync.OnceValue(func() []byte { return unpacked(serifRegularPacked) })
)

func unpacked(b []byte) []byte {
	packed, err := gzip.NewReader(bytes.NewReader(b))
	if err == nil {
		b, err = io.ReadAll(packed)
	}
	if err != nil {
		panic(fmt.Sprintf("a font that is part of the program: %v", err))
	}
	return b
}

// face is a font at a size (points) with its line height (millimetres).
type face struct {
	family  string
	bold    bool
	size    float64
	leading float64
	colour  colour
}

func (f face) in(c colour) face { f.colour = c; return f }

func (f face) strong() face { f.bold = true; return f }

// capHeight is the height of a capital in parts of the font's size.
const capHeight = 0.72

const millimetresPerPoint = 25.4 / 72

// baseline is how far below the top of its line a text stands.
func (f face) baseline() float64 { return (f.leading + f.size*millimetresPerPoint*capHeight) / 2 }

type colour struct{ r, g, b int }

// The colours of the paper, the same as on the pages.
var (
	ink    = colour{0x1b, 0x1e, 0x1f}
	ink2   = colour{0x53, 0x57, 0x5a}
	line   = colour{0xd6, 0xd1, 0xc5}
	accent = colour{0x0b, 0x4a, 0x57}
)

// Serif says who and how much, sans what to do.
var (
	faceTitle   = face{family: "serif", size: 20, leading: 8.4, colour: ink}
	faceSum     = face{family: "serif", size: 25, leading: 10.5, colour: ink}
	faceHeading = face{family: "serif", size: 14, leading: 6, colour: ink}
	faceText    = face{family: "sans", size: 10, leading: 4.9, colour: ink}
	faceSecond  = face{family: "sans", size: 8.5, leading: 4.1, colour: ink2}
	faceFoot    = face{family: "sans", size: 7.5, leading: 3.5, colour: ink2}
	faceCode    = face{family: "sans", bold: true, size: 15, leading: 7, colour: ink}
)
