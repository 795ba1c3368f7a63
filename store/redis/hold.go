package redis

import (
	"cmp"
	"context"
	_ "embed" // the scripts
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/handover"
	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/redis/internal/answer"
	"github.com/advoware-go/advoware/store/redis/internal/pipe"
)

var (
	//go:embed prolong.lua
	prolongSource string
	//go:embed release.lua
	releaseSource string

	prolongScript = pipe.NewScript(prolongSource)
	releaseScript = pipe.NewScript(refusalsSource + releaseSource)
)

// holds are the leases that this process has, by key. The write that ends a fetch ends the
// lease in the same exchange.
type holds struct {
	mu sync.Mutex
	by map[string]*hold
}

// hold is one lease from its acquisition to its end.
type hold struct {
	owner string
	since time.Time // a token that was issued before is not from the fetch of this lease
	end   func(f *lease.Failure, released bool)
}

func (h *holds) add(key string, one *hold) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.by == nil {
		h.by = make(map[string]*hold)
	}
	h.by[key] = one
}

func (h *holds) get(key string) *hold {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.by[key]
}

func (h *holds) remove(key string, one *hold) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.by[key] == one {
		delete(h.by, key)
	}
}

// hold begins to prolong a lease that was just acquired, for maxHold at most, because a
// fetch may hang. It returns the function that ends it.
func (l *Lease) hold(key, owner, credentials string, since time.Time) (release func(*lease.Failure)) {
	type ending struct {
		failure  *lease.Failure
		released bool // in Redis already, by the write of the token
	}
	ended, over, patience := make(chan ending, 1), make(chan struct{}), l.cfg.Store.cfg.Timeout-time.Since(since)
	var once sync.Once
	one := &hold{owner: owner, since: since, end: func(f *lease.Failure, released bool) {
		once.Do(func() { ended <- ending{f, released} })
	}}
	s := l.cfg.Store
	s.holds.add(key, one)
	l.behind.Go(func() {
		defer close(over)
		defer s.holds.remove(key, one)
		tick := time.NewTicker(l.cfg.TTL / 3)
		defer tick.Stop()
		for began := time.Now(); ; {
			select {
			case <-tick.C:
				if time.Since(began) < maxHold {
					l.run(prolongScript, []string{rediskey.Lock(key)}, owner, l.cfg.TTL.Milliseconds())
				}
			case e := <-ended:
				if !e.released {
					l.release(key, owner, credentials, e.failure)
				}
				return
			case <-l.life.Done():
				one.end(nil, false) // ended is next; without effect if it has ended with a failure
			}
		}
	})
	return func(f *lease.Failure) {
		s.holds.remove(key, one)
		one.end(f, false)
		if l.cfg.Lazy && f != nil {
			late := time.NewTimer(patience)
			defer late.Stop()
			select {
			case <-over:
			case <-late.C:
			}
		}
	}
}

// release releases a lease in Redis and leaves the failure of the fetch there, if any.
func (l *Lease) release(key, owner, credentials string, f *lease.Failure) {
	args := []any{owner, 0, "", "", "", 0, 0, 0}
	if f != nil {
		kind := answer.Outage
		if f.Refused || f.Shared {
			kind = answer.Refused
		}
		args = []any{
			owner, min(f.Pause, maxPause).Milliseconds(), credentials, kind, cmp.Or(handover.Text(*f, maxMessage), kind),
			time.Now().UnixMilli(), maxPause.Milliseconds(), maxMessage,
		}
	}
	l.run(releaseScript, []string{rediskey.Lock(key), rediskey.Failed(key), rediskey.Refused(key)}, args...)
}

// giveBack releases a lease that was acquired after its caller had left. Close waits for it if
// it began before.
func (l *Lease) giveBack(key, owner string) {
	if l.enter() {
		defer l.behind.Done()
	}
	l.release(key, owner, "", nil)
}

// run runs a script in the background. If it fails, the TTL of the lease ends it.
func (l *Lease) run(script *pipe.Script, keys []string, args ...any) {
	ctx, cancel := context.WithTimeout(context.Background(), l.cfg.TTL/3)
	defer cancel()
	_, _ = bounded.Do(ctx, func(ctx context.Context) (any, error) { // a panic on this goroutine would end the process
		return l.cfg.Store.scripts.Run(ctx, script, keys, args...).Result()
	})
}
