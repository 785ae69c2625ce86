package conformance

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"amiable/payments/stripe/sandbox"
)

// TestEveryCardAndState brings objects into the states that only people and
// time bring about, with every card there is, and has each answer and each
// event judged on the way, and all of it again with everything expanded.
func TestEveryCardAndState(t *testing.T) {
	s := openSandbox(t)
	c := s.crawler()
	v := visit{t, s, c}
	account := s.account(t)

	for _, number := range sandbox.TestNumbers() {
		v.everyUse(number, account)
	}
	v.disputes()
	v.debits()
	v.payPal()
	v.transfers()
	v.sessions()
	v.faults()

	s.Settle()
	if err := s.RestrictAccount(account); err != nil {
		t.Fatal(err)
	}
	v.get("/v1/accounts/" + account)
	if err := s.RestoreAccount(account); err != nil {
		t.Fatal(err)
	}
	v.payouts(account)
	for _, list := range []string{
		"payouts", "payment_intents", "setup_intents", "charges", "refunds", "disputes", "transfers", "application_fees", "balance_transactions",
		"checkout/sessions", "accounts",
	} {
		v.everyPage("/v1/" + list)
	}
	v.everyPage("/v1/events")
	if _, err := c.expandEverything(); err != nil {
		t.Fatal(err)
	}
	verdict(t, s.recorder.Complaints())
	s.sound(t)
}

type visit struct {
	*testing.T
	*subject
	c *crawler
}

func (v visit) call(method, path, with string) (int, map[string]any) {
	v.Helper()
	form, err := url.ParseQuery(with)
	if err != nil {
		v.Fatal(err)
	}
	status, object, err := v.c.do(method, path, "", form)
	if err != nil {
		v.Fatalf("%s %s %s: %v", method, path, with, err)
	}
	return status, object
}

func (v visit) get(path string) { v.call("GET", path, "") }

// everyUse charges a card now and later, holds, saves, proves, refunds.
func (v visit) everyUse(number, account string) {
	v.Helper()
	card := "type=card&card[number]=" + number + "&card[exp_month]=12&card[exp_year]=2034&card[cvc]=123"
	method := func() string {
		_, m := v.call("POST", "/v1/payment_methods", card)
		return fmt.Sprint(m["id"])
	}
	intent := func(more string) string {
		_, p := v.call("POST", "/v1/payment_intents", "amount=2000&currency=eur&payment_method_types[]=card&payment_method="+method()+"&confirm=true&return_url=https://example.com/b"+more)
		if failure, ok := p["error"].(map[string]any); ok {
			p, _ = failure["payment_intent"].(map[string]any)
		}
		return fmt.Sprint(p["id"])
	}
	// Approving and failing is refused where nothing is asked; that is fine.
	approved := intent("")
	_ = v.Approve3DS(approved)
	v.get("/v1/payment_intents/" + approved)
	failed := intent("&setup_future_usage=off_session")
	_ = v.Fail3DS(failed)
	v.get("/v1/payment_intents/" + failed)
	held := intent("&capture_method=manual")
	_ = v.Approve3DS(held)
	v.call("POST", "/v1/payment_intents/"+held+"/capture", "amount_to_capture=1500")
	destined := intent("&transfer_data[destination]=" + account + "&application_fee_amount=200")
	_ = v.Approve3DS(destined)
	v.call("POST", "/v1/refunds", "payment_intent="+destined+"&reverse_transfer=true&refund_application_fee=true&amount=500")
	_, refund := v.call("POST", "/v1/refunds", "payment_intent="+approved)
	if id, ok := refund["id"].(string); ok {
		_ = v.FailRefund(id)
		v.get("/v1/refunds/" + id)
	}

	_, customer := v.call("POST", "/v1/customers", "name=Ada")
	id := fmt.Sprint(customer["id"])
	_, setup := v.call("POST", "/v1/setup_intents", "customer="+id+"&payment_method="+method()+"&confirm=true&return_url=https://example.com/b")
	if failure, ok := setup["error"].(map[string]any); ok {
		setup, _ = failure["setup_intent"].(map[string]any)
	}
	_ = v.Approve3DS(fmt.Sprint(setup["id"]))
	v.get("/v1/setup_intents/" + fmt.Sprint(setup["id"]))
	saved := method()
	v.call("POST", "/v1/payment_methods/"+saved+"/attach", "customer="+id)
	for _, outcome := range []sandbox.Outcome{"insufficient_funds", sandbox.AuthRequired, sandbox.Approved} {
		if err := v.DeclineScript(saved, outcome); err != nil {
			v.Fatal(err)
		}
		v.call("POST", "/v1/payment_intents", "amount=2000&currency=eur&payment_method_types[]=card&customer="+id+"&payment_method="+saved+"&off_session=true&confirm=true")
	}
}

