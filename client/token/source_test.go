package token_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

const key = "k"

// gateway plays the security gateway: each fetch takes latency and brings a token
// with a text of its own.
type gateway struct {
	latency, life time.Duration
	fetches       atomic.Int64
	mu            sync.Mutex
	err           error
	began         []time.Time
}

func (g *gateway) fail(err error) { g.mu.Lock(); g.err = err; g.mu.Unlock() }

func (g *gateway) times() []time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]time.Time(nil), g.began...)
}

func (g *gateway) fetch(ctx context.Context) (store.Token, error) {
	n, sent := g.fetches.Add(1), time.Now()
	g.mu.Lock()
	g.began = append(g.began, sent)
	g.mu.Unlock()
	if g.latency > 0 { // a timer of 0 in a bubble has ended the program under the race detector (Go 1.26)
		select {
		case <-time.After(g.latency):
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return store.Token{}, ctx.Err()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err != nil {
		return store.Token{}, g.err
	}
	life := g.life
	if life == 0 {
		life = 55*time.Minute - 10*time.Second
	}
	return store.NewToken(fmt.Sprintf("token-%d", n), sent, sent.Add(life))
}

// start returns a Source on g that the test closes. Unset fields of cfg are filled in.
func start(t *testing.T, g *gateway, cfg token.Config) *token.Source {
	t.Helper()
	if cfg.Store == nil {
		cfg.Store = new(store.Map)
	}
	if cfg.Fetch == nil {
		cfg.Fetch = g.fetch
	}
	cfg.Key, cfg.Logger = key, slog.New(slog.DiscardHandler)
	s, err := token.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func mustToken(t *testing.T, s *token.Source) store.Token {
	t.Helper()
	tok, err := s.Token(t.Context(), 0)
	if err != nil {
		t.Fatalf("Token: %v", err)
	}
	return tok
}

func mustFind(t *testing.T, s *token.Source) token.Found {
	t.Helper()
	f, err := s.Lookup(t.Context(), 0)
	if err != nil {
		t.Fatalf("Lookup: %v", err)
	}
	return f
}

func newToken(t *testing.T, text string, life time.Duration) store.Token {
	t.Helper()
	tok, err := store.NewToken(text, time.Now(), time.Now().Add(life))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestAnyNumberOfCallersMakeOneFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		s := start(t, g, token.Config{})
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() {
				f, err := s.Lookup(t.Context(), 0)
				if err != nil || f.Token.Reveal() != "token-1" || !f.Waited || f.Origin != token.Fetched {
					t.Errorf("Lookup = %+v, %v; want the fetched token-1", f, err)
				}
			})
		}
		wg.Wait()
		f, err := s.Lookup(t.Context(), 0)
		if err != nil || f.Waited || f.Origin != token.Near {
			t.Errorf("then Lookup = %+v, %v; want a hit", f, err)
		}
		if n := g.fetches.Load(); n != 1 {
			t.Errorf("%d fetches", n)
		}
	})
}

func TestCallerLeavesAtItsOwnDeadlineAndTheFetchLands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		s := start(t, g, token.Config{})
		var wg sync.WaitGroup
		for range 50 { // the leader among them
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				began := time.Now()
				_, err := s.Token(ctx, 0)
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 50*time.Millisecond {
					t.Errorf("after %v: %v; want the deadline after 50ms", time.Since(began), err)
				}
			})
		}
		wg.Wait()
		if tok := mustToken(t, s); tok.Reveal() != "token-1" {
			t.Errorf("got %q, want the token of the fetch that went on", tok.Reveal())
		}
		if n := g.fetches.Load(); n != 1 {
			t.Errorf("%d fetches: leaving was taken for a failure, or cancelled the fetch", n)
		}
	})
}

func TestStoreErrorIsReturnedWithoutAFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("disk on fire")
		g := new(gateway)
		s := start(t, g, token.Config{Store: &faulty{getErr: broken}})
		if _, err := s.Token(t.Context(), 0); !errors.Is(err, broken) {
			t.Errorf("Token: %v", err)
		}
		if _, err := s.Lookup(t.Context(), 0); !errors.Is(err, broken) {
			t.Errorf("Lookup: %v", err)
		}
		if n := g.fetches.Load(); n != 0 {
			t.Errorf("%d fetches", n)
		}
	})
}

func TestTokenThatCannotBeStoredServesItsCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{Store: &faulty{casErr: errors.New("read only")}})
		if tok := mustToken(t, s); tok.Reveal() != "token-1" {
			t.Errorf("got %q", tok.Reveal())
		}
	})
}

func TestAnIdentityConflictIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{Store: &faulty{casErr: store.ErrIdentity}})
		if _, err := s.Token(t.Context(), 0); !errors.Is(err, store.ErrIdentity) {
			t.Errorf("got %v", err)
		}
	})
}

func TestTokenOfAnotherProcessIsAdopted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: 2 * time.Second}
		shared := new(store.Map)
		s := start(t, g, token.Config{Store: shared})
		time.AfterFunc(time.Second, func() { // while ours is on its way
			_, _ = shared.CompareAndSwap(context.Background(), key, store.Token{}, newToken(t, "theirs", time.Hour))
		})
		f, err := s.Lookup(t.Context(), 0)
		if err != nil || f.Token.Reveal() != "theirs" || f.Origin != token.Far {
			t.Errorf("Lookup = %v (%q), %v", f.Origin, f.Token.Reveal(), err)
		}
	})
}

func TestNearMissIsReadFromTheStoreOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		far := &faulty{delay: 10 * time.Millisecond}
		_, _ = far.CompareAndSwap(t.Context(), key, store.Token{}, newToken(t, "theirs", time.Hour))
		s := start(t, g, token.Config{Store: far, Tiers: lease.Tiers{Near: new(store.Map)}})
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				f, err := s.Lookup(t.Context(), 0)
				if err != nil || f.Token.Reveal() != "theirs" || f.Origin != token.Far || f.Waited {
					t.Errorf("Lookup = %+v, %v", f, err)
				}
			})
		}
		wg.Wait()
		if far.gets.Load() != 1 || g.fetches.Load() != 0 {
			t.Errorf("%d reads, %d fetches; want 1 and 0", far.gets.Load(), g.fetches.Load())
		}
	})
}

func TestRefreshBringsATokenFetchedAfterTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: 2 * time.Second}
		s := start(t, g, token.Config{})
		go func() { _, _ = s.Token(context.Background(), 0) }()
		time.Sleep(time.Second) // the first fetch is under way
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				f, err := s.Refresh(t.Context())
				if err != nil || f.Token.Reveal() != "token-2" {
					t.Errorf("Refresh = %q, %v; want the second token", f.Token.Reveal(), err)
				}
			})
		}
		wg.Wait()
		if n := g.fetches.Load(); n != 2 {
			t.Errorf("%d fetches, want 2", n)
		}
		if tok := mustToken(t, s); tok.Reveal() != "token-2" {
			t.Errorf("stored: %q", tok.Reveal())
		}
	})
}

func TestFailingRefreshesShareOneFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second, err: errors.New("down")}
		s := start(t, g, token.Config{})
		go func() { _, _ = s.Token(context.Background(), 0) }()
		time.Sleep(time.Millisecond)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if _, err := s.Refresh(t.Context()); !errors.Is(err, g.err) {
					t.Errorf("Refresh: %v", err)
				}
			})
		}
		wg.Wait()
		if n := g.fetches.Load(); n != 2 {
			t.Errorf("%d fetches, want the one under way and one for all refreshes", n)
		}
	})
}

