package sealed_test

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/sealed"
	"github.com/advoware-go/advoware/store/tiered"
)

func TestNewNamesAllProblems(t *testing.T) {
	good := ringOf(t, newer, older)
	for _, c := range []struct {
		name string
		cfg  sealed.Config
		want []string
	}{
		{"nothing", sealed.Config{}, []string{"Config.Store is missing", "Config.Keys has none"}},
		{"a zero key", sealed.Config{Store: new(store.Map), Keys: []sealed.Key{good[0], {}}}, []string{"Config.Keys[1] is missing"}},
		{"a key twice", sealed.Config{Store: new(store.Map), Keys: append(good, ringOf(t, newer)...)}, []string{"Config.Keys[2] is Config.Keys[0] again"}},
		{"all of it", sealed.Config{Keys: []sealed.Key{{}, good[0], good[0]}}, []string{"Store", "Keys[0]", "Keys[2]"}},
	} {
		s, err := sealed.New(c.cfg)
		if s != nil || err == nil {
			t.Errorf("%s: got %v, %v", c.name, s, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %q, want a mention of %q", c.name, err, want)
			}
		}
		if want := strings.Contains(err.Error(), "Keys"); errors.Is(err, sealed.ErrKey) != want {
			t.Errorf("%s: %v matches ErrKey: %t", c.name, err, !want)
		}
	}
}

func TestTimesAreThoseOfTheInnerToken(t *testing.T) {
	issued := time.Now().Add(-time.Minute)
	tok, err := store.NewToken("token", issued, issued.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	inner := new(store.Map)
	s := around(t, inner, newer)
	stands, err := s.CompareAndSwap(t.Context(), name, store.Token{}, tok)
	if err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string]store.Token{"inside": at(t, inner), "stands": stands, "outside": at(t, s)} {
		if got.IssuedAt() != tok.IssuedAt() || got.Expiry() != tok.Expiry() {
			t.Errorf("%s: %v to %v, want %v to %v", what, got.IssuedAt(), got.Expiry(), tok.IssuedAt(), tok.Expiry())
		}
	}
}

func TestTooLongToSeal(t *testing.T) {
	// Two more is what one byte more would take.
	if n := len(form(t, newer, strings.Repeat("x", sealed.MaxTokenBytes))); n+2 <= store.MaxTokenBytes {
		t.Errorf("MaxTokenBytes = %d become %d, so that there is room for one more", sealed.MaxTokenBytes, n)
	}
	short, long := token(t, "short"), token(t, strings.Repeat("x", sealed.MaxTokenBytes+1))
	for _, old := range []store.Token{{}, short} {
		inner := new(store.Map)
		s := around(t, inner, newer)
		if !old.IsZero() {
			put(t, s, store.Token{}, old)
		}
		got, err := s.CompareAndSwap(t.Context(), name, old, long)
		if !got.IsZero() || !errors.Is(err, store.ErrUnusable) || errors.Is(err, store.ErrNotFound) {
			t.Errorf("CompareAndSwap = %v, %v; want an error that matches ErrUnusable", got, err)
		}
		if err == nil || !strings.Contains(err.Error(), strconv.Itoa(sealed.MaxTokenBytes)) {
			t.Errorf("got %v, want it to say the limit", err)
		}
		if got := s.Stats(); got != (sealed.Stats{TooLong: 1}) {
			t.Errorf("counted %+v", got)
		}
		if old.IsZero() {
			wantGone(t, inner)
			put(t, s, long, short) // what cannot be there does not hinder
		}
		if got, err := s.CompareAndSwap(t.Context(), name, long, token(t, "other")); err != nil || !got.Equal(short) {
			t.Errorf("CompareAndSwap of a too long old = %v, %v; want the one there", got, err)
		}
		if err := s.CompareAndDelete(t.Context(), name, long); err != nil {
			t.Error(err)
		}
		wantHolds(t, s, short)
	}
}

