// Package grpcx sends the tokens of a [token.Source] with gRPC calls: lookups, renewal, stores and
// lease are those of the Source, and what follows after a refusal is as after a 401.
//
//	creds, err := grpcx.New(grpcx.Config{Source: source})
//	…
//	conn, err := grpc.NewClient(target, append(creds.DialOptions(),
//		grpc.WithTransportCredentials(credentials.NewTLS(nil)))...)
//
// The token goes to the target of that connection, and only over TLS. Credentials alone, as a
// credentials.PerRPCCredentials, add the token; the interceptors in DialOptions notice that it
// was refused.
//
// Everything here is safe for concurrent use.
package grpcx

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/conf"
	"github.com/advoware-go/advoware/internal/tokenheader"
	"github.com/advoware-go/advoware/store"
)

// Config says whose tokens are sent, and how.
type Config struct {
	// Source has the tokens; required. It stays open.
	Source *token.Source

	// Key is the key of the metadata that has the token, and Prefix what stands before the
	// token there. An empty Key means authorization, with the Prefix "Bearer "; then Prefix
	// has to be empty too.
	Key, Prefix string

	// AllowInsecure permits connections without TLS, for a test with a server on loopback
	// or in memory: gRPC does not say where a connection leads, so that nothing else would
	// keep the token from being sent in the clear. The default is false.
	AllowInsecure bool
}

// Credentials are a credentials.PerRPCCredentials. Make them with [New].
type Credentials struct {
	cfg    Config
	header tokenheader.Header
	key    string
}

var _ credentials.PerRPCCredentials = (*Credentials)(nil)

// New returns Credentials for cfg, or one error that names every problem. It sends nothing.
func New(cfg Config) (*Credentials, error) {
	header := tokenheader.Header{Name: cfg.Key, Prefix: cfg.Prefix}
	c := &Credentials{cfg: cfg, header: header, key: strings.ToLower(header.Canonical())}
	p := conf.New("grpcx: ")
	p.Required("Source", cfg.Source == nil)
	problem := header.Problem()
	p.If(problem != "", "Key %s", problem)
	p.If(strings.HasPrefix(c.key, "grpc-") || strings.HasSuffix(c.key, "-bin"), "Key must not begin with grpc- or end in -bin: those are gRPC's own, and binary")
	if err := p.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// DialOptions returns what a grpc.NewClient needs: the Credentials and their interceptors.
// Interceptors of the caller's that come before them see a call once, those after them each
// attempt.
func (c *Credentials) DialOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithPerRPCCredentials(c),
		grpc.WithChainUnaryInterceptor(c.Unary),
		grpc.WithChainStreamInterceptor(c.Stream),
	}
}

// RequireTransportSecurity is true unless Config.AllowInsecure is set: gRPC refuses a connection
// without TLS then.
func (c *Credentials) RequireTransportSecurity() bool { return !c.cfg.AllowInsecure }

// GetRequestMetadata returns a valid token as metadata. It waits only if there is none, as long
// as ctx allows. The error is a status: Unavailable if the token request failed,
// Unauthenticated if the credentials were refused.
func (c *Credentials) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	if !c.cfg.AllowInsecure {
		info, _ := credentials.RequestInfoFromContext(ctx)
		if err := credentials.CheckSecurityLevel(info.AuthInfo, credentials.PrivacyAndIntegrity); err != nil {
			return nil, status.Errorf(codes.Unavailable, "grpcx: the token is not sent: %v", err)
		}
	}
	tok, err := c.tokenFor(ctx)
	if err != nil {
		return nil, status.Convert(asStatus(ctx, err)).Err()
	}
	if c.header.Name == "" {
		return map[string]string{c.key: tok.Header()[0]}, nil
	}
	return map[string]string{c.key: c.header.Prefix + tok.Reveal()}, nil
}

// tokenFor returns the token of the attempt that ctx belongs to, or, if there is none, or it
// has ended while a connection was waited for, another one.
func (c *Credentials) tokenFor(ctx context.Context) (store.Token, error) {
	a := attemptOf(ctx)
	if a != nil && a.found.Token.ValidAt(time.Now()) {
		a.send(a.found)
		return a.found.Token, nil
	}
	found, err := c.cfg.Source.Lookup(ctx, 0)
	if err == nil && !found.Token.ValidAt(time.Now()) {
		found, err = c.cfg.Source.Lookup(ctx, time.Nanosecond)
	}
	if err != nil {
		return store.Token{}, fmt.Errorf("grpcx: %w", err)
	}
	if a != nil {
		a.send(found)
	}
	return found.Token, nil
}
