package far_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered/internal/far"
)

// Operations that were needless by the time their turn came show nothing: not that far works, where
// the others fail, and not that it is down.
func TestNeedlessOperationsShowNothing(t *testing.T) {
	down := errors.New("connection refused")
	for name, c := range map[string]struct {
		errs []error
		down bool // afterwards
	}{
		"all needless":             {[]error{far.ErrNotAsked, far.ErrNotAsked}, true},
		"the others fail":          {[]error{far.ErrNotAsked, down, far.ErrNotAsked}, true},
		"the others are not asked": {[]error{far.ErrNotAsked, store.ErrBusy}, true},
		"one is made":              {[]error{far.ErrNotAsked, nil, far.ErrNotAsked}, false},
		"one is a miss":            {[]error{far.ErrNotAsked, store.ErrNotFound}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := open(t, new(atomic.Int64))
				_, _ = f.Read(t.Context(), "a", func(context.Context) (store.Token, error) { return store.Token{}, down }).Result()
				time.Sleep(5*time.Second + time.Millisecond)
				before := f.Errors()
				keys := make([]string, len(c.errs))
				for i := range keys {
					keys[i] = string(rune('a' + i))
				}
				got := far.Collect(keys, f.Look, func(context.Context) []error { return c.errs }, func(err *error) *error { return err })
				for i := range got {
					if !errors.Is(got[i], c.errs[i]) {
						t.Errorf("%v, want %v", got[i], c.errs[i])
					}
				}
				if f.Condition().Down != c.down {
					t.Errorf("down: %v, want %v", f.Condition().Down, c.down)
				}
				if name == "all needless" && f.Errors() != before {
					t.Error("it counts as an error")
				}
			})
		})
	}
}

// Results of which there is no telling whose they are show nothing either.
func TestResultsOfAnotherNumberEndNoOutage(t *testing.T) {
	for name, results := range map[string][]error{"none": nil, "too few": {nil}, "too many": {nil, nil, nil}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := open(t, new(atomic.Int64))
				_, _ = f.Read(t.Context(), "a", func(context.Context) (store.Token, error) { return store.Token{}, errors.New("down") }).Result()
				time.Sleep(5*time.Second + time.Millisecond)
				for _, err := range far.Collect([]string{"a", "b"}, f.Look, func(context.Context) []error { return results }, func(err *error) *error { return err }) {
					if err == nil {
						t.Error("a key has a result")
					}
				}
				if !f.Condition().Down {
					t.Error("the outage is over")
				}
			})
		})
	}
}
