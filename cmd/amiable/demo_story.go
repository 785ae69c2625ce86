package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/payments/stripe/sandbox"
	"amiable/portal/access"
	"amiable/portal/outreach"
)

// teller is the demo while its story is told: who acts, and the first thing
// that went wrong.
type teller struct {
	*demo
	ctx             context.Context
	agent, creditor negotiation.Actor
	team            map[string]negotiation.Actor // the agency's other people
	tokens          map[string]string            // of links, by debtor
	err             error
}

// act is one thing that happens on a day.
type act struct {
	on negotiation.Day
	do func(*teller)
}

// story is what happened before the visitor came. Every line is an act of the
// product, at its day.
var story = []act{
	{"2026-07-02", func(t *teller) { t.place("atelier-boreal-2026-07.csv") }},
	{"2026-07-02", (*teller).policy},
	{"2026-07-02", func(t *teller) { t.place("lenoir-2026-07.csv"); t.place("piscines-mirage-2026-07.csv") }},
	{"2026-07-06", (*teller).firstLetters},
	{"2026-07-09", (*teller).links},
	{"2026-07-15", func(t *teller) { t.byCard("Studio Hirondelle", 0) }},
	{"2026-07-20", func(t *teller) { t.elsewhere("Inès Caradec", 95_40, "2026-07-17", "VIR 7731") }},
	{"2026-07-28", func(t *teller) { t.byCard("Boulangerie des Nuages", 300_00) }},
	{"2026-08-03", func(t *teller) {
		t.hold("Vélos Ricochet", negotiation.Hold{Reason: negotiation.HoldMoved, Note: "NPAI le 31 juillet"})
	}},
	{"2026-08-05", func(t *teller) { t.proposes("Anatole Grenadier", monthly(10, "2026-08-17"), "") }}, // nobody answers
	{"2026-08-10", func(t *teller) { t.byCard("Hugo Lambertin", 60_00) }},
	{"2026-08-17", func(t *teller) { t.elsewhere("Café Parallèle", 400_00, "2026-08-14", "VIR 8102") }}, // more than owed
	{"2026-08-20", func(t *teller) { t.wrongEntry("Tea & Threads", 612_30, "CHQ 440012") }},
	{"2026-08-24", func(t *teller) { t.notMe("Paul Écureuil") }},
	{"2026-08-28", func(t *teller) { t.proposes("Rosalie Quenouille", monthly(4, "2026-09-05"), "") }},
	{"2026-09-01", func(t *teller) { t.withdraw("Atelier Girouette", "Réglé en travaux") }},
	{"2026-09-04", func(t *teller) { t.pays("Rosalie Quenouille") }},
	{"2026-09-10", func(t *teller) { t.byCard("Boulangerie des Nuages", 200_00) }},
	{"2026-09-14", func(t *teller) { t.lumpSum("Lucien Bruyère", "2026-09-30", 10) }},
	{"2026-09-15", func(t *teller) {
		t.hold("Jeanne Tilleul", negotiation.Hold{Reason: negotiation.HoldOverindebtednessAdmitted, Note: "Décision de recevabilité du 12 septembre", Proof: negotiation.Proof{Number: "000426018877"}})
	}},
	{"2026-09-21", func(t *teller) {
		t.hold("Transports Vague", negotiation.Hold{Reason: negotiation.HoldInsolvency, Note: "Redressement judiciaire", Proof: negotiation.Proof{Number: "Bodacc A n° 183 du 18 septembre 2026"}})
	}},
	{"2026-09-28", func(t *teller) { t.pays("Lucien Bruyère") }},
	{"2026-09-30", func(t *teller) { t.key("Yvette Marronnier") }},
	{"2026-10-01", func(t *teller) {
		t.hold("Yvette Marronnier", negotiation.Hold{Reason: negotiation.HoldDeceased, Note: "Appel de sa fille"})
	}},
	{"2026-10-05", func(t *teller) {
		t.wish("Hugo Lambertin", negotiation.WishPlan, "80 euros le 5 de chaque mois, dès novembre.")
	}},
	{"2026-10-05", func(t *teller) { t.pays("Rosalie Quenouille") }}, // and not in November
	{"2026-10-06", func(t *teller) {
		t.proposes("Salon Pampille", monthly(12, "2026-10-20"), "La saison reprend au printemps.")
	}},
	{"2026-10-08", func(t *teller) {
		t.rejects("Salon Pampille", "Douze mois sont trop longs pour nous. Six nous iraient.")
	}},
	{"2026-10-08", func(t *teller) { t.withdraw("Nina Ploquet", "Avoir accordé") }},
	{"2026-10-12", func(t *teller) { t.byCard("Sarah Quintin", 100_00) }},
	{"2026-10-20", func(t *teller) { t.byCard("Emily Stanhope", 150_00) }},
	{"2026-11-02", func(t *teller) { t.elsewhere("Fleurs d’Octobre", 250_00, "2026-10-30", "VIR 9920") }},
	{"2026-11-09", func(t *teller) { t.place("atelier-boreal-2026-11.csv") }},
	{"2026-11-10", func(t *teller) {
		t.overIndebted("Mathis Orvane", "J’ai déposé un dossier hier à la Banque de France.")
	}},
	{"2026-11-12", func(t *teller) {
		t.hold("Bistrot Lune", negotiation.Hold{Reason: negotiation.HoldBreathingSpace, UntilOn: "2026-12-15", Note: "Saison creuse"})
	}},
	{"2026-11-13", func(t *teller) { t.byCreditor("Traiteur Pistache") }},
	{"2026-11-16", func(t *teller) {
		t.hold("Maëlys Corbin", negotiation.Hold{Reason: negotiation.HoldVulnerable, Note: "Préfère qu’on l’appelle, le matin, et qu’on prenne son temps."})
	}},
	{"2026-11-17", func(t *teller) { t.readsSituation("Maëlys Corbin") }},
	{"2026-11-17", func(t *teller) {
		t.proposes("Céramiques Ondine", monthly(12, "2026-12-15"), "Un four neuf à amortir cette année.")
	}},
	{"2026-11-18", func(t *teller) { t.proposes("Verrerie Comète", monthly(8, "2026-12-10"), "") }},
	{"2026-11-19", func(t *teller) { t.byCard("Adrien Lesueur", 0) }},
	{"2026-11-19", func(t *teller) { t.counters("Céramiques Ondine", monthly(8, "2026-12-15")) }},
	{"2026-11-20", func(t *teller) { t.accepts("Verrerie Comète") }},
	{"2026-11-20", func(t *teller) {
		t.proposes("Clément Ardoise", monthly(10, "2026-12-05"), "Je commence un nouveau travail le 1er décembre.")
	}},
	{worldToday, (*teller).keys},
	{worldToday, func(t *teller) { t.lock("Lou Vanneau") }},
}

