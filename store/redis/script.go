package redis

import (
	"context"
	_ "embed" // the scripts
	"errors"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/number"
	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/internal/redissaid"
	"github.com/advoware-go/advoware/store"
)

var (
	//go:embed fields.lua
	fieldsSource string // functions of swap.lua and acquire.lua
	//go:embed swap.lua
	swapSource string
	//go:embed remove.lua
	removeSource string

	swapScript   = goredis.NewScript(fieldsSource + swapSource)
	removeScript = goredis.NewScript(removeSource)

	errReply   = errors.New("the script returned something unexpected")
	errDeleted = fmt.Errorf("%w: %w", store.ErrNotFound, store.ErrDeleted)
)

// swapTries bounds how often a swap is repeated because the value there is a token to the
// script and not to tokenOf: one that has expired by its metadata.
const swapTries = 3

// swap stores tok in place of old; back: unless tok has a tombstone.
func (s *Store) swap(ctx context.Context, key string, old, tok store.Token, back bool) (store.Token, error) {
	if err := ctx.Err(); err != nil {
		return store.Token{}, err
	}
	if err := store.CheckStorable(tok); err != nil {
		return store.Token{}, err
	}
	expected := old.Reveal()
	for try := 0; ; try++ {
		r, err := s.exchange(ctx, key, expected, tok, back)
		if err != nil || r == nil {
			return tok, err
		}
		stands, err := s.tokenOfReply(ctx, key, *r)
		if !errors.Is(err, ended) || try == swapTries {
			return stands, err
		}
		expected = r.value
	}
}

// tokenOfReply is tokenOf for the reply of a script, which does not read the timestamp key.
// With a TTL longer than any that is written here, only that key says how old a token is,
// and it is read too.
func (s *Store) tokenOfReply(ctx context.Context, key string, r reading) (store.Token, error) {
	if s.single && number.Duration(r.ttl, time.Millisecond) > s.cfg.sharedLife()+s.cfg.Margins.Margin && !r.metadata.belongsTo(r.value) {
		again, err := s.read(ctx, key)
		if err != nil {
			return store.Token{}, err
		}
		if again.value == r.value {
			r = again
		}
	}
	return s.tokenOf(key, r)
}

// exchange stores tok in place of the expected value, in the way that the server allows. It
// returns the value that is there instead, nil if tok is.
func (s *Store) exchange(ctx context.Context, key, expected string, tok store.Token, back bool) (*reading, error) {
	w := s.newWriting(key, expected, tok, back)
	if s.refuses(scripts) {
		return s.exchangeWatched(ctx, w)
	}
	r, err := s.exchangeByScript(ctx, w)
	if isForbidden(err) {
		if r, watchErr := s.exchangeWatched(ctx, w); !isForbidden(watchErr) {
			s.refused(ctx, scripts, err)
			return r, watchErr
		}
	}
	return r, err
}

func (s *Store) exchangeByScript(ctx context.Context, w *writing) (*reading, error) {
	keys, stamp, owner := s.keysOf(w.key, w.tombstone), "", ""
	together := s.single && !s.apart.Load()
	if together && w.stamp != "" {
		keys, stamp = append(keys, rediskey.Timestamp(w.key)), w.stamp
	}
	held := s.holds.get(w.key)
	if held != nil && w.tok.IssuedAt().Before(held.since) {
		held = nil // tok is written back while a newer token is being fetched
	}
	if held != nil {
		keys, owner = append(keys, rediskey.Lock(w.key)), held.owner
	}
	var expectedDigest, back string
	if w.expected != "" {
		expectedDigest = rediskey.Token.Of(w.expected)
	}
	if w.back {
		back = "1"
	}
	c := w.metadata
	reply, err := call(ctx, s, func(ctx context.Context) ([]any, error) {
		return swapScript.Run(ctx, s.cfg.Client, keys,
			store.MaxTokenBytes, w.expected, expectedDigest, c.identity,
			w.tok.Reveal(), w.ttl.Milliseconds(), owner, stamp, c.token, c.identity, c.shiftMS, c.issuedMS, back).Slice()
	})
	err = redissaid.Hide(err, w.tok.Reveal(), w.expected)
	if isOutOfReach(err) && (together && !s.apart.Swap(true) || s.withoutTombstones(ctx, err)) {
		return s.exchangeByScript(ctx, w)
	}
	if err != nil {
		return nil, err
	}
	if len(reply) == 1 && reply[0] == "deleted" {
		return nil, errDeleted
	}
	if held != nil {
		s.holds.remove(w.key, held)
		held.end(nil, true)
	}
	if len(reply) > 0 {
		r, err := newReading(w.at, reply)
		return &r, err
	}
	s.wrote(ctx, w, together)
	return nil, nil
}

// keysOf returns the keys of a script for the token under key.
func (s *Store) keysOf(key, tombstone string) []string {
	if s.refuses(tombstones) {
		tombstone = rediskey.Metadata(key)
	}
	return []string{key, rediskey.Metadata(key), tombstone}
}

// withoutTombstones reports whether a script may succeed without the tombstone, and records
// that it is refused.
func (s *Store) withoutTombstones(ctx context.Context, err error) bool {
	if s.refuses(tombstones) {
		return false
	}
	s.refused(ctx, tombstones, err)
	return true
}

// wrote counts a token that was written, and writes its timestamp if the script did not.
func (s *Store) wrote(ctx context.Context, w *writing, stamped bool) {
	if w.ttl > 0 {
		s.counters.writes.Add(1)
		if !stamped {
			s.writeTimestamp(ctx, w.key, w.tok)
		}
	}
}

func (s *Store) remove(ctx context.Context, key string, old store.Token) error {
	if err := ctx.Err(); err != nil || old.IsZero() {
		return err
	}
	if s.refuses(scripts) {
		return s.removeWatched(ctx, key, old)
	}
	_, err := call(ctx, s, func(ctx context.Context) (int, error) {
		return removeScript.Run(ctx, s.cfg.Client, s.keysOf(key, rediskey.Tombstone(key, old.Reveal())),
			store.MaxTokenBytes, old.Reveal(), s.tombstoneTTL(time.Now(), old)).Int()
	})
	err = redissaid.Hide(err, old.Reveal())
	if isOutOfReach(err) && s.withoutTombstones(ctx, err) {
		return s.remove(ctx, key, old)
	}
	if isForbidden(err) {
		if watchErr := s.removeWatched(ctx, key, old); !isForbidden(watchErr) {
			s.refused(ctx, scripts, err)
			return watchErr
		}
	}
	return err
}

// newReading reads the reply of the scripts about the token that is there.
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
	return reading{at: at, value: value, ttl: ttl, metadata: newMetadata(fields)}, nil
}
