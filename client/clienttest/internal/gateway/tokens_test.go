package gateway_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/gateway"
)

// A client that fetches a token for each call fills neither the memory of the fake nor the
// time of those that fetch after it.
func TestTokensAreForgottenInTheEnd(t *testing.T) {
	var tokens gateway.Tokens
	now := time.Now()
	issue := func(life time.Duration) string { return tokens.Issue(gateway.Identity{}, now, now.Add(life)) }
	found := func(token string) bool { _, ok := tokens.Find(token, now); return ok }

	short := issue(time.Minute)
	first, second := issue(time.Hour), issue(time.Hour)
	now = now.Add(time.Minute)
	if found(short) || !found(first) {
		t.Error("a token is valid until its end")
	}
	var last string
	for range 25_000 - 2 {
		last = issue(time.Hour)
	}
	if !found(first) {
		t.Error("a token was forgotten too early")
	}
	issue(time.Hour)
	if found(first) || !found(second) || !found(last) {
		t.Error("not the oldest of 25,001 tokens was forgotten, but", found(first), found(second), found(last))
	}
	tokens.RevokeAll()
	if again := issue(time.Hour); found(second) || found(last) || !found(again) {
		t.Error("all tokens were revoked, and then one was issued")
	}
}
