package claim_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/claim"
	"github.com/advoware-go/advoware/store"
)

// A key is an identity's as long as a client of it is open, and no longer without a token.
func TestKeyIsOneIdentitys(t *testing.T) {
	var c claim.Claims
	first, err := c.Claim("key", "a")
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.Claim("key", "a")
	if err != nil {
		t.Fatal(err)
	}
	for _, release := range []func(){first, first, second} {
		if _, err := c.Claim("key", "b"); !errors.Is(err, store.ErrIdentity) || !strings.Contains(err.Error(), `"key"`) {
			t.Errorf("got %v, want ErrIdentity with the key", err)
		}
		if got := c.Identity("key"); got != "a" {
			t.Errorf("the key is for %q", got)
		}
		release()
	}
	if got := c.Identity("key"); got != "" {
		t.Errorf("the key of nobody is for %q", got)
	}
	if _, err := c.Claim("key", "b"); err != nil {
		t.Error(err)
	}
}

// A token that is left keeps the key until it has ended, a store that cannot tell for an
// hour.
func TestKeyWaitsForTheEndOfAToken(t *testing.T) {
	for name, hangs := range map[string]bool{"a token": false, "a store that hangs": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tok, err := store.NewToken("text", time.Now(), time.Now().Add(time.Hour))
				if err != nil {
					t.Fatal(err)
				}
				c := claim.Claims{Store: left{token: tok, hangs: hangs}}
				release, err := c.Claim("key", "a")
				if err != nil {
					t.Fatal(err)
				}
				release()
				time.Sleep(time.Hour - time.Minute)
				if _, err := c.Claim("key", "b"); !errors.Is(err, store.ErrIdentity) {
					t.Errorf("while the token lasts: %v", err)
				}
				time.Sleep(2 * time.Minute)
				if _, err := c.Claim("key", "b"); err != nil {
					t.Errorf("when it has ended: %v", err)
				}
			})
		})
	}
}

// left is a store that has a token, or does not answer.
type left struct {
	store.Store
	token store.Token
	hangs bool
}

func (l left) Get(ctx context.Context, _ string) (store.Token, error) {
	if l.hangs {
		<-ctx.Done()
		return store.Token{}, ctx.Err()
	}
	return l.token, nil
}
