package redis_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// silent is a hook that neither sends anything while it is armed nor says so.
type silent struct{ armed *bool }

func (s silent) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (s silent) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook { return next }

func (s silent) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		if *s.armed {
			return nil
		}
		return next(ctx, cmds)
	}
}

// A transaction that was not sent is no answer: neither that there is no token, as the one before it
// has found, nor that it is empty.
func TestTransactionThatIsNotSent(t *testing.T) {
	t.Parallel()
	for _, honours := range []bool{true, false} {
		t.Run(fmt.Sprint("deadlines honoured: ", honours), func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			client, armed := newClient(t, patient(srv.Addr())), false
			client.AddHook(silent{&armed})
			s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: honours})
			if _, err := s.Get(t.Context(), tokenKey); !errors.Is(err, store.ErrNotFound) {
				t.Fatal(err)
			}
			armed = true
			if tok, err := s.Get(t.Context(), tokenKey); err == nil || errors.Is(err, store.ErrNotFound) {
				t.Errorf("%v, %v", tok, err)
			}
			armed = false
			if _, err := s.Get(t.Context(), tokenKey); !errors.Is(err, store.ErrNotFound) {
				t.Error(err)
			}
		})
	}
}
