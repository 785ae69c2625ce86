package sandbox

import "fmt"

// phrase is a text in the two languages of the pages. What is left to the
// caller stands as %s in both, in the same order.
type phrase struct{ fr, en string }

// say returns a phrase. One that is missing shows its key, which a test forbids.
func say(lang, key string, args ...any) string {
	p, known := phrases[key]
	if !known {
		return key
	}
	text := p.en
	if lang == "fr" {
		text = p.fr
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

var phrases = map[string]phrase{
	"banner":  {"Bac à sable\u00a0: aucune vraie carte, aucun argent.", "Sandbox: no real card, no money."},
	"skip":    {"Aller au contenu", "Skip to the content"},
	"wrong.1": {"Un point à corriger", "One thing to correct"},
	"wrong":   {"%d points à corriger", "%d things to correct"},
	"error":   {"Erreur\u00a0:", "Error:"},

	"nothing.title":     {"Il n’y a rien ici", "There is nothing here"},
	"nothing.text":      {"Cette adresse ne mène à rien dans ce bac à sable. Il garde tout en mémoire\u00a0: peut-être a-t-il redémarré depuis.", "This address leads nowhere in this sandbox. It keeps everything in memory, so it may have been restarted since."},
	"form.unread.title": {"Ce formulaire n’a pas pu être lu", "This form could not be read"},
	"form.unread.text":  {"Rien n’a été payé ni changé. Revenez à la page et recommencez.", "Nothing was paid or changed. Go back to the page and try again."},
	"forbidden.title":   {"Pas d’ici", "Not from here"},

	"till.pay":          {"Payer %s", "Pay %s"},
	"till.save":         {"Enregistrer une carte pour %s", "Save a card for %s"},
	"till.due":          {"Ce que vous réglez", "What you are paying"},
	"till.quantity":     {"%d × %s", "%d × %s"},
	"till.total":        {"Total", "Total"},
	"till.nothing_due":  {"Aujourd’hui, rien n’est débité.", "Nothing is taken today."},
	"till.back":         {"Revenir sans payer", "Go back without paying"},
	"till.back.setup":   {"Revenir sans enregistrer", "Go back without saving"},
	"till.until":        {"Cette page est ouverte jusqu’au %s. Après, elle se ferme et rien n’est débité.", "This page is open until %s. After that it closes, and nothing is taken."},
	"till.choose":       {"Choisissez une carte d’essai", "Choose a test card"},
	"till.choose.hint":  {"Un clic remplit le formulaire. Rien n’est payé avant le bouton du bas.", "One click fills the form. Nothing is paid before the button at the end."},
	"till.more":         {"Les autres cartes d’essai (%d)", "The other test cards (%d)"},
	"till.chosen":       {"choisie", "chosen"},
	"till.wallet":       {"Portefeuille du téléphone", "Phone wallet"},
	"till.wallet.apple": {"Apple Pay, carte d’essai", "Apple Pay, test card"},
	"till.wallet.google": {"Google Pay, carte d’essai",
		"Google Pay, test card"},
	"till.card":        {"Carte", "Card"},
	"till.email":       {"Adresse électronique", "Email address"},
	"till.email.hint":  {"Inventée, elle aussi\u00a0: rien n’y est envoyé.", "Invented as well: nothing is sent there."},
	"till.number":      {"Numéro de la carte d’essai", "Number of the test card"},
	"till.number.hint": {"Jamais celui d’une vraie carte.", "Never that of a real card."},
	"till.expiry":      {"Expire fin", "Expires"},
	"till.expiry.hint": {"MM/AA", "MM/YY"},
	"till.cvc":         {"Cryptogramme", "Security code"},
	"till.cvc.hint":    {"3 chiffres, au choix", "3 digits, any"},
	"till.name":        {"Nom sur la carte", "Name on the card"},
	"till.iban":        {"Prélèvement SEPA", "SEPA debit"},
	"till.iban.field":  {"IBAN d’essai", "Test IBAN"},
	"till.iban.hint":   {"Seulement un IBAN de cette liste\u00a0:", "Only an IBAN of this list:"},
	"till.iban.pay":    {"Autoriser un prélèvement de %s", "Authorise a debit of %s"},
	"till.iban.save":   {"Autoriser les prélèvements", "Authorise debits"},
	"till.iban.ok":     {"est payé", "is paid"},
	"till.iban.fails":  {"est refusé par la banque", "is refused by the bank"},
	"till.iban.later":  {"après 3 minutes", "after 3 minutes"},
	"till.submit":      {"Payer %s", "Pay %s"},
	"till.submit.save": {"Enregistrer cette carte", "Save this card"},
	"till.future":      {"En continuant, vous permettez à %s de débiter cette carte pour les échéances à venir.", "By going on you let %s charge this card for payments to come."},
	"till.pending":     {"Votre banque attend encore votre réponse.", "Your bank is still waiting for your answer."},
	"till.pending.go":  {"Répondre à ma banque", "Answer my bank"},
	"till.pending.or":  {"Vous pouvez aussi payer autrement, ci-dessous.", "You can also pay in another way, below."},
	"till.declined":    {"La carte a été refusée", "The card was declined"},
	"till.try":         {"Rien n’a été débité. Vous pouvez essayer une autre carte.", "Nothing was taken. You can try another card."},

	"till.bad.number":        {"Indiquez un numéro de carte d’essai.", "Give the number of a test card."},
	"till.bad.number.listed": {"Ce numéro n’est pas celui d’une carte d’essai. Il n’a pas été gardé\u00a0; n’entrez jamais ici une vraie carte.", "This is not the number of a test card. It was not kept; never enter a real card here."},
	"till.bad.expiry":        {"Écrivez le mois et l’année, par exemple 12/34.", "Write the month and the year, for example 12/34."},
	"till.bad.expired":       {"Cette date est passée. L’horloge du bac à sable est au %s.", "This date has passed. The sandbox clock stands at %s."},
	"till.bad.far":           {"Cette date est trop lointaine.", "This date is too far away."},
	"till.bad.cvc":           {"Écrivez %d chiffres.", "Write %d digits."},
	"till.bad.name":          {"Indiquez un nom, même inventé.", "Give a name, an invented one will do."},
	"till.bad.email":         {"Il manque une adresse comme claire@example.com.", "Give an address such as claire@example.com."},
	"till.bad.iban":          {"Cet IBAN n’est pas dans la liste. Il n’a pas été gardé\u00a0; n’entrez jamais ici un vrai compte.", "This IBAN is not in the list. It was not kept; never enter a real account here."},
	"till.bad.method":        {"Ce moyen de paiement n’est pas offert ici.", "This way of paying is not offered here."},

	"done.title":    {"C’est déjà fait", "This is done already"},
	"done.paid":     {"Le paiement de %s est enregistré. Il ne peut pas être fait deux fois.", "The payment of %s is recorded. It cannot be made twice."},
	"done.debit":    {"Le prélèvement de %s est en route.", "The debit of %s is under way."},
	"done.saved":    {"La carte est enregistrée.", "The card is saved."},
	"done.on":       {"Continuer", "Continue"},
	"expired.title": {"Cette page s’est fermée", "This page has closed"},
	"expired.text":  {"Rien n’a été débité. Pour payer, repartez de là d’où vous venez\u00a0: une nouvelle page s’ouvrira.", "Nothing was taken. To pay, start again from where you came: a new page will open."},
	"expired.back":  {"Revenir", "Go back"},

	"proof.title":        {"Votre banque veut savoir si c’est vous", "Your bank asks whether this is you"},
	"proof.lead":         {"C’est l’étape 3-D Secure. Jouez le rôle de la banque\u00a0:", "This is the 3-D Secure step. Play the bank:"},
	"proof.amount":       {"Montant", "Amount"},
	"proof.amount.none":  {"Aucun\u00a0: la carte est enregistrée", "None: the card is being saved"},
	"proof.card":         {"Carte", "Card"},
	"proof.ends":         {"%s, se termine par %s", "%s, ending in %s"},
	"proof.for":          {"Demandé par", "Asked by"},
	"proof.approve":      {"C’est moi, j’accepte", "It is me, I accept"},
	"proof.fail":         {"Ce n’est pas moi\u00a0: refuser", "It is not me: refuse"},
	"proof.abandon":      {"Partir sans répondre", "Leave without answering"},
	"proof.abandon.hint": {"Le paiement reste alors en attente, comme lorsqu’on ferme son téléphone.", "The payment then keeps waiting, as when one puts the phone away."},
	"proof.over.title":   {"Cette demande est close", "This request is closed"},
	"proof.over.text":    {"La banque n’attend plus de réponse.", "The bank is not waiting for an answer any more."},
	"proof.yes.title":    {"La banque a accepté", "The bank has accepted"},
	"proof.yes.text":     {"Vous pouvez fermer cette page.", "You can close this page."},
	"proof.no.title":     {"La banque a refusé", "The bank has refused"},
	"proof.no.text":      {"Rien n’a été débité. Vous pouvez fermer cette page.", "Nothing was taken. You can close this page."},
	"proof.left.title":   {"Sans réponse", "No answer"},
	"proof.left.text":    {"Vous êtes parti sans répondre. La demande reste ouverte.", "You left without answering. The request stays open."},

	"join.title":                  {"Recevoir les paiements", "Receive payments"},
	"join.lead":                   {"%s doit donner ce qui suit avant de pouvoir être payé. Rien n’est vérifié, tout peut être inventé.", "%s has to give the following before it can be paid. Nothing is checked, everything may be invented."},
	"join.nobody":                 {"Ce compte", "This account"},
	"join.due":                    {"Ce qui manque", "What is missing"},
	"join.none":                   {"Rien ne manque. Ce compte peut recevoir des paiements.", "Nothing is missing. This account can receive payments."},
	"join.kind":                   {"Forme", "Kind of business"},
	"join.kind.company":           {"Société", "Company"},
	"join.kind.individual":        {"Personne physique", "Individual"},
	"join.kind.non_profit":        {"Association", "Non-profit"},
	"join.kind.government_entity": {"Organisme public", "Public body"},
	"join.mcc":                    {"Code d’activité (MCC)", "Activity code (MCC)"},
	"join.mcc.hint":               {"4 chiffres, par exemple 7399", "4 digits, for example 7399"},
	"join.url":                    {"Site", "Website"},
	"join.url.hint":               {"Par exemple https://example.com", "For example https://example.com"},
	"join.bank":                   {"Compte bancaire d’essai (IBAN)", "Test bank account (IBAN)"},
	"join.bank.hint":              {"Seul celui-ci est accepté\u00a0: %s", "Only this one is accepted: %s"},
	"join.terms":                  {"J’accepte les conditions de ce bac à sable.", "I accept the terms of this sandbox."},
	"join.document":               {"Une pièce d’identité inventée est fournie.", "An invented identity document is provided."},
	"join.other":                  {"%s\u00a0: fourni", "%s: provided"},
	"join.submit":                 {"Tout donner et activer", "Give everything and enable"},
	"join.leave":                  {"Partir sans finir", "Leave unfinished"},
	"join.restrict":               {"Faire échouer la vérification", "Fail the check"},
	"join.restrict.hint":          {"Le compte est alors restreint\u00a0: il ne peut plus être payé.", "The account is then restricted: it can no longer be paid."},
	"join.bad.kind":               {"Choisissez une forme.", "Choose a kind."},
	"join.bad.mcc":                {"Écrivez 4 chiffres.", "Write 4 digits."},
	"join.bad.url":                {"Écrivez une adresse qui commence par https://", "Write an address that begins with https://"},
	"join.bad.bank":               {"Seul l’IBAN d’essai est accepté\u00a0; celui-ci n’a pas été gardé.", "Only the test IBAN is accepted; this one was not kept."},
	"join.bad.tick":               {"Cochez cette case pour continuer.", "Tick this box to go on."},
	"join.spent.title":            {"Ce lien a déjà servi", "This link was used already"},
	"join.spent.text":             {"Un lien d’inscription s’ouvre une fois, pendant quelques minutes. Demandez-en un autre là d’où vous venez.", "An onboarding link opens once, for some minutes. Ask for another where you came from."},
	"join.wrong":                  {"Rien n’a été enregistré.", "Nothing was recorded."},
	"board.title":                 {"Votre compte", "Your account"},
	"board.enabled":               {"Ce compte peut recevoir des paiements.", "This account can receive payments."},
	"board.restricted":            {"Ce compte ne peut pas recevoir de paiements.", "This account cannot receive payments."},
	"board.available":             {"Disponible", "Available"},
	"board.pending":               {"En attente", "Pending"},
	"board.empty":                 {"Aucun paiement n’est encore arrivé.", "No payment has come yet."},
	"control.title":               {"Commandes du bac à sable", "Controls of the sandbox"},
}
