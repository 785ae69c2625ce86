// Package store keeps contents by their hash: in a folder, or in a bucket of
// S3. The same content is kept once, is there whole or not at all, and never
// changes. What it is called, and who may see it, is not known here.
//
// Both lay files out alike (ab/abcdef…), so that a folder moves into a bucket
// by being copied.
package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"
)

// Store keeps contents by hash.
type Store interface {
	// Put keeps a content. It is safe to repeat, also at the same time.
	Put(ctx context.Context, hash string, content []byte) error
	// Open reads a content. Where there is none it fails with fs.ErrNotExist.
	Open(ctx context.Context, hash string) (io.ReadCloser, error)
	// Has says whether there is one.
	Has(ctx context.Context, hash string) (bool, error)
	// Remove takes a content away; where there is none, it is done.
	Remove(ctx context.Context, hash string) error
}

// ErrChanged says that what is kept is no longer what was put there.
var ErrChanged = errors.New("the content is not that of its hash")

// Hash names a content: SHA-256 in hex.
func Hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// IsHash says whether a text can be the name of a content. Nothing else ever
// becomes part of a path.
func IsHash(s string) bool {
	if len(s) != 2*sha256.Size {
		return false
	}
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return true
}

// key is where a content lies in a store.
func key(hash string) (string, error) {
	if !IsHash(hash) {
		return "", fmt.Errorf("%q is no hash", hash)
	}
	return hash[:2] + "/" + hash, nil
}

// Read opens a content and checks it while it is read: in place of its end
// comes ErrChanged where it is not what was put there.
func Read(ctx context.Context, s Store, hash string) (io.ReadCloser, error) {
	content, err := s.Open(ctx, hash)
	if err != nil {
		return nil, err
	}
	return &checked{ReadCloser: content, want: hash, sum: sha256.New()}, nil
}

type checked struct {
	io.ReadCloser
	want string
	sum  hash.Hash
}

// Read reads on.
func (c *checked) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.sum.Write(p[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(c.sum.Sum(nil)) != c.want {
		return n, ErrChanged
	}
	return n, err
}

// Check writes something, reads it back and removes it: whether a store works,
// asked before somebody needs it.
func Check(ctx context.Context, s Store) error {
	content := []byte("amiable " + time.Now().UTC().Format(time.RFC3339Nano))
	hash := Hash(content)
	if err := s.Put(ctx, hash, content); err != nil {
		return fmt.Errorf("cannot be written: %w", err)
	}
	reader, err := Read(ctx, s, hash)
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	back, err := io.ReadAll(reader)
	_ = reader.Close()
	if err != nil || !bytes.Equal(back, content) {
		return fmt.Errorf("does not give back what was written: %w", errors.Join(err, ErrChanged))
	}
	if err := s.Remove(ctx, hash); err != nil {
		return fmt.Errorf("cannot be cleared: %w", err)
	}
	return nil
}
