package redis_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// operations are all that can be asked of a store.
func operations(t testing.TB) map[string]func(context.Context, store.Store) error {
	old, tok := token(t, "s3cret-old", longest), token(t, "s3cret-new", longest)
	return map[string]func(context.Context, store.Store) error{
		"get": func(ctx context.Context, s store.Store) error { _, err := s.Get(ctx, tokenKey); return err },
		"swap": func(ctx context.Context, s store.Store) error {
			_, err := s.CompareAndSwap(ctx, tokenKey, old, tok)
			return err
		},
		"delete": func(ctx context.Context, s store.Store) error { return s.CompareAndDelete(ctx, tokenKey, old) },
	}
}

// inFlight counts the operations that the client has not come back from.
type inFlight struct{ n atomic.Int64 }

func (f *inFlight) DialHook(next goredis.DialHook) goredis.DialHook { return next }
func (f *inFlight) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		f.n.Add(1)
		defer f.n.Add(-1)
		return next(ctx, cmd)
	}
}
func (f *inFlight) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		f.n.Add(1)
		defer f.n.Add(-1)
		return next(ctx, cmds)
	}
}

func TestHungServer(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	clients := map[string]*goredis.Options{
		"our options":     patient(srv.Addr()), // its timeouts are not what is tested here
		"default options": {Addr: srv.Addr(), DB: 1},
		// This one waits for ever, whatever the context says.
		"deaf client": {Addr: srv.Addr(), DB: 1, ReadTimeout: -1, WriteTimeout: -1, PoolTimeout: time.Hour},
	}
	ends := map[string]struct {
		timeout time.Duration // of the store
		ctx     func(context.Context) (context.Context, context.CancelFunc)
		want    error
	}{
		"deadline": {time.Hour, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 100*time.Millisecond)
		}, context.DeadlineExceeded},
		"cancelled": {time.Hour, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(100*time.Millisecond, cancel)
			return ctx, cancel
		}, context.Canceled},
		"timeout of the store": {100 * time.Millisecond, context.WithCancel, context.DeadlineExceeded},
	}
	for client, o := range clients {
		for end, e := range ends {
			for name, op := range operations(t) {
				t.Run(client+"/"+end+"/"+name, func(t *testing.T) {
					c := newClient(t, o)
					if err := c.Ping(t.Context()).Err(); err != nil {
						t.Fatal(err)
					}
					flying := new(inFlight)
					c.AddHook(flying)
					s := mustNew(t, redisstore.Config{Client: c, Timeout: e.timeout})
					srv.Stop()
					ctx, cancel := e.ctx(t.Context())
					defer cancel()
					err := op(ctx, s)
					hanging := flying.n.Load() > 0
					srv.Cont()
					if !errors.Is(err, e.want) || errors.Is(err, store.ErrNotFound) {
						t.Errorf("got %v; want one that matches %v and is not a miss", err, e.want)
					}
					if client != "our options" && !hanging {
						t.Error("the call returned with its client; want it to leave the client behind")
					}
					if n := s.Stats().Errors; n != 1 {
						t.Errorf("%d errors counted", n)
					}
				})
			}
		}
	}
}

// With our options the client gives up by itself: nobody else would here.
func TestOptionsGiveUp(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for name, op := range operations(t) {
		t.Run(name, func(t *testing.T) {
			s := mustNew(t, redisstore.Config{Client: newClient(t, redisstore.Options(srv.Addr())), ClientHonoursDeadlines: true, Timeout: 24 * time.Hour})
			srv.Stop()
			defer srv.Cont()
			if err := op(t.Context(), s); err == nil || errors.Is(err, store.ErrNotFound) {
				t.Errorf("%v; want an error that is not a miss", err)
			}
		})
	}
}

// A token that was written is not an error because what follows hangs.
func TestTimestampThatFails(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t, "--rename-command", "SET", "")
	var log bytes.Buffer
	s := newStore(t, srv, redisstore.Config{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	// Without SET neither can be written: the script fails, and that is an error.
	if got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "tok", longest)); err == nil {
		t.Errorf("stands %v; want an error", got)
	}
	wantTTLs(t, srv)

	srv = redistest.Start(t)
	srv.Do("ACL", "SETUSER", "default", "resetkeys", "~"+tokenKey, "~"+metadataKey)
	s = newStore(t, srv, redisstore.Config{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if got, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "tok", longest)); err != nil || got.Reveal() != "tok" {
		t.Errorf("stands %v, %v; want the token, as it is written", got, err)
	}
	if !strings.Contains(log.String(), stampKey) {
		t.Errorf("the debug log does not name the timestamp key: %s", &log)
	}
}

func TestServerAwayAndBack(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	s := mustNew(t, redisstore.Config{Client: newClient(t, redisstore.Options(srv.Addr()))})
	srv.Kill()
	for name, op := range operations(t) {
		if err := op(t.Context(), s); err == nil || errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v; want an error that is not a miss", name, err)
		}
	}
	srv.Restart()
	if _, err := s.Get(t.Context(), tokenKey); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after the restart: %v; want a miss", err)
	}
}

