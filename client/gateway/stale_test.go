package gateway_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
)

// retrying is a transport of the caller's that repeats what was answered with 5xx, as
// many do: it keeps the body.
func retrying(base http.RoundTripper) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		for range 3 {
			again := r.Clone(r.Context())
			again.Body = io.NopCloser(bytes.NewReader(body))
			resp, err := base.RoundTrip(again)
			if err != nil || resp.StatusCode < 500 {
				return resp, err
			}
			resp.Body.Close()
		}
		return nil, http.ErrHandlerTimeout
	}
}

func TestTransportThatRepeatsRequestsDoesNotLookLikeAWrongPassword(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := inMemory(t)
		cfg := account(t, fake)
		cfg.Base = retrying(fake.Transport())
		g := open(t, cfg)
		fake.Inject(clienttest.Fault{Status: 503})
		fetch(t, g)
		if n := fake.Counts().TokenRequests; n != 3 { // the 503, its repetition, and one signed anew
			t.Errorf("%d requests reached the gateway", n)
		}
		fake.Inject(clienttest.Fault{Status: 503})
		fake.Inject(clienttest.Fault{Status: 400, Body: `{"message":"Die Nonce wurde bereits verwendet."}`}) // and once more
		fake.Inject(clienttest.Fault{Status: 503})
		failed(t, g, gateway.Outage)
	})
}

// A transport that asks for the body a second time does not get it.
func TestRequestOfAnothersTransportCannotBeHadTwice(t *testing.T) {
	g := open(t, stubbed(t, func(r *http.Request) (*http.Response, error) {
		if r.GetBody != nil {
			t.Error("the request has GetBody")
		}
		if body, err := io.ReadAll(r.Body); err != nil || int64(len(body)) != r.ContentLength || !json.Valid(body) {
			t.Errorf("%d of %d bytes, %v", len(body), r.ContentLength, err)
		}
		return response(200, strings.NewReader(`{"access_token":"token"}`)), nil
	}))
	fetch(t, g)
}

// Two requests at most, whatever the gateway says, and what it says of the nonce or the
// time is nothing against the credentials.
func TestRefusalAboutNonceOrTimeIsSignedAnewOnce(t *testing.T) {
	for body, about := range map[string]bool{
		`{"status":400,"field":"Nonce","message":"Die Nonce wurde bereits verwendet."}`: true,
		`{"error":"NONCE_ALREADY_USED"}`:                                                true,
		`{"code":"invalid_timestamp"}`:                                                  true,
		`Die Zeit der Anfrage ist ungültig.`:                                            true,
		`Invalid nonce: already used`:                                                   true,
		`{"timestamp":"2026-11-29T10:00:00Z","nonce":"x","message":"denied`:             false, // cut
		`nonce=8f14e45f denied`:                                                         false,
		`{"message":"nonce already used"}`:                                              true,
		`{"title":"Unauthorized","errors":{"x":["Replay detected"]}}`:                   true,
		`Invalid nonce`: true,
		`<html><body><h1>Duplicate nonce</h1></body></html>`:                                               true,
		`{"field":"RequestTimeStamp","message":"Der Zeitstempel der Anfrage weicht zu weit ab."}`:          true,
		`{"error":"timestamp out of range"}`:                                                               true,
		`Request timestamp is too old`:                                                                     true,
		`Die Anfrage ist abgelaufen.`:                                                                      true,
		`request has expired`:                                                                              true,
		`{"message":"clock skew too large"}`:                                                               true,
		`{"message":"Ung\u00fcltiger Zeitstempel"}`:                                                        true,
		"\xef\xbb\xbf" + `{"message":"nonce already used"}`:                                                true,
		`{"status":401,"field":"Password","message":"Benutzername oder Kennwort sind falsch."}`:            false,
		`{"timestamp":"2026-11-29T10:00:00Z","status":401,"error":"Unauthorized","message":"Bad request"}`: false,
		`{"nonce":"8f14e45f","message":"denied"}`:                                                          false,
		`<error><timestamp>2026-11-29</timestamp><message>denied</message></error>`:                        false,
		`timestamp: 2026-11-29 denied`:                                                                     false,
		`Das Kennwort ist abgelaufen.`:                                                                     false,
		`Your password has expired`:                                                                        false,
		`Sie haben sich zu viele Male angemeldet. Ihr Konto ist zur Zeit gesperrt.`:                        false,
		`Wrong password (nonce 8f14e45f)`:                                                                  false,
		`User is locked, try another time; server clock 10:00`:                                             false,
		`Request Timeout`:                    false,
		`Try again some other time`:          false,
		`announcement: the pronoun is wrong`: false,
		``:                                   false,
	} {
		for _, status := range []int{400, 401, 403} {
			requests, nonces := 0, make(map[any]bool)
			g := open(t, stubbed(t, func(r *http.Request) (*http.Response, error) {
				requests++
				all, _ := io.ReadAll(r.Body)
				nonces[sent(t, string(all))["Nonce"]] = true
				return response(status, strings.NewReader(body), dated(time.Now())), nil
			}))
			kind, want := gateway.Refused, 1
			if about {
				kind, want = gateway.Outage, 2
			}
			if e := failed(t, g, kind); requests != want || len(nonces) != want || e.Status != status {
				t.Errorf("%d %s: %d requests with %d nonces, want %d: %v", status, body, requests, len(nonces), want, e)
			}
		}
	}
	for _, status := range []int{404, 408, 429, 500, 503} { // said to be left alone
		requests := 0
		g := open(t, stubbed(t, func(*http.Request) (*http.Response, error) {
			requests++
			return response(status, strings.NewReader("nonce already used")), nil
		}))
		if failed(t, g, gateway.Outage); requests != 1 {
			t.Errorf("%d: %d requests", status, requests)
		}
	}
}
