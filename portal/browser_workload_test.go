package portal_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"amiable/negotiation"
	"amiable/portal/access"
)

// workload gives an agent so many cases, each with a debtor who asks to be
// called, and everybody else one.
func (s *site) workload(u *access.User, n int) {
	s.t.Helper()
	var lines, refused bytes.Buffer
	lines.WriteString(header)
	for i := range n + 1 {
		fmt.Fprintf(&lines, "CRE-001,F-%03d,2026-03-03,2026-04-02,EUR,%d.00,0,consumer,Client Numéro%03d,,,,client%03d@example.test,0639980001,4 rue des Lilas,33000,Bordeaux,FR,fr,,MDT-1,Travaux\n", i, 100+i, i, i)
	}
	p, _, err := s.negotiation.Place(s.ctx, admin, negotiation.File{Name: "claims.csv", Body: &lines, Refused: &refused})
	s.must(err)
	if p.Refused > 0 {
		s.t.Fatalf("refused: %s", refused.String())
	}
	var ids []string
	s.must(s.db.Read(s.ctx).Table("cases").Order("id").Pluck("id", &ids).Error)
	for _, id := range ids {
		c := s.load(id)
		s.must(s.negotiation.RecordFirstLetter(s.ctx, admin, id, negotiation.FirstLetter{Reference: "PL-1", SentOn: "2026-11-06", Channel: "post", Proof: "bordereau 12"}))
		by := negotiation.Actor{Role: negotiation.RoleDebtor, ID: c.MainParty().ID, CaseID: id}
		_, err := s.negotiation.Wish(s.ctx, by, id, negotiation.Wish{Kind: negotiation.WishCallback, CallbackTo: "0639980001", CallbackWhen: "morning"})
		s.must(err)
	}
	given, err := s.negotiation.AssignMany(s.ctx, admin, ids[:n], negotiation.Assignee{ID: u.ID, Name: u.Name})
	s.must(err)
	if given != n {
		s.t.Fatalf("%d cases were given", given)
	}
}

// hands are an agent who has no mouse: every key is counted.
type hands struct {
	*tab
	pressed int
}

// strike presses keys that lead nowhere.
func (h *hands) strike(keys string) *hands {
	h.t.Helper()
	h.pressed += len([]rune(keys))
	h.key(keys)
	return h
}

// leads presses the key that opens a page.
func (h *hands) leads(key string) *hands {
	h.t.Helper()
	h.pressed++
	h.arrive(key, chromedp.KeyEvent(key))
	return h
}

// reach presses Tab until what bears a name has the focus, which can be seen
// at each stop.
func (h *hands) reach(name string, most int) *hands {
	h.t.Helper()
	var seen []string
	for range most {
		f := h.strike(kb.Tab).focus()
		if f.Tag == "body" || !f.Ring || !f.InWindow {
			h.t.Errorf("%s: the focus on %q (%s) cannot be seen", h.document, f.Name, f.Tag)
		}
		if strings.HasPrefix(f.Name, name) {
			return h
		}
		seen = append(seen, f.Name)
	}
	h.t.Fatalf("%s: %d times Tab come to %q, not to %q", h.document, most, seen, name)
	return h
}

// row is the row that the keyboard stands on, by its name.
func (h *hands) row() string {
	h.t.Helper()
	f := h.focus()
	if f.Tag != "a" || !f.Ring || !f.InWindow {
		h.t.Fatalf("%s: the keyboard stands at %+v, on no row that can be seen", h.document, f)
	}
	return strings.TrimSuffix(f.Name, " · Atelier Boréal SARL")
}

// An agent with three hundred cases comes to each of them, does what is next,
// finds the way back, narrows, keeps, seeks and gives, by key presses alone.
func TestBrowserThreeHundredCasesByKeyboardAlone(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		const cases, page = 300, 50
		b, u := s.invited(desk, "nadia@aubrelle.example", negotiation.RoleAgent, "")
		s.workload(u, cases)
		b.look = false // looking moves the focus
		b.enrol(u)
		h := &hands{tab: b.visit("/agent").sees("301 tâches vous attendent")}

		// The list is narrowed to one's own, and kept under a name.
		h.reach("Filtrer la liste", 30).strike("\r").reach("Suivi par", 1).strike(kb.ArrowDown).reach("Filtrer", 5).leads(kb.Enter).sees("300 tâches vous attendent")
		h.reach("Garder cette vue", 15).strike("Ma journée").leads(kb.Enter).sees("La vue est gardée", "Ma journée")
		h.visit("/agent")
		h.reach("Ma journée", 30).leads(kb.Enter).sees("300 tâches vous attendent").seesNot("Numéro300")
		t.Logf("narrowing, keeping and opening the view: %d keys", h.pressed)

		// Every row of every page, in order; j goes on to the next page.
		h.pressed = 0
		var order []string
		for i := range cases {
			if i > 0 && i%page == 0 {
				h.leads("j")
			}
			order = append(order, h.strike("j").row())
		}
		if once := slices.Compact(slices.Sorted(slices.Values(order))); len(once) != cases {
			t.Errorf("j came to %d cases of %d", len(once), cases)
		}
		t.Logf("going through %d rows: %d keys", cases, h.pressed)

		// From the last page a case is opened, its next step is done, and the
		// list is there again, where one was.
		h.strike("kkkkkkkkk")
		h.pressed = 0
		after := func(name string) string { return order[slices.Index(order, name)+1] }
		const done = 5
		for range done {
			name := h.row()
			h.leads(kb.Enter).at("…/calls/new").begins("Noter un appel").sees(name, "06 39 98 00 01")
			h.reach("Nous avons appelé", 6).reach("La personne a répondu", 2).strike(" ").leads(kb.Enter).sees("L’appel est noté")
			h.leads("u").at("/agent").begins("").seesNot(name)
			if next := h.strike("j").row(); next != after(name) {
				t.Errorf("after %s, j comes to %s", name, next)
			}
		}
		t.Logf("a call logged, from row to row: %d keys a case", h.pressed/done)

		// Looked at and left alone, a row stays, and j goes on behind it.
		name := h.row()
		h.leads(kb.Enter).leads("u")
		if next := h.strike("j").row(); next != after(name) {
			t.Errorf("after a look at %s, j comes to %s", name, next)
		}

		// What is sought is found, and opened; the list is still there.
		h.strike("/").strike("numero123").leads(kb.Enter).at("/agent/searches").sees("Client Numéro123")
		if f := h.strike("j").focus(); f.Name != "Client Numéro123" || !f.Ring {
			t.Errorf("j came to %+v in what was found", f)
		}
		h.leads(kb.Enter).at("/agent/cases/" + s.ofInvoice("F-123")).begins("Client Numéro123")
		h.leads("c").at("…/calls/new")
		h.leads("u").sees("Ma journée").seesNot("Numéro300")

		// Two are picked and given to nobody.
		h.strike("jxjxg")
		if f := h.focus(); f.Tag != "select" || !f.Ring || !f.InWindow {
			t.Errorf("g came to %+v", f)
		}
		h.strike(kb.End).reach("Donner", 1).leads(kb.Enter).sees("C’est donné", fmt.Sprintf("%d tâches vous attendent", cases-done-2))
		s.verify()
	})
}

// ofInvoice is the id of the case of an invoice.
func (s *site) ofInvoice(number string) string {
	s.t.Helper()
	found, err := s.negotiation.Find(s.ctx, admin, negotiation.Search{Text: number})
	s.must(err)
	if len(found) != 1 {
		s.t.Fatalf("found %d cases of invoice %s", len(found), number)
	}
	return found[0].ID
}
