package watch

import (
	"log/slog"
	"slices"
	"time"
)

// watched is a name that is followed. Watch.mu guards it.
type watched struct {
	follows []*follow
	known   bool   // whoever follows it has been told, and will be told of changes
	digest  uint64 // of the value, if it is known by polling
}

// follow is one call of Follow. Watch.mu guards it.
type follow struct {
	changed func(gap bool)

	due, gap bool // a call is, and with what
	busy     bool // a goroutine takes care of it
	stopped  bool
	haste    haste
}

const (
	// burst is how many calls there are at once; then there is one in a pause, which grows
	// from minPause to maxPause while the changes go on, and one call more is saved up in
	// each minPause without.
	burst    = 16
	minPause = 100 * time.Millisecond
	maxPause = time.Second
)

// haste bounds how often somebody is told: each call is a command or more for Redis, in
// each process.
type haste struct {
	spent int       // of burst
	at    time.Time // when spent was right
	pause time.Duration
}

// wait counts a call in and returns how long it has to wait.
func (h *haste) wait(now time.Time) time.Duration {
	saved := min(int64(h.spent), int64(max(0, now.Sub(h.at))/minPause))
	if h.spent -= int(saved); h.spent == 0 {
		h.pause, h.at = minPause, now
	} else {
		h.at = h.at.Add(time.Duration(saved) * minPause)
	}
	if h.spent < burst {
		h.spent++
		return 0
	}
	pause := h.pause
	h.pause = min(2*pause, maxPause)
	h.at = now.Add(pause)
	return pause
}

func (w *Watch) unfollow(name string, f *follow) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f.stopped {
		return
	}
	f.stopped = true
	e := w.names[name]
	if e == nil { // closed
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
		nudge(w.wake)
	}
}

// tell makes a call due for everybody who follows e. The caller has Watch.mu.
func (w *Watch) tell(e *watched, gap bool) {
	for _, f := range e.follows {
		f.due, f.gap = true, f.gap || gap
		if !f.busy && w.life.Err() == nil {
			f.busy = true
			w.behind.Go(func() { w.deliver(f) })
		}
	}
}

// deliver makes the call that is due. Each has a goroutine of its own: it may end in
// any way.
func (w *Watch) deliver(f *follow) {
	defer func() {
		if v := recover(); v != nil {
			w.say(slog.LevelError, "a function that follows a key panicked", "panic", v)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if f.busy = f.due && !f.stopped && w.life.Err() == nil; f.busy {
			w.behind.Go(func() { w.deliver(f) })
		}
	}()
	w.mu.Lock()
	pause := f.haste.wait(time.Now())
	w.mu.Unlock()
	if pause > 0 {
		select {
		case <-time.After(pause):
		case <-w.life.Done():
		}
	}
	w.mu.Lock()
	gap, due := f.gap, f.due && !f.stopped && w.life.Err() == nil
	f.due, f.gap = false, false
	w.mu.Unlock()
	if due {
		f.changed(gap)
	}
}
