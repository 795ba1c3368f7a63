package tiered_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	"github.com/advoware-go/advoware/store/tiered"
)

// refusing is a far store that can be read, and takes its time to refuse a write, as a client that
// tries it again at a server which is read-only.
type refusing struct{ store.Map }

func (r *refusing) refuse() error {
	time.Sleep(200 * time.Millisecond)
	return fmt.Errorf("%w: READONLY", store.ErrRefused)
}

func (r *refusing) CompareAndSwap(context.Context, string, store.Token, store.Token) (store.Token, error) {
	return store.Token{}, r.refuse()
}

// refusingMany refuses many writes at once.
type refusingMany struct{ *refusing }

func (m refusingMany) LookAll(_ context.Context, all []store.Looking) []store.Looked {
	results := make([]store.Looked, len(all))
	for i := range results {
		results[i].Err = store.ErrNotFound
	}
	return results
}

func (m refusingMany) RestoreAll(_ context.Context, all []store.Restoring) []store.Restored {
	err := m.refuse()
	results := make([]store.Restored, len(all))
	for i := range results {
		results[i].Err = err
	}
	return results
}

// A write that is refused late counts as one that failed, at the first attempt and at each later one.
func TestLateRefusalsAreCounted(t *testing.T) {
	t.Parallel()
	for name, many := range map[string]bool{"one at a time": false, "many": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				near, err := memory.New(memory.Config{})
				if err != nil {
					t.Fatal(err)
				}
				defer near.Close()
				far := new(refusing)
				cfg := tiered.Config{Near: near, Far: far, Logger: slog.New(slog.DiscardHandler)}
				if many {
					cfg.Many = refusingMany{far}
				}
				s, err := tiered.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				if _, err := s.CompareAndSwap(t.Context(), key, store.Token{}, newToken(t, "a", time.Hour)); err != nil {
					t.Fatal(err)
				}
				for want := uint64(1); want <= 3; want++ {
					time.Sleep(5*time.Second + 500*time.Millisecond) // the timeout of the breaker, and the refusal
					if n := s.Stats().FarErrors; n < want {
						t.Errorf("%d errors after %d attempts", n, want)
					}
				}
			})
		})
	}
}
