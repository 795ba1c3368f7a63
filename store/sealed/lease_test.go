package sealed_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/sealed"
)

// beside is a lease beside a store: a token there that is not old is the answer, and
// otherwise outcome is. It remembers what it was asked.
type beside struct {
	store.Store
	outcome lease.Outcome
	err     error
	asks    []lease.Ask
}

func (b *beside) Acquire(ctx context.Context, key string, ask lease.Ask) (lease.Outcome, error) {
	b.asks = append(b.asks, ask)
	if tok, err := b.Get(ctx, key); err == nil && !tok.Equal(ask.Old) {
		return lease.Outcome{Token: tok}, nil
	}
	return b.outcome, b.err
}

func TestAcquire(t *testing.T) {
	first, second := token(t, "first"), token(t, "second")
	long := token(t, strings.Repeat("x", sealed.MaxTokenBytes+1))
	for _, c := range []struct {
		name   string
		there  string // sealed or not, "" for nothing
		old    store.Token
		want   store.Token // zero: this process gets the lease
		counts sealed.Stats
	}{
		{"nothing there", "", store.Token{}, store.Token{}, sealed.Stats{}},
		{"nothing there any more", "", first, store.Token{}, sealed.Stats{}},
		{"a token there", form(t, newer, "first"), store.Token{}, first, sealed.Stats{}},
		{"a token there, by the older key", form(t, older, "first"), store.Token{}, first, sealed.Stats{}},
		{"another one there", form(t, newer, "first"), second, first, sealed.Stats{}},
		{"another one there, old is too long", form(t, newer, "first"), long, first, sealed.Stats{}},
		{"the old one there", form(t, newer, "first"), first, store.Token{}, sealed.Stats{}},
		{"the old one there, by the older key", form(t, older, "first"), first, store.Token{}, sealed.Stats{}},
		{"a plain one there", "first", store.Token{}, store.Token{}, sealed.Stats{NotSealed: 1}},
		{"the old one there, plain", "first", first, store.Token{}, sealed.Stats{NotSealed: 1}},
		{"one of another key there", form(t, "a third key with its 32 bytes...", "first"), second, store.Token{}, sealed.Stats{UnknownKey: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inner := new(store.Map)
			if c.there != "" {
				put(t, inner, store.Token{}, token(t, c.there))
			}
			released := false
			b := &beside{Store: inner, outcome: lease.Outcome{Release: func(*lease.Failure) { released = true }}}
			s := mustNew(t, sealed.Config{Store: inner, Keys: ringOf(t, newer, older), Lease: b})
			outcome, err := s.Acquire(t.Context(), name, lease.Ask{Old: c.old, Holder: "holder", Force: true})
			if err != nil || !outcome.Token.Equal(c.want) || (outcome.Release != nil) != c.want.IsZero() {
				t.Fatalf("got %+v, %v; want the token %v", outcome, err, c.want)
			}
			outcome.Drop()
			if released != c.want.IsZero() {
				t.Errorf("released: %t", released)
			}
			if got := s.Stats(); got != c.counts {
				t.Errorf("counted %+v, want %+v", got, c.counts)
			}
			for _, ask := range b.asks {
				if ask.Holder != "holder" || !ask.Force {
					t.Errorf("asked %+v", ask)
				}
				if ask.Old.Equal(c.old) && c.there != "first" && !c.old.IsZero() {
					t.Error("asked about a token that is not sealed")
				}
			}
		})
	}
}

func TestAcquirePassesThrough(t *testing.T) {
	waited := errors.New("waited")
	for name, want := range map[string]*beside{
		"holder":  {outcome: lease.Outcome{Holder: "somebody", Wait: func(context.Context) error { return waited }}},
		"failure": {outcome: lease.Outcome{Failure: &lease.Failure{Refused: true, Message: "no"}}},
		"error":   {err: errors.New("on fire")},
	} {
		want.Store = new(store.Map)
		s := mustNew(t, sealed.Config{Store: want, Keys: ringOf(t, newer), Lease: want})
		got, err := s.Acquire(t.Context(), name, lease.Ask{})
		if err != want.err || got.Holder != want.outcome.Holder || got.Failure != want.outcome.Failure || got.Release != nil || (got.Wait == nil) != (want.outcome.Wait == nil) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if got.Wait != nil && got.Wait(t.Context()) != waited {
			t.Errorf("%s: another Wait", name)
		}
		if len(want.asks) != 1 {
			t.Errorf("%s: asked %d times", name, len(want.asks))
		}
	}
}

// Two processes that seal with different keys, on the lease of a real Redis.
func TestLeaseOnRedis(t *testing.T) {
	srv := redistest.Start(t)
	process := func(raw ...string) *sealed.Store {
		inner := newRedis(t, srv.Addr(), redisstore.Config{})
		l, err := redisstore.NewLease(redisstore.LeaseConfig{Store: inner})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return mustNew(t, sealed.Config{Store: inner, Keys: ringOf(t, raw...), Lease: l})
	}
	acquire := func(s *sealed.Store, ask lease.Ask) lease.Outcome {
		outcome, err := s.Acquire(t.Context(), name, ask)
		if err != nil {
			t.Fatal(err)
		}
		return outcome
	}
	fetches, waits := process(older, newer), process(newer, older)
	var old store.Token
	for _, tok := range []store.Token{token(t, "first"), token(t, "second"), token(t, "third")} {
		outcome := acquire(fetches, lease.Ask{Old: old})
		if outcome.Release == nil {
			t.Fatalf("got %+v, want the lease", outcome)
		}
		waiting := acquire(waits, lease.Ask{Old: old})
		if waiting.Wait == nil {
			t.Fatalf("got %+v, want somebody to wait for", waiting)
		}
		put(t, fetches, old, tok)
		outcome.Release(nil)
		if err := waiting.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := acquire(waits, lease.Ask{Old: old, Holder: waiting.Holder}); !got.Token.Equal(tok) {
			t.Fatalf("got %+v, want the token that was fetched", got)
		}
		old = tok
		fetches, waits = waits, fetches
	}
}

func TestAcquireGivesUp(t *testing.T) {
	asks := 0
	l := leaseFunc(func() (lease.Outcome, error) {
		asks++
		return lease.Outcome{Token: token(t, "plain-"+strconv.Itoa(asks))}, nil
	})
	s := mustNew(t, sealed.Config{Store: new(store.Map), Keys: ringOf(t, newer), Lease: l})
	outcome, err := s.Acquire(t.Context(), name, lease.Ask{})
	if err == nil || !outcome.Token.IsZero() || asks > 20 {
		t.Errorf("got %+v, %v after %d asks", outcome, err, asks)
	}
}

type leaseFunc func() (lease.Outcome, error)

func (f leaseFunc) Acquire(context.Context, string, lease.Ask) (lease.Outcome, error) { return f() }
