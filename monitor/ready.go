package monitor

import (
	"context"
	"fmt"
	"time"

	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/client/status"
)

// maxAsked is how many offices are asked for a token at a time, and askTime how long one may
// take.
const (
	maxAsked = 8
	askTime  = 30 * time.Second
)

// readiness is whether calls of an office can be expected to get a token, and why.
type readiness struct {
	Ready bool
	Why   string // for people: "a token until 14:05:00Z"
	ask   bool   // nobody knows before it is tried, and it may be tried
}

// readiness says how ready an office is. A token counts, and, while there is none, the last
// token request: it brought a token, which has lapsed since nobody used it. An office that was
// never asked for one is not ready, as nobody knows.
func (o *office) readiness(s status.Client) readiness {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch s.State {
	case status.Closed:
		return readiness{Why: "the client is closed"}
	case status.Fresh, status.Due:
		o.asked = true
		return readiness{Ready: true, Why: "a token until " + clock(s.Expiry)}
	}
	if f := s.Failure; f != nil && !f.At.Before(o.lastToken(s)) {
		r := readiness{Why: fmt.Sprintf("%s at %s", failureText(*f), clock(f.At))}
		switch {
		case s.State == status.Failed:
			r.Why += ", next attempt at " + clock(f.NextAttempt)
		case f.Refused && locks(reason.Parse(f.Reason)):
			r.Why += ", the next call tries again"
		default:
			r.ask = true
			r.Why += ", trying again"
		}
		return r
	}
	if !o.lastToken(s).IsZero() {
		o.asked = true
		return readiness{Ready: true, Why: "no token as nobody needs one; the last one ended at " + clock(o.History.record.LastToken().To)}
	}
	return readiness{Why: "no token yet, asking for one", ask: true}
}

// lastToken returns when the last token came into use that is known of.
func (o *office) lastToken(s status.Client) time.Time {
	at := o.History.record.LastToken().From
	if s.Fetched.After(at) {
		return s.Fetched
	}
	return at
}

// locks reports whether attempts that are refused so may lock an account. They are not made
// because somebody wants to know whether they are refused.
func locks(why reason.Reason) bool { return why == reason.WrongCredentials || why == reason.Unknown }

func failureText(f status.Failure) string {
	text := "a token request failed"
	if f.Refused {
		text = "a token request was refused"
	}
	if why := reason.Parse(f.Reason); why != reason.Unknown {
		text += " (" + why.String() + ")"
	}
	return text
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05Z") }

// ready reports whether the process is: not while it drains, and if one office is. One that is
// not connected takes nothing away from the others.
func (m *Monitor) ready(all []seen) bool {
	if m.draining.Load() {
		return false
	}
	for _, s := range all {
		if s.ready.Ready {
			return true
		}
	}
	return false
}

// askAll asks those that were never asked, and, while none is ready, those that failed and may
// be tried again. It does not wait.
func (m *Monitor) askAll(all []seen) {
	ready := m.ready(all)
	for _, s := range all {
		if s.ready.ask && !m.draining.Load() {
			m.ask(s.office, ready)
		}
	}
}

// ask asks an office for a token in the background, if nobody is asking. With once, only one that
// was never asked.
func (m *Monitor) ask(o *office, once bool) {
	o.mu.Lock()
	wanted := !o.asking && !(once && o.asked)
	o.mu.Unlock()
	if !wanted {
		return
	}
	select {
	case m.asking <- struct{}{}:
	default:
		return // the next probe asks
	}
	m.closing.Lock()
	defer m.closing.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	if m.life.Err() != nil || o.asking {
		<-m.asking
		return
	}
	o.asked, o.asking = true, true
	m.running.Go(func() {
		ctx, cancel := context.WithTimeout(m.life, askTime)
		defer cancel()
		defer func() {
			<-m.asking
			o.mu.Lock()
			o.asking = false
			o.mu.Unlock()
		}()
		_, _ = o.Client.Source().Token(ctx, 0) // the status has how it ended
	})
}

// tell logs when the process becomes ready, and when it is so no more.
func (m *Monitor) tell(all []seen) {
	now := int32(1)
	if m.ready(all) {
		now = 2
	}
	switch m.was.Swap(now) {
	case now:
		return
	case 0:
		if now == 1 {
			return // it begins so
		}
	}
	if now == 2 {
		m.cfg.Logger.Info("the process is ready")
		return
	}
	why := "draining"
	if !m.draining.Load() {
		why = all[0].ready.Why
	}
	m.cfg.Logger.Warn("the process is not ready", "why", why)
}
