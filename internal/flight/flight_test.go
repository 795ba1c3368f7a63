package flight_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/flight"
)

const timeout = 10 * time.Second

// task is what a caller asks of a flight here: what is run is its own.
type task = func(context.Context) (string, error)

type group struct{ flight.Group[task, string] }

func open(life context.Context) *group {
	fly := func(ctx context.Context, fn task) (string, error) { return fn(ctx) }
	return &group{flight.Group[task, string]{Fly: fly, Life: life, Timeout: timeout}}
}

// do returns what the run brought, or the error of ctx.
func (g *group) do(ctx context.Context, fn task) (v string, led bool, err error) {
	r, led := g.Do(ctx, fn)
	if r == nil {
		return "", led, ctx.Err()
	}
	v, err = r.Result()
	return v, led, err
}

// slow takes a second and minds its context.
func slow(ctx context.Context) (string, error) {
	select {
	case <-time.After(time.Second):
		return "token", nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func TestOneRunForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t.Context())
		var runs, leaders atomic.Int64
		var wg sync.WaitGroup
		for range 10_000 {
			wg.Go(func() {
				v, led, err := g.do(t.Context(), func(ctx context.Context) (string, error) {
					runs.Add(1)
					return slow(ctx)
				})
				if v != "token" || err != nil {
					t.Errorf("got %q, %v", v, err)
				}
				if led {
					leaders.Add(1)
				}
			})
		}
		wg.Wait()
		if runs.Load() != 1 || leaders.Load() != 1 {
			t.Errorf("%d runs, %d leaders; want one of each", runs.Load(), leaders.Load())
		}
	})
}

func TestErrorReachesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, boom := open(t.Context()), errors.New("boom")
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				v, _, err := g.do(t.Context(), func(ctx context.Context) (string, error) {
					slow(ctx)
					return "not to be had", boom
				})
				if !errors.Is(err, boom) || v == "token" {
					t.Errorf("got %q, %v", v, err)
				}
			})
		}
		wg.Wait()
	})
}

func TestEachTimeRunsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t.Context())
		for i := range 3 {
			want := fmt.Sprint(i)
			v, led, err := g.do(t.Context(), func(ctx context.Context) (string, error) {
				slow(ctx)
				return want, nil
			})
			if v != want || !led || err != nil {
				t.Errorf("got %q, led %v, %v; want %q", v, led, err, want)
			}
		}
	})
}

func TestLeaderWhoLeavesHarmsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t.Context())
		var runs atomic.Int64
		fn := func(ctx context.Context) (string, error) { runs.Add(1); return slow(ctx) }
		begin := time.Now()
		leader, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			v, _, err := g.do(leader, fn)
			if v != "" || !errors.Is(err, context.Canceled) || time.Since(begin) != 300*time.Millisecond {
				t.Errorf("the leader got %q, %v after %v", v, err, time.Since(begin))
			}
		})
		synctest.Wait()
		for i := range 100 { // some join before it leaves, some after
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 9 * time.Millisecond)
				v, led, err := g.do(t.Context(), fn)
				if v != "token" || led || err != nil || time.Since(begin) != time.Second {
					t.Errorf("a waiter got %q, led %v, %v after %v", v, led, err, time.Since(begin))
				}
			})
		}
		time.Sleep(300 * time.Millisecond)
		cancel()
		wg.Wait()
		if runs.Load() != 1 {
			t.Errorf("%d runs", runs.Load())
		}
	})
}

func TestWaiterLeavesAtItsOwnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t.Context())
		begin := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() {
			if v, led, err := g.do(t.Context(), slow); v != "token" || !led || err != nil {
				t.Errorf("the leader got %q, led %v, %v", v, led, err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			v, led, err := g.do(ctx, slow)
			if v != "" || led || !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 200*time.Millisecond {
				t.Errorf("the waiter got %q, led %v, %v after %v", v, led, err, time.Since(begin))
			}
		})
		wg.Wait()
	})
}

func TestRunWithoutAnybodyLeftFinishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t.Context())
		var finished atomic.Bool
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		g.do(ctx, func(ctx context.Context) (string, error) {
			_, err := slow(ctx)
			finished.Store(err == nil)
			return "", err
		})
		time.Sleep(timeout)
		if !finished.Load() {
			t.Error("the run ended with its last caller")
		}
	})
}

func TestEndedContextStartsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t.Context())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, led, err := g.do(ctx, func(context.Context) (string, error) {
			t.Error("it ran")
			return "", nil
		})
		synctest.Wait()
		if led || !errors.Is(err, context.Canceled) {
			t.Errorf("led %v, %v", led, err)
		}
	})
}

func TestPanicAndGoexitReachAllAsErrors(t *testing.T) {
	boom := errors.New("boom")
	for name, test := range map[string]struct {
		end  func()
		want error
	}{
		"panic":         {func() { panic(boom) }, boom},
		"Goexit":        {runtime.Goexit, bounded.ErrGoexit},
		"index of nil ": {func() { _ = []int(nil)[len("x")] }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := open(t.Context())
				var wg sync.WaitGroup
				for range 100 {
					wg.Go(func() {
						_, _, err := g.do(t.Context(), func(ctx context.Context) (string, error) {
							slow(ctx)
							test.end()
							return "not reached", nil
						})
						if err == nil || test.want != nil && !errors.Is(err, test.want) {
							t.Errorf("got %v, want %v", err, test.want)
						}
					})
				}
				wg.Wait()
				if v, led, err := g.do(t.Context(), slow); v != "token" || !led || err != nil {
					t.Errorf("the next one got %q, led %v, %v", v, led, err)
				}
			})
		})
	}
}

// A function that minds no context holds nobody longer than Timeout.
func TestHangEndsWithTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(t.Context())
		release := make(chan struct{})
		begin := time.Now()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				v, _, err := g.do(t.Context(), func(context.Context) (string, error) {
					<-release
					return "too late", nil
				})
				if v != "" || !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != timeout {
					t.Errorf("got %q, %v after %v", v, err, time.Since(begin))
				}
			})
		}
		wg.Wait()
		if v, led, err := g.do(t.Context(), slow); v != "token" || !led || err != nil {
			t.Errorf("while it hangs, the next one got %q, led %v, %v", v, led, err)
		}
		close(release)
	})
}

func TestEndOfLifeEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed, release := errors.New("closed"), make(chan struct{})
		defer close(release)
		life, end := context.WithCancelCause(t.Context())
		begin := time.Now()
		var wg sync.WaitGroup
		for name, fn := range map[string]func(context.Context) (string, error){
			"minds its context": func(ctx context.Context) (string, error) { <-ctx.Done(); return "", context.Cause(ctx) },
			"minds nothing":     func(context.Context) (string, error) { <-release; return "", nil },
		} {
			g := open(life)
			for range 10 {
				wg.Go(func() {
					_, _, err := g.do(t.Context(), fn)
					if !errors.Is(err, closed) || time.Since(begin) != 2*time.Second {
						t.Errorf("%s: got %v after %v", name, err, time.Since(begin))
					}
				})
			}
		}
		time.Sleep(2 * time.Second)
		end(closed)
		wg.Wait()
		_, _, err := open(life).do(t.Context(), func(context.Context) (string, error) {
			t.Error("it ran after the end")
			return "", nil
		})
		if !errors.Is(err, closed) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestRunHasTheLeadersValuesButNotItsDeadline(t *testing.T) {
	type key struct{}
	synctest.Test(t, func(t *testing.T) {
		g := open(t.Context())
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), key{}, "trace"), time.Millisecond)
		defer cancel()
		begin := time.Now()
		seen := make(chan string, 1)
		go g.do(ctx, func(ctx context.Context) (string, error) {
			deadline, ok := ctx.Deadline()
			seen <- fmt.Sprintf("%v %v %v", ctx.Value(key{}), ok, deadline.Sub(begin))
			return "", nil
		})
		if got, want := <-seen, "trace true 10s"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// Nothing of a run is left when it is over, or the bubble would not end.
func TestRunLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		life, end := context.WithCancel(context.Background())
		defer end()
		g := open(life)
		var inner context.Context
		if v, led, err := g.do(t.Context(), func(ctx context.Context) (string, error) { inner = ctx; return "token", nil }); v != "token" || !led || err != nil {
			t.Errorf("got %q, led %v, %v", v, led, err)
		}
		synctest.Wait()
		if inner.Err() == nil {
			t.Error("the run's context is still alive")
		}
	})
}
