package clienttest

import (
	"context"
	"fmt"

	"github.com/advoware-go/advoware/client/clienttest/internal/tally"
)

// Injected is a fault, or an observation, of a server. It is safe for concurrent use.
type Injected struct {
	server *Server
	fault  Fault
	left   int // how many more it strikes, negative for all; under faults.mu
	seen   int // matching requests, with Every; under faults.mu
	tally  tally.Tally
}

// Inject makes the server fail. Faults that match the same request strike in the
// order in which they were injected, one a request. The result can be ignored. It panics
// if f.Status is neither 0 nor from 200 to 999.
func (s *Server) Inject(f Fault) *Injected {
	checkStatus(f.Status)
	if f.Times == 0 {
		f.Times = 1
	}
	f.Header = f.Header.Clone()
	i := &Injected{server: s, fault: f, left: f.Times}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.pending = append(s.faults.pending, i)
	return i
}

// Observe counts the requests to a part of the server for which where is true, without
// changing what becomes of them. Nil is all of them. Where is called with a request as it
// came, as Fault.Where is.
func (s *Server) Observe(on Target, where func(*Request) bool) *Injected {
	i := &Injected{server: s, fault: Fault{On: on, Where: where}, left: -1}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.observers = append(s.faults.observers, i)
	return i
}

// ClearFaults removes all faults. What Observe counts is counted on.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	pending := s.faults.pending
	s.faults.pending = nil
	s.faults.mu.Unlock()
	for _, i := range pending {
		i.tally.End()
	}
}

// Hits returns how many requests were struck or observed so far. One counts as soon as
// it has arrived with its body, before its answer.
func (i *Injected) Hits() int { return i.tally.Count() }

// Wait waits until n requests were struck or observed in all. It returns an error, which
// says how many were, as soon as ctx ends, the server closes, or no more will be struck:
// after the last one of Fault.Times, Remove, and ClearFaults. The first error matches what
// ended ctx.
func (i *Injected) Wait(ctx context.Context, n int) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer context.AfterFunc(i.server.ctx, func() { stop(fmt.Errorf("the server is closed: %w", tally.ErrEnded)) })()
	if err := i.tally.Wait(ctx, n); err != nil {
		return fmt.Errorf("clienttest: requests struck: %w", err)
	}
	return nil
}

// Remove removes the fault or the observation. Requests that it has struck already are
// not affected. It is idempotent.
func (i *Injected) Remove() {
	f := &i.server.faults
	f.mu.Lock()
	f.pending, f.observers = without(f.pending, i), without(f.observers, i)
	f.mu.Unlock()
	i.tally.End()
}

// checkStatus panics on a status that no answer can have. Found here and not when it is
// sent, it is not mistaken for a lost connection.
func checkStatus(status int) {
	if status != 0 && (status < 200 || status > 999) {
		panic(fmt.Sprintf("clienttest: no answer has the status %d", status))
	}
}
