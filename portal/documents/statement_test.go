package documents

import (
	"fmt"
	"strings"
	"testing"

	"amiable/negotiation/money"
	"amiable/portal/locale"
)

// businessClaim is the first vector of the statement's arithmetic: 10,000.00 due
// on 30 April 2026, worked out at the end of August.
func businessClaim(invoice string) OwedClaim {
	return OwedClaim{
		Invoice: invoice, Subject: "verrière intérieure, posée le 3 mars 2026", IssuedOn: "2026-03-31", DueOn: "2026-04-30",
		Invoiced: euros(10_000_00), PaidBefore: euros(0),
		Segments: []Segment{
			{From: "2026-05-01", To: "2026-06-30", Days: 61, Base: euros(10_000_00), Rate: "12.15", RateKind: RateECB, Published: "2.15", Margin: "10.00", InForce: "2026-01-01", Article: "C. com. art. L441-10, II", Amount: euros(203_05)},
			{From: "2026-07-01", To: "2026-08-31", Days: 62, Base: euros(10_000_00), Rate: "12.40", RateKind: RateECB, Published: "2.40", Margin: "10.00", InForce: "2026-07-01", Article: "C. com. art. L441-10, II", Amount: euros(210_63)},
		},
		Charged: euros(40_00), ChargedLaw: "C. com. art. L441-10, II and D441-5",
		Principal: euros(10_000_00), Interest: euros(413_68), Indemnity: euros(40_00),
	}
}

// consumerClaim has a payment and a credit note, and the legal rate from a
// notice.
func consumerClaim(invoice string) OwedClaim {
	return OwedClaim{
		Invoice: invoice, IssuedOn: "2025-09-01", DueOn: "2025-10-01", NoticeOn: "2025-11-14",
		Invoiced: euros(900_00), PaidBefore: euros(50_00),
		Segments: []Segment{
			{From: "2025-11-15", To: "2025-12-31", Days: 47, Base: euros(850_00), Rate: "2.76", RateKind: RateLegalOther, Published: "2.76", InForce: "2025-07-01", Article: "C. civ. art. 1231-6; CMF art. L313-2", Amount: euros(3_02)},
		},
		Movements: []Movement{
			{On: "2025-12-31", Kind: MovementPayment, Interest: euros(3_02), Principal: euros(96_98), Indemnity: euros(0)},
			{On: "2025-12-31", Kind: MovementCreditNote, Principal: euros(53_02), Interest: euros(0), Indemnity: euros(0)},
		},
		Charged: euros(0), Principal: euros(700_00), Interest: euros(0), Indemnity: euros(0),
	}
}

func owing(claims ...OwedClaim) Owed {
	o := Owed{On: "2026-08-31", GoodUntil: "2026-09-15", PerDay: euros(3_40), Claims: claims,
		Principal: euros(0), Interest: euros(0), Indemnity: euros(0)}
	for _, c := range claims {
		o.Principal, o.Interest, o.Indemnity = o.Principal.Add(c.Principal), o.Interest.Add(c.Interest), o.Indemnity.Add(c.Indemnity)
	}
	o.Total = money.Sum(o.Principal, o.Interest, o.Indemnity)
	return o
}

func aStatement(claims ...OwedClaim) Statement {
	return Statement{
		CaseReference: "AM 7K4P 9XWD 3", Agency: agency, Creditor: creditor, Debtor: debtor, FirstLetter: opening,
		IssuedAt: issued, Owed: owing(claims...), PageURL: "https://portail.accord.example/case",
	}
}

