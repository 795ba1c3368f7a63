package redis

import (
	"context"
	"errors"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/internal/rediskey"
)

// owner looks whether another configuration uses the same key for another identity.
func owner(ctx context.Context, cfg Config) []check.Check {
	if cfg.Identity == "" {
		return []check.Check{group.Skipped(identity, "the configuration does not say whose token it is")}
	}
	fields, err := link.Do(ctx, cfg.Link, func(ctx context.Context, client goredis.UniversalClient) ([]any, error) {
		return client.HMGet(ctx, rediskey.Metadata(cfg.Key), "identity").Result()
	})
	switch {
	case goredis.HasErrorPrefix(err, "WRONGTYPE"):
		return []check.Check{group.Warning(identity, rediskey.Metadata(cfg.Key)+" is no hash: another program has written it", "a hash, or nothing", "use another ADVOWARE_TOKEN_KEY, or delete it: the next token replaces it")}
	case err != nil && !errors.Is(err, goredis.Nil):
		return []check.Check{group.Skipped(identity, link.Of(err).Saw)}
	}
	theirs := ""
	if len(fields) > 0 {
		theirs, _ = fields[0].(string)
	}
	ours := rediskey.Identity.Of(cfg.Identity)
	switch theirs {
	case "":
		return []check.Check{group.OK(identity, "no other identity uses "+link.Printable(cfg.Key, maxAddress)+" (ours is "+ours[:8]+")")}
	case ours:
		return []check.Check{group.OK(identity, link.Printable(cfg.Key, maxAddress)+" is of this identity ("+ours[:8]+")")}
	}
	return []check.Check{group.Failure(identity,
		link.Printable(cfg.Key, maxAddress)+" has a token of identity "+brief(theirs)+", and ours is "+ours[:8]+": another URL, app, Kanzlei, database, user, role or product",
		"a key for each identity", "set ADVOWARE_TOKEN_KEY to a name of its own in one of the two configurations")}
}

// brief returns the first digits of a digest.
func brief(digest string) string {
	for i := range digest {
		if i == 8 {
			return digest[:8]
		}
		if c := digest[i]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			break
		}
	}
	return "unknown"
}
