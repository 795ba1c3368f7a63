package token

import (
	"context"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// history is what has happened, for Status; guarded by tokens.mu.
type history struct {
	fetched time.Time
	failure status.Failure
	lease   string
}

// noteFailure is called with the mutex held.
func (h *history) noteFailure(f lease.Failure, next time.Time) {
	h.failure = status.Failure{At: time.Now(), Refused: f.Refused, Reason: f.Reason, NextAttempt: next}
}

// noteLease notes who may request a token; "" when nobody does. Anybody can write a name of
// any form into Redis.
func (a *account) noteLease(holder string) {
	if len(holder) > maxHolder || strings.ContainsFunc(holder, func(r rune) bool { return r <= ' ' || r > '~' }) {
		holder = "another process"
	}
	a.tokens.mu.Lock()
	defer a.tokens.mu.Unlock()
	a.history.lease = holder
}

const maxHolder = 64

// Status returns the state of the Source. It may be asked at any moment. It costs about as
// much as a hit: it asks the near tier, or the Store if that is neither tiered nor a far one.
// A far store is not asked.
func (s *Source) Status() status.Token {
	if s.closed() {
		return status.Token{State: status.Closed}
	}
	s.mu.Lock()
	plan := s.renewal
	s.mu.Unlock()
	tok := s.standing(plan.tok)
	a, now := s.account, time.Now()
	a.tokens.mu.Lock()
	failed, known := a.failure.last, a.history
	a.tokens.mu.Unlock()

	st := status.Token{State: status.Empty, Fetched: known.fetched, Lease: known.lease}
	pending := failed != nil && now.Before(failed.NextAttempt)
	if f := known.failure; !f.At.IsZero() {
		if !pending {
			f.NextAttempt = time.Time{}
		}
		st.Failure = &f
	}
	switch {
	case !tok.IsZero():
		st.State, st.Fingerprint, st.Expiry = status.Fresh, tok.Fingerprint(), tok.Expiry()
		if !plan.tok.Equal(tok) {
			break
		}
		if plan.timer != nil {
			st.Renewal = plan.at
		}
		if !now.Before(plan.due) {
			st.State = status.Due
		}
	case pending:
		st.State = status.Failed
	}
	return st
}

// standing returns the valid token, zero if there is none: what the near store has, or, for a
// far store, the one that was used last.
func (s *Source) standing(planned store.Token) store.Token {
	tok := planned
	if !s.far {
		ctx, cancel := context.WithTimeout(s.life, s.cfg.FarWait)
		defer cancel()
		tok, _ = s.near.Get(ctx, s.key)
	} else if used := s.account.lastUsed(); !used.IsZero() {
		tok = used
	}
	if tok.IsZero() || !lasts(tok, 0) || s.isRejected(tok) {
		return store.Token{}
	}
	return tok
}

func (a *account) lastUsed() store.Token {
	a.tokens.mu.Lock()
	defer a.tokens.mu.Unlock()
	return a.tokens.inUse
}
