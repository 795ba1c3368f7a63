package redis

import (
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/store"
)

// writing is a token on its way into Redis.
type writing struct {
	at        time.Time
	key       string
	expected  string // what it may take the place of
	tok       store.Token
	back      bool // it has been there before, and is kept out by its tombstone
	ttl       time.Duration
	companion companion
	tombstone string
	stamp     string // when it was issued, "" if that is not known
}

func (s *Store) newWriting(key, expected string, tok store.Token, back bool) *writing {
	at := time.Now()
	w := &writing{
		at: at, key: key, expected: expected, tok: tok, back: back,
		ttl: s.ttl(at, tok), companion: companionOf(tok, s.identity(key), s.cfg.Margin), tombstone: tombstoneKey(key, tok),
	}
	if !tok.IssuedAt().IsZero() {
		w.stamp = formatTimestamp(tok.IssuedAt())
	}
	return w
}

// watchTries bounds how often a transaction is repeated because somebody else wrote.
const watchTries = 8

// watched runs fn until nobody has written the key between what it read and what it
// wrote.
func (s *Store) watched(ctx context.Context, key string, fn func(*goredis.Tx) error) error {
	_, err := call(ctx, s, func(ctx context.Context) (struct{}, error) {
		var err error
		for range watchTries {
			if err = s.cfg.Client.Watch(ctx, fn, key); !errors.Is(err, goredis.TxFailedErr) {
				break
			}
		}
		return struct{}{}, err
	})
	return err
}

// exchangeWatched is exchange for a server that runs no scripts.
func (s *Store) exchangeWatched(ctx context.Context, w *writing) (stands *reading, err error) {
	err = s.watched(ctx, w.key, func(tx *goredis.Tx) error {
		stands = nil
		r, l, err := s.lookPlain(ctx, w.key, w.tok, false)
		if err != nil {
			return err
		}
		if _, err := s.judge(w.key, r); err == nil && r.value != w.expected || errors.Is(err, store.ErrIdentity) {
			stands = &r
			return nil
		}
		if l.buried && w.back {
			return errDeleted
		}
		if w.ttl <= 0 {
			return nil
		}
		_, err = tx.TxPipelined(ctx, func(p goredis.Pipeliner) error {
			p.Set(ctx, w.key, w.tok.Reveal(), w.ttl)
			p.Del(ctx, s.keysOf(w.key, w.tombstone)[1:]...)
			s.describe(ctx, p, w)
			return nil
		})
		return err
	})
	if err == nil && stands == nil {
		s.wrote(ctx, w, false)
	}
	return stands, err
}

// describe writes the companion.
func (s *Store) describe(ctx context.Context, p goredis.Pipeliner, w *writing) {
	c := w.companion
	p.HSet(ctx, companionKey(w.key), "token", c.token, "identity", c.identity, "shift_ms", c.shiftMS, "issued_ms", c.issuedMS)
	p.PExpire(ctx, companionKey(w.key), w.ttl)
}

// removeWatched is remove for a server that runs no scripts.
func (s *Store) removeWatched(ctx context.Context, key string, old store.Token) error {
	ttl := s.tombstoneTTL(time.Now(), old)
	return s.watched(ctx, key, func(tx *goredis.Tx) error {
		r, _, err := s.lookPlain(ctx, key, store.Token{}, false)
		if err != nil {
			return err
		}
		_, err = tx.TxPipelined(ctx, func(p goredis.Pipeliner) error {
			if r.value == old.Reveal() {
				p.Del(ctx, key, companionKey(key))
			}
			if ttl > 0 && !s.refuses(tombstones) {
				p.Set(ctx, tombstoneKey(key, old), "1", time.Duration(ttl)*time.Millisecond)
			}
			return nil
		})
		return err
	})
}
