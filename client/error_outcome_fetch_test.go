package client_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// A token request has the values of the context of the call that it is for, and may go on
// while that call is sent with another token. That it looks for a connection says nothing
// of the call.
func TestTokenRequestSaysNothingOfTheCall(t *testing.T) {
	for way, write := range writes {
		var fetching *httptrace.ClientTrace
		source, err := token.New(token.Config{
			Store: new(store.Map), Key: storeKey, Logger: slog.New(slog.DiscardHandler),
			Fetch: func(ctx context.Context) (store.Token, error) {
				fetching = httptrace.ContextClientTrace(ctx)
				return store.NewToken("tok-1", time.Now(), time.Now().Add(time.Hour))
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer source.Close()
		srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			if fetching != nil && fetching.GetConn != nil {
				fetching.GetConn("gateway.test:443")
			}
			panic(http.ErrAbortHandler)
		}))
		defer srv.Close()
		c, err := client.New(client.Config{BaseURL: srv.URL, Source: source, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		tr := &client.Transport{Source: source, Origin: parse(t, srv.URL), Logger: slog.New(slog.DiscardHandler)}
		err = write(t.Context(), c, tr, srv.URL, func() io.Reader { return bytes.NewReader([]byte("[1]")) })
		if notSent, maybe := outcomes(err); notSent || !maybe {
			t.Errorf("%s: %v: not sent %v, maybe done %v", way, err, notSent, maybe)
		}
	}
}