// keyring are the parties whose links the demo prints, with a word on each.
// Who is placed or watched only has no way in, here as in real life.
var keyring = []struct{ debtor, about string }{
	{"Garage du Port", "a firm, two invoices, nothing paid"},
	{"Claire Vasseur", "a consumer, nothing paid; writes with the agency and the creditor"},
	{"Oliver Brampton", "reads English; contests 120.00, the creditor answers until 26 November"},
	{"Boulangerie des Nuages", "paid in part, twice by card; the bank took the second back, for good"},
	{"Hugo Lambertin", "paid in part, would like instalments"},
	{"Emily Stanhope", "reads English; a wrong entry was reversed, then a part paid; wrote a message"},
	{"Clément Ardoise", "proposed ten instalments; the creditor answers until 25 November"},
	{"Céramiques Ondine", "has a counter-offer to answer: eight instalments"},
	{"Rosalie Quenouille", "in a plan: two instalments paid, the third late"},
	{"Verrerie Comète", "in a plan agreed some days ago, first instalment on 10 December"},
	{"Agathe Ormeau", "in a plan debited from an account: the third debit came back"},
	{"Marius Clairbois", "in a plan debited from an account: a debit is on its way"},
	{"Lucien Bruyère", "paid an agreed smaller sum: cleared"},
	{"Salon Pampille", "twelve instalments were refused; may propose again"},
	{"Anatole Grenadier", "an offer ended without an answer; may propose again"},
	{"Studio Hirondelle", "paid all by card, and some by transfer: what was too much was given back"},
	{"Inès Caradec", "paid all by transfer"},
	{"Café Parallèle", "paid more than owed"},
	{"Adrien Lesueur", "paid all by card some days ago"},
	{"Menuiserie Falaise", "contests 800.00 of it; the agency has proposed a way out"},
	{"Librairie Sans-Fin", "contested all of it; the creditor gave up a part, and the debtor answers"},
	{"Mathis Orvane", "declared over-indebtedness, thirty days of pause"},
	{"Jeanne Tilleul", "over-indebtedness admitted: paying is forbidden"},
	{"Transports Vague", "insolvency: paying is forbidden"},
	{"Bistrot Lune", "breathing space until 15 December"},
	{"Traiteur Pistache", "the creditor asked for a pause"},
	{"Maëlys Corbin", "vulnerable: only a person writes"},
	{"Vélos Ricochet", "moved, address unknown"},
	{"Paul Écureuil", "said not me: the link shows nothing"},
	{"Yvette Marronnier", "deceased: the link shows nothing"},
	{"Lou Vanneau", "five wrong tries: locked"},
	{"Atelier Girouette", "taken back by the creditor"},
	{"Nina Ploquet", "taken back by the creditor"},
	{"Imprimerie Écho", "asks for the invoice number; the creditor takes no cards, and no parts; a transfer was taken back by the bank"},
	{"Thomas Belleau", "the same, a consumer; a transfer found its case by its reference"},
	{"Fleurs d’Octobre", "the same, paid in part by transfer"},
	{"Gîte des Brumes", "asks for a mailed code"},
	{"Sarah Quintin", "the same, paid in part by card; the bank has taken it back, and waits for our answer"},
}

