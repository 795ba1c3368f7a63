package record_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/monitor/internal/record"
)

// up looks at an office whose Redis is up or down since now.
func up(r *record.Record, now time.Time, is bool) {
	r.Look(now, record.Seen{Status: status.Client{Redis: &status.Redis{Up: is, Since: now}}})
}

// Redis is looked at now and then, and says since when it is up or down.
func TestOutagesOfRedisBetweenLooks(t *testing.T) {
	t.Parallel()
	var r record.Record
	look := func(now float64, is bool, since time.Time) {
		r.Look(at(now), record.Seen{Status: status.Client{Redis: &status.Redis{Up: is, Since: since}}})
	}
	look(0, false, time.Time{}) // not used yet
	look(1, true, at(0.5))
	look(10, false, at(9.1))
	look(11, false, at(9.1))
	look(20, true, at(19.5))
	look(21, true, at(19.5))
	look(30, true, at(29.5))   // it was down between two looks
	look(40, false, at(39))    // and is down
	look(50, false, at(49))    // it was up between two looks
	look(60, true, at(59.125)) // and is up
	look(70, false, at(69))
	want := []record.Span{
		{From: at(9.1), To: at(19.5), Over: true},
		{From: at(21), To: at(29.5), Over: true},
		{From: at(39), To: at(49), Over: true},
		{From: at(49), To: at(59.125), Over: true},
		{From: at(69), To: at(80)},
	}
	if diff := cmp.Diff(want, r.At(at(80)).Redis); diff != "" {
		t.Error(diff)
	}
}

// Without hooks a look tells of tokens and failures.
func TestLookWithoutHooks(t *testing.T) {
	t.Parallel()
	var r record.Record
	look := func(now float64, s status.Token) { r.Look(at(now), record.Seen{Status: status.Client{Token: s}}) }
	failed := &status.Failure{At: at(2), Reason: reason.NotConnected.Word()}
	look(1, status.Token{State: status.Empty})
	look(2.5, status.Token{State: status.Failed, Failure: failed})
	look(3, status.Token{State: status.Empty, Failure: failed})
	look(5, status.Token{State: status.Fresh, Fingerprint: "a", Fetched: at(4), Expiry: at(59), Failure: failed})
	look(6, status.Token{State: status.Fresh, Fingerprint: "a", Fetched: at(4), Expiry: at(59), Failure: failed})
	look(50, status.Token{State: status.Fresh, Fingerprint: "b", Fetched: at(4), Expiry: at(100), Failure: failed}) // another process did it
	look(60, status.Token{State: status.Due, Fingerprint: "b", Fetched: at(4), Expiry: at(100), Failure: &status.Failure{At: at(55), Refused: true}})
	got := r.At(at(70))
	want := record.Snapshot{
		Tokens: []record.Span{
			{From: at(4), To: at(50), Over: true, Token: "a", Expiry: at(59), Origin: record.Fetched},
			{From: at(50), To: at(70), Token: "b", Expiry: at(100), Origin: record.Shared},
		},
		Failures: []record.Span{
			{From: at(2), To: at(4), Over: true, Count: 1, Reason: reason.NotConnected},
			{From: at(55), To: at(70), Count: 1, Refused: true},
		},
	}
	if diff := cmp.Diff(want.Tokens, got.Tokens); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want.Failures, got.Failures); diff != "" {
		t.Error(diff)
	}
}

// Counters become what happened in each five minutes; the last day of them is kept.
func TestSlots(t *testing.T) {
	t.Parallel()
	var r record.Record
	calls := uint64(0)
	for minute := range 3 * 24 * 60 {
		if minute%60 < 30 {
			calls += 2
		}
		if minute%60 < 30 {
			r.Call(40 * time.Millisecond)
			r.Call(80 * time.Millisecond)
			if minute%60 == 0 {
				r.Call(time.Second)
			}
		}
		r.Look(at(float64(minute)), record.Seen{Calls: calls, Lookups: calls + 1, Waits: calls / 2})
	}
	got := r.At(at(3 * 24 * 60)).Slots
	if len(got) != (record.Slots-1)/2 || !got[len(got)-1].Begin.Equal(at(3*24*60-35)) { // half of them were quiet
		t.Fatalf("%d slots, the last one of %v", len(got), got[len(got)-1].Begin)
	}
	for _, s := range got {
		if s.Begin.Minute() >= 30 || s.Calls != 10 || s.Lookups != 10 || s.Waits != 5 {
			t.Fatalf("%+v", s)
		}
		if s.P50 < 38*time.Millisecond || s.P50 > 85*time.Millisecond || s.P99 < 75*time.Millisecond || (s.P99 > 900*time.Millisecond) != (s.Begin.Minute() == 0) {
			t.Fatalf("%+v", s)
		}
	}
	// A clock that is set back, and counters that begin anew, do no harm.
	r.Look(at(60), record.Seen{Calls: 7, Lookups: 7})
	last := r.At(at(3 * 24 * 60)).Slots
	if n := last[len(last)-1]; n.Calls != 17 || len(last) != len(got) {
		t.Errorf("%d slots, the last one %+v", len(last), n)
	}
}
