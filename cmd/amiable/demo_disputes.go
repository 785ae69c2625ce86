package main

import (
	"errors"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// disputeStory is what the debtors of the story contest: one waits for the
// creditor, one for the debtor, and one is with the agency.
var disputeStory = []act{
	{"2026-11-03", func(t *teller) {
		t.contests("Menuiserie Falaise", 800_00, negotiation.GroundGoods, "Deux volets n’ont jamais été livrés.")
	}},
	{"2026-11-05", func(t *teller) {
		t.contests("Librairie Sans-Fin", 0, negotiation.GroundGoods, "Les présentoirs ne sont pas ceux de la commande.")
	}},
	{"2026-11-06", func(t *teller) {
		t.answersDispute("Menuiserie Falaise", negotiation.StepMaintains, 0, "Le bon de livraison du 18 avril porte les six volets, et il est signé.")
	}},
	{"2026-11-10", func(t *teller) {
		t.onDispute("Menuiserie Falaise", func(c *negotiation.Case, id string) error {
			return t.negotiation.ReplyToAnswer(t.ctx, debtor(c), c.ID, id, false, negotiation.Reply{Words: "La signature n’est pas la mienne : j’étais sur un autre chantier ce jour-là.", Language: "fr"})
		})
	}},
	{"2026-11-12", func(t *teller) {
		t.answersDispute("Librairie Sans-Fin", negotiation.StepPart, 120_00, "Deux présentoirs sur cinq sont d’un autre modèle, c’est exact. Nous y renonçons.")
	}},
	{"2026-11-17", func(t *teller) {
		t.onSheet("Menuiserie Falaise", negotiation.Sheet{Kind: negotiation.StepAgreedOn, Words: "Quatre volets sont posés et vont bien."})
		t.onSheet("Menuiserie Falaise", negotiation.Sheet{Kind: negotiation.StepContested, Words: "Deux volets étaient-ils dans le camion du 18 avril ?"})
		t.onSheet("Menuiserie Falaise", negotiation.Sheet{Kind: negotiation.StepWay, Way: negotiation.WayCorrected, Amount: money.Euros(400_00),
			Words: "Atelier Boréal livre les deux volets avant Noël et remet la moitié de leur prix pour le retard."})
	}},
	{"2026-11-19", func(t *teller) {
		t.contests("Oliver Brampton", 120_00, negotiation.GroundWrongAmount, "The bench was 245 euros in the shop, not 365.")
	}},
}

// contests opens a dispute on the first invoice of a debtor: all of it (0), or
// a sum.
func (t *teller) contests(who string, minor int64, ground negotiation.Ground, words string) {
	t.on(who, func(c *negotiation.Case) error {
		_, err := t.negotiation.OpenDispute(t.ctx, debtor(c), c.ID, negotiation.Contest{
			ClaimID: c.Claims[0].ID, Amount: money.Euros(minor), Ground: ground, Words: words, Language: c.MainParty().Person.Language,
		})
		return err
	})
}

// onDispute runs do on the last dispute of a debtor.
func (t *teller) onDispute(who string, do func(c *negotiation.Case, disputeID string) error) {
	t.on(who, func(c *negotiation.Case) error {
		list, err := t.negotiation.Disputes(t.ctx, operator, c)
		if err == nil && len(list) == 0 {
			err = errors.New("nothing is contested")
		}
		if err != nil {
			return err
		}
		return do(c, list[len(list)-1].ID)
	})
}

func (t *teller) answersDispute(who string, kind negotiation.StepKind, minor int64, words string) {
	t.onDispute(who, func(c *negotiation.Case, id string) error {
		return t.negotiation.AnswerDispute(t.ctx, t.decider(), c.ID, id, kind, negotiation.Reply{Amount: money.Euros(minor), Words: words, Language: "fr"})
	})
}

func (t *teller) onSheet(who string, line negotiation.Sheet) {
	t.onDispute(who, func(c *negotiation.Case, id string) error {
		return t.negotiation.WriteOnSheet(t.ctx, t.agent, c.ID, id, line)
	})
}