// A token that cannot be sealed is not lost: near has it, and it is not taken for an
// outage of far.
func TestTooLongToSealStaysNear(t *testing.T) {
	near, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close() })
	both, err := tiered.New(tiered.Config{Near: near, Far: around(t, new(store.Map), newer), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { both.Close() })
	long := token(t, strings.Repeat("x", sealed.MaxTokenBytes+1))
	put(t, both, store.Token{}, long)
	wantHolds(t, both, long)
	if n := both.Stats().FarErrors; n != 0 {
		t.Errorf("%d errors of far", n)
	}
}

func TestInnerErrorsPassThrough(t *testing.T) {
	tok := token(t, "token")
	for _, want := range []error{store.ErrIdentity, store.ErrNotFound, context.DeadlineExceeded, errors.New("on fire")} {
		s := around(t, failing{want}, newer, older)
		_, get := s.Get(t.Context(), name)
		_, swap := s.CompareAndSwap(t.Context(), name, store.Token{}, tok)
		for what, err := range map[string]error{"Get": get, "CompareAndSwap": swap, "CompareAndDelete": s.CompareAndDelete(t.Context(), name, tok)} {
			if err != want {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
		if got := s.Stats(); got != (sealed.Stats{}) {
			t.Errorf("counted %+v", got)
		}
	}
}

type failing struct{ err error }

func (f failing) Get(context.Context, string) (store.Token, error) { return store.Token{}, f.err }

func (f failing) CompareAndSwap(context.Context, string, store.Token, store.Token) (store.Token, error) {
	return store.Token{}, f.err
}

func (f failing) CompareAndDelete(context.Context, string, store.Token) error { return f.err }

// What cannot be looked at is not replaced.
func TestSwapBlind(t *testing.T) {
	onFire := errors.New("on fire")
	inner := &blind{err: onFire}
	if got, err := around(t, inner, newer).CompareAndSwap(t.Context(), name, store.Token{}, token(t, "token")); !got.IsZero() || err != onFire {
		t.Errorf("CompareAndSwap = %v, %v; want %v", got, err, onFire)
	}
	wantGone(t, &inner.Map)
}

// blind is a Map that cannot be read.
type blind struct {
	store.Map
	err error
}

func (b *blind) Get(context.Context, string) (store.Token, error) { return store.Token{}, b.err }

// Redis knows whose a token is without opening it.
func TestIdentityConflictInRedis(t *testing.T) {
	mr := miniredis.RunT(t)
	in := func(identity string) *sealed.Store {
		names := func(string) string { return identity }
		return mustNew(t, sealed.Config{
			Store: newRedis(t, mr.Addr(), redisstore.Config{Identity: names}),
			Keys:  ringOf(t, newer), Identity: names,
		})
	}
	theirs, ours := in("Kanzlei A"), in("Kanzlei B")
	tok := token(t, "token")
	put(t, theirs, store.Token{}, tok)
	if got, err := ours.Get(t.Context(), name); !errors.Is(err, store.ErrIdentity) {
		t.Errorf("Get = %v, %v; want ErrIdentity", got, err)
	}
	if got, err := ours.CompareAndSwap(t.Context(), name, store.Token{}, token(t, "ours")); !errors.Is(err, store.ErrIdentity) {
		t.Errorf("CompareAndSwap = %v, %v; want ErrIdentity", got, err)
	}
	wantHolds(t, theirs, tok)
}

// Somebody who writes plain tokens without end cannot keep an operation busy.
func TestSwapGivesUp(t *testing.T) {
	calls := 0
	inner := &restless{calls: &calls, t: t}
	got, err := around(t, inner, newer).CompareAndSwap(t.Context(), name, store.Token{}, token(t, "token"))
	for _, not := range []error{store.ErrNotFound, store.ErrUnusable, store.ErrIdentity} {
		if errors.Is(err, not) {
			t.Errorf("%v matches %v", err, not)
		}
	}
	if !got.IsZero() || err == nil || calls > 20 {
		t.Errorf("got %v, %v after %d calls", got, err, calls)
	}
}

type restless struct {
	store.Map
	calls *int
	t     *testing.T
}

func (r *restless) CompareAndSwap(context.Context, string, store.Token, store.Token) (store.Token, error) {
	*r.calls++
	return token(r.t, "plain-"+strconv.Itoa(*r.calls)), nil
}
