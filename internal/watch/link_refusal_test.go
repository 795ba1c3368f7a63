package watch_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/watch"
)

// A server that cannot push is asked again after five seconds, less up to half of that, then after
// twice as long, up to five minutes. When it has pushed in between, that begins anew.
func TestAsksLessAndLessOften(t *testing.T) {
	const no = "-ERR no\r\n"
	var pauses []time.Duration // as parts of what they are at most
	inBubble(t, except("CLIENT TRACKING", no), func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		w.Follow("tok", func(bool) {})
		check := func(asked []time.Duration) {
			t.Helper()
			for i, d := range asked[1:] {
				d -= asked[i]
				most := min(5*time.Second<<min(i, 20), 5*time.Minute)
				if d > most || d < most/2 {
					t.Errorf("%v before it is asked the %d. time again, want %v to %v", d, i+1, most/2, most)
				}
				pauses = append(pauses, 1000*d/most)
			}
		}
		before := 0
		for range 5 {
			time.Sleep(time.Hour)
			check(f.times("CLIENT TRACKING")[before:])
			f.now(working)
			time.Sleep(6 * time.Minute)
			if !w.Stats().Pushing {
				t.Error("it does not push")
			}
			before = len(f.times("CLIENT TRACKING"))
			f.now(both(map[string]string{"CLIENT TRACKING": no, "ROLE": hangUp})) // ends the link, but no poll
			time.Sleep(2 * time.Second)
		}
		_ = w.Close()
	})
	most := time.Duration(0)
	for _, p := range pauses {
		most = max(most, p)
	}
	if most < 900 {
		t.Errorf("of %d pauses none was longer than %d thousandths of what it may be", len(pauses), most)
	}
}

// A server that accepts connections and does not answer counts as one that cannot push after the
// third one, which is said; each time after that as well. One that says why is another matter.
func TestServerThatHangsUp(t *testing.T) {
	for name, tt := range map[string]struct {
		before string // what it answers at first
		dials  int
	}{
		"at once":             {hangUp, 3},
		"after it was loaded": {"-LOADING wait\r\n", 4},
	} {
		t.Run(name, func(t *testing.T) {
			var once atomic.Bool
			inBubble(t, func(args []string) string {
				switch {
				case args[0] != "HELLO" || args[1] != "3":
					return working(args)
				case !once.Swap(true):
					return tt.before
				}
				return hangUp
			}, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
				w.Follow("tok", func(bool) {})
				time.Sleep(2 * time.Second)
				at := f.times("HELLO 3")
				if len(at) != tt.dials {
					t.Fatalf("greeted at %v, want %d times in two seconds", at, tt.dials)
				}
				said := strings.Count(f.log.String(), "level=INFO")
				if want := tt.dials - 2; said != want { // one line for each reason
					t.Errorf("said %d times that it polls, want %d:\n%s", said, want, f.log.String())
				}
				time.Sleep(5 * time.Second) // asked again
				again := f.times("HELLO 3")[tt.dials:]
				if len(again) != 3 {
					t.Fatalf("greeted at %v, want three times more", again)
				}
				for i, d := range again[1:] {
					most := 50 * time.Millisecond << i
					if d -= again[i]; d > most || d < most/2 {
						t.Errorf("%v between two connections, want %v to %v", d, most/2, most)
					}
				}
				if n := strings.Count(f.log.String(), "level=INFO"); n != said {
					t.Errorf("said %d times more", n-said)
				}
				if text := f.log.String(); !strings.Contains(text, `reason="the server closed the connection"`) || strings.Contains(text, "panic") {
					t.Errorf("want the reason:\n%s", text)
				}
				_ = w.Close()
			})
		})
	}
}

// A server that has pushed has three connections too, before it counts as one that cannot.
func TestServerThatHangsUpLater(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		w.Follow("tok", func(bool) {})
		time.Sleep(time.Minute)
		f.now(except("HELLO 3", hangUp))
		f.push("nonsense\r\n") // ends the link
		time.Sleep(2 * time.Second)
		if n := len(f.times("HELLO 3")) - 1; n != 3 {
			t.Errorf("greeted %d times, want three times", n)
		}
		_ = w.Close()
	})
}

// Of many reasons sixteen are said.
func TestSaysSixteenReasons(t *testing.T) {
	var n atomic.Int64
	inBubble(t, func(args []string) string {
		if args[0] == "CLIENT" {
			return fmt.Sprintf("-LOADING for the %d. time\r\n", n.Add(1))
		}
		return working(args)
	}, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		w.Follow("tok", func(bool) {})
		time.Sleep(10 * time.Minute)
		if n.Load() < 20 {
			t.Errorf("asked %d times: this shows nothing", n.Load())
		}
		if n := strings.Count(f.log.String(), "level=INFO"); n != 16 {
			t.Errorf("said %d reasons", n)
		}
		_ = w.Close()
	})
}

// What a server says is cut off after 200 bytes.
func TestLongReasonIsCutOff(t *testing.T) {
	const shown = 200
	text := "ERR " + strings.Repeat("0123456789", 40)
	inBubble(t, except("CLIENT TRACKING", "-"+text+"\r\n"), func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		w.Follow("tok", func(bool) {})
		time.Sleep(time.Second)
		if log := f.log.String(); !strings.Contains(log, text[:shown]) || strings.Contains(log, text[:shown+1]) {
			t.Errorf("want %d bytes of what the server says:\n%s", shown, log)
		}
		_ = w.Close()
	})
}

// Too many names are no fault of the server: it is not connected to for them, and is asked again
// every five seconds at least; at the next poll, if there is room for as many names again.
func TestTooManyNamesAreNoRefusal(t *testing.T) {
	const poll = 100 * time.Millisecond
	for left, soonest := range map[int]time.Duration{16: 0, 17: 2400 * time.Millisecond} {
		t.Run(fmt.Sprint(left), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, working)
				client := goredis.NewClient(f.options())
				w := newWatch(t, client, watch.Config{Poll: poll, Logger: f.log.logger()})
				var stops []func()
				for i := range 40 {
					stops = append(stops, w.Follow(fmt.Sprintf("%03d-tenant", i), func(bool) {}))
				}
				time.Sleep(time.Minute)
				if n := len(f.times("HELLO 3")); n != 0 {
					t.Errorf("%d connections for nothing", n)
				}
				if s := w.Stats(); s.Pushing || s.Polls < 600 {
					t.Errorf("%+v; want polls", s)
				}
				asked := func() int { return strings.Count(f.log.String(), "level=DEBUG") } // in vain
				for seen := asked(); asked() == seen; {
					time.Sleep(10 * time.Millisecond)
				}
				for _, stop := range stops[left:] {
					stop()
				}
				time.Sleep(soonest)
				if w.Stats().Pushing {
					t.Error("asked before it was time")
				}
				if time.Sleep(poll); soonest > 0 {
					time.Sleep(2600 * time.Millisecond)
				}
				if !w.Stats().Pushing {
					t.Error("not asked when it was time")
				}
				_ = w.Close()
				_ = client.Close()
				_ = f.ln.Close()
			})
		})
	}
}
