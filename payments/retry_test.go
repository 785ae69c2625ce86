package payments_test

import (
	"errors"
	"fmt"
	"testing"

	"amiable/negotiation/database"
	"amiable/payments"
)

// A person who looks at what waits reads why in words: each problem that can be
// written down has a reason, and a new one has a fallback.
func TestWhyANotificationWaitsIsFoundInItsProblem(t *testing.T) {
	for problem, why := range map[string]string{
		`no payment of ours: payment "x", session "", intent "pi_1"`:                                   payments.WhyUnknownPayment,
		"payment 1: the payment is not on the case":                                                    payments.WhyUnknownPayment,
		"account acct_1 belongs to no creditor of ours":                                                payments.WhyUnknownAccount,
		"notification evt_1 is of live mode, this installation is not":                                 payments.WhyOtherMode,
		"notification evt_1 is not JSON":                                                               payments.WhyUnreadable,
		fmt.Errorf("case 1: %w", database.ErrBusy).Error():                                             payments.WhyBusy,
		errors.Join(fmt.Errorf("account acct_1: %w", payments.ErrUnavailable), errors.New("")).Error(): payments.WhyGateway,
		"payment 1: expected 10.00, gateway collected 11.00":                                           payments.WhyOther,
		"": payments.WhyOther,
	} {
		if w := (payments.Waiting{Problem: problem}); w.Why() != why {
			t.Errorf("%q is %s, want %s", problem, w.Why(), why)
		}
	}
	for attempts, given := range map[int64]bool{1: false, 9: false, 10: true, 11: true} {
		if w := (payments.Waiting{Attempts: attempts}); w.GivenUp() != given {
			t.Errorf("after %d tries given up: %t", attempts, w.GivenUp())
		}
	}
}
