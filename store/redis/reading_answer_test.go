package redis_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// changing is a hook that changes what the server has answered.
type changing struct {
	after func(cmds []goredis.Cmder) error
}

func (c changing) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (c changing) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		if err := next(ctx, cmd); err != nil {
			return err
		}
		return c.after([]goredis.Cmder{cmd})
	}
}

func (c changing) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		if err := next(ctx, cmds); err != nil {
			return err
		}
		return c.after(cmds)
	}
}

// hooked returns a store whose client has a hook that comes after the server.
func hooked(t *testing.T, srv *redistest.Server, after func([]goredis.Cmder) error) *redisstore.Store {
	t.Helper()
	client := newClient(t, patient(srv.Addr()))
	client.AddHook(changing{after})
	return mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true})
}

// A reply that no lease of ours has is an error, and neither a lease nor a holder.
func TestReplyToAnAcquisitionThatMeansNothing(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for _, reply := range []any{[]any{"who knows"}, []any{}, []any{int64(1)}, []any{"token"}, []any{"token", "x", "y", "z"}, "yours"} {
		t.Run(fmt.Sprint(reply), func(t *testing.T) {
			s := hooked(t, srv, func(cmds []goredis.Cmder) error {
				if script, ok := cmds[0].(*goredis.Cmd); ok && slices.Contains(script.Args(), any(leaseKey)) {
					script.SetVal(reply)
				}
				return nil
			})
			l := processOn(t, s, redisstore.LeaseConfig{}).Lease
			outcome, err := l.Acquire(t.Context(), tokenKey, lease.Ask{})
			if outcome.Drop(); err == nil {
				t.Errorf("%+v", outcome)
			}
		})
	}
}

// Where GETRANGE is refused, a value whose length cannot be asked for, for want of an answer, is not read:
// it may be huge.
func TestValueIsNotReadIfItsLengthIsNotKnown(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	asUser(t, srv, allKeys, "+@all", "-getrange")
	o := patient(srv.Addr())
	o.Username, o.Password = "somebody", "s3cret"
	client := newClient(t, o)
	armed := false
	client.AddHook(changing{func(cmds []goredis.Cmder) error {
		if armed && cmds[0].Name() == "strlen" {
			cmds[0].SetErr(errHook)
			return errHook
		}
		return nil
	}})
	s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true})
	srv.Do("SET", tokenKey, "the-token", "EX", "3000")
	for _, armed = range []bool{false, true} {
		tok, _, err := s.Look(t.Context(), tokenKey, store.Token{}, store.UnknownLosses)
		if armed && !errors.Is(err, errHook) || !armed && (err != nil || tok.Reveal() != "the-token") {
			t.Errorf("armed: %v: %v, %v", armed, tok, err)
		}
	}
}

// When the time is up, each of many writes has an error.
func TestManyWritesWithoutTime(t *testing.T) {
	t.Parallel()
	for _, honours := range []bool{true, false} {
		s := mustNew(t, redisstore.Config{Client: newClient(t, redisstore.Options("127.0.0.1:1")), ClientHonoursDeadlines: honours})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		tok := token(t, "the-token", longest)
		for i, r := range s.RestoreAll(ctx, []store.Restoring{{Key: "a", Token: tok}, {Key: "b", Token: tok}}) {
			if !errors.Is(r.Err, context.Canceled) {
				t.Errorf("%d: %v, %v", i, r.Token, r.Err)
			}
		}
	}
}

// Without an identity of its own nobody asks whose a token is: what somebody wrote beside it does not
// keep it from being replaced.
func TestTokenIsReplacedWhateverIsBesideIt(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	s := newStore(t, srv, redisstore.Config{})
	old, tok := token(t, "the-token", longest), token(t, "the-next", longest)
	for _, of := range []string{"", hashed("token", "the-token"), "x"} {
		srv.Do("FLUSHALL")
		srv.Do("SET", tokenKey, "the-token", "EX", "3000")
		srv.Do("HSET", metadataKey, "token", of, "identity", "somebody-else")
		if stands, err := s.CompareAndSwap(t.Context(), tokenKey, old, tok); err != nil || stands != tok || srv.Do("GET", tokenKey) != "the-next" {
			t.Errorf("%q: %v stands, %v", of, stands, err)
		}
	}
}
