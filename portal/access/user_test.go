package access

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"amiable/negotiation"
)

// code is what the user's authenticator shows now.
func (w *world) code(secret string) string {
	w.t.Helper()
	code, err := totp.GenerateCode(secret, w.wall.now())
	w.must(err)
	return code
}

// enrol adds an authenticator and returns its secret.
func (w *world) enrol(u *User) string {
	w.t.Helper()
	e, err := w.Enrolment(w.ctx, u.ID, "Agence Aubrelle")
	w.must(err)
	w.must(w.Enrol(w.ctx, u.ID, w.code(e.Secret)))
	w.wall.forward(time.Minute)
	return e.Secret
}

func TestAnInvitedPersonMakesTheirAccountOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u, err := w.Invite(w.ctx, administrator, Invitation{Email: " Paul@Boreal.example.com", Role: negotiation.RoleCreditor, CreditorID: w.creditor.ID})
		w.must(err)
		letter := w.lastLetter(negotiation.LetterInvitation)
		if letter.Address != "paul@boreal.example.com" || letter.Recipient != negotiation.ToCreditor {
			t.Fatalf("letter %+v", letter)
		}
		token := w.invitation()
		if strings.Contains(letter.Facts, token) {
			t.Fatal("the letter's facts hold the token")
		}
		if found, err := w.FindInvitation(w.ctx, token); err != nil || found.ID != u.ID {
			t.Fatalf("%+v, %v", found, err)
		}
		_, _, err = w.SignIn(w.ctx, u.Email, "", home)
		w.refused(err, "credentials") // no password yet is not the empty one

		_, err = w.AcceptInvitation(w.ctx, token, " ", goodPassword)
		w.refused(err, "name_missing")
		_, err = w.AcceptInvitation(w.ctx, token, "Paul Leroy", "court")
		w.refused(err, "password_short")
		accepted := 0
		for _, err := range together(4, func(int) error {
			_, err := w.AcceptInvitation(w.ctx, token, "Paul Leroy", goodPassword)
			return err
		}) {
			if err == nil {
				accepted++
			} else {
				w.refused(err, "invitation_gone")
			}
		}
		if accepted != 1 {
			t.Fatalf("accepted %d times", accepted)
		}
		_, err = w.FindInvitation(w.ctx, token)
		w.refused(err, "invitation_gone")

		in, step, err := w.SignIn(w.ctx, "PAUL@boreal.example.com ", goodPassword, home)
		w.must(err)
		if step != StepDone || in.ID != u.ID || in.Actor().CreditorID != w.creditor.ID || in.Actor().Role != negotiation.RoleCreditor {
			t.Fatalf("%s %+v", step, in)
		}
		_, err = w.Invite(w.ctx, administrator, Invitation{Email: u.Email, Role: negotiation.RoleAgent})
		w.refused(err, "user_exists")
	})
}

func TestAnInvitationEndsAfterSevenDaysAndCanBeSentAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		i := Invitation{Email: "lea@agence.example.test", Role: negotiation.RoleAgent}
		_, err := w.Invite(w.ctx, administrator, i)
		w.must(err)
		token := w.invitation()
		w.wall.forward(invitationGood)
		_, err = w.AcceptInvitation(w.ctx, token, "Léa", goodPassword)
		w.refused(err, "invitation_gone")
		_, err = w.Invite(w.ctx, administrator, i)
		w.must(err)
		one, two := w.invitation(), w.invitation()
		_, err = w.AcceptInvitation(w.ctx, two, "Léa", goodPassword)
		w.must(err)
		_, err = w.AcceptInvitation(w.ctx, one, "Léa", goodPassword)
		w.refused(err, "invitation_gone")
	})
}

