package proxy_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/certtest"
	"github.com/advoware-go/advoware/proxy"
)

// At the end what is under way is finished, and nothing new is taken.
func TestDrain(t *testing.T) {
	arrived, release := make(chan bool), make(chan bool)
	ready, draining := make(chan bool, 1), make(chan bool, 1)
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- true
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		<-release
		_, _ = io.WriteString(w, "whole")
	}), options{server: func(s *proxy.Server) { s.Ready = func() { ready <- true }; s.Draining = func() { draining <- true } }})
	<-ready
	answers := make(chan string)
	go func() {
		resp, err := plain.Get(r.url + "/x")
		if err != nil {
			answers <- err.Error()
			return
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			answers <- err.Error()
		}
		answers <- string(text)
	}()
	<-arrived
	ended := make(chan error)
	go func() { ended <- r.stop() }()
	<-draining
	for { // until nothing listens any more
		conn, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	close(release)
	if text := <-answers; text != "halfwhole" {
		t.Errorf("%q", text)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// What takes longer than the time to drain is cut off, and Serve says so.
func TestDrainThatIsOver(t *testing.T) {
	arrived := make(chan bool)
	r := start(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { arrived <- true; <-r.Context().Done() }),
		options{server: func(s *proxy.Server) { s.Drain = -1 }})
	failed := make(chan error)
	go func() {
		resp, err := plain.Get(r.url + "/x")
		if err == nil {
			_ = resp.Body.Close()
		}
		failed <- err
	}()
	<-arrived
	if err := r.stop(); !errors.Is(err, proxy.ErrCut) {
		t.Error(err)
	}
	if <-failed == nil {
		t.Error("there was an answer")
	}
}

// A header that is too long is answered, and others are served meanwhile.
func TestLongHeader(t *testing.T) {
	r := start(t, ok, options{})
	for _, text := range []string{"GET /x HTTP/1.1\r\nHost: localhost\r\nX-Long: " + strings.Repeat("x", 1<<20), "GET /" + strings.Repeat("x", 1<<20), "GET /x HTTP/1.1\r\nHost: localhost\r\n" + strings.Repeat("X-A: b\r\n", 1<<17)} {
		conn := r.raw(t, "")
		go func() { _, _ = io.WriteString(conn, text) }()
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%.60q: %v, %v", text, resp, err)
		}
		if got := r.do(t, "GET", "/x", "", "X-Long", strings.Repeat("x", 32<<10)); got.StatusCode != 200 {
			t.Errorf("another one: %s", got.Status)
		}
	}
}

// By TLS, with HTTP/2, the same is passed on.
func TestTLS(t *testing.T) {
	ca := certtest.NewCA(t)
	cert := ca.Sign("proxy", nil).Certificate
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		w.Header().Set("Trailer", "X-Sum")
		_, _ = io.Copy(w, r.Body)
		w.Header().Set("X-Sum", "1")
	}), options{server: func(s *proxy.Server) { s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}} }})
	for _, h2 := range []bool{true, false} {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.Roots(), ServerName: "localhost"}, ForceAttemptHTTP2: h2}
		defer transport.CloseIdleConnections()
		req, _ := http.NewRequestWithContext(t.Context(), "PUT", strings.Replace(r.url, "http:", "https:", 1)+"/x", io.LimitReader(new(endless), 5<<20))
		resp, err := (&http.Client{Transport: transport}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := sum(resp.Body), sum(io.LimitReader(new(endless), 5<<20)); got != want || resp.Trailer.Get("X-Sum") != "1" || (resp.ProtoMajor == 2) != h2 {
			t.Errorf("%s, want %s; %v, %s", got, want, resp.Trailer, resp.Proto)
		}
		_ = resp.Body.Close()
	}
}

func TestServeRefuses(t *testing.T) {
	l, err := proxy.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []proxy.Server{{}, {Listeners: []net.Listener{l}, Stall: -1}, {Listeners: []net.Listener{l}, MaxHeader: -1}} {
		if err := proxy.Serve(t.Context(), ok, s); err == nil {
			t.Errorf("%+v is taken", s)
		}
	}
	_ = l.Close()
	if err := proxy.Serve(context.Background(), ok, proxy.Server{Listeners: []net.Listener{l}}); err == nil || !errors.Is(err, net.ErrClosed) {
		t.Errorf("a listener that fails: %v", err)
	}
}

// A request for the server as a whole is not answered for the office, by nobody, without the key.
func TestServerWideOptions(t *testing.T) {
	r := start(t, ok, options{})
	for host, status := range map[string]int{"localhost": 400, "evil.example": 421} {
		resp, err := http.ReadResponse(bufio.NewReader(r.raw(t, "OPTIONS * HTTP/1.1\r\nHost: "+host+"\r\n\r\n")), nil)
		if err != nil || resp.StatusCode != status || resp.Header.Get("Advoware-Proxy-Error") == "" {
			t.Errorf("%s: %v, %v", host, resp, err)
		}
	}
}
