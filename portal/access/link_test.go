package access

import (
	"errors"
	"maps"
	"testing"
	"time"

	"amiable/negotiation"
)

func TestTheRightAnswerOpensTheDoor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		token := w.link(d)
		for check, answer := range map[negotiation.SecondCheck]string{
			negotiation.CheckPostcode: " 33000 ", negotiation.CheckInvoiceNumber: "fa 2026 00A",
		} {
			w.checks(check)
			if at, err := w.FindLink(w.ctx, token); err != nil || at.Check != check || at.Locked || at.CodeSent {
				w.t.Fatalf("threshold %+v, %v", at, err)
			}
			entry, err := w.CheckLink(w.ctx, token, answer, home)
			w.must(err)
			if entry.CaseID != d.caseID || entry.PartyID != d.partyID || entry.Name == "" || entry.LinkID == "" {
				w.t.Fatalf("%s: came in as %+v", check, entry)
			}
			_, err = w.CheckLink(w.ctx, token, "  ", home)
			w.refused(err, "answer_missing")
		}
	})
}

// The line to the database can break before any statement: that is an error,
// and the next try opens.
func TestALineThatBreaksWhileTheAnswerIsCheckedIsAnError(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		token := w.link(w.openCase())
		broken, left := errors.New("the line broke"), -1
		w.db.Interrupt(func() error {
			if left == 0 {
				return broken
			}
			left = max(left-1, -1)
			return nil
		})
		for n := range 100 {
			left = n
			if _, err := w.CheckLink(w.ctx, token, "33000", home); err == nil {
				if n == 0 {
					t.Fatal("nothing was asked of the database")
				}
				return
			} else if !errors.Is(err, broken) {
				t.Fatalf("before statement %d: %v", n, err)
			}
		}
		t.Fatal("it never opened")
	})
}

func TestExpiredRevokedUnknownAndNotMeAreOneAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		expired, revoked, notMe, deceased := w.openCase(), w.openCase(), w.openCase(), w.openCase()
		old := w.link(expired)
		w.product.forward(linkGood)
		tokens := map[string]string{"expired": old, "unknown": newToken(), "malformed": "x", "empty": "",
			"revoked": w.link(revoked), "not me": w.link(notMe), "deceased": w.link(deceased)}
		w.must(w.RevokeLinks(w.ctx, administrator, revoked.caseID, ""))
		w.must(w.NotMe(w.ctx, tokens["not me"], "unknown", ""))
		// A hold that closes links does so by itself, whoever placed it.
		_, err := w.negotiation.PlaceHold(w.ctx, administrator, deceased.caseID, negotiation.Hold{Reason: negotiation.HoldDeceased})
		w.must(err)
		for why, token := range tokens {
			if _, err := w.FindLink(w.ctx, token); w.refused(err, "link_unknown").Facts != nil {
				t.Errorf("%s: the answer carries facts", why)
			}
			_, err = w.CheckLink(w.ctx, token, "33000", home)
			w.refused(err, "link_unknown")
			_, err = w.RequestCode(w.ctx, token, home)
			w.refused(err, "link_unknown")
		}
		if n := len(w.letters(negotiation.LetterCode)); n > 0 {
			t.Errorf("%d codes were written", n)
		}
		_, err = w.CreateLink(w.ctx, deceased.caseID, deceased.partyID)
		w.refused(err, "gate_letters")
	})
}

func TestALinkLivesNinetyDaysOfTheProductsClock(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		token := w.link(w.openCase())
		w.wall.forward(365 * 24 * time.Hour) // the wall does not count
		w.product.forward(linkGood - time.Second)
		_, err := w.CheckLink(w.ctx, token, "33000", home)
		w.must(err)
		w.product.forward(time.Second)
		_, err = w.FindLink(w.ctx, token)
		w.refused(err, "link_unknown")
	})
}

