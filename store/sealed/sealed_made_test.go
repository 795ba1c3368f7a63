package sealed_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/sealed"
)

// A nil pointer in an interface is an error that names the field, a Store that New has not
// made one that says so, and neither is a panic in some call.
func TestWhatWasNotMadeIsAnError(t *testing.T) {
	_, err := sealed.New(sealed.Config{Store: (*store.Map)(nil), Lease: (*leasemap.Map)(nil), Shared: (*sealed.Store)(nil)})
	for _, field := range []string{"Config.Store is a nil pointer", "Config.Lease is a nil pointer", "Config.Shared is a nil pointer"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("got %v, want %q", err, field)
		}
	}
	s, ctx := new(sealed.Store), context.Background()
	tok, err := store.NewToken("t", time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for name, op := range map[string]func() error{
		"Get":              func() error { _, err := s.Get(ctx, "k"); return err },
		"CompareAndSwap":   func() error { _, err := s.CompareAndSwap(ctx, "k", store.Token{}, tok); return err },
		"CompareAndDelete": func() error { return s.CompareAndDelete(ctx, "k", tok) },
		"Acquire":          func() error { _, err := s.Acquire(ctx, "k", lease.Ask{}); return err },
		"Look":             func() error { _, _, err := s.Look(ctx, "k", tok, store.UnknownLosses); return err },
		"Restore":          func() error { _, err := s.Restore(ctx, "k", store.Token{}, tok); return err },
	} {
		if err := op(); err == nil || !strings.HasPrefix(err.Error(), "store/sealed: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
