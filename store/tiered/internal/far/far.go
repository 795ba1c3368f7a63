// Package far runs operations on the far store of a tiered one.
//
// Each is bounded, and a caller may leave before it ends. The writes of one key run one after
// the other. A circuit breaker refuses operations for a time after a failure, and each
// operation reports to it. The beginning and the end of an outage are announced.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for what happens in each
// failure.
package far

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/advoware-go/advoware/internal/health"
	"github.com/advoware-go/advoware/store"
)

// ErrClosed is returned by operations on a closed Far.
var ErrClosed = errors.New("store/tiered: store closed")

// ErrNotAsked is a miss that says nothing of far: an operation that was needless by the time its
// turn came.
var ErrNotAsked = fmt.Errorf("store/tiered: needless by now: %w: %w", store.ErrNotFound, store.ErrBusy)

// Config configures a [Far]. The fields are those of tiered.Config, with its defaults.
type Config struct {
	Store   store.Store
	Name    string
	Wait    time.Duration // of a call, in total
	Timeout time.Duration // of an operation

	BreakerTimeout time.Duration

	Explain func(ctx context.Context, err error) error // nil: no reasons
	Logger  *slog.Logger

	// Down is called when an outage begins, and Up when it ends; nil: no callback.
	Down func(err error)
	Up   func()
}

// Far is a far store behind a circuit breaker. Make it with [New].
type Far struct {
	cfg     Config
	breaker *gobreaker.TwoStepCircuitBreaker[store.Token]
	health  outages
	pulse   pulse

	unwritten atomic.Bool // it is logged that far takes no writes

	mu      sync.Mutex            // never held while anything is waited for
	writes  map[string]*Operation // the last write under a key, until it is done
	closed  bool
	held    bool           // the breaker was opened, the last time, because this process did not get to run
	running sync.WaitGroup // operations under way; added to with mu held
}

// New returns a Far. It does no I/O.
func New(cfg Config) *Far {
	return &Far{
		cfg: cfg, writes: make(map[string]*Operation),
		breaker: gobreaker.NewTwoStepCircuitBreaker[store.Token](gobreaker.Settings{
			Name:        "far store",
			MaxRequests: 1, // one operation finds out whether far works again
			Timeout:     cfg.BreakerTimeout,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 1 },
			IsExcluded:  isBusy,
		}),
	}
}

// isBusy reports whether far was not asked, which shows neither that it works nor that it is
// down.
func isBusy(err error) bool { return errors.Is(err, store.ErrBusy) }

// conclude tells the breaker how an operation ended.
func (f *Far) conclude(done func(error), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.breaker.State()
	done(err)
	if was != gobreaker.StateOpen && f.breaker.State() == gobreaker.StateOpen {
		f.held = err == errHeld
	}
}

// isHeld reports whether the breaker, which is open, is so because this process did not get to run.
func (f *Far) isHeld() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.held
}

// Errors returns how many operations have failed; 0 for a nil Far.
func (f *Far) Errors() uint64 {
	if f == nil {
		return 0
	}
	return f.health.errors.Load()
}

// Condition returns whether far is down, and since when; nothing is known of a nil Far.
func (f *Far) Condition() health.Condition {
	if f == nil {
		return health.Condition{}
	}
	return f.health.now.Condition()
}

// begin adds an operation to those that Close waits for. It is false if the Far is closed.
func (f *Far) begin() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.running.Add(1)
	return true
}

// Close waits up to Config.Timeout for the operations that are under way, and starts no more.
// It may be called at any moment, more than once, and on a nil Far.
func (f *Far) Close() {
	if f == nil {
		return
	}
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.health.stopExplaining()
	done := make(chan struct{})
	go func() { f.running.Wait(); close(done) }()
	patience := time.NewTimer(f.cfg.Timeout)
	defer patience.Stop()
	select {
	case <-done:
	case <-patience.C:
	}
	f.health.wait(announceWait)
}
