package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/tokenerr"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// find is one run. Its callers may have left when it ends, so what is to be done once for
// all of them is done here.
func (s *Source) find(ctx context.Context, w want) (f found, err error) {
	inTime := false
	defer s.account.noteLease("")
	s.follow() // before anything is looked at, so that no change is missed
	defer func() {
		if !inTime {
			s.unfollow()
		}
	}()
	if f, err = s.search(ctx, w); err != nil {
		return f, err
	}
	inTime = ctx.Err() == nil         // else it is too late: no caller gets the token
	if inTime && w.instead.IsZero() { // the renewal makes its own plan
		s.touch(f.Token)
		s.replan(f.Token)
	}
	return f, nil
}

// search is what a run does: store, fetch, store.
func (s *Source) search(ctx context.Context, w want) (f found, err error) {
	ctx, allowance := farwait.With(ctx, s.cfg.FarWait)
	had := allowance.Left()
	defer func() { f.FarWait = had - allowance.Left() }()

	old, done, err := s.current(ctx, w, &f)
	if done || err != nil {
		return f, err
	}
	if tok := s.account.unstored.Load(); s.serves(w, tok) {
		f.Token, f.Origin, err = s.save(ctx, old, tok)
		if err == nil && s.serves(w, f.Token) {
			s.rotated(f.Found)
			return f, nil
		}
	}
	look := s.obtain
	failed := s.pendingFailure(w)
	if failed != nil { // but another process may have stored a token
		look = func(ctx context.Context, w want, _ store.Token, f *found) (*grant, error) { return s.alone(ctx, w, f) }
	}
	t, err := look(ctx, w, old, &f)
	switch {
	case err != nil:
		return f, err
	case t == nil:
		s.rotated(f.Found)
		return f, nil
	case failed != nil:
		return f, failed
	}
	return f, s.request(ctx, w, t, &f)
}

// current returns the token that stands here and is not what w asks for, zero if there
// is none; or done, if the near store has got one that is.
func (s *Source) current(ctx context.Context, w want, f *found) (old store.Token, done bool, err error) {
	if s.tiers {
		tok, err := s.get(ctx, s.near, s.near.Get)
		switch {
		case err == nil:
			f.Token, f.Origin = tok, Near
			return tok, s.serves(w, tok), nil
		case errors.Is(err, tokenerr.ErrBroken):
			return store.Token{}, false, err
		}
	}
	if !w.instead.IsZero() {
		return w.instead, false, nil
	}
	return s.account.tokens.rejected.Load(), false, nil
}

// get reads a token from st by read, in a run. An error that matches tokenerr.ErrBroken says
// that st does not keep its promises: whether there is a token is unknown then, and one
// would be fetched for each call.
func (s *Source) get(ctx context.Context, st store.Store, read func(context.Context, string) (store.Token, error)) (store.Token, error) {
	tok, err := read(ctx, s.key)
	if err == nil && !tok.IsZero() && !lasts(tok, 0) {
		// Its timer may be late, by as long as the machine was suspended.
		if err = st.CompareAndDelete(ctx, s.key, tok); err == nil {
			tok, err = read(ctx, s.key)
		}
	}
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return store.Token{}, tokenerr.Read(ctx, err)
	case err != nil:
		return store.Token{}, err
	case tok.IsZero():
		return store.Token{}, tokenerr.Read(ctx, tokenerr.ErrNoToken)
	case !lasts(tok, 0):
		return store.Token{}, tokenerr.Read(ctx, tokenerr.ErrEnded)
	}
	return tok, nil
}

