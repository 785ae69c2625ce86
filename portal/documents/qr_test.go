package documents

import (
	"bytes"
	"image/png"
	"os"
	"os/exec"
	"testing"

	"amiable/portal/locale"

	"github.com/boombuler/barcode/qr"
)

// The code on the paper has every module of the code that was meant, with a
// white border around: the page is made a picture and read back.
func TestTheQRCodeIsPrintedWhole(t *testing.T) {
	command, err := exec.LookPath("pdftoppm")
	if err != nil {
		if os.Getenv("AMIABLE_REQUIRE_ALL") == "1" {
			t.Fatal("pdftoppm is missing: install poppler-utils")
		}
		t.Skip("pdftoppm is missing: the QR code is not looked at (poppler-utils)")
	}
	s := newSheet(locale.French, about{title: "QR", at: issued})
	const content, x, y, side = "https://portail.accord.example/c/7K4P9XWD3M", 50.0, 60.0, 30.0
	if err := s.qr(content, x, y, side); err != nil {
		t.Fatal(err)
	}
	s.title("QR")
	file, err := s.bytes("QR")
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command(command, "-r", "254", "-png", "-singlefile", "-") // ten dots a millimetre
	run.Stdin = bytes.NewReader(file)
	picture, err := run.Output()
	if err != nil {
		t.Fatal(err)
	}
	page, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	want, err := qr.Encode(content, qr.M, qr.Unicode)
	if err != nil {
		t.Fatal(err)
	}
	modules := want.Bounds().Dx()
	module := side / float64(modules+2*quietZone)
	for row := -quietZone; row < modules+quietZone; row++ {
		for column := -quietZone; column < modules+quietZone; column++ {
			inside := row >= 0 && row < modules && column >= 0 && column < modules
			expected := inside && dark(want.At(column, row).RGBA())
			px := int((x + (float64(column+quietZone)+0.5)*module) * 10)
			py := int((y + (float64(row+quietZone)+0.5)*module) * 10)
			if printed := dark(page.At(px, py).RGBA()); printed != expected {
				t.Fatalf("module %d, %d: printed %v", row, column, printed)
			}
		}
	}
}
