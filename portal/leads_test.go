package portal_test

import (
	"strings"
	"testing"

	"amiable/negotiation"
)

// A letter's link leads, after the check, to the page it spoke of; what else is
// written behind it leads nowhere else.
func TestALettersLinkLeadsToItsPageAndNowhereElse(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(garage)
		link := s.linkTo(c, "compta@garage.example.test")
		ends := func(behind string) string {
			v := newVisitor(s).get(link + behind)
			v.submit("/l/", "answer", "99999") // a wrong answer does not forget where it led
			v.submit("/l/", "answer", "33000")
			return v.at.Path
		}
		if at := ends("?to=offer"); at != "/case" {
			t.Errorf("with no offer open it led to %s", at)
		}
		terms := negotiation.Terms{Instalments: 4, Every: negotiation.Monthly, FirstDueOn: "2026-12-05"}
		by := negotiation.Actor{Role: negotiation.RoleDebtor, ID: c.MainParty().ID, Name: "Garage du Port", CaseID: c.ID}
		out, err := s.negotiation.Propose(s.ctx, by, c.ID, negotiation.Proposal{Terms: terms, Recognition: negotiation.RecognitionText, Language: "fr", AskCreditor: true})
		s.must(err)
		for behind, want := range map[string]string{
			"": "/case", "?to=message": "/case/message", "?to=offer": "/case/offers/" + out.Offer.ID, "?to=instalments": "/case",
			"?to=https://evil.example": "/case", "?to=/creditor": "/case", "?to=//evil.example": "/case",
		} {
			if at := ends(behind); at != want {
				t.Errorf("%q led to %s, not %s", behind, at, want)
			}
		}
		creditor := negotiation.Actor{Role: negotiation.RoleCreditor, ID: "u", Name: "Ada Boréal", CreditorID: c.CreditorID, Decides: true}
		done, err := s.negotiation.AcceptOffer(s.ctx, creditor, c.ID, out.Offer.ID, negotiation.Assent{})
		s.must(err)
		if m := s.mailTo("compta@garage.example.test"); m == nil || !strings.Contains(m.Text, "?to=agreement") {
			t.Errorf("what was agreed was not told with a way to it: %+v", m)
		}
		for behind, want := range map[string]string{"?to=instalments": "/case/instalments", "?to=agreement": "/case/agreements/" + done.Plan.ID, "?to=offer": "/case"} {
			if at := ends(behind); at != want {
				t.Errorf("%q led to %s, not %s", behind, at, want)
			}
		}
	})
}
