package token_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
)

// While a token serves the gateway is left alone for half of what is left of it at most, so that
// the token can be renewed before it ends. One that the API has refused serves nobody.
func TestPauseIsShortWhileATokenServes(t *testing.T) {
	const left = 10 * time.Second
	for name, refused := range map[string]bool{"a token serves": false, "it is refused": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := new(gateway)
				s := start(t, g, token.Config{OneShot: true})
				tok := mustToken(t, s)
				time.Sleep(time.Until(tok.Expiry()) - left)
				if refused {
					if err := s.Reject(t.Context(), tok); err != nil {
						t.Fatal(err)
					}
				}
				g.fail(errors.New("down"))
				var longest time.Duration
				for range 100 { // the pauses are drawn
					_, err := s.Refresh(t.Context())
					var failed *token.FetchError
					if !errors.As(err, &failed) {
						t.Fatal(err)
					}
					longest = max(longest, time.Until(failed.NextAttempt))
				}
				if (longest > left/2) != refused {
					t.Errorf("the longest of 100 pauses is %v", longest)
				}
			})
		})
	}
}
