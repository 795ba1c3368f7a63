package advowareotel_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/leaktest"
	advowareotel "github.com/advoware-go/advoware/otel"
)

// hostile breaks what it answers in ways whose errors repeat what the server wrote: the
// header that it was sent.
type hostile struct {
	net.Conn
	way string
}

func serveHostile(t *testing.T) (addr string, way func(string)) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	var mu sync.Mutex
	now := ""
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			h := hostile{conn, now}
			mu.Unlock()
			go h.serve()
		}
	}()
	return ln.Addr().String(), func(s string) { mu.Lock(); defer mu.Unlock(); now = s }
}

func (h hostile) serve() {
	defer func() { _ = h.Close() }()
	buf := make([]byte, 8<<10)
	n, err := h.Read(buf)
	if err != nil {
		return
	}
	text := string(buf[:n])
	_, token, _ := strings.Cut(text, "Bearer ")
	token, _, _ = strings.Cut(token, "\r\n")
	_, _ = io.WriteString(h, strings.ReplaceAll(h.way, "TOKEN", token))
}

// canary looks for secrets in all that leaves by an exporter.
type canary struct {
	*world
	spans bytes.Buffer
}

func (c *canary) look(step string, secrets ...string) {
	c.t.Helper()
	var figures bytes.Buffer
	var all metricdata.ResourceMetrics
	if err := c.reader.Collect(context.Background(), &all); err != nil {
		c.t.Fatal(err)
	}
	out, err := stdoutmetric.New(stdoutmetric.WithWriter(&figures))
	if err != nil {
		c.t.Fatal(err)
	}
	if err := out.Export(context.Background(), &all); err != nil {
		c.t.Fatal(err)
	}
	for where, text := range map[string]string{"spans": c.spans.String(), "measurements": figures.String(), "the page for Prometheus": c.scrape()} {
		if len(text) < 500 {
			c.t.Errorf("%s: %s are %q: there is nothing to look into", step, where, text)
		}
		if form, found := leaktest.Find(text, secrets...); found {
			at := strings.Index(text, form)
			c.t.Errorf("%s: a secret (%s) is in %s: …%s", step, form, where, text[max(0, at-200):min(len(text), max(0, at)+200)])
		}
	}
}

func TestNothingSecretIsExported(t *testing.T) {
	t.Parallel()
	id := clienttest.Options{
		AppID: "app-id-canary-11", Kanzlei: "KanzleiCanary12", Database: "DATABASECANARY13",
		User: "user-canary-14", Password: "password-canary-15",
	}
	addr, way := serveHostile(t)
	c := &canary{world: start(t, setup{fake: id, config: func(cfg *advoware.Config) { cfg.TokenKey = "token-key-canary-16" }})}
	exporter, err := stdouttrace.New(stdouttrace.WithWriter(&c.spans))
	if err != nil {
		t.Fatal(err)
	}
	c.tracer.RegisterSpanProcessor(sdktrace.NewSimpleSpanProcessor(exporter))

	secrets := []string{id.AppID, id.Kanzlei, id.Database, id.User, id.Password, "token-key-canary-16", "client-canary-17", "case-canary-18", "server-canary-19"}
	for _, i := range c.fake.Identities() {
		secrets = append(secrets, i.APIKey)
	}
	traced := func(endpoint string) {
		ctx, span := c.tracer.Tracer("test").Start(t.Context(), "call")
		defer span.End()
		_, _ = c.Call(ctx, client.Request{Method: http.MethodGet, Endpoint: endpoint, Query: url.Values{"name": {"client-canary-17"}}})
		if tok, err := c.Source().Token(t.Context(), 0); err == nil {
			secrets = append(secrets, tok.Reveal())
		}
	}
	inject := func(f clienttest.Fault) func() {
		if f.Times = -1; f.On == clienttest.API && f.Match == "" {
			f.Match = "/"
		}
		return c.fake.Inject(f).Remove
	}

	traced("/employees/case-canary-18.pdf")
	c.fake.RevokeAll()
	traced("/employees")
	c.look("after a revocation", secrets...)

	for name, f := range map[string]clienttest.Fault{
		"a refusal":             {Status: 403, Body: `{"detail":"Kennwort password-canary-15 von user-canary-14 in KanzleiCanary12 falsch server-canary-19"}`},
		"an outage":             {Status: 503, Body: "server-canary-19 password-canary-15"},
		"no JSON":               {Malformed: true},
		"an odd answer":         {Status: 200, Body: `{"access_token":"server-canary-19\u0000"}`},
		"a redirect":            {RedirectTo: "http://server-canary-19.example/password-canary-15"},
		"a bad API":             {On: clienttest.API, Status: 500, Body: "server-canary-19"},
		"an API that redirects": {On: clienttest.API, RedirectTo: "/server-canary-19/password-canary-15?user-canary-14"},
		"401s":                  {On: clienttest.API, Status: 401, Body: "server-canary-19"},
		"a cut answer":          {On: clienttest.API, Cut: true},
		"a reset":               {On: clienttest.API, Reset: true},
	} {
		remove := inject(f)
		if f.On != clienttest.API {
			c.fake.RevokeAll()
			_, _ = c.Source().Refresh(t.Context())
		}
		traced("/employees")
		remove()
		c.look(name, secrets...)
		_, _ = c.Source().Refresh(t.Context())
	}

	// A server that repeats the token where errors of net/http quote it.
	w := start(t, setup{fake: id, config: func(c *advoware.Config) { c.BaseURL = "http://" + addr + "/" }})
	c.world = w
	w.tracer.RegisterSpanProcessor(sdktrace.NewSimpleSpanProcessor(exporter))
	for _, answer := range []string{
		"TOKEN is no status line\r\n\r\n", "HTTP/1.1 TOKEN OK\r\n\r\n", "HTTP/1.1 200 TOKEN\r\nTOKEN\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nTOKEN\r\n", "HTTP/1.1 200 OK\r\nContent-Length: TOKEN\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: TOKEN\r\n\r\n", "HTTP/1.1 302 Found\r\nLocation: /TOKEN?a=TOKEN\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 500 TOKEN\r\nServer: TOKEN\r\nContent-Length: 5\r\nContent-Type: TOKEN\r\n\r\nTOKEN", "HTTP/9.9 200 OK\r\n\r\n",
	} {
		way(answer)
		traced("/employees")
		c.look(fmt.Sprintf("%q", answer), secrets...)
	}
}

// A canary that finds nothing proves something only if it would find something.
func TestCanarySees(t *testing.T) {
	t.Parallel()
	w := start(t, setup{opts: advowareotel.Options{Office: "password-canary-15"}})
	w.warm()
	if _, found := leaktest.Find(w.scrape(), "password-canary-15"); !found {
		t.Error("an office that is named as a secret was not found")
	}
}
