package redisconn_test

import (
	"crypto/tls"
	"testing"

	"github.com/advoware-go/advoware/internal/certtest"
	"github.com/advoware-go/advoware/internal/redisconn"
)

// What a server has shown can be looked at, as with a tls.Conn.
func TestConnectionState(t *testing.T) {
	own := certtest.SelfSigned(t, "own", nil)
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{own.Certificate}})
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); _, _ = c.Read(make([]byte, 1)) }()
		}
	}()
	type secured interface{ ConnectionState() tls.ConnectionState }
	d := newDialer(t, redisconn.Config{TLS: func() (*tls.Config, error) { return &tls.Config{InsecureSkipVerify: true}, nil }}) //nolint:gosec // it is not verified here
	if s := mustDial(t, d, ln.Addr().String()).(secured).ConnectionState(); !s.HandshakeComplete || len(s.PeerCertificates) != 1 || !s.PeerCertificates[0].Equal(own.Leaf) {
		t.Errorf("%+v", s)
	}
	port, _ := listen(t, "127.0.0.1:0")
	if s := mustDial(t, newDialer(t, redisconn.Config{}), "127.0.0.1:"+port).(secured).ConnectionState(); s.HandshakeComplete {
		t.Errorf("without TLS: %+v", s)
	}
}
