package far

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/health"
)

// explainWait limits how long the warning of an outage waits for its reason.
const explainWait = 2 * time.Second

// announceWait limits how long Close waits for a logger or hook that is being called, so that
// a process that ends after Close still logs its warning. The wait has a limit because the
// logger or hook may call Close itself.
const announceWait = 250 * time.Millisecond

// outages counts the failures of far, and records whether one was announced.
type outages struct {
	errors atomic.Uint64
	now    health.Health

	mu         sync.Mutex
	announcing chan struct{}      // closed when the last announcement is done; nil: there was none
	cancel     context.CancelFunc // of the search for the reason
}

// stopExplaining ends the search for a reason.
func (h *outages) stopExplaining() {
	h.mu.Lock()
	cancel := h.cancel
	h.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// wait waits until the announcements are done, for patience at most.
func (h *outages) wait(patience time.Duration) {
	h.mu.Lock()
	announced := h.announcing
	h.mu.Unlock()
	if announced == nil {
		return
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-announced:
	case <-timer.C:
	}
}

// noteOutcome counts a failure of op. It announces the first one of an outage, and its end.
func (f *Far) noteOutcome(ctx context.Context, op *Operation, err error) {
	if err == nil {
		if f.health.now.Note(false) {
			f.health.stopExplaining()
			f.announce(ctx, nil, nil)
		}
		return
	}
	if health.Failure(err) == nil { // not asked
		return
	}
	op.CountError()
	if !isBusy(err) && err != errHeld && f.health.now.Note(true) {
		f.announce(ctx, op, err)
	}
}

// announce announces the outage that began with err of op, or its end if op is nil. On a
// goroutine of its own it searches for a reason, logs and calls a hook, after the
// announcement before it is done.
func (f *Far) announce(ctx context.Context, op *Operation, err error) {
	search, cancel := context.WithTimeout(ctx, explainWait)
	counted := f.begin()
	if !counted { // closed: no search
		cancel()
	}
	announced := make(chan struct{})
	f.health.mu.Lock()
	before := f.health.announcing
	f.health.announcing, f.health.cancel = announced, cancel
	f.health.mu.Unlock()
	searched := sync.OnceFunc(func() {
		cancel()
		if counted {
			f.running.Done()
		}
	})
	bounded.Run(func() {
		defer close(announced)
		defer searched()
		if op != nil {
			err = f.explained(search, op, err)
		}
		searched() // before a hook or a logger that calls Close, which waits for the search
		if before != nil {
			<-before
		}
		if op != nil {
			f.announceDown(ctx, err)
		} else {
			f.announceUp(ctx)
		}
	})
}

// explained returns err with its reason, if that is found in time.
func (f *Far) explained(search context.Context, op *Operation, err error) error {
	if f.cfg.Explain == nil {
		return err
	}
	// A limit of its own, in case that Explain ignores the end of the search.
	limit, cancel := context.WithTimeout(context.WithoutCancel(search), explainWait+time.Second)
	defer cancel()
	if errors.Is(err, errSlow) { // the operation may end with a reason
		select {
		case <-op.done:
			if health.Failure(op.err) != nil {
				err = fmt.Errorf("%w: %w", err, op.err)
			}
		case <-search.Done():
		}
	}
	reason, _ := bounded.Do(limit, func(context.Context) (error, error) { return f.cfg.Explain(search, err), nil })
	if reason == nil {
		return err
	}
	return reason
}

func (f *Far) announceDown(ctx context.Context, err error) {
	f.cfg.Logger.WarnContext(ctx, f.cfg.Name+" unreachable, going on with the tokens of this process", "error", err)
	if hook := f.cfg.Down; hook != nil {
		hook(err)
	}
}

func (f *Far) announceUp(ctx context.Context) {
	f.cfg.Logger.InfoContext(ctx, f.cfg.Name+" reachable again")
	if hook := f.cfg.Up; hook != nil {
		hook()
	}
}
