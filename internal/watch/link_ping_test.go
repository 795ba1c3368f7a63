package watch_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/watch"
)

// A connection is asked whether it lives every two seconds, so that one that dies is found out
// within five, whenever that is.
func TestPingsEveryTwoSeconds(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		w.Follow("tok", func(bool) {})
		time.Sleep(time.Minute)
		pings := f.times("ROLE")
		if n := len(pings); n < 28 || n > 31 {
			t.Errorf("%d pings in a minute", n)
		}
		for i, at := range pings[1:] {
			if d := at - pings[i]; d != 2*time.Second {
				t.Errorf("%v between pings %d and %d", d, i, i+1)
			}
		}
		_ = w.Close()
	})
}

func TestDetectsADeadConnectionAtAnyTime(t *testing.T) {
	for alive := 20 * time.Second; alive < 24*time.Second; alive += 500 * time.Millisecond {
		inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
			w.Follow("tok", func(bool) {})
			time.Sleep(alive)
			if !w.Stats().Pushing {
				t.Fatal("no link")
			}
			f.now(func([]string) string { return silence })
			time.Sleep(5 * time.Second)
			if w.Stats().Pushing {
				t.Errorf("dead since %v, and not found out 5 s later", alive)
			}
			_ = w.Close()
		})
	}
}