func TestWhoMayInviteWhom(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		agent := negotiation.Actor{Role: negotiation.RoleAgent, ID: newID(), Name: "Camille"}
		creditor := negotiation.Actor{Role: negotiation.RoleCreditor, ID: newID(), CreditorID: w.creditor.ID}
		for _, row := range []struct {
			by   negotiation.Actor
			i    Invitation
			code string
		}{
			{agent, Invitation{Email: "a@example.test", Role: negotiation.RoleCreditor, CreditorID: w.creditor.ID}, ""},
			{agent, Invitation{Email: "b@example.test", Role: negotiation.RoleAdministrator}, "not_your_role"},
			{creditor, Invitation{Email: "c@example.test", Role: negotiation.RoleCreditor, CreditorID: w.creditor.ID}, "not_your_role"},
			{administrator, Invitation{Email: "d@example", Role: negotiation.RoleAgent}, "email_wrong"},
			{administrator, Invitation{Email: "d@example.test", Role: "root"}, "role_unknown"},
			{administrator, Invitation{Email: "d@example.test", Role: negotiation.RoleCreditor}, "creditor_unknown"},
			{administrator, Invitation{Email: "d@example.test", Role: negotiation.RoleCreditor, CreditorID: newID()}, "creditor_unknown"},
			{administrator, Invitation{Email: "d@example.test", Role: negotiation.RoleAgent, CreditorID: w.creditor.ID}, "creditor_unknown"},
			{administrator, Invitation{Email: "d@example.test", Role: negotiation.RoleAgent, Language: "de"}, "language_unknown"},
			{negotiation.System, Invitation{Email: "e@example.test", Role: negotiation.RoleAdministrator}, ""},
		} {
			_, err := w.Invite(w.ctx, row.by, row.i)
			if row.code == "" {
				w.must(err)
			} else {
				w.refused(err, row.code)
			}
		}
		// An agent cannot turn an invited administrator into a creditor's.
		_, err := w.Invite(w.ctx, agent, Invitation{Email: "e@example.test", Role: negotiation.RoleCreditor, CreditorID: w.creditor.ID})
		w.refused(err, "not_your_role")
	})
}

func TestWeakPasswordsAreRefused(t *testing.T) {
	u := &User{Email: "camille.roussel@agence.example.test"}
	for password, code := range map[string]string{
		"onze signes":                         "password_short",
		"éééééééééééé":                        "password_known", // one character
		"Password1234":                        "password_known",
		"P@ssw0rdPassw0rd":                    "password_known",
		"Azertyuiop123":                       "password_known",
		"123456789012":                        "password_known",
		"abcdefghijklm":                       "password_known",
		"aaaaaaaaaaaaaaab":                    "password_known",
		"Camille.Roussel@agence.example.test": "password_known",
		strings.Repeat("long ", 60):           "password_long",
		goodPassword:                          "",
		"cheval agrafe pile":                  "",
		"élève à Nîmes 83":                    "",
	} {
		r := negotiation.AsRefusal(checkPassword(u, normal(password)))
		if (r == nil) != (code == "") || (r != nil && (r.Code != code || r.Field != "password")) {
			t.Errorf("%q: %v, want %q", password, r, code)
		}
	}
}

func TestAPasswordIsTheSameFromEveryKeyboard(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u, err := w.Invite(w.ctx, administrator, Invitation{Email: "paul@boreal.example.com", Role: negotiation.RoleCreditor, CreditorID: w.creditor.ID})
		w.must(err)
		_, err = w.AcceptInvitation(w.ctx, w.invitation(), "Paul", "un e\u0301te\u0301 a\u0300 Ni\u0302mes") // a Mac composes
		w.must(err)
		_, _, err = w.SignIn(w.ctx, u.Email, "un \u00e9t\u00e9 \u00e0 N\u00eemes", home)
		w.must(err)
	})
}

