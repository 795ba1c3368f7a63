package redis

import (
	"context"
	"errors"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/internal/redissaid"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/redis/internal/record"
	"github.com/advoware-go/advoware/store/redis/internal/rights"
)

// writing is a token that is to be written.
type writing struct {
	at        time.Time
	key       string
	expected  string // the value that it may replace
	tok       store.Token
	back      bool // it is written back, so not if it has a tombstone
	ttl       time.Duration
	metadata  record.Metadata
	tombstone string
	stamp     string // when it was issued, "" if that is not known
}

func (s *Store) newWriting(key, expected string, tok store.Token, back bool) *writing {
	at := time.Now()
	w := &writing{
		at: at, key: key, expected: expected, tok: tok, back: back,
		ttl: s.ttl(at, tok), metadata: record.Of(tok, s.identity(key), s.cfg.Margins.Margin),
	}
	w.tombstone = rediskey.TombstoneOf(key, w.metadata.Token)
	if !tok.IssuedAt().IsZero() {
		w.stamp = record.Format(tok.IssuedAt())
	}
	return w
}

// errNoTransaction is a refusal, as what the server says of MULTI is.
var errNoTransaction = redissaid.Reply("NOPERM MULTI is not allowed")

// watched runs fn again until the key was not written between its read and its write. fn
// must use tx for both: with other connections of the pool, transactions could wait for
// each other.
func (s *Store) watched(ctx context.Context, key string, fn func(tx *goredis.Tx) error) error {
	if err := s.mayTransact(ctx, key); err != nil {
		return err
	}
	_, err := call(ctx, s, func(ctx context.Context) (struct{}, error) {
		err := ctx.Err()
		for ctx.Err() == nil {
			if err = s.cfg.Client.Watch(ctx, fn, key); !errors.Is(err, goredis.TxFailedErr) {
				break
			}
		}
		return struct{}{}, err
	})
	return err
}

// mayTransact finds out whether MULTI is allowed, with a command that changes nothing. Where
// MULTI is refused, the commands between it and EXEC are carried out all the same.
func (s *Store) mayTransact(ctx context.Context, key string) error {
	if s.refuses(rights.Transactions) {
		return errNoTransaction
	}
	_, err := call(ctx, s, func(ctx context.Context) ([]goredis.Cmder, error) {
		return s.cfg.Client.TxPipelined(ctx, func(p goredis.Pipeliner) error { p.PTTL(ctx, key); return nil })
	})
	if rights.IsForbidden(err) {
		s.refused(ctx, rights.Transactions, err)
		return errNoTransaction
	}
	return err
}

// exchangeWatched is exchange for a server that runs no scripts.
func (s *Store) exchangeWatched(ctx context.Context, w *writing) (stands *reading, err error) {
	defer func() { err = redissaid.Hide(err, w.tok.Reveal(), w.expected) }()
	err = s.watched(ctx, w.key, func(tx *goredis.Tx) (err error) {
		if stands, _, err = s.inTheWay(ctx, tx, w); err != nil || stands != nil || w.ttl <= 0 {
			return err
		}
		_, err = tx.TxPipelined(ctx, func(p goredis.Pipeliner) error {
			p.Set(ctx, w.key, w.tok.Reveal(), w.ttl)
			p.Del(ctx, s.keysOf(w.key, w.tombstone)[1:]...)
			s.describe(ctx, p, w)
			return nil
		})
		return err
	})
	if errors.Is(err, errNoTransaction) || rights.IsForbidden(err) {
		return s.insert(ctx, w)
	}
	if err == nil && stands == nil && s.wrote(w) {
		s.writeTimestamps(ctx, w)
	}
	return stands, err
}

// inTheWay returns the token that w must not replace, nil if there is none, and whether the
// key is empty.
func (s *Store) inTheWay(ctx context.Context, on connection, w *writing) (stands *reading, empty bool, err error) {
	r, l, err := s.lookPlain(ctx, on, w.key, w.tok, false)
	if err != nil {
		return nil, false, err
	}
	if _, err := s.tokenOf(w.key, r); err == nil && r.value != w.expected || errors.Is(err, store.ErrIdentity) {
		return &r, false, nil
	}
	if l.buried && w.back {
		return nil, false, errDeleted
	}
	return nil, r.absent(), nil
}

// insert is exchange for a server that allows neither scripts nor transactions. It writes a
// token only where there is none, which one command can do.
func (s *Store) insert(ctx context.Context, w *writing) (*reading, error) {
	stands, empty, err := s.inTheWay(ctx, nil, w)
	switch {
	case err != nil || stands != nil || w.ttl <= 0:
		return stands, err
	case !empty:
		return nil, fmt.Errorf("%w: a token can be replaced by EVAL or MULTI only", store.ErrForbidden)
	}
	done, err := call(ctx, s, func(ctx context.Context) (bool, error) {
		done, err := s.cfg.Client.SetNX(ctx, w.key, w.tok.Reveal(), w.ttl).Result()
		if err != nil || !done {
			return done, err
		}
		// The error is ignored: other programs write tokens without metadata too.
		_, _ = s.cfg.Client.Pipelined(ctx, func(p goredis.Pipeliner) error { s.describe(ctx, p, w); return nil })
		return done, nil
	})
	if err != nil {
		return nil, err
	}
	if !done { // another process was faster
		stands, _, err = s.inTheWay(ctx, nil, w)
		return stands, err
	}
	s.wrote(w)
	s.writeTimestamps(ctx, w)
	return nil, nil
}

// describe adds the commands that write the metadata.
func (s *Store) describe(ctx context.Context, p goredis.Pipeliner, w *writing) {
	c := w.metadata
	p.HSet(ctx, rediskey.Metadata(w.key), "token", c.Token, "identity", c.Identity, "shift_ms", c.ShiftMS, "issued_ms", c.IssuedMS)
	p.PExpire(ctx, rediskey.Metadata(w.key), w.ttl)
}

// removeWatched is remove for a server that runs no scripts.
func (s *Store) removeWatched(ctx context.Context, key string, old store.Token) (err error) {
	defer func() { err = redissaid.Hide(err, old.Reveal()) }()
	ttl := s.tombstoneTTL(time.Now(), old)
	return s.watched(ctx, key, func(tx *goredis.Tx) error {
		r, _, err := s.lookPlain(ctx, tx, key, store.Token{}, false)
		if err != nil {
			return err
		}
		_, err = tx.TxPipelined(ctx, func(p goredis.Pipeliner) error {
			if r.value == old.Reveal() {
				p.Del(ctx, key, rediskey.Metadata(key))
			}
			if ttl > 0 && !s.refuses(rights.Tombstones) {
				p.Set(ctx, rediskey.Tombstone(key, old.Reveal()), "1", time.Duration(ttl)*time.Millisecond)
			}
			return nil
		})
		return err
	})
}
