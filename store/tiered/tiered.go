// Package tiered puts a near store in front of a far one.
//
// A [Store] answers from near and reads far only when near misses. Far decides: near
// takes the token that is in far after a write. A far store that is down, slow or
// hung costs a call a bounded wait, once per breaker timeout, and hides no valid token.
// A write that far has not taken is pending, and is flushed when far works again.
//
// This is the one place where an error of a store becomes a miss. An error that
// matches store.ErrIdentity does not: it is a result, not an outage.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for what happens
// in each failure.
package tiered

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/batch"
	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/crew"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered/internal/far"
	"github.com/advoware-go/advoware/store/tiered/internal/tombstone"
)

// ErrClosed is returned for writes to a closed Store.
var ErrClosed = far.ErrClosed

var (
	errUnmade  = errors.New("store/tiered: the Store was not made by New")
	errNoLease = errors.New("store/tiered: Config.Lease is not set")
)

// Store is a near store in front of a far one. Make it with [New].
type Store struct {
	cfg Config
	far *far.Far

	mu       sync.Mutex // never held while anything is waited for
	pending  map[string]*pendingWrite
	buried   *tombstone.Set      // tokens that are ignored if far still has them, or has them again
	watched  map[string]*watched // keys that are being followed
	lookers  *crew.Crew[job]
	size     *batch.Size // keys in one exchange
	flushing *time.Timer
	closed   bool

	flushFrom time.Time // pending writes, by the next hit, with Config.Lazy
}

// New returns a Store for cfg, or one error that names every problem. It does no
// I/O.
func New(cfg Config) (*Store, error) {
	cfg.setDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Store{
		cfg: cfg, pending: make(map[string]*pendingWrite), buried: tombstone.New(cfg.Lazy),
		watched: make(map[string]*watched), size: batch.New(fewest, first, most),
	}
	together := s.size.Now
	if cfg.Many == nil {
		together = crew.Singly
	}
	s.lookers = crew.New(workers, together, cfg.FarTimeout, s.lookAll)
	s.far = far.New(far.Config{
		Store: cfg.Far, Name: cfg.FarName, Wait: cfg.FarWait, Timeout: cfg.FarTimeout, BreakerTimeout: cfg.BreakerTimeout,
		Explain: cfg.Explain, Logger: cfg.Logger, Down: cfg.Hooks.FarDown, Up: cfg.Hooks.FarUp,
	})
	return s, nil
}

// Get returns near's token, or else far's, which near takes. A failure of far is a miss.
func (s *Store) Get(ctx context.Context, key string) (store.Token, error) {
	if s.cfg.Near == nil {
		return store.Token{}, errUnmade
	}
	tok, err := s.cfg.Near.Get(ctx, key)
	if !errors.Is(err, store.ErrNotFound) {
		return tok, err
	}
	return s.readFar(ctx, key, store.Token{})
}

// Reread reads far even if near has a token, and returns far's token, which near takes. If
// far has none or fails, or if a write is pending, it returns near's token.
func (s *Store) Reread(ctx context.Context, key string) (store.Token, error) {
	if s.cfg.Near == nil {
		return store.Token{}, errUnmade
	}
	tok, err := s.cfg.Near.Get(ctx, key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return tok, err
	}
	if err == nil && s.hasPending(key) {
		return tok, nil
	}
	theirs, farErr := s.readFar(ctx, key, tok)
	if farErr != nil && err == nil && errors.Is(farErr, store.ErrNotFound) {
		return tok, nil
	}
	return theirs, farErr
}

// readFar reads far, and replaces old in near by the token there.
func (s *Store) readFar(ctx context.Context, key string, old store.Token) (store.Token, error) {
	if farwait.Left(ctx, s.cfg.FarWait) <= 0 {
		return store.Token{}, store.ErrNotFound
	}
	defer s.lookAgain(key, s.begin(key))
	tok, err := s.far.Read(ctx, key, func(ctx context.Context) (store.Token, error) { return s.cfg.Far.Get(ctx, key) }).Wait(ctx)
	switch {
	case err == nil && tok.Equal(old):
		return old, nil // near's copy has more exact times
	case err == nil:
		return s.follow(ctx, key, old, tok)
	case errors.Is(err, store.ErrIdentity), err != nil && ctx.Err() != nil:
		return store.Token{}, err
	case errors.Is(err, store.ErrNotFound):
		return store.Token{}, err // with the reason, if the value there is unusable
	default:
		return store.Token{}, store.ErrNotFound
	}
}

