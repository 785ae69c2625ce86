package documents

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/portal/locale"

	"pgregory.net/rapid"
)

// scheduled works terms out as the domain does.
func scheduled(t interface{ Fatal(...any) }, owed int64, terms negotiation.Terms) negotiation.Schedule {
	schedule, err := terms.Schedule(euros(owed))
	if err != nil {
		t.Fatal(err)
	}
	return schedule
}

const chargesWording = "J’autorise Agence Accord à faire payer chaque échéance de cet échéancier, à sa date et pour son montant, avec le moyen de paiement que j’enregistre."

// anAgreement is a consumer's plan of n months on two invoices.
func anAgreement(t interface{ Fatal(...any) }, n int) Agreement {
	return Agreement{
		Number: "AM 7K4P 9XWD 3-E1", CaseReference: "AM 7K4P 9XWD 3", Agency: agency, Creditor: creditor, Debtor: debtor,
		Mandate: MandateRef{Reference: "M-2026-07", SignedOn: "2026-01-15"}, FirstLetter: opening, Text: negotiation.AgreementText, IssuedAt: issued,
		On: "2026-11-21",
		Claims: []AgreedClaim{
			{"F-2026-118", "2026-03-31", euros(21_00), euros(0), euros(1000_00)},
			{"F-2026-131", "2026-04-30", euros(3_60), euros(0), euros(224_00)},
		},
		Total: euros(1248_60), Waived: euros(0), Consumer: true,
		Schedule: scheduled(t, 1248_60, negotiation.Terms{Instalments: n, Every: negotiation.Monthly, FirstDueOn: "2026-12-05"}),
		ByDebtor: Acceptance{Name: "Maëlle Vasseur", Quality: "debtor", At: time.Date(2026, 11, 21, 9, 5, 0, 0, time.UTC), How: string(negotiation.ByPage), Text: "legal.plan/2026-11", Language: locale.French},
		ByCreditor: Acceptance{Name: "Paul Le Gall", Quality: QualityCreditor, OnBehalfOf: "Atelier Boréal SARL", At: issued, How: string(negotiation.ByPage), Text: "legal.answer/2026-11",
			Language: locale.French},
		Charges:   ChargeConsent{Wording: chargesWording, Text: "legal.charges/2026-11"},
		ChainHead: "4f1c0a9be77d2c5518aa90ee", PageURL: "https://portail.accord.example/case/plan",
	}
}

func TestAnAgreementSaysWhatIsAgreed(t *testing.T) {
	text := read(t, draw(t, "agreement", anAgreement(t, 6), locale.French))
	inOrder(t, text, "Accord & Cie", "Échéancier accepté n° AM 7K4P 9XWD 3-E1", "Maëlle Vasseur et Atelier Boréal SARL sont d’accord",
		"À régler en 6 fois, du 5 décembre 2026 au 5 mai 2027", "1 248,60 €", "Sans frais ni intérêts ajoutés.",
		"Convenu avec", "Maëlle Vasseur, 8 allée", "Créancier", "Atelier Boréal SARL, 3 quai", "Suivi par", "référence M-2026-07, signé le 15 janvier 2026",
		"référence PL-2026-0412, envoyée le 2 novembre 2026",
		"Ce qui était dû au 21 novembre 2026", "F-2026-118, à payer pour le 31 mars 2026", "21,00 €", "0,00 €", "1 000,00 €", "1 021,00 €",
		"F-2026-131", "3,60 €", "224,00 €", "227,60 €", "Dû en tout", "24,60 €", "1 224,00 €", "1 248,60 €",
		"Les 6 dates", "1 samedi 5 décembre 2026 208,10 € 1 040,50 €", "2 mardi 5 janvier 2027", "6 mercredi 5 mai 2027 208,10 € 0,00 €", "Total 1 248,60 €",
		"Ce que cela veut dire", "La dette d’origine continue.", "il n’y a pas de novation (code civil, article 1330)",
		"Ni frais, ni intérêts.", "Atelier Boréal SARL renonce aux intérêts de retard", "Payer plus tôt est toujours possible", "sans frais",
		"plus rien n’est dû", "Une date est manquée ? Rien ne s’arrête tout seul. Vous recevez d’abord un message, puis une personne",
		"ne prend fin que si une personne le décide, après vous avoir écrit et laissé au moins huit jours",
		"Vous reconnaissez devoir 1 248,60 € au 21 novembre 2026", "articles 2231 et 2240", "deux ans (code civil, article 1343-5)", "Une aide gratuite existe",
		"Votre accord pour des paiements automatiques", "Accord non donné.", "version legal.charges/2026-11", "J’autorise Agence Accord", "se retire à tout moment",
		"Les deux acceptations", "Pour Maëlle Vasseur", "Accepté par Maëlle Vasseur, destinataire de la facture", "samedi 21 novembre 2026, 10 h 05 (heure de Paris), sur sa page, en ligne",
		"legal.plan/2026-11, en français",
		"Pour Atelier Boréal SARL", "Accepté par Paul Le Gall, créancier", "Pour le compte de Atelier Boréal SARL", "10 h 30 (heure de Paris)", "legal.answer/2026-11",
		"version 2026-11", "Empreinte du dossier à cette date : 4f1c0a9be77d2c55.", "https://portail.accord.example/case/plan")
	for _, absent := range []string{"4f1c0a9be77d2c551", "renonce à 0,00", "Remise", "Accord donné", "continuent"} {
		if strings.Contains(text, absent) {
			t.Errorf("says %q", absent)
		}
	}
	inOrder(t, read(t, draw(t, "agreement", anAgreement(t, 6), locale.English)),
		"Accepted schedule no. AM 7K4P 9XWD 3-E1", "To pay in 6 payments, from 5 December 2026 to 5 May 2027", "€1,248.60", "What was owed on 21 November 2026",
		"1 Saturday 5 December 2026 €208.10 €1,040.50", "no novation", "No fee, no interest", "a missed date", "articles 2231 and 2240", "article 1343-5",
		"Consent not given.", "can be withdrawn at any time", "Saturday 21 November 2026, 10:05 (Paris time)", "legal.plan/2026-11, in French")
}

