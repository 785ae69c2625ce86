package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder keeps contents in a folder of this machine.
type Folder struct{ Path string }

var _ Store = Folder{}

func (f Folder) path(hash string) (string, error) {
	k, err := key(hash)
	return filepath.Join(f.Path, filepath.FromSlash(k)), err
}

// Put keeps a content: on disk, under its whole name, when it returns.
func (f Folder) Put(_ context.Context, hash string, content []byte) error {
	path, err := f.path(hash)
	if err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.Size() == int64(len(content)) {
		return nil
	}
	if err := writeWhole(path, content); err != nil {
		return fmt.Errorf("content %s: %w", hash, err)
	}
	return nil
}

// writeWhole writes a file so that it is there whole or not at all.
func writeWhole(path string, content []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temporary.Name())
		}
	}()
	_, err = temporary.Write(content)
	if err == nil {
		err = temporary.Sync()
	}
	if err = errors.Join(err, temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// Open reads a content.
func (f Folder) Open(_ context.Context, hash string) (io.ReadCloser, error) {
	path, err := f.path(hash)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("content %s: %w", hash, err)
	}
	return file, nil
}

// Has says whether there is a content.
func (f Folder) Has(_ context.Context, hash string) (bool, error) {
	path, err := f.path(hash)
	if err != nil {
		return false, err
	}
	_, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Remove takes a content away.
func (f Folder) Remove(_ context.Context, hash string) error {
	path, err := f.path(hash)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("content %s: %w", hash, err)
	}
	return nil
}
