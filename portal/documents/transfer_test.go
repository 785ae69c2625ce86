package documents

import (
	"bytes"
	"image/png"
	"os"
	"os/exec"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"amiable/portal/locale"
)

// The code on the letter is read back by another program: it fills in the
// transfer that stands beside it, and its sum is the letter's.
func TestTheLettersCodeFillsTheTransferIn(t *testing.T) {
	command, err := exec.LookPath("pdftoppm")
	if err != nil {
		if os.Getenv("AMIABLE_REQUIRE_ALL") == "1" {
			t.Fatal("pdftoppm is missing: install poppler-utils")
		}
		t.Skip("pdftoppm is missing: the code of the transfer is not read back (poppler-utils)")
	}
	file, err := aFirstLetter(businessClaim("F-2026-118")).PDF(locale.French)
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command(command, "-r", "150", "-f", "2", "-l", "2", "-png", "-singlefile", "-") // the first page has the code of the way in
	run.Stdin = bytes.NewReader(file)
	picture, err := run.Output()
	if err != nil {
		t.Fatal(err)
	}
	page, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(page)
	if err != nil {
		t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		t.Fatal(err)
	}
	const want = "BCD\n002\n1\nSCT\nAGRIFRPPXXX\nAccord & Cie, fonds des créanciers\nFR7630006000011234567890189\nEUR10453.68\n\nRF68AB2G5"
	if read.GetText() != want {
		t.Errorf("the code holds %q, want %q", read.GetText(), want)
	}
}
