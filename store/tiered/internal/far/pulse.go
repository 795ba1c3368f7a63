package far

import (
	"runtime"
	"sync"
	"time"
)

// beat is how often a [pulse] looks whether the process gets to run.
const beat = 10 * time.Millisecond

// pulse measures for how long this process does not get to run while operations are under way:
// its container has used up its share of the processor, say, or thousands of goroutines wait for
// it. An answer that is there by then, but is not read, is not late. It is a timer, and how late
// that is; without an operation nothing runs.
type pulse struct {
	mu    sync.Mutex
	users int // operations under way
	timer *time.Timer
	on    bool // the timer runs
	due   time.Time
	late  time.Duration // of all beats

	doubted  time.Time // since when timeouts are put down to this process; zero: far has answered since
	doubtful time.Time // when one was put down to it last
}

// start begins to measure for one operation more, until stop is called.
func (p *pulse) start() (stop func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users++; p.users == 1 {
		p.due = time.Now().Add(beat)
	}
	switch {
	case p.on:
	case p.timer == nil:
		p.timer = time.AfterFunc(beat, p.beat)
	default:
		p.timer.Reset(beat)
	}
	p.on = true
	return p.stop
}

func (p *pulse) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users--; p.users > 0 {
		return
	}
	p.late += p.overdue()
	if p.timer.Stop() {
		p.on = false
	}
}

func (p *pulse) beat() {
	runtime.Gosched() // a timer comes first: what waits behind the others is an answer
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.on = p.users > 0; !p.on {
		return
	}
	p.late += p.overdue()
	p.due = time.Now().Add(beat)
	p.timer.Reset(beat)
}

// overdue returns how late the next beat is already. The mutex is held.
func (p *pulse) overdue() time.Duration { return max(0, time.Since(p.due)) }

// held returns for how long the process has not got to run, up to now. Only the difference of two
// values means something, and only during an operation.
func (p *pulse) held() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users == 0 {
		return p.late
	}
	return p.late + p.overdue()
}

// answered notes that far has answered.
func (p *pulse) answered() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.doubted = time.Time{}
}

// forgotten is how long after a doubt the next one is not of the same trouble: a process that is
// busy asks far at least that often, and one that was quiet has no answer from it.
const forgotten = time.Minute

// doubts reports whether a timeout may be put down to this process: not for longer than limit
// while far answers nothing.
func (p *pulse) doubts(limit time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.doubted.IsZero() || now.Sub(p.doubtful) > forgotten {
		p.doubted = now
	}
	p.doubtful = now
	return now.Sub(p.doubted) < limit
}
