package watch

import (
	"bufio"
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
)

// wire is a connection on which one goroutine sends one command at a time, and the
// server pushes. go-redis has none like it: its connections look for pushes only
// before they read a reply.
type wire struct {
	conn    net.Conn
	replies chan reply
	over    chan struct{} // closed when nothing is read any more
	err     error         // why, once over is closed

	roleless bool // the server does not say what it is
}

// dial connects to a server. pushed is called on a goroutine of the wire as resp.next
// has it.
func dial(ctx context.Context, o *goredis.Options, pushed func(key []byte)) (*wire, error) {
	done := bounded.Go(func() (net.Conn, error) { return o.Dialer(ctx, o.Network, o.Addr) })
	var r bounded.Result[net.Conn]
	select {
	case r = <-done:
	case <-ctx.Done():
		go func() { // the dialer may be deaf, and come up with a connection later
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
	c := &wire{conn: r.Value, replies: make(chan reply, 1), over: make(chan struct{})}
	go c.listen(pushed)
	return c, nil
}

// close ends the wire and waits until pushed is not called any more.
func (c *wire) close() {
	_ = c.conn.Close()
	<-c.over
}

func (c *wire) listen(pushed func(key []byte)) {
	defer close(c.over)
	defer func() {
		if v := recover(); v != nil {
			c.err = &bounded.PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	c.err = bounded.ErrGoexit // stays if the goroutine ends in another way
	c.err = c.read(pushed)
}

func (c *wire) read(pushed func(key []byte)) error {
	in := &resp{in: bufio.NewReader(c.conn)}
	for {
		r, err := in.next(pushed)
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
func (c *wire) do(ctx context.Context, args ...string) (reply, error) {
	out := append([]byte{'*'}, strconv.Itoa(len(args))...)
	for _, arg := range args {
		out = append(out, "\r\n$"...)
		out = strconv.AppendInt(out, int64(len(arg)), 10)
		out = append(append(out, "\r\n"...), arg...)
	}
	out = append(out, "\r\n"...)
	due, _ := ctx.Deadline()
	if err := c.conn.SetWriteDeadline(due); err != nil {
		return reply{}, err
	}
	if _, err := c.conn.Write(out); err != nil {
		return reply{}, err
	}
	select {
	case r := <-c.replies:
		return r, nil
	case <-c.over:
		return reply{}, c.err
	case <-ctx.Done():
		return reply{}, fmt.Errorf("no answer to %s: %w", args[0], context.Cause(ctx))
	}
}

// refusal is a server's answer that says that it cannot push. It is asked again less and
// less often.
type refusal string

func (r refusal) Error() string { return string(r) }

// passing is a server's answer that says that it cannot push just now.
type passing string

func (p passing) Error() string { return string(p) }

// hello makes the connection one that is pushed to, and logs in.
func (c *wire) hello(ctx context.Context, username, password string) error {
	args := []string{"HELLO", "3"}
	if password != "" {
		if username == "" {
			username = "default"
		}
		args = append(args, "AUTH", username, password)
	}
	r, err := c.do(ctx, args...)
	return judged("HELLO 3", r, err, true)
}

// auth logs in again. To be refused that says nothing of what the server can do.
func (c *wire) auth(ctx context.Context, username, password string) error {
	args := []string{"AUTH", password}
	if username != "" {
		args = []string{"AUTH", username, password}
	}
	r, err := c.do(ctx, args...)
	if err = judged("AUTH", r, err, true); err != nil {
		err = passing("login: " + err.Error())
	}
	return err
}

// tracker returns what asks for pushes of all keys that begin with one of the
// prefixes, besides those that were asked for before.
func (c *wire) tracker(prefixes []string) func(context.Context) error {
	args := []string{"CLIENT", "TRACKING", "ON", "BCAST"}
	for _, p := range prefixes {
		args = append(args, "PREFIX", p)
	}
	return func(ctx context.Context) error {
		r, err := c.do(ctx, args...)
		return judged("CLIENT TRACKING", r, err, false)
	}
}

func (c *wire) trackNothing(ctx context.Context) error {
	r, err := c.do(ctx, "CLIENT", "TRACKING", "OFF")
	return judged("CLIENT TRACKING", r, err, false)
}

// ping reports whether the server answers, whatever it says, and whether it is a replica,
// if it tells.
func (c *wire) ping(ctx context.Context) (replica bool, err error) {
	if c.roleless {
		_, err := c.do(ctx, "PING")
		return false, err
	}
	r, err := c.do(ctx, "ROLE")
	c.roleless = r.failed // not asked again: each denial is on the record of the server
	return err == nil && (r.text == "slave" || r.text == "replica"), err
}

// codes are the errors of Redis that matter here, and whether they say something of
// what the server can do; the others pass.
var codes = map[string]bool{
	"ERR": true, "NOPERM": true, "NOPROTO": true,
	"BUSY": false, "CLUSTERDOWN": false, "LOADING": false, "MASTERDOWN": false,
	"NOAUTH": false, "READONLY": false, "TRYAGAIN": false, "WRONGPASS": false,
}

// judged returns the error of a command. A server may repeat the arguments in what it
// says: with secret, nothing of that is told but the code.
func judged(command string, r reply, err error, secret bool) error {
	if err != nil || !r.failed {
		return err
	}
	text, _, _ := strings.Cut(r.text, ", with args")
	code, _, _ := strings.Cut(text, " ")
	lasting, known := codes[code]
	switch {
	case !known:
		text, lasting = "an unknown error", true
	case secret:
		text = code
	}
	said := fmt.Sprintf("the server answered %s with %s", command, text[:min(len(text), 200)])
	if !lasting || strings.HasPrefix(r.text, "ERR max number of clients") {
		return passing(said)
	}
	return refusal(said)
}

// patience returns the context of one exchange.
func patience(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, fmt.Errorf("%w within %v", context.DeadlineExceeded, d))
}
