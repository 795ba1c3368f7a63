// Package token keeps a valid bearer token at hand for every call.
//
// A [Source] serves one identity. While the store has a valid token, asking for
// one costs a look into the near store: no lock, no allocation, no network. When
// it has none, all callers share one run, which asks the store again, fetches
// a token if need be and stores it before any caller goes on. A token in use is
// renewed ahead of its end, in the background; a failure is remembered, so that a
// gateway in trouble is left alone.
//
// The Source keeps no token above the store: a store that is swapped, emptied or
// written by others is seen at once.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the life of
// a token, state by state.
package token

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/atomictoken"
	"github.com/advoware-go/advoware/internal/inuse"
	"github.com/advoware-go/advoware/internal/measure"
	"github.com/advoware-go/advoware/internal/renewal"
	"github.com/advoware-go/advoware/internal/toggle"
	"github.com/advoware-go/advoware/internal/tokenerr"
	"github.com/advoware-go/advoware/internal/wait"
	"github.com/advoware-go/advoware/store"
)

var (
	// ErrClosed is returned by a Source that has been closed.
	ErrClosed = errors.New("token: source closed")

	// ErrStore is returned when the store could not be read, so that it is unknown whether
	// there is a token. It wraps the error of the store.
	ErrStore = tokenerr.ErrStore

	// ErrAtLeast is returned when a call asks for a longer validity than a fresh token is
	// sure to have.
	ErrAtLeast = errors.New("token: cannot promise that much remaining validity")
)

// Source hands out the tokens of one identity. Make it with [New].
type Source struct {
	// What a hit reads, side by side: after a pause none of it is in the CPU's caches.
	held  atomictoken.Held // the slot in Tiers.Near, if it has slots
	use   inuse.Mark       // once it is busy, hits only read it
	far   bool             // Tiers.Near is a far store
	tiers bool             // Tiers.Near is a store of its own
	cfg   Config

	life wait.End
	left sync.Once // the account

	account *account // shared with other Sources
	guard   *guard
	waiters wait.Either

	renewal   renewal.Plan
	following toggle.Toggle

	count measure.Token
}

// New returns a Source for cfg, or one error that names every problem. It does no
// I/O. Close it when it is no longer needed.
func New(cfg Config) (*Source, error) {
	tiers := cfg.Tiers.Near != nil
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg.setDefaults()
	s := &Source{held: atomictoken.Held{Find: cfg.Tiers.Slot}, far: cfg.Far && !tiers, cfg: cfg, tiers: tiers}
	s.account, s.guard = cfg.Fetcher.enter(s.name())
	return s, nil
}

// Origin is where a token came from.
type Origin uint8

const (
	Near    Origin = iota // the near store had it
	Far                   // another process had put it into the store
	Fetched               // it was requested for this call, or for one that it joined
)

// String returns "near", "far" or "fetched", and the number of any other Origin.
func (o Origin) String() string {
	if names := [...]string{"near", "far", "fetched"}; int(o) < len(names) {
		return names[o]
	}
	return "Origin(" + strconv.Itoa(int(o)) + ")"
}

// Token returns a valid token that lasts at least that long from now; 0 means any
// valid one, and is the fast way. More than half of a token's lifetime cannot be
// promised and is ErrAtLeast.
//
// It waits only when there is no such token. Then ctx bounds the wait, not the
// fetch, which goes on for others. The error is ctx's; a [*FetchError] if no token
// could be had; ErrClosed; or what the store returned.
func (s *Source) Token(ctx context.Context, atLeast time.Duration) (store.Token, error) {
	if atLeast > 0 || s.far || ctx == nil {
		return s.lookedUp(ctx, atLeast)
	}
	if tok := s.held.Hit(); !tok.IsZero() && s.use.Busy() {
		return tok, nil
	}
	tok, err := s.cfg.Tiers.Near.Get(ctx, s.cfg.Key)
	if err == nil && s.use.Busy() && !tok.IsZero() {
		s.held.Look(s.cfg.Key)
		return tok, nil
	}
	return s.afterMiss(ctx, tok, err)
}

// lookedUp, afterMiss and missed are the parts of Token that a hit does not need. With them its
// stack frame would be larger, and each hit slower.
//
//go:noinline
func (s *Source) lookedUp(ctx context.Context, atLeast time.Duration) (store.Token, error) {
	f, err := s.Lookup(ctx, atLeast)
	return f.Token, err
}

