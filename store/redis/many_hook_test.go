package redis_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// panicking is a hook that panics when it is armed.
type panicking struct{ armed *bool }

func (p panicking) DialHook(next goredis.DialHook) goredis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (p panicking) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error { p.panics(); return next(ctx, cmd) }
}

func (p panicking) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error { p.panics(); return next(ctx, cmds) }
}

func (p panicking) panics() {
	if *p.armed {
		panic("a hook of the caller's client")
	}
}

// A hook of the client that panics fails a look, and neither ends the process nor makes tokens that are
// there look absent: not while all keys are looked at together, nor where the server allows that only
// one by one.
func TestHookThatPanicsAmongManyKeys(t *testing.T) {
	t.Parallel()
	for name, rights := range map[string][]string{
		"together": {allKeys, "+@all"},
		"apart":    {allKeys, "+@all", "-getrange"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			asUser(t, srv, rights...)
			o := patient(srv.Addr())
			o.Username, o.Password = "somebody", "s3cret"
			client, armed := newClient(t, o), false
			client.AddHook(panicking{&armed})
			s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true})
			var looks []store.Looking
			for i := range 10 {
				key := fmt.Sprintf("many-%d", i)
				tok := token(t, key, longest)
				if _, err := s.CompareAndSwap(t.Context(), key, store.Token{}, tok); err != nil {
					t.Fatal(err)
				}
				looks = append(looks, store.Looking{Key: key, Had: tok, Before: store.UnknownLosses})
			}
			found := func() {
				t.Helper()
				for i, r := range s.LookAll(t.Context(), looks) {
					if r.Err != nil || !r.Token.Equal(looks[i].Had) {
						t.Errorf("%v, %v", r.Token, r.Err)
					}
				}
			}
			found()
			armed = true
			for _, r := range s.LookAll(t.Context(), looks) {
				if r.Err == nil || errors.Is(r.Err, store.ErrNotFound) {
					t.Errorf("with the hook: %v, %v", r.Token, r.Err)
				}
			}
			armed = false
			found()
		})
	}
}

// refusing is a hook that sends nothing while it is armed, and tells that by its error alone, as one
// with a circuit breaker may.
type refusing struct{ armed *bool }

var errHook = errors.New("the breaker of the caller's client is open")

func (r refusing) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (r refusing) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		if *r.armed {
			return errHook
		}
		return next(ctx, cmd)
	}
}

func (r refusing) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		if *r.armed {
			return errHook
		}
		return next(ctx, cmds)
	}
}

// Commands that a hook did not send have neither a reply nor an error. Tokens that are there do not
// look absent for it, be it one key or many.
func TestHookThatSendsNothing(t *testing.T) {
	t.Parallel()
	for name, rights := range map[string][]string{"all rights": nil, "no GETRANGE": {"-getrange"}, "no MULTI": {"-multi"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			asUser(t, srv, append([]string{allKeys, "+@all"}, rights...)...)
			o := patient(srv.Addr())
			o.Username, o.Password = "somebody", "s3cret"
			client, armed := newClient(t, o), false
			client.AddHook(refusing{&armed})
			s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true})
			tok, next := token(t, "the-token", longest), token(t, "the-next", longest)
			var looks []store.Looking
			var back []store.Restoring
			for i := range 10 {
				key := fmt.Sprintf("many-%d", i)
				if _, err := s.CompareAndSwap(t.Context(), key, store.Token{}, tok); err != nil {
					t.Fatal(err)
				}
				looks, back = append(looks, store.Looking{Key: key, Had: tok}), append(back, store.Restoring{Key: key, Old: tok, Token: next})
			}
			if _, err := s.Get(t.Context(), looks[0].Key); err != nil { // what is refused is known
				t.Fatal(err)
			}
			armed = true
			want := func(what string, err error) {
				t.Helper()
				if !errors.Is(err, errHook) || errors.Is(err, store.ErrNotFound) {
					t.Errorf("%s: %v, want the error of the hook", what, err)
				}
			}
			for _, r := range s.LookAll(t.Context(), looks) {
				want("LookAll", r.Err)
			}
			for _, r := range s.RestoreAll(t.Context(), back) {
				want("RestoreAll", r.Err)
			}
			_, _, err := s.Look(t.Context(), looks[0].Key, tok, 0)
			want("Look", err)
			_, err = s.Get(t.Context(), looks[0].Key)
			want("Get", err)
			_, err = s.Restore(t.Context(), looks[0].Key, tok, next)
			want("Restore", err)
			armed = false
			for i, r := range s.LookAll(t.Context(), looks) {
				if r.Err != nil || !r.Token.Equal(tok) {
					t.Errorf("%d: %v, %v", i, r.Token, r.Err)
				}
			}
		})
	}
}

// failing is a hook that sends nothing while it is armed, and has its error at one command of a pipeline.
type failing struct {
	refusing
	at func(n int) int
}

func (f failing) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		if *f.armed {
			cmds[f.at(len(cmds))].SetErr(errHook)
			return errHook
		}
		return next(ctx, cmds)
	}
}

// Nor do they if the hook says so at one of them.
func TestHookThatFailsOneCommand(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]func(n int) int{
		"the first": func(int) int { return 0 }, "one within": func(n int) int { return n / 2 }, "the last": func(n int) int { return n - 1 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			asUser(t, srv, allKeys, "+@all", "-info")
			o := patient(srv.Addr())
			o.Username, o.Password = "somebody", "s3cret"
			client, armed := newClient(t, o), false
			client.AddHook(failing{refusing{&armed}, at})
			s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true})
			var looks []store.Looking
			var back []store.Restoring
			for i := range 10 {
				key := fmt.Sprintf("many-%d", i)
				tok := token(t, key, longest)
				if _, err := s.CompareAndSwap(t.Context(), key, store.Token{}, tok); err != nil {
					t.Fatal(err)
				}
				looks, back = append(looks, store.Looking{Key: key, Had: tok}), append(back, store.Restoring{Key: key, Token: tok})
			}
			if _, _, err := s.Look(t.Context(), looks[0].Key, looks[0].Had, 0); err != nil { // INFO is refused
				t.Fatal(err)
			}
			armed = true
			for i, r := range s.LookAll(t.Context(), looks) {
				if r.Err == nil || errors.Is(r.Err, store.ErrNotFound) {
					t.Errorf("LookAll: %d: %v, %v", i, r.Token, r.Err)
				}
			}
			for i, r := range s.RestoreAll(t.Context(), back) {
				if r.Err == nil || errors.Is(r.Err, store.ErrNotFound) {
					t.Errorf("RestoreAll: %d: %v, %v", i, r.Token, r.Err)
				}
			}
			if tok, _, err := s.Look(t.Context(), looks[0].Key, looks[0].Had, 0); err == nil || errors.Is(err, store.ErrNotFound) {
				t.Errorf("Look: %v, %v", tok, err)
			}
			if tok, err := s.Get(t.Context(), looks[0].Key); err == nil || errors.Is(err, store.ErrNotFound) {
				t.Errorf("Get: %v, %v", tok, err)
			}
			armed = false
			for i, r := range s.LookAll(t.Context(), looks) {
				if r.Err != nil || !r.Token.Equal(looks[i].Had) {
					t.Errorf("%d: %v, %v", i, r.Token, r.Err)
				}
			}
		})
	}
}