// request makes the token request, for which g is the grant.
func (s *Source) request(ctx context.Context, w want, g *grant, f *found) error {
	f.Waited = true
	var failed *lease.Failure
	defer func() { g.release(failed) }()
	if ctx.Err() != nil { // the run is over, and a request that is not made does not fail
		return context.Cause(ctx)
	}
	// A hook or a logger that hangs must not hold up the other processes for ever.
	late := time.AfterFunc(2*s.cfg.FetchTimeout, func() { bounded.Run(func() { g.release(nil) }) })
	defer late.Stop()
	if s.cfg.Tiers.Lease != nil {
		s.account.noteLease("self")
	}
	withdrawal := s.withdraw()
	f.fetch = s.account.fetches.Add(1)
	s.fetches.Add(1)
	began := time.Now()
	if start := s.cfg.Hooks.FetchStart; start != nil {
		patiently(start)
	}
	racing, stop := s.overtakable(ctx, w, g.crowded)
	tok, err := s.fetch(racing)
	stop()
	took := time.Since(began)
	if err != nil {
		failed = s.failureOf(err)
	} else {
		s.notePace(took)
		f.Token, f.Origin, err = s.save(ctx, g.replace, tok)
		s.recordSuccess(withdrawal, f.Token)
		// Now that it is stored: a logger that panics must not lose it.
		patiently(func() {
			s.cfg.Logger.InfoContext(ctx, "token fetched", "token", tok.Fingerprint(),
				"expires_at", tok.Expiry().UTC().Round(time.Second), "took", took.Round(time.Millisecond).String())
		})
	}
	call(s.cfg.Hooks.FetchDone, Fetch{Token: tok, Err: err, Took: took})
	if faster, ok := errors.AsType[*tokenerr.Overtaken](err); ok {
		f.Token, f.Origin, f.fetch, err = faster.By, Far, 0, nil
	}
	if err != nil {
		return err
	}
	s.rotated(f.Found)
	if !lasts(f.Token, w.atLeast) {
		return fmt.Errorf("%w: %v asked for, the gateway's tokens live shorter", ErrAtLeast, w.atLeast)
	}
	return nil
}

// fetchGrace limits by how much the context of a Fetch ends before FetchTimeout: by a tenth
// of it, and this at most. Calls with the same bound then get the error of Fetch, which
// says more than that the time ran out.
const fetchGrace = 3 * time.Second

// fetch makes one token request and remembers how it ended.
func (s *Source) fetch(ctx context.Context) (store.Token, error) {
	bound, done := context.WithTimeout(ctx, s.cfg.FetchTimeout)
	defer done()
	ctx, cancel := context.WithTimeout(ctx, s.cfg.FetchTimeout-min(fetchGrace, s.cfg.FetchTimeout/10))
	defer cancel()

	// Bounded here too, so that a Fetch that hangs or panics is a failure like any
	// other: remembered, and not tried again at once.
	tok, err := bounded.Do(bound, func(context.Context) (store.Token, error) { return s.cfg.Fetch(ctx) })
	if err == nil {
		err = store.CheckStorable(tok)
	}
	if o := overtakenBy(ctx); err != nil && o != nil {
		return store.Token{}, o
	}
	if err != nil {
		return store.Token{}, s.recordFailure(ctx, err)
	}
	return tok, nil
}

// save stores a fetched token in place of the one seen before the fetch, and
// returns the one that stands: another process may have been faster. A token that
// cannot be stored is still returned to the callers that wait for it.
func (s *Source) save(ctx context.Context, seen, tok store.Token) (store.Token, Origin, error) {
	standing, err := s.cfg.Store.CompareAndSwap(ctx, s.cfg.Key, seen, tok)
	switch {
	case errors.Is(err, store.ErrIdentity):
		return store.Token{}, Fetched, fmt.Errorf("token: storing: %w", err)
	case err == nil && standing.IsZero():
		err = tokenerr.ErrNoToken
	case err == nil && !lasts(standing, 0):
		err = tokenerr.ErrEnded
	case err == nil && standing.Equal(tok):
		err = s.lost(ctx)
	}
	if err != nil {
		if !s.account.unstored.Swap(tok).Equal(tok) { // once for each token
			patiently(func() { s.cfg.Logger.WarnContext(ctx, "the fetched token could not be stored", "error", err) })
		}
		return tok, Fetched, nil
	}
	s.account.unstored.Store(store.Token{})
	switch {
	case standing.Equal(tok) || s.isRejected(standing):
		return tok, Fetched, nil
	default:
		patiently(func() {
			s.cfg.Logger.DebugContext(ctx, "token adopted from another process", "token", standing.Fingerprint())
		})
		return standing, Far, nil
	}
}

// lost returns an error if the store does not have what it has just taken: a full store may
// evict a new entry at once. Without this check a token would be fetched for each call.
func (s *Source) lost(ctx context.Context) error {
	_, err := s.cfg.Store.Get(ctx, s.cfg.Key)
	// A far store that may not be waited for any longer was not asked.
	if errors.Is(err, store.ErrNotFound) && farwait.Left(ctx, s.cfg.FarWait) > 0 {
		return fmt.Errorf("the store took it and has it no more: %w", err)
	}
	return nil
}
