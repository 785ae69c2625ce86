package main

import "amiable/negotiation"

// messageStory is what people write to each other: one thread runs between all
// three, with a private line in it; one waits for the agency, in English.
var messageStory = []act{
	{"2026-07-02", (*teller).templates},
	{"2026-11-17", func(t *teller) {
		t.writes("Claire Vasseur", debtor, negotiation.ToTheAgencyOnly, "fr", "Bonjour,\nle pied de la table est-il compris dans le prix ? Je ne le vois pas sur la facture.")
	}},
	{"2026-11-18", func(t *teller) {
		t.reads("Claire Vasseur", t.theAgent)
		t.writes("Claire Vasseur", t.theAgent, negotiation.ToCreditorOnly, "fr", "Votre cliente demande si le pied de la table est compris. Pouvez-vous me le dire, avec le devis ?")
		t.writes("Claire Vasseur", t.theAgent, negotiation.ToDebtorOnly, "fr", "Bonjour Madame,\nje pose la question à Atelier Boréal et je vous réponds ici cette semaine.")
	}},
	{"2026-11-19", func(t *teller) {
		t.reads("Claire Vasseur", debtor)
		t.reads("Claire Vasseur", t.theCreditor)
		t.writes("Claire Vasseur", t.theCreditor, negotiation.ToAll, "fr", "Le pied est compris : c’est la deuxième ligne de la facture, « piètement acier ».")
	}},
	{"2026-11-20", func(t *teller) {
		t.reads("Claire Vasseur", debtor)
		t.writes("Claire Vasseur", debtor, negotiation.ToAll, "fr", "Merci, j’ai trouvé. Puis-je régler le reste après le 5 décembre ?")
	}},
	{"2026-11-20", func(t *teller) {
		t.writes("Emily Stanhope", debtor, negotiation.ToTheAgencyOnly, "en", "Hello,\ncould you send me the receipt of my last payment in English?")
	}},
}

// templates are the texts that the agents of the story begin with.
func (t *teller) templates() {
	for _, m := range []negotiation.MessageTemplate{
		{
			Name:    "Bien reçu",
			WordsFR: "Bonjour [client],\n\nmerci de votre message. Je me renseigne et vous réponds ici sous deux jours ouvrés. D’ici là, aucun rappel ne part.\n\n[conseiller], [agence]",
			WordsEN: "Dear [debtor],\n\nthank you for your message. I look into it and answer here within two working days. Until then, no reminder leaves.\n\n[agent], [agency]",
		},
		{
			Name:    "Où en est le dossier",
			WordsFR: "Bonjour [client],\n\nil reste [reste] à régler à [créancier] (dossier [dossier]). Vous pouvez régler en une ou plusieurs fois depuis votre dossier, ou m’appeler au [téléphone].\n\n[conseiller], [agence]",
			WordsEN: "Dear [debtor],\n\n[left] is left to pay to [creditor] (file [reference]). You can pay at once or in several times from your file, or call me on [phone].\n\n[agent], [agency]",
		},
		{Name: "Demande de pièces au créancier", WordsFR: "Bonjour,\n\npour le dossier [dossier], pouvez-vous nous transmettre le devis et le bon de livraison signés ?\n\n[conseiller], [agence]"},
	} {
		if t.err == nil {
			_, err := t.negotiation.SaveTemplate(t.ctx, t.agent, m)
			t.try(err)
		}
	}
}

func (t *teller) theAgent(*negotiation.Case) negotiation.Actor    { return t.agent }
func (t *teller) theCreditor(*negotiation.Case) negotiation.Actor { return t.decider() }

// writes adds to the thread of a debtor's case.
func (t *teller) writes(who string, by func(*negotiation.Case) negotiation.Actor, to negotiation.Audience, language, words string) {
	t.on(who, func(c *negotiation.Case) error {
		_, err := t.negotiation.PostMessage(t.ctx, by(c), c.ID, negotiation.Write{Audience: to, Words: words, Language: language})
		return err
	})
}

// reads opens the thread of a debtor's case.
func (t *teller) reads(who string, by func(*negotiation.Case) negotiation.Actor) {
	t.on(who, func(c *negotiation.Case) error {
		thread, err := t.negotiation.Thread(t.ctx, by(c), c)
		if err != nil {
			return err
		}
		return t.negotiation.MarkRead(t.ctx, by(c), thread)
	})
}
