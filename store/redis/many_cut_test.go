package redis_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/redis/dial"
)

// sent counts the pipelines of a client.
type sent struct{ atomic.Int64 }

func (s *sent) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (s *sent) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook { return next }

func (s *sent) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error { s.Add(1); return next(ctx, cmds) }
}

// dialled returns a store whose connections read no reply that is too long.
func dialled(t *testing.T, srv *redistest.Server) (*redisstore.Store, *sent) {
	t.Helper()
	url := "redis://" + srv.Addr() + "/" + strconv.Itoa(redistest.DB) + "?read_timeout=60s&write_timeout=60s&pool_timeout=60s&dial_timeout=60s"
	conn, err := dial.Open(dial.Config{URL: secret.New(url)}, dial.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	counted := new(sent)
	conn.Client().AddHook(counted)
	return mustNew(t, redisstore.Config{Client: conn.Client(), ClientHonoursDeadlines: true}), counted
}

// A field beside one of many tokens that is far too long cuts the connection. The others are looked
// at together all the same, half of them at a time.
func TestFieldThatIsTooLongAmongManyKeys(t *testing.T) {
	t.Parallel()
	const keys = 200
	for name, poisoned := range map[string][]int{"none": nil, "the first": {0}, "the last": {keys - 1}, "some": {3, 4, 150}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			s, counted := dialled(t, srv)
			var looks []store.Looking
			for i := range keys {
				key, tok := fmt.Sprintf("many-%d", i), token(t, fmt.Sprintf("token-%d", i), longest)
				if _, err := s.CompareAndSwap(t.Context(), key, store.Token{}, tok); err != nil {
					t.Fatal(err)
				}
				looks = append(looks, store.Looking{Key: key, Had: tok})
			}
			for _, i := range poisoned {
				srv.Do("HSET", "{"+looks[i].Key+"}:meta", "identity", strings.Repeat("x", 5<<20))
			}
			before := counted.Load()
			for i, r := range s.LookAll(t.Context(), looks) {
				if r.Err != nil || !r.Token.Equal(looks[i].Had) {
					t.Errorf("%d: %v, %v", i, r.Token, r.Err)
				}
			}
			if n, most := counted.Load()-before, int64(1+40*len(poisoned)); n > most {
				t.Errorf("%d exchanges, want %d at most", n, most)
			}
		})
	}
}
