package toggle_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/advoware-go/advoware/internal/toggle"
)

func to(on bool) func(bool) bool { return func(bool) bool { return on } }

// counter counts how often it runs.
type counter struct {
	starts, running atomic.Int64
	inStart         func()
}

func (c *counter) start() func() {
	c.starts.Add(1)
	c.running.Add(1)
	if c.inStart != nil {
		c.inStart()
	}
	return func() { c.running.Add(-1) }
}

func TestItRunsWhileItIsWanted(t *testing.T) {
	var g toggle.Toggle
	var c counter
	g.Set(to(false), c.start)
	for range 3 {
		g.Set(to(true), c.start)
		g.Set(func(was bool) bool { return was }, c.start)
		if n := c.running.Load(); n != 1 {
			t.Fatalf("%d run", n)
		}
		g.Set(to(false), c.start)
		if n := c.running.Load(); n != 0 {
			t.Fatalf("%d run after the end", n)
		}
	}
	if n := c.starts.Load(); n != 3 {
		t.Errorf("%d starts", n)
	}
}

func TestStartMayCallSet(t *testing.T) {
	var g toggle.Toggle
	var c counter
	c.inStart = func() { g.Set(to(false), c.start) } // not wanted any more
	g.Set(to(true), c.start)
	if starts, n := c.starts.Load(), c.running.Load(); starts != 1 || n != 0 {
		t.Errorf("%d starts, %d run", starts, n)
	}
}

func TestStartThatReturnsNothingIsOn(t *testing.T) {
	var g toggle.Toggle
	starts := 0
	for range 2 {
		g.Set(to(true), func() func() { starts++; return nil })
	}
	g.Set(to(false), nil)
	if starts != 1 {
		t.Errorf("%d starts", starts)
	}
}

func TestPanicOfStartLeavesItOff(t *testing.T) {
	var g toggle.Toggle
	func() {
		defer func() { _ = recover() }()
		g.Set(to(true), func() func() { panic("start") })
	}()
	var c counter
	g.Set(to(true), c.start)
	if n := c.running.Load(); n != 1 {
		t.Errorf("%d run", n)
	}
}

func TestOneGoroutineAtATimeStarts(t *testing.T) {
	var g toggle.Toggle
	var c counter
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			g.Set(to(i%2 == 0), func() func() {
				if n := c.running.Load(); n != 0 {
					t.Errorf("%d run at the start", n)
				}
				return c.start()
			})
		})
	}
	wg.Wait()
	g.Set(to(false), c.start)
	if n := c.running.Load(); n != 0 {
		t.Errorf("%d run in the end", n)
	}
}
