// Package note keeps short texts in Redis, each until its TTL is over: what processes
// tell each other beside tokens, such as where an office is reached.
//
// [Notes] is a discovery.Memory. What is read is bounded, whatever somebody has put there,
// and each command ends with its context, whatever the client does.
//
// Everything here is safe for concurrent use, by any number of processes. See docs/redis.md
// for the keys.
package note

import (
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/redissaid"
)

// MaxBytes is how much of a text is read.
const MaxBytes = 4096

// Notes are texts in Redis. Make them with [New].
type Notes struct{ client goredis.UniversalClient }

// New returns Notes over a client, which stays open. It does no I/O.
func New(client goredis.UniversalClient) *Notes { return &Notes{client} }

// Get returns the first MaxBytes of the text under key, "" if there is none, or no text.
func (n *Notes) Get(ctx context.Context, key string) (string, error) {
	return call(ctx, n, func(ctx context.Context) (string, error) {
		text, err := n.client.GetRange(ctx, key, 0, MaxBytes-1).Result()
		if err != nil && goredis.HasErrorPrefix(err, "WRONGTYPE") {
			return "", nil
		}
		return text, err
	})
}

// Set puts a text under key, in place of whatever is there.
func (n *Notes) Set(ctx context.Context, key, text string, ttl time.Duration) error {
	_, err := call(ctx, n, func(ctx context.Context) (string, error) {
		return n.client.Do(ctx, "set", key, text, "px", millis(ttl)).Text()
	})
	return err
}

// Claim puts a mark under key if nothing is there, and reports whether it did. What would
// stay for longer than a mark does is none, and is replaced.
func (n *Notes) Claim(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	return call(ctx, n, func(ctx context.Context) (bool, error) {
		err := n.client.Do(ctx, "set", key, "1", "px", millis(ttl), "nx").Err()
		if !errors.Is(err, goredis.Nil) {
			return err == nil, err
		}
		left, err := n.client.Do(ctx, "pttl", key).Int64()
		if err != nil || left != noTTL && left <= max(millis(ttl), millis(longest)) {
			return false, err
		}
		err = n.client.Do(ctx, "set", key, "1", "px", millis(ttl)).Err()
		return err == nil, err
	})
}

const (
	longest = time.Minute // of the marks that programs of other settings put
	noTTL   = -1          // as PTTL says it
)

// millis is a TTL as Redis takes it, which is never none.
func millis(ttl time.Duration) int64 { return max(1, ttl.Milliseconds()) }

func call[T any](ctx context.Context, n *Notes, do func(context.Context) (T, error)) (T, error) {
	v, err := bounded.Do(ctx, do)
	if err != nil {
		err = redissaid.Scrub(redissaid.HideLogin(err, n.client))
	}
	return v, err
}
