package bounded_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
)

var errBoom = errors.New("boom")

func TestDoReturnsWhatTheFunctionReturns(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "v")
	got, err := bounded.Do(ctx, func(ctx context.Context) (any, error) { return ctx.Value(key{}), errBoom })
	if got != "v" || !errors.Is(err, errBoom) {
		t.Fatalf("got %v, %v; want the value and the error of the function", got, err)
	}
}

func TestDoEndsWithTheContext(t *testing.T) {
	why := errors.New("why")
	tests := map[string]struct {
		ctx  func(context.Context) (context.Context, context.CancelFunc)
		want []error
		at   time.Duration
	}{
		"deadline": {
			ctx: func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, time.Second)
			},
			want: []error{context.DeadlineExceeded},
			at:   time.Second,
		},
		"deadline with a cause": {
			ctx: func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeoutCause(ctx, time.Second, why)
			},
			want: []error{context.DeadlineExceeded, why},
			at:   time.Second,
		},
		"cancelled": {
			ctx: func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancelCause(ctx)
				time.AfterFunc(2*time.Second, func() { cancel(why) })
				return ctx, func() { cancel(nil) }
			},
			want: []error{context.Canceled, why},
			at:   2 * time.Second,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := tt.ctx(t.Context())
				defer cancel()
				start := time.Now()
				got, err := bounded.Do(ctx, func(context.Context) (string, error) {
					time.Sleep(time.Hour) // deaf to its context
					return "late", nil
				})
				if got != "" {
					t.Errorf("value %q, want none", got)
				}
				for _, want := range tt.want {
					if !errors.Is(err, want) {
						t.Errorf("error %v, want one that matches %v", err, want)
					}
				}
				if took := time.Since(start); took != tt.at {
					t.Errorf("returned after %v, want %v", took, tt.at)
				}
				time.Sleep(time.Hour) // the bubble ends only when fn's goroutine has
			})
		})
	}
}

func TestDoDoesNotStartAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		called := false
		_, err := bounded.Do(ctx, func(context.Context) (int, error) { called = true; return 1, nil })
		synctest.Wait()
		if called || !errors.Is(err, context.Canceled) {
			t.Fatalf("called %v, error %v; want no call and context.Canceled", called, err)
		}
	})
}

// lastMoment is a context that ends while Do asks for its Done channel, when the
// function has already returned: both are ready, and a bare select would toss a
// coin.
type lastMoment struct {
	context.Context
	ended bool
}

func (c *lastMoment) Done() <-chan struct{} {
	time.Sleep(time.Second)
	c.ended = true
	done := make(chan struct{})
	close(done)
	return done
}

func (c *lastMoment) Err() error {
	if c.ended {
		return context.Canceled
	}
	return nil
}

func TestDoKeepsAResultThatIsThereAtTheEnd(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			got, err := bounded.Do(&lastMoment{Context: t.Context()}, func(context.Context) (string, error) {
				return "token", nil
			})
			if got != "token" || err != nil {
				t.Fatalf("got %q, %v; want the result", got, err)
			}
		})
	}
}

func TestPanicBecomesAnError(t *testing.T) {
	_, err := bounded.Do(t.Context(), func(context.Context) (int, error) { panic(errBoom) })
	var p *bounded.PanicError
	if !errors.As(err, &p) || !errors.Is(err, errBoom) {
		t.Fatalf("got %v; want a PanicError around the value", err)
	}
	if !strings.Contains(string(p.Stack), "TestPanicBecomesAnError") {
		t.Errorf("the stack does not show where it panicked:\n%s", p.Stack)
	}
	if strings.Contains(err.Error(), "goroutine") {
		t.Errorf("the message contains the stack: %v", err)
	}
	if _, err := bounded.Do(t.Context(), func(context.Context) (int, error) { panic(nil) }); !errors.As(err, &p) {
		t.Errorf("panic(nil): got %v; want a PanicError", err)
	}
}

func TestGoexitBecomesAnError(t *testing.T) {
	_, err := bounded.Do(t.Context(), func(context.Context) (int, error) { runtime.Goexit(); return 0, nil })
	if !errors.Is(err, bounded.ErrGoexit) {
		t.Fatalf("got %v; want ErrGoexit", err)
	}
}

func TestGoOutlivesTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := bounded.Go(func() (string, error) { time.Sleep(time.Minute); return "late", errBoom })
		select {
		case r := <-done:
			t.Fatalf("%v came at once", r)
		case <-time.After(time.Second): // the first caller leaves
		}
		if r := <-done; r.Value != "late" || !errors.Is(r.Err, errBoom) {
			t.Fatalf("got %v; want the late result", r)
		}
		bounded.Go(func() (int, error) { return 1, nil }) // nobody reads it: no leak, or the bubble would not end
	})
}

func TestRunTellsHowTheFunctionEnded(t *testing.T) {
	var ran atomic.Bool
	if err := <-bounded.Run(func() { ran.Store(true) }); err != nil || !ran.Load() {
		t.Errorf("a return: %v, ran: %t", err, ran.Load())
	}
	var p *bounded.PanicError
	if err := <-bounded.Run(func() { panic(errBoom) }); !errors.As(err, &p) || !errors.Is(err, errBoom) || len(p.Stack) == 0 {
		t.Errorf("a panic: %v", err)
	}
	if err := <-bounded.Run(runtime.Goexit); !errors.Is(err, bounded.ErrGoexit) {
		t.Errorf("an exit: %v, want ErrGoexit", err)
	}
}

func TestRunNeedsNoReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, fn := range []func(){func() { time.Sleep(time.Minute) }, func() { panic(errBoom) }, runtime.Goexit} {
			bounded.Run(fn)
		}
		time.Sleep(time.Hour) // a goroutine that is left over fails the bubble
	})
}

func TestPatientlyWaitsForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for took, want := range map[time.Duration]time.Duration{0: 0, time.Second: time.Second, time.Hour: time.Minute} {
			began := time.Now()
			bounded.Patiently(time.Minute, func() { time.Sleep(took) })
			if waited := time.Since(began); waited != want {
				t.Errorf("waited %v for a function that takes %v", waited, took)
			}
		}
		bounded.Patiently(time.Second, func() { time.Sleep(time.Minute); panic(errBoom) }) // nobody is there any more
		time.Sleep(time.Hour)
	})
}

func TestPatientlyHandsPanicAndExitOn(t *testing.T) {
	err := <-bounded.Run(func() { bounded.Patiently(time.Minute, func() { panic(errBoom) }) })
	if !errors.Is(err, errBoom) {
		t.Errorf("a panic: %v", err)
	}
	if err := <-bounded.Run(func() { bounded.Patiently(time.Minute, runtime.Goexit) }); !errors.Is(err, bounded.ErrGoexit) {
		t.Errorf("an exit: %v, want ErrGoexit", err)
	}
}
