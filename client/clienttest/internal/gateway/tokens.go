package gateway

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"sync"
	"time"
)

// Tokens are those that were issued and not revoked.
type Tokens struct {
	mu    sync.Mutex
	valid map[string]grantee
}

type grantee struct {
	identity Identity
	expiry   time.Time // on the server's clock
}

// Revoke ends a token at once and reports whether it was valid.
func (t *Tokens) Revoke(token string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	g, ok := t.valid[token]
	delete(t.valid, token)
	return ok && now.Before(g.expiry)
}

// RevokeAll ends all tokens at once.
func (t *Tokens) RevokeAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.valid)
}

// Issue returns a new token. Those that have ended are forgotten.
func (t *Tokens) Issue(id Identity, now, expiry time.Time) string {
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

// Find says whose token it is and whether it is valid.
func (t *Tokens) Find(token string, now time.Time) (Identity, bool) {
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
