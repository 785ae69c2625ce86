package sandbox_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stripe/stripe-go/v76"
)

func TestProductsAndPrices(t *testing.T) {
	w := newWorld(t)
	product := must[*stripe.Product](w)(w.api.Products.New(&stripe.ProductParams{Name: stripe.String("Amicable payment")}))
	price := must[*stripe.Price](w)(w.api.Prices.New(&stripe.PriceParams{Product: &product.ID, Currency: stripe.String("eur"), UnitAmount: stripe.Int64(1250), LookupKey: stripe.String("usual")}))
	if price.Type != "one_time" || price.UnitAmount != 1250 || price.UnitAmountDecimal != 1250 {
		t.Errorf("%+v", price)
	}
	if _, err := w.api.Prices.New(&stripe.PriceParams{Product: &product.ID, Currency: stripe.String("eur"), UnitAmount: stripe.Int64(1), LookupKey: stripe.String("usual")}); err == nil {
		t.Error("a lookup key was given twice")
	}
	cs := w.checkout(func(p *stripe.CheckoutSessionParams) {
		p.LineItems = []*stripe.CheckoutSessionLineItemParams{{Price: &price.ID, Quantity: stripe.Int64(2)}}
	})
	if cs.AmountTotal != 2500 {
		t.Errorf("two at 12.50 come to %d", cs.AmountTotal)
	}
	items := w.api.CheckoutSessions.ListLineItems(&stripe.CheckoutSessionListLineItemsParams{Session: &cs.ID}).LineItemList().Data
	if len(items) != 1 || items[0].Price.ID != price.ID || items[0].Quantity != 2 || items[0].Description != "Amicable payment" {
		t.Errorf("%+v", items)
	}
	must[*stripe.Price](w)(w.api.Prices.Update(price.ID, &stripe.PriceParams{Active: stripe.Bool(false)}))
	if r, _ := w.raw(http.MethodPost, "/v1/checkout/sessions", "mode=payment&success_url=https://a.test&line_items[0][quantity]=1&line_items[0][price]="+price.ID); r.StatusCode != 400 {
		t.Error("a price that is no longer active was sold")
	}
	if _, err := w.api.Products.Del(product.ID, nil); err == nil {
		t.Error("a product with prices was deleted")
	}
}

func TestACustomersLife(t *testing.T) {
	w := newWorld(t)
	x := must[*stripe.Customer](w)(w.api.Customers.New(&stripe.CustomerParams{Email: stripe.String("ada@example.com"), Phone: stripe.String("+33 1"),
		Params: stripe.Params{Metadata: map[string]string{"case": "c1", "old": "yes"}}}))
	x = must[*stripe.Customer](w)(w.api.Customers.Update(x.ID, &stripe.CustomerParams{Phone: stripe.String(""), Params: stripe.Params{Metadata: map[string]string{"old": "", "new": "yes"}}}))
	if x.Phone != "" || x.Metadata["case"] != "c1" || x.Metadata["new"] != "yes" || len(x.Metadata) != 2 {
		t.Errorf("%+v", x)
	}
	card := w.savedCard(x, "pm_card_visa")
	must[*stripe.Customer](w)(w.api.Customers.Update(x.ID, &stripe.CustomerParams{InvoiceSettings: &stripe.CustomerInvoiceSettingsParams{DefaultPaymentMethod: &card.ID}}))
	if kept := w.api.Customers.ListPaymentMethods(&stripe.CustomerListPaymentMethodsParams{Customer: &x.ID}).PaymentMethodList().Data; len(kept) != 1 {
		t.Errorf("%d cards", len(kept))
	}
	if gone := must[*stripe.Customer](w)(w.api.Customers.Del(x.ID, nil)); !gone.Deleted {
		t.Error("not deleted")
	}
	if again := must[*stripe.Customer](w)(w.api.Customers.Get(x.ID, nil)); !again.Deleted {
		t.Error("a deleted customer says that it lives")
	}
	if _, err := w.pay("pm_card_visa", func(p *stripe.PaymentIntentParams) { p.Customer = &x.ID }); err == nil {
		t.Error("a deleted customer paid")
	}
	if now := must[*stripe.PaymentMethod](w)(w.api.PaymentMethods.Get(card.ID, nil)); now.Customer != nil {
		t.Error("the card still belongs to a deleted customer")
	}
	w.quiet()
	got := w.letter.types()
	for _, e := range w.letter.events {
		if e.Type != "customer.updated" || e.Data.PreviousAttributes["phone"] == nil {
			continue
		}
		before, _ := e.Data.PreviousAttributes["metadata"].(map[string]any)
		if e.Data.PreviousAttributes["phone"] != "+33 1" || before["old"] != "yes" || before["new"] != nil || len(before) != 2 {
			t.Errorf("previous attributes %v", e.Data.PreviousAttributes)
		}
	}
	if !slices.Contains(got, "customer.deleted") || !slices.Contains(got, "payment_method.detached") {
		t.Error(got)
	}
}

func TestAnApplicationFeeGivenBackByItself(t *testing.T) {
	w := newWorld(t)
	creditor := w.creditor()
	params := &stripe.PaymentIntentParams{Amount: stripe.Int64(10000), Currency: stripe.String("eur"), Confirm: stripe.Bool(true), PaymentMethod: stripe.String("pm_card_visa"),
		ApplicationFeeAmount: stripe.Int64(1000), TransferData: &stripe.PaymentIntentTransferDataParams{Destination: &creditor.ID}}
	params.AddExpand("latest_charge")
	p := must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.New(params))
	fee := p.LatestCharge.ApplicationFee.ID
	r := must[*stripe.FeeRefund](w)(w.api.FeeRefunds.New(&stripe.FeeRefundParams{ID: &fee, Amount: stripe.Int64(400)}))
	if r.Amount != 400 {
		t.Error(r.Amount)
	}
	if _, err := w.api.FeeRefunds.New(&stripe.FeeRefundParams{ID: &fee, Amount: stripe.Int64(601)}); err == nil {
		t.Error("more of a fee was given back than was taken")
	}
	must[*stripe.FeeRefund](w)(w.api.FeeRefunds.New(&stripe.FeeRefundParams{ID: &fee}))
	if x := must[*stripe.ApplicationFee](w)(w.api.ApplicationFees.Get(fee, nil)); !x.Refunded || x.AmountRefunded != 1000 || len(x.Refunds.Data) != 2 {
		t.Errorf("%+v", x)
	}
	w.box.Settle()
	theirs := must[*stripe.Balance](w)(w.api.Balance.Get(&stripe.BalanceParams{Params: stripe.Params{StripeAccount: &creditor.ID}}))
	if theirs.Available[0].Amount != 10000 {
		t.Errorf("creditor has %d", theirs.Available[0].Amount)
	}
}
