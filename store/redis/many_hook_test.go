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
