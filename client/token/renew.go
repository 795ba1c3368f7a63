package token

import (
	"errors"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/pacing"
	"github.com/advoware-go/advoware/store"
)

// renewal is the plan for the token in use; guarded by Source.mu. Without a timer
// nothing is planned: the token was not used, and is left to lapse.
type renewal struct {
	timer *time.Timer
	tok   store.Token // the token it is about
	at    time.Time   // when the timer fires
	due   time.Time   // when it fired first, or will
}

func (r *renewal) stop() {
	if r.timer != nil {
		r.timer.Stop()
	}
	r.timer = nil
}

// touch notes the first use of a token since the last renewal, and plans one if none is
// planned. It reports whether the token may be used: that the Source is open, and that
// the token lasts, by a look at the clock that the hits after the first do not take.
func (s *Source) touch(tok store.Token) bool {
	if s.closed() || !lasts(tok, 0) {
		return false
	}
	if !s.use.Begin() || s.cfg.OneShot {
		return true
	}
	s.plan(tok, s.renewalDelay(tok), func(r *renewal) bool { return r.timer == nil })
	return true
}

// replan moves the plan to a token that a run brought, if it is for another one:
// that one may end later.
func (s *Source) replan(tok store.Token) {
	s.plan(tok, s.renewalDelay(tok), func(r *renewal) bool { return r.timer != nil && !r.tok.Equal(tok) })
}

// plan sets the timer, if that is still wanted: two runs that end at a time make one plan.
func (s *Source) plan(tok store.Token, delay time.Duration, wanted func(*renewal) bool) {
	s.mu.Lock()
	if s.closed() || !wanted(&s.renewal) {
		s.mu.Unlock()
		return
	}
	s.renewal.stop()
	at := time.Now().Add(delay)
	if !s.renewal.tok.Equal(tok) || s.renewal.due.IsZero() {
		s.renewal.due = at
	}
	s.renewal.tok, s.renewal.at = tok, at
	s.renewal.timer = time.AfterFunc(delay, s.onTimer)
	s.mu.Unlock()
	s.follow()
	s.unfollow() // nothing, unless the timer was faster and the token has lapsed
	if planned := s.cfg.Hooks.RenewalPlanned; planned != nil {
		patiently(func() { planned(tok, at) })
	}
}

func always(*renewal) bool { return true }

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
	life := s.cfg.Margins.Life(s.cfg.Lifetime)
	if issued := tok.IssuedAt(); !issued.IsZero() {
		life = min(life, tok.Expiry().Sub(issued))
	}
	return pacing.RenewIn(life, store.Remaining(time.Now(), tok.Expiry()), s.cfg.Margins)
}

// renew is what the timer does.
func (s *Source) renew() {
	ctx := s.life
	s.mu.Lock()
	planned := s.renewal.tok
	s.mu.Unlock()

	tok, err := s.near.Get(ctx, s.key)
	switch {
	case s.closed():
		return
	case err == nil && !tok.Equal(planned):
		s.next(tok, s.renewalDelay(tok)) // another process has renewed it
		return
	case err != nil || !s.use.Busy():
		s.lapse(planned)
		return
	}
	f, err := s.wait(ctx, want{instead: tok})
	if err == nil {
		s.next(f.Token, s.renewalDelay(f.Token))
		return
	}
	pause := pacing.Backoff(1)
	if failed, ok := errors.AsType[*FetchError](err); ok {
		pause = time.Until(failed.NextAttempt)
	}
	left := store.Remaining(time.Now(), tok.Expiry())
	if left <= 0 {
		s.lapse(tok) // from here on the callers ask
		return
	}
	// Planned even if the token ends first: without a plan each hit would make one.
	s.plan(tok, min(pause, left), always)
}

// next plans the renewal of a new token, which has not been used yet.
func (s *Source) next(tok store.Token, delay time.Duration) {
	s.use.Forget()
	s.plan(tok, delay, always)
}

// lapse leaves a token to its end.
func (s *Source) lapse(tok store.Token) {
	s.quiet()
	call(s.cfg.Hooks.Lapsed, tok)
}

// quiet plans nothing until the next use.
func (s *Source) quiet() {
	s.mu.Lock()
	s.renewal.stop()
	s.use.Forget()
	s.mu.Unlock()
	s.unfollow()
}
