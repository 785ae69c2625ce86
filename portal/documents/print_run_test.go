package documents

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"amiable/portal/locale"

	"github.com/pdfcpu/pdfcpu/pkg/api"
)

func TestAPrintRunKeepsLettersApart(t *testing.T) {
	french, english := aFirstLetter(businessClaim("F-1")), aFirstLetter(businessClaim("F-2"))
	english.Reference, english.Debtor.Name = "PL-2026-0413", "Łukasz Kowalski"
	run := PrintRun{Letters: []ToPrint{{french, locale.French}, {english, locale.English}}}
	file := draw(t, "run", run, locale.French)
	text := read(t, file)
	inOrder(t, text, "Maëlle Vasseur", "Votre facture F-1", "Première lettre PL-2026-0412 Page 1 sur 3", "Page 3 sur 3",
		"Łukasz Kowalski", "Your invoice F-2", "First letter PL-2026-0413 Page 1 of 3", "Page 3 of 3")
	if pages(t, file) != 6 {
		t.Errorf("%d pages", pages(t, file))
	}

	// On both sides: three pages are two sheets, so the second letter is not on
	// the back of the first.
	run.Duplex = true
	file = draw(t, "run-duplex", run, locale.French)
	if pages(t, file) != 7 {
		t.Errorf("%d pages on both sides", pages(t, file))
	}
	if again := read(t, file); again != text {
		t.Error("the empty back has something on it")
	}
}

func TestARunWithOneBadLetterIsNotPrinted(t *testing.T) {
	bad := aFirstLetter(businessClaim("F-2"))
	bad.Reference, bad.Creditor.City = "PL-2026-0413", ""
	run := PrintRun{Letters: []ToPrint{{aFirstLetter(businessClaim("F-1")), locale.French}, {bad, locale.French}}}
	_, err := run.PDF(locale.French)
	var missing *MissingError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "PL-2026-0413") {
		t.Errorf("%v", err)
	}
	lacks(t, PrintRun{}, "list of letters")
}

func pages(t *testing.T, file []byte) int {
	t.Helper()
	n, err := api.PageCount(bytes.NewReader(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
