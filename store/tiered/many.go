package tiered

import (
	"context"
	"errors"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/health"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered/internal/far"
)

// After FLUSHALL or a lost connection all keys are looked at, and all tokens are written back.
// That is done for many keys at a time if Config.Many is set, and for a few otherwise.
const (
	workers = 4 // each makes one exchange at a time; without Config.Many each looks at one key
	// How many keys go together, at first and at least and at most: enough for 20,000 keys on a
	// server that is 50 ms away, and not too many for one that is slow.
	fewest, first, most = 25, 100, 1000
	apartMost           = 64 // reconciled at a time, each on a goroutine of its own
)

// job is a key that is to be looked at.
type job struct {
	key string
	w   *watched
}

// sight is a look at far for a process that has near's token.
type sight struct {
	job
	because why
	near    store.Token
	losses  store.Losses
	link    uint64  // of the Watch, before the look
	before  changes // likewise
	apart   bool    // it is reconciled on a goroutine of its own
	err     error
}

// restoring is a write that puts a token into far which may have been there before.
type restoring struct {
	key    string
	d      *pendingWrite
	before *pendingWrite // that it replaces; nil: there is none

	pending bool // d itself is the pending one
}

// sightOf returns nil if there is nothing to bring up to date: the next miss reads far, or far
// is out of date until a pending write is flushed.
func (s *Store) sightOf(j job) *sight {
	link := s.cfg.Watch.Link()
	s.mu.Lock()
	because, losses, missed := j.w.due, j.w.losses, []*exchange(nil)
	for _, x := range j.w.under { // it began before the gap, and may be slow to say that it missed that
		if x.unseen || j.w.due&gap != 0 {
			because, missed = because|gap, append(missed, x)
		}
		x.unseen = false
	}
	j.w.due = 0
	before := j.w.changes // at the same time: a gap after it is noted after the look
	s.mu.Unlock()
	near, err := s.cfg.Near.Get(context.Background(), j.key)
	if err != nil || s.hasPending(j.key) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, x := range missed {
			x.unseen = true
		}
		return nil
	}
	if j.w.hidden.Equal(near) { // far did not have near's token the last time
		because |= gap
	}
	j.w.hidden = store.Token{}
	if first := j.w.absent; first == nil || !first.near.Equal(near) {
		j.w.absent, because = nil, because&^again // it was another token's
	} else if first.link != 0 && link != 0 {
		link = first.link // a gap since then counts, of which followers may hear late
	}
	return &sight{job: j, because: because, near: near, losses: losses, link: link, before: before}
}

// lookAll looks at far for all jobs.
func (s *Store) lookAll(jobs []job) {
	all := make([]*sight, len(jobs))
	defer func() { // a panic of a store or of a follower must not block later looks
		for i, j := range jobs {
			if v := all[i]; v == nil {
				s.looked(j, 0, nil)
			} else if !v.apart {
				s.looked(j, v.because, v.err)
			}
		}
	}()
	var some []*sight
	var apart []<-chan error
	for i, j := range jobs {
		v := s.sightOf(j)
		switch all[i] = v; {
		case v == nil:
		case s.cfg.Many == nil || s.far.Writing(j.key):
			apart = append(apart, s.reconcileApart(v, func() (store.Token, error) { return s.lookIntoFar(v) }))
		default:
			some = append(some, v)
		}
	}
	var back []restoring
	for i, r := range s.lookIntoFarAll(some) {
		v := some[i]
		s.noteGap(v, r.Err)
		if len(apart) == apartMost {
			<-apart[0]
			apart = apart[1:]
		}
		switch {
		case r.Err == nil && r.Token.Equal(v.near):
		case v.because&gap != 0 && errors.Is(r.Err, store.ErrNotFound) && !errors.Is(r.Err, store.ErrDeleted):
			var lost bool
			if lost, v.err = s.reconcile(v, r.Token, r.Err); lost {
				back = append(back, s.newRestoring(v.key, v.near))
			}
		default: // it may take its time: a follower is called, or far is written to
			apart = append(apart, s.reconcileApart(v, func() (store.Token, error) { return r.Token, r.Err }))
		}
	}
	for i, r := range s.restoreAll(back) {
		s.restored(back[i], r.Token, r.Err)
	}
	for _, done := range apart {
		<-done
	}
}

