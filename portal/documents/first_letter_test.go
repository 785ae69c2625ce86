package documents

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"amiable/portal/locale"
)

func aFirstLetter(claims ...OwedClaim) FirstLetter {
	return FirstLetter{
		Reference: "PL-2026-0412", Date: "2026-11-02", CaseReference: "AM 7K4P 9XWD 3",
		Agency: agency, Collector: "third_party", AgentName: "Nadia Ferrand", Creditor: creditor, MandateOn: "2026-01-15",
		Debtor: debtor, Greeting: "Mme Vasseur", Owed: owing(claims...),
		Ways: Ways{
			Address: "portail.accord.example", Code: "7K4P9XWD3M", QR: "https://portail.accord.example/c/7K4P9XWD3M",
			Transfer: &Transfer{Holder: "Accord & Cie, fonds des créanciers", IBAN: "FR7630006000011234567890189", BIC: "AGRIFRPPXXX", Reference: "RF68AB2G5", Amount: owing(claims...).Total},
			ChequeTo: "Atelier Boréal SARL",
		},
		Data: DataNotice{Contact: "donnees@accord.example", Retention: "Nous les gardons tant que le dossier est ouvert, puis 30 jours ; les comptes, 10 ans.", URL: "https://portail.accord.example/data"},
	}
}

// CPCE R124-4, mention by mention, in the order in which it is read.
func TestTheFirstLetterHoldsEveryMention(t *testing.T) {
	text := read(t, draw(t, "letter-one", aFirstLetter(businessClaim("F-2026-118")), locale.French))
	inOrder(t, text,
		"Accord & Cie", "Recouvrement amiable de créances", "12 rue de la Paix-Notre-Dame", "69002 Lyon", "Siren 732 829 320", "05 36 49 12 30", // 1°
		"Maëlle Vasseur", "8 allée de l’Île-Mystérieuse", "44300 Nantes",
		"PL-2026-0412", "lundi 2 novembre 2026", "7K4P9 XWD3M", "Votre facture F-2026-118", "Bonjour Mme Vasseur,",
		"exerce une activité de recouvrement amiable",                             // 1°
		"Atelier Boréal SARL, 3 quai des Œuvres, 44000 Nantes", "15 janvier 2026", // 2°
		"10 453,68 €", "jusqu’au mardi 15 septembre 2026",
		"Principal", "10 000,00 €", "Intérêts de retard", "413,68 €", "Indemnité fixe", "40,00 €", "Frais de nos démarches", "0,00 €", // 3°
		"Nous vous demandons de payer la somme de 10 453,68 €",                                                                                                                                             // 4°
		"portail.accord.example", "7K4P9 XWD3M", "IBAN FR76 3000 6000 0112 3456 7890 189", "RF68 AB2G 5", "par chèque", "lisez ce code avec l’application de votre banque", "10 453,68 €, montant valable", // 4°
		"Vous n’êtes pas d’accord", "contester ne coûte rien", "en rappelant PL-2026-0412", "Ce courrier est-il bien réel", "Nadia Ferrand",
		"Facture F-2026-118", "12,15 %", "203,05 €", "C. com. art. L441-10, II", "210,63 €", // 3°
		"deuxième et troisième alinéas de l’article L111-8", L1118.Paragraphs[0], L1118.Paragraphs[1], // 5°
		"nous viennent du créancier, Atelier Boréal SARL", "donnees@accord.example", "CNIL",
	)
	english := read(t, draw(t, "letter-one", aFirstLetter(businessClaim("F-2026-118")), locale.English))
	inOrder(t, english, "Amicable debt collection", "Your invoice F-2026-118", "collects debts amicably", "Atelier Boréal SARL, 3 quai des Œuvres, 44000 Nantes",
		"€10,453.68", "We ask you to pay the sum of €10,453.68", "You disagree", L1118.Paragraphs[0], L1118.Paragraphs[1], "come from the creditor")
}

func TestTwoAndElevenClaims(t *testing.T) {
	two := aFirstLetter(consumerClaim("F-2025-77"), consumerClaim("F-2025-78"))
	two.Consumer, two.Greeting, two.Ways.Transfer, two.Ways.ChequeTo = true, "", nil, ""
	text := read(t, draw(t, "letter-two", two, locale.French))
	inOrder(t, text, "Vos 2 factures", "Bonjour,", "les 2 factures détaillées plus loin", "1 400,00 €", "Point conseil budget", "Facture F-2025-77", "Facture F-2025-78")
	if strings.Contains(text, "Indemnité fixe") || strings.Contains(text, "IBAN") || strings.Contains(text, "chèque") {
		t.Errorf("a consumer without a transfer reads of an indemnity, an IBAN or a cheque:\n%s", text)
	}

	var claims []OwedClaim
	for i := range 11 {
		claims = append(claims, businessClaim(fmt.Sprintf("F-2026-%03d", i+1)))
	}
	eleven := aFirstLetter(claims...)
	eleven.Debtor = Identity{
		Name:    "Société coopérative d’intérêt collectif des Menuiseries, Charpentes et Agencements de l’Estuaire et du Pays de Retz",
		Contact: "À l’attention de Mme Éloïse-Gwenaëlle de La Rochebrochard-Ouëdraogo",
		Street:  "Bâtiment C, 4e étage, porte 12\nZone artisanale des Hauts-de-Gesvres, 118 boulevard du Maréchal-Œuvrard", Postcode: "44118", City: "La Chevrolière", Country: "FR",
	}
	text = read(t, draw(t, "letter-eleven", eleven, locale.French))
	inOrder(t, text, "Éloïse-Gwenaëlle de La Rochebrochard-Ouëdraogo", "44118 La Chevrolière", "Vos 11 factures", "114 990,48 €", "Facture F-2026-011", L1118.Paragraphs[1], "CNIL")
	if !strings.Contains(text, "Page 7 sur 7") {
		t.Errorf("the last page does not say so: %s", text[max(0, len(text)-300):])
	}
}

