package access

import (
	"fmt"
	"testing"

	"amiable/negotiation"
)

func TestWhatAnAgentMayDoIsSetByAnAdministrator(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ana := w.user(Invitation{Email: "ana@agence.example", Role: negotiation.RoleAgent})
		chief := w.user(Invitation{Email: "chef@agence.example", Role: negotiation.RoleAdministrator})
		carl := w.colleague("carl@boreal.example", nil)
		rights := AgentRights{Supervises: true, GivesUpTo: 300_00}
		w.refused(w.SetAgentRights(w.ctx, ana.Actor(), chief.ID, rights), "not_your_role")
		w.refused(w.SetAgentRights(w.ctx, chief.Actor(), chief.ID, rights), "not_yourself")
		w.refused(w.SetAgentRights(w.ctx, chief.Actor(), carl.ID, rights), "not_found")
		w.refused(w.SetAgentRights(w.ctx, chief.Actor(), ana.ID, AgentRights{GivesUpTo: -5}), "amount_not_positive")
		w.must(w.SetAgentRights(w.ctx, chief.Actor(), ana.ID, rights))
		u, err := w.User(w.ctx, ana.ID)
		w.must(err)
		if a := u.Actor(); !a.Leads() || a.GivesUpTo != 300_00 || u.Rights() != rights {
			t.Errorf("%+v", a)
		}
		team, err := w.Team(w.ctx, ana.Actor())
		w.must(err)
		if len(team) != 2 {
			t.Errorf("%d are of the team", len(team))
		}
		_, err = w.Team(w.ctx, carl.Actor())
		w.refused(err, "not_your_role")
	})
}

func TestAViewIsKeptUnderItsNameAndIsNobodyElses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ana := w.user(Invitation{Email: "ana@agence.example", Role: negotiation.RoleAgent})
		bob := w.user(Invitation{Email: "bob@agence.example", Role: negotiation.RoleAgent})
		by := ana.Actor()
		w.refused(w.SaveView(w.ctx, by, "  ", "who=me"), "name_missing")
		w.must(w.SaveView(w.ctx, by, "Mes  dossiers", "who=me"))
		w.must(w.SaveView(w.ctx, by, "Mes dossiers", "who=me&due=late"))
		views, err := w.SavedViews(w.ctx, by)
		w.must(err)
		if len(views) != 1 || views[0].Query != "due=late&who=me" && views[0].Query != "who=me&due=late" {
			t.Fatalf("%+v", views)
		}
		w.must(w.DropView(w.ctx, bob.Actor(), views[0].ID))
		if theirs, err := w.SavedViews(w.ctx, bob.Actor()); err != nil || len(theirs) != 0 {
			t.Errorf("%v %v", theirs, err)
		}
		for i := range 19 {
			w.must(w.SaveView(w.ctx, by, fmt.Sprint("Vue ", i), "who=me"))
		}
		w.refused(w.SaveView(w.ctx, by, "Une de trop", "who=me"), "views_enough")
		w.must(w.DropView(w.ctx, by, views[0].ID))
		if mine, err := w.SavedViews(w.ctx, by); err != nil || len(mine) != 19 {
			t.Errorf("%d are left (%v)", len(mine), err)
		}
	})
}
