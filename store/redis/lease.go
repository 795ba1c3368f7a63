package redis

import (
	"context"
	"crypto/rand"
	_ "embed" // the script
	"errors"
	"fmt"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/redis/watch"
)

// DefaultLeaseTTL is how long a lease lasts when its holder is gone.
const DefaultLeaseTTL = 3 * time.Second

// minLeaseTTL leaves time for a round trip in a third of it.
const minLeaseTTL = 30 * time.Millisecond

var (
	//go:embed acquire.lua
	acquireSource string
	acquireScript = goredis.NewScript(acquireSource)
)

// LeaseConfig says how a Lease works.
type LeaseConfig struct {
	// Store has the tokens that the lease is about; required. The lease uses its
	// client, and its Timeout for each exchange. A CompareAndSwap of this Store ends
	// the lease that is held in this process for the same key.
	Store *Store

	// Watch wakes those who wait; nil means that they ask again every 25 ms.
	Watch *watch.Watch

	// Credentials names what is used to fetch the token under a key. Only a hash of it
	// is stored, and failures are shared with holders of the same credentials only. It
	// must be quick and safe for concurrent use. Nil, or "", means that none are shared.
	Credentials func(key string) string

	// TTL is how long a lease lasts when its holder dies; a holder that lives prolongs
	// it every third of that. Default 3 seconds; less than 30 ms is an error.
	TTL time.Duration
}

// Lease implements [lease.Lease] beside the tokens of a Store: under {key}:lock, with
// what a holder met under {key}:failed, and refused credentials under {key}:refused.
// All of them have a TTL. Make it with [NewLease].
type Lease struct {
	cfg    LeaseConfig
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
	if cfg.TTL < minLeaseTTL {
		errs = append(errs, fmt.Errorf("store/redis: LeaseConfig.TTL is %v, not at least %v", cfg.TTL, minLeaseTTL))
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
func (l *Lease) Acquire(ctx context.Context, key string, ask lease.Ask) (lease.Turn, error) {
	waiting := l.listen(key) // before looking, so that nothing is missed in between
	kept := false
	defer func() { // also if a client panics
		if !kept {
			waiting.stop()
		}
	}()
	turn, left, err := l.acquire(ctx, key, ask)
	if err != nil {
		return lease.Turn{}, failed("lease", key, err)
	}
	if kept = turn.Holder != ""; kept {
		waiting.lease = left
		turn.Wait = waiting.wait
	}
	return turn, nil
}

// acquire asks once. With a holder, left is how long its lease lasts if it does not
// prolong it.
func (l *Lease) acquire(ctx context.Context, key string, ask lease.Ask) (turn lease.Turn, left time.Duration, err error) {
	s := l.cfg.Store
	if l.life.Err() != nil {
		return turn, 0, errors.New("the lease has been closed")
	}
	ctx, cancel := s.bound(ctx)
	defer cancel()
	owner, credentials, force := rand.Text(), l.credentials(key), "" // of this acquisition: two in one process are two
	if ask.Force {
		force = "1"
	}
	at := time.Now()
	reply, err := call(ctx, s, func(ctx context.Context) (answer, error) {
		v, err := acquireScript.Run(ctx, s.cfg.Client,
			[]string{key, companionKey(key), lockKey(key), failedKey(key), refusedKey(key)},
			store.MaxTokenBytes, ask.Old.Reveal(), owner, l.cfg.TTL.Milliseconds(), ask.Holder, credentials, force).Slice()
		if err == nil && ctx.Err() != nil && !s.cfg.Prompt {
			l.giveBack(key, owner) // nobody waits any more
		}
		return v, err
	})
	if err != nil {
		return turn, 0, err
	}
	switch reply.kind() {
	case "token":
		var r reading
		if r, err = newReading(at, reply[1:]); err == nil {
			turn.Token, err = s.judge(key, r)
		}
	case "failed", "refused":
		turn.Failure, err = reply.failure()
	case "held":
		turn.Holder, left, err = reply.holder()
	case "yours":
		s.counters.flaw(reply.flaw())
		turn.Release, err = l.hold(key, owner, credentials, at.Truncate(time.Millisecond))
	default:
		err = errReply
	}
	return turn, left, err
}

// credentials returns the digest of what the token under key is fetched with, "" if
// that is not known.
func (l *Lease) credentials(key string) string {
	if l.cfg.Credentials == nil {
		return ""
	}
	if name := l.cfg.Credentials(key); name != "" {
		return credentialsDigest.of(name)
	}
	return ""
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
