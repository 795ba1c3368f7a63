package redis_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// Keys each of which has something too long are looked at in halves while there are more than eight,
// for 24 exchanges, and then a few at a time.
func TestManyKeysThatAreAllTooLong(t *testing.T) {
	for n, want := range map[int]int{8: 1, 9: 3, 17: 5, 1000: 24} {
		synctest.Test(t, func(t *testing.T) {
			together := 0
			r := &replies{pipeline: func(cmds []goredis.Cmder) error {
				keys := map[any]bool{}
				for _, cmd := range cmds {
					if cmd.Name() == "pttl" && !strings.HasSuffix(cmd.Args()[1].(string), "_timestamp") {
						keys[cmd.Args()[1]] = true
					}
				}
				if len(keys) > 1 {
					together++
				}
				return tooLong(true)
			}}
			s := over(t, r)
			var looks []store.Looking
			for i := range n {
				looks = append(looks, store.Looking{Key: fmt.Sprint("key-", i)})
			}
			for i, got := range s.LookAll(t.Context(), looks) {
				if !errors.Is(got.Err, store.ErrUnusable) {
					t.Fatalf("%d of %d: %v", i, n, got.Err)
				}
			}
			if together != want {
				t.Errorf("%d keys: %d exchanges for several, want %d", n, together, want)
			}
		})
	}
}

// Among many keys, too, no value is read whose length is not known to be that of a token.
func TestHugeValueIsNotReadAmongMany(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("SET", tokenKey, strings.Repeat("x", 1<<20), "EX", "3180")
	s, _ := asUser(t, srv, allKeys, "+get", "+pttl", "+strlen")
	for round := range 2 {
		srv.Do("CONFIG", "RESETSTAT")
		for _, r := range s.LookAll(t.Context(), []store.Looking{{Key: tokenKey}, {Key: tokenKey}}) {
			if !errors.Is(r.Err, store.ErrUnusable) {
				t.Errorf("round %d: %v, %v", round, r.Token, r.Err)
			}
		}
		if stats := fmt.Sprint(srv.Do("INFO", "commandstats")); strings.Contains(stats, "cmdstat_get:") {
			t.Errorf("round %d: it was read: %s", round, stats)
		}
	}
}

// The timestamp that is written apart has the TTL that is left by then, and is not written any more
// if that is too little: no key is without a TTL.
func TestTimestampThatComesTooLate(t *testing.T) {
	const late = 120*time.Second + 500*time.Millisecond // after a second less than Guard is left
	for life, want := range map[time.Duration]string{late: "", late + 2*time.Second: "11500"} {
		for how := range 2 {
			synctest.Test(t, func(t *testing.T) {
				said, log := "", new(strings.Builder)
				script := func(cmd goredis.Cmder) error {
					if cmd.Name() == "set" {
						said += fmt.Sprint(cmd.Args()[3:])
						return nil
					}
					cmd.(*goredis.Cmd).SetVal([]any{})
					return nil
				}
				r := &replies{command: script, pipeline: func(cmds []goredis.Cmder) error { return script(cmds[0]) }}
				client := goredis.NewClient(redisstore.Options("127.0.0.1:1"))
				defer client.Close()
				client.AddHook(r)
				s := mustNew(t, redisstore.Config{
					Client: wrapped{client}, ClientHonoursDeadlines: true,
					Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
				})
				tok := token(t, "tok", life)
				if how == 0 {
					if _, err := s.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil {
						t.Error(err)
					}
				} else if got := s.RestoreAll(t.Context(), []store.Restoring{{Key: tokenKey, Token: tok}})[0]; got.Err != nil {
					t.Error(got.Err)
				}
				if log.Len() > 0 {
					t.Errorf("nothing is wrong: %s", log)
				}
				if want != "" && !strings.Contains(said, want) || want == "" && said != "" {
					t.Errorf("a life of %v: the timestamp is written with %q, want %q", life, said, want)
				}
			})
		}
	}
}

// Many tokens and their timestamps are written in one exchange.
func TestManyNewTokensTakeOneExchange(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	client, trips := newClient(t, patient(srv.Addr())), new(tripCount)
	client.AddHook(trips)
	s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true})
	for round := range 2 { // the server learns the script in the first
		var all []store.Restoring
		for i := range 20 {
			key := fmt.Sprintf("many-%d-%d", round, i)
			all = append(all, store.Restoring{Key: key, Token: token(t, key, longest)})
		}
		trips.n = 0
		for _, r := range s.RestoreAll(t.Context(), all) {
			if r.Err != nil {
				t.Error(r.Err)
			}
		}
		if n := srv.Do("EXISTS", all[0].Key+"_timestamp"); n != int64(1) || round == 1 && trips.n != 1 {
			t.Errorf("%d exchanges, and %v timestamp", trips.n, n)
		}
	}
}

// A replica that is asked for many tokens refuses them, and the server that is asked for one of them
// may be another. A full server is asked once.
func TestManyThatAreRefusedTogether(t *testing.T) {
	for refusal, again := range map[string]bool{
		"READONLY You can't write against a read only replica.": true,
		"ERR something else": true,
		"OOM command not allowed when used memory > 'maxmemory'.":                 false,
		"MISCONF Redis is configured to save RDB snapshots, but it's not able to": false,
	} {
		synctest.Test(t, func(t *testing.T) {
			r := &replies{
				command: func(cmd goredis.Cmder) error { cmd.(*goredis.Cmd).SetVal([]any{}); return nil },
				pipeline: func(cmds []goredis.Cmder) error {
					for _, cmd := range cmds {
						cmd.SetErr(reply(refusal))
					}
					return reply(refusal)
				},
			}
			tok := token(t, "tok", longest)
			for _, got := range over(t, r).RestoreAll(t.Context(), []store.Restoring{{Key: "a", Token: tok}, {Key: "b", Token: tok}}) {
				if again && (got.Err != nil || !got.Token.Equal(tok)) || !again && (!errors.Is(got.Err, store.ErrRefused) || errors.Is(got.Err, store.ErrForbidden)) {
					t.Errorf("%s: %v, %v", refusal, got.Token, got.Err)
				}
			}
			if !again && r.exchanges != 1 {
				t.Errorf("%s: %d exchanges", refusal, r.exchanges)
			}
		})
	}
}
