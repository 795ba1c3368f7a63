package redis

import (
	"context"
	"crypto/rand"
	_ "embed" // the scripts
	"errors"
	"fmt"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// DefaultLeaseTTL is how long a lease lasts when its holder is gone.
const DefaultLeaseTTL = 3 * time.Second

var (
	//go:embed acquire.lua
	acquireSource string
	//go:embed release.lua
	releaseSource string

	acquireScript = goredis.NewScript(acquireSource)
	releaseScript = goredis.NewScript(releaseSource)
)

// LeaseConfig says how a Lease works.
type LeaseConfig struct {
	// Client is the connection to Redis. It is required, and stays open.
	Client goredis.UniversalClient

	// TTL is how long a lease lasts when its holder dies; a holder that lives prolongs
	// it every third of that. Default 3 seconds; negative is an error.
	TTL time.Duration

	// Timeout bounds each exchange with Redis. Default 5 seconds; negative is an error.
	Timeout time.Duration
}

// Lease lets one process of many do something, such as fetching a token. It is kept
// under {key}:lock, beside the token, and always has a TTL. Make it with [NewLease].
//
// A lease is a courtesy, not a guarantee: a holder that is stopped for longer than
// the TTL and wakes up again is not alone. What it writes must therefore compare, as
// CompareAndSwap does.
type Lease struct {
	cfg    LeaseConfig
	life   context.Context // of what runs in the background
	end    context.CancelFunc
	behind sync.WaitGroup
	mu     sync.Mutex // for behind.Add against Close
}

// NewLease returns a Lease. It does no I/O. Close it before its client.
func NewLease(cfg LeaseConfig) (*Lease, error) {
	if cfg.TTL == 0 {
		cfg.TTL = DefaultLeaseTTL
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	var errs []error
	if cfg.Client == nil {
		errs = append(errs, errors.New("store/redis: LeaseConfig.Client is missing"))
	}
	if cfg.TTL < 0 || cfg.Timeout < 0 {
		errs = append(errs, errors.New("store/redis: LeaseConfig.TTL and Timeout must not be negative"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	life, end := context.WithCancel(context.Background())
	return &Lease{cfg: cfg, life: life, end: end}, nil
}

// Acquire tries to take the lease for key, without waiting for whoever has it. If
// held is true, the lease is prolonged until release is called, which returns at
// once. An error means that it cannot be told who has it.
func (l *Lease) Acquire(ctx context.Context, key string) (release func(), held bool, err error) {
	owner := rand.Text() // of this acquisition: two in one process are two
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Timeout)
	defer cancel()
	n, err := call(ctx, func(ctx context.Context) (int, error) {
		return acquireScript.Run(ctx, l.cfg.Client, []string{lockKey(key)}, owner, l.cfg.TTL.Milliseconds()).Int()
	})
	if err != nil {
		return nil, false, failed("lease", key, err)
	}
	if n == 0 {
		return nil, false, nil
	}
	released := make(chan struct{})
	if !l.begin(func() { l.keep(key, owner, released) }) {
		return nil, false, errors.New("store/redis: the lease has been closed")
	}
	return sync.OnceFunc(func() { close(released) }), true, nil
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

// keep prolongs a lease until it is released or the Lease is closed, and then gives
// it back.
func (l *Lease) keep(key, owner string, released <-chan struct{}) {
	tick := time.NewTicker(l.cfg.TTL / 3)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.run(acquireScript, key, owner, l.cfg.TTL.Milliseconds())
			continue
		case <-released:
		case <-l.life.Done():
		}
		l.run(releaseScript, key, owner)
		return
	}
}

// run runs a script that nobody waits for. What fails is made good by the TTL.
func (l *Lease) run(script *goredis.Script, key, owner string, args ...any) {
	ctx, cancel := context.WithTimeout(context.Background(), l.cfg.TTL/3)
	defer cancel()
	_, _ = call(ctx, func(ctx context.Context) (any, error) {
		return script.Run(ctx, l.cfg.Client, []string{lockKey(key)}, append([]any{owner}, args...)...).Result()
	})
}

// Close gives back what is held, and waits for that. It may be called more than once.
func (l *Lease) Close() error {
	l.mu.Lock()
	l.end()
	l.mu.Unlock()
	l.behind.Wait()
	return nil
}

// lockKey returns the key of the lease, in the cluster slot of key itself.
func lockKey(key string) string { return fmt.Sprintf("{%s}:lock", key) }
