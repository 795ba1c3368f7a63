// Package faultproxy stands between a Redis client and a real server, and fails in
// the ways that networks and servers do, switched while it runs.
//
// [Start] listens on a loopback port and passes everything on. [Proxy.Set] makes it
// refuse, not answer, be slow, break off in the middle of a reply, or answer for the
// server: see [Fault]. It knows where commands and replies end, in RESP2 and RESP3, so
// that commands and replies still match on a connection that survives a fault.
//
// It is for tests: they see what a store does when its server fails, with the real
// server behind the proxy. Everything here is safe for concurrent use. See
// ARCHITECTURE.md for what happens in each failure.
package faultproxy

import (
	"fmt"
	"maps"
	"net"
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/testport"
)

// Fault is how a Proxy fails. The zero value passes everything on. Delay goes with any
// other field but Refuse; of those the first counts.
type Fault struct {
	// Refuse resets the connections there are; new ones are refused.
	Refuse bool

	// Silent accepts connections and discards what they send. A connection that has sent
	// something then is never answered again, also when the fault is over.
	Silent bool

	// Reset passes commands on and sends back half of a reply; then the connection is
	// reset.
	Reset bool

	// Half passes commands on and sends back half of a reply; then the connection is
	// silent for ever.
	Half bool

	// Answer is an error line, such as "-LOADING Redis is loading". It is the reply to
	// commands, which do not reach the server. HELLO, AUTH, SELECT and CLIENT do, as a
	// real server in that state carries them out. Each command of a transaction gets the
	// error, and EXEC an EXECABORT. A change of the fault does not affect a transaction
	// that has begun.
	Answer string

	// Delay is how much later each command reaches the server; those that came together
	// stay together. Commands that still wait when the fault is over go on at once.
	Delay time.Duration
}

// Proxy is between clients and one server. Make it with [Start].
type Proxy struct {
	upstream, addr string

	set     sync.Mutex // one Set or Close at a time
	mu      sync.Mutex // never held while anything is waited for
	ln      net.Listener
	fault   Fault
	changed chan struct{} // closed when fault has changed
	links   map[*link]struct{}
	stats   Stats
	closed  bool

	running sync.WaitGroup // added to with mu held, before closed is set
}

// Stats are the counters of a Proxy since it was made.
type Stats struct {
	Connections int            // accepted
	Commands    map[string]int // received, by their name in capitals, also those that were not passed on
	Replies     int            // of the server, passed on whole; pushes are not counted
}

// Start returns a Proxy for the server at upstream, a "host:port". Close it.
func Start(upstream string) (*Proxy, error) {
	p := &Proxy{
		upstream: upstream, changed: make(chan struct{}),
		links: make(map[*link]struct{}), stats: Stats{Commands: make(map[string]int)},
	}
	var err error
	// No other process must get the port while it is refused.
	if p.addr, err = testport.Take(); err == nil {
		err = p.listen()
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Addr returns the host:port that clients connect to. It stays the same.
func (p *Proxy) Addr() string { return p.addr }

// Set changes the fault, for existing and new connections. A reply that is under way gets the
// new fault. An error means that the proxy cannot listen on its port again.
func (p *Proxy) Set(f Fault) error {
	p.set.Lock()
	defer p.set.Unlock()
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return net.ErrClosed
	}
	p.fault = f
	close(p.changed)
	p.changed = make(chan struct{})
	listening := p.ln != nil
	p.mu.Unlock()
	switch {
	case f.Refuse:
		p.hangUp()
		return nil
	case listening:
		return nil
	default:
		return p.listen()
	}
}

// Stats returns the counts so far.
func (p *Proxy) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Commands = maps.Clone(s.Commands)
	return s
}

// Close resets all connections and refuses new ones. It returns when nothing of the
// Proxy runs any more, and may be called more than once.
func (p *Proxy) Close() error {
	p.set.Lock()
	defer p.set.Unlock()
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.changed)
	}
	p.mu.Unlock()
	p.hangUp()
	p.running.Wait()
	return nil
}

func (p *Proxy) listen() error {
	ln, err := testport.Listen(p.addr)
	if err != nil {
		return fmt.Errorf("faultproxy: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ln = ln
	p.running.Go(func() { p.accept(ln) })
	return nil
}

func (p *Proxy) accept(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		l := newLink(p, c.(*net.TCPConn))
		p.mu.Lock()
		welcome := p.ln == ln
		if welcome {
			p.links[l] = struct{}{}
			p.stats.Connections++
			p.running.Go(l.commands)
		}
		p.mu.Unlock()
		if !welcome {
			l.end()
		}
	}
}

// hangUp stops listening and resets all connections.
func (p *Proxy) hangUp() {
	p.mu.Lock()
	ln, links := p.ln, maps.Clone(p.links)
	p.ln = nil
	p.mu.Unlock()
	if ln != nil {
		_ = ln.Close()
	}
	for l := range links {
		l.end()
	}
}

// now returns the fault and a channel that is closed when there is another one.
func (p *Proxy) now() (Fault, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault, p.changed
}

func (p *Proxy) count(change func(*Stats)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.stats)
}

// run starts f unless the Proxy has been closed.
func (p *Proxy) run(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.running.Go(f)
	return true
}

func (p *Proxy) forget(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}
