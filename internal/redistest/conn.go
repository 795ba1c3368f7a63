package redistest

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// replyTimeout is how long a reply may take before the test fails instead of hanging. On a machine
// that is much too busy a command of a few hundred megabytes has taken more than 20 seconds.
const replyTimeout = time.Minute

// noDB are the replies to SELECT of servers without databases, a cluster and a sentinel. They
// are no failure.
var noDB = []string{"ERR SELECT is not allowed in cluster mode", "ERR unknown command"}

// Error is an error reply of the server, as it sent it: "WRONGTYPE Operation …".
type Error string

// Error returns the text.
func (e Error) Error() string { return string(e) }

// Conn is a connection to a server, in database DB (0 on a cluster, which has no
// other), that speaks plain RESP2. It is for one goroutine at a time.
type Conn struct {
	net net.Conn
	in  *bufio.Reader
}

// Dial returns a connection that is closed when the test ends.
func (s *Server) Dial() *Conn {
	s.t.Helper()
	c, err := s.dial()
	if err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

// Do sends one command on a connection of its own and returns the reply, as
// Conn.Do does. A server that does not answer fails the test.
func (s *Server) Do(args ...string) any {
	s.t.Helper()
	c, err := s.dial()
	if err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
	defer c.Close()
	reply, err := c.Do(args...)
	if err != nil {
		s.t.Fatalf("redistest: %s: %v", args[0], err)
	}
	return reply
}

func (s *Server) dial() (*Conn, error) {
	nc, err := net.DialTimeout("tcp", s.addr, replyTimeout)
	if err != nil {
		return nil, err
	}
	if s.tls != nil {
		nc = tls.Client(nc, s.tls)
	}
	c := &Conn{net: nc, in: bufio.NewReader(nc)}
	reply, err := c.Do("SELECT", strconv.Itoa(DB))
	text, _ := reply.(Error)
	without := slices.ContainsFunc(noDB, func(prefix string) bool { return strings.HasPrefix(string(text), prefix) })
	if err != nil || reply != "OK" && !without {
		_ = c.Close()
		return nil, fmt.Errorf("select database %d: %v, %v", DB, reply, err)
	}
	return c, nil
}

// Close closes the connection.
func (c *Conn) Close() error { return c.net.Close() }

// Do sends one command and returns the reply: a string, an int64, nil, an Error,
// or a []any of these. The error is for a connection that failed.
func (c *Conn) Do(args ...string) (any, error) {
	if err := c.net.SetDeadline(time.Now().Add(replyTimeout)); err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := io.WriteString(c.net, b.String()); err != nil {
		return nil, err
	}
	return c.reply()
}

func (c *Conn) reply() (any, error) {
	line, err := c.in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	if len(line) < 3 {
		return nil, fmt.Errorf("malformed reply %q", line)
	}
	kind, text := line[0], line[1:len(line)-2]
	switch kind {
	case '+':
		return text, nil
	case '-':
		return Error(text), nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("malformed reply %q", line)
	}
	switch {
	case kind == ':':
		return n, nil
	case n < 0: // a null string or array
		return nil, nil
	case kind == '$':
		b := make([]byte, n+2)
		_, err := io.ReadFull(c.in, b)
		return string(b[:n]), err
	case kind == '*':
		list := make([]any, n)
		for i := range list {
			if list[i], err = c.reply(); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return nil, fmt.Errorf("unknown reply %q", line)
}
