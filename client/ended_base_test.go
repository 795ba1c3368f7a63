package client_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/pipenet"
	"github.com/advoware-go/advoware/store"
)

// What sends the requests, and what fetches the tokens, have limits of their own. Each of them is a
// timeout too, for whoever asks, and says whether the request was sent; none is a cancellation.
func TestTimeoutsOfOthersAreTimeouts(t *testing.T) {
	late := func(context.Context) (store.Token, error) {
		return store.Token{}, &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}
	}
	for name, tt := range map[string]struct {
		scheme string
		base   func(*http.Transport)
		fetch  func(context.Context) (store.Token, error)
		of     time.Duration // http.Client.Timeout
		sent   bool
	}{
		"dial": {base: func(tr *http.Transport) {
			tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
				ctx, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				<-ctx.Done()
				return nil, &net.OpError{Op: "dial", Net: network, Err: os.ErrDeadlineExceeded}
			}
		}},
		"look-up of the name": {base: func(tr *http.Transport) {
			tr.DialContext = func(_ context.Context, network, _ string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{Err: "i/o timeout", Name: "api.test", IsTimeout: true}}
			}
		}},
		"TLS handshake":       {scheme: "https", base: func(tr *http.Transport) { tr.TLSHandshakeTimeout = time.Second }},
		"header":              {base: func(tr *http.Transport) { tr.ResponseHeaderTimeout = time.Second }, sent: true},
		"read of the socket":  {base: deadlineAtOnce, sent: true},
		"http.Client.Timeout": {of: time.Second},
		"the gateway":         {fetch: late},
		"the fetch": {fetch: func(ctx context.Context) (store.Token, error) {
			<-ctx.Done()
			return store.Token{}, ctx.Err()
		}},
	} {
		for _, way := range []string{"Call", "Do", "HTTPClient", "Transport"} {
			if way != "HTTPClient" && tt.of > 0 {
				continue
			}
			t.Run(name+"/"+way, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					network := new(pipenet.Network)
					l, err := network.Listen("api.test:443") // takes connections, and says nothing
					if err != nil {
						t.Fatal(err)
					}
					defer l.Close()
					base := &http.Transport{DialContext: func(ctx context.Context, n, _ string) (net.Conn, error) {
						return network.DialContext(ctx, n, "api.test:443")
					}}
					defer base.CloseIdleConnections()
					if tt.base != nil {
						tt.base(base)
					}
					source := newSource(t, "tok-1")
					if tt.fetch != nil {
						source, err = token.New(token.Config{Store: new(store.Map), Key: storeKey, Fetch: tt.fetch, FetchTimeout: 10 * time.Second, OneShot: true, Logger: slog.New(slog.DiscardHandler)})
						if err != nil {
							t.Fatal(err)
						}
					}
					where := "http://api.test/"
					if tt.scheme != "" {
						where = tt.scheme + "://api.test/"
					}
					c, err := client.New(client.Config{BaseURL: where, AllowInsecure: true, Source: source, Base: base, Timeout: time.Hour, Logger: slog.New(slog.DiscardHandler)})
					if err != nil {
						t.Fatal(err)
					}
					defer c.Close()
					req, err := http.NewRequestWithContext(t.Context(), "GET", where+"employees", nil)
					if err != nil {
						t.Fatal(err)
					}
					switch way {
					case "Call":
						_, err = c.Call(t.Context(), client.Request{Endpoint: "/employees"})
					case "Do":
						_, err = c.Do(req)
					case "HTTPClient":
						h := *c.HTTPClient()
						h.Timeout = tt.of
						_, err = h.Do(req)
						var asked *url.Error
						if !errors.As(err, &asked) || !asked.Timeout() || !os.IsTimeout(err) {
							t.Errorf("no timeout to net/http: %v", err)
						}
					default:
						_, err = (&client.Transport{Source: source, Origin: parse(t, where), Base: base, Logger: slog.New(slog.DiscardHandler)}).RoundTrip(req)
					}
					if !isTimeout(err) || errors.Is(err, context.Canceled) && tt.of == 0 {
						t.Errorf("a timeout: %v, a cancellation: %v: %v", isTimeout(err), errors.Is(err, context.Canceled), err)
					}
					if tt.of > 0 {
						return // net/http passes on the text alone
					}
					if errors.Is(err, client.ErrMaybeDone) != tt.sent || errors.Is(err, client.ErrNotSent) == tt.sent {
						t.Errorf("ErrMaybeDone %v, ErrNotSent %v: %v", errors.Is(err, client.ErrMaybeDone), errors.Is(err, client.ErrNotSent), err)
					}
				})
			})
		}
	}
}

// deadlineAtOnce makes each connection one whose reads end with a deadline after a second.
func deadlineAtOnce(tr *http.Transport) {
	dial := tr.DialContext
	tr.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err == nil {
			err = conn.SetReadDeadline(time.Now().Add(time.Second))
		}
		return conn, err
	}
}
