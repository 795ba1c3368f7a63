package token

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/store"
)

// noteLease notes who may request a token; "" when nobody does.
func (a *account) noteLease(holder string) {
	a.tokens.mu.Lock()
	defer a.tokens.mu.Unlock()
	a.history.NoteLease(holder)
}

// Status returns the state of the Source. It may be asked at any moment. It costs about as
// much as a hit: it asks the near tier, or the Store if that is neither tiered nor a far one.
// A far store is not asked.
func (s *Source) Status() status.Token {
	if s.closed() {
		return status.Token{State: status.Closed}
	}
	plan := s.renewal.Now()
	a, now := s.account, time.Now()
	a.tokens.mu.Lock()
	failed, known, used := a.failure.last, a.history, a.tokens.inUse
	a.tokens.mu.Unlock()
	tok := s.standing(plan.Token, used)

	st := status.Token{State: status.Empty, Fetched: known.Fetched, Lease: known.Lease}
	pending := failed != nil && now.Before(failed.NextAttempt)
	if known.Failure != nil {
		f := *known.Failure
		if !pending {
			f.NextAttempt = time.Time{}
		}
		st.Failure = &f
	}
	switch {
	case !tok.IsZero():
		st.State, st.Fingerprint, st.Expiry = status.Fresh, tok.Fingerprint(), tok.Expiry()
		if !plan.Token.Equal(tok) {
			break
		}
		if plan.Planned {
			st.Renewal = plan.At
		}
		if !now.Before(plan.Due) {
			st.State = status.Due
		}
	case pending:
		st.State = status.Failed
	}
	return st
}

// standing returns the valid token, zero if there is none: what the near store has, or, for a
// far store, the one that was used last.
func (s *Source) standing(planned, used store.Token) store.Token {
	tok := planned
	if !s.far {
		ctx, cancel := context.WithTimeout(context.Background(), s.cfg.FarWait)
		defer cancel()
		tok, _ = s.cfg.Tiers.Near.Get(ctx, s.cfg.Key)
	} else if !used.IsZero() {
		tok = used
	}
	if tok.IsZero() || !lasts(tok, 0) || s.isRejected(tok) {
		return store.Token{}
	}
	return tok
}
