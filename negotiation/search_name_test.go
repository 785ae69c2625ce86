package negotiation

import (
	"testing"

	"pgregory.net/rapid"
)

// Looking a letter up must fold a name as the whole folding does.
func TestANameFoldsAlikeLetterByLetter(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "  Éloïse  d’Aubrelle-Œuvrard ": "eloise d aubrelle oeuvrard", "STRAẞE 12": "straße 12", "Straße": "strasse", "İzmir": "izmir", "ŁÓDŹ": "łodz",
		"e\u0301te\u0301": "ete", "Ǆ ﬁ 東京": "ǆ ﬁ 東京", "a\xffb": "a b", "Dvořák & Fils, S.A.": "dvorak fils s a", "--": "",
	} {
		if got := SearchName(name); got != want {
			t.Errorf("%q folds to %q, not %q", name, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("abzABZ019 -'’.éÉœŒæßıİŉſªº´`\u0301\u0327")), rapid.Map(rapid.IntRange(0, latinEnd-1), func(n int) rune { return rune(n) }))).Draw(t, "name")
		latin := rapid.StringOf(rapid.Map(rapid.IntRange(0, latinEnd-1), func(n int) rune { return rune(n) })).Draw(t, "latin")
		for _, name := range []string{name, latin} {
			if got, want := SearchName(name), foldName(name); got != want {
				t.Fatalf("%q folds to %q, as a whole to %q", name, got, want)
			}
		}
	})
}
