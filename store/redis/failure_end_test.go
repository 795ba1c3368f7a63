package redis_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// failsWith is a client's hook that has this error for everything.
func failsWith(err error) *replies {
	return &replies{
		command: func(goredis.Cmder) error { return err },
		pipeline: func(cmds []goredis.Cmder) error {
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
			return err
		},
	}
}

// due is a context whose deadline has passed, and that has not ended yet.
type due struct{ context.Context }

func (due) Deadline() (time.Time, bool) { return time.Now().Add(-time.Millisecond), true }

// The deadline on a socket may pass a moment before the context ends: that is the end of the context
// too. A failure before the deadline is not.
func TestDeadlineThatPassesOnTheSocketFirst(t *testing.T) {
	for name, op := range operations(t) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := over(t, failsWith(io.ErrUnexpectedEOF))
				if err := op(due{t.Context()}, s); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("after the deadline: %v", err)
				}
				if err := op(t.Context(), s); !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("before the deadline: %v", err)
				}
			})
		})
	}
}

// A pool without a free connection is no outage of the server.
func TestPoolWithoutAConnectionIsBusy(t *testing.T) {
	for name, op := range operations(t) {
		for err, busy := range map[error]bool{goredis.ErrPoolTimeout: true, goredis.ErrPoolExhausted: true, io.ErrUnexpectedEOF: false} {
			synctest.Test(t, func(t *testing.T) {
				if got := op(t.Context(), over(t, failsWith(err))); !errors.Is(got, err) || errors.Is(got, store.ErrBusy) != busy {
					t.Errorf("%s: %v", name, got)
				}
			})
		}
	}
}

// Words in an error of the network are no refusal of the server: nothing is tried in another way, and
// nothing is given up.
func TestNetworkErrorIsNoRefusal(t *testing.T) {
	for _, text := range []string{"the proxy has no access to the server", "NOPERM said the proxy"} {
		synctest.Test(t, func(t *testing.T) {
			log := new(bytes.Buffer)
			r := failsWith(errors.New(text))
			client := goredis.NewClient(redisstore.Options("127.0.0.1:1"))
			defer client.Close()
			client.AddHook(r)
			s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true, Logger: slog.New(slog.NewTextHandler(log, nil))})
			for name, op := range operations(t) {
				r.exchanges = 0
				if err := op(t.Context(), s); err == nil || r.exchanges != 1 || log.Len() > 0 {
					t.Errorf("%s: %v after %d exchanges: %s", name, err, r.exchanges, log)
				}
			}
		})
	}
}

// hung is a client's hook that answers nothing until the context ends.
type hung struct{}

func (hung) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (hung) ProcessHook(goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		<-ctx.Done()
		cmd.SetErr(ctx.Err())
		return ctx.Err()
	}
}

func (hung) ProcessPipelineHook(goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, _ []goredis.Cmder) error { <-ctx.Done(); return ctx.Err() }
}

// Without a Timeout an operation takes five seconds at most, and says so.
func TestDefaultTimeout(t *testing.T) {
	for name, op := range operations(t) {
		synctest.Test(t, func(t *testing.T) {
			client := goredis.NewClient(redisstore.Options("127.0.0.1:1"))
			defer client.Close()
			client.AddHook(hung{})
			s, err := redisstore.New(redisstore.Config{Client: client, ClientHonoursDeadlines: true})
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			err = op(t.Context(), s)
			if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took != 5*time.Second {
				t.Errorf("%s: %v after %v", name, err, took)
			}
		})
	}
}

// A caller that leaves while its call waits for a write is told why it has left, and not that the call
// has waited for too long.
func TestCallerLeavesDuringAWrite(t *testing.T) {
	for name, op := range operations(t) {
		synctest.Test(t, func(t *testing.T) {
			client := goredis.NewClient(redisstore.Options("127.0.0.1:1"))
			defer client.Close()
			client.AddHook(hung{})
			s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true})
			ctx, leave := context.WithCancel(farwait.Fresh(t.Context(), time.Second))
			time.AfterFunc(100*time.Millisecond, leave)
			began := time.Now()
			if err := op(ctx, s); !errors.Is(err, context.Canceled) || time.Since(began) != 100*time.Millisecond {
				t.Errorf("%s: %v after %v", name, err, time.Since(began))
			}
			if err := s.Close(); err != nil { // waits for a write that goes on
				t.Error(err)
			}
		})
	}
}

// A write that its caller waits for is made after Close, too: it needs nobody to wait for it.
func TestWriteAfterClose(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	tok := token(t, "tok", longest)
	if got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil || !got.Equal(tok) {
		t.Errorf("%v, %v", got, err)
	}
	if err := s.CompareAndDelete(t.Context(), tokenKey, tok); err != nil {
		t.Error(err)
	}
}

// Without a Logger the default one has the warnings.
func TestDefaultLogger(t *testing.T) { // not parallel: the default is of the process
	before, log := slog.Default(), new(bytes.Buffer)
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	if _, err := redisstore.New(redisstore.Config{Client: newClient(t, &goredis.Options{Addr: "127.0.0.1:1"})}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "client options") {
		t.Errorf("%q", log)
	}
}
