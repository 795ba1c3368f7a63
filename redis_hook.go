package advoware

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// redisHook sees what go-redis does with a server.
type redisHook struct{ target *redisTarget }

// DialHook gives a reason to a dial that sentinels have answered with nothing. The error
// of go-redis says that they cannot be reached, and matches redis.Nil, which means
// something else to whoever asks for a key.
func (h redisHook) DialHook(next goredis.DialHook) goredis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := next(ctx, network, addr)
		if err != nil && h.target.sentinel != nil && errors.Is(err, goredis.Nil) {
			err = fmt.Errorf("advoware: the sentinels do not know a master named %q", h.target.sentinel.MasterName)
		}
		return c, err
	}
}

// ProcessHook looks at what a command met.
func (h redisHook) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		err := next(ctx, cmd)
		h.met(err)
		return err
	}
}

// ProcessPipelineHook looks at what the commands met.
func (h redisHook) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		err := next(ctx, cmds)
		h.met(err)
		return err
	}
}

// met makes new connections if a server turned out not to be a master any more: its name
// may lead to another one by now.
func (h redisHook) met(err error) {
	if err != nil && strings.Contains(err.Error(), "READONLY ") {
		h.target.dialer.Renew()
	}
}
