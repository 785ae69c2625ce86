package documents

import (
	"strings"
	"testing"

	"amiable/portal/locale"
)

func anOutcome() Outcome {
	return Outcome{
		Number: "AM 7K4P 9XWD 3-C1-1", CaseReference: "AM 7K4P 9XWD 3", Agency: agency, Creditor: creditor, Debtor: debtor, FirstLetter: opening,
		Invoice: "F-2026-118", Ground: "goods_or_service", How: "agreed", EndedOn: "2026-11-20", EndedAt: issued, Credited: euros(210_00), Owed: euros(1_017_60),
		Words: "Chacun fait un pas.\n\nLa charnière est changée.", Who: "Nadia Ferrand",
		ChainHead: "0f1e2d3c4b5a69788796a5b4c3d2e1f0", PageURL: "https://portail.accord.example/case/disputes/1/outcome?round=1",
	}
}

func TestAnOutcomeLetterSaysHowItEndedAndWhy(t *testing.T) {
	text := read(t, draw(t, "outcome", anOutcome(), locale.French))
	inOrder(t, text, "Issue de la contestation n° AM 7K4P 9XWD 3-C1-1", "Atelier Boréal SARL et Maëlle Vasseur ont dit oui à une même solution", "210,00 €",
		"Reste à régler au 20 novembre 2026", "1 017,60 €", "F-2026-118", "L’article ou le travail", "20 novembre 2026", "référence PL-2026-0412",
		"Pourquoi, avec les mots de Nadia Ferrand", "Chacun fait un pas.", "La charnière est changée.", "en une ou plusieurs fois", "rouvrir la contestation",
		"Empreinte du dossier à cette date : 0f1e2d3c4b5a6978.", "Dossier AM 7K4P 9XWD 3")
	if strings.Contains(text, "8796a5b4") {
		t.Error("more than 16 digits of the chain's head are shown")
	}
	inOrder(t, read(t, draw(t, "outcome", anOutcome(), locale.English)), "Outcome of dispute no. AM 7K4P 9XWD 3-C1-1", "said yes to the same way out", "€210.00", "€1,017.60", "Why, in the words of Nadia Ferrand")
	upheld := anOutcome()
	upheld.How, upheld.Owed, upheld.Words, upheld.Who = "upheld", euros(0), "", ""
	text = read(t, draw(t, "outcome-upheld", upheld, locale.French))
	inOrder(t, text, "donne raison à Maëlle Vasseur", "0,00 €", "Il ne reste rien à régler")
	if strings.Contains(text, "Pourquoi") {
		t.Error("it says why where nobody did")
	}
	for mention, empty := range map[string]func(*Outcome){
		"debtor's name":                     func(o *Outcome) { o.Debtor.Name = "" },
		"invoice":                           func(o *Outcome) { o.Invoice = " " },
		"how it ended":                      func(o *Outcome) { o.How = "opened" },
		"day it ended":                      func(o *Outcome) { o.EndedOn = "" },
		"whose words they are":              func(o *Outcome) { o.Who = "" },
		"first letter's reference and date": func(o *Outcome) { o.FirstLetter.Reference = "" },
	} {
		without := anOutcome()
		empty(&without)
		lacks(t, without, mention)
	}
}