func TestAtLeast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{OneShot: true})
		mustToken(t, s)
		time.Sleep(40 * time.Minute)
		for _, c := range []struct {
			atLeast time.Duration
			want    string
		}{{0, "token-1"}, {14 * time.Minute, "token-1"}, {20 * time.Minute, "token-2"}, {20 * time.Minute, "token-2"}} {
			tok, err := s.Token(t.Context(), c.atLeast)
			if err != nil || tok.Reveal() != c.want {
				t.Errorf("at least %v: %q, %v; want %s", c.atLeast, tok.Reveal(), err, c.want)
			}
		}
		if _, err := s.Token(t.Context(), 28*time.Minute); !errors.Is(err, token.ErrAtLeast) {
			t.Errorf("more than half a life: %v", err)
		}
		g.life = time.Minute
		time.Sleep(45 * time.Minute)
		if _, err := s.Token(t.Context(), 20*time.Minute); !errors.Is(err, token.ErrAtLeast) {
			t.Errorf("a gateway with short tokens: %v", err)
		}
	})
}

func TestFetchThatBreaksReachesEverybodyAsAnError(t *testing.T) {
	boom := errors.New("boom")
	for name, fetch := range map[string]func(context.Context) (store.Token, error){
		"panic":         func(context.Context) (store.Token, error) { panic(boom) },
		"goexit":        func(context.Context) (store.Token, error) { runtime.Goexit(); return store.Token{}, nil },
		"hang":          func(context.Context) (store.Token, error) { time.Sleep(time.Hour); return store.Token{}, nil },
		"no token":      func(context.Context) (store.Token, error) { return store.Token{}, nil },
		"expired token": func(context.Context) (store.Token, error) { return store.NewToken("x", time.Time{}, time.Now()) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var good atomic.Bool
				g := new(gateway)
				s := start(t, g, token.Config{Fetch: func(ctx context.Context) (store.Token, error) {
					if good.Load() {
						return g.fetch(ctx)
					}
					return fetch(ctx)
				}})
				var wg sync.WaitGroup
				for range 10 {
					wg.Go(func() {
						var failed *token.FetchError
						if _, err := s.Token(t.Context(), 0); !errors.As(err, &failed) {
							t.Errorf("got %v, want a FetchError", err)
						}
					})
				}
				wg.Wait()
				good.Store(true)
				time.Sleep(3 * time.Second)
				mustToken(t, s)
				time.Sleep(time.Hour) // for the fetch that hung
			})
		})
	}
}

func TestPanicOfAStoreDoesNotBreakTheSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &faulty{panics: true}
		s := start(t, new(gateway), token.Config{Store: st, Tiers: lease.Tiers{Near: new(store.Map)}})
		var panicked *bounded.PanicError
		if _, err := s.Token(t.Context(), 0); !errors.As(err, &panicked) {
			t.Errorf("in a flight: %v", err)
		}
		st.panics = false
		mustToken(t, s)
	})
}

func TestCloseEndsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // fails if a goroutine or timer stays
		g := &gateway{latency: time.Hour}
		s := start(t, g, token.Config{FetchTimeout: 2 * time.Hour})
		done := make(chan error)
		go func() { _, err := s.Token(context.Background(), 0); done <- err }()
		synctest.Wait()
		s.Close()
		s.Close()
		if err := <-done; !errors.Is(err, token.ErrClosed) {
			t.Errorf("whoever waited got %v", err)
		}
		if _, err := s.Token(t.Context(), 0); !errors.Is(err, token.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		if n := g.fetches.Load(); n != 1 {
			t.Errorf("%d fetches", n)
		}
	})
}

func TestNewNamesEveryProblem(t *testing.T) {
	_, err := token.New(token.Config{FarWait: -1, Margins: store.Margins{Margin: -1}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"Store", "Key", "Fetch", "FarWait", "Margin"} {
		if !contains(err, want) {
			t.Errorf("%q does not name %s", err, want)
		}
	}
}

func TestHitAllocatesNothing(t *testing.T) {
	g := new(gateway)
	s := start(t, g, token.Config{})
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() { _, _ = s.Token(ctx, 0) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
