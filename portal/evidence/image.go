package evidence

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/webp"

	"amiable/negotiation"
)

const (
	sideMax = 2400 // the longer side of what is kept: a sheet of A4 stays legible
	quality = 85
)

// fillImage draws the image anew: upright, on white, no larger than needed, and
// with nothing in the file beside it.
func (f *File) fillImage(sent []byte, k kind) *negotiation.Refusal {
	seen, refused := decode(sent, k)
	if refused != nil {
		return refused
	}
	drawn := upright(shrink(seen, sideMax), orientation(sent, k))
	var out bytes.Buffer
	if err := jpeg.Encode(&out, drawn, &jpeg.Options{Quality: quality}); err != nil {
		return broken()
	}
	f.MediaType, f.Content = JPEG, out.Bytes()
	f.Width, f.Height = drawn.Rect.Dx(), drawn.Rect.Dy()
	return nil
}

// decoders of the images that are taken. They are named, not looked up: what is
// registered elsewhere in the program is not asked.
var decoders = map[kind]struct {
	size  func(io.Reader) (image.Config, error)
	image func(io.Reader) (image.Image, error)
}{
	kindJPEG: {jpeg.DecodeConfig, jpeg.Decode},
	kindPNG:  {png.DecodeConfig, png.Decode},
	kindWebP: {webp.DecodeConfig, webp.Decode},
}

// decode looks at the size first, so that a file of a few kilobytes cannot
// claim the memory of a wall.
func decode(sent []byte, k kind) (seen image.Image, refused *negotiation.Refusal) {
	defer func() {
		if recover() != nil { // a decoder that trips over a hostile file
			seen, refused = nil, broken()
		}
	}()
	size, err := decoders[k].size(bytes.NewReader(sent))
	switch {
	case err != nil || size.Width <= 0 || size.Height <= 0:
		return nil, broken()
	case size.Width > pixelsMax/size.Height:
		return nil, negotiation.Refuse(negotiation.Invalid, "evidence_pixels").With("max", pixelsMax/1_000_000)
	}
	if seen, err = decoders[k].image(bytes.NewReader(sent)); err != nil {
		return nil, broken()
	}
	if b := seen.Bounds(); b.Dx() > size.Width || b.Dy() > size.Height || b.Empty() {
		return nil, broken()
	}
	return seen, nil
}

// shrink draws an image on white with its longer side at most side. Each pixel
// is the mean of the area it covers. It goes row by row: memory is that of the
// result, not of the original once more.
func shrink(src image.Image, side int) *image.RGBA {
	from := src.Bounds()
	w, h := from.Dx(), from.Dy()
	scale := min(1, float64(side)/float64(max(w, h)))
	dw, dh := max(1, int(math.Round(float64(w)*scale))), max(1, int(math.Round(float64(h)*scale)))
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	white := image.NewUniform(color.White)
	if dw == w && dh == h {
		draw.Draw(dst, dst.Rect, white, image.Point{}, draw.Src)
		draw.Draw(dst, dst.Rect, src, from.Min, draw.Over)
		return dst
	}
	row := image.NewRGBA(image.Rect(0, 0, w, 1))
	narrow := make([]float32, dw*3) // one row of the original, at the width of the result
	sum := make([]float32, dw*3)
	columns, rows := shares(w, dw), shares(h, dh)
	for y := range h {
		draw.Draw(row, row.Rect, white, image.Point{}, draw.Src)
		draw.Draw(row, row.Rect, src, image.Pt(from.Min.X, from.Min.Y+y), draw.Over)
		clear(narrow)
		for x, s := range columns {
			r, g, b := float32(row.Pix[4*x]), float32(row.Pix[4*x+1]), float32(row.Pix[4*x+2])
			n := narrow[3*s.to:]
			n[0], n[1], n[2] = n[0]+r*s.first, n[1]+g*s.first, n[2]+b*s.first
			if s.second > 0 {
				n[3], n[4], n[5] = n[3]+r*s.second, n[4]+g*s.second, n[5]+b*s.second
			}
		}
		s := rows[y]
		for i, v := range narrow {
			sum[i] += v * s.first
		}
		if y+1 < h && rows[y+1].to == s.to && s.second == 0 {
			continue
		}
		out := dst.Pix[s.to*dst.Stride:]
		for x := range dw {
			for c := range 3 {
				out[4*x+c] = uint8(min(255, max(0, sum[3*x+c]+0.5)))
			}
			out[4*x+3] = 0xff
		}
		for i, v := range narrow {
			sum[i] = v * s.second
		}
	}
	return dst
}

// share says where a line of the original goes: the part of it that falls on
// one line of the result, and the part that falls on the next, as parts of a
// line of the result.
type share struct {
	to            int
	first, second float32
}

// shares spreads from lines over to of them, to <= from.
func shares(from, to int) []share {
	all := make([]share, from)
	ratio := float64(to) / float64(from)
	for i := range all {
		begin, end := float64(i)*ratio, float64(i+1)*ratio
		s := share{to: min(int(begin), to-1)}
		if edge := float64(s.to + 1); end > edge && s.to+1 < to {
			s.first, s.second = float32(edge-begin), float32(end-edge)
		} else {
			s.first = float32(end - begin)
		}
		all[i] = s
	}
	return all
}

// upright turns an image as its EXIF orientation (1 to 8) says it was held.
func upright(src *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dw, dh := w, h
	if orientation >= 5 {
		dw, dh = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := range h {
		for x := range w {
			var tx, ty int
			switch orientation {
			case 2:
				tx, ty = w-1-x, y
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				tx, ty = x, h-1-y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			copy(dst.Pix[ty*dst.Stride+4*tx:][:4], src.Pix[y*src.Stride+4*x:][:4])
		}
	}
	return dst
}
