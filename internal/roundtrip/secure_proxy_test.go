package roundtrip_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/certtest"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

// forwarder is a proxy that leads all connections to one server.
type forwarder struct {
	net.Listener
	mu      sync.Mutex
	targets []string // of CONNECT
	names   []string // that the proxy's own certificate was asked for
}

// startForwarder starts a proxy, with TLS if cert is not nil.
func startForwarder(t *testing.T, to string, cert *tls.Certificate) *forwarder {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &forwarder{Listener: l}
	if cert != nil {
		p.Listener = tls.NewListener(l, &tls.Config{NextProtos: []string{"h2", "http/1.1"}, GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.names = append(p.names, h.ServerName)
			return cert, nil
		}})
	}
	var wg sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			c, err := p.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { p.tunnel(c, to) })
		}
	})
	return p
}

func (p *forwarder) tunnel(c net.Conn, to string) {
	defer c.Close()
	req, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil || req.Method != "CONNECT" {
		return
	}
	p.mu.Lock()
	p.targets = append(p.targets, req.Host)
	p.mu.Unlock()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(server, c)
		_ = server.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(c, server)
}

func (p *forwarder) seen() (targets, names []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.targets), slices.Clone(p.names)
}

// Through a proxy the settings hold for the host behind it, be that a name or an address, and
// not for the proxy, whose own certificate is a matter of the system.
func TestSettingsThroughAProxy(t *testing.T) {
	ca, proxyCA := certtest.NewCA(t), certtest.NewCA(t)
	api := ca.Sign("api", func(c *x509.Certificate) {
		c.DNSNames, c.IPAddresses = []string{"connector.example"}, []net.IP{net.IPv4(192, 0, 2, 7)}
	})
	own := proxyCA.Sign("proxy", nil)
	other := certtest.SelfSigned(t, "other", nil)
	s := serveTLS(t, api, nil)
	for scheme, cert := range map[string]*tls.Certificate{"http": nil, "https": &own.Certificate} {
		t.Run(scheme, func(t *testing.T) {
			p := startForwarder(t, s.Listener.Addr().String(), cert)
			at := strings.Replace(p.Addr().String(), "127.0.0.1", "localhost", 1)
			proxied(t, scheme+"://"+at)
			http.DefaultTransport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: proxyCA.Roots()}
			for _, host := range []string{"connector.example:88", "192.0.2.7:88", "connector.example"} {
				for _, cfg := range []apitls.Config{{CAFile: ca.File()}, {Pin: api.Pin()}, {CAFile: ca.File(), Pin: api.Pin(), ServerName: "connector.example"}} {
					if proto, err := ask(secured(t, cfg), "https://"+host); err != nil || proto != "HTTP/2.0" {
						t.Errorf("%s with %+v: %s, %v", host, cfg, proto, err)
					}
				}
				for _, cfg := range []apitls.Config{{}, {CAFile: proxyCA.File()}, {Pin: own.Pin()}, {Pin: other.Pin()}, {CAFile: ca.File(), ServerName: "localhost"}} {
					_, err := ask(secured(t, cfg), "https://"+host)
					var refused *apitls.CertificateError
					if !errors.As(err, &refused) || refused.Host != host || refused.Pin != api.Pin() || !roundtrip.Unconnected(err) {
						t.Errorf("%s with %+v: %v", host, cfg, err)
					}
				}
			}
			if _, err := ask(secured(t, apitls.Config{CAFile: ca.File()}), "https://192.0.2.8:88"); !errors.As(err, new(*apitls.CertificateError)) {
				t.Errorf("another address: %v", err)
			}
			targets, names := p.seen()
			slices.Sort(targets)
			if diff := cmp.Diff([]string{"192.0.2.7:88", "192.0.2.8:88", "connector.example:443", "connector.example:88"}, slices.Compact(targets)); diff != "" {
				t.Error(diff)
			}
			if names = slices.Compact(names); cert != nil && !slices.Equal(names, []string{"localhost"}) {
				t.Errorf("the proxy was asked for %q", names)
			}
		})
	}
	t.Run("a proxy that is not trusted", func(t *testing.T) {
		p := startForwarder(t, s.Listener.Addr().String(), &other.Certificate)
		proxied(t, "https://"+p.Addr().String())
		for _, cfg := range []apitls.Config{{}, {CAFile: ca.File()}, {Pin: other.Pin()}, {CAFile: other.CertFile}} {
			_, err := ask(secured(t, cfg), "https://connector.example:88")
			if err == nil || errors.As(err, new(*apitls.CertificateError)) || !strings.Contains(err.Error(), "proxyconnect") || !roundtrip.Unconnected(err) {
				t.Errorf("with %+v: %v", cfg, err)
			}
		}
		if targets, _ := p.seen(); len(targets) > 0 {
			t.Errorf("it was asked for %q", targets)
		}
	})
}