func TestAScannerOpensTheLinkAHundredTimesAndNothingChanges(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		token := w.link(w.openCase())
		before := w.rows()
		first, err := w.FindLink(w.ctx, token)
		w.must(err)
		for range 100 {
			again, err := w.FindLink(w.ctx, token)
			w.must(err)
			if *again != *first {
				t.Fatalf("%+v became %+v", first, again)
			}
		}
		if after := w.rows(); !maps.Equal(before, after) {
			t.Fatalf("rows %v became %v", before, after)
		}
		_, err = w.CheckLink(w.ctx, token, "33000", home)
		w.must(err)
	})
}

func TestANewerLinkLeavesTheOlderAlive(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		older := w.link(d)
		w.product.forward(24 * time.Hour)
		for _, token := range []string{w.link(d), older} {
			_, err := w.CheckLink(w.ctx, token, "33000", home)
			w.must(err)
		}
		links, err := w.LinksOfCase(w.ctx, administrator, d.caseID)
		w.must(err)
		if len(links) != 2 || links[0].CreatedAt.Before(links[1].CreatedAt) {
			t.Fatalf("links %+v", links)
		}
	})
}

func TestTokensAreNotInTheDatabase(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		token := w.link(d)
		if len(token) < 22 {
			t.Fatalf("%d characters are fewer than 128 bits", len(token))
		}
		var n int64
		w.must(w.db.Read(w.ctx).Model(&Link{}).Where("token_hash = ?", []byte(token)).Count(&n).Error)
		if n != 0 {
			t.Fatal("the token itself is stored")
		}
		w.keys.links = mac(w.keys.links, "another secret")
		_, err := w.FindLink(w.ctx, token)
		w.refused(err, "link_unknown")
	})
}

func TestFiveWrongTriesLockUntilAMailedCodeOpens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		token, other := w.link(d), w.link(d)
		for left := 4; left > 0; left-- {
			if r := w.refused(w.wrong(token, 1), "check_wrong"); r.Facts["tries_left"] != left {
				t.Fatalf("%v tries left, want %d", r.Facts["tries_left"], left)
			}
		}
		w.refused(w.wrong(token, 1), "link_locked")
		if w.events(d, negotiation.LinkLocked) != 1 || len(w.letters(negotiation.LetterLinkLocked)) != 1 {
			t.Fatal("the lock is not on the timeline, or nobody was told")
		}
		_, err := w.CheckLink(w.ctx, token, "33000", home)
		w.refused(err, "link_locked") // even the right answer
		_, err = w.CheckLink(w.ctx, other, "33000", home)
		w.must(err) // that link, no other

		at, err := w.FindLink(w.ctx, token)
		w.must(err)
		if !at.Locked || at.CodeSent || at.CodeTo != "c••••@••••.test" {
			t.Fatalf("threshold %+v", at)
		}
		to, err := w.RequestCode(w.ctx, token, home)
		w.must(err)
		if at, err = w.FindLink(w.ctx, token); err != nil || !at.CodeSent || to != at.CodeTo {
			t.Fatalf("threshold %+v, %v", at, err)
		}
		code := w.mailed(d)
		r := w.refused(w.wrong(token, 1), "code_wrong")
		if r.Facts["tries_left"] != 4 {
			t.Fatalf("%v tries left", r.Facts["tries_left"])
		}
		_, err = w.CheckLink(w.ctx, other, code, home)
		w.refused(err, "check_wrong") // a code opens its own link only
		_, err = w.CheckLink(w.ctx, token, code[:3]+" "+code[3:], home)
		w.must(err)
		if w.events(d, negotiation.LinkUnlocked) != 1 {
			t.Fatal("opening is not on the timeline")
		}
		_, err = w.CheckLink(w.ctx, token, "33000", home)
		w.must(err) // and the link is as before
	})
}