func TestUnknownWrongUnacceptedAndDisabledAreOneAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.agent()
		_, err := w.Invite(w.ctx, administrator, Invitation{Email: "waiting@agence.example.test", Role: negotiation.RoleAgent})
		w.must(err)
		for _, try := range [][2]string{{"nobody@example.test", goodPassword}, {u.Email, "un autre mot de passe"}, {"waiting@agence.example.test", goodPassword}, {"waiting@agence.example.test", ""}, {"'; --", "x"}} {
			_, _, err := w.SignIn(w.ctx, try[0], try[1], home)
			if r := w.refused(err, "credentials"); r.Facts != nil || r.Field != "" {
				t.Errorf("%s: the answer tells more: %+v", try[0], r)
			}
		}
		w.must(w.Disable(w.ctx, administrator, u.ID))
		_, _, err = w.SignIn(w.ctx, u.Email, goodPassword, home)
		w.refused(err, "credentials")
		w.must(w.Enable(w.ctx, administrator, u.ID))
		_, _, err = w.SignIn(w.ctx, u.Email, goodPassword, home)
		w.must(err)
	})
}

func TestFiveWrongPasswordsCloseTheDoorToThatAddress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.agent()
		wrong, closed := 0, 0
		for _, err := range together(20, func(int) error { _, _, err := w.SignIn(w.ctx, u.Email, "un mauvais mot", home); return err }) {
			switch r := negotiation.AsRefusal(err); {
			case r == nil:
				t.Error(err)
			case r.Code == "credentials":
				wrong++
			case r.Code == codeTooMany:
				closed++
			}
		}
		if wrong != 5 || closed != 15 {
			t.Fatalf("%d looks, %d refused", wrong, closed)
		}
		_, _, err := w.SignIn(w.ctx, u.Email, goodPassword, home)
		w.refused(err, codeTooMany)
		_, _, err = w.SignIn(w.ctx, u.Email, goodPassword, "198.51.100.1")
		w.must(err) // the owner elsewhere is not locked out
		w.wall.forward(30 * time.Minute)
		_, _, err = w.SignIn(w.ctx, u.Email, goodPassword, home)
		w.must(err)
	})
}

func TestWaitingOpensTheDoorAlsoToTheImpatient(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.agent()
		for range 5 {
			_, _, err := w.SignIn(w.ctx, u.Email, "un mauvais mot", home)
			w.refused(err, "credentials")
		}
		var wait time.Duration
		for range 30 {
			_, _, err := w.SignIn(w.ctx, u.Email, goodPassword, home)
			told := time.Duration(w.refused(err, codeTooMany).Facts["minutes"].(int64)) * time.Minute
			if wait != 0 && told != wait {
				t.Fatalf("trying again made the wait %v, not %v", told, wait)
			}
			wait = told
		}
		if wait <= 0 || wait > 30*time.Minute {
			t.Fatalf("told to wait %v", wait)
		}
		w.wall.forward(wait)
		_, _, err := w.SignIn(w.ctx, u.Email, goodPassword, home)
		w.must(err)
	})
}

func TestAgentsMustHaveAnAuthenticatorCreditorsMay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		agent := w.agent()
		_, step, err := w.SignIn(w.ctx, agent.Email, goodPassword, home)
		if err != nil || step != StepEnrol {
			t.Fatalf("%s, %v", step, err)
		}
		b := w.browser()
		b.begin(Visit{Kind: KindSecondStep, SubjectID: agent.ID})
		if _, ok, _ := w.Actor(w.ctx, b.visit(DoorStaff)); ok {
			t.Fatal("half signed in, and acts")
		}
		before := w.rows()
		e, err := w.Enrolment(w.ctx, agent.ID, "Agence Aubrelle & Cie")
		w.must(err)
		again, err := w.Enrolment(w.ctx, agent.ID, "Agence Aubrelle & Cie")
		w.must(err)
		if e.Secret != again.Secret || w.rows()["events"] != before["events"] || len(e.QR) < 21 || len(e.QR) != len(e.QR[0]) || !e.QR[0][0] {
			t.Fatalf("enrolment %+v", e)
		}
		if !strings.HasPrefix(e.URL, "otpauth://totp/Agence%20Aubrelle%20&%20Cie:camille@agence.example.test?") || strings.Contains(e.URL, "+") {
			t.Fatalf("address %s", e.URL)
		}
		w.refused(w.Enrol(w.ctx, agent.ID, "000000"), "totp_wrong")
		w.must(w.Enrol(w.ctx, agent.ID, w.code(e.Secret)))
		_, err = w.Enrolment(w.ctx, agent.ID, "x")
		w.refused(err, "already_enrolled")
		u, err := w.User(w.ctx, agent.ID)
		w.must(err)
		if strings.Contains(string(u.TOTPSecret), e.Secret) {
			t.Fatal("the key is stored in the clear")
		}
		_, step, err = w.SignIn(w.ctx, agent.Email, goodPassword, home)
		if err != nil || step != StepCode {
			t.Fatalf("%s, %v", step, err)
		}
	})
}

