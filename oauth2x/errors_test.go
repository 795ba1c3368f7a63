package oauth2x_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/oauth2x"
)

// What a server says decides whether it is a refusal or an outage. Its body is not shown:
// it may repeat what it was sent.
func TestFailures(t *testing.T) {
	for _, c := range []struct {
		status  int
		body    string
		after   string
		refused bool
		text    string
	}{
		{400, `{"error":"invalid_grant","error_description":"secret"}`, "", true, "400: invalid_grant"},
		{401, `{"error":"invalid_client"}`, "", true, "401: invalid_client"},
		{401, `secret`, "", true, "401"},
		{403, ``, "", true, "403"},
		{400, `{"error":"temporarily_unavailable"}`, "", false, "400: temporarily_unavailable"},
		{400, `{"error":"secret"}`, "", true, "400"},
		{500, `secret`, "", false, "500"},
		{503, `{}`, "120", false, "503"},
		{429, ``, "3600", false, "429"},
		{503, ``, time.Now().Add(10 * time.Minute).UTC().Format(http.TimeFormat), false, "503"},
	} {
		var requests atomic.Int64
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Retry-After", c.after)
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		}))
		cc := clientcredentials.Config{ClientID: "id", ClientSecret: "secret", TokenURL: srv.URL, AuthStyle: oauth2.AuthStyleInParams}
		s := source(t, func(ctx context.Context) oauth2.TokenSource { return cc.TokenSource(ctx) })
		_, err := s.Token(t.Context(), 0)
		failed, ok := errors.AsType[*token.FetchError](err)
		if !ok || failed.Refused != c.refused || errors.Is(err, oauth2x.ErrRefused) != c.refused ||
			!strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%d %s: %v, refused: %v", c.status, c.body, err, ok && failed.Refused)
			continue
		}
		for range 5 {
			_, _ = s.Token(t.Context(), 0)
		}
		if n := requests.Load(); n != 1 {
			t.Errorf("%d %s: %d token requests", c.status, c.body, n)
		}
		if c.after != "" && time.Until(failed.NextAttempt) < time.Minute {
			t.Errorf("%d: the next attempt is in %v, Retry-After was %s", c.status, time.Until(failed.NextAttempt), c.after)
		}
		srv.Close()
	}
}

// An address that nobody answers at is an outage.
func TestNobodyAnswers(t *testing.T) {
	cc := clientcredentials.Config{ClientID: "id", ClientSecret: "secret", TokenURL: "http://127.0.0.1:1"}
	s := source(t, func(ctx context.Context) oauth2.TokenSource { return cc.TokenSource(ctx) })
	_, err := s.Token(t.Context(), 0)
	if failed, ok := errors.AsType[*token.FetchError](err); !ok || failed.Refused {
		t.Errorf("%v", err)
	}
}
