package interest

import (
	"flag"
	"os"
	"testing"
)

// Statements are compared with the diary on thousands of cases, not on rapid's
// hundred; -rapid.checks given by hand still wins.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given && !testing.Short() {
		if err := flag.Set("rapid.checks", "2000"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
