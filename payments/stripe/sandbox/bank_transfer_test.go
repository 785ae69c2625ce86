package sandbox_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/payments/stripe/sandbox"
)

// announced is a payment by bank transfer that waits for its money.
func (w *world) announced(x *stripe.Customer, amount int64, change ...func(*stripe.PaymentIntentParams)) *stripe.PaymentIntent {
	w.Helper()
	p := &stripe.PaymentIntentParams{
		Amount: stripe.Int64(amount), Currency: stripe.String("eur"), Customer: &x.ID, Confirm: stripe.Bool(true), PaymentMethodTypes: stripe.StringSlice([]string{"customer_balance"}),
		PaymentMethodData: &stripe.PaymentIntentPaymentMethodDataParams{Type: stripe.String("customer_balance")},
		PaymentMethodOptions: &stripe.PaymentIntentPaymentMethodOptionsParams{CustomerBalance: &stripe.PaymentIntentPaymentMethodOptionsCustomerBalanceParams{
			FundingType: stripe.String("bank_transfer"), BankTransfer: &stripe.PaymentIntentPaymentMethodOptionsCustomerBalanceBankTransferParams{
				Type: stripe.String("eu_bank_transfer"), EUBankTransfer: &stripe.PaymentIntentPaymentMethodOptionsCustomerBalanceBankTransferEUBankTransferParams{Country: stripe.String("FR")}}}},
	}
	for _, c := range change {
		c(p)
	}
	return must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.New(p))
}

func (w *world) intent(id string) *stripe.PaymentIntent {
	w.Helper()
	p := &stripe.PaymentIntentParams{}
	p.AddExpand("latest_charge.balance_transaction")
	return must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.Get(id, p))
}

// transferred lets a transfer arrive, by Stripe's own test helper.
func (w *world) transferred(x *stripe.Customer, amount int64, reference string) {
	w.Helper()
	p := &stripe.TestHelpersCustomerFundCashBalanceParams{Amount: stripe.Int64(amount), Currency: stripe.String("eur")}
	if reference != "" {
		p.Reference = &reference
	}
	must[*stripe.CustomerCashBalanceTransaction](w)(w.api.TestHelpersCustomers.FundCashBalance(x.ID, p))
}

// held is what Stripe holds for a customer.
func (w *world) held(x *stripe.Customer) int64 {
	w.Helper()
	return must[*stripe.CashBalance](w)(w.api.CashBalances.Get(&stripe.CashBalanceParams{Customer: &x.ID})).Available["eur"]
}

// cashInBooks is what is held for customers at all.
func (w *world) cashInBooks() (sum int64) {
	for _, b := range w.box.Books() {
		if b.Bucket == "cash" {
			sum += b.Amount
		}
	}
	return sum
}

