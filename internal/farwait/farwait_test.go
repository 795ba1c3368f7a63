package farwait_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
)

func TestStepsShareOneAllowance(t *testing.T) {
	ctx, call := farwait.With(t.Context(), 250*time.Millisecond)
	if got := call.Left(); got != 250*time.Millisecond {
		t.Errorf("%v at the start", got)
	}
	farwait.Spend(ctx, 100*time.Millisecond)
	inner, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	inner, same := farwait.With(inner, time.Minute) // a step that would like one of its own
	if same != call {
		t.Error("a step got an allowance of its own")
	}
	farwait.Spend(inner, 50*time.Millisecond)
	for limit, want := range map[time.Duration]time.Duration{
		time.Second: 100 * time.Millisecond, 100 * time.Millisecond: 100 * time.Millisecond, time.Millisecond: time.Millisecond, 0: 0,
	} {
		if got := farwait.Left(ctx, limit); got != want {
			t.Errorf("limit %v: %v, want %v", limit, got, want)
		}
	}
	farwait.Spend(ctx, time.Hour)
	if call.Left() != 0 || farwait.Left(inner, time.Second) != 0 {
		t.Errorf("overspent: %v left", call.Left())
	}
	if _, again := farwait.With(ctx, time.Minute); again.Left() != 0 {
		t.Error("a spent allowance was renewed")
	}
}

func TestCallsDoNotShare(t *testing.T) {
	one, _ := farwait.With(t.Context(), time.Second)
	two, _ := farwait.With(t.Context(), time.Second)
	farwait.Spend(one, time.Second)
	if got := farwait.Left(two, time.Minute); got != time.Second {
		t.Errorf("%v left of another call's", got)
	}
}

func TestWithoutAllowance(t *testing.T) {
	farwait.Spend(t.Context(), time.Hour)
	if got := farwait.Left(t.Context(), time.Second); got != time.Second {
		t.Errorf("%v left, want the limit", got)
	}
}

func TestConcurrentSpending(t *testing.T) {
	ctx, call := farwait.With(t.Context(), 1001*time.Millisecond)
	var wg sync.WaitGroup
	for range 1000 {
		wg.Go(func() { farwait.Spend(ctx, time.Millisecond) })
	}
	wg.Wait()
	if call.Left() != time.Millisecond {
		t.Errorf("%v left, want 1ms", call.Left())
	}
}
