package page

import (
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

func (w world) paidBack() PaymentRow {
	return PaymentRow{ID: "1", On: "2026-11-03", Debtor: w.say("Mme Claire Vasseur", "Ms Claire Vasseur"), Method: "card", State: "succeeded", Amount: money.Euros(41000),
		Principal: money.Euros(36500), Interest: money.Euros(0), Indemnity: money.Euros(0), Excess: money.Euros(0), Fee: money.Euros(3504), Net: money.Euros(32996),
		Refunded: money.Euros(4500), TakenBack: money.Euros(0), Provisional: "2027-03-03"}
}

func (w world) back() []Specimen {
	payment := func() *PaymentPage {
		return &PaymentPage{StaffBase: w.agentBase("payments", "/agent/payments/1"), Row: w.rows()[0], Payment: w.paidBack(), Kept: money.Euros(36500), Most: money.Euros(36500),
			Reasons: []string{"overpaid", "twice", "not_theirs", "agreed"}, Action: "/agent/payments/1/refunds", BackURL: "/agent/cases/1",
			Refunds: []RefundRow{{On: "2026-11-12", Sum: money.Euros(4500), State: "succeeded", Reason: "overpaid", By: "system"}}}
	}
	whole, wanted, shut, elsewhere := payment(), payment(), payment(), payment()
	wanted.TwoFrom, wanted.ByTransfer = money.Euros(50000), true
	wanted.Refunds = []RefundRow{
		{On: today, Sum: money.Euros(4500), State: "wanted", Reason: "overpaid", By: "system", ApproveURL: "/agent/refunds/1/approval", CancelURL: "/agent/refunds/1/cancellation"},
		{On: "2026-11-12", Sum: money.Euros(2000), State: "failed", Reason: "agreed", By: "person", Note: w.say("geste du créancier", "the creditor's gesture"), Problem: w.lang.T("refund.came_back")},
		{On: "2026-11-10", Sum: money.Euros(2000), State: "cancelled", Reason: "twice", By: "person", Problem: w.say("gardé pour la facture suivante", "kept for the next invoice")}}
	wanted.Form = typed("amount", "douze", "cancel_reason", "")
	wanted.Form.Add("amount", "amount")
	shut.Shut, shut.Payment.State, shut.Payment.Refunded, shut.Payment.TakenBack = "refund_charged_back", "charged_back", money.Euros(0), money.Euros(41000)
	shut.Kept, shut.Most, shut.Refunds, shut.Payment.Principal, shut.Payment.Fee, shut.Payment.Net = money.Euros(0), money.Euros(0), nil, money.Euros(0), money.Euros(0), money.Euros(0)
	shut.Chargebacks = []ChargebackRow{{URL: "/agent/chargebacks/1", On: "2026-11-20", Sum: money.Euros(41000), State: "open", Due: "2026-12-11"}}
	elsewhere.Payment.Elsewhere, elsewhere.Payment.Method, elsewhere.Refunds = true, "transfer", nil

	chargeback := func(state string) *ChargebackPage {
		return &ChargebackPage{StaffBase: w.agentBase("payments", "/agent/chargebacks/1"), Row: w.rows()[0], Payment: w.paidBack(), Sum: money.Euros(41000), Taken: money.Euros(41000),
			Cost: money.Euros(2000), State: state, Reason: "fraudulent", OpenedOn: "2026-11-20", Due: day.Day("2026-12-11"),
			Evidence: EvidenceSheet{Customer: "Claire Vasseur", Email: "claire.vasseur@courriel.example", Product: w.lang.T("evidence.product.of", "creditor", atelier, "invoices", "2026-0318"),
				PaidOn: "2026-11-03", Access: []string{
					"2026-11-02T08:12:03Z  " + w.lang.T("evidence.access.link"), "2026-11-03T18:40:11Z  " + w.lang.T("evidence.access.checkout"), "2026-11-03T18:42:51Z  " + w.lang.T("evidence.access.paid")}},
			Action: "/agent/chargebacks/1/evidence", PaymentURL: "/agent/payments/1", BackURL: "/agent/cases/1"}
	}
	text := w.lang.T("evidence.says.who", "agency", "Agence Aubrelle", "creditor", atelier, "reference", reference) + "\n\n" + w.lang.T("evidence.says.paid", "sum", money.Euros(41000), "day", day.Day("2026-11-03"))
	open, empty, won, inquiry, late := chargeback("open"), chargeback("open"), chargeback("won"), chargeback("inquiry"), chargeback("lost")
	open.CanAnswer, open.Form = true, typed("text", text)
	empty.CanAnswer, empty.Form = true, typed("text", "")
	empty.Form.Add("text", "required")
	won.Taken, won.Cost, won.Written, won.Sent, won.Evidence.Text = money.Euros(0), money.Euros(0), "2026-11-22", "2026-11-22", text
	inquiry.Taken, inquiry.Cost, inquiry.Reason, inquiry.Written, inquiry.Evidence.Text = money.Euros(0), money.Euros(0), "a_reason_without_a_phrase", "2026-11-22", text
	late.Evidence = EvidenceSheet{}
	return []Specimen{
		{In: "refunded in part", Page: whole}, {In: "a refund waits", Page: wanted}, {In: "taken back", Page: shut}, {In: "by transfer", Page: elsewhere},
		{In: "to answer", Page: open}, {In: "nothing written", Page: empty}, {In: "won", Page: won}, {In: "inquiry answered", Page: inquiry}, {In: "lost unanswered", Page: late},
	}
}
