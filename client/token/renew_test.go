package token_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
)

// day makes a call a second for so long, and returns how many waited and the worst
// error.
func day(t *testing.T, s *token.Source, long time.Duration) (waited int, err error) {
	t.Helper()
	for range int(long / time.Second) {
		f, e := s.Lookup(t.Context(), 0)
		if f.Waited {
			waited++
		}
		err = errors.Join(err, e)
		time.Sleep(time.Second)
	}
	return waited, err
}

func TestBusySourceRenewsAheadAndNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: 2 * time.Second}
		s := start(t, g, token.Config{})
		waited, err := day(t, s, 24*time.Hour)
		if waited != 1 || err != nil {
			t.Errorf("%d calls waited, error %v; want just the first to wait", waited, err)
		}
		const least = 28 // 24 h / 53 min, rounded up
		if n := g.fetches.Load(); n < least || n > least*12/10 {
			t.Errorf("%d fetches in 24 h, want %d to %d", n, least, least*12/10)
		}
	})
}

func TestRenewalInstantsAreSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := make(map[time.Duration]bool)
		for range 20 {
			g := new(gateway)
			s := start(t, g, token.Config{})
			began := time.Now()
			mustToken(t, s)
			for g.fetches.Load() == 1 {
				time.Sleep(time.Second)
				mustToken(t, s)
			}
			s.Close()
			const shared = 3180 * time.Second
			at := time.Since(began)
			if at < shared*88/100 || at > shared*95/100+2*time.Second {
				t.Errorf("renewed after %v, want 88 to 95 %% of %v", at, shared)
			}
			seen[at] = true
		}
		if len(seen) < 10 {
			t.Errorf("20 renewals at %d instants", len(seen))
		}
	})
}

func TestUnusedTokenLapsesQuietly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{})
		mustToken(t, s)
		time.Sleep(10 * time.Hour)
		// The use that fetched the first token is a use, so one renewal is due; the
		// token that it brought was never used.
		if n := g.fetches.Load(); n != 2 {
			t.Errorf("%d fetches by an idle process, want 2", n)
		}
		mustToken(t, s)
		if n := g.fetches.Load(); n != 3 {
			t.Errorf("%d fetches, want one more on the next use", n)
		}
	})
}

func TestFirstUseAfterTheRenewalInstantRenewsInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		s := start(t, g, token.Config{})
		mustToken(t, s)
		// Renewed after 46 to 51 minutes on account of the first use; the renewal of
		// that token lapsed after 93 to 101, and it ends after 101 to 106.
		time.Sleep(101 * time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		f, err := s.Lookup(ctx, 0)
		cancel() // the call is over before the renewal is
		if err != nil || f.Waited {
			t.Errorf("Lookup = %+v, %v; want a hit", f, err)
		}
		time.Sleep(2 * time.Second)
		if n := g.fetches.Load(); n != 3 {
			t.Errorf("%d fetches, want 3", n)
		}
	})
}

func TestOneShotDoesNotRenew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{OneShot: true})
		_, _ = day(t, s, 54*time.Minute)
		if n := g.fetches.Load(); n != 1 {
			t.Errorf("%d fetches", n)
		}
	})
}

func TestGatewayDownAroundARenewalIsNotNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		s := start(t, g, token.Config{})
		_, _ = day(t, s, 46*time.Minute) // just before the earliest renewal
		g.fail(errors.New("down"))
		waited, err := day(t, s, 5*time.Minute)
		before := g.fetches.Load()
		g.fail(nil)
		w, e := day(t, s, 10*time.Minute)
		if waited+w != 0 || err != nil || e != nil {
			t.Errorf("%d calls waited, errors %v, %v", waited+w, err, e)
		}
		if before < 3 || before > 25 {
			t.Errorf("%d fetches during the outage: want retries, and bounded ones", before)
		}
	})
}

func TestLongOutageRefusesAtOnceAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := errors.New("down")
		g := &gateway{latency: time.Second}
		s := start(t, g, token.Config{})
		mustToken(t, s)
		g.fail(down)
		began := time.Now()
		var firstError time.Duration
		for time.Since(began) < 3*time.Hour {
			at := time.Now()
			_, err := s.Token(t.Context(), 0)
			if err != nil && firstError == 0 {
				firstError = at.Sub(began)
			}
			if took := time.Since(at); took > time.Second {
				t.Fatalf("a call waited %v", took)
			}
			time.Sleep(time.Second)
		}
		if expiry := 55*time.Minute - 11*time.Second; firstError < expiry {
			t.Errorf("the first error came after %v, before the expiry", firstError)
		}
		// At most one a second to begin with, and with full jitter under a minute one
		// in half a minute on average.
		if n := len(g.times()); n > 400 {
			t.Errorf("%d fetches in three hours", n)
		}
		g.fail(nil)
		back := time.Now()
		for {
			if _, err := s.Token(t.Context(), 0); err == nil {
				break
			}
			time.Sleep(time.Second)
		}
		if took := time.Since(back); took > time.Minute+2*time.Second {
			t.Errorf("recovered after %v, more than one backoff step", took)
		}
	})
}

// Nobody waits for a renewal ahead of the end: the hook that tells how long calls waited is not
// called for it.
func TestRenewalIsNoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, waits := &gateway{latency: time.Second}, 0
		s := start(t, g, token.Config{Hooks: token.Hooks{Waited: func(context.Context, token.Wait) { waits++ }}})
		mustToken(t, s)
		mustToken(t, s) // it is used, so that it is renewed
		time.Sleep(54 * time.Minute)
		if n := g.fetches.Load(); n != 2 || waits != 1 {
			t.Errorf("%d fetches, %d waits; want a renewal that nobody waited for", n, waits)
		}
	})
}
