package access

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/sessions"

	"amiable/negotiation"
)

func TestASessionIsReadBackAsItWasBegun(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		w.link(d)
		b := w.browser()
		begun := d.visit(w)
		begun.Data = map[string]string{"next": "/case/pay"}
		cookies := b.begin(begun)
		c := cookies[0]
		if len(cookies) != 1 || c.Name != "amiable" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 {
			t.Fatalf("cookies %+v", cookies)
		}
		v := b.visit(DoorDebtor)
		if v == nil || v.CaseID != d.caseID || v.SubjectID != d.partyID || v.LinkID == "" || v.Name != "Chloé Test" || v.Ended {
			t.Fatalf("visit %+v", v)
		}
		if b.visit(DoorStaff) != nil {
			t.Fatal("a debtor's cookie opens the staff's door")
		}
		by, ok, err := w.Actor(w.ctx, v)
		want := negotiation.Actor{Role: negotiation.RoleDebtor, ID: d.partyID, Name: "Chloé Test", CaseID: d.caseID}
		if err != nil || !ok || by != want {
			t.Fatalf("actor %+v %v %v", by, ok, err)
		}
		if got := v.Data["next"]; got != "/case/pay" {
			t.Fatalf("remembered %q", got)
		}
		if _, err := dataOf(&Visit{Data: map[string]string{"next": strings.Repeat("x", dataMax)}}); err == nil {
			t.Fatal("remembers without bound")
		}
		var n int64
		w.must(w.db.Read(w.ctx).Model(&sessionRow{}).Where("id_hash = ?", []byte(c.Value)).Count(&n).Error)
		if n != 0 {
			t.Fatal("the id itself is stored")
		}
		b.end(DoorDebtor)
		if b.visit(DoorDebtor) != nil || w.rows()["sessions"] != 0 {
			t.Fatal("signed out, and still there")
		}
	})
}

func TestWithHTTPSTheCookieHoldsTheBrowserToIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.secure = true
		b := w.browser()
		c := b.begin(Visit{Kind: KindStaff, SubjectID: newID()})[0]
		if c.Name != "__Host-amiable_staff" || !c.Secure || c.Path != "/" || c.Domain != "" {
			t.Fatalf("cookie %+v", c)
		}
		if b.visit(DoorStaff) == nil {
			t.Fatal("not read back")
		}
	})
}

func TestAnIdFromOutsideIsNeverAdopted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		victim := w.browser()
		victim.cookies["amiable_staff"] = "planted-by-an-attacker"
		if victim.visit(DoorStaff) != nil {
			t.Fatal("a planted id is a session")
		}
		user := newID()
		victim.begin(Visit{Kind: KindSecondStep, SubjectID: user})
		half := victim.cookies["amiable_staff"]
		if half == "planted-by-an-attacker" {
			t.Fatal("the planted id was adopted")
		}
		// The id rotates again with what it lets one do.
		attacker := w.browser()
		attacker.cookies["amiable_staff"] = half
		victim.begin(Visit{Kind: KindStaff, SubjectID: user})
		if victim.cookies["amiable_staff"] == half {
			t.Fatal("the id did not rotate")
		}
		if v := attacker.visit(DoorStaff); v != nil {
			t.Fatalf("the id from before the sign-in still opens: %+v", v)
		}
		if w.rows()["sessions"] != 1 {
			t.Fatalf("%d sessions", w.rows()["sessions"])
		}
	})
}

func TestSessionsEndIdleAndInAnyCase(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		w.link(d)
		for _, visit := range []Visit{d.visit(w), {Kind: KindStaff, SubjectID: newID()}} {
			door, life := visit.Kind.Door(), lives[visit.Kind]
			b := w.browser()
			b.begin(visit)
			w.wall.forward(life.idle - time.Second)
			if v := b.visit(door); v == nil || v.Ended {
				t.Fatalf("%s: ended before its time", visit.Kind)
			}
			w.wall.forward(life.idle)
			if v := b.visit(door); v == nil || !v.Ended || v.SubjectID != visit.SubjectID {
				t.Fatalf("%s: idle too long, and not ended: %+v", visit.Kind, v)
			}
			if _, ok, _ := w.Actor(w.ctx, b.visit(door)); ok {
				t.Fatalf("%s: an ended session acts", visit.Kind)
			}
			w.wall.forward(endedKept)
			if v := b.visit(door); v != nil {
				t.Fatalf("%s: a day later still known", visit.Kind)
			}

			// Never idle, and still at an end.
			b.begin(visit)
			began := w.wall.now()
			for w.wall.now().Sub(began) < life.most-life.idle/2 {
				w.wall.forward(life.idle / 2)
				if v := b.visit(door); v == nil || (v.Ended && w.wall.now().Sub(began) < life.most) {
					t.Fatalf("%s: ended after %v", visit.Kind, w.wall.now().Sub(began))
				}
			}
			w.wall.forward(life.idle / 2)
			if v := b.visit(door); v == nil || !v.Ended {
				t.Fatalf("%s: outlived its most", visit.Kind)
			}
		}
		w.wall.forward(endedKept + time.Second)
		w.must(w.Sweep(w.ctx))
		if n := w.rows()["sessions"]; n != 0 {
			t.Fatalf("%d sessions swept under no carpet", n)
		}
	})
}

func TestTheProductsClockEndsNoSession(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.browser()
		b.begin(Visit{Kind: KindStaff, SubjectID: newID()})
		w.product.forward(400 * 24 * time.Hour)
		if v := b.visit(DoorStaff); v == nil || v.Ended {
			t.Fatal("moving the demo's clock signed somebody out")
		}
	})
}

