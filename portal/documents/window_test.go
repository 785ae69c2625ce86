package documents

import (
	"bytes"
	"os/exec"
	"strconv"
	"testing"

	"amiable/portal/locale"
)

// Through the window of the envelope one reads name and address, and nothing
// else, however far the sheet slides: nobody on the way learns what it is about.
func TestTheWindowShowsNothingButTheAddress(t *testing.T) {
	two := aFirstLetter(businessClaim("F-1"), consumerClaim("F-2"))
	two.Agency.Name = "Agence de recouvrement amiable et de résolution des différends de la Loire et de l’Atlantique"
	two.Agency.Street = "Immeuble Les Hauts-Pavés, bâtiment D, escalier 4\n118 boulevard du Maréchal-Œuvrard"
	for name, f := range map[string]FirstLetter{"one": aFirstLetter(businessClaim("F-1")), "two": two} {
		for _, l := range locale.Languages {
			file, err := f.PDF(l)
			if err != nil {
				t.Fatal(err)
			}
			_ = read(t, file) // or skip, where there is no pdftotext
			points := func(millimetres float64) string { return strconv.Itoa(int(millimetres * 72 / 25.4)) }
			run := exec.Command("pdftotext", "-raw", "-f", "1", "-l", "1",
				"-x", points(windowLeft), "-W", points(windowRight-windowLeft),
				"-y", points(windowTop-windowSlide), "-H", points(windowBottom-windowTop+2*windowSlide), "-", "-")
			run.Stdin = bytes.NewReader(file)
			seen, err := run.Output()
			if err != nil {
				t.Fatal(err)
			}
			if got, want := flat(string(seen)), "Maëlle Vasseur 8 allée de l’Île-Mystérieuse 44300 Nantes"; got != want {
				t.Errorf("%s in %s: through the window one reads %q", name, l, got)
			}
		}
	}
}
