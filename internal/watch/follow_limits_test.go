package watch_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/watch"
)

// Calls are limited by a token bucket of sixteen, which is refilled by one each 100 ms. When it is
// empty, they are 100 ms apart, then twice as much each time, up to a second.
func TestCallsAreLimited(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		const every = 700 * time.Microsecond // never at the moment of a call that had to wait
		var at []time.Duration
		var began time.Time
		w.Follow("tok", func(bool) { at = append(at, time.Since(began)) })
		time.Sleep(time.Minute)
		storm := func(lasts time.Duration) {
			t.Helper()
			synctest.Wait()
			at, began = nil, time.Now()
			for time.Since(began) < lasts {
				f.push(push)
				time.Sleep(every)
			}
		}
		check := func(atOnce int, tenths ...time.Duration) { // of a millisecond
			t.Helper()
			synctest.Wait()
			var want []time.Duration
			for i := range atOnce {
				want = append(want, time.Duration(i)*every)
			}
			for _, d := range tenths {
				want = append(want, d*time.Millisecond/10)
			}
			if !slices.Equal(at, want) {
				t.Errorf("called at %v, want %v", at, want)
			}
		}

		storm(4 * time.Second)
		time.Sleep(time.Second)
		check(16, 1112, 3113, 7115, 15119, 25120, 35123, 45126)

		// 838 ms after the last call there are eight more at once, and then the pause is what it was.
		time.Sleep(350 * time.Millisecond)
		storm(20 * time.Millisecond)
		time.Sleep(3 * time.Second)
		check(8, 10056)

		// When the bucket is full again, all is as at first.
		time.Sleep(time.Minute)
		storm(200 * time.Millisecond)
		time.Sleep(time.Minute)
		check(16, 1112, 3113)
		_ = w.Close()
	})
}

// A gap is reported as one, also if another change follows it before there is a call.
func TestGapIsNotForgotten(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		c, gate := newCalls(), make(chan bool)
		w.Follow("tok", func(gap bool) { c <- gap; <-gate })
		c.await(t, true)
		gate <- true
		f.push(push)
		c.await(t, false) // and runs on
		f.push(">2\r\n$10\r\ninvalidate\r\n_\r\n")
		f.push(push)
		time.Sleep(time.Second)
		gate <- true
		if gap := <-c; !gap {
			t.Error("no gap")
		}
		gate <- true
		f.push(push)
		if gap := <-c; gap {
			t.Error("another gap")
		}
		gate <- true
		_ = w.Close()
	})
}

// Four calls are made at a time. The others wait 100 ms for one that hangs.
func TestCallsThatHang(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		began := time.Now().Add(20 * time.Millisecond) // when the connection is made
		gate, at := make(chan bool), make(chan time.Duration, 100)
		for range 9 {
			w.Follow("tok", func(bool) { at <- time.Since(began); <-gate })
		}
		time.Sleep(time.Second)
		for i := range 9 {
			want := time.Duration(i/4) * 100 * time.Millisecond
			if got := <-at; got != want {
				t.Errorf("call %d after %v, want %v", i, got, want)
			}
		}
		close(gate)
		_ = w.Close()
	})
}

// Close ends the follows whose call is due and has not begun, and waits for the others.
func TestCloseDropsCallsThatAreDue(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		gate, began := make(chan bool), make(chan bool, 100)
		for range 6 {
			w.Follow("tok", func(bool) { began <- true; <-gate })
		}
		time.Sleep(50 * time.Millisecond) // the last two wait for their turn
		closed := make(chan bool)
		go func() { _ = w.Close(); close(closed) }()
		synctest.Wait()
		close(gate)
		<-closed
		time.Sleep(time.Minute)
		if n := len(began); n != 4 {
			t.Errorf("%d calls, want the four that had begun", n)
		}
	})
}

// A follow that is stopped while a call of it runs has no other one, whatever is due.
func TestStopDuringACall(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		c, gate := newCalls(), make(chan bool)
		stop := w.Follow("tok", func(gap bool) { c <- gap; <-gate })
		defer w.Follow("tok", func(bool) {})() // so that it is pushed on
		c.await(t, true)
		f.push(push)
		synctest.Wait()
		stop()
		close(gate)
		time.Sleep(time.Minute)
		c.quiet(t)
		_ = w.Close()
	})
}

// To stop twice, or after Close, does nothing. It does not end a later follow of the name either.
func TestStopAgain(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		stop := w.Follow("tok", func(bool) {})
		time.Sleep(time.Second)
		stop()
		stop()
		c := newCalls()
		again := w.Follow("tok", c.changed)
		stop()
		time.Sleep(20 * time.Second)
		for len(c) > 0 {
			<-c
		}
		f.push(push)
		c.await(t, false)
		if n := len(f.dialled()); n != 1 {
			t.Errorf("%d connections, want one", n)
		}
		_ = w.Close()
		again()
		again()
		w.Follow("tok", c.changed)()
		time.Sleep(time.Minute)
		c.quiet(t)
	})
}