// live tells the story day by day, up to today.
func (d *demo) live(ctx context.Context) error {
	t := &teller{demo: d, ctx: ctx, tokens: map[string]string{}}
	t.begin()
	acts := slices.Concat(bankStory[:1], story, disputeStory, debitStory, messageStory, teamStory, backStory, bankStory[1:], payoutStory)
	slices.SortStableFunc(acts, func(a, b act) int { return strings.Compare(string(a.on), string(b.on)) })
	for _, a := range acts {
		t.until(a.on)
		if t.err == nil {
			a.do(t)
		}
		if t.err != nil {
			return fmt.Errorf("%s: %w", a.on, t.err)
		}
	}
	t.until(worldToday)
	return t.err
}

func (t *teller) try(err error) bool {
	if t.err == nil {
		t.err = err
	}
	return t.err == nil
}

// begin opens the accounts and lets the people of the story join.
func (t *teller) begin() {
	creditors, err := t.negotiation.Creditors(t.ctx)
	t.try(err)
	owner := ""
	for n := range creditors {
		c := &creditors[n]
		switch c.Reference {
		case "CRE-001":
			owner = c.ID
			t.try(t.connect(t.ctx, c, true))
		case "CRE-003":
			t.try(t.connect(t.ctx, c, true))
		}
	}
	if t.err != nil {
		return
	}
	var user *access.User
	t.state.Agent, user, err = t.join(t.ctx, "camille@agence-aubrelle.example.com", "Camille Roussel", "tilleul-quai-"+randomText(4), negotiation.RoleAdministrator, "")
	if t.try(err) {
		t.agent = user.Actor()
		t.gather()
	}
	t.state.Creditor, user, err = t.join(t.ctx, "ada@atelier-boreal.example.com", "Ada Boréal", "copeaux-rabot-"+randomText(4), negotiation.RoleCreditor, owner)
	if t.try(err) {
		t.creditor = user.Actor()
	}
}

// until walks to a day, doing what each day owes.
func (t *teller) until(day negotiation.Day) {
	if t.err == nil {
		_, err := t.walk(t.ctx, day)
		t.try(err)
	}
}

