package payments

import (
	"slices"
	"time"

	"amiable/negotiation"
)

// Course is what follows a charge that was declined.
type Course string

const (
	TryAgain  Course = "retry"    // by a schedule: the same card may do later
	NeedProof Course = "proof"    // its holder must prove who they are: a link is sent
	NeedCard  Course = "new_card" // the card's data is no longer good; tried once more when the gateway learns the new one
	GiveUp    Course = "stop"     // this card is never charged for it again
)

// decline is one line of the table of declines.
type decline struct {
	course Course
	ends   Why // the leave to charge ends with it; empty: it stays
}

// declines by the gateway's codes (docs.stripe.com/declines/codes). Which are
// worth another try is ours to say: issuers answer alike for many reasons.
var declines = map[string]decline{
	"authentication_required": {course: NeedProof},

	"insufficient_funds":              {course: TryAgain},
	"card_velocity_exceeded":          {course: TryAgain},
	"withdrawal_count_limit_exceeded": {course: TryAgain},
	"try_again_later":                 {course: TryAgain},
	"issuer_not_available":            {course: TryAgain},
	"processing_error":                {course: TryAgain},
	"reenter_transaction":             {course: TryAgain},
	"do_not_honor":                    {course: TryAgain},
	"generic_decline":                 {course: TryAgain},
	"approve_with_id":                 {course: TryAgain},
	"call_issuer":                     {course: TryAgain},
	"no_action_taken":                 {course: TryAgain},

	"expired_card":                      {course: NeedCard},
	"new_account_information_available": {course: NeedCard},
	"invalid_expiry_month":              {course: NeedCard},
	"invalid_expiry_year":               {course: NeedCard},

	"lost_card":               {GiveUp, WhyCardRefused},
	"stolen_card":             {GiveUp, WhyCardRefused},
	"pickup_card":             {GiveUp, WhyCardRefused},
	"incorrect_number":        {GiveUp, WhyCardRefused},
	"invalid_account":         {GiveUp, WhyCardRefused},
	"restricted_card":         {GiveUp, WhyCardRefused},
	"fraudulent":              {GiveUp, WhyCardRefused},
	"merchant_blacklist":      {GiveUp, WhyCardRefused},
	"security_violation":      {GiveUp, WhyCardRefused},
	"card_not_supported":      {GiveUp, WhyCardRefused},
	"currency_not_supported":  {GiveUp, WhyCardRefused},
	"service_not_allowed":     {GiveUp, WhyCardRefused},
	"transaction_not_allowed": {GiveUp, WhyCardRefused},
	"not_permitted":           {GiveUp, WhyCardRefused},
	"do_not_try_again":        {GiveUp, WhyCardRefused},

	// The holder told their bank not to: that takes the leave back.
	"stop_payment_order":               {GiveUp, WhyRevokedAtBank},
	"revocation_of_authorization":      {GiveUp, WhyRevokedAtBank},
	"revocation_of_all_authorizations": {GiveUp, WhyRevokedAtBank},
}

// advices are what the issuer says beside its code; they go before it.
var advices = map[string]Course{"do_not_try_again": GiveUp, "confirm_card_data": NeedCard}

// afterDecline reads the table. What is not in it is not tried again, and says
// nothing of the next instalment.
func afterDecline(code, advice string) decline {
	d, known := declines[code]
	if !known {
		d = decline{course: GiveUp}
	}
	if course, given := advices[advice]; given && d.course == TryAgain {
		d.course = course
	}
	return d
}

// The schedule of another try: some days after the day of the instalment, and
// at last when most are paid. triesMax counts the first one.
var retryDays = []int{3, 7}

// paydays are days of the month by which wages (from the 28th to the 1st) and
// family benefits (the 5th) are on the account.
var paydays = []int{1, 6}

const triesMax = 4

// nextTry is the day of the try after so many, for an instalment due on a day;
// ok is false where there is none: they are used up, or the next instalment of
// the plan (next, none: this is the last) is too near for both to be fair.
func nextTry(due negotiation.Day, tries int, today, next negotiation.Day) (on negotiation.Day, ok bool) {
	if tries >= triesMax {
		return "", false
	}
	if tries <= len(retryDays) {
		on = due.Add(retryDays[tries-1])
	}
	if on.IsZero() || !on.After(today) {
		on = payday(today)
	}
	return on, next.IsZero() || on.Before(next.Add(-1))
}

// payday is the first day after today by which most are paid.
func payday(today negotiation.Day) negotiation.Day {
	on := today.Add(1)
	for !slices.Contains(paydays, on.Time().Day()) {
		on = on.Add(1)
	}
	return on
}

// chargeHour is from when on cards are charged, in the legal zone: nobody finds
// out in the night.
const chargeHour = 9

func chargeTime(on negotiation.Day) time.Time {
	return atHour(on, chargeHour)
}

func atHour(on negotiation.Day, hour int) time.Time {
	at := on.Time()
	return time.Date(at.Year(), at.Month(), at.Day(), hour, 0, 0, 0, negotiation.Zone).UTC()
}
