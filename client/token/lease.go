package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/hook"
	"github.com/advoware-go/advoware/internal/pacing"
	"github.com/advoware-go/advoware/internal/tokenerr"
	"github.com/advoware-go/advoware/internal/wait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// How long other processes are waited for. The waiting process measures it: what the lease
// says of itself may be an hour, or be prolonged every second.
const (
	maxLeaseWait = 10 * time.Second // for all of them, before a process goes on alone

	// Another program may write the keys all the time, which wakes the waiting each time.
	quickAsks = 8
	slowAsk   = 25 * time.Millisecond
)

// ErrRemoteFetch is the cause in a FetchError when the token request that failed was made by
// another process with the same credentials.
var ErrRemoteFetch = errors.New("token: the token request of another process failed")

// grant is the permission to fetch.
type grant struct {
	release func(*lease.Failure)
	replace store.Token // the token in the store that is not wanted; zero if there is none
	crowded bool        // others are fetching as well
}

// obtain waits until this process may fetch, or another one has put a token into the
// store that w takes; then f has it, and the grant is nil. The first look does not
// count as waiting. old is the token that is not wanted.
//
// A process that takes longer than usual is replaced, by one waiting process at a time. In
// the end each goes on alone: the one that fetches may be the only one that does not reach
// the gateway.
func (s *Source) obtain(ctx context.Context, w want, old store.Token, f *found) (*grant, error) {
	ask := lease.Ask{Old: old, Credentials: s.cfg.Credentials, Tried: s.account.failed().tried, Force: w.fresh}
	began := time.Now()
	until, over := began.Add(maxLeaseWait), began // the end of all waiting, and of that for ask.Holder
	for asked, asks := ctx, 1; ; asks++ {
		if asks > 1 {
			if asks > quickAsks {
				if err := wait.Rest(ctx, slowAsk-time.Since(began)); err != nil {
					return nil, err
				}
			}
			began = time.Now()
			asked = farwait.Fresh(ctx, s.cfg.FarWait) // waiting for another process is not waiting for the far store
		}
		t, err := s.acquire(asked, ask)
		switch {
		case err != nil:
			return s.aloneInTurn(asked, w, f, until)
		case t.Release != nil:
			return &grant{t.Release, ask.Old, ask.TakeOver}, nil
		case t.Failure != nil:
			return nil, s.adoptFailure(ctx, t.Failure)
		case t.Wait == nil && s.serves(w, t.Token):
			f.Token, f.Origin = t.Token, Far
			return nil, nil
		case !time.Now().Before(until), t.Wait == nil && (t.Token.IsZero() || t.Token.Equal(ask.Old)):
			t.Drop()
			return s.alone(asked, w, f) // waited long enough, or no lease that can be relied upon
		case t.Wait == nil:
			ask.Old = t.Token
			f.Token, f.Origin = t.Token, Far // also if the run fails: a waiter may ask for less
			continue
		}
		if s.inPassing(w) {
			t.Drop()
			return nil, tokenerr.ErrElsewhere
		}
		if !f.Waited {
			defer s.count.LeaseWait(began)
		}
		f.Waited = true
		if t.Holder != ask.Holder {
			s.account.noteLease(t.Holder)
			ask.Holder, ask.TakeOver = t.Holder, false
			over = wait.Earlier(until, time.Now().Add(s.account.pace.Patience()))
		}
		if err := wait.Until(ctx, t.Wait, over); err != nil {
			return nil, err
		}
		if !ask.TakeOver && !time.Now().Before(over) {
			ask.TakeOver, over = true, until
		}
	}
}

// acquire asks for the lease, as long as the call may wait for the far store.
func (s *Source) acquire(ctx context.Context, ask lease.Ask) (lease.Outcome, error) {
	left := farwait.Left(ctx, s.cfg.FarWait)
	if s.cfg.Tiers.Lease == nil || left <= 0 {
		return lease.Outcome{}, context.DeadlineExceeded
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	return s.cfg.Tiers.Lease.Acquire(ctx, s.cfg.Key, ask)
}

// adoptFailure takes a failure of another process as this one's own.
func (s *Source) adoptFailure(ctx context.Context, f *lease.Failure) error {
	cause := ErrRemoteFetch
	if f.Message != "" {
		cause = fmt.Errorf("%w: %s", ErrRemoteFetch, f.Message)
	}
	if same := s.cfg.Errors.Sentinel(*f); same != nil {
		cause = tokenerr.Also(cause, same)
	}
	e := &FetchError{Err: cause, Refused: f.Refused, NextAttempt: time.Now().Add(min(f.Pause, pacing.MaxRetryAfter))}
	a := s.account
	a.tokens.mu.Lock()
	a.failure.last = e
	a.history.NoteFailure(*f, e.NextAttempt)
	if !f.Refused {
		a.failure.row++
	}
	a.tokens.mu.Unlock()
	hook.Patiently(func() {
		s.cfg.Logger.InfoContext(ctx, "token fetch failed in another process", "error", cause, "refused", f.Refused, "reason", f.Reason)
	})
	return e
}

// failureOf is what an error of fetch is for the processes that wait for this one.
func (s *Source) failureOf(err error) *lease.Failure {
	failed, ok := errors.AsType[*FetchError](err)
	if !ok {
		return nil // closed: the next one shall try at once
	}
	f := s.cfg.Errors.Classify(failed.Err)
	f.Message, f.Pause = failed.Err.Error(), time.Until(failed.NextAttempt)
	return &f
}
