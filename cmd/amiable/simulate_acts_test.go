package main

import (
	"fmt"
	"strings"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/payments/stripe/sandbox"
)

// person is a debtor with a case, and how they are.
type person struct {
	caseID   string
	debtor   negotiation.Actor
	creditor negotiation.Actor
	card     string
	busy     int // acts once in so many days
}

// folkCount is how many cases a year has: enough for every kind of plan beside
// every other, few enough for a year to take seconds.
const folkCount = 5

// Cards of all kinds, accounts, PayPal, and bank transfers; the sandbox plays docs.stripe.com/testing.
var simulatedCards = []string{
	"4242424242424242", "5555555555554444", "4000002500000003", // good
	"4000000000000341",                     // saved, and declined ever after
	"4000002500003155", "4000002760003184", // ask for proof once, or always
	"FR1420041010050500013M02606", "AT611904300234573201", // accounts: good
	"FR9720041010050000002222227", // whose first debit comes back
	"paypal",
	"transfer", // announced, and made some day, in some sum, or not
}

// begin founds the agency with two creditors and places the claims.
func (y *year) begin() {
	h := y.house
	_, err := h.negotiation.FoundAgency(y.ctx, operator, negotiation.Agency{Name: "Agence Aubrelle", CollectorKind: negotiation.InHouse, Email: "agence@example.test"})
	y.must(err)
	least := int64(10_00)
	for n := 1; n <= 2; n++ {
		c, err := h.negotiation.AddCreditor(y.ctx, operator, negotiation.Creditor{
			Reference: fmt.Sprintf("CRE-%03d", n), Name: fmt.Sprintf("Atelier %d SARL", n), SIREN: []string{"010185650", "003667128"}[n-1],
			Email: fmt.Sprintf("compta%d@example.test", n), PartPaymentMinimum: &least,
		})
		y.must(err)
		m, err := h.negotiation.SignMandate(y.ctx, operator, negotiation.Mandate{
			CreditorID: c.ID, Reference: fmt.Sprintf("MDT-%03d", n), SignedOn: "2024-01-02", Scope: "Tout", Proof: "signed", FeeBasisPoints: 1000, VATBasisPoints: 2000,
			FeeWithheld: n == 1, RestWaivedBelow: 100, InterestWaivedInPlans: true,
			SeparateTransfers: (y.seed+uint64(n))%2 == 0, // one creditor of the two, in turn
		})
		y.must(err)
		_, err = h.negotiation.SetPolicy(y.ctx, operator, m.ID, negotiation.Policy{
			InstalmentsMax: 12, MonthsMax: 14, InstalmentMin: 5_00, FirstDaysMax: 45, SkipsMax: 2, MoveDaysMax: 10, AtOnce: y.draw(2), AnswerDays: 3, BreathingDays: 15,
			AgentOwedMax: 5_000_00, Rebates: []negotiation.Rebate{{DaysLate: 30, BasisPoints: 1_500}},
		})
		y.must(err)
		y.opensAccounts(c, m)
		account, err := h.gateway.OpenAccount(y.ctx, "account:"+c.ID, c)
		y.must(err)
		y.must(y.box.CompleteOnboarding(account.AccountID))
		y.accounts = append(y.accounts, account.AccountID)
		_, err = h.payments.NameAccount(y.ctx, operator, c.ID, account.AccountID)
		y.must(err)
	}
	for range folkCount {
		y.folk = append(y.folk, y.join())
	}
}

