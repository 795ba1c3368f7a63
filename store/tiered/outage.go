package tiered

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
)

// explainWait is how long the warning of an outage waits for its reason.
const explainWait = 2 * time.Second

// announceWait is how long Close waits for what is being told, the one warning of a process
// that ends with it for instance. It may be called by the logger or hook that is told.
const announceWait = 250 * time.Millisecond

// health counts far's failures and remembers whether they have been spoken of.
type health struct {
	errors atomic.Uint64
	down   atomic.Bool

	mu         sync.Mutex
	announcing chan struct{}      // closed when what is to be told has been
	cancel     context.CancelFunc // of the search for the reason
}

// stopExplaining ends the search for a reason.
func (h *health) stopExplaining() {
	h.mu.Lock()
	cancel := h.cancel
	h.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// wait waits until what is being told has been told.
func (h *health) wait(patience time.Duration) {
	h.mu.Lock()
	told := h.announcing
	h.mu.Unlock()
	if told == nil {
		return
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-told:
	case <-timer.C:
	}
}

// noteOutcome counts a failure of op and speaks of the first one of an outage, and of its end.
func (s *Store) noteOutcome(ctx context.Context, op *operation, err error) {
	if err == nil {
		if s.health.down.CompareAndSwap(true, false) {
			s.health.stopExplaining()
			s.announce(ctx, nil, nil)
		}
		return
	}
	s.health.errors.Add(1)
	if s.health.down.CompareAndSwap(false, true) {
		s.announce(ctx, op, err)
	}
}

// announce tells of the outage that op met with err, or, without op, of its end, on a
// goroutine of its own: it searches for a reason, logs and calls a hook. What is being
// told already comes first.
func (s *Store) announce(ctx context.Context, op *operation, err error) {
	search, cancel := context.WithTimeout(ctx, explainWait)
	counted := s.begin()
	if !counted { // closed: nobody waits for reasons any more
		cancel()
	}
	told := make(chan struct{})
	s.health.mu.Lock()
	before := s.health.announcing
	s.health.announcing, s.health.cancel = told, cancel
	s.health.mu.Unlock()
	searched := sync.OnceFunc(func() {
		cancel()
		if counted {
			s.running.Done()
		}
	})
	bounded.Run(func() {
		defer close(told)
		defer searched()
		if op != nil {
			err = s.explained(search, op, err)
		}
		searched() // before a hook or a logger is called, which may call Close
		if before != nil {
			<-before
		}
		if op != nil {
			s.announceDown(ctx, err)
		} else {
			s.announceUp(ctx)
		}
	})
}

// explained returns what is behind a failure, as far as it can be found out in time.
func (s *Store) explained(search context.Context, op *operation, err error) error {
	if s.cfg.Explain == nil {
		return err
	}
	// It is not believed that Explain minds the end of the search.
	limit, cancel := context.WithTimeout(context.WithoutCancel(search), explainWait+time.Second)
	defer cancel()
	if errors.Is(err, errSlow) { // the operation knows more when it ends
		select {
		case <-op.done:
			if failure(op.err) != nil {
				err = fmt.Errorf("%w: %w", err, op.err)
			}
		case <-search.Done():
		}
	}
	told, _ := bounded.Do(limit, func(context.Context) (error, error) { return s.cfg.Explain(search, err), nil })
	if told == nil {
		return err
	}
	return told
}

func (s *Store) announceDown(ctx context.Context, err error) {
	s.cfg.Logger.WarnContext(ctx, s.cfg.FarName+" unreachable, going on with the tokens of this process", "error", err)
	if hook := s.cfg.Hooks.FarDown; hook != nil {
		hook(err)
	}
}

func (s *Store) announceUp(ctx context.Context) {
	s.cfg.Logger.InfoContext(ctx, s.cfg.FarName+" reachable again")
	if hook := s.cfg.Hooks.FarUp; hook != nil {
		hook()
	}
}