func (t *teller) place(file string) { t.try(t.demo.place(t.ctx, t.agent, file)) }

// on runs do on the case of a debtor.
func (t *teller) on(debtor string, do func(c *negotiation.Case) error) {
	if t.err != nil {
		return
	}
	c, err := t.caseOf(t.ctx, debtor)
	if err == nil {
		err = do(c)
	}
	if err != nil {
		t.err = fmt.Errorf("%s: %w", debtor, err)
	}
}

// placed runs do on every case in a state.
func (t *teller) placed(state negotiation.CaseState, do func(c *negotiation.Case) error) {
	found, err := t.negotiation.Find(t.ctx, operator, negotiation.Search{States: []negotiation.CaseState{state}, Limit: 500})
	if !t.try(err) {
		return
	}
	for _, f := range found {
		c, err := t.negotiation.Case(t.ctx, operator, f.ID)
		if err == nil {
			err = do(c)
		}
		if !t.try(err) {
			return
		}
	}
}

// firstLetters makes the first letters of everything placed, as one batch, and
// posts them.
func (t *teller) firstLetters() {
	var ids []string
	t.placed(negotiation.CasePlaced, func(c *negotiation.Case) error {
		ids = append(ids, c.ID)
		return nil
	})
	today, err := t.negotiation.Today(t.ctx)
	if !t.try(err) {
		return
	}
	batch, err := t.negotiation.OpenLetterBatch(t.ctx, t.agent, uuid.Must(uuid.NewV7()).String(), ids, today, t.baseURL)
	if !t.try(err) {
		return
	}
	order := negotiation.LetterOrder{Complete: outreach.CheckDraft, Carry: t.access.CarryCode}
	for made := 1; made > 0 && t.try(err); {
		made, err = t.negotiation.PrepareBatch(t.ctx, t.agent, batch.ID, len(ids), order)
	}
	posted, refused, err := t.negotiation.PostBatch(t.ctx, t.agent, batch.ID, today, "Bordereau La Poste "+string(today))
	if t.try(err) && (posted != len(ids) || len(refused) > 0) {
		t.try(fmt.Errorf("%d of %d first letters were posted; refused: %v", posted, len(ids), refused))
	}
}

func (t *teller) links() {
	t.placed(negotiation.CaseOpen, func(c *negotiation.Case) error {
		_, err := t.negotiation.SendLink(t.ctx, t.agent, c.ID, c.MainParty().ID)
		return err
	})
}

// debtor is the party itself, as it acts after its second check.
func debtor(c *negotiation.Case) negotiation.Actor {
	p := c.MainParty()
	return negotiation.Actor{Role: negotiation.RoleDebtor, ID: p.ID, Name: p.Person.Name, CaseID: c.ID}
}

// byCard pays on the sandbox's page, whole (0) or in part, and waits until the
// webhook has told of it.
func (t *teller) byCard(who string, minor int64) {
	t.on(who, func(c *negotiation.Case) error { return t.card(c, minor) })
}

func (t *teller) card(c *negotiation.Case, minor int64) error {
	order := payments.Order{Language: c.MainParty().Person.Language}
	if minor > 0 {
		order.Amount, order.Recognition = money.Euros(minor), negotiation.TextVersion
	}
	if _, err := t.payments.Start(t.ctx, debtor(c), c.ID, order); err != nil {
		return err
	}
	made, err := t.payments.OfCase(t.ctx, c.ID)
	if err != nil {
		return err
	}
	last := made[len(made)-1]
	if _, err := t.box.CompleteCheckout(*last.SessionID, sandbox.Card{Number: "4000002500000003", Name: c.MainParty().Person.Name}); err != nil {
		return err
	}
	if err := t.box.Quiesce(t.ctx); err != nil {
		return err
	}
	paid, err := t.payments.Of(t.ctx, operator, last.ID)
	if err == nil && paid.State != payments.Succeeded {
		err = fmt.Errorf("%w: it is %s", errNotPaid, paid.State)
	}
	return err
}

