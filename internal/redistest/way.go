package redistest

import (
	"bytes"
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
	sent     chan struct{} // closed when the server has the last message; nil: there was none
	due      time.Time     // no answer is here before
	deadline time.Time     // of Read; the zero time means none
	reading  int           // reads of the socket, during which no time passes
}

// Write waits for nothing: the message is at the server after half of the trip, or at once if no
// time passes until there is an answer.
func (c *distant) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reading > 0 {
		return c.Conn.Write(p)
	}
	trip, before, sent, message := c.way.now(), c.sent, make(chan struct{}), bytes.Clone(p)
	c.sent, c.due = sent, time.Now().Add(trip)
	go func() {
		defer close(sent)
		time.Sleep(trip / 2)
		if before != nil {
			<-before
		}
		_, _ = c.Conn.Write(message)
	}()
	return len(p), nil
}

// Close ends the connection when the server has all that was written.
func (c *distant) Close() error {
	c.mu.Lock()
	sent := c.sent
	c.mu.Unlock()
	if sent == nil {
		return c.Conn.Close()
	}
	go func() {
		<-sent
		_ = c.Conn.Close()
	}()
	return nil
}

func (c *distant) Read(p []byte) (int, error) {
	for {
		wait, err := c.begin()
		if wait <= 0 && err == nil {
			break
		}
		time.Sleep(wait)
		if err != nil {
			return 0, err
		}
	}
	defer c.end()
	return c.Conn.Read(p)
}

// begin begins to read from the socket, or returns how long to wait, for an answer or for err. It
// does both in one step: a message that is written in between would wait for time that does not pass.
func (c *distant) begin() (wait time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.deadline.IsZero() && c.deadline.Before(c.due) {
		return time.Until(c.deadline), &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}
	}
	if wait = time.Until(c.due); wait <= 0 {
		c.reading++
	}
	return wait, nil
}

func (c *distant) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading--
}

func (c *distant) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

func (c *distant) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return nil
}

func (*distant) SetWriteDeadline(time.Time) error { return nil }
