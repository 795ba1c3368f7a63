package gateway

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	mathrand "math/rand/v2"
	"sync"
	"time"
)

// Tokens are those that were issued and not revoked.
type Tokens struct {
	// Seed, unless it is 0, decides the text of each token, by the number of the token.
	// Set it before the first.
	Seed uint64

	mu     sync.Mutex
	issued uint64
	valid  map[string]grantee
	order  []string // in which they were issued; those that were revoked too
}

// tokensKept is how many valid tokens there can be, in about 15 MB: those of a client
// that fetches one for each of seven calls a second, until the first of them end.
const tokensKept = 25_000

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
	t.order = nil
}

// Issue returns a new token. The oldest are forgotten when they have ended, or if there
// are too many.
func (t *Tokens) Issue(id Identity, now, expiry time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.issued++
	token := t.text(id, expiry)
	if t.valid == nil {
		t.valid = make(map[string]grantee)
	}
	t.valid[token] = grantee{id, expiry}
	t.order = append(t.order, token)
	for { // only the oldest: a look at each would make many tokens slow
		if g, ok := t.valid[t.order[0]]; len(t.order) == 1 || ok && now.Before(g.expiry) && len(t.order) <= tokensKept {
			return token
		}
		delete(t.valid, t.order[0])
		t.order = t.order[1:]
	}
}

// Find says whose token it is and whether it is valid.
func (t *Tokens) Find(token string, now time.Time) (Identity, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g, ok := t.valid[token]
	return g.identity, ok && now.Before(g.expiry)
}

// text makes a text that looks like a JSON Web Token, as long as a real one, and without a
// Seed cannot be guessed. Nobody checks its signature: it is random.
func (t *Tokens) text(id Identity, expiry time.Time) string {
	random := make([]byte, 16+64)
	claims := map[string]any{"iss": "advoware-sandbox", "sub": id.User}
	if t.Seed == 0 {
		rand.Read(random)
		claims["exp"] = expiry.Unix()
	} else { // whatever the time is
		var key [32]byte
		binary.LittleEndian.PutUint64(key[:8], t.Seed)
		binary.LittleEndian.PutUint64(key[8:16], t.issued)
		mathrand.NewChaCha8(key).Read(random)
	}
	enc := base64.RawURLEncoding
	claims["jti"] = enc.EncodeToString(random[:16])
	head, _ := json.Marshal(map[string]string{"alg": "HS512", "typ": "JWT"})
	body, _ := json.Marshal(claims)
	return enc.EncodeToString(head) + "." + enc.EncodeToString(body) + "." + enc.EncodeToString(random[16:])
}