func TestAStatementShowsEverySegmentAndItsArticle(t *testing.T) {
	text := read(t, draw(t, "statement", aStatement(businessClaim("F-2026-118"), consumerClaim("F-2025-77")), locale.French))
	inOrder(t, text, "Décompte au 31 août 2026", "Reste à régler", "11 153,68 €", "jusqu’au mardi 15 septembre 2026", "environ 3,40 € par jour",
		"référence PL-2026-0412, envoyée le 2 novembre 2026",
		"Principal", "10 700,00 €", "Intérêts de retard", "413,68 €", "Indemnité fixe", "40,00 €", "0,00 €", "11 153,68 €",
		"Facture F-2026-118", "Verrière intérieure, posée le 3 mars 2026.", "10 000,00 €", "Indemnité fixe (C. com. art. L441-10, II et D441-5)", "10 453,68 €",
		"du 1er mai 2026 au 30 juin 2026", "61", "10 000,00 €", "12,15 %", "203,05 €",
		"Banque centrale européenne au 1er janvier 2026, 2,15 %, plus 10 points. C. com. art. L441-10, II.",
		"du 1er juillet 2026 au 31 août 2026", "62", "12,40 %", "210,63 €",
		"Facture F-2025-77", "mise en demeure reçue le 14 novembre 2025", "Déjà payé au créancier", "−50,00 €",
		"Paiement du 31 décembre 2025 (dont 3,02 € d’intérêts et 96,98 € de principal)", "−100,00 €",
		"Avoir du 31 décembre 2025", "−53,02 €", "700,00 €", "2,76 %", "Taux d’intérêt légal du semestre. C. civ. art. 1231-6; CMF art. L313-2.")
	inOrder(t, read(t, draw(t, "statement", aStatement(businessClaim("F-2026-118")), locale.English)),
		"Statement on 31 August 2026", "€10,453.68", "1 May 2026 to 30 June 2026", "61", "12.15%", "European Central Bank on 1 January 2026, 2.15%, plus 10 points. C. com. art. L441-10, II.",
		"€210.63", "Page 1 of 2")
}

func TestAStatementThatDoesNotCloseIsNotMade(t *testing.T) {
	for name, spoil := range map[string]func(*Statement){
		"a segment a cent dearer": func(s *Statement) { s.Owed.Claims[0].Segments[0].Amount = euros(203_06) },
		"a total a cent dearer":   func(s *Statement) { s.Owed.Total = s.Owed.Total.Add(euros(1)) },
		"a principal of its own":  func(s *Statement) { s.Owed.Principal = euros(1) },
		"a payment that vanished": func(s *Statement) { s.Owed.Claims[1].Movements = nil },
		"another currency":        func(s *Statement) { s.Owed.Claims[0].Charged = money.New(40_00, "USD") },
	} {
		s := aStatement(businessClaim("F-1"), consumerClaim("F-2"))
		spoil(&s)
		if _, err := s.PDF(locale.French); err == nil || !strings.Contains(err.Error(), "statement") {
			t.Errorf("%s: made (%v)", name, err)
		}
	}
	for mention, empty := range map[string]func(*Statement){
		"first letter's reference and date":       func(s *Statement) { s.FirstLetter = FirstLetterRef{} },
		"list of claims":                          func(s *Statement) { s.Owed = owing() },
		"article of the interest on invoice F-1":  func(s *Statement) { s.Owed.Claims[0].Segments[1].Article = "" },
		"article of the indemnity on invoice F-1": func(s *Statement) { s.Owed.Claims[0].ChargedLaw = "" },
		"due date of invoice F-2":                 func(s *Statement) { s.Owed.Claims[1].DueOn = "" },
		"creditor's name":                         func(s *Statement) { s.Creditor.Name = "" },
	} {
		s := aStatement(businessClaim("F-1"), consumerClaim("F-2"))
		empty(&s)
		lacks(t, s, mention)
	}
}

func TestALongStatementRunsOverPages(t *testing.T) {
	var claims []OwedClaim
	for i := range 11 {
		claims = append(claims, businessClaim(fmt.Sprintf("F-2026-%03d", i+1)))
	}
	text := read(t, draw(t, "statement-eleven", aStatement(claims...), locale.French))
	for _, c := range claims {
		inOrder(t, text, "Facture "+c.Invoice, "Reste à régler pour "+c.Invoice, "10 453,68 €", "210,63 €")
	}
	if !strings.Contains(text, "Page 2 sur") {
		t.Error("eleven invoices on one page?")
	}
}