func TestACodeOfTheAuthenticatorIsGoodOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.agent()
		e, err := w.Enrolment(w.ctx, u.ID, "Agence")
		w.must(err)
		w.must(w.Enrol(w.ctx, u.ID, w.code(e.Secret)))
		_, err = w.VerifyCode(w.ctx, u.ID, w.code(e.Secret))
		w.refused(err, "totp_wrong") // it has enrolled with this one already

		w.wall.forward(5 * time.Minute)
		code := w.code(e.Secret)
		passed := 0
		for _, err := range together(4, func(int) error { _, err := w.VerifyCode(w.ctx, u.ID, code); return err }) {
			if err == nil {
				passed++
			} else {
				w.refused(err, "totp_wrong")
			}
		}
		if passed != 1 {
			t.Fatalf("one code passed %d times", passed)
		}
		// A step of grace on either side, none beyond, never backwards.
		w.wall.forward(10 * time.Minute)
		code = w.code(e.Secret)
		w.wall.forward(30 * time.Second)
		_, err = w.VerifyCode(w.ctx, u.ID, code[:3]+" "+code[3:])
		w.must(err)
		w.wall.forward(10 * time.Minute)
		code = w.code(e.Secret)
		w.wall.forward(time.Minute)
		_, err = w.VerifyCode(w.ctx, u.ID, code)
		w.refused(err, "totp_wrong")

		for range 4 {
			_, err = w.VerifyCode(w.ctx, u.ID, "12345")
			w.refused(err, "totp_wrong")
		}
		_, err = w.VerifyCode(w.ctx, u.ID, w.code(e.Secret))
		w.refused(err, codeTooMany)
	})
}

func TestALostAuthenticatorIsTakenAwayByAPerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.agent()
		lost := w.enrol(u)
		b := w.browser()
		b.begin(Visit{Kind: KindStaff, SubjectID: u.ID})
		w.refused(w.RemoveAuthenticator(w.ctx, u.Actor(), u.ID), "not_your_role")
		w.must(w.RemoveAuthenticator(w.ctx, administrator, u.ID))
		if b.visit(DoorStaff) != nil {
			t.Fatal("a session outlived it")
		}
		_, step, err := w.SignIn(w.ctx, u.Email, goodPassword, home)
		if err != nil || step != StepEnrol {
			t.Fatalf("%s, %v", step, err)
		}
		if w.enrol(u) == lost {
			t.Fatal("the next one has the key of the lost one")
		}
	})
}

func TestAnotherSecretOpensNoSealedKey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.agent()
		secret := w.enrol(u)
		config := Config{Keys: Keys{Secret: []byte(strings.Repeat("x", 32))}, WallNow: w.wall.now}
		other, err := New(w.negotiation, config)
		w.must(err)
		if _, err := other.VerifyCode(w.ctx, u.ID, w.code(secret)); err == nil || negotiation.AsRefusal(err) != nil || strings.Contains(err.Error(), secret) {
			t.Fatalf("got %v, want a fault that names no secret", err)
		}
		if _, err := New(w.negotiation, Config{Keys: Keys{Secret: []byte("short")}}); err == nil {
			t.Fatal("a short secret will do")
		}
	})
}

