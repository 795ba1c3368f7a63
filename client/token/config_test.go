package token_test

import (
	"context"
	"strings"
	"testing"

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
