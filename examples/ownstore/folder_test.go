package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/storetest"
)

// The suite is the proof: a store that passes it works with the rest of the library.
func TestFolder(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.Config{
		New: func(t testing.TB) store.Store { return folder(t, t.TempDir()) },
		In:  synctest.Test, // files work in a bubble, where waiting for an expiry takes no time
	})
}

// Each process has a Folder of its own.
func TestTwoFoldersAreOneStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.Config{In: synctest.Test, New: func(t testing.TB) store.Store {
		dir := t.TempDir()
		return &pair{of: [2]*Folder{folder(t, dir), folder(t, dir)}}
	}})
}

// pair uses two stores by turns.
type pair struct {
	of [2]*Folder
	n  atomic.Uint64
}

func (p *pair) next() *Folder { return p.of[p.n.Add(1)%2] }

func (p *pair) Get(ctx context.Context, key string) (store.Token, error) {
	return p.next().Get(ctx, key)
}

func (p *pair) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	return p.next().CompareAndSwap(ctx, key, old, tok)
}

func (p *pair) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	return p.next().CompareAndDelete(ctx, key, old)
}

func folder(t testing.TB, dir string) *Folder {
	t.Helper()
	f, err := NewFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func token(t *testing.T, text string) store.Token {
	t.Helper()
	tok, err := store.NewToken(text, time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// What is no token counts as none, and is replaced. What cannot be read is an error.
func TestSpoiltFile(t *testing.T) {
	f := folder(t, t.TempDir())
	for _, text := range []string{"", "{", "[]", `{"token": "two words", "expiry": "2126-01-01T00:00:00Z"}`, `{"token": "a"`, "\x00"} {
		if err := os.WriteFile(f.path("key"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Get(t.Context(), "key"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v", text, err)
		}
		want := token(t, "good")
		if got, err := f.CompareAndSwap(t.Context(), "key", store.Token{}, want); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	if err := errors.Join(os.Remove(f.path("key")), os.Mkdir(f.path("key"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Get(t.Context(), "key"); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("a folder in place of the file: %v", err)
	}
}

func TestOnlyTheOwnerReads(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes here")
	}
	dir := filepath.Join(t.TempDir(), "tokens")
	f := folder(t, dir)
	if _, err := f.CompareAndSwap(t.Context(), "key", store.Token{}, token(t, "secret")); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Size() > 0 && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
