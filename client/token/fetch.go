package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/hook"
	"github.com/advoware-go/advoware/internal/pacing"
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
	f, err = s.search(ctx, w)
	if s.inPassing(w) { // the call may have left
		s.count.RenewedInPassing(f.Waited, err)
	}
	if err != nil {
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
	if tok, deleted := s.account.unstored.Load(), s.cfg.Tiers.Deleted; s.serves(w, tok) && (deleted == nil || !deleted(s.cfg.Key, tok)) {
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
		tok, err := s.get(ctx, s.cfg.Tiers.Near, s.cfg.Tiers.Near.Get)
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

// get reads a token from st by read, in a run. After tokenerr.ErrBroken nobody knows if there is one.
func (s *Source) get(ctx context.Context, st store.Store, read func(context.Context, string) (store.Token, error)) (store.Token, error) {
	tok, err := read(ctx, s.cfg.Key)
	if err == nil && !tok.IsZero() && !lasts(tok, 0) {
		// Its timer may be late, by as long as the machine was suspended.
		if err = st.CompareAndDelete(ctx, s.cfg.Key, tok); err == nil {
			tok, err = read(ctx, s.cfg.Key)
		}
	}
	return tokenerr.Usable(ctx, tok, err)
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
	withdrawal, before := s.withdraw(), s.account.tokens.rejected.Load()
	f.fetch = s.account.fetches.Add(1)
	s.count.Fetches.Add(1)
	began := time.Now()
	ctx = hook.Context(s.cfg.Hooks.FetchContext, ctx)
	f.request = ctx
	hook.Signal(s.cfg.Hooks.FetchStart)
	racing, stop := s.overtakable(ctx, w, g.crowded)
	limit := s.cfg.FetchTimeout
	if s.inPassing(w) { // it should not be under way when the CPU is taken away
		limit = min(limit, s.account.pace.Patience())
	}
	tok, err := s.fetch(racing, limit)
	stop()
	took := time.Since(began)
	failed = s.failureOf(err)
	kind := s.count.Fetched(took, failed, err)
	if err == nil {
		s.account.pace.Note(took)
		f.Token, f.Origin, err = s.save(ctx, g.replace, tok)
		if older := f.Origin == Far && f.Token.IssuedAt().Before(began); older && w.fresh {
			f.Token, f.Origin, err = s.save(ctx, f.Token, tok) // what is from before a Refresh is not adopted
		} else if older {
			f.fetch = 0 // nor by one that has joined
		}
		s.recordSuccess(withdrawal, f.Token, before)
		// Now that it is stored: a logger that panics must not lose it.
		hook.Patiently(func() {
			s.cfg.Logger.InfoContext(ctx, "token fetched", "token", tok.Fingerprint(),
				"expires_at", tok.Expiry().UTC().Round(time.Second), "took", took.Round(time.Millisecond).String())
		})
	}
	hook.Call(s.cfg.Hooks.FetchDone, Fetch{Token: tok, Err: err, Took: took, ErrorType: kind, Context: ctx})
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

// fetch makes one token request and remembers how it ended.
func (s *Source) fetch(ctx context.Context, limit time.Duration) (store.Token, error) {
	began := time.Now()
	bound, done := context.WithTimeout(ctx, limit)
	defer done()
	ctx, cancel := context.WithTimeout(ctx, pacing.Within(limit))
	defer cancel()
	// Bounded here too: a Fetch that hangs or panics is remembered, and not tried again at once.
	tok, err := bounded.Do(bound, func(context.Context) (store.Token, error) { return s.cfg.Fetch(ctx) })
	if err == nil {
		if err = store.CheckStorable(tok); err == nil {
			return tok, nil
		}
	}
	if o := tokenerr.OvertakenBy(ctx); o != nil {
		return store.Token{}, o
	}
	if err = tokenerr.OrSuspended(err, began, limit); err != ErrSuspended {
		err = s.recordFailure(ctx, err)
	}
	return store.Token{}, err
}

// save stores a fetched token in place of the one seen before, and returns the one that stands: another
// process may have been faster. One that cannot be stored is returned to the callers that wait for it.
func (s *Source) save(ctx context.Context, seen, tok store.Token) (store.Token, Origin, error) {
	standing, err := s.cfg.Store.CompareAndSwap(ctx, s.cfg.Key, seen, tok)
	switch {
	case errors.Is(err, store.ErrIdentity):
		return store.Token{}, Fetched, fmt.Errorf("token: storing: %w", err)
	case err == nil && standing.IsZero():
		err = tokenerr.ErrNoToken
	case err == nil && !lasts(standing, 0):
		err = tokenerr.ErrEnded
	case err == nil && standing.Equal(tok) && !s.isRejected(tok):
		err = s.lost(ctx)
	}
	if err != nil {
		if !s.account.unstored.Swap(tok).Equal(tok) { // once for each token
			hook.Patiently(func() { s.cfg.Logger.WarnContext(ctx, "the fetched token could not be stored", "error", err) })
		}
		return tok, Fetched, nil
	}
	s.account.unstored.Store(store.Token{})
	if standing.Equal(tok) || s.isRejected(standing) {
		return tok, Fetched, nil
	}
	hook.Patiently(func() {
		s.cfg.Logger.DebugContext(ctx, "token adopted from another process", "token", standing.Fingerprint())
	})
	return standing, Far, nil
}

// lost returns an error if the store does not have what it has just taken: a full store may
// evict a new entry at once. Without this check a token would be fetched for each call.
func (s *Source) lost(ctx context.Context) error {
	_, err := s.cfg.Store.Get(ctx, s.cfg.Key)
	if errors.Is(err, store.ErrNotFound) && farwait.Left(ctx, s.cfg.FarWait) > 0 { // else far was not asked
		return fmt.Errorf("the store took it and has it no more: %w", err)
	}
	return nil
}
