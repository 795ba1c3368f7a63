package redistest

import (
	"context"
	"net"
	"os"
	"sync"
	"time"
)

// Way is what lies between a client in a testing/synctest bubble and a server outside: round trips
// that take time in the bubble. How long the server and the machine take does not count, as no time
// passes in a bubble while a goroutine of it reads from a socket. So nothing should wait there for
// what may never come, as a subscription does. Make it in the bubble. The zero value takes no time.
type Way struct {
	mu   sync.Mutex
	trip time.Duration
}

// Trip makes each connection, and each message with its answer, take so long from now on.
func (w *Way) Trip(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trip = d
}

// Dial is the Dialer of a go-redis client.
func (w *Way) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	select {
	case <-time.After(w.now()):
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: network, Err: ctx.Err()}
	}
	c, err := net.DialTimeout(network, addr, replyTimeout)
	if err != nil {
		return nil, err
	}
	return &distant{Conn: c, way: w}, nil
}

func (w *Way) now() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trip
}

// distant is a connection that has its deadlines in the bubble alone.
type distant struct {
	net.Conn
	way *Way

	mu       sync.Mutex
	due      time.Time // no answer is here before
	deadline time.Time // of Read; the zero time means none
}

// Write waits for nothing, as the messages are small.
func (c *distant) Write(p []byte) (int, error) {
	c.mu.Lock()
	c.due = time.Now().Add(c.way.now())
	c.mu.Unlock()
	return c.Conn.Write(p)
}

func (c *distant) Read(p []byte) (int, error) {
	c.mu.Lock()
	due, deadline := c.due, c.deadline
	c.mu.Unlock()
	if !deadline.IsZero() && deadline.Before(due) {
		time.Sleep(time.Until(deadline))
		return 0, &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}
	}
	time.Sleep(time.Until(due))
	return c.Conn.Read(p)
}

func (c *distant) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

func (c *distant) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return nil
}

func (*distant) SetWriteDeadline(time.Time) error { return nil }
