package redis

import (
	"context"
	_ "embed" // the scripts
	"errors"
	"fmt"
	"time"

	"github.com/advoware-go/advoware/internal/number"
	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/internal/redissaid"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/redis/internal/answer"
	"github.com/advoware-go/advoware/store/redis/internal/pipe"
	"github.com/advoware-go/advoware/store/redis/internal/record"
	"github.com/advoware-go/advoware/store/redis/internal/rights"
)

var (
	//go:embed fields.lua
	fieldsSource string // functions of swap.lua and acquire.lua
	//go:embed swap.lua
	swapSource string
	//go:embed remove.lua
	removeSource string

	swapScript   = pipe.NewScript(fieldsSource + swapSource)
	removeScript = pipe.NewScript(removeSource)

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
	if s.single && number.Duration(r.ttl, time.Millisecond) > s.cfg.sharedLife()+s.cfg.Margins.Margin && !r.metadata.BelongsTo(r.value) {
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
	if s.refuses(rights.Scripts) {
		return s.exchangeWatched(ctx, w)
	}
	r, err := s.exchangeByScript(ctx, w)
	if rights.IsForbidden(err) {
		if r, watchErr := s.exchangeWatched(ctx, w); !rights.IsForbidden(watchErr) {
			s.refused(ctx, rights.Scripts, err)
			return r, watchErr
		}
	}
	return r, err
}

// swapping is a run of swap.lua.
type swapping struct {
	keys    []string
	args    []any
	stamped bool // it writes the timestamp, too
	held    *hold
}

func (s *Store) newSwapping(w *writing) *swapping {
	x := &swapping{keys: s.keysOf(w.key, w.tombstone), stamped: s.single && !s.apart.Load()}
	var expectedDigest, stamp, owner string
	if x.stamped && w.stamp != "" {
		x.keys, stamp = append(x.keys, rediskey.Timestamp(w.key)), w.stamp
	}
	x.held = s.holds.get(w.key)
	if x.held != nil && w.tok.IssuedAt().Before(x.held.since) {
		x.held = nil // tok is written back while a newer token is being fetched
	}
	if x.held != nil {
		x.keys, owner = append(x.keys, rediskey.Lock(w.key)), x.held.owner
	}
	if w.expected != "" && w.metadata.Identity != "" { // else nobody asks whose it is
		expectedDigest = rediskey.Token.Of(w.expected)
	}
	c := w.metadata
	x.args = []any{
		store.MaxTokenBytes, w.expected, expectedDigest, c.Identity,
		w.tok.Reveal(), w.ttl.Milliseconds(), owner, stamp, c.Token, c.ShiftMS, c.IssuedMS, yes(w.back),
	}
	return x
}

func (s *Store) exchangeByScript(ctx context.Context, w *writing) (*reading, error) {
	x := s.newSwapping(w)
	reply, err := call(ctx, s, func(ctx context.Context) ([]any, error) {
		return s.scripts.Run(ctx, swapScript, x.keys, x.args...).Slice()
	})
	err = redissaid.Hide(err, w.tok.Reveal(), w.expected)
	if isOutOfReach(err) && (x.stamped && !s.apart.Swap(true) || s.withoutTombstones(ctx, err)) {
		return s.exchangeByScript(ctx, w)
	}
	if err != nil {
		return nil, err
	}
	r, err := s.swapped(w, x, reply)
	if r == nil && err == nil && s.wrote(w) && !x.stamped {
		s.writeTimestamps(ctx, w)
	}
	return r, err
}

// swapped returns the value that is there instead, nil if the new token is.
func (s *Store) swapped(w *writing, x *swapping, reply []any) (*reading, error) {
	if len(reply) == 1 && reply[0] == "deleted" {
		return nil, errDeleted
	}
	if x.held != nil {
		s.holds.remove(w.key, x.held)
		x.held.end(nil, true)
	}
	if len(reply) > 0 {
		r, err := newReading(w.at, reply)
		return &r, err
	}
	return nil, nil
}

// keysOf returns the keys of a script for the token under key.
func (s *Store) keysOf(key, tombstone string) []string {
	if s.refuses(rights.Tombstones) {
		tombstone = rediskey.Metadata(key)
	}
	return append(make([]string, 0, 5), key, rediskey.Metadata(key), tombstone) // swap.lua has two more
}

// withoutTombstones reports whether a script may succeed without the tombstone, and records
// that it is refused.
func (s *Store) withoutTombstones(ctx context.Context, err error) bool {
	if s.refuses(rights.Tombstones) {
		return false
	}
	s.refused(ctx, rights.Tombstones, err)
	return true
}

// wrote counts a token that was written. It is false for one that was too old for that.
func (s *Store) wrote(w *writing) bool {
	if w.ttl > 0 {
		s.counters.writes.Add(1)
	}
	return w.ttl > 0
}

func (s *Store) remove(ctx context.Context, key string, old store.Token) error {
	if err := ctx.Err(); err != nil || old.IsZero() {
		return err
	}
	if s.refuses(rights.Scripts) {
		return s.removeWatched(ctx, key, old)
	}
	_, err := call(ctx, s, func(ctx context.Context) (int, error) {
		return s.scripts.Run(ctx, removeScript, s.keysOf(key, rediskey.Tombstone(key, old.Reveal())),
			store.MaxTokenBytes, old.Reveal(), s.tombstoneTTL(time.Now(), old)).Int()
	})
	err = redissaid.Hide(err, old.Reveal())
	if isOutOfReach(err) && s.withoutTombstones(ctx, err) {
		return s.remove(ctx, key, old)
	}
	if rights.IsForbidden(err) {
		if watchErr := s.removeWatched(ctx, key, old); !rights.IsForbidden(watchErr) {
			s.refused(ctx, rights.Scripts, err)
			return watchErr
		}
	}
	return err
}

// newReading reads the reply of the scripts about the token that is there.
func newReading(at time.Time, reply []any) (reading, error) {
	if len(reply) != 3 {
		return reading{}, answer.ErrUnexpected
	}
	value, okValue := reply[0].(string)
	ttl, okTTL := reply[1].(int64)
	fields, okFields := reply[2].([]any)
	if !okValue || !okTTL || !okFields {
		return reading{}, answer.ErrUnexpected
	}
	return reading{at: at, value: value, ttl: ttl, metadata: record.New(fields)}, nil
}
