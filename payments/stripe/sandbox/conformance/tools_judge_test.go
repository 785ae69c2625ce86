package conformance

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// TestMissingTools: what is missing is named, and fails where everything is
// required.
func TestMissingTools(t *testing.T) {
	for require, want := range map[string]string{"": "skipped: the abacus is missing: no beads", "1": "failed: the abacus is required"} {
		t.Setenv("AMIABLE_REQUIRE_ALL", require)
		said := &ending{TB: t}
		done := make(chan struct{})
		go func() { // need ends its goroutine
			defer close(done)
			need(said, "the abacus", "", errors.New("no beads"))
		}()
		<-done
		if !strings.HasPrefix(said.how, want) {
			t.Errorf("AMIABLE_REQUIRE_ALL=%q: %q, want %q", require, said.how, want)
		}
	}
}

// ending is a test that notes how it was ended.
type ending struct {
	testing.TB
	how string
}

func (e *ending) Fatalf(format string, args ...any) {
	e.how = "failed: " + fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (e *ending) Skipf(format string, args ...any) {
	e.how = "skipped: " + fmt.Sprintf(format, args...)
	runtime.Goexit()
}