// join places a debtor's claims and sends the first letter.
func (y *year) join() person {
	y.joined++
	h, n, creditor := y.house, y.joined, 1+y.joined%2
	kind, name := "consumer", fmt.Sprintf("Claire Vasseur %d", n)
	if y.draw(3) {
		kind, name = "business", fmt.Sprintf("Firme %d SARL", n)
	}
	file := "creditor_ref,invoice_number,issue_date,due_date,currency,amount_incl_vat,amount_paid,debtor_kind,debtor_name,siren,vat_number,contact_name,email,phone,street,postcode,city,country,language,contract_rate_percent,mandate_ref,description\n"
	for claim := range 1 + y.luck.IntN(3) {
		file += fmt.Sprintf("CRE-%03d,F-%d-%d,2025-10-31,2025-1%d-30,EUR,%d.%02d,0,%s,%s,,,,d%d@example.test,,2 rue B,31000,Toulouse,FR,fr,,MDT-%03d,Travaux\n",
			creditor, n, claim, 1+y.luck.IntN(2), 100+y.luck.IntN(3_000), y.luck.IntN(100), kind, name, n, creditor)
	}
	_, _, err := h.negotiation.Place(y.ctx, operator, negotiation.File{Name: "claims.csv", Body: strings.NewReader(file)})
	y.must(err)
	found, err := h.negotiation.Find(y.ctx, operator, negotiation.Search{Text: fmt.Sprintf("F-%d-0", n)})
	y.must(err)
	if len(found) != 1 {
		y.t.Fatalf("claim F-%d-0 is on %d cases", n, len(found))
	}
	p := person{caseID: found[0].ID, card: simulatedCards[y.luck.IntN(len(simulatedCards))], busy: 2 + y.luck.IntN(6)}
	y.must(h.negotiation.RecordFirstLetter(y.ctx, operator, p.caseID, negotiation.FirstLetter{Reference: "PL", SentOn: "2026-01-10", Channel: "post", Proof: "LA"}))
	c := y.file(p.caseID)
	p.debtor = negotiation.Actor{Role: negotiation.RoleDebtor, ID: c.MainParty().ID, CaseID: c.ID}
	p.creditor = negotiation.Actor{Role: negotiation.RoleCreditor, ID: "u-" + c.CreditorID, Name: "Ada Boréal", CreditorID: c.CreditorID, Decides: true}
	return p
}

// file reads a case as it stands, which no fault keeps from.
func (y *year) file(id string) *negotiation.Case {
	y.t.Helper()
	c, err := y.house.negotiation.Case(y.ctx, operator, id)
	y.must(err)
	return c
}

// acts lets a debtor, their creditor and an agent do something, or nothing.
func (y *year) acts(n int) {
	p := y.folk[n]
	if y.draw(p.busy) {
		c := y.file(p.caseID)
		switch {
		case c.IsClosed(): // somebody else comes; what was paid stays to be compared
			if !y.peaceful && y.draw(4) {
				y.gone = append(y.gone, p)
				y.folk[n] = y.join()
			}
		case c.ActivePlan() == nil:
			y.debtorActs(p, c)
		default:
			y.inPlanActs(p, c)
		}
	}
	if y.draw(8) {
		y.transfers(p)
	}
	if y.draw(9) {
		y.creditorActs(p)
	}
	if y.draw(90) {
		y.agentActs(p)
	}
	y.moneyBack(p)
	if len(y.gone) > 0 && !y.peaceful && y.draw(4) { // who has paid and gone can still go to their bank
		y.moneyBack(y.gone[y.luck.IntN(len(y.gone))])
	}
}

func (y *year) debtorActs(p person, c *negotiation.Case) {
	switch act := y.luck.IntN(20); {
	case act < 11:
		y.life("propose", func() error {
			_, err := y.house.negotiation.Propose(y.ctx, p.debtor, c.ID, negotiation.Proposal{
				Terms: y.terms(c, negotiation.DayOf(y.now)), Recognition: negotiation.RecognitionText, Language: "fr", AskCreditor: true,
			})
			return err
		})
	case act < 12:
		y.pays(p, payments.Order{})
	case act < 14:
		y.pays(p, payments.Order{Amount: money.Euros(int64(10_00 + y.luck.IntN(200_00))), Recognition: negotiation.TextVersion})
	case act < 17:
		y.answersCounter(p, c)
	case act < 18:
		y.orders(p, c)
	default:
		y.anywayActs(p, c)
	}
}

