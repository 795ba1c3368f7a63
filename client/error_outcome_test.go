package client_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/testport"
	"github.com/advoware-go/advoware/store"
)

// outcomes are the two, as an error says them.
func outcomes(err error) (notSent, maybeDone bool) {
	return errors.Is(err, client.ErrNotSent), errors.Is(err, client.ErrMaybeDone)
}

// writes are the ways to make a POST. A Transport by itself is in a http.Client as net/http
// has it.
var writes = map[string]func(context.Context, *client.Client, *client.Transport, string, func() io.Reader) error{
	"Call": func(ctx context.Context, c *client.Client, _ *client.Transport, _ string, body func() io.Reader) error {
		_, err := c.Call(ctx, client.Request{Method: "POST", Body: client.Raw{Reader: body()}})
		return err
	},
	"Post": func(ctx context.Context, c *client.Client, _ *client.Transport, _ string, body func() io.Reader) error {
		_, err := client.Post[int](ctx, c, "", client.Raw{Reader: body()})
		return err
	},
	"Each": func(ctx context.Context, c *client.Client, _ *client.Transport, _ string, body func() io.Reader) error {
		for _, err := range client.Each[int](ctx, c, client.Request{Method: "POST", Body: client.Raw{Reader: body()}}) {
			if err != nil {
				return err
			}
		}
		return nil
	},
	"Open": func(ctx context.Context, c *client.Client, _ *client.Transport, _ string, body func() io.Reader) error {
		resp, err := client.Open(ctx, c, client.Request{Method: "POST", Body: client.Raw{Reader: body()}})
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		return err
	},
	"Do": func(ctx context.Context, c *client.Client, _ *client.Transport, at string, body func() io.Reader) error {
		req, _ := http.NewRequestWithContext(ctx, "POST", at, body())
		return closed(c.Do(req))
	},
	"HTTPClient": func(ctx context.Context, c *client.Client, _ *client.Transport, at string, body func() io.Reader) error {
		req, _ := http.NewRequestWithContext(ctx, "POST", at, body())
		return closed(c.HTTPClient().Do(req))
	},
	"Transport": func(ctx context.Context, _ *client.Client, tr *client.Transport, at string, body func() io.Reader) error {
		req, _ := http.NewRequestWithContext(ctx, "POST", at, body())
		return closed((&http.Client{Transport: tr}).Do(req))
	},
}

// listen has each connection served by serve, which is told which one it is.
func listen(t *testing.T, serve func(conn net.Conn, n int)) (at string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for n := 1; ; n++ {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn, n)
			}()
		}
	}()
	return "http://" + ln.Addr().String() + "/"
}

// says reads a request and answers with these bytes.
func says(text string) func(net.Conn, int) {
	return func(conn net.Conn, _ int) {
		req, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		_, _ = io.WriteString(conn, text)
	}
}

func closedPort(t *testing.T) string {
	addr, err := testport.Take()
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + addr + "/"
}

// An outcome is a way for a POST to fail.
type outcome struct {
	serve func(net.Conn, int)                // the server; nil for none
	at    func(*testing.T) string            // or where it is
	base  func(*testing.T) http.RoundTripper // nil for the client's own
	body  func() io.Reader
	ctx   func(context.Context) (context.Context, context.CancelFunc)
	setup func(*client.Client, *client.Transport)
	token error

	sent    bool
	answer  bool // an answer for Do, HTTPClient and Transport
	neither bool // refused by the API
	only    string
}

