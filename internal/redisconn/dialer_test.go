package redisconn_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redisconn"
	"github.com/advoware-go/advoware/internal/redistest"
)

// patience is how long a test waits for what must happen. It is no promise of ours.
const patience = 20 * time.Second

// leading returns a look-up by which each name leads to these addresses.
func leading(ips ...string) func(context.Context, string, string) ([]netip.Addr, error) {
	return func(context.Context, string, string) ([]netip.Addr, error) {
		var addrs []netip.Addr
		for _, ip := range ips {
			addrs = append(addrs, netip.MustParseAddr(ip))
		}
		return addrs, nil
	}
}

func newDialer(t *testing.T, cfg redisconn.Config) *redisconn.Dialer {
	t.Helper()
	d := redisconn.New(cfg)
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// listen accepts connections on a port of an address and keeps them.
func listen(t *testing.T, addr string) (port string, accepted <-chan net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	conns := make(chan net.Conn, 100)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
			conns <- c
		}
	}()
	_, port, _ = net.SplitHostPort(ln.Addr().String())
	return port, conns
}

func mustDial(t *testing.T, d *redisconn.Dialer, addr string) net.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// A dead address of a name does not hide a live one, whatever their families.
func TestDeadAddressFirst(t *testing.T) {
	for name, c := range map[string]struct{ dead, live string }{
		"A and A":         {"127.0.0.2", "127.0.0.1"},
		"AAAA and A":      {"::1", "127.0.0.1"},
		"A and AAAA":      {"127.0.0.2", "::1"},
		"many dead, late": {"127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.5 127.0.0.6", "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			port, accepted := listen(t, net.JoinHostPort(c.live, "0"))
			ips := strings.Fields(c.dead)
			for _, ip := range ips {
				redistest.Dead(t, net.JoinHostPort(ip, port))
			}
			d := newDialer(t, redisconn.Config{Lookup: leading(append(ips, c.live)...), Timeout: time.Hour})
			if got, _, _ := net.SplitHostPort(mustDial(t, d, "redis.example:"+port).RemoteAddr().String()); got != c.live {
				t.Errorf("connected to %s", got)
			}
			<-accepted
		})
	}
}

// A refused address is passed over at once, and all are named if there is no other.
func TestRefusedAddresses(t *testing.T) {
	port, _ := listen(t, "127.0.0.1:0")
	d := newDialer(t, redisconn.Config{Lookup: leading("127.0.0.2", "127.0.0.3", "127.0.0.1")})
	mustDial(t, d, "redis.example:"+port)
	d = newDialer(t, redisconn.Config{Lookup: leading("127.0.0.2", "127.0.0.3")})
	_, err := d.DialContext(t.Context(), "tcp", "redis.example:"+port)
	if !errors.Is(err, syscall.ECONNREFUSED) || !strings.Contains(err.Error(), "127.0.0.2:") || !strings.Contains(err.Error(), "127.0.0.3:") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}

// A dial that its caller gives up goes on, and the next caller has its connection: there
// is one dial, however many give up.
func TestDialGoesOn(t *testing.T) {
	port, accepted := listen(t, "127.0.0.1:0")
	var lookups atomic.Int64
	found := make(chan struct{})
	d := newDialer(t, redisconn.Config{Lookup: func(ctx context.Context, _, _ string) ([]netip.Addr, error) {
		lookups.Add(1)
		select {
		case <-found:
		case <-ctx.Done():
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}})
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		_, err := d.DialContext(ctx, "tcp", "redis.example:"+port)
		cancel()
		var timeout net.Error
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() || !strings.Contains(err.Error(), "looks up redis.example") {
			t.Errorf("%v", err)
		}
	}
	close(found)
	first := <-accepted
	c := mustDial(t, d, "redis.example:"+port)
	if c.LocalAddr().String() != first.RemoteAddr().String() || lookups.Load() != 1 {
		t.Errorf("another connection, %d dials", lookups.Load())
	}
	mustDial(t, d, "redis.example:"+port) // one connection is for one caller
	<-accepted
}

// Dials to one address are bounded, whatever their callers do; those beyond the bound wait
// for a turn. All end with the Dialer.
func TestDialsAreBounded(t *testing.T) {
	const callers = 100
	port, _ := listen(t, "127.0.0.1:0")
	var now, most atomic.Int64
	waiting, gate := make(chan struct{}, callers), make(chan struct{})
	d := newDialer(t, redisconn.Config{Lookup: func(ctx context.Context, _, _ string) ([]netip.Addr, error) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		waiting <- struct{}{}
		select {
		case <-gate:
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}})
	errs := make(chan error, callers)
	for range callers {
		go func() {
			c, err := d.DialContext(context.Background(), "tcp", "redis.example:"+port)
			if c != nil {
				_ = c.Close()
			}
			errs <- err
		}()
	}
	for range 8 {
		<-waiting
	}
	close(gate)
	for range callers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if n := most.Load(); n > 8 {
		t.Errorf("%d dials at a time", n)
	}
	gate = make(chan struct{})
	go func() {
		_, err := d.DialContext(context.Background(), "tcp", "redis.example:"+port)
		errs <- err
	}()
	<-waiting
	for len(waiting) > 0 {
		<-waiting
	}
	_ = d.Close()
	_ = d.Close()
	<-errs // whatever it says: it has ended
	if _, err := d.DialContext(t.Context(), "tcp", "redis.example:1"); err == nil {
		t.Error("a closed Dialer dials")
	}
}

// What a name leads to decides, and nothing is sent to what is not permitted.
func TestAddressDecides(t *testing.T) {
	port, accepted := listen(t, "127.0.0.1:0")
	errForeign := errors.New("foreign")
	loopback := func(_ string, addr netip.AddrPort) error {
		if addr.Addr().IsLoopback() {
			return nil
		}
		return errForeign
	}
	d := newDialer(t, redisconn.Config{Permit: loopback, Lookup: leading("192.0.2.1", "::ffff:192.0.2.2", "2001:db8::1")})
	if c, err := d.DialContext(t.Context(), "tcp", "localhost:"+port); !errors.Is(err, errForeign) {
		t.Errorf("%v, %v", c, err)
	}
	d = newDialer(t, redisconn.Config{Permit: loopback, Lookup: leading("192.0.2.1", "::ffff:127.0.0.1")})
	mustDial(t, d, "redis.example:"+port)
	<-accepted
}

// An address without a host has the one by which the others were reached.
func TestAddressWithoutAHost(t *testing.T) {
	port, accepted := listen(t, "127.0.0.1:0")
	d := newDialer(t, redisconn.Config{Hosts: []string{"127.0.0.2", "127.0.0.1"}})
	if _, err := d.DialContext(t.Context(), "tcp", ":"+port); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("%v; want the first host to be tried", err)
	}
	mustDial(t, d, "127.0.0.1:"+port)
	for _, host := range []string{"", "?"} {
		mustDial(t, d, host+":"+port)
	}
	for range 3 {
		<-accepted
	}
}

// What is under way when Close is called, or begins at that moment, has ended after it.
func TestCloseBesideDials(t *testing.T) {
	refused := errors.New("refused")
	for range 500 {
		d := redisconn.New(redisconn.Config{Lookup: leading("127.0.0.1"), Permit: func(string, netip.AddrPort) error { return refused }})
		began, over := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(over)
			close(began)
			if c, err := d.DialContext(context.Background(), "tcp", "redis.example:6379"); c != nil || err == nil {
				t.Errorf("%v, %v", c, err)
			}
		}()
		<-began
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		<-over
	}
}
