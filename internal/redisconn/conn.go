package redisconn

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// silence is how long a reply must have been due for the close of a connection to make the
// others doubtful.
const silence = 200 * time.Millisecond

const (
	// A connection that was idle for so long may be dead without an error. If its server
	// answers fast, a read waits only promptly for it: then a new connection is better.
	idle     = time.Second
	promptly = 100 * time.Millisecond
	near     = 20 * time.Millisecond // the last reply of a fast server took less
)

// ErrSilent is returned when a connection that was idle does not answer promptly. The command
// may be sent again on another connection, if it may take effect twice. It is a timeout.
var ErrSilent error = silentError{}

type silentError struct{}

func (silentError) Error() string   { return "store/redis/dial: no answer on a connection that was idle" }
func (silentError) Timeout() bool   { return true }
func (silentError) Temporary() bool { return true }

var errDoubtful = errors.New("store/redis/dial: the connection is not trusted any more")

// trust has the conditions under which connections may be used again. Firewalls that lose
// their state and hosts that crash leave many dead connections at once. Without trust each
// of them costs a timeout.
type trust struct {
	epoch   time.Time
	hide    func(text string) string // takes secrets out of what a server sends
	silent  atomic.Int64             // something must have been read from the connection since then
	renewed atomic.Int64             // it must have been made since then

	unanswered atomic.Pointer[unanswered] // the last one; nil: none
}

// unanswered is the error of a server that has accepted a connection and does not answer.
type unanswered struct {
	addr net.Addr
	at   time.Time // when the connection was given up
}

func (u *unanswered) Error() string { return fmt.Sprintf("Redis at %s does not answer", u.addr) }

func (t *trust) now() int64 { return int64(time.Since(t.epoch)) + 1 }

func (t *trust) renew() { t.renewed.Store(t.now()) }

// doubt records that a reply was due since then and did not come.
func (t *trust) doubt(since int64) {
	for {
		old := t.silent.Load()
		if since <= old || t.silent.CompareAndSwap(old, since) {
			return
		}
	}
}

// conn is a connection that records when something was last read from it.
type conn struct {
	net.Conn
	trust *trust
	made  int64
	tls   bool
	asked atomic.Int64 // when the command was sent that is not answered yet; 0 if there is none
	seen  atomic.Int64 // when something was last read
	near  atomic.Bool
	over  atomic.Bool
	tried atomic.Bool            // it was idle, and nothing was read since
	brief atomic.Bool            // and reads have a short deadline
	first atomic.Pointer[string] // what was read first, if it is an error reply; else ""
	reply reply                  // of the goroutine that reads
	full  atomic.Bool            // a reply was too long
}

func (t *trust) newConn(c net.Conn, tls bool) *conn {
	now := t.now()
	wrapped := &conn{Conn: c, trust: t, made: now, tls: tls}
	wrapped.seen.Store(now)
	return wrapped
}

// trusted reports whether the connection may be used again.
func (c *conn) trusted() bool {
	return c.seen.Load() >= c.trust.silent.Load() && c.made >= c.trust.renewed.Load()
}

func (c *conn) Write(p []byte) (int, error) {
	if now := c.trust.now(); c.asked.CompareAndSwap(0, now) && c.near.Load() && time.Duration(now-c.seen.Load()) >= idle {
		c.tried.Store(true)
	}
	n, err := c.Conn.Write(p)
	if err != nil {
		err = c.writeError(err)
	}
	return n, err
}

func (c *conn) Read(p []byte) (int, error) {
	if c.full.Load() {
		return 0, ErrTooLong
	}
	n, err := c.Conn.Read(p)
	if n > 0 {
		now := c.trust.now()
		if asked := c.asked.Swap(0); asked != 0 {
			c.near.Store(time.Duration(now-asked) < near)
		}
		c.tried.Store(false)
		c.seen.Store(now)
		switch first := c.first.Load(); {
		case first == nil && isTLS(p[:n]):
			return 0, errWantsTLS
		case first == nil:
			text := c.trust.complaint(p[:n])
			c.first.Store(&text)
		case *first != "":
			c.first.Store(new("")) // the connection goes on in spite of the error
		}
		if !c.reply.take(p[:n]) {
			c.full.Store(true)
			return 0, ErrTooLong
		}
	} else if errors.Is(err, os.ErrDeadlineExceeded) && c.brief.Load() {
		c.trust.doubt(c.asked.Load())
		err = ErrSilent
	} else if err != nil && isClosed(err) && c.asked.Load() != 0 && !c.over.Load() {
		err = c.reason(err)
	}
	return n, err
}

