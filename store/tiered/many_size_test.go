package tiered_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// sized is a far store that notes how many keys are looked at together, which takes its time.
type sized struct {
	store.Map
	takes time.Duration
	mu    sync.Mutex
	sizes []int
}

func (s *sized) LookAll(ctx context.Context, looks []store.Looking) []store.Looked {
	s.mu.Lock()
	s.sizes = append(s.sizes, len(looks))
	s.mu.Unlock()
	time.Sleep(s.takes)
	results := make([]store.Looked, len(looks))
	for i, l := range looks {
		results[i].Token, results[i].Err = s.Get(ctx, l.Key)
	}
	return results
}

func (s *sized) RestoreAll(context.Context, []store.Restoring) []store.Restored { return nil }

// A hundred keys go together, fewer if far takes long, and more if it is quick: 25 to 1000.
func TestHowManyKeysGoTogether(t *testing.T) {
	for takes, want := range map[time.Duration]int{time.Millisecond: 1000, 175 * time.Millisecond: 100, 210 * time.Millisecond: 25} {
		t.Run(takes.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const tenants = 6000
				f, near, w := &sized{takes: takes}, new(store.Map), new(watch)
				s, err := tiered.New(tiered.Config{Near: near, Far: f, Many: f, Watch: w, Logger: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				tok := newToken(t, "a", time.Hour)
				for i := range tenants {
					for _, to := range []store.Store{near, f} {
						if _, err := to.CompareAndSwap(t.Context(), fmt.Sprint(i), store.Token{}, tok); err != nil {
							t.Fatal(err)
						}
					}
					defer s.Follow(fmt.Sprint(i), nil)()
				}
				time.Sleep(30 * time.Second)
				f.mu.Lock()
				f.sizes = nil
				f.mu.Unlock()
				w.tell(true)
				time.Sleep(15 * time.Second)
				f.mu.Lock()
				defer f.mu.Unlock()
				as, more, fewer := 0, 0, 0
				for _, n := range f.sizes {
					switch {
					case n == want:
						as++
					case n > want:
						more++
					default:
						fewer++
					}
				}
				if more > 0 || as < tenants/want*3/4 || fewer > 10 {
					t.Errorf("%d exchanges of %d, %d of more, %d of fewer: %v", as, want, more, fewer, f.sizes)
				}
			})
		})
	}
}
