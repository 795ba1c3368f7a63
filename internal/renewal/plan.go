// Package renewal keeps the plan of when a token is renewed: by a timer, or, where timers
// may stand still, by a look at the clock.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the life of a token.
package renewal

import (
	"sync"
	"time"

	"github.com/advoware-go/advoware/store"
)

// Plan says which token is renewed when. The zero value plans nothing.
type Plan struct {
	mu     sync.Mutex
	state  State
	timer  *time.Timer // nil: nothing is planned, or whoever uses the token looks at the clock
	closed bool
}

// State is a Plan at one instant.
type State struct {
	Planned bool        // else the token was not used, and is left to lapse
	Token   store.Token // the token that the plan is, or was, about
	At      time.Time   // when it is to be renewed
	Due     time.Time   // when it was to be renewed at first
}

// Now returns the State.
func (p *Plan) Now() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// Always is a wish for Set that wants its plan in place of any other.
func Always(State) bool { return true }

// Set plans the renewal of tok after delay, if wanted says so of the State: two runs that
// end at a time make one plan. It returns the instant, and whether that is planned. fire is
// called then, on a goroutine of its own; nil means that there is no timer.
func (p *Plan) Set(tok store.Token, delay time.Duration, wanted func(State) bool, fire func()) (at time.Time, set bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || !wanted(p.state) {
		return time.Time{}, false
	}
	p.stop()
	at = time.Now().Add(delay)
	if !p.state.Token.Equal(tok) || p.state.Due.IsZero() {
		p.state.Due = at
	}
	p.state.Planned, p.state.Token, p.state.At = true, tok, at
	if fire != nil {
		p.timer = time.AfterFunc(delay, fire)
	}
	return at, true
}

// Due reports whether tok is to be renewed by now, by whichever clock says so first: the
// monotonic one stands still while the machine is suspended.
func (p *Plan) Due(tok store.Token) bool {
	s := p.Now()
	return s.Planned && s.Token.Equal(tok) && store.Remaining(time.Now(), s.At) <= 0
}

// Stop plans nothing until Set is called again.
func (p *Plan) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop()
}

// Close plans nothing any more.
func (p *Plan) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.stop()
}

func (p *Plan) stop() {
	if p.timer != nil {
		p.timer.Stop()
	}
	p.timer, p.state.Planned = nil, false
}
