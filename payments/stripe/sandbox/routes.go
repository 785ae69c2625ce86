package sandbox

import "strings"

// route is one endpoint: what it is called and which method answers it.
type route struct {
	run   func(*call) (any, error)
	shape *shape
}

// routes is the table of contents of the API that is spoken here.
var routes = map[string]func(*call) (any, error){
	"POST /v1/customers":                                            (*call).createCustomer,
	"GET /v1/customers":                                             (*call).listCustomers,
	"GET /v1/customers/{customer}":                                  (*call).getCustomer,
	"POST /v1/customers/{customer}":                                 (*call).updateCustomer,
	"DELETE /v1/customers/{customer}":                               (*call).deleteCustomer,
	"GET /v1/customers/{customer}/payment_methods":                  (*call).listMethodsOfCustomer,
	"GET /v1/customers/{customer}/payment_methods/{payment_method}": (*call).getMethodOfCustomer,

	"GET /v1/customers/{customer}/cash_balance":                            (*call).getCashBalance,
	"POST /v1/customers/{customer}/cash_balance":                           (*call).updateCashBalance,
	"GET /v1/customers/{customer}/cash_balance_transactions":               (*call).listCashTransactions,
	"GET /v1/customers/{customer}/cash_balance_transactions/{transaction}": (*call).getCashTransaction,
	"POST /v1/customers/{customer}/funding_instructions":                   (*call).createFundingInstructions,
	"POST /v1/test_helpers/customers/{customer}/fund_cash_balance":         (*call).fundCashBalance,

	"POST /v1/customers/{customer}/sources":        (*call).createSource,
	"GET /v1/customers/{customer}/sources":         (*call).listSources,
	"GET /v1/customers/{customer}/sources/{id}":    (*call).getSource,
	"POST /v1/customers/{customer}/sources/{id}":   (*call).updateSource,
	"DELETE /v1/customers/{customer}/sources/{id}": (*call).deleteSource,

	"POST /v1/payment_methods":                         (*call).createPaymentMethod,
	"GET /v1/payment_methods":                          (*call).listPaymentMethods,
	"GET /v1/payment_methods/{payment_method}":         (*call).getPaymentMethod,
	"POST /v1/payment_methods/{payment_method}":        (*call).updatePaymentMethod,
	"POST /v1/payment_methods/{payment_method}/attach": (*call).attachPaymentMethod,
	"POST /v1/payment_methods/{payment_method}/detach": (*call).detachPaymentMethod,
	"GET /v1/mandates/{mandate}":                       (*call).getMandate,

	"POST /v1/payment_intents":                                 (*call).createPaymentIntent,
	"GET /v1/payment_intents":                                  (*call).listPaymentIntents,
	"GET /v1/payment_intents/{intent}":                         (*call).getPaymentIntent,
	"POST /v1/payment_intents/{intent}":                        (*call).updatePaymentIntent,
	"POST /v1/payment_intents/{intent}/apply_customer_balance": (*call).applyCustomerBalance,
	"POST /v1/payment_intents/{intent}/confirm":                (*call).confirmPaymentIntent,
	"POST /v1/payment_intents/{intent}/capture":                (*call).capturePaymentIntent,
	"POST /v1/payment_intents/{intent}/cancel":                 (*call).cancelPaymentIntent,

	"POST /v1/setup_intents":                  (*call).createSetupIntent,
	"GET /v1/setup_intents":                   (*call).listSetupIntents,
	"GET /v1/setup_intents/{intent}":          (*call).getSetupIntent,
	"POST /v1/setup_intents/{intent}":         (*call).updateSetupIntent,
	"POST /v1/setup_intents/{intent}/confirm": (*call).confirmSetupIntent,
	"POST /v1/setup_intents/{intent}/cancel":  (*call).cancelSetupIntent,
	"GET /v1/setup_attempts":                  (*call).listSetupAttempts,

	"POST /v1/checkout/sessions":                     (*call).createCheckoutSession,
	"GET /v1/checkout/sessions":                      (*call).listCheckoutSessions,
	"GET /v1/checkout/sessions/{session}":            (*call).getCheckoutSession,
	"POST /v1/checkout/sessions/{session}/expire":    (*call).expireCheckoutSession,
	"GET /v1/checkout/sessions/{session}/line_items": (*call).listLineItems,
	"GET /v1/payment_pages/{session}":                (*call).getPaymentPage,
	"POST /v1/payment_pages/{session}/confirm":       (*call).confirmPaymentPage,

	"POST /v1/products":        (*call).createProduct,
	"GET /v1/products":         (*call).listProducts,
	"GET /v1/products/{id}":    (*call).getProduct,
	"POST /v1/products/{id}":   (*call).updateProduct,
	"DELETE /v1/products/{id}": (*call).deleteProduct,
	"POST /v1/prices":          (*call).createPrice,
	"GET /v1/prices":           (*call).listPrices,
	"GET /v1/prices/{price}":   (*call).getPrice,
	"POST /v1/prices/{price}":  (*call).updatePrice,

	"GET /v1/charges":                           (*call).listCharges,
	"GET /v1/charges/{charge}":                  (*call).getCharge,
	"POST /v1/charges/{charge}":                 (*call).updateCharge,
	"POST /v1/charges/{charge}/capture":         (*call).captureCharge,
	"GET /v1/charges/{charge}/refunds":          (*call).listRefundsOfCharge,
	"POST /v1/charges/{charge}/refunds":         (*call).createRefundOfCharge,
	"GET /v1/charges/{charge}/refunds/{refund}": (*call).getRefund,
	"POST /v1/refunds":                          (*call).createRefund,
	"GET /v1/refunds":                           (*call).listRefunds,
	"GET /v1/refunds/{refund}":                  (*call).getRefund,
	"POST /v1/refunds/{refund}":                 (*call).updateRefund,
	"POST /v1/refunds/{refund}/cancel":          (*call).cancelRefund,

	"GET /v1/disputes":                  (*call).listDisputes,
	"GET /v1/disputes/{dispute}":        (*call).getDispute,
	"POST /v1/disputes/{dispute}":       (*call).updateDispute,
	"POST /v1/disputes/{dispute}/close": (*call).endDispute,

	"GET /v1/account":                                       (*call).getAccount,
	"POST /v1/accounts":                                     (*call).createAccount,
	"GET /v1/accounts":                                      (*call).listAccounts,
	"GET /v1/accounts/{account}":                            (*call).getAccount,
	"POST /v1/accounts/{account}":                           (*call).updateAccount,
	"DELETE /v1/accounts/{account}":                         (*call).deleteAccount,
	"POST /v1/accounts/{account}/reject":                    (*call).rejectAccount,
	"POST /v1/accounts/{account}/login_links":               (*call).createLoginLink,
	"GET /v1/accounts/{account}/capabilities":               (*call).listCapabilities,
	"GET /v1/accounts/{account}/capabilities/{capability}":  (*call).getCapability,
	"POST /v1/accounts/{account}/capabilities/{capability}": (*call).updateCapability,
	"GET /v1/accounts/{account}/external_accounts":          (*call).listExternalAccounts,
	"POST /v1/accounts/{account}/external_accounts":         (*call).createExternalAccount,
	"GET /v1/accounts/{account}/external_accounts/{id}":     (*call).getExternalAccount,
	"DELETE /v1/accounts/{account}/external_accounts/{id}":  (*call).deleteExternalAccount,
	"POST /v1/account_links":                                (*call).createAccountLink,

	"POST /v1/transfers":                           (*call).createTransfer,
	"GET /v1/transfers":                            (*call).listTransfers,
	"GET /v1/transfers/{transfer}":                 (*call).getTransfer,
	"POST /v1/transfers/{transfer}":                (*call).updateTransfer,
	"POST /v1/transfers/{id}/reversals":            (*call).createReversal,
	"GET /v1/transfers/{id}/reversals":             (*call).listReversals,
	"GET /v1/transfers/{transfer}/reversals/{id}":  (*call).getReversal,
	"POST /v1/transfers/{transfer}/reversals/{id}": (*call).updateReversal,

	"GET /v1/application_fees":                     (*call).listFees,
	"GET /v1/application_fees/{id}":                (*call).getFee,
	"POST /v1/application_fees/{id}/refunds":       (*call).createFeeRefund,
	"GET /v1/application_fees/{id}/refunds":        (*call).listFeeRefunds,
	"GET /v1/application_fees/{fee}/refunds/{id}":  (*call).getFeeRefund,
	"POST /v1/application_fees/{fee}/refunds/{id}": (*call).updateFeeRefund,

	"GET /v1/balance":                   (*call).getBalance,
	"GET /v1/balance_transactions":      (*call).listBalanceTransactions,
	"GET /v1/balance_transactions/{id}": (*call).getBalanceTransaction,

	"POST /v1/payouts":                 (*call).createPayout,
	"GET /v1/payouts":                  (*call).listPayouts,
	"GET /v1/payouts/{payout}":         (*call).getPayout,
	"POST /v1/payouts/{payout}":        (*call).updatePayout,
	"POST /v1/payouts/{payout}/cancel": (*call).cancelPayout,

	"GET /v1/events":      (*call).listEvents,
	"GET /v1/events/{id}": (*call).getEvent,

	"POST /v1/webhook_endpoints":                      (*call).createEndpoint,
	"GET /v1/webhook_endpoints":                       (*call).listEndpoints,
	"GET /v1/webhook_endpoints/{webhook_endpoint}":    (*call).getEndpoint,
	"POST /v1/webhook_endpoints/{webhook_endpoint}":   (*call).updateEndpoint,
	"DELETE /v1/webhook_endpoints/{webhook_endpoint}": (*call).deleteEndpoint,
}

