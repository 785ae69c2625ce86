package access

import (
	"strings"
	"testing"
	"time"
)

func TestADraftFileIsItsOwnersForADay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mine, other := &Visit{Kind: KindDebtor, SubjectID: "p1", CaseID: "c1"}, &Visit{Kind: KindDebtor, SubjectID: "p1", CaseID: "c2"}
		hash := strings.Repeat("ab", 32)
		w.must(w.db.Read(w.ctx).Exec("INSERT INTO files (hash, name, media_type, bytes, created_at) VALUES (?, 'x', 'image/jpeg', 1, ?)", hash, w.wallNow()).Error)
		first, err := w.KeepDraftFile(w.ctx, mine, hash, "porte.jpg")
		w.must(err)
		second, err := w.KeepDraftFile(w.ctx, mine, hash, "mur.jpg")
		w.must(err)
		names := func(v *Visit, ids ...string) (found string) {
			t.Helper()
			files, err := w.DraftFiles(w.ctx, v, ids)
			w.must(err)
			for _, f := range files {
				found += f.Name + " "
			}
			return found
		}
		if got := names(mine, second.ID, "\x00", "../../x", newID(), first.ID); got != "mur.jpg porte.jpg " {
			t.Errorf("kept: %q", got)
		}
		if got := names(other, first.ID, second.ID) + names(&Visit{Kind: KindStaff, SubjectID: "p1"}, first.ID); got != "" {
			t.Errorf("others see %q", got)
		}
		for range draftFilesMax - 2 {
			_, err := w.KeepDraftFile(w.ctx, mine, hash, "encore.jpg")
			w.must(err)
		}
		_, err = w.KeepDraftFile(w.ctx, mine, hash, "trop.jpg")
		w.refused(err, "evidence_drafts")
		_, err = w.KeepDraftFile(w.ctx, other, hash, "la.jpg")
		w.must(err)

		w.wall.forward(draftFileGood)
		if got := names(mine, first.ID); got != "" {
			t.Errorf("after a day: %q", got)
		}
		w.wall.forward(time.Second)
		w.must(w.Sweep(w.ctx))
		var left int64
		w.must(w.db.Read(w.ctx).Model(&DraftFile{}).Count(&left).Error)
		if left != 0 {
			t.Errorf("%d are left", left)
		}
	})
}
