package access

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation"
)

func TestTheModelsAreTheSchema(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		tx := w.db.Read(w.ctx)
		for _, model := range Models() {
			parsed := &gorm.Statement{DB: tx}
			w.must(parsed.Parse(model))
			types, err := tx.Migrator().ColumnTypes(parsed.Schema.Table)
			w.must(err)
			var stored []string
			for _, c := range types {
				stored = append(stored, c.Name())
			}
			known := slices.Clone(parsed.Schema.DBNames)
			slices.Sort(stored)
			slices.Sort(known)
			if !slices.Equal(stored, known) {
				t.Errorf("%s: the schema has %v, the model %v", parsed.Schema.Table, stored, known)
			}
		}
	})
}

// statements counts what is asked of the database, so that "the same pace" can
// be said without a stopwatch.
func (w *world) statements(do func()) (n int) {
	w.t.Helper()
	count := func(*gorm.DB) { n++ }
	callbacks := w.db.Read(w.ctx).Callback()
	w.must(callbacks.Query().Before("gorm:query").Register("test:count", count))
	w.must(callbacks.Row().Before("gorm:row").Register("test:count", count))
	w.must(callbacks.Raw().Before("gorm:raw").Register("test:count", count))
	w.must(callbacks.Create().Before("gorm:create").Register("test:count", count))
	w.must(callbacks.Update().Before("gorm:update").Register("test:count", count))
	sent := w.db.Sent()
	do()
	n += int(w.db.Sent() - sent)
	w.must(callbacks.Query().Remove("test:count"))
	w.must(callbacks.Row().Remove("test:count"))
	w.must(callbacks.Raw().Remove("test:count"))
	w.must(callbacks.Create().Remove("test:count"))
	w.must(callbacks.Update().Remove("test:count"))
	return n
}

func TestNoLinkAtAllCostsWhatADeadOneCosts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		expired, revoked, notMe := w.openCase(), w.openCase(), w.openCase()
		tokens := map[string]string{"expired": w.link(expired), "unknown": newToken()}
		w.product.forward(linkGood)
		tokens["revoked"], tokens["not me"] = w.link(revoked), w.link(notMe)
		w.must(w.RevokeLinks(w.ctx, administrator, revoked.caseID, ""))
		w.must(w.NotMe(w.ctx, tokens["not me"], "", ""))
		for what, ask := range map[string]func(token string) error{
			"opened":    func(token string) error { _, err := w.FindLink(w.ctx, token); return err },
			"answered":  func(token string) error { _, err := w.CheckLink(w.ctx, token, "33000", home); return err },
			"code":      func(token string) error { _, err := w.RequestCode(w.ctx, token, home); return err },
			"not me":    func(token string) error { return w.NotMe(w.ctx, token, "", "") },
			"no answer": func(token string) error { _, err := w.CheckLink(w.ctx, token, "", home); return err },
		} {
			costs := map[string]int{}
			for why, token := range tokens {
				costs[why] = w.statements(func() { w.refused(ask(token), "link_unknown") })
			}
			for why, n := range costs {
				if n == 0 || n != costs["unknown"] {
					t.Errorf("%s: %s costs %d statements, unknown %d", what, why, n, costs["unknown"])
				}
			}
		}
	})
}

func TestAnAddressCostsTheSameKnownOrNot(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u, d := w.agent(), w.openCase()
		for what, ask := range map[string]func(email string) error{
			"reset": func(email string) error { return w.AskReset(w.ctx, email, home) },
			"link":  func(email string) error { return w.AskLink(w.ctx, email, home) },
			"sign-in": func(email string) error {
				_, _, err := w.SignIn(w.ctx, email, "un mauvais mot", home)
				if r := negotiation.AsRefusal(err); r == nil || r.Code != "credentials" {
					t.Error(err)
				}
				return nil
			},
		} {
			costs := map[string]int{}
			for _, email := range []string{u.Email, d.email, "nobody@example.test"} {
				costs[email] = w.statements(func() { w.must(ask(email)) })
			}
			for email, n := range costs {
				if n == 0 || n != costs["nobody@example.test"] {
					t.Errorf("%s: %s costs %d statements, nobody %d", what, email, n, costs["nobody@example.test"])
				}
			}
		}
	})
}