// afterMiss waits for the run that is under way, if there is one, as most callers of a stampede
// do. Its frames fit into the stack that a goroutine begins with: to copy that takes longer.
//
//go:noinline
func (s *Source) afterMiss(ctx context.Context, tok store.Token, err error) (store.Token, error) {
	r := s.guard.current.Load()
	if r == nil || s.cfg.Hooks.Waited != nil || !errors.Is(err, store.ErrNotFound) || ctx.Err() != nil || s.closed() {
		return s.missed(ctx, tok, err)
	}
	return s.waited(ctx, s.await(ctx, r))
}

//go:noinline
func (s *Source) waited(ctx context.Context, r *run) (store.Token, error) {
	if r != nil && !s.closed() && r.err == nil && r.leader == s && s.use.Busy() && !s.isRejected(r.Token) {
		return r.Token, nil // as take would, without a larger stack
	}
	f, err := s.take(ctx, want{}, r, false)
	if errors.Is(err, errRetry) {
		f, err = s.wait(ctx, want{})
	}
	return f.Token, err
}

//go:noinline
func (s *Source) missed(ctx context.Context, tok store.Token, err error) (store.Token, error) {
	f, err := s.firstOrMissed(ctx, want{}, tok, err)
	return f.Token, err
}

// Lookup is Token, and returns where the token came from too.
func (s *Source) Lookup(ctx context.Context, atLeast time.Duration) (Found, error) {
	if ctx == nil {
		return Found{}, errNilContext
	}
	if s.far {
		return s.lookupFar(ctx, atLeast)
	}
	tok, err := s.held.Hit(), error(nil)
	if tok.IsZero() || !s.use.Busy() {
		if tok, err = s.cfg.Tiers.Near.Get(ctx, s.cfg.Key); err == nil {
			s.held.Look(s.cfg.Key)
		}
	}
	if err == nil && s.use.Busy() && !tok.IsZero() && (atLeast <= 0 || s.canPromise(tok, atLeast)) {
		return Found{Token: tok, source: s}, nil
	}
	return s.firstOrMissed(ctx, want{atLeast: max(0, atLeast)}, tok, err)
}

func (s *Source) canPromise(tok store.Token, atLeast time.Duration) bool {
	return atLeast <= s.cfg.Lifetime/2 && lasts(tok, atLeast)
}

// firstOrMissed is the rest of a lookup that is not a hit on a token in use. tok and err are
// the answer of the near store: the first use of a token, a token that w does not take, or
// a miss.
func (s *Source) firstOrMissed(ctx context.Context, w want, tok store.Token, err error) (Found, error) {
	switch {
	case err == nil && !tok.IsZero() && (w.atLeast <= 0 || s.canPromise(tok, w.atLeast)) && (s.use.Busy() || s.touch(tok)):
		return s.renewed(ctx, w, Found{Token: tok, source: s})
	case s.closed():
		return Found{}, ErrClosed
	case err == nil && tok.IsZero():
		return Found{}, tokenerr.Read(ctx, tokenerr.ErrNoToken)
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return Found{}, tokenerr.Read(ctx, err)
	}
	return s.wait(ctx, w)
}

// Refresh returns a token whose fetch began after this call. Calls that come
// together share one fetch. It forgets a remembered failure.
func (s *Source) Refresh(ctx context.Context) (Found, error) {
	return s.wait(ctx, want{fresh: true, after: s.account.fetches.Load()})
}

// Close ends the Source: the renewal stops, waiting calls get ErrClosed, and a fetch
// under way is cancelled, unless another Source of the same Fetcher and credentials is
// open. It may be called at any moment and more than once.
// The stores stay open.
func (s *Source) Close() {
	s.life.Come()
	s.use.Close()
	s.renewal.Close()
	s.left.Do(func() { s.cfg.Fetcher.leave(s.name(), s.account) })
	s.unfollow()
}

func (s *Source) name() name   { return name{s.cfg.Key, s.cfg.Credentials} }
func (s *Source) closed() bool { return s.life.IsOver() }

func lasts(tok store.Token, atLeast time.Duration) bool {
	left := store.Remaining(time.Now(), tok.Expiry())
	return left > 0 && left >= atLeast
}
