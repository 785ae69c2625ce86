package main

import (
	"context"
	"fmt"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
)

// noGateway stands where no Stripe key is given, for commands that only look:
// whatever would call Stripe fails by name.
type noGateway struct{}

var errNoGateway = fmt.Errorf("%w: STRIPE_SECRET_KEY is not set", payments.ErrUnavailable)

// StartCheckout fails.
func (noGateway) StartCheckout(context.Context, payments.Checkout) (payments.Session, error) {
	return payments.Session{}, errNoGateway
}

// ExpireCheckout fails.
func (noGateway) ExpireCheckout(context.Context, string) error { return errNoGateway }

// FetchCheckout fails.
func (noGateway) FetchCheckout(context.Context, string) (payments.Fact, error) {
	return payments.Fact{}, errNoGateway
}

// KeepCustomer fails.
func (noGateway) KeepCustomer(context.Context, payments.Customer) (string, error) {
	return "", errNoGateway
}

// StartCardPage fails.
func (noGateway) StartCardPage(context.Context, payments.CardPage) (payments.Session, error) {
	return payments.Session{}, errNoGateway
}

// FetchCardPage fails.
func (noGateway) FetchCardPage(context.Context, string) (payments.CardFact, error) {
	return payments.CardFact{}, errNoGateway
}

// FetchCard fails.
func (noGateway) FetchCard(context.Context, string) (payments.Card, error) {
	return payments.Card{}, errNoGateway
}

// FetchMandate fails.
func (noGateway) FetchMandate(context.Context, string) (payments.Mandate, error) {
	return payments.Mandate{}, errNoGateway
}

// ForgetCard fails.
func (noGateway) ForgetCard(context.Context, string) error { return errNoGateway }

// ChargeCard fails.
func (noGateway) ChargeCard(context.Context, payments.Charge) (payments.Fact, error) {
	return payments.Fact{}, errNoGateway
}

// FindPayment fails.
func (noGateway) FindPayment(context.Context, string, string) (payments.Fact, error) {
	return payments.Fact{}, errNoGateway
}

// CancelPayment fails.
func (noGateway) CancelPayment(context.Context, string) error { return errNoGateway }

// FetchPayment fails.
func (noGateway) FetchPayment(context.Context, string) (payments.Fact, error) {
	return payments.Fact{}, errNoGateway
}

// OpenAccount fails.
func (noGateway) OpenAccount(context.Context, string, *negotiation.Creditor) (payments.AccountFact, error) {
	return payments.AccountFact{}, errNoGateway
}

// OnboardingLink fails.
func (noGateway) OnboardingLink(context.Context, string, string, string) (string, error) {
	return "", errNoGateway
}

// FetchAccount fails.
func (noGateway) FetchAccount(context.Context, string) (payments.AccountFact, error) {
	return payments.AccountFact{}, errNoGateway
}

// GiveBack fails.
func (noGateway) GiveBack(context.Context, payments.Back) (payments.RefundFact, error) {
	return payments.RefundFact{}, errNoGateway
}

// FetchRefund fails.
func (noGateway) FetchRefund(context.Context, string) (payments.RefundFact, error) {
	return payments.RefundFact{}, errNoGateway
}

// FindRefund fails.
func (noGateway) FindRefund(context.Context, string, string) (payments.RefundFact, error) {
	return payments.RefundFact{}, errNoGateway
}

// PullBack fails.
func (noGateway) PullBack(context.Context, payments.Move) (string, error) { return "", errNoGateway }

// PutBack fails.
func (noGateway) PutBack(context.Context, payments.Move) (string, error) { return "", errNoGateway }

// FindMove fails.
func (noGateway) FindMove(context.Context, payments.Move) (string, error) { return "", errNoGateway }

// FetchChargeback fails.
func (noGateway) FetchChargeback(context.Context, string) (payments.ChargebackFact, error) {
	return payments.ChargebackFact{}, errNoGateway
}

// SendEvidence fails.
func (noGateway) SendEvidence(context.Context, string, string, payments.Evidence) (payments.ChargebackFact, error) {
	return payments.ChargebackFact{}, errNoGateway
}

// ListNotifications fails.
func (noGateway) ListNotifications(context.Context, time.Time, string) ([]payments.Told, string, error) {
	return nil, "", errNoGateway
}

// ReadNotification fails.
func (noGateway) ReadNotification([]byte, string) (payments.Notification, error) {
	return payments.Notification{}, errNoGateway
}

// RereadNotification fails.
func (noGateway) RereadNotification([]byte) (payments.Notification, error) {
	return payments.Notification{}, errNoGateway
}

// FetchPayout fails.
func (noGateway) FetchPayout(context.Context, string, string) (payments.PayoutFact, error) {
	return payments.PayoutFact{}, errNoGateway
}

// PayoutRows fails.
func (noGateway) PayoutRows(context.Context, string, string, string) ([]payments.PayoutRowFact, bool, error) {
	return nil, false, errNoGateway
}

// RecentPayouts fails.
func (noGateway) RecentPayouts(context.Context, string, time.Time) ([]payments.PayoutFact, error) {
	return nil, errNoGateway
}

// Movements fails.
func (noGateway) Movements(context.Context, string, time.Time, time.Time, string) ([]payments.PayoutRowFact, string, error) {
	return nil, "", errNoGateway
}

// BalanceOf fails.
func (noGateway) BalanceOf(context.Context, string, money.Currency) (money.Amount, error) {
	return money.Amount{}, errNoGateway
}

// OpenTransferAccount refuses.
func (noGateway) OpenTransferAccount(context.Context, payments.Customer) (string, error) {
	return "", errNoGateway
}

// FetchHeld refuses.
func (noGateway) FetchHeld(context.Context, string, money.Currency) (money.Amount, error) {
	return money.Amount{}, errNoGateway
}

// TakeHeld refuses.
func (noGateway) TakeHeld(context.Context, payments.Charge) (payments.Fact, error) {
	return payments.Fact{}, errNoGateway
}