// noteGap adds the cause of a look that came up during it. The client may have tried before a
// restart, and again after it; or everything was emptied since the push that is followed.
func (s *Store) noteGap(v *sight, err error) {
	if err == nil {
		v.w.absent = nil
	}
	if s.cfg.Watch.Link() != v.link || s.changes(v.key).gaps != v.before.gaps {
		v.because |= gap
	}
}

// reconcileApart reconciles one key on a goroutine of its own.
func (s *Store) reconcileApart(v *sight, look func() (store.Token, error)) <-chan error {
	v.apart = true
	return bounded.Run(func() {
		var err error
		defer func() { s.looked(v.job, v.because, err) }()
		tok, err := look()
		back, err := s.reconcile(v, tok, err)
		if back {
			s.writeBack(v.key, v.near)
		}
	})
}

// lookIntoFar reads far for a process that has near's token.
func (s *Store) lookIntoFar(v *sight) (store.Token, error) {
	return s.far.Look([]string{v.key}, func(ctx context.Context) (store.Token, error) {
		if s.cfg.Shared == nil {
			return s.cfg.Far.Get(ctx, v.key)
		}
		tok, now, err := s.cfg.Shared.Look(ctx, v.key, v.near, v.losses)
		s.noteLosses(v.w, now, err)
		return tok, err
	}).Result()
}

func (s *Store) noteLosses(w *watched, now store.Losses, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		w.losses = now
	}
}

// lookIntoFarAll is lookIntoFar for many keys.
func (s *Store) lookIntoFarAll(all []*sight) []store.Looked {
	keys, looks := make([]string, len(all)), make([]store.Looking, len(all))
	for i, v := range all {
		keys[i], looks[i] = v.key, store.Looking{Key: v.key, Had: v.near, Before: v.losses}
	}
	errOf := func(r *store.Looked) *error { return &r.Err }
	found := far.Collect(keys, s.far.Look,
		func(ctx context.Context) []store.Looked {
			return far.Timed(s.size.Time, func() []store.Looked { return s.cfg.Many.LookAll(ctx, looks) }, errOf)
		}, errOf)
	for i, r := range found {
		s.noteLosses(all[i].w, r.Now, r.Err)
	}
	return found
}

// needless reports whether a write is superseded by now: the token was rejected, or a newer
// write is pending.
func (s *Store) needless(r restoring) bool {
	if r.pending {
		return s.pendingFor(r.key) != r.d
	}
	return isIn(s.tombstones(r.key), r.d.tok)
}

// restoreAll makes many writes.
func (s *Store) restoreAll(all []restoring) []store.Restored {
	keys := make([]string, len(all))
	for i, r := range all {
		keys[i] = r.key
	}
	errOf := func(r *store.Restored) *error { return &r.Err }
	return far.Collect(keys, s.far.WriteBehind,
		func(ctx context.Context) []store.Restored {
			results := make([]store.Restored, len(all))
			var at []int
			var tokens []store.Restoring
			for i, r := range all {
				if s.needless(r) {
					results[i].Err = far.ErrNotAsked
					continue
				}
				at, tokens = append(at, i), append(tokens, store.Restoring{Key: r.key, Old: r.d.olds[len(r.d.olds)-1], Token: r.d.tok})
			}
			restored := far.Timed(s.size.Time, func() []store.Restored { return s.cfg.Many.RestoreAll(ctx, tokens) }, errOf)
			if len(restored) != len(tokens) {
				return nil
			}
			for n, done := range restored {
				r := all[at[n]]
				if done.Err == nil && !done.Token.Equal(r.d.tok) && isIn(r.d.olds, done.Token) {
					done.Token, done.Err = s.flush(ctx, r.key, *r.d)
				}
				if health.Failure(done.Err) == nil {
					s.dropPending(r.key, r.before)
				}
				results[at[n]] = done
			}
			return results
		}, errOf)
}
