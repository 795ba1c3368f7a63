package redis

import (
	"context"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/rediskey"
)

// writeTimestamps writes the timestamps of tokens that were just written, where one script
// cannot write both. An error is only logged, as readers do without the timestamp.
func (s *Store) writeTimestamps(ctx context.Context, all ...*writing) {
	_, err := call(ctx, s, func(ctx context.Context) ([]goredis.Cmder, error) {
		return s.cfg.Client.Pipelined(ctx, func(p goredis.Pipeliner) error {
			for _, w := range all {
				if ttl := s.ttl(time.Now(), w.tok); ttl > 0 && w.stamp != "" {
					p.Set(ctx, rediskey.Timestamp(w.key), w.stamp, ttl)
				}
			}
			return nil
		})
	})
	if err != nil {
		s.cfg.Logger.Debug("store/redis: the timestamp was not written", "key", rediskey.Timestamp(all[0].key), "error", err)
	}
}
