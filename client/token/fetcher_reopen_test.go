package token_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// A Source that is made anew knows what its predecessor knew of refused tokens, and nothing of how
// long its tokens lived: the identity may be another one.
func TestSourceMadeAnewPromisesWhatItsTokensHave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := token.Config{Fetcher: token.NewFetcher(), Store: new(store.Map)}
		first := start(t, &gateway{life: time.Minute}, cfg)
		if err := first.Reject(t.Context(), mustToken(t, first)); err != nil {
			t.Fatal(err)
		}
		mustToken(t, first)
		first.Close()
		cfg.Store = new(store.Map)
		if tok, err := start(t, new(gateway), cfg).Token(t.Context(), 20*time.Minute); err != nil || tok.IsZero() {
			t.Errorf("got %v, %v", tok, err)
		}
	})
}
