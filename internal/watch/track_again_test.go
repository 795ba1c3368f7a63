package watch_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/watch"
)

// What was tracked before everything was tracked anew, and nobody followed then, is tracked again
// when somebody does.
func TestNameFromBeforeTheFoldIsTrackedAgain(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		stop := w.Follow("xyz", func(bool) {})
		for i := range 20 {
			w.Follow(fmt.Sprintf("kanzlei_%d_access_token", i), func(bool) {})
		}
		time.Sleep(time.Minute)
		stop()
		for i := range 60 {
			w.Follow(fmt.Sprintf("kanzlei_%d_access_token", i), func(bool) {})
		}
		time.Sleep(time.Minute)
		if n := len(f.times("CLIENT TRACKING OFF")); n == 0 {
			t.Error("nothing was tracked anew: this shows nothing")
		}
		c := newCalls()
		w.Follow("xyz", c.changed)
		time.Sleep(time.Second)
		tracked := ""
		f.mu.Lock()
		for _, a := range f.asked {
			if strings.HasPrefix(a.cmd, "CLIENT TRACKING") {
				tracked = a.cmd
			}
		}
		f.mu.Unlock()
		if !strings.Contains(tracked, "PREFIX XYZ") {
			t.Errorf("the last of what is tracked: %s", tracked)
		}
		c.await(t, true)
		_ = w.Close()
	})
}

// A name that is followed while another one begins to be tracked has its gap when it is tracked
// itself, and not before: what changes in between would be missed.
func TestGapOfANameComesWhenItIsTracked(t *testing.T) {
	const takes = 500 * time.Millisecond
	var other atomic.Pointer[watch.Watch]
	c := newCalls()
	inBubble(t, func(args []string) string {
		switch command := strings.Join(args, " "); {
		case !strings.HasPrefix(command, "CLIENT tracking") && !strings.HasPrefix(command, "CLIENT TRACKING"):
		case strings.Contains(command, "other"):
			time.Sleep(takes)
		default:
			if w := other.Swap(nil); w != nil {
				w.Follow("other", c.changed)
			}
		}
		return working(args)
	}, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		other.Store(w)
		w.Follow("tok", func(bool) {})
		time.Sleep(takes)
		c.quiet(t)
		time.Sleep(takes)
		c.await(t, true)
		c.quiet(t)
		_ = w.Close()
	})
}
