package advoware

import (
	"log/slog"

	goredis "github.com/redis/go-redis/v9"
)

// RedisClient returns the client that r stands for.
func RedisClient(r RedisConfig) (goredis.UniversalClient, error) {
	r.setDefaults()
	if err := r.check(); err != nil {
		return nil, err
	}
	client, _, err := r.client(slog.New(slog.DiscardHandler))
	return client, err
}
