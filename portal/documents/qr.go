package documents

import (
	"fmt"

	"github.com/boombuler/barcode/qr"
)

// quietZone is the white border a reader needs, in modules.
const quietZone = 4

// qr draws a QR code as rectangles, sharp at any size, with its quiet zone
// inside the square of the given side. It is decoration for the eye: the same
// address stands in words beside it.
func (s *sheet) qr(content string, x, y, side float64) error {
	code, err := qr.Encode(content, qr.M, qr.Unicode)
	if err != nil {
		return fmt.Errorf("QR code: %w", err)
	}
	modules := code.Bounds().Dx()
	module := side / float64(modules+2*quietZone)
	s.pdf.SetFillColor(0, 0, 0)
	for row := range modules {
		for start := 0; start < modules; start++ {
			end := start
			for end < modules && dark(code.At(end, row).RGBA()) {
				end++
			}
			if end > start {
				s.pdf.Rect(x+float64(start+quietZone)*module, y+float64(row+quietZone)*module, float64(end-start)*module, module, "F")
				start = end
			}
		}
	}
	return nil
}

func dark(r, _, _, _ uint32) bool { return r < 0x8000 }