// junction is a node of the tree that paths are looked up in.
type junction struct {
	fixed map[string]*junction
	open  *junction // where any part may stand
	ends  map[string]*route
}

var crossroads = layRoutes()

func layRoutes() *junction {
	root := &junction{}
	for endpoint, run := range routes {
		method, path, _ := strings.Cut(endpoint, " ")
		at := root
		for part := range strings.SplitSeq(path[1:], "/") {
			if strings.HasPrefix(part, "{") {
				if at.open == nil {
					at.open = &junction{}
				}
				at = at.open
				continue
			}
			if at.fixed == nil {
				at.fixed = map[string]*junction{}
			}
			if at.fixed[part] == nil {
				at.fixed[part] = &junction{}
			}
			at = at.fixed[part]
		}
		if at.ends == nil {
			at.ends = map[string]*route{}
		}
		at.ends[method] = &route{run: run, shape: shapes[endpoint]}
	}
	return root
}

// find returns the route of a call and the parts of its path that were open.
func find(method, path string) (*route, []string) {
	var args []string
	at := crossroads
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		next := at.fixed[part]
		if next == nil && part != "" && at.open != nil {
			next = at.open
			args = append(args, part)
		}
		if next == nil {
			return nil, nil
		}
		at = next
	}
	return at.ends[method], args
}
