package advoware

import (
	"context"
	"errors"
	"net"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/bounded"
)

// warmPause is between two attempts to make a connection that takes long.
const warmPause = 50 * time.Millisecond

// warm makes a connection before a call asks for one. That takes three trips, which the
// first call would make while all else in the process starts too. It does not wait, and
// leaves it to the calls to find out that Redis is away; but where a dial takes longer
// than a call waits, it takes up the connection when it is there. What it returns closes
// the client.
func warm(client goredis.UniversalClient, timeout time.Duration) (closing func() error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, _ = bounded.Do(ctx, func(ctx context.Context) (struct{}, error) {
			for {
				err := client.Ping(ctx).Err()
				if timeout := net.Error(nil); !errors.As(err, &timeout) || !timeout.Timeout() {
					return struct{}{}, err
				}
				select {
				case <-time.After(warmPause):
				case <-ctx.Done():
					return struct{}{}, ctx.Err()
				}
			}
		})
	}()
	return func() error {
		cancel()
		err := client.Close()
		<-over
		return err
	}
}