// inPlanActs mostly waits for what happens by itself.
func (y *year) inPlanActs(p person, c *negotiation.Case) {
	plan, leave := c.ActivePlan(), c.ActivePlan().Charged != ""
	if leave && !y.draw(4) {
		return
	}
	switch act := y.luck.IntN(40); {
	case !leave && act < 14:
		y.pays(p, payments.Order{Of: payments.NextInstalment, Charges: y.consents()})
	case !leave && act < 20, act < 2:
		y.saves(p)
	case act < 24:
		y.pays(p, payments.Order{Of: payments.NextInstalment})
	case act < 25 && y.draw(3):
		y.pays(p, payments.Order{Of: payments.RestOfPlan})
	case act < 26 && y.draw(2):
		y.life("revoke", func() error { return y.house.payments.Revoke(y.ctx, p.debtor, c.ID, plan.ID) })
	case act < 29:
		number := 1 + y.luck.IntN(len(plan.Current()))
		change := negotiation.Skipping()
		if y.draw(2) {
			change = negotiation.Moving(plan.Current()[number-1].DueOn.Add(y.luck.IntN(12)), y.draw(2))
		}
		y.life("change an instalment", func() error {
			return y.house.negotiation.ChangeInstalment(y.ctx, p.debtor, c.ID, plan.ID, number, change)
		})
	case act < 31:
		y.anywayActs(p, c)
	case act < 32:
		y.orders(p, c)
	case act < 33: // other terms in the place of these
		y.debtorActs(p, c)
	}
}

// anywayActs are those with a plan and without.
func (y *year) anywayActs(p person, c *negotiation.Case) {
	switch y.luck.IntN(5) {
	case 0:
		y.life("contest", func() error {
			claim := c.Claims[y.luck.IntN(len(c.Claims))]
			_, err := y.house.negotiation.OpenDispute(y.ctx, p.debtor, c.ID, negotiation.Contest{
				ClaimID: claim.ID, Amount: money.Euros(int64(y.luck.IntN(100_00))), Ground: negotiation.GroundGoods, Words: "La porte ferme mal.", Language: "fr",
			})
			return err
		})
	case 1:
		y.life("pause", func() error { _, err := y.house.negotiation.TakePause(y.ctx, p.debtor, c.ID); return err })
	default:
		y.settles(p, c)
	}
}

// terms are such as people choose.
func (y *year) terms(c *negotiation.Case, today negotiation.Day) negotiation.Terms {
	terms := negotiation.Terms{
		Instalments: 1 + y.luck.IntN(13), Every: []negotiation.Rhythm{negotiation.Monthly, negotiation.Monthly, negotiation.Fortnightly, negotiation.Weekly}[y.luck.IntN(4)],
		FirstDueOn: today.Add(1 + y.luck.IntN(40)),
	}
	if owed, err := c.Plannable(today); err == nil && owed.Minor > 50_00 && y.draw(5) {
		terms.Total = money.Euros(owed.Minor - int64(y.luck.IntN(int(owed.Minor/5))))
	}
	return terms
}

// pays opens the gateway's page and, mostly, pays on it.
func (y *year) pays(p person, o payments.Order) {
	o.Language = "fr"
	if y.draw(5) {
		p.card = simulatedCards[y.luck.IntN(len(simulatedCards))]
	}
	y.life("start a payment", func() error { _, err := y.house.payments.Start(y.ctx, p.debtor, p.caseID, o); return err })
	made, err := y.house.payments.OfCase(y.ctx, p.caseID)
	y.must(err)
	if len(made) == 0 || y.draw(4) { // they look, and go away
		return
	}
	if last := made[len(made)-1]; last.SessionID != nil && last.State == payments.Started {
		y.visits(p, *last.SessionID)
		if y.draw(2) {
			y.life("come back", func() error { _, err := y.house.payments.Check(y.ctx, last.ID); return err })
		}
	}
}

// transfers makes a transfer that was announced some day: the whole, a part, or
// too much, once more, and also when it was called off meanwhile.
func (y *year) transfers(p person) {
	made, err := y.house.payments.OfCase(y.ctx, p.caseID)
	y.must(err)
	for i := len(made) - 1; i >= 0; i-- {
		if m := made[i]; m.AnnouncedAt != nil && m.IntentID != nil {
			y.note("transfer", y.box.SendTransfer(sandbox.Transfer{To: *m.IntentID, Amount: 1 + int64(y.luck.IntN(int(2*m.Amount))), Reference: "virement"}), false)
			return
		}
	}
}

