package wait_test

import (
	"context"
	"errors"
	"testing"

	"github.com/advoware-go/advoware/internal/wait"
)

func TestEnd(t *testing.T) {
	var e wait.End
	calls := make(map[string]int)
	at := func(name string) (drop func()) { return e.At(func() { calls[name]++ }) }
	at("dropped")()
	at("waits too")
	drop := at("waits")
	if e.IsOver() || len(calls) > 0 {
		t.Fatalf("over before its end: %v", calls)
	}
	e.Come()
	e.Come()
	drop()
	if !e.IsOver() {
		t.Error("not over after its end")
	}
	at("late")()
	for name, want := range map[string]int{"dropped": 0, "waits too": 1, "waits": 1, "late": 1} {
		if calls[name] != want {
			t.Errorf("%s: called %d times, want %d", name, calls[name], want)
		}
	}
}

func TestEndOfContext(t *testing.T) {
	var e wait.End
	cause := errors.New("over")
	left, leave := e.Context(t.Context(), cause)
	leave()
	if got := context.Cause(left); !errors.Is(got, context.Canceled) || e.IsOver() {
		t.Errorf("one that is left: %v", got)
	}
	early, cancel := e.Context(t.Context(), cause)
	defer cancel()
	if early.Err() != nil {
		t.Errorf("before the end: %v", context.Cause(early))
	}
	done, drop := e.Done()
	defer drop()
	e.Come()
	<-done
	late, cancel := e.Context(t.Context(), cause)
	defer cancel()
	for name, ctx := range map[string]context.Context{"early": early, "late": late} {
		if got := context.Cause(ctx); !errors.Is(got, cause) {
			t.Errorf("%s: %v, want %v", name, got, cause)
		}
	}
	if got := context.Cause(left); errors.Is(got, cause) {
		t.Error("a context that was left ends with the end")
	}
}