// SetReadDeadline implements net.Conn. A connection that may be dead gets a shorter one.
func (c *conn) SetReadDeadline(t time.Time) error {
	early := time.Now().Add(promptly)
	brief := c.tried.Load() && (t.IsZero() || t.After(early))
	if brief {
		t = early
	}
	c.brief.Store(brief)
	return c.Conn.SetReadDeadline(t)
}

// ConnectionState returns that of a connection with TLS, as of a tls.Conn, and none of another.
func (c *conn) ConnectionState() tls.ConnectionState {
	if secured, ok := c.Conn.(*tls.Conn); ok {
		return secured.ConnectionState()
	}
	return tls.ConnectionState{}
}

// Close implements net.Conn. If a reply was due for long, the connection counts as dead.
func (c *conn) Close() error {
	if asked := c.asked.Load(); !c.over.Swap(true) && asked != 0 && time.Duration(c.trust.now()-asked) >= silence {
		c.trust.doubt(asked)
		c.trust.unanswered.Store(&unanswered{addr: c.RemoteAddr(), at: time.Now()})
	}
	if err := c.Conn.Close(); err != nil && !isClosed(err) { // the close_notify of TLS may come too late
		return err
	}
	return nil
}

// SyscallConn implements syscall.Conn, by which go-redis checks whether an idle connection is
// still usable.
func (c *conn) SyscallConn() (syscall.RawConn, error) {
	if !c.trusted() {
		return nil, errDoubtful
	}
	if raw, ok := c.Conn.(syscall.Conn); ok && !c.tls {
		return raw.SyscallConn()
	}
	return unseen{}, nil // unread bytes of a TLS connection may be no reply
}

// unseen is a connection whose socket is not examined.
type unseen struct{}

func (unseen) Control(func(uintptr)) error    { return nil }
func (unseen) Read(func(uintptr) bool) error  { return nil }
func (unseen) Write(func(uintptr) bool) error { return nil }

var (
	errWantsTLS = errors.New("the server speaks TLS: use rediss:// instead of redis://, or set TLS")
	errNoAnswer = errors.New("the server closed the connection without an answer, as one does that expects TLS, or a proxy that has no server")
)

// isTLS reports whether p begins with an alert or a handshake of TLS.
func isTLS(p []byte) bool {
	return len(p) >= 2 && (p[0] == 0x15 || p[0] == 0x16) && p[1] == 3
}

// isClosed reports whether the other side has closed the connection. It looks at the text,
// as not every system has the numbers of the errors.
func isClosed(err error) bool {
	return errors.Is(err, io.EOF) || slices.ContainsFunc([]string{"connection reset", "broken pipe", "forcibly closed"}, func(sign string) bool {
		return strings.Contains(err.Error(), sign)
	})
}

// writeError returns the error of a failed write. Some servers send a reason before they
// close the connection.
func (c *conn) writeError(err error) error {
	if !isClosed(err) {
		return err
	}
	if c.first.Load() == nil && c.Conn.SetReadDeadline(time.Now().Add(time.Millisecond)) == nil {
		p := make([]byte, 256)
		n, readErr := c.Conn.Read(p)
		if text := c.trust.complaint(p[:n]); text != "" {
			c.first.Store(&text)
		}
		if remote := new(net.OpError); errors.As(readErr, &remote) && remote.Op == "remote error" { // an alert of TLS
			return readErr
		}
	}
	return c.reason(err)
}

// reason returns why the server may have closed the connection.
func (c *conn) reason(err error) error {
	first := c.first.Load()
	switch {
	case first == nil && !c.tls:
		return fmt.Errorf("%w (%w)", errNoAnswer, err)
	case first != nil && *first != "":
		return fmt.Errorf("%s (%w)", *first, err)
	}
	return err
}

// maxComplaint is how much is shown of what a server says, in bytes.
const maxComplaint = 200

// complaint returns the text of an error reply, without the arguments that it may quote, and
// "" for anything else.
func (t *trust) complaint(p []byte) string {
	if len(p) == 0 || p[0] != '-' {
		return ""
	}
	text, _, _ := strings.Cut(string(p[1:]), "\r\n")
	text, _, _ = strings.Cut(t.hide(text), ", with args")
	return text[:min(len(text), maxComplaint)]
}
