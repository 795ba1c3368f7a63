package tiered_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// rig is a tiered store with its parts.
type rig struct {
	*tiered.Store
	near *store.Map
	far  *far
	log  *logged
	told []string // by the hooks

	lease leasemap.Map
	watch watch
}

// logged is a buffer that goroutines share.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func build(t *testing.T) *rig {
	t.Helper()
	r := &rig{near: new(store.Map), far: new(far), log: new(logged)}
	hooks := tiered.Hooks{
		FarDown: func(err error) { r.told = append(r.told, "down: "+err.Error()) },
		FarUp:   func() { r.told = append(r.told, "up") },
	}
	r.lease.Store = r.far
	s, err := tiered.New(tiered.Config{Near: r.near, Far: r.far, Lease: &r.lease, Watch: &r.watch, Hooks: hooks, Logger: slog.New(slog.NewTextHandler(r.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	r.Store = s
	t.Cleanup(func() { s.Close() })
	return r
}

func (l *logged) count(text string) int { return strings.Count(l.String(), text) }

// warnings returns how many have been logged; those under way are waited for.
func (r *rig) warnings() int { synctest.Wait(); return r.log.count("level=WARN") }

func newToken(t *testing.T, text string, life time.Duration) store.Token {
	t.Helper()
	tok, err := store.NewToken(text, time.Now(), time.Now().Add(life))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// holds fails the test unless s has exactly that token, "" meaning none.
func holds(t *testing.T, name string, s store.Store, want string) {
	t.Helper()
	tok, err := s.Get(context.Background(), key)
	if got := tok.Reveal(); got != want || (want == "") != errors.Is(err, store.ErrNotFound) {
		t.Errorf("%s holds %q (%v), want %q", name, got, err, want)
	}
}

func swap(t *testing.T, s store.Store, old, tok store.Token) store.Token {
	t.Helper()
	standing, err := s.CompareAndSwap(t.Context(), key, old, tok)
	if err != nil {
		t.Fatalf("CompareAndSwap: %v", err)
	}
	return standing
}

func took(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}
