package portal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"amiable/negotiation"
)

// An agent goes through the day without a mouse: along the rows, into one, back
// to where they were; what is picked is given, what is sought is found.
func TestBrowserAnAgentsDayByKeyboardAlone(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		claire, port := s.openCase(vasseur), s.openCase(garage)
		for i := range 3 {
			s.wishes(claire, fmt.Sprintf("Question %d", i))
		}
		s.wishes(port, "Bonjour")
		b, u := s.invited(desk, "nadia@aubrelle.example", negotiation.RoleAgent, "")
		b.look = false // looking moves the focus
		b.enrol(u)
		b.visit("/agent").sees("4 tâches vous attendent")
		row := func() string {
			return evaluate[string](b, `JSON.stringify((document.querySelector("li.at") || {id: ""}).id)`)
		}
		b.key("j")
		first := row()
		if f := b.focus(); first == "" || f.Tag != "a" || !strings.HasPrefix(f.Name, "Claire Vasseur") || !f.Ring {
			t.Errorf("j came to %+v in row %q", f, first)
		}
		b.key("j")
		second := row()
		b.key("k")
		if row() != first || second == first {
			t.Errorf("k came to %q, not %q", row(), first)
		}
		b.key("j").enter().at("/agent/cases/" + claire.ID)
		b.arrive("u", chromedp.KeyEvent("u")).at("/agent")
		b.key("j")
		if row() == first || row() == second {
			t.Errorf("back on the list, j begins again at %q", row())
		}
		b.key("x").key("j").key("x")
		b.tabTo("Donner à").tabTo("Donner").enter().at("/agent").sees("C’est donné")
		if s.load(claire.ID).AgentID != u.ID || s.load(port.ID).AgentID != u.ID {
			t.Error("what was picked was not given")
		}
		b.key("/")
		if f := b.focus(); f.Tag != "input" {
			t.Errorf("/ came to %+v", f)
		}
		b.key("garage por").enter().at("/agent/searches").sees("Garage du Port").seesNot("Claire Vasseur")
		b.visit("/agent/cases/" + port.ID)
		b.arrive("c", chromedp.KeyEvent("c")).at("/agent/cases/" + port.ID + "/calls/new").sees("Noter un appel")
		s.verify()
	})
}
