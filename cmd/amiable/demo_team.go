package main

import (
	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/access"
)

// teamStory is how the agency's people share the work: cases have an agent,
// calls are logged, one promise was not kept and another is awaited, and one
// agent asks for a second look at what she may not give up alone.
var teamStory = []act{
	{"2026-11-02", func(t *teller) {
		t.gives("nadia", "Hugo Lambertin", "Menuiserie Falaise", "Claire Vasseur", "Librairie Sans-Fin", "Rosalie Quenouille")
		t.gives("malik", "Garage du Port", "Paul Écureuil", "Vélos Ricochet", "Imprimerie Écho", "Maëlys Corbin")
	}},
	{"2026-11-04", func(t *teller) {
		t.hearsPromise("nadia", "Hugo Lambertin", 60_00, "2026-11-10", "Il attend un remboursement de sa mutuelle.")
	}},
	{"2026-11-19", func(t *teller) {
		t.hearsPromise("malik", "Imprimerie Écho", 150_00, "2026-11-27", "Un client doit les régler d’ici là.")
	}},
	{"2026-11-20", func(t *teller) {
		t.onDispute("Menuiserie Falaise", func(c *negotiation.Case, id string) error {
			_, err := t.negotiation.AskApproval(t.ctx, t.team["nadia"], c.ID, negotiation.Approval{
				Act: negotiation.ActCredit, SubjectID: id, Amount: 400_00, Words: "Atelier Boréal renoncerait à la moitié du prix des deux volets. Les deux côtés y sont prêts.",
			})
			return err
		})
	}},
}

// gather lets two colleagues of the agency join: one who leads the team, one who
// gives up little alone.
func (t *teller) gather() {
	t.team = map[string]negotiation.Actor{}
	for _, who := range []struct {
		key, email, name string
		rights           access.AgentRights
	}{
		{"nadia", "nadia@agence-aubrelle.example.com", "Nadia Ferrand", access.AgentRights{GivesUpTo: 300_00}},
		{"malik", "malik@agence-aubrelle.example.com", "Malik Osei", access.AgentRights{Supervises: true}},
	} {
		_, user, err := t.join(t.ctx, who.email, who.name, "quai-ardoise-"+randomText(6), negotiation.RoleAgent, "")
		if !t.try(err) {
			return
		}
		if !t.try(t.access.SetAgentRights(t.ctx, t.agent, user.ID, who.rights)) {
			return
		}
		user.Supervises, user.GivesUpTo = who.rights.Supervises, who.rights.GivesUpTo
		t.team[who.key] = user.Actor()
	}
}

func (t *teller) gives(to string, debtors ...string) {
	for _, debtor := range debtors {
		t.on(debtor, func(c *negotiation.Case) error {
			return t.negotiation.Assign(t.ctx, t.agent, c.ID, negotiation.Assignee{ID: t.team[to].ID, Name: t.team[to].Name})
		})
	}
}

// hearsPromise is a debtor who calls, and says what they will pay by when.
func (t *teller) hearsPromise(who, debtor string, minor int64, on negotiation.Day, words string) {
	t.on(debtor, func(c *negotiation.Case) error {
		_, err := t.negotiation.LogCall(t.ctx, t.team[who], c.ID, negotiation.CallNote{
			PartyID: c.MainParty().ID, Inbound: true, Outcome: negotiation.CallPromised, Words: words, Promised: money.Euros(minor), PromisedOn: on,
		})
		return err
	})
}
