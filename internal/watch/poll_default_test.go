package watch_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/watch"
)

// A server that does not push is polled every five seconds at least, and not twice as often.
func TestPollsEveryFiveSeconds(t *testing.T) {
	inBubble(t, except("HELLO 3", "-NOPROTO unsupported protocol version\r\n"), func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		w.Follow("tok", func(bool) {})
		time.Sleep(5 * time.Minute)
		_ = w.Close()
		polls := f.times("GETRANGE")
		if len(polls) < 60 {
			t.Fatalf("%d polls in five minutes", len(polls))
		}
		for i, at := range polls[1:] {
			if d := at - polls[i]; d > 5*time.Second || d < 2500*time.Millisecond {
				t.Errorf("%v between polls %d and %d", d, i, i+1)
			}
		}
		if n := len(polls); n > 125 {
			t.Errorf("%d polls in five minutes", n)
		}
	})
}
