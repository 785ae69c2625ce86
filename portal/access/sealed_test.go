package access

import (
	"net/url"
	"strings"
	"testing"
)

// What an address carries is read by the one it was made for, on the page it
// was made for, and by nobody else.
func TestWhatAnAddressCarriesOpensOnlyForWhoseItIs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mine := &Visit{Kind: KindDebtor, SubjectID: "party-1", CaseID: "case-1"}
		form := url.Values{"way": {"amount"}, "amount": {"158,00"}}
		sealed, ok := w.SealForm(mine, "plan", form)
		if !ok || strings.Contains(sealed, "158") || strings.Contains(sealed, "amount") || url.PathEscape(sealed) != sealed {
			t.Fatalf("sealed: %q, %t", sealed, ok)
		}
		if again, _ := w.SealForm(mine, "plan", form); again == sealed {
			t.Error("the same form twice reads alike")
		}
		if back, ok := w.OpenForm(mine, "plan", sealed); !ok || back.Get("amount") != "158,00" || back.Get("way") != "amount" {
			t.Errorf("it came back as %v, %t", back, ok)
		}
		for name, other := range map[string]*Visit{
			"another person":         {Kind: KindDebtor, SubjectID: "party-2", CaseID: "case-1"},
			"the same, another case": {Kind: KindDebtor, SubjectID: "party-1", CaseID: "case-2"},
			"a user":                 {Kind: KindStaff, SubjectID: "party-1"},
			"nobody":                 nil,
		} {
			if _, ok := w.OpenForm(other, "plan", sealed); ok {
				t.Errorf("%s reads it", name)
			}
		}
		for name, text := range map[string]string{"another page": sealed, "a forged one": sealed[:len(sealed)-2] + "AA", "an empty one": "", "no text of ours": "¡"} {
			page := "plan"
			if name == "another page" {
				page = "pay"
			}
			if _, ok := w.OpenForm(mine, page, text); ok {
				t.Errorf("%s is read", name)
			}
		}
		if _, ok := w.SealForm(mine, "plan", url.Values{"message": {strings.Repeat("x", 2000)}}); ok {
			t.Error("an address of any length was made")
		}
	})
}
