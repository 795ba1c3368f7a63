package client_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// spare is a TokenSource that has two tokens, and the second one after a refusal of the
// first.
type spare struct {
	tokens   [2]store.Token
	rejected []store.Token
	err      error // of Reject
}

func (s *spare) Lookup(context.Context, time.Duration) (token.Found, error) {
	return token.Found{Token: s.tokens[min(len(s.rejected), 1)]}, nil
}

func (s *spare) Reject(_ context.Context, tok store.Token) error {
	if s.err == nil {
		s.rejected = append(s.rejected, tok)
	}
	return s.err
}

// none is a TokenSource that has no token.
type none struct{ asked int }

func (n *none) Lookup(context.Context, time.Duration) (token.Found, error) {
	n.asked++
	return token.Found{}, errors.New("none")
}

func (*none) Reject(context.Context, store.Token) error { return nil }

// One that has no token is asked once for each request.
func TestTokenSourceWithoutATokenIsAskedOnce(t *testing.T) {
	source := new(none)
	tr := &client.Transport{Source: source, Origin: parse(t, apiBase), Logger: slog.New(slog.DiscardHandler)}
	if err := closed((&http.Client{Transport: tr}).Get(apiBase)); !errors.Is(err, client.ErrNotSent) || source.asked != 1 {
		t.Errorf("%v, asked %d times", err, source.asked)
	}
}

func TestTokenSourceOfAnotherKind(t *testing.T) {
	var tokens [2]store.Token
	for i, text := range []string{"first", "second"} {
		var err error
		if tokens[i], err = store.NewToken(text, time.Now(), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		accepts string
		err     error
		status  int
		sent    int
	}{
		"accepted":         {"Bearer first", nil, 200, 1},
		"refused once":     {"Bearer second", nil, 200, 2},
		"refused for ever": {"", nil, 401, 2},
		"no other token":   {"Bearer second", errors.New("none"), 401, 1},
	} {
		sent := 0
		source := &spare{tokens: tokens, err: tt.err}
		tr := &client.Transport{
			Source: source, Origin: parse(t, apiBase), Logger: slog.New(slog.DiscardHandler),
			Base: roundTrip(func(req *http.Request) (*http.Response, error) {
				sent++
				if req.Header.Get("Authorization") == tt.accepts {
					return answer(req, 200, "well"), nil
				}
				return answer(req, 401, "badly"), nil
			}),
		}
		req, _ := http.NewRequestWithContext(t.Context(), "GET", apiBase, nil)
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != tt.status || sent != tt.sent || len(body) == 0 {
			t.Errorf("%s: status %d, %d requests, %q", name, resp.StatusCode, sent, body)
		}
		if tt.sent == 2 && (len(source.rejected) != 1 || !source.rejected[0].Equal(tokens[0])) {
			t.Errorf("%s: rejected %v", name, source.rejected)
		}
	}
}

// around is a type around a *token.Source.
type around struct {
	*token.Source
	lookups atomic.Int32
}

func (a *around) Lookup(ctx context.Context, atLeast time.Duration) (token.Found, error) {
	a.lookups.Add(1)
	return a.Source.Lookup(ctx, atLeast)
}

// The retry budget holds for a type around a *token.Source too.
func TestTokenSourceAroundASource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		source := &around{Source: newSource(t, "tok-1", "tok-2", "tok-3", "tok-4", "tok-5", "tok-6", "tok-7", "tok-8", "tok-9")}
		tr := &client.Transport{
			Source: source, Origin: parse(t, apiBase), Logger: slog.New(slog.DiscardHandler),
			Base: roundTrip(func(req *http.Request) (*http.Response, error) {
				if n++; n%2 == 0 {
					return answer(req, 401, ""), nil
				}
				return answer(req, 200, ""), nil
			}),
		}
		for i := range 40 {
			req, _ := http.NewRequestWithContext(t.Context(), "GET", apiBase, nil)
			resp, err := tr.RoundTrip(req)
			if err != nil || resp.StatusCode != 200 {
				t.Fatalf("request %d: %v, %v", i+1, resp, err)
			}
			resp.Body.Close()
			time.Sleep(time.Second)
		}
		if fetches := source.Stats().Fetches; fetches > 1+3 || source.lookups.Load() < 40 {
			t.Errorf("%d token requests for 40 requests in 40 s, want the first and 3; %d lookups", fetches, source.lookups.Load())
		}
		source.Close()
	})
}
