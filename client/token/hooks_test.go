package token_test

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// script collects events as text.
type script struct {
	mu     sync.Mutex
	events []string
}

func (s *script) add(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, fmt.Sprintf(format, args...))
}

func (s *script) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	events := s.events
	s.events = nil
	return events
}

func (s *script) hooks() token.Hooks {
	return token.Hooks{
		FetchStart: func() { s.add("fetch start") },
		FetchDone: func(f token.Fetch) {
			s.add("fetch done %q %v %v", f.Token.Reveal(), f.Err != nil, f.Took)
		},
		Rotated: func(r token.Rotation) {
			s.add("rotated %q to %q, %v", r.Old.Reveal(), r.New.Reveal(), r.Origin)
		},
		Rejected:       func(tok store.Token) { s.add("rejected %q", tok.Reveal()) },
		RenewalPlanned: func(tok store.Token, at time.Time) { s.add("renewal planned %q", tok.Reveal()) },
		Lapsed:         func(tok store.Token) { s.add("lapsed %q", tok.Reveal()) },
	}
}

func TestHooksTellTheLifeOfAToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told script
		g := &gateway{latency: time.Second}
		near, shared := new(store.Map), new(store.Map)
		s := start(t, g, token.Config{Store: &pair{near, shared}, Tiers: lease.Tiers{Near: near}, Hooks: told.hooks()})
		step := func(name string, do func(), want ...string) {
			t.Helper()
			do()
			synctest.Wait()
			if got := told.take(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s:\n got %q\nwant %q", name, got, want)
			}
		}
		step("first call", func() { mustToken(t, s) },
			"fetch start", `fetch done "token-1" false 1s`, `rotated "" to "token-1", fetched`, `renewal planned "token-1"`)
		step("hit", func() { mustToken(t, s) })
		step("renewal", func() { time.Sleep(51 * time.Minute) },
			"fetch start", `fetch done "token-2" false 1s`, `rotated "token-1" to "token-2", fetched`, `renewal planned "token-2"`)
		step("nobody uses it", func() { time.Sleep(50 * time.Minute) }, `lapsed "token-2"`)
		step("401", func() {
			tok := mustToken(t, s) // its renewal is overdue, and begins in the background
			time.Sleep(2 * time.Second)
			told.take()
			_ = s.Reject(t.Context(), tok) // late: it has been renewed
			tok = mustToken(t, s)
			told.take()
			_ = s.Reject(t.Context(), tok)
		}, `rejected "token-3"`)
		step("gateway down", func() {
			g.fail(errors.New("down"))
			_, _ = s.Token(t.Context(), 0)
		}, "fetch start", `fetch done "" true 1s`)
		step("another process", func() {
			_, _ = shared.CompareAndSwap(t.Context(), key, store.Token{}, newToken(t, "theirs", time.Hour))
			mustToken(t, s)
		}, `rotated "token-3" to "theirs", far`, `renewal planned "theirs"`)
	})
}

func TestHookThatPanicsFailsWhatItWasCalledFromOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var once sync.Once
		g := new(gateway)
		s := start(t, g, token.Config{Hooks: token.Hooks{Rotated: func(token.Rotation) {
			once.Do(func() { panic("hook broken") })
		}}})
		if _, err := s.Token(t.Context(), 0); err == nil {
			t.Error("the panic was not told")
		}
		if tok := mustToken(t, s); tok.Reveal() != "token-1" {
			t.Errorf("then %q: the token had been stored", tok.Reveal())
		}
	})
}
