package documents

import (
	"testing"

	"amiable/portal/locale"
)

func BenchmarkReceipt(b *testing.B) {
	r := aReceipt()
	for b.Loop() {
		if _, err := r.PDF(locale.French); err != nil {
			b.Fatal(err)
		}
	}
}
