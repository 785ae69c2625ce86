package page

import (
	"io"
	"testing"
)

// BenchmarkCase measures the page that is read most.
func BenchmarkCase(b *testing.B) {
	pages, err := New()
	if err != nil {
		b.Fatal(err)
	}
	page := world{"fr"}.theCase()
	b.ReportAllocs()
	for b.Loop() {
		if err := pages.Render(io.Discard, page); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNew measures what starting costs: every template, in both languages.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(); err != nil {
			b.Fatal(err)
		}
	}
}
