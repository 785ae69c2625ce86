package access

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"amiable/negotiation"
)

func TestAPostcodeIsTheSameHoweverItIsTyped(t *testing.T) {
	for _, row := range []struct {
		onFile, answer string
		same           bool
	}{
		{"33000", "33000", true},
		{"33000", " 33 000 ", true},
		{"33 000", "F-33000 Bordeaux", true},
		{"33000", "33001", false},
		{"33000", "3300", false},
		{"33000", "330000", false},
		{"33000", "", false},
		{"", "", false},
		{"", "33000", false},
		{"1", "1", false}, // too short to be a check
		{"SW1A 1AA", "sw1a1aa", true},
		{"SW1A 1AA", "11", false}, // its digits alone are no check
		{"33000", "٣٣٠٠٠", false},
	} {
		if same := samePostcode(row.onFile, row.answer); same != row.same {
			t.Errorf("%q for %q: %v", row.answer, row.onFile, same)
		}
	}
}

func TestAnInvoiceNumberIsTheSameHoweverItIsTyped(t *testing.T) {
	c := &negotiation.Case{Claims: []negotiation.Claim{{InvoiceNumber: "FA-2026/001"}, {InvoiceNumber: "é 7"}, {InvoiceNumber: " -/"}}}
	for answer, right := range map[string]bool{
		"fa2026001": true, "FA 2026-001": true, "FA–2026–001": true, "É7": true,
		"2026001": false, "FA-2026/002": false, "": false, "-": false, "FA2026001É7": false,
	} {
		if answers(negotiation.CheckInvoiceNumber, c, answer) != right {
			t.Errorf("%q: want %v", answer, right)
		}
	}
}

func TestWithoutAPostcodeOnFileTheInvoiceNumberIsAsked(t *testing.T) {
	for postcode, want := range map[string]negotiation.SecondCheck{"33000": negotiation.CheckPostcode, "": negotiation.CheckInvoiceNumber, " - ": negotiation.CheckInvoiceNumber} {
		if got := checkFor(negotiation.PartyDebtor, negotiation.CheckPostcode, postcode); got != want {
			t.Errorf("%q: %s", postcode, got)
		}
	}
	if checkFor(negotiation.PartyDebtor, negotiation.CheckMailedCode, "") != negotiation.CheckMailedCode {
		t.Error("a weaker check than the creditor's setting")
	}
}

func TestAMaskedAddressHidesNameAndDomain(t *testing.T) {
	for address, want := range map[string]string{
		"chloe.durand@wanadoo.fr": "c••••@••••.fr", "é@x.co.uk": "é••••@••••.uk", "nobody": "", "@x.fr": "", "": "",
	} {
		if got := MaskedAddress(address); got != want {
			t.Errorf("%q: %q", address, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		local, domain := rapid.StringMatching(`[a-e]{3,20}`).Draw(t, "local"), rapid.StringMatching(`[a-e]{3,20}`).Draw(t, "domain")
		masked := MaskedAddress(local + "@" + domain + ".fr")
		if strings.Contains(masked, local[:2]) || strings.Contains(masked, domain[:3]) || utf8.RuneCountInString(masked) != 13 {
			t.Fatalf("%q", masked)
		}
	})
}

func TestOneNetworkIsOneAddress(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"[2001:db8:1:2::9]": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "unix": "unix", "": "",
	} {
		if got := network(address); got != want {
			t.Errorf("%q: %q", address, got)
		}
	}
}

func TestALimitIsNeverExceededInAnySlidingWindow(t *testing.T) {
	// The counter of two windows estimates; whatever the tries, in no window of
	// that length are more than twice the limit let through, and within one
	// window's number never more than the limit.
	rapid.Check(t, func(t *rapid.T) {
		l := limit{"x", rapid.Int64Range(1, 8).Draw(t, "most"), time.Hour}
		var c rateCounter
		now := time.Unix(1_800_000_000, 0)
		var passed []time.Time
		for range rapid.IntRange(1, 60).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "pause")) * time.Second)
			number, elapsed := l.window(now)
			switch number - c.WindowNumber {
			case 0:
				c.Hits = min(c.Hits+1, l.most+1)
			case 1:
				c.HitsBefore, c.Hits = c.Hits, 1
			default:
				c.HitsBefore, c.Hits = 0, 1
			}
			c.WindowNumber = number
			if err := l.judge(c, number, elapsed, 0); err == nil {
				passed = append(passed, now)
			} else if m := negotiation.AsRefusal(err).Facts["minutes"].(int64); m < 0 || m > 120 {
				t.Fatalf("wait %d minutes", m)
			}
		}
		for i := range passed {
			within, inNumber := int64(0), int64(0)
			for _, p := range passed[i:] {
				if p.Sub(passed[i]) < l.within {
					within++
				}
				if a, _ := l.window(p); a == func() int64 { n, _ := l.window(passed[i]); return n }() {
					inNumber++
				}
			}
			if within > 2*l.most || inNumber > l.most {
				t.Fatalf("%d in a window, %d in one number, limit %d", within, inNumber, l.most)
			}
		}
	})
}

func FuzzWhatIsTyped(f *testing.F) {
	f.Add("33000", " 33 000")
	f.Add("SW1A 1AA", "F\u00a0-\xff")
	f.Add("camille@agence.example.test", "//evil\x00")
	f.Fuzz(func(t *testing.T, onFile, typed string) {
		if samePostcode(onFile, typed) && len(plain(onFile)) < postcodeMin {
			t.Errorf("%q opens %q", typed, onFile)
		}
		if plain(typed) == "" && answers(negotiation.CheckInvoiceNumber, &negotiation.Case{Claims: []negotiation.Claim{{InvoiceNumber: onFile}}}, typed) {
			t.Errorf("nothing opens %q", onFile)
		}
		if address, ok := mailAddress(typed); ok && (strings.ContainsAny(address, " \r\n\x00") || !strings.Contains(address, "@")) {
			t.Errorf("%q is taken for an address", address)
		}
		_ = MaskedAddress(typed)
		_ = checkPassword(&User{Email: onFile}, typed)
		_ = localPath(typed)
	})
}
