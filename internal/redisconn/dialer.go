// Package redisconn connects to Redis servers that may be distant, hang, or be no Redis
// servers at all.
//
// A [Dialer] is for the Dialer field of go-redis options. It dials the addresses of a
// name in parallel, so that a dead one does not hide a live one. A dial goes on when the
// call that began it returns, and the next call gets its connection. Config.Permit decides
// by the address, not by the name, whether anything is sent. Connections are not used again
// when another one of their server does not answer, and each error has the reason.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for how the parts
// work together.
package redisconn

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultTimeout is the default of Config.Timeout.
const DefaultTimeout = 5 * time.Second

const (
	// maxDials limits the dials to one address at a time, with the connections that wait for
	// their first use. Further callers wait.
	maxDials = 8
	// keep is how long a connection is kept whose caller has left.
	keep = 10 * time.Second
)

var errClosed = errors.New("store/redis/dial: closed")

// Config configures a [Dialer].
type Config struct {
	// TLS returns the configuration of each connection, before anything is sent. nil:
	// connections without TLS. An empty ServerName means the host that is dialled.
	TLS func() (*tls.Config, error)

	// Permit is called for each address of a name before it is dialled; an error refuses
	// the address. nil: all are permitted. Unix sockets are always permitted.
	Permit func(host string, addr netip.AddrPort) error

	// Lookup returns the addresses of a host, in the order in which they are to be tried.
	// nil means net.DefaultResolver.
	Lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

	// Timeout bounds a dial, from the look-up of the name to the end of the TLS
	// handshake, however long its caller waits. 0 or less means 5 seconds.
	Timeout time.Duration

	// Once is for connections that are used once: nothing is kept, and a dial ends with its
	// call.
	Once bool

	// Hosts replace the host of an address that has none, as in a Cluster whose nodes do
	// not know their own: the one that was reached last, the first if none was. None means
	// this machine.
	Hosts []string

	// Hide takes secrets out of what a server said, a text that may have broken off: some
	// repeat what they were sent. nil hides nothing.
	Hide func(text string) string
}

// Dialer makes connections. Make one with [New].
type Dialer struct {
	cfg    Config
	life   context.Context
	end    context.CancelFunc
	behind sync.WaitGroup
	trust  trust

	mu    sync.Mutex
	dials map[target][]*attempt // under way, or done and not used yet
	ended chan struct{}         // closed and replaced when a dial has ended
	err   error                 // why the last dial failed, nil if it did not
	errAt time.Time
	host  string // of Config.Hosts, the one that was reached last
}

type target struct{ network, addr string }

// attempt is one dial. The fields below done are guarded by Dialer.mu until done is
// closed.
type attempt struct {
	target target
	stage  atomic.Pointer[string] // what it waits for
	done   chan struct{}

	taken bool // it has a caller, or had the only one that it may have
	end   context.CancelFunc
	left  bool // by that
	conn  *conn
	err   error
	drop  *time.Timer // ends a connection that is kept; nil: it is not kept
}

// New returns a Dialer. It does no I/O.
func New(cfg Config) *Dialer {
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	life, end := context.WithCancel(context.Background())
	if cfg.Lookup == nil {
		cfg.Lookup = func(ctx context.Context, network, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, network, host)
		}
	}
	if cfg.Hide == nil {
		cfg.Hide = func(text string) string { return text }
	}
	host := "localhost"
	if len(cfg.Hosts) > 0 {
		host = cfg.Hosts[0]
	}
	return &Dialer{
		cfg: cfg, life: life, end: end, host: host,
		dials: make(map[target][]*attempt), ended: make(chan struct{}), trust: trust{epoch: time.Now(), hide: cfg.Hide},
	}
}