func TestServerThatRefusesWrites(t *testing.T) {
	t.Parallel()
	for name, config := range map[string][]string{
		"out of memory": {"CONFIG", "SET", "maxmemory", "1"},
		"read-only":     {"REPLICAOF", "127.0.0.1", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := redistest.Start(t)
			s := newStore(t, srv, redisstore.Config{})
			if reply := srv.Do(config...); reply != "OK" {
				t.Fatal(reply)
			}
			_, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "s3cret", longest))
			if err == nil || errors.Is(err, store.ErrNotFound) {
				t.Errorf("got %v; want an error that is not a miss", err)
			}
			wantQuiet(t, err, "s3cret")
			if n := srv.Do("DBSIZE"); n != int64(0) {
				t.Errorf("%v keys were written", n)
			}
		})
	}
}

// A full server queues no command of a MULTI, not even a read; its token is as good
// as ever.
func TestFullServerStillServesItsTokens(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	ours := token(t, "ours", longest)
	if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, ours); err != nil {
		t.Fatal(err)
	}
	srv.Do("SET", "theirs", "python", "EX", "3180")
	srv.Do("LPUSH", "list", "x")
	srv.Do("CONFIG", "SET", "maxmemory", "1")
	for key, want := range map[string]string{tokenKey: "ours", "theirs": "python"} {
		got, err := s.Get(t.Context(), key)
		if err != nil || got.Reveal() != want {
			t.Errorf("%s: %q, %v; want %q", key, got.Reveal(), err, want)
		}
	}
	for key, unusable := range map[string]bool{"absent": false, "list": true} {
		_, err := s.Get(t.Context(), key)
		if !errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUnusable) != unusable {
			t.Errorf("%s: %v", key, err)
		}
	}
	if got, err := s.Get(t.Context(), tokenKey); err != nil || got.IssuedAt().IsZero() {
		t.Errorf("%v, %v; want the metadata to be read too", got, err)
	}
}

// Not being allowed to look is no reason to believe that nothing is there.
func TestServerThatRefusesReads(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	old, tok := token(t, "old", longest), token(t, "tok", longest)
	conn := srv.Dial()
	if _, err := conn.Do("SET", tokenKey, "there", "EX", "3180"); err != nil {
		t.Fatal(err)
	}
	reader := newStore(t, srv, redisstore.Config{})
	srv.Do("ACL", "SETUSER", "default", "-getrange", "-get")
	s := newStore(t, srv, redisstore.Config{})
	if got, err := s.CompareAndSwap(t.Context(), tokenKey, old, tok); err == nil {
		t.Errorf("swap: stands %v; want an error", got)
	}
	if err := s.CompareAndDelete(t.Context(), tokenKey, old); err == nil {
		t.Error("delete: no error")
	}
	if _, err := s.Get(t.Context(), tokenKey); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("get: %v; want an error that is not a miss", err)
	}
	srv.Do("ACL", "SETUSER", "default", "+get")
	if got := srv.Do("GET", tokenKey); got != "there" {
		t.Errorf("%v is there; want it untouched", got)
	}
	if got, err := reader.Get(t.Context(), tokenKey); err != nil || got.Reveal() != "there" {
		t.Errorf("get by GET: %v, %v; want what is there", got, err)
	}
}

func TestErrorsNameTheKeyAndNoSecret(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t,
		"--rename-command", "EVALSHA", "", "--rename-command", "EVAL", "", "--rename-command", "MULTI", "", "--rename-command", "PTTL", "")
	s := newStore(t, srv, redisstore.Config{})
	for name, op := range operations(t) {
		err := op(t.Context(), s)
		if err == nil || !strings.Contains(err.Error(), tokenKey) || !strings.HasPrefix(err.Error(), "store/redis: ") {
			t.Errorf("%s: %v; want an error of ours that names the key", name, err)
		}
		wantQuiet(t, err, "s3cret")
	}
}

func TestGarbledRepliesStayQuiet(t *testing.T) {
	for _, line := range []string{
		"+s3cret", ":s3cret", "$s3cret", "*s3cret", "s3cret",
		"-ERR unknown command 'EVALSHA', with args beginning with: 's3cret'",
	} {
		s := mustNew(t, redisstore.Config{Client: newClient(t, patient(redistest.Garbled(t, line)))})
		for name, op := range operations(t) {
			err := op(t.Context(), s)
			if err == nil || errors.Is(err, store.ErrNotFound) {
				t.Errorf("%q, %s: %v; want an error that is not a miss", line, name, err)
			}
			wantQuiet(t, err, "s3cret")
		}
	}
}

// unparsed is a client that quotes what it cannot parse.
type unparsed struct{}

func (unparsed) quote() error {
	_, err := strconv.Atoi("s3cret")
	return fmt.Errorf("reply: %w", err)
}
func (unparsed) DialHook(next goredis.DialHook) goredis.DialHook { return next }
func (u unparsed) ProcessHook(goredis.ProcessHook) goredis.ProcessHook {
	return func(_ context.Context, cmd goredis.Cmder) error { cmd.SetErr(u.quote()); return cmd.Err() }
}
func (u unparsed) ProcessPipelineHook(goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(context.Context, []goredis.Cmder) error { return u.quote() }
}

func TestUnparsedNumbersStayQuiet(t *testing.T) {
	c := newClient(t, redisstore.Options("127.0.0.1:1"))
	c.AddHook(unparsed{})
	s := mustNew(t, redisstore.Config{Client: c})
	for name, op := range operations(t) {
		err := op(t.Context(), s)
		if err == nil || errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v; want an error that is not a miss", name, err)
		}
		wantQuiet(t, err, "s3cret")
	}
}
