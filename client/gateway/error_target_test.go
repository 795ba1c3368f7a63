package gateway_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/secret"
)

// What a gateway names as the target of a redirect is bounded, and ends no line.
func TestRedirectTargetThatIsNoName(t *testing.T) {
	for name, host := range map[string]string{
		"long":                   strings.Repeat("a", 900_000) + ".test",
		"a line end":             "a\u2028b.test",
		"the direction of words": "a\u202eb.test",
	} {
		_, err := open(t, stubbed(t, answer(302, "", "Location: https://"+host+"/"))).Fetch(t.Context())
		if text := err.Error(); len(text) > 500 || strings.ContainsAny(text, "\u2028\u202e") || !strings.Contains(text, "redirect to another server") {
			t.Errorf("%s: got %d bytes: %.300q", name, len(text), text)
		}
	}
}

// A slash ends the host, so that only a part of a secret is one.
func TestRedirectTargetDoesNotShowPartsOfSecrets(t *testing.T) {
	cfg := stubbed(t, answer(302, "", "Location: https://sw0rd/fish.test/"))
	cfg.Password = secret.New("sw0rd/fish")
	_, err := open(t, cfg).Fetch(t.Context())
	if text := err.Error(); strings.Contains(text, "sw0rd") || !strings.Contains(text, "redirect to another server") {
		t.Errorf("password: got %q", text)
	}
	for host := ""; len(host) < 8; { // a signature with its first slash not at once
		_, err = open(t, stubbed(t, func(r *http.Request) (*http.Response, error) {
			var request struct{ HMAC512Signature string }
			if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
				t.Error(err)
			}
			host, _, _ = strings.Cut(request.HMAC512Signature, "/")
			return response(302, strings.NewReader(""), "Location: https://"+request.HMAC512Signature), nil
		})).Fetch(t.Context())
		if len(host) < 8 {
			continue
		}
		if text := err.Error(); strings.Contains(text, host) || !strings.Contains(text, "redirect to another server") {
			t.Errorf("signature: got %q", text)
		}
	}
}