// disputes are won, lost, let go, escalated and forgotten.
func (v visit) disputes() {
	v.Helper()
	one := func(card string) string {
		_, p := v.call("POST", "/v1/payment_intents", "amount=2000&currency=eur&payment_method_types[]=card&payment_method="+card+"&confirm=true")
		_, list := v.call("GET", "/v1/disputes", "payment_intent="+fmt.Sprint(p["id"]))
		id, _ := at(list, []string{"data", "0", "id"}).(string)
		return id
	}
	for _, words := range []string{"winning_evidence", "losing_evidence", "It was delivered."} {
		v.call("POST", "/v1/disputes/"+one("pm_card_createDispute"), "evidence[uncategorized_text]="+url.QueryEscape(words))
	}
	for _, words := range []string{"winning_evidence", "losing_evidence", "escalate_inquiry_evidence", "It was delivered."} {
		v.call("POST", "/v1/disputes/"+one("pm_card_createDisputeInquiry"), "evidence[uncategorized_text]="+url.QueryEscape(words))
	}
	lost := one("pm_card_createDisputeProductNotReceived")
	v.call("POST", "/v1/disputes/"+lost+"/close", "")
	if err := v.WinDispute(lost); err != nil { // the bank changes its mind
		v.Error(err)
	}
	_ = one("pm_card_createDispute") // nobody answers
	inquiry := one("pm_card_createDisputeInquiry")
	if err := v.EscalateInquiry(inquiry); err != nil {
		v.Error(err)
	}
	v.get("/v1/disputes/" + inquiry)
	_, given := v.call("GET", "/v1/disputes/"+one("pm_card_createDisputeInquiry"), "")
	v.call("POST", "/v1/refunds", "payment_intent="+fmt.Sprint(given["payment_intent"])) // what was given back whole is settled
	v.pass(130 * 24 * time.Hour)
}

// payouts arrive, are listed row by row, and come back.
func (v visit) payouts(account string) {
	v.Helper()
	v.Settle()
	if err := v.Adjust(account, 150, "a correction"); err != nil {
		v.Fatal(err)
	}
	for _, who := range []string{v.PlatformID(), account} {
		made, err := v.RunPayouts(who)
		if err != nil || len(made) == 0 {
			v.Fatalf("nothing to pay out on %s: %v", who, err)
		}
		as := who
		if who == v.PlatformID() {
			as = ""
		}
		for _, step := range []func() error{
			func() error { return v.PayoutArrives(made[0], false) },
			func() error { return v.PayoutArrives(made[0], true) },
			func() error { return v.FailPayout(made[0], "account_closed") },
		} {
			if err := step(); err != nil {
				v.Fatal(err)
			}
			if status, _, err := v.c.do("GET", "/v1/payouts/"+made[0], as, nil); err != nil || status != 200 {
				v.Fatal(status, err)
			}
		}
		for _, expand := range []string{"data.source", "data.source.source_transfer", "data.source.charge.source_transfer"} {
			if status, _, err := v.c.do("GET", "/v1/balance_transactions", as, url.Values{"payout": {made[0]}, "limit": {"100"}, "expand[]": {expand}}); err != nil || status != 200 {
				v.Fatal(status, err)
			}
		}
	}
}

