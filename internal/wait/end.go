package wait

import (
	"context"
	"sync"
	"sync/atomic"
)

// End is the end of something. The zero value is that it has not come. Unlike a context, one
// that nobody waits for takes no memory of its own.
type End struct {
	over atomic.Bool
	mu   sync.Mutex
	do   map[*func()]struct{} // nil if there is none
}

// At has do called when the end comes, now if it has come, unless drop is called before. It is
// called with a lock held, so it must not wait.
func (e *End) At(do func()) (drop func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over.Load() {
		do()
		return func() {}
	}
	if e.do == nil {
		e.do = make(map[*func()]struct{}, 1)
	}
	e.do[&do] = struct{}{}
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if delete(e.do, &do); len(e.do) == 0 {
			e.do = nil // a map keeps its memory
		}
	}
}

// Done returns a channel that is closed when the end comes, unless drop is called before.
func (e *End) Done() (done <-chan struct{}, drop func()) {
	c := make(chan struct{})
	return c, e.At(func() { close(c) })
}

// Context returns a context that is cancelled with that cause when the end comes.
func (e *End) Context(parent context.Context, cause error) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	drop := e.At(func() { cancel(cause) })
	return ctx, func() { drop(); cancel(nil) }
}

// Come is the end.
func (e *End) Come() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.over.Store(true)
	for do := range e.do {
		(*do)()
	}
	e.do = nil
}

// IsOver reports whether the end has come.
func (e *End) IsOver() bool { return e.over.Load() }
