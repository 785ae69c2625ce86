package payments

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"amiable/negotiation"
)

// HouseWork is something of the agency's own that may wait for a person. Each
// has a list; almost always all of them are empty.
type HouseWork string

const (
	HouseBank          HouseWork = "bank"          // BankEntries that wait
	HouseSuspense      HouseWork = "suspense"      // InSuspense
	HouseUnderway      HouseWork = "underway"      // Underway since PayOverAlarmDays
	HouseStuck         HouseWork = "stuck"         // StuckPayouts
	HouseBelowNothing  HouseWork = "below_nothing" // BelowNothing
	HouseStopped       HouseWork = "stopped"       // StoppedPlans
	HouseHeld          HouseWork = "held"          // HeldBack
	HouseChargebacks   HouseWork = "chargebacks"   // ChargebacksToAnswer
	HouseRefunds       HouseWork = "refunds"       // RefundsForPersons
	HouseNotifications HouseWork = "notifications" // WaitingNotifications
)

// What each list asks for. States stand in words: only so are their indexes
// found.
const (
	bankWaits         = "bank_entries.state = 'waiting'"
	inSuspense        = "payout_rows.verdict = 'suspense'"
	belowNothing      = "gateway_accounts.balance < 0"
	stopped           = "NOT gateway_accounts.charges_enabled AND EXISTS (SELECT 1 FROM authorities a WHERE a.creditor_id = gateway_accounts.creditor_id AND a.state = 'live')"
	heldBack          = "transits.done_at IS NULL AND transits.kind = 'put' AND transits.problem <> ''"
	toAnswer          = "chargebacks.state IN ('inquiry', 'open') AND chargebacks.answered_at IS NULL"
	forPersons        = "refunds.state = 'wanted' OR (refunds.state = 'asked' AND refunds.problem <> '') OR (refunds.state = 'failed' AND NOT EXISTS (SELECT 1 FROM refunds later WHERE later.payment_id = refunds.payment_id AND later.created_at > refunds.created_at))"
	notificationWaits = "notifications.applied_at IS NULL"
)

// stuck are the payouts that nobody opens by themselves any more.
var stuck = "payouts.opened_at IS NULL AND payouts.state <> 'cancelled' AND (NOT payouts.automatic OR payouts.attempts >= " + strconv.Itoa(openTries) + ")"

var houseWork = []struct {
	what HouseWork
	from string
}{
	{HouseBank, "FROM bank_entries WHERE " + bankWaits},
	{HouseSuspense, "FROM payout_rows WHERE " + inSuspense},
	{HouseUnderway, underway + " AND p.paid_on <= ?"},
	{HouseStuck, "FROM payouts WHERE " + stuck},
	{HouseBelowNothing, "FROM gateway_accounts WHERE " + belowNothing},
	{HouseStopped, "FROM gateway_accounts WHERE " + stopped},
	{HouseHeld, "FROM transits WHERE " + heldBack},
	{HouseChargebacks, "FROM chargebacks WHERE " + toAnswer},
	{HouseRefunds, "FROM refunds WHERE " + forPersons},
	{HouseNotifications, "FROM notifications WHERE " + notificationWaits},
}

// selectHouseWork asks of every list whether there is anything on it.
var selectHouseWork = func() string {
	var each []string
	for _, w := range houseWork {
		each = append(each, "SELECT '"+string(w.what)+"' AS what WHERE EXISTS (SELECT 1 "+w.from+")")
	}
	return again + strings.Join(each, " UNION ALL ")
}()

// HouseWaits says in one look which of the agency's lists hold anything.
func (s *Service) HouseWaits(ctx context.Context, by negotiation.Actor) ([]HouseWork, error) {
	if !by.IsStaff() {
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return nil, err
	}
	var waits []HouseWork
	if err := s.db.Read(ctx).Raw(selectHouseWork, today.Add(-PayOverAlarmDays)).Scan(&waits).Error; err != nil {
		return nil, fmt.Errorf("what waits of the agency: %w", err)
	}
	return waits, nil
}
