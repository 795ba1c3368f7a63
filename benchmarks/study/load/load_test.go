package load_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/load"
)

const ms = time.Millisecond

// run makes calls in virtual time.
func run(t *testing.T, ctx context.Context, cfg load.Config) *load.Result {
	t.Helper()
	r, err := load.Run(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A server that does not answer for a second holds up all calls that were due in that
// second. A loop sees just those that it had under way.
func TestAStallCountsForAllCallsThatWereDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now().Add(ms)
		r := run(t, t.Context(), load.Config{
			Rate: 100, Duration: 10 * time.Second, Workers: 4, Start: start,
			Call: func(context.Context) error {
				if at := time.Since(start); at >= 5*time.Second && at < 6*time.Second {
					time.Sleep(6*time.Second - at)
				}
				time.Sleep(ms)
				return nil
			},
		})
		if r.Done != 1000 || r.Planned != 1000 || r.Failed != 0 || r.Unfinished != 0 {
			t.Fatalf("%+v", r)
		}
		for _, c := range []struct {
			what     string
			h        *load.Histogram
			share    float64
			from, to time.Duration
		}{
			{"corrected", r.Latency, .5, ms, 2 * ms},
			{"corrected", r.Latency, .95, 400 * ms, 600 * ms}, // a tenth of the calls, half of their wait
			{"corrected", r.Latency, .99, 880 * ms, 1000 * ms},
			{"uncorrected", r.Uncorrected, .99, ms, 2 * ms},
			{"lag", r.Lag, 1, 0, 0},
		} {
			if got := c.h.At(c.share); got < c.from || got > c.to {
				t.Errorf("%s: %.0f %% took at most %v; want %v to %v", c.what, 100*c.share, got, c.from, c.to)
			}
		}
		if got := r.Uncorrected.Max(); got < 990*ms {
			t.Errorf("the slowest call took %v", got)
		}
		if got := r.Latency.Above(50 * ms); got < 90 || got > 100 {
			t.Errorf("%d calls were held up by more than 50 ms", got)
		}
		stalled := r.Slots[5*time.Second/r.Slot]
		if stalled.Latency.Max() < 900*ms || r.Slots[0].Latency.Max() > 2*ms {
			t.Errorf("the time line shows %v in the stall and %v before", stalled.Latency.Max(), r.Slots[0].Latency.Max())
		}
	})
}

func TestCallsAreMadeWhenTheyAreDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			mu    sync.Mutex
			begun []time.Duration
			start = time.Now().Add(time.Second)
		)
		r := run(t, t.Context(), load.Config{
			Rate: 4, Duration: 2 * time.Second, Workers: 3, Start: start,
			Call: func(context.Context) error {
				mu.Lock()
				begun = append(begun, time.Since(start))
				mu.Unlock()
				time.Sleep(600 * ms) // longer than the gap between two calls
				return nil
			},
		})
		want := []time.Duration{0, 250 * ms, 500 * ms, 750 * ms, 1000 * ms, 1250 * ms, 1500 * ms, 1750 * ms}
		if !slices.Equal(begun, want) {
			t.Errorf("calls began at %v, not at %v", begun, want)
		}
		if got := r.Took; got != 2350*ms {
			t.Errorf("it took %v", got)
		}
	})
}

// A timer that rings a little late is nobody's latency. What is more than Slack may be
// the doing of the calls, and counts; in the lag all of it is shown.
func TestOnlySlackIsForgiven(t *testing.T) {
	const took = 10 * time.Microsecond
	for _, tt := range []struct{ late, latency time.Duration }{
		{load.Slack - ms, took},
		{100 * ms, 100*ms - load.Slack + took},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := run(t, t.Context(), load.Config{
				Rate: 1000, Duration: time.Second, Workers: 2, Start: time.Now().Add(-tt.late),
				Call: func(context.Context) error { time.Sleep(took); return nil },
			})
			near := func(got, want time.Duration) bool { return max(got-want, want-got) <= want/500 }
			if got := r.Latency.Max(); !near(got, tt.latency) {
				t.Errorf("%v late: the latency is up to %v; want %v", tt.late, got, tt.latency)
			}
			if got := r.Lag.Max(); !near(got, tt.late) {
				t.Errorf("%v late: the lag is up to %v", tt.late, got)
			}
			if lag, latency := r.Lag.At(.5), r.Latency.At(.5); lag != 0 || !near(latency, took) {
				t.Errorf("%v late: half of the calls lag by %v and take %v, though the load has caught up", tt.late, lag, latency)
			}
		})
	}
}