// TestATransferIsAnnouncedAndArrivesInParts: the payer is told where to send it,
// a part of it is told of and is nobody's yet, and with the rest it is paid.
func TestATransferIsAnnouncedAndArrivesInParts(t *testing.T) {
	w := newWorld(t)
	creditor, x := w.creditor(), w.customer()
	p := w.announced(x, 10000, func(p *stripe.PaymentIntentParams) {
		p.OnBehalfOf, p.ApplicationFeeAmount = &creditor.ID, stripe.Int64(1000)
		p.TransferData = &stripe.PaymentIntentTransferDataParams{Destination: &creditor.ID}
	})
	told := p.NextAction.DisplayBankTransferInstructions
	if p.Status != stripe.PaymentIntentStatusRequiresAction || told == nil || told.AmountRemaining != 10000 || told.Reference == "" || len(told.FinancialAddresses) != 1 {
		t.Fatalf("%s: %+v", p.Status, told)
	}
	account := told.FinancialAddresses[0].IBAN
	if !strings.HasPrefix(account.IBAN, "FR") || len(account.IBAN) != 27 || account.BIC == "" {
		t.Fatalf("%+v", account)
	}
	instructions := must[*stripe.FundingInstructions](w)(w.api.Customers.CreateFundingInstructions(x.ID, &stripe.CustomerCreateFundingInstructionsParams{
		Currency: stripe.String("eur"), FundingType: stripe.String("bank_transfer"), BankTransfer: &stripe.CustomerCreateFundingInstructionsBankTransferParams{
			Type: stripe.String("eu_bank_transfer"), EUBankTransfer: &stripe.CustomerCreateFundingInstructionsBankTransferEUBankTransferParams{Country: stripe.String("FR")}}}))
	if again := instructions.BankTransfer.FinancialAddresses[0].IBAN.IBAN; again != account.IBAN {
		t.Errorf("a customer has one account: %s, then %s", account.IBAN, again)
	}

	w.transferred(x, 4000, "invoice 17, "+told.Reference)
	p = w.intent(p.ID)
	if p.Status != stripe.PaymentIntentStatusRequiresAction || p.NextAction.DisplayBankTransferInstructions.AmountRemaining != 6000 || p.AmountReceived != 0 || p.LatestCharge != nil {
		t.Fatalf("in part: %s, %+v", p.Status, p.NextAction.DisplayBankTransferInstructions)
	}
	if w.held(x) != 0 || w.cashInBooks() != 4000 {
		t.Errorf("%d held, %d in the books", w.held(x), w.cashInBooks())
	}
	w.transferred(x, 6000, "")
	p = w.intent(p.ID)
	if p.Status != stripe.PaymentIntentStatusSucceeded || p.AmountReceived != 10000 || p.LatestCharge.PaymentMethodDetails.Type != "customer_balance" || p.LatestCharge.BalanceTransaction.Type != "payment" {
		t.Fatalf("%s: %+v", p.Status, p.LatestCharge)
	}
	if w.cashInBooks() != 0 {
		t.Errorf("%d are held still", w.cashInBooks())
	}
	w.quiet()
	got := w.letter.types()
	for _, want := range []string{"payment_intent.requires_action", "customer_cash_balance_transaction.created", "payment_intent.partially_funded", "charge.succeeded", "payment_intent.succeeded", "transfer.created"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %s among %v", want, got)
		}
	}
	if slices.Contains(got, "cash_balance.funds_available") {
		t.Error("funds were told to be available, and none were")
	}
}

// TestATransferFindsItsPayment: by its words, by its sum, else the oldest; what
// is too much stays the customer's until they want it back.
func TestATransferFindsItsPayment(t *testing.T) {
	w := newWorld(t)
	x := w.customer()
	first, second, third := w.announced(x, 5000), w.announced(x, 7000), w.announced(x, 9000)
	w.transferred(x, 9000, "")
	w.transferred(x, 7000, "virement "+strings.ToLower(second.NextAction.DisplayBankTransferInstructions.Reference))
	if a, b, c := w.intent(first.ID).Status, w.intent(second.ID).Status, w.intent(third.ID).Status; a != "requires_action" || b != "succeeded" || c != "succeeded" {
		t.Fatalf("%s, %s, %s", a, b, c)
	}
	w.transferred(x, 6200, "no reference at all")
	if now := w.intent(first.ID); now.Status != "succeeded" || w.held(x) != 1200 {
		t.Fatalf("%s, and %d held", now.Status, w.held(x))
	}
	w.quiet()
	if !slices.Contains(w.letter.types(), "cash_balance.funds_available") {
		t.Error("nobody was told of what is left")
	}
	if _, err := w.api.Customers.Del(x.ID, nil); err == nil {
		t.Error("a customer was deleted with money of theirs")
	}
	if paid := w.announced(x, 1000); paid.Status != "succeeded" || w.held(x) != 200 {
		t.Errorf("a payment that was covered is %s, %d are left", paid.Status, w.held(x))
	}

	back := func(amount int64) (*stripe.Refund, error) {
		return w.api.Refunds.New(&stripe.RefundParams{Origin: stripe.String("customer_balance"), Customer: &x.ID, Amount: &amount, Currency: stripe.String("eur")})
	}
	if _, err := back(201); err == nil {
		t.Error("more was given back than is held")
	}
	r := must[*stripe.Refund](w)(back(200))
	if r.Status != stripe.RefundStatusPending || r.Charge != nil || w.held(x) != 0 || w.cashInBooks() != 0 {
		t.Fatalf("%+v, %d held", r, w.held(x))
	}
	if err := w.box.FailRefund(r.ID); err != nil {
		t.Fatal(err)
	}
	if w.held(x) != 200 {
		t.Errorf("what could not be sent back is not the customer's: %d", w.held(x))
	}
	kinds := []string{}
	rows := w.api.CustomerCashBalanceTransactions.List(&stripe.CustomerCashBalanceTransactionListParams{Customer: &x.ID})
	for rows.Next() {
		kinds = append(kinds, string(rows.CustomerCashBalanceTransaction().Type))
	}
	if len(kinds) != 9 || kinds[0] != "return_canceled" || kinds[1] != "return_initiated" || kinds[8] != "funded" {
		t.Errorf("%v", kinds)
	}
}

