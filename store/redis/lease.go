package redis

import (
	"context"
	"crypto/rand"
	_ "embed" // the scripts
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/internal/conf"
	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/internal/redissaid"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/redis/internal/answer"
	"github.com/advoware-go/advoware/store/redis/internal/pipe"
)

// DefaultLeaseTTL is how long a lease lasts after its holder has died.
const DefaultLeaseTTL = 3 * time.Second

// minLeaseTTL leaves time for a round trip in a third of it.
const minLeaseTTL = 30 * time.Millisecond

// The limits of what a Lease writes. acquire.lua gets them as arguments and applies them to
// what it reads, because any client of the server may have written that.
const (
	maxLeaseTTL = 10 * time.Second // TTL of the lease
	maxHold     = 10 * time.Second // for which a holder prolongs it: no process waits longer for a fetch
	maxPause    = 5 * time.Minute  // TTL of a failure
	maxMessage  = 512              // bytes of the message of a failure
)

var (
	//go:embed acquire.lua
	acquireSource string
	//go:embed refusals.lua
	refusalsSource string // functions of acquire.lua and release.lua

	acquireScript = pipe.NewScript(fieldsSource + refusalsSource + acquireSource)
)

// LeaseConfig configures a [Lease].
type LeaseConfig struct {
	// Store has the tokens; required. The lease uses its client, and its Timeout for each
	// exchange. A CompareAndSwap of this Store ends the lease that this process holds for
	// the same key.
	Store *Store

	// Watch wakes the waiters; nil: they poll every 25 ms.
	Watch Watch

	// TTL is how long a lease lasts after its holder has died. A live holder prolongs it
	// every third of that, for ten seconds. Default 3 seconds; less than 30 ms and more
	// than 10 seconds are errors.
	TTL time.Duration

	// Lazy is for a process whose CPU stands still between calls: the release of a lease with
	// a failure waits until the server has it, within the Timeout of the Store.
	Lazy bool
}

// Lease implements [lease.Lease] beside the tokens of a Store. The lease is the key
// {key}:lock. {key}:failed has the failure of the last holder, and {key}:refused a hash of
// the credentials that were refused. All of them have a TTL. A value in another format, or
// with a longer TTL than a Lease sets, is ignored. Make it with [NewLease].
//
// On a server that allows it no scripts or no writes, each process fetches for itself. The
// logger of the Store records that once, at info level.
type Lease struct {
	cfg    LeaseConfig
	denied atomic.Bool     // it is logged once
	life   context.Context // of the goroutines in the background
	end    context.CancelFunc
	behind sync.WaitGroup
	mu     sync.Mutex // for behind.Add against Close
}

var _ lease.Lease = (*Lease)(nil)

// NewLease returns a Lease. It does no I/O. Close it before its client.
func NewLease(cfg LeaseConfig) (*Lease, error) {
	if cfg.TTL == 0 {
		cfg.TTL = DefaultLeaseTTL
	}
	p := conf.New("store/redis: ")
	p.If(cfg.Store == nil, "LeaseConfig.Store is missing")
	p.If(cfg.TTL < minLeaseTTL || cfg.TTL > maxLeaseTTL, "LeaseConfig.TTL is %v, not between %v and %v", cfg.TTL, minLeaseTTL, maxLeaseTTL)
	if err := p.Err(); err != nil {
		return nil, err
	}
	life, end := context.WithCancel(context.Background())
	return &Lease{cfg: cfg, life: life, end: end}, nil
}

// Acquire implements [lease.Lease] in one round trip. A lease that is held is
// prolonged until it is released. store.ErrIdentity means that the token under the key is
// for another identity.
func (l *Lease) Acquire(ctx context.Context, key string, ask lease.Ask) (lease.Outcome, error) {
	waiting := l.listen(key) // before looking, so that nothing is missed in between
	kept := false
	defer func() { // also if a client panics
		if !kept {
			waiting.stop()
		}
	}()
	outcome, left, err := l.acquire(ctx, key, ask)
	if err != nil {
		l.note(ctx, err)
		return lease.Outcome{}, failed("lease", key, err)
	}
	if kept = outcome.Holder != ""; kept {
		waiting.lease = left
		outcome.Wait = waiting.wait
	}
	return outcome, nil
}

