package wait

import "sync"

// End is the end of something that one function at a time is called at. The zero value is that it
// has not come. Unlike a context, one that nothing waits for takes no memory of its own.
type End struct {
	mu   sync.Mutex
	over bool
	do   *func()
}

// At has do called when the end comes, now if it has come, unless drop is called before. What
// was to be called until now is dropped.
func (e *End) At(do func()) (drop func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over {
		do()
		return func() {}
	}
	e.do = &do
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.do == &do { // else another one has taken its place
			e.do = nil
		}
	}
}

// Come is the end.
func (e *End) Come() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if do := e.do; !e.over && do != nil {
		(*do)()
	}
	e.over, e.do = true, nil
}

// IsOver reports whether the end has come.
func (e *End) IsOver() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.over
}
