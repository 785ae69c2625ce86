package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// server is an S3 in this process. Its contents can be spoiled by the key.
func server(t *testing.T, bucket string) (*S3, func(key, content string)) {
	t.Helper()
	memory := s3mem.New()
	if err := memory.CreateBucket("evidence"); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(gofakes3.New(memory).Server())
	t.Cleanup(s.Close)
	kept, err := NewS3(Bucket{Endpoint: s.URL, Name: bucket, Region: "fr-par", AccessKey: "key", SecretKey: "secret", PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	return kept, func(key, content string) {
		if _, err := memory.PutObject("evidence", key, map[string]string{}, strings.NewReader(content), int64(len(content)), nil); err != nil {
			t.Fatal(err)
		}
	}
}

func each(t *testing.T, test func(t *testing.T, s Store, spoil func(key, content string))) {
	t.Run("folder", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "files")
		test(t, Folder{folder}, func(key, content string) {
			if err := os.WriteFile(filepath.Join(folder, filepath.FromSlash(key)), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		})
	})
	t.Run("s3", func(t *testing.T) {
		s, spoil := server(t, "evidence")
		test(t, s, spoil)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s Store, hash string) ([]byte, error) {
	t.Helper()
	r, err := Read(t.Context(), s, hash)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestAContentIsKeptOnceAndGivenBack(t *testing.T) {
	each(t, func(t *testing.T, s Store, _ func(string, string)) {
		content := bytes.Repeat([]byte("preuve "), 1_200_000)
		hash := Hash(content)
		if has, err := s.Has(t.Context(), hash); err != nil || has {
			t.Fatalf("before: %v %v", has, err)
		}
		if _, err := read(t, s, hash); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("before: %v", err)
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := s.Put(t.Context(), hash, content); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if back, err := read(t, s, hash); err != nil || !bytes.Equal(back, content) {
			t.Fatalf("%d bytes come back (%v)", len(back), err)
		}
		if has, err := s.Has(t.Context(), hash); err != nil || !has {
			t.Fatalf("kept: %v %v", has, err)
		}
		must(t, s.Remove(t.Context(), hash))
		must(t, s.Remove(t.Context(), hash))
		if has, err := s.Has(t.Context(), hash); err != nil || has {
			t.Fatalf("removed: %v %v", has, err)
		}
	})
}

func TestAContentThatChangedIsNotGivenAsWhole(t *testing.T) {
	each(t, func(t *testing.T, s Store, spoil func(string, string)) {
		hash := Hash([]byte("le mur est fissuré"))
		must(t, s.Put(t.Context(), hash, []byte("le mur est fissuré")))
		spoil(hash[:2]+"/"+hash, "le mur est intact")
		if _, err := read(t, s, hash); !errors.Is(err, ErrChanged) {
			t.Fatalf("%v", err)
		}
		must(t, s.Put(t.Context(), hash, []byte("le mur est fissuré"))) // another length: put right
		if _, err := read(t, s, hash); err != nil {
			t.Fatal(err)
		}
	})
}

func TestOnlyAHashIsEverPartOfAPath(t *testing.T) {
	each(t, func(t *testing.T, s Store, _ func(string, string)) {
		for _, name := range []string{"", "../../etc/passwd", strings.Repeat("A", 64), strings.Repeat("a", 63), strings.Repeat("../", 21) + "a", strings.Repeat("a", 63) + "\x00"} {
			_, opening := s.Open(t.Context(), name)
			_, asking := s.Has(t.Context(), name)
			for what, err := range map[string]error{"put": s.Put(t.Context(), name, nil), "open": opening, "has": asking, "remove": s.Remove(t.Context(), name)} {
				if err == nil || errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s %q: %v", what, name, err)
				}
			}
		}
	})
}

func TestCheckLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	must(t, Check(t.Context(), Folder{folder}))
	left := 0
	must(t, filepath.WalkDir(folder, func(_ string, e fs.DirEntry, err error) error {
		if !e.IsDir() {
			left++
		}
		return err
	}))
	if left > 0 {
		t.Errorf("%d files are left", left)
	}
	s, _ := server(t, "evidence")
	must(t, Check(t.Context(), s))
}

func TestCheckSeesWhatDoesNotWork(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if err := Check(t.Context(), Folder{file}); err == nil {
		t.Error("a file is no folder")
	}
	if s, _ := server(t, "another"); Check(t.Context(), s) == nil {
		t.Error("there is no such bucket")
	}
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer refusing.Close()
	s, err := NewS3(Bucket{Endpoint: refusing.URL, Name: "evidence", Region: "fr-par", AccessKey: "k", SecretKey: "s", PathStyle: true})
	must(t, err)
	if err := Check(t.Context(), s); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("%v", err)
	}
	if _, err := NewS3(Bucket{Endpoint: "s3.example.org", Name: "evidence"}); err == nil {
		t.Error("an address without https:// is taken")
	}
}

func TestNothingIsLeftOfAPutThatFailed(t *testing.T) {
	folder := t.TempDir()
	content := []byte("x")
	hash := Hash(content)
	must(t, os.MkdirAll(filepath.Join(folder, hash[:2], hash, "in the way"), 0o700))
	if err := (Folder{folder}).Put(context.Background(), hash, content); err == nil {
		t.Fatal("it was put in place of a folder")
	}
	parts, err := filepath.Glob(filepath.Join(folder, hash[:2], ".part-*"))
	if err != nil || len(parts) > 0 {
		t.Fatalf("left behind: %v (%v)", parts, err)
	}
}
