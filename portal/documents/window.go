package documents

import "fmt"

// The window of a French DL envelope with its window on the right, on a sheet
// folded in three: the recipient's block stands in it, and nothing else does,
// however the sheet slides in its envelope.
const (
	windowLeft   = 105.0
	windowRight  = 195.0
	windowTop    = 45.0
	windowBottom = 75.0
	windowSlide  = 12.0 // how far the sheet may slide up or down
	windowInset  = 3.0
)

// windowFaces are tried from the largest on.
var windowFaces = []face{
	{family: "sans", size: 11, leading: 5, colour: ink},
	{family: "sans", size: 9.5, leading: 4.2, colour: ink},
	{family: "sans", size: 8, leading: 3.5, colour: ink},
}

// recipient writes name and address into the window. It fails where they do not
// fit: a letter must not go out to half an address.
func (s *sheet) recipient(to Identity) error {
	lines, f, ok := s.inWindow(to)
	if !ok {
		return fmt.Errorf("first letter: %w", ErrWindow)
	}
	for i, l := range lines {
		s.put(l, f, windowLeft+windowInset, windowTop+float64(i)*f.leading)
	}
	return nil
}

// inWindow sets name and address in the largest face that fits.
func (s *sheet) inWindow(to Identity) (lines []textLine, f face, ok bool) {
	parts := []string{plain(to.Name)}
	if to.Contact != "" {
		parts = append(parts, plain(to.Contact))
	}
	for _, l := range to.address() {
		parts = append(parts, plain(l))
	}
	for _, f := range windowFaces {
		lines = nil
		for _, part := range parts {
			lines = append(lines, s.wrap(part, f, windowRight-windowLeft-2*windowInset)...)
		}
		if float64(len(lines))*f.leading <= windowBottom-windowTop {
			return lines, f, true
		}
	}
	return nil, face{}, false
}

// folds marks where the sheet is folded in three, at the very edge.
func (s *sheet) folds() {
	for _, y := range []float64{pageHeight / 3, 2 * pageHeight / 3} {
		s.stroke(4, 8, y, 0.2, line)
	}
}
