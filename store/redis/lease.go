package redis

import (
	"context"
	"crypto/rand"
	_ "embed" // the scripts
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// DefaultLeaseTTL is how long a lease lasts when its holder is gone.
const DefaultLeaseTTL = 3 * time.Second

// minLeaseTTL leaves time for a round trip in a third of it.
const minLeaseTTL = 30 * time.Millisecond

// What a Lease writes at most, and therefore what acquire.lua, which is told of it,
// believes at most of what it finds: whoever can write to Redis may have put it there.
const (
	maxLeaseTTL = 10 * time.Second // of what is not prolonged any more
	maxHold     = 10 * time.Second // that a holder prolongs: a fetch that takes longer is waited for by nobody
	maxPause    = 5 * time.Minute  // that a failure is told for
	maxMessage  = 512              // bytes of what a holder met
)

var (
	//go:embed acquire.lua
	acquireSource string
	//go:embed refusals.lua
	refusalsSource string // functions of acquire.lua and release.lua

	acquireScript = goredis.NewScript(refusalsSource + acquireSource)
)

// LeaseConfig says how a Lease works.
type LeaseConfig struct {
	// Store has the tokens that the lease is about; required. The lease uses its
	// client, and its Timeout for each exchange. A CompareAndSwap of this Store ends
	// the lease that is held in this process for the same key.
	Store *Store

	// Watch wakes the waiters; nil: they ask again every 25 ms.
	Watch Watch

	// TTL is how long a lease lasts when its holder dies; a holder that lives prolongs
	// it every third of that, for ten seconds. Default 3 seconds; less than 30 ms and
	// more than 10 seconds are errors.
	TTL time.Duration
}

// Lease implements [lease.Lease] beside the tokens of a Store: under {key}:lock, with
// what a holder met under {key}:failed, and which credentials were refused, by a hash of
// them, under {key}:refused. All of these have a TTL. What a process does not understand
// there, or would not have set for so long itself, it takes for nothing. Make it with
// [NewLease].
//
// A server on which a Lease may not run scripts or write has none, which the logger of
// the Store hears once, at info level.
type Lease struct {
	cfg    LeaseConfig
	denied atomic.Bool     // said already
	life   context.Context // of what runs in the background
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
	var errs []error
	if cfg.Store == nil {
		errs = append(errs, errors.New("store/redis: LeaseConfig.Store is missing"))
	}
	if cfg.TTL < minLeaseTTL || cfg.TTL > maxLeaseTTL {
		errs = append(errs, fmt.Errorf("store/redis: LeaseConfig.TTL is %v, not between %v and %v", cfg.TTL, minLeaseTTL, maxLeaseTTL))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	life, end := context.WithCancel(context.Background())
	return &Lease{cfg: cfg, life: life, end: end}, nil
}

// Acquire implements [lease.Lease] in one round trip. A lease that is held is
// prolonged until it is released. store.ErrIdentity means that the token that stands
// is another identity's.
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

// acquire asks once. With a holder, left is how long its lease lasts if it does not
// prolong it.
func (l *Lease) acquire(ctx context.Context, key string, ask lease.Ask) (outcome lease.Outcome, left time.Duration, err error) {
	s := l.cfg.Store
	if l.life.Err() != nil {
		return outcome, 0, errors.New("the lease has been closed")
	}
	ctx, cancel := s.bound(ctx)
	defer cancel()
	owner, credentials := rand.Text(), "" // of this acquisition: two in one process are two
	if ask.Credentials != "" {
		credentials = credentialsDigest.of(ask.Credentials)
	}
	at := time.Now()
	reply, err := call(ctx, s, func(ctx context.Context) (answer, error) {
		v, err := acquireScript.Run(ctx, s.cfg.Client,
			[]string{key, metadataKey(key), lockKey(key), failedKey(key), refusedKey(key)},
			store.MaxTokenBytes, ask.Old.Reveal(), owner, l.cfg.TTL.Milliseconds(), ask.Holder, credentials,
			yes(ask.Force), yes(ask.Tried), yes(ask.TakeOver),
			maxLeaseTTL.Milliseconds(), maxPause.Milliseconds(), maxMessage, at.UnixMilli()).Slice()
		if err == nil && ctx.Err() != nil && !s.cfg.ClientHonoursDeadlines {
			l.giveBack(key, owner) // nobody waits any more
		}
		return v, err
	})
	if err != nil {
		return outcome, 0, hiding(err, ask.Old.Reveal())
	}
	switch reply.kind() {
	case "token":
		var r reading
		if r, err = newReading(at, reply[1:]); err == nil {
			outcome.Token, err = s.tokenOfReply(ctx, key, r)
		}
	case "failed", "refused":
		outcome.Failure, err = reply.failure()
	case "held":
		outcome.Holder, left, err = reply.holder()
	case "yours":
		s.counters.reason(reply.reason())
		outcome.Release, err = l.hold(key, owner, credentials, at.Truncate(time.Millisecond))
	default:
		err = errReply
	}
	return outcome, left, err
}

// yes is how acquire.lua is told that something is so.
func yes(is bool) string {
	if is {
		return "1"
	}
	return ""
}

// note says once that the server does not let this user keep a lease. Anything else that
// fails is an outage, of which others speak.
func (l *Lease) note(ctx context.Context, err error) {
	if isDenied(err) && !l.denied.Swap(true) {
		l.cfg.Store.cfg.Logger.InfoContext(ctx, "store/redis: no lease can be kept here, so that each process fetches tokens for itself", "error", err)
	}
}

// isDenied reports whether the server does not let this user, or anybody, run a script or
// what it does.
func isDenied(err error) bool {
	text := strings.ToLower(err.Error()) // a scrubbed error has no type
	for _, sign := range []string{"noperm", "readonly", "unknown command", "can't run this command", "not allowed", "disabled"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// begin runs f in the background unless the Lease has been closed.
func (l *Lease) begin(f func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.life.Err() != nil {
		return false
	}
	l.behind.Go(f)
	return true
}

// Close gives back what is held, and waits for that. It may be called more than once.
func (l *Lease) Close() error {
	l.mu.Lock()
	l.end()
	l.mu.Unlock()
	l.behind.Wait()
	return nil
}

// The keys of a lease are in the cluster slot of the token's own.
func lockKey(key string) string    { return fmt.Sprintf("{%s}:lock", key) }
func failedKey(key string) string  { return fmt.Sprintf("{%s}:failed", key) }
func refusedKey(key string) string { return fmt.Sprintf("{%s}:refused", key) }
