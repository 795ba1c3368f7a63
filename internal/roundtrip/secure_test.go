package roundtrip_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/certtest"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

// tlsServer is a server with a certificate that can be replaced.
type tlsServer struct {
	*httptest.Server
	cert    atomic.Pointer[tls.Certificate]
	resumed atomic.Int32 // handshakes that went on with a session
	client  atomic.Pointer[x509.Certificate]
	calls   atomic.Int32

	handshakes atomic.Int32
	hang       atomic.Bool // no request is answered
}

func serveTLS(t *testing.T, cert certtest.Certificate, change func(*tls.Config)) *tlsServer {
	t.Helper()
	s := new(tlsServer)
	s.cert.Store(&cert.Certificate)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.calls.Add(1)
		if s.hang.Load() {
			<-r.Context().Done()
		}
		if r.TLS.DidResume {
			s.resumed.Add(1)
		}
		if len(r.TLS.PeerCertificates) > 0 {
			s.client.Store(r.TLS.PeerCertificates[0])
		}
		_, _ = io.WriteString(w, r.Proto)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableHTTP2 = true
	c := &tls.Config{NextProtos: []string{"h2", "http/1.1"}}
	if change != nil {
		change(c)
	}
	s.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		s.handshakes.Add(1)
		now := c.Clone()
		now.Certificates = []tls.Certificate{*s.cert.Load()}
		return now, nil
	}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func secured(t *testing.T, c apitls.Config) *roundtrip.Transport {
	t.Helper()
	rt := roundtrip.New(roundtrip.Options{API: true, TLS: c})
	t.Cleanup(rt.CloseIdleConnections)
	return rt
}

// ask makes a request, and returns the protocol that the server saw.
func ask(rt http.RoundTripper, url string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return "", err
	}
	resp, err := roundtrip.Exchange(rt, req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return string(text), err
}

func expired(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) }
func early(c *x509.Certificate)   { c.NotBefore = time.Now().Add(time.Hour) }

// another makes it a certificate for another host.
func another(c *x509.Certificate) {
	c.DNSNames, c.IPAddresses = []string{"connector.example"}, nil
}

// commonName makes it one as they were made twenty years ago.
func commonName(c *x509.Certificate) {
	c.Subject.CommonName, c.DNSNames, c.IPAddresses = "localhost", nil, nil
}

