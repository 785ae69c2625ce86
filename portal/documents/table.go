package documents

// column is a column of a table. Width 0 takes what the others leave.
type column struct {
	title string
	width float64
	right bool // sums stand on the right edge
}

// row is a row of a table: one text per column, which may take several lines.
type row struct {
	cells  []string
	strong bool // a total
	second bool // an explanation of the row above
	span   bool // the first cell runs over the whole width
}

const (
	cellGap = 3.0 // between columns
	rowPad  = 1.1 // above and below the text of a row
)

// table writes rows under a head that is repeated on each page. All cells of a
// row begin on one line; a row is not broken unless it is taller than a page.
func (s *sheet) table(columns []column, rows []row) {
	widths := s.widths(columns)
	head := row{cells: titles(columns), second: true}
	s.need(s.height(head, columns, widths) + 3*faceText.leading)
	s.row(head, columns, widths)
	s.stroke(leftEdge, rightEdge, s.y, 0.35, ink)
	for i, r := range rows {
		height := s.height(r, columns, widths)
		if i+1 < len(rows) && rows[i+1].second { // an explanation stays with its row
			height += s.height(rows[i+1], columns, widths)
		}
		if s.y+height > bottomEdge {
			s.newPage()
			s.row(head, columns, widths)
			s.stroke(leftEdge, rightEdge, s.y, 0.35, ink)
		}
		if r.strong {
			s.stroke(leftEdge, rightEdge, s.y, 0.35, ink)
		} else if i > 0 && !r.second {
			s.rule()
		}
		s.row(r, columns, widths)
	}
	s.stroke(leftEdge, rightEdge, s.y, 0.35, ink)
	s.gap(2.5)
}

func (r row) face() face {
	switch {
	case r.strong:
		return faceText.strong()
	case r.second:
		return faceSecond
	}
	return faceText
}

// row writes one row from s.y and leaves s.y below it. Cells are written one
// after the other, which is the order they are read in.
func (s *sheet) row(r row, columns []column, widths []float64) {
	f, top, x := r.face(), s.y, leftEdge
	above, _ := r.pads()
	if s.height(r, columns, widths) > bottomEdge-topEdge {
		s.tallRow(r, columns, widths)
		return
	}
	for i, text := range r.cells {
		width := widths[i]
		if r.span {
			width = rightEdge - leftEdge
		}
		for n, l := range s.wrap(text, f, width) {
			y := top + above + float64(n)*f.leading
			if columns[i].right && !r.span {
				s.putRight(l, f, x+width, y)
			} else {
				s.put(l, f, x, y)
			}
		}
		if r.span {
			break
		}
		x += width + cellGap
	}
	s.y = top + s.height(r, columns, widths)
}

// tallRow writes a row that no page holds, line by line.
func (s *sheet) tallRow(r row, columns []column, widths []float64) {
	f := r.face()
	cells := make([][]textLine, len(r.cells))
	most := 0
	for i, text := range r.cells {
		cells[i] = s.wrap(text, f, widths[i])
		most = max(most, len(cells[i]))
	}
	for n := range most {
		s.need(f.leading)
		x := leftEdge
		for i, lines := range cells {
			if n < len(lines) {
				if columns[i].right {
					s.putRight(lines[n], f, x+widths[i], s.y)
				} else {
					s.put(lines[n], f, x, s.y)
				}
			}
			x += widths[i] + cellGap
		}
		s.y += f.leading
	}
	s.gap(rowPad)
}

func (s *sheet) height(r row, columns []column, widths []float64) float64 {
	f, lines := r.face(), 0
	for i, text := range r.cells {
		width := widths[i]
		if r.span {
			width = rightEdge - leftEdge
		}
		lines = max(lines, len(s.wrap(text, f, width)))
		if r.span {
			break
		}
	}
	above, below := r.pads()
	return above + float64(lines)*f.leading + below
}

// pads is the room above and below the text; an explanation sits close under
// what it explains.
func (r row) pads() (above, below float64) {
	if r.second && r.span {
		return 0, rowPad
	}
	return rowPad, rowPad
}

func (s *sheet) widths(columns []column) []float64 {
	left, open := rightEdge-leftEdge-float64(len(columns)-1)*cellGap, 0
	for _, c := range columns {
		left -= c.width
		if c.width == 0 {
			open++
		}
	}
	widths := make([]float64, len(columns))
	for i, c := range columns {
		widths[i] = c.width
		if c.width == 0 {
			widths[i] = left / float64(open)
		}
	}
	return widths
}

func titles(columns []column) []string {
	texts := make([]string, len(columns))
	for i, c := range columns {
		texts[i] = c.title
	}
	return texts
}
