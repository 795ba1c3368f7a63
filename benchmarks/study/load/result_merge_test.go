package load_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/load"
)

// What two processes measure is the same as what one measures with both.
func TestMergedResultsAreThoseOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		part := func(took time.Duration) *load.Result {
			var n atomic.Int64
			return run(t, t.Context(), load.Config{
				Rate: 100, Duration: 3 * time.Second, Workers: 2,
				Call: func(context.Context) error {
					time.Sleep(took)
					if n.Add(1) == 7 {
						return errors.New("seven")
					}
					return nil
				},
			})
		}
		a, b := part(ms), part(4*ms)
		sum := load.Merge(a, b)
		if sum.Planned != 600 || sum.Done != 600 || sum.Failed != 2 || sum.Slot != a.Slot || len(sum.Slots) != len(a.Slots) {
			t.Errorf("%+v", sum)
		}
		if got := sum.Problems; len(got) != 1 || got[0] != (load.Problem{Text: "seven", Count: 2}) {
			t.Errorf("problems %v", got)
		}
		// Half of the calls took 1 ms, the other half 4 ms.
		if low, high := sum.Latency.At(.49), sum.Latency.At(.51); low > 1001*time.Microsecond || high < 4*ms || sum.Latency.Count() != 598 {
			t.Errorf("%d calls: %v and %v around the median", sum.Latency.Count(), low, high)
		}
		var slots int64
		for _, s := range sum.Slots {
			slots += s.Latency.Count() + int64(s.Failed)
		}
		if slots != 600 {
			t.Errorf("the time line has %d calls", slots)
		}
		if load.Merge() != nil {
			t.Error("nothing makes something")
		}
	})
}

func TestResultSurvivesJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := run(t, t.Context(), load.Config{
			Rate: 100, Duration: time.Second, Workers: 2,
			Call: func(context.Context) error { time.Sleep(3 * ms); return nil },
		})
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back load.Result
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(&back)
		if err != nil || string(again) != string(text) {
			t.Errorf("it comes back as another one (%v)", err)
		}
		if back.Latency.Count() != 100 || back.Latency.At(.5) != r.Latency.At(.5) || !reflect.DeepEqual(back.Slots[3].Failed, r.Slots[3].Failed) {
			t.Errorf("%d calls, median %v", back.Latency.Count(), back.Latency.At(.5))
		}
		if err := json.Unmarshal([]byte(`"nonsense"`), load.NewHistogram()); err == nil {
			t.Error("nonsense is a histogram")
		}
	})
}

func TestHistogram(t *testing.T) {
	h := load.NewHistogram()
	if h.At(.5) != 0 || h.Max() != 0 || h.Mean() != 0 || h.Above(0) != 0 {
		t.Errorf("an empty one: %v %v %v", h.At(.5), h.Max(), h.Mean())
	}
	for i := range 1000 {
		h.Record(time.Duration(i+1) * time.Microsecond)
	}
	h.Record(-time.Second) // as 0
	h.Record(10 * time.Hour)
	near := func(got, want time.Duration) bool { return max(got-want, want-got) <= want/500 }
	if h.Count() != 1002 || !near(h.At(.5), 500*time.Microsecond) || !near(h.At(.9), 901*time.Microsecond) || !near(h.Max(), 10*time.Hour) {
		t.Errorf("%d: %v %v %v", h.Count(), h.At(.5), h.At(.9), h.Max())
	}
	if got := h.Above(800 * time.Microsecond); got < 199 || got > 202 {
		t.Errorf("%d above 800 µs", got)
	}
	if h.Record(30 * 24 * time.Hour); !near(h.Max(), 7*24*time.Hour) {
		t.Errorf("a month is %v; want a week", h.Max())
	}
}
