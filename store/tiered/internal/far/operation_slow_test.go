package far_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered/internal/far"
)

// A far store has the same time for each operation, whenever its caller leaves: one that has
// waited for its turn, or has used up most of its time for an earlier step, leaves early.
func TestFarHasTheSameTimeForEachOperation(t *testing.T) {
	t.Parallel()
	const never = time.Hour
	for _, c := range []struct {
		name   string
		left   time.Duration // of the caller's time
		queued time.Duration // until its turn comes
		takes  time.Duration // the operation, from then on
		down   time.Duration // when the far store is reported down
	}{
		{"an answer in time", 250 * time.Millisecond, 0, 200 * time.Millisecond, never},
		{"an answer in time after a wait for its turn", 250 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, never},
		{"an answer in time for a caller in the last step of its call", 130 * time.Millisecond, 0, 200 * time.Millisecond, never},
		{"no answer", 250 * time.Millisecond, 0, never, 250 * time.Millisecond},
		{"no answer after a wait for its turn", 250 * time.Millisecond, 100 * time.Millisecond, never, 325 * time.Millisecond},
		{"no answer for a caller in the last step of its call", 130 * time.Millisecond, 0, never, 225 * time.Millisecond},
		{"no answer for a caller that leaves at once", 10 * time.Millisecond, 0, never, 5 * time.Second},
		{"no turn, after all but nothing of the time", 250 * time.Millisecond, never, 0, never},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began, down := time.Now(), never
				f := far.New(far.Config{
					Store: new(store.Map), Name: "far", Wait: 250 * time.Millisecond, Timeout: 5 * time.Second, BreakerTimeout: 5 * time.Second,
					Logger: slog.New(slog.DiscardHandler), Down: func(error) { down = time.Since(began) },
				})
				defer f.Close()
				ctx, _ := farwait.With(t.Context(), c.left)
				op := f.Read(ctx, "a", func(ctx context.Context) (store.Token, error) {
					if c.queued == never {
						time.Sleep(225*time.Millisecond - 1)
					}
					turn := farwait.Queue(ctx)
					if !within(ctx, c.queued) {
						return store.Token{}, context.Cause(ctx)
					}
					turn()
					if !within(ctx, c.takes) {
						return store.Token{}, context.Cause(ctx)
					}
					return store.Token{}, nil
				})
				_, err := op.Wait(ctx)
				if waited := time.Since(began); waited > c.left {
					t.Errorf("the caller waited %v: %v", waited, err)
				}
				time.Sleep(10 * time.Second)
				synctest.Wait()
				if inVain := err != nil && c.left > 125*time.Millisecond; f.Errors() != map[bool]uint64{true: 1}[inVain || c.down != never] {
					t.Errorf("%d errors were counted; the caller got %v", f.Errors(), err)
				}
				if down != c.down {
					t.Errorf("reported down after %v, want %v", down, c.down)
				}
			})
		})
	}
}

// within waits for d. It is false if ctx ended meanwhile.
func within(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
