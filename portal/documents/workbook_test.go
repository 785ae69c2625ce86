package documents

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"
)

func TestAWorkbookIsReadAndWorkedOutByAnother(t *testing.T) {
	w := Workbook{Name: "RV-2026-001", Headings: []string{"Débiteur", "Somme", "Net"}, Total: "Total", Rows: [][]any{
		{"=cmd()|' /C calc'!A0 <b>&\"é\"\x01", euros(1_234_567_89), euros(-10_05)},
		{"  deux\nlignes ", euros(1), euros(0)},
	}}
	file, err := w.XLSX()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := w.XLSX(); err != nil || !bytes.Equal(file, again) {
		t.Errorf("made twice, two files (%v)", err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]string{
		"A1": "Débiteur", "A2": "=cmd()|' /C calc'!A0 <b>&\"é\"\ufffd", "A3": "  deux\nlignes ", "B2": "1,234,567.89", "C2": "-10.05", "A4": "Total",
	} {
		if got, err := book.GetCellValue(w.Name, cell); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", cell, got, err, want)
		}
	}
	if formula, err := book.GetCellFormula(w.Name, "A2"); err != nil || formula != "" {
		t.Errorf("a text became the formula %q, %v", formula, err)
	}
	for cell, want := range map[string]string{"B4": "1,234,567.90", "C4": "-10.05"} {
		if got, err := book.CalcCellValue(w.Name, cell); err != nil || got != want {
			t.Errorf("%s is worked out as %q, %v; want %q", cell, got, err, want)
		}
	}
	w.Rows = nil
	if file, err = w.XLSX(); err != nil {
		t.Fatal(err)
	}
	if _, err := excelize.OpenReader(bytes.NewReader(file)); err != nil {
		t.Error(err)
	}
}
