package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/advoware-go/advoware/store"
)

// Folder is a store.Store for the processes of one machine: each token is a file that only
// its owner may read. It is safe for concurrent use, also by several processes.
type Folder struct {
	dir string
	// turn is held by the goroutine of this process that changes something. The others do
	// not have to ask the file system when it is theirs.
	turn chan struct{}
}

// NewFolder returns a store in dir, which is made if it is not there.
func NewFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return &Folder{dir: dir, turn: make(chan struct{}, 1)}, nil
}

// content is what a file holds.
type content struct {
	Token    string    `json:"token"`
	IssuedAt time.Time `json:"issued_at"`
	Expiry   time.Time `json:"expiry"`
}

// Get implements store.Store. A file is replaced as a whole, so that no lock is needed.
func (f *Folder) Get(ctx context.Context, key string) (store.Token, error) {
	if err := ctx.Err(); err != nil {
		return store.Token{}, err
	}
	file, err := os.Open(f.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return store.Token{}, store.ErrNotFound
	}
	if err != nil {
		return store.Token{}, err // it could not tell: no token is requested then
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, 2*store.MaxTokenBytes))
	if err != nil {
		return store.Token{}, err
	}
	var c content
	if err := json.Unmarshal(text, &c); err != nil {
		return store.Token{}, fmt.Errorf("%w: %w: not JSON", store.ErrNotFound, store.ErrUnusable) // the next write mends it
	}
	tok, err := store.NewToken(c.Token, c.IssuedAt, c.Expiry)
	if err != nil {
		return store.Token{}, fmt.Errorf("%w: %w", store.ErrNotFound, err)
	}
	if !tok.ValidAt(time.Now()) {
		return store.Token{}, store.ErrNotFound
	}
	return tok, nil
}

// CompareAndSwap implements store.Store.
func (f *Folder) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if err := store.CheckStorable(tok); err != nil {
		return store.Token{}, err
	}
	unlock, err := f.lock(ctx, key)
	if err != nil {
		return store.Token{}, err
	}
	defer unlock()
	there, err := f.Get(ctx, key)
	if err == nil && !there.Equal(old) {
		return there, nil
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Token{}, err
	}
	if err := f.write(key, tok); err != nil {
		return store.Token{}, err
	}
	return tok, nil
}

// CompareAndDelete implements store.Store.
func (f *Folder) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	unlock, err := f.lock(ctx, key)
	if err != nil {
		return err
	}
	defer unlock()
	there, err := f.Get(ctx, key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return err
	case there.Equal(old):
		return os.Remove(f.path(key))
	}
	return nil
}

// write replaces a file: a reader sees the old content or the new one.
func (f *Folder) write(key string, tok store.Token) error {
	text, err := json.Marshal(content{tok.Reveal(), tok.IssuedAt(), tok.Expiry()})
	if err != nil {
		return err
	}
	next, err := os.CreateTemp(f.dir, "next-") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(next.Name()) // is not there any more if all went well
	_, err = next.Write(text)
	if err := errors.Join(err, next.Close()); err != nil {
		return err
	}
	return os.Rename(next.Name(), f.path(key))
}

// lock waits until nobody else changes the token, in this process or another one, as long as
// ctx allows.
func (f *Folder) lock(ctx context.Context, key string) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case f.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	l := flock.New(f.path(key) + ".lock")
	if _, err := l.TryLockContext(ctx, 5*time.Millisecond); err != nil {
		<-f.turn
		return nil, errors.Join(err, l.Close())
	}
	return func() {
		_ = l.Close() // which unlocks it
		<-f.turn
	}, nil
}

// path is the file of a key, whatever characters are in that.
func (f *Folder) path(key string) string {
	hash := sha256.Sum256([]byte(key))
	return filepath.Join(f.dir, hex.EncodeToString(hash[:16]))
}
