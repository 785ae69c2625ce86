package page

import "strings"

func (w world) site() []Specimen {
	public := func(path string) Base {
		b := w.base(path)
		b.FirstLetter = nil
		return b
	}
	problem := func(status int) *Error {
		return &Error{Base: public("/case"), Status: status, HomeURL: "/case", RequestID: "0f3a-91c2"}
	}
	kept, paying, refused, staff := problem(500), problem(500), problem(422), problem(403)
	kept.Kept, kept.RetryURL = true, "/case"
	paying.Paying = true
	refused.Text = w.say("Cette proposition a déjà sa réponse.", "This proposal already has its answer.")
	staff.Staff = true
	named := public("/rights")
	named.Agency.ConsumerMediator = "Médiation Conso Ouest, 3 rue des Halles, 44000 Nantes"
	all := []Specimen{
		{In: "shown", Page: &Home{Base: public("/")}},
		{In: "with the check of a code", Page: &Home{Base: public("/"), CanCheck: true}},
		{In: "shown", Page: &Real{Base: public("/is-it-real"), Agent: w.nadia()}},
		{In: "with the check of a code", Page: &Real{Base: public("/is-it-real"), Agent: w.nadia(), CanCheck: true}},
		{In: "shown", Page: &Rights{Base: public("/rights")}},
		{In: "mediator named", Page: &Rights{Base: named}},
		{In: "shown", Page: &Help{Base: public("/help")}},
		{In: "shown", Page: &Data{Base: public("/your-data")}},
		{In: "shown", Page: &Accessibility{Base: public("/accessibility")}},
		{In: "500, entry kept", Page: kept},
		{In: "500, after paying", Page: paying},
		{In: "422, in words", Page: refused},
		{In: "staff, 403", Page: staff},
	}
	for _, status := range []int{403, 404, 405, 413, 422, 429, 500, 503, 418} {
		all = append(all, Specimen{In: w.lang.Number(int64(status)), Page: problem(status)})
	}
	return all
}

// staffBase is the base of a console's page.
func (w world) staffBase(console, current, path string) StaffBase {
	b := w.base(path)
	b.FirstLetter = nil
	s := StaffBase{Base: b, Console: console, Current: current, Who: "Camille Roussel", Org: atelier,
		Counts: map[string]int{"home": 2}}
	if console == "agent" {
		s.Who, s.Org, s.Counts, s.Demo = "Nadia Ferrand", "Agence Aubrelle", map[string]int{"work": 8, "wishes": 3}, true
		s.Administrator = current == "users" || current == "agency" || current == "background"
		s.Banner = "sandbox"
	}
	return s
}

func (w world) access() []Specimen {
	open := w.base("/sign-in")
	open.FirstLetter = nil
	wrong := typed("email", "camille@boreal.example")
	wrong.Add("", "credentials")
	badCode := typed("code", "123 45")
	badCode.Add("code", "totp")
	short := typed("name", "Camille Roussel")
	short.Add("password", "password_short")
	short.Add("again", "password_again")
	// Not a readable code: a pattern of its shape, so that the drawing is looked at.
	pattern := make([][]bool, 29)
	for y, line := range strings.Split(strings.Repeat("10110100101101110010110100101\n", 29), "\n")[:29] {
		pattern[y] = make([]bool, 29)
		for x := range line {
			pattern[y][x] = line[x] == '1' != ((x*y)%5 == 0)
		}
	}
	enrol := func(console string, required bool, skip string) *Enrol {
		return &Enrol{StaffBase: w.staffBase(console, "", "/security/totp"), QR: pattern, Secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP",
			Account: "nadia@aubrelle.example", Required: required, SkipURL: skip}
	}
	enrolBad := enrol("agent", true, "")
	enrolBad.Form = badCode
	invitation := func() *Invitation {
		return &Invitation{Base: open, Email: "camille@boreal.example", Role: "creditor", Org: atelier, Inviter: "Nadia Ferrand", Action: "/invitation/x"}
	}
	badInvitation, goneInvitation := invitation(), invitation()
	badInvitation.Form = short
	goneInvitation.Gone = true
	resetBad := Form{}
	resetBad.Add("password", "password_known")
	return []Specimen{
		{In: "empty", Page: &SignIn{Base: open}},
		{In: "wrong", Page: &SignIn{Base: open, Form: wrong}},
		{In: "entry kept", Page: &SignIn{Base: open, Kept: true, Next: "/creditor/claims/new"}},
		{In: "left", Page: &SignIn{Base: open, Left: true}},
		{In: "empty", Page: &SecondStep{Base: open}},
		{In: "wrong", Page: &SecondStep{Base: open, Form: badCode}},
		{In: "required", Page: enrol("agent", true, "")},
		{In: "offered", Page: enrol("creditor", false, "/creditor")},
		{In: "wrong", Page: enrolBad},
		{In: "open", Page: invitation()},
		{In: "errors", Page: badInvitation},
		{In: "gone", Page: goneInvitation},
		{In: "empty", Page: &ResetRequest{Base: open}},
		{In: "asked", Page: &ResetRequest{Base: open, Asked: true}},
		{In: "open", Page: &Reset{Base: open, Action: "/reset/x"}},
		{In: "errors", Page: &Reset{Base: open, Action: "/reset/x", Form: resetBad}},
		{In: "gone", Page: &Reset{Base: open, Gone: true}},
	}
}
