package redis

import (
	"cmp"
	"context"
	_ "embed" // the scripts
	"errors"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/store/lease"
)

var (
	//go:embed prolong.lua
	prolongSource string
	//go:embed release.lua
	releaseSource string

	prolongScript = goredis.NewScript(prolongSource)
	releaseScript = goredis.NewScript(refusalsSource + releaseSource)
)

// holds are the leases that this process has, by key, so that the write that ends a
// fetch can end the lease in the same exchange.
type holds struct {
	mu sync.Mutex
	by map[string]*hold
}

// hold is one lease from its acquisition to its end.
type hold struct {
	owner string
	since time.Time                  // what was issued before is not what this lease is for
	end   func(*lease.Failure, bool) // given back by us, or ended with a write already
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

// hold begins to prolong a lease that has just been taken, and returns what ends it. It is
// not prolonged for ever: a fetch may hang.
func (l *Lease) hold(key, owner, credentials string, since time.Time) (release func(*lease.Failure), err error) {
	type ending struct {
		failure *lease.Failure
		gone    bool
	}
	ended := make(chan ending, 1)
	var once sync.Once
	one := &hold{owner: owner, since: since, end: func(f *lease.Failure, gone bool) {
		once.Do(func() { ended <- ending{f, gone} })
	}}
	s := l.cfg.Store
	s.holds.add(key, one)
	if !l.begin(func() {
		defer s.holds.remove(key, one)
		tick := time.NewTicker(l.cfg.TTL / 3)
		defer tick.Stop()
		for began := time.Now(); ; {
			select {
			case <-tick.C:
				if time.Since(began) < maxHold {
					l.run(prolongScript, []string{lockKey(key)}, owner, l.cfg.TTL.Milliseconds())
				}
			case e := <-ended:
				if !e.gone {
					l.tell(key, owner, credentials, e.failure)
				}
				return
			case <-l.life.Done():
				one.end(nil, false) // unless it has been ended: then that is to be told
				if e := <-ended; !e.gone {
					l.tell(key, owner, credentials, e.failure)
				}
				return
			}
		}
	}) {
		s.holds.remove(key, one)
		return nil, errors.New("the lease has been closed")
	}
	return func(f *lease.Failure) {
		s.holds.remove(key, one)
		one.end(f, false)
	}, nil
}

// tell gives a lease back and says how it went.
func (l *Lease) tell(key, owner, credentials string, f *lease.Failure) {
	args := []any{owner, 0, "", "", "", 0, 0, 0}
	if f != nil && f.Pause >= time.Millisecond {
		kind := kindOutage
		if f.Refused {
			kind = kindRefused
		}
		args = []any{
			owner, min(f.Pause, maxPause).Milliseconds(), credentials, kind, cmp.Or(printable(f.Message), kind),
			time.Now().UnixMilli(), maxPause.Milliseconds(), maxMessage,
		}
	}
	l.run(releaseScript, []string{lockKey(key), failedKey(key), refusedKey(key)}, args...)
}

// giveBack ends a lease that nobody wants.
func (l *Lease) giveBack(key, owner string) {
	l.begin(func() { l.tell(key, owner, "", nil) })
}

// run runs a script that nobody waits for. What fails is made good by the TTL.
func (l *Lease) run(script *goredis.Script, keys []string, args ...any) {
	ctx, cancel := context.WithTimeout(context.Background(), l.cfg.TTL/3)
	defer cancel()
	_, _ = bounded.Do(ctx, func(ctx context.Context) (any, error) { // on a goroutine of ours a panic would end the process
		return script.Run(ctx, l.cfg.Store.cfg.Client, keys, args...).Result()
	})
}
