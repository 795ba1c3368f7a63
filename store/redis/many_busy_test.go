package redis_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// answering is a hook that gives each command one answer, and counts the exchanges.
type answering struct {
	text      string
	exchanges *atomic.Int64
}

func (a answering) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (a answering) ProcessHook(goredis.ProcessHook) goredis.ProcessHook {
	return func(context.Context, goredis.Cmder) error { a.exchanges.Add(1); return reply(a.text) }
}

func (a answering) ProcessPipelineHook(goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(_ context.Context, cmds []goredis.Cmder) error {
		a.exchanges.Add(1)
		for _, cmd := range cmds {
			cmd.SetErr(reply(a.text))
		}
		return reply(a.text)
	}
}

// A server that answers nothing just now is asked once for all keys: alone each gets the same answer,
// and with thousands of them the time is up.
func TestBusyServerIsAskedOnceForManyKeys(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for _, text := range []string{
		"BUSY Redis is busy running a script.", "LOADING Redis is loading the dataset in memory",
		"MASTERDOWN Link with MASTER is down", "CLUSTERDOWN The cluster is down", "NOAUTH Authentication required.",
		"ERR max number of clients reached", "DENIED Redis is running in protected mode", "ERR invalid password",
	} {
		client, exchanges := newClient(t, patient(srv.Addr())), new(atomic.Int64)
		client.AddHook(answering{text, exchanges})
		s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true})
		var looks []store.Looking
		var back []store.Restoring
		for i := range 50 {
			key, tok := fmt.Sprintf("many-%d", i), token(t, "the-token", longest)
			looks, back = append(looks, store.Looking{Key: key, Had: tok}), append(back, store.Restoring{Key: key, Token: tok})
		}
		for i, r := range s.LookAll(t.Context(), looks) {
			if r.Err == nil || errors.Is(r.Err, store.ErrNotFound) || errors.Is(r.Err, store.ErrRefused) {
				t.Errorf("%s: LookAll: %d: %v, %v", text, i, r.Token, r.Err)
			}
		}
		for i, r := range s.RestoreAll(t.Context(), back) {
			if r.Err == nil || errors.Is(r.Err, store.ErrNotFound) || errors.Is(r.Err, store.ErrRefused) {
				t.Errorf("%s: RestoreAll: %d: %v, %v", text, i, r.Token, r.Err)
			}
		}
		if n := exchanges.Load(); n > 2 {
			t.Errorf("%s: %d exchanges, want one for each", text, n)
		}
	}
}
