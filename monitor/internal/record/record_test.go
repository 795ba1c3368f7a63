package record_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/monitor/internal/record"
)

var begin = time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)

func at(minutes float64) time.Time { return begin.Add(time.Duration(minutes * float64(time.Minute))) }

func TestTokensFollowEachOther(t *testing.T) {
	t.Parallel()
	var r record.Record
	r.Token(at(0), "a", at(55), record.Fetched, 0) // Rotated and FetchDone tell of the same one
	r.Token(at(0), "a", at(55), record.Fetched, time.Second)
	r.Token(at(50), "b", at(105), record.Fetched, time.Second)
	r.Rejected(at(60), "b")
	r.Token(at(61), "c", at(116), record.Fetched, time.Second)
	r.Token(at(100), "d", at(140), record.Shared, 0)
	r.Token(at(150), "e", at(205), record.Fetched, time.Second)
	got := r.At(at(160))
	want := []record.Span{
		{From: at(0), To: at(50), Over: true, Token: "a", Expiry: at(55), Origin: record.Fetched, Took: time.Second},
		{From: at(50), To: at(60), Over: true, Token: "b", Expiry: at(105), Origin: record.Renewed, Took: time.Second},
		{From: at(61), To: at(100), Over: true, Token: "c", Expiry: at(116), Origin: record.Fetched, Took: time.Second},
		{From: at(100), To: at(140), Over: true, Token: "d", Expiry: at(140), Origin: record.Shared},
		{From: at(150), To: at(160), Token: "e", Expiry: at(205), Origin: record.Fetched, Took: time.Second},
	}
	if diff := cmp.Diff(want, got.Tokens); diff != "" {
		t.Error(diff)
	}
	if got.Rejections[0].Count != 1 || !got.Since.Equal(at(0)) || !got.Cut.IsZero() {
		t.Errorf("got %+v", got)
	}
}

func TestFailuresOfOneKindAreOneSpan(t *testing.T) {
	t.Parallel()
	var r record.Record
	r.Failure(at(0), false, reason.Unknown, at(1))
	r.Failure(at(0.1), false, reason.Unknown, at(1)) // the same one, seen by a look
	r.Failure(at(1), false, reason.Unknown, at(3))
	r.Failure(at(3), true, reason.WrongCredentials, at(4)) // another reason
	if got := r.At(at(10)).Failures; !got[1].To.Equal(at(10)) || got[1].Over {
		t.Errorf("one that is not over ends at %v", got[1].To)
	}
	r.Token(at(12), "a", at(60), record.Fetched, 0)
	r.Token(at(13), "a", at(60), record.Fetched, 0)
	r.Failure(at(55), false, reason.NotConnected, at(56))
	r.Token(at(55.5), "a", at(60), record.Fetched, 0) // it serves on, and says nothing of the gateway
	want := []record.Span{
		{From: at(0), To: at(3), Over: true, Count: 2, Next: at(3)},
		{From: at(3), To: at(12), Over: true, Count: 1, Refused: true, Reason: reason.WrongCredentials, Next: at(4)},
		{From: at(55), To: at(58), Count: 1, Reason: reason.NotConnected, Next: at(56)},
	}
	if diff := cmp.Diff(want, r.At(at(58)).Failures); diff != "" {
		t.Error(diff)
	}
}

// Whatever happens, and however often, a record takes no more than it says.
func TestRecordIsBounded(t *testing.T) { // not in parallel: it looks at the heap
	const records = 16
	before := heap()
	var all [records]*record.Record
	for n := range all {
		all[n] = new(record.Record)
		for i := range 2000 {
			now, r := at(float64(i)/10), all[n]
			r.Token(now, fmt.Sprintf("%08x", i), now.Add(time.Hour), record.Fetched, time.Second)
			r.Failure(now.Add(time.Second), i%2 == 0, reason.Unknown, now.Add(2*time.Second))
			r.Rejected(now.Add(time.Second), "")
			up(r, now.Add(time.Second), i%2 == 0)
			r.Call(time.Duration(i) * time.Millisecond)
		}
	}
	took := (heap() - before) / records
	got := all[0].At(at(200))
	for name, n := range map[string]int{"tokens": len(got.Tokens), "failures": len(got.Failures), "outages of Redis": len(got.Redis)} {
		if n != record.Most {
			t.Errorf("%d %s; want %d", n, name, record.Most)
		}
	}
	if len(got.Rejections) > record.Most || len(got.Slots) > record.Slots || got.Cut.Before(at(180)) {
		t.Errorf("%d rejections, %d slots, cut at %v", len(got.Rejections), len(got.Slots), got.Cut)
	}
	t.Logf("full, it takes %d bytes", took)
	if took > 90<<10 {
		t.Errorf("it takes %d bytes", took)
	}
	runtime.KeepAlive(all)
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// What is older than a day is not shown, what is partly older is.
func TestADay(t *testing.T) {
	t.Parallel()
	var r record.Record
	r.Token(at(0), "a", at(30), record.Fetched, 0)
	r.Token(at(40), "b", at(70), record.Fetched, 0)
	got := r.At(at(24*60 + 50)).Tokens
	if len(got) != 1 || got[0].Token != "b" || !got[0].To.Equal(at(70)) {
		t.Errorf("got %+v", got)
	}
}

func TestQuantilesAndCounts(t *testing.T) {
	t.Parallel()
	var r record.Record
	all := []time.Duration{0, time.Microsecond, 50 * time.Microsecond, time.Millisecond, 20 * time.Millisecond, 1300 * time.Millisecond, 30 * time.Second, time.Hour}
	for _, d := range all {
		var one record.Record
		one.Call(d)
		for _, part := range []float64{0, 0.5, 1} {
			h := one.At(begin).Calls
			got := h.Quantile(part)
			if off := (got - d).Abs(); d < 2*time.Minute && off > d/16+16*time.Microsecond || d == time.Hour && got < time.Minute {
				t.Errorf("the quantile %v of %v is %v", part, d, got)
			}
		}
		r.Call(d)
	}
	h := r.At(begin).Calls
	if h.Count != uint64(len(all)) || h.Max != time.Hour || h.Sum != time.Hour+31*time.Second+321*time.Millisecond+51*time.Microsecond {
		t.Errorf("%d, %v, %v", h.Count, h.Max, h.Sum)
	}
	if diff := cmp.Diff([]uint64{4, 1, 1, 2}, h.Counts([]float64{0.005, 0.1, 2})); diff != "" {
		t.Error(diff)
	}
	if got := new(record.Record).At(begin).Calls; got.Quantile(.5) != 0 {
		t.Errorf("the median of nothing is %v", got.Quantile(.5))
	}
}

func BenchmarkCall(b *testing.B) {
	var r record.Record
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r.Call(40 * time.Millisecond)
		}
	})
}
