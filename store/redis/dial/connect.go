package dial

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
)

// connectPause is the pause between two attempts to use a connection whose dial takes long.
const connectPause = 50 * time.Millisecond

// Connect makes a connection in the background before the first command needs one. That takes
// three round trips, which the first command would make while the rest of the process starts.
// It does not wait and reports no error: the commands do. If a dial takes longer than a
// command waits, Connect goes on until the client has the connection. It does nothing for
// Config.Client.
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

// ping sends PING until there is a reply, or an error that is no timeout.
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
