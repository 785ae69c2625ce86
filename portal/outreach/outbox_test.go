package outreach

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTheOutboxKeepsWhatWouldHaveLeft(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "outbox")
	box, err := NewOutbox(folder)
	if err != nil {
		t.Fatal(err)
	}
	older, newer := aMessage(), aMessage()
	newer.ID, newer.At, newer.Subject = "0192d0aa-7c1e-7000-8000-000000000002", older.At.Add(time.Hour), "Nouveau"
	newer.Text = "Ouvrir\nhttps://portail.example/l/abc\n\nou https://portail.example/real.\n"
	for _, m := range []Message{newer, older} {
		if err := box.Send(context.Background(), m); err != nil {
			t.Fatal(err)
		}
	}
	other, err := NewOutbox(folder) // another process
	if err != nil {
		t.Fatal(err)
	}
	mails, err := other.List(10)
	if err != nil || len(mails) != 2 || mails[0].ID != newer.ID || mails[1].Subject != older.Subject {
		t.Fatalf("%+v, %v", mails, err)
	}
	if got := mails[0].Links; len(got) != 2 || got[0] != "https://portail.example/l/abc" || got[1] != "https://portail.example/real" {
		t.Errorf("links %v", got)
	}
	m, err := other.Get(older.ID)
	if err != nil || m.Text != older.Text || m.HTML != older.HTML || m.ToAddress != "zoe@example.test" || !strings.Contains(m.From, "Agence Aubrelle") {
		t.Errorf("%+v, %v", m, err)
	}

	// Sent again after a crash, it is still one message.
	if err := box.Send(context.Background(), older); err != nil {
		t.Fatal(err)
	}
	if mails, err := box.List(10); err != nil || len(mails) != 2 {
		t.Errorf("%d messages, %v", len(mails), err)
	}
	if mails, err := box.List(1); err != nil || len(mails) != 1 || mails[0].ID != newer.ID {
		t.Errorf("the newest: %v, %v", mails, err)
	}
	info, err := os.Stat(filepath.Join(folder, older.ID+mailSuffix))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
}

func TestTheOutboxOpensNoOtherFile(t *testing.T) {
	box, err := NewOutbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", "..", "../../etc/passwd", "a/b", `a\b`, "a.eml", "a\x00", strings.Repeat("a", 200), "none"} {
		if _, err := box.Get(id); !errors.Is(err, ErrNoMail) {
			t.Errorf("%q: %v", id, err)
		}
		m := aMessage()
		if m.ID = id; id != "none" && box.Send(context.Background(), m) == nil {
			t.Errorf("%q was written", id)
		}
	}
}

func TestManyProcessesShareAnOutbox(t *testing.T) {
	folder := t.TempDir()
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			box, err := NewOutbox(folder)
			if err != nil {
				t.Error(err)
				return
			}
			for n := range 5 {
				m := aMessage()
				m.ID = string(rune('a'+i)) + "-" + string(rune('a'+n))
				if err := box.Send(context.Background(), m); err != nil {
					t.Error(err)
				}
				if _, err := box.List(100); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	box, err := NewOutbox(folder)
	if err != nil {
		t.Fatal(err)
	}
	if mails, err := box.List(100); err != nil || len(mails) != 40 {
		t.Errorf("%d messages, %v", len(mails), err)
	}
}