func TestANewLinkOrAnAgentLiftsTheLock(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		token := w.link(d)
		w.wrong(token, 5)
		w.link(d) // a new mail went to the contact on file
		_, err := w.CheckLink(w.ctx, token, "33000", home)
		w.must(err)

		w.wrong(token, 5)
		links, err := w.LinksOfCase(w.ctx, administrator, d.caseID)
		w.must(err)
		if !links[1].Locked() {
			t.Fatal("not locked")
		}
		creditor := negotiation.Actor{Role: negotiation.RoleCreditor, CreditorID: w.creditor.ID}
		w.refused(w.LiftLock(w.ctx, creditor, d.caseID, links[1].ID), "not_your_role")
		w.refused(w.LiftLock(w.ctx, administrator, w.openCase().caseID, links[1].ID), "not_found")
		w.must(w.LiftLock(w.ctx, administrator, d.caseID, links[1].ID))
		w.must(w.LiftLock(w.ctx, administrator, d.caseID, links[1].ID))
		if n := w.events(d, negotiation.LinkUnlocked); n != 2 {
			t.Fatalf("%d events, want one for each lock", n)
		}
		_, err = w.CheckLink(w.ctx, token, "33000", home)
		w.must(err)
	})
}

func TestTwentyTriesAtOnceGetNoMoreThanFiveLooks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		token := w.link(d)
		looks, locked := 0, 0
		for i, err := range together(20, func(int) error { _, err := w.CheckLink(w.ctx, token, "99999", home); return err }) {
			switch r := negotiation.AsRefusal(err); {
			case r == nil:
				t.Errorf("try %d: %v", i, err)
			case r.Code == "check_wrong":
				looks++
			case r.Code == "link_locked":
				locked++
			}
		}
		// The fifth look is the one that locks.
		if looks != 4 || locked != 16 || w.events(d, negotiation.LinkLocked) != 1 || len(w.letters(negotiation.LetterLinkLocked)) != 1 {
			t.Fatalf("%d looks, %d locked, %d events", looks, locked, w.events(d, negotiation.LinkLocked))
		}
	})
}

func TestTheRightAnswerAmongTwentyAtOnceIsNoWayRound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		token := w.link(d)
		w.wrong(token, 4)
		errs := together(20, func(i int) error {
			answer := "99999"
			if i == 19 {
				answer = "33000"
			}
			_, err := w.CheckLink(w.ctx, token, answer, home)
			return err
		})
		// Either the right one was the fifth look, or it came too late.
		opened, wrong := 0, 0
		for _, err := range errs {
			if err == nil {
				opened++
			} else if r := negotiation.AsRefusal(err); r == nil {
				t.Error(err)
			} else if r.Code == "check_wrong" {
				wrong++
			}
		}
		if opened == 0 && wrong > 0 {
			t.Fatalf("%d more looks after four wrong ones", wrong)
		}
	})
}

func TestAMailedCodeIsGoodOnceForTenMinutes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		token := w.link(d)
		_, err := w.RequestCode(w.ctx, token, home)
		w.refused(err, "code_not_asked") // the creditor asks for the postcode
		w.checks(negotiation.CheckMailedCode)
		_, err = w.CheckLink(w.ctx, token, "123456", home)
		w.refused(err, "code_gone")

		request := func() {
			t.Helper()
			_, err := w.RequestCode(w.ctx, token, home)
			w.must(err)
		}
		request()
		first := w.mailed(d)
		request()
		_, err = w.CheckLink(w.ctx, token, first, home)
		w.must(err) // the second has not left yet
		second := w.mailed(d)
		_, err = w.CheckLink(w.ctx, token, second, home)
		w.must(err)
		_, err = w.CheckLink(w.ctx, token, second, home)
		w.refused(err, "code_gone")

		request()
		third := w.mailed(d)
		w.product.forward(24 * time.Hour) // the product's clock does not count
		w.wall.forward(codeGood)
		_, err = w.CheckLink(w.ctx, token, third, home)
		w.refused(err, "code_gone")
		if at, err := w.FindLink(w.ctx, token); err != nil || at.CodeSent {
			t.Fatalf("threshold %+v, %v", at, err)
		}
		r := w.refused(func() error { _, err := w.RequestCode(w.ctx, token, home); return err }(), codeTooMany)
		if minutes := r.Facts["minutes"].(int64); minutes < 1 || minutes > 120 {
			t.Fatalf("wait %d minutes", minutes)
		}
		w.wall.forward(2 * time.Hour)
		request()
	})
}