// What a call holds up is latency also when the worker lagged before.
func TestLagDoesNotHideAStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := true
		r := run(t, t.Context(), load.Config{
			Rate: 100, Duration: time.Second, Workers: 1, Start: time.Now().Add(-20 * ms),
			Call: func(context.Context) error {
				if first {
					first = false
					time.Sleep(500 * ms)
				}
				return nil
			},
		})
		if got := r.Lag.Max(); got < 20*ms || got > 21*ms {
			t.Errorf("the lag is up to %v; want 20 ms", got)
		}
		if got := r.Latency.Above(100 * ms); got < 41 || got > 43 {
			t.Errorf("%d calls were held up by more than 100 ms; want 42", got)
		}
	})
}

func TestFailedCallsAreCountedBesideTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		var progress atomic.Int64
		r := run(t, t.Context(), load.Config{
			Rate: 100, Duration: time.Second, Workers: 1, Progress: &progress,
			Call: func(context.Context) error {
				switch i := n.Add(1); {
				case i%10 == 0:
					time.Sleep(5 * ms)
					return fmt.Errorf("no\nluck for kanzlei_%05d at port %d in %d ms", i, 40000+i, 20)
				case i == 1:
					return errors.New("a bad start")
				}
				return nil
			},
		})
		want := []load.Problem{{Text: "no; luck for kanzlei_# at port # in 20 ms", Count: 10}, {Text: "a bad start", Count: 1}}
		if r.Failed != 11 || r.Done != 100 || !slices.Equal(r.Problems, want) || progress.Load() != 100 {
			t.Errorf("%d of %d failed, of %v; progress %d", r.Failed, r.Done, r.Problems, progress.Load())
		}
		if r.Latency.Count() != 89 || r.Failures.Count() != 11 || r.Latency.Max() != 0 || r.Failures.Max() < 5*ms {
			t.Errorf("%d good ones took up to %v, %d bad ones up to %v", r.Latency.Count(), r.Latency.Max(), r.Failures.Count(), r.Failures.Max())
		}
	})
}

func TestALoadThatIsBrokenOffHasWhatItMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1005*ms)
		defer cancel()
		r := run(t, ctx, load.Config{
			Rate: 100, Duration: 10 * time.Second, Workers: 8, Start: time.Now(),
			Call: func(ctx context.Context) error {
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-time.After(20 * ms):
					return nil
				}
			},
		})
		// Due at 0, 10, … 1000 ms; those of 990 and 1000 ms were under way.
		if r.Planned != 1000 || r.Done != 99 || r.Unfinished != 2 || r.Failed != 0 || len(r.Problems) != 0 {
			t.Errorf("planned %d, done %d, unfinished %d, failed %d %v", r.Planned, r.Done, r.Unfinished, r.Failed, r.Problems)
		}
	})
}

func TestConfigIsChecked(t *testing.T) {
	good := load.Config{Rate: 10, Duration: time.Second, Workers: 1, Call: func(context.Context) error { return nil }}
	for name, change := range map[string]func(*load.Config){
		"no rate":       func(c *load.Config) { c.Rate = 0 },
		"not a number":  func(c *load.Config) { c.Rate = math.NaN() },
		"endless":       func(c *load.Config) { c.Rate = math.Inf(1) },
		"no duration":   func(c *load.Config) { c.Duration = 0 },
		"no workers":    func(c *load.Config) { c.Workers = 0 },
		"less than one": func(c *load.Config) { c.Rate = .5 },
		"too many":      func(c *load.Config) { c.Rate = load.MaxCalls + 1 },
		"nothing to do": func(c *load.Config) { c.Call = nil },
	} {
		c := good
		change(&c)
		if r, err := load.Run(t.Context(), c); err == nil {
			t.Errorf("%s: accepted, %+v", name, r)
		}
	}
	if _, err := load.Run(t.Context(), good); err != nil {
		t.Error(err)
	}
}