var outcomesOfAPost = map[string]outcome{
	"closed port": {at: closedPort},
	"no such host": {at: func(*testing.T) string { return "https://no-such-host.invalid/" }, base: func(*testing.T) http.RoundTripper {
		deaf := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no network") }}
		return &http.Transport{DialContext: (&net.Dialer{Resolver: deaf}).DialContext}
	}},
	"TLS that nobody vouches for": {at: func(t *testing.T) string {
		srv := httptest.NewUnstartedServer(nil)
		srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
		srv.StartTLS()
		t.Cleanup(srv.Close)
		return srv.URL + "/"
	}},
	"TLS with a plain server": {at: func(t *testing.T) string {
		return strings.Replace(listen(t, says("HTTP/1.1 200 OK\r\n\r\n")), "http", "https", 1)
	}},
	"TLS that is cut": {at: func(t *testing.T) string {
		return strings.Replace(listen(t, func(net.Conn, int) {}), "http", "https", 1)
	}},
	"proxy that refuses": {at: func(*testing.T) string { return "https://api.test/" }, base: func(t *testing.T) http.RoundTripper {
		return behind(t, says("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"))
	}},
	"proxy that is not there": {at: func(*testing.T) string { return "https://api.test/" }, base: func(t *testing.T) http.RoundTripper {
		by := parse(t, closedPort(t))
		return &http.Transport{Proxy: http.ProxyURL(by)}
	}},
	"proxy that hangs up": {at: func(*testing.T) string { return "https://api.test/" }, base: func(t *testing.T) http.RoundTripper {
		return behind(t, func(net.Conn, int) {})
	}},
	"no token":      {at: closedPort, token: errors.New("no token")},
	"no token, 503": {at: closedPort, token: &client.APIError{Status: 503}}, // of the request for it
	"closed client": {at: closedPort, setup: func(c *client.Client, tr *client.Transport) { _ = c.Close() }},
	"ended before":  {serve: says("HTTP/1.1 200 OK\r\n\r\n"), ctx: endedBefore},
	"ended while dialing": {at: closedPort, ctx: soon, base: func(*testing.T) http.RoundTripper {
		return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }}
	}},
	"read-only": {serve: says("HTTP/1.1 200 OK\r\n\r\n"), setup: func(_ *client.Client, tr *client.Transport) { tr.ReadOnly = true }, only: "Transport"},

	"hangs up at once":          {serve: func(net.Conn, int) {}, sent: true},
	"hangs up after the header": {serve: func(conn net.Conn, _ int) { _, _ = http.ReadRequest(bufio.NewReader(conn)) }, sent: true},
	"hangs up after the body":   {serve: says(""), sent: true},
	"cut header":                {serve: says("HTTP/1.1 200 OK\r\nContent-Le"), sent: true},
	"garbage":                   {serve: says("SSH-2.0-OpenSSH_9.9\r\n"), sent: true},
	"cut body":                  {serve: says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1,"), sent: true, answer: true},
	"reset": {serve: func(conn net.Conn, _ int) {
		_, _ = http.ReadRequest(bufio.NewReader(conn))
		_ = conn.(*net.TCPConn).SetLinger(0)
	}, sent: true},
	"ended while waiting": {serve: func(conn net.Conn, _ int) { _, _ = io.Copy(io.Discard, conn) }, ctx: soon, sent: true},
	"ended while sending": {serve: func(conn net.Conn, _ int) { _, _ = io.Copy(io.Discard, conn) }, ctx: soon, sent: true, body: func() io.Reader {
		r, w := io.Pipe()
		go func() { _, _ = w.Write([]byte("[")) }()
		return r
	}},
	"switches protocols": {serve: says("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"), sent: true},
	"too long a header":  {serve: says("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2<<20) + "\r\n\r\n"), sent: true},
	"not JSON":           {serve: says("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"), sent: true, answer: true, only: "Call Post Each"},
	"not what is wanted": {serve: says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[\"x\"]"), sent: true, only: "Post Each"},
	"too long an answer": {serve: says("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"), sent: true, only: "Call Post"},
	"303":                {serve: says("HTTP/1.1 303 See Other\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"), sent: true, only: "Call Post Each Open Do HTTPClient"},
	"303, then gone": {serve: func(conn net.Conn, n int) { // a Transport by itself follows it
		if n == 1 {
			says("HTTP/1.1 303 See Other\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")(conn, n)
		}
	}, sent: true},
	"redirect to what is no URL": {serve: says("HTTP/1.1 307 x\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n"), sent: true, only: "Call Post Each Open Do"},
	"redirect elsewhere":         {serve: says("HTTP/1.1 307 x\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), sent: true, only: "Call Post Each Open Do HTTPClient"},
	"redirects for ever":         {serve: says("HTTP/1.1 308 x\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), sent: true, only: "Call Post Each Open Do HTTPClient"},
	"307, then gone": {serve: func(conn net.Conn, n int) {
		if n == 1 {
			says("HTTP/1.1 307 x\r\nLocation: /moved\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")(conn, n)
		}
	}, sent: true},
	"307, then closed": {at: func(t *testing.T) string { // the first one was answered, and not carried out
		addr, err := testport.Take()
		if err != nil {
			t.Fatal(err)
		}
		ln, err := testport.Listen(addr)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			if conn, err := ln.Accept(); err == nil {
				_ = ln.Close()
				says("HTTP/1.1 307 x\r\nLocation: /moved\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")(conn, 1)
				_ = conn.Close()
			}
		}()
		return "http://" + ln.Addr().String() + "/"
	}},
	"body that breaks off": {serve: func(conn net.Conn, _ int) { _, _ = io.Copy(io.Discard, conn) }, sent: true, body: func() io.Reader {
		return io.MultiReader(strings.NewReader("["), failingReader{errors.New("the source is gone")})
	}},
	// A body may come from another request, which was not sent.
	"body of another call": {serve: func(conn net.Conn, _ int) { _, _ = io.Copy(io.Discard, conn) }, sent: true, body: func() io.Reader {
		return io.MultiReader(strings.NewReader("["), failingReader{&client.RequestError{Err: errors.New("another request")}})
	}},
	"body by another connection": {serve: func(conn net.Conn, _ int) { _, _ = io.Copy(io.Discard, conn) }, sent: true, body: func() io.Reader {
		return io.MultiReader(strings.NewReader("["), failingReader{&net.OpError{Op: "dial", Err: errors.New("refused elsewhere")}})
	}},
	"base without an answer": {at: closedPort, sent: true, base: func(*testing.T) http.RoundTripper {
		return roundTrip(func(*http.Request) (*http.Response, error) { return nil, nil })
	}},
	"base with another error": {at: closedPort, sent: true, base: func(*testing.T) http.RoundTripper {
		return roundTrip(func(*http.Request) (*http.Response, error) { return nil, io.ErrNoProgress })
	}},

	"400": {serve: status(400), answer: true, neither: true},
	"403": {serve: status(403), answer: true, neither: true},
	"404": {serve: status(404), answer: true, neither: true},
	"409": {serve: status(409), answer: true, neither: true},
	"408": {serve: status(408), answer: true, sent: true},
	"425": {serve: status(425), answer: true, neither: true},
	"429": {serve: status(429), answer: true, neither: true},
	"498": {serve: status(498), answer: true, neither: true},
	"499": {serve: status(499), answer: true, sent: true},
	"500": {serve: status(500), answer: true, sent: true},
	"502": {serve: status(502), answer: true, sent: true},
	"503": {serve: status(503), answer: true, sent: true},
	"504": {serve: status(504), answer: true, sent: true},
	"304": {serve: status(304), answer: true, sent: true},
}

func status(code int) func(net.Conn, int) {
	return says(fmt.Sprintf("HTTP/1.1 %d x\r\nContent-Length: 0\r\n\r\n", code))
}

func endedBefore(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx, cancel
}

func soon(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, 300*time.Millisecond)
}

// behind is a Base like the client's own, behind a proxy.
func behind(t *testing.T, proxy func(net.Conn, int)) http.RoundTripper {
	by, err := url.Parse(listen(t, proxy))
	if err != nil {
		t.Fatal(err)
	}
	return &http.Transport{Proxy: http.ProxyURL(by), OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
		if resp.StatusCode != 200 {
			return &client.ProxyError{Status: resp.StatusCode}
		}
		return nil
	}}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

// Every error says one of the two and never both, whichever way the request was made.
func TestEveryErrorSaysWhetherItMayBeDone(t *testing.T) {
	for name, tt := range outcomesOfAPost {
		for way, write := range writes {
			if tt.only != "" && !strings.Contains(tt.only, way) {
				continue
			}
			t.Run(name+"/"+way, func(t *testing.T) {
				t.Parallel()
				var at string
				if tt.at != nil {
					at = tt.at(t)
				} else {
					at = listen(t, tt.serve)
				}
				var base http.RoundTripper
				if tt.base != nil {
					base = tt.base(t)
				}
				source := newSource(t, "tok-1")
				if tt.token != nil {
					source = failingSource(t, tt.token)
				}
				c, err := client.New(client.Config{BaseURL: at, Source: source, Base: base, Logger: slog.New(slog.DiscardHandler), MaxAnswer: 9999})
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				tr := &client.Transport{Source: source, Origin: parse(t, at), Base: base, Logger: slog.New(slog.DiscardHandler)}
				if tt.setup != nil {
					tt.setup(c, tr)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if tt.ctx != nil {
					ctx, cancel = tt.ctx(ctx)
					defer cancel()
				}
				body := tt.body
				if body == nil {
					body = func() io.Reader { return bytes.NewReader([]byte("[1]")) }
				}
				err = write(ctx, c, tr, at, body)
				if raw := way == "Do" || way == "HTTPClient" || way == "Transport"; tt.answer && raw {
					if err != nil {
						t.Errorf("%v, where there is an answer", err)
					}
					return
				}
				notSent, maybeDone := outcomes(err)
				if err == nil || notSent != (!tt.sent && !tt.neither) || maybeDone != tt.sent {
					t.Errorf("%T %v: not sent %v, maybe done %v; want sent %v", err, err, notSent, maybeDone, tt.sent)
				}
				if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
					t.Errorf("%v does not match %v", err, ctx.Err())
				}
			})
		}
	}
}

func failingSource(t *testing.T, err error) *token.Source {
	t.Helper()
	s, bad := token.New(token.Config{
		Store: new(store.Map), Key: storeKey, Logger: slog.New(slog.DiscardHandler),
		Fetch: func(context.Context) (store.Token, error) { return store.Token{}, err },
	})
	if bad != nil {
		t.Fatal(bad)
	}
	t.Cleanup(s.Close)
	return s
}

// What is wrong with a request is known before it is sent, by Do too.
func TestWrongRequestIsNotSent(t *testing.T) {
	c := stubbed(t, apiBase, func(*http.Request) (*http.Response, error) { panic("sent") })
	for name, req := range map[string]*http.Request{
		"nil": nil, "empty": {}, "no URL": {Method: "POST"}, "of a server": httptest.NewRequest("POST", apiBase, nil),
		"elsewhere": {Method: "POST", URL: parse(t, "https://elsewhere.test/")}, "CONNECT": {Method: "CONNECT", URL: parse(t, apiBase)},
		"opaque": {Method: "POST", URL: &url.URL{Scheme: "https", Host: "api.test:90", Opaque: "//elsewhere.test/"}},
	} {
		_, err := c.Do(req)
		if notSent, maybe := outcomes(err); !notSent || maybe {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, tr := range map[string]*client.Transport{"nothing": {}, "no Origin": {Source: newSource(t, "tok-1")}, "no Source": {Origin: parse(t, apiBase)}} {
		_, err := tr.RoundTrip(httptest.NewRequest("POST", apiBase, nil))
		if notSent, maybe := outcomes(err); !notSent || maybe {
			t.Errorf("a Transport with %s: %v", name, err)
		}
	}
	_, err := c.Call(t.Context(), client.Request{Method: "POST", Body: func() {}})
	if notSent, maybe := outcomes(err); !notSent || maybe {
		t.Errorf("a body that is none: %v", err)
	}
}
