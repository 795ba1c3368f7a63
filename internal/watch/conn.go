package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/internal/resp"
)

// conn is a connection on which one goroutine sends one command at a time, and the
// server pushes at any time. go-redis has none like it: it handles pushes only while it
// waits for a reply, and a PubSub can send nothing but PING and subscriptions. See
// "Decisions" in ARCHITECTURE.md.
type conn struct {
	raw     net.Conn
	replies chan resp.Reply
	over    chan struct{} // closed when the reader has ended
	err     error         // why, once over is closed

	noRole bool // the server refuses ROLE

	secret *redact.Secret // the password, which no error shows
}

// dial connects to a server. pushed is called on a goroutine of the conn, as by
// [resp.Reader.Next].
func dial(ctx context.Context, o *goredis.Options, pushed func(key []byte)) (*conn, error) {
	done := bounded.Go(func() (net.Conn, error) { return o.Dialer(ctx, o.Network, o.Addr) })
	var r bounded.Result[net.Conn]
	select {
	case r = <-done:
	case <-ctx.Done():
		go func() { // a dialer that ignores its context may return a connection later
			if r := <-done; r.Value != nil {
				_ = r.Value.Close()
			}
		}()
		return nil, fmt.Errorf("dial: %w", context.Cause(ctx))
	}
	if r.Err == nil && r.Value == nil {
		r.Err = errors.New("the dialer has made no connection")
	}
	if r.Err != nil {
		return nil, fmt.Errorf("dial: %w", r.Err)
	}
	c := &conn{raw: r.Value, replies: make(chan resp.Reply, 1), over: make(chan struct{})}
	go c.listen(pushed)
	return c, nil
}

// close closes the connection and waits until pushed is not called any more.
func (c *conn) close() {
	_ = c.raw.Close()
	<-c.over
}

func (c *conn) listen(pushed func(key []byte)) {
	defer close(c.over)
	defer func() {
		if v := recover(); v != nil {
			c.err = &bounded.PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	c.err = bounded.ErrGoexit // stays if the goroutine ends in another way
	c.err = c.read(pushed)
}

func (c *conn) read(pushed func(key []byte)) error {
	in := resp.NewReader(c.raw)
	for {
		r, err := in.Next(pushed)
		if err != nil {
			if err == io.EOF {
				err = errors.New("the server closed the connection")
			}
			return err
		}
		select {
		case c.replies <- r:
		default:
			return errors.New("a reply to nothing")
		}
	}
}

// do sends a command and returns what the server answers.
func (c *conn) do(ctx context.Context, args ...string) (resp.Reply, error) {
	out := append([]byte{'*'}, strconv.Itoa(len(args))...)
	for _, arg := range args {
		out = append(out, "\r\n$"...)
		out = strconv.AppendInt(out, int64(len(arg)), 10)
		out = append(append(out, "\r\n"...), arg...)
	}
	out = append(out, "\r\n"...)
	due, _ := ctx.Deadline()
	if err := c.raw.SetWriteDeadline(due); err != nil {
		return resp.Reply{}, err
	}
	if _, err := c.raw.Write(out); err != nil {
		return resp.Reply{}, err
	}
	select {
	case r := <-c.replies:
		return r, nil
	case <-c.over:
		return resp.Reply{}, c.err
	case <-ctx.Done():
		return resp.Reply{}, fmt.Errorf("no answer to %s: %w", args[0], context.Cause(ctx))
	}
}

// refusal is the answer of a server that cannot push. It is asked again with backoff.
type refusal string

func (r refusal) Error() string { return string(r) }

// temporary is the answer of a server that cannot push at the moment.
type temporary string

func (t temporary) Error() string { return string(t) }

// hello switches to RESP3, which has pushes, and logs in.
func (c *conn) hello(ctx context.Context, username, password string) error {
	c.secret = redact.New(password)
	args := []string{"HELLO", "3"}
	if password != "" {
		if username == "" {
			username = "default"
		}
		args = append(args, "AUTH", username, password)
	}
	r, err := c.do(ctx, args...)
	return c.replyError("HELLO 3", r, err, true)
}

// auth logs in again. A refusal does not mean that the server cannot push.
func (c *conn) auth(ctx context.Context, username, password string) error {
	c.secret = redact.New(password)
	args := []string{"AUTH", password}
	if username != "" {
		args = []string{"AUTH", username, password}
	}
	r, err := c.do(ctx, args...)
	if err = c.replyError("AUTH", r, err, true); err != nil {
		err = temporary("login: " + err.Error())
	}
	return err
}

// track returns an exchange after which the server pushes all keys that begin with one
// of the prefixes, besides those that it pushes already.
func (c *conn) track(prefixes []string) func(context.Context) error {
	args := []string{"CLIENT", "TRACKING", "ON", "BCAST"}
	for _, p := range prefixes {
		args = append(args, "PREFIX", p)
	}
	return func(ctx context.Context) error {
		r, err := c.do(ctx, args...)
		return c.replyError("CLIENT TRACKING", r, err, false)
	}
}

func (c *conn) untrack(ctx context.Context) error {
	r, err := c.do(ctx, "CLIENT", "TRACKING", "OFF")
	return c.replyError("CLIENT TRACKING", r, err, false)
}

// ping checks that the server answers, be it by an error, and reports whether it says
// that it is a replica.
func (c *conn) ping(ctx context.Context) (replica bool, err error) {
	if c.noRole {
		_, err := c.do(ctx, "PING")
		return false, err
	}
	r, err := c.do(ctx, "ROLE")
	c.noRole = r.Failed // not sent again: the server logs each denial
	return r.Text == "slave" || r.Text == "replica", err
}

// codes are the error codes of Redis that matter here, and whether they are permanent:
// they say that the server cannot push, not that it is busy.
var codes = map[string]bool{
	"ERR": true, "NOPERM": true, "NOPROTO": true,
	"BUSY": false, "CLUSTERDOWN": false, "LOADING": false, "MASTERDOWN": false,
	"NOAUTH": false, "READONLY": false, "TRYAGAIN": false, "WRONGPASS": false,
}

// replyError returns the error of a command. A server may quote the arguments in its
// error: with secret, nothing of it is shown but the code.
func (c *conn) replyError(command string, r resp.Reply, err error, secret bool) error {
	if !r.Failed { // nor has it, with an error of the connection
		return err
	}
	text, _, _ := strings.Cut(r.Text, ", with args")
	if c.secret != nil {
		text = c.secret.HideCut(text)
	}
	code, _, _ := strings.Cut(text, " ")
	permanent, known := codes[code]
	switch {
	case !known:
		text, permanent = "an unknown error", true
	case secret:
		text = code
	}
	said := fmt.Sprintf("the server answered %s with %s", command, text[:min(len(text), 200)])
	if !permanent || strings.HasPrefix(r.Text, "ERR max number of clients") {
		return temporary(said)
	}
	return refusal(said)
}

// withTimeout returns the context of one exchange.
func withTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, fmt.Errorf("%w within %v", context.DeadlineExceeded, d))
}
