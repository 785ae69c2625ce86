package documents

import (
	"strings"
	"testing"

	"amiable/portal/locale"
)

func aReceipt() Receipt {
	return Receipt{
		Number: "AM 7K4P 9XWD 3-2", CaseReference: "AM 7K4P 9XWD 3",
		Agency: agency, Creditor: creditor, Payer: debtor, FirstLetter: opening,
		PaidOn: "2026-11-20", IssuedAt: issued, Amount: euros(130_00), Means: MeansCard, Detail: "Visa •••• 4242",
		Provisional: true, ReversibleUntil: "2027-03-20",
		Shares: []ReceiptShare{
			{Invoice: "F-2026-118", Interest: euros(3_60), Indemnity: euros(40_00), Principal: euros(76_40)},
			{Invoice: "F-2026-131", Principal: euros(10_00)},
		},
		Left: euros(1_248_60), ChainHead: "0f1e2d3c4b5a69788796a5b4c3d2e1f0", PageURL: "https://portail.accord.example/case/receipts/2",
	}
}

func TestAReceiptSaysWhatTheLawAsks(t *testing.T) {
	text := read(t, draw(t, "receipt", aReceipt(), locale.French))
	inOrder(t, text, "Accord & Cie", "Quittance n° AM 7K4P 9XWD 3-2", "payée par Maëlle Vasseur, au nom du créancier, Atelier Boréal SARL",
		"Somme reçue, payée le vendredi 20 novembre 2026", "130,00 €", "Sous réserve d’encaissement définitif", "20 mars 2027",
		"Payé par", "Maëlle Vasseur, 8 allée de l’Île-Mystérieuse, 44300 Nantes",
		"Créancier", "Atelier Boréal SARL, 3 quai des Œuvres, 44000 Nantes", "Reçu par", "Accord & Cie",
		"carte bancaire (Visa •••• 4242)", "référence PL-2026-0412, envoyée le 2 novembre 2026",
		"F-2026-118", "3,60 €", "40,00 €", "76,40 €", "120,00 €", "F-2026-131", "10,00 €", "Somme reçue", "130,00 €",
		"il restait à régler 1 248,60 € au 20 novembre 2026",
		"Empreinte du dossier à cette date : 0f1e2d3c4b5a6978.", "Dossier AM 7K4P 9XWD 3", "Page 1 sur 1")
	if strings.Contains(text, "8796a5b4") {
		t.Error("more than 16 digits of the chain's head are shown")
	}

	text = read(t, draw(t, "receipt", aReceipt(), locale.English))
	inOrder(t, text, "Receipt no. AM 7K4P 9XWD 3-2", "€130.00", "Subject to final collection", "Atelier Boréal SARL",
		"reference PL-2026-0412, sent on 2 November 2026", "€1,248.60", "Page 1 of 1")
	if strings.Contains(text, "Quittance") {
		t.Error("French in an English receipt")
	}
}

func TestTheLastReceiptSaysThatNothingIsLeft(t *testing.T) {
	r := aReceipt()
	r.Amount, r.Left, r.Provisional = euros(135_00), euros(0), false
	r.Excess, r.Waived, r.Corrects = euros(5_00), euros(18), "AM 7K4P 9XWD 3-1"
	text := read(t, draw(t, "receipt-last", r, locale.French))
	inOrder(t, text, "corrige la quittance n° AM 7K4P 9XWD 3-1", "Payé en trop, à vous rendre", "5,00 €",
		"Plus rien n’est à régler", "Atelier Boréal SARL renonce : 0,18 €", "Vous avez payé 5,00 € de trop")
	if strings.Contains(text, "Sous réserve") {
		t.Error("a final payment is called provisional")
	}
}

func TestAReceiptWithoutAMentionIsNotMade(t *testing.T) {
	for mention, empty := range map[string]func(*Receipt){
		"number":                            func(r *Receipt) { r.Number = " " },
		"payer's name":                      func(r *Receipt) { r.Payer.Name = "" },
		"creditor's name":                   func(r *Receipt) { r.Creditor.Name = "" },
		"collector's name":                  func(r *Receipt) { r.Agency.Name = "" },
		"date of payment":                   func(r *Receipt) { r.PaidOn = "" },
		"amount":                            func(r *Receipt) { r.Amount = euros(0) },
		"means of payment":                  func(r *Receipt) { r.Means = "" },
		"first letter's reference and date": func(r *Receipt) { r.FirstLetter.SentOn = "" },
	} {
		r := aReceipt()
		empty(&r)
		lacks(t, r, mention)
	}
	r := aReceipt()
	r.Shares[0].Principal = euros(76_41)
	if _, err := r.PDF(locale.French); err == nil || !strings.Contains(err.Error(), "130.01") {
		t.Errorf("a receipt whose parts do not add up was made: %v", err)
	}
}

func TestADischargeSaysThatNothingIsOwed(t *testing.T) {
	d := Discharge{
		Number: "AM 7K4P 9XWD 3-S", CaseReference: "AM 7K4P 9XWD 3", Agency: agency, Creditor: creditor, Debtor: debtor,
		FirstLetter: opening, ClearedOn: "2026-11-20", IssuedAt: issued,
		Invoices: []DischargedInvoice{{"F-2026-118", "2026-03-03", euros(1200_00)}, {"F-2026-131", "2026-04-03", euros(18_60)}},
		Payments: []DischargedPayment{{"AM 7K4P 9XWD 3-1", "2026-11-08", MeansTransfer, euros(1000_00)}, {"AM 7K4P 9XWD 3-2", "2026-11-20", MeansCard, euros(200_00)}},
		Waived:   euros(18_60), PageURL: "https://portail.accord.example/case",
	}
	text := read(t, draw(t, "discharge", d, locale.French))
	inOrder(t, text, "Quittance pour solde", "reconnaît que les 2 factures ci-dessous sont réglées en entier", "0,00 €",
		"référence PL-2026-0412", "F-2026-118", "3 mars 2026", "1 200,00 €", "virement", "carte bancaire", "1 200,00 €", "a renoncé à 18,60 €")
	inOrder(t, read(t, draw(t, "discharge", d, locale.English)), "Final discharge no. AM 7K4P 9XWD 3-S", "owes it nothing more", "€1,200.00")
	if strings.Contains(text, "chéancier n°") {
		t.Error("a discharge names a plan that there was not")
	}
	kept := d
	kept.Plan = &DischargedPlan{Number: "AM 7K4P 9XWD 3-E1", AcceptedOn: "2026-11-02", Instalments: 6}
	inOrder(t, read(t, draw(t, "discharge-plan", kept, locale.French)), "0,00 €",
		"L’échéancier n° AM 7K4P 9XWD 3-E1, accepté le 2 novembre 2026, prévoyait 6 paiements : il est tenu jusqu’au bout.", "Ce qui est réglé")
	inOrder(t, read(t, draw(t, "discharge-plan", kept, locale.English)), "Schedule no. AM 7K4P 9XWD 3-E1, accepted on 2 November 2026, had 6 payments")
	for mention, empty := range map[string]func(*Discharge){
		"debtor's name":                     func(d *Discharge) { d.Debtor.Name = "" },
		"list of invoices":                  func(d *Discharge) { d.Invoices = nil },
		"day it was cleared":                func(d *Discharge) { d.ClearedOn = "" },
		"first letter's reference and date": func(d *Discharge) { d.FirstLetter.Reference = "" },
		"plan's number and date":            func(d *Discharge) { d.Plan = &DischargedPlan{Number: "x"} },
	} {
		without := d
		empty(&without)
		lacks(t, without, mention)
	}
}
