package redis_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// moving is a hook that answers for some commands as a cluster does that moves the slot of their key.
type moving struct{ armed *bool }

type reply string

func (r reply) Error() string { return string(r) }
func (r reply) RedisError()   {}

func (m moving) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (m moving) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook { return next }

func (m moving) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		err := next(ctx, cmds)
		for _, cmd := range cmds {
			if key, _ := cmd.Args()[min(1, len(cmd.Args())-1)].(string); *m.armed && (cmd.Name() == "hmget" || strings.Contains(key, ":gone:")) {
				cmd.SetErr(reply("ASK 3653 127.0.0.1:7001"))
			}
		}
		return err
	}
}

// What a cluster moves just now is not there for a moment. That is no right that the server refuses:
// afterwards deletions are seen as before.
func TestKeyThatIsMovedDoesNotRefuseCommands(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	client, armed := newClient(t, patient(srv.Addr())), false
	client.AddHook(moving{&armed})
	s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true})
	tok, gone := token(t, "the-token", longest), token(t, "gone", longest)
	if _, err := s.CompareAndSwap(t.Context(), "key", store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	if err := s.CompareAndDelete(t.Context(), "deleted", gone); err != nil {
		t.Fatal(err)
	}
	armed = true
	if got, _, err := s.Look(t.Context(), "key", tok, 0); err != nil || !got.Equal(tok) {
		t.Errorf("while it is moved: %v, %v", got, err)
	}
	if r := s.LookAll(t.Context(), []store.Looking{{Key: "key", Had: tok}}); r[0].Err != nil || !r[0].Token.Equal(tok) {
		t.Errorf("among many, while it is moved: %v, %v", r[0].Token, r[0].Err)
	}
	armed = false
	if _, _, err := s.Look(t.Context(), "deleted", gone, 0); !errors.Is(err, store.ErrDeleted) {
		t.Errorf("afterwards: %v, want ErrDeleted", err)
	}
}
