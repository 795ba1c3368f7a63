package roundtrip

import "sync"

// Pool has one Transport for each Options, for clients that share connections. The
// zero value is empty and ready to use; it must not be copied.
type Pool struct {
	mu  sync.Mutex
	all map[Options]*Transport
}

// Get returns the Transport for o. Its Logger makes no difference.
func (p *Pool) Get(o Options) *Transport {
	key := o
	key.Logger = nil
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.all[key]
	if t == nil {
		if p.all == nil {
			p.all = make(map[Options]*Transport)
		}
		t = New(o)
		p.all[key] = t
	}
	return t
}

// CloseIdleConnections closes the connections that no request uses. The Pool stays as
// it is.
func (p *Pool) CloseIdleConnections() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.all {
		t.CloseIdleConnections()
	}
}
