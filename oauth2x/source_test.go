package oauth2x_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/advoware-go/advoware/oauth2x"
)

// oauth2.Transport sends the tokens of a Source, and a new one once it was told of a refusal.
func TestTransportOfOAuth2(t *testing.T) {
	names := make(chan string, 2)
	names <- "first"
	names <- "second"
	s := source(t, func(context.Context) oauth2.TokenSource {
		return fixed(func() (*oauth2.Token, error) {
			return &oauth2.Token{AccessToken: <-names, Expiry: time.Now().Add(time.Hour)}, nil
		})
	})
	var got string
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Authorization") }))
	defer srv.Close()
	c := &http.Client{Transport: &oauth2.Transport{Source: oauth2x.TokenSource(t.Context(), s)}}
	get := func(want string) {
		t.Helper()
		resp, err := c.Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got != want {
			t.Errorf("%q was sent, want %q", got, want)
		}
	}
	get("Bearer first")
	get("Bearer first")
	tok, err := s.Token(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Reject(t.Context(), tok); err != nil {
		t.Fatal(err)
	}
	get("Bearer second")
}

func TestTokenSourceEndsWithItsContext(t *testing.T) {
	hangs := make(chan struct{})
	defer close(hangs)
	s := source(t, func(context.Context) oauth2.TokenSource {
		return fixed(func() (*oauth2.Token, error) { <-hangs; return nil, errors.New("never") })
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := oauth2x.TokenSource(ctx, s).Token(); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := oauth2x.TokenSource(t.Context(), nil).Token(); err == nil {
		t.Error("a token without a Source")
	}
}
