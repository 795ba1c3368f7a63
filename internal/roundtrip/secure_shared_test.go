package roundtrip_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/certtest"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

// Those who share a Pool share connections if they have the same settings, and never otherwise.
func TestPoolKeepsSettingsApart(t *testing.T) {
	ca := certtest.NewCA(t)
	own, other := ca.Sign("own", nil), certtest.SelfSigned(t, "other", nil)
	s := serveTLS(t, own, nil)
	var pool roundtrip.Pool
	defer pool.CloseIdleConnections()
	with := func(cfg apitls.Config, logger *slog.Logger) http.RoundTripper {
		return pool.Get(roundtrip.Options{API: true, TLS: cfg, Logger: logger})
	}
	good := []apitls.Config{{CAFile: ca.File()}, {Pin: own.Pin()}, {Pin: own.Pin() + "," + other.Pin()}, {CAFile: ca.File(), ServerName: "localhost"}}
	for i, cfg := range good {
		for _, logger := range []*slog.Logger{nil, slog.New(slog.DiscardHandler), slog.Default()} {
			if _, err := ask(with(cfg, logger), s.URL); err != nil {
				t.Fatal(err)
			}
		}
		if opened := s.handshakes.Load(); opened != int32(i+1) {
			t.Errorf("%d connections for %d settings", opened, i+1)
		}
	}
	for _, cfg := range []apitls.Config{{}, {Pin: other.Pin()}, {CAFile: other.CertFile}} {
		if _, err := ask(with(cfg, nil), s.URL); !errors.As(err, new(*apitls.CertificateError)) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
}

// Requests to others than the API know nothing of its settings, nor do their errors.
func TestElsewhere(t *testing.T) {
	ca := certtest.NewCA(t)
	api, others := serveTLS(t, ca.Sign("api", nil), nil), serveTLS(t, ca.Sign("others", nil), nil)
	cfg := apitls.Config{CAFile: ca.File()}
	rt := secured(t, cfg)
	if _, err := ask(rt, api.URL); err != nil {
		t.Error(err)
	}
	for _, base := range []http.RoundTripper{rt, secured(t, apitls.Config{})} {
		elsewhere := roundtrip.Elsewhere(base)
		_, err := ask(elsewhere, others.URL)
		if !errors.As(err, new(*tls.CertificateVerificationError)) || errors.As(err, new(*apitls.CertificateError)) || strings.Contains(err.Error(), "ADVOWARE") {
			t.Errorf("got %v", err)
		}
		if roundtrip.Elsewhere(base) != elsewhere || roundtrip.Elsewhere(elsewhere) != elsewhere {
			t.Error("each request has connections of its own")
		}
	}
	for _, base := range []http.RoundTripper{http.DefaultTransport, new(http.Transport), roundtrip.New(roundtrip.Options{Once: true})} {
		if roundtrip.Elsewhere(base) != base {
			t.Errorf("%T is replaced", base)
		}
	}
}

// Any number of hosts, from many goroutines, leaves a bounded number of connections.
func TestManyHosts(t *testing.T) {
	ca := certtest.NewCA(t)
	s := serveTLS(t, ca.Sign("api", nil), nil)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	rt := secured(t, apitls.Config{CAFile: ca.File(), ServerName: "localhost"})
	var wg sync.WaitGroup
	before := runtime.NumGoroutine()
	for g := range 4 {
		wg.Go(func() {
			for i := range 50 {
				// Other spellings of one address.
				host := fmt.Sprintf("127.0.0.1:%s", strings.Repeat("0", (i+g)%40)+port)
				if _, err := ask(rt, "https://"+host); err != nil {
					t.Errorf("%s: %v", host, err)
				}
			}
		})
	}
	wg.Wait()
	rt.CloseIdleConnections()
	s.Close()
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before+5; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, there were %d", runtime.NumGoroutine(), before)
		}
	}
}

// A server that does not answer a handshake is given up, by the time of net/http or by the
// request's own.
func TestHandshakeWithoutAnswer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	own := certtest.SelfSigned(t, "x", nil)
	was := http.DefaultTransport
	defer func() { http.DefaultTransport = was }()
	changed := was.(*http.Transport).Clone()
	changed.TLSHandshakeTimeout = 50 * time.Millisecond
	http.DefaultTransport = changed
	_, err = ask(secured(t, apitls.Config{Pin: own.Pin()}), "https://"+l.Addr().String())
	var late interface{ Timeout() bool }
	if !errors.As(err, &late) || !late.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	changed.TLSHandshakeTimeout = 0
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", "https://"+l.Addr().String(), nil)
	if _, err = roundtrip.Exchange(secured(t, apitls.Config{Pin: own.Pin()}), req); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// An address without TLS, which a configuration cannot have, is not used.
func TestSettingsAndPlainHTTP(t *testing.T) {
	own := certtest.SelfSigned(t, "x", nil)
	var asked atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer s.Close()
	rt := secured(t, apitls.Config{Pin: own.Pin()})
	req, _ := http.NewRequest("POST", s.URL, strings.NewReader("x"))
	_, err := roundtrip.Exchange(rt, req)
	if err == nil || !strings.Contains(err.Error(), "plain http") || !roundtrip.Unconnected(err) || asked.Load() > 0 {
		t.Errorf("%v, and the server was asked %d times", err, asked.Load())
	}
}

// Connections that are given up because one is silent are replaced by such as are checked again.
func TestSilentServerIsCheckedAgain(t *testing.T) {
	own, other := certtest.SelfSigned(t, "own", nil), certtest.SelfSigned(t, "other", nil)
	s := serveTLS(t, own, nil)
	s.hang.Store(true)
	defer s.hang.Store(false)
	rt := secured(t, apitls.Config{Pin: own.Pin()})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
	if _, err := roundtrip.Exchange(rt, req); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	s.hang.Store(false)
	s.cert.Store(&other.Certificate)
	if _, err := ask(rt, s.URL); !errors.As(err, new(*apitls.CertificateError)) {
		t.Errorf("with another certificate: %v", err)
	}
	s.cert.Store(&own.Certificate)
	if proto, err := ask(rt, s.URL); err != nil || proto != "HTTP/2.0" {
		t.Errorf("%s, %v", proto, err)
	}
}