// DialContext connects to addr. When ctx ends first, the dial goes on, and the next caller
// for the same address gets its connection, unless connections are used once. The error then names what the dial waits for, is
// a timeout and matches ctx.Err().
func (d *Dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	var a *attempt
	for a == nil {
		var ended <-chan struct{}
		if a, ended = d.take(target{network, addr}); a != nil {
			break
		}
		select {
		case <-ended:
		case <-d.life.Done():
			return nil, errClosed
		case <-ctx.Done():
			return nil, &underWay{addr: addr, stage: "waits for others", cause: ctx.Err()}
		}
	}
	select {
	case <-a.done:
	case <-ctx.Done():
		if d.leave(a) {
			return nil, &underWay{addr: addr, stage: *a.stage.Load(), cause: ctx.Err()}
		}
	}
	if a.err != nil {
		return nil, a.err
	}
	return a.conn, nil
}

// Renew makes the Dialer use no connection again that was made before: their server has
// changed its role, say.
func (d *Dialer) Renew() { d.trust.renew() }

// Close ends the dials that are under way, and closes the connections that no caller has got.
// Connections that were returned stay open. It may be called more than once, and returns nil.
func (d *Dialer) Close() error {
	d.mu.Lock() // no dial begins after that
	d.end()
	d.mu.Unlock()
	d.behind.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	for t, list := range d.dials {
		for _, a := range list {
			if !a.taken && a.conn != nil {
				a.drop.Stop()
				_ = a.conn.Close()
			}
		}
		delete(d.dials, t)
	}
	return nil
}

// take returns a dial without a caller, or a new one. If there are too many, it returns nil
// and a channel that is closed when one has ended.
func (d *Dialer) take(t target) (*attempt, <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.life.Err() != nil {
		return nil, d.ended
	}
	for _, a := range slices.Clone(d.dials[t]) {
		if a.taken {
			continue
		}
		a.taken = true
		if a.drop == nil {
			return a, nil // under way
		}
		a.drop.Stop()
		d.forget(a)
		if a.conn.trusted() {
			return a, nil
		}
		_ = a.conn.Close()
	}
	if len(d.dials[t]) >= maxDials {
		return nil, d.ended
	}
	ctx, cancel := context.WithTimeout(d.life, d.cfg.Timeout)
	a := &attempt{target: t, done: make(chan struct{}), taken: true, end: cancel}
	a.at("has just begun")
	d.dials[t] = append(d.dials[t], a)
	d.behind.Go(func() { d.run(ctx, a) })
	return a, nil
}

// leave records that the caller of a has left, and ends it if it is for that one only. It is
// false if a has ended meanwhile; then its result belongs to the caller.
func (d *Dialer) leave(a *attempt) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-a.done:
		return false
	default:
		if a.taken, a.left = d.cfg.Once, d.cfg.Once; a.left {
			a.end()
		}
		return true
	}
}

// run dials, and keeps the connection if the caller has left.
func (d *Dialer) run(ctx context.Context, a *attempt) {
	defer a.end()
	c, err := d.connect(ctx, a)
	if err != nil && ctx.Err() != nil {
		err = &underWay{addr: a.target.addr, stage: *a.stage.Load(), cause: ctx.Err()}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	a.conn, a.err, d.err, d.errAt = c, err, err, time.Now()
	if host, _, _ := net.SplitHostPort(a.target.addr); err == nil && slices.Contains(d.cfg.Hosts, host) {
		d.host = host
	}
	switch {
	case a.left && err == nil:
		_ = c.Close()
		fallthrough
	case a.taken || err != nil:
		d.forget(a)
	default:
		a.drop = time.AfterFunc(keep, func() { d.expire(a) })
	}
	close(a.done)
	close(d.ended)
	d.ended = make(chan struct{})
}

// expire closes a connection that was kept and not used.
func (d *Dialer) expire(a *attempt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !a.taken {
		a.taken = true
		d.forget(a)
		_ = a.conn.Close()
	}
}

// forget takes a off the list. The mutex is held.
func (d *Dialer) forget(a *attempt) {
	rest := slices.DeleteFunc(d.dials[a.target], func(b *attempt) bool { return a == b })
	if d.dials[a.target] = rest; len(rest) == 0 {
		delete(d.dials, a.target)
	}
}

// at records what the attempt waits for from now on.
func (a *attempt) at(stage string) { a.stage.Store(&stage) }
