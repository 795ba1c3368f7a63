package token_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// A Source whose call had a token fetched by another one plans the renewal of that token, which may
// end earlier than the one before.
func TestRenewalIsPlannedForATokenThatAnotherSourceFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second, life: time.Hour}
		sources := team(t, g, 2, token.Config{})
		old := mustToken(t, sources[0])
		mustToken(t, sources[1])
		time.Sleep(10 * time.Minute)
		g.life = 10 * time.Minute
		if err := sources[0].Reject(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		go sources[0].Token(t.Context(), 0)
		synctest.Wait()
		tok := mustToken(t, sources[1])
		if n := g.fetches.Load(); n != 2 {
			t.Fatalf("%d fetches", n)
		}
		if st := sources[1].Status(); st.Renewal.IsZero() || !st.Renewal.Before(tok.Expiry()) {
			t.Errorf("the token ends at %v, and its renewal is planned for %v", tok.Expiry(), st.Renewal)
		}
	})
}

// Of two identities of a Fetcher, one that is not used any more leaves what is known of the other.
func TestIdentityThatEndsLeavesTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		fetcher, st := token.NewFetcher(), new(store.Map)
		one := start(t, g, token.Config{Fetcher: fetcher, Store: st, Credentials: "one"})
		other := start(t, g, token.Config{Fetcher: fetcher, Store: new(store.Map), Credentials: "other"})
		other.Close()
		time.Sleep(time.Hour)
		again := start(t, g, token.Config{Fetcher: fetcher, Store: st, Credentials: "one"})
		each([]*token.Source{one, again}, 10, func(s *token.Source) {
			if _, err := s.Token(t.Context(), 0); err != nil {
				t.Error(err)
			}
		})
		if n := g.fetches.Load(); n != 1 {
			t.Errorf("%d fetches of one identity", n)
		}
	})
}

// What is known of the tokens of a key stays while any account of the key is open, also for one that
// opens after another has ended.
func TestAccountThatEndsLeavesTheTokensOfTheKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		near, shared := new(store.Map), new(store.Map)
		cfg := token.Config{Fetcher: token.NewFetcher(), Store: &pair{near, shared}, Tiers: lease.Tiers{Near: near}}
		open := func(credentials string) *token.Source {
			cfg.Credentials = credentials
			return start(t, g, cfg)
		}
		one := open("one")
		refused := mustToken(t, one)
		if err := one.Reject(t.Context(), refused); err != nil {
			t.Fatal(err)
		}
		open("other").Close()
		if _, err := shared.CompareAndSwap(t.Context(), key, store.Token{}, refused); err != nil { // by a slow process
			t.Fatal(err)
		}
		if tok := mustToken(t, open("third")); tok.Equal(refused) {
			t.Error("the refused token is back")
		}
	})
}
