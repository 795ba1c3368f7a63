package redis_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// echoes is a hook that answers each command with an error that repeats it, as a server,
// or a proxy before it, may do.
type echoes struct{ words string }

type echo string

func (e echo) Error() string { return string(e) }
func (echo) RedisError()     {}

func (h echoes) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (h echoes) ProcessHook(goredis.ProcessHook) goredis.ProcessHook {
	return func(_ context.Context, cmd goredis.Cmder) error {
		cmd.SetErr(echo(h.words + strings.Join(strings.Fields(fmt.Sprint(cmd.Args())), " ")))
		return cmd.Err()
	}
}

func (h echoes) ProcessPipelineHook(goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(_ context.Context, cmds []goredis.Cmder) error {
		for _, cmd := range cmds {
			cmd.SetErr(echo(h.words + fmt.Sprint(cmd.Args())))
		}
		return cmds[0].Err()
	}
}

func TestServerThatRepeatsWhatItIsAsked(t *testing.T) {
	for _, words := range []string{"ERR cannot route ", "NOPERM not allowed ", "READONLY ", "ERR unknown command ", "CROSSSLOT "} {
		var log bytes.Buffer
		rdb := goredis.NewClient(&goredis.Options{Addr: "127.0.0.1:1"})
		defer rdb.Close()
		rdb.AddHook(echoes{words})
		s := mustNew(t, redisstore.Config{Client: rdb, ClientHonoursDeadlines: true, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		old, tok := token(t, "the-old-token-0123456789", time.Hour), token(t, "the-new-token-0123456789", time.Hour)
		_, swap := s.CompareAndSwap(t.Context(), "key", old, tok)
		_, restore := s.Restore(t.Context(), "key", old, tok)
		remove := s.CompareAndDelete(t.Context(), "key", old)
		l, err := redisstore.NewLease(redisstore.LeaseConfig{Store: s})
		if err != nil {
			t.Fatal(err)
		}
		_, acquire := l.Acquire(t.Context(), "key", lease.Ask{Old: old})
		_ = l.Close()
		for name, err := range map[string]error{"swap": swap, "restore": restore, "remove": remove, "acquire": acquire} {
			if err == nil || strings.Contains(fmt.Sprintf("%v %+v", err, err), "token-0123") || !strings.Contains(err.Error(), strings.TrimSpace(words)) {
				t.Errorf("%s%s: got %v", words, name, err)
			}
		}
		if strings.Contains(log.String(), "token-0123") {
			t.Errorf("%s: the log says %s", words, &log)
		}
	}
}

// A client of the caller's passes on what a server says of its login: the password in its
// options is hidden.
func TestServerThatRepeatsALogin(t *testing.T) {
	const password = "s3cret-password"
	o := patient(redistest.Garbled(t, "-ERR you said [auth bob "+password+"]"))
	o.Username, o.Password = "bob", password
	s := mustNew(t, redisstore.Config{Client: newClient(t, o)})
	for what, op := range operations(t) {
		if err := op(t.Context(), s); err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "ERR you said") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
