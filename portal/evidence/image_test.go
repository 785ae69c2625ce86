package evidence

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"amiable/negotiation"
)

// Four colours, so that one sees which way up an image is:
//
//	red   green
//	blue  white
var red, green, blue, white = color.RGBA{220, 30, 30, 255}, color.RGBA{30, 200, 30, 255}, color.RGBA{30, 30, 220, 255}, color.RGBA{255, 255, 255, 255}

func quarters(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, [][]color.RGBA{{red, green}, {blue, white}}[2*y/h][2*x/w])
		}
	}
	return m
}

// corners are the colours of a JPEG in its four quarters, row by row.
func corners(t *testing.T, content []byte) [4]color.RGBA {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	var seen [4]color.RGBA
	for i := range seen {
		b := m.Bounds()
		at := m.At(b.Min.X+b.Dx()*(1+2*(i%2))/4, b.Min.Y+b.Dy()*(1+2*(i/2))/4)
		for _, c := range []color.RGBA{red, green, blue, white} {
			if near(at, c) {
				seen[i] = c
			}
		}
	}
	return seen
}

func near(a, b color.Color) bool {
	r, g, bl, _ := a.RGBA()
	r2, g2, b2, _ := b.RGBA()
	const most = 12 << 8
	apart := func(x, y uint32) bool { return max(x, y)-min(x, y) > most }
	return !apart(r, r2) && !apart(g, g2) && !apart(bl, b2)
}

func jpegOf(t *testing.T, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func pngOf(t *testing.T, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func tinyWebP(t *testing.T) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func chunk(kind string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, kind...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// claimedPNG says that it is of a size, and holds nothing.
func claimedPNG(w, h uint32) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(header, 8, 2, 0, 0, 0))...)
	return append(append(b, chunk("IDAT", []byte("\x78\x9c\x63\x00\x00\x00\x01\x00\x01"))...), chunk("IEND", nil)...)
}

// exifBlock is what a phone writes: how it was held, and where it was.
func exifBlock(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("II")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM")
	}
	entry := func(tag, kind uint16, n, value uint32) {
		b = order.AppendUint16(order.AppendUint16(b, tag), kind)
		b = order.AppendUint32(order.AppendUint32(b, n), value)
	}
	b = order.AppendUint32(order.AppendUint16(b, 42), 8)
	b = order.AppendUint16(b, 3)
	entry(0x010f, 2, 4, 0x45505041) // maker
	b = order.AppendUint16(order.AppendUint16(b, 0x0112), 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(order.AppendUint16(b, orientation), 0)
	entry(0x8825, 4, 1, 60) // where the position is
	return append(order.AppendUint32(b, 0), "GPS 44.8378N 0.5792W SERIAL-C39XK0412"...)
}

// withExif puts the block where a camera does.
func withExif(photo, block []byte) []byte {
	app1 := append([]byte("Exif\x00\x00"), block...)
	b := binary.BigEndian.AppendUint16([]byte("\xff\xd8\xff\xe1"), uint16(len(app1)+2))
	b = append(b, app1...)
	xmp := "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>Claire</x:xmpmeta>"
	b = binary.BigEndian.AppendUint16(append(b, 0xff, 0xe1), uint16(len(xmp)+2))
	b = append(b, xmp...)
	b = binary.BigEndian.AppendUint16(append(b, 0xff, 0xfe), 2+12)
	b = append(b, "taken at 8 h"...)
	return append(b, photo[2:]...)
}

var secrets = []string{"Exif", "GPS", "44.8378", "SERIAL", "xmpmeta", "taken at"}