// TestAPaymentThatIsCalledOffGivesItsPartBack: what had come for it is the
// customer's again, and what comes later has nowhere to go.
func TestAPaymentThatIsCalledOffGivesItsPartBack(t *testing.T) {
	w := newWorld(t)
	x := w.customer()
	p := w.announced(x, 10000)
	w.transferred(x, 4000, "")
	must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.Cancel(p.ID, nil))
	w.transferred(x, 6000, p.NextAction.DisplayBankTransferInstructions.Reference)
	if w.held(x) != 10000 || w.intent(p.ID).Status != "canceled" {
		t.Fatalf("%d held, %s", w.held(x), w.intent(p.ID).Status)
	}

	// With a person in charge, nothing is applied by itself.
	must[*stripe.CashBalance](w)(w.api.CashBalances.Update(&stripe.CashBalanceParams{Customer: &x.ID, Settings: &stripe.CashBalanceSettingsParams{ReconciliationMode: stripe.String("manual")}}))
	p = w.announced(x, 8000)
	if p.Status != "requires_action" || w.held(x) != 10000 {
		t.Fatalf("%s, %d held", p.Status, w.held(x))
	}
	if _, err := w.api.PaymentIntents.ApplyCustomerBalance(p.ID, &stripe.PaymentIntentApplyCustomerBalanceParams{Amount: stripe.Int64(8001)}); err == nil {
		t.Error("more was applied than is asked")
	}
	must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.ApplyCustomerBalance(p.ID, &stripe.PaymentIntentApplyCustomerBalanceParams{Amount: stripe.Int64(3000)}))
	must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.ApplyCustomerBalance(p.ID, nil))
	if now := w.intent(p.ID); now.Status != "succeeded" || w.held(x) != 2000 {
		t.Errorf("%s, %d held", now.Status, w.held(x))
	}
}

// TestATransferIsGivenBackToItsAccount: a refund takes its time, and one that
// could not be sent is on the balance again.
func TestATransferIsGivenBackToItsAccount(t *testing.T) {
	w := newWorld(t)
	x := w.customer()
	p := w.announced(x, 10000)
	w.transferred(x, 10000, "")
	r := must[*stripe.Refund](w)(w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &p.ID, Amount: stripe.Int64(2500)}))
	if r.Status != stripe.RefundStatusPending || r.DestinationDetails.Type != "eu_bank_transfer" {
		t.Fatalf("%+v", r)
	}
	if err := w.box.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	if now := must[*stripe.Refund](w)(w.api.Refunds.Get(r.ID, nil)); now.Status != stripe.RefundStatusSucceeded {
		t.Errorf("%s", now.Status)
	}
	if w.held(x) != 0 {
		t.Errorf("%d held", w.held(x))
	}
}

