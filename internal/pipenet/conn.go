package pipenet

import (
	"io"
	"net"
	"sync/atomic"
	"time"
)

// Conn is one end of a connection: a net.Conn with the two further methods of
// *net.TCPConn that a server looks for, CloseWrite and SetLinger.
type Conn struct {
	in, out       *stream
	local, remote Addr
	abrupt        atomic.Bool // Close resets
}

// Pair returns the two ends of a connection that no listener knows of.
func Pair() (*Conn, *Conn) { return pair("near", "far") }

func pair(near, far Addr) (*Conn, *Conn) {
	out, in := newStream(), newStream()
	return &Conn{in: in, out: out, local: near, remote: far},
		&Conn{in: out, out: in, local: far, remote: near}
}

// Read reads what the other end has written, and waits while there is nothing.
// After the other end was closed it returns what is left and then io.EOF; after
// a reset an error that matches syscall.ECONNRESET; after Close on this end one
// that matches net.ErrClosed; past the deadline one that matches
// os.ErrDeadlineExceeded.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	return n, c.wrap("read", err)
}

// Write writes all of p, and waits while the other end's buffer is full. If the
// other end was closed the error matches syscall.EPIPE; the others are those of
// Read.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	return n, c.wrap("write", err)
}

// Close closes this end. What was written stays readable at the other end, unless
// SetLinger(0) was called. Unlike TCP it does not reset the connection because
// this end left something unread. A second Close does nothing and returns nil.
func (c *Conn) Close() error {
	if c.abrupt.Load() {
		c.reset()
	}
	c.out.closeWrite()
	c.in.closeRead()
	return nil
}

// CloseWrite tells the other end that nothing more comes; reading goes on.
func (c *Conn) CloseWrite() error {
	c.out.closeWrite()
	return nil
}

// SetLinger says what Close does with data that the other end has not read: 0
// throws it away and resets the connection, anything else keeps it, which is the
// default.
func (c *Conn) SetLinger(sec int) error {
	c.abrupt.Store(sec == 0)
	return nil
}

// LocalAddr returns the address of this end.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address of the other end.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines; the zero time means none.
func (c *Conn) SetDeadline(t time.Time) error {
	c.in.setReadDeadline(t)
	c.out.setWriteDeadline(t)
	return nil
}

// SetReadDeadline sets the instant from which Read fails, also one that waits.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.in.setReadDeadline(t)
	return nil
}

// SetWriteDeadline sets the instant from which Write fails, also one that waits.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.out.setWriteDeadline(t)
	return nil
}

func (c *Conn) reset() {
	c.out.reset()
	c.in.reset()
}

// wrap makes errors look like those of package net. Readers compare with io.EOF
// by ==, so that one stays as it is.
func (c *Conn) wrap(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: network, Source: c.local, Addr: c.remote, Err: err}
}
