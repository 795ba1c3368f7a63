package redis_test

import (
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

// An operation that ends because its call may not wait any longer says that, and not that Redis
// has not answered for as long as it may take.
func TestWhyAnOperationEnds(t *testing.T) {
	for limit, want := range map[time.Duration]string{20 * time.Millisecond: "a call does not wait for Redis any longer", time.Hour: "no answer within 1m0s"} {
		synctest.Test(t, func(t *testing.T) {
			client := goredis.NewClient(redisstore.Options("127.0.0.1:1"))
			defer client.Close()
			hangs := func() error { time.Sleep(time.Hour); return goredis.Nil }
			client.AddHook(&replies{command: func(goredis.Cmder) error { return hangs() }, pipeline: func([]goredis.Cmder) error { return hangs() }})
			s := mustNew(t, redisstore.Config{Client: client, Timeout: time.Minute}) // which does not heed its context
			for name, op := range operations(t) {
				ctx, _ := farwait.With(t.Context(), limit)
				began := time.Now()
				err := op(ctx, s)
				if err == nil || !strings.Contains(err.Error(), want) || time.Since(began) != min(limit, time.Minute) {
					t.Errorf("%s: %v after %v, want %s", name, err, time.Since(began), want)
				}
			}
			time.Sleep(3 * time.Hour)
		})
	}
}

// How many keys a server has evicted is asked by those only who want to know.
func TestStatisticsAreAskedByLooksOnly(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"all commands": nil, "no scripts": {"--rename-command", "EVAL", "", "--rename-command", "EVALSHA", ""},
		"no transactions either": {"--rename-command", "EVAL", "", "--rename-command", "EVALSHA", "", "--rename-command", "MULTI", ""},
	} {
		srv := redistest.Start(t, args...)
		s := newStore(t, srv, redisstore.Config{})
		tok := token(t, "tok", longest)
		srv.Do("CONFIG", "RESETSTAT")
		if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.Get(t.Context(), tokenKey); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		_ = s.CompareAndDelete(t.Context(), tokenKey, tok) // which cannot be without transactions
		if stats := srv.Do("INFO", "commandstats").(string); strings.Contains(stats, "cmdstat_info:") {
			t.Errorf("%s: INFO was asked", name)
		}
		if _, _, err := s.Look(t.Context(), tokenKey, tok, 0); err != nil && !strings.Contains(err.Error(), "store/redis: look") {
			t.Error(err)
		}
		if stats := srv.Do("INFO", "commandstats").(string); !strings.Contains(stats, "cmdstat_info:calls=3,") {
			t.Errorf("%s: a look asks before and after", name)
		}
	}
}

// Without a Timeout an operation ends after five seconds, whatever the client does.
func TestTimeoutByDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := goredis.NewClient(redisstore.Options("127.0.0.1:1"))
		defer client.Close()
		client.AddHook(&replies{pipeline: func([]goredis.Cmder) error { time.Sleep(time.Hour); return goredis.Nil }})
		s, err := redisstore.New(redisstore.Config{Client: client, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := s.Get(t.Context(), tokenKey); err == nil || time.Since(began) != 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		time.Sleep(2 * time.Hour)
	})
}
