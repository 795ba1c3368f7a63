package watch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/watch"
)

// The link outlives the last follow by a few seconds and then goes by itself.
func TestLinkOutlivesTheLastFollow(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		for range 20 {
			stop, unlock := w.Follow("tok", func(bool) {}), w.Follow("{tok}:lock", func(bool) {})
			time.Sleep(time.Second)
			stop()
			unlock()
			time.Sleep(2 * time.Second)
		}
		if n := len(f.dialled()); n != 1 {
			t.Errorf("%d connections for short waits; want 1", n)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := f.open(); n != 0 {
			t.Errorf("%d connections that nobody needs", n)
		}
		pings := len(f.times("PING"))
		time.Sleep(time.Hour)
		if n := len(f.times("PING")); n != pings || len(f.dialled()) != 1 {
			t.Error("something goes on while nothing is followed")
		}
	}) // no Close: nothing runs any more
}

// A follow of a moment needs no connection; a longer one gets it soon, and a gap, as
// something may have been missed.
func TestShortFollowNeedsNoConnection(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		for range 3 {
			stop := w.Follow("tok", func(bool) { t.Error("called") })
			time.Sleep(10 * time.Millisecond)
			stop()
			time.Sleep(10 * time.Second)
		}
		synctest.Wait()
		if n := len(f.dialled()); n != 0 {
			t.Errorf("%d connections", n)
		}
		c := newCalls()
		w.Follow("tok", c.changed)
		time.Sleep(50 * time.Millisecond)
		if n := len(f.dialled()); n != 1 || !w.Stats().Pushing {
			t.Errorf("%d connections, %+v", n, w.Stats())
		}
		c.await(t, true)
		_ = w.Close()
	})
}