func TestANewPasswordEndsEverySessionAndLeavesTheAuthenticator(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.agent()
		w.enrol(u)
		here, there := w.browser(), w.browser()
		here.begin(Visit{Kind: KindStaff, SubjectID: u.ID})
		there.begin(Visit{Kind: KindStaff, SubjectID: u.ID})

		w.must(w.AskReset(w.ctx, u.Email, home))
		w.must(w.AskReset(w.ctx, "nobody@example.test", home))
		if w.rows()["letters"] != 1 {
			t.Fatal("answered while the visitor waits: the time taken tells")
		}
		_, err := w.AnswerRequests(w.ctx)
		w.must(err)
		letters := w.letters(negotiation.LetterReset)
		if len(letters) != 1 || letters[0].Address != u.Email {
			t.Fatalf("letters %+v", letters)
		}
		late, err := w.ResetToken(w.ctx, &letters[0])
		w.must(err)
		w.wall.forward(resetGood)
		_, err = w.ResetPassword(w.ctx, late, "quatre petits pas")
		w.refused(err, "reset_gone")

		token, err := w.ResetToken(w.ctx, &letters[0])
		w.must(err)
		_, err = w.AcceptInvitation(w.ctx, token, "Quelqu'un", "quatre petits pas")
		w.refused(err, "invitation_gone") // a token of one kind is none of the other
		done := 0
		for _, err := range together(4, func(int) error { _, err := w.ResetPassword(w.ctx, token, "quatre petits pas"); return err }) {
			if err == nil {
				done++
			} else {
				w.refused(err, "reset_gone")
			}
		}
		if done != 1 {
			t.Fatalf("used %d times", done)
		}
		if here.visit(DoorStaff) != nil || there.visit(DoorStaff) != nil {
			t.Fatal("a session outlived the password")
		}
		_, _, err = w.SignIn(w.ctx, u.Email, goodPassword, home)
		w.refused(err, "credentials")
		_, step, err := w.SignIn(w.ctx, u.Email, "quatre petits pas", home)
		if err != nil || step != StepCode {
			t.Fatalf("%s, %v: the mailbox alone must open nothing", step, err)
		}
	})
}

func TestChangingThePasswordNeedsTheOldOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.agent()
		b := w.browser()
		b.begin(Visit{Kind: KindStaff, SubjectID: u.ID})
		w.refused(w.ChangePassword(w.ctx, u.ID, "un mauvais mot", "quatre petits pas"), "password_wrong")
		w.refused(w.ChangePassword(w.ctx, u.ID, goodPassword, "court"), "password_short")
		w.must(w.ChangePassword(w.ctx, u.ID, goodPassword, "quatre petits pas"))
		if b.visit(DoorStaff) != nil {
			t.Fatal("a session outlived the password")
		}
		for range 5 {
			w.refused(w.ChangePassword(w.ctx, u.ID, "un mauvais mot", "cinq petits pas"), "password_wrong")
		}
		w.refused(w.ChangePassword(w.ctx, u.ID, "quatre petits pas", "cinq petits pas"), codeTooMany)
	})
}

func TestSignedOutEverywhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u, other := w.agent(), w.user(Invitation{Email: "lea@agence.example.test", Role: negotiation.RoleAgent})
		here, there, hers := w.browser(), w.browser(), w.browser()
		here.begin(Visit{Kind: KindStaff, SubjectID: u.ID})
		there.begin(Visit{Kind: KindSecondStep, SubjectID: u.ID})
		hers.begin(Visit{Kind: KindStaff, SubjectID: other.ID})
		w.must(w.SignOutEverywhere(w.ctx, u.ID))
		if here.visit(DoorStaff) != nil || there.visit(DoorStaff) != nil {
			t.Fatal("still signed in")
		}
		if hers.visit(DoorStaff) == nil {
			t.Fatal("somebody else was signed out")
		}
	})
}

func TestADisabledUserIsOutAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.agent()
		b := w.browser()
		b.begin(Visit{Kind: KindStaff, SubjectID: u.ID})
		v := b.visit(DoorStaff)
		if by, ok, err := w.Actor(w.ctx, v); err != nil || !ok || by.Name != "Camille Roussel" || by.Role != negotiation.RoleAgent {
			t.Fatalf("%+v %v %v", by, ok, err)
		}
		w.refused(w.Disable(w.ctx, u.Actor(), u.ID), "not_yourself")
		w.must(w.Disable(w.ctx, administrator, u.ID))
		if _, ok, err := w.Actor(w.ctx, v); ok || err != nil {
			t.Fatalf("still acts (%v)", err)
		}
		if b.visit(DoorStaff) != nil {
			t.Fatal("still signed in")
		}
		w.must(w.AskReset(w.ctx, u.Email, home))
		_, err := w.AnswerRequests(w.ctx)
		w.must(err)
		if len(w.letters(negotiation.LetterReset)) != 0 {
			t.Fatal("a disabled user may renew the password")
		}
	})
}

func TestWhatHappensToUsersStandsOnTheAgencysChain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.agent()
		w.enrol(u)
		w.must(w.Disable(w.ctx, administrator, u.ID))
		agency, err := w.negotiation.Agency(w.ctx)
		w.must(err)
		events, err := w.negotiation.Chain(w.ctx, agency.ID)
		w.must(err)
		kinds := map[negotiation.EventKind]int{}
		for _, e := range events {
			kinds[e.Kind]++
		}
		for _, kind := range []negotiation.EventKind{UserInvited, UserAccepted, UserEnrolled, UserDisabled} {
			if kinds[kind] != 1 {
				t.Errorf("%s: %d", kind, kinds[kind])
			}
		}
		if breaks := negotiation.VerifyChain(events, agency.EventSeq, agency.EventHead); len(breaks) > 0 {
			t.Error(breaks)
		}
	})
}

func TestOneRecoveryCodeOpensOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.agent()
		_, err := w.NewRecoveryCodes(w.ctx, u.ID, goodPassword)
		w.refused(err, "not_enrolled")
		w.enrol(u)
		_, err = w.NewRecoveryCodes(w.ctx, u.ID, "un autre mot de passe")
		w.refused(err, "password_wrong")
		codes, err := w.NewRecoveryCodes(w.ctx, u.ID, goodPassword)
		w.must(err)
		opened := 0
		for _, err := range together(4, func(int) error {
			_, err := w.Recover(w.ctx, u.ID, codes[0])
			return err
		}) {
			if err == nil {
				opened++
			} else {
				w.refused(err, "recovery_wrong")
			}
		}
		if left, err := w.RecoveryLeft(w.ctx, u.ID); err != nil || opened != 1 || left != RecoveryCodes-1 {
			t.Fatalf("opened %d times, %d left, %v", opened, left, err)
		}
		other := w.user(Invitation{Email: "paul@boreal.example.com", Role: negotiation.RoleCreditor, CreditorID: w.creditor.ID})
		w.enrol(other)
		_, err = w.Recover(w.ctx, other.ID, codes[1])
		w.refused(err, "recovery_wrong") // somebody else's
		for range 4 {
			_, err = w.Recover(w.ctx, other.ID, "AAAA BBBB CCCC")
			w.refused(err, "recovery_wrong")
		}
		_, err = w.Recover(w.ctx, other.ID, codes[1])
		w.refused(err, codeTooMany)
		w.must(w.RemoveAuthenticator(w.ctx, administrator, u.ID))
		_, err = w.Recover(w.ctx, u.ID, codes[1])
		w.refused(err, "not_enrolled")
		if left, err := w.RecoveryLeft(w.ctx, u.ID); err != nil || left != 0 {
			t.Fatalf("%d codes outlived the authenticator, %v", left, err)
		}
	})
}
