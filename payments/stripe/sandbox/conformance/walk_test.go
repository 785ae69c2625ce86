package conformance

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// step is one call of the walk: what to do, with which parameters, what status
// to expect, and what of the answer is kept: "ch" its id, "ch=latest_charge"
// another field, "fee=data.0.id" one below. {name} stands for what was kept.
type step struct {
	do, with string
	want     int
	keep     string
	as       string // Stripe-Account
}

// walkSteps go to every operation the sandbox serves, in as many states as an
// object has. They ask nothing of the answers but to be Stripe's: what they
// should say is the contract's business.
var walkSteps = []step{
	// people and cards
	{do: "POST /v1/customers", want: 200},
	{do: "POST /v1/customers", keep: "cus", want: 200, with: "name=Ada&email=ada@example.com&phone=%2B331234&description=d&preferred_locales[0]=fr&address[line1]=1 rue A&address[city]=Paris&address[postal_code]=75001&address[country]=FR&shipping[name]=Ada&shipping[address][line1]=1 rue A&metadata[a]=b&tax_exempt=none&invoice_prefix=ADA"},
	{do: "POST /v1/customers", keep: "gone", want: 200, with: "email=gone@example.com"},
	{do: "DELETE /v1/customers/{gone}", want: 200},
	{do: "GET /v1/customers/{gone}", want: 200},
	{do: "POST /v1/customers/{gone}", with: "name=x", want: 404},
	{do: "GET /v1/customers", with: "limit=3", want: 200},
	{do: "GET /v1/customers", with: "email=ada@example.com", want: 200},
	{do: "GET /v1/customers", with: "created[gte]=1&created[lt]=99999999999", want: 200},
	{do: "GET /v1/customers", with: "created=1", want: 200},
	{do: "GET /v1/customers", with: "starting_after=cus_none", want: 400},
	{do: "POST /v1/payment_methods", keep: "pm", want: 200, with: "type=card&card[token]=tok_visa&billing_details[name]=Ada&billing_details[email]=ada@example.com&billing_details[address][country]=FR&metadata[a]=b"},
	{do: "POST /v1/payment_methods", keep: "pm_number", want: 200, with: "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2034&card[cvc]=123"},
	{do: "POST /v1/payment_methods", want: 402, with: "type=card&card[number]=4242424242424241&card[exp_month]=12&card[exp_year]=2034"},
	{do: "POST /v1/payment_methods", want: 400, with: "type=card"},
	{do: "GET /v1/payment_methods/{pm}", want: 200},
	{do: "POST /v1/payment_methods/{pm}/attach", with: "customer={cus}", want: 200},
	{do: "POST /v1/payment_methods/{pm}", with: "billing_details[name]=Ada L&metadata[a]=", want: 200},
	{do: "POST /v1/payment_methods/{pm}", with: "card[exp_year]=2040&card[exp_month]=11", want: 200},
	{do: "POST /v1/payment_methods/pm_card_mastercard/attach", with: "customer={cus}", keep: "pm_mc", want: 200},
	{do: "GET /v1/payment_methods", with: "customer={cus}&type=card", want: 200},
	{do: "GET /v1/customers/{cus}/payment_methods", want: 200},
	{do: "GET /v1/customers/{cus}/payment_methods", with: "type=card&limit=1", want: 200},
	{do: "GET /v1/customers/{cus}/payment_methods/{pm}", want: 200},
	{do: "POST /v1/payment_methods/{pm_mc}/detach", want: 200},
	{do: "POST /v1/payment_methods/{pm_mc}/attach", with: "customer={cus}", want: 400},
	{do: "POST /v1/customers/{cus}", with: "invoice_settings[default_payment_method]={pm}&name=Ada L&metadata=", want: 200},
	{do: "GET /v1/customers/{cus}", want: 200},

	// cards the old way
	{do: "POST /v1/customers/{cus}/sources", keep: "card", with: "source=tok_visa&metadata[a]=b", want: 200},
	{do: "POST /v1/customers/{cus}/sources", keep: "card2", with: "source=tok_amex", want: 200},
	{do: "POST /v1/customers/{cus}/sources", with: "source=tok_chargeDeclined", want: 402},
	{do: "POST /v1/customers/{cus}/sources", with: "source=tok_none", want: 400},
	{do: "POST /v1/customers/{cus}/sources/{card}", with: "metadata[c]=d&name=Ada&exp_year=2040&address_city=Paris", want: 200},
	{do: "POST /v1/customers/{cus}/sources/{card}", with: "exp_month=13", want: 402},
	{do: "GET /v1/customers/{cus}/sources", with: "limit=1&object=card", want: 200},
	{do: "GET /v1/customers/{cus}/sources/{card}", want: 200},
	{do: "DELETE /v1/customers/{cus}/sources/{card2}", want: 200},
	{do: "GET /v1/customers/{cus}/sources/{card2}", want: 404},

	// payments in every state
	{do: "POST /v1/payment_intents", keep: "pi_new", with: "amount=1000&currency=eur", want: 200},
	{do: "POST /v1/payment_intents", keep: "pi_full", want: 200, with: "amount=1000&currency=eur&customer={cus}&description=d&metadata[a]=b&receipt_email=ada@example.com&statement_descriptor_suffix=INV17&transfer_group=g&setup_future_usage=off_session&shipping[name]=Ada&shipping[address][line1]=1 rue A&automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never&payment_method_options[card][request_three_d_secure]=any"},
	{do: "POST /v1/payment_intents/{pi_full}", with: "amount=1100&description=e&metadata[a]=&metadata[c]=d", want: 200},
	{do: "POST /v1/payment_intents/{pi_full}", with: "payment_method={pm}", want: 200},
	{do: "GET /v1/payment_intents/{pi_full}", want: 200},
	{do: "POST /v1/payment_intents/{pi_full}/confirm", with: "return_url=https://example.com/b", want: 200},
	{do: "GET /v1/payment_intents/{pi_full}", want: 200},
	{do: "POST /v1/payment_intents", keep: "pi_ok", want: 200, with: "amount=12000&currency=eur&customer={cus}&payment_method={pm}&off_session=true&confirm=true&payment_method_types[0]=card"},
	{do: "POST /v1/payment_intents", want: 200, with: "amount=12000&currency=usd&payment_method=pm_card_visa&confirm=true&payment_method_types[]=card"},
	{do: "POST /v1/payment_intents", want: 200, with: "amount=12000&currency=jpy&payment_method=pm_card_visa&confirm=true&payment_method_types[]=card"},
	{do: "POST /v1/payment_intents", keep: "pi_3ds", want: 200, with: "amount=12000&currency=eur&payment_method=pm_card_authenticationRequired&confirm=true&payment_method_types[]=card&return_url=https://example.com/back"},
	{do: "GET /v1/payment_intents/{pi_3ds}", want: 200},
	{do: "POST /v1/payment_intents", want: 200, with: "amount=12000&currency=eur&payment_method=pm_card_authenticationRequired&confirm=true&payment_method_types[]=card"},
	{do: "POST /v1/payment_intents", want: 402, with: "amount=12000&currency=eur&payment_method=pm_card_authenticationRequired&confirm=true&payment_method_types[]=card&error_on_requires_action=true"},
	{do: "POST /v1/payment_intents/{pi_3ds}/cancel", with: "cancellation_reason=duplicate", want: 200},
	{do: "POST /v1/payment_intents", keep: "pi_hold", want: 200, with: "amount=5000&currency=eur&payment_method=pm_card_visa&confirm=true&capture_method=manual&payment_method_types[]=card"},
	{do: "POST /v1/payment_intents/{pi_hold}/capture", with: "amount_to_capture=3000", want: 200},
	{do: "POST /v1/payment_intents", keep: "pi_hold2", want: 200, with: "amount=5000&currency=eur&payment_method=pm_card_visa&confirm=true&capture_method=manual&payment_method_types[]=card"},
	{do: "POST /v1/payment_intents/{pi_hold2}/cancel", want: 200},
	{do: "POST /v1/payment_intents", want: 402, with: "amount=5000&currency=eur&payment_method=pm_card_chargeDeclined&confirm=true&payment_method_types[]=card&customer={cus}"},
	{do: "POST /v1/payment_intents", want: 402, with: "amount=5000&currency=eur&payment_method=pm_card_visa_chargeDeclinedLostCard&confirm=true&payment_method_types[]=card"},
	{do: "POST /v1/payment_intents", want: 402, with: "amount=5000&currency=eur&payment_method=pm_card_chargeDeclinedExpiredCard&confirm=true&payment_method_types[]=card"},
	{do: "POST /v1/payment_intents", keep: "pi_data", want: 200, with: "amount=5000&currency=eur&payment_method=pm_card_mastercard&confirm=true&payment_method_types[]=card&return_url=https://example.com/b"},
	{do: "GET /v1/payment_intents", with: "customer={cus}", want: 200},
	{do: "GET /v1/payment_intents", with: "limit=100&created[gt]=1", want: 200},
	{do: "GET /v1/payment_intents/pi_none", want: 404},
	{do: "GET /v1/charges", want: 200},
	{do: "GET /v1/charges", with: "customer={cus}&limit=2", want: 200},
	{do: "GET /v1/charges", with: "payment_intent={pi_ok}", keep: "ch=data.0.id", want: 200},
	{do: "GET /v1/charges/{ch}", want: 200},
	{do: "POST /v1/charges/{ch}", with: "description=e&metadata[c]=d&receipt_email=x@example.com&transfer_group=h", want: 200},
	{do: "POST /v1/payment_intents", keep: "pi_hold3,ch_hold=latest_charge", want: 200, with: "amount=5000&currency=eur&payment_method=pm_card_visa&confirm=true&capture_method=manual&payment_method_types[]=card"},
	{do: "POST /v1/charges/{ch_hold}/capture", with: "amount=4000", want: 400},
	{do: "GET /v1/charges/{ch_hold}", want: 200},
	{do: "POST /v1/charges/{ch_hold}/refunds", with: "amount=100", want: 400},
	{do: "POST /v1/charges/{ch}/refunds", keep: "re_ch", with: "amount=100&metadata[a]=b&expand[]=charge.refunds", want: 200},
	{do: "GET /v1/charges/{ch}/refunds", want: 200},
	{do: "GET /v1/charges/{ch}/refunds/{re_ch}", want: 200},
	{do: "GET /v1/charges/ch_none", want: 404},

	// debits, which take their time
	{do: "POST /v1/payment_methods", keep: "pm_sepa", want: 200, with: "type=sepa_debit&sepa_debit[iban]=AT611904300234573201&billing_details[name]=Ada&billing_details[email]=ada@example.com"},
	{do: "POST /v1/payment_methods/{pm_sepa}/attach", with: "customer={cus}", want: 200},
	{do: "POST /v1/payment_intents", keep: "pi_sepa,ch_sepa=latest_charge", want: 200, with: "amount=3000&currency=eur&customer={cus}&payment_method={pm_sepa}&confirm=true&payment_method_types[]=sepa_debit&mandate_data[customer_acceptance][type]=online&mandate_data[customer_acceptance][online][ip_address]=127.0.0.1&mandate_data[customer_acceptance][online][user_agent]=test"},
	{do: "GET /v1/charges/{ch_sepa}", keep: "mandate=payment_method_details.sepa_debit.mandate", want: 200},
	{do: "GET /v1/mandates/{mandate}", want: 200},
	{do: "GET /v1/payment_intents/{pi_sepa}", want: 200},
	{do: "POST /v1/payment_intents", want: 400, with: "amount=3000&currency=usd&customer={cus}&payment_method={pm_sepa}&confirm=true&payment_method_types[]=sepa_debit"},
	{do: "GET /v1/charges", with: "transfer_group=g", want: 200},

	// transfers, which are announced and come later
	{do: "POST /v1/customers", keep: "cus_cash", want: 200, with: "name=Ada&email=ada@example.com"},
	{do: "GET /v1/customers/{cus_cash}/cash_balance", want: 200},
	{do: "POST /v1/customers/{cus_cash}/funding_instructions", want: 200, with: "currency=eur&funding_type=bank_transfer&bank_transfer[type]=eu_bank_transfer&bank_transfer[eu_bank_transfer][country]=FR"},
	{do: "POST /v1/customers/{cus_cash}/funding_instructions", want: 400, with: "currency=eur&funding_type=bank_transfer&bank_transfer[type]=eu_bank_transfer&bank_transfer[eu_bank_transfer][country]=US"},
	{do: "POST /v1/payment_intents", keep: "pi_bank", want: 200, with: "amount=3000&customer={cus_cash}&confirm=true&currency=eur&payment_method_types[]=customer_balance&payment_method_data[type]=customer_balance&payment_method_options[customer_balance][funding_type]=bank_transfer&payment_method_options[customer_balance][bank_transfer][type]=eu_bank_transfer&payment_method_options[customer_balance][bank_transfer][eu_bank_transfer][country]=FR"},
	{do: "POST /v1/test_helpers/customers/{cus_cash}/fund_cash_balance", keep: "ccsbtxn", want: 200, with: "amount=1000&currency=eur&reference=some words"},
	{do: "POST /v1/test_helpers/customers/{cus_cash}/fund_cash_balance", want: 400, with: "amount=0&currency=eur"},
	{do: "GET /v1/payment_intents/{pi_bank}", want: 200},
	{do: "POST /v1/payment_intents/{pi_bank}", with: "amount=3100", want: 400},
	{do: "POST /v1/customers/{cus_cash}/cash_balance", with: "settings[reconciliation_mode]=manual", want: 200},
	{do: "POST /v1/test_helpers/customers/{cus_cash}/fund_cash_balance", want: 200, with: "amount=2500&currency=eur"},
	{do: "POST /v1/payment_intents/{pi_bank}/apply_customer_balance", with: "amount=500&currency=eur", want: 200},
	{do: "POST /v1/payment_intents/{pi_bank}/apply_customer_balance", want: 200},
	{do: "POST /v1/payment_intents/{pi_bank}/apply_customer_balance", want: 400},
	{do: "GET /v1/payment_intents/{pi_bank}", keep: "py_bank=latest_charge", want: 200},
	{do: "GET /v1/charges/{py_bank}", want: 200},
	{do: "POST /v1/refunds", with: "payment_intent={pi_bank}&amount=1000", want: 200},
	{do: "POST /v1/refunds", with: "origin=customer_balance&customer={cus_cash}&amount=300&currency=eur", want: 200},
	{do: "POST /v1/refunds", with: "origin=customer_balance&customer={cus_cash}&amount=99999&currency=eur", want: 400},
	{do: "GET /v1/customers/{cus_cash}/cash_balance_transactions", with: "limit=3", want: 200},
	{do: "GET /v1/customers/{cus_cash}/cash_balance_transactions/{ccsbtxn}", want: 200},
	{do: "GET /v1/customers/{cus_cash}/cash_balance_transactions/ccsbtxn_none", want: 404},
	{do: "POST /v1/customers/{cus_cash}/cash_balance", with: "settings[reconciliation_mode]=merchant_default", want: 200},
	{do: "GET /v1/customers/{cus_cash}/cash_balance", want: 200},
	{do: "GET /v1/customers/{cus_cash}", want: 200},
	{do: "DELETE /v1/customers/{cus_cash}", want: 400},

	// set-ups in every state
	{do: "POST /v1/setup_intents", keep: "si", want: 200},
	{do: "POST /v1/setup_intents/{si}", with: "description=d&metadata[a]=b&payment_method=pm_card_visa", want: 200},
	{do: "POST /v1/setup_intents/{si}/confirm", with: "return_url=https://example.com/b", want: 200},
	{do: "POST /v1/setup_intents", want: 200, with: "customer={cus}&payment_method=pm_card_visa&confirm=true&usage=on_session&payment_method_types[]=card"},
	{do: "POST /v1/setup_intents", keep: "si_3ds", want: 200, with: "customer={cus}&payment_method=pm_card_authenticationRequired&confirm=true&payment_method_types[]=card&return_url=https://example.com/b"},
	{do: "POST /v1/setup_intents/{si_3ds}/cancel", with: "cancellation_reason=abandoned", want: 200},
	{do: "POST /v1/setup_intents", want: 200, with: "payment_method=pm_card_authenticationRequired&confirm=true&payment_method_types[]=card"},
	{do: "POST /v1/setup_intents", want: 402, with: "payment_method=pm_card_chargeDeclined&confirm=true&payment_method_types[]=card"},
	{do: "GET /v1/setup_intents/{si}", want: 200},
	{do: "GET /v1/setup_intents", with: "customer={cus}", want: 200},
	{do: "GET /v1/setup_intents", with: "payment_method={pm}", want: 200},
	{do: "GET /v1/setup_attempts", with: "setup_intent={si}", want: 200},

	// refunds
	{do: "POST /v1/refunds", keep: "re", with: "payment_intent={pi_ok}&amount=2000&reason=requested_by_customer&metadata[a]=b", want: 200},
	{do: "POST /v1/refunds/{re}", with: "metadata[b]=c", want: 200},
	{do: "GET /v1/refunds/{re}", want: 200},
	{do: "GET /v1/refunds", with: "payment_intent={pi_ok}", want: 200},
	{do: "GET /v1/refunds", with: "limit=1", want: 200},
	{do: "POST /v1/refunds", with: "payment_intent={pi_ok}&amount=99999", want: 400},
	{do: "POST /v1/refunds", with: "payment_intent={pi_data}", want: 200},
	{do: "POST /v1/refunds/{re}/cancel", want: 400},

	// the shop
	{do: "POST /v1/products", keep: "prod", with: "name=Invoice&description=d&metadata[a]=b&images[0]=https://example.com/i.png&active=true&url=https://example.com", want: 200},
	{do: "POST /v1/products/{prod}", with: "name=Invoice 2", want: 200},
	{do: "GET /v1/products/{prod}", want: 200},
	{do: "GET /v1/products", with: "active=true", want: 200},
	{do: "POST /v1/prices", keep: "price", with: "product={prod}&currency=eur&unit_amount=1500&nickname=n&metadata[a]=b&lookup_key=k&tax_behavior=inclusive", want: 200},
	{do: "POST /v1/prices", with: "product={prod}&currency=eur&unit_amount=1500&recurring[interval]=month", want: 200},
	{do: "POST /v1/prices", with: "currency=eur&unit_amount_decimal=1500&product_data[name]=Other", want: 200},
	{do: "POST /v1/prices/{price}", with: "active=false&nickname=m", want: 200},
	{do: "POST /v1/prices/{price}", with: "active=true", want: 200},
	{do: "GET /v1/prices/{price}", want: 200},
	{do: "GET /v1/prices", with: "product={prod}&type=one_time", want: 200},
	{do: "POST /v1/products", keep: "prod_gone", with: "name=Nothing", want: 200},
	{do: "DELETE /v1/products/{prod_gone}", want: 200},
	{do: "POST /v1/checkout/sessions", keep: "cs", want: 200, with: "mode=payment&success_url=https://example.com/ok&cancel_url=https://example.com/no&customer={cus}&client_reference_id=r&line_items[0][quantity]=2&line_items[0][price]={price}&line_items[1][quantity]=1&line_items[1][price_data][currency]=eur&line_items[1][price_data][unit_amount]=100&line_items[1][price_data][product_data][name]=x&payment_intent_data[setup_future_usage]=off_session&payment_intent_data[metadata][a]=b&payment_intent_data[description]=d&metadata[a]=b&locale=fr&submit_type=pay"},
	{do: "GET /v1/checkout/sessions/{cs}", want: 200},
	{do: "GET /v1/checkout/sessions/{cs}/line_items", with: "limit=1", want: 200},
	{do: "GET /v1/checkout/sessions", with: "customer={cus}&limit=2", want: 200},
	{do: "GET /v1/payment_pages/{cs}", want: 200},
	{do: "POST /v1/payment_pages/{cs}/confirm", with: "payment_method={pm}&expected_amount=3100", want: 200},
	{do: "GET /v1/checkout/sessions/{cs}", want: 200},
	{do: "POST /v1/checkout/sessions/{cs}/expire", want: 400},
	{do: "POST /v1/checkout/sessions", keep: "cs_gone", want: 200, with: "mode=payment&success_url=https://example.com/ok&line_items[0][quantity]=1&line_items[0][price]={price}&customer_email=ada@example.com&payment_method_types[]=card&customer_creation=always&billing_address_collection=required&phone_number_collection[enabled]=true"},
	{do: "POST /v1/checkout/sessions/{cs_gone}/expire", want: 200},
	{do: "POST /v1/checkout/sessions", keep: "cs_anon", want: 200, with: "mode=payment&success_url=https://example.com/ok&line_items[0][quantity]=1&line_items[0][price]={price}&customer_creation=always"},
	{do: "POST /v1/payment_methods", keep: "pm_anon", want: 200, with: "type=card&card[token]=tok_visa&billing_details[email]=anon@example.com&billing_details[name]=Anon"},
	{do: "POST /v1/payment_pages/{cs_anon}/confirm", with: "payment_method={pm_anon}&expected_amount=1500", want: 200},
	{do: "GET /v1/checkout/sessions/{cs_anon}", want: 200},
	{do: "POST /v1/checkout/sessions", keep: "cs_setup", want: 200, with: "mode=setup&currency=eur&success_url=https://example.com/ok&customer={cus}&setup_intent_data[metadata][a]=b&payment_method_types[]=card"},
	{do: "POST /v1/payment_methods", keep: "pm_setup", want: 200, with: "type=card&card[token]=tok_visa"},
	{do: "POST /v1/payment_pages/{cs_setup}/confirm", with: "payment_method={pm_setup}", want: 200},
	{do: "GET /v1/checkout/sessions/{cs_setup}", want: 200},

	// connect
	{do: "GET /v1/account", want: 200},
	{do: "POST /v1/accounts", keep: "acct_std", want: 200},
	{do: "POST /v1/accounts", keep: "acct_new", want: 200, with: "type=express&country=FR&email=c@example.com&business_type=company&company[name]=C SARL&business_profile[name]=C&business_profile[url]=https://example.com&business_profile[mcc]=5734&capabilities[card_payments][requested]=true&capabilities[transfers][requested]=true&settings[payouts][schedule][interval]=daily&metadata[a]=b"},
	{do: "POST /v1/accounts", keep: "acct_custom", want: 200, with: "type=custom&country=FR&business_type=individual&individual[first_name]=Ada&individual[last_name]=L&individual[email]=a@example.com&individual[dob][day]=1&individual[dob][month]=1&individual[dob][year]=1980&capabilities[transfers][requested]=true&tos_acceptance[date]=1700000000&tos_acceptance[ip]=127.0.0.1"},
	{do: "GET /v1/accounts/{acct_new}", want: 200},
	{do: "POST /v1/accounts/{acct_new}", with: "metadata[b]=c&business_profile[name]=D", want: 200},
	{do: "GET /v1/accounts/{acct}", want: 200},
	{do: "GET /v1/accounts", with: "limit=2", want: 200},
	{do: "POST /v1/account_links", with: "account={acct_new}&type=account_onboarding&refresh_url=https://example.com/a&return_url=https://example.com/b", want: 200},
	{do: "POST /v1/accounts/{acct}/login_links", want: 200},
	{do: "GET /v1/accounts/{acct}/capabilities", want: 200},
	{do: "GET /v1/accounts/{acct}/capabilities/transfers", want: 200},
	{do: "POST /v1/accounts/{acct_custom}/capabilities/card_payments", with: "requested=true", want: 200},
	{do: "POST /v1/accounts/{acct_custom}/external_accounts", keep: "ba", with: "external_account=btok_FR", want: 200},
	{do: "POST /v1/accounts/{acct_custom}/external_accounts", keep: "ba2", with: "external_account=btok_FR", want: 200},
	{do: "GET /v1/accounts/{acct_custom}/external_accounts", want: 200},
	{do: "GET /v1/accounts/{acct_custom}/external_accounts/{ba}", want: 200},
	{do: "DELETE /v1/accounts/{acct_custom}/external_accounts/{ba2}", want: 200},
	{do: "GET /v1/accounts/{acct_custom}", want: 200},
	{do: "POST /v1/accounts/{acct_custom}/reject", with: "reason=fraud", want: 200},
	{do: "GET /v1/accounts/{acct_custom}", want: 200},
	{do: "DELETE /v1/accounts/{acct_custom}", want: 200},
	{do: "GET /v1/accounts/acct_none", want: 403},
	{do: "POST /v1/payment_intents", keep: "pi_dest", want: 200, with: "amount=10000&currency=eur&payment_method=pm_card_bypassPending&confirm=true&payment_method_types[]=card&on_behalf_of={acct}&transfer_data[destination]={acct}&application_fee_amount=1200&transfer_group=claim"},
	{do: "GET /v1/payment_intents/{pi_dest}", want: 200},
	{do: "POST /v1/refunds", with: "payment_intent={pi_dest}&amount=5000&reverse_transfer=true&refund_application_fee=true", want: 200},
	{do: "POST /v1/payment_intents", keep: "pi_dest2", want: 200, with: "amount=10000&currency=eur&payment_method=pm_card_bypassPending&confirm=true&payment_method_types[]=card&transfer_data[destination]={acct}&transfer_data[amount]=9000"},
	{do: "GET /v1/application_fees", keep: "fee=data.0.id", want: 200},
	{do: "GET /v1/application_fees/{fee}", want: 200},
	{do: "POST /v1/application_fees/{fee}/refunds", keep: "fr", with: "amount=10&metadata[a]=b", want: 200},
	{do: "GET /v1/application_fees/{fee}/refunds", want: 200},
	{do: "GET /v1/application_fees/{fee}/refunds/{fr}", want: 200},
	{do: "POST /v1/application_fees/{fee}/refunds/{fr}", with: "metadata[a]=c", want: 200},
	{do: "POST /v1/application_fees/{fee}/refunds", with: "amount=999999", want: 400},
	{do: "GET /v1/application_fees", with: "limit=1", want: 200},
	{do: "GET /v1/balance", want: 200},
	{do: "GET /v1/balance", as: "{acct}", want: 200},
	{do: "GET /v1/balance_transactions", keep: "txn=data.0.id", want: 200},
	{do: "GET /v1/balance_transactions/{txn}", want: 200},
	{do: "GET /v1/balance_transactions", with: "type=charge&limit=2", want: 200},
	{do: "GET /v1/balance_transactions", with: "source={re}", want: 200},
	{do: "GET /v1/balance_transactions", as: "{acct}", want: 200},
	{do: "GET /v1/charges", as: "{acct}", want: 200},
	{do: "POST /v1/transfers", keep: "tr", with: "amount=1000&currency=eur&destination={acct}&transfer_group=claim&description=d&metadata[a]=b", want: 200},
	{do: "POST /v1/transfers/{tr}", with: "metadata[b]=c&description=e", want: 200},
	{do: "GET /v1/transfers/{tr}", want: 200},
	{do: "GET /v1/transfers", with: "destination={acct}", want: 200},
	{do: "GET /v1/transfers", with: "transfer_group=claim", want: 200},
	{do: "POST /v1/transfers/{tr}/reversals", keep: "trr", with: "amount=300&description=d&metadata[a]=b", want: 200},
	{do: "POST /v1/transfers/{tr}/reversals/{trr}", with: "metadata[b]=c", want: 200},
	{do: "GET /v1/transfers/{tr}/reversals/{trr}", want: 200},
	{do: "GET /v1/transfers/{tr}/reversals", with: "limit=1", want: 200},
	{do: "GET /v1/transfers/{tr}", want: 200},
	{do: "POST /v1/payouts", keep: "po", with: "amount=100&currency=eur&description=d&metadata[a]=b&method=standard&statement_descriptor=AMIABLE", want: 200},
	{do: "GET /v1/payouts/{po}", want: 200},
	{do: "POST /v1/payouts/{po}", with: "metadata[b]=c", want: 200},
	{do: "GET /v1/payouts", with: "status=pending&limit=1", want: 200},
	{do: "GET /v1/balance_transactions", with: "payout={po}", want: 400},
	{do: "POST /v1/payouts", with: "amount=99999999&currency=eur", want: 400},
	{do: "POST /v1/payouts/{po}/cancel", want: 200},
	{do: "POST /v1/payouts/{po}/cancel", want: 400},
	{do: "POST /v1/customers", as: "{acct}", keep: "cus_direct", with: "name=Direct", want: 200},
	{do: "POST /v1/payment_intents", as: "{acct}", keep: "pi_direct", want: 200, with: "amount=5000&currency=eur&payment_method=pm_card_bypassPending&confirm=true&payment_method_types[]=card&application_fee_amount=500"},
	{do: "POST /v1/refunds", as: "{acct}", want: 200, with: "payment_intent={pi_direct}&amount=1000&refund_application_fee=true"},
	{do: "GET /v1/events", as: "{acct}", want: 200},

	// disputes, which take money: after what spends it
	{do: "POST /v1/payment_intents", keep: "pi_dp,ch_dp=latest_charge", want: 200, with: "amount=7000&currency=eur&payment_method=pm_card_createDispute&confirm=true&payment_method_types[]=card"},
	{do: "GET /v1/disputes", keep: "dp=data.0.id", want: 200, with: "payment_intent={pi_dp}"},
	{do: "GET /v1/disputes", want: 200, with: "charge={ch_dp}&limit=1"},
	{do: "GET /v1/disputes/{dp}", want: 200},
	{do: "GET /v1/charges/{ch_dp}", want: 200},
	{do: "POST /v1/refunds", with: "payment_intent={pi_dp}", want: 400},
	{do: "POST /v1/disputes/{dp}", with: "evidence[customer_name]=Ada&evidence[uncategorized_text]=paid as agreed&submit=false&metadata[a]=b", want: 200},
	{do: "POST /v1/disputes/{dp}", with: "evidence[uncategorized_text]=paid as agreed&submit=true", want: 200},
	{do: "POST /v1/disputes/{dp}", with: "evidence[uncategorized_text]=more", want: 400},
	{do: "POST /v1/disputes/{dp}/close", want: 400},
	{do: "GET /v1/balance_transactions", with: "source={dp}", want: 200},
	{do: "POST /v1/payment_intents", keep: "pi_dp2", want: 200, with: "amount=7000&currency=eur&payment_method=pm_card_createDisputeInquiry&confirm=true&payment_method_types[]=card"},
	{do: "GET /v1/disputes", keep: "dp2=data.0.id", want: 200, with: "payment_intent={pi_dp2}"},
	{do: "POST /v1/disputes/{dp2}/close", want: 200},
	{do: "GET /v1/disputes/dp_none", want: 404},

	// endpoints and events
	{do: "POST /v1/webhook_endpoints", keep: "we", with: "url=https://example.com/hook&enabled_events[0]=charge.refunded&enabled_events[1]=charge.succeeded&api_version=2023-10-16&description=d&metadata[a]=b&connect=true", want: 200},
	{do: "POST /v1/webhook_endpoints/{we}", with: "enabled_events[0]=*&url=https://example.com/h", want: 200},
	{do: "GET /v1/webhook_endpoints/{we}", want: 200},
	{do: "GET /v1/webhook_endpoints", want: 200},
	{do: "POST /v1/webhook_endpoints/{we}", with: "disabled=true", want: 200},
	{do: "DELETE /v1/webhook_endpoints/{we}", want: 200},
	{do: "GET /v1/webhook_endpoints/{we}", want: 404},
	{do: "GET /v1/events", with: "limit=100", keep: "evt=data.0.id", want: 200},
	{do: "GET /v1/events/{evt}", want: 200},
	{do: "GET /v1/events", with: "type=charge.succeeded", want: 200},
	{do: "GET /v1/events", with: "type=charge.*", want: 200},
	{do: "GET /v1/events", with: "types[0]=charge.succeeded&types[1]=charge.failed", want: 200},
	{do: "GET /v1/events", with: "delivery_success=true", want: 200},
	{do: "GET /v1/events/evt_none", want: 404},
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// walk takes every step and returns the ids it kept.
func walk(t *testing.T, c *crawler, kept map[string]string) {
	t.Helper()
	fill := func(s string) string {
		return placeholder.ReplaceAllStringFunc(s, func(name string) string {
			if id, known := kept[name[1:len(name)-1]]; known {
				return id
			}
			return "none"
		})
	}
	for _, s := range walkSteps {
		method, path, _ := strings.Cut(fill(s.do), " ")
		form, err := url.ParseQuery(fill(s.with))
		if err != nil {
			t.Fatalf("%s %s: %v", s.do, s.with, err)
		}
		status, object, err := c.do(method, path, fill(s.as), form)
		if err != nil {
			t.Errorf("%s %s: %v", s.do, s.with, err)
			continue
		}
		if status != s.want {
			t.Errorf("%s %s: %d, want %d: %v", s.do, s.with, status, s.want, object["error"])
		}
		for _, keep := range strings.Split(s.keep, ",") {
			name, field, named := strings.Cut(keep, "=")
			if !named {
				field = "id"
			}
			if id, ok := at(object, strings.Split(field, ".")).(string); ok {
				kept[name] = id
			}
		}
	}
}

// at follows a path of names and positions into a decoded value.
func at(value any, path []string) any {
	for _, part := range path {
		switch v := value.(type) {
		case map[string]any:
			value = v[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}
