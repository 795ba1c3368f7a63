package redistest

import (
	"bytes"
	"net"
	"sync"
	"testing"
	"time"
)

// Relay is an address that leads to a server: a name, a firewall or a long way between
// the two. It knows nothing of what it passes on.
type Relay struct {
	ln net.Listener

	mu       sync.Mutex
	upstream string
	frozen   chan struct{} // closed for the connections that there are when they go dumb
	trip     time.Duration
}

// StartRelay starts one that ends with the test.
func StartRelay(t testing.TB, upstream string) *Relay {
	t.Helper()
	return StartRelayAt(t, "127.0.0.1:0", upstream)
}

// StartRelayAt is StartRelay at an address of loopback. A system that has none but 127.0.0.1
// skips the test.
func StartRelayAt(t testing.TB, addr, upstream string) *Relay {
	t.Helper()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Skipf("redistest: %v", err)
	}
	r := &Relay{ln: ln, upstream: upstream, frozen: make(chan struct{})}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go r.pass(c)
		}
	}()
	return r
}

// Addr returns the host:port that it listens on.
func (r *Relay) Addr() string { return r.ln.Addr().String() }

// Point leads new connections to another server; those that there are stay.
func (r *Relay) Point(upstream string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.upstream = upstream
}

// Freeze makes the connections that there are go dumb: they stay open, and nothing comes
// through them any more. New ones work.
func (r *Relay) Freeze() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.frozen)
	r.frozen = make(chan struct{})
}

// Trip makes a message and its answer take so long on new connections, and the making of
// a connection as well.
func (r *Relay) Trip(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trip = d
}

func (r *Relay) pass(down net.Conn) {
	defer down.Close()
	r.mu.Lock()
	upstream, frozen, trip := r.upstream, r.frozen, r.trip
	r.mu.Unlock()
	up, err := net.Dial("tcp", upstream)
	if err != nil {
		return
	}
	defer up.Close()
	var both sync.WaitGroup
	both.Go(func() { carry(up, down, frozen, trip, trip/2) }) // the first waits for the connection, too
	both.Go(func() { carry(down, up, frozen, 0, trip/2) })
	both.Wait()
}

// carry passes on what from says, later by delay, until one side is closed.
func carry(to, from net.Conn, frozen <-chan struct{}, first, delay time.Duration) {
	type chunk struct {
		due  time.Time
		data []byte
	}
	chunks := make(chan chunk, 1000)
	go func() {
		defer close(chunks)
		extra, buf := first, make([]byte, 32<<10)
		for {
			n, err := from.Read(buf)
			if n > 0 {
				chunks <- chunk{time.Now().Add(extra + delay), bytes.Clone(buf[:n])}
			}
			extra = 0
			if err != nil {
				return
			}
		}
	}()
	for c := range chunks {
		select {
		case <-time.After(time.Until(c.due)):
		case <-frozen:
		}
		select {
		case <-frozen: // discarded
		default:
			_, _ = to.Write(c.data)
		}
	}
	select {
	case <-frozen: // the end of the connection is not passed on either
	default:
		_ = to.Close()
	}
}
