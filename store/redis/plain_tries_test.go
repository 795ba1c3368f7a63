package redis_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redissaid"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// replies answers commands without a server, and counts exchanges.
type replies struct {
	command  func(goredis.Cmder) error
	pipeline func([]goredis.Cmder) error

	mu                     sync.Mutex
	exchanges, now, atOnce int
}

func (r *replies) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (r *replies) ProcessHook(goredis.ProcessHook) goredis.ProcessHook {
	return func(_ context.Context, cmd goredis.Cmder) error {
		defer r.begin()()
		err := r.command(cmd)
		cmd.SetErr(err)
		return err
	}
}

func (r *replies) ProcessPipelineHook(goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(_ context.Context, cmds []goredis.Cmder) error {
		defer r.begin()()
		return r.pipeline(cmds)
	}
}

// begin counts an exchange, which takes a second.
func (r *replies) begin() (end func()) {
	r.mu.Lock()
	r.exchanges++
	r.now++
	r.atOnce = max(r.atOnce, r.now)
	r.mu.Unlock()
	time.Sleep(time.Second)
	return func() { r.mu.Lock(); r.now--; r.mu.Unlock() }
}

// over returns a store whose client has these replies.
func over(t *testing.T, r *replies) *redisstore.Store {
	t.Helper()
	client := goredis.NewClient(redisstore.Options("127.0.0.1:1"))
	t.Cleanup(func() { _ = client.Close() })
	client.AddHook(r)
	return mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true, Timeout: time.Hour})
}

// A token that changes each time while it is read is given up after a few times, and is not taken
// for one that is absent.
func TestTokenThatKeepsChangingIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		r := &replies{pipeline: func(cmds []goredis.Cmder) error {
			for _, cmd := range cmds {
				switch c := cmd.(type) {
				case *goredis.StringCmd:
					n++
					c.SetVal(fmt.Sprint("token-", n))
				case *goredis.IntCmd:
					c.SetVal(1_000_000)
				case *goredis.SliceCmd:
					c.SetVal([]any{nil, nil, nil, nil})
				}
			}
			return nil
		}}
		_, _, err := over(t, r).Look(t.Context(), tokenKey, store.Token{}, 0)
		if err == nil || errors.Is(err, store.ErrNotFound) || !strings.Contains(err.Error(), "kept changing") || r.exchanges != 8 {
			t.Errorf("%v after %d exchanges, want 8", err, r.exchanges)
		}
	})
}

// A token that has ended by its metadata is replaced. If another one that has ended is there each
// time, that is given up too.
func TestSwapOfTokensThatHaveEndedIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		script := func(cmd goredis.Cmder) error {
			n++
			text := fmt.Sprint("ended-", n)
			cmd.(*goredis.Cmd).SetVal([]any{text, int64(1_000_000), []any{hashed("token", text), "", "0", "1"}})
			return nil
		}
		r := &replies{command: script, pipeline: func(cmds []goredis.Cmder) error { return script(cmds[0]) }}
		tok := token(t, "tok", longest)
		_, err := over(t, r).CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok)
		if !errors.Is(err, store.ErrUnusable) || r.exchanges != 4 {
			t.Errorf("%v after %d exchanges, want 4", err, r.exchanges)
		}
	})
}

// What cannot be looked at together is looked at four keys at a time: the pool has more
// connections, for what else there is to do.
func TestKeysThatAreLookedAtApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		denied := redissaid.Reply("NOPERM User default has no permissions to run the 'getrange' command")
		r := &replies{pipeline: func(cmds []goredis.Cmder) error {
			for _, cmd := range cmds {
				switch c := cmd.(type) {
				case *goredis.IntCmd:
					c.SetVal(-2)
				case *goredis.SliceCmd:
					c.SetVal([]any{nil, nil, nil, nil})
				case *goredis.StringCmd:
					if c.Name() == "getrange" {
						c.SetErr(denied)
					} else {
						c.SetErr(goredis.Nil)
					}
				}
			}
			return cmds[0].Err()
		}}
		s := over(t, r)
		var looks []store.Looking
		for i := range 12 {
			looks = append(looks, store.Looking{Key: fmt.Sprint("key-", i)})
		}
		for _, found := range s.LookAll(t.Context(), looks) {
			if !errors.Is(found.Err, store.ErrNotFound) {
				t.Error(found.Err)
			}
		}
		if r.atOnce != 4 {
			t.Errorf("%d exchanges at a time, want 4", r.atOnce)
		}
	})
}

// A token that has ended needs no tombstone: nobody would put it back.
func TestDeletionOfATokenThatHasEnded(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"script": nil, "no script": {"--rename-command", "EVAL", "", "--rename-command", "EVALSHA", ""}} {
		srv := redistest.Start(t, args...)
		s := newStore(t, srv, redisstore.Config{})
		srv.Do("SET", tokenKey, "late", "EX", "60")
		if err := s.CompareAndDelete(t.Context(), tokenKey, ofLife(t, "late", time.Nanosecond)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if keys := fmt.Sprint(srv.Do("KEYS", "*")); keys != "[]" {
			t.Errorf("%s: %s are left", name, keys)
		}
	}
}

// Unusable values of all kinds are counted as such.
func TestUnusableValuesAddUp(t *testing.T) {
	st := redisstore.Stats{
		Hits: 1 << 10, Absent: 1 << 11, Writes: 1 << 12, Identity: 1 << 13, Errors: 1 << 14,
		WrongType: 1, NoTTL: 2, Ended: 4, Empty: 8, TooLong: 16, BadBytes: 32,
	}
	if n := st.Unusable(); n != 63 {
		t.Errorf("%d, want 63", n)
	}
}

// The options that are suggested are what their comment says.
func TestOptionsAreAsTheyAreDescribed(t *testing.T) {
	const quick = 250 * time.Millisecond
	o := redisstore.Options("192.0.2.1:7")
	for what, ok := range map[string]bool{
		"the address": o.Addr == "192.0.2.1:7", "the database": o.DB == 1, "RESP2": o.Protocol == 2,
		"250 ms":     o.DialTimeout == quick && o.ReadTimeout == quick && o.WriteTimeout == quick && o.PoolTimeout == quick,
		"no retries": o.MaxRetries == -1 && o.DialerRetries == 1, "deadlines": o.ContextTimeoutEnabled,
		"one pool of 8": o.PoolSize == 8 && o.PipelinePoolSize == -1, "no optional command": o.DisableIdentity && o.MaintNotificationsConfig.Mode == "disabled",
	} {
		if !ok {
			t.Errorf("%s: %+v", what, o)
		}
	}
}
