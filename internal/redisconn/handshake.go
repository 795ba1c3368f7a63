package redisconn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
)

const (
	// If a server does not answer in a TLS handshake for so long, and for several times what
	// the connection took, a probe finds out whether it speaks Redis without TLS.
	doubtful = 100 * time.Millisecond
	trips    = 3
)

var errNoTLS = errors.New("the server speaks Redis without TLS: use redis:// instead of rediss://, or set no TLS")

// secured adds TLS to a connection, if it is configured, and closes it if that fails. took is
// how long it took to connect.
func (d *Dialer) secured(ctx context.Context, a *attempt, raw net.Conn, host string, took time.Duration) (*conn, error) {
	if d.cfg.TLS == nil {
		return d.trust.newConn(raw, false), nil
	}
	a.at("waits for the certificate files")
	cfg, err := bounded.Do(ctx, func(context.Context) (*tls.Config, error) { return d.cfg.TLS() })
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	if cfg.ServerName == "" {
		cfg = cfg.Clone()
		cfg.ServerName = host
	}
	a.at(fmt.Sprintf("waits for the TLS handshake with %s", raw.RemoteAddr()))
	c := tls.Client(raw, cfg)
	if err := handshake(ctx, c, raw, took); err != nil {
		_ = raw.Close()
		return nil, fmt.Errorf("store/redis/dial: TLS handshake with %s: %w", a.target.addr, err)
	}
	return d.trust.newConn(c, true), nil
}

// handshake makes the handshake of c. A Redis without TLS does not answer it. It answers a
// PING on another connection, and then errNoTLS is the error.
func handshake(ctx context.Context, c *tls.Conn, raw net.Conn, took time.Duration) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	asking := make(chan struct{})
	probe := time.AfterFunc(max(doubtful, trips*took), func() {
		defer close(asking)
		if speaksRedis(ctx, raw.RemoteAddr()) {
			cancel(errNoTLS)
		}
	})
	err := c.HandshakeContext(ctx)
	if !probe.Stop() {
		if err != nil { // the probe may have the reason
			select {
			case <-asking:
			case <-time.After(doubtful):
			}
		}
		cancel(nil)
		<-asking
	}
	var header tls.RecordHeaderError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &header) && (header.RecordHeader[0] == '-' || header.RecordHeader[0] == '+'):
		return errNoTLS
	case errors.Is(context.Cause(ctx), errNoTLS):
		return errNoTLS
	}
	return err
}

// speaksRedis reports whether a server answers as Redis does without TLS. It sends no secret.
func speaksRedis(ctx context.Context, addr net.Addr) bool {
	c, err := new(net.Dialer).DialContext(ctx, addr.Network(), addr.String())
	if err != nil {
		return false
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	if _, err := c.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	first := make([]byte, 1)
	n, _ := c.Read(first)
	return n == 1 && (first[0] == '+' || first[0] == '-')
}
