package token

import (
	"context"
	"errors"
	"time"

	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/hook"
	"github.com/advoware-go/advoware/internal/pacing"
	"github.com/advoware-go/advoware/internal/renewal"
	"github.com/advoware-go/advoware/store"
)

// touch notes the first use of a token since the last renewal, and plans one if none is
// planned. It reports whether the token may be used: that the Source is open, and that
// the token lasts, by a look at the clock that the hits after the first do not take.
func (s *Source) touch(tok store.Token) bool {
	if s.closed() || !lasts(tok, 0) {
		return false
	}
	lazy := s.cfg.Lazy && !s.cfg.OneShot
	wanted := func(r renewal.State) bool { return !r.Planned || lazy && !r.Token.Equal(tok) }
	if lazy && wanted(s.renewal.Now()) || !lazy && s.use.Begin() && !s.cfg.OneShot {
		s.plan(tok, s.renewalDelay(tok), wanted)
	}
	return true
}

// replan moves the plan to a token that a run brought, if it is for another one:
// that one may end later.
func (s *Source) replan(tok store.Token) {
	s.plan(tok, s.renewalDelay(tok), func(r renewal.State) bool { return r.Planned && !r.Token.Equal(tok) })
}

// plan sets the timer, if that is still wanted.
func (s *Source) plan(tok store.Token, delay time.Duration, wanted func(renewal.State) bool) {
	fire := s.onTimer
	if s.cfg.Lazy {
		fire = nil
	}
	at, set := s.renewal.Set(tok, delay, wanted, fire)
	if !set {
		return
	}
	s.follow()
	s.unfollow() // nothing, unless the timer was faster and the token has lapsed
	hook.Call2(s.cfg.Hooks.RenewalPlanned, tok, at)
}

// onTimer renews. A panic of a store, a hook or a logger must end neither the
// process nor the renewal.
func (s *Source) onTimer() {
	if err := <-bounded.Run(s.renew); err != nil {
		s.quiet()
		bounded.Run(func() { s.cfg.Logger.Error("token renewal broke off", "error", err) })
	}
}

// renewalDelay draws the instant of the renewal, as a delay from now.
func (s *Source) renewalDelay(tok store.Token) time.Duration {
	return pacing.RenewIn(tok, time.Now(), s.cfg.Lifetime, s.cfg.Margins)
}

// renew is what the timer does.
func (s *Source) renew() {
	ctx, cancel := s.life.Context(context.Background(), ErrClosed)
	defer cancel()
	planned := s.renewal.Now().Token

	tok, err := s.cfg.Tiers.Near.Get(ctx, s.cfg.Key)
	switch {
	case s.closed():
		return
	case err == nil && !tok.Equal(planned):
		s.count.Renewed(metric.RenewedByFar)
		s.next(tok, s.renewalDelay(tok)) // another process has renewed it
		return
	case err != nil || !s.use.Busy():
		s.count.Renewed(metric.Lapsed)
		s.lapse(planned)
		return
	}
	f, err := s.wait(ctx, want{instead: tok})
	if err == nil {
		s.count.Renewed(metric.Renewed)
		s.next(f.Token, s.renewalDelay(f.Token))
		return
	}
	s.count.Renewed(metric.Failed)
	if !lasts(tok, 0) {
		s.lapse(tok) // from here on the callers ask
		return
	}
	s.plan(tok, s.pause(tok, err), renewal.Always)
}

// pause returns how long after a renewal failed with err it is tried again. That is planned
// even if the token ends first: without a plan each hit would make one.
func (s *Source) pause(tok store.Token, err error) time.Duration {
	pause := pacing.Backoff(1)
	if failed, ok := errors.AsType[*FetchError](err); ok {
		pause = time.Until(failed.NextAttempt)
	}
	return min(pause, store.Remaining(time.Now(), tok.Expiry()))
}

// next plans the renewal of a new token, which has not been used yet.
func (s *Source) next(tok store.Token, delay time.Duration) {
	s.use.Forget()
	s.plan(tok, delay, renewal.Always)
}

// lapse leaves a token to its end.
func (s *Source) lapse(tok store.Token) {
	s.quiet()
	hook.Call(s.cfg.Hooks.Lapsed, tok)
}

// quiet plans nothing until the next use.
func (s *Source) quiet() {
	s.renewal.Stop()
	s.use.Forget()
	s.held.Drop()
	s.unfollow()
}
