package far_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/tiered/internal/far"
)

// A far store that can be read and takes no writes is warned of once. A write that was not needed by
// the time its turn came does not show that it takes them again.
func TestNeedlessWriteDoesNotRepeatTheWarning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		f := far.New(far.Config{
			Store: new(store.Map), Name: "far", Wait: time.Second, Timeout: 5 * time.Second, BreakerTimeout: 5 * time.Second,
			Logger: slog.New(slog.NewTextHandler(&log, nil)),
		})
		defer f.Close()
		full := errors.New("no space left")
		for i, c := range []struct {
			err      error
			warnings int
		}{{full, 1}, {far.ErrNotAsked, 1}, {full, 1}, {nil, 1}, {full, 2}} {
			_, _ = f.WriteBehind([]string{"a"}, func(context.Context) (store.Token, error) { return store.Token{}, c.err }).Result()
			if n := strings.Count(log.String(), "takes no writes"); n != c.warnings {
				t.Errorf("write %d: %d warnings, want %d", i+1, n, c.warnings)
			}
		}
	})
}

// A write, or a lease, that is not answered leaves time for a read which shows that far is not down:
// also if it has waited for its turn for nearly half of its time, and if a call may wait for longer
// than an operation takes.
func TestReadHasTimeBesideWhatIsNotAnswered(t *testing.T) {
	const timeout, trips = 5 * time.Second, 400 * time.Millisecond // to a far store that has to be dialled
	begin := map[string]func(f *far.Far, wait time.Duration, hang func(context.Context)) *far.Operation{
		"a write": func(f *far.Far, wait time.Duration, hang func(context.Context)) *far.Operation {
			return f.Write(farwait.Fresh(context.Background(), wait), "a", func(ctx context.Context) (store.Token, error) {
				hang(ctx)
				return store.Token{}, ctx.Err()
			})
		},
		"a lease": func(f *far.Far, wait time.Duration, hang func(context.Context)) *far.Operation {
			return f.Read(context.Background(), "a", func(ctx context.Context) (store.Token, error) {
				_, _, err := far.LeaseOrRead(ctx, hangingLease(hang), slowMap{trips}, "a", lease.Ask{}, wait/2)
				return store.Token{}, err
			})
		},
	}
	for name, c := range map[string]struct{ wait, queued time.Duration }{
		"waits for its turn": {timeout, timeout/2 - timeout/50},
		"of a patient call":  {3 * timeout, 0},
	} {
		for what, begin := range begin {
			t.Run(what+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := far.New(far.Config{
						Store: slowMap{trips}, Name: "far", Wait: c.wait, Timeout: timeout, BreakerTimeout: timeout, Logger: slog.New(slog.DiscardHandler),
						Down: func(err error) { t.Errorf("taken for down: %v", err) },
					})
					defer f.Close()
					_, _ = begin(f, c.wait, func(ctx context.Context) {
						done := farwait.Queue(ctx)
						time.Sleep(c.queued)
						done()
						<-ctx.Done()
					}).Result()
				})
			})
		}
	}
}

// slowMap is empty, and takes so long to say so.
type slowMap struct{ time.Duration }

func (m slowMap) Get(ctx context.Context, _ string) (store.Token, error) {
	select {
	case <-time.After(m.Duration):
		return store.Token{}, store.ErrNotFound
	case <-ctx.Done():
		return store.Token{}, ctx.Err()
	}
}

func (slowMap) CompareAndSwap(context.Context, string, store.Token, store.Token) (store.Token, error) {
	panic("not called")
}

func (slowMap) CompareAndDelete(context.Context, string, store.Token) error { panic("not called") }

// hangingLease never answers.
type hangingLease func(context.Context)

func (l hangingLease) Acquire(ctx context.Context, _ string, _ lease.Ask) (lease.Outcome, error) {
	l(ctx)
	return lease.Outcome{}, ctx.Err()
}