func TestBeingSeenIsWrittenOnceAMinute(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.browser()
		b.begin(Visit{Kind: KindStaff, SubjectID: newID()})
		seen := func() time.Time {
			var row sessionRow
			w.must(w.db.Read(w.ctx).Take(&row).Error)
			return row.SeenAt.UTC()
		}
		began := seen()
		w.wall.forward(59 * time.Second)
		if n := w.statements(func() { b.visit(DoorStaff) }); n != 1 {
			t.Fatalf("a page costs %d statements for its session", n)
		}
		if !seen().Equal(began) {
			t.Fatal("written within the minute")
		}
		w.wall.forward(time.Second)
		together(5, func(int) error { _, err := w.Visit(b.request(), DoorStaff); return err })
		if !seen().Equal(began.Add(time.Minute)) {
			t.Fatalf("seen at %v", seen())
		}
	})
}

func TestAnEndedSessionOpensAgainWithTheSameQuestion(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		token := w.link(d)
		entry, err := w.CheckLink(w.ctx, token, "33000", home)
		w.must(err)
		b := w.browser()
		b.begin(Visit{Kind: KindDebtor, SubjectID: entry.PartyID, CaseID: entry.CaseID, LinkID: entry.LinkID, Name: entry.Name})
		w.wall.forward(time.Hour)
		ended := b.visit(DoorDebtor)
		at, err := w.FindLinkOf(w.ctx, ended)
		w.must(err)
		if at.Check != negotiation.CheckPostcode {
			t.Fatalf("asks for %s", at.Check)
		}
		_, err = w.CheckLinkOf(w.ctx, ended, "99999", home)
		w.refused(err, "check_wrong")
		again, err := w.CheckLinkOf(w.ctx, ended, "33000", home)
		w.must(err)
		if *again != *entry {
			t.Fatalf("%+v came in as %+v", entry, again)
		}
		_, err = w.FindLinkOf(w.ctx, nil)
		w.refused(err, "link_unknown")
		_, err = w.CheckLinkOf(w.ctx, &Visit{Kind: KindStaff, SubjectID: newID(), LinkID: entry.LinkID}, "33000", home)
		w.refused(err, "link_unknown")
	})
}

func TestAParkedFormGoesBackToItsOwnerOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mine, other := w.openCase(), w.openCase()
		w.link(mine)
		w.link(other)
		visit, stranger := mine.visit(w), other.visit(w)
		ended := visit
		ended.Ended = true
		ticket, ok, err := w.Park(w.ctx, &ended, "/case/wishes?kind=time", form("words", "Je paierai en juin & après\n", "password", "secret", "new_password", "x", "answer", "33000"))
		w.must(err)
		if !ok {
			t.Fatal("not kept")
		}
		staff := Visit{Kind: KindStaff, SubjectID: mine.partyID}
		for who, v := range map[string]*Visit{"another's": &stranger, "nobody's": nil, "ended": &ended, "staff's": &staff} {
			if _, _, ok, err := w.Unpark(w.ctx, v, ticket); ok || err != nil {
				t.Fatalf("given to %s session (%v)", who, err)
			}
		}
		path, typed, ok, err := w.Unpark(w.ctx, &visit, ticket)
		if err != nil || !ok || path != "/case/wishes?kind=time" || len(typed) != 1 || typed.Get("words") != "Je paierai en juin & après\n" {
			t.Fatalf("%q %v %v %v", path, typed, ok, err)
		}
		if _, _, ok, _ := w.Unpark(w.ctx, &visit, ticket); ok {
			t.Fatal("given twice")
		}

		ticket, _, err = w.Park(w.ctx, &ended, "/case", form("a", "b"))
		w.must(err)
		w.wall.forward(parkedGood)
		if _, _, ok, _ := w.Unpark(w.ctx, &visit, ticket); ok {
			t.Fatal("kept for longer than it is good")
		}
		for _, path := range []string{"//evil.example", "https://evil.example", "/\\evil.example", "case", "", "/\tx", "/" + strings.Repeat("x", parkedPathMax)} {
			if _, ok, _ := w.Park(w.ctx, &ended, path, form("a", "b")); ok {
				t.Errorf("kept for %q", path)
			}
		}
		if _, ok, _ := w.Park(w.ctx, &ended, "/case", form("a", strings.Repeat("x", parkedMax))); ok {
			t.Error("kept without bound")
		}
		if _, ok, _ := w.Park(w.ctx, nil, "/case", form("a", "b")); ok {
			t.Error("kept for nobody")
		}
	})
}

func TestTheStoreServesGorillaSessions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var store sessions.Store = w.Store()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		session, err := store.Get(r, string(DoorStaff))
		w.must(err)
		again, err := store.Get(r, string(DoorStaff))
		w.must(err)
		if !session.IsNew || session != again {
			t.Fatal("not one session per request")
		}
		rec := httptest.NewRecorder()
		w.must(session.Save(r, rec))
		if len(rec.Result().Cookies()) != 0 || w.rows()["sessions"] != 0 {
			t.Fatal("an empty session was stored")
		}
		if w.Begin(rec, r, Visit{Kind: KindDebtor, SubjectID: newID()}) == nil {
			t.Fatal("a debtor's session without a case")
		}
		if w.Begin(rec, r, Visit{Kind: "root", SubjectID: newID()}) == nil {
			t.Fatal("a session of no kind")
		}
	})
}
