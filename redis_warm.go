package advoware

import (
	"context"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/bounded"
)

// warm makes a connection before a call asks for one. That takes three trips, which the
// first call would make while all else in the process starts too. It does not wait, and
// leaves it to the calls to find out that Redis is away. What it returns closes the
// client.
func warm(client goredis.UniversalClient, timeout time.Duration) (closing func() error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, _ = bounded.Do(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, client.Ping(ctx).Err() })
	}()
	return func() error {
		cancel()
		err := client.Close()
		<-over
		return err
	}
}
