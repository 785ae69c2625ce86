package payments

import (
	"context"
	"fmt"
	"strings"

	"amiable/negotiation"
	"amiable/negotiation/database"
)

// Why a notification is not applied yet, for the person who looks.
const (
	WhyUnknownPayment = "unknown_payment" // it names no payment of ours
	WhyUnknownAccount = "unknown_account" // it names an account of no creditor of ours
	WhyOtherMode      = "other_mode"      // test money here, or real money in a test
	WhyUnreadable     = "unreadable"      // what came is not what the gateway sends
	WhyBusy           = "busy"            // somebody else was writing to the case
	WhyGateway        = "gateway"         // the gateway did not answer when it was asked
	WhyOther          = "other"
)

// whys finds the reason in the problem as it was written down.
var whys = []struct{ says, why string }{
	{saysNoPayment, WhyUnknownPayment}, {errGone.Error(), WhyUnknownPayment}, {saysNoAccount, WhyUnknownAccount}, {saysOtherMode, WhyOtherMode},
	{saysNotJSON, WhyUnreadable}, {database.ErrBusy.Error(), WhyBusy}, {ErrUnavailable.Error(), WhyGateway},
}

// What problems say of themselves.
const (
	saysNoPayment = "no payment of ours"
	saysNoAccount = "belongs to no creditor of ours"
	saysOtherMode = "this installation is not"
	saysNotJSON   = "is not JSON"
)

// Why is the reason, in one word of ours.
func (w *Waiting) Why() string {
	for _, known := range whys {
		if strings.Contains(w.Problem, known.says) {
			return known.why
		}
	}
	return WhyOther
}

// GivenUp says that it is no longer tried by itself: a person decides.
func (w *Waiting) GivenUp() bool { return w.Attempts >= notificationTry }

// RetryNotification tries once more, for a person of the agency, to apply what
// could not be applied, also after it was given up. One that is applied already
// stays so. applied is false where it still cannot be: its problem is written
// down anew.
func (s *Service) RetryNotification(ctx context.Context, by negotiation.Actor, id string) (applied bool, err error) {
	if by.Role != negotiation.RoleAgent && by.Role != negotiation.RoleAdministrator {
		return false, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return false, err
	}
	var rows []notification
	if err := s.db.Read(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error; err != nil {
		return false, fmt.Errorf("notification %s: %w", id, err)
	}
	switch {
	case len(rows) == 0:
		return false, negotiation.Refuse(negotiation.NotFound, "not_found")
	case rows[0].AppliedAt != nil:
		return true, nil
	}
	_ = s.retry(ctx, &rows[0], now) // its problem is on the row, or the row is as it was
	return rows[0].AppliedAt != nil, nil
}
