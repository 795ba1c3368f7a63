package dial

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
)

// connectPause is between two attempts to make a connection that takes long.
const connectPause = 50 * time.Millisecond

// Connect begins to make a connection before a command asks for one. That takes three
// trips, which the first command would make while all else in the process starts too. It
// does not wait, and leaves it to the commands to find out that Redis is away; but where a
// dial takes longer than a command waits, it takes up the connection when it is there. It
// does nothing for Config.Client.
func (c *Connection) Connect() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dialer == nil || c.begun || c.closing {
		return
	}
	c.begun = true
	c.behind.Go(func() {
		ctx, cancel := context.WithTimeout(c.life, c.timeout)
		defer cancel()
		_, _ = bounded.Do(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, c.ping(ctx) })
	})
}

// ping asks until there is an answer, or an error that is no timeout.
func (c *Connection) ping(ctx context.Context) error {
	for {
		err := c.client.Ping(ctx).Err()
		if timeout := net.Error(nil); !errors.As(err, &timeout) || !timeout.Timeout() {
			return err
		}
		select {
		case <-time.After(connectPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
