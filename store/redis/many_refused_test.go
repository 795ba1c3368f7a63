package redis_test

import (
	"context"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// interrupted is a client during whose first pipeline something happens.
type interrupted struct {
	goredis.UniversalClient
	meanwhile func()
}

func (c *interrupted) Pipeline() goredis.Pipeliner {
	return &interruptedPipeline{c.UniversalClient.Pipeline(), c}
}

type interruptedPipeline struct {
	goredis.Pipeliner
	client *interrupted
}

func (p *interruptedPipeline) BatchProcess(ctx context.Context, commands ...goredis.Cmder) error {
	if f := p.client.meanwhile; f != nil {
		p.client.meanwhile = nil
		f()
	}
	return p.Pipeliner.BatchProcess(ctx, commands...)
}

// A right that is missing may turn out, by another look, while the commands for many keys are put
// together.
func TestRightThatIsFoundMissingMeanwhile(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	asUser(t, srv, allKeys, "+@all", "-info")
	o := patient(srv.Addr())
	o.Username, o.Password = "somebody", "s3cret"
	client := &interrupted{UniversalClient: newClient(t, o)}
	s := mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true})
	had := token(t, "had", longest)
	if _, err := s.CompareAndSwap(t.Context(), "many", store.Token{}, had); err != nil {
		t.Fatal(err)
	}
	client.meanwhile = func() { _, _, _ = s.Look(t.Context(), "another", had, 0) }
	for _, r := range s.LookAll(t.Context(), []store.Looking{{Key: "many", Had: had}}) {
		if r.Err != nil || !r.Token.Equal(had) {
			t.Errorf("%v, %v; want the token", r.Token, r.Err)
		}
	}
}