func (t *teller) elsewhere(who string, minor int64, on negotiation.Day, reference string) {
	t.on(who, func(c *negotiation.Case) error {
		by := t.agent
		if c.CreditorID == t.creditor.CreditorID {
			by = t.creditor
		}
		_, err := t.payments.RecordElsewhere(t.ctx, by, c.ID, payments.Elsewhere{Amount: money.Euros(minor), On: on, Means: "transfer", Reference: reference, Proof: "Relevé de " + string(on)})
		return err
	})
}

// wrongEntry records a payment on the wrong case and turns it round.
func (t *teller) wrongEntry(who string, minor int64, reference string) {
	t.on(who, func(c *negotiation.Case) error {
		today, err := t.negotiation.Today(t.ctx)
		if err != nil {
			return err
		}
		p, err := t.payments.RecordElsewhere(t.ctx, t.creditor, c.ID, payments.Elsewhere{Amount: money.Euros(minor), On: today, Means: "cheque", Reference: reference})
		if err != nil {
			return err
		}
		return t.payments.Reverse(t.ctx, t.creditor, p.ID, "Chèque d’un autre client")
	})
}

func (t *teller) hold(who string, h negotiation.Hold) {
	t.on(who, func(c *negotiation.Case) error {
		_, err := t.negotiation.PlaceHold(t.ctx, t.agent, c.ID, h)
		return err
	})
}

func (t *teller) byCreditor(who string) {
	t.on(who, func(c *negotiation.Case) error {
		_, err := t.negotiation.PlaceHold(t.ctx, t.creditor, c.ID, negotiation.Hold{Reason: negotiation.HoldCreditorRequest, UntilOn: "2027-01-15", Note: "Chantier commun en cours"})
		return err
	})
}

func (t *teller) withdraw(who, reason string) {
	t.on(who, func(c *negotiation.Case) error {
		return t.negotiation.Withdraw(t.ctx, t.creditor, c.ID, negotiation.Word{Why: reason})
	})
}

func (t *teller) wish(who string, kind negotiation.WishKind, words string) {
	t.on(who, func(c *negotiation.Case) error {
		_, err := t.negotiation.Wish(t.ctx, debtor(c), c.ID, negotiation.Wish{Kind: kind, Words: words})
		return err
	})
}

// link makes a way in and remembers it.
func (t *teller) link(who string, c *negotiation.Case) error {
	token, err := t.access.CreateLink(t.ctx, c.ID, c.MainParty().ID)
	t.tokens[who] = token
	return err
}

// notMe is said by whoever opened the letter; the link stops showing anything.
func (t *teller) notMe(who string) {
	t.on(who, func(c *negotiation.Case) error {
		if err := t.link(who, c); err != nil {
			return err
		}
		return t.access.NotMe(t.ctx, t.tokens[who], "unknown", "Je n’ai jamais rien acheté là.")
	})
}

// key makes a debtor's link now.
func (t *teller) key(who string) {
	t.on(who, func(c *negotiation.Case) error { return t.link(who, c) })
}

// keys makes the links that the demo prints, where there is none from before.
func (t *teller) keys() {
	for _, k := range keyring {
		t.on(k.debtor, func(c *negotiation.Case) error {
			if t.tokens[k.debtor] == "" {
				if err := t.link(k.debtor, c); err != nil {
					return err
				}
			}
			t.state.Debtors = append(t.state.Debtors, demoDebtor{CaseID: c.ID, Token: t.tokens[k.debtor], Check: answer(c), About: k.about})
			return nil
		})
	}
}

// lock gives wrong answers until a link locks.
func (t *teller) lock(who string) {
	const enough, neighbour = 5, "192.0.2.1" // an address of nobody (RFC 5737)
	for range enough {
		if _, err := t.access.CheckLink(t.ctx, t.tokens[who], "00000", neighbour); negotiation.AsRefusal(err) == nil {
			t.try(fmt.Errorf("%s: a wrong answer was not refused: %w", who, err))
			return
		}
	}
}
