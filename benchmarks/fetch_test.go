package benchmarks

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	securitygateway "github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
)

// fetcher makes one token request.
type fetcher func(context.Context) (text string, err error)

var fetchers = []struct {
	name string
	open func(tb testing.TB, url string, base http.RoundTripper) fetcher
}{
	{"advoware", fetchAdvoware},
	{"by-hand", fetchByHand},
}

// tokenAnswer is what a gateway answers.
const tokenAnswer = `{"access_token":"%s","expires_in":3300}`

// issuer answers at once, without a network.
type issuer struct{ body string }

func (i issuer) RoundTrip(req *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, req.Body)
	_ = req.Body.Close()
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(i.body)), Request: req,
	}, nil
}

// BenchmarkFetch is one token request: signed, written, answered in memory, read. A
// real one takes a second; this is what of it is ours.
func BenchmarkFetch(b *testing.B) {
	for _, f := range fetchers {
		b.Run("impl="+f.name, func(b *testing.B) {
			fetch := f.open(b, "http://127.0.0.1/api/v1/Token", issuer{fmt.Sprintf(tokenAnswer, tokenText)})
			defer measure(b)()
			for b.Loop() {
				if text, err := fetch(b.Context()); err != nil || text != tokenText {
					b.Fatalf("got %q, %v", text, err)
				}
			}
		})
	}
}

func openGateway(url string, base http.RoundTripper) (*securitygateway.Gateway, error) {
	key, err := signer.ParseKey(signKey)
	if err != nil {
		return nil, err
	}
	return securitygateway.New(securitygateway.Config{
		URL: url, App: signMessage.App, Kanzlei: "Kanzlei", Database: "Datenbank", User: "api",
		Password: secret.New("password"), Key: key, Base: base, Logger: quiet(),
	})
}

func fetchAdvoware(tb testing.TB, url string, base http.RoundTripper) fetcher {
	gw := must(openGateway(url, base))
	return func(ctx context.Context) (string, error) {
		tok, err := gw.Fetch(ctx)
		return tok.Reveal(), err
	}
}

// fetchByHand is what one writes with the standard library, and no care for what may
// go wrong.
func fetchByHand(tb testing.TB, url string, base http.RoundTripper) fetcher {
	key := must(base64.StdEncoding.DecodeString(signKey))
	return func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		nonce, now := uuid.NewString(), time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
		mac := hmac.New(sha512.New, key)
		fmt.Fprintf(mac, "64:%s:%s:%s", signMessage.App, nonce, now)
		body, err := json.Marshal(map[string]any{
			"AppID": signMessage.App, "Kanzlei": "Kanzlei", "Database": "Datenbank", "User": "api", "Password": "password",
			"Role": 2, "Product": 64, "Nonce": nonce, "RequestTimeStamp": now,
			"HMAC512Signature": base64.StdEncoding.EncodeToString(mac.Sum(nil)),
		})
		if err != nil {
			return "", err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return "", err
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json")
		resp, err := base.RoundTrip(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		var answer struct {
			Token     string  `json:"access_token"`
			ExpiresIn float64 `json:"expires_in"`
		}
		err = json.NewDecoder(resp.Body).Decode(&answer)
		return answer.Token, err
	}
}
