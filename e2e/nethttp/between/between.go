// Package between puts a client.Transport between net/http's own tests and what they test.
//
// Package nethttp builds those tests with [Token] or [Refused] as what each request of an
// http.Client or an http.Transport goes through. In both, the origin of a Transport is that of the first request:
// a redirect to another one is a foreign request, as it would be in a program.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package between

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// Token returns what sends a request by base with a token.
func Token(base http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		return send(base, static, req)
	})
}

// Refused returns what answers a request with a 401 before it sends it by base.
func Refused(base http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		return send(refusing{base}, new(twoTokens), req)
	})
}

var static = token.Static(first)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

var discarded = slog.New(slog.DiscardHandler)

func send(base http.RoundTripper, source client.TokenSource, req *http.Request) (*http.Response, error) {
	t := &client.Transport{Source: source, Origin: origin(req), Base: base, Logger: discarded}
	return t.RoundTrip(req)
}

// origin returns where the first one of several hops went.
func origin(req *http.Request) *url.URL {
	for req.Response != nil && req.Response.Request != nil {
		req = req.Response.Request
	}
	if req.URL == nil {
		return &url.URL{Scheme: "https", Host: "nowhere.example"}
	}
	return req.URL
}

var first, second = newToken("eyJmaXJzdA.0123456789"), newToken("eyJzZWNvbmQ.9876543210")

func newToken(text string) store.Token {
	now := time.Now()
	tok, err := store.NewToken(text, now, now.Add(24*time.Hour))
	if err != nil {
		panic(err) // of constants
	}
	return tok
}

// twoTokens has one token, and after a refusal of that another one.
type twoTokens struct{ rejected bool }

// Lookup implements client.TokenSource.
func (s *twoTokens) Lookup(context.Context, time.Duration) (token.Found, error) {
	if s.rejected {
		return token.Found{Token: second}, nil
	}
	return token.Found{Token: first}, nil
}

// Reject implements client.TokenSource.
func (s *twoTokens) Reject(_ context.Context, tok store.Token) error {
	if !tok.Equal(first) {
		return errors.New("the second token was refused too")
	}
	s.rejected = true
	return nil
}

// refusing is a server that refuses the first token, in front of another server. It takes half
// of a body whose length it knows: a server reads more or less of what it refuses.
type refusing struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (r refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Header.Get("Authorization") != "Bearer "+first.Reveal() {
		return r.base.RoundTrip(req)
	}
	if req.Body != nil {
		_, err := io.CopyN(io.Discard, req.Body, max(0, req.ContentLength/2))
		if err := errors.Join(err, req.Body.Close()); err != nil {
			return nil, err
		}
	}
	if err := context.Cause(req.Context()); err != nil {
		return nil, err
	}
	const text = "the token is not valid any more"
	return &http.Response{
		Status: "401 Unauthorized", StatusCode: http.StatusUnauthorized,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"text/plain"}}, ContentLength: int64(len(text)),
		Body: io.NopCloser(strings.NewReader(text)), Request: req,
	}, nil
}

// CloseIdleConnections closes those of the server behind it.
func (r refusing) CloseIdleConnections() {
	if base, ok := r.base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}
