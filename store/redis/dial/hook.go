package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/redisconn"
)

// hook sees what go-redis does with a server.
type hook struct{ target *target }

// DialHook gives a reason to a dial that sentinels have answered with nothing. The error
// of go-redis says that they cannot be reached, and matches redis.Nil, which means
// something else to whoever asks for a key.
func (h hook) DialHook(next goredis.DialHook) goredis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := next(ctx, network, addr)
		if err != nil && h.target.sentinel != nil && errors.Is(err, goredis.Nil) {
			err = fmt.Errorf("store/redis/dial: the sentinels do not know a master named %q", h.target.sentinel.MasterName)
		}
		return c, err
	}
}

// ProcessHook sends a command once more if its connection turned out to be dead: all that
// the stores send may be. The command and its repetition, for which a connection may have
// to be made, last no longer than a call waits for Redis.
func (h hook) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		began := time.Now()
		err := next(ctx, cmd)
		if errors.Is(err, redisconn.ErrSilent) && ctx.Err() == nil {
			ctx, cancel := context.WithDeadline(ctx, began.Add(farwait.Default))
			defer cancel()
			err = next(ctx, cmd)
		}
		h.met(err)
		return err
	}
}

// ProcessPipelineHook does the same for commands that are sent together.
func (h hook) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		began := time.Now()
		err := next(ctx, cmds)
		if errors.Is(err, redisconn.ErrSilent) && ctx.Err() == nil {
			ctx, cancel := context.WithDeadline(ctx, began.Add(farwait.Default))
			defer cancel()
			err = next(ctx, cmds)
		}
		h.met(err)
		return err
	}
}

// met has new connections made if a server turned out not to be a master any more: its
// name may lead to another one by now.
func (h hook) met(err error) {
	if err != nil && strings.Contains(err.Error(), "READONLY ") {
		h.target.dialer.Renew()
	}
}