func TestAFirstLetterWithoutAMentionIsNotMade(t *testing.T) {
	for mention, empty := range map[string]func(*FirstLetter){
		"reference":                             func(f *FirstLetter) { f.Reference = "" },
		"date":                                  func(f *FirstLetter) { f.Date = "" },
		"collector's name":                      func(f *FirstLetter) { f.Agency.Name = "\t" },
		"collector's address":                   func(f *FirstLetter) { f.Agency.City = "" },
		"collector's activity":                  func(f *FirstLetter) { f.Collector = "" },
		"collector's phone":                     func(f *FirstLetter) { f.Agency.Phone = "" },
		"name of who signs":                     func(f *FirstLetter) { f.AgentName = "" },
		"creditor's name":                       func(f *FirstLetter) { f.Creditor.Name = "" },
		"creditor's address":                    func(f *FirstLetter) { f.Creditor.Postcode = "" },
		"day of the mandate":                    func(f *FirstLetter) { f.MandateOn = "" },
		"debtor's name":                         func(f *FirstLetter) { f.Debtor.Name = "" },
		"debtor's address":                      func(f *FirstLetter) { f.Debtor.City = "" },
		"amount":                                func(f *FirstLetter) { f.Owed.Total = euros(0) },
		"day until which the sum is good":       func(f *FirstLetter) { f.Owed.GoodUntil = "" },
		"way to pay":                            func(f *FirstLetter) { f.Ways.Code = "" },
		"transfer's holder, IBAN and reference": func(f *FirstLetter) { f.Ways.Transfer = &Transfer{Holder: "x", IBAN: "y"} },
		"data-protection contact":               func(f *FirstLetter) { f.Data.Contact = "" },
		"day of the statement":                  func(f *FirstLetter) { f.Owed.On = "" },
		"list of claims":                        func(f *FirstLetter) { f.Owed.Claims = nil },
		"invoice number of a claim":             func(f *FirstLetter) { f.Owed.Claims[0].Invoice = "" },
		"article of the interest on invoice F-1": func(f *FirstLetter) {
			f.Owed.Claims[0].Segments[0].Article = ""
		},
	} {
		f := aFirstLetter(businessClaim("F-1"))
		empty(&f)
		lacks(t, f, mention)
	}
	withText := L1118
	defer func() { L1118 = withText }()
	L1118.Paragraphs = nil
	lacks(t, aFirstLetter(businessClaim("F-1")), "text of L111-8")
}

func TestAConsumerIsNeverAskedForAnIndemnity(t *testing.T) {
	f := aFirstLetter(businessClaim("F-1"))
	f.Consumer = true
	if _, err := f.PDF(locale.French); err == nil || !strings.Contains(err.Error(), "L441-10") {
		t.Errorf("made: %v", err)
	}
}

func TestALetterDoesNotGoOutToHalfAnAddress(t *testing.T) {
	f := aFirstLetter(businessClaim("F-1"))
	f.Debtor.Street = strings.Repeat("une ligne d’adresse\n", 12)
	if _, err := f.PDF(locale.French); err == nil || !strings.Contains(err.Error(), "window") {
		t.Errorf("made: %v", err)
	}
}

// The text of law is frozen: whoever changes it makes a new version.
func TestTheTextOfLawIsTheVersionItSays(t *testing.T) {
	const want = "dec16489f7a374fe8fddb2f57dce0217a530e367cd1fc8539eb68ad6d088dac5"
	if got := fmt.Sprintf("%x", sha256.Sum256([]byte(l1118))); got != want || L1118.Version != "2026-11" {
		t.Errorf("version %s of %s is now %s", L1118.Version, L1118.ID, got)
	}
}

func TestStrangeNamesAreDrawnNotObeyed(t *testing.T) {
	f := aFirstLetter(businessClaim("F-\r\n1 (2) \\ ** <b>"))
	f.Debtor.Name = "Zoë\u202e 😀 ** Łukasz\x00 Ōe"
	f.Agency.Name = strings.Repeat("Anticonstitutionnellement", 12)
	text := read(t, draw(t, "letter-strange", f, locale.French))
	inOrder(t, text, "Zoë ? * * Łukasz Ōe", "Votre facture F- 1 (2) \\ * * <b>")
}

func TestWhatCannotBePrintedIsNot(t *testing.T) {
	for typed, printed := range map[string]string{
		"Zo\u0065\u0308":              "Zoë", // composed
		"a\x00b\rc\td\u2028e":         "a b c d e",
		"right\u202eleft\u200d\ufeff": "rightleft",
		"😀 \U0010ffff \ufffd":         "? ? ?",
		"two\nlines":                  "two\nlines",
	} {
		if got := clean(typed); got != printed {
			t.Errorf("%q is printed as %q", typed, got)
		}
	}
	if got := plain("**bold** ***"); strings.Contains(got, "**") {
		t.Errorf("a value sets bold: %q", got)
	}
}
