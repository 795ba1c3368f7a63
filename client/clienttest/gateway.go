package clienttest

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	gw "github.com/advoware-go/advoware/client/clienttest/internal/gateway"
)

// gateway knows who may log in and which nonces were used.
type gateway struct {
	mu         sync.Mutex
	identities []Identity
	nonces     map[string]bool
}

func (g *gateway) add(id Identity) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.identities = append(g.identities, id)
}

// knows reports whether anybody of the Kanzlei may log in.
func (g *gateway) knows(kanzlei string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.ContainsFunc(g.identities, func(id Identity) bool { return id.Kanzlei == kanzlei })
}

// burn records a nonce and reports whether it is new. Case does not make it so.
func (g *gateway) burn(nonce string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	nonce = strings.ToLower(nonce)
	if g.nonces[nonce] {
		return false
	}
	if g.nonces == nil {
		g.nonces = make(map[string]bool)
	}
	g.nonces[nonce] = true
	return true
}

// checkToken judges a token request that has arrived, before any fault has its
// say: a nonce is used up by arriving, also if the answer is a failure, so that a
// client which sends it again is always found out. It returns the identity or a
// refusal.
func (s *Server) checkToken(r *http.Request, body []byte) (Identity, *answer.Answer) {
	if r.Method != http.MethodPost {
		return Identity{}, answer.MethodNotAllowed(http.MethodPost)
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return Identity{}, answer.Refusal(http.StatusUnsupportedMediaType, "Content-Type", "Der Inhalt der Anfrage muss application/json sein.")
	}
	req, err := gw.Parse(body)
	if err != nil {
		return Identity{}, answer.BadField(err)
	}
	if !s.gateway.burn(req.Nonce) {
		return Identity{}, answer.Refusal(http.StatusBadRequest, "Nonce", "Die Nonce wurde bereits verwendet.")
	}
	now := s.now()
	if !gw.Near(req.At, now, s.opts.TimestampWindow) {
		return Identity{}, answer.Refusal(http.StatusUnauthorized, "RequestTimeStamp", fmt.Sprintf(
			"Der Zeitstempel der Anfrage weicht zu weit von der Serverzeit %s ab.", now.UTC().Format("02.01.2006 15:04:05")))
	}
	return s.gateway.authenticate(req)
}

// authenticate finds the identity that the request names and signs.
func (g *gateway) authenticate(req *gw.Request) (Identity, *answer.Answer) {
	g.mu.Lock()
	candidates := g.identities[:len(g.identities):len(g.identities)]
	g.mu.Unlock()
	checked := make(map[string]bool) // by key, which many identities may share
	signedBy := func(id Identity) bool {
		ok, done := checked[id.APIKey]
		if !done {
			ok = signed(req, id.APIKey)
			checked[id.APIKey] = ok
		}
		return ok
	}
	for _, step := range []struct {
		field, message string
		matches        func(Identity) bool
	}{
		{"AppID", "Die Anwendung ist nicht bekannt.", func(id Identity) bool { return id.AppID == req.AppID }},
		{"Product", "Das Produkt ist für diese Anwendung nicht freigeschaltet.", func(id Identity) bool { return id.Product == req.Product }},
		{"HMAC512Signature", "Die Signatur der Anfrage ist ungültig.", signedBy},
		{"Kanzlei", "Die Kanzlei ist nicht registriert.", func(id Identity) bool { return id.Kanzlei == req.Kanzlei }},
		{"Database", "Die Datenbank ist nicht registriert.", func(id Identity) bool { return id.Database == req.Database }},
		{"User", "Benutzername oder Kennwort sind falsch.", func(id Identity) bool { return id.User == req.User }},
		{"Password", "Benutzername oder Kennwort sind falsch.", func(id Identity) bool { return id.Password == req.Password }},
		{"Role", "Die Rolle ist dem Benutzer nicht zugeordnet.", func(id Identity) bool { return id.Role == req.Role }},
	} {
		var left []Identity
		for _, id := range candidates {
			if step.matches(id) {
				left = append(left, id)
			}
		}
		if candidates = left; len(left) == 0 {
			return Identity{}, answer.Refusal(http.StatusUnauthorized, step.field, step.message)
		}
	}
	return candidates[0], nil
}

// signed reports whether the request carries the base64 of the HMAC-SHA512 of
// {Product}:{AppID}:{Nonce}:{RequestTimeStamp} under the key.
func signed(req *gw.Request, apiKey string) bool {
	key, err := decodeKey(apiKey)
	if err != nil {
		return false
	}
	mac := hmac.New(sha512.New, key)
	fmt.Fprintf(mac, "%d:%s:%s:%s", req.Product, req.AppID, req.Nonce, req.RequestTimeStamp)
	want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return hmac.Equal([]byte(want), []byte(req.HMAC512Signature))
}

// grant issues a token and answers with it.
func (s *Server) grant(id Identity) *answer.Answer {
	s.settings.mu.Lock()
	lifetime, shape := s.settings.lifetime, s.settings.shape
	s.settings.mu.Unlock()
	now := s.now()
	expiry := now.Add(lifetime)
	return answer.JSON(http.StatusOK, tokenResponse(shape, s.tokens.issue(id, now, expiry), id, lifetime, expiry))
}
