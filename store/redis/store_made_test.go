package redis_test

import (
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// A nil pointer in Config.Client is an error, a Store that New has not made one that says
// so, and neither is a panic in some call.
func TestWhatWasNotMadeIsAnError(t *testing.T) {
	for _, client := range []goredis.UniversalClient{(*goredis.Client)(nil), (*goredis.ClusterClient)(nil), (*goredis.Ring)(nil)} {
		if _, err := redisstore.New(redisstore.Config{Client: client}); err == nil || !strings.Contains(err.Error(), "Config.Client is a nil pointer") {
			t.Errorf("%T: %v", client, err)
		}
	}
	s, ctx, tok := new(redisstore.Store), t.Context(), token(t, "a", time.Hour)
	held, err := redisstore.NewLease(redisstore.LeaseConfig{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	for name, op := range map[string]func() error{
		"Get":              func() error { _, err := s.Get(ctx, tokenKey); return err },
		"CompareAndSwap":   func() error { _, err := s.CompareAndSwap(ctx, tokenKey, store.Token{}, tok); return err },
		"CompareAndDelete": func() error { return s.CompareAndDelete(ctx, tokenKey, tok) },
		"Restore":          func() error { _, err := s.Restore(ctx, tokenKey, store.Token{}, tok); return err },
		"Look":             func() error { _, _, err := s.Look(ctx, tokenKey, tok, store.UnknownLosses); return err },
		"Acquire":          func() error { _, err := held.Acquire(ctx, tokenKey, lease.Ask{}); return err },
	} {
		if err := op(); err == nil || !strings.Contains(err.Error(), "was not made by New") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
