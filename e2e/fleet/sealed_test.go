package fleet_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	tokens "github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store/sealed"
)

// With a key ring Redis never sees a token, and processes with the same ring share it,
// also while the keys are being changed.
func TestSealedTokensAreSharedAndNotReadable(t *testing.T) {
	for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreRedis} {
		t.Run(string(kind), func(t *testing.T) {
			fake := newFake(t, clienttest.Options{})
			srv := redistest.Start(t)
			_, first := sealKey(t, "a")
			_, second := sealKey(t, "b")
			var token string
			door := func(ring ...sealed.Key) advoware.Config {
				cfg := sharing(t, fake, srv)
				cfg.Store, cfg.TokenKey, cfg.SealKeys = kind, "sealed_token", ring
				cfg.Hooks.FetchDone = func(f tokens.Fetch) { token = f.Token.Reveal() }
				return cfg
			}
			mustCall(t, open(t, door(first)))
			mustCall(t, open(t, door(first)))
			mustCall(t, open(t, door(second, first)))
			if n := fake.Counts().TokenRequests; n != 1 {
				t.Errorf("%d token requests", n)
			}
			if srv.Do("EXISTS", "sealed_token") != int64(1) || token == "" {
				t.Error("no token is shared")
			}
			keys, _ := srv.Do("KEYS", "*").([]any)
			for _, key := range keys {
				value := fmt.Sprint(srv.Do("GET", key.(string)), srv.Do("HGETALL", key.(string)))
				if strings.Contains(value, token) {
					t.Errorf("%v shows the token", key)
				}
			}
			mustCall(t, open(t, door(second))) // who has not got the key cannot read it
			if n := fake.Counts().TokenRequests; n != 2 {
				t.Errorf("%d token requests", n)
			}
		})
	}
}

func TestSealedTokensNeedAKeyNameOfTheirOwn(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	cfg := sharing(t, fake, redistest.Start(t))
	_, key := sealKey(t, "a")
	cfg.TokenKey, cfg.SealKeys = "", []sealed.Key{key}
	if c, err := advoware.New(cfg); err == nil || !strings.Contains(err.Error(), "TokenKey") || !strings.Contains(err.Error(), "SealKeys") {
		t.Errorf("got %v, %v", c, err)
	}
}