func TestWhatCannotBePaidByTransfer(t *testing.T) {
	w := newWorld(t)
	x := w.customer()
	const options = "&payment_method_options[customer_balance][funding_type]=bank_transfer&payment_method_options[customer_balance][bank_transfer][type]=eu_bank_transfer&payment_method_options[customer_balance][bank_transfer][eu_bank_transfer][country]="
	const intent = "amount=1000&currency=eur&confirm=true&payment_method_types[]=customer_balance&payment_method_data[type]=customer_balance"
	const session = "mode=payment&success_url=https://a.test&payment_method_types[]=customer_balance&line_items[0][quantity]=1&line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=1000&line_items[0][price_data][product_data][name]=x"
	for why, form := range map[string]string{
		"nobody's":        intent + options + "FR",
		"no options":      intent + "&customer=" + x.ID,
		"another country": intent + "&customer=" + x.ID + options + "US",
		"held first":      intent + "&customer=" + x.ID + options + "FR&capture_method=manual",
		"kept for later":  intent + "&customer=" + x.ID + options + "FR&setup_future_usage=off_session",
		"nobody there":    intent + "&customer=" + x.ID + options + "FR&off_session=true",
	} {
		if r, _ := w.raw(http.MethodPost, "/v1/payment_intents", form); r.StatusCode != 400 {
			t.Errorf("%s: %d", why, r.StatusCode)
		}
	}
	for why, form := range map[string]string{
		"nobody's":       session + options + "FR",
		"no options":     session + "&customer=" + x.ID,
		"kept for later": session + "&customer=" + x.ID + options + "FR&payment_intent_data[setup_future_usage]=off_session",
	} {
		if r, _ := w.raw(http.MethodPost, "/v1/checkout/sessions", form); r.StatusCode != 400 {
			t.Errorf("a page, %s: %d", why, r.StatusCode)
		}
	}
}

func withTransfer(x *stripe.Customer) func(*stripe.CheckoutSessionParams) {
	return func(p *stripe.CheckoutSessionParams) {
		p.CustomerEmail, p.Customer = nil, &x.ID
		p.PaymentMethodTypes = stripe.StringSlice([]string{"card", "customer_balance"})
		p.PaymentMethodOptions = &stripe.CheckoutSessionPaymentMethodOptionsParams{CustomerBalance: &stripe.CheckoutSessionPaymentMethodOptionsCustomerBalanceParams{
			FundingType: stripe.String("bank_transfer"), BankTransfer: &stripe.CheckoutSessionPaymentMethodOptionsCustomerBalanceBankTransferParams{
				Type: stripe.String("eu_bank_transfer"), EUBankTransfer: &stripe.CheckoutSessionPaymentMethodOptionsCustomerBalanceBankTransferEUBankTransferParams{Country: stripe.String("FR")}}}}
	}
}

// TestAVisitorPaysByTransfer: the page says where to send the money, the session
// is complete and unpaid, and paid once the money is here.
func TestAVisitorPaysByTransfer(t *testing.T) {
	w := newShop(t)
	x := w.customer()
	session := w.checkout(withTransfer(x))
	page := visit(t, session.URL).press("Pay €84.00 by bank transfer").follow().shows("Make the transfer", "€84.00", "IBAN", "SNDB")
	open := w.session(session.ID)
	told := open.PaymentIntent.NextAction.DisplayBankTransferInstructions
	if open.Status != stripe.CheckoutSessionStatusComplete || open.PaymentStatus != stripe.CheckoutSessionPaymentStatusUnpaid || told == nil {
		t.Fatalf("%s, %s", open.Status, open.PaymentStatus)
	}
	page.shows(told.Reference)
	visit(t, session.URL).shows("announced and has not arrived")
	page.press("Send the transfer", "amount", "none").shows("Give an amount")
	page.press("Send the transfer", "amount", "80").follow().shows("€4.00")
	page.press("Send the transfer", "amount", "4.00")
	w.arrives(page, session)
	if paid := w.session(session.ID); paid.PaymentStatus != stripe.CheckoutSessionPaymentStatusPaid || paid.PaymentIntent.LatestCharge.Amount != 8400 {
		t.Fatalf("%s: %+v", paid.PaymentStatus, paid.PaymentIntent.LatestCharge)
	}
	visit(t, told.HostedInstructionsURL).shows("No transfer is awaited here")
	w.quiet()
	if got := w.letter.types(); !slices.Contains(got, "checkout.session.async_payment_succeeded") {
		t.Error(got)
	}
	if err := w.box.SendTransfer(sandbox.Transfer{To: open.PaymentIntent.ID}); err == nil {
		t.Error("a transfer of nothing arrived")
	}
}
