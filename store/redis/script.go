package redis

import (
	"context"
	_ "embed" // the scripts
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/store"
)

var (
	//go:embed swap.lua
	swapSource string
	//go:embed remove.lua
	removeSource string
	//go:embed look.lua
	lookSource string

	swapScript   = goredis.NewScript(swapSource)
	removeScript = goredis.NewScript(removeSource)
	lookScript   = goredis.NewScript(lookSource)

	errReply = errors.New("the script returned something unexpected")
)

func (s *Store) swap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if err := ctx.Err(); err != nil {
		return store.Token{}, err
	}
	if err := store.CheckStorable(tok); err != nil {
		return store.Token{}, err
	}
	at := time.Now()
	ttl, identity := s.ttl(at, tok), s.identity(key)
	c := companionOf(tok, identity, s.cfg.Margin)
	var oldDigest string
	if !old.IsZero() {
		oldDigest = tokenDigest.of(old.Reveal())
	}
	keys, stamp, owner := []string{key, companionKey(key)}, "", ""
	together := s.single && !s.apart.Load()
	if together && !tok.IssuedAt().IsZero() {
		keys, stamp = append(keys, timestampKey(key)), formatTimestamp(tok.IssuedAt())
	}
	held := s.holds.get(key)
	if held != nil && tok.IssuedAt().Before(held.since) {
		held = nil // written back while a newer one is being fetched
	}
	if held != nil {
		keys, owner = append(keys, lockKey(key)), held.owner
	}
	reply, err := call(ctx, s, func(ctx context.Context) ([]any, error) {
		return swapScript.Run(ctx, s.cfg.Client, keys,
			store.MaxTokenBytes, old.Reveal(), oldDigest, identity,
			tok.Reveal(), ttl.Milliseconds(), owner, stamp, c.token, c.identity, c.shiftMS, c.issuedMS).Slice()
	})
	if together && isOutOfReach(err) && !s.apart.Swap(true) {
		return s.swap(ctx, key, old, tok)
	}
	if err != nil {
		return store.Token{}, err
	}
	if held != nil {
		s.holds.remove(key, held)
		held.end(nil, true)
	}
	if len(reply) > 0 {
		r, err := newReading(at, reply)
		if err != nil {
			return store.Token{}, err
		}
		return s.judge(key, r)
	}
	if ttl > 0 {
		s.counters.writes.Add(1)
		if !together {
			s.writeTimestamp(ctx, key, tok)
		}
	}
	return tok, nil
}

func (s *Store) remove(ctx context.Context, key string, old store.Token) error {
	if err := ctx.Err(); err != nil || old.IsZero() {
		return err
	}
	_, err := call(ctx, s, func(ctx context.Context) (int, error) {
		return removeScript.Run(ctx, s.cfg.Client, []string{key, companionKey(key)},
			store.MaxTokenBytes, old.Reveal()).Int()
	})
	return err
}

// newReading takes what the scripts say of the token that stands.
func newReading(at time.Time, reply []any) (reading, error) {
	if len(reply) != 3 {
		return reading{}, errReply
	}
	value, okValue := reply[0].(string)
	ttl, okTTL := reply[1].(int64)
	fields, okFields := reply[2].([]any)
	if !okValue || !okTTL || !okFields {
		return reading{}, errReply
	}
	return reading{at: at, value: value, ttl: ttl, companion: newCompanion(fields)}, nil
}
