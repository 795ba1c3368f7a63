package token_test

import (
	"cmp"
	"context"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// errorsOf is a token.Errors that a nil pointer to is none of.
type errorsOf struct{ known }

// A nil pointer in an interface is an error that names the field, and no panic in some call.
func TestNilPointerIsAnErrorThatNamesTheField(t *testing.T) {
	fetch := func(context.Context) (store.Token, error) { return store.Token{}, nil }
	for field, cfg := range map[string]token.Config{
		"Store":       {Store: (*store.Map)(nil)},
		"Tiers.Near":  {Store: new(store.Map), Tiers: lease.Tiers{Near: (*store.Map)(nil)}},
		"Tiers.Lease": {Store: new(store.Map), Tiers: lease.Tiers{Lease: (*leasemap.Map)(nil)}},
		"Errors":      {Store: new(store.Map), Errors: (*errorsOf)(nil)},
	} {
		cfg.Key, cfg.Fetch = key, fetch
		s, err := token.New(cfg)
		if err == nil {
			s.Close()
		}
		if err == nil || strings.Count(err.Error(), "\n") != 0 || !strings.HasPrefix(err.Error(), "token: "+field+" is a nil pointer") {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// Each field that is wrong is named, and none that is right.
func TestConfigProblemsAreNamedAlone(t *testing.T) {
	for want, spoil := range map[string]func(*token.Config){
		"":                       func(*token.Config) {},
		"Store is required":      func(c *token.Config) { c.Store = nil },
		"Key is required":        func(c *token.Config) { c.Key = "" },
		"Fetch is required":      func(c *token.Config) { c.Fetch = nil },
		"FetchTimeout must not":  func(c *token.Config) { c.FetchTimeout = -1 },
		"FarWait must not":       func(c *token.Config) { c.FarWait = -1 },
		"Lifetime must not":      func(c *token.Config) { c.Lifetime = -1 },
		"Margins.Guard must not": func(c *token.Config) { c.Margins.Guard = -1 },
		"Margins.Margin must no": func(c *token.Config) { c.Margins.Margin = -1 },
	} {
		cfg := token.Config{Store: new(store.Map), Key: key, Fetch: func(context.Context) (store.Token, error) { return store.Token{}, nil }}
		spoil(&cfg)
		s, err := token.New(cfg)
		if err == nil {
			s.Close()
		}
		if (err == nil) != (want == "") || err != nil && (!strings.HasPrefix(err.Error(), "token: "+want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// A FetchTimeout may be as good as none.
func TestFetchTimeoutOfCenturies(t *testing.T) {
	for _, timeout := range []time.Duration{math.MaxInt64, math.MaxInt64/2 + 1, 200 * 365 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			source, err := token.New(token.Config{
				Store: new(store.Map), Key: "key", FetchTimeout: timeout, Logger: slog.New(slog.DiscardHandler),
				Fetch: func(ctx context.Context) (store.Token, error) {
					time.Sleep(time.Second)
					now := time.Now()
					tok, err := store.NewToken("text", now, now.Add(time.Hour))
					return tok, cmp.Or(ctx.Err(), err)
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer source.Close()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := source.Token(ctx, 0); err != nil {
				t.Errorf("%v: %v", timeout, err)
			}
		})
	}
}
