package watch

import (
	"log/slog"
	"slices"
	"time"
)

// watched is a name that is followed. Watch.mu guards it.
type watched struct {
	follows []*follow
	synced  bool   // its followers have been notified since tracking or polling began
	digest  uint64 // of the value, if it is polled
}

// follow is one call of Follow. Watch.mu guards it.
type follow struct {
	changed func(gap bool)

	due, gap bool // a call is due, and its argument
	busy     bool // it is being made, or will be
	stopped  bool
	limiter  limiter
}

const (
	// A token bucket of burst calls, refilled by one each minPause. When it is empty,
	// calls are a pause apart, which grows from minPause to maxPause while the changes
	// go on.
	burst    = 16
	minPause = 100 * time.Millisecond
	maxPause = time.Second

	// callers is how many calls are made at a time, and callPatience how long the others wait
	// for one that hangs.
	callers      = 4
	callPatience = 100 * time.Millisecond
)

// limiter bounds how often changed is called: each call costs Redis a command or more,
// from each process.
type limiter struct {
	used  int       // calls of the burst
	at    time.Time // of the last refill
	pause time.Duration
}

// delay takes a call from the bucket and returns how long it has to wait.
func (l *limiter) delay(now time.Time) time.Duration {
	saved := min(int64(l.used), int64(now.Sub(l.at)/minPause))
	if l.used -= int(saved); l.used == 0 {
		l.pause, l.at = minPause, now
	} else {
		l.at = l.at.Add(time.Duration(saved) * minPause)
	}
	if l.used < burst {
		l.used++
		return 0
	}
	pause := l.pause
	l.pause = min(2*pause, maxPause)
	l.at = now.Add(pause)
	return pause
}

func (w *Watch) unfollow(name string, f *follow) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f.stopped = true
	e := w.names[name]
	if e == nil { // closed, or stopped before
		return
	}
	if e.follows = slices.DeleteFunc(e.follows, func(g *follow) bool { return g == f }); len(e.follows) > 0 {
		return
	}
	delete(w.names, name)
	if r := w.routes[w.tag(name)]; r != nil {
		r.used = time.Now()
	}
	if len(w.names) == 0 {
		signal(w.wake)
	}
}

// notify makes a call due for each follower of e. The caller has Watch.mu.
func (w *Watch) notify(e *watched, gap bool) {
	for _, f := range e.follows {
		f.due, f.gap = true, f.gap || gap
		if !f.busy {
			w.schedule(f)
		}
	}
}

// schedule has the call that is due made as soon as the limiter allows it. The caller has
// Watch.mu.
func (w *Watch) schedule(f *follow) {
	if f.busy = f.due; !f.busy {
		return
	}
	if pause := f.limiter.delay(time.Now()); pause > 0 {
		time.AfterFunc(pause, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.begin(f)
		})
		return
	}
	w.begin(f)
}

// begin leaves f to the next goroutine that makes calls. The caller has Watch.mu.
func (w *Watch) begin(f *follow) {
	if w.life.Err() == nil { // else Close does not wait for it
		w.behind.Add(1)
		w.calls.Add(f)
	}
}

// deliver makes the call that is due, which may end in any way.
func (w *Watch) deliver(f *follow) {
	defer w.behind.Done()
	defer func() {
		if v := recover(); v != nil {
			w.log(slog.LevelError, "a function that follows a key panicked", "panic", v)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.schedule(f)
	}()
	w.mu.Lock()
	gap, due := f.gap, f.due && !f.stopped && w.life.Err() == nil
	f.due, f.gap = false, false
	w.mu.Unlock()
	if due {
		f.changed(gap)
	}
}
