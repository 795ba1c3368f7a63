package token_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/store"
)

// A leader that closes takes nobody along: its fetch goes on, and the others have it.
func TestLeaderThatClosesHarmsNoOtherSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // fails if a goroutine stays
		g := &gateway{latency: 2 * time.Second}
		sources := team(t, g, 4, token.Config{})
		leader := make(chan error, 1)
		go func() { _, err := sources[0].Token(context.Background(), 0); leader <- err }()
		synctest.Wait()
		time.AfterFunc(time.Second, sources[0].Close)
		began := time.Now()
		each(sources[1:], 100, func(s *token.Source) {
			if tok, err := s.Token(t.Context(), 0); err != nil || tok.Reveal() != "token-1" {
				t.Errorf("Token = %q, %v", tok.Reveal(), err)
			}
		})
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("the others waited %v", took)
		}
		if err := <-leader; !errors.Is(err, token.ErrClosed) {
			t.Errorf("the leader's own caller got %v", err)
		}
		if n := g.fetches.Load(); n != 1 {
			t.Errorf("%d fetches", n)
		}
	})
}

// A caller of a Source that is closed is told at once, though the fetch goes on.
func TestClosedSourceTellsItsCallersAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sources := team(t, &gateway{latency: 10 * time.Second}, 2, token.Config{})
		go func() { _, _ = sources[0].Token(context.Background(), 0) }()
		synctest.Wait()
		time.AfterFunc(time.Second, sources[1].Close)
		began := time.Now()
		_, err := sources[1].Token(t.Context(), 0)
		if took := time.Since(began); !errors.Is(err, token.ErrClosed) || took != time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}

// With the last Source the fetch ends. One that opens then begins anew.
func TestFetchEndsWithTheLastSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cancelled atomic.Int64
		hang := func(ctx context.Context) (store.Token, error) {
			<-ctx.Done()
			cancelled.Add(1)
			return store.Token{}, ctx.Err()
		}
		cfg := token.Config{Fetcher: token.NewFetcher(), Store: new(store.Map), Fetch: hang}
		sources := team(t, new(gateway), 3, cfg)
		go func() { _, _ = sources[0].Token(context.Background(), 0) }()
		for i, s := range sources {
			synctest.Wait()
			if cancelled.Load() != 0 {
				t.Errorf("cancelled with %d Sources open", len(sources)-i)
			}
			s.Close()
			s.Close() // counts once
		}
		synctest.Wait()
		if cancelled.Load() != 1 {
			t.Error("the fetch was not cancelled")
		}
		g := new(gateway)
		cfg.Fetch = g.fetch
		if tok := mustToken(t, start(t, g, cfg)); tok.Reveal() != "token-1" {
			t.Errorf("got %q", tok.Reveal())
		}
	})
}

// Closing is no failure: whoever opens next need not wait.
func TestOpenWhileTheLastFetchStillHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		cfg := token.Config{Fetcher: token.NewFetcher(), Store: new(store.Map), Fetch: func(context.Context) (store.Token, error) {
			<-release // minds no context
			return store.Token{}, errors.New("too late")
		}}
		old := start(t, new(gateway), cfg)
		go func() { _, _ = old.Token(context.Background(), 0) }()
		synctest.Wait()
		old.Close()
		g := new(gateway)
		cfg.Fetch = g.fetch
		began := time.Now()
		mustToken(t, start(t, g, cfg))
		if took := time.Since(began); took != 0 {
			t.Errorf("waited %v for the fetch of a Source that is closed", took)
		}
	})
}

// A client that is opened and closed for each call has the attempts of one that stays.
func TestReopeningDoesNotGiveNewAttempts(t *testing.T) {
	for name, test := range map[string]struct {
		classify func(error) (bool, time.Duration)
		most     int64
	}{
		"refusal": {refused, 10},
		// With full jitter: pauses of 1 to 60 s, half of that on average.
		"outage": {func(error) (bool, time.Duration) { return false, 0 }, 60},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gateway{err: errors.New("no")}
				cfg := token.Config{Fetcher: token.NewFetcher(), Store: new(store.Map), Errors: classified(test.classify), Credentials: "x"}
				for range 600 {
					s := start(t, g, cfg)
					if _, err := s.Token(t.Context(), 0); !errors.As(err, new(*token.FetchError)) {
						t.Errorf("Token: %v", err)
					}
					s.Close()
					time.Sleep(time.Second)
				}
				if n := g.fetches.Load(); n > test.most {
					t.Errorf("%d attempts in ten minutes, want at most %d", n, test.most)
				}
			})
		})
	}
}

func TestReopeningDoesNotResetTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		cfg := token.Config{Fetcher: token.NewFetcher(), Store: new(store.Map)}
		for range 59 {
			s := start(t, g, cfg)
			_ = s.Reject(t.Context(), mustToken(t, s))
			s.Close()
			time.Sleep(time.Second)
		}
		if n := g.fetches.Load(); n != 1+3 {
			t.Errorf("%d fetches in a minute, want the first and three", n)
		}
		time.Sleep(time.Minute)
		s := start(t, g, cfg)
		if err := s.Reject(t.Context(), mustToken(t, s)); err != nil {
			t.Errorf("after a minute: %v", err)
		}
	})
}

// huge is an error that is easily missed when it goes.
type huge struct{ _ [1 << 10]byte }

func (*huge) Error() string { return "huge" }

// Of Sources that are closed nothing is left once it does not count any more.
func TestFetcherForgetsClosedSources(t *testing.T) {
	many := 10_000
	if underRace {
		many /= 10 // for time
	}
	synctest.Test(t, func(t *testing.T) {
		f, st := token.NewFetcher(), new(store.Map)
		n := 0
		var errs []weak.Pointer[huge]
		open := func(classify func(error) (bool, time.Duration)) {
			err := new(huge)
			n++
			errs = append(errs, weak.Make(err))
			s, e := token.New(token.Config{
				Fetcher: f, Store: st, Key: fmt.Sprint("key-", n), Credentials: fmt.Sprint("c-", n), Errors: classified(classify),
				Fetch: func(context.Context) (store.Token, error) { return store.Token{}, err }, Logger: slog.New(slog.DiscardHandler),
			})
			if e != nil {
				t.Fatal(e)
			}
			_, _ = s.Token(t.Context(), 0)
			s.Close()
		}
		left := func() (n int) {
			runtime.GC()
			runtime.GC()
			for _, e := range errs {
				if e.Value() != nil {
					n++
				}
			}
			return n
		}
		heap := func() int64 {
			runtime.GC()
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return int64(m.HeapAlloc)
		}
		var before int64
		grown := int64(math.MaxInt64) // in the round that left the least: the heap has other users
		for round := range 4 {        // what the first one leaves is room for timers
			for i := range many {
				if i%2 == 0 {
					open(refused)
				} else {
					open(down)
				}
			}
			if n := left(); n < many {
				t.Errorf("%d failures of %d are forgotten too early", many-n, many)
			}
			time.Sleep(10 * time.Minute)
			if n := left(); n > 0 {
				t.Errorf("%d failures of Sources that are closed are kept", n)
			}
			errs = nil
			after := heap()
			if round > 0 {
				grown = min(grown, after-before)
			}
			before = after
		}
		if grown > int64(many)*100 {
			t.Errorf("%d bytes are kept of %d Sources", grown, many)
		}
		runtime.KeepAlive(f)
	})
}

// What panics or exits in the run of one Source ends no process, and is an error for its
// own callers; those of another Source get their token.
func TestWhatBreaksInARunReachesNoOtherSource(t *testing.T) {
	boom := errors.New("boom")
	for how, end := range map[string]func(){"panic": func() { panic(boom) }, "exit": runtime.Goexit} {
		for _, place := range []string{"Fetch", "FetchStart", "FetchDone", "Rotated", "logger"} {
			t.Run(how+" in "+place, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					at := func(where string) {
						if where == place {
							end()
						}
					}
					g := &gateway{latency: time.Second}
					f, st := token.NewFetcher(), new(store.Map)
					bad, err := token.New(token.Config{
						Fetcher: f, Store: st, Key: key, Logger: slog.New(hangingLog(func() { at("logger") })),
						Fetch: func(ctx context.Context) (store.Token, error) {
							tok, err := g.fetch(ctx)
							at("Fetch")
							return tok, err
						},
						Hooks: token.Hooks{
							FetchStart: func() { time.Sleep(time.Second / 2); at("FetchStart") },
							FetchDone:  func(token.Fetch) { at("FetchDone") },
							Rotated:    func(token.Rotation) { at("Rotated") },
						},
					})
					if err != nil {
						t.Fatal(err)
					}
					defer bad.Close()
					good := start(t, g, token.Config{Fetcher: f, Store: st})
					broke := make(chan error, 1)
					go func() { _, err := bad.Token(context.Background(), 0); broke <- err }()
					synctest.Wait()
					tok, err := good.Token(t.Context(), 0)
					switch {
					case place == "Fetch": // as of any fetch that fails: it is remembered
						if !errors.As(err, new(*token.FetchError)) {
							t.Errorf("the other Source: %v", err)
						}
					case err != nil || tok.IsZero():
						t.Errorf("the other Source: %v", err)
					}
					switch err := <-broke; {
					case err == nil:
						t.Error("its own caller heard nothing")
					case how == "panic" && !errors.Is(err, boom), how == "exit" && !errors.Is(err, bounded.ErrGoexit):
						t.Errorf("its own caller got %v", err)
					}
					time.Sleep(2 * time.Second)
					mustToken(t, good)
				})
			})
		}
	}
}
