package redis_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// The TTLs of miniredis stand still, and so does the time in a bubble while it is asked: what is
// made of them is known to the nanosecond, however busy the machine is.

// readers are all ways of learning which token stands.
func readers(t testing.TB, s *redisstore.Store) map[string]func() (store.Token, error) {
	t.Helper()
	l, err := redisstore.NewLease(redisstore.LeaseConfig{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return map[string]func() (store.Token, error){
		"Get": func() (store.Token, error) { return s.Get(t.Context(), tokenKey) },
		"CompareAndSwap that loses": func() (store.Token, error) {
			return s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "loser", 3*time.Minute))
		},
		"Acquire": func() (store.Token, error) {
			outcome, err := l.Acquire(t.Context(), tokenKey, lease.Ask{})
			outcome.Drop()
			return outcome.Token, err
		},
	}
}

// wantExpiry checks an expiry that was reckoned at some instant from before to now.
func wantExpiry(t testing.TB, what string, tok store.Token, before time.Time, life time.Duration) {
	t.Helper()
	if got := tok.Expiry(); got.Before(before.Add(life)) || got.After(time.Now().Add(life)) {
		t.Errorf("%s: it ends %v after it was read; want %v", what, got.Sub(before), life)
	}
}

func TestTTLMeansTheSameWhoeverReadsIt(t *testing.T) {
	const ms = time.Millisecond
	mr := miniredis.RunT(t)
	db := mr.DB(1)
	synctest.Test(t, func(t *testing.T) {
		client, _ := reaching(t, mr)
		s := mustNew(t, redisstore.Config{Client: client})
		for name, read := range readers(t, s) {
			for _, tt := range []struct {
				ttl   time.Duration
				shift string        // of the metadata, "" for none
				life  time.Duration // 0 for a token that is not used
			}{
				{ttl: 0}, // for ever
				{ttl: ms / 2},
				{1 * ms, "", margin + 1*ms}, {399 * ms, "", margin + 399*ms}, {400 * ms, "", margin + 400*ms},
				{1600 * ms, "", margin + 1600*ms}, {1600*ms + 999*time.Microsecond, "", margin + 1600*ms},
				{sharedLife - ms, "", longest - ms}, {sharedLife, "", longest}, {sharedLife + ms, "", longest},
				{55 * time.Minute, "", longest}, {math.MaxInt64, "", longest},
				{ttl: 0, shift: "1000"}, {ttl: ms / 2, shift: "1000"},
				{1 * ms, "0", 1 * ms}, {1600 * ms, "0", 1600 * ms}, {1600 * ms, "400", 2 * time.Second},
				{1600 * ms, "3300000", longest}, {1600 * ms, "3300001", margin + 1600*ms}, {1600 * ms, "-1", margin + 1600*ms},
				{math.MaxInt64, "3300000", longest},
			} {
				db.FlushDB()
				_ = db.Set(tokenKey, "theirs")
				db.SetTTL(tokenKey, tt.ttl)
				if tt.shift != "" {
					db.HSet(metadataKey, "token", tokenDigest("theirs"), "identity", "", "shift_ms", tt.shift, "issued_ms", "0")
				}
				what := fmt.Sprintf("%s, TTL %v, shift %q", name, tt.ttl, tt.shift)
				before := time.Now()
				tok, err := read()
				switch {
				case tt.life > 0 && (err != nil || tok.Reveal() != "theirs"):
					t.Errorf("%s: got %v, %v; want the token that is there", what, tok, err)
				case tt.life > 0:
					wantExpiry(t, what, tok, before, tt.life)
				case tok.Reveal() == "theirs", err != nil && (name != "Get" || !errors.Is(err, store.ErrUnusable)):
					t.Errorf("%s: got %v, %v; want it not to be used", what, tok, err)
				}
			}
		}
	})
}

