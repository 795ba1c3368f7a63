package token_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// records is a log that can be read while it is written.
type records struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *records) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

// take returns what was written since the last call.
func (r *records) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := r.text.String()
	r.text.Reset()
	return text
}

// logged returns a Source with a log, from the debug level on.
func logged(t *testing.T, g *gateway, cfg token.Config) (*token.Source, *records) {
	t.Helper()
	log := new(records)
	if cfg.Store == nil {
		cfg.Store = new(store.Map)
	}
	cfg.Key, cfg.Fetch = key, g.fetch
	cfg.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := token.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, log
}

// wantRecords checks that as many records with a text were written since the last call.
func wantRecords(t *testing.T, log *records, text string, want int) {
	t.Helper()
	synctest.Wait()
	if said := log.take(); strings.Count(said, text) != want {
		t.Errorf("%d records of %s, want %d, in\n%s", strings.Count(said, text), text, want, said)
	}
}

// What an operator has to know of a token is in the log: where it came from, and why there is none.
func TestLogTellsTheLifeOfAToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		s, log := logged(t, g, token.Config{})
		tok := mustToken(t, s)
		wantRecords(t, log, `level=INFO msg="token fetched" token=`+tok.Fingerprint()+" ", 1)
		g.fail(errors.New("out of order"))
		for range 3 {
			_, _ = s.Refresh(t.Context())
		}
		wantRecords(t, log, `level=ERROR msg="token fetch failed" error="out of order" refused=false `, 3)
		s.Close()
		go func() { _, _ = s.Refresh(context.Background()) }()
		wantRecords(t, log, "level=", 0)
	})
	synctest.Test(t, func(t *testing.T) {
		theirs := newToken(t, "theirs", time.Hour)
		s, log := logged(t, new(gateway), token.Config{Store: &swaps{answer: func(store.Token) (store.Token, error) { return theirs, nil }}})
		mustToken(t, s)
		wantRecords(t, log, `level=DEBUG msg="token adopted from another process" token=`+theirs.Fingerprint(), 1)
	})
	synctest.Test(t, func(t *testing.T) {
		failed := answers(func(context.Context, lease.Ask) (lease.Outcome, error) {
			return lease.Outcome{Failure: &lease.Failure{Message: "wrong password", Refused: true, Pause: time.Minute}}, nil
		})
		s, log := logged(t, new(gateway), token.Config{Tiers: lease.Tiers{Lease: failed}})
		for range 3 {
			if _, err := s.Token(t.Context(), 0); !errors.Is(err, token.ErrRemoteFetch) {
				t.Errorf("got %v", err)
			}
		}
		wantRecords(t, log, `level=INFO msg="token fetch failed in another process" error="token: the token request of another process failed: wrong password" refused=true`, 1)
	})
}

// That the API takes back what it has said of a token is a warning, once a minute.
func TestLogTellsOfContradictions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, log := logged(t, new(gateway), token.Config{})
		f := mustFind(t, s)
		for range 3 {
			foundhook.Contradicted(f)
		}
		wantRecords(t, log, `level=WARN msg="the API accepts tokens that it has just refused`, 1)
		time.Sleep(2 * time.Minute)
		foundhook.Contradicted(f)
		wantRecords(t, log, `level=WARN msg="the API accepts tokens that it has just refused`, 1)
	})
}

// A renewal that breaks off is an error in the log: no caller sees it.
func TestLogTellsOfARenewalThatBrokeOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		s, log := logged(t, new(gateway), token.Config{Hooks: token.Hooks{RenewalPlanned: func(store.Token, time.Time) {
			if broken.Load() {
				panic("broken")
			}
		}}})
		mustToken(t, s)
		broken.Store(true)
		log.take()
		time.Sleep(52 * time.Minute)
		wantRecords(t, log, `level=ERROR msg="token renewal broke off" error=`, 1)
	})
}
