package redis_test

import (
	"context"
	"errors"
	"io"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// breaking is a hook that has an error come in place of one reply of an exchange.
type breaking struct {
	at  func(cmds []goredis.Cmder) int
	err *error
}

func (b breaking) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (b breaking) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook { return next }

func (b breaking) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		err := next(ctx, cmds)
		if at := b.at(cmds); at >= 0 && *b.err != nil {
			cmds[at].SetErr(*b.err)
			return *b.err
		}
		return err
	}
}

// Where the count of evictions after a look is missing, since the connection broke or the server became
// busy before it, a token that was evicted does not count as deleted. Where the metadata is, a token does
// not count as one that has none.
func TestLookThatBreaksOff(t *testing.T) {
	t.Parallel()
	named := func(name string, last bool) func(cmds []goredis.Cmder) int {
		return func(cmds []goredis.Cmder) int {
			at := -1
			for i, cmd := range cmds {
				if cmd.Name() == name && (at < 0 || last) {
					at = i
				}
			}
			return at
		}
	}
	for name, tt := range map[string]struct {
		at   func(cmds []goredis.Cmder) int
		what error
	}{
		"broken before the last count": {named("info", true), io.ErrUnexpectedEOF},
		"busy before the last count":   {named("info", true), reply("BUSY Redis is busy running a script.")},
		"broken before the first":      {named("info", false), io.ErrUnexpectedEOF},
		"busy before the metadata":     {named("hmget", false), reply("BUSY Redis is busy running a script.")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			client, err := newClient(t, patient(srv.Addr())), error(nil)
			client.AddHook(breaking{tt.at, &err})
			s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true})
			tok := token(t, "the-token", longest)
			if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
				t.Fatal(err)
			}
			srv.Do("DEL", tokenKey)
			looking := store.Looking{Key: tokenKey, Had: tok, Before: 5} // so keys were evicted since
			look := func() error { return s.LookAll(t.Context(), []store.Looking{looking})[0].Err }
			alone := func() error {
				_, _, err := s.Look(t.Context(), looking.Key, looking.Had, looking.Before)
				return err
			}
			for range 2 {
				if got := look(); err == nil && !errors.Is(got, store.ErrLost) || err != nil && (!errors.Is(got, err) || errors.Is(got, store.ErrNotFound)) {
					t.Errorf("among many: %v", got)
				}
				if got := alone(); err == nil && !errors.Is(got, store.ErrLost) || err != nil && (!errors.Is(got, err) || errors.Is(got, store.ErrNotFound)) {
					t.Errorf("alone: %v", got)
				}
				err = tt.what
			}
		})
	}
}
