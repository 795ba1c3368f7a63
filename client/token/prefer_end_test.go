package token_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
)

func TestPreferDoesNotReturnATokenThatEndedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{OneShot: true})
		tok := mustToken(t, s)
		time.Sleep(time.Until(tok.Expiry()) - time.Second)
		g.latency = 10 * time.Second
		have := mustFind(t, s)
		if f := foundhook.Longer(t.Context(), have, 30*time.Second).(token.Found); time.Since(f.Token.Expiry()) > 0 {
			t.Errorf("got %q, which ended %v ago", f.Token.Reveal(), time.Since(f.Token.Expiry()))
		}
	})
}
