// Package gateway is the security gateway of the fake: who may log in, what it takes as a
// token request, and the tokens that it issued. Everything is safe for concurrent use.
package gateway

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
)

// Gateway knows who may log in and which nonces were used. Set the fields before it
// is used.
type Gateway struct {
	// Window is how far a timestamp may be from the clock, either way; a negative one
	// is no limit.
	Window time.Duration

	// Strict takes UUIDs of version 4 as nonces and times that end in Z, nothing else.
	Strict bool

	mu         sync.Mutex
	identities []Identity
	of         map[string][]Identity // by Kanzlei: there may be thousands
	nonces     nonces
}

// Add lets an identity fetch tokens, which Check must have passed.
func (g *Gateway) Add(id Identity) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.identities = append(g.identities, id)
	if g.of == nil {
		g.of = make(map[string][]Identity)
	}
	g.of[id.Kanzlei] = append(g.of[id.Kanzlei], id)
}

// All returns the identities in the order in which they were added.
func (g *Gateway) All() []Identity {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.identities)
}

// Knows reports whether anybody of the Kanzlei may log in.
func (g *Gateway) Knows(kanzlei string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.of[kanzlei]) > 0
}

// Check returns whose token request has arrived, or a refusal. A nonce is used up by
// arriving, also if the answer is a failure, so that a client which sends it again is
// always found out.
func (g *Gateway) Check(r *http.Request, body []byte, now time.Time) (Identity, *answer.Answer) {
	if r.Method != http.MethodPost {
		return Identity{}, answer.MethodNotAllowed(http.MethodPost)
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return Identity{}, answer.Refusal(http.StatusUnsupportedMediaType, "Content-Type", "Der Inhalt der Anfrage muss application/json sein.")
	}
	req, err := parse(body, g.Strict)
	if err != nil {
		return Identity{}, answer.BadField(err)
	}
	if !g.nonces.add(req.nonceKey(g.Strict)) {
		return Identity{}, answer.Refusal(http.StatusBadRequest, "Nonce", "Die Nonce wurde bereits verwendet.")
	}
	if !near(req.at, now, g.Window) {
		return Identity{}, answer.Refusal(http.StatusUnauthorized, "RequestTimeStamp", fmt.Sprintf(
			"Der Zeitstempel der Anfrage weicht zu weit von der Serverzeit %s ab.", now.UTC().Format("02.01.2006 15:04:05")))
	}
	return g.authenticate(req)
}

// authenticate finds the identity that the request names and signs.
func (g *Gateway) authenticate(req *request) (Identity, *answer.Answer) {
	g.mu.Lock()
	all, named := slices.Clip(g.identities), slices.Clip(g.of[req.Kanzlei])
	g.mu.Unlock()
	if id, refused := match(req, named); refused == nil {
		return id, nil
	}
	return match(req, all) // says what is wrong
}

// match finds the identity among some.
func match(req *request, candidates []Identity) (Identity, *answer.Answer) {
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
		{"User", "Falscher Name oder falsches Kennwort.", func(id Identity) bool { return id.User == req.User }},
		{"Password", "Falscher Name oder falsches Kennwort.", func(id Identity) bool { return id.Password == req.Password }},
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
func signed(req *request, apiKey string) bool {
	key, err := decodeKey(apiKey)
	if err != nil {
		return false
	}
	mac := hmac.New(sha512.New, key)
	fmt.Fprintf(mac, "%d:%s:%s:%s", req.Product, req.AppID, req.Nonce, req.RequestTimeStamp)
	want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return hmac.Equal([]byte(want), []byte(req.HMAC512Signature))
}