func TestASettlementSaysWhatIsGivenUp(t *testing.T) {
	a := anAgreement(t, 1)
	a.Total, a.Waived = euros(1000_00), euros(248_60)
	a.Schedule = scheduled(t, 1248_60, negotiation.Terms{Instalments: 1, FirstDueOn: "2026-12-05", Total: euros(1000_00)})
	a.ByCreditor = Acceptance{Name: "Atelier Boréal SARL", Quality: QualityPolicy, How: string(negotiation.ByPolicy), At: issued, Text: "policy/3"}
	inOrder(t, read(t, draw(t, "agreement-settlement", a, locale.French)), "À régler en une fois, le 5 décembre 2026", "1 000,00 €",
		"Payée en entier et à temps, cette somme clôt le dossier : Atelier Boréal SARL renonce alors à 248,60 €.",
		"Dû en tout", "1 248,60 €", "Remise du créancier, une fois tout payé à temps", "−248,60 €", "Total de l’échéancier", "1 000,00 €", "La date", "5 décembre 2026 1 000,00 €",
		"renonce à 248,60 €, le dossier est clos", "Vous reconnaissez devoir 1 248,60 €", "règle que le créancier a donnée d’avance")
	inOrder(t, read(t, draw(t, "agreement-settlement", a, locale.English)), "To pay once, on 5 December 2026", "gives up €248.60", "−€248.60")
}

func TestConsentToFutureChargesStandsApart(t *testing.T) {
	a := anAgreement(t, 3)
	a.Charges = ChargeConsent{Given: true, Wording: chargesWording, Text: "legal.charges/2026-11", By: "Maëlle Vasseur", At: time.Date(2026, 11, 21, 9, 6, 0, 0, time.UTC), Means: "Visa •••• 4242"}
	text := read(t, draw(t, "agreement-charges", a, locale.French))
	inOrder(t, text, "Votre accord pour des paiements automatiques", "Accord donné par Maëlle Vasseur, samedi 21 novembre 2026, 10 h 06 (heure de Paris)",
		"« J’autorise Agence Accord", "Visa •••• 4242", "se retire à tout moment", "Les deux acceptations")
	if strings.Contains(text, "non donné") {
		t.Error("given, and not given")
	}
}

