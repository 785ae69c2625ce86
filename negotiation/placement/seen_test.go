package placement

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestSeenAgreesWithAMap compares with the plain structure it stands for.
func TestSeenAgreesWithAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newSeen()
		first, creditorsOf := map[string]int{}, map[string]map[string]bool{}
		for line := 1; line <= rapid.IntRange(1, 400).Draw(t, "lines"); line++ {
			creditor := fmt.Sprint("C", rapid.IntRange(0, 4).Draw(t, "creditor"))
			number := fmt.Sprint("F", rapid.IntRange(0, 60).Draw(t, "number"))
			v := s.look(creditor, number, 1, 2)
			key := creditor + "/" + number
			if v.line != first[key] {
				t.Fatalf("%s was on line %d, not %d", key, first[key], v.line)
			}
			if v.line > 0 {
				if !v.sameAmount || !v.sameDetails {
					t.Fatalf("%s differs from itself", key)
				}
				continue
			}
			if want := len(creditorsOf[number]) > 0; v.otherCreditor != want {
				t.Fatalf("%s: another creditor %v, want %v", key, v.otherCreditor, want)
			}
			s.add(v, line)
			first[key] = line
			if creditorsOf[number] == nil {
				creditorsOf[number] = map[string]bool{}
			}
			creditorsOf[number][creditor] = true
		}
	})
}

func TestMoreCreditorsThanSixteenBits(t *testing.T) {
	s := newSeen()
	for i := range 70_000 {
		v := s.look(fmt.Sprint("C", i), "F1", 1, 1)
		if v.line != 0 {
			t.Fatalf("creditor %d was taken for another", i)
		}
		if i >= 65_000 {
			s.add(v, i)
		}
	}
	for i := 65_000; i < 70_000; i++ {
		if v := s.look(fmt.Sprint("C", i), "F1", 1, 1); v.line != i {
			t.Fatalf("creditor %d has line %d", i, v.line)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	for _, good := range []string{"jean@exemple.test", "a.b+c@x-y.example.com", "o'neil@exemple.fr", "x@xn--caf-dma.fr", "z@café.fr", "a@b--c.fr"} {
		if !usableEmail(good) {
			t.Errorf("%q was refused", good)
		}
	}
	for _, bad := range []string{"", "jean.exemplon", "pas d'e-mail", "a@b@example.com", "@example.com", "x@", "marie fictier@example.com", "contact@example..com",
		"contact@-.test", "contact@-a.test", "contact@a-.test", ".a@b.fr", "a.@b.fr", "a..b@c.fr", "a@b", "a@b.c", "a@1.2.3.4", "a@b.fr;c@d.fr",
		"a@b.fr\nBcc: c@d.fr", "<a@b.fr>", "a@b.fr.", "a@exa mple.fr", "zoé@exemple.fr"} {
		if usableEmail(bad) {
			t.Errorf("%q was accepted", bad)
		}
	}
	if !luhn("732829320") || luhn("732829321") || !siretPasses("73282932000074") || !siretPasses("35600000049837") || siretPasses("35600000049838") {
		t.Error("Luhn")
	}
}

func FuzzIdentifiers(f *testing.F) {
	for _, s := range []string{"010 185 650", "35600000049837", "FR22010185650", "BE0012345625", "a@b.fr", "é@é.é"} {
		f.Add(s, "010185650")
	}
	f.Fuzz(func(t *testing.T, s, siren string) {
		sirenOf(s)
		vatNumber(s, siren)
		usableEmail(s)
		country(s)
		language(s)
		costsIn(s)
		if v := trim(s); formula(v) != "" && plainText(Neutral(v)) != v {
			t.Fatalf("%q comes back as %q", v, plainText(Neutral(v)))
		}
		if Key(Key(s)) != Key(s) {
			t.Fatalf("the key of %q changes", s)
		}
	})
}
