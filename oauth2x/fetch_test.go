package oauth2x_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// A real token endpoint, asked by the clientcredentials of x/oauth2: one request for any
// number of callers.
func TestClientCredentialsAreAskedOnce(t *testing.T) {
	var requests atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := requests.Add(1)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"bearer","expires_in":3600}`, n)
	}))
	defer srv.Close()
	cc := clientcredentials.Config{ClientID: "id", ClientSecret: "secret", TokenURL: srv.URL}
	s := source(t, func(ctx context.Context) oauth2.TokenSource { return cc.TokenSource(ctx) })
	var callers sync.WaitGroup
	for range 200 {
		callers.Go(func() {
			if tok, err := s.Token(t.Context(), 0); err != nil || tok.Reveal() != "token-1" {
				t.Errorf("%v, %v", tok, err)
			}
		})
	}
	callers.Wait()
	if n := requests.Load(); n != 1 {
		t.Errorf("%d token requests", n)
	}
	// A refused token is replaced by a new one: nothing in between keeps it.
	old, _ := s.Token(t.Context(), 0)
	if err := s.Reject(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if tok, err := s.Token(t.Context(), 0); err != nil || tok.Reveal() != "token-2" {
		t.Errorf("after a refusal: %v, %v", tok, err)
	}
}

// The tokens live as the gateway says, are renewed ahead, and used until the guard.
func TestTokensAreRenewedAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int64
		s := source(t, func(context.Context) oauth2.TokenSource {
			return fixed(func() (*oauth2.Token, error) {
				n := requests.Add(1)
				time.Sleep(time.Second)
				return &oauth2.Token{AccessToken: fmt.Sprint("token-", n), Expiry: time.Now().Add(10 * time.Minute)}, nil
			})
		})
		first, err := s.Token(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if left := time.Until(first.Expiry()); left != 10*time.Minute-10*time.Second {
			t.Errorf("it is used for %v more", left)
		}
		for range 60 {
			time.Sleep(time.Minute)
			began := time.Now()
			if _, err := s.Token(t.Context(), 0); err != nil || time.Since(began) != 0 {
				t.Fatalf("a call waited %v: %v", time.Since(began), err)
			}
		}
		if n := requests.Load(); n < 8 || n > 10 {
			t.Errorf("%d token requests in an hour", n)
		}
	})
}

func TestTokensThatCannotBeKept(t *testing.T) {
	later := time.Now().Add(time.Hour)
	for want, tok := range map[string]*oauth2.Token{
		"no expiry":            {AccessToken: "a"},
		"only Bearer":          {AccessToken: "a", TokenType: "MAC", Expiry: later},
		"no token and":         nil,
		"visible ASCII":        {AccessToken: "two words", Expiry: later},
		"there is no TokenSou": {AccessToken: "never asked"},
	} {
		from := func(context.Context) oauth2.TokenSource {
			return fixed(func() (*oauth2.Token, error) { return tok, nil })
		}
		if strings.HasPrefix(want, "there is no") {
			from = func(context.Context) oauth2.TokenSource { return nil }
		}
		s := source(t, from)
		if got, err := s.Token(t.Context(), 0); err == nil || !strings.Contains(err.Error(), "oauth2x: ") || !strings.Contains(err.Error(), want) && want != "visible ASCII" {
			t.Errorf("%s: %v, %v", want, got, err)
		}
	}
}
