package fleet

import (
	"context"
	"errors"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/doctor/internal/link"
	"github.com/advoware-go/advoware/internal/number"
	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/store/redis/note"
)

// The longest TTLs that our processes set, as store/redis and client/discovery have them.
const (
	longestLease = 10 * time.Second
	longestPause = 5 * time.Minute
	longestMark  = time.Minute

	maxOwner   = 64                           // bytes that are read of the owner of a lease
	maxMessage = 512                          // bytes of the words of a failure
	maxLines   = 16                           // refused credentials under one key
	maxRefused = maxLines * (maxMessage + 96) // bytes that are read of them
	maxFields  = 4                            // of the hash of a failure
)

const (
	noTTL = -1 // as PTTL says it
	noKey = -2
)

// value is what is under one key.
type value struct {
	text   string
	fields []string // of a hash
	err    error
	ttl    int64
}

func (v value) left() time.Duration { return number.Duration(max(v.ttl, 0), time.Millisecond) }

// absent reports whether there is nothing.
func (v value) absent() bool {
	return v.ttl == noKey || v.err == nil && v.ttl == 0 && v.text == "" && v.fields == nil
}

// tooLong reports whether what is there is longer than our processes write.
func (v value) tooLong() bool { return link.TooLong(v.err) }

func (v value) wrongType() bool { return goredis.HasErrorPrefix(v.err, "WRONGTYPE") }

// kept is what the processes of a fleet have in Redis for each other.
type kept struct {
	at                                               time.Time
	meta, lock, failed, refused, note, asking, moved value
}

func addressKey(key string) string { return "{" + key + "}:address" }

// read reads everything in one exchange: all of it is in the slot of the token. If somebody has
// put something huge into the hash, it is read without that.
func read(ctx context.Context, cfg Config) (*kept, error) {
	k, err := exchange(ctx, cfg, true)
	if link.TooLong(err) {
		long := err
		if k, err = exchange(ctx, cfg, false); err == nil && k.failed.err == nil && k.failed.ttl != noKey {
			k.failed.err = long
		}
	}
	return k, err
}

func exchange(ctx context.Context, cfg Config, hash bool) (*kept, error) {
	k := &kept{at: time.Now()}
	address := addressKey(cfg.Key)
	questions := []struct {
		of   *value
		key  string
		args []any
	}{
		{&k.meta, rediskey.Metadata(cfg.Key), nil},
		{&k.lock, rediskey.Lock(cfg.Key), []any{"getrange", rediskey.Lock(cfg.Key), 0, maxOwner}},
		{&k.failed, rediskey.Failed(cfg.Key), []any{"hmget", rediskey.Failed(cfg.Key), "holder", "credentials", "kind", "message"}},
		{&k.refused, rediskey.Refused(cfg.Key), []any{"getrange", rediskey.Refused(cfg.Key), 0, maxRefused}},
		{&k.note, address, []any{"getrange", address, 0, note.MaxBytes - 1}},
		{&k.asking, address + ":asking", nil},
		{&k.moved, address + ":moved", nil},
	}
	if !hash {
		questions[2].args = nil
	}
	type reply struct{ ttl, value *goredis.Cmd }
	replies, err := link.Do(ctx, cfg.Link, func(ctx context.Context, client goredis.UniversalClient) ([]reply, error) {
		var all []reply
		_, err := client.Pipelined(ctx, func(p goredis.Pipeliner) error {
			for _, q := range questions {
				r := reply{ttl: p.Do(ctx, "pttl", q.key)}
				if q.args != nil {
					r.value = p.Do(ctx, q.args...)
				}
				all = append(all, r)
			}
			return nil
		})
		if said := goredis.Error(nil); errors.As(err, &said) {
			err = nil // each command has its own
		}
		return all, err
	})
	if err != nil {
		return nil, err
	}
	for i, q := range questions {
		r := replies[i]
		q.of.ttl, q.of.err = noKey, nil
		if n, err := r.ttl.Int64(); err != nil {
			q.of.err = cfg.Link.Clean(err)
		} else {
			q.of.ttl = n
		}
		if r.value == nil || q.of.err != nil {
			continue
		}
		said, err := r.value.Result()
		q.of.err = cfg.Link.Clean(err)
		switch said := said.(type) {
		case string:
			q.of.text = said
		case []any:
			q.of.fields = make([]string, maxFields)
			for i := range min(len(said), maxFields) {
				q.of.fields[i], _ = said[i].(string)
			}
		}
	}
	return k, nil
}

func join(all []string) string { return strings.Join(all, "; ") }