// Whatever the configuration and the life of a token: it is shared for its life less
// the margin, or not at all if that is not worth it, and whoever reads it uses it no
// longer than whoever wrote it.
func TestTTLOfWhatIsWritten(t *testing.T) {
	mr := miniredis.RunT(t)
	db := mr.DB(1)
	synctest.Test(t, func(t *testing.T) {
		client, _ := reaching(t, mr)
		rng := rand.New(rand.NewPCG(1, 2))
		upTo := func(d time.Duration) time.Duration { return 1 + time.Duration(rng.Int64N(int64(d))) }
		shared := 0
		for range 500 {
			cfg := redisstore.Config{Client: client, Lifetime: upTo(2 * time.Hour), Margins: store.Margins{Guard: upTo(time.Minute), Margin: upTo(5 * time.Minute)}}
			what := fmt.Sprintf("lifetime %v, guard %v, margin %v", cfg.Lifetime, cfg.Margins.Guard, cfg.Margins.Margin)
			db.FlushDB()
			before := time.Now()
			want := token(t, "ours", time.Second+upTo(3*time.Hour))
			if _, err := mustNew(t, cfg).CompareAndSwap(t.Context(), tokenKey, store.Token{}, want); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			took := time.Since(before)

			most := min(want.Expiry().Sub(before)-cfg.Margins.Margin, cfg.Lifetime-cfg.Margins.Guard-cfg.Margins.Margin)
			least := max(cfg.Margins.Guard, time.Millisecond)
			ttl := db.TTL(tokenKey)
			switch {
			case !db.Exists(tokenKey) && most-took >= least:
				t.Errorf("%s: a token with %v to share is not shared", what, most)
			case !db.Exists(tokenKey):
				continue
			case ttl > most || ttl < most-took-time.Millisecond || ttl < least-time.Millisecond:
				t.Errorf("%s: shared for %v; want %v, and no less than %v", what, ttl, most, least)
			}
			shared++
			for _, key := range []string{metadataKey, stampKey} {
				if got := db.TTL(key); got > ttl || got <= 0 {
					t.Errorf("%s: the TTL of %s is %v, the token's %v", what, key, got, ttl)
				}
			}
			at := time.Now()
			got, err := mustNew(t, cfg).Get(t.Context(), tokenKey)
			if err != nil {
				t.Errorf("%s: TTL %v: %v", what, ttl, err)
				continue
			}
			// From the issue on, which the metadata tells to the millisecond, it lasts no longer
			// than a token may.
			life := min(ttl+cfg.Margins.Margin.Truncate(time.Millisecond), want.IssuedAt().Truncate(time.Millisecond).Add(cfg.Lifetime-cfg.Margins.Guard).Sub(at))
			if d := got.Expiry().Sub(at.Add(life)); d < -2*time.Millisecond || d > time.Since(at)+2*time.Millisecond {
				t.Errorf("%s: it ends %v after it was read; want %v", what, got.Expiry().Sub(at), life)
			}
			if late := got.Expiry().Sub(want.Expiry()); late > time.Since(before) {
				t.Errorf("%s: who reads it uses it %v longer than who wrote it", what, late)
			}
		}
		if shared < 100 {
			t.Errorf("only %d of 500 tokens were shared: this shows nothing", shared)
		}
	})
}

// A token that is handed on from process to process (lost, and written back by who
// has read it) ends when it did at first.
func TestExpiryDoesNotGrowByBeingHandedOn(t *testing.T) {
	mr := miniredis.RunT(t)
	synctest.Test(t, func(t *testing.T) {
		client, _ := reaching(t, mr)
		began := time.Now()
		first := token(t, "the-token", 10*time.Minute)
		tok := first
		for range 200 {
			mr.FlushAll()
			if _, err := mustNew(t, redisstore.Config{Client: client}).CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
				t.Fatal(err)
			}
			next, err := mustNew(t, redisstore.Config{Client: client}).Get(t.Context(), tokenKey)
			if err != nil {
				t.Fatal(err)
			}
			tok = next
		}
		took := time.Since(began)
		if grew := tok.Expiry().Sub(first.Expiry()); grew > took || grew < -200*time.Millisecond-took {
			t.Errorf("it ends %v later than at first, after %v", grew, took)
		}
	})
}
