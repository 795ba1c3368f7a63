package clienttest

import (
	"net/http"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/gateway"
)

// Issue returns a new token of the identity in Options, as if it had been fetched
// now. It is for tests that play another program, and counts as issued.
func (s *Server) Issue() string {
	now := s.now()
	s.counters.add(func(c *Counts) { c.TokensIssued++ })
	return s.tokens.Issue(gateway.Identity(s.identity), now, now.Add(s.Options().Lifetime))
}

// Revoke ends a token at once and reports whether it was valid.
func (s *Server) Revoke(token string) bool { return s.tokens.Revoke(token, s.now()) }

// RevokeAll ends all tokens at once.
func (s *Server) RevokeAll() { s.tokens.RevokeAll() }

// grant issues a token and answers with it.
func (s *Server) grant(id gateway.Identity) *answer.Answer {
	s.settings.mu.Lock()
	lifetime, shape := s.settings.lifetime, s.settings.shape
	s.settings.mu.Unlock()
	now := s.now()
	expiry := now.Add(lifetime)
	return answer.JSON(http.StatusOK, gateway.Response(gateway.Shape(shape), s.tokens.Issue(id, now, expiry), id, lifetime, expiry))
}
