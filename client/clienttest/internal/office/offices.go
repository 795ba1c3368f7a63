package office

import "sync"

// Offices are those that were asked for anything. The zero value has none.
type Offices struct {
	mu   sync.Mutex
	open map[string]*Office
}

// Of returns the office of a Kanzlei, opts.Name. It is made when it is first asked for.
func (o *Offices) Of(opts Options) *Office {
	o.mu.Lock()
	defer o.mu.Unlock()
	found, ok := o.open[opts.Name]
	if !ok {
		if o.open == nil {
			o.open = make(map[string]*Office)
		}
		found = New(opts)
		o.open[opts.Name] = found
	}
	return found
}
