package storetest

import (
	"crypto/rand"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/store"
)

// long is the lifetime of a token that does not expire during a case.
const long = 30 * time.Minute

// subject is the store under test, with what a case needs.
type subject struct {
	testing.TB
	store     store.Store
	key       string // random
	lifetime  time.Duration
	tolerance time.Duration
	sleep     func(time.Duration)
}

func newSubject(t testing.TB, c Config) *subject {
	s := &subject{TB: t, store: c.New(t), key: "storetest:" + rand.Text(), lifetime: c.Lifetime, tolerance: c.Tolerance, sleep: c.Sleep}
	if s.lifetime <= 0 {
		s.lifetime = time.Second
	}
	if s.tolerance <= 0 {
		s.tolerance = time.Second
	}
	if s.sleep == nil {
		s.sleep = time.Sleep
	}
	return s
}

// pass waits until a token with s.lifetime has expired for certain.
func (s *subject) pass() { s.sleep(s.lifetime + s.tolerance) }

// fresh returns a new random token.
func fresh(life time.Duration) store.Token { return token(rand.Text(), life) }

func token(text string, life time.Duration) store.Token {
	now := time.Now()
	tok, err := store.NewToken(text, now, now.Add(life))
	if err != nil {
		panic("storetest: " + err.Error()) // a bug of the suite, not of the store
	}
	return tok
}

// put stores a new long-lived token under the key and returns it.
func (s *subject) put() store.Token {
	s.Helper()
	tok := fresh(long)
	s.swap(store.Token{}, tok, tok)
	return tok
}

// swap calls CompareAndSwap, which must return stands.
func (s *subject) swap(old, tok, stands store.Token) {
	s.Helper()
	s.swapAt(s.key, old, tok, stands)
}

func (s *subject) swapAt(key string, old, tok, stands store.Token) {
	s.Helper()
	got, err := s.store.CompareAndSwap(s.Context(), key, old, tok)
	if err != nil {
		s.Fatalf("CompareAndSwap(%q, %v, %v): %v", key, old, tok, err)
	}
	if !got.Equal(stands) {
		s.Errorf("CompareAndSwap(%q, %v, %v) = %v, want %v", key, old, tok, got, stands)
	}
}

// delete calls CompareAndDelete, which must not fail.
func (s *subject) delete(old store.Token) {
	s.Helper()
	if err := s.store.CompareAndDelete(s.Context(), s.key, old); err != nil {
		s.Errorf("CompareAndDelete(%q, %v): %v", s.key, old, err)
	}
}

// holds calls Get, which must return want, or ErrNotFound if that is zero. It returns the
// token.
func (s *subject) holds(want store.Token) store.Token {
	s.Helper()
	return s.holdsAt(s.key, want)
}

func (s *subject) holdsAt(key string, want store.Token) store.Token {
	s.Helper()
	got, err := s.store.Get(s.Context(), key)
	switch {
	case want.IsZero() && !errors.Is(err, store.ErrNotFound):
		s.Errorf("Get(%q) = %v, error %v, want an error that matches ErrNotFound", key, got, err)
	case !want.IsZero() && err != nil:
		s.Fatalf("Get(%q): %v, want %v", key, err, want)
	case !got.Equal(want):
		s.Errorf("Get(%q) = %v, want %v", key, got, want)
	}
	return got
}

// together runs f(0) to f(n-1) concurrently. An error of any of them fails the case.
func (s *subject) together(n int, f func(i int) error) {
	s.Helper()
	errs := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { errs[i] = f(i) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		s.Fatal(err)
	}
}