func TestFiveWrongCodesEndTheCodeAndLockTheLink(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.checks(negotiation.CheckMailedCode)
		d := w.openCase()
		token := w.link(d)
		_, err := w.RequestCode(w.ctx, token, home)
		w.must(err)
		code := w.mailed(d)
		wrongCode := "000000"
		if code == wrongCode {
			wrongCode = "111111"
		}
		for range 5 {
			_, err = w.CheckLink(w.ctx, token, wrongCode, home)
		}
		w.refused(err, "link_locked")
		_, err = w.CheckLink(w.ctx, token, code, home)
		w.refused(err, "link_locked")
		_, err = w.RequestCode(w.ctx, token, home)
		w.must(err)
		_, err = w.CheckLink(w.ctx, token, w.mailed(d), home)
		w.must(err)
	})
}

func TestNotMeStopsLettersRevokesLinksAndTellsTheAgents(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		one, two := w.link(d), w.link(d)
		_, err := w.CheckLink(w.ctx, two, "33000", home)
		w.must(err)
		b := w.browser()
		b.begin(d.visit(w))
		for i, err := range together(5, func(int) error { return w.NotMe(w.ctx, one, "moved", "Je ne connais pas cette personne.") }) {
			if err != nil {
				w.refused(err, "link_unknown")
			} else if i > 4 {
				t.Fatal("unreachable")
			}
		}
		if n := len(w.letters(negotiation.LetterNotMe)); n != 1 {
			t.Fatalf("%d letters to the agents", n)
		}
		if w.events(d, negotiation.NotMeDeclared) != 1 || w.events(d, negotiation.LinksRevoked) != 1 || w.events(d, negotiation.HoldPlaced) != 1 {
			t.Fatal("the timeline does not say it once")
		}
		c := w.load(d)
		if c.Gate("2026-08-31").Check(negotiation.Letters) == nil {
			t.Fatal("letters may still leave")
		}
		_, err = w.FindLink(w.ctx, two)
		w.refused(err, "link_unknown")
		if v := b.visit(DoorDebtor); v != nil {
			t.Fatalf("a session outlived it: %+v", v)
		}
		letter, err := w.negotiation.SendLink(w.ctx, administrator, d.caseID, d.partyID)
		w.must(err)
		if letter.State != negotiation.LetterStopped {
			t.Fatalf("a link is %s", letter.State)
		}
	})
}

func TestGuessingFromOneAddressOverManyLinksEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range limitWrongByAddress.most {
			_, err := w.CheckLink(w.ctx, newToken(), "33000", home)
			w.refused(err, "link_unknown")
		}
		token := w.link(w.openCase())
		_, err := w.CheckLink(w.ctx, token, "33000", home)
		w.refused(err, codeTooMany)
		_, err = w.CheckLink(w.ctx, token, "33000", "198.51.100.1")
		w.must(err)
		w.wall.forward(2 * time.Hour)
		_, err = w.CheckLink(w.ctx, token, "33000", home)
		w.must(err)
	})
}

func TestANewLinkIsAskedForByMail(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		w.refused(w.AskLink(w.ctx, "chloe", home), "email_wrong")
		w.must(w.AskLink(w.ctx, " Chloe.A@Example.test ", home))
		w.must(w.AskLink(w.ctx, "nobody@example.test", home))
		if len(w.letters(negotiation.LetterLink)) != 0 {
			t.Fatal("answered while the visitor waits: the time taken tells")
		}
		n, err := w.AnswerRequests(w.ctx)
		w.must(err)
		letters := w.letters(negotiation.LetterLink)
		if n != 2 || len(letters) != 1 || *letters[0].PartyID != d.partyID {
			t.Fatalf("%d requests answered, letters %+v", n, letters)
		}
		w.must(w.AskLink(w.ctx, d.email, home))
		w.must(w.AskLink(w.ctx, d.email, home))
		w.refused(w.AskLink(w.ctx, d.email, home), codeTooMany)
		w.must(func() error { _, err := w.AnswerRequests(w.ctx); return err }())
		if n := len(w.letters(negotiation.LetterLink)); n != 1 {
			t.Fatalf("%d letters are on their way at once", n)
		}
	})
}