// What is contested is neither in the plan nor recognised by it.
func TestAPlanLeavesOutWhatIsContested(t *testing.T) {
	a := anAgreement(t, 4)
	a.Contested, a.Total = euros(320_00), euros(928_60)
	a.Schedule = scheduled(t, 928_60, negotiation.Terms{Instalments: 4, Every: negotiation.Monthly, FirstDueOn: "2026-12-05"})
	a.Charges = ChargeConsent{}
	text := read(t, draw(t, "agreement-contested", a, locale.French))
	inOrder(t, text, "928,60 €", "Dû en tout", "1 248,60 €", "Contesté, en dehors de l’échéancier", "−320,00 €", "Total de l’échéancier", "928,60 €",
		"Ce que vous contestez, 320,00 €, reste à part", "Vous reconnaissez devoir 928,60 €", "Comment se paie chaque date")
	if strings.Contains(text, "Le texte proposé") {
		t.Error("quotes a text that nobody put")
	}
	inOrder(t, read(t, draw(t, "agreement-contested", a, locale.English)), "Contested, outside the schedule", "−€320.00", "What you contest, €320.00, stays apart")
	a.Total, a.Waived = euros(800_00), euros(128_60)
	a.Schedule = scheduled(t, 928_60, negotiation.Terms{Instalments: 1, FirstDueOn: "2026-12-05", Total: euros(800_00)})
	less := read(t, draw(t, "agreement-contested-less", a, locale.French))
	inOrder(t, less, "800,00 €", "−320,00 €", "−128,60 €", "800,00 €", "renonce à 128,60 €", "Ce que vous contestez, 320,00 €, reste à part", "Vous reconnaissez devoir 928,60 €")
	for _, said := range []string{text, less} {
		for _, absent := range []string{"plus rien n’est dû", "clôt le dossier", "dossier est clos", "quittance pour solde"} {
			if strings.Contains(said, absent) {
				t.Errorf("what is contested is still open, yet it says %q", absent)
			}
		}
	}
}

// A summer's night: the clock of Paris is two hours ahead, and on another day.
func TestAcceptancesAreDatedByTheClockOfParis(t *testing.T) {
	a := anAgreement(t, 3)
	a.ByDebtor.At = time.Date(2026, 7, 31, 22, 30, 0, 0, time.UTC)
	inOrder(t, read(t, draw(t, "agreement-night", a, locale.French)), "samedi 1er août 2026, 0 h 30 (heure de Paris)")
}

func TestAPlanBetweenFirmsMayBearInterestAndSaysSo(t *testing.T) {
	a := anAgreement(t, 3)
	a.InterestRuns = true
	lacks(t, a, "creditor's waiver of interest")
	a.Consumer = false
	text := read(t, draw(t, "agreement-interest", a, locale.French))
	inOrder(t, text, "Les intérêts de retard, eux, continuent")
	for _, absent := range []string{"Sans frais ni intérêts", "renonce aux intérêts"} {
		if strings.Contains(text, absent) {
			t.Errorf("says %q", absent)
		}
	}
}

// A hundred and twenty dates run over pages, each with the head of the table.
func TestALongScheduleRepeatsItsHead(t *testing.T) {
	a := anAgreement(t, 120)
	file := draw(t, "agreement-long", a, locale.French)
	text := read(t, file)
	for _, i := range a.Schedule {
		inOrder(t, text, locale.French.Number(int64(i.Number))+" "+locale.French.Day(i.DueOn)+" "+locale.French.Amount(i.Amount))
	}
	run := exec.Command("pdftotext", "-raw", "-enc", "UTF-8", "-", "-")
	run.Stdin = bytes.NewReader(file)
	out, err := run.Output()
	if err != nil {
		t.Fatal(err)
	}
	with := 0
	for number, page := range strings.Split(string(out), "\f") {
		page = flat(page)
		if !strings.Contains(page, " 10,41 € ") && !strings.Contains(page, " 10,40 € ") {
			continue
		}
		with++
		if !strings.Contains(page, "N° Date Montant Reste après") {
			t.Errorf("page %d lists dates without a head:\n%s", number+1, page)
		}
	}
	if with < 4 {
		t.Errorf("120 dates on %d pages?", with)
	}
}

func TestWhoWasNotAskedForConsentPaysByHand(t *testing.T) {
	a := anAgreement(t, 3)
	a.Charges = ChargeConsent{}
	text := read(t, draw(t, "agreement-by-hand", a, locale.French))
	inOrder(t, text, "Comment se paie chaque date", "Vous payez chaque date vous-même. Trois jours avant", "Rien n’est prélevé tout seul", "Les deux acceptations")
	if strings.Contains(text, "Accord non donné") || strings.Contains(text, "se retire à tout moment") {
		t.Errorf("it speaks of a consent that nobody was asked for: %s", text)
	}
}

