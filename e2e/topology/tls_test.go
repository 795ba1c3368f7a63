package topology_test

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
)

func TestTLS(t *testing.T) {
	ca, another, fake := redistest.NewCA(t), redistest.NewCA(t), newFake(t, clienttest.Options{})
	srv := redistest.StartTLS(t, ca)
	node := redistest.StartTLS(t, ca, append(redistest.ClusterNode, "--tls-cluster", "yes", "--tls-replication", "yes")...)
	node.Do("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
	certFile, keyFile := ca.Issue("client")
	strangerCert, strangerKey := another.Issue("client")
	host, port, _ := strings.Cut(srv.Addr(), ":")
	url := []string{"REDIS_URL=rediss://" + srv.Addr() + "?" + unhurried}
	trust, client := "REDIS_TLS_CA_FILE="+ca.File(), []string{"REDIS_TLS_CERT_FILE=" + certFile, "REDIS_TLS_KEY_FILE=" + keyFile}
	for _, c := range []struct {
		name string
		vars [][]string
		why  string // it does not work, "" if it does; what a server says is lost now and then
	}{
		{"URL", [][]string{url, {trust}, client}, ""},
		{"host and port", [][]string{{"REDIS_HOST=" + host, "REDIS_PORT=" + port, "REDIS_TLS=true", trust}, client}, ""},
		{"cluster", [][]string{{"REDIS_URL=rediss://" + node.Addr() + "?addr=" + node.Addr() + "&" + unhurried, trust}, client}, ""},
		{"a name that the certificate has", [][]string{url, {trust, "REDIS_TLS_SERVER_NAME=localhost"}, client}, ""},
		{"no verification, on this machine", [][]string{{url[0] + "&skip_verify=true"}, client}, ""},
		{"a name that the certificate has not", [][]string{url, {trust, "REDIS_TLS_SERVER_NAME=redis.example"}, client}, "not redis.example"},
		{"another CA", [][]string{url, {"REDIS_TLS_CA_FILE=" + another.File()}, client}, "certificate signed by unknown authority"},
		{"the CAs of the system", [][]string{url, client}, "certificate signed by unknown authority"},
		{"no certificate of ours", [][]string{url, {trust}}, " "},
		{"a certificate of another CA", [][]string{url, {trust, "REDIS_TLS_CERT_FILE=" + strangerCert, "REDIS_TLS_KEY_FILE=" + strangerKey}}, " "},
		{"no TLS", [][]string{{"REDIS_URL=redis://" + srv.Addr()}}, " "},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "cluster" {
				awaitSlots(t, node)
			}
			srv.Do("FLUSHALL")
			var vars []string
			for _, v := range c.vars {
				vars = append(vars, v...)
			}
			if cfg := reaching(t, fake, vars...); c.why == "" {
				wantShared(t, fake, cfg)
			} else {
				wantUnreached(t, fake, cfg, c.why)
			}
		})
	}
}

func TestTLSConfigOfTheCaller(t *testing.T) {
	ca, fake := redistest.NewCA(t), newFake(t, clienttest.Options{})
	srv := redistest.StartTLS(t, ca)
	pair, err := tls.LoadX509KeyPair(ca.Issue("client"))
	if err != nil {
		t.Fatal(err)
	}
	roots, text := x509.NewCertPool(), e2etest.Must(os.ReadFile(ca.File()))
	roots.AppendCertsFromPEM(text)
	mine := &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}
	host, port, _ := strings.Cut(srv.Addr(), ":")
	for _, vars := range [][]string{
		{"REDIS_HOST=" + host, "REDIS_PORT=" + port}, {"REDIS_URL=rediss://" + srv.Addr() + "?" + unhurried},
	} {
		srv.Do("FLUSHALL")
		cfg := reaching(t, fake, vars...)
		cfg.Redis.TLSConfig = mine
		wantShared(t, fake, cfg)
	}
}

// Certificates are renewed while processes run.
func TestTLSCertificateIsReadAgain(t *testing.T) {
	ca, another, fake := redistest.NewCA(t), redistest.NewCA(t), newFake(t, clienttest.Options{})
	srv := redistest.StartTLS(t, ca)
	certFile, keyFile := another.Issue("client") // that the server does not know
	c := open(t, reaching(t, fake, "REDIS_URL=rediss://"+srv.Addr()+"?"+unhurried,
		"REDIS_TLS_CA_FILE="+ca.File(), "REDIS_TLS_CERT_FILE="+certFile, "REDIS_TLS_KEY_FILE="+keyFile))
	if _, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"}); err == nil {
		t.Fatal("no error with a certificate of somebody else")
	}
	newCert, newKey := ca.Issue("client")
	for file, renewed := range map[string]string{certFile: newCert, keyFile: newKey} {
		if err := os.WriteFile(file, e2etest.Must(os.ReadFile(renewed)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mustCall(t, c)
}
