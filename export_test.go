package advoware

import goredis "github.com/redis/go-redis/v9"

// RedisClient returns the client that r stands for.
func RedisClient(r RedisConfig) (goredis.UniversalClient, error) {
	r.setDefaults()
	if err := r.check(); err != nil {
		return nil, err
	}
	return r.client()
}
