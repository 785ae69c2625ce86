package payments

import (
	"testing"
	"time"

	"amiable/negotiation"
)

// Every row of the table, and what it means for the leave.
func TestWhatFollowsADecline(t *testing.T) {
	for _, test := range []struct {
		code, advice string
		course       Course
		ends         Why
	}{
		{"insufficient_funds", "", TryAgain, ""},
		{"generic_decline", "", TryAgain, ""},
		{"do_not_honor", "try_again_later", TryAgain, ""},
		{"do_not_honor", "do_not_try_again", GiveUp, ""},
		{"do_not_honor", "confirm_card_data", NeedCard, ""},
		{"processing_error", "", TryAgain, ""},
		{"authentication_required", "", NeedProof, ""},
		{"authentication_required", "do_not_try_again", NeedProof, ""},
		{"expired_card", "", NeedCard, ""},
		{"new_account_information_available", "", NeedCard, ""},
		{"lost_card", "", GiveUp, WhyCardRefused},
		{"stolen_card", "try_again_later", GiveUp, WhyCardRefused},
		{"fraudulent", "", GiveUp, WhyCardRefused},
		{"do_not_try_again", "", GiveUp, WhyCardRefused},
		{"stop_payment_order", "", GiveUp, WhyRevokedAtBank},
		{"revocation_of_authorization", "", GiveUp, WhyRevokedAtBank},
		{"a_code_of_next_year", "", GiveUp, ""},
		{"refused", "", GiveUp, ""},
		{"", "", GiveUp, ""},
	} {
		if d := afterDecline(test.code, test.advice); d.course != test.course || d.ends != test.ends {
			t.Errorf("%s, %s: %s, ends %q", test.code, test.advice, d.course, d.ends)
		}
	}
	for code, d := range declines {
		if d.ends != "" && d.course != GiveUp {
			t.Errorf("%s ends the leave and yet is tried again", code)
		}
	}
}

func TestWhenACardIsTriedAgain(t *testing.T) {
	for _, test := range []struct {
		name      string
		due, next negotiation.Day
		tries     int
		today     negotiation.Day
		on        negotiation.Day
		ok        bool
	}{
		{"some days after", "2026-09-10", "2026-10-10", 1, "2026-09-10", "2026-09-13", true},
		{"a week after", "2026-09-10", "2026-10-10", 2, "2026-09-13", "2026-09-17", true},
		{"when wages are paid", "2026-09-10", "2026-10-10", 3, "2026-09-17", "2026-10-01", true},
		{"not a fifth time", "2026-09-10", "", 4, "2026-10-01", "", false},
		{"benefits", "2026-09-24", "", 3, "2026-10-01", "2026-10-06", true},
		{"what comes late is tried when wages are paid", "2026-09-10", "", 1, "2026-09-14", "2026-10-01", true},
		{"not on the day before the next one", "2026-09-10", "2026-09-14", 1, "2026-09-10", "2026-09-13", false},
		{"two days before it", "2026-09-10", "2026-09-15", 1, "2026-09-10", "2026-09-13", true},
		{"weekly: the next one is too near", "2026-09-10", "2026-09-17", 2, "2026-09-13", "2026-09-17", false},
		{"over the year", "2026-12-20", "", 3, "2026-12-27", "2027-01-01", true},
	} {
		if on, ok := nextTry(test.due, test.tries, test.today, test.next); ok != test.ok || (ok && on != test.on) {
			t.Errorf("%s: %s, %v", test.name, on, ok)
		}
	}
}

func TestFromWhenOnACardMayBeCharged(t *testing.T) {
	for _, test := range []struct {
		name                  string
		due, announced, given negotiation.Day
		want                  negotiation.Day
	}{
		{"announced in time", "2026-10-10", "2026-10-07", "2026-09-01", "2026-10-10"},
		{"announced late, three days later", "2026-10-10", "2026-10-09", "2026-09-01", "2026-10-12"},
		{"leave given the day before, with the sum in sight", "2026-10-10", "2026-10-09", "2026-10-09", "2026-10-10"},
		{"leave given three days before", "2026-10-10", "2026-10-08", "2026-10-07", "2026-10-11"},
	} {
		if got := negotiation.CardRule.From(test.due, test.announced, test.given); got != test.want {
			t.Errorf("%s: %s", test.name, got)
		}
	}
	for day, want := range map[negotiation.Day]time.Time{ // nine o'clock in Paris
		"2026-07-10": time.Date(2026, 7, 10, 7, 0, 0, 0, time.UTC), "2026-12-10": time.Date(2026, 12, 10, 8, 0, 0, 0, time.UTC),
		"2026-03-29": time.Date(2026, 3, 29, 7, 0, 0, 0, time.UTC), "2026-10-25": time.Date(2026, 10, 25, 8, 0, 0, 0, time.UTC),
	} {
		if got := chargeTime(day); !got.Equal(want) {
			t.Errorf("%s: %s", day, got)
		}
	}
}
