package token_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/store"
)

func TestRejectWithoutAContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{Store: new(store.Map)})
		tok := mustToken(t, s)
		var none context.Context
		for _, tok := range []store.Token{tok, {}} {
			if err := s.Reject(none, tok); err == nil || !strings.Contains(err.Error(), "nil context") {
				t.Errorf("%v", err)
			}
		}
		if got := mustToken(t, s); !got.Equal(tok) {
			t.Error("the token was rejected")
		}
	})
}

// To reject no token does nothing, and counts as nothing.
func TestRejectOfNoToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{Store: new(store.Map)})
		for range 5 { // more often than tokens may be refused
			if err := s.Reject(t.Context(), store.Token{}); err != nil {
				t.Errorf("%v", err)
			}
		}
		for what, n := range s.Metrics().Rejections {
			if n > 0 {
				t.Errorf("%d rejections are %v", n, what)
			}
		}
	})
}

// The rest of a call waits for a far store as long as its look-up left of FarWait.
func TestRestOfFarWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{Store: new(store.Map), FarWait: time.Second})
		f, err := s.Lookup(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		f.FarWait = 300 * time.Millisecond
		for from, want := range map[*token.Found]time.Duration{
			&f:                               700 * time.Millisecond,
			{FarWait: 50 * time.Millisecond}: farwait.Default - 50*time.Millisecond, // of no Source
		} {
			if got := farwait.Left(foundhook.WithRest(t.Context(), *from), time.Hour); got != want {
				t.Errorf("%v are left, want %v", got, want)
			}
		}
	})
}