func TestHostileTextsAreRefusedNotFaults(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		token := w.link(d)
		u := w.agent()
		for _, text := range []string{"\x00", "\xff\xfe", "'; DROP TABLE links; --", string(make([]byte, 100_000)), "\u202e", "1e999"} {
			for what, err := range map[string]error{
				"token":      func() error { _, err := w.FindLink(w.ctx, text); return err }(),
				"invitation": func() error { _, err := w.FindInvitation(w.ctx, text); return err }(),
				"reset":      func() error { _, err := w.ResetPassword(w.ctx, text, text); return err }(),
				"email":      w.AskReset(w.ctx, text, text),
				"user":       func() error { _, err := w.User(w.ctx, text); return err }(),
				"lock":       w.LiftLock(w.ctx, administrator, d.caseID, text),
				"case":       w.RevokeLinks(w.ctx, administrator, text, ""),
				"party":      w.RevokeLinks(w.ctx, administrator, d.caseID, text+"x"),
				"sign-in":    func() error { _, _, err := w.SignIn(w.ctx, text, text, text); return err }(),
			} {
				if negotiation.AsRefusal(err) == nil {
					t.Errorf("%s %.20q: %v", what, text, err)
				}
			}
			b := w.browser()
			b.cookies["amiable"] = "x" + strings40(text)
			if v := b.visit(DoorDebtor); v != nil {
				t.Errorf("%.20q is a session", text)
			}
			v := Visit{Kind: KindStaff, SubjectID: u.ID}
			if _, _, ok, err := w.Unpark(w.ctx, &v, text); ok || err != nil {
				t.Errorf("%.20q is a ticket (%v)", text, err)
			}
			if _, _, err := w.Park(w.ctx, &v, "/"+text, form(text, text)); err != nil {
				t.Errorf("park %.20q: %v", text, err)
			}
		}
		_, err := w.CheckLink(w.ctx, token, "\x00\xff33001", home)
		w.refused(err, "check_wrong")
		w.must(w.NotMe(w.ctx, token, "\xff", "je n'y suis plus\x00\xff"))
	})
}

// strings40 is what a browser could send of a text in a cookie.
func strings40(s string) string {
	var kept []byte
	for i := 0; i < len(s) && len(kept) < 40; i++ {
		if s[i] > ' ' && s[i] < 0x7f && s[i] != '"' && s[i] != ';' && s[i] != ',' && s[i] != '\\' {
			kept = append(kept, s[i])
		}
	}
	return string(kept)
}

func TestAnOfficeSigningInAllDayIsNoAttack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.agent()
		for range 2 {
			for range 4 {
				_, _, err := w.SignIn(w.ctx, u.Email, "un mauvais mot", home)
				w.refused(err, "credentials")
			}
			for range 3 {
				_, _, err := w.SignIn(w.ctx, u.Email, goodPassword, home)
				w.must(err)
			}
		}
		var from rateCounter
		w.must(w.db.Read(w.ctx).Where("bucket = ?", limitSignInAddress.bucket).Take(&from).Error)
		if from.Hits != 8 {
			t.Fatalf("%d counted against the address, want the wrong ones", from.Hits)
		}
	})
}

func TestNobodysPasswordIsHashedToo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.agent()
		// Both places are taken: whoever needs one waits until they give up.
		w.hashing <- struct{}{}
		w.hashing <- struct{}{}
		for _, email := range []string{u.Email, "nobody@example.test", "no address"} {
			ctx, giveUp := context.WithTimeout(w.ctx, 50*time.Millisecond)
			if _, _, err := w.SignIn(ctx, email, goodPassword, home); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: answered without hashing: %v", email, err)
			}
			giveUp()
		}
	})
}
