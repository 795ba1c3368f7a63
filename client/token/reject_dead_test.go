package token_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/store"
)

// A token that was refused in four tests over a second is dead, and replaced though nothing is left
// of the budget. A refusal that could not be put to the test says no such thing.
func TestTokenThatManyTestsFindRefusedIsReplaced(t *testing.T) {
	for name, tested := range map[string]bool{"tested": true, "untested": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, new(gateway), token.Config{})
				for range 3 {
					if err := s.Reject(t.Context(), mustToken(t, s)); err != nil {
						t.Fatal(err)
					}
					foundhook.Accepted(mustFind(t, s))
				}
				f := mustFind(t, s)
				foundhook.Contradicted(f)
				reject := func() error { return s.Reject(t.Context(), f.Token) }
				if !tested {
					reject = func() error { return foundhook.RejectUntested(t.Context(), f) }
				}
				for test := range 4 {
					err := reject()
					if dead := tested && test == 3; dead != (err == nil) || !dead && !errors.Is(err, token.ErrRejectBudget) {
						t.Fatalf("test %d: %v", test+1, err)
					}
					time.Sleep(400 * time.Millisecond)
				}
				if next := mustToken(t, s); next.Equal(f.Token) == tested {
					t.Errorf("then %s is used", next.Reveal())
				}
			})
		})
	}
}

// Each token that the API refuses is told, once.
func TestEachRejectedTokenIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		s := start(t, new(gateway), token.Config{Hooks: token.Hooks{Rejected: func(tok store.Token) { told = append(told, tok.Reveal()) }}})
		for range 3 {
			tok := mustToken(t, s)
			for range 2 {
				if err := s.Reject(t.Context(), tok); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got := fmt.Sprint(told); got != "[token-1 token-2 token-3]" || s.Stats().Rejects != 3 {
			t.Errorf("told %s, counted %d", got, s.Stats().Rejects)
		}
	})
}