// saves saves a card for the plan without paying.
func (y *year) saves(p person) {
	y.life("save a card", func() error {
		_, err := y.house.payments.SaveCard(y.ctx, p.debtor, p.caseID, y.consents(), "fr")
		return err
	})
	given, err := y.house.payments.AuthoritiesOf(y.ctx, p.caseID)
	y.must(err)
	if len(given) == 0 || y.draw(4) {
		return
	}
	if last := given[len(given)-1]; last.SessionID != nil && last.State == payments.AuthorityWaiting {
		y.visits(p, *last.SessionID)
	}
}

// consents is the text that stands beside the box.
func (y *year) consents() string {
	if y.draw(3) {
		return negotiation.ChargesText
	}
	return negotiation.ChargesDebitText
}

// visits fills the page in, and proves who they are where it asks.
func (y *year) visits(p person, session string) {
	expiry := y.now.AddDate(0, 2+y.luck.IntN(30), 0)
	with := sandbox.Card{Number: p.card, ExpMonth: int(expiry.Month()), ExpYear: expiry.Year()}
	switch {
	case p.card == "paypal":
		with = sandbox.Card{PayPal: true, Email: "d@example.test"}
	case p.card == "transfer":
		with = sandbox.Card{Transfer: true, Email: "d@example.test"}
	case p.card[0] > '9':
		with = sandbox.Card{IBAN: p.card, Name: "Claire Vasseur", Email: "d@example.test"}
	}
	result, err := y.box.CompleteCheckout(session, with)
	y.note("visit the page", err, false)
	if err != nil || result.State != sandbox.CheckoutProof {
		return
	}
	if visit, err := y.box.Checkout(session); err == nil && !y.draw(4) {
		y.note("prove it", y.box.Approve3DS(visit.Intent), false)
	}
}

func (y *year) answersCounter(p person, c *negotiation.Case) {
	open := c.OpenOffer()
	if open == nil {
		return
	}
	y.life("answer an offer", func() error {
		switch y.luck.IntN(3) {
		case 0:
			return y.house.negotiation.RejectOffer(y.ctx, p.debtor, c.ID, open.ID, "Trop", "")
		case 1:
			return y.house.negotiation.WithdrawOffer(y.ctx, p.debtor, c.ID, open.ID)
		}
		_, err := y.house.negotiation.AcceptOffer(y.ctx, p.debtor, c.ID, open.ID, negotiation.Assent{Recognition: negotiation.RecognitionText, Language: "fr"})
		return err
	})
}

// settles answers or takes back a dispute, or opens it again.
func (y *year) settles(p person, c *negotiation.Case) {
	disputes, err := y.house.negotiation.Disputes(y.ctx, p.debtor, c)
	y.must(err)
	if len(disputes) == 0 {
		return
	}
	d := disputes[y.luck.IntN(len(disputes))]
	y.life("go on with a dispute", func() error {
		switch n := y.house.negotiation; y.luck.IntN(4) {
		case 0:
			return n.WithdrawDispute(y.ctx, p.debtor, c.ID, d.ID, negotiation.Reply{})
		case 1:
			return n.ReopenDispute(y.ctx, p.debtor, c.ID, d.ID, negotiation.Contest{Words: "Encore", Amount: money.Euros(int64(y.luck.IntN(50_00))), Language: "fr"})
		case 2:
			return n.ReplyToAnswer(y.ctx, p.debtor, c.ID, d.ID, true, negotiation.Reply{})
		default:
			return n.ReplyToAnswer(y.ctx, p.debtor, c.ID, d.ID, false, negotiation.Reply{Words: "Non"})
		}
	})
}