func TestAnAgreementWithoutAMentionIsNotMade(t *testing.T) {
	for mention, empty := range map[string]func(*Agreement){
		"number":                                func(a *Agreement) { a.Number = "" },
		"debtor's name":                         func(a *Agreement) { a.Debtor.Name = "" },
		"creditor's name":                       func(a *Agreement) { a.Creditor.Name = "" },
		"collector's name":                      func(a *Agreement) { a.Agency.Name = " " },
		"mandate's reference and date":          func(a *Agreement) { a.Mandate.SignedOn = "" },
		"first letter's reference and date":     func(a *Agreement) { a.FirstLetter.Reference = "" },
		"date of issue":                         func(a *Agreement) { a.IssuedAt = time.Time{} },
		"day of what was owed":                  func(a *Agreement) { a.On = "" },
		"list of claims":                        func(a *Agreement) { a.Claims = nil },
		"list of instalments":                   func(a *Agreement) { a.Schedule = nil },
		"invoice number of a claim":             func(a *Agreement) { a.Claims[1].Invoice = "" },
		"debtor's acceptance":                   func(a *Agreement) { a.ByDebtor.At = time.Time{} },
		"creditor's acceptance":                 func(a *Agreement) { a.ByCreditor.Text = "" },
		"text of the consent to future charges": func(a *Agreement) { a.Charges.Given, a.Charges.Wording = true, "" },
	} {
		a := anAgreement(t, 3)
		empty(&a)
		lacks(t, a, mention)
	}
	given := anAgreement(t, 3)
	given.Charges.Given = true
	lacks(t, given, "text of the consent to future charges")
}

func TestAnAgreementThatDoesNotCloseIsNotMade(t *testing.T) {
	for _, c := range []struct {
		name, because string
		spoil         func(*Agreement)
	}{
		{"an instalment a cent dearer", "its instalments add up to 1248.61", func(a *Agreement) { a.Schedule[1].Amount = a.Schedule[1].Amount.Add(euros(1)) }},
		{"a total that nobody owes", "what is left out of it add up to 1248.60", func(a *Agreement) { a.Claims[0].Principal = euros(999_99) }},
		{"a reduction from nowhere", "what is left out of it add up to 1258.60", func(a *Agreement) { a.Waived = euros(10_00) }},
		{"less than nothing given up", "-10.00", func(a *Agreement) { a.Waived, a.Claims[0].Principal = euros(-10_00), euros(990_00) }},
		{"less than nothing contested", "-10.00", func(a *Agreement) { a.Contested, a.Claims[0].Principal = euros(-10_00), euros(990_00) }},
		{"dates out of order", "instalment 3 of 2026-12-01 is out of order", func(a *Agreement) { a.Schedule[2].DueOn = "2026-12-01" }},
		{"an instalment without its day", "instalment 1 of  is out of order", func(a *Agreement) { a.Schedule[0].DueOn = "" }},
		{"an instalment of nothing", "instalment 1 is of", func(a *Agreement) { a.Schedule[0].Amount, a.Schedule[1].Amount = euros(0), euros(832_40) }},
		{"a wording that there is not", `no wording of version "1999-01"`, func(a *Agreement) { a.Text = "1999-01" }},
		{"a wording that nobody named", `no wording of version ""`, func(a *Agreement) { a.Text = "" }},
	} {
		a := anAgreement(t, 3)
		c.spoil(&a)
		if _, err := a.PDF(locale.French); err == nil || !strings.Contains(err.Error(), "agreement AM 7K4P 9XWD 3-E1") || !strings.Contains(err.Error(), c.because) {
			t.Errorf("%s: made (%v)", c.name, err)
		}
	}
}

// Whatever terms make a schedule, its agreement can be drawn.
func TestWhateverIsAgreedCanBeShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		owed := rapid.Int64Range(100_00, 5_000_000_00).Draw(t, "owed")
		terms := negotiation.Terms{
			Instalments: rapid.IntRange(1, 120).Draw(t, "instalments"), FirstDueOn: "2026-12-31",
			Every: rapid.SampledFrom([]negotiation.Rhythm{negotiation.Weekly, negotiation.Fortnightly, negotiation.Monthly}).Draw(t, "every"),
		}
		given := rapid.Int64Range(0, owed/2).Draw(t, "given up")
		if given > 0 {
			terms.Total = euros(owed - given)
		}
		a := anAgreement(t, 1)
		a.Claims = []AgreedClaim{{"F-1", "2026-03-31", euros(0), euros(40_00), euros(owed - 40_00)}}
		a.Schedule, a.Total, a.Waived = scheduled(t, owed, terms), euros(owed-given), euros(given)
		if _, err := a.PDF(rapid.SampledFrom(locale.Languages).Draw(t, "language")); err != nil {
			t.Fatal(err)
		}
	})
}