// debits go out, come in and come back.
func (v visit) debits() {
	for _, iban := range sandbox.TestAccounts() {
		_, m := v.call("POST", "/v1/payment_methods", "type=sepa_debit&sepa_debit[iban]="+iban+"&billing_details[name]=Ada&billing_details[email]=ada@example.com")
		v.call("POST", "/v1/payment_intents", "amount=2000&currency=eur&payment_method_types[]=sepa_debit&payment_method="+fmt.Sprint(m["id"])+
			"&confirm=true&mandate_data[customer_acceptance][type]=offline")
	}
	_, customer := v.call("POST", "/v1/customers", "name=Ada")
	id := fmt.Sprint(customer["id"])
	_, saved := v.call("POST", "/v1/payment_methods", "type=sepa_debit&sepa_debit[iban]=FR1420041010050500013M02606&billing_details[name]=Ada&billing_details[email]=ada@example.com")
	_, setup := v.call("POST", "/v1/setup_intents", "customer="+id+"&payment_method_types[]=sepa_debit&payment_method="+fmt.Sprint(saved["id"])+
		"&confirm=true&mandate_data[customer_acceptance][type]=offline")
	v.get("/v1/mandates/" + fmt.Sprint(setup["mandate"]))
	for _, code := range []sandbox.Outcome{"insufficient_funds", "account_closed", "bank_account_restricted", "no_account", "could_not_process", "refer_to_customer", "recipient_deceased", sandbox.Approved} {
		if err := v.DeclineScript("FR1420041010050500013M02606", code); err != nil {
			v.Fatal(err)
		}
		_, intent := v.call("POST", "/v1/payment_intents", "amount=2000&currency=eur&payment_method_types[]=sepa_debit&customer="+id+"&payment_method="+fmt.Sprint(saved["id"])+
			"&off_session=true&confirm=true&mandate="+fmt.Sprint(setup["mandate"]))
		v.pass(time.Hour)
		_, intent = v.call("GET", "/v1/payment_intents/"+fmt.Sprint(intent["id"]), "expand[]=latest_charge")
		charge, _ := intent["latest_charge"].(map[string]any)
		if want := map[bool]any{true: nil, false: string(code)}[code == sandbox.Approved]; charge["failure_code"] != want {
			v.Errorf("%s: the charge failed with %v", code, charge["failure_code"])
		}
	}
	v.pass(20 * 24 * time.Hour)
}

// payPal is agreed to, refused, and left without an answer.
func (v visit) payPal() {
	for _, answer := range []func(string) error{v.Approve3DS, v.Fail3DS, func(string) error { return nil }} {
		_, intent := v.call("POST", "/v1/payment_intents", "amount=2000&currency=eur&payment_method_types[]=paypal&payment_method_data[type]=paypal&confirm=true&return_url=https://example.com/b")
		id := fmt.Sprint(intent["id"])
		if err := answer(id); err != nil {
			v.Error(err)
		}
		v.get("/v1/payment_intents/" + id)
	}
	v.call("POST", "/v1/payment_intents", "amount=2000&currency=eur&payment_method_types[]=paypal&payment_method_data[type]=paypal&confirm=true")
}

// transfers come at once, in parts, too late, too much, and not at all.
func (v visit) transfers() {
	const options = "&payment_method_types[]=customer_balance&payment_method_options[customer_balance][funding_type]=bank_transfer&payment_method_options[customer_balance][bank_transfer][type]=eu_bank_transfer" +
		"&payment_method_options[customer_balance][bank_transfer][requested_address_types][0]=iban&payment_method_options[customer_balance][bank_transfer][eu_bank_transfer][country]="
	_, customer := v.call("POST", "/v1/customers", "name=Ada&email=ada@example.com")
	id := fmt.Sprint(customer["id"])
	announce := func(country string) string {
		_, intent := v.call("POST", "/v1/payment_intents", "amount=2000&currency=eur&payment_method_data[type]=customer_balance&confirm=true&customer="+id+options+country)
		return fmt.Sprint(intent["id"])
	}
	arrives := func(to string, amount int64) {
		if err := v.SendTransfer(sandbox.Transfer{To: to, Amount: amount, Sender: "Ada Example", Reference: "words"}); err != nil {
			v.Error(err)
		}
		v.get("/v1/customers/" + id + "/cash_balance")
		v.get("/v1/customers/" + id + "/cash_balance_transactions")
	}
	for _, country := range []string{"BE", "DE", "ES", "FR", "IE", "NL"} {
		intent := announce(country)
		arrives(intent, 500)
		v.get("/v1/payment_intents/" + intent)
		arrives(intent, 0)
		v.call("POST", "/v1/refunds", "payment_intent="+intent+"&amount=700")
	}
	gone := announce("FR")
	arrives(gone, 500)
	v.call("POST", "/v1/payment_intents/"+gone+"/cancel", "")
	arrives(gone, 2500)
	v.call("POST", "/v1/payment_intents/"+announce("FR")+"/cancel", "") // what was there had paid it: refused
	_, back := v.call("POST", "/v1/refunds", "origin=customer_balance&amount=400&currency=eur&customer="+id)
	if err := v.FailRefund(fmt.Sprint(back["id"])); err != nil {
		v.Error(err)
	}
	v.call("POST", "/v1/refunds", "origin=customer_balance&amount=1000&currency=eur&customer="+id)
	_, session := v.call("POST", "/v1/checkout/sessions", "mode=payment&success_url=https://example.com/ok&line_items[0][quantity]=1&line_items[0][price_data][currency]=eur"+
		"&line_items[0][price_data][unit_amount]=2000&line_items[0][price_data][product_data][name]=x&customer="+id+options+"FR")
	if _, err := v.CompleteCheckout(fmt.Sprint(session["id"]), sandbox.Card{Transfer: true, Name: "Ada"}); err != nil {
		v.Error(err)
	}
	_, session = v.call("GET", "/v1/checkout/sessions/"+fmt.Sprint(session["id"]), "expand[]=payment_intent")
	arrives(id, 5000)
	v.get("/v1/checkout/sessions/" + fmt.Sprint(session["id"]))
	v.pass(time.Hour) // refunds arrive
}

