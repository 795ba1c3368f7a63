package wait_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/wait"
)

var errCause = errors.New("the cause")

// ending returns a context that ends after a time.
func ending(t *testing.T, after time.Duration) context.Context {
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := time.AfterFunc(after, func() { cancel(errCause) })
	t.Cleanup(func() { stop.Stop(); cancel(nil) })
	return ctx
}

func TestRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if err := wait.Rest(t.Context(), time.Minute); err != nil || time.Since(began) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		began = time.Now()
		if err := wait.Rest(ending(t, time.Second), time.Minute); !errors.Is(err, errCause) || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

func TestUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		forever := func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }
		failing := func(context.Context) error { return errCause }
		for name, tt := range map[string]struct {
			ctx  context.Context
			wait func(context.Context) error
			want error
			took time.Duration
		}{
			"it fails":        {t.Context(), failing, nil, 0},
			"it goes on":      {t.Context(), forever, nil, time.Minute},
			"the context end": {ending(t, time.Second), forever, errCause, time.Second},
		} {
			began := time.Now()
			err := wait.Until(tt.ctx, tt.wait, began.Add(time.Minute))
			if !errors.Is(err, tt.want) || time.Since(began) > tt.took {
				t.Errorf("%s: %v after %v", name, err, time.Since(began))
			}
		}
	})
}

func TestSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slot := new(wait.Slot)
		holder, leave := context.WithCancel(t.Context())
		release, waited, err := slot.Take(holder, time.Now())
		if waited || err != nil {
			t.Fatalf("the first one: %v, waited: %v", err, waited)
		}
		for name, tt := range map[string]struct {
			ctx  context.Context
			took time.Duration
			want error
		}{
			"goes on without it": {t.Context(), time.Minute, nil},
			"leaves":             {ending(t, time.Second), time.Second, errCause},
		} {
			began := time.Now()
			done, waited, err := slot.Take(tt.ctx, began.Add(time.Minute))
			if !errors.Is(err, tt.want) || !waited || time.Since(began) > tt.took {
				t.Errorf("%s: %v after %v, waited: %v", name, err, time.Since(began), waited)
			}
			if done != nil {
				done() // which it does not hold
			}
		}
		leave() // releases
		synctest.Wait()
		again, waited, err := slot.Take(t.Context(), time.Now())
		if waited || err != nil {
			t.Fatalf("after the holder's context: %v, waited: %v", err, waited)
		}
		release() // nothing of another's
		if _, waited, _ := slot.Take(t.Context(), time.Now()); !waited {
			t.Error("two hold it")
		}
		again()
		again()
		if _, waited, _ := slot.Take(t.Context(), time.Now()); waited {
			t.Error("it was not released")
		}
	})
}
