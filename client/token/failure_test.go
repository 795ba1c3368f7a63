package token_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
)

var errRefused = errors.New("refused")

func classify(after time.Duration) func(error) (bool, time.Duration) {
	return func(err error) (bool, time.Duration) { return errors.Is(err, errRefused), after }
}

func TestFailureIsRememberedUntilTheNextAttempt(t *testing.T) {
	for _, c := range []struct {
		name       string
		err        error
		retryAfter time.Duration
		low, high  time.Duration
	}{
		{"outage", errors.New("down"), 0, time.Second, 2 * time.Second},
		{"outage, told to wait", errors.New("down"), 90 * time.Second, 90 * time.Second, 90 * time.Second},
		{"outage, told to wait a day", errors.New("down"), 24 * time.Hour, 5 * time.Minute, 5 * time.Minute},
		{"refused", errRefused, 0, 60 * time.Second, 60 * time.Second},
		{"refused, told to wait", errRefused, 90 * time.Second, 90 * time.Second, 90 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gateway{err: c.err}
				s := start(t, g, token.Config{Errors: classified(classify(c.retryAfter))})
				began := time.Now()
				for range 50 {
					_, err := s.Token(t.Context(), 0)
					var failed *token.FetchError
					if !errors.As(err, &failed) || !errors.Is(err, c.err) {
						t.Fatalf("got %v", err)
					}
					if due := failed.NextAttempt.Sub(began); due < c.low || due > c.high {
						t.Fatalf("next attempt after %v, want %v to %v", due, c.low, c.high)
					}
					if failed.Refused != errors.Is(c.err, errRefused) {
						t.Errorf("Refused = %v", failed.Refused)
					}
				}
				if n := g.fetches.Load(); n != 1 {
					t.Errorf("%d fetches", n)
				}
				time.Sleep(c.high)
				_, _ = s.Token(t.Context(), 0)
				if n := g.fetches.Load(); n != 2 {
					t.Errorf("%d fetches once the pause is over, want 2", n)
				}
			})
		})
	}
}

func TestRefreshForgetsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{err: errRefused}
		s := start(t, g, token.Config{Errors: classified(classify(0))})
		_, _ = s.Token(t.Context(), 0)
		g.fail(nil) // the password has been put right
		if f, err := s.Refresh(t.Context()); err != nil || f.Token.Reveal() != "token-2" {
			t.Errorf("Refresh = %q, %v", f.Token.Reveal(), err)
		}
		mustToken(t, s)
	})
}

func TestBackoffGrowsToAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{err: errors.New("down")}
		s := start(t, g, token.Config{})
		for ; len(g.times()) < 60; time.Sleep(100 * time.Millisecond) {
			_, _ = s.Token(t.Context(), 0)
		}
		var longest time.Duration
		at := g.times()
		for i := range at[1:] {
			pause := at[i+1].Sub(at[i])
			longest = max(longest, pause)
			if pause < time.Second || pause > 60*time.Second+100*time.Millisecond {
				t.Errorf("pause %d is %v", i+1, pause)
			}
		}
		if longest < 30*time.Second {
			t.Errorf("the longest of 59 pauses is %v", longest)
		}
	})
}

func TestFetchCancelledByCloseIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended error
		s := start(t, &gateway{latency: time.Hour}, token.Config{
			FetchTimeout: 2 * time.Hour,
			Hooks:        token.Hooks{FetchDone: func(f token.Fetch) { ended = f.Err }},
		})
		go s.Token(context.Background(), 0)
		synctest.Wait()
		s.Close()
		synctest.Wait()
		var failed *token.FetchError
		if !errors.Is(ended, token.ErrClosed) || errors.As(ended, &failed) || s.Stats().Failures != 0 {
			t.Errorf("the fetch ended with %v, %d failures", ended, s.Stats().Failures)
		}
	})
}

func TestSuccessStartsTheBackoffAfresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{})
		for range 5 { // a pause that has grown is hardly ever this short, let alone each time
			g.fail(errors.New("down"))
			for range 10 {
				_, _ = s.Refresh(t.Context())
			}
			g.fail(nil)
			if _, err := s.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			g.fail(errors.New("down"))
			_, err := s.Refresh(t.Context())
			var failed *token.FetchError
			if !errors.As(err, &failed) || time.Until(failed.NextAttempt) > 2*time.Second {
				t.Fatalf("the first failure after a success: %v, at %v", err, time.Now())
			}
		}
	})
}
