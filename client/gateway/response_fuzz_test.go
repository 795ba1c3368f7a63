package gateway_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/store"
)

// Whatever a gateway answers, the outcome is a TokenError or a token that can be
// sent and does not live longer than configured; and no error shows a token.
func FuzzTokenResponse(f *testing.F) {
	const date = "Sat, 07 Feb 2026 09:23:49 GMT"
	for _, body := range []string{
		``, `{}`, `null`, `[]`, `"access_token"`, "\ufeff{}",
		`{"access_token":"eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJ4In0.c2ln","expires_in":3300}`,
		`{"access_token":"token","expires_in":"90.5","expiration_utc":"2026-02-07T10:18:49.1234567Z"}`,
		`{"access_token":"token","expires_in":0,"expiration_utc":"2026-02-07T10:18:49"}`,
		`{"access_token":"token","expires_in":9223372036.854775807}`,
		`{"access_token":"token","expires_in":1e-12,"expiration_utc":"9999-12-31T23:59:59.9999999Z"}`,
		`{"access_token":"a token that has spaces in it, and is long","expires_in":60}`,
		`{"access\u005ftoken":"not-to-be-shown-in-any-error","expires_in":60}`,
		`{"Access_Token":12,"access_token":{"a":[1,2,3]}}`,
	} {
		f.Add(200, []byte(body), date)
		f.Add(401, []byte(body), "")
	}
	f.Add(500, []byte("Der Dienst ist nicht verfügbar."), date)
	f.Add(343, bytes.Repeat([]byte("Ü"), 1000), date)
	f.Add(500, []byte("Falscher Name oder falsches Kennwort"+strings.Repeat("x", 1000)), date)

	f.Fuzz(func(t *testing.T, status int, body []byte, date string) {
		cfg := stubbed(t, func(*http.Request) (*http.Response, error) {
			return response(status, strings.NewReader(string(body)), "Date: "+date), nil
		})
		const bound = 10 * time.Minute
		cfg.Lifetime = bound
		tok, err := open(t, cfg).Fetch(t.Context())
		if err == nil {
			usable(t, tok, bound)
			return
		}
		var e *gateway.TokenError
		if !errors.As(err, &e) || !tok.IsZero() {
			t.Fatalf("got a token (%v) and %v", !tok.IsZero(), err)
		}
		var fields map[string]any
		json.Unmarshal(body, &fields)
		// A short text may be in an error by chance.
		if secret, _ := fields["access_token"].(string); len(secret) >= 24 && strings.Contains(err.Error(), secret) {
			t.Errorf("%v shows the token %q", err, secret)
		}
		if strings.ContainsAny(err.Error(), "\r\n") || len(err.Error()) > 1<<10+len("…") {
			t.Errorf("the message is not a short line: %q", err)
		}
	})
}

func usable(t *testing.T, tok store.Token, bound time.Duration) {
	t.Helper()
	if life := tok.Expiry().Sub(tok.IssuedAt()); life < 0 || life > bound {
		t.Errorf("a life of %v", life)
	}
	if _, err := store.NewToken(tok.Reveal(), tok.IssuedAt(), tok.Expiry()); err != nil {
		t.Errorf("the token cannot be sent: %v", err)
	}
}
