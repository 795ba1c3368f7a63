package tiered_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/sealed"
	"github.com/advoware-go/advoware/store/tiered"
)

// A nil pointer in an interface is an error that names the field, a Store that New has not
// made one that says so, and neither is a panic in some call.
func TestWhatWasNotMadeIsAnError(t *testing.T) {
	_, err := tiered.New(tiered.Config{
		Near: (*store.Map)(nil), Far: (*store.Map)(nil), Lease: (*leasemap.Map)(nil), Shared: (*sealed.Store)(nil), Watch: (*watch)(nil),
	})
	for _, field := range []string{"Near", "Far", "Lease", "Shared", "Watch"} {
		if err == nil || !strings.Contains(err.Error(), field+" is a nil pointer") {
			t.Errorf("got %v, want %q", err, field)
		}
	}
	s, ctx, tok := new(tiered.Store), context.Background(), newToken(t, "a", time.Hour)
	defer s.Follow(key, nil)()
	for name, op := range map[string]func() error{
		"Get":              func() error { _, err := s.Get(ctx, key); return err },
		"Reread":           func() error { _, err := s.Reread(ctx, key); return err },
		"CompareAndSwap":   func() error { _, err := s.CompareAndSwap(ctx, key, store.Token{}, tok); return err },
		"CompareAndDelete": func() error { return s.CompareAndDelete(ctx, key, tok) },
		"Acquire":          func() error { _, err := s.Acquire(ctx, key, lease.Ask{}); return err },
	} {
		if err := op(); err == nil || !strings.HasPrefix(err.Error(), "store/tiered: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
