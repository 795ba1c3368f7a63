package clienttest

import (
	"sync"
	"time"
)

// settings is the part of Options that can change while the server runs.
type settings struct {
	mu                    sync.Mutex
	lifetime, skew        time.Duration
	tokenLatency, latency time.Duration
	shape                 Shape
}

func (s *settings) from(o Options) {
	s.lifetime, s.skew = o.Lifetime, o.Skew
	if !o.Start.IsZero() {
		s.skew = time.Until(o.Start)
	}
	s.tokenLatency, s.latency = o.TokenLatency, o.Latency
	s.shape = o.Shape
}

// Options returns the options in effect: what New was given, the defaults filled
// in, with what was set since. Addr is the one that is listened on. A Start has become the
// Skew.
func (s *Server) Options() Options {
	o := s.opts
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	o.Lifetime, o.Skew, o.Start = s.settings.lifetime, s.settings.skew, time.Time{}
	o.TokenLatency, o.Latency = s.settings.tokenLatency, s.settings.latency
	o.Shape = s.settings.shape
	return o
}

// SetLifetime changes Options.Lifetime for tokens issued from now on. Zero or less
// means that they have expired when they are issued.
func (s *Server) SetLifetime(d time.Duration) { s.set(func(t *settings) { t.lifetime = d }) }

// SetTokenLatency changes Options.TokenLatency for requests that arrive from now on.
func (s *Server) SetTokenLatency(d time.Duration) { s.set(func(t *settings) { t.tokenLatency = d }) }

// SetLatency changes Options.Latency for requests that arrive from now on.
func (s *Server) SetLatency(d time.Duration) { s.set(func(t *settings) { t.latency = d }) }

// SetSkew sets the server's clock. Tokens that were issued before end at the same
// reading of it, so that they end earlier or later in real time.
func (s *Server) SetSkew(d time.Duration) { s.set(func(t *settings) { t.skew = d }) }

// SetShape changes Options.Shape. An unknown shape is treated as ShapeNone.
func (s *Server) SetShape(shape Shape) { s.set(func(t *settings) { t.shape = shape }) }

func (s *Server) set(change func(*settings)) {
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	change(&s.settings)
}

// now reads the server's clock.
func (s *Server) now() time.Time {
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	return time.Now().Add(s.settings.skew)
}
