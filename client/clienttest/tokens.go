package clienttest

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"sync"
	"time"
)

// tokens are those that were issued and not revoked.
type tokens struct {
	mu    sync.Mutex
	valid map[string]grantee
}

type grantee struct {
	identity Identity
	expiry   time.Time // on the server's clock
}

// Issue returns a new token of the identity in Options, as if it had been fetched
// now. It is for tests that play another program, and counts as issued.
func (s *Server) Issue() string {
	now := s.now()
	s.counters.add(func(c *Counts) { c.TokensIssued++ })
	return s.tokens.issue(s.identity, now, now.Add(s.Options().Lifetime))
}

// Revoke ends a token at once and reports whether it was valid.
func (s *Server) Revoke(token string) bool {
	now := s.now()
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	g, ok := s.tokens.valid[token]
	delete(s.tokens.valid, token)
	return ok && now.Before(g.expiry)
}

// RevokeAll ends all tokens at once.
func (s *Server) RevokeAll() {
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	clear(s.tokens.valid)
}

func (t *tokens) issue(id Identity, now, expiry time.Time) string {
	token := newToken(id, expiry)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.valid == nil {
		t.valid = make(map[string]grantee)
	}
	for old, g := range t.valid {
		if !now.Before(g.expiry) {
			delete(t.valid, old)
		}
	}
	t.valid[token] = grantee{id, expiry}
	return token
}

// find tells whose token it is and whether it is valid.
func (t *tokens) find(token string, now time.Time) (Identity, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g, ok := t.valid[token]
	return g.identity, ok && now.Before(g.expiry)
}

// newToken makes a text that looks like a JSON Web Token, as long as a real one,
// and cannot be guessed. Nobody checks its signature: it is random.
func newToken(id Identity, expiry time.Time) string {
	head, _ := json.Marshal(map[string]string{"alg": "HS512", "typ": "JWT"})
	claims, _ := json.Marshal(map[string]any{
		"iss": "advoware-sandbox", "sub": id.User, "exp": expiry.Unix(), "jti": rand.Text(),
	})
	signature := make([]byte, 64)
	rand.Read(signature)
	enc := base64.RawURLEncoding
	return enc.EncodeToString(head) + "." + enc.EncodeToString(claims) + "." + enc.EncodeToString(signature)
}