// Which certificates are accepted with which settings, by HTTP/2, for a name and an address.
func TestSettingsDecide(t *testing.T) {
	ca, strange := certtest.NewCA(t), certtest.NewCA(t)
	good, wrongName, old, unborn := ca.Sign("good", nil), ca.Sign("name", another), ca.Sign("old", expired), ca.Sign("early", early)
	self, selfName := certtest.SelfSigned(t, "self", nil), certtest.SelfSigned(t, "kanzlei-srv", another)
	selfOld, selfCN := certtest.SelfSigned(t, "self", expired), certtest.SelfSigned(t, "self", commonName)
	const (
		caVar, nameVar, pinVar = "ADVOWARE_API_TLS_CA_FILE", "ADVOWARE_API_TLS_SERVER_NAME", "ADVOWARE_API_TLS_PIN"
	)
	for name, test := range map[string]struct {
		cert certtest.Certificate
		cfg  apitls.Config
		want []string // of the error, nil for none
	}{
		"nothing is set":         {good, apitls.Config{}, []string{"is signed by an authority that is not known here", "set " + caVar + " to", "set " + pinVar + " to it"}},
		"nothing, self-signed":   {self, apitls.Config{}, []string{"is signed by nobody but itself", "set " + caVar + " to a file with this very certificate"}},
		"nothing, another host":  {selfName, apitls.Config{}, []string{"is not for this host", "it is for connector.example,", nameVar, caVar, "set " + pinVar + " to it"}},
		"nothing, old":           {selfOld, apitls.Config{}, []string{"is not valid any more", pinVar}},
		"nothing, a common name": {selfCN, apitls.Config{}, []string{"by its common name", "it is for localhost,", pinVar}},

		"the CA":                  {good, apitls.Config{CAFile: ca.File()}, nil},
		"the certificate as a CA": {self, apitls.Config{CAFile: self.CertFile}, nil},
		"another CA":              {good, apitls.Config{CAFile: strange.File()}, []string{"is signed by an authority that is not known here", "add the certificate of its authority to the file in " + caVar}},
		"another CA, self-signed": {self, apitls.Config{CAFile: strange.File()}, []string{"is signed by nobody but itself", "to the file in " + caVar}},
		"the CA, another host":    {wrongName, apitls.Config{CAFile: ca.File()}, []string{"is not for this host", "it is for connector.example,", "set " + nameVar}},
		"the CA, old":             {old, apitls.Config{CAFile: ca.File()}, []string{"is not valid any more", "the office renews it"}},
		"the CA, too early":       {unborn, apitls.Config{CAFile: ca.File()}, []string{"is not valid before"}},

		"the name":            {wrongName, apitls.Config{CAFile: ca.File(), ServerName: "connector.example"}, nil},
		"the name as a CA":    {selfName, apitls.Config{CAFile: selfName.CertFile, ServerName: "CONNECTOR.example."}, nil},
		"another name":        {good, apitls.Config{CAFile: ca.File(), ServerName: "connector.example"}, []string{"is not for connector.example", nameVar}},
		"an address as name":  {good, apitls.Config{CAFile: ca.File(), ServerName: "127.0.0.1"}, nil},
		"another address":     {good, apitls.Config{CAFile: ca.File(), ServerName: "192.0.2.1"}, []string{"is not for 192.0.2.1"}},
		"a name, unknown CA":  {wrongName, apitls.Config{ServerName: "connector.example"}, []string{"is signed by an authority that is not known here", caVar}},
		"a name, another one": {good, apitls.Config{ServerName: "connector.example"}, []string{"is not for connector.example"}},

		"the pin":                     {good, apitls.Config{Pin: good.Pin()}, nil},
		"the pin, self-signed":        {self, apitls.Config{Pin: self.Pin()}, nil},
		"the pin, another host":       {selfName, apitls.Config{Pin: selfName.Pin()}, nil},
		"the pin, old":                {selfOld, apitls.Config{Pin: selfOld.Pin()}, nil},
		"the pin, too early":          {unborn, apitls.Config{Pin: unborn.Pin()}, nil},
		"the pin, a common name":      {selfCN, apitls.Config{Pin: selfCN.Pin()}, nil},
		"one of two pins":             {self, apitls.Config{Pin: good.Pin() + "," + self.Pin()}, nil},
		"another pin":                 {self, apitls.Config{Pin: good.Pin()}, []string{"has another key than " + pinVar, "pin " + self.Pin(), "the office has a new key"}},
		"another pin, a trusted CA":   {good, apitls.Config{CAFile: ca.File(), Pin: self.Pin()}, []string{"has another key than " + pinVar}},
		"the pin, an unknown CA":      {self, apitls.Config{CAFile: ca.File(), Pin: self.Pin()}, []string{"is signed by nobody but itself", "leave " + caVar + " out"}},
		"the pin and the CA":          {good, apitls.Config{CAFile: ca.File(), Pin: good.Pin()}, nil},
		"the pin and the CA, old":     {old, apitls.Config{CAFile: ca.File(), Pin: old.Pin()}, []string{"is not valid any more"}},
		"the pin and the name":        {selfName, apitls.Config{ServerName: "connector.example", Pin: selfName.Pin()}, nil},
		"the pin and another name":    {self, apitls.Config{ServerName: "connector.example", Pin: self.Pin()}, []string{"is not for connector.example", "leave it out: the pin is enough"}},
		"the pin of the CA":           {good, apitls.Config{Pin: certtest.Certificate{Certificate: tls.Certificate{Leaf: authorityOf(t, ca)}}.Pin()}, []string{"has another key"}},
		"what is no pin fits nothing": {self, apitls.Config{Pin: "x"}, []string{"has another key"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := serveTLS(t, test.cert, nil)
			for _, host := range []string{"127.0.0.1", "localhost"} {
				addr := strings.Replace(s.Listener.Addr().String(), "127.0.0.1", host, 1)
				proto, err := ask(secured(t, test.cfg), "https://"+addr)
				if test.want == nil {
					if err != nil || proto != "HTTP/2.0" {
						t.Errorf("%s: %s, %v", host, proto, err)
					}
					continue
				}
				var refused *apitls.CertificateError
				if !errors.As(err, &refused) || !roundtrip.Unconnected(err) {
					t.Fatalf("%s: %v", host, err)
				}
				if refused.Host != addr || refused.Pin != test.cert.Pin() || !refused.NotAfter.Equal(test.cert.Leaf.NotAfter) || !refused.NotBefore.Equal(test.cert.Leaf.NotBefore) ||
					refused.Issuer != test.cert.Leaf.Issuer.String() || refused.Subject != test.cert.Leaf.Subject.String() || len(refused.Names) == 0 {
					t.Errorf("fields %+v", refused)
				}
				text := err.Error()
				for _, want := range append(test.want, addr, test.cert.Pin(), test.cert.Leaf.Issuer.String(), test.cert.Leaf.NotAfter.UTC().Format("2006-01-02")) {
					if !strings.Contains(text, want) {
						t.Errorf("%s does not say %q", text, want)
					}
				}
				if len(text) > 900 {
					t.Errorf("%d bytes: %s", len(text), text)
				}
				if s.calls.Load() > 0 {
					t.Error("the server got a request")
				}
			}
		})
	}
}

func authorityOf(t *testing.T, ca *certtest.CA) *x509.Certificate {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(ca.File(), strings.TrimSuffix(ca.File(), ".crt")+".key")
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf
}
