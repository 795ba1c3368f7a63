package token_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

func TestLateRefusalOfAnOlderTokenDoesNotForgetTheNewerOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		near, shared := new(store.Map), new(store.Map)
		s := start(t, g, token.Config{Store: &pair{near, shared}, Tiers: lease.Tiers{Near: near}})
		first := mustToken(t, s)
		f, err := s.Refresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Reject(t.Context(), f.Token); err != nil { // a real revocation
			t.Fatal(err)
		}
		go s.Token(t.Context(), 0)
		synctest.Wait() // it is being replaced
		if err := s.Reject(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		_, _ = shared.CompareAndSwap(t.Context(), key, store.Token{}, f.Token) // a slower process wrote it back
		if tok := mustToken(t, s); tok.Equal(f.Token) {
			t.Error("the revoked token is back")
		}
		if n := s.Stats().Rejects; n != 1 {
			t.Errorf("%d rejections of a token in use, want 1", n)
		}
	})
}

// The flight that brought a token is still at its hooks when the token is used, and
// refused: whoever asks again gets another one, not what the flight has in its hands.
func TestRejectedTokenIsNotHandedOutByTheFlightThatBroughtIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var once sync.Once
		s := start(t, new(gateway), token.Config{Hooks: token.Hooks{
			Rotated: func(token.Rotation) { once.Do(func() { time.Sleep(time.Second) }) },
		}})
		go func() { _, _ = s.Token(context.Background(), 0) }()
		synctest.Wait() // the token is stored, the flight is not over
		refused := mustToken(t, s)
		if err := s.Reject(t.Context(), refused); err != nil {
			t.Fatal(err)
		}
		if tok := mustToken(t, s); tok.Equal(refused) {
			t.Error("the token that was refused came back")
		}
	})
}

// slowDeletes is a store that takes its time to delete.
type slowDeletes struct {
	store.Map
	by map[string]time.Duration
}

func (d *slowDeletes) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	time.Sleep(d.by[old.Reveal()])
	return d.Map.CompareAndDelete(ctx, key, old)
}

// A refusal whose deletion takes so long that the next token is refused meanwhile does not take the
// place of that one in the log and the hook.
func TestRefusalThatTakesLongIsNotToldInPlaceOfTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &slowDeletes{by: map[string]time.Duration{"token-1": 10 * time.Second, "next": 20 * time.Second}}
		var told []string
		s := start(t, new(gateway), token.Config{Store: st, Hooks: token.Hooks{
			Rejected: func(tok store.Token) { told = append(told, tok.Reveal()) },
		}})
		first := mustToken(t, s)
		var all sync.WaitGroup
		reject := func(tok store.Token) {
			all.Go(func() {
				if err := s.Reject(t.Context(), tok); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		reject(first)
		next, err := store.NewToken("next", time.Now(), time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := st.CompareAndSwap(t.Context(), key, first, next); err != nil {
			t.Fatal(err)
		}
		reject(next)
		all.Wait()
		if len(told) != 1 || told[0] != "next" {
			t.Errorf("told of %v", told)
		}
	})
}
