package tiered

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/advoware-go/advoware/internal/health"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered/internal/far"
)

// mayRepair reports whether near's token may be written to far in place of a token or of a
// loss there, and counts it. Within one timeout of the breaker that is allowed most times.
// Without a limit, two processes that disagree, or a server that evicts each write, would make an
// endless loop.
func (s *Store) mayRepair(key string, most int) (may bool) {
	s.with(key, func(w *watched) {
		if may = w.repairs.Take(time.Now(), s.cfg.BreakerTimeout, most); !may {
			s.lookLater(key, w)
		}
	})
	return may
}

// reconcile makes near hold the token of far, of which tok and err were read. back means that
// near's is to be written back. An error means that far could not be read.
func (s *Store) reconcile(v *sight, tok store.Token, err error) (back bool, _ error) {
	s.noteGap(v, err)
	key, near, because := v.key, v.near, v.because
	switch {
	case err == nil:
		s.takeOver(key, near, tok)
	case errors.Is(err, store.ErrIdentity):
		// The key is used by another identity, by mistake. Near's token stays valid.
		v.w.hidden = near
	case !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrUnusable):
		return false, err
	case errors.Is(err, store.ErrDeleted):
		return false, s.deletedInFar(key, near)
	case !errors.Is(err, store.ErrUnusable) && s.hasEnded(near):
		// Its TTL has ended: near's token serves until its expiry.
	case s.isRefused(key):
		// Far has never had it.
	case !errors.Is(err, store.ErrUnusable) && s.isPostponed(key, near):
		return false, s.deletedInFar(key, near)
	case errors.Is(err, store.ErrUnusable), errors.Is(err, store.ErrLost):
		return s.mayRepair(key, 1), nil
	case because&gap != 0:
		return true, nil
	case because&again != 0:
		return false, s.deletedInFar(key, near)
	case because&pushed != 0:
		// The push of a gap may be on its way: this look may have seen it first.
		v.w.absent = cmp.Or(v.w.absent, v)
		time.AfterFunc(lag, func() { s.look(key, again) })
	default:
		// The push of a deletion may be on its way.
		time.AfterFunc(doubt, func() {
			if s.changes(key) == v.before {
				s.look(key, gap)
			}
		})
	}
	return false, nil
}

// takeOver replaces near's token by far's, or far's by near's if near's is newer.
func (s *Store) takeOver(key string, near, tok store.Token) {
	if tok.Equal(near) {
		return
	}
	if s.isSuperseded(key, near, tok) {
		if s.isRefused(key) || !s.mayRepair(key, maxReturns) {
			return
		}
		if !s.buried.Insists(key, tok) {
			s.writeBack(key, near)
			return
		}
		s.buried.Remove(key, tok)
	}
	if !s.mayTake(key, near, tok) {
		return
	}
	held, err := s.adopt(context.Background(), key, near, tok)
	if err != nil {
		return
	}
	if !held.Equal(tok) { // near has changed since it was read, perhaps to a token from before tok
		s.look(key, anyhow)
		return
	}
	s.noteTaken(key, tok)
	var moved []func(store.Token)
	s.with(key, func(w *watched) { moved = slices.Collect(maps.Values(w.moved)) })
	for _, f := range moved {
		if f != nil {
			f(tok)
		}
	}
}

// hasEnded reports whether tok is absent from far because its TTL has ended, or is so close
// to its end that stores do not take it.
func (s *Store) hasEnded(tok store.Token) bool {
	return store.Remaining(time.Now(), tok.Expiry()) <= s.cfg.Margins.Margin+s.cfg.Margins.Guard+clockError
}

// clockError is by how much two computations of a token's end may differ.
const clockError = 2 * time.Second

// writeBack stores near's token in far, which has lost it, unless another process has stored
// one.
func (s *Store) writeBack(key string, tok store.Token) {
	r := s.newRestoring(key, tok)
	op := s.far.WriteBehind([]string{key}, func(ctx context.Context) (store.Token, error) {
		if s.needless(r) {
			return store.Token{}, far.ErrNotAsked
		}
		return s.flushInstead(ctx, key, *r.d, r.before)
	})
	standing, err := op.Result()
	s.restored(r, standing, err)
}

func (s *Store) newRestoring(key string, tok store.Token) restoring {
	d := &pendingWrite{olds: append(s.tombstones(key), store.Token{}), tok: tok, back: true}
	return restoring{key: key, d: d, before: s.pendingFor(key)}
}

// restored records how a write-back ended.
func (s *Store) restored(r restoring, standing store.Token, err error) {
	switch {
	case errors.Is(err, store.ErrDeleted):
		s.dropDeleted(r.key, r.d.tok)
	case health.Failure(err) != nil:
		s.addPending(r.key, r.d)
		s.postpone(r.key, r.d, err)
	case err == nil:
		s.takeOver(r.key, r.d.tok, standing)
	}
}
