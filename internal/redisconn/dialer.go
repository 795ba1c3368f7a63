// Package redisconn connects to Redis servers that may be far away, half dead or not what
// they are thought to be.
//
// A [Dialer] is for the Dialer field of go-redis options. It tries the addresses of a
// name side by side, so that a dead one does not hide a live one. A dial goes on when
// the call that began it has waited long enough, and the next call gets its connection.
// The address decides whether anything is sent there, not the name. A connection is not
// used any more after another one was found to be silent. Each failure says what it is
// due to.
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
	// maxDials is how many dials to one address there are at a time, with the connections
	// that wait for their first use. Who comes when there are so many waits.
	maxDials = 8
	// keep is how long a connection that nobody waited for is kept.
	keep = 10 * time.Second
)

var errClosed = errors.New("store/redis/dial: closed")

// Config says how a [Dialer] works.
type Config struct {
	// TLS is asked for the configuration of each connection, before anything is sent.
	// nil means connections without TLS. Without a ServerName the host that is dialled
	// is the name.
	TLS func() (*tls.Config, error)

	// Permit is asked for each address that a name leads to, before it is dialled; an
	// error refuses it. nil permits all. Unix sockets are always permitted.
	Permit func(host string, addr netip.AddrPort) error

	// Lookup finds the addresses of a host, in the order in which they are to be tried. nil
	// means that net.DefaultResolver does.
	Lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

	// Timeout bounds a dial, from the look-up of the name to the end of the TLS
	// handshake, however long its caller waits. 0 or less means 5 seconds.
	Timeout time.Duration

	// Hosts are dialled where an address has none, as those of a Cluster whose nodes do
	// not know their own: the one of them that was reached last, the first if none was.
	// None means this machine.
	Hosts []string
}

// Dialer makes connections. Make one with [New].
type Dialer struct {
	cfg    Config
	life   context.Context
	end    context.CancelFunc
	behind sync.WaitGroup
	trust  trust

	mu    sync.Mutex
	dials map[target][]*attempt // under way, or done and not picked up
	ended chan struct{}         // closed and replaced whenever a dial has ended
	err   error                 // why the last dial failed, nil if it did not
	errAt time.Time
	host  string // of Config.Hosts, that was reached last
}

type target struct{ network, addr string }

// attempt is one dial. The fields below done are guarded by Dialer.mu until done is
// closed.
type attempt struct {
	target target
	stage  atomic.Pointer[string] // what it is waiting for
	done   chan struct{}

	taken bool // somebody waits for it
	conn  *conn
	err   error
	drop  *time.Timer // for a connection that is kept
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
	host := "localhost"
	if len(cfg.Hosts) > 0 {
		host = cfg.Hosts[0]
	}
	return &Dialer{
		cfg: cfg, life: life, end: end, host: host,
		dials: make(map[target][]*attempt), ended: make(chan struct{}), trust: trust{epoch: time.Now()},
	}
}

// DialContext connects to addr. When ctx ends first, the dial goes on, and the next
// caller for the same address gets its connection; what is returned then says what the
// dial is waiting for, is a timeout and matches ctx.Err().
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

// Renew makes connections that were made so far unfit for another use: what they lead to
// is not what it was.
func (d *Dialer) Renew() { d.trust.renew() }

// Close ends the dials that are under way, and closes the connections that nobody has
// picked up; the others are their users'. It may be called more than once, and returns
// nil.
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

// take returns a dial that nobody waits for, or a new one; nil if there are too many, and
// what is closed when one has ended.
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
	a := &attempt{target: t, done: make(chan struct{}), taken: true}
	a.at("has just begun")
	d.dials[t] = append(d.dials[t], a)
	d.behind.Go(func() { d.run(a) })
	return a, nil
}

// leave says that nobody waits for a any more. It reports false if a has ended
// meanwhile; then it is its caller's.
func (d *Dialer) leave(a *attempt) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-a.done:
		return false
	default:
		a.taken = false
		return true
	}
}

// run dials, and keeps the connection if nobody waits for it.
func (d *Dialer) run(a *attempt) {
	ctx, cancel := context.WithTimeout(d.life, d.cfg.Timeout)
	defer cancel()
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
	if a.taken || err != nil {
		d.forget(a)
	} else {
		a.drop = time.AfterFunc(keep, func() { d.expire(a) })
	}
	close(a.done)
	close(d.ended)
	d.ended = make(chan struct{})
}

// expire closes a connection that nobody has picked up.
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

// at says what the attempt is waiting for from now on.
func (a *attempt) at(stage string) { a.stage.Store(&stage) }