func TestAPhotoStandsUprightAndTellsNoPlace(t *testing.T) {
	upright := [4]color.RGBA{red, green, blue, white}
	// What a camera held so would have stored of the four quarters.
	stored := [9][4]color.RGBA{
		1: {red, green, blue, white}, 2: {green, red, white, blue}, 3: {white, blue, green, red}, 4: {blue, white, red, green},
		5: {red, blue, green, white}, 6: {green, white, red, blue}, 7: {white, green, blue, red}, 8: {blue, red, white, green},
	}
	for held := 1; held <= 8; held++ {
		w, h := 96, 64
		if held >= 5 {
			w, h = h, w
		}
		m := image.NewRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				m.Set(x, y, stored[held][2*(2*y/h)+2*x/w])
			}
		}
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			block := exifBlock(order, uint16(held))
			asPNG := pngOf(t, m)
			asPNG = bytes.Join([][]byte{asPNG[:33], chunk("eXIf", block), asPNG[33:]}, nil)
			for name, sent := range map[string][]byte{"photo.jpg": withExif(jpegOf(t, m), block), "photo.png": asPNG} {
				f := take(t, name, sent)
				if got := corners(t, f.Content); got != upright || f.Width != 96 || f.Height != 64 {
					t.Errorf("%s held as %d: %v, %d × %d", name, held, got, f.Width, f.Height)
				}
				for _, secret := range secrets {
					if !bytes.Contains(sent, []byte(secret)) && name == "photo.jpg" {
						t.Fatalf("the photo of the test does not hold %q", secret)
					}
					if bytes.Contains(f.Content, []byte(secret)) {
						t.Errorf("%s still tells %q", name, secret)
					}
				}
				for _, s := range segments(f.Content) {
					if s.marker >= 0xe0 && s.marker <= 0xef || s.marker == 0xfe {
						t.Errorf("%s keeps a segment %x", name, s.marker)
					}
				}
			}
		}
	}
}

func TestALargePhotoIsDrawnSmaller(t *testing.T) {
	for _, test := range []struct{ w, h, wantW, wantH int }{
		{4000, 3000, 2400, 1800}, {1000, 5000, 480, 2400}, {2401, 100, 2400, 100}, {2400, 1200, 2400, 1200}, {20_000, 3, 2400, 1}, {1, 1, 1, 1},
	} {
		f := take(t, "photo.png", pngOf(t, quarters(test.w, test.h)))
		if f.MediaType != JPEG || f.Name != "photo.jpg" || f.Width != test.wantW || f.Height != test.wantH {
			t.Errorf("%d × %d: %s %s %d × %d", test.w, test.h, f.Name, f.MediaType, f.Width, f.Height)
		}
		if got := corners(t, f.Content); test.h >= 100 && got != [4]color.RGBA{red, green, blue, white} {
			t.Errorf("%d × %d shows %v", test.w, test.h, got)
		}
	}
}

func TestShrinkingKeepsTheLight(t *testing.T) {
	// A fine grid of black and white is grey from afar, at any ratio, up to
	// its edges.
	m := image.NewGray(image.Rect(0, 0, 700, 500))
	for y := range 500 {
		for x := range 700 {
			if (x+y)%2 == 0 {
				m.SetGray(x, y, color.Gray{255})
			}
		}
	}
	for _, side := range []int{350, 233, 100, 7, 1} {
		small := shrink(m, side)
		for y := range small.Rect.Dy() {
			for x := range small.Rect.Dx() {
				if c := small.RGBAAt(x, y); c.R < 112 || c.R > 144 || c.R != c.G || c.A != 255 {
					t.Fatalf("side %d: %v at %d, %d", side, c, x, y)
				}
			}
		}
	}
}

func TestWhatIsClearBecomesWhite(t *testing.T) {
	for _, side := range []int{40, sideMax + 100} {
		f := take(t, "capture.png", pngOf(t, image.NewNRGBA(image.Rect(0, 0, side, 40))))
		if got := corners(t, f.Content); got != [4]color.RGBA{white, white, white, white} {
			t.Fatalf("%d wide: %v", side, got)
		}
	}
}

func TestWebPIsTaken(t *testing.T) {
	if f := take(t, "image.webp", tinyWebP(t)); f.MediaType != JPEG || f.Name != "image.jpg" || f.Width != 1 {
		t.Fatalf("%+v", f)
	}
}

func TestOfAFileThatIsTwoOnlyTheImageIsKept(t *testing.T) {
	tail := []byte("<script>alert(1)</script>PK\x03\x04%PDF-1.4 /JS")
	f := take(t, "photo.jpg", append(jpegOf(t, quarters(64, 64)), tail...))
	if bytes.Contains(f.Content, []byte("script")) || bytes.Contains(f.Content, []byte("%PDF")) {
		t.Fatal("the other file is still there")
	}
}

// FuzzIntake: whatever is sent is taken whole, or refused; never a fault of
// ours, never a panic.
func FuzzIntake(f *testing.F) {
	for _, seed := range [][]byte{onePage(), scripted(), claimedPNG(10, 10), []byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00*"), []byte("RIFF\x00\x00\x00\x00WEBPVP8X")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		kept, err := Intake(t.Context(), bytes.NewReader(sent), "x")
		if err != nil && negotiation.AsRefusal(err) == nil {
			t.Fatal(err)
		}
		if err == nil && (kept.Hash == "" || len(kept.Content) == 0) {
			t.Fatalf("%+v", kept)
		}
	})
}