// acquire makes one exchange, and another one if the token there has ended. With a holder, left is how
// long its lease lasts if it is not prolonged.
func (l *Lease) acquire(ctx context.Context, key string, ask lease.Ask) (outcome lease.Outcome, left time.Duration, err error) {
	s := l.cfg.Store
	if !l.enter() {
		return outcome, 0, errors.New("the lease has been closed")
	}
	defer l.behind.Done()
	ctx, cancel := s.bound(ctx)
	defer cancel()
	owner, credentials := rand.Text(), "" // owner is of this call: two of one process compete too
	if ask.Credentials != "" {
		credentials = rediskey.Credentials.Of(ask.Credentials)
	}
	old := ask.Old.Reveal() // what will not do
	for try := 0; ; try++ {
		outcome, left, old, err = l.ask(ctx, key, ask, old, owner, credentials)
		if !errors.Is(err, ended) || try == swapTries {
			return outcome, left, err
		}
		s.counters.reason(ended, true)
	}
}

// ask makes one exchange, given the value that will not do. If the token that is there has ended by
// its metadata, which the script does not read, that one is returned for the next exchange.
func (l *Lease) ask(ctx context.Context, key string, ask lease.Ask, old, owner, credentials string) (outcome lease.Outcome, left time.Duration, unusable string, err error) {
	s := l.cfg.Store
	at := time.Now()
	var over atomic.Bool // a reply has come, or the wait for it has ended: the other one gives the lease back
	reply, err := call(ctx, s, func(ctx context.Context) (answer.Answer, error) {
		v, err := s.scripts.Run(ctx, acquireScript,
			[]string{key, rediskey.Metadata(key), rediskey.Lock(key), rediskey.Failed(key), rediskey.Refused(key)},
			store.MaxTokenBytes, old, owner, l.cfg.TTL.Milliseconds(), ask.Holder, credentials,
			yes(ask.Force), yes(ask.Tried), yes(ask.TakeOver),
			maxLeaseTTL.Milliseconds(), maxPause.Milliseconds(), maxMessage, at.UnixMilli()).Slice()
		if err == nil && over.Swap(true) {
			l.giveBack(key, owner)
		}
		return v, err
	})
	if err != nil {
		if over.Swap(true) { // it came just when the time was up
			go l.giveBack(key, owner)
		}
		return outcome, 0, old, redissaid.Hide(err, old, ask.Old.Reveal())
	}
	switch reply.Kind() {
	case "token":
		var r reading
		if r, err = newReading(at, reply[1:]); err == nil {
			outcome.Token, err = s.tokenOfReply(ctx, key, r)
			old = r.value
		}
	case "failed", "refused":
		outcome.Failure, err = reply.Failure(maxPause, maxMessage)
	case "held":
		outcome.Holder, left, err = reply.Holder(maxLeaseTTL)
	case "yours":
		s.counters.reason(reasonOf(reply.Reason()))
		outcome.Release = l.hold(key, owner, credentials, at.Truncate(time.Millisecond))
	default:
		err = answer.ErrUnexpected
	}
	return outcome, left, old, err
}

// yes is a flag among the arguments of a script.
func yes(is bool) string {
	if is {
		return "1"
	}
	return ""
}

// note logs once that the server allows this user no lease. Any other error is an outage,
// which the tiered store logs.
func (l *Lease) note(ctx context.Context, err error) {
	if redissaid.Denied(err) && !l.denied.Swap(true) {
		l.cfg.Store.cfg.Logger.InfoContext(ctx, "store/redis: no lease can be kept here, so that each process fetches tokens for itself", "error", err)
	}
}

// enter makes Close wait until behind.Done is called. It is false if the Lease is closed.
func (l *Lease) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.life.Err() != nil {
		return false
	}
	l.behind.Add(1)
	return true
}

// Close releases the leases that are held, and one whose acquisition is under way, and waits
// for that. It may be called more than once.
func (l *Lease) Close() error {
	l.mu.Lock()
	l.end()
	l.mu.Unlock()
	l.behind.Wait()
	return nil
}
