package wait_test

import (
	"testing"

	"github.com/advoware-go/advoware/internal/wait"
)

func TestEnd(t *testing.T) {
	var e wait.End
	calls := make(map[string]int)
	at := func(name string) (drop func()) { return e.At(func() { calls[name]++ }) }
	at("dropped")()
	late := at("replaced")
	drop := at("waits")
	late() // drops nothing of another's
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
	for name, want := range map[string]int{"dropped": 0, "replaced": 0, "waits": 1, "late": 1} {
		if calls[name] != want {
			t.Errorf("%s: called %d times, want %d", name, calls[name], want)
		}
	}
}