func (y *year) creditorActs(p person) {
	n, c := y.house.negotiation, y.file(p.caseID)
	if open := c.OpenOffer(); open != nil {
		y.life("answer a debtor", func() error {
			switch y.luck.IntN(4) {
			case 0:
				return n.RejectOffer(y.ctx, p.creditor, c.ID, open.ID, "Trop long", "")
			case 1:
				_, err := n.Propose(y.ctx, p.creditor, c.ID, negotiation.Proposal{Terms: y.terms(c, negotiation.DayOf(y.now)), Answers: open.ID, Language: "fr"})
				return err
			}
			_, err := n.AcceptOffer(y.ctx, p.creditor, c.ID, open.ID, negotiation.Assent{Language: "fr"})
			return err
		})
		return
	}
	disputes, err := n.Disputes(y.ctx, p.creditor, c)
	y.must(err)
	for _, d := range disputes {
		if !d.IsOpen() {
			continue
		}
		y.life("answer a dispute", func() error {
			kind := []negotiation.StepKind{negotiation.StepAccepted, negotiation.StepPart, negotiation.StepMaintains}[y.luck.IntN(3)]
			return n.AnswerDispute(y.ctx, p.creditor, c.ID, d.ID, kind, negotiation.Reply{Words: "Voici", Amount: money.Euros(int64(1 + y.luck.IntN(50_00)))})
		})
		return
	}
	today := negotiation.DayOf(y.now)
	switch y.luck.IntN(24) {
	case 0:
		y.life("credit", func() error {
			return n.CreditNote(y.ctx, p.creditor, c.ID, c.Claims[0].ID, "AV-"+y.word(), money.Euros(int64(1+y.luck.IntN(30_00))), today, negotiation.Word{Why: "Avoir"})
		})
	case 1:
		y.life("record a transfer", func() error {
			_, err := y.house.payments.RecordElsewhere(y.ctx, p.creditor, c.ID, payments.Elsewhere{
				Amount: money.Euros(int64(1 + y.luck.IntN(150_00))), On: today.Add(-y.luck.IntN(20)), Means: "transfer", Reference: "VIR-" + y.word(), Proof: "relevé",
			})
			return err
		})
	}
}

func (y *year) agentActs(p person) {
	n, c := y.house.negotiation, y.file(p.caseID)
	switch y.luck.IntN(7) {
	case 0:
		reason := []negotiation.Reason{negotiation.HoldInsolvency, negotiation.HoldOverindebtednessDeclared, negotiation.HoldNotMe}[y.luck.IntN(3)]
		y.life("hold", func() error {
			_, err := n.PlaceHold(y.ctx, operator, c.ID, negotiation.Hold{Reason: reason})
			return err
		})
	case 1, 2:
		for _, h := range c.Holds {
			if h.LiftedAt == nil && h.Reason != negotiation.HoldDisputed {
				y.life("lift a hold", func() error { return n.LiftHold(y.ctx, operator, c.ID, h.ID) })
				return
			}
		}
	case 3:
		y.turnsRound(c)
	case 4:
		if plan := c.ActivePlan(); plan != nil {
			y.life("end a plan", func() error {
				by := negotiation.Actor{Role: negotiation.RoleAgent, ID: "a", Name: "Nadia Ferrand", OnBehalfOf: c.MainParty().ID}
				return n.EndPlan(y.ctx, by, c.ID, plan.ID, "asked for")
			})
		}
	case 5:
		script := []sandbox.Outcome{"insufficient_funds", "do_not_honor", "lost_card", "expired_card", sandbox.AuthRequired, "processing_error"}
		if p.card[0] > '9' {
			script = []sandbox.Outcome{"insufficient_funds", "account_closed", "debit_not_authorized", "could_not_process", "bank_account_restricted", "refer_to_customer"}
		}
		y.note("a card is declined for a while", y.box.DeclineScript(p.card, script[y.luck.IntN(len(script))], sandbox.Approved), false)
	}
}

// turnsRound takes back what was recorded by mistake.
func (y *year) turnsRound(c *negotiation.Case) {
	made, err := y.house.payments.OfCase(y.ctx, c.ID)
	y.must(err)
	for _, p := range made {
		if p.Kind == payments.ElsewherePayment && p.State == payments.Succeeded && y.draw(2) {
			y.life("turn a payment round", func() error { return y.house.payments.Reverse(y.ctx, operator, p.ID, "wrong case") })
			return
		}
	}
}

func (y *year) word() string {
	return fmt.Sprintf("%d-%x", y.now.Sub(time.Time(yearBegins.Time())), y.luck.Uint32())
}