// sessions end in every way there is.
func (v visit) sessions() {
	open := func(more string) string {
		_, session := v.call("POST", "/v1/checkout/sessions", "mode=payment&success_url=https://example.com/ok&line_items[0][quantity]=1&line_items[0][price_data][currency]=eur"+
			"&line_items[0][price_data][unit_amount]=2000&line_items[0][price_data][product_data][name]=x"+more)
		return fmt.Sprint(session["id"])
	}
	for _, card := range []sandbox.Card{
		{Number: "4242424242424242", Name: "Ada", Email: "ada@example.com", Country: "FR"},
		{Number: "4242424242424242", Wallet: "apple_pay"},
		{Number: "4242424242424242", Wallet: "google_pay"},
		{Number: "4000000000000002"},
		{Number: "4000002760003184"},
		{IBAN: "AT611904300234573201", Name: "Ada", Email: "ada@example.com"},
		{PayPal: true, Name: "Ada", Email: "ada@example.com"},
	} {
		types := "&payment_method_types[]=card"
		if card.PayPal {
			types = "&payment_method_types[]=paypal"
		}
		if card.IBAN != "" {
			types = "&payment_method_types[]=sepa_debit"
		}
		for _, more := range []string{"", "&customer_creation=always&payment_intent_data[setup_future_usage]=off_session"} {
			if card.PayPal && more != "" {
				continue // it is not saved here
			}
			id := open(types + more)
			if _, err := v.CompleteCheckout(id, card); err != nil {
				v.Errorf("%+v: %v", card, err)
			}
			_, session := v.call("GET", "/v1/checkout/sessions/"+id, "expand[]=payment_intent")
			if intent, ok := session["payment_intent"].(map[string]any); ok {
				_ = v.Approve3DS(fmt.Sprint(intent["id"])) // where it is asked
			}
			v.get("/v1/checkout/sessions/" + id)
		}
	}
	abandoned := open("")
	v.pass(25 * time.Hour)
	v.get("/v1/checkout/sessions/" + abandoned)
}

// faults too are answered in Stripe's form, where they are answered at all.
func (v visit) faults() {
	for _, f := range []sandbox.Fault{
		{Kind: sandbox.Status, Status: 500}, {Kind: sandbox.Status, Status: 503}, {Kind: sandbox.Status, Status: 409},
		{Kind: sandbox.Status, Status: 429, Code: "rate_limit"}, {Kind: sandbox.Status, Status: 429, Code: "lock_timeout"},
	} {
		if _, err := v.AddFault(f); err != nil {
			v.Fatal(err)
		}
		if status, answer := v.call("POST", "/v1/customers", "name=Ada"); status != f.Status {
			v.Errorf("%+v: %d %v", f, status, answer)
		}
		v.ClearFaults()
	}
}

func (v visit) pass(d time.Duration) {
	v.Helper()
	if err := v.Advance(d); err != nil {
		v.Fatal(err)
	}
}

// everyPage reads a list to its end, so that each row is judged.
func (v visit) everyPage(path string) {
	v.Helper()
	after := ""
	for {
		form := "limit=100"
		if after != "" {
			form += "&starting_after=" + after
		}
		_, answer := v.call("GET", path, form)
		rows, _ := answer["data"].([]any)
		if answer["has_more"] != true || len(rows) == 0 {
			return
		}
		last, err := json.Marshal(rows[len(rows)-1])
		if err != nil {
			v.Fatal(err)
		}
		var row struct{ ID string }
		if err := json.Unmarshal(last, &row); err != nil || row.ID == "" {
			v.Fatalf("%s: a row without id: %v", path, err)
		}
		after = row.ID
	}
}