// CompareAndSwap writes far, and near takes the token that is there then. If far fails or
// takes too long, near decides, and the write to far is pending.
func (s *Store) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if err := store.CheckStorable(tok); err != nil {
		return store.Token{}, err
	}
	if s.cfg.Near == nil {
		return store.Token{}, errUnmade
	}
	// old is compared with what Get would return now.
	there, err := s.cfg.Near.Get(ctx, key)
	switch {
	case err == nil && !there.Equal(old):
		return there, nil
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return store.Token{}, err
	}
	// Until near has tok, a look compares far with old, or with nothing.
	defer s.lookAgain(key, s.begin(key))
	s.buried.Remove(key, tok)
	before := s.pendingFor(key)
	d := pendingWrite{olds: append(s.tombstones(key), old), tok: tok}
	op := s.far.Write(ctx, key, func(ctx context.Context) (store.Token, error) {
		standing, err := s.flushInstead(ctx, key, d, before)
		if err == nil && !standing.Equal(tok) && (issuedBefore(standing, old) || s.buried.Left(key, standing)) {
			// Far has a token from before old: it was restored from a backup, say.
			standing, err = s.flush(ctx, key, pendingWrite{olds: append(d.olds, standing), tok: tok})
		}
		return standing, err
	})
	standing, err := op.Wait(ctx)
	if errors.Is(err, store.ErrIdentity) {
		return store.Token{}, err
	}
	if err == nil && (standing.Equal(tok) || !s.isStormy(key)) {
		// The result of far counts, even if near has a newer token already. To return
		// near's would look like a lost update to the caller.
		if held, err := s.adopt(ctx, key, old, standing); err == nil && !standing.Equal(tok) {
			s.noteTaken(key, held)
		}
		return standing, nil
	}
	// Far has failed, or has a token that may not work, like those before it.
	kept, err := s.cfg.Near.CompareAndSwap(context.WithoutCancel(ctx), key, old, tok)
	if err == nil && kept.Equal(tok) {
		if !old.Equal(tok) {
			s.setReplaced(key, old)
		}
		s.keepPending(key, d, op)
	}
	return kept, err
}

// CompareAndDelete removes the token from near at once, and from far as soon as far works.
// Until then far's copy is ignored.
func (s *Store) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	if old.IsZero() {
		return nil
	}
	if s.cfg.Near == nil {
		return errUnmade
	}
	s.noteRejected(key, old)
	return s.compareAndDelete(ctx, key, old)
}

func (s *Store) compareAndDelete(ctx context.Context, key string, old store.Token) error {
	defer s.lookAgain(key, s.begin(key)) // far may have another one
	s.setDeleted(key, old)
	if err := s.cfg.Near.CompareAndDelete(ctx, key, old); err != nil {
		return err
	}
	before := s.pendingFor(key)
	d := s.pendingDelete(key, old)
	op := s.far.Write(ctx, key, func(ctx context.Context) (store.Token, error) { return s.flushInstead(ctx, key, d, before) })
	standing, err := op.Wait(ctx)
	if err != nil {
		s.keepPending(key, d, op)
		return nil
	}
	if !standing.Equal(d.tok) {
		// On another goroutine, because it calls the followers, which may panic.
		<-bounded.Run(func() { s.takeOver(key, d.tok, standing) })
	}
	return nil
}

// follow replaces old in near by the token of far, unless near has another one by now or the
// token of far was replaced before, and returns near's token then. A token that near cannot
// store is returned all the same.
func (s *Store) follow(ctx context.Context, key string, old, standing store.Token) (store.Token, error) {
	if s.isSuperseded(key, old, standing) {
		return store.Token{}, s.returned(key, old)
	}
	held, err := s.adopt(ctx, key, old, standing)
	if err == nil && held.Equal(standing) {
		s.noteTaken(key, held)
	}
	return held, err
}

// adopt is follow for a token that near is to take even if it was replaced before.
func (s *Store) adopt(ctx context.Context, key string, old, standing store.Token) (store.Token, error) {
	ctx = context.WithoutCancel(ctx)
	// Near must not have a rejected token even for a moment: a call may take it.
	if isIn(s.tombstones(key), standing) {
		return store.Token{}, store.ErrNotFound
	}
	held, err := s.cfg.Near.CompareAndSwap(ctx, key, old, standing)
	switch {
	case errors.Is(err, store.ErrUnusable): // it expired meanwhile
		return store.Token{}, store.ErrNotFound
	case err != nil:
		return standing, nil
	case isIn(s.tombstones(key), held): // deleted meanwhile
		_ = s.cfg.Near.CompareAndDelete(ctx, key, held)
		return store.Token{}, store.ErrNotFound
	}
	if held.Equal(standing) && !held.Equal(old) {
		s.setReplaced(key, old)
		s.dropPending(key, s.pendingToken(key, old))
	}
	return held, nil
}

// isSuperseded reports whether near's token is the successor of far's: that one was replaced
// or deleted, or was issued before near's. Then far was restored from a backup, has failed
// over to a replica that was behind, or got the token from a process that was cut off.
func (s *Store) isSuperseded(key string, near, tok store.Token) bool {
	if issuedBefore(tok, near) || s.buried.Left(key, tok) {
		s.setReplaced(key, tok)
	}
	return isIn(s.tombstones(key), tok)
}

// returned handles a token in far that was replaced before: near's token is written to far
// soon. For the caller it is a miss.
func (s *Store) returned(key string, near store.Token) error {
	if !near.IsZero() {
		s.look(key, anyhow)
	}
	return store.ErrNotFound
}

// Close waits up to Config.FarTimeout for the operations on far that are under way, and
// starts no more. It may be called at any moment and more than once. The stores stay open,
// and Get goes on to answer from near.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	if s.flushing != nil {
		s.flushing.Stop()
	}
	s.buried.Close()
	for _, w := range s.watched {
		w.minute.Stop()
	}
	s.mu.Unlock()
	s.far.Close()
	return nil
}
