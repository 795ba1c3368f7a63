package redisconn

import (
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

// silence is for how long an answer must have been due before a connection that is given
// up says something of the others.
const silence = 200 * time.Millisecond

const (
	// A connection that was idle for so long may have died without a word. If its server
	// is near, it is waited for only this long before another connection is better.
	idle     = time.Second
	promptly = 100 * time.Millisecond
	near     = 20 * time.Millisecond // a server whose last answer took less
)

// ErrSilent is matched by the error of a connection that was idle, and on which nothing
// was answered promptly: what was sent may be sent again on another one, if it may take
// effect twice. It is a timeout.
var ErrSilent error = silentError{}

type silentError struct{}

func (silentError) Error() string   { return "store/redis/dial: no answer on a connection that was idle" }
func (silentError) Timeout() bool   { return true }
func (silentError) Temporary() bool { return true }

var errDoubtful = errors.New("store/redis/dial: the connection is not trusted any more")

// trust says which connections may be used again. Firewalls that lose their state and
// servers that go away without a word leave many dead connections at once. Without it
// each of them costs a timeout.
type trust struct {
	epoch   time.Time
	silent  atomic.Int64 // a connection must have been heard of since then
	renewed atomic.Int64 // and made since then
	mute    atomic.Pointer[mute]
}

// mute is the error of a server that has accepted a connection and does not answer.
type mute struct {
	addr net.Addr
	at   time.Time // when it was found out
}

func (m *mute) Error() string { return fmt.Sprintf("Redis at %s does not answer", m.addr) }

func (t *trust) now() int64 { return int64(time.Since(t.epoch)) + 1 }

func (t *trust) renew() { t.renewed.Store(t.now()) }

// doubt says that somebody has waited for an answer since then in vain.
func (t *trust) doubt(since int64) {
	for {
		old := t.silent.Load()
		if since <= old || t.silent.CompareAndSwap(old, since) {
			return
		}
	}
}

// conn is a connection that knows when it was last heard of.
type conn struct {
	net.Conn
	trust *trust
	made  int64
	tls   bool
	asked atomic.Int64 // when what is not answered yet was sent; 0 if all is
	heard atomic.Int64
	near  atomic.Bool
	over  atomic.Bool
	tried atomic.Bool            // it was idle, and is not heard of since
	brief atomic.Bool            // and is waited for only for a moment
	first atomic.Pointer[string] // what was read first, if it is an error of the server's; else ""
	reply reply                  // of whoever reads
	full  atomic.Bool            // a reply was too long
}

func (t *trust) newConn(c net.Conn, tls bool) *conn {
	now := t.now()
	wrapped := &conn{Conn: c, trust: t, made: now, tls: tls}
	wrapped.heard.Store(now)
	return wrapped
}

// trusted reports whether the connection may be used again.
func (c *conn) trusted() bool {
	return c.heard.Load() >= c.trust.silent.Load() && c.made >= c.trust.renewed.Load()
}

func (c *conn) Write(p []byte) (int, error) {
	if now := c.trust.now(); c.asked.CompareAndSwap(0, now) && c.near.Load() && time.Duration(now-c.heard.Load()) >= idle {
		c.tried.Store(true)
	}
	n, err := c.Conn.Write(p)
	if err != nil {
		err = c.said(err)
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
		c.heard.Store(now)
		switch first := c.first.Load(); {
		case first == nil && isTLS(p[:n]):
			return 0, errWantsTLS
		case first == nil:
			text := complaint(p[:n])
			c.first.Store(&text)
		case *first != "":
			c.first.Store(new("")) // it goes on, in spite of it
		}
		if !c.reply.take(p[:n]) {
			c.full.Store(true)
			return 0, ErrTooLong
		}
	} else if errors.Is(err, os.ErrDeadlineExceeded) && c.brief.Load() {
		c.trust.doubt(c.asked.Load())
		err = ErrSilent
	} else if err != nil && gone(err) && c.asked.Load() != 0 && !c.over.Load() {
		err = c.reason(err)
	}
	return n, err
}

// SetReadDeadline implements net.Conn. The deadline is brought forward for a connection
// that may be dead.
func (c *conn) SetReadDeadline(t time.Time) error {
	early := time.Now().Add(promptly)
	brief := c.tried.Load() && (t.IsZero() || t.After(early))
	if brief {
		t = early
	}
	c.brief.Store(brief)
	return c.Conn.SetReadDeadline(t)
}

// Close implements net.Conn. Whoever gives up a connection on which an answer was due for
// long has found it dead.
func (c *conn) Close() error {
	if asked := c.asked.Load(); !c.over.Swap(true) && asked != 0 && time.Duration(c.trust.now()-asked) >= silence {
		c.trust.doubt(asked)
		c.trust.mute.Store(&mute{addr: c.RemoteAddr(), at: time.Now()})
	}
	if err := c.Conn.Close(); err != nil && !gone(err) { // the farewell of TLS may come too late
		return err
	}
	return nil
}

// SyscallConn implements syscall.Conn, by which go-redis looks whether an idle connection
// is still good.
func (c *conn) SyscallConn() (syscall.RawConn, error) {
	if !c.trusted() {
		return nil, errDoubtful
	}
	if raw, ok := c.Conn.(syscall.Conn); ok && !c.tls {
		return raw.SyscallConn()
	}
	return unseen{}, nil // what lies unread in a TLS connection may be no answer
}

// unseen is a connection that cannot be looked into.
type unseen struct{}

func (unseen) Control(func(uintptr)) error    { return nil }
func (unseen) Read(func(uintptr) bool) error  { return nil }
func (unseen) Write(func(uintptr) bool) error { return nil }

var (
	errWantsTLS = errors.New("the server speaks TLS: use rediss:// instead of redis://, or set TLS")
	errMute     = errors.New("the server closed the connection without an answer, as one does that expects TLS, or a proxy that has no server")
)

// isTLS reports whether a server began with an alert or a handshake of TLS.
func isTLS(p []byte) bool {
	return len(p) >= 2 && (p[0] == 0x15 || p[0] == 0x16) && p[1] == 3
}

// gone reports whether the other side has ended the connection. Not every system has the
// numbers of the errors.
func gone(err error) bool {
	return errors.Is(err, io.EOF) || slices.ContainsFunc([]string{"connection reset", "broken pipe", "forcibly closed"}, func(sign string) bool {
		return strings.Contains(err.Error(), sign)
	})
}

// said returns the reason of a write that failed because the server has closed the
// connection: some give one unasked before they do.
func (c *conn) said(err error) error {
	if !gone(err) {
		return err
	}
	if c.first.Load() == nil && c.Conn.SetReadDeadline(time.Now().Add(time.Millisecond)) == nil {
		p := make([]byte, 256)
		n, readErr := c.Conn.Read(p)
		if text := complaint(p[:n]); text != "" {
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
		return fmt.Errorf("%w (%w)", errMute, err)
	case first != nil && *first != "":
		return fmt.Errorf("%s (%w)", *first, err)
	}
	return err
}

// complaint returns the text of an error of the server's, without what it may repeat of a
// command, and "" for anything else.
func complaint(p []byte) string {
	if len(p) == 0 || p[0] != '-' {
		return ""
	}
	text, _, _ := strings.Cut(string(p[1:min(len(p), 200)]), "\r\n")
	text, _, _ = strings.Cut(text, ", with args")
	return text
}
