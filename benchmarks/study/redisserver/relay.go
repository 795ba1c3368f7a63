package redisserver

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Relay makes a server as slow to reach as one that is far away: what goes through it arrives
// half a round trip later, in both directions, as much at a time as on a fast line. Close it
// before the server. It is safe for concurrent use.
type Relay struct {
	in    net.Listener
	to    string
	delay time.Duration // of each direction

	mu    sync.Mutex
	conns map[net.Conn]bool // nil once it is closed
	all   sync.WaitGroup
}

// NewRelay returns a Relay to a server that is a round trip away.
func NewRelay(to string, roundTrip time.Duration) (*Relay, error) {
	in, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &Relay{in: in, to: to, delay: roundTrip / 2, conns: make(map[net.Conn]bool)}
	r.all.Go(r.accept)
	return r, nil
}

// Addr is its host:port.
func (r *Relay) Addr() string { return r.in.Addr().String() }

// Close closes all connections.
func (r *Relay) Close() error {
	err := r.in.Close()
	r.mu.Lock()
	for c := range r.conns {
		err = errors.Join(err, c.Close())
	}
	r.conns = nil
	r.mu.Unlock()
	r.all.Wait()
	return err
}

func (r *Relay) accept() {
	for {
		near, err := r.in.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", r.to)
		if err != nil { // as if nobody listened here
			_ = near.Close()
			continue
		}
		if !r.keep(near, far) {
			return
		}
		r.all.Go(func() { r.pass(near, far) })
		r.all.Go(func() { r.pass(far, near) })
	}
}

// keep notes connections, so that Close closes them. It reports false, and closes them, if
// that is over.
func (r *Relay) keep(conns ...net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range conns {
		if r.conns == nil {
			_ = c.Close()
			continue
		}
		r.conns[c] = true
	}
	return r.conns != nil
}

// piece is what was read at a time.
type piece struct {
	data []byte
	due  time.Time
}

// pass passes on what comes from one side, and its end.
func (r *Relay) pass(from, to net.Conn) {
	const onTheWay = 1024 // pieces
	pieces := make(chan piece, onTheWay)
	r.all.Go(func() {
		defer r.drop(from, to)
		for p := range pieces {
			time.Sleep(time.Until(p.due))
			if _, err := to.Write(p.data); err != nil {
				break
			}
		}
		for range pieces { // until the other side has seen it
		}
	})
	defer close(pieces)
	for {
		data := make([]byte, 16<<10)
		n, err := from.Read(data)
		if n > 0 {
			pieces <- piece{data[:n], time.Now().Add(r.delay)}
		}
		if err != nil {
			return
		}
	}
}

// drop closes both sides: Redis's clients do not use half of a connection.
func (r *Relay) drop(conns ...io.Closer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
		delete(r.conns, c.(net.Conn))
	}
}
